#!/bin/sh
# Runs the Asterisk of install.sh in a private folder, on loopback ports of its own.
#
#   pbx.sh start RUN_DIR     make RUN_DIR, write the configuration, start, wait until it takes calls
#   pbx.sh stop RUN_DIR      stop what `start` started there
#   pbx.sh restart RUN_DIR   kill -9 and start again: what a crash of the PBX looks like
#   pbx.sh cli RUN_DIR CMD   one command on its console
#
# Ports, from $SIDETONE_PBX_PORT (default 25000), called P:
#   P SIP    P+1 AMI    P+2 HTTP/ARI    P+1..P+12 UDP agents 8001..8012 (their user agents listen there)
#   P+20..P+400 RTP    P+522 FastAGI    P+523 AEAP    P+524 the desk (where the dialplan's files look)
# The daemon's credentials are sidetone/$SIDETONE_PBX_SECRET (default: sidetone) for AMI and ARI.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
repo=$(CDPATH='' cd -- "$here/../../.." && pwd)
asterisk=${SIDETONE_ASTERISK_DIR:-$repo/target/asterisk}
port=${SIDETONE_PBX_PORT:-25000}
secret=${SIDETONE_PBX_SECRET:-sidetone}

die() { echo "pbx: $*" >&2; exit 1; }
[ $# -ge 2 ] || { sed -n '2,14s/^# \{0,1\}//p' "$0" >&2; exit 2; }
command=$1
[ -e "$asterisk/ready" ] || die "no Asterisk in $asterisk: run tests/host/asterisk/install.sh"
mkdir -p "$2"
run=$(CDPATH='' cd -- "$2" && pwd)

# The console's socket path must fit sun_path (108 bytes), so the run folder itself may be deep.
cli() { "$asterisk/asterisk" -C "$run/etc/asterisk.conf" -rx "$1"; }

render() {
    sed -e "s|@RUN@|$run|g" -e "s|@ROOT@|$asterisk/root|g" -e "s|@MODULES@|$(cat "$asterisk/modules")|g" \
        -e "s|@SIP@|$port|g" -e "s|@AMI@|$((port + 1))|g" -e "s|@HTTP@|$((port + 2))|g" \
        -e "s|@RTP_FIRST@|$((port + 20))|g" -e "s|@RTP_LAST@|$((port + 400))|g" \
        -e "s|127.0.0.1:4573|127.0.0.1:$((port + 522))|g" -e "s|127.0.0.1:9093|127.0.0.1:$((port + 523))|g" \
        -e "s|127.0.0.1:8090|127.0.0.1:$((port + 524))|g" \
        -e "s|^bindport = 8088|bindport = $((port + 2))|" -e "s|change-me|$secret|g" "$1"
}

configure() {
    for folder in etc/manager.d log/cdr-csv log/cel-custom cache lib/moh agi-bin spool run log; do mkdir -p "$run/$folder"; done
    for file in "$here"/etc/*.conf "$repo"/dialplan/asterisk/*.conf; do
        render "$file" > "$run/etc/$(basename "$file")"
    done
    render "$repo/dialplan/asterisk/manager.d/sidetone.conf" > "$run/etc/manager.d/sidetone.conf"
    members=
    n=1
    while [ $n -le 12 ]; do
        agent=$((8000 + n))
        members="${members}member => PJSIP/$agent,0,Agent $agent\\n"
        cat >> "$run/etc/pjsip.conf" <<AGENT

[$agent](agent)
aors = $agent
callerid = Agent $agent <$agent>
[$agent]
type = aor
contact = sip:$agent@127.0.0.1:$((port + n))
AGENT
        n=$((n + 1))
    done
    sed -i "s|@MEMBERS@|$members|" "$run/etc/queues.conf"
}

launch() {
    # -f stays in the foreground: the process started here is the PBX itself.
    nohup "$asterisk/asterisk" -f -C "$run/etc/asterisk.conf" >"$run/log/console" 2>&1 </dev/null &
    echo $! > "$run/pid"
    tries=0
    until cli 'core waitfullybooted' 2>/dev/null | grep -q 'fully booted'; do
        kill -0 "$(cat "$run/pid")" 2>/dev/null || { tail -n 20 "$run/log/console" >&2; die "Asterisk ended at once"; }
        tries=$((tries + 1))
        [ $tries -le 200 ] || die "Asterisk does not come up: see $run/log"
        sleep 0.1
    done
}

halt() {
    [ -e "$run/pid" ] || return 0
    pid=$(cat "$run/pid")
    kill "-$1" "$pid" 2>/dev/null || true
    tries=0
    while kill -0 "$pid" 2>/dev/null; do
        tries=$((tries + 1))
        [ $tries -le 50 ] || kill -9 "$pid" 2>/dev/null || true
        [ $tries -le 100 ] || die "cannot stop $pid"
        sleep 0.1
    done
    rm -f "$run/pid"
}

case $command in
start) configure; launch ;;
stop) halt TERM ;;
restart) halt KILL; launch ;;
cli) cli "$3" ;;
*) die "no command $command" ;;
esac
