"""What an input method knows of words: which are frequent, and which follow which.

libime's trigram model of simplified Chinese (fcitx, LGPL-2.1+) as ARPA text, of which words and pairs are read. Debian's
source package carries it: `apt-get source --download-only libime`, then `libime_*.orig.tar.xz`. What is made of it is under
LGPL-2.1+, too.
"""

import io
import re
import tarfile
from collections import defaultdict

WORD = re.compile(r"[\u4e00-\u9fff]{1,8}")
# Rounds until the shares of words no longer change by much.
ROUNDS = 15


class InputMethod:
    """`lower` is how likely a word is behind one that it was not seen behind; `share`, how often it is said at all."""

    def __init__(self, words, pairs):
        self.pairs = pairs
        whole = sum(words.values())
        self.lower = {word: probability / whole for word, probability in words.items()}
        self.share = self._shares()

    @classmethod
    def read(cls, path):
        with tarfile.open(path) as package:
            inner = next(m for m in package if re.search(r"/data/lm_sc\.arpa.*\.tar\.xz$", m.name))
            with tarfile.open(fileobj=io.BytesIO(package.extractfile(inner).read())) as packed:
                arpa = next(m for m in packed if m.name.endswith(".arpa"))
                return cls(*read_arpa(io.TextIOWrapper(packed.extractfile(arpa), "utf-8")))

    def _shares(self):
        """A model with Kneser-Ney's smoothing says of a word what it follows, not how often it is said. That is the shares
        which do not change when the next word is drawn by the pairs."""
        left = {a: max(0.0, 1.0 - sum(after.values())) for a, after in self.pairs.items()}
        share = dict(self.lower)
        for _ in range(ROUNDS):
            rest = sum(part * left.get(word, 1.0) for word, part in share.items())
            drawn = {word: rest * lower for word, lower in self.lower.items()}
            for a, after in self.pairs.items():
                part = share[a]
                for b, probability in after.items():
                    drawn[b] += part * probability
            whole = sum(drawn.values())
            share = {word: part / whole for word, part in drawn.items()}
        return share

    def most(self):
        """Words that are written with Chinese characters, the most frequent first."""
        words = (word for word in self.share if WORD.fullmatch(word))
        return sorted(words, key=lambda word: (-self.share[word], word))


def read_arpa(lines):
    """Probabilities of words, and of pairs by their first word."""
    words, pairs, order = {}, defaultdict(dict), 0
    for line in lines:
        line = line.rstrip("\n")
        if line.startswith("\\"):
            order = int(line[1]) if line.endswith("-grams:") else 0
            if order > 2:
                break
            continue
        fields = line.split("\t")
        if order == 0 or len(fields) < 2:
            continue
        probability = 10 ** float(fields[0])
        if order == 1:
            words[fields[1]] = probability
        else:
            a, b = fields[1].split(" ")
            pairs[a][b] = probability
    # Pairs of words that the list does not have are none.
    known = {a: {b: p for b, p in after.items() if b in words} for a, after in pairs.items() if a in words}
    return words, known
