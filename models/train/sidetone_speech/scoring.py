"""Edit distance, greedy reading of log-probabilities, and posteriors of a known text."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor


def distance(reference: Sequence[object], found: Sequence[object]) -> int:
    """Least number of insertions, deletions and replacements."""
    row = list(range(len(found) + 1))
    for i, wanted in enumerate(reference, 1):
        before, row[0] = row[0], i
        for j, got in enumerate(found, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (wanted != got))
    return row[-1]


def greedy(log_probs: Tensor, penalty: float = 0.0) -> list[int]:
    """Best token of every frame, repeats merged, blanks dropped; `penalty` is taken off the blank's."""
    scores = log_probs.clone()
    scores[..., 0] -= penalty
    best = scores.argmax(-1).tolist()
    return [now for now, last in zip(best, [0, *best]) if now not in (0, last)]


def posteriors(log_probs: np.ndarray, labels: list[int]) -> np.ndarray | None:
    """How surely each CTC state is passed in each frame: (frames, 2 labels + 1), or None where the text does not fit.

    State 2k + 1 is label k, the others are blanks.
    """
    frames, states = log_probs.shape[0], 2 * len(labels) + 1
    path = np.zeros(states, np.int64)
    path[1::2] = labels
    emit = log_probs[:, path]
    skip = np.full(states, -np.inf)
    skip[3::2] = np.where(path[3::2] != path[1:-2:2], 0.0, -np.inf)
    if frames < len(labels):
        return None

    def sweep(scores: np.ndarray, jump: np.ndarray) -> np.ndarray:
        table = np.full((frames, states), -np.inf)
        table[0, :2] = scores[0, :2]
        for t in range(1, frames):
            one = np.concatenate(([-np.inf], table[t - 1, :-1]))
            two = np.concatenate(([-np.inf, -np.inf], table[t - 1, :-2])) + jump
            table[t] = np.logaddexp(np.logaddexp(table[t - 1], one), two) + scores[t]
        return table

    # A jump over a blank between labels k and k + 1 is the same jump seen from the end.
    flipped = np.full(states, -np.inf)
    for state in range(3, states, 2):
        flipped[states - 1 - (state - 2)] = skip[state]
    ahead = sweep(emit, skip)
    behind = sweep(emit[::-1, ::-1], flipped)[::-1, ::-1]
    whole = ahead + behind - emit
    total = np.logaddexp.reduce(whole, axis=1, keepdims=True)
    return np.exp(whole - total) if np.isfinite(total).all() else None
