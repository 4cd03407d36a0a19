//! Whatever the number, and however it is said.

use proptest::prelude::*;

use super::super::token::digit;
use super::super::{Masker, scrub};
use super::settled;

fn with_check(body: &[u8]) -> String {
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = body.iter().zip(weights).map(|(d, w)| u32::from(*d) * w).sum();
    let mut text: String = body.iter().map(|d| char::from(b'0' + d)).collect();
    text.push(char::from(b"10X98765432"[(sum % 11) as usize]));
    text
}

fn with_luhn(body: &[u8]) -> String {
    let sum: u32 = body
        .iter()
        .rev()
        .enumerate()
        .map(|(at, d)| {
            let d = u32::from(*d) * if at % 2 == 0 { 2 } else { 1 };
            if d > 9 { d - 9 } else { d }
        })
        .sum();
    let mut text: String = body.iter().map(|d| char::from(b'0' + d)).collect();
    text.push(char::from(b'0' + ((10 - sum % 10) % 10) as u8));
    text
}

prop_compose! {
    fn id_card()(body in prop::collection::vec(0u8..10, 17)) -> String { with_check(&body) }
}
prop_compose! {
    fn phone()(second in 3u8..10, rest in "[0-9]{9}") -> String { format!("1{second}{rest}") }
}
prop_compose! {
    fn card()(first in 3u8..7, rest in prop::collection::vec(0u8..10, 11..18)) -> String {
        let mut body = vec![first];
        body.extend(rest);
        with_luhn(&body)
    }
}

/// Spoken or written digit by digit, with a separator of each kind put in by chance.
fn spoken(number: &str, styles: &[u8], gaps: &[u8]) -> String {
    const GAPS: [&str; 12] = ["", "", "", "", " ", "-", "，", "，嗯，", "、", "。", "那个", " 呃 "];
    let mut text = String::new();
    for (at, c) in number.chars().enumerate() {
        if at > 0 {
            text.push_str(GAPS[usize::from(gaps[at % gaps.len()]) % GAPS.len()]);
        }
        let style = styles[at % styles.len()] % 3;
        match (c, style) {
            ('X', 0) => text.push('X'),
            ('X', 1) => text.push('叉'),
            ('X', _) => text.push_str("艾克斯"),
            (c, 0) => text.push(c),
            ('1', 1) => text.push('幺'),
            (c, _) => text.extend("零一二三四五六七八九".chars().nth((c as u8 - b'0') as usize)),
        }
    }
    text
}

fn digits_of(text: &str) -> String {
    text.chars().filter_map(digit).map(char::from).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]

    #[test]
    fn no_number_survives(
        number in prop_oneof![id_card(), phone(), card()],
        styles in prop::collection::vec(any::<u8>(), 1..8),
        gaps in prop::collection::vec(any::<u8>(), 1..8),
        before in "(我的|身份证号是|交了2400元，|号码：|一共|〔2024〕72号，|好|)",
        after in "(元|号|年|，谢谢|。|对吧|岁|块钱|个|)",
        settled in any::<bool>(),
    ) {
        let said = spoken(&number, &styles, &gaps);
        let text = format!("{before}{said}{after}");
        let masked = Masker::new().mask(&text, settled);
        let begin = before.chars().count();
        let inside: String = masked.text.chars().skip(begin).take(said.chars().count()).collect();
        prop_assert_eq!(digits_of(&inside), "", "{} -> {}", text, masked.text);
        prop_assert_eq!(masked.text.chars().count(), text.chars().count());
        let again = scrub(&masked.text);
        prop_assert_eq!(again, masked.text);
    }

    #[test]
    fn no_number_survives_turns_or_words(
        number in prop_oneof![id_card(), phone()],
        styles in prop::collection::vec(any::<u8>(), 1..8),
        cuts in (3usize..6, 3usize..6),
        words in "(，等一下，|，后面是|，|，然后是|，我看看啊，)",
        asked in any::<bool>(),
    ) {
        let cuts = [cuts.0, cuts.0 + cuts.1];
        let groups = [&number[..cuts[0]], &number[cuts[0]..cuts[1]], &number[cuts[1]..]];
        let groups = groups.map(|group| spoken(group, &styles, &[0]));
        let mut masker = Masker::new();
        if asked {
            masker.hear_other("您的身份证号和手机号说一下");
            for group in &groups {
                prop_assert_eq!(digits_of(&masker.mask(group, true).text), "", "{}", group);
            }
        } else {
            let said = groups.join(&words);
            let masked = masker.mask(&said, true).text;
            prop_assert_eq!(digits_of(&masked.replace("一下", "")), "", "{}", said);
        }
    }

    #[test]
    fn amounts_survive(amount in 1u32..99_999_999, unit in "(元|块钱|%)", before in "(我交了|最低工资是|电话里说|)") {
        let text = format!("{before}{amount}{unit}");
        prop_assert_eq!(settled(&text).text, text);
    }

    #[test]
    fn offsets_fit_and_nothing_panics(turns in prop::collection::vec("([0-9]{1,9}|[一二三幺零X叉元年，。 嗯的身份证号电话]{0,6}|\\PC{0,5}){0,5}", 0..6)) {
        let mut masker = Masker::new();
        for turn in turns {
            for is_settled in [false, true] {
                let masked = masker.mask(&turn, is_settled);
                let chars: Vec<char> = masked.text.chars().collect();
                prop_assert_eq!(chars.len(), turn.chars().count());
                let mut last = 0;
                for r in &masked.redactions {
                    prop_assert!(last <= r.begin && r.begin < r.end && r.end <= chars.len());
                    prop_assert!(chars[r.begin..r.end].iter().all(|c| *c == '*'));
                    last = r.end;
                }
            }
            masker.hear_other(&turn);
        }
    }
}
