"""Whisper base's encoder in PyTorch, read from the CTranslate2 file that `sidetone models fetch whisper-base` leaves."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .places import MODELS

MODEL = MODELS / "cache" / "whisper-base" / "model.bin"
WIDTH, HEADS, LAYERS = 512, 8, 6
FRAME_S = 0.02  # one encoder frame, two mel frames


def read_ctranslate2(path: Path) -> dict[str, Tensor]:
    """Every variable of a version 6 file as f32."""
    if not path.exists():
        raise SystemExit(f"{path} is missing: cargo run -p sidetone -- models fetch whisper-base")
    data, at = path.read_bytes(), 0

    def take(form: str) -> int:
        nonlocal at
        (value,) = struct.unpack_from("<" + form, data, at)
        at += struct.calcsize("<" + form)
        return value

    def text() -> str:
        nonlocal at
        length = take("H")
        at += length
        return data[at - length : at - 1].decode()

    if take("I") != 6 or text() != "WhisperSpec":
        raise SystemExit(f"{path}: not a CTranslate2 Whisper model of version 6")
    take("I")
    found: dict[str, Tensor] = {}
    for _ in range(take("I")):
        name = text()
        shape = [take("I") for _ in range(take("B"))]
        kind, length = take("B"), take("I")
        if kind in (0, 4):
            array = np.frombuffer(data, "<f4" if kind == 0 else "<f2", length // (4 if kind == 0 else 2), at)
            found[name] = torch.from_numpy(array.astype(np.float32).reshape(shape))
        at += length
    return found


def turns() -> Tensor:
    """How far each of the positions' WIDTH / 2 waves turns in a frame, in radians."""
    steps = torch.arange(WIDTH // 2) * (torch.log(torch.tensor(10_000.0)) / (WIDTH // 2 - 1))
    return torch.exp(-steps)


class Block(nn.Module):
    """A transformer layer, normalised before each half."""

    def __init__(self) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(WIDTH)
        self.query = nn.Linear(WIDTH, WIDTH)
        self.key = nn.Linear(WIDTH, WIDTH, bias=False)
        self.value = nn.Linear(WIDTH, WIDTH)
        self.out = nn.Linear(WIDTH, WIDTH)
        self.norm2 = nn.LayerNorm(WIDTH)
        self.wide = nn.Linear(WIDTH, 4 * WIDTH)
        self.narrow = nn.Linear(4 * WIDTH, WIDTH)

    def heads(self, x: Tensor) -> Tensor:
        return x.reshape(x.shape[0], -1, HEADS, WIDTH // HEADS).transpose(1, 2)

    def forward(self, x: Tensor, mask: Tensor | None = None, only: slice | None = None) -> Tensor:
        """`mask` (N, 1, 1, T) adds to the scores; `only` keeps a part of the frames as queries."""
        y = self.norm1(x)
        key, value = self.heads(self.key(y)), self.heads(self.value(y))
        if only is not None:
            x, y = x[:, only], y[:, only]
        seen = F.scaled_dot_product_attention(self.heads(self.query(y)), key, value, attn_mask=mask)
        x = x + self.out(seen.transpose(1, 2).reshape(x.shape[0], -1, WIDTH))
        return x + self.narrow(F.gelu(self.wide(self.norm2(x))))


class Encoder(nn.Module):
    """Mel (N, 80, 2T) to features (N, T, 512)."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv1d(80, WIDTH, 3, padding=1)
        self.conv2 = nn.Conv1d(WIDTH, WIDTH, 3, stride=2, padding=1)
        self.register_buffer("places", torch.zeros(1500, WIDTH))
        self.blocks = nn.ModuleList(Block() for _ in range(LAYERS))
        self.norm = nn.LayerNorm(WIDTH)

    def forward(self, mel: Tensor, mask: Tensor | None = None, only: slice | None = None, frozen: int = 0) -> Tensor:
        """`only` keeps a part of the last layer's frames; the convolutions and `frozen` layers get no gradient."""
        with torch.set_grad_enabled(torch.is_grad_enabled() and frozen == 0):
            x = F.gelu(self.conv2(F.gelu(self.conv1(mel)))).transpose(1, 2)
            x = x + self.places[: x.shape[1]]
        for number, block in enumerate(self.blocks):
            with torch.set_grad_enabled(torch.is_grad_enabled() and number >= frozen):
                x = block(x, mask, only if number == LAYERS - 1 else None)
        return self.norm(x)


def load(path: Path = MODEL) -> Encoder:
    """The encoder with OpenAI's weights."""
    raw = {name[8:]: value for name, value in read_ctranslate2(path).items() if name.startswith("encoder/")}
    state = {
        "conv1.weight": raw["conv1/weight"],
        "conv1.bias": raw["conv1/bias"],
        "conv2.weight": raw["conv2/weight"],
        "conv2.bias": raw["conv2/bias"],
        "places": raw["position_encodings/encodings"],
        "norm.weight": raw["layer_norm/gamma"],
        "norm.bias": raw["layer_norm/beta"],
    }
    for i in range(LAYERS):
        to, a, f = f"blocks.{i}.", f"layer_{i}/self_attention/", f"layer_{i}/ffn/"
        for part, kind in ((a, "norm1"), (f, "norm2")):
            state[f"{to}{kind}.weight"] = raw[part + "layer_norm/gamma"]
            state[f"{to}{kind}.bias"] = raw[part + "layer_norm/beta"]
        for kind, weight, bias in zip(
            ("query", "key", "value"), raw[a + "linear_0/weight"].split(WIDTH), raw[a + "linear_0/bias"].split(WIDTH)
        ):
            state[f"{to}{kind}.weight"] = weight
            if kind != "key":  # Whisper's keys have none; the file holds zeros
                state[f"{to}{kind}.bias"] = bias
        for kind, name in (("out", a + "linear_1"), ("wide", f + "linear_0"), ("narrow", f + "linear_1")):
            state[f"{to}{kind}.weight"], state[f"{to}{kind}.bias"] = raw[name + "/weight"], raw[name + "/bias"]
    encoder = Encoder()
    encoder.load_state_dict(state)
    return encoder
