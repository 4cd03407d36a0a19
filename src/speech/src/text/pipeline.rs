//! The steps in their order.

use super::{Corrector, normalise, simplify};

/// Finishes raw hypotheses. Immutable; one serves all calls.
#[derive(Default)]
pub struct TextPipeline {
    corrector: Corrector,
}

impl TextPipeline {
    /// With the terms of a knowledge base.
    #[must_use]
    pub fn new(corrector: Corrector) -> Self {
        Self { corrector }
    }

    /// The text to show, or an empty one when nothing was said: no utterance then.
    #[must_use]
    pub fn finish(&self, raw: &str) -> String {
        normalise(&self.corrector.correct(&simplify(raw)).text)
    }
}
