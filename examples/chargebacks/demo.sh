#!/usr/bin/env bash
# The chargeback example from end to end, on real files. `make demo` builds first and then calls this.
#
# usage: examples/chargebacks/demo.sh [--files N] [--keep FOLDER]
#   --files N       small files of the first day (10000); the second day has a quarter of them
#   --keep FOLDER   work there and leave it (otherwise in a new folder under build/, removed at the end)
# FIRN and GENERATE name other binaries than those of build/release.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
FIRN=${FIRN:-$root/build/release/firn}
GENERATE=${GENERATE:-$root/build/release/examples/chargebacks/chargebacks_generate}

files=10000 keep=
while [ $# -gt 0 ]; do
  case $1 in
    --files) files=$2; shift 2 ;;
    --keep) keep=$2; shift 2 ;;
    *) sed -n '2,7p' "$0"; exit 2 ;;
  esac
done
for program in "$FIRN" "$GENERATE"; do
  [ -x "$program" ] || { echo "demo: $program is missing: run 'make build' first" >&2; exit 2; }
done

if [ -n "$keep" ]; then
  work=$keep; mkdir -p "$work"
else
  mkdir -p "$root/build"; work=$(mktemp -d "$root/build/demo.XXXXXX")
  trap 'rm -rf "$work"' EXIT
fi
cp "$here/firn.yaml" "$work/firn.yaml"
python3 "$here/demo.py" --firn "$FIRN" --generate "$GENERATE" --work "$work" --files "$files"
[ -z "$keep" ] || printf '\nEverything is left in %s; try\n  %s -C %s runs\n' "$work" "$FIRN" "$work"
