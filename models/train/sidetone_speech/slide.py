"""Stage `slide`: the fitted model learns to answer from a sliding window of the past and a third of a second ahead.

The fitted model, which hears the clean sentence whole and is told its text, says how likely each frame holds each
syllable (CTC posteriors); the student must say the same of windows cut out of the sentence as the telephone carries it.
The frames that a stream would answer for count most. Sounds without speech must give blanks. Resumable like `fit`.

Several runs (`--run a`, `--run b`) learn from different sound, one thread each; `export` takes the mean of their weights.
"""

from __future__ import annotations

import time
from functools import partial

import numpy as np
import torch

from . import augment, mel
from .clips import Clips, seeded
from .device import device, device_of
from .feed import feed
from .fit import CHECKPOINT as FITTED
from .model import Model, restore, save, without_tones
from .places import work
from .scoring import distance, greedy, posteriors
from .shape import STEP, Window
from .tokens import base_of

RATE = 16_000
CHECKPOINT = "slide-{}.pt"
BATCH, CUTS, PORTION = 16, 4, 16  # windows in a batch, windows of a sentence, sentences that are mixed
MANY = 1200  # sentences from which on words are no longer the rule
RATES = (3e-4, 6e-5)  # head, upper layers: three times as much undoes what was fitted
EARLIER = 0.1  # weight of a frame that lies further back than the answer
SILENT = 0.08  # share of sounds without speech
NARROW = 0.85  # share that goes through a telephone


