"""python3 -m unittest discover -s models/train/tests -t models/train

What training and the exported graph must agree on. Needs requirements.txt, no data.
"""

import tempfile
import unittest
from pathlib import Path

import numpy as np
import onnx
import torch

from sidetone_speech import augment, mel, scoring, shipped
from sidetone_speech.clips import seeded
from sidetone_speech.export import Streaming, Whole, borrowed, example, mean, named, quantised, write_whole
from sidetone_speech.feed import feed
from sidetone_speech.model import Model, without_tones
from sidetone_speech.pinyin import spoken, syllables
from sidetone_speech.places import TARGET
from sidetone_speech.shape import Window
from sidetone_speech.slide import cut
from sidetone_speech.tokens import base_of, bases, numbers, tokens
from sidetone_speech.whisper import Encoder


def model() -> Model:
    torch.manual_seed(1)
    made = Model(Encoder()).eval()
    torch.nn.init.normal_(made.encoder.places, std=0.02)
    return made


class Graph(unittest.TestCase):
    def test_streaming_graph_hears_what_training_hears(self) -> None:
        window, trained = Window(back=40, hop=16, ahead=8), model()
        graph = Streaming(trained, window, 0.0).eval()
        energies = mel.log_mel(torch.randn(16_000) * 0.05)
        scaled = (energies.T[None] + 4) / 4
        _, past, *rest = example(window, batch=1)
        with torch.no_grad():
            for begin in range(0, 80, window.hop):
                x = scaled[:, begin : begin + window.hop + window.ahead]
                answer, past, *rest = graph(x, past, *rest)
                expected = trained(cut(energies, begin - window.back, window)[None], only=window.answer)
                bare = without_tones(expected)[0]
                self.assertTrue(torch.allclose(answer[0, :, 0], expected[0, :, 0], atol=1e-3))
                best = torch.full_like(bare, -99).index_reduce(-1, base_of(), answer[0], "amax")
                self.assertTrue(torch.allclose(best, bare, atol=1e-3))
        self.assertEqual(int(rest[-1]), 80)

    def test_whole_graph_hears_what_training_hears(self) -> None:
        trained = model()
        graph = Whole(trained, 0.0).eval()
        trained.encoder.places.copy_(shipped.positions())
        samples = torch.nn.functional.pad(torch.randn(640 * 20 - 800) * 0.05, (400, 400))
        scaled = 7.0 * torch.cat([torch.tensor([1.0, -1.0]), samples])[None] + 0.3
        with torch.no_grad():
            answer = graph(scaled)
            expected = trained(mel.normalise(mel.log_mel(samples)[None]))
        best = torch.full_like(without_tones(expected)[0], -99).index_reduce(-1, base_of(), answer[0], "amax")
        self.assertTrue(torch.allclose(best, without_tones(expected)[0], atol=1e-2))

    def test_shipped_weights_read_back_are_written_as_they_were(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            exact, small = Path(folder, "exact.onnx"), Path(folder, "small.onnx")
            write_whole(shipped.restore(), exact, 0.0)
            quantised(exact, small)
            graph = onnx.load(small)
        weights = [t for t in graph.graph.initializer if t.data_type == onnx.TensorProto.INT8 and len(t.dims) == 2]
        borrowed(graph, TARGET / "model.int8.onnx")
        self.assertEqual(len(weights), 37)
        self.assertEqual([t.name for t in weights if t.HasField("raw_data")], [])


class Mixture(unittest.TestCase):
    def test_weights_are_mixed_by_share(self) -> None:
        low, high = model(), model()
        for number, made in ((1.0, low), (5.0, high)):
            torch.nn.init.constant_(made.head.weight, number)
        self.assertTrue(torch.allclose(mean([(low, 6), (high, 2)]).head.weight, torch.tensor(2.0)))

    def test_shipped_with_itself_is_shipped(self) -> None:
        once, state = named("shipped")[0], shipped.restore().state_dict()
        mixed = mean([(once, 0.4), (named("shipped")[0], 0.6)]).state_dict()
        self.assertTrue(all(torch.allclose(mixed[key], state[key], atol=1e-6) for key in state))


class Text(unittest.TestCase):
    def test_numbers_are_spoken(self) -> None:
        self.assertEqual(spoken("2025年涨了5%，打12333"), "二零二五年涨了百分之五，打幺二三三三")

    def test_syllables_follow_the_word(self) -> None:
        self.assertEqual(syllables("银行，行人"), ["yin2", "hang2", "xing2", "ren2"])
        self.assertEqual(syllables("女儿"), ["nv3", "er2"])

    def test_every_token_has_a_base(self) -> None:
        self.assertEqual(tokens()[0], "<blk>")
        self.assertEqual(len(tokens()), len(set(tokens())))
        self.assertEqual(bases()[base_of()[numbers()["lv4"]]], "lv")


class Sound(unittest.TestCase):
    def test_same_seed_same_sound(self) -> None:
        voice = np.sin(np.arange(32_000) / 20) * 0.1
        once, twice = (augment.through(voice, seeded("x", 3), lambda rng: voice) for _ in range(2))
        self.assertTrue(np.array_equal(once, twice))
        self.assertEqual(once.size, voice.size)

    def test_a_hall_is_rougher_than_an_office(self) -> None:
        voice = np.sin(np.arange(32_000) / 20) * 0.1
        spoilt = {}
        for around in augment.SURROUNDINGS:
            heard = [augment.through(voice, seeded("hall", i), lambda rng: voice, 0.0, around) for i in range(40)]
            spoilt[around] = np.mean([1 - abs(np.corrcoef(voice, one)[0, 1]) for one in heard])
        self.assertGreater(spoilt["hall"], spoilt["office"])

    def test_g711_keeps_the_wave(self) -> None:
        wave = np.sin(np.arange(8_000) / 5) * 0.3
        for law in (augment.a_law, augment.mu_law):
            self.assertLess(np.abs(law(wave) - wave).max(), 0.02)


def broken():
    raise RuntimeError("as it was told")


class Feed(unittest.TestCase):
    def test_a_process_that_has_died_is_not_waited_for(self) -> None:
        with self.assertRaisesRegex(SystemExit, "has died"):
            next(feed(broken, 0))


class Paths(unittest.TestCase):
    def test_posteriors_add_up_and_find_the_labels(self) -> None:
        log_probs = torch.full((9, 5), -6.0)
        for frame, label in enumerate([0, 2, 0, 0, 2, 0, 4, 4, 0]):
            log_probs[frame, label] = -0.01
        passed = scoring.posteriors(log_probs.double().numpy(), [2, 2, 4])
        assert passed is not None
        self.assertTrue(np.allclose(passed.sum(1), 1))
        self.assertEqual([int(passed[:, s].argmax()) for s in (1, 3)], [1, 4])
        self.assertEqual(scoring.greedy(log_probs), [2, 2, 4])

    def test_distance(self) -> None:
        self.assertEqual(scoring.distance("kitten", "sitting"), 3)


if __name__ == "__main__":
    unittest.main()
