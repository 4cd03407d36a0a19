"""The model that the repository ships, read back to be trained further: int8 weights times their scales."""

from __future__ import annotations

import re
from pathlib import Path

import torch
from torch import Tensor

from .model import Model
from .places import TARGET
from .whisper import WIDTH, Encoder, turns

PLACES = 1500


def positions() -> Tensor:
    """Whisper's sines and cosines of frames of 20 ms, (PLACES, WIDTH)."""
    angles = torch.arange(PLACES).float()[:, None] * turns()
    return torch.cat([torch.sin(angles), torch.cos(angles)], 1)


def restore(path: Path = TARGET / "model.int8.onnx") -> Model:
    """What `export` wrote, to the precision of int8; writing it again gives the same integers."""
    import onnx
    from onnx.numpy_helper import to_array

    graph = onnx.load(path).graph
    held = {tensor.name: torch.tensor(to_array(tensor)) for tensor in graph.initializer}
    state = {name.removeprefix("model."): held[name] for name in held if name.startswith("model.")}
    for number in (1, 2):
        taps = held[f"taps{number}"]
        state[f"encoder.conv{number}.weight"] = taps.reshape(3, -1, WIDTH).permute(2, 1, 0).contiguous()
    for node in graph.node:
        found = re.fullmatch(r"/(\w+?)(?:_(\d))?/MatMul_quant", node.name)
        if found and node.op_type == "MatMulInteger":
            kind, layer = found[1], int(found[2] or 0)
            name = "head" if kind == "head" else f"encoder.blocks.{layer}.{kind}"
            weight = node.input[1].removesuffix("_quantized")
            state[f"{name}.weight"] = (held[f"{weight}_quantized"].float() * held[f"{weight}_scale"]).T.contiguous()
    model = Model(Encoder())
    model.load_state_dict({**state, "encoder.places": positions()})
    return model
