"""What is mixed into the language model. Needs requirements-lm.txt alone."""

import struct
import sys
import unittest
import zlib
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import lm
from ime import InputMethod, read_arpa

ARPA = """\\data\\
ngram 1=4

\\1-grams:
-0.30103\t我\t-0.5
-0.60206\t社保\t-0.5
-0.90309\t射\t0
-0.90309\t保\t0

\\2-grams:
-0.09691\t我 社保\t0
-0.1\t我 没有

\\3-grams:
-0.1\t我 我 社保
\\end\\
"""


class InputMethodTest(unittest.TestCase):
    def test_words_and_pairs_are_read_and_nothing_else(self):
        words, pairs = read_arpa(ARPA.splitlines(keepends=True))
        self.assertEqual({w: round(p, 3) for w, p in words.items()}, {"我": 0.5, "社保": 0.25, "射": 0.125, "保": 0.125})
        self.assertEqual({a: {b: round(p, 2) for b, p in after.items()} for a, after in pairs.items()}, {"我": {"社保": 0.8}})

    def test_a_word_that_follows_a_frequent_one_is_frequent(self):
        ime = InputMethod(*read_arpa(ARPA.splitlines(keepends=True)))
        self.assertAlmostEqual(sum(ime.share.values()), 1.0)
        self.assertGreater(ime.share["社保"], ime.lower["社保"])
        self.assertEqual(ime.most()[:2], ["社保", "我"])


class FollowingTest(unittest.TestCase):
    LOWER = {"": 0.1, "我": 0.4, "社保": 0.3, "射": 0.2}

    def whole(self, counts, known):
        found, rest = lm.following(counts, known, self.LOWER)
        return found, sum(found.values()) + rest * sum(p for word, p in self.LOWER.items() if word not in found)

    def test_probabilities_sum_up_to_one(self):
        for counts, known in [({"射": 3.0}, {}), ({}, {"社保": 0.8}), ({"射": 3.0, "社保": 1.0}, {"社保": 0.6, "射": 0.1})]:
            self.assertAlmostEqual(self.whole(counts, known)[1], 1.0)

    def test_what_the_sources_say_often_outweighs_the_input_method(self):
        seldom, often = (self.whole({"射": count}, {"社保": 0.8})[0] for count in (1.0, 100.0))
        self.assertGreater(seldom["社保"], seldom["射"])
        self.assertGreater(often["射"], often["社保"])


class PackedTest(unittest.TestCase):
    def test_a_gap_has_seven_bits_a_byte(self):
        for number, made in [(0, b"\0"), (127, b"\x7f"), (128, b"\x80\x01"), (65_499, b"\xdb\xff\x03")]:
            self.assertEqual(lm.gap(number), made)

    def test_what_is_packed_has_its_checksum(self):
        made = lm.pack(b"ni3" * 50)
        self.assertEqual(zlib.decompress(made[8:-4], -zlib.MAX_WBITS), b"ni3" * 50)
        self.assertEqual(made[-4:], struct.pack("<I", zlib.adler32(made[:-4])))


if __name__ == "__main__":
    unittest.main()
