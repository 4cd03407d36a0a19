#!/usr/bin/env bash
# Fetches an embedded ClickHouse (chdb 4.4.0 with ClickHouse 26.9, Apache-2.0, some 900 MB on disk) into target/chdb, a Python environment
# of its own: tests compare its answers with DuckDB's. Needs Python 3.9 or newer. Running it again costs nothing.
set -euo pipefail
cd "$(dirname "$0")/.."
place=target/chdb
if "$place/bin/python" -c 'import chdb' 2>/dev/null; then exit 0; fi
python3 -c 'import ensurepip' 2>/dev/null || { echo "fetch-clickhouse: Python has no venv; install it with: apt-get install python3-venv" >&2; exit 1; }
echo "fetching ClickHouse"
mkdir -p target
rm -rf "$place"
python3 -m venv "$place"
"$place/bin/pip" install --quiet chdb==4.4.0 chdb-core==26.9.0
"$place/bin/python" -c 'import chdb'
