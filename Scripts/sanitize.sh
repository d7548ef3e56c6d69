#!/usr/bin/env bash
# Runs the tests under sanitizers, each of which builds everything anew in .build-NAME.
#
#   Scripts/sanitize.sh [address] [thread] [undefined]     all three if none is named
#   FILTER='VignetteTensorsTests' Scripts/sanitize.sh thread
#
# What is set, and why:
# - detect_leaks=0: Swift's metadata and what is kept for the process's life (pools, caches) count as leaks.
# - oneDNN, libjpeg, zlib, libwebp, libtiff and their like aren't built with sanitizers: what they do to memory is seen only where they call
#   functions that are intercepted (malloc, memcpy). oneDNN's regions run on our own team of threads, which is.
# - Undefined behaviour is watched in C and C++ alone: in Swift it is what Swift's own checks trap.
# - Kernels are optimised (-O2), or tests of whole models take hours.
set -euo pipefail
cd "$(dirname "$0")/.."
sanitizers=("$@")
[ $# -gt 0 ] || sanitizers=(address thread undefined)
filter=${FILTER:+--filter "$FILTER"}
logs=.build/sanitize
mkdir -p "$logs"
export ASAN_OPTIONS=detect_leaks=0:abort_on_error=0 TSAN_OPTIONS=halt_on_error=0:suppressions=$PWD/Scripts/thread-sanitizer.supp
export UBSAN_OPTIONS=print_stacktrace=1
failed=0
for name in "${sanitizers[@]}"; do
  options=(--scratch-path ".build-$name" -Xcc -O2 -Xcxx -O2)
  if [ "$name" = undefined ]; then
    # The compiler of Swift takes no such option on Linux.
    runtime=$(clang -print-resource-dir)/lib/$(uname | tr '[:upper:]' '[:lower:]')/libclang_rt.ubsan_standalone
    options+=(-Xcc -fsanitize=undefined -Xcxx -fsanitize=undefined -Xcxx -fno-sanitize=vptr
      -Xlinker "$(ls "$runtime"*.so | head -n 1)" -Xlinker -rpath -Xlinker "$(dirname "$runtime")")
  else
    options+=(--sanitize="$name")
  fi
  swift build --build-tests "${options[@]}" >"$logs/$name-build.log" 2>&1 ||
    { echo "$name: doesn't build, see $logs/$name-build.log"; failed=1; continue; }
  [ -z "${BUILD_ONLY:-}" ] || continue
  status=0
  # shellcheck disable=SC2086
  swift test --skip-build "${options[@]}" $filter >"$logs/$name.log" 2>&1 || status=$?
  reports=$(grep -cE "(WARNING|ERROR): (Address|Thread)Sanitizer|runtime error:" "$logs/$name.log" || true)
  tests=$(grep -E "Test run with .* (passed|failed)" "$logs/$name.log" | tail -n 1 | sed 's/^[^T]*//' || true)
  echo "$name: $reports reports, status $status; ${tests:-no test ran to its end} ($logs/$name.log)"
  [ "$status" = 0 ] && [ "$reports" = 0 ] || failed=1
done
exit "$failed"
