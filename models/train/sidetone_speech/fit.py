"""Stage `fit`: the head and the upper layers learn to read whole sentences, with the text before and after in view (CTC).

What comes out reads better than a stream can, and shows the next stage at which frame each syllable lies. May be
stopped and started at will: it goes on from the last checkpoint, and takes in what the voices have spoken since.
"""

from __future__ import annotations

import time

import numpy as np
import torch
import torch.nn.functional as F

from . import augment, mel
from .clips import Clips, seeded
from .feed import feed
from .model import Model, fresh, restore, save, without_tones
from .places import work
from .scoring import distance, greedy
from .tokens import base_of

RATE = 16_000
CHECKPOINT = "fit.pt"
BATCH = 8
SORTED = 4  # batches that are drawn together and parted by length, so that little is filled up
PAD_S = 0.16  # of line noise on both sides


def example(clips: Clips, number: int) -> tuple[torch.Tensor, list[int]]:
    """Example `number` of the endless row: log10 mel (80, frames of 10 ms, a multiple of 4) and its labels."""
    rng = seeded("fit", number)
    synthetic = min(0.5, 0.15 + len(clips.sentences) / 1500) if clips.words else 1.0
    if clips.sentences and rng.random() < synthetic:
        samples, labels = clips.sentence(rng)
    else:
        samples, labels = clips.row_of_words(rng, rng.uniform(2.0, 4.5))
    samples = augment.resampled(samples, rng)
    pad = int(PAD_S * RATE * rng.uniform(0.2, 2))
    total = -(-(samples.size + 2 * pad) // 640) * 640
    padded = torch.zeros(total)
    padded[pad : pad + samples.size] = torch.from_numpy(samples.copy())
    heard = augment.through(padded.numpy(), rng, clips.any_voice)
    return mel.log_mel(torch.from_numpy(heard).float()), labels


def maker():
    """For `feed`: portion K is the batches of steps K * SORTED and on, as (log10 mel in f16, labels)."""
    clips = Clips()

    def portion(number: int) -> list[list[tuple[np.ndarray, list[int]]]]:
        clips.refresh()
        every = [example(clips, number * SORTED * BATCH + i) for i in range(BATCH * SORTED)]
        drawn = sorted(((m.half().numpy(), row) for m, row in every), key=lambda e: e[0].shape[1])
        parts = [drawn[i : i + BATCH] for i in range(0, len(drawn), BATCH)]
        return [parts[i] for i in seeded("order", number).permutation(SORTED)]

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
    stacked, mask, lengths = batch_of(examples)
    log_probs = model(stacked, mask, frozen=frozen).transpose(0, 1)
    labels = torch.tensor([t for _, row in examples for t in row])
    sizes = torch.tensor([len(row) for _, row in examples])
    tonal = F.ctc_loss(log_probs, labels, lengths, sizes, zero_infinity=True)
    plain = F.ctc_loss(without_tones(log_probs), base_of()[labels], lengths, sizes, zero_infinity=True)
    return 0.5 * tonal + 0.5 * plain


@torch.no_grad()
def watch(model: Model, clips: Clips) -> str:
    """Error on sentences held back, as spoken: with tones, without."""
    model.eval()
    wrong, bare, total, base = 0, 0, 0, base_of()
    for samples, labels in list(clips.watched.values())[:16]:
        heard = torch.zeros(-(-samples.size // 640) * 640)
        heard[: samples.size] = torch.from_numpy(samples / 32768.0)
        log_probs = model(mel.normalise(mel.log_mel(heard)[None]))[0]
        wrong += distance(labels, greedy(log_probs))
        bare += distance(base[labels].tolist(), greedy(without_tones(log_probs)))
        total += len(labels)
    model.train()
    return f"held back {100 * wrong / max(1, total):.1f} % tonal, {100 * bare / max(1, total):.1f} % toneless"


def rates(step: int, warm: int, steps: int) -> float:
    """Up in `warm` steps, then down in a straight line to a twentieth."""
    return min(1.0, (step + 1) / warm) * max(0.05, 1 - step / steps)


def run(steps: int = 1500, frozen: int = 3, minutes: float = 60.0, threads: int = 2, head_only: int = 60) -> None:
    torch.set_num_threads(threads)
    torch.manual_seed(1)
    path, step = work(CHECKPOINT), 0
    model, kept = restore(path) if path.exists() else (fresh(), {})
    step = int(kept.get("step", 0))
    upper = [p for block in model.encoder.blocks[frozen:] for p in block.parameters()] + [*model.encoder.norm.parameters()]
    head = [*model.head.parameters(), *model.norm.parameters()]
    adam = torch.optim.AdamW([{"params": head}, {"params": upper}], lr=0, weight_decay=0.01, betas=(0.9, 0.98))
    if "optimiser" in kept:
        adam.load_state_dict(kept["optimiser"])
    clips, model, began, smooth, waiting = Clips(), model.train(), time.monotonic(), None, []
    portions = feed(maker, step // SORTED)
    while step < steps and time.monotonic() - began < minutes * 60:
        scale = rates(step, 50, steps)
        for group, rate in zip(adam.param_groups, (2e-3, 2e-4 if step >= head_only else 0.0)):
            group["lr"] = rate * scale
        waiting = waiting or next(portions)
        examples = waiting.pop()
        loss = loss_of(model, examples, frozen if step >= head_only else 6)
        adam.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(head + upper, 5.0)
        adam.step()
        smooth = loss.item() if smooth is None else 0.95 * smooth + 0.05 * loss.item()
        step += 1
        if step % 10 == 0:
            print(f"step {step} of {steps}, loss {smooth:.3f}, {time.monotonic() - began:.0f} s", flush=True)
        if step % 40 == 0 or step == steps:
            save(model, path, step=step, optimiser=adam.state_dict())
            clips.refresh()
            print(f"step {step}: {watch(model, clips)}; {len(clips.sentences)} sentences", flush=True)
    save(model, path, step=step, optimiser=adam.state_dict())
