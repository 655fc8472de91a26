#!/usr/bin/env bash
# Versity S3 Gateway: an S3 server on a folder, for tests. Needs a file system with user attributes (ext4, xfs, btrfs).
#
# usage: scripts/servers/versitygw.sh start|stop FOLDER       (the folder is made, and removed with all that is in it)
set -euo pipefail
source "$(dirname "$0")/server.sh"
program=$deps/versitygw/versitygw
action=${1:?usage: versitygw.sh start|stop FOLDER} folder=${2:?usage: versitygw.sh start|stop FOLDER}

start() {
  [ -x "$program" ] || fail "it is not installed: run scripts/setup.sh servers"
  mkdir -p "$folder/data"
  local port; port=$(free_ports 1)
  ROOT_ACCESS_KEY=$TEST_ACCESS_KEY ROOT_SECRET_KEY=$TEST_SECRET_KEY setsid "$program" --port "127.0.0.1:$port" --region us-east-1 --health /healthz \
    posix "$folder/data" >"$folder/log" 2>&1 </dev/null &
  echo $! >"$folder/pid"
  await_health "$folder" "http://127.0.0.1:$port/healthz"
  echo "http://127.0.0.1:$port" >"$folder/endpoint"
}

stop_server "$folder" "$program"  # also what a killed test left
case $action in
  start) start ;;
  stop) ;;
  *) fail "unknown action '$action' (start, stop)" ;;
esac
