//! What the head of a caller's turn surely asks for, while the turn goes on.
//!
//! A glimpse changes neither context nor record, slots nor wrap-up: only the screen. It shows what is named
//! and asked beyond doubt, as taking a hint back costs an agent more than waiting a second for it.

use sidetone_base::{CallTime, SegmentId};
use sidetone_schema::{HintKind, Tier};

use crate::matching::{self, Candidate};
use crate::understand::{Ask, Understanding};
use crate::{Assist, Push, Turn};

/// An ask under this confidence waits for the turn's end.
const SURE: f32 = 0.7;
/// An answer under this score does, too.
const FITS: f32 = 0.45;

/// A head that ends in one of these has not said yet what it asks: 要什么…, 怎么…, 多….
const ASKS_ON: [&str; 8] = ["什么", "怎么", "什", "怎", "哪", "几", "多", "啥"];

impl Assist {
    /// First stage: what the head of a turn means so far.
    #[must_use]
    pub fn glimpse(&self, turn: &Turn) -> Understanding {
        self.understander.glimpse(turn)
    }

    /// Second stage: the one best answer to what is asked beyond doubt.
    #[must_use]
    pub fn match_glimpse(&self, turn: &Understanding) -> Vec<Candidate> {
        let [ask] = turn.asks.as_slice() else {
            return Vec::new();
        };
        if !is_sure(ask) || !turn.retracted.is_empty() || ASKS_ON.iter().any(|word| turn.text.ends_with(word)) {
            return Vec::new();
        }
        let found = matching::find(&self.kb, &self.config, turn, ask);
        let answers = found.candidates.into_iter().filter(|candidate| {
            matches!(candidate.kind, HintKind::Answer | HintKind::Calc)
                && candidate.tier <= Tier::Useful
                && candidate.score >= FITS
        });
        answers.max_by(|a, b| a.score.total_cmp(&b.score)).into_iter().collect()
    }

    /// Third stage: what is shown of it at `at`, within the caps that hold for every hint.
    pub fn push_glimpse(&mut self, at: CallTime, candidates: Vec<Candidate>) -> Vec<Push> {
        self.screen.push_early(&self.config, &self.said, at, candidates)
    }

    /// Takes back what was shown on a turn that came to nothing: it was no speech, or its text is withheld.
    pub fn withdraw_glimpse(&mut self, segment: &SegmentId) -> Vec<Push> {
        self.screen.withdraw_early(segment.as_str())
    }
}

fn is_sure(ask: &Ask) -> bool {
    !ask.carried && !ask.supplies && ask.as_of.is_none() && ask.confidence >= SURE
}
