#!/usr/bin/env bash
# Places one real call and shows what a soft-phone would see of it. Called by `make demo`.
#
#   deploy/demo.sh NAME    NAME is a call of tests/corpus/calls; with DESK=1 the web page stays up, with a morning of 300 calls
#
# SIPp plays caller and agent, a private Asterisk connects them through a queue, `sidetone run` hears
# them, `sidetone watch` shows what arrives in Redis. Stops only what it started.
set -euo pipefail
cd "$(dirname "$0")/.."

call=${1:?usage: deploy/demo.sh NAME}
script=tests/corpus/calls/$call.toml
[ -f "$script" ] || {
    echo "demo: there is no call named $call; there are:" >&2
    ls tests/corpus/calls/*.toml | sed 's|.*/\(.*\)\.toml|  \1|' >&2
    exit 2
}
sidetone=$PWD/target/demo/sidetone
run=$PWD/target/demo-run
export SIDETONE_PBX_PORT=${SIDETONE_PBX_PORT:-25000}
port=$SIDETONE_PBX_PORT
seconds=110

rm -rf "$run"
mkdir -p "$run/pbx" "$run/caller" "$run/agent" "$run/state"
started=()
finish() {
    set +e
    for ((i = ${#started[@]} - 1; i >= 0; i--)); do
        kill "${started[i]}" 2>/dev/null
    done
    tests/host/asterisk/pbx.sh stop "$run/pbx" 2>/dev/null
    wait 2>/dev/null
}
trap finish EXIT INT TERM
say() { printf '\033[2m· %s\033[0m\n' "$*"; }

# Redis: the one at REDIS_URL, or one of our own.
export REDIS_URL=${REDIS_URL:-redis://127.0.0.1:6379/}
if redis-cli -u "$REDIS_URL" ping 2>/dev/null | grep -q PONG; then
    say "Redis answers already"
else
    export REDIS_URL=redis://127.0.0.1:$((port + 900))/
    redis-server --port $((port + 900)) --bind 127.0.0.1 --save '' --dir "$run" >"$run/redis.log" &
    started+=($!)
    say "Redis started on port $((port + 900))"
fi

say "Asterisk starts"
tests/host/asterisk/pbx.sh start "$run/pbx"

# The two voices, as the G.711 A-law that SIPp sends.
"$sidetone" replay --legs-to "$run" "tests/corpus/calls/$call.caller.opus" "tests/corpus/calls/$call.agent.opus"
mv "$run/caller.pcma" "$run/caller/"
mv "$run/agent.pcma" "$run/agent/"

cat >"$run/sidetone.toml" <<TOML
[asterisk.ami]
port = $((port + 1))
username = "sidetone"
secret = "sidetone"
[asterisk.ari]
url = "http://127.0.0.1:$((port + 2))/ari"
username = "sidetone"
password = "sidetone"
[asterisk.audiosocket]
listen = "127.0.0.1:$((port + 901))"
[speech]
models_dir = "$PWD/models/cache"
[knowledge]
dir = "$PWD/knowledge/12333"
# Read by words alone: a first reading with the encoder takes a minute of a core, which the call needs here.
encoder = "off"
as_of = "$(sed -n 's/^as_of = "\(.*\)"/\1/p' "$script")"
region = "$(sed -n 's/^region = "\(.*\)"/\1/p' "$script")"
[redis]
url = "env:REDIS_URL"
[outbox]
state_dir = "$run/state"
[http]
listen = "127.0.0.1:$((port + 902))"
[log]
level = "warn"
TOML
"$sidetone" check --config "$run/sidetone.toml" >/dev/null
"$sidetone" run --config "$run/sidetone.toml" >"$run/sidetone.log" 2>&1 &
daemon=$!
started+=("$daemon")
say "sidetone loads its models"
ready() { exec 3<>"/dev/tcp/127.0.0.1/$((port + 902))" && printf 'GET /ready HTTP/1.0\r\n\r\n' >&3 && head -1 <&3 | grep -q ' 200 '; }
for _ in $(seq 300); do
    kill -0 "$daemon" 2>/dev/null || { cat "$run/sidetone.log" >&2; exit 1; }
    (ready) 2>/dev/null && break
    sleep 0.2
done
(ready) 2>/dev/null || { echo "demo: sidetone is not ready:" >&2; cat "$run/sidetone.log" >&2; exit 1; }

desk() {
    local program=$PWD/target/demo/sidetone-desk name
    cat >"$run/desk.toml" <<TOML
listen = "127.0.0.1:$((port + 903))"
users = "$run/desk-users.toml"
secure_cookie = false
daemon = "http://127.0.0.1:$((port + 902))"
doctor = ["$sidetone", "doctor", "--json", "--config", "$run/sidetone.toml"]
$([ -z "${DESK:-}" ] || echo "archive = \"$run/archive.duckdb\"")
[redis]
url = "env:REDIS_URL"
[knowledge]
dir = "$PWD/knowledge/12333"
region = "$(sed -n 's/^region = "\(.*\)"/\1/p' "$script")"
TOML
    for name in agent supervisor admin; do
        echo demo-password | "$program" --config "$run/desk.toml" user add "$name" --role "$name" --agent 8001
    done
    [ -z "${DESK:-}" ] || say "a made-up morning: $("$program" --config "$run/desk.toml" sample --calls 300)"
    "$program" --config "$run/desk.toml" serve >"$run/desk.log" 2>&1 &
    started+=($!)
    say "the desk is at http://127.0.0.1:$((port + 903))/ (agent, supervisor or admin; demo-password); open it now"
}
desk

say "agent 8001 waits; the caller dials 12333 ($(sed -n 's/^title = "\(.*\)"/\1/p' "$script"))"
(cd "$run/agent" && exec sipp -sf "$OLDPWD/tests/host/asterisk/sipp/agent.xml" -m 1 -i 127.0.0.1 -p $((port + 1)) \
    -mp $((port + 500)) 127.0.0.1:"$port" >sipp.out 2>&1 </dev/null) &
started+=($!)
number=$(sed -n "s/^number = \"\(.*\)\"/\1/p" "$script" | head -1)
length=$(($(stat -c %s "$run/caller/caller.pcma") / 8 + 1500))
(sleep 1.5 && cd "$run/caller" && exec sipp -sf "$OLDPWD/tests/host/asterisk/sipp/caller_hangs_up.xml" -s 12333 -m 1 -d "$length" -key number "$number" \
    -i 127.0.0.1 -p $((port + 600)) -mp $((port + 700)) 127.0.0.1:"$port" >sipp.out 2>&1 </dev/null) &
started+=($!)
timeout "$seconds" "$sidetone" watch --agent 8001 --until-ended
say "the daemon's log is $run/sidetone.log"
if [ -n "${DESK:-}" ]; then
    say "the desk stays up until Ctrl-C"
    sleep infinity
fi
