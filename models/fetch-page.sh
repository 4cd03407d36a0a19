#!/bin/sh
# Fetches what the desk's page and its tests take from npm into models/lib: ECharts 6.1.0 (Apache-2.0), which draws charts, and
# axe-core 4.14.1 (MPL-2.0), which the tests alone use. The hashes are pinned. Running it again costs nothing.
set -eu

here=$(cd "$(dirname "$0")" && pwd)

# fetch PACKAGE PATH SUM
fetch() {
    file=$here/lib/$(basename "$2")
    if printf '%s  %s\n' "$3" "$file" | sha256sum --check --status 2>/dev/null; then
        return 0
    fi
    command -v npm >/dev/null || { echo "fetch-page: npm is missing; install it with: apt-get install npm" >&2; exit 1; }
    mkdir -p "$here/cache" "$here/lib"
    work=$(mktemp -d "$here/cache/.page.XXXXXX")
    trap 'rm -rf "$work"' EXIT INT TERM
    echo "fetching $1"
    (cd "$work" && npm pack --silent "$1" >/dev/null && tar xzf ./*.tgz "package/$2")
    printf '%s  %s\n' "$3" "$work/package/$2" | sha256sum --check --status || { echo "fetch-page: $1 is not the pinned one" >&2; exit 1; }
    mv -f "$work/package/$2" "$file"
    rm -rf "$work"
}

fetch echarts@6.1.0 dist/echarts.min.js b66b25aeb4df84e33199dc21694014d336d222cbd9deb0e5a7c14bd6aa0d0fd0
fetch axe-core@4.14.1 axe.min.js 29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c
