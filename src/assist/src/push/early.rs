//! Hints that are shown while the caller still speaks, and what becomes of them when the turn is settled.
//!
//! An early hint lives under the same caps as any other. It is the turn's own: its final confirms it (the
//! same candidate again: nothing is sent), refines it (another answer of its topic: the same `hint_id` with
//! other content) or takes it back (nothing of the kind: the hint goes, and is forgotten as if never shown).

use sidetone_base::CallTime;
use sidetone_schema::{HintExpire, HintKind};

use super::{Said, Screen, Shown};
use crate::config::AssistConfig;
use crate::matching::Candidate;
use crate::turn::Push;
use crate::understand::Intent;

/// What makes a hint on screen an early one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Early {
    /// The turn that goes on.
    segment: String,
    /// What was wanted, as far as it was said.
    intent: Intent,
}

impl Early {
    pub(super) fn of(candidate: &Candidate) -> Self {
        Self {
            segment: candidate.trigger.segment_id.clone(),
            intent: candidate.intent,
        }
    }
}

impl Screen {
    /// Shows what a turn that goes on surely asks for: one hint for each topic, refined once its intent is
    /// heard.
    pub(crate) fn push_early(
        &mut self,
        config: &AssistConfig,
        said: &Said,
        at: CallTime,
        mut candidates: Vec<Candidate>,
    ) -> Vec<Push> {
        let mut pushes = self.expire(at);
        self.drop_put_away(&mut candidates);
        let mut fresh = Vec::new();
        for candidate in candidates {
            let segment = &candidate.trigger.segment_id;
            let known = |shown: &Shown| shown.key == candidate.dedup_key && shown.until.is_some();
            if candidate.score < config.min_score || said.covers(&candidate) || self.shown.iter().any(known) {
                continue;
            }
            let same = self.shown.iter_mut().find(|shown| {
                shown.topic == candidate.topic && shown.early.as_ref().is_some_and(|early| early.segment == *segment)
            });
            match same {
                None => fresh.push(candidate),
                Some(shown) => {
                    let vague = shown.early.as_ref().is_some_and(|early| early.intent == Intent::Other);
                    if vague && candidate.intent != Intent::Other && shown.until.is_some() {
                        shown.early = Some(Early::of(&candidate));
                        pushes.push(shown.rewrite(config, at, candidate, true));
                    }
                }
            }
        }
        for candidate in self.fair(config, at, fresh) {
            self.show(config, at, candidate, true, &mut pushes);
        }
        pushes
    }

    /// Hints that the turn has had already.
    pub(super) fn shown_early(&self, segment: &str) -> usize {
        match &self.early_turn {
            Some((turn, count)) if turn == segment => *count,
            _ => 0,
        }
    }

    pub(super) fn count_early(&mut self, segment: &str) {
        let count = self.shown_early(segment) + 1;
        self.early_turn = Some((segment.to_owned(), count));
    }

    /// The turn is settled: each of its early hints is confirmed, refined or taken back. Candidates that refine
    /// one are used up.
    pub(super) fn settle_early(
        &mut self,
        config: &AssistConfig,
        at: CallTime,
        segment: &str,
        candidates: &mut Vec<Candidate>,
    ) -> Vec<Push> {
        let mut pushes = Vec::new();
        let mut unsupported = Vec::new();
        for index in 0..self.shown.len() {
            let shown = &self.shown[index];
            if shown.early.as_ref().is_none_or(|early| early.segment != segment) {
                continue;
            }
            let (key, topic) = (shown.key.clone(), shown.topic.clone());
            let gone = shown.until.is_none();
            self.shown[index].early = None;
            if let Some(hint) = &mut self.shown[index].hint {
                hint.early = false;
            }
            if gone || candidates.iter().any(|candidate| candidate.dedup_key == key) {
                continue;
            }
            match candidates
                .iter()
                .position(|candidate| self.refines(config, candidate, &topic))
            {
                Some(better) => {
                    let candidate = candidates.remove(better);
                    pushes.push(self.shown[index].rewrite(config, at, candidate, false));
                }
                None => unsupported.push(key),
            }
        }
        for key in unsupported {
            pushes.extend(self.retract(&key));
        }
        pushes
    }

    /// Takes back what was shown on a turn of which nothing came.
    pub(crate) fn withdraw_early(&mut self, segment: &str) -> Vec<Push> {
        let of_turn = |shown: &&Shown| shown.early.as_ref().is_some_and(|early| early.segment == segment);
        let keys: Vec<String> = self
            .shown
            .iter()
            .filter(of_turn)
            .map(|shown| shown.key.clone())
            .collect();
        keys.iter().filter_map(|key| self.retract(key)).collect()
    }

    /// Whether the candidate can take an early hint's place: of its topic, worth showing and not shown yet.
    fn refines(&self, config: &AssistConfig, candidate: &Candidate, topic: &str) -> bool {
        candidate.topic == topic
            && matches!(candidate.kind, HintKind::Answer | HintKind::Calc)
            && candidate.score >= config.min_score
            && self.shown.iter().all(|shown| shown.key != candidate.dedup_key)
    }

    /// Forgets the hint, and takes it off the screen where it still is there.
    fn retract(&mut self, key: &str) -> Option<Push> {
        let at = self.shown.iter().rposition(|shown| shown.key == key)?;
        let shown = self.shown.remove(at)?;
        shown.until?;
        Some(Push::Expire(HintExpire {
            hint_id: shown.id,
            reason: "withdrawn".to_owned(),
        }))
    }
}
