//! What is learned from a text: runs of characters, and runs of syllables without their tones, so that what a recogniser
//! writes with other characters of the same sound is still known.

use std::collections::HashMap;

use sidetone_speech::sound_class;

use crate::meaning::Vector;

/// Stands for a number: which one it is tells nothing of what is asked.
const NUMBER: char = '0';
/// A digit that is not shown.
const MASKED: char = '*';
/// Stands for a year: it does.
const YEAR: char = '1';
/// What a run that no text of the pack holds weighs, as a share of the weight of one that a single text holds.
const UNKNOWN: f32 = 0.6;

/// A text as runs with weights, sorted by the run's number. Characters and syllables are two vectors.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Bag {
    pub(crate) chars: Sparse,
    pub(crate) sounds: Sparse,
    /// Characters that say something.
    pub(crate) len: usize,
    /// What a sentence encoder makes of it, where there is one.
    pub(crate) meaning: Option<Box<Vector>>,
}

/// A sparse vector.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Sparse {
    pub(crate) entries: Vec<(u32, f32)>,
    /// Sum of the squares, of the runs that are not known too.
    square: f32,
    /// Of them, of those that are not known.
    unknown: f32,
}

impl Sparse {
    /// What makes its length 1.
    pub(crate) fn scale(&self) -> f32 {
        if self.square > 0.0 {
            self.square.sqrt().recip()
        } else {
            0.0
        }
    }

    /// How much of it no text of the pack holds, 0 to 1.
    pub(crate) fn strange(&self) -> f32 {
        if self.square > 0.0 {
            self.unknown / self.square
        } else {
            1.0
        }
    }

    /// This and `share` of another, each of length 1.
    fn mixed(&self, other: &Self, share: f32) -> Self {
        let (own, theirs) = (self.scale(), other.scale() * share);
        let mut entries: Vec<(u32, f32)> = Vec::with_capacity(self.entries.len() + other.entries.len());
        let mut rest = other.entries.iter().peekable();
        for &(run, weight) in &self.entries {
            while let Some(&&(at, more)) = rest.peek()
                && at < run
            {
                entries.push((at, more * theirs));
                rest.next();
            }
            let mut sum = weight * own;
            if let Some(&&(at, more)) = rest.peek()
                && at == run
            {
                sum += more * theirs;
                rest.next();
            }
            entries.push((run, sum));
        }
        entries.extend(rest.map(|&(run, weight)| (run, weight * theirs)));
        let strange = self.strange() + other.strange() * share * share;
        let known: f32 = entries.iter().map(|(_, weight)| weight * weight).sum();
        Self {
            entries,
            square: known + strange,
            unknown: strange,
        }
    }
}

impl Bag {
    /// This and `share` of what was said before.
    pub(crate) fn mixed(&self, before: &Self, share: f32) -> Self {
        Self {
            chars: self.chars.mixed(&before.chars, share),
            sounds: self.sounds.mixed(&before.sounds, share),
            len: self.len,
            // What was said before does not stand for what was not looked at.
            meaning: match (&self.meaning, &before.meaning) {
                (Some(own), Some(before)) => Some(Box::new(sum(own, before, share))),
                (own, _) => own.clone(),
            },
        }
    }
}

/// Of length 1 again.
fn sum(own: &Vector, other: &Vector, share: f32) -> Vector {
    let mut sum = *own;
    sum.iter_mut().zip(other).for_each(|(sum, value)| *sum += value * share);
    let scale = sum
        .iter()
        .map(|value| value * value)
        .sum::<f32>()
        .max(f32::MIN_POSITIVE)
        .sqrt()
        .recip();
    sum.map(|value| value * scale)
}

/// The runs of all texts of a pack, numbered, each with how telling it is.
#[derive(Debug, Default)]
pub(crate) struct Vocabulary {
    numbers: HashMap<u64, u32>,
    telling: Vec<f32>,
    /// Texts that hold it.
    texts: Vec<u32>,
    /// The one part of the texts that holds it, where no other text does.
    only: Vec<Option<u8>>,
    unknown: f32,
}

