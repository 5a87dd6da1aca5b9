#!/bin/bash
# run_fuzzers.sh SOURCE BUILD SECONDS [TARGET...]: builds the fuzz targets with clang and runs each
# for SECONDS from its corpus, two at a time. Finds go to BUILD/finds, what is new to BUILD/corpus.
set -uo pipefail
source=$1 build=$2 seconds=$3
shift 3

. "$source/tests/fuzz/clang_build.sh"
clang_build "$source" "$build" tests/fuzz/all
mkdir -p "$build/finds" "$build/corpus"

# fuzz TARGET: exit code 0 unless something was found.
fuzz() {
  local target=$1 fresh="$build/corpus/$1" log="$build/$1.log"
  mkdir -p "$fresh"
  "$build/tests/fuzz/fuzz_$target" "$fresh" "$source/tests/fuzz/corpus/$target" \
    -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=100000 -print_final_stats=1 \
    -artifact_prefix="$build/finds/$target-" >"$log" 2>&1
  local status=$?
  printf '%-16s %s inputs, exit %d\n' "$target" \
    "$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")" $status
  [ $status -eq 0 ] || tail -n 60 "$log"
  return $status
}

targets=("$@")
[ ${#targets[@]} -gt 0 ] || targets=($(cd "$source/tests/fuzz/corpus" && ls -d */ | tr -d /))
failed=0
running=0
for target in "${targets[@]}"; do
  fuzz "$target" &
  running=$((running + 1))
  if [ $running -ge 2 ]; then
    wait -n || failed=1
    running=$((running - 1))
  fi
done
while [ $running -gt 0 ]; do
  wait -n || failed=1
  running=$((running - 1))
done
[ $failed -eq 0 ] || echo "what crashed a reader is in $build/finds"
exit $failed
