#!/usr/bin/env python3
"""Records sessions of a real FreeSWITCH for the tests that need none.

    unshare -n -u -m sh -c 'ip link set lo up; hostname pbx; mount -t tmpfs none /srv;
        python3 tests/host/freeswitch/record.py telephony/freeswitch/tests/golden [NAME…]'

In namespaces of its own, the switch knows no host name, address or path that would have to be removed
afterwards, so what is recorded is what was on the wire. It runs in /srv/pbx on ports 26000 and up.
SIPp plays the phones that hold and transfer; a second FreeSWITCH plays the others.
"""
import os
import socket
import subprocess
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
SCENARIOS = os.path.join(HERE, "..", "asterisk", "sipp")
SWITCH = os.path.join(HERE, "switch.sh")
PBX, PHONES, PORT = "/srv/pbx", "/srv/phones", 26000
EVENTS = (
    "CHANNEL_CREATE CHANNEL_ANSWER CHANNEL_BRIDGE CHANNEL_UNBRIDGE CHANNEL_HOLD CHANNEL_UNHOLD "
    "CHANNEL_PARK CHANNEL_UNPARK CHANNEL_HANGUP_COMPLETE CHANNEL_DESTROY CODEC BACKGROUND_JOB HEARTBEAT "
    "CUSTOM callcenter::info conference::maintenance sofia::transferor sofia::transferee sofia::replaced"
)


def switch(command, run, *args):
    done = subprocess.run([SWITCH, command, run, *args], check=True, capture_output=True, text=True)
    return done.stdout.strip()


def cli(command, run=PBX):
    return switch("cli", run, command)


class EventSocket:
    """One connection: what the switch sends is kept as it came."""

    def __init__(self, stream):
        self.stream, self.heard, self.at = stream, b"", 0
        stream.settimeout(15)

    @classmethod
    def connect(cls):
        return cls(socket.create_connection(("127.0.0.1", PORT + 1)))

    def message(self):
        """The next message: its header block and its body, as text."""
        head = self.until(lambda: self.heard.find(b"\n\n", self.at) + 2 if b"\n\n" in self.heard[self.at:] else 0)
        length = next((int(line[16:]) for line in head.splitlines() if line.startswith("Content-Length: ")), 0)
        end = self.at + length
        return head, self.until(lambda: end if len(self.heard) >= end else 0) if length else ""

    def until(self, found):
        while not (end := found()):
            piece = self.stream.recv(65536)
            if not piece:
                raise EOFError("the switch closed the event socket")
            self.heard += piece
        taken, self.at = self.heard[self.at:end].decode(), end
        return taken

    def send(self, command):
        self.stream.sendall(command.encode() + b"\n\n")

    def wait(self, *parts):
        """Reads on until a message has all these parts."""
        while True:
            head, body = self.message()
            if all(part in head + body for part in parts):
                return head + body

    def command(self, command):
        self.send(command)
        return self.wait("api/response" if command.startswith("api ") else "command/reply")

    def begin(self, subscription=EVENTS):
        self.wait("auth/request")
        self.command("auth sidetone")
        self.command("event plain " + subscription)
        return self

    def drain(self):
        """Everything that is still to come, until nothing came for a second."""
        self.stream.settimeout(1)
        try:
            while True:
                self.message()
        except (TimeoutError, EOFError):
            return self


def field(text, name):
    return next(line.split(": ", 1)[1] for line in text.splitlines() if line.startswith(name + ": "))


def created(events, direction):
    text = events.wait("Event-Name: CHANNEL_CREATE", f"Call-Direction: {direction}")
    return field(text, "Unique-ID")