impl Vocabulary {
    /// Of every text that is learned from.
    pub(crate) fn of<'a>(texts: impl Iterator<Item = &'a str>) -> Self {
        Self::of_parts(texts.map(|text| (text, None)))
    }

    /// Of every text that is learned from, each with the part that it is left out with, if it ever is.
    pub(crate) fn of_parts<'a>(texts: impl Iterator<Item = (&'a str, Option<usize>)>) -> Self {
        let mut vocabulary = Self::default();
        let mut count = 0_u32;
        for (text, part) in texts {
            count += 1;
            let part = part.map(|part| part as u8);
            let spelled = spell(text);
            for key in keys(&spelled, true).into_iter().chain(keys(&spelled, false)) {
                let next = vocabulary.texts.len() as u32;
                let number = *vocabulary.numbers.entry(key).or_insert(next) as usize;
                match vocabulary.texts.get_mut(number) {
                    Some(texts) => {
                        *texts += 1;
                        vocabulary.only[number] = vocabulary.only[number].filter(|only| Some(*only) == part);
                    }
                    None => {
                        vocabulary.texts.push(1);
                        vocabulary.only.push(part);
                    }
                }
            }
        }
        let telling = |texts: u32| ((count as f32 + 1.0) / (texts as f32 + 0.5)).ln().max(0.05);
        vocabulary.telling = vocabulary.texts.iter().map(|&texts| telling(texts)).collect();
        vocabulary.unknown = telling(1) * UNKNOWN;
        vocabulary
    }

    /// How many runs there are.
    pub(crate) fn len(&self) -> usize {
        self.texts.len()
    }

    /// Texts that hold a run.
    pub(crate) fn texts(&self, run: u32) -> u32 {
        self.texts.get(run as usize).copied().unwrap_or(0)
    }

    /// A text's runs.
    pub(crate) fn bag(&self, text: &str) -> Bag {
        self.bag_without(text, None)
    }

    /// A text's runs as who has never seen the texts of one part knows them: what these alone hold is not known.
    pub(crate) fn bag_without(&self, text: &str, part: Option<usize>) -> Bag {
        let spelled = spell(text);
        let part = part.map(|part| part as u8);
        Bag {
            chars: self.sparse(&keys(&spelled, true), part),
            sounds: self.sparse(&keys(&spelled, false), part),
            len: spelled.len(),
            meaning: None,
        }
    }

    fn sparse(&self, keys: &[u64], without: Option<u8>) -> Sparse {
        let mut sparse = Sparse::default();
        let known = |number: &&u32| without.is_none() || self.only[**number as usize] != without;
        for key in keys {
            let length = length_of(*key);
            match self.numbers.get(key).filter(known) {
                Some(&number) => {
                    let weight = self.telling.get(number as usize).copied().unwrap_or(0.0) * length;
                    sparse.entries.push((number, weight));
                    sparse.square += weight * weight;
                }
                None => {
                    let weight = self.unknown * length;
                    sparse.square += weight * weight;
                    sparse.unknown += weight * weight;
                }
            }
        }
        sparse.entries.sort_unstable_by_key(|(run, _)| *run);
        sparse
    }
}

/// A run of one character says least, as one of three holds those of two.
fn length_of(key: u64) -> f32 {
    match key >> 61 & 3 {
        1 => 0.7,
        2 => 1.0,
        _ => 0.8,
    }
}

/// Lower case, half width, numbers as one sign, without what is neither letter nor digit: where a recogniser writes a
/// pause tells nothing.
fn spell(text: &str) -> Vec<char> {
    let mut out: Vec<char> = Vec::with_capacity(text.len() / 3);
    let mut digits = 0_usize;
    for c in text.chars() {
        let c = match c {
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(' '),
            other => other,
        };
        if c.is_ascii_digit() || c == MASKED || (c == '.' && digits > 0) {
            digits += 1;
            continue;
        }
        if digits > 0 {
            out.push(if digits == 4 { YEAR } else { NUMBER });
            digits = 0;
        }
        if c.is_alphanumeric() {
            out.extend(c.to_lowercase());
        }
    }
    if digits > 0 {
        out.push(if digits == 4 { YEAR } else { NUMBER });
    }
    out
}

/// The set of a text's runs: of one to three characters, or of two and three syllables. The two top bits below the sign
/// say how long the run is.
fn keys(spelled: &[char], characters: bool) -> Vec<u64> {
    let signs: Vec<u32> = match characters {
        true => spelled.iter().map(|c| *c as u32).collect(),
        false => spelled
            .iter()
            .map(|c| sound_class(*c).map_or(0x4_0000 | *c as u32, u32::from))
            .collect(),
    };
    let shortest = if characters { 1 } else { 2 };
    let mut keys: Vec<u64> = Vec::with_capacity(signs.len() * 3);
    for length in shortest..=3_usize {
        for run in signs.windows(length) {
            let packed = run
                .iter()
                .fold(0_u64, |packed, &sign| packed << 19 | u64::from(sign & 0x7_ffff));
            let kind = u64::from(characters) << 63 | (length as u64) << 61;
            keys.push(kind | packed & ((1 << 57) - 1));
        }
    }
    keys.sort_unstable();
    keys.dedup();
    keys
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_one_sign_and_pauses_none() {
        assert_eq!(spell("交了３.5年，2024年"), spell("交了12年2025年"));
        assert_ne!(spell("2024年"), spell("24年"));
    }

    #[test]
    fn homophones_share_their_syllables() {
        let vocabulary = Vocabulary::of(["社保卡丢了"].into_iter());
        let (right, heard) = (vocabulary.bag("社保卡"), vocabulary.bag("射保卡"));
        assert_eq!(right.sounds, heard.sounds);
        assert!(heard.chars.strange() > right.chars.strange());
    }

    #[test]
    fn what_only_a_part_holds_is_strange_to_who_has_not_read_it() {
        let texts = [("社保卡丢了", Some(0)), ("社保卡激活", Some(1)), ("社保卡", None)];
        let vocabulary = Vocabulary::of_parts(texts.into_iter());
        let strange = |without| vocabulary.bag_without("社保卡丢了", without).chars.strange();
        assert_eq!((strange(None), strange(Some(1))), (0.0, 0.0));
        assert!(strange(Some(0)) > 0.3, "{}", strange(Some(0)));
        assert_eq!(
            vocabulary.bag_without("社保卡", Some(0)).chars.strange(),
            0.0,
            "others hold it"
        );
    }

    proptest::proptest! {
        #[test]
        fn any_text_has_a_bag(text in "\\PC{0,40}") {
            let bag = Vocabulary::of(["社保卡"].into_iter()).bag(&text);
            proptest::prop_assert!(bag.chars.entries.windows(2).all(|pair| pair[0].0 < pair[1].0));
            proptest::prop_assert!((0.0..=1.0001).contains(&bag.sounds.strange()));
        }
    }
}
