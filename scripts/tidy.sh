#!/usr/bin/env bash
# clang-tidy over our sources (not the tests), with the flags of the build. Prints findings only; fails when there are any.
#
# usage: scripts/tidy.sh [FILE]...     (default: all)
set -euo pipefail
cd "$(dirname "$0")/.."
mkdir -p build
cmake --preset dev -B build/tidy -DCMAKE_CXX_CLANG_TIDY= >build/tidy.configure.log 2>&1 || { cat build/tidy.configure.log >&2; exit 1; }
if [ $# -eq 0 ]; then
  mapfile -t files < <(git ls-files --cached --others --exclude-standard -- 'src/*.cc' 'examples/*.cc' ':!*_test.cc' ':!*_bench.cc')
else
  files=("$@")
fi
check_one() {
  local output
  if ! output=$(clang-tidy-19 --quiet -p build/tidy "$1" 2>/dev/null); then printf '%s\n' "$output"; return 1; fi
}
export -f check_one
if ! printf '%s\0' "${files[@]}" | xargs -0 -n 1 -P "$(nproc)" bash -c 'check_one "$1"' tidy; then
  echo 'tidy: see the findings above' >&2; exit 1
fi
printf 'tidy: %d files, no findings\n' "${#files[@]}"
