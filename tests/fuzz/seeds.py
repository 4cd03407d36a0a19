#!/usr/bin/env python3
"""Writes tests/fuzz/seeds anew: from the golden sessions of a real FreeSWITCH, and by hand for the rest."""

import pathlib
import re
import struct

HERE = pathlib.Path(__file__).parent
GOLDEN = HERE / "../../telephony/freeswitch/tests/golden"
TAP = "11111111-2222-4333-8444-555555555555"


def write(target, name, data, cut=None):
    folder = HERE / "seeds" / target
    folder.mkdir(parents=True, exist_ok=True)
    prefix = b"" if cut is None else bytes([cut])
    (folder / name).write_bytes(prefix + data)


def datagrams(path):
    data, out = path.read_bytes(), []
    while data:
        head, data = data.split(b"\n", 1)
        _, way, _, _, size, _ = head.split()
        out.append((way, data[: int(size)]))
        data = data[int(size) + 1 :]
    return out


def crlf(*lines):
    return "\r\n".join((*lines, "", "")).encode()


for path in sorted((GOLDEN / "esl").glob("*.esl")):
    if path.stem in ("refused-password", "hold", "tap-native-refused"):
        write("esl", path.stem, path.read_bytes()[:6000], cut=7)
write("esl", "two-messages", b"Content-Type: auth/request\n\nContent-Type: command/reply\nReply-Text: +OK accepted\n\n", cut=1)

for path in sorted((GOLDEN / "sip").glob("*.sip")):
    heard = [data for way, data in datagrams(path) if way == b"in"]
    text = b"\0".join(heard)
    asked = f"X-Sidetone-Leg: {TAP}\r\nX-Sidetone-Tap: {TAP}\r\n".encode()
    text = re.sub(rb"(?m)^X-Sidetone-Leg: .*\r\n", asked, text)
    write("sip", path.stem, text[:4000])
    bodies = [data.split(b"\r\n\r\n", 1)[1] for data in heard if b"\r\n\r\n" in data]
    body = next((body for body in bodies if body.strip()), None)
    if body:
        write("sdp", path.stem, body)

for path in sorted((GOLDEN / "rtp").glob("*.rtp")):
    packets = b""
    for line in path.read_text().splitlines()[:6]:
        _, head, size = line.split()
        packet = bytes.fromhex(head) + bytes(int(size))
        packets += struct.pack(">H", len(packet)) + packet
    write("rtp", path.stem, packets[:2500])

packet = bytes.fromhex("8000000100000064deadbeef") + bytes(30)
write("srtp", "good-key", b"\0\0" + packet)
line = b"AES_CM_128_HMAC_SHA1_32 inline:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5|2^20|1:4"
write("srtp", "signalled", struct.pack(">H", len(line)) + line + packet)

banner = b"Asterisk Call Manager/9.0.0\r\n"
write("ami", "login", banner + crlf("Response: Success", "ActionID: 1", "Message: Authentication accepted"), cut=5)
event = crlf("Event: BridgeEnter", "BridgeUniqueid: b1", "Channel: PJSIP/8001-00000001", "Uniqueid: pbx-1.0", "Linkedid: pbx-1.0")
write("ami", "event", banner + event + event, cut=3)
frames = b"\x01\x00\x10" + bytes(range(16)) + b"\x10\x00\x08" + bytes(8) + b"\x12\x00\x04" + bytes(4) + b"\x00\x00\x00"
write("audiosocket", "call", frames, cut=2)
write("audiosocket", "error", b"\xff\x00\x01\x01", cut=1)
environment = "\n".join(
    [
        "agi_network: yes",
        "agi_network_script: listen?timeout=5000",
        "agi_request: agi://127.0.0.1:4573/listen?timeout=5000",
        "agi_channel: PJSIP/8001-00000001",
        "agi_uniqueid: pbx-1.0",
        "agi_callerid: 057155550101",
        "agi_dnid: 12333",
        "",
        "",
    ]
)
write("fastagi", "listen", environment.encode() + b"200 result=1\n200 result=1 (12333)\nHANGUP\n", cut=9)
write("fastagi", "words", environment.replace("8001", '"}${SHELL(x)}\\').encode() + b"510 Invalid\n", cut=4)
setup = '{"request":"setup","id":"1","version":"1.0.0","codecs":[{"name":"ulaw"}],"params":[]}'
get = '{"request":"get","id":"2","params":["results"]}'
put = '{"request":"set","id":"3","params":{"results":[]}}'
write("aeap", "session", b"\0".join([setup.encode(), b"~" + bytes([255, 127] * 40), get.encode(), put.encode()]))
write("aeap", "response", b'{"response":"setup","id":"1","error_msg":"no"}')


def frame(kind, payload):
    return b"st" + struct.pack("<BBI", 2, kind, len(payload)) + payload


def word(text):
    return struct.pack("<H", len(text)) + text.encode()


