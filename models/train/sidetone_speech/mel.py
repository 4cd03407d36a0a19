"""Whisper's log-mel features, in the two steps that streaming needs.

`log_mel` gives plain log10 energies at 100 frames a second; `normalise` clips them 8 decades below the loudest of what
one pass of the model sees, and scales. The exported graph does the second step itself, window by window.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import torch
from torch import Tensor

RATE, SIZE, HOP, BINS = 16_000, 400, 160, 80
FLOOR = -10.0  # log10 of the least energy
PADDING = -30.0  # what lies before the stream's first frame: below anything that `normalise` keeps


@cache
def filters() -> Tensor:
    """Slaney's triangles, (80, 201)."""
    step, knee, log_step = 200.0 / 3, 1000.0, np.log(6.4) / 27

    def to_mel(f: float) -> float:
        return f / step if f < knee else knee / step + np.log(f / knee) / log_step

    def to_hz(m: np.ndarray) -> np.ndarray:
        return np.where(m < knee / step, m * step, knee * np.exp(log_step * (m - knee / step)))

    edges = to_hz(np.linspace(to_mel(0.0), to_mel(RATE / 2), BINS + 2))
    bins = np.linspace(0, RATE / 2, SIZE // 2 + 1)
    rising = (bins[None] - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    falling = (edges[2:, None] - bins[None]) / (edges[2:] - edges[1:-1])[:, None]
    triangles = np.maximum(0, np.minimum(rising, falling)) * (2 / (edges[2:] - edges[:-2]))[:, None]
    return torch.from_numpy(triangles.astype(np.float32))


def log_mel(samples: Tensor) -> Tensor:
    """16 kHz samples in -1..1, (..., S), to (..., 80, S // 160) log10 energies."""
    spectrum = torch.stft(samples, SIZE, HOP, window=torch.hann_window(SIZE), return_complex=True)
    power = spectrum[..., :-1].abs() ** 2
    return torch.log10(torch.clamp(filters() @ power, min=10**FLOOR))


def normalise(energies: Tensor) -> Tensor:
    """(N, 80, T): each of the N on its own."""
    loudest = energies.amax((-2, -1), keepdim=True)
    return (torch.maximum(energies, loudest - 8) + 4) / 4
