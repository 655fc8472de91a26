#!/usr/bin/env bash
# clang-tidy over our sources (not the tests), with the flags of the build. Prints findings only; fails when there are any.
# Each target is looked at as one file: parsing Arrow's headers once a source would take an hour.
#
# usage: scripts/tidy.sh [TARGET]...     (default: all, as firn_pipeline)
set -euo pipefail
cd "$(dirname "$0")/.."
mkdir -p build
cmake --preset tidy >build/tidy.configure.log 2>&1 || { cat build/tidy.configure.log >&2; exit 1; }
mapfile -t units < <(find build/tidy/src build/tidy/examples -path '*/Unity/unity_*.cxx')
if [ $# -gt 0 ]; then
  pattern=$(IFS='|'; echo "$*")
  mapfile -t units < <(printf '%s\n' "${units[@]}" | grep -E "/($pattern)\.dir/")
fi
[ "${#units[@]}" -gt 0 ] || { echo 'tidy: no such target' >&2; exit 2; }
check_one() {
  local output
  if ! output=$(clang-tidy-19 --quiet --extra-arg=-Wno-unknown-warning-option -p build/tidy "$1" 2>/dev/null); then printf '%s\n' "$output"; return 1; fi
}
export -f check_one
# The largest first, so that none is left at the end.
if ! ls -S -- "${units[@]}" | tr '\n' '\0' | xargs -0 -n 1 -P "$(nproc)" bash -c 'check_one "$1"' tidy; then
  echo 'tidy: see the findings above' >&2; exit 1
fi
printf 'tidy: %d targets, no findings\n' "${#units[@]}"
