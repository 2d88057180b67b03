#!/bin/sh
# Runs the package's tests against an addon built with AddressSanitizer and UBSan, in a copy of
# the package under build/ so that the addon in use stays as it is. Linux, GCC or clang.
set -eu
cd "$(dirname "$0")/.."
copy=build/asan
rm -rf "$copy"
mkdir -p "$copy"
cp -r binding.gyp native package.json scripts src test "$copy"
cd "$copy"
flags='-fsanitize=address,undefined -fno-sanitize=vptr -fno-omit-frame-pointer -g'
CXXFLAGS="$flags" LDFLAGS='-fsanitize=address,undefined' node scripts/install.mjs --strict
runtime="$(${CXX:-g++} -print-file-name=libasan.so):$(${CXX:-g++} -print-file-name=libubsan.so)"
cat >vitest.config.mjs <<'CONFIG'
export default {
  test: { include: ['test/*.test.ts'], testTimeout: 600000, hookTimeout: 600000 },
};
CONFIG
# Node's own allocations outlive it: leaks are what the tests count, not what is left at exit.
LD_PRELOAD="$runtime" ASAN_OPTIONS=detect_leaks=0:halt_on_error=1 \
  UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1 \
  node ../../../../node_modules/vitest/vitest.mjs run --root . "$@"
