"""Labelled speech to train on: what the voices have spoken so far, and human words in rows."""

from __future__ import annotations

import json
import random
import wave
from pathlib import Path

import numpy as np

from .augment import hurried
from .places import work
from .tokens import numbers

RATE = 16_000
FASTEST = 8.5  # syllables a second: who talks faster swallows them
HELD_BACK = 25  # every 25th sentence is for watching the training, never for it


class Clips:
    """`refresh` looks for new sentences, so that synthesis may go on beside."""

    def __init__(self) -> None:
        self.sentences: dict[str, tuple[np.ndarray, list[int]]] = {}
        self.watched: dict[str, tuple[np.ndarray, list[int]]] = {}
        rows = work("words.json")
        self.words = json.loads(rows.read_text(encoding="utf-8")) if rows.exists() else []
        self.word_samples = np.load(work("words.npy"), mmap_mode="r") if rows.exists() else np.zeros(0, np.int16)
        self.long = [row for row in self.words if len(row[3]) > 1]
        self.refresh()
        if not self.long and not self.sentences:
            raise SystemExit("nothing to train on: run the stages voices and words first")

    def refresh(self) -> None:
        known = numbers()
        for label in sorted(work("voices", "x").parent.glob("*.json")):
            if label.stem in self.sentences or label.stem in self.watched:
                continue
            sounds = json.loads(label.read_text(encoding="utf-8"))["syllables"]
            if any(s not in known for s in sounds):
                continue
            group = self.watched if int(label.stem) % HELD_BACK == 7 else self.sentences
            group[label.stem] = (samples_of(label.with_suffix(".wav")), [known[s] for s in sounds])

    def sentence(self, rng: np.random.Generator) -> tuple[np.ndarray, list[int]]:
        names = list(self.sentences)
        samples, labels = self.sentences[names[rng.integers(len(names))]]
        samples = samples.astype(np.float32) / 32768
        fastest = FASTEST * samples.size / RATE / len(labels)
        hurry = min(rng.uniform(1.0, 1.6), fastest) if rng.random() < 0.6 else 1.0
        return (hurried(samples, hurry) if hurry > 1 else samples), labels

    def row_of_words(self, rng: np.random.Generator, seconds: float) -> tuple[np.ndarray, list[int]]:
        """Human words one after the other, mostly closely and faster than they were read out: as people talk."""
        known, pieces, labels, size = numbers(), [], [], 0
        pace = rng.uniform(1.0, 1.7)
        while size < seconds * RATE:
            choice = self.long if rng.random() < 0.8 else self.words
            _, begin, end, sounds = choice[rng.integers(len(choice))]
            piece = self.word_samples[begin:end].astype(np.float32) / 32768
            piece = hurried(piece, pace * rng.uniform(0.92, 1.08))
            gap = int(rng.choice([0.0, 0.02, 0.1, 0.4], p=[0.5, 0.3, 0.13, 0.07]) * rng.uniform(0.5, 1.5) * RATE)
            pieces += [piece * 10 ** (rng.uniform(-3, 3) / 20), np.zeros(gap, np.float32)]
            labels += [known[s] for s in sounds]
            size += piece.size + gap
        return np.concatenate(pieces), labels

    def utterance(self, rng: np.random.Generator, many: int) -> tuple[np.ndarray, list[int]]:
        """A sentence or a row of human words; the more sentences there are of `many`, the likelier one of them."""
        synthetic = min(0.6, 0.15 + len(self.sentences) / many) if self.words else 1.0
        if self.sentences and rng.random() < synthetic:
            return self.sentence(rng)
        return self.row_of_words(rng, rng.uniform(2.0, 4.5))

    def any_voice(self, rng: np.random.Generator) -> np.ndarray:
        """Samples of somebody who speaks, for babble."""
        if self.sentences:
            return self.sentence(rng)[0]
        return self.row_of_words(rng, 3.0)[0]


def samples_of(path: Path) -> np.ndarray:
    with wave.open(str(path)) as file:
        return np.frombuffer(file.readframes(file.getnframes()), "<i2")


def seeded(*parts: object) -> np.random.Generator:
    """A generator that depends on its arguments alone."""
    return np.random.default_rng(random.Random(":".join(map(str, parts))).getrandbits(64))
