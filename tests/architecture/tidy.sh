#!/bin/bash
# usage: tidy.sh SOURCE_DIR BUILD_DIR
# Runs clang-tidy with the checks of .clang-tidy on the engine's sources, as BUILD_DIR's
# compile_commands.json compiles them; fails on any finding. Exit 77 (skipped) without clang-tidy.
# The folders are those that decide what is sampled, which two cores check in two minutes; the whole
# engine takes longer: cmake --preset tidy && cmake --build --preset tidy.
set -uo pipefail
source=$1 build=$2
folders=(core diagnostics ensemble moves potential rigid run system tuning)

tidy=''
for candidate in clang-tidy-14 clang-tidy-19 clang-tidy; do
  command -v $candidate >/dev/null && { tidy=$candidate; break; }
done
[ -n "$tidy" ] || { echo "skipped: no clang-tidy here; install it (Debian 12: clang-tidy-14, 13: clang-tidy-19)"; exit 77; }
[ -e "$build/compile_commands.json" ] || { echo "$build has no compile_commands.json; configure it first"; exit 2; }

cd "$source" || exit 2
present=()
for folder in "${folders[@]}"; do
  [ -d "engine/$folder" ] && present+=("engine/$folder")
done
[ ${#present[@]} -gt 0 ] || { echo "no folders of the engine in $source"; exit 2; }
files=$(find "${present[@]}" -name '*.cpp' | sort)
[ -n "$files" ] || { echo "no sources in ${folders[*]} of $source/engine"; exit 2; }
# Counts of suppressed warnings go to standard error; findings and failures to standard output.
printf '%s\n' "$files" | xargs -P 2 -n 4 "$tidy" --quiet --warnings-as-errors='*' -p "$build" || {
  echo "clang-tidy has findings; to repeat one file: $tidy -p $build FILE"
  exit 1
}
echo "$(printf '%s\n' "$files" | wc -l) files pass $tidy"
