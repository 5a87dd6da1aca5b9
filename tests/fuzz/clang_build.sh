# To be sourced: a build by clang with the address and undefined-behaviour sanitizers.
# clang_build SOURCE BUILD TARGET...: ends the script with 77 where there is no such clang, with 1
# when the build fails.
clang_build() {
  local source=$1 build=$2 compiler='' candidate
  shift 2
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
  # A compiler that changes would make CMake forget the preset, so a configured folder is kept.
  if ! grep -qs '^SALTUS_BUILD_FUZZERS:BOOL=ON' "$build/CMakeCache.txt"; then
    rm -rf "$build"
    (cd "$source" && cmake --preset fuzz -B "$build" -DCMAKE_CXX_COMPILER=$compiler \
      -DCMAKE_C_COMPILER="${compiler/++/}")
  fi >"$build.log" 2>&1 &&
    cmake --build "$build" --parallel 2 --target "$@" >>"$build.log" 2>&1 || {
    tail -n 40 "$build.log"
    echo "the build by clang fails; its whole output is in $build.log"
    exit 1
  }
  # Libraries that were built without sanitizers do not mark their containers.
  export ASAN_OPTIONS=detect_container_overflow=0:detect_leaks=1:allocator_may_return_null=1
  export LSAN_OPTIONS=suppressions=$source/tests/fuzz/library_leaks.txt:print_suppressions=0
  export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
}
