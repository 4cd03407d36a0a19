//! Tells text that was said from text that a decoder made up.

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
    fn a_piece_of_the_prompt_is_an_echo_unless_it_is_short() {
        let prompt = "您好，请问社保卡怎么办？失业保险金、养老保险怎么领？";
        assert!(is_echo("社保卡怎么办失业保险金", prompt));
        assert!(!is_echo("失业保险金", prompt));
        assert!(!is_echo("失业保险金我领了两个月了", prompt));
    }
}
