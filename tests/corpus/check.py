#!/usr/bin/env python3
"""Checks the corpus: scripts, and audio where it is there. Needs Python 3.11, nothing else.

    python3 tests/corpus/check.py            # scripts, and every sound file that exists
    python3 tests/corpus/check.py --audio    # a missing sound file is a fault too
"""

import re
import sys
import tomllib
from pathlib import Path

CALLS = Path(__file__).parent / "calls"
LIMIT_BYTES = 5_000_000
TOPICS = set(
    "flexible_employment social_card personal_pension pension_transfer unemployment_benefit "
    "contract_termination work_injury minimum_wage contribution_base retirement "
    "survivor_disability employment_subsidy titles_exams labour_dispute".split()
)
INTENTS = set(
    "eligibility amount procedure materials deadline location status complaint definition other".split()
)
KINDS = set("answer policy case compare channel history calc script risk".split())
PII = {"id_card", "phone", "bank_card"}
SUBJECTS = {"个人", "在职职工", "失业人员", "灵活就业人员", "家属", "用人单位"}
REQUESTS = {"咨询", "办理", "投诉", "查询", "求助"}
SATISFACTION = {"satisfied", "neutral", "dissatisfied"}
VOICES = {
    "zf_xiaobei", "zf_xiaoni", "zf_xiaoxiao", "zf_xiaoyi",
    "zm_yunjian", "zm_yunxi", "zm_yunxia", "zm_yunyang",
}
DIGIT = dict(zip("零幺二三四五六七八九", "0123456789"))
WRITTEN_ONLY = re.compile(r"[0-9A-Za-z%]")


def id_card_is_valid(number: str) -> bool:
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(int(d) * w for d, w in zip(number, weights))
    return len(number) == 18 and number[17] == "10X98765432"[total % 11]


