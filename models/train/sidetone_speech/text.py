"""Stage `text`: what the voices are to say.

Sources: the knowledge base's own wording, templates of hotline and of general speech with slots, everyday sentences
(Tatoeba's, as the language model has them), statutes (a folder of Markdown files, `--laws DIR`) and random words of
jieba's dictionary in rows, which keep the model from learning the language of the others by heart. Sentences are then
put in an order that shows every common syllable early and often, so that a part of the list is as good a training set
as its length allows.
"""

from __future__ import annotations

import json
import random
import re
import tomllib
from collections import Counter
from pathlib import Path

from .pinyin import HAN, SYLLABLE, readable, spoken, syllables
from .places import CORPUS, KNOWLEDGE, TRAIN, work, write_whole

SHORTEST, LONGEST = 6, 30  # characters: about 1.2 to 7 s
SHARES = {"domain": 0.25, "general": 0.1, "everyday": 0.4, "laws": 0.05, "words": 0.2}
TOTAL = 9000


def slots() -> dict[str, list[str]]:
    lines = (TRAIN / "templates/slots.txt").read_text(encoding="utf-8").splitlines()
    return {name: values.split() for name, values in (line.split(": ", 1) for line in lines if line.strip())}


def fill(template: str, values: dict[str, list[str]], rng: random.Random) -> str:
    return re.sub(r"\{(\w+)\}", lambda m: rng.choice(values[m[1]]), template)


def from_templates(name: str, count: int, rng: random.Random) -> list[str]:
    templates = [t for t in (TRAIN / f"templates/{name}.txt").read_text(encoding="utf-8").splitlines() if t.strip()]
    values = slots()
    found: dict[str, None] = dict.fromkeys(t for t in templates if "{" not in t)
    slotted = [t for t in templates if "{" in t]
    while len(found) < count:
        found[fill(rng.choice(slotted), values, rng)] = None
    return list(found)


def from_knowledge(rng: random.Random) -> list[str]:
    """Questions as callers put them, answers clause by clause, terms in carrier phrases."""
    lines: list[str] = []
    figure = lambda _: rng.choice(["两千一百元", "百分之八", "六个月", "十五年", "四千五百六十元", "三十天"])
    for path in sorted(KNOWLEDGE.glob("nodes-*.jsonl")):
        for row in map(json.loads, path.read_text(encoding="utf-8").splitlines()):
            lines += row.get("asked_as", []) + row.get("todos", []) + row.get("risks", []) + [row["title"]]
            body = re.sub(r"\{[^}]*\}", figure, row["body"])
            lines += re.split(r"[。；;]", body)
    carriers = ["我想问一下{}的事", "{}是什么意思", "那个{}怎么弄啊", "您说的是{}对吗", "关于{}，我再确认一下"]
    for row in map(json.loads, (KNOWLEDGE / "topics.jsonl").read_text(encoding="utf-8").splitlines()):
        lines += [rng.choice(carriers).format(term) for term in row["terms"]]
    return lines


def from_laws(folder: Path | None, count: int, rng: random.Random) -> list[str]:
    """Clauses of statutes; the folder holds Markdown files whose articles begin with 第…条."""
    if folder is None:
        return []
    files = sorted(folder.rglob("*.md"))
    rng.shuffle(files)
    found: dict[str, None] = {}
    for path in files:
        articles = re.findall(r"^第\S+条\s*(.+)$", path.read_text(encoding="utf-8", errors="ignore"), re.M)
        clauses = [c for a in articles for c in re.split(r"[。；：]", a) if SHORTEST <= len(c) <= LONGEST]
        for clause in rng.sample(clauses, min(6, len(clauses))):
            found[clause] = None
        if len(found) > count:
            break
    return list(found)


def from_everyday(count: int, rng: random.Random) -> list[str]:
    """Short sentences of all kinds of talk."""
    from lm import everyday

    found = sorted({text for text, _ in everyday()})
    return rng.sample(found, min(count, len(found)))


def from_dictionary(count: int, rng: random.Random) -> list[str]:
    """Rows of 3 to 6 words that have nothing to do with each other."""
    import jieba

    jieba.initialize()
    words = [(w, f) for w, f in jieba.dt.FREQ.items() if f >= 20 and 1 <= len(w) <= 4 and all(map(HAN.match, w))]
    weights = [f**0.4 * (0.25 if len(w) == 1 else 1.0) for w, f in words]
    rows = []
    for _ in range(count):
        row = [w for w, _ in rng.choices(words, weights, k=rng.randint(3, 6))]
        rows.append("".join(w + rng.choice(["", "", "，"]) for w in row).strip("，"))
    return rows


def of_the_test() -> set[str]:
    """What the scripted test calls say: never to be trained on."""
    turns = [t for path in (CORPUS / "calls").glob("*.toml") for t in tomllib.loads(path.read_text("utf-8"))["turn"]]
    said = [piece for t in turns for piece in re.split(r"[。？！]", t.get("spoken", t["text"]))]
    return {"".join(HAN.findall(text)) for text in said}


def spread(sentences: dict[str, list[str]], rng: random.Random) -> list[dict[str, object]]:
    """Greedy order: each next sentence is, of a handful drawn by source, the one with the rarest syllables so far."""
    seen: Counter[str] = Counter()
    pools = {source: [(s, syllables(s)) for s in texts] for source, texts in sentences.items()}
    pools = {k: [(s, y) for s, y in v if all(map(SYLLABLE.match, y))] for k, v in pools.items()}
    for pool in pools.values():
        rng.shuffle(pool)
    order: list[dict[str, object]] = []
    while any(pools.values()):
        names = [name for name, pool in pools.items() if pool]
        source = rng.choices(names, [SHARES[name] for name in names])[0]
        pool = pools[source]
        window = range(max(0, len(pool) - 24), len(pool))
        best = max(window, key=lambda i: sum(1 / (1 + seen[y]) for y in pool[i][1]) / len(pool[i][1]) ** 0.5)
        text, sounds = pool.pop(best)
        seen.update(sounds)
        order.append({"text": text, "source": source, "syllables": sounds})
    return order


def run(laws: Path | None, seed: int = 12333) -> None:
    """Writes `text.jsonl`: {text, source, syllables}, in the order in which they should be spoken."""
    rng = random.Random(seed)
    part = {name: int(TOTAL * share) for name, share in SHARES.items()}
    raw = {
        "domain": from_knowledge(rng) + from_templates("domain", part["domain"], rng),
        "general": from_templates("general", part["general"], rng),
        "everyday": from_everyday(part["everyday"] * 2, rng),
        "laws": from_laws(laws, part["laws"], rng),
        "words": from_dictionary(part["words"], rng),
    }
    clean, tested = {}, of_the_test()
    for source, texts in raw.items():
        ready = dict.fromkeys(map(spoken, texts))
        clean[source] = [
            t
            for t in ready
            if readable(t) and SHORTEST <= len(HAN.findall(t)) <= LONGEST and "".join(HAN.findall(t)) not in tested
        ]
        print(f"{source}: {len(clean[source])} sentences", flush=True)
    order = spread({k: v for k, v in clean.items() if v}, rng)
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in order)
    write_whole(work("text.jsonl"), lines.encode())
    kinds = {s for row in order for s in row["syllables"]}
    print(f"{len(order)} sentences, {len(kinds)} tonal syllables -> {work('text.jsonl')}")
