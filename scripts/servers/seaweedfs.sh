#!/usr/bin/env bash
# SeaweedFS: master, volume server, filer and S3 gateway in one process, for tests.
#
# usage: scripts/servers/seaweedfs.sh start|stop FOLDER       (the folder is made, and removed with all that is in it)
set -euo pipefail
source "$(dirname "$0")/server.sh"
program=$deps/seaweedfs/bin/weed
action=${1:?usage: seaweedfs.sh start|stop FOLDER} folder=${2:?usage: seaweedfs.sh start|stop FOLDER}

start() {
  [ -x "$program" ] || fail "it is not installed: run scripts/setup.sh servers"
  mkdir -p "$folder/data"
  local port; read -r -a port <<<"$(free_ports 8)"
  printf '{"identities":[{"name":"admin","credentials":[{"accessKey":"%s","secretKey":"%s"}],"actions":["Admin","Read","Write","List","Tagging"]}]}' \
    "$TEST_ACCESS_KEY" "$TEST_SECRET_KEY" >"$folder/s3.json"
  setsid "$program" server -dir="$folder/data" -ip=127.0.0.1 -ip.bind=127.0.0.1 -master.port="${port[0]}" -master.port.grpc="${port[1]}" \
    -master.telemetry=false -master.volumeSizeLimitMB=128 -volume.max=100 -volume.port="${port[2]}" -volume.port.grpc="${port[3]}" \
    -volume.preStopSeconds=0 -filer -filer.port="${port[4]}" -filer.port.grpc="${port[5]}" -s3 -s3.port="${port[6]}" -s3.port.grpc="${port[7]}" \
    -s3.port.iceberg=0 -s3.port.lance=0 -s3.config="$folder/s3.json" >"$folder/log" 2>&1 </dev/null &
  echo $! >"$folder/pid"
  await_health "$folder" "http://127.0.0.1:${port[6]}/healthz"
  echo "http://127.0.0.1:${port[6]}" >"$folder/endpoint"
}

stop_server "$folder" "$program"  # also what a killed test left
case $action in
  start) start ;;
  stop) ;;
  *) fail "unknown action '$action' (start, stop)" ;;
esac
