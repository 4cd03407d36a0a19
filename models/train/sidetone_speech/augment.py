"""What rooms, handsets and networks do to a voice. Everything is drawn from the generator passed in: same seed, same sound."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.signal import butter, fftconvolve, firwin, resample_poly, sosfilt

from .noises import background, not_speech

RATE = 16_000


@dataclass(frozen=True)
class Surroundings:
    """How often a voice is in a room that is heard, and ranges in dB: of the room's tail and of the noise, against the voice."""

    rooms: float
    tail_db: tuple[float, float]
    noise_db: tuple[float, float]


SURROUNDINGS = {
    "office": Surroundings(rooms=0.35, tail_db=(-22, -6), noise_db=(-30, -5)),
    "hall": Surroundings(rooms=0.55, tail_db=(-20, 2), noise_db=(-22, -2)),
}
SPEEDS = ((5, 4), (12, 11), (1, 1), (11, 12), (16, 19), (5, 6))  # (up, down): longer and lower first


def resampled(samples: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Speed and pitch together, from 0.8 to 1.2."""
    up, down = SPEEDS[rng.choice(len(SPEEDS), p=(0.1, 0.2, 0.25, 0.2, 0.15, 0.1))]
    return samples if up == down else resample_poly(samples, up, down)


def hurried(samples: np.ndarray, rate: float) -> np.ndarray:
    """`rate` times as fast at the same pitch: pieces of 25 ms laid over each other where they match best."""
    size, step, search = 400, 200, 80
    if samples.size < 4 * size or abs(rate - 1) < 0.02:
        return samples
    window = np.hanning(size + 1)[:size].astype(np.float32)
    out = np.zeros(int(samples.size / rate) + 2 * size, np.float32)
    at, follow = 0, samples[step : step + size]
    for place in range(0, int(samples.size / rate) - size, step):
        ideal = int(place * rate)
        low, high = max(0, ideal - search), min(samples.size - size - step, ideal + search)
        if high <= low:
            break
        near = samples[low : high + size]
        at = low + int(np.correlate(near, follow, "valid").argmax()) if place else 0
        out[place : place + size] += window * samples[at : at + size]
        follow = samples[at + step : at + step + size]
    return out[: int(samples.size / rate)]


def equalised(samples: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A smooth random response of up to ±10 dB."""
    spectrum = np.fft.rfft(samples)
    octaves = np.log2(np.maximum(np.fft.rfftfreq(samples.size, 1 / RATE), 60.0))
    gains = np.interp(octaves, np.linspace(6, 13, 6), rng.uniform(-10, 10, 6) * rng.uniform(0.2, 1))
    return np.fft.irfft(spectrum * 10 ** (gains / 20), samples.size)


def reverberant(samples: np.ndarray, rng: np.random.Generator, tail_db: tuple[float, float]) -> np.ndarray:
    """A room: direct sound and a tail that decays in 0.1 to 0.6 s."""
    decay_s = rng.uniform(0.1, 0.6)
    time = np.arange(int(decay_s * RATE)) / RATE
    tail = rng.standard_normal(time.size) * 10 ** (-3 * time / decay_s)
    tail[: RATE // 500] = 0
    tail *= 10 ** (rng.uniform(*tail_db) / 20) / np.sqrt((tail**2).sum())
    tail[0] = 1.0
    return fftconvolve(samples, tail)[: samples.size]


def a_law(x: np.ndarray) -> np.ndarray:
    """There and back through 8 bits of G.711 A-law; samples in -1..1."""
    a, size = 87.6, np.clip(np.abs(x), 0, 1)
    squeezed = np.where(size < 1 / a, a * size, 1 + np.log(np.maximum(a * size, 1))) / (1 + np.log(a))
    squeezed = (np.floor(squeezed * 128).clip(0, 127) + 0.5) / 128
    back = squeezed * (1 + np.log(a))
    return np.sign(x) * np.where(back < 1, back, np.exp(np.maximum(back, 1) - 1)) / a


def mu_law(x: np.ndarray) -> np.ndarray:
    """The same for µ-law."""
    squeezed = np.log1p(255 * np.clip(np.abs(x), 0, 1)) / np.log(256)
    squeezed = (np.floor(squeezed * 128).clip(0, 127) + 0.5) / 128
    return np.sign(x) * np.expm1(squeezed * np.log(256)) / 255


def telephone(samples: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """8 kHz and G.711; often a handset's band; sometimes packets of 20 ms that never came."""
    narrow = resample_poly(samples, 1, 2)
    if rng.random() < 0.6:
        edges = (rng.uniform(80, 330), rng.uniform(3200, 3700))
        narrow = sosfilt(butter(2, edges, "bandpass", fs=8000, output="sos"), narrow)
    narrow = a_law(narrow) if rng.random() < 0.7 else mu_law(narrow)
    if rng.random() < 0.08:
        packet = 160
        lost = rng.random(narrow.size // packet + 1) < rng.uniform(0.01, 0.05)
        narrow = np.where(np.repeat(lost, packet)[: narrow.size], 0.0, narrow)
    return widened(narrow, rng)[: samples.size]


def widened(narrow: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """8 kHz to 16 kHz as different resamplers do it: some leave an image just above 4 kHz, others cut below it."""
    if rng.random() < 0.4:
        return resample_poly(narrow, 2, 1)
    reach, edge = int(rng.choice([16, 32, 64])), rng.uniform(0.88, 1.0)
    return resample_poly(narrow, 2, 1, window=firwin(4 * reach + 1, edge / 2, window=("kaiser", 8.0)))


def through(
    samples: np.ndarray, rng: np.random.Generator, speech, narrow: float = 0.65, around: str = "office"
) -> np.ndarray:
    """A voice at -23 dBFS as a recogniser hears it, of the same length. `speech(rng)` gives other voices; `around` is one
    of `SURROUNDINGS`.
    """
    where = SURROUNDINGS[around]
    if rng.random() < 0.6:
        samples = equalised(samples, rng)
    if rng.random() < where.rooms:
        samples = reverberant(samples, rng, where.tail_db)
    loud = np.sqrt((samples**2).mean() + 1e-9)
    if rng.random() < 0.75:
        samples = samples + background(samples.size, rng, speech) * loud * 10 ** (rng.uniform(*where.noise_db) / 20)
    else:
        samples = samples + rng.standard_normal(samples.size) * loud * 10 ** (-rng.uniform(30, 55) / 20)
    samples = np.clip(samples * 10 ** (rng.uniform(-12, 9) / 20), -1, 1)
    return telephone(samples, rng) if rng.random() < narrow else samples


def nothing(size: int, rng: np.random.Generator) -> np.ndarray:
    """Sound without speech, at any loudness."""
    samples = not_speech(size, rng) * 10 ** (rng.uniform(-75, -20) / 20)
    return telephone(np.clip(samples, -1, 1), rng) if rng.random() < 0.7 else samples
