#!/bin/sh
# Fetches the shared libraries of sherpa-onnx into models/lib, where the build looks for them.
# They come in a wheel of 10 MB; its hash is pinned, its version must be the crate's.
# Needs python3 with pip (Debian: apt-get install python3-pip). Running it again costs nothing.
set -eu

package=sherpa-onnx-core==2.0.1
wheel=f4ee0ab91c4ae596e0e49d7de32522a946295e038a652f1c1884d89014ee4ec2
sums="250bf877faccc35d311041f7da84ad652772857be935eaa789f4c621a1d56e3e  libsherpa-onnx-c-api.so
4b3607aebd1784b26b6f9b20e4bd974c7ab8287043e4d095cb7d2cb40b5e566e  libonnxruntime.so"

here=$(cd "$(dirname "$0")" && pwd)
lib=$here/lib
python=${PYTHON:-python3}

whole() { (cd "$1" 2>/dev/null && printf '%s\n' "$sums" | sha256sum --check --status 2>/dev/null); }

if whole "$lib"; then
    exit 0
fi
if [ "$(uname -s)-$(uname -m)" != Linux-x86_64 ]; then
    echo "fetch-native: only the libraries for Linux on x86-64 are pinned; put yours of sherpa-onnx 2.0.1" >&2
    echo "into $lib, or build with --no-default-features" >&2
    exit 1
fi
if ! "$python" -m pip --version >/dev/null 2>&1; then
    echo "fetch-native: $python has no pip; install it with: apt-get install python3-pip" >&2
    exit 1
fi

mkdir -p "$here/cache"
work=$(mktemp -d "$here/cache/.native.XXXXXX")
trap 'rm -rf "$work"' EXIT INT TERM
echo "fetching $package"
printf '%s --hash=sha256:%s\n' "$package" "$wheel" >"$work/requirements.txt"
"$python" -m pip download --disable-pip-version-check --no-deps --only-binary :all: --require-hashes \
    --dest "$work" --requirement "$work/requirements.txt"
"$python" -m zipfile -e "$work"/*.whl "$work/unpacked"
whole "$work/unpacked/sherpa_onnx/lib" || { echo "fetch-native: the wheel's libraries are not the pinned ones" >&2; exit 1; }
mkdir -p "$lib"
for library in libonnxruntime.so libsherpa-onnx-c-api.so; do
    mv -f "$work/unpacked/sherpa_onnx/lib/$library" "$lib/$library"
done
echo "the libraries are in $lib"
