"""Where the weights learn. Examples are made on the processor, in a process of their own, wherever that is."""

from __future__ import annotations

import torch


def device() -> torch.device:
    """A GPU where torch finds one, else the processor."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def device_of(model: torch.nn.Module) -> torch.device:
    """Where a model's weights are."""
    return next(model.parameters()).device
