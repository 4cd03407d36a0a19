//! How a character sounds, and how alike two sounds are over a telephone.

use std::collections::HashMap;
use std::sync::LazyLock;

use pinyin::{ToPinyin, ToPinyinMulti};

/// One reading of one character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sound {
    /// Equal for syllables that are easily confused: zh/z, ch/c, sh/s, n/l, f/h, ang/an, eng/en, ing/in.
    pub(crate) class: u16,
    plain: &'static str,
    toned: &'static str,
}

/// How far one sound is from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Distance {
    /// The same, tone included.
    Homophone,
    /// The same but for the tone.
    Tone,
    /// Easily confused.
    Near,
}

impl Distance {
    /// In tenths.
    pub(crate) fn cost(self) -> usize {
        match self {
            Self::Homophone => 2,
            Self::Tone => 3,
            Self::Near => 5,
        }
    }
}

/// The reading that a character has most often.
pub(crate) fn main_sound(c: char) -> Option<Sound> {
    c.to_pinyin().and_then(sound)
}

/// Equal for two characters that are easily confused over a telephone, by the reading that each has most often;
/// none for what is no Chinese character.
#[must_use]
pub fn sound_class(c: char) -> Option<u16> {
    main_sound(c).map(|sound| sound.class)
}

/// Every reading of a character, the most frequent first.
pub(crate) fn sounds(c: char) -> Vec<Sound> {
    let Some(multi) = c.to_pinyin_multi() else {
        return main_sound(c).into_iter().collect();
    };
    let mut found: Vec<Sound> = Vec::with_capacity(multi.count());
    for sound in multi.into_iter().filter_map(sound) {
        if !found.contains(&sound) {
            found.push(sound);
        }
    }
    found
}

fn sound(pinyin: pinyin::Pinyin) -> Option<Sound> {
    let (plain, toned) = (pinyin.plain(), pinyin.with_tone());
    let class = *CLASSES.get(plain)?;
    Some(Sound { class, plain, toned })
}

/// The smallest distance between two readings, or `None` when they are not alike.
pub(crate) fn distance(a: &[Sound], b: &[Sound]) -> Option<Distance> {
    let pairs = a.iter().flat_map(|a| b.iter().map(move |b| (a, b)));
    pairs
        .filter_map(|(a, b)| {
            if a.toned == b.toned {
                Some(Distance::Homophone)
            } else if a.plain == b.plain {
                Some(Distance::Tone)
            } else {
                (a.class == b.class).then_some(Distance::Near)
            }
        })
        .min()
}

/// Class of every syllable that a common character has; rarer syllables take no part.
static CLASSES: LazyLock<HashMap<&'static str, u16>> = LazyLock::new(|| {
    let mut keys: HashMap<String, u16> = HashMap::new();
    let mut classes = HashMap::new();
    for code in 0x4E00..=0x9FFF_u32 {
        let Some(multi) = char::from_u32(code).and_then(|c| c.to_pinyin_multi()) else {
            continue;
        };
        for reading in multi {
            let next = keys.len() as u16;
            let class = *keys.entry(confusable(reading.plain())).or_insert(next);
            classes.insert(reading.plain(), class);
        }
    }
    classes
});

/// The syllable, without its tone, with one letter sequence for each group that is easily confused.
pub(crate) fn confusable(plain: &str) -> String {
    let head = match plain.as_bytes() {
        [b'z' | b'c' | b's', b'h', ..] => format!("{}{}", &plain[..1], &plain[2..]),
        [b'n', ..] => format!("l{}", &plain[1..]),
        [b'f', ..] => format!("h{}", &plain[1..]),
        _ => plain.to_owned(),
    };
    match head.strip_suffix('g') {
        Some(short) if short.ends_with("an") || short.ends_with("en") || short.ends_with("in") => short.to_owned(),
        _ => head,
    }
}

/// In how many ways two syllables without tone differ, of those that [`confusable`] forgives: begin, end or both.
pub(crate) fn confusions(a: &str, b: &str) -> u32 {
    let end = a.ends_with('g') != b.ends_with('g');
    u32::from(a.trim_end_matches('g') != b.trim_end_matches('g')) + u32::from(end)
}
