"""Examples made ahead by a process of their own, in order: the same numbers give the same examples."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator
from queue import Empty, Full
from typing import Any

AHEAD = 4  # portions that may wait


def _work(prepare: Callable[[], Callable[[int], Any]], first: int, queue: Any) -> None:
    import torch

    torch.set_num_threads(1)
    make = prepare()
    number, parent = first, os.getppid()
    while True:
        portion = make(number)
        while True:
            try:
                queue.put(portion, timeout=5)
                break
            except Full:
                if os.getppid() != parent:  # killed: nobody will take anything any more
                    os._exit(0)
        number += 1


def feed(prepare: Callable[[], Callable[[int], Any]], first: int) -> Iterator[Any]:
    """What `prepare()`'s function returns for `first`, `first + 1`, … without end; the process ends with this one, and this one with it."""
    context = multiprocessing.get_context("spawn")
    queue = context.Queue(AHEAD)
    worker = context.Process(target=_work, args=(prepare, first, queue), daemon=True)
    worker.start()
    while True:
        try:
            yield queue.get(timeout=1)
        except Empty:
            if not worker.is_alive():
                raise SystemExit("the process that makes the examples has died; it says above of what") from None