def luhn_is_valid(number: str) -> bool:
    doubled = [int(d) * (1 + i % 2) for i, d in enumerate(reversed(number))]
    return sum(d // 10 + d % 10 for d in doubled) % 10 == 0


def secret_is_valid(kind: str, value: str) -> bool:
    if kind == "id_card":
        # Nobody alive was born in 1900: the number is well formed and nobody's.
        return id_card_is_valid(value) and value[6:10] == "1900"
    if kind == "bank_card":
        return luhn_is_valid(value)
    return re.fullmatch(r"154\d{8}", value) is not None  # 154 is not assigned to any network


def check_turn(turn: dict, say) -> None:
    allowed = {"role", "text", "spoken", "pause_ms", "small_talk", "pii", "expect"}
    if set(turn) - allowed:
        say(f"unknown keys {set(turn) - allowed}")
    if turn.get("role") not in {"caller", "agent"}:
        say("role is caller or agent")
    if not turn.get("text") or not isinstance(turn.get("pause_ms"), int):
        say("text and pause_ms are required")
    if WRITTEN_ONLY.search(turn["text"]) and "spoken" not in turn:
        say("digits in text need spoken")
    if WRITTEN_ONLY.search(turn.get("spoken", "")):
        say("spoken is characters only")
    if set(turn.get("pii", [])) - PII:
        say("unknown pii")
    expects = turn.get("expect", [])
    if turn["role"] == "agent" and (expects or "small_talk" in turn):
        say("only caller turns carry expectations")
    if expects and turn.get("small_talk"):
        say("small talk expects nothing")
    for expect in expects:
        if set(expect) - {"topic", "intent", "intent_also", "kinds", "must_contain"}:
            say(f"unknown keys in {expect}")
        intents = {expect["intent"], *expect.get("intent_also", [])}
        if expect["topic"] not in TOPICS or intents - INTENTS or set(expect["kinds"]) - KINDS or not expect["kinds"]:
            say(f"unknown words in {expect}")


def check_secret(secret: dict, turns: list, say) -> None:
    kind, value = secret["kind"], secret["value"]
    if not secret_is_valid(kind, value):
        say(f"{kind} {value} is not a valid invented number")
    written = "".join("".join(re.findall(r"[0-9]", turns[i]["text"])) for i in secret["turns"])
    spoken = "".join(DIGIT.get(c, "") for i in secret["turns"] for c in turns[i]["spoken"])
    if written != value or spoken != value:
        say(f"{kind}: written {written} spoken {spoken} value {value}")
    if any(kind not in turns[i].get("pii", []) for i in secret["turns"]):
        say(f"{kind}: its turns do not say so")


def check_script(path: Path, say) -> dict:
    call = tomllib.loads(path.read_text(encoding="utf-8"))
    expected = {"name", "title", "as_of", "region", "topics", "caller", "agent", "wrapup", "turn"}
    if set(call) - {"secret"} != expected:
        say(f"keys differ: {set(call) ^ expected}")
    if call["name"] != path.stem or call["as_of"] != "2026-03-02" or call["region"] != "370500":
        say("name, as_of or region")
    if {call["caller"]["voice"], call["agent"]["voice"]} - VOICES or call["caller"]["voice"] == call["agent"]["voice"]:
        say("voices")
    if not re.fullmatch(r"154000001\d\d|0546-55501\d\d", call["caller"]["number"]):
        say("number outside the invented ranges")
    turns = call["turn"]
    for index, turn in enumerate(turns):
        check_turn(turn, lambda fault, index=index: say(f"turn {index}: {fault}"))
    for secret in call.get("secret", []):
        check_secret(secret, turns, say)
    if any("pii" in t for t in turns) and "secret" not in call:
        say("pii without a secret")
    asked = {e["topic"] for t in turns for e in t.get("expect", [])}
    if asked != set(call["topics"]):
        say(f"topics {call['topics']} but asked about {sorted(asked)}")
    if [a["role"] for a in turns] != [("agent", "caller")[i % 2] for i in range(len(turns))] or not 8 <= len(turns) <= 14:
        say(f"{len(turns)} turns, or they do not alternate from the agent on")
    wrapup = call["wrapup"]
    if set(wrapup) != {"subject", "request_type", "policies", "todos", "risks", "satisfaction"}:
        say("wrapup keys")
    if wrapup["subject"] not in SUBJECTS or wrapup["request_type"] not in REQUESTS:
        say("wrapup words")
    if wrapup["satisfaction"] not in SATISFACTION:
        say("wrapup satisfaction")
    return call


def ogg_samples(path: Path) -> int:
    """Length at 48 kHz: granule position of the last page, less the pre-skip of the header."""
    data = path.read_bytes()
    last = data.rfind(b"OggS")
    granule = int.from_bytes(data[last + 6 : last + 14], "little")
    head = data.index(b"OpusHead")
    return granule - int.from_bytes(data[head + 10 : head + 12], "little")


def check_audio(path: Path, call: dict, required: bool, say) -> None:
    legs = [path.with_suffix(f".{role}.opus") for role in ("caller", "agent")]
    timeline = path.with_suffix(".timeline.tsv")
    there = [p for p in (*legs, timeline) if p.exists()]
    if len(there) != 3:
        if required or there:
            say("sound or timeline is missing: run synthesize.py")
        return
    lengths = [ogg_samples(p) for p in legs]
    if lengths[0] != lengths[1]:
        say(f"legs differ in length: {lengths}")
    if not 35 <= lengths[0] / 48000 <= 85:
        say(f"{lengths[0] / 48000:.1f} s long")
    rows = [line.split("\t") for line in timeline.read_text().splitlines()]
    if rows[0] != ["turn", "role", "begin_ms", "end_ms"] or len(rows) != len(call["turn"]) + 1:
        say("timeline does not fit the script")
        return
    before = 0
    for (index, role, begin, end), turn in zip(rows[1:], call["turn"]):
        chars = len(re.findall(r"[一-鿿]", turn.get("spoken", turn["text"])))
        pace = chars / (int(end) - int(begin)) * 1000
        if role != turn["role"] or int(begin) <= before or not 2.2 <= pace <= 8.0:
            say(f"turn {index}: {role} {begin}-{end}, {pace:.1f} characters a second")
        before = int(end)
    if before * 48 > lengths[0]:
        say("timeline runs past the end")


def main() -> int:
    faults: list[str] = []
    required = "--audio" in sys.argv[1:]
    calls = []
    for path in sorted(CALLS.glob("*.toml")):
        say = lambda fault, path=path: faults.append(f"{path.stem}: {fault}")
        calls.append(check_script(path, say))
        check_audio(path, calls[-1], required, say)
    covered = {topic for call in calls for topic in call["topics"]}
    if covered != TOPICS:
        faults.append(f"no call about {sorted(TOPICS - covered)}")
    if sum(len(call["topics"]) > 1 for call in calls) < 4 or sum("secret" in call for call in calls) < 2 or len(calls) < 12:
        faults.append("too few calls, with two topics or with personal data")
    size = sum(p.stat().st_size for p in CALLS.iterdir())
    if size > LIMIT_BYTES:
        faults.append(f"{size} bytes, more than {LIMIT_BYTES}")
    print("\n".join(faults) or f"{len(calls)} calls, {sum(len(c['turn']) for c in calls)} turns, {size} bytes: in order")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
