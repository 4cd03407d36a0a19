#!/bin/sh
# Runs an installed FreeSWITCH in a private folder, on loopback ports of its own.
#
#   switch.sh start RUN_DIR            make RUN_DIR, write the configuration, start, wait until it takes calls
#   switch.sh phones RUN_DIR           the same for a second switch that plays the phones (RUN_DIR of its own)
#   switch.sh stop RUN_DIR             stop what `start` or `phones` started there
#   switch.sh restart RUN_DIR          kill -9 and start again: what a crash of the switch looks like
#   switch.sh cli RUN_DIR CMD          one command on its event socket
#   switch.sh speech RUN_DIR CALL      sound of tests/corpus/calls/CALL: {caller,agent}.{wav,pcmu,pcma}
#   switch.sh call RUN_DIR CODEC EXT   (phones) one call to EXT of the switch that speaks caller.wav; prints its uuid
#   switch.sh scenario CODEC FILE      a SIPp scenario in PCMU or PCMA, made from the one for PCMA, on stdout
#
# Ports, from $SIDETONE_SWITCH_PORT (default 26000), called P:
#   P SIP    P+1 event socket    P+2 where the dialplan looks for Sidetone's outbound event socket
#   P+1..P+12 UDP agents 8001..8012 (their user agents listen there)    P+20..P+400 RTP
#   P+500 SIP and P+501 event socket of the phones, P+520..P+900 their RTP
#   P+13 SIP of the profile `sidetone`, for taps    P+14 where the dialplan looks for the desk
# The event socket's password is $SIDETONE_SWITCH_SECRET (default: sidetone).
# The files of dialplan/freeswitch are loaded, the recipes as 12360 (route), 12361 (answer), 12362 (handover), 12363 (figure).
# With $SIDETONE_SWITCH_MODULE, the path of a built mod_sidetone.so, they ask by the module, which connects
# to RUN_DIR/mod.sock; without, by the outbound event socket.
# FreeSWITCH is looked for in $FREESWITCH_PREFIX, /usr/local/freeswitch, /opt/freeswitch, /usr.
# Files in RUN_DIR/conf.d (configuration) and RUN_DIR/dialplan.d (extensions) that are there before
# `start` are part of the configuration; @RUN@, @SIP@, @ESL@, @SOCKET@ are filled in there too, from *.in.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
repo=$(CDPATH='' cd -- "$here/../../.." && pwd)
port=${SIDETONE_SWITCH_PORT:-26000}
secret=${SIDETONE_SWITCH_SECRET:-sidetone}
module=${SIDETONE_SWITCH_MODULE:-}

