//! What the caller called for before, as a hint for whoever takes the call.

use sidetone_base::CallTime;
use sidetone_language::fill;
use sidetone_schema::{HintKind, PastCall, Tier, Trigger};

use crate::matching::Candidate;
use crate::{Assist, Push};

/// One hint a call.
const KEY: &str = "caller:history";

impl Assist {
    /// Shows earlier calls of the same caller, newest first: background, without a turn that asked for it.
    pub fn remind(&mut self, at: CallTime, calls: Vec<PastCall>) -> Vec<Push> {
        if calls.is_empty() {
            return Vec::new();
        }
        let candidate = self.reminder(calls);
        self.screen.show_unasked(&self.config, at, candidate)
    }

    fn reminder(&self, calls: Vec<PastCall>) -> Candidate {
        let words = &self.pack.phrases().caller;
        let count = calls.len().to_string();
        let lines: Vec<String> = calls
            .iter()
            .map(|call| {
                let day = call.at.to_string();
                let day = day.get(..10).unwrap_or(&day);
                fill(&words.call, &[("date", day), ("summary", &call.summary)])
            })
            .collect();
        let trigger = Trigger {
            segment_id: String::new(),
            intent: String::new(),
            entities: Vec::new(),
        };
        Candidate {
            title: fill(&words.title, &[("count", &count)]),
            body: lines.join("\n"),
            score: 1.0,
            dedup_key: KEY.to_owned(),
            past_calls: Some(calls),
            once: true,
            ..Candidate::of(HintKind::Caller, Tier::Background, trigger)
        }
    }
}
