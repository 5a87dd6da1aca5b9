#!/bin/bash
# usage: headers_alone.sh COMPILER SOURCE_DIR GENERATED_DIR
# Compiles each public header by itself; prints the first errors of each that does not.
set -uo pipefail
compiler=$1 source=$2 generated=$3
cd "$source" || exit 2

check() {
  local output
  # Included from an empty file, as users include it (a header as main file warns of #pragma once).
  output=$(printf '#include "%s"\n' "$1" |
    "$compiler" -std=c++17 -fsyntax-only -x c++ -I. -I"$generated" - 2>&1) && return
  printf '%s does not compile alone:\n%s\n' "$1" "$(printf '%s\n' "$output" | head -n 5)"
  return 1
}
export -f check
export compiler generated

folders=()
for folder in engine forcefields mlsamplers io tools; do
  [ -d "$folder" ] && folders+=("$folder")
done
headers=$(find "${folders[@]}" -name '*.h' ! -name '*_detail.h' | sort)
[ -n "$headers" ] || { echo "no headers in $source"; exit 2; }
printf '%s\n' "$headers" | xargs -P "$(nproc)" -I{} bash -c 'check "$1"' _ {} || exit 1
echo "$(printf '%s\n' "$headers" | wc -l) headers compile alone"
