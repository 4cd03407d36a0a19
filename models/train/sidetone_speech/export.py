"""Stage `export`: the trained model as one ONNX graph that sherpa-onnx's online recogniser takes for a zipformer2 CTC.

The graph holds the window: `x` brings the hop and the look-ahead, the first state carries the past mel frames, the last
one counts them. The other states that the interface asks for pass through. Repeats of a layer, caches and chunk sizes
in the metadata are those of a one-layer zipformer; `feature=whisper` makes sherpa-onnx compute log10 mel, scaled.
"""

from __future__ import annotations

import sys
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from . import shipped
from .mel import FLOOR, HOP, PADDING, SIZE, filters
from .model import Model, restore
from .places import TARGET, work
from .shape import Window
from .slide import CHECKPOINT
from .tokens import base_of, bases, tokens
from .whisper import HEADS, LAYERS, WIDTH, turns

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


class Reader(nn.Module):
    """What both graphs share: the encoder on mel (N, frames, 80), and what it has to say."""

    def __init__(self, model: Model, penalty: float) -> None:
        super().__init__()
        self.model = model
        of = base_of().tolist()
        rows = [[token for token, base in enumerate(of) if base == wanted] for wanted in range(len(bases()))]
        most = max(map(len, rows))
        self.register_buffer("members", torch.tensor([row + row[:1] * (most - len(row)) for row in rows]))
        self.register_buffer("counts", torch.tensor([[1.0] * len(row) + [0.0] * (most - len(row)) for row in rows]))
        self.register_buffer("penalty", torch.tensor([penalty] + [0.0] * (len(of) - 1)))
        self.register_buffer("base_of", base_of())
        for number, conv in enumerate((model.encoder.conv1, model.encoder.conv2), 1):
            self.register_buffer(f"taps{number}", conv.weight.permute(2, 1, 0).flatten(0, 1).detach().clone())

    def encode(self, mel: Tensor, places: Tensor, only: slice | None = None) -> Tensor:
        """Written out: sherpa-onnx's runtime does plain matrix products twice as fast as convolutions. `only` keeps a part
        of the frames of 20 ms.
        """
        e = self.model.encoder
        before, after = F.pad(mel, (0, 0, 1, 0))[:, :-1], F.pad(mel, (0, 0, 0, 1))[:, 1:]
        x = F.gelu(torch.matmul(torch.cat([before, mel, after], -1), self.taps1) + e.conv1.bias)
        even, odd = x[:, 0::2], x[:, 1::2]
        before = F.pad(odd, (0, 0, 1, 0))[:, :-1]
        x = F.gelu(torch.matmul(torch.cat([before, even, odd], -1), self.taps2) + e.conv2.bias) + places
        for number, b in enumerate(e.blocks):
            y = b.norm1(x)
            query = y
            if only is not None and number == LAYERS - 1:
                query, x = y[:, only], x[:, only]
            scores = torch.matmul(b.heads(b.query(query)), b.heads(b.key(y)).transpose(2, 3))
            seen = torch.matmul(torch.softmax(scores * (WIDTH // HEADS) ** -0.5, -1), b.heads(b.value(y)))
            x = x + b.out(seen.transpose(1, 2).reshape(x.shape[0], -1, WIDTH))
            x = x + b.narrow(F.gelu(b.wide(b.norm2(x))))
        return e.norm(x)

    def answer(self, features: Tensor) -> Tensor:
        """Two frames of 20 ms side by side (N, T, 2 * width) to (N, T, tokens). The answer of a token is its toneless
        syllable's log-probability, less how much less likely its tone is than the best tone: the best path reads toneless
        syllables as well as the model can, and writes the best tone on each.
        """
        tonal = torch.softmax(self.model.head(self.model.norm(features)), -1)
        rows = tonal.transpose(1, 2)  # rows of frames are gathered far quicker than single numbers
        tones = rows[:, self.members]
        bare = (tones * self.counts[..., None]).sum(2).clamp(min=1e-12)  # no MatMul: that would be quantised
        best = tones.amax(2).clamp(min=1e-12)
        answer = torch.log(rows.clamp(min=1e-12)) + torch.log(bare / best)[:, self.base_of]
        return answer.transpose(1, 2) - self.penalty


class Streaming(Reader):
    """One pass over the sliding window."""

    def __init__(self, model: Model, window: Window, penalty: float) -> None:
        super().__init__(model, penalty)
        self.window = window

    def forward(self, x: Tensor, past: Tensor, *rest: Tensor) -> tuple[Tensor, ...]:
        """x (N, hop + ahead, 80), past (back, N, 80); sherpa-onnx gives (log10 mel + 4) / 4."""
        back, hop = self.window.back, self.window.hop
        seen = rest[-1]
        whole = torch.cat([past.transpose(0, 1), x], 1)
        energies = 4 * whole - 4
        real = torch.arange(self.window.whole).float()[None] >= back - seen.float().clamp(max=float(back))[:, None]
        energies = torch.where(real[..., None], energies, torch.full_like(energies, PADDING))
        places = self.model.encoder.places[: self.window.whole // 2]
        features = self.encode(loudness(energies), places, self.window.answer)
        answer = self.answer(features.reshape(x.shape[0], hop // 4, 2 * WIDTH))
        kept = whole[:, hop : hop + back].transpose(0, 1)
        return answer, kept, *(state + 0 for state in rest[:-1]), seen + hop


class Whole(Reader):
    """Everything that was said so far, at once: sherpa-onnx's offline recogniser takes it for an omnilingual CTC, which is
    given plain samples. Those come scaled to a variance of one; two samples in front, 1 and -1, tell how to undo that.
    """

    def __init__(self, model: Model, penalty: float) -> None:
        super().__init__(model, penalty)
        angles = 2 * torch.pi / SIZE * torch.outer(torch.arange(SIZE), torch.arange(SIZE // 2 + 1)).double()
        tapered = torch.hann_window(SIZE).double()[:, None]
        self.register_buffer("waves", torch.cat([torch.cos(angles) * tapered, torch.sin(angles) * tapered], 1).float())
        self.register_buffer("filters", filters().T.clone())
        self.register_buffer("turns", turns())

    def forward(self, x: Tensor) -> Tensor:
        """x (1, 2 + samples), a multiple of 640 samples, to (1, samples / 640, tokens)."""
        first, second = x[:, :1], x[:, 1:2]
        samples = (x[:, 2:] - (first + second) / 2) * (2 / (first - second))
        rows = F.pad(samples, (SIZE // 2, 3 * HOP - SIZE // 2)).reshape(x.shape[0], -1, HOP)
        frames = torch.cat([rows[:, :-3], rows[:, 1:-2], rows[:, 2:-1, : SIZE - 2 * HOP]], -1)
        waves = torch.matmul(frames, self.waves) ** 2
        power = waves[..., : SIZE // 2 + 1] + waves[..., SIZE // 2 + 1 :]
        energies = torch.log10(torch.matmul(power, self.filters).clamp(min=10**FLOOR))
        angles = torch.arange(energies.shape[1] // 2).float()[:, None] * self.turns
        features = self.encode(loudness(energies), torch.cat([torch.sin(angles), torch.cos(angles)], 1))
        return self.answer(features.reshape(x.shape[0], -1, 2 * WIDTH))


def loudness(energies: Tensor) -> Tensor:
    """`mel.normalise` for (N, frames, 80)."""
    loudest = energies.amax((1, 2), keepdim=True)
    return (torch.maximum(energies, loudest - 8) + 4) / 4


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


def write_whole(model: Model, path: Path, penalty: float) -> None:
    """The graph of `Whole` with f32 weights."""
    torch.onnx.export(
        Whole(model.eval(), penalty).eval(), torch.randn(1, 2 + 640 * 20), str(path), input_names=["x"],
        output_names=["logits"], dynamic_axes={"x": {1: "S"}, "logits": {1: "T"}}, opset_version=17, dynamo=False,
    )  # fmt: skip


def exact(graph: object) -> list[str]:
    """Products that stay in f32: those that stand for convolutions, which int8 makes no faster, and those that make the
    spectrum.
    """
    kept = {(3 * 80, WIDTH), (3 * WIDTH, WIDTH), (SIZE, SIZE + 2), (SIZE // 2 + 1, 80)}
    weights = {tensor.name for tensor in graph.initializer if tuple(tensor.dims) in kept}
    return [node.name for node in graph.node if node.op_type == "MatMul" and node.input[1] in weights]


def borrowed(graph: object, lender: Path) -> int:
    """Lets large tensors lie where `lender` has the same bytes; gives how many do."""
    from onnx.external_data_helper import set_external_data

    held, count = lender.read_bytes(), 0
    for tensor in graph.graph.initializer:
        raw = tensor.raw_data
        at = held.find(raw) if len(raw) >= 4096 else -1
        if at >= 0:
            set_external_data(tensor, lender.name, offset=at, length=len(raw))
            tensor.ClearField("raw_data")
            count += 1
    return count


def quantised(exact_path: Path, small: Path) -> None:
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    graph = onnx.load(exact_path)
    quantize_dynamic(
        exact_path, small, op_types_to_quantize=["MatMul"], weight_type=QuantType.QInt8, per_channel=True,
        nodes_to_exclude=exact(graph.graph),
    )  # fmt: skip
    rounded = onnx.load(small)
    onnx.helper.set_model_props(rounded, {p.key: p.value for p in graph.metadata_props})
    onnx.save(rounded, small)


def mean(parts: list[tuple[Model, float]]) -> Model:
    """The weighted mean of several models' weights, in the first of them."""
    model, whole = parts[0][0], sum(share for _, share in parts)
    states = [(part.state_dict(), share / whole) for part, share in parts]
    model.load_state_dict({name: sum(s[name] * share for s, share in states) for name in states[0][0]})
    return model


def named(checkpoint: str) -> tuple[Model, dict[str, object]]:
    """`shipped` is what the repository has, anything else a checkpoint in the working folder."""
    return (shipped.restore(), {}) if checkpoint == "shipped" else restore(work(checkpoint))


def averaged(checkpoints: list[str] | None) -> tuple[Model, dict[str, object]]:
    """The mean of checkpoints, each NAME or NAME:SHARE, or of all `slide` runs; what is known of the last."""
    every = checkpoints or [path.name for path in sorted(work("x").parent.glob(CHECKPOINT.format("*")))]
    if not every:
        sys.exit(f"no checkpoint of `slide` in {work('x').parent}: run `slide` first, or say --checkpoint")
    parts, kept = [], {}
    for one in every:
        checkpoint, _, share = one.partition(":")
        model, kept = named(checkpoint)
        parts.append((model, float(share or 1)))
    return mean(parts), kept


def run(
    checkpoint: list[str] | None = None, penalty: float = 0.0, whole_penalty: float = 0.0, target: Path | None = None
) -> None:
    """Writes `model.int8.onnx`, `whole.onnx`, which has its weights in the former, and `tokens.txt`; the f32 graphs stay
    in the working folder.
    """
    import onnx

    model, kept = averaged(checkpoint)
    window = kept.get("window", Window())
    target = target or TARGET
    target.mkdir(parents=True, exist_ok=True)
    small, whole = target / "model.int8.onnx", target / "whole.onnx"
    write(model, window, work("model.f32.onnx"), penalty)
    quantised(work("model.f32.onnx"), small)
    write_whole(model, work("whole.f32.onnx"), whole_penalty)
    quantised(work("whole.f32.onnx"), whole)
    graph = onnx.load(whole)
    count = borrowed(graph, small)
    whole.write_bytes(graph.SerializeToString())
    lines = [f"{token if number == 0 else token + '_'} {number}\n" for number, token in enumerate(tokens())]
    (target / "tokens.txt").write_text("".join(lines), encoding="utf-8")
    sizes = f"{small.stat().st_size / 1e6:.1f} MB, {whole.name}: {whole.stat().st_size / 1e6:.1f} MB, {count} tensors borrowed"
    print(f"{small}: {sizes}, step {kept.get('step')}")
