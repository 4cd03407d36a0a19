"""The model that is trained: Whisper's encoder and one linear head over tonal syllables, a frame each 40 ms."""

from __future__ import annotations

from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .tokens import base_of, bases, tokens
from .whisper import WIDTH, Encoder, load

FRAME_S = 0.04


class Model(nn.Module):
    """Mel (N, 80, 4T), normalised, to log-probabilities (N, T, tokens)."""

    def __init__(self, encoder: Encoder) -> None:
        super().__init__()
        self.encoder = encoder
        self.norm = nn.LayerNorm(2 * WIDTH)
        self.head = nn.Linear(2 * WIDTH, len(tokens()))
        nn.init.normal_(self.head.weight, std=0.01)
        nn.init.zeros_(self.head.bias)

    def forward(self, mel: Tensor, mask: Tensor | None = None, only: slice | None = None, frozen: int = 0) -> Tensor:
        """`only` counts frames of 20 ms."""
        x = self.encoder(mel, mask, only, frozen)
        x = x.reshape(x.shape[0], x.shape[1] // 2, 2 * WIDTH)
        return F.log_softmax(self.head(F.dropout(self.norm(x), 0.1, self.training)).float(), -1)


def without_tones(log_probs: Tensor) -> Tensor:
    """(..., tokens) to (..., toneless syllables): the tones' probabilities added up."""
    probs = log_probs.exp()
    out = probs.new_zeros(*probs.shape[:-1], len(bases()))
    return out.index_add(-1, base_of().to(probs.device), probs).clamp(min=1e-9).log()


def fresh() -> Model:
    return Model(load())


def save(model: Model, path: Path, **about: object) -> None:
    part = path.with_name(path.name + ".part")
    torch.save({"state": model.state_dict(), **about}, part)
    part.rename(path)


def restore(path: Path) -> tuple[Model, dict[str, object]]:
    """The model of a checkpoint, and what `save` was told about it."""
    kept = torch.load(path, map_location="cpu", weights_only=False)
    model = Model(Encoder())
    model.load_state_dict(kept.pop("state"))
    return model, kept
