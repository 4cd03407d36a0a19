//! Tells text that was said from text that a decoder made up.

use std::time::Duration;

/// Characters of letters and digits; the rest does not count when texts are compared.
fn spoken(text: &str) -> Vec<char> {
    text.chars().filter(|c| c.is_alphanumeric()).collect()
}

/// Whether something is said over and over: a decoder that is lost repeats itself.
///
/// A run of one character has to be six long (电话号码里的 "8888" is speech), one of two or more
/// characters has to come four times in a row.
pub(super) fn is_repetition(text: &str) -> bool {
    let text = spoken(text);
    (1..=text.len() / 4).any(|width| {
        let times = if width == 1 { 6 } else { 4 };
        text.windows(width * times)
            .any(|run| run.chunks(width).all(|part| part == &run[..width]))
    })
}

/// The text without its repetition, when nobody could have spoken so fast: a decoder that missed the end writes
/// what it heard once more, wholly or in part.
///
/// `heard` is the time in which it was said. Fast Mandarin has seven syllables a second.
pub(super) fn said_once(text: &str, heard: Duration) -> &str {
    const FASTEST: f32 = 7.5;
    const SHORTEST: usize = 4;
    let places: Vec<(usize, char)> = text.char_indices().filter(|(_, c)| c.is_alphanumeric()).collect();
    if places.len() as f32 <= FASTEST * heard.as_secs_f32() {
        return text;
    }
    let differing = |length: usize| {
        let again = places[length..].iter().zip(&places[..length]);
        let compared = (places.len() - length).min(length);
        let wrong = again.take(compared).filter(|((_, a), (_, b))| a != b).count();
        (wrong * 100 / compared, length)
    };
    match (SHORTEST..places.len().saturating_sub(SHORTEST - 1))
        .map(differing)
        .min()
    {
        Some((percent, length)) if percent <= 25 => {
            text[..places[length].0].trim_end_matches(|c: char| !c.is_alphanumeric())
        }
        _ => text,
    }
}

/// Full-width digits, which the decoder puts where a sentence ends, are commas; numbers have other digits.
pub(super) fn punctuated(text: &str) -> String {
    text.replace(|c| matches!(c, '０'..='９'), "，")
}

/// Whether the text is a piece of the prompt, given back because nothing was heard.
///
/// Short pieces are let through: the prompt is made of words that callers really say.
pub(super) fn is_echo(text: &str, prompt: &str) -> bool {
    const SHORTEST: usize = 9;
    let (text, prompt) = (spoken(text), spoken(prompt));
    text.len() >= SHORTEST && prompt.windows(text.len()).any(|piece| piece == text.as_slice())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loop_is_noticed_and_a_telephone_number_is_not() {
        for looped in ["谢谢大家谢谢大家谢谢大家谢谢大家", "好好好好好好", "我说的的、的的的的"]
        {
            assert!(is_repetition(looped), "{looped}");
        }
        for said in ["对对对", "是的是的是的", "尾号是8888", "一一零零", ""] {
            assert!(!is_repetition(said), "{said}");
        }
    }

    #[test]
    fn what_was_heard_once_is_written_once() {
        let once = |text, ms| said_once(text, Duration::from_millis(ms));
        assert_eq!(
            once("不客气您多保重再见，不客气您多保重再见", 1_900),
            "不客气您多保重再见"
        );
        assert_eq!(
            once("缴费比例是多少啊，缴费比例是多少啊，缴费比", 1_600),
            "缴费比例是多少啊"
        );
        assert_eq!(once("申报什么时候截止?申报什么时间截", 1_500), "申报什么时候截止");
        for (said, ms) in [
            ("不客气您多保重再见，不客气您多保重再见", 3_000),
            ("到营业执照所在地的公共就业服务机构申请", 1_500),
            ("喂喂", 100),
            ("", 0),
        ] {
            assert_eq!(once(said, ms), said);
        }
    }

    #[test]
    fn full_width_digits_are_commas() {
        assert_eq!(punctuated("我父亲去世了４交了15年１"), "我父亲去世了，交了15年，");
    }

    #[test]
    fn a_piece_of_the_prompt_is_an_echo_unless_it_is_short() {
        let prompt = "您好，请问社保卡怎么办？失业保险金、养老保险怎么领？";
        assert!(is_echo("社保卡怎么办失业保险金", prompt));
        assert!(!is_echo("失业保险金", prompt));
        assert!(!is_echo("失业保险金我领了两个月了", prompt));
    }
}
