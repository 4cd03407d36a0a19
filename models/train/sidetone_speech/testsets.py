"""What the model is measured on: real clips, scripted calls in voices never trained on, sounds without speech."""

from __future__ import annotations

import subprocess
import tomllib
import wave
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.signal import resample_poly

from . import noises
from .augment import a_law
from .clips import seeded
from .pinyin import syllables
from .places import CORPUS
from .voices import HELD_OUT

RATE = 16_000


@dataclass(frozen=True)
class Sample:
    """16 kHz samples in -1..1 and the syllables in them (none: nothing may be heard)."""

    name: str
    samples: np.ndarray
    syllables: tuple[str, ...]
    onset_s: float
    first_word_s: float  # end of the first word, from the clip's beginning


def narrow(samples: np.ndarray) -> np.ndarray:
    """8 kHz through A-law; still at 8 kHz."""
    return a_law(np.clip(resample_poly(samples, 1, 2), -1, 1))


def spoken_span(samples: np.ndarray) -> tuple[float, float]:
    """First and last moment that is loud, in seconds."""
    frame = RATE // 100
    power = np.sqrt((samples[: samples.size // frame * frame].reshape(-1, frame) ** 2).mean(axis=1))
    loud = np.flatnonzero(power > 0.06 * np.percentile(power, 95))
    return loud[0] / 100, (loud[-1] + 1) / 100


def sample(name: str, samples: np.ndarray, text: str, span: tuple[float, float] | None = None) -> Sample:
    """The first word's end is reckoned from its share of the syllables: the voices keep an even pace."""
    import jieba

    begin, end = span or spoken_span(samples)
    sounds = syllables(text)
    word = len(syllables(next(iter(jieba.lcut(text)))))
    return Sample(name, samples, tuple(sounds), begin, begin + (end - begin) * word / max(1, len(sounds)))


def real(folder: Path) -> list[Sample]:
    """WAV clips at 16 kHz and `refs.tsv`: name, transcript."""
    found = []
    for line in (folder / "refs.tsv").read_text(encoding="utf-8").splitlines():
        name, text = line.split("\t")
        with wave.open(str(folder / f"{name}.wav")) as file:
            samples = np.frombuffer(file.readframes(file.getnframes()), "<i2") / 32768.0
        found.append(sample(name, samples, text))
    return found


def decoded(path: Path) -> np.ndarray:
    raw = subprocess.run(["opusdec", "--quiet", "--rate", str(RATE), path, "-"], check=True, capture_output=True)
    return np.frombuffer(raw.stdout, "<i2") / 32768.0


def calls() -> list[Sample]:
    """Every turn that a held-out voice speaks in the scripted test calls."""
    found = []
    for path in sorted((CORPUS / "calls").glob("*.toml")):
        call = tomllib.loads(path.read_text(encoding="utf-8"))
        rows = [line.split("\t") for line in path.with_suffix(".timeline.tsv").read_text().splitlines()[1:]]
        for role in ("caller", "agent"):
            if call[role]["voice"] not in HELD_OUT:
                continue
            leg = decoded(path.with_name(f"{path.stem}.{role}.opus"))
            for index, who, begin_ms, end_ms in rows:
                if who != role:
                    continue
                begin, end, turn = int(begin_ms) / 1000, int(end_ms) / 1000, call["turn"][int(index)]
                piece = leg[max(0, int((begin - 0.3) * RATE)) : int((end + 0.2) * RATE)]
                text = turn.get("spoken", turn["text"])
                found.append(sample(f"{path.stem}.{index}", piece, text, (0.3, 0.3 + end - begin)))
    return found


def silent(seconds: float = 20.0) -> list[Sample]:
    """Silence, hiss, street, mains, music on hold, dialled digits and tones; two loudnesses each."""
    size, found = int(seconds * RATE), [Sample("silence", np.zeros(int(seconds * RATE)), (), 0, 0)]
    kinds = (noises.coloured, noises.gusts, noises.hum, noises.music, noises.signals)
    for kind in kinds:
        for number, level_db in enumerate((-50, -28)):
            sound = kind(size, seeded("silent", kind.__name__, number)) * 10 ** (level_db / 20)
            found.append(Sample(f"{kind.__name__} {level_db} dB", np.clip(sound, -1, 1), (), 0, 0))
    return found
