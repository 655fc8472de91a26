# What the scripts of real servers for tests share; sourced, not run. A server has a folder: its data, `log`, `pid`, and `endpoint`, the
# address it listens at, on ports that were free when it started. So several builds can test at once.
# shellcheck shell=bash
export TEST_ACCESS_KEY=firn-test-key TEST_SECRET_KEY=firn-test-secret
deps=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)/.deps

fail() { printf '%s: %s\n' "$(basename "$0")" "$*" >&2; exit 1; }

free_ports() {  # $1: how many
  python3 - "$1" <<'PYTHON'
import socket, sys
sockets = [socket.socket() for _ in range(int(sys.argv[1]))]
for one in sockets:
    one.bind(("127.0.0.1", 0))
print(*(one.getsockname()[1] for one in sockets))
PYTHON
}

await_health() {  # $1: folder, $2: URL that answers 200 once it serves
  python3 - "$2" "$(cat "$1/pid")" <<'PYTHON' || { tail -n 20 "$1/log" >&2; fail "the server did not start; its log is above"; }
import os, sys, time, urllib.error, urllib.request
url, pid = sys.argv[1], sys.argv[2]
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
end = time.monotonic() + 60
while time.monotonic() < end and os.path.exists(f"/proc/{pid}"):
    try:
        sys.exit(opener.open(url, timeout=5).status != 200)
    except (urllib.error.URLError, OSError):
        time.sleep(0.05)
sys.exit(1)
PYTHON
}

is_ours() {  # $1: process id, $2: program; ids are used again
  [ "$(readlink "/proc/$1/exe" 2>/dev/null)" = "$(readlink -f "$2")" ]
}

stop_server() {  # $1: folder, $2: program. Not asked to end: its data goes with it, and weed can hang when it is asked.
  local pid
  if [ -e "$1/pid" ]; then
    pid=$(cat "$1/pid")
    while is_ours "$pid" "$2"; do kill -9 "$pid"; sleep 0.05; done
  fi
  rm -rf "$1"
}
