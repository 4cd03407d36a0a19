"""Stage `tune`: which penalty on the blank suits, on sentences held back and on human words in rows, through a telephone.

Nothing that `evaluate` measures on is looked at here.
"""

from __future__ import annotations

import numpy as np
import torch

from . import augment
from .clips import Clips, seeded
from .export import averaged
from .model import without_tones
from .scoring import distance, greedy
from .shape import Window
from .slide import stream
from .tokens import base_of

PENALTIES = (0.0, 0.5, 1.0, 1.5, 2.0, 3.0)


@torch.no_grad()
def run(checkpoint: list[str] | None = None, count: int = 10) -> None:
    """Prints errors without tones for each penalty: first sentences, then rows of words."""
    torch.set_num_threads(1)
    model, kept = averaged(checkpoint)
    model.eval()
    clips, base = Clips(), base_of()
    sets = {"sentences": [(s.astype(np.float32) / 32768, row) for s, row in list(clips.watched.values())[:count]]}
    sets["hurried sentences"] = [(augment.hurried(s, 1.5), row) for s, row in sets["sentences"]]
    sets["words"] = [clips.row_of_words(seeded("tune", i), 4.0) for i in range(count)]
    for name, examples in sets.items():
        wrong, total = np.zeros(len(PENALTIES)), 0
        for number, (samples, labels) in enumerate(examples):
            heard = augment.through(samples, seeded("tune", name, number), clips.any_voice, narrow=1.0)
            bare = without_tones(stream(model, heard, kept.get("window", Window())))
            wrong += [distance(base[labels].tolist(), greedy(bare, penalty)) for penalty in PENALTIES]
            total += len(labels)
        table = ", ".join(f"{p}: {100 * w / max(1, total):.1f} %" for p, w in zip(PENALTIES, wrong))
        print(f"{name} ({total} syllables): {table}", flush=True)
