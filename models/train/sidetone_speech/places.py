"""Where things are: the repository, and the working folder that every stage reads and writes."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

TRAIN = Path(__file__).resolve().parents[1]
REPOSITORY = TRAIN.parents[1]
MODELS = REPOSITORY / "models"
TARGET = MODELS / "sidetone-streaming-zh"
KNOWLEDGE = REPOSITORY / "knowledge" / "12333"
CORPUS = REPOSITORY / "tests" / "corpus"
WORK = Path(os.environ.get("SIDETONE_TRAIN_DIR", Path(tempfile.gettempdir()) / "sidetone-train"))


def work(*parts: str) -> Path:
    """A path in the working folder; its parent exists afterwards."""
    path = WORK.joinpath(*parts)
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def write_whole(path: Path, data: bytes) -> None:
    """Writes so that a reader sees the old file or the new one, never a part."""
    part = path.with_name(path.name + ".part")
    part.write_bytes(data)
    part.rename(path)
