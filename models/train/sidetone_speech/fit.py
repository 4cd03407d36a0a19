"""Stage `fit`: the head and the upper layers learn to read whole sentences, with the text before and after in view (CTC).

Several runs (`--run b`) learn from different sound, `--around` says where; the mean of their weights reads better than each.
What comes out reads better than a stream can, and shows the next stage at which frame each syllable lies. May be
stopped and started at will: it goes on from the last checkpoint, and takes in what the voices have spoken since.
"""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from . import augment, mel, shipped
from .clips import Clips, seeded
from .device import device, device_of
from .feed import feed
from .model import Model, fresh, restore, save, without_tones
from .places import work
from .scoring import distance, greedy
from .tokens import base_of
from .whisper import LAYERS

RATE = 16_000
FRAME = 640  # samples in a frame of output
CHECKPOINT = "fit.pt"  # of the run without a name
BATCH = 8
SORTED = 4  # batches that are drawn together and parted by length, so that little is filled up
MANY = 1500  # sentences from which on words are no longer the rule
PAD_S = 0.16  # of line noise on both sides
# What a recogniser puts before and behind a piece that it reads at once: nothing, not even the line's noise.
QUIET_S = ((0.3, 0.2), (0.0, 0.0))
CUT = 0.75  # share that has it
# Head, upper layers: from Whisper's weights, from the shipped ones.
RATES = {"whisper": (2e-3, 2e-4), "shipped": (4e-4, 1e-4)}
HEAD_ONLY = {"whisper": 60, "shipped": 0}  # first steps in which the layers below stay as they are
MEMORY = 0.99  # of the mean of the weights that is kept: some hundred steps


def name(run: str) -> str:
    """What a run's checkpoint and its row of examples are called after."""
    return f"fit-{run}" if run else "fit"


def example(clips: Clips, run: str, around: str, number: int) -> tuple[torch.Tensor, list[int]]:
    """Example `number` of a run's endless row: log10 mel (80, frames of 10 ms, a multiple of 4) and its labels."""
    rng = seeded(name(run), number)
    samples, labels = clips.utterance(rng, MANY)
    samples = augment.resampled(samples, rng)
    pad = int(PAD_S * RATE * rng.uniform(0.2, 2))
    heard = augment.through(np.pad(samples, pad), rng, clips.any_voice, around=around)
    before, behind = (int(s * RATE) for s in QUIET_S[rng.random() > CUT])
    heard = np.pad(heard, (before, behind + -(before + heard.size + behind) % FRAME))
    return mel.log_mel(torch.from_numpy(heard).float()), labels


def maker(run: str, around: str):
    """For `feed`: portion K is the batches of steps K * SORTED and on, as (log10 mel in f16, labels)."""
    clips = Clips()

    def portion(number: int) -> list[list[tuple[np.ndarray, list[int]]]]:
        clips.refresh()
        every = [example(clips, run, around, number * SORTED * BATCH + i) for i in range(BATCH * SORTED)]
        drawn = sorted(((m.half().numpy(), row) for m, row in every), key=lambda e: e[0].shape[1])
        parts = [drawn[i : i + BATCH] for i in range(0, len(drawn), BATCH)]
        return [parts[i] for i in seeded(name(run), "order", number).permutation(SORTED)]

    return portion


