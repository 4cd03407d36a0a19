#!/bin/sh
# Unpacks a real Asterisk 22 (Debian's suite sid) into a folder of its own.
#
#   install.sh [DIR]      default: $SIDETONE_ASTERISK_DIR, else target/asterisk of this checkout
#
# Nothing is installed on the machine: apt resolves and downloads with lists, status and archives of
# its own, `dpkg -x` unpacks, and Asterisk runs by the C library's loader that came with it. So no
# chroot and no root is needed, and a PBX that this machine may run is not touched.
# Running it again does nothing; remove DIR to start over. DIR/cache keeps the packages.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
repo=$(CDPATH='' cd -- "$here/../../.." && pwd)
dir=${1:-${SIDETONE_ASTERISK_DIR:-$repo/target/asterisk}}
suite=${SIDETONE_ASTERISK_SUITE:-sid}

say() { printf 'asterisk: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

for tool in apt-get apt-cache dpkg; do
    command -v "$tool" >/dev/null 2>&1 || die "needs $tool, which Debian and Ubuntu have"
done

mkdir -p "$dir"
dir=$(CDPATH='' cd -- "$dir" && pwd)
if [ -e "$dir/ready" ] && "$dir/asterisk" -V >/dev/null 2>&1; then
    say "$("$dir/asterisk" -V) is ready in $dir"
    exit 0
fi

# The mirror is the one that this machine already trusts.
mirror=$(apt-get --print-uris update 2>/dev/null |
    sed -n "s|^'\([^']*\)/dists/.*|\1|p" | grep -v -e security -e ports | grep -m 1 debian || true)
[ -n "$mirror" ] || die "apt has no Debian mirror configured: add one to /etc/apt/sources.list"
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
[ -r "$keyring" ] || die "needs $keyring: apt-get install debian-archive-keyring"

apt="$dir/apt"
mkdir -p "$apt/lists/partial" "$dir/cache/partial" "$apt/log"
: > "$apt/status"
echo "deb [signed-by=$keyring] $mirror $suite main" > "$apt/sources.list"
cat > "$apt/apt.conf" <<CONF
Dir::State "$apt";
Dir::State::lists "$apt/lists";
Dir::State::status "$apt/status";
Dir::State::extended_states "$apt/extended_states";
Dir::Cache "$apt";
Dir::Cache::archives "$dir/cache";
Dir::Etc::sourcelist "$apt/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
Dir::Log "$apt/log";
Debug::NoLocking "1";
APT::Sandbox::User "root";
APT::Install-Recommends "0";
APT::Get::Assume-Yes "1";
Acquire::Check-Valid-Until "false";
Acquire::Languages "none";
Acquire::Retries "3";
DPkg::Pre-Install-Pkgs {};
DPkg::Post-Invoke {};
APT::Update::Post-Invoke-Success {};
#clear APT::Update::Post-Invoke-Success;
#clear APT::Update::Post-Invoke;
#clear DPkg::Post-Invoke;
CONF
export APT_CONFIG="$apt/apt.conf"

say "reading the package lists of $suite"
apt-get -qq update >"$apt/log/update" 2>&1 || { cat "$apt/log/update" >&2; die "apt-get update failed"; }
say "downloading"
apt-get -qq --download-only install asterisk asterisk-modules >"$apt/log/download" 2>&1 ||
    { cat "$apt/log/download" >&2; die "the download failed"; }

say "unpacking"
rm -rf "$dir/root"
mkdir -p "$dir/root"
for package in "$dir"/cache/*.deb; do
    dpkg -x "$package" "$dir/root"
done

# The suites' folders are merged into /usr; packages that still ship /lib are found all the same.
loader=$(find "$dir/root" -name 'ld-linux*.so.*' -path '*/lib*' | head -n 1)
[ -n "$loader" ] || die "no dynamic loader among the packages"
libraries=$(find "$dir/root" -type d \( -path '*/usr/lib/*-linux-gnu*' -o -path '*/root/lib/*-linux-gnu*' \) \
    -prune | sort -u | tr '\n' ':')
modules=$(find "$dir/root" -type d -path '*asterisk/modules' | head -n 1)
cat > "$dir/asterisk" <<RUN
#!/bin/sh
# Made by install.sh: the unpacked Asterisk under its own loader.
exec "$loader" --library-path "$libraries" "$dir/root/usr/sbin/asterisk" "\$@"
RUN
chmod +x "$dir/asterisk"
echo "$modules" > "$dir/modules"
"$dir/asterisk" -V >/dev/null || die "the unpacked Asterisk does not start"
: > "$dir/ready"
say "$("$dir/asterisk" -V) is ready in $dir"
