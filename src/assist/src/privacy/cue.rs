//! Words after which digits are personal.

use std::sync::LazyLock;

use sidetone_schema::RedactionKind;

use super::token::is_filler;

/// A cue in a text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cue {
    /// What it announces.
    pub(super) kind: RedactionKind,
    /// One past its last character.
    pub(super) end: usize,
    /// How far behind it digits may begin.
    pub(super) reach: usize,
}

/// The words of `cues.txt` with kind and reach, the longest first. A strong cue reaches over a few words (how many
/// is it, please); a weak one has other uses and must stand close before the digits.
static CUES: LazyLock<Vec<(Vec<char>, RedactionKind, usize)>> = LazyLock::new(|| {
    let mut cues = Vec::new();
    for line in include_str!("cues.txt").lines().filter(|line| !line.starts_with('#')) {
        let mut parts = line.split_whitespace();
        let Some((kind, reach)) = parts
            .next()
            .and_then(kind)
            .zip(parts.next().and_then(|n| n.parse().ok()))
        else {
            continue;
        };
        cues.extend(parts.map(|word| (word.chars().collect(), kind, reach)));
    }
    cues.sort_by_key(|(word, ..): &(Vec<char>, _, _)| std::cmp::Reverse(word.len()));
    cues
});

fn kind(name: &str) -> Option<RedactionKind> {
    use RedactionKind::{BankCard, Digits, Email, IdCard, Passport, Permit, Phone, Plate, SocialSecurity};
    Some(match name {
        "id_card" => IdCard,
        "social_security" => SocialSecurity,
        "bank_card" => BankCard,
        "phone" => Phone,
        "digits" => Digits,
        "passport" => Passport,
        "permit" => Permit,
        "plate" => Plate,
        "email" => Email,
        _ => return None,
    })
}

/// Every cue of the text, in order.
pub(super) fn cues(chars: &[char]) -> Vec<Cue> {
    (0..chars.len())
        .filter_map(|at| {
            let (word, kind, reach) = CUES.iter().find(|(word, ..)| chars[at..].starts_with(word))?;
            Some(Cue {
                kind: *kind,
                end: at + word.len(),
                reach: *reach,
            })
        })
        .collect()
}

impl Cue {
    /// Whether digits behind these characters are its own. Behind a weak cue other words are about something else.
    pub(super) fn reaches(&self, words: &[char]) -> bool {
        words.len() <= self.reach && (self.opens() || is_filler(words))
    }

    /// Whether it asks for, or announces, a number that may come in a later turn.
    pub(super) fn opens(&self) -> bool {
        self.reach > 4
    }
}
