#!/usr/bin/env bash
# Installs what is missing on a Debian machine. Safe to run again: it does only what is not done.
#
#   deploy/setup.sh build    compilers and the native libraries that a build links to
#   deploy/setup.sh switch   Redis, SIPp and a private Asterisk, for the demo and the tests
#   deploy/setup.sh screen   DuckDB and ECharts for sidetone-desk's metrics
#   deploy/setup.sh desk     the same, and Chromium, axe-core and ClickHouse for its tests
#   deploy/setup.sh engine   a small language model and llama.cpp's server for it, for the tests
set -euo pipefail
cd "$(dirname "$0")/.."

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; elif command -v sudo >/dev/null; then sudo "$@"; else
        echo "setup: root or sudo is needed for: $*" >&2
        exit 1
    fi
}

# need PACKAGE COMMAND...: the package is missing while any of its commands is.
packages=()
need() {
    local package=$1
    shift
    for command in "$@"; do
        command -v "$command" >/dev/null || { packages+=("$package"); return; }
    done
}

install_packages() {
    [ ${#packages[@]} -gt 0 ] || return 0
    echo "setup: installing ${packages[*]}"
    as_root apt-get update -qq
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null
}

case "${1:-}" in
build)
    need g++ g++
    need make make
    need pkg-config pkg-config
    need python3 python3
    python3 -m pip --version >/dev/null 2>&1 || packages+=(python3-pip)
    install_packages
    command -v cargo >/dev/null || { echo "setup: no Rust toolchain: install rustup's stable first" >&2; exit 1; }
    models/fetch-native.sh
    ;;
switch)
    need redis-server redis-server
    need redis-tools redis-cli
    need sip-tester sipp
    install_packages
    tests/host/asterisk/install.sh
    ;;
screen)
    need npm npm
    install_packages
    models/fetch-duckdb.sh
    models/fetch-page.sh
    ;;
desk)
    need npm npm
    need openssl openssl
    python3 -c 'import ensurepip' 2>/dev/null || packages+=(python3-venv)
    need chromium chromium
    need chromium-driver chromedriver
    [ -e /usr/share/fonts/truetype/wqy/wqy-microhei.ttc ] || packages+=(fonts-wqy-microhei)
    install_packages
    models/fetch-duckdb.sh
    models/fetch-page.sh
    models/fetch-clickhouse.sh
    ;;
engine)
    need python3 python3
    python3 -m pip --version >/dev/null 2>&1 || packages+=(python3-pip)
    install_packages
    models/fetch-engine.sh
    ;;
*)
    sed -n '2,8p' "$0" >&2
    exit 2
    ;;
esac
