//! A syllable as it was heard, and what it costs to take it for another.

use super::NAT;
use crate::sound::confusions;

/// The neutral tone, which a dictionary writes as 5.
const NEUTRAL: u8 = 5;

/// One syllable of a model's table. Made by [`super::SyllableModel::syllable`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Syllable {
    /// Number of the spelling without its tone.
    pub(super) plain: u16,
    /// 1 to 5; 0 where no tone was heard.
    pub(super) tone: u8,
}

/// What errors of the recogniser cost, in twelfths of a nat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Penalties {
    /// Another tone.
    pub tone: i32,
    /// A neutral tone for a full one or the other way round, or a third tone heard as a second:
    /// people say so, and dictionaries differ.
    pub near_tone: i32,
    /// Each confusion of telephone speech: zh/z, ch/c, sh/s, n/l, f/h at the begin, -n/-ng at the end.
    pub near_sound: i32,
}

impl Default for Penalties {
    fn default() -> Self {
        Self::USUAL
    }
}

impl Penalties {
    /// As measured.
    pub const USUAL: Self = Self {
        tone: 7 * NAT / 2,
        near_tone: 5 * NAT / 2,
        near_sound: 4 * NAT,
    };

    /// Between tones alone.
    pub(super) fn tones(&self, heard: u8, word: u8) -> i32 {
        match (heard, word) {
            (0, _) | (_, 0) => 0,
            (a, b) if a == b => 0,
            (NEUTRAL, _) | (_, NEUTRAL) | (2, 3) => self.near_tone,
            _ => self.tone,
        }
    }

    /// Between two spellings without tones that belong to one class of confusable sounds.
    pub(super) fn sounds(&self, heard: &str, word: &str) -> i32 {
        if heard == word {
            0
        } else {
            self.near_sound * confusions(heard, word).max(1) as i32
        }
    }
}

/// `lv4`, `lü4`, `ni_` (no tone) as spelling and tone; `None` for anything that is no syllable.
pub(super) fn split(token: &str) -> Option<(String, u8)> {
    let token = token.trim_end_matches('_');
    let (letters, tone) = match token.as_bytes().last()? {
        digit @ b'0'..=b'5' => (&token[..token.len() - 1], *digit - b'0'),
        _ => (token, 0),
    };
    let plain: String = letters.chars().map(|c| if c == 'ü' { 'v' } else { c }).collect();
    let fine = (1..=6).contains(&plain.len()) && plain.bytes().all(|b| b.is_ascii_lowercase());
    fine.then_some((plain, tone))
}

#[cfg(test)]
mod tests {
    use super::{Penalties, split};

    #[test]
    fn tokens() {
        for (token, plain, tone) in [
            ("ni3", "ni", 3),
            ("lv4", "lv", 4),
            ("lü4", "lv", 4),
            ("de5", "de", 5),
            ("ni_", "ni", 0),
            ("zhuang", "zhuang", 0),
        ] {
            assert_eq!(split(token), Some((plain.to_owned(), tone)), "{token}");
        }
        for token in ["", "<blk>", "3", "ni6", "NI3", "你", "zhuangs1", "ni 3"] {
            assert_eq!(split(token), None, "{token}");
        }
    }

    #[test]
    fn nearer_sounds_cost_less() {
        let p = Penalties::default();
        assert_eq!(p.tones(0, 3), 0);
        assert_eq!(p.tones(3, 3), 0);
        assert!(p.tones(2, 3) < p.tones(3, 2));
        assert!(p.tones(5, 4) < p.tones(1, 4));
        assert_eq!(p.sounds("shi", "shi"), 0);
        assert!(p.sounds("shi", "si") < p.sounds("sheng", "sen"));
        assert_eq!(p.sounds("lin", "ling"), p.sounds("lin", "nin"));
    }
}
