//! What the head of a caller's turn surely asks for, while the turn goes on.
//!
//! A glimpse changes neither context nor record, slots nor wrap-up: only the screen. It shows what is named
//! and asked beyond doubt, as taking a hint back costs an agent more than waiting a moment for it. Readings of a turn
//! that goes on differ here and there until its end; what has to agree is the answer, not every syllable.

use sidetone_base::{CallTime, SegmentId};
use sidetone_schema::{HintKind, Tier};

use crate::matching::{self, Candidate};
use crate::understand::{Ask, Understanding};
use crate::{Assist, Push, Turn};

/// An ask under this confidence waits for the turn's end.
const SURE: f32 = 0.7;
/// An answer under this score does, too.
const FITS: f32 = 0.7;

/// A reading of which the recogniser is so sure is believed at once.
const CLEAR: f32 = 0.7;

/// How well a glimpse sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sight {
    /// One reading of a turn that goes on: believed once the next reading has the same answer.
    Doubtful,
    /// One that the recogniser is sure of, or all of the turn, should the caller be done: believed at once.
    Clear,
}

impl Sight {
    /// Of a reading with this [`Turn::confidence`].
    #[must_use]
    pub fn of_reading(confidence: f32) -> Self {
        if confidence >= CLEAR {
            Self::Clear
        } else {
            Self::Doubtful
        }
    }
}

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
        if !is_sure(ask) || !turn.retracted.is_empty() {
            return Vec::new();
        }
        // The library is for whole turns.
        let found = matching::find((&self.pack, None), &self.config, turn, ask);
        let answers = found.candidates.into_iter().filter(|candidate| {
            matches!(candidate.kind, HintKind::Answer | HintKind::Calc)
                && candidate.tier <= Tier::Useful
                && candidate.score >= FITS
        });
        answers.max_by(|a, b| a.score.total_cmp(&b.score)).into_iter().collect()
    }

    /// Third stage: what is shown of it at `at`, within the caps that hold for every hint.
    pub fn push_glimpse(
        &mut self,
        at: CallTime,
        segment: &SegmentId,
        sight: Sight,
        mut candidates: Vec<Candidate>,
    ) -> Vec<Push> {
        let seen = candidates.first().map(|best| (segment.clone(), best.dedup_key.clone()));
        if sight == Sight::Doubtful && seen != self.sighted {
            candidates.clear();
        }
        self.sighted = seen;
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