die() { echo "switch: $*" >&2; exit 1; }
[ $# -ge 2 ] || { sed -n '2,27s/^# \{0,1\}//p' "$0" >&2; exit 2; }
command=$1

find_freeswitch() {
    for prefix in ${FREESWITCH_PREFIX:-} /usr/local/freeswitch /opt/freeswitch /usr; do
        [ -x "$prefix/bin/freeswitch" ] && return 0
    done
    die "no FreeSWITCH. Install 1.10 or newer with mod_sofia, mod_event_socket, mod_callcenter, mod_conference, mod_curl, mod_opus and
mod_spandsp (packages of the FreeSWITCH project, or built from its sources), and set FREESWITCH_PREFIX to the
folder that has bin/freeswitch"
}

need() { command -v "$1" >/dev/null 2>&1 || die "needs $1: apt-get install $2"; }

cli() {
    "$prefix/bin/fs_cli" -H 127.0.0.1 -P "$(cat "$run/esl-port")" -p "$secret" -t 5000 -T 5000 -x "$1"
}

render() {
    sed -e "s|@RUN@|$run|g" -e "s|@SIP@|$sip|g" -e "s|@ESL@|$((sip + 1))|g" -e "s|@SOCKET@|$((sip + 2))|g" \
        -e "s|@PHONES@|$((sip + 500))|g" -e "s|@RTP_FIRST@|$((sip + 20))|g" -e "s|@RTP_LAST@|$((sip + 400))|g" \
        -e "s|@SECRET@|$secret|g" "$1"
}

# The files of dialplan/freeswitch, as an administrator has them, on this switch's ports.
shipped() {
    to=$run/etc/sidetone
    mkdir -p "$to"
    how=sidetone_socket
    [ -z "$module" ] || how=sidetone_module
    while read -r from name; do
        sed -e "s|change-me|$secret|" -e "s|\"8021\"|\"$((sip + 1))\"|" -e "s|127.0.0.1:8084|127.0.0.1:$((sip + 2))|" \
            -e "s|\"5082\"|\"$((sip + 13))\"|" -e "s|127.0.0.1:8090|127.0.0.1:$((sip + 14))|" -e "s|/run/sidetone/mod.sock|$run/mod.sock|" \
            "$repo/dialplan/freeswitch/$from" > "$to/$name"
    done <<FILES
autoload_configs/event_socket.conf.xml event_socket.conf.xml
autoload_configs/acl_sidetone.xml acl_sidetone.xml
autoload_configs/sidetone.conf.xml sidetone.conf.xml
sip_profiles/sidetone.xml profile.xml
dialplan/sidetone.xml dialplan.xml
dialplan/$how.xml how.xml
FILES
}

# Agents 8001..8012 are members of 12333, 8101..8112 of 12334; 8005 of 12335, too.
members() {
    n=1
    : > "$run/agents"
    : > "$run/tiers"
    while [ $n -le 12 ]; do
        for line in "80 12333 $((sip + n))" "81 12334 $((sip + 500))"; do
            set -- $line
            agent=$1$(printf %02d $n)
            echo "<agent name=\"$agent\" type=\"callback\" status=\"Available\" max-no-answer=\"0\" \
reject-delay-time=\"1\" busy-delay-time=\"1\" no-answer-delay-time=\"1\" \
contact=\"[leg_timeout=10]sofia/internal/$agent@127.0.0.1:$3\"/>" >> "$run/agents"
            echo "<tier agent=\"$agent\" queue=\"$2@default\" level=\"1\" position=\"$n\"/>" >> "$run/tiers"
        done
        n=$((n + 1))
    done
    echo '<tier agent="8005" queue="12335@default" level="1" position="1"/>' >> "$run/tiers"
}

configure() {
    for folder in etc conf.d dialplan.d db log run tmp; do mkdir -p "$run/$folder"; done
    rm -f "$run"/db/*
    members
    [ "$1" != freeswitch ] || shipped
    render "$here/etc/$1.xml" |
        sed -e "s|@MODULE@|${module:+<load module=\"$module\"/>}|" -e "/^@AGENTS@/{r $run/agents
d}" -e "/^@TIERS@/{r $run/tiers
d}" > "$run/etc/freeswitch.xml"
    for folder in conf.d dialplan.d; do
        rm -rf "$run/etc/$folder"
        mkdir "$run/etc/$folder"
        echo '<include/>' > "$run/etc/$folder/nothing.xml"
        for file in "$run/$folder"/*.xml "$run/$folder"/*.xml.in; do
            [ -e "$file" ] || continue
            render "$file" > "$run/etc/$folder/$(basename "$file" .in)"
        done
    done
    echo "$((sip + 1))" > "$run/esl-port"
}

launch() {
    # -nf stays in the foreground: the process started here is the switch itself.
    nohup "$prefix/bin/freeswitch" -nf -nc -nonat -conf "$run/etc" -log "$run/log" -db "$run/db" -run "$run/run" \
        -temp "$run/tmp" -storage "$run/tmp" -cache "$run/tmp" -recordings "$run/tmp" -certs "$run/tmp" \
        -scripts "$run/tmp" >"$run/log/console" 2>&1 </dev/null &
    echo $! > "$run/pid"
    tries=0
    until cli 'sofia status profile internal' 2>/dev/null | grep -q '^Name'; do
        kill -0 "$(cat "$run/pid")" 2>/dev/null || { tail -n 20 "$run/log/console" >&2; die "FreeSWITCH ended at once"; }
        tries=$((tries + 1))
        [ $tries -le 200 ] || die "FreeSWITCH does not come up: see $run/log"
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
        [ $tries -le 100 ] || kill -9 "$pid" 2>/dev/null || true
        [ $tries -le 150 ] || die "cannot stop $pid"
        sleep 0.1
    done
    rm -f "$run/pid"
}

speech() {
    need opusdec opus-tools
    need sox sox
    for role in caller agent; do
        opusdec --quiet --rate 16000 "$repo/tests/corpus/calls/$1.$role.opus" "$run/$role.wav"
        sox "$run/$role.wav" -t raw -r 8000 -e mu-law -b 8 "$run/$role.pcmu"
        sox "$run/$role.wav" -t raw -r 8000 -e a-law -b 8 "$run/$role.pcma"
    done
}

# The phones' caller: offers exactly CODEC (PCMU, PCMA, G722, opus) and speaks until somebody hangs up.
call() {
    uuid=$(cli create_uuid | tr -d '[:space:]')
    cli "bgapi originate {origination_uuid=$uuid,absolute_codec_string=$1,origination_caller_id_number=${3:-057155550101},\
ignore_early_media=true}sofia/internal/$2@127.0.0.1:$((sip - 500)) \
'&playback(file_string://$run/caller.wav!silence_stream://-1)'" >/dev/null
    echo "$uuid"
}

scenario() {
    case $1 in
    PCMA) cat "$2" ;;
    PCMU) sed -e 's|RTP/AVP 8|RTP/AVP 0|' -e 's|rtpmap:8 PCMA|rtpmap:0 PCMU|' -e 's|\.pcma,\(-*[0-9]*\),8|.pcmu,\1,0|' "$2" ;;
    *) die "no scenario in $1: for G722 and opus use the phones (switch.sh phones, switch.sh call)" ;;
    esac
}

if [ "$command" = scenario ]; then scenario "$2" "$3"; exit; fi
mkdir -p "$2"
run=$(CDPATH='' cd -- "$2" && pwd)
[ ! -e "$run/kind" ] || kind=$(cat "$run/kind")
case $command in
start) kind=freeswitch ;;
phones) kind=phones ;;
esac
sip=$port
[ "${kind:-freeswitch}" = freeswitch ] || sip=$((port + 500))
find_freeswitch

case $command in
start | phones) echo "$kind" > "$run/kind"; configure "$kind"; launch ;;
stop) halt TERM ;;
restart) halt KILL; launch ;;
cli) cli "$3" ;;
speech) speech "$3" ;;
call) call "$3" "$4" "${5:-}" ;;
*) die "no command $command" ;;
esac
