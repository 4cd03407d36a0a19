#!/bin/sh
# Fetches DuckDB's library (1.5.6, MIT, 71 MB) into models/lib, where sidetone-desk opens it at run time. It comes out of
# the package @duckdb/node-bindings-linux-x64. The hash is pinned. Needs npm. Running it again costs nothing.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
library=$here/lib/libduckdb.so
sum=3f4962cdd266eab2b479a5b5a4a6d063d279b2954ae814ed00385d553b747633

whole() { printf '%s  %s\n' "$sum" "$1" | sha256sum --check --status 2>/dev/null; }

if whole "$library"; then
    exit 0
fi
if [ "$(uname -s)-$(uname -m)" != Linux-x86_64 ]; then
    echo "fetch-duckdb: only the library for Linux on x86-64 is pinned; name yours in SIDETONE_DUCKDB" >&2
    exit 1
fi
command -v npm >/dev/null || { echo "fetch-duckdb: npm is missing; install it with: apt-get install npm" >&2; exit 1; }
mkdir -p "$here/cache" "$here/lib"
work=$(mktemp -d "$here/cache/.duckdb.XXXXXX")
trap 'rm -rf "$work"' EXIT INT TERM
echo "fetching DuckDB"
(cd "$work" && npm pack --silent @duckdb/node-bindings-linux-x64@1.5.6-r.1 >/dev/null && tar xzf ./*.tgz package/libduckdb.so)
whole "$work/package/libduckdb.so" || { echo "fetch-duckdb: the library is not the pinned one" >&2; exit 1; }
mv -f "$work/package/libduckdb.so" "$library"
echo "the library is in $here/lib"