def padded(samples: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """With up to 1.2 s before it and 0.7 s after it; a whole number of frames of 40 ms."""
    before, after = int(rng.uniform(0.05, 1.2) * RATE), int(rng.uniform(0.2, 0.7) * RATE)
    out = np.zeros(-(-(before + samples.size + after) // 640) * 640)
    out[before : before + samples.size] = samples
    return out


@torch.no_grad()
def told(teacher: Model, clean: np.ndarray, labels: list[int]) -> np.ndarray | None:
    """(frames of 40 ms, tokens): what each frame holds, the text being known."""
    quiet = torch.from_numpy(clean).float()
    quiet = quiet + 1e-4 * torch.randn(quiet.shape, generator=torch.Generator().manual_seed(0))
    log_probs = teacher(mel.normalise(mel.log_mel(quiet)[None]))[0].double().numpy()
    passed = posteriors(log_probs, labels)
    if passed is None:
        return None
    target = np.zeros(log_probs.shape, np.float32)
    target[:, 0] = passed[:, ::2].sum(1)
    for place, label in enumerate(labels):
        target[:, label] += passed[:, 2 * place + 1]
    return target


def cut(energies: torch.Tensor, begin: int, window: Window) -> torch.Tensor:
    """Mel frames `begin` to `begin + whole` (80, whole), filled up before the stream's start; normalised."""
    piece = energies[:, max(0, begin) : begin + window.whole]
    filled = torch.full((80, window.whole), mel.PADDING)
    first = max(0, -begin)
    filled[:, first : first + piece.shape[1]] = piece
    return mel.normalise(filled[None])[0]


def examples(clips: Clips, teacher: Model, run: str, number: int, window: Window) -> list[tuple[torch.Tensor, torch.Tensor]]:
    """Windows of sentence `number`: (mel, targets of their frames of 40 ms up to the answer's end)."""
    rng = seeded("slide", run, number)
    if rng.random() < SILENT:
        sound = augment.nothing(RATE * window.whole // 100, rng)
        energies, labels = mel.log_mel(torch.from_numpy(sound).float()), None
        target = np.zeros((energies.shape[1] // STEP, teacher.head.out_features), np.float32)
        target[:, 0] = 1
        begins = [-STEP * rng.integers(0, window.back // STEP), 0]
    else:
        samples, labels = clips.utterance(rng, MANY)
        clean = padded(augment.resampled(samples, rng), rng)
        target = told(teacher, clean, labels)
        if target is None:
            return []
        energies = mel.log_mel(torch.from_numpy(augment.through(clean, rng, clips.any_voice, NARROW)).float())
        last = (energies.shape[1] - window.ahead) // window.hop * window.hop - window.hop
        answers = np.arange(0, last + 1, STEP)
        begins = [rng.choice(part) - window.back for part in np.array_split(answers, CUTS) if part.size]
    found = []
    for begin in begins:
        frames = (window.back + window.hop) // STEP
        part = torch.zeros(frames, target.shape[1])
        part[:, 0] = 1
        skipped = max(0, -begin) // STEP
        known = target[max(0, begin) // STEP : (begin + window.back + window.hop) // STEP]
        part[skipped : skipped + known.shape[0]] = torch.from_numpy(known)
        found.append((cut(energies, begin, window), part))
    return found


def maker(run: str, window: Window = Window()):
    """For `feed`: portion K is the windows of sentences K * PORTION and on, mixed, as arrays in f16."""
    clips = Clips()
    teacher, _ = restore(work(FITTED))
    teacher.eval()

    def portion(number: int) -> list[tuple[np.ndarray, np.ndarray]]:
        clips.refresh()
        found = [e for i in range(PORTION) for e in examples(clips, teacher, run, number * PORTION + i, window)]
        order = seeded("mixed", run, number).permutation(len(found))
        return [(found[i][0].half().numpy(), found[i][1].half().numpy()) for i in order]

    return portion


def loss_of(model: Model, batch: list[tuple[np.ndarray, np.ndarray]], frozen: int, window: Window) -> torch.Tensor:
    """Cross entropy against the teacher's word, with and without tones."""
    here, base = device_of(model), base_of()
    stacked = torch.from_numpy(np.stack([m for m, _ in batch])).float().to(here)
    target = torch.from_numpy(np.stack([t for _, t in batch])).float().to(here)
    log_probs = model(stacked, only=slice(0, window.answer.stop), frozen=frozen)
    weight = torch.full((target.shape[1],), EARLIER, device=here)
    weight[window.back // STEP :] = 1.0
    bare = target.new_zeros(*target.shape[:-1], int(base.max()) + 1).index_add(-1, base.to(here), target)
    tonal = -(target * log_probs).sum(-1)
    plain = -(bare * without_tones(log_probs)).sum(-1)
    return ((0.5 * tonal + 0.5 * plain) * weight).sum() / (weight.sum() * len(batch))


@torch.no_grad()
def stream(model: Model, samples: np.ndarray, window: Window) -> torch.Tensor:
    """Log-probabilities of a whole recording as a stream gives them; both ends get a little silence."""
    here = device_of(model)
    heard = np.concatenate([np.zeros(RATE // 10), samples, np.zeros(RATE * (window.hop + window.ahead + 30) // 100)])
    heard = heard + 1e-4 * np.random.default_rng(0).standard_normal(heard.size)
    energies = mel.log_mel(torch.from_numpy(heard).float())
    hops = range(0, energies.shape[1] - window.hop - window.ahead + 1, window.hop)
    cuts = torch.stack([cut(energies, at - window.back, window) for at in hops])
    return torch.cat([model(part.to(here), only=window.answer).flatten(0, 1).cpu() for part in cuts.split(16)])


def watch(model: Model, clips: Clips, window: Window) -> str:
    model.eval()
    wrong, bare, total, base = 0, 0, 0, base_of()
    for samples, labels in list(clips.watched.values())[:8]:
        log_probs = stream(model, samples / 32768.0, window)
        wrong += distance(labels, greedy(log_probs))
        bare += distance(base[labels].tolist(), greedy(without_tones(log_probs)))
        total += len(labels)
    model.train()
    return f"held back, streamed: {100 * wrong / max(1, total):.1f} % tonal, {100 * bare / max(1, total):.1f} % toneless"


def run(minutes: float = 45.0, frozen: int = 3, threads: int = 1, run: str = "a") -> None:
    """`minutes` is how long the whole training lasts, over all starts: the learning rates fall to its end."""
    torch.set_num_threads(threads)
    torch.manual_seed(2)
    path, window = work(CHECKPOINT.format(run)), Window()
    model, kept = restore(path if path.exists() else work(FITTED))
    model.to(device())
    step, before = (int(kept["step"]), float(kept["seconds"])) if path.exists() else (0, 0.0)
    upper = [p for block in model.encoder.blocks[frozen:] for p in block.parameters()] + [*model.encoder.norm.parameters()]
    head = [*model.head.parameters(), *model.norm.parameters()]
    adam = torch.optim.AdamW([{"params": head}, {"params": upper}], lr=0, weight_decay=0.01, betas=(0.9, 0.98))
    adam.load_state_dict(kept["optimiser"])
    model.train()
    clips, began, smooth, waiting = Clips(), time.monotonic(), None, []
    portions = feed(partial(maker, run), step * BATCH // (PORTION * CUTS))
    spent = lambda: before + time.monotonic() - began
    keep = lambda: save(model, path, step=step, seconds=spent(), optimiser=adam.state_dict(), window=window)
    while spent() < minutes * 60:
        left = max(0.05, 1 - spent() / (minutes * 60))
        for group, rate in zip(adam.param_groups, RATES):
            group["lr"] = rate * left * min(1.0, (step + 1) / 20)
        while len(waiting) < BATCH:
            waiting += next(portions)
        batch, waiting = waiting[:BATCH], waiting[BATCH:]
        loss = loss_of(model, batch, frozen, window)
        adam.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(head + upper, 2.0)
        adam.step()
        smooth = loss.item() if smooth is None else 0.9 * smooth + 0.1 * loss.item()
        step += 1
        if step % 10 == 0:
            print(f"step {step}, loss {smooth:.4f}, {spent() / 60:.1f} of {minutes:.0f} min", flush=True)
        if step % 40 == 0:
            keep()
    keep()
    clips.refresh()
    print(f"step {step}: {watch(model, clips, window)}; {len(clips.sentences)} sentences", flush=True)
