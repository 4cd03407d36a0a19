//! The wrap-up's last wording, by an engine.

use std::time::Instant;

use sidetone_base::EndCause;
use sidetone_schema::{Body, Wrapup};

use super::{Call, Phase};
use crate::port::Effect;

impl Call {
    /// Shows the rules' wrap-up as a draft and asks for a better wording; `false` when nobody is asked. A call whose
    /// last words took longer than an engine may has no time left for one.
    pub(super) fn compose(&mut self, now: Instant, ended: Instant, cause: EndCause) -> bool {
        let Some(until) = self.config.compose_within.map(|within| ended + within) else {
            return false;
        };
        if self.unlisted || now >= until {
            return false;
        }
        let Some(prompt) = self.stages.assist().wrapup_prompt() else {
            return false;
        };
        self.publish_call(Body::WrapupDraft(Box::new(prompt.wrapup.clone())));
        self.effects.push_back(Effect::Compose {
            prompt: Box::new(prompt),
            deadline: until,
        });
        self.phase = Phase::Composing { ended, until, cause };
        true
    }

    /// Ends the call with this wrap-up, or with the rules' own. What comes when nobody waits for it changes nothing.
    pub(super) fn composed(&mut self, wrapup: Option<Wrapup>) {
        let Phase::Composing { ended, cause, .. } = self.phase else {
            return;
        };
        let wrapup = wrapup.unwrap_or_else(|| self.stages.assist().wrapup());
        self.wrap_up(ended, cause, wrapup);
    }
}
