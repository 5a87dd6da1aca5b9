#!/bin/bash
# usage: headers_alone.sh COMPILER SOURCE_DIR GENERATED_DIR [CCACHE]
# Compiles each public header by itself; prints the first errors of each that does not. With CCACHE
# only what has changed is compiled again.
set -uo pipefail
compiler=$1 source=$2 generated=$3 cache=${4:-}
units=$(dirname "$generated")/headers_alone
mkdir -p "$units" || exit 2
only=-fsyntax-only
[ -n "$cache" ] && only=-c  # a cache keeps objects
cd "$source" || exit 2

check() {
  local output unit=$units/${1//\//+}.cpp
  # Included from an empty file, as users include it (a header as main file warns of #pragma once).
  printf '#include "%s"\n' "$1" > "$unit"
  output=$(CCACHE_BASEDIR=$source CCACHE_NOHASHDIR=1 $cache "$compiler" -std=c++17 $only \
    -I. -I"$generated" "$unit" -o "$unit.o" 2>&1) &&
    { rm -f "$unit.o"; return; }
  printf '%s does not compile alone:\n%s\n' "$1" "$(printf '%s\n' "$output" | head -n 5)"
  return 1
}
export -f check
export compiler source generated cache units only

folders=()
for folder in engine forcefields mlsamplers io tools; do
  [ -d "$folder" ] && folders+=("$folder")
done
headers=$(find "${folders[@]}" -name '*.h' ! -name '*_detail.h' | sort)
# The interface of the OpenMM plugin is made of OpenMM's classes: nothing to check without them.
printf '#include <OpenMM.h>\n' | "$compiler" -std=c++17 -fsyntax-only -x c++ - 2> /dev/null ||
  headers=$(printf '%s\n' "$headers" | grep -v '^tools/openmm_plugin/')
[ -n "$headers" ] || { echo "no headers in $source"; exit 2; }
printf '%s\n' "$headers" | xargs -P "$(nproc)" -I{} bash -c 'check "$1"' _ {} || exit 1
echo "$(printf '%s\n' "$headers" | wc -l) headers compile alone"