hello = frame(1, word("1.0") + word("pbx") + word(TAP))
start = frame(2, word(TAP) + word(TAP) + b"\0" + word("8001") + word("12333") + word("12333") + struct.pack("<IH", 8000, 100))
audio = frame(3, word(TAP) + b"\0" + struct.pack("<IQQIH", 8000, 0, 20000, 0, 4) + bytes(8))
ask = frame(7, word(TAP) + struct.pack("<QBII", 1, 0, 5000, 25000))
stop = frame(4, word(TAP) + b"\0" + struct.pack("<QQ", 1, 0))
write("modwire", "leg", hello + start + audio + ask + stop, cut=6)
variables = word("text") + word("失业金") + word("slots") + word("{}")
write("modwire", "answer", frame(65, struct.pack("<QBB", 1, 0, 2) + variables), cut=6)
wave = b"RIFF\x34\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x40\x1f\x00\x00\x80\x3e\x00\x00\x02\x00\x10\x00data\x10\x00\x00\x00" + bytes(16)
write("recording", "wav", wave)


def chunk(name, body):
    return name + struct.pack("<I", len(body)) + body + bytes(len(body) % 2)


def wav(tag, width, data, head=b"RIFF", extended=False, said=None):
    form = struct.pack("<HHIIHH", 0xFFFE if extended else tag, 1, 8000, 8000 * width, width, width * 8)
    if extended:
        form += struct.pack("<HHIH", 22, width * 8, 0, tag) + bytes.fromhex("000000001000800000aa00389b71")
    sizes = chunk(b"ds64", struct.pack("<QQQI", 0, len(data), 0, 0)) if head == b"RF64" else b""
    body = sizes + chunk(b"LIST", b"odd") + chunk(b"fmt ", form)
    return head + b"\xff\xff\xff\xffWAVE" + body + b"data" + struct.pack("<I", len(data) if said is None else said) + data


write("recording", "wav-alaw", wav(6, 1, bytes(range(40))))
write("recording", "wav-u8", wav(1, 1, bytes(range(40))))
write("recording", "wav-24", wav(1, 3, bytes(range(60)), extended=True))
write("recording", "wav-float", wav(3, 4, struct.pack("<8f", *[n / 8 for n in range(8)])))
write("recording", "wav-double", wav(3, 8, struct.pack("<4d", 0.5, -0.5, float("nan"), 9.0)))
write("recording", "wav-rf64", wav(1, 2, bytes(range(40)), head=b"RF64", said=0xFFFFFFFF))
write("recording", "wav-unwritten", wav(1, 2, bytes(range(200, 240)), said=0))


def rtp(sender, n):
    return struct.pack(">BBHII", 0x80, 8, n, n * 160, sender) + bytes([sender, n] * 12)


def udp(sender, receiver, payload):
    return struct.pack(">HHHH", 4000 + sender, 4000 + receiver, 8 + len(payload), 0) + payload


def v4(sender, receiver, body, protocol=17):
    return struct.pack(">BBHIBBH", 0x45, 0, 20 + len(body), 0x4000, 64, protocol, 0) + bytes([192, 0, 2, sender, 192, 0, 2, receiver]) + body


def v6(sender, receiver, body):
    address = bytes.fromhex("20010db8") + bytes(11)
    options = bytes([17, 0, 5, 2, 0, 0, 1, 0])
    return struct.pack(">IHBB", 0x60000000, 8 + len(body), 0, 64) + address + bytes([sender]) + address + bytes([receiver]) + options + body


def capture(link, wrap, step=0, sdp=None):
    out = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, link)
    frames = [] if sdp is None else [(0, wrap(1, 2, sdp))]
    frames += [(20_000 * n + (step if n > 5 else 0), wrap(a, b, rtp(a, n))) for n in range(12) for a, b in ((1, 2), (2, 1))]
    for at, data in frames:
        at += 10**9 * 1_000_000
        out += struct.pack("<IIII", at // 1_000_000, at % 1_000_000, len(data), len(data)) + data
    return out


def plain(a, b, payload):
    return v4(a, b, udp(a, b, payload))


offer = b"INVITE sip:12333@192.0.2.2 SIP/2.0\r\n\r\nc=IN IP4 192.0.2.1\r\nm=audio 4001 RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\n"
write("recording", "pcap", capture(1, lambda *x: bytes(12) + b"\x08\0" + plain(*x), sdp=offer))
write("recording", "pcap-clock", capture(101, plain, step=-9_000_000))
write("recording", "pcap-vlan", capture(1, lambda *x: bytes(12) + bytes.fromhex("88a8000981000007") + b"\x08\0" + plain(*x)))
write("recording", "pcap-ipv6", capture(101, lambda a, b, p: v6(a, b, udp(a, b, p))))
write("recording", "pcap-cooked", capture(276, lambda *x: b"\x08\0" + bytes(18) + plain(*x)))
write("recording", "pcap-gre", capture(101, lambda *x: v4(8, 9, b"\0\0\x08\0" + plain(*x), 47)))
write("recording", "opus", (HERE / "../corpus/calls").resolve().glob("*.opus").__next__().read_bytes()[:1500])
