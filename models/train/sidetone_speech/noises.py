"""Things that are not speech and that a telephone line carries. All at 16 kHz, mean power 1, drawn by a generator."""

from __future__ import annotations

import numpy as np

RATE = 16_000


def unit(samples: np.ndarray) -> np.ndarray:
    return samples / np.sqrt((samples**2).mean() + 1e-12)


def coloured(size: int, rng: np.random.Generator, tilt: float | None = None) -> np.ndarray:
    """Noise whose power falls with frequency to the power `tilt` (0 white, 1 pink, 2 brown)."""
    tilt = rng.uniform(0, 2) if tilt is None else tilt
    spectrum = np.fft.rfft(rng.standard_normal(size))
    spectrum /= np.maximum(np.arange(spectrum.size), 20) ** (tilt / 2)
    return unit(np.fft.irfft(spectrum, size))


def gusts(size: int, rng: np.random.Generator) -> np.ndarray:
    """A street: noise whose loudness swells, over a low rumble."""
    points = rng.uniform(0.1, 1.0, 2 + size // (RATE // 2)) ** 2
    swell = np.interp(np.linspace(0, points.size - 1, size), np.arange(points.size), points)
    return unit(coloured(size, rng, 1.0) * swell + 0.3 * coloured(size, rng, 2.0))


def hum(size: int, rng: np.random.Generator) -> np.ndarray:
    """Mains and its harmonics, over a hiss."""
    time = np.arange(size) / RATE
    tones = sum(rng.uniform(0, 1) / k * np.sin(2 * np.pi * 50 * k * time + rng.uniform(0, 6)) for k in range(1, 12))
    return unit(unit(tones) + 0.2 * coloured(size, rng, 0.0))


def music(size: int, rng: np.random.Generator) -> np.ndarray:
    """Music on hold: a tune over chords with decaying partials."""
    out, time = np.zeros(size), np.arange(size) / RATE
    beat = int(rng.uniform(0.15, 0.6) * RATE)
    scale = np.array([0, 2, 4, 7, 9, 12, 14, 16]) + rng.integers(-12, 8)
    for at in range(0, size, beat):
        notes = [rng.choice(scale)] + ([] if rng.random() < 0.5 else list(rng.choice(scale, 3) - 12))
        span = time[: min(size - at, 3 * beat)]
        decay = np.exp(-span * rng.uniform(1, 6)) * np.minimum(1, span * 100)
        for note in notes:
            pitch = 330 * 2 ** (note / 12)
            out[at : at + span.size] += decay * sum(np.sin(2 * np.pi * pitch * k * span) / k**1.5 for k in (1, 2, 3, 4))
    return unit(out)


def signals(size: int, rng: np.random.Generator) -> np.ndarray:
    """Dialled digits, or the tones of a switch."""
    time, out = np.arange(size) / RATE, np.zeros(size)
    if rng.random() < 0.4:
        on = int(RATE * rng.choice([0.35, 1.0]))
        out += np.sin(2 * np.pi * rng.choice([425, 440, 450]) * time) * ((np.arange(size) // on) % 2 == 0)
        return unit(out)
    for at in range(int(rng.uniform(0, 0.3) * RATE), size, int(rng.uniform(0.12, 0.5) * RATE)):
        span = slice(at, min(size, at + int(rng.uniform(0.06, 0.2) * RATE)))
        for tone in (rng.choice([697, 770, 852, 941]), rng.choice([1209, 1336, 1477])):
            out[span] += np.sin(2 * np.pi * tone * time[span])
    return unit(out)


def babble(size: int, rng: np.random.Generator, speech) -> np.ndarray:
    """Three to six voices at once; `speech(rng)` gives samples of one."""
    out = np.zeros(size)
    for _ in range(rng.integers(3, 7)):
        voice, at = speech(rng), 0
        while at < size:
            piece = voice[: size - at]
            out[at : at + piece.size] += unit(piece) * rng.uniform(0.5, 1)
            at += voice.size
    return unit(out)


def background(size: int, rng: np.random.Generator, speech) -> np.ndarray:
    """Any of the above that may lie under speech."""
    kind = rng.random()
    if kind < 0.4:
        return coloured(size, rng)
    if kind < 0.6:
        return gusts(size, rng)
    if kind < 0.72:
        return hum(size, rng)
    return babble(size, rng, speech) if kind < 0.93 else music(size, rng)


def not_speech(size: int, rng: np.random.Generator) -> np.ndarray:
    """Something to which the model must say nothing."""
    kinds = (coloured, gusts, hum, music, music, signals)
    return kinds[rng.integers(len(kinds))](size, rng)
