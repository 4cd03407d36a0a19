//! Numbers as a recogniser writes them after ITN, and as ITN leaves them: `6`, `2.5`, `1万2`, `十五`, `两`.

use crate::zh;

/// A number of a text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Number {
    /// What it comes to.
    pub value: f64,
    /// How many characters it took.
    pub len: usize,
}

/// The scale that may stand without a numeral before it.
const TEN: f64 = 10.0;

/// The number at the beginning of `text`.
#[must_use]
pub fn number(text: &[char]) -> Option<Number> {
    match text.first()? {
        c if c.is_ascii_digit() => Some(digits(text)),
        c if numeral(*c).is_some() || scale(*c) == Some(TEN) => chinese(text),
        _ => None,
    }
}

fn digits(text: &[char]) -> Number {
    let plain = plain(text);
    let Some(scale) = text.get(plain.len).and_then(|&c| scale(c)) else {
        return plain;
    };
    let mut value = plain.value * scale;
    let mut len = plain.len + 1;
    // 1万2: the digit after a scale counts in the next scale down.
    let tail = self::plain(&text[len..]);
    if tail.len == 1 && scale >= 100.0 {
        value += tail.value * scale / 10.0;
        len += 1;
    } else if tail.len > 1 {
        value += tail.value;
        len += tail.len;
    }
    Number { value, len }
}

fn plain(text: &[char]) -> Number {
    let len = text.iter().take_while(|c| c.is_ascii_digit() || **c == '.').count();
    let written: String = text[..len].iter().collect();
    Number {
        value: written.trim_end_matches('.').parse().unwrap_or(0.0),
        len,
    }
}

fn chinese(text: &[char]) -> Option<Number> {
    let mut total = 0.0;
    let mut pending: Option<f64> = None;
    let mut last_scale = 1.0;
    let mut len = 0;
    for &c in text {
        if let Some(digit) = numeral(c) {
            if pending.is_some_and(|known| known != 0.0) && c != zh().numbers.zero {
                break;
            }
            pending = Some(digit);
        } else if let Some(scale) = scale(c) {
            if scale == 10_000.0 {
                total = (total + pending.take().unwrap_or(0.0)) * scale;
            } else {
                total += pending.take().unwrap_or(1.0) * scale;
            }
            last_scale = scale;
        } else {
            break;
        }
        len += 1;
    }
    if let Some(rest) = pending {
        // 两千四 is 2400, 一百零四 is 104.
        let after_zero = len >= 2 && text[len - 2] == zh().numbers.zero;
        total += if last_scale >= 100.0 && !after_zero {
            rest * last_scale / 10.0
        } else {
            rest
        };
    }
    (len > 0).then_some(Number { value: total, len })
}

fn numeral(c: char) -> Option<f64> {
    zh().numbers.numeral(c).map(f64::from)
}

fn scale(c: char) -> Option<f64> {
    zh().numbers.scale(c).map(f64::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_and_spoken_numbers() {
        for (text, value, len) in [
            ("6年", 6.0, 1),
            ("883.20元", 883.2, 6),
            ("1万2", 12_000.0, 3),
            ("1.2万", 12_000.0, 4),
            ("十五天", 15.0, 2),
            ("二十", 20.0, 2),
            ("两千四", 2_400.0, 3),
            ("两年", 2.0, 1),
            ("一百零四", 104.0, 4),
        ] {
            let chars: Vec<char> = text.chars().collect();
            assert_eq!(number(&chars), Some(Number { value, len }), "{text}");
        }
        assert_eq!(number(&['年']), None);
    }
}
