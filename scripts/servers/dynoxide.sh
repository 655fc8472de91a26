#!/usr/bin/env bash
# Dynoxide: DynamoDB's API over SQLite, in memory, for tests. Checks no signatures.
#
# usage: scripts/servers/dynoxide.sh start|stop FOLDER       (the folder is made, and removed with all that is in it)
set -euo pipefail
source "$(dirname "$0")/server.sh"
program=$deps/dynoxide/bin/dynoxide
action=${1:?usage: dynoxide.sh start|stop FOLDER} folder=${2:?usage: dynoxide.sh start|stop FOLDER}

start() {
  [ -x "$program" ] || fail "it is not installed: run scripts/setup.sh servers"
  mkdir -p "$folder"
  local port; port=$(free_ports 1)
  setsid "$program" serve --host 127.0.0.1 --port "$port" >"$folder/log" 2>&1 </dev/null &
  echo $! >"$folder/pid"
  await_health "$folder" "http://127.0.0.1:$port/"
  echo "http://127.0.0.1:$port" >"$folder/endpoint"
}

stop_server "$folder" "$program"  # also what a killed test left
case $action in
  start) start ;;
  stop) ;;
  *) fail "unknown action '$action' (start, stop)" ;;
esac
