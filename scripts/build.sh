#!/usr/bin/env bash
# Configures and builds one preset of CMakePresets.json. Quiet: one line when it is done, everything when it fails.
#
# usage: scripts/build.sh PRESET [TARGET]...
set -euo pipefail
cd "$(dirname "$0")/.."
preset=${1:?usage: scripts/build.sh PRESET [TARGET]...}; shift
mkdir -p build
log=build/$preset.configure.log
cmake --preset "$preset" >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
if [ -t 1 ]; then ninja -C "build/$preset" "$@"; else ninja --quiet -C "build/$preset" "$@"; fi
printf 'built: build/%s\n' "$preset"
