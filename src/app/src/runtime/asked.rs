//! The way back to whoever asked.

use std::collections::HashMap;
use std::sync::Arc;

use sidetone_base::{Answer, AskId};

use super::telemetry;

/// Takes answers to a switch's questions; never waits.
pub trait Answers: Send + Sync {
    /// The answer to one question. Whoever asked may have hung up meanwhile.
    fn answer(&self, ask: AskId, answer: Answer);
}

/// A call's open questions. Those that are open when it is dropped, whatever ended the task, are
/// answered: there is nobody to be heard any more.
#[derive(Default)]
pub(super) struct Asked(HashMap<AskId, Arc<dyn Answers>>);

impl Asked {
    /// The engine bounds how many wait: it answers what is too much at once.
    pub(super) fn wait(&mut self, ask: AskId, back: Arc<dyn Answers>) {
        self.0.insert(ask, back);
    }

    pub(super) fn answer(&mut self, ask: AskId, answer: Answer) {
        if let Some(back) = self.0.remove(&ask) {
            reply(&*back, ask, answer);
        }
    }
}

impl Drop for Asked {
    fn drop(&mut self) {
        for (ask, back) in self.0.drain() {
            reply(&*back, ask, Answer::Gone);
        }
    }
}

/// Answers and counts.
pub(super) fn reply(back: &dyn Answers, ask: AskId, answer: Answer) {
    let label = match &answer {
        Answer::Heard(_) => "heard",
        Answer::Silence => "silence",
        Answer::Summary(_) => "summary",
        Answer::Gone => "gone",
    };
    metrics::counter!(telemetry::ASKED, "answer" => label).increment(1);
    back.answer(ask, answer);
}
