//! How much is said in a text, whoever wrote it.

use crate::Hypothesis;

/// Syllables of a text: between the least and the most that it may have, as digits are read out in more than one way.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Extent {
    pub(super) least: f32,
    pub(super) most: f32,
}

impl Extent {
    pub(super) fn of(text: &str) -> Self {
        let mut extent = Self::default();
        let mut chars = text.chars().filter(|c| !matches!(c, ',' | '.')).peekable();
        while let Some(c) = chars.next() {
            if !c.is_alphanumeric() {
                continue;
            }
            if !c.is_ascii() {
                extent = extent.plus(1.0, 1.0);
                continue;
            }
            // 2160 is four syllables digit by digit and seven as a number; a Latin word may be one, or spelled out.
            let digits = c.is_ascii_digit();
            let mut run = 1.0;
            while chars
                .next_if(|next| next.is_ascii_alphanumeric() && next.is_ascii_digit() == digits)
                .is_some()
            {
                run += 1.0;
            }
            extent = if digits {
                extent.plus(run, 2.0 * run - 1.0)
            } else {
                extent.plus(1.0, run)
            };
        }
        extent
    }

    fn plus(self, least: f32, most: f32) -> Self {
        Self {
            least: self.least + least,
            most: self.most + most,
        }
    }

    /// Whether it surely has less than `whole` of what the other one has.
    pub(super) fn leaves_out(self, other: Self, whole: f32) -> bool {
        self.most < whole * other.least
    }
}

/// One text of two that follow each other. A sentence that goes on has a comma, a number that does has nothing: it has to be
/// seen whole by what masks it.
pub(super) fn joined(head: &Hypothesis, tail: &Hypothesis) -> Hypothesis {
    const ENDS: [char; 4] = ['。', '.', '，', ','];
    let (of_head, of_tail) = (Extent::of(&head.text).most, Extent::of(&tail.text).most);
    let mut text = head.text.trim_end_matches(ENDS).to_owned();
    let numeral =
        |c: Option<char>| c.is_some_and(|c| c.is_numeric() || "零〇一二两三四五六七八九十百千万幺点".contains(c));
    let within = numeral(text.chars().next_back()) && numeral(tail.text.chars().next());
    if !within && text.len() < head.text.len() {
        text.push('，');
    }
    text.push_str(&tail.text);
    let share = of_head / (of_head + of_tail).max(1.0);
    Hypothesis {
        text,
        confidence: share * head.confidence + (1.0 - share) * tail.confidence,
        stable: None,
        spelled: head.spelled && tail.spelled,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn syllables_are_counted_however_numbers_are_written() {
        for (text, least, most) in [
            ("", 0.0, 0.0),
            ("社保卡，怎么办？", 6.0, 6.0),
            ("2160元", 5.0, 8.0),
            ("12,000元", 6.0, 10.0),
            ("call center好的", 4.0, 12.0),
        ] {
            assert_eq!(Extent::of(text), Extent { least, most }, "{text}");
        }
        assert!(Extent::of("60天").leaves_out(Extent::of("六十天之内都可以"), 0.8));
        assert!(!Extent::of("2160元").leaves_out(Extent::of("两千一百六十元整"), 0.8));
    }

    #[test]
    fn two_halves_are_one_text() {
        let half = |text: &str, confidence| Hypothesis {
            text: text.to_owned(),
            confidence,
            stable: None,
            spelled: true,
        };
        for (head, tail, whole) in [
            ("我想问一下。", "社保卡丢了。", "我想问一下，社保卡丢了。"),
            ("我想问一", "下", "我想问一下"),
            ("号码是154，", "0000", "号码是1540000"),
            ("幺五四", "零零。", "幺五四零零。"),
        ] {
            assert_eq!(joined(&half(head, 0.5), &half(tail, 0.5)).text, whole);
        }
        let sure = joined(&half("好好好", 0.9), &half("好", 0.5));
        assert!((sure.confidence - 0.8).abs() < 1e-6 && sure.spelled);
    }
}