def sipp(scenario, number, *options):
    """A user agent of SIPp: a caller (number 0) or agent 8000 + number, in PCMA."""
    own = ["-p", str(PORT + number)] if number else ["-p", str(PORT + 40 + 700)]
    media = ["-mp", str(PORT + 600 + 20 * number)]
    return subprocess.Popen(
        ["sipp", "-sf", os.path.join(SCENARIOS, scenario), "-m", "1", "-i", "127.0.0.1", *own, *media, "-nostdin",
         *options, f"127.0.0.1:{PORT}"], cwd=PHONES, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def sipp_caller(extension):
    return sipp("caller.xml", 0, "-s", extension, "-key", "number", "057155550101")


# Inbound event socket ----------------------------------------------------------------------------

def bridged_call():
    """A caller dials an agent, both in PCMU; who is there is asked; the caller hangs up."""
    events = EventSocket.connect().begin()
    switch("call", PHONES, "PCMU", "8101")
    caller = created(events, "inbound")
    agent = created(events, "outbound")
    events.wait("Event-Name: CHANNEL_BRIDGE")
    time.sleep(0.3)
    events.command("api show channels as json")
    events.command(f"api uuid_dump {agent}")
    events.command("api uuid_exists 00000000-0000-0000-0000-000000000000")
    events.command("api uuid_dump 00000000-0000-0000-0000-000000000000")
    events.send("bgapi status")
    events.wait("Event-Name: BACKGROUND_JOB")
    events.send(f"bgapi uuid_getvar {caller} read_codec\nJob-UUID: 11111111-2222-3333-4444-555555555555")
    events.wait("Event-Name: BACKGROUND_JOB")
    cli("hupall NORMAL_CLEARING", PHONES)
    return events.drain()


def queue_call():
    """A caller waits in a queue of mod_callcenter, which finds an agent; the agent hangs up."""
    events = EventSocket.connect().begin()
    agent = sipp("agent_hangs_up.xml", 1, "-d", "1500")
    caller = sipp_caller("12333")
    leg = created(events, "outbound")
    events.wait("Event-Name: CHANNEL_BRIDGE")
    time.sleep(0.3)
    events.command("api show channels as json")
    events.command(f"api uuid_dump {leg}")
    agent.wait()
    caller.wait()
    return events.drain()


# What the daemon subscribes to for queues, without what each channel says of itself in between.
FACTS = "CHANNEL_CREATE CHANNEL_BRIDGE CHANNEL_HANGUP CHANNEL_DESTROY CUSTOM callcenter::info"


def queue_abandoned():
    """A caller of queue 12335 hangs up while it rings at agent 8005."""
    events = EventSocket.connect().begin(FACTS)
    agent = sipp("agent_rings.xml", 5)
    caller = sipp("caller_hangs_up.xml", 0, "-s", "12335", "-d", "2500", "-key", "number", "057155550101")
    for phone in (agent, caller):
        phone.wait()
    return events.drain()


def queue_refused():
    """Agent 8005 refuses the only caller of queue 12335, then cannot be reached; after 5 s the queue gives up."""
    events = EventSocket.connect().begin(FACTS)
    cli("callcenter_config agent set busy_delay_time 8005 4")
    agent = sipp("agent_busy.xml", 5)
    caller = sipp("caller_hangs_up.xml", 0, "-s", "12335", "-d", "9000", "-key", "number", "057155550101")
    for phone in (agent, caller):
        phone.wait()
    return events.drain()


def agent_status():
    """Agent 8005 takes a call with 2 s of after-call work, has a break, signs out and in; all agents are listed first."""
    events = EventSocket.connect().begin(FACTS)
    cli("callcenter_config agent set wrap_up_time 8005 2")
    events.command("api callcenter_config agent list")
    agent = sipp("agent.xml", 5)
    caller = sipp("caller_hangs_up.xml", 0, "-s", "12335", "-d", "2000", "-key", "number", "057155550101")
    for phone in (agent, caller):
        phone.wait()
    for status in ("On Break", "Logged Out", "Available"):
        cli(f"callcenter_config agent set status 8005 '{status}'")
    return events.drain()


def hold():
    """The agent's phone holds the caller for a second."""
    events = EventSocket.connect().begin()
    agent = sipp("agent_holds.xml", 1, "-d", "700")
    caller = sipp_caller("8001")
    events.wait("Event-Name: CHANNEL_UNHOLD")
    time.sleep(0.5)
    cli("hupall NORMAL_CLEARING")
    agent.wait()
    caller.wait()
    return events.drain()


def uuid_transfer():
    """The switch is told to take the caller from agent 8101 to agent 8102."""
    events = EventSocket.connect().begin()
    switch("call", PHONES, "PCMA", "8101")
    caller = created(events, "inbound")
    events.wait("Event-Name: CHANNEL_BRIDGE")
    time.sleep(0.5)
    events.command(f"api uuid_transfer {caller} 8102 XML public")
    events.wait("Event-Name: CHANNEL_BRIDGE")
    time.sleep(0.5)
    cli("hupall NORMAL_CLEARING")
    return events.drain()


def refer_blind():
    """Agent 8001's phone sends the caller on to agent 8102 by REFER."""
    events = EventSocket.connect().begin()
    agent = sipp("agent_transfers.xml", 1, "-d", "700", "-key", "transfer_to", "8102")
    caller = sipp_caller("8001")
    events.wait("Event-Name: CHANNEL_BRIDGE")
    events.wait("Event-Name: CHANNEL_BRIDGE")
    time.sleep(0.7)
    agent.wait()
    cli("hupall NORMAL_CLEARING")
    caller.wait()
    return events.drain()


def refer_attended():
    """Agent 8001 holds the caller, asks agent 8102, and joins the two by REFER with Replaces."""
    events = EventSocket.connect().begin()
    agent = sipp("agent_transfers_attended.xml", 1, "-d", "700", "-key", "transfer_to", "8102", "-key", "agent", "8001")
    caller = sipp_caller("8001")
    for _ in range(2):
        events.wait("Event-Name: CHANNEL_BRIDGE")
    time.sleep(3.5)
    cli("hupall NORMAL_CLEARING")
    time.sleep(0.5)
    for phone in (agent, caller):
        phone.kill()
        phone.wait()
    return events.drain()


def bridged(events, codec="PCMU", extension="8101"):
    """A caller dials an agent of the phones' switch; both channels, the agent's phone's channel last."""
    switch("call", PHONES, codec, extension)
    caller, agent = created(events, "inbound"), created(events, "outbound")
    events.wait("Event-Name: CHANNEL_BRIDGE")
    time.sleep(0.5)
    return caller, agent


def phone_of(number):
    """The newest channel of the phones' switch that was called by this number."""
    rows = [row.split(",") for row in cli("show channels as csv", PHONES).splitlines()]
    return [row[0] for row in rows if number in row][-1]


def consult(events, agent):
    """Agent 8101 asks agent 8102 by att_xfer while the caller waits."""
    cli(f"uuid_broadcast {agent} att_xfer::{{sidetone_agent=8102}}sofia/internal/8102@127.0.0.1:{PORT + 500}")
    events.wait("Event-Name: CHANNEL_BRIDGE")
    time.sleep(3)


def att_xfer_transfer():
    """8101 asks 8102 (att_xfer) for three seconds and hangs up: the caller speaks to 8102."""
    events = EventSocket.connect().begin()
    _, agent = bridged(events)
    consult(events, agent)
    cli(f"uuid_kill {phone_of('8101')}", PHONES)
    events.wait("Event-Name: CHANNEL_BRIDGE")
    time.sleep(0.5)
    cli("hupall NORMAL_CLEARING", PHONES)
    return events.drain()


def att_xfer_return():
    """8101 asks 8102 (att_xfer) for three seconds; 8102 hangs up: the caller speaks to 8101 again."""
    events = EventSocket.connect().begin()
    _, agent = bridged(events)
    consult(events, agent)
    cli(f"uuid_kill {phone_of('8102')}", PHONES)
    events.wait("Event-Name: CHANNEL_BRIDGE")
    time.sleep(0.5)
    cli("hupall NORMAL_CLEARING", PHONES)
    return events.drain()


def park_and_bridge():
    """The caller is parked, which ends 8101's part, for three seconds, and is fetched by 8102."""
    events = EventSocket.connect().begin()
    caller, _ = bridged(events)
    events.command(f"api uuid_park {caller}")
    time.sleep(3)
    events.send(f"bgapi originate {{sidetone_agent=8102}}sofia/internal/8102@127.0.0.1:{PORT + 500} &park")
    fetches = field(events.wait("Event-Name: CHANNEL_PARK", "Call-Direction: outbound"), "Unique-ID")
    events.command(f"api uuid_bridge {caller} {fetches}")
    events.wait("Event-Name: CHANNEL_BRIDGE")
    time.sleep(0.5)
    cli("hupall NORMAL_CLEARING", PHONES)
    return events.drain()


def conference():
    """Caller and 8101 are moved into a conference; 8103 is called into it and leaves; the caller hangs up."""
    events = EventSocket.connect().begin()
    caller, _ = bridged(events)
    events.command(f"api uuid_transfer {caller} -both 3500 XML public")
    events.wait("Action: add-member", "Call-Direction: outbound")
    time.sleep(0.5)
    events.command("api show channels as json")
    events.command(f"api uuid_dump {caller}")
    events.send(f"bgapi originate {{sidetone_agent=8103}}sofia/internal/8103@127.0.0.1:{PORT + 500} 3500 XML public")
    events.wait("Action: add-member", "Caller-RDNIS: 8103")
    time.sleep(0.5)
    cli(f"uuid_kill {phone_of('8103')}", PHONES)
    events.wait("Action: del-member")
    time.sleep(0.5)
    cli("hupall NORMAL_CLEARING", PHONES)
    return events.drain()


def transferred_in_the_dialplan():
    """The dialplan moves the caller to an extension of another name before anybody asks who it is."""
    events = EventSocket.connect().begin()
    switch("call", PHONES, "PCMU", "12360")
    caller = created(events, "inbound")
    time.sleep(0.5)
    events.command(f"api uuid_dump {caller}")
    cli("hupall NORMAL_CLEARING", PHONES)
    return events.drain()


def refused_password():
    """A wrong password."""
    events = EventSocket.connect()
    events.wait("auth/request")
    events.command("auth wrong")
    return events.drain()


def switch_stops():
    """The switch is stopped (SIGTERM) in the middle of a call."""
    events = EventSocket.connect().begin()
    switch("call", PHONES, "PCMU", "8101")
    events.wait("Event-Name: CHANNEL_BRIDGE")
    time.sleep(0.3)
    stop = threading.Thread(target=switch, args=("stop", PBX))
    stop.start()
    events.drain()
    stop.join()
    switch("start", PBX)
    return events


# Outbound event socket ---------------------------------------------------------------------------

def outbound(extension, talk):
    """Listens where the dialplan connects to, lets a caller dial the extension, and talks to the switch."""
    with socket.create_server(("127.0.0.1", PORT + 2)) as listener:
        listener.settimeout(15)
        switch("call", PHONES, "PCMA", extension)
        stream, _ = listener.accept()
    with stream:
        events = EventSocket(stream)
        talk(events)
        return events.drain()


def outbound_async():
    """`socket HOST:PORT async full`: connect, own events, answer, a variable, playback, hang-up with linger."""
    def talk(events):
        uuid = field(events.command("connect"), "Unique-ID")
        events.command("linger 2")
        events.command("myevents")
        events.send("sendmsg\ncall-command: execute\nexecute-app-name: answer")
        events.wait("Event-Name: CHANNEL_EXECUTE_COMPLETE")
        events.command(f"api uuid_setvar {uuid} sidetone_text 你好")
        events.command("getvar sidetone_text")
        events.send("sendmsg\ncall-command: execute\nexecute-app-name: playback\n"
                    "execute-app-arg: tone_stream://%(200,0,440)\nEvent-UUID: 22222222-2222-3333-4444-555555555555")
        events.wait("Event-Name: CHANNEL_EXECUTE_COMPLETE", "22222222-2222-3333-4444-555555555555")
        events.send("sendmsg\ncall-command: hangup\nhangup-cause: NORMAL_CLEARING")
        events.wait("Event-Name: CHANNEL_HANGUP_COMPLETE")
    return outbound("12350", talk)


def outbound_sync():
    """`socket HOST:PORT full` (synchronous): connect, a variable, and back to the dialplan by closing."""
    def talk(events):
        uuid = field(events.command("connect"), "Unique-ID")
        events.command(f"api uuid_setvar {uuid} sidetone_intent pension")
        events.command("resume")
        events.command("exit")
    return outbound("12351", talk)


def outbound_hangup():
    """The caller hangs up while the socket waits: with linger the switch says so before it closes."""
    def talk(events):
        events.command("connect")
        events.command("linger 2")
        events.command("myevents")
        cli("hupall NORMAL_CLEARING", PHONES)
        events.wait("text/disconnect-notice")
    return outbound("12350", talk)


# Taps --------------------------------------------------------------------------------------------

class Tap:
    """A user agent that answers one INVITE with the codec that is offered and writes down what it sees."""

    def __init__(self, answer=200):
        self.answer, self.sip, self.rtp = answer, [], []
        self.signalling, self.media = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
        for endpoint in (self.signalling, self.media):
            endpoint.bind(("127.0.0.1", 0))
            endpoint.settimeout(0.2)
        self.port = self.signalling.getsockname()[1]
        self.started, self.running = time.monotonic(), True
        self.threads = [threading.Thread(target=run) for run in (self.signal, self.listen)]
        for thread in self.threads:
            thread.start()

    def now(self):
        return round((time.monotonic() - self.started) * 1000, 1)

    def signal(self):
        while self.running:
            try:
                request, peer = self.signalling.recvfrom(65536)
            except TimeoutError:
                continue
            self.sip.append(("in", self.now(), request))
            method = request.split(b" ", 1)[0]
            if method in (b"INVITE", b"BYE", b"CANCEL"):
                self.reply(request.decode(), method.decode(), peer)

    def reply(self, request, method, peer):
        kept = [line for line in request.split("\r\n\r\n")[0].split("\r\n")[1:]
                if line.split(":")[0] in ("Via", "From", "To", "Call-ID", "CSeq")]
        invite = method == "INVITE"
        status = self.answer if invite else 200
        kept = [line + ";tag=tap1" if line.startswith("To:") and ";tag=" not in line else line for line in kept]
        body = self.sdp(request) if invite and status == 200 else ""
        if invite:
            kept.append(f"Contact: <sip:tap@127.0.0.1:{self.port}>")
        if body:
            kept.append("Content-Type: application/sdp")
        text = "OK" if status == 200 else "Not Acceptable Here"
        kept = [f"SIP/2.0 {status} {text}", *kept, f"Content-Length: {len(body)}"]
        answer = ("\r\n".join(kept) + "\r\n\r\n" + body).encode()
        self.signalling.sendto(answer, peer)
        self.sip.append(("out", self.now(), answer))

    def sdp(self, offer):
        audio = next(line for line in offer.split("\r\n") if line.startswith("m=audio")).split(" ")
        kind = audio[3]
        about = [line for line in offer.split("\r\n") if line.startswith((f"a=rtpmap:{kind} ", f"a=fmtp:{kind} "))]
        return "\r\n".join(["v=0", "o=tap 1 1 IN IP4 127.0.0.1", "s=-", "c=IN IP4 127.0.0.1", "t=0 0",
                            f"m=audio {self.media.getsockname()[1]} RTP/AVP {kind}", *about, "a=ptime:20",
                            "a=recvonly", ""])

    def listen(self):
        while self.running:
            try:
                packet = self.media.recv(2048)
            except TimeoutError:
                continue
            self.rtp.append((self.now(), packet))

    def stop(self):
        self.running = False
        for thread in self.threads:
            thread.join()
        self.signalling.close()
        self.media.close()

    def dialogue(self):
        return b"".join(f"== {way} {when} ms {len(what)} bytes\n".encode() + what + b"\n"
                        for way, when, what in self.sip)

    def headers(self, last=0):
        first = self.rtp[0][0] if self.rtp else 0
        kept = self.rtp[:20 - last] + self.rtp[len(self.rtp) - last:]
        return "".join(f"{when - first:.1f} {packet[:12].hex()} {len(packet) - 12}\n" for when, packet in kept).encode()


def tap(codec, application="native_eavesdrop", offer=None, answer=200, change=None):
    """One caller, one agent, one tap on the caller's leg, ended by the switch as the caller hangs up.
    `change`: the caller's phone goes over to this codec in the middle, by re-INVITE."""
    watch = EventSocket.connect().begin("CHANNEL_CREATE CHANNEL_ANSWER CHANNEL_BRIDGE CHANNEL_HANGUP_COMPLETE BACKGROUND_JOB CODEC")
    phone = switch("call", PHONES, codec, "8101")
    uuid = created(watch, "inbound")
    watch.wait("Event-Name: CHANNEL_BRIDGE")
    time.sleep(1.0)
    listener = Tap(answer)
    argument = f"{uuid} read" if application == "native_eavesdrop" else uuid
    more = "" if application == "native_eavesdrop" else "eavesdrop_bridge_aleg=true,"
    watch.send(f"bgapi originate {{absolute_codec_string={offer or codec},ignore_early_media=true,"
               f"eavesdrop_enable_dtmf=false,{more}sip_h_X-Sidetone-Leg={uuid}}}"
               f"sofia/internal/tap@127.0.0.1:{listener.port} '&{application}({argument})'")
    watch.wait("Event-Name: BACKGROUND_JOB")
    time.sleep(1.5)
    if change:
        cli(f"uuid_media_reneg {phone} ={change}", PHONES)
        watch.wait("Event-Name: CODEC", f"Channel-Read-Codec-Name: {change}")
        time.sleep(1.5)
    cli("hupall NORMAL_CLEARING", PHONES)
    watch.drain()
    listener.stop()
    return watch, listener


def taps(folder, wanted):
    rows = [("native-pcmu", "PCMU", {}), ("native-pcma", "PCMA", {}), ("native-g722", "G722", {}),
            ("native-opus", "opus", {}),
            ("eavesdrop-l16", "PCMA", {"application": "eavesdrop", "offer": "L16@8000h@20i"}),
            ("eavesdrop-l16-16k", "G722", {"application": "eavesdrop", "offer": "L16@16000h@20i"}),
            ("native-refused", "PCMU", {"answer": 488}),
            ("native-pcma-to-pcmu", "PCMA", {"change": "PCMU"})]
    for name, codec, how in rows:
        if wanted and name not in wanted:
            continue
        print(name, flush=True)
        watch, listener = tap(codec, **how)
        write(folder, f"sip/{name}.sip", listener.dialogue())
        if listener.rtp:
            write(folder, f"rtp/{name}.rtp", listener.headers(10 if "change" in how else 0))
        if name in ("native-pcmu", "native-refused", "native-pcma-to-pcmu", "eavesdrop-l16"):
            write(folder, f"esl/tap-{name}.esl", watch.heard)


def write(folder, name, what):
    path = os.path.join(folder, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(what)


def main():
    folder, wanted = sys.argv[1], sys.argv[2:]
    os.environ["SIDETONE_SWITCH_PORT"] = str(PORT)
    switch("start", PBX)
    switch("phones", PHONES)
    switch("speech", PHONES, "unemployment-benefit")
    try:
        for session in (bridged_call, queue_call, queue_abandoned, queue_refused, agent_status, hold, uuid_transfer, refer_blind, refer_attended, att_xfer_transfer,
                        att_xfer_return, park_and_bridge, conference, transferred_in_the_dialplan, refused_password,
                        outbound_async, outbound_sync, outbound_hangup, switch_stops):
            name = session.__name__.replace("_", "-")
            if wanted and name not in wanted:
                continue
            print(name, flush=True)
            write(folder, f"esl/{name}.esl", session().heard)
            cli("hupall")
            time.sleep(0.5)
        taps(folder, wanted)
    finally:
        switch("stop", PHONES)
        switch("stop", PBX)


main()
