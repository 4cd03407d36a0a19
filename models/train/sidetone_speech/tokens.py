"""The model's tokens: number 0 is the blank, then every tonal syllable that any training sentence can hold."""

from __future__ import annotations

from functools import cache

import torch

from .pinyin import SYLLABLE, toneless
from .places import TRAIN

BLANK = "<blk>"
FILE = TRAIN / "templates" / "syllables.txt"
SPOKEN_ONLY = ("di5", "ge5", "yi5")  # neutral in words, never so in the table


def make() -> list[str]:
    """Every reading in pypinyin's character table; bare consonants and interjections that carry no vowel fall away."""
    from pypinyin import Style, pinyin
    from pypinyin.constants import PINYIN_DICT

    found = set(SPOKEN_ONLY)
    for code in PINYIN_DICT:
        if 0x4E00 <= code <= 0x9FFF:
            for reading in pinyin(chr(code), style=Style.TONE3, heteronym=True, neutral_tone_with_five=True)[0]:
                if SYLLABLE.match(reading) and any(v in reading for v in "aeiouv"):
                    found.add(reading)
    return [BLANK, *sorted(found)]


@cache
def tokens() -> list[str]:
    return FILE.read_text(encoding="utf-8").split()


@cache
def numbers() -> dict[str, int]:
    return {token: number for number, token in enumerate(tokens())}


@cache
def bases() -> list[str]:
    """The toneless syllables, the blank first."""
    return [BLANK, *sorted({toneless(token) for token in tokens()[1:]})]


@cache
def base_of() -> torch.Tensor:
    """Of every token, the number of its toneless syllable."""
    order = {base: number for number, base in enumerate(bases())}
    return torch.tensor([0] + [order[toneless(token)] for token in tokens()[1:]])
