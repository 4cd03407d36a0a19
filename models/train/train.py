#!/usr/bin/env python3
"""Makes the streaming Mandarin model, a stage at a time: see README.md.

    python3 models/train/train.py text --laws DIR
    python3 models/train/train.py voices [--part 0/2]
    python3 models/train/train.py words --words DIR
    python3 models/train/train.py fit [--begin shipped]
    python3 models/train/train.py slide
    python3 models/train/train.py tune
    python3 models/train/train.py export [--checkpoint shipped:2 fit.pt fit-b.pt] [--penalty 1.0] [--whole-penalty 2.0]
    python3 models/train/train.py evaluate --real DIR [--also MODEL,TOKENS]
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    stages = parser.add_subparsers(dest="stage", required=True)
    text = stages.add_parser("text", help="write the sentences")
    text.add_argument("--laws", type=Path, help="folder of statutes in Markdown")
    voices = stages.add_parser("voices", help="speak them")
    voices.add_argument("--part", default="0/1", help="this process's share, K/N")
    voices.add_argument("--first", type=int, default=0, help="leave the first N sentences out")
    voices.add_argument("--limit", type=int, help="only the first N sentences")
    words = stages.add_parser("words", help="gather human recordings of words")
    words.add_argument("--words", type=Path, required=True, help="checkout of hugolpz/audio-cmn")
    fit = stages.add_parser("fit", help="learn to read whole sentences")
    fit.add_argument("--steps", type=int, default=1500, help="batches of 8 in all")
    fit.add_argument("--begin", choices=("whisper", "shipped"), default="whisper", help="weights to begin from")
    fit.add_argument("--frozen", type=int, default=3, help="lower layers that stay as they are")
    fit.add_argument("--minutes", type=float, default=60.0, help="stop after so long; start again to go on")
    fit.add_argument("--run", default="", help="name of one of several runs, whose checkpoint is fit-NAME.pt")
    fit.add_argument("--around", choices=("office", "hall"), default="office", help="rooms and noise; a hall has more")
    fit.add_argument("--threads", type=int, default=2)
    slide = stages.add_parser("slide", help="learn to answer from a sliding window")
    slide.add_argument("--run", default="a", help="name of one of several runs; their weights are averaged")
    slide.add_argument("--frozen", type=int, default=3)
    slide.add_argument("--minutes", type=float, default=45.0, help="length of the whole training, over all starts")
    slide.add_argument("--threads", type=int, default=1)
    tune = stages.add_parser("tune", help="which penalty on the blank suits")
    tune.add_argument("--checkpoint", nargs="+", metavar="NAME[:SHARE]", help="as for export")
    export = stages.add_parser("export", help="write the int8 model for sherpa-onnx")
    mix = "the mean of these, by share, as in shipped:2 fit.pt:1; the mean of all slide runs if not given"
    export.add_argument("--checkpoint", nargs="+", metavar="NAME[:SHARE]", help=mix)
    export.add_argument("--penalty", type=float, default=0.0, help="taken off the blank's log-probability, in the graph")
    export.add_argument("--whole-penalty", type=float, default=0.0, help="the same for whole.onnx")
    export.add_argument("--target", type=Path, help="folder; models/sidetone-streaming-zh by default")
    evaluate = stages.add_parser("evaluate", help="measure it as Sidetone uses it")
    evaluate.add_argument("--real", type=Path, help="folder of real clips with refs.tsv")
    evaluate.add_argument("--also", action="append", metavar="MODEL,TOKENS", help="compare this model too")
    evaluate.add_argument("--model", type=Path, help="another file than the committed one, its tokens.txt beside it")
    evaluate.add_argument("--quick", action="store_true", help="the real clips only")
    options = vars(parser.parse_args())
    stage = options.pop("stage")
    module = __import__(f"sidetone_speech.{stage}", fromlist=["run"])
    module.run(**options)
    return 0


if __name__ == "__main__":
    sys.exit(main())
