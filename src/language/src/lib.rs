//! Mandarin as data: what belongs to the language and to no line's business.
//!
//! The tables are `knowledge/zh/*`, built in: masking and the reading of numbers must not depend on a folder that may be
//! missing. [`zh`] parses them once. What a line speaks of is its pack's, not this crate's.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod acts;
mod calls;
pub mod clause;
mod endings;
mod entries;
mod feelings;
mod grounding;
mod injection;
mod kept;
mod kin;
mod marks;
mod masking;
mod measures;
mod mood;
mod number;
mod numbers;
mod phrases;
mod regions;
mod statutes;
mod turns;
mod vocabulary;
mod wants;
mod words;

use std::sync::LazyLock;

use serde::de::DeserializeOwned;

pub use acts::{Act, Acts, Lines};
pub use calls::Calls;
pub use endings::{Endings, Feeling};
pub use entries::Entries;
pub use feelings::Feelings;
pub use grounding::{Grounding, WrapupPrompt};
pub use injection::Injection;
pub use kept::{Kept, Recorded, Request, Said};
pub use kin::Kin;
pub use marks::Marks;
pub use masking::{Cue, MASKING_WEIGHTS, Masking, UnitRow};
pub use measures::{Dates, Measures};
pub use mood::{Mood, closes, mood, moods};
pub use number::{Number, number};
pub use numbers::Numbers;
pub use phrases::{
    Hints as HintPhrases, Phrases, Place as PlacePhrases, Sample as SamplePhrases, Values as ValuePhrases, fill,
};
pub use regions::{RegionFault, Regions};
pub use statutes::Statutes;
pub use turns::{Corrections, Denials, Questions, Turns};
pub use vocabulary::Vocabulary;
pub use wants::{Manner, View, Wants};
pub use words::Words;

macro_rules! table {
    ($name:literal) => {
        ($name, include_str!(concat!("../../../knowledge/zh/", $name)))
    };
}

/// A language's tables.
#[derive(Debug, Default)]
pub struct Language {
    /// Numerals, scales and digits as they are heard.
    pub numbers: Numbers,
    /// Units of time, money, age and shares.
    pub measures: Measures,
    /// Punctuation.
    pub marks: Marks,
    /// How turns are built: pauses, hesitation, corrections, denials, courtesy.
    pub turns: Turns,
    /// How a clause asks, wants, complains, or only keeps the line warm.
    pub questions: Questions,
    /// How pleased words are.
    pub feelings: Feelings,
    /// How callers end their calls, by example.
    pub endings: Endings,
    /// What an engine is told, and what its sentences are held against.
    pub grounding: Grounding,
    /// Commands to the program that listens.
    pub injection: Injection,
    /// What stands before, between and behind personal data.
    pub masking: Masking,
    /// Words of every day.
    pub vocabulary: Vocabulary,
    /// What is said of the call itself.
    pub calls: Calls,
    /// What clauses do, by example.
    pub acts: Acts,
    /// What callers want to see, and how they speak, by example.
    pub wants: Wants,
    /// What of a call a record keeps, by example.
    pub kept: Kept,
    /// Whose matter it is where somebody of the family is named, by example.
    pub kin: Kin,
    /// How what was said becomes an entry of a record.
    pub entries: Entries,
    /// What agents and callers are shown or read.
    pub phrases: Phrases,
    /// Provinces and cities.
    pub regions: Regions,
    /// How statutes are written.
    pub statutes: Statutes,
    faults: Vec<String>,
}

impl Language {
    /// What of the built-in tables could not be read; a test sees to it that there is nothing.
    #[must_use]
    pub fn faults(&self) -> &[String] {
        &self.faults
    }
}

/// Whether a character is Chinese.
#[must_use]
pub const fn is_han(c: char) -> bool {
    matches!(c, '\u{3007}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// Whether a character changes nothing that is seen: of no width, of direction, a tag, a variation selector.
#[must_use]
pub const fn is_hidden(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'
            | '\u{1160}'
            | '\u{17b4}'
            | '\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

/// Mandarin.
#[must_use]
pub fn zh() -> &'static Language {
    static ZH: LazyLock<Language> = LazyLock::new(read);
    &ZH
}

impl Language {
    /// The phrases, with those that `own` (TOML) words differently.
    pub fn phrases_with(&self, own: &str) -> Result<Phrases, toml::de::Error> {
        let (_, base) = table!("phrases.toml");
        phrases::overlaid(base, own)
    }
}

fn read() -> Language {
    let mut faults = Vec::new();
    Language {
        numbers: parsed(table!("numbers.toml"), &mut faults),
        measures: parsed(table!("measures.toml"), &mut faults),
        marks: parsed(table!("marks.toml"), &mut faults),
        turns: parsed(table!("turns.toml"), &mut faults),
        questions: parsed(table!("questions.toml"), &mut faults),
        feelings: parsed(table!("feelings.toml"), &mut faults),
        endings: parsed(table!("endings.toml"), &mut faults),
        grounding: parsed(table!("grounding.toml"), &mut faults),
        injection: parsed(table!("injection.toml"), &mut faults),
        masking: parsed(table!("masking.toml"), &mut faults),
        vocabulary: Vocabulary::parse(include_str!("../../../knowledge/zh/vocabulary.txt")),
        calls: parsed(table!("calls.toml"), &mut faults),
        acts: parsed(table!("acts.toml"), &mut faults),
        wants: parsed(table!("wants.toml"), &mut faults),
        kept: parsed(table!("kept.toml"), &mut faults),
        kin: parsed(table!("kin.toml"), &mut faults),
        entries: parsed(table!("entries.toml"), &mut faults),
        phrases: parsed(table!("phrases.toml"), &mut faults),
        regions: regions(table!("regions.tsv"), &mut faults),
        statutes: parsed(table!("statutes.toml"), &mut faults),
        faults,
    }
}

fn parsed<T: DeserializeOwned + Default>((file, text): (&str, &str), faults: &mut Vec<String>) -> T {
    toml::from_str(text).unwrap_or_else(|error| {
        faults.push(format!("{file}: {error}"));
        T::default()
    })
}

fn regions((file, text): (&str, &str), faults: &mut Vec<String>) -> Regions {
    let (regions, found) = Regions::parse(text);
    faults.extend(found.into_iter().map(|fault| format!("{file}: {fault}")));
    regions
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_is_read() {
        assert_eq!(zh().faults(), &[] as &[String]);
    }

    #[test]
    fn a_table_with_a_fault_costs_itself_alone() {
        let mut faults = Vec::new();
        let feelings: Feelings = parsed(("feelings.toml", "thanks = '谢谢 谢谢'"), &mut faults);
        assert_eq!(feelings, Feelings::default());
        assert!(
            faults[0].starts_with("feelings.toml: ") && faults[0].contains("twice"),
            "{faults:?}"
        );
        let _: Feelings = parsed(("feelings.toml", "thanks = '谢谢'\nblame = ''"), &mut faults);
        assert!(faults[1].contains("unknown field"), "{faults:?}");
    }
}
