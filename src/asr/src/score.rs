//! Character error rate, counted the same way by `transcribe` and by the bench.
//!
//! Both texts lose punctuation and blanks, and Latin letters their case. "2025" in one and 二零二五 in
//! the other is no error: Arabic digits are read out, once digit by digit and once as a number, and
//! the reading that is closer to the reference counts. 幺 is 一, 〇 is 零, 两 is 二. The caller
//! simplifies traditional characters first.

/// Errors and length, to be added up over many texts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Score {
    /// Characters that were put in, left out or heard as others.
    pub errors: usize,
    /// Characters of the reference.
    pub characters: usize,
}

impl Score {
    /// Compares what was heard with what was said.
    #[must_use]
    pub fn of(reference: &str, heard: &str) -> Self {
        [Reading::Digits, Reading::Number]
            .into_iter()
            .map(|reading| {
                let (reference, heard) = (characters(reference, reading), characters(heard, reading));
                Self {
                    errors: distance(&reference, &heard),
                    characters: reference.len(),
                }
            })
            .min_by_key(|score| score.errors)
            .unwrap_or_default()
    }

    /// Both together.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self {
            errors: self.errors + other.errors,
            characters: self.characters + other.characters,
        }
    }

    /// Errors in a hundred characters.
    #[must_use]
    pub fn percent(self) -> f64 {
        100.0 * self.errors as f64 / self.characters.max(1) as f64
    }
}

#[derive(Clone, Copy)]
enum Reading {
    /// 2025 → 二零二五
    Digits,
    /// 2025 → 二千零二十五
    Number,
}

fn characters(text: &str, reading: Reading) -> Vec<char> {
    let mut out = Vec::new();
    let mut digits = String::new();
    let text = text.replace('%', "百分之");
    for c in text.chars() {
        if c.is_ascii_digit() {
            digits.push(c);
            continue;
        }
        read_out(&std::mem::take(&mut digits), reading, &mut out);
        match c {
            '幺' => out.push('一'),
            '〇' => out.push('零'),
            '两' => out.push('二'),
            c if c.is_alphanumeric() => out.extend(c.to_lowercase()),
            _ => {}
        }
    }
    read_out(&digits, reading, &mut out);
    out
}

const NUMERALS: [char; 10] = ['零', '一', '二', '三', '四', '五', '六', '七', '八', '九'];

fn read_out(digits: &str, reading: Reading, out: &mut Vec<char>) {
    let numeral = |digit: char| NUMERALS.get(digit.to_digit(10).unwrap_or(0) as usize).copied();
    match (reading, digits.parse::<u32>()) {
        (Reading::Number, Ok(number)) if number < 100_000_000 && digits.len() <= 8 => number_words(number, out),
        _ => out.extend(digits.chars().filter_map(numeral)),
    }
}

fn number_words(number: u32, out: &mut Vec<char>) {
    if number == 0 {
        out.push('零');
        return;
    }
    let (high, low) = (number / 10_000, number % 10_000);
    if high > 0 {
        below_ten_thousand(high, false, out);
        out.push('万');
    }
    if low > 0 {
        below_ten_thousand(low, high > 0 && low < 1_000, out);
    }
}

fn below_ten_thousand(number: u32, mut zero: bool, out: &mut Vec<char>) {
    let mut begun = false;
    for (unit, name) in [(1_000, Some('千')), (100, Some('百')), (10, Some('十')), (1, None)] {
        let digit = number / unit % 10;
        if digit == 0 {
            zero |= begun;
            continue;
        }
        if std::mem::take(&mut zero) {
            out.push('零');
        }
        // 十二, not 一十二, at the very front.
        if !(unit == 10 && digit == 1 && out.is_empty() && !begun) {
            out.extend(NUMERALS.get(digit as usize));
        }
        out.extend(name);
        begun = true;
    }
}

/// Levenshtein's distance.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = i;
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let substituted = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn errors(reference: &str, heard: &str) -> usize {
        Score::of(reference, heard).errors
    }

    #[test]
    fn punctuation_case_and_the_writing_of_numbers_do_not_count() {
        assert_eq!(errors("您好请问VIP怎么办", "您好，请问 vip 怎么办？"), 0);
        assert_eq!(errors("二零二五年", "2025年"), 0);
        assert_eq!(errors("一共两千四百块", "一共2400块"), 0);
        assert_eq!(errors("一万零五十", "10050"), 0);
        assert_eq!(errors("十二个月", "12个月"), 0);
        assert_eq!(errors("打幺二三三三", "打12333"), 0);
    }

    #[test]
    fn each_wrong_missing_or_added_character_counts_once() {
        assert_eq!(errors("社保卡", "射保卡"), 1);
        assert_eq!(errors("社保卡", "社卡"), 1);
        assert_eq!(errors("社保卡", "社保卡的"), 1);
        assert_eq!(errors("社保卡", ""), 3);
        assert_eq!(errors("", "喂"), 1);
    }

    #[test]
    fn scores_add_up() {
        let sum = Score::of("一二三四", "一二三").plus(Score::of("五六", "五六"));
        assert_eq!(
            sum,
            Score {
                errors: 1,
                characters: 6
            }
        );
        assert!((sum.percent() - 100.0 / 6.0).abs() < 1e-9);
    }
}
