//! A recogniser that knows what is said when: the same audio gives the same text, on any machine.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use sidetone_base::SegmentId;
use sidetone_speech::{AudioJob, Hypothesis, Pass, RecogniseError, Recogniser};

use crate::corpus::CorpusCall;

/// A segment that ends this close to its turn's end has heard all of it.
const NEARLY_MS: u64 = 300;

/// Where segments lie in the call (begin, and end once known), as the engine's own events say.
pub type Segments = Arc<Mutex<HashMap<SegmentId, (u64, Option<u64>)>>>;

/// Which text the recogniser gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wording {
    /// Digits where a good model writes digits.
    Written,
    /// Every digit as the character that is spoken.
    Spoken,
}

struct Clause {
    /// The middle of it, in milliseconds of the call.
    middle: u64,
    text: String,
}

struct Turn {
    role: String,
    begin: u64,
    end: u64,
    clauses: Vec<Clause>,
    /// Clauses that a final has given already.
    given: usize,
}

/// Gives each segment the clauses of its turn that fall into it.
pub struct Scripted {
    segments: Segments,
    turns: Vec<Turn>,
}

impl Scripted {
    /// For one call; `segments` is kept by whoever sees the call's events.
    #[must_use]
    pub fn new(call: &CorpusCall, wording: Wording, segments: Segments) -> Self {
        let turns = call.script.turns.iter().zip(&call.spans).map(|(turn, &(begin, end))| {
            let text = match (wording, &turn.spoken) {
                (Wording::Spoken, Some(spoken)) => spoken,
                _ => &turn.text,
            };
            Turn {
                role: turn.role.to_string(),
                begin,
                end,
                clauses: clauses(text, begin, end),
                given: 0,
            }
        });
        Self {
            segments,
            turns: turns.collect(),
        }
    }
}

impl Recogniser for Scripted {
    fn recognise(&mut self, job: &AudioJob) -> Result<Option<Hypothesis>, RecogniseError> {
        let (begin, end) = self.segments.lock().unwrap()[&job.key.segment];
        let end = end.unwrap_or(begin + job.samples.len() as u64 / 16);
        let mut text = String::new();
        for turn in &mut self.turns {
            if turn.role != job.key.leg.as_str() || turn.end <= begin || turn.begin >= end {
                continue;
            }
            let whole = end + NEARLY_MS >= turn.end;
            let fresh = turn.clauses[turn.given..]
                .iter()
                .take_while(|clause| whole || clause.middle <= end);
            let fresh: Vec<&str> = fresh.map(|clause| clause.text.as_str()).collect();
            text.push_str(&fresh.concat());
            if job.pass == Pass::Final {
                turn.given += fresh.len();
            }
        }
        Ok((!text.is_empty()).then(|| Hypothesis {
            text,
            confidence: 0.9,
            ..Hypothesis::default()
        }))
    }
}

fn clauses(text: &str, begin: u64, end: u64) -> Vec<Clause> {
    let length = text.chars().count() as u64;
    let mut done = 0;
    text.split_inclusive(['，', '。', '？', '！', '；', '、'])
        .map(|clause| {
            let characters = clause.chars().count() as u64;
            let middle = begin + (end - begin) * (2 * done + characters) / (2 * length);
            done += characters;
            Clause {
                middle,
                text: clause.to_owned(),
            }
        })
        .collect()
}