def batch_of(examples: list[tuple[np.ndarray, list[int]]]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Mel (N, 80, T) filled up at the end, the mask of what is real, and frames of 40 ms each."""
    longest = max(m.shape[1] for m, _ in examples)
    stacked = torch.zeros(len(examples), 80, longest)
    mask = torch.full((len(examples), 1, 1, longest // 2), float("-inf"))
    for i, (energies, _) in enumerate(examples):
        stacked[i, :, : energies.shape[1]] = mel.normalise(torch.from_numpy(energies).float()[None])[0]
        mask[i, ..., : energies.shape[1] // 2] = 0.0
    return stacked, mask, torch.tensor([m.shape[1] // 4 for m, _ in examples])


def loss_of(model: Model, examples: list[tuple[np.ndarray, list[int]]], frozen: int) -> torch.Tensor:
    here = device_of(model)
    stacked, mask, lengths = (part.to(here) for part in batch_of(examples))
    with torch.autocast(here.type, torch.bfloat16):
        log_probs = model(stacked, mask, frozen=frozen).float().transpose(0, 1)
    labels = torch.tensor([t for _, row in examples for t in row])
    bare = base_of()[labels].to(here)
    sizes = torch.tensor([len(row) for _, row in examples], device=here)
    tonal = F.ctc_loss(log_probs, labels.to(here), lengths, sizes, zero_infinity=True)
    plain = F.ctc_loss(without_tones(log_probs), bare, lengths, sizes, zero_infinity=True)
    return 0.5 * tonal + 0.5 * plain


@torch.no_grad()
def watch(model: Model, clips: Clips) -> str:
    """Error on sentences held back, as spoken: with tones, without."""
    model.eval()
    wrong, bare, total, base = 0, 0, 0, base_of()
    for samples, labels in list(clips.watched.values())[:16]:
        heard = torch.zeros(-(-samples.size // 640) * 640)
        heard[: samples.size] = torch.from_numpy(samples / 32768.0)
        energies = mel.normalise(mel.log_mel(heard)[None])
        log_probs = model(energies.to(device_of(model)))[0].cpu()
        wrong += distance(labels, greedy(log_probs))
        bare += distance(base[labels].tolist(), greedy(without_tones(log_probs)))
        total += len(labels)
    return f"held back {100 * wrong / max(1, total):.1f} % tonal, {100 * bare / max(1, total):.1f} % toneless"


def rates(step: int, warm: int, steps: int) -> float:
    """Up in `warm` steps, then down in a straight line to a twentieth."""
    return min(1.0, (step + 1) / warm) * max(0.05, 1 - step / steps)


class Training:
    """The weights that learn, and their running mean, which is what the checkpoint is read for."""

    def __init__(self, path: Path, begin: str, frozen: int) -> None:
        self.path, self.begin, self.frozen = path, begin, frozen
        kept: dict[str, object] = {}
        if self.path.exists():
            self.model, kept = restore(self.path)
        else:
            self.model = shipped.restore() if begin == "shipped" else fresh()
        self.model.to(device())
        self.mean = AveragedModel(self.model, multi_avg_fn=get_ema_multi_avg_fn(MEMORY))
        if "learning" in kept:
            self.mean.n_averaged.fill_(1)
            self.model.load_state_dict(kept["learning"])
        self.step = int(kept.get("step", 0))
        blocks = self.model.encoder.blocks[frozen:]
        self.upper = [p for block in blocks for p in block.parameters()] + [*self.model.encoder.norm.parameters()]
        self.head = [*self.model.head.parameters(), *self.model.norm.parameters()]
        groups = [{"params": self.head}, {"params": self.upper}]
        self.adam = torch.optim.AdamW(groups, lr=0, weight_decay=0.01, betas=(0.9, 0.98))
        if "optimiser" in kept:
            self.adam.load_state_dict(kept["optimiser"])
        self.model.train()

    def learn(self, examples: list[tuple[np.ndarray, list[int]]], scale: float) -> float:
        """One step at `scale` times the learning rates; gives the loss."""
        all_of_it = self.step >= HEAD_ONLY[self.begin]
        head, upper = RATES[self.begin]
        for group, rate in zip(self.adam.param_groups, (head, upper if all_of_it else 0.0)):
            group["lr"] = rate * scale
        loss = loss_of(self.model, examples, self.frozen if all_of_it else LAYERS)
        self.adam.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.head + self.upper, 5.0)
        self.adam.step()
        self.mean.update_parameters(self.model)
        self.step += 1
        return loss.item()

    def keep(self) -> None:
        about = dict(step=self.step, learning=self.model.state_dict(), optimiser=self.adam.state_dict())
        save(self.mean.module, self.path, **about)


def run(
    steps: int = 1500, frozen: int = 3, minutes: float = 60.0, threads: int = 2, begin: str = "whisper", run: str = "",
    around: str = "office",
) -> None:  # fmt: skip
    torch.set_num_threads(threads)
    torch.manual_seed(1)
    training = Training(work(f"{name(run)}.pt"), begin, frozen)
    clips, began, smooth, waiting = Clips(), time.monotonic(), None, []
    portions = feed(partial(maker, run, around), training.step // SORTED)
    while training.step < steps and time.monotonic() - began < minutes * 60:
        waiting = waiting or next(portions)
        loss = training.learn(waiting.pop(), rates(training.step, 50, steps))
        smooth = loss if smooth is None else 0.95 * smooth + 0.05 * loss
        step = training.step
        if step % 10 == 0:
            print(f"step {step} of {steps}, loss {smooth:.3f}, {time.monotonic() - began:.0f} s", flush=True)
        if step % 40 == 0 or step == steps:
            training.keep()
            clips.refresh()
            print(f"step {step}: {watch(training.mean.module, clips)}; {len(clips.sentences)} sentences", flush=True)
    training.keep()
