#!/bin/bash
# usage: formatted.sh SOURCE_DIR
# Fails when clang-format 14 would change a file; exit 77 (skipped) without clang-format 14.
set -uo pipefail
cd "$1" || exit 2
command -v clang-format-14 >/dev/null || { echo "clang-format 14 is not installed, and others disagree: skipped"; exit 77; }

folders=()
for folder in engine forcefields mlsamplers io tools tests; do
  [ -d "$folder" ] && folders+=("$folder")
done
files=$(find "${folders[@]}" \( -name '*.h' -o -name '*.cpp' \) | sort)
[ -n "$files" ] || { echo "no sources in $1"; exit 2; }
printf '%s\n' "$files" | xargs clang-format-14 --dry-run -Werror || {
  echo "to fix: clang-format-14 -i FILE"
  exit 1
}
echo "$(printf '%s\n' "$files" | wc -l) files are formatted"
