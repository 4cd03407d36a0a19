"""Stage `evaluate`: gives the test sets to sherpa-onnx, as Sidetone does, and counts syllable errors.

A model that writes no tones is compared on toneless syllables alone. A stream is fed by 20 ms; latency counts the sound
that had to be fed before the first token came, so that it does not depend on the machine. `whole.onnx` reads each clip at
once; Sidetone gives it the newest stretch again and again, which `cargo xtask bench speech` measures.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

from . import testsets
from .pinyin import toneless
from .places import TARGET, work
from .scoring import distance
from .testsets import RATE, Sample

PACKET_S, TAIL_S = 0.02, 1.0
# What lies before and behind a clip that is read at once, as `src/asr` has it; and the two samples that tell the scale.
QUIET_BEFORE_S, QUIET_BEHIND_S, SCALE = 0.3, 0.2, (1.0, -1.0)
FRAME = 640

Heard = tuple[list[str], float | None, float]


def recogniser(model: Path, tokens: Path):
    import sherpa_onnx

    return sherpa_onnx.OnlineRecognizer.from_zipformer2_ctc(
        tokens=str(tokens), model=str(model), num_threads=1, sample_rate=16000, feature_dim=80
    )


def whole_recogniser(model: Path, tokens: Path):
    import sherpa_onnx

    return sherpa_onnx.OfflineRecognizer.from_omnilingual_asr_ctc(model=str(model), tokens=str(tokens), num_threads=1)


def whole(engine, samples: np.ndarray, rate: int) -> Heard:
    """As `stream`; nothing is heard before the end."""
    from scipy.signal import resample_poly

    began = time.process_time()
    wide = resample_poly(samples, RATE, rate) if rate != RATE else samples
    before, behind = int(QUIET_BEFORE_S * RATE), int(QUIET_BEHIND_S * RATE)
    fed = np.pad(wide, (before, behind + -(before + wide.size + behind) % FRAME)).astype(np.float32)
    session = engine.create_stream()
    session.accept_waveform(RATE, np.concatenate([np.float32(SCALE), fed]))
    engine.decode_stream(session)
    return [token.rstrip("_") for token in session.result.tokens], None, time.process_time() - began


def stream(engine, samples: np.ndarray, rate: int) -> Heard:
    """Syllables, seconds of sound before the first of them, seconds of work."""
    began, first = time.process_time(), None
    session, packet = engine.create_stream(), int(PACKET_S * rate)
    fed = np.concatenate([samples, np.zeros(int(TAIL_S * rate))]).astype(np.float32)
    for at in range(0, fed.size, packet):
        session.accept_waveform(rate, fed[at : at + packet])
        worked = False
        while engine.is_ready(session):
            engine.decode_stream(session)
            worked = True
        if worked and first is None and engine.get_result(session):
            first = (at + packet) / rate
    text = engine.get_result(session)
    return [s for s in text.replace(" ", "").split("_") if s], first, time.process_time() - began


def percent(part: float, whole: float) -> float:
    return round(100 * part / max(1, whole), 1)


def measure(hear: Callable[..., Heard], samples: list[Sample], narrow: bool, tonal: bool) -> dict[str, float | None]:
    wrong = bare = total = 0
    work_s = sound_s = 0.0
    after_onset, after_word = [], []
    for one in samples:
        fed, rate = (testsets.narrow(one.samples), 8000) if narrow else (one.samples, RATE)
        found, first, cost = hear(fed, rate)
        wrong += distance(one.syllables, found)
        bare += distance([toneless(s) for s in one.syllables], [toneless(s) for s in found])
        total += len(one.syllables)
        work_s, sound_s = work_s + cost, sound_s + fed.size / rate + TAIL_S
        if first is not None:
            after_onset.append(first - one.onset_s)
            after_word.append(first - one.first_word_s)
    late = lambda values, q: round(1000 * float(np.percentile(values, q))) if values else None
    return {
        "clips": len(samples),
        "syllables": total,
        "ser_toneless": percent(bare, total),
        "ser_tonal": percent(wrong, total) if tonal else None,
        "first_after_onset_ms_p50": late(after_onset, 50),
        "first_after_onset_ms_p95": late(after_onset, 95),
        "first_after_word_ms_p50": late(after_word, 50),
        "first_after_word_ms_p95": late(after_word, 95),
        "rtf": round(work_s / sound_s, 3),
    }


def false_output(hear: Callable[..., Heard]) -> dict[str, str]:
    """What was heard where nothing was said."""
    sets = testsets.silent()
    heard = {one.name: hear(testsets.narrow(one.samples), 8000)[0] for one in sets}
    seconds = sum(one.samples.size for one in sets) / RATE
    spoken = {name: " ".join(found) for name, found in heard.items() if found}
    return {"seconds": f"{seconds:.0f}", "syllables": str(sum(map(len, heard.values()))), **spoken}


def run(real: Path | None = None, also: list[str] | None = None, model: Path | None = None, quick: bool = False) -> None:
    """Prints and keeps `evaluation.json`; `also` names further models to compare, MODEL,TOKENS each."""
    ours = model or TARGET / "model.int8.onnx"
    streams = {"ours": (ours, ours.with_name("tokens.txt"))}
    streams |= {Path(pair.split(",")[0]).name: tuple(map(Path, pair.split(","))) for pair in also or []}
    models = {name: (partial(stream, recogniser(*files)), files[1]) for name, files in streams.items()}
    if (file := ours.with_name("whole.onnx")).is_file():
        tokens = ours.with_name("tokens.txt")
        models["ours, read at once"] = (partial(whole, whole_recogniser(file, tokens)), tokens)
    sets = {"real": testsets.real(real)} if real else {}
    if not quick:
        sets["unheard voices"] = testsets.calls()
    result: dict[str, dict] = {}
    for name, (hear, tokens) in models.items():
        tonal = any(digit in tokens.read_text(encoding="utf-8").splitlines()[1].split()[0] for digit in "12345")
        result[name] = {}
        for title, samples in sets.items():
            for band in (False, True):
                key = f"{title}, {'A-law 8 kHz' if band else '16 kHz'}"
                result[name][key] = measure(hear, samples, band, tonal)
                print(name, key, json.dumps(result[name][key]), flush=True)
        if not quick:
            result[name]["no speech"] = false_output(hear)
            print(name, "no speech", result[name]["no speech"], flush=True)
    work("evaluation.json").write_text(json.dumps(result, ensure_ascii=False, indent=1), encoding="utf-8")
