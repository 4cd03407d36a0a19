"""Stage `export`: the trained model as one ONNX graph that sherpa-onnx's online recogniser takes for a zipformer2 CTC.

The graph holds the window: `x` brings the hop and the look-ahead, the first state carries the past mel frames, the last
one counts them. The other states that the interface asks for pass through. Repeats of a layer, caches and chunk sizes
in the metadata are those of a one-layer zipformer; `feature=whisper` makes sherpa-onnx compute log10 mel, scaled.
"""

from __future__ import annotations

from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .mel import PADDING
from .model import Model, restore
from .places import MODELS, work
from .shape import Window
from .slide import CHECKPOINT
from .tokens import base_of, bases, tokens
from .whisper import HEADS, LAYERS, WIDTH

TARGET = MODELS / "sidetone-streaming-zh"
STATES = (
    "cached_key_0",
    "cached_nonlin_attn_0",
    "cached_val1_0",
    "cached_val2_0",
    "cached_conv1_0",
    "cached_conv2_0",
    "embed_states",
    "processed_lens",
)
BATCH_AXIS = dict(zip(("x", *STATES), (0, 1, 1, 1, 1, 0, 0, 0, 0)))


class Streaming(nn.Module):
    """One pass. The answer of a token is its toneless syllable's log-probability, less how much less likely its tone is
    than the best tone: the best path reads toneless syllables as well as the model can, and writes the best tone on each.
    """

    def __init__(self, model: Model, window: Window, penalty: float) -> None:
        super().__init__()
        self.model, self.window = model, window
        of = base_of().tolist()
        rows = [[token for token, base in enumerate(of) if base == wanted] for wanted in range(len(bases()))]
        most = max(map(len, rows))
        self.register_buffer("members", torch.tensor([row + row[:1] * (most - len(row)) for row in rows]))
        self.register_buffer("counts", torch.tensor([[1.0] * len(row) + [0.0] * (most - len(row)) for row in rows]))
        self.register_buffer("penalty", torch.tensor([penalty] + [0.0] * (len(of) - 1)))
        self.register_buffer("base_of", base_of())
        for number, conv in enumerate((model.encoder.conv1, model.encoder.conv2), 1):
            self.register_buffer(f"taps{number}", conv.weight.permute(2, 1, 0).flatten(0, 1).detach().clone())

    def encode(self, mel: Tensor) -> Tensor:
        """The encoder of mel (N, frames, 80), written out: sherpa-onnx's runtime does plain matrix products twice as fast."""
        e, frames = self.model.encoder, self.window.whole // 2
        before, after = F.pad(mel, (0, 0, 1, 0))[:, :-1], F.pad(mel, (0, 0, 0, 1))[:, 1:]
        x = F.gelu(torch.matmul(torch.cat([before, mel, after], -1), self.taps1) + e.conv1.bias)
        even, odd = x[:, 0::2], x[:, 1::2]
        before = F.pad(odd, (0, 0, 1, 0))[:, :-1]
        x = F.gelu(torch.matmul(torch.cat([before, even, odd], -1), self.taps2) + e.conv2.bias) + e.places[:frames]
        for number, b in enumerate(e.blocks):
            y = b.norm1(x)
            query = y
            if number == LAYERS - 1:
                query, x = y[:, self.window.answer], x[:, self.window.answer]
            scores = torch.matmul(b.heads(b.query(query)), b.heads(b.key(y)).transpose(2, 3))
            seen = torch.matmul(torch.softmax(scores * (WIDTH // HEADS) ** -0.5, -1), b.heads(b.value(y)))
            x = x + b.out(seen.transpose(1, 2).reshape(x.shape[0], -1, WIDTH))
            x = x + b.narrow(F.gelu(b.wide(b.norm2(x))))
        return e.norm(x)

    def forward(self, x: Tensor, past: Tensor, *rest: Tensor) -> tuple[Tensor, ...]:
        """x (N, hop + ahead, 80), past (back, N, 80); sherpa-onnx gives (log10 mel + 4) / 4."""
        back, hop = self.window.back, self.window.hop
        seen = rest[-1]
        whole = torch.cat([past.transpose(0, 1), x], 1)
        energies = 4 * whole - 4
        real = torch.arange(self.window.whole).float()[None] >= back - seen.float().clamp(max=float(back))[:, None]
        energies = torch.where(real[..., None], energies, torch.full_like(energies, PADDING))
        loudest = energies.amax((1, 2), keepdim=True)
        mel = (torch.maximum(energies, loudest - 8) + 4) / 4
        features = self.encode(mel).reshape(x.shape[0], hop // 4, 2 * WIDTH)
        tonal = torch.softmax(self.model.head(self.model.norm(features)), -1)
        tones = tonal[..., self.members]
        bare = (tones * self.counts).sum(-1).clamp(min=1e-12)  # no MatMul: that would be quantised
        best = tones.amax(-1).clamp(min=1e-12)
        answer = torch.log(tonal.clamp(min=1e-12)) + torch.log(bare / best)[..., self.base_of] - self.penalty
        kept = whole[:, hop : hop + back].transpose(0, 1)
        return answer, kept, *(state + 0 for state in rest[:-1]), seen + hop


def example(window: Window, batch: int = 2) -> tuple[Tensor, ...]:
    """Inputs of the right shapes."""
    b = batch
    return (
        torch.randn(b, window.hop + window.ahead, 80),
        torch.zeros(window.back, b, 80),
        torch.zeros(1, b, window.back, 3),
        torch.zeros(window.back, b, 1),
        torch.zeros(window.back, b, 1),
        torch.zeros(b, 4, 1),
        torch.zeros(b, 4, 1),
        torch.zeros(b, 128, 3, 19),
        torch.zeros(b, dtype=torch.int64),
    )


def write(model: Model, window: Window, path: Path, penalty: float = 0.0) -> None:
    """The graph with f32 weights."""
    import onnx

    names = ["x", *STATES]
    outputs = ["log_probs", *(f"new_{name}" for name in STATES)]
    axes = {name: {axis: "N"} for name, axis in BATCH_AXIS.items()}
    axes |= {f"new_{name}": {BATCH_AXIS[name]: "N"} for name in STATES} | {"log_probs": {0: "N"}}
    torch.onnx.export(
        Streaming(model.eval(), window, penalty).eval(), example(window), str(path), input_names=names, output_names=outputs,
        dynamic_axes=axes, opset_version=17, dynamo=False,
    )  # fmt: skip
    graph = onnx.load(path)
    about = dict(
        model_type="zipformer2", feature="whisper", T=window.hop + window.ahead, decode_chunk_len=window.hop,
        encoder_dims=4, query_head_dims=80, value_head_dims=1, num_heads=1, num_encoder_layers=1,
        cnn_module_kernels=3, left_context_len=window.back,
    )  # fmt: skip
    onnx.helper.set_model_props(graph, {key: str(value) for key, value in about.items()})
    onnx.save(graph, path)


def convolutions(graph: object) -> list[str]:
    """The products that stand for convolutions: rounded to int8 they are no faster."""
    taps = {(3 * 80, WIDTH), (3 * WIDTH, WIDTH)}
    weights = {tensor.name for tensor in graph.initializer if tuple(tensor.dims) in taps}
    return [node.name for node in graph.node if node.op_type == "MatMul" and node.input[1] in weights]


def mean(paths: list[Path]) -> tuple[Model, dict[str, object]]:
    """The mean of several runs' weights; what is known of the first."""
    model, kept = restore(paths[0])
    states = [model.state_dict(), *(restore(path)[0].state_dict() for path in paths[1:])]
    model.load_state_dict({name: sum(s[name] for s in states) / len(states) for name in states[0]})
    return model, kept


def averaged(checkpoint: str | None) -> tuple[Model, dict[str, object]]:
    """The checkpoint of that name, or the mean of all `slide` runs."""
    return mean([work(checkpoint)] if checkpoint else sorted(work("x").parent.glob(CHECKPOINT.format("*"))))


def run(checkpoint: str | None = None, penalty: float = 0.0, target: Path | None = None) -> None:
    """Writes `model.int8.onnx` and `tokens.txt`; the f32 graph stays in the working folder."""
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    model, kept = averaged(checkpoint)
    window = kept.get("window", Window())
    whole, target = work("model.f32.onnx"), target or TARGET
    target.mkdir(parents=True, exist_ok=True)
    write(model, window, whole, penalty)
    small = target / "model.int8.onnx"
    exact = onnx.load(whole)
    quantize_dynamic(
        whole, small, op_types_to_quantize=["MatMul"], weight_type=QuantType.QInt8, per_channel=True,
        nodes_to_exclude=convolutions(exact.graph),
    )  # fmt: skip
    graph = onnx.load(small)
    onnx.helper.set_model_props(graph, {p.key: p.value for p in exact.metadata_props})
    onnx.save(graph, small)
    lines = [f"{token if number == 0 else token + '_'} {number}\n" for number, token in enumerate(tokens())]
    (target / "tokens.txt").write_text("".join(lines), encoding="utf-8")
    print(f"{small}: {small.stat().st_size / 1e6:.1f} MB, step {kept.get('step')}")
