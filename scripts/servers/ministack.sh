#!/usr/bin/env bash
# MiniStack: many of AWS's APIs in one Python process, DynamoDB's among them, in memory, for tests. Checks no signatures.
#
# usage: scripts/servers/ministack.sh start|stop FOLDER       (the folder is made, and removed with all that is in it)
set -euo pipefail
source "$(dirname "$0")/server.sh"
program=$deps/ministack/bin/python3  # a copy, not a link: this server's processes and no others are this file
action=${1:?usage: ministack.sh start|stop FOLDER} folder=${2:?usage: ministack.sh start|stop FOLDER}

start() {
  [ -x "$program" ] || fail "it is not installed: run scripts/setup.sh servers"
  mkdir -p "$folder/home"
  local port; port=$(free_ports 1)
  cd "$folder/home"
  GATEWAY_PORT=$port BIND_HOST=127.0.0.1 MINISTACK_HOST=127.0.0.1 HOME=$PWD setsid "$program" "$deps/ministack/bin/ministack" \
    >"$folder/log" 2>&1 </dev/null &
  echo $! >"$folder/pid"
  await_health "$folder" "http://127.0.0.1:$port/health"
  echo "http://127.0.0.1:$port" >"$folder/endpoint"
}

stop_server "$folder" "$program"  # also what a killed test left
case $action in
  start) start ;;
  stop) ;;
  *) fail "unknown action '$action' (start, stop)" ;;
esac
