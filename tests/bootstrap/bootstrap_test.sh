#!/bin/bash
# usage: bootstrap_test.sh SOURCE_DIR
# Oracle: what tools/bootstrap promises, observed from outside: exit status, last line, and which
# commands it ran. It runs on a copy that reads a made-up os-release, with fakes of apt-get,
# dpkg-query, cmake and others first in the PATH, so nothing is installed or built.
set -uo pipefail
source=$1
room=$(mktemp -d) || exit 2
trap 'rm -rf "$room"' EXIT
failures=0

# A fresh copy of the script in a tree of its own, with the fakes of a machine where all goes well.
new_machine() {
  rm -rf "${room:?}/tree" "${room:?}/bin"
  mkdir -p "$room/tree/tools/dev" "$room/tree/build/tools" "$room/bin"
  sed "s|/etc/os-release|$room/tree/os-release|g" "$source/tools/bootstrap" \
    >"$room/tree/tools/bootstrap"
  chmod +x "$room/tree/tools/bootstrap"
  system debian 12 "Debian GNU/Linux 12 (bookworm)"
  cp "$source/tools/dev/packages.txt" "$room/tree/tools/dev/"
  fake dpkg-query 'echo installed'
  fake apt-get 'exit 0'
  fake sudo 'exit 1'
  fake id '[ "$1" = -u ] && echo 0 || echo somebody'
  fake df 'printf "Filesystem 1M-blocks Used Available\nx 1 1 90000\n"'
  fake cmake 'exit 0'
  fake c++ 'echo 12'
  fake ninja 'exit 0'
  fake ctest 'echo "100% tests passed, 0 tests failed out of 7"'
  printf '#!/bin/sh\necho "report: runs/a/report.html"\n' >"$room/tree/build/tools/saltus"
  chmod +x "$room/tree/build/tools/saltus"
}

# system ID VERSION NAME: what os-release says.
system() {
  printf 'PRETTY_NAME="%s"\nVERSION_ID="%s"\nID=%s\n' "$3" "$2" "$1" >"$room/tree/os-release"
}

# fake NAME BODY: a command that notes its call and does BODY.
fake() {
  printf '#!/bin/bash\necho "%s $*" >>"%s/calls"\n%s\n' "$1" "$room" "$2" >"$room/bin/$1"
  chmod +x "$room/bin/$1"
}

# run ARGUMENTS: with no terminal, no input and no HOME; sets status, last (line) and output.
run() {
  : >"$room/calls"
  output=$(cd / && env -i PATH="$room/bin:/usr/bin:/bin" setsid -w "$room/tree/tools/bootstrap" "$@" \
    2>&1 <&-)
  status=$?
  last=$(printf '%s\n' "$output" | tail -n 1)
}

expect() { # expect STATUS LAST_LINE_PATTERN
  # shellcheck disable=SC2053 # a pattern on purpose
  if [ "$status" -ne "$1" ] || [[ "$last" != $2 ]]; then
    printf 'FAILED: %s\n  expected status %s, last line like: %s\n  found    status %s:\n%s\n' \
      "$name" "$1" "$2" "$status" "$output"
    failures=$((failures + 1))
  fi
}

expect_call() { # expect_call yes|no PATTERN
  local found=no
  grep -qE -- "$2" "$room/calls" && found=yes
  if [ "$found" != "$1" ]; then
    printf 'FAILED: %s\n  expected call of %s: %s\n%s\n' "$name" "$2" "$1" "$(cat "$room/calls")"
    failures=$((failures + 1))
  fi
}

new_machine
name="help"; run help; expect 0 '*SALTUS_JOBS*'
name="no argument"; run; expect 64 '*SALTUS_JOBS*'
name="unknown argument"; run bogus; expect 64 '*SALTUS_JOBS*'
name="two arguments"; run run test; expect 64 '*SALTUS_JOBS*'

name="tests: ctest has the last word, long tests stay out, an empty suite is an error"
run test; expect 0 '100% tests passed, 0 tests failed out of 7'
expect_call yes '^ctest .*-LE long\|bench .*--no-tests=error'
name="nothing is installed when nothing is missing"; expect_call no '^apt-get'
name="failed tests fail the command"; fake ctest 'echo "1 tests failed"; exit 8'; run test
expect 8 '1 tests failed'

new_machine
name="run: the program has the last word"; run run; expect 0 'report: runs/a/report.html'
name="run: only the program is built"; expect_call yes '^cmake --build build .*--target saltus$'
expect_call no '^ctest'
name="test: everything is built"; run test; expect_call yes '^cmake --build build --parallel [0-9]+$'
name="a failed simulation keeps its status"
printf '#!/bin/sh\necho "deck.toml:3:1: no"\nexit 65\n' >"$room/tree/build/tools/saltus"
run run; expect 65 'tools/bootstrap: the simulation failed*'

# Packages: missing ones, and only those, are installed.
new_machine
fake dpkg-query 'case "$*" in *ccache*) [ -e '"$room"'/bin/done ] && echo installed ;; *) echo installed ;; esac'
fake apt-get 'case "$*" in *" install "*) touch '"$room"'/bin/done ;; esac'
name="installs what is missing"; run test; expect 0 '100% tests passed*'
expect_call yes '^apt-get .*install -y --no-install-recommends ccache$'
name="an unreachable third-party source does not stop an installation that works"
rm "$room/bin/done"
fake apt-get 'case "$*" in *" install "*) touch '"$room"'/bin/done ;; *) exit 100 ;; esac'
run test; expect 0 '100% tests passed*'

