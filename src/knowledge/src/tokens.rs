//! What search sees of a text: pairs of Chinese characters and whole words of letters and digits.

use pinyin::ToPinyin;
use sidetone_language::{is_han, zh};

/// A token: two Chinese characters, or the hash of a word.
pub(crate) type Token = u64;

/// Lower case, half width, without courtesy and hesitation; anything that is no letter, digit or Chinese character is a blank.
pub(crate) fn normalise(text: &str) -> String {
    let plain: String = text
        .chars()
        .map(|c| match c {
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(' '),
            other => other,
        })
        .map(|c| {
            if is_han(c) || c.is_ascii_alphanumeric() {
                c.to_ascii_lowercase()
            } else {
                ' '
            }
        })
        .collect();
    let mut out = plain;
    for filler in zh().turns.courtesy.iter() {
        if out.contains(filler) {
            out = out.replace(filler, " ");
        }
    }
    out
}

/// Tokens of a normalised text, in order, with repetitions.
pub(crate) fn tokens(normal: &str) -> Vec<Token> {
    let mut out = Vec::new();
    for run in normal.split(' ').filter(|run| !run.is_empty()) {
        let chars: Vec<char> = run.chars().collect();
        let mut at = 0;
        while let Some(&c) = chars.get(at) {
            if is_han(c) {
                match chars.get(at + 1) {
                    Some(&next) if is_han(next) => out.push(pair(c, next)),
                    // A character on its own has no pair; it counts by itself.
                    _ if at == 0 || !is_han(chars[at - 1]) => out.push(pair(c, '\0')),
                    _ => {}
                }
                at += 1;
            } else {
                let len = chars[at..].iter().take_while(|c| !is_han(**c)).count();
                out.push(word(&chars[at..at + len]));
                at += len;
            }
        }
    }
    out
}

fn pair(a: char, b: char) -> Token {
    (u64::from(a as u32) << 21) | u64::from(b as u32)
}

/// FNV-1a with the top bit set, so that no word equals a pair.
fn word(chars: &[char]) -> Token {
    fnv(chars.iter().map(|&c| c as u32)) | (1 << 63)
}

/// FNV-1a of bytes.
pub(crate) fn hash(bytes: impl Iterator<Item = u8>) -> u64 {
    fnv(bytes.map(u32::from))
}

fn fnv(units: impl Iterator<Item = u32>) -> u64 {
    units.fold(0xcbf2_9ce4_8422_2325_u64, |hash, unit| {
        (hash ^ u64::from(unit)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// Tokens of a text as it was said or written, sorted, without repetitions.
pub(crate) fn token_set(text: &str) -> Vec<Token> {
    let mut out = tokens(&normalise(text));
    out.sort_unstable();
    out.dedup();
    out
}

/// Pairs of syllables without tones: what a recogniser still hears rightly where it writes other characters.
pub(crate) fn syllable_pairs(text: &str) -> Vec<Token> {
    let normal = normalise(text);
    let mut out = Vec::new();
    for run in normal.split(' ') {
        let syllables: Vec<&str> = run.chars().filter_map(|c| Some(c.to_pinyin()?.plain())).collect();
        let pairs = syllables.windows(2);
        out.extend(pairs.map(|pair| hash(pair.join(" ").bytes())));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{normalise, syllable_pairs, tokens};

    #[test]
    fn homophones_sound_alike() {
        assert_eq!(syllable_pairs("社保卡"), syllable_pairs("射保卡"));
        assert_ne!(syllable_pairs("社保卡"), syllable_pairs("社保金"));
    }

    #[test]
    fn courtesy_says_nothing() {
        assert_eq!(normalise("您好，请问一下失业金怎么领啊？").trim(), "失业金怎么领");
        assert_eq!(tokens(&normalise("请问失业金")), tokens("失业金"));
    }

    #[test]
    fn words_and_pairs_are_told_apart() {
        assert_eq!(tokens("社保卡").len(), 2);
        assert_eq!(tokens("app社保12333").len(), 3);
        assert_eq!(tokens("钱").len(), 1);
        assert_eq!(tokens(&normalise("ＡＰＰ")), tokens("app"));
    }
}
