//! 咨询主体: whose matter it is, and for whom the caller calls.

use std::collections::BTreeMap;

use sidetone_domain::{Kin, Pack, Subject as Kind};
use sidetone_language::{fill, zh};
use sidetone_schema::{Element, ElementMethod};

use super::record::{Record, keep};
use crate::understand::text::{clauses, fold, slice};
use crate::understand::{Mood, mood_of};

/// A clause that tells a subject less than this tells nothing.
const TELLS: f32 = 0.2;
/// What a word that names it counts beside a clause that is sure.
const CUE: f32 = 0.5;
/// What is left of a caller's word with each turn: who calls is said first.
const FADES: f32 = 0.92;
/// What a topic counts that is such a caller's.
const TOPIC: f32 = 0.25;
/// With less than this nobody has told.
const TOLD: f32 = 0.25;
/// Caller's turns in which it is said for whom they call.
const OPENING: u32 = 3;
/// So likely, one of the family who is named is the one whom it is about.
const THEIRS: f32 = 0.5;

/// What the caller has told of whose matter it is.
#[derive(Debug, Default)]
pub(super) struct Subject {
    /// By place in the pack's list: how much it was told, and where.
    told: BTreeMap<usize, (f32, Vec<String>)>,
    turns: u32,
    other: Option<Other>,
}

/// For whom the caller calls, and where that was said.
#[derive(Debug)]
struct Other {
    name: String,
    is_kin: bool,
    segment: String,
}

impl Subject {
    pub(super) fn hear(&mut self, pack: &Pack, text: &str, segment: &str) {
        let folded = fold(text);
        let fades = FADES.powi(self.turns.min(60).cast_signed());
        let subjects = &pack.call_words().subjects;
        for range in clauses(&folded) {
            let clause = slice(&folded, range.clone());
            // Who asks about a pension need not have one.
            let tells = mood_of(&folded[range]) != Mood::Question;
            let learned = tells.then(|| pack.subjects().read(&clause));
            let learned = learned.into_iter().flatten().map(|(at, share)| (at, share - TELLS));
            let cued = subjects
                .iter()
                .enumerate()
                .filter(|(_, subject)| subject.cues.within_str(&clause));
            for (at, counts) in learned.chain(cued.map(|(at, _)| (at, CUE))) {
                if counts > 0.0 {
                    let (sum, heard) = self.told.entry(at).or_default();
                    *sum += counts * fades;
                    keep(heard, segment);
                }
            }
        }
        if self.turns < OPENING && self.other.is_none() {
            self.other = other(text, segment);
        }
        self.turns += 1;
    }
}

/// The first of the caller's own whose matter it is.
fn other(text: &str, segment: &str) -> Option<Other> {
    let marks = &zh().marks;
    let mut sentences = text.split(|c| marks.sentence.contains(&c));
    sentences.find_map(|sentence| {
        let (name, is_kin) = named(&fold(sentence))?;
        // One of the family may only be mentioned.
        (!is_kin || Kin::learned().theirs(sentence) >= THEIRS).then(|| Other {
            name,
            is_kin,
            segment: segment.to_owned(),
        })
    })
}

/// The first of the caller's own, and whether they are family.
fn named(text: &[char]) -> Option<(String, bool)> {
    let words = &zh().calls;
    (0..text.len()).find_map(|at| {
        let begin = at + words.own.head(&text[at..])?;
        let kin = words.kin.head(&text[begin..]);
        let end = begin + kin.or_else(|| words.others.head(&text[begin..]))?;
        Some((slice(text, begin..end), kin.is_some()))
    })
}

impl Record {
    pub(super) fn subject(&self, pack: &Pack) -> Element<String> {
        let (subjects, named) = (&pack.call_words().subjects, &pack.phrases().wrapup);
        let first = self.topics.first();
        let of_kin = self.subject.other.as_ref().filter(|other| other.is_kin);
        let of_kin = of_kin.and_then(|_| subjects.iter().position(|subject| subject.kin));
        let best = of_kin.map(|at| (at, self.score(subjects, at).max(TOLD)));
        let Some((at, sum)) = best.or_else(|| self.likeliest(subjects)) else {
            return Element {
                value: named.caller.clone(),
                evidence: Vec::new(),
                confidence: 0.5,
                method: ElementMethod::Default,
            };
        };
        let told = self.subject.told.get(&at);
        let mut evidence = told.map(|(_, heard)| heard.clone()).unwrap_or_default();
        if evidence.is_empty() && of_kin.is_none() {
            evidence = first.map(|topic| topic.evidence.clone()).unwrap_or_default();
        }
        let (name, kind) = (&subjects[at].name, subjects[at].kind());
        let value = match &self.subject.other {
            Some(other) => {
                keep(&mut evidence, &other.segment);
                fill(&named.for_another, &[("subject", kind), ("other", &other.name)])
            }
            None if name == kind => name.clone(),
            None => fill(&named.of_kind, &[("subject", name), ("kind", kind)]),
        };
        Element {
            value,
            evidence,
            confidence: (0.4 + sum / 2.0).min(0.9),
            method: ElementMethod::Heard,
        }
    }

    /// How much was told of one, and whether the first topic is such a caller's.
    fn score(&self, subjects: &[Kind], at: usize) -> f32 {
        let told = self.subject.told.get(&at).map_or(0.0, |(sum, _)| *sum);
        let first = self.topics.first();
        let usual = first.is_some_and(|topic| subjects[at].topics.contains(&topic.topic));
        told + if usual { TOPIC } else { 0.0 }
    }

    /// The likeliest, and how much was told of it; none where nobody has told.
    fn likeliest(&self, subjects: &[Kind]) -> Option<(usize, f32)> {
        let scores = (0..subjects.len()).map(|at| (at, self.score(subjects, at)));
        let best = scores.max_by(|a, b| a.1.total_cmp(&b.1));
        best.filter(|(_, sum)| *sum >= TOLD)
    }
}
