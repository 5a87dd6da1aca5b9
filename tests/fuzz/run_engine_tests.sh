#!/bin/bash
# run_engine_tests.sh SOURCE BUILD: tests of the engine's logic, built by clang with sanitizers.
set -uo pipefail
source=$1 build=$2
tests=(engine_core_test engine_system_test engine_analytic_test engine_moves_test)
. "$source/tests/fuzz/clang_build.sh"
clang_build "$source" "$build" "${tests[@]}"
failed=0
for test in "${tests[@]}"; do
  "$build/tests/engine/$test" --gtest_brief=1 || failed=1
done
exit $failed
