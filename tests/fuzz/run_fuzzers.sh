#!/bin/bash
# run_fuzzers.sh SOURCE BUILD SECONDS [TARGET...]: builds the fuzz targets with clang and runs each
# for SECONDS from its corpus, two at a time. Finds go to BUILD/finds, what is new to BUILD/corpus.
set -uo pipefail
source=$1 build=$2 seconds=$3
shift 3

compiler=
for candidate in clang++-14 clang++-19 clang++; do
  command -v $candidate >/dev/null || continue
  if printf 'extern "C" int LLVMFuzzerTestOneInput(const unsigned char*, unsigned long) { return 0; }' |
    $candidate -fsanitize=fuzzer,address -x c++ - -o /dev/null 2>/dev/null; then
    compiler=$candidate
    break
  fi
done
if [ -z "$compiler" ]; then
  echo "skipped: no clang++ with libFuzzer here (packages clang-14 and libclang-rt-14-dev, or 19)"
  exit 77
fi

# A compiler that changes would make CMake forget the preset, so a configured folder is kept as it is.
configure() {
  grep -qs '^SALTUS_BUILD_FUZZERS:BOOL=ON' "$build/CMakeCache.txt" && return
  rm -rf "$build"
  (cd "$source" && cmake --preset fuzz -B "$build" -DCMAKE_CXX_COMPILER=$compiler \
    -DCMAKE_C_COMPILER="${compiler/++/}")
}

{ configure && cmake --build "$build" --target tests/fuzz/all --parallel 2; } >"$build.log" 2>&1 || {
  tail -n 40 "$build.log"
  echo "the fuzz targets cannot be built; the whole output is in $build.log"
  exit 1
}

# Libraries that were built without sanitizers do not mark their containers.
export ASAN_OPTIONS=detect_container_overflow=0:detect_leaks=1:allocator_may_return_null=1
export LSAN_OPTIONS=suppressions=$source/tests/fuzz/library_leaks.txt:print_suppressions=0
export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
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
