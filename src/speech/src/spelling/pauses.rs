//! A speller writes no punctuation; whoever reads a final wants some.

use std::time::Duration;

use super::Spelling;

/// From the begin of one syllable to that of the next: so long only with a pause between them. Of the commas that scripted
/// turns have in their text half are found so, and none where there is none.
const PAUSE: Duration = Duration::from_millis(360);
/// Within a number people pause, too, and a comma there would make two of it.
const NUMERALS: &str = "零〇一二三四五六七八九十百千万亿两幺点";
/// What a question ends with.
const ASKS: [char; 3] = ['吗', '呢', '么'];

impl Spelling {
    /// The text with a comma at each pause, and its end. `said_at` tells for each token when it was said.
    #[must_use]
    pub fn punctuated(&self, said_at: &[Duration]) -> String {
        let mut text = String::with_capacity(self.text.len() + 16);
        let at = |token: u32| said_at.get(token as usize).copied();
        let mut before = None;
        for (c, token) in self.text.chars().zip(&self.tokens) {
            let now = at(*token);
            if let (Some((last, before)), Some(now)) = (before, now)
                && now >= before + PAUSE
                && !(NUMERALS.contains(last) && NUMERALS.contains(c))
            {
                text.push('，');
            }
            before = now.map(|now| (c, now));
            text.push(c);
        }
        match text.chars().last() {
            None => {}
            Some(last) if ASKS.contains(&last) => text.push('？'),
            Some(_) => text.push('。'),
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_is_a_comma() {
        let spelling = |text: &str| Spelling {
            text: text.to_owned(),
            tokens: (0..text.chars().count() as u32).collect(),
            ..Spelling::default()
        };
        let at: Vec<Duration> = [0, 200, 560, 760].map(Duration::from_millis).to_vec();
        assert_eq!(spelling("您好请讲").punctuated(&at), "您好，请讲。");
        assert_eq!(spelling("能领吗").punctuated(&at), "能领，吗？");
        assert_eq!(
            spelling("好的谢谢再见").punctuated(&at),
            "好的，谢谢再见。",
            "times that are missing"
        );
        assert_eq!(spelling("零二零三").punctuated(&at), "零二零三。");
        assert_eq!(spelling("").punctuated(&[]), "");
    }
}