# Each release has its own names, and only those are asked for.
new_machine
fake dpkg-query '[ -e '"$room"'/bin/done ] && echo installed'
fake apt-get 'case "$*" in *" install "*) touch '"$room"'/bin/done ;; esac'
name="Debian 12 has clang-format-14 and python3-simtk"; run test; expect 0 '100% tests passed*'
expect_call yes '^apt-get .* install .* clang-format-14 clang-tidy-14 cmake .* python3-simtk'
expect_call no '^apt-get .* (clang-tidy-19|python3-openmm)'
name="Debian 13 has python3-openmm, and no clang-format-14"
rm "$room/bin/done"
system debian 13 "Debian GNU/Linux 13 (trixie)"
run test; expect 0 '100% tests passed*'
expect_call yes '^apt-get .* install .* ccache clang-19 clang-tidy-19 cmake .* python3-openmm'
expect_call no '^apt-get .* (clang-format-14|clang-tidy-14|python3-simtk)'
expect_call no '^apt-get .* (1[0-9]|#)'
name="another Debian"; system debian 11 "Debian GNU/Linux 11 (bullseye)"; run test
expect 69 'tools/bootstrap: Debian GNU/Linux 11 (bullseye) is neither Debian 12 nor 13*SALTUS_SKIP_PACKAGES=1'
name="another system of the same number"; system fedora 13 "Fedora 13"; run test
expect 69 'tools/bootstrap: Fedora 13 is neither Debian 12 nor 13*'
name="a system without a name"; rm "$room/tree/os-release"; run test
expect 69 'tools/bootstrap: this system is neither Debian 12 nor 13*'
expect_call no '^(apt-get|dpkg-query|cmake)'

new_machine
fake dpkg-query 'exit 1'
name="no network"; fake apt-get 'echo "E: Temporary failure resolving deb.debian.org"; exit 100'
run test; expect 69 'tools/bootstrap: cannot reach the Debian mirror; check the network*'
name="full disk"; fake apt-get 'echo "No space left on device"; exit 100'
run test; expect 69 'tools/bootstrap: the disk is full*'
name="unknown package"; fake apt-get 'echo "E: Unable to locate package x"; exit 100'
system debian 13 "Debian GNU/Linux 13 (trixie)"; run test
expect 69 "tools/bootstrap: a package of tools/dev/packages.txt is unknown to apt; enable Debian 13 'main'*"
name="apt lies"; fake apt-get 'exit 0'
run test; expect 69 'tools/bootstrap: apt-get succeeded but these are still missing: *'
name="little space"; fake df 'printf "Filesystem 1M-blocks Used Available\nx 1 1 99\n"'
run test; expect 69 'tools/bootstrap: installing packages needs about * MB on the disk of /usr, which has 99 MB free'
expect_call no '^apt-get'
name="no root, no password"; fake id 'echo 1000'
run test; expect 69 'tools/bootstrap: packages are missing and sudo would ask for a password*'
name="packages may be left alone"
output=$(env -i SALTUS_SKIP_PACKAGES=1 PATH="$room/bin:/usr/bin:/bin" "$room/tree/tools/bootstrap" run 2>&1)
status=$? last=$(printf '%s\n' "$output" | tail -n 1)
expect 69 'tools/bootstrap: the build needs about * MB on the disk of build, which has 99 MB free'

# The build.
new_machine
name="configuring fails"; fake cmake 'echo "CMake Error: no"; exit 1'
run test; expect 70 'tools/bootstrap: configuring failed; the whole output is in build/bootstrap.log'
name="compiling fails"; fake cmake 'case $1 in --build) echo "error: x"; exit 1 ;; esac'
run test; expect 70 'tools/bootstrap: the build failed; the whole output is in build/bootstrap.log'
name="out of memory"
fake cmake 'case $1 in --build) echo "g++: fatal error: Killed signal terminated program"; exit 1 ;; esac'
run test; expect 70 'tools/bootstrap: the compiler ran out of memory; run again with SALTUS_JOBS=1'
name="a cache of another place is not continued"
fake cmake 'exit 0'
printf 'CMAKE_HOME_DIRECTORY:INTERNAL=/elsewhere\nCMAKE_GENERATOR:INTERNAL=Ninja\n' \
  >"$room/tree/build/CMakeCache.txt"
run test; expect 0 '100% tests passed*'; expect_call yes '^cmake --preset ci --fresh'
name="warnings are errors with the compiler of Debian 12"; run test; expect_call yes 'SALTUS_WERROR=ON'
name="warnings of another compiler are warnings"; fake c++ 'echo 14.2.0'; run test; expect_call yes 'SALTUS_WERROR=OFF'
name="two at once"
exec 8>"$room/tree/build/bootstrap.lock"
flock 8
run test; expect 69 'tools/bootstrap: another tools/bootstrap is at work in *'
exec 8>&-

[ $failures -eq 0 ] && echo "all promises kept"
exit $((failures > 0))
