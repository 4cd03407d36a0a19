"""Chinese text as it is spoken, and its syllables.

A syllable is written as pypinyin's TONE3 does: `ni3`, `lv4`, `de5` (5 is the neutral tone), with citation tones: the
dictionary's, without the sandhi of 一, 不 and of third tones in a row, because that is what a decoder looks up.
"""

from __future__ import annotations

import re

HAN = re.compile(r"[\u4e00-\u9fff]")
INTERJECTIONS = {"n2": "en2", "ng2": "en2", "n4": "en4", "ng4": "en4", "n3": "en3", "ng3": "en3", "hm5": "heng5"}
SYLLABLE = re.compile(r"^[a-zv]+[1-5]$")
_DIGITS = dict(zip("0123456789", "零一二三四五六七八九"))


def spoken(text: str) -> str:
    """Numbers as they are read out; what cannot be read out goes away."""
    import cn2an

    text = re.sub(r"12333", "幺二三三三", text)
    text = re.sub(r"(\d{4})(?=年)", lambda m: "".join(_DIGITS[d] for d in m[1]), text)
    text = re.sub(r"(\d+(?:\.\d+)?)%", lambda m: "百分之" + cn2an.an2cn(m[1]), text)
    text = re.sub(r"\d+(?:\.\d+)?", lambda m: cn2an.an2cn(m[0]) if len(m[0]) < 12 else "", text)
    text = re.sub(r"[“”‘’《》〈〉（）()【】\[\]\s·—…-]", "", text)
    text = re.sub(r"[:：;；]", "，", text)
    return re.sub(r"，+", "，", text).strip("，、")


def readable(text: str) -> bool:
    """Only Chinese characters and pauses."""
    return bool(re.fullmatch(r"[\u4e00-\u9fff，。？！、]+", text)) and bool(HAN.search(text))


def syllables(text: str) -> list[str]:
    """The syllables of a text, word by word, so that 长, 行 and 还 are read as in their words."""
    import jieba
    from pypinyin import Style, lazy_pinyin

    jieba.setLogLevel(60)
    result: list[str] = []
    for piece in re.findall(r"[\u4e00-\u9fff]+", text):
        for word in jieba.lcut(piece):
            sounds = lazy_pinyin(word, style=Style.TONE3, neutral_tone_with_five=True)
            result += [INTERJECTIONS.get(sound, sound) for sound in sounds]
    return result


def toneless(syllable: str) -> str:
    return syllable.rstrip("12345")
