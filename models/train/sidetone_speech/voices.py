"""Stage `voices`: the sentences spoken by Kokoro's Mandarin voices, 16 kHz, one WAV and one line of labels each.

Six Mandarin voices, mixtures of two of them, and mixtures with up to 45 % of a voice of another language: many speakers
out of few. Two Mandarin voices never speak here, nor in any mixture: they are the test's. May be stopped and started at will; several
processes may share the work (`--part 0/2`). Uses the corpus's own front end and model.
"""

from __future__ import annotations

import importlib.util
import json
import random
import re
import tarfile
import time
import wave
from pathlib import Path

import numpy as np

from .places import CORPUS, work, write_whole

HELD_OUT = ("zf_xiaoni", "zm_yunxia")
VOICES = ("zf_xiaobei", "zf_xiaoxiao", "zf_xiaoyi", "zm_yunjian", "zm_yunxi", "zm_yunyang")
SPEEDS = (0.9, 1.55)  # people on the telephone talk fast
RATE = 16_000


def corpus_module():
    spec = importlib.util.spec_from_file_location("synthesize", CORPUS / "synthesize.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def other_styles(corpus) -> dict[str, np.ndarray]:
    """The voices of other languages, out of the archive that the corpus has fetched."""
    styles = {}
    with tarfile.open(next(corpus.CACHE.glob("kokoro-js-*.tgz"))) as archive:
        for member in archive.getmembers():
            found = re.fullmatch(r"package/voices/([a-y][fm]_\w+)\.bin", member.name)
            if found:
                styles[found[1]] = np.frombuffer(archive.extractfile(member).read(), "<f4").reshape(-1, 1, 256)
    return styles


def style_for(index: int, others: list[str]) -> tuple[list[tuple[str, float]], float]:
    """Which voices speak sentence `index`, with their weights, and how fast: drawn by the index alone."""
    rng = random.Random(f"voice-{index}")
    speed = round(rng.uniform(*SPEEDS), 2)
    kind = rng.random()
    if kind < 0.25:
        return [(VOICES[index % len(VOICES)], 1.0)], speed
    if kind < 0.6:
        share = round(rng.uniform(0.2, 0.45), 2)
        return [(rng.choice(VOICES), round(1 - share, 2)), (rng.choice(others), share)], speed
    first, second = rng.sample(VOICES, 2)
    share = round(rng.uniform(0.25, 0.75), 2)
    return [(first, share), (second, round(1 - share, 2))], speed


def speak(engine, corpus, text: str, mix: list[tuple[str, float]], speed: float) -> np.ndarray:
    """16 kHz samples in -1..1, silence cut to 0.1 s on both sides."""
    tokens = [engine.vocabulary[s] for s in corpus.phonemes(text) if s in engine.vocabulary]
    style = sum(engine.styles[name][len(tokens)] * share for name, share in mix).astype(np.float32)
    inputs = {
        "tokens": np.array([[0, *tokens, 0]], np.int64),
        "style": style,
        "speed": np.array([speed], np.float32),
    }
    samples = engine.session.run(None, inputs)[0].reshape(-1).astype(np.float64)
    samples, begin, end = corpus.level(corpus.to_16k(samples))
    return samples[max(0, begin - RATE // 10) : end + RATE // 10]


def write_wav(path: Path, samples: np.ndarray) -> None:
    part = path.with_suffix(".part")
    with part.open("wb") as raw, wave.open(raw, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(np.clip(np.round(samples * 32767), -32768, 32767).astype("<i2").tobytes())
    part.rename(path)


def run(part: str = "0/1", first: int = 0, limit: int | None = None) -> None:
    corpus = corpus_module()
    corpus.CACHE.mkdir(parents=True, exist_ok=True)
    engine = corpus.Voice()
    others = other_styles(corpus)
    engine.styles |= others
    rows = [json.loads(line) for line in work("text.jsonl").read_text(encoding="utf-8").splitlines()][:limit]
    which, of = map(int, part.split("/"))
    folder = work("voices", "x").parent
    began, spoken_s, made = time.monotonic(), 0.0, 0
    for index in range(first + which, len(rows), of):
        label = folder / f"{index:05}.json"
        if label.exists():
            continue
        mix, speed = style_for(index, sorted(others))
        samples = speak(engine, corpus, rows[index]["text"], mix, speed)
        write_wav(folder / f"{index:05}.wav", samples)
        row = {**rows[index], "voice": mix, "speed": speed, "seconds": round(samples.size / RATE, 3)}
        write_whole(label, json.dumps(row, ensure_ascii=False).encode())
        spoken_s, made = spoken_s + samples.size / RATE, made + 1
        if made % 20 == 0:
            rtf = (time.monotonic() - began) / spoken_s
            print(f"sentence {index + 1} of {len(rows)}: {spoken_s / 60:.1f} min made, {rtf:.2f} s each second", flush=True)
