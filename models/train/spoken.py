"""Numbers as they are read out."""

import re

DIGITS = "零一二三四五六七八九"

def digit_by_digit(text, one="一"):
    return "".join(one if c == "1" else DIGITS[int(c)] for c in text)


def read_number(value):
    """An integer up to 99,999,999 as a quantity."""
    if value >= 10_000:
        high, low = divmod(value, 10_000)
        return read_number(high) + "万" + (("零" if low < 1_000 else "") + read_number(low) if low else "")
    out, zero = "", False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, value = divmod(value, unit)
        if digit:
            out += ("零" if zero and out else "") + DIGITS[digit] + name
            zero = False
        else:
            zero = True
    out = out or "零"
    return out[1:] if out.startswith("一十") else out


def read_digits(text):
    """Digits in written text as they would be said."""
    text = re.sub(r"(?<=\d)[,，](?=\d{3})", "", text)
    text = text.replace("12333", "幺二三三三")
    text = re.sub(r"(\d{4})(?=年)", lambda m: digit_by_digit(m[1]), text)
    text = re.sub(r"(\d+(?:\.\d+)?)%", lambda m: "百分之" + read_decimal(m[1]), text)
    text = re.sub(r"\d{9,}", lambda m: digit_by_digit(m[0], "幺"), text)
    return re.sub(r"\d+(?:\.\d+)?", lambda m: read_decimal(m[0]), text)


def read_decimal(text):
    whole, _, part = text.partition(".")
    return read_number(int(whole)) + ("点" + digit_by_digit(part) if part else "")


NUMBERS = {
    "n": lambda r: r.choice(["两", "三", "四", "五", "六", "七", "八", "九", "十", "十二", "十五", "二十", "三十", "几", "一",
                             read_number(r.randint(11, 60))]),
    "year": lambda r: digit_by_digit(str(r.choice([r.randint(1955, 2005), r.randint(2005, 2027)]))),
    "month": lambda r: read_number(r.randint(1, 12)),
    "money": lambda r: read_number(r.choice([r.randint(1, 99) * 100, r.randint(100, 9999), r.randint(1, 30) * 1000])),
    "digits": lambda r: "".join(r.choice("幺二三四五六七八九零") for _ in range(r.choice([4, 5, 7, 11, 18]))),
    "percent": lambda r: "百分之" + read_number(r.randint(1, 90)),
    "age": lambda r: read_number(r.randint(18, 66)),
    "date": lambda r: f"{read_number(r.randint(1, 12))}月{read_number(r.randint(1, 31))}号",
}
