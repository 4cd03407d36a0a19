"""Stage `words`: human recordings of words, out of a checkout of hugolpz/audio-cmn (CC-BY-SA), at 16 kHz without silence.

    python3 models/train/train.py words --words DIR

Reads DIR/64k/hsk/cmn-<word>.mp3 and DIR/64k/syllabs/cmn-<syllable>.mp3; fetches nothing.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np

from .pinyin import SYLLABLE, readable, syllables
from .places import work
from .tokens import numbers

RATE = 16_000
MARGIN_S = 0.03


def trimmed(samples: np.ndarray) -> np.ndarray:
    """Without what is 35 dB below the loud part on both sides; at -23 dBFS."""
    frame = RATE // 100
    frames = samples[: samples.size // frame * frame].reshape(-1, frame)
    power = np.sqrt((frames**2).mean(axis=1))
    loud = np.flatnonzero(power > 0.018 * np.percentile(power, 95))
    if loud.size < 10:
        return samples[:0]
    margin = int(MARGIN_S * RATE)
    begin, end = loud[0] * frame - margin, (loud[-1] + 1) * frame + margin
    active = power[power > 0.05 * np.percentile(power, 95)]
    return samples[max(0, begin) : end] * (10 ** (-23 / 20) / np.sqrt((active**2).mean()))


def read(path: Path) -> np.ndarray:
    import soundfile
    from scipy.signal import resample_poly

    samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    common = np.gcd(rate, RATE)
    return resample_poly(samples.mean(axis=1), RATE // common, rate // common)


def run(words: Path) -> None:
    """Writes `words.npy` (int16, all clips in a row) and `words.json` [[name, begin, end, [syllable, …]], …]."""
    known, rows, pieces, at = numbers(), [], [], 0
    files = sorted(words.glob("64k/hsk/cmn-*.mp3")) + sorted(words.glob("64k/syllabs/cmn-*.mp3"))
    if not files:
        raise SystemExit(f"{words}: no 64k/hsk/cmn-*.mp3; it must be a checkout of hugolpz/audio-cmn")
    for done, path in enumerate(files):
        name = path.stem.removeprefix("cmn-")
        sounds = [name.replace("ü", "v")] if SYLLABLE.match(name) else syllables(name) if readable(name) else []
        if not sounds or any(s not in known for s in sounds):
            continue
        try:
            clip = trimmed(read(path))
        except RuntimeError as error:
            print(f"{path.name}: {error}", flush=True)
            continue
        if not 0.15 * len(sounds) * RATE < clip.size < (0.5 + len(sounds)) * RATE:
            continue
        pieces.append(np.clip(np.round(clip * 32767), -32768, 32767).astype(np.int16))
        rows.append([name, at, at + clip.size, sounds])
        at += clip.size
        if done % 1000 == 0:
            print(f"clip {done} of {len(files)}", flush=True)
    np.save(work("words.npy"), np.concatenate(pieces))
    work("words.json").write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")
    print(f"{len(rows)} clips, {at / RATE / 3600:.2f} h, {len({s for r in rows for s in r[3]})} tonal syllables")
