//! What the projection remembers of a call: who is on it.

use std::collections::BTreeSet;

use sidetone_schema::{Body, Envelope, LegInfo};

/// One call as its events have shown it so far. Rebuilt by reading the journal from its first line.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct View {
    /// Agents on the call now.
    pub(super) agents: BTreeSet<String>,
    /// The agents who were on it last; they get the wrap-up when nobody is left.
    pub(super) last_agents: BTreeSet<String>,
    /// As `call.updated` said last.
    pub(super) legs: Vec<LegInfo>,
    /// The caller's segment whose text the dialplan's hash holds.
    pub(super) ivr_segment: Option<String>,
    /// Whether `call.ended` was seen.
    pub(super) ended: bool,
}

impl View {
    /// Takes an event in; gives the agents who are no longer on the call because of it.
    pub(super) fn apply(&mut self, event: &Envelope) -> BTreeSet<String> {
        let before = self.agents.clone();
        match &event.body {
            Body::CallUpdated(update) => {
                self.legs.clone_from(&update.legs);
                self.agents = self.legs.iter().filter_map(|leg| leg.agent_id.clone()).collect();
                if self.agents.is_empty() && self.legs.iter().any(|leg| leg.role == "agent") {
                    self.agents.extend(event.agent_id.clone());
                }
            }
            Body::CallEnded(_) => {
                self.agents.clear();
                self.ended = true;
            }
            _ if self.legs.is_empty() => self.agents.extend(event.agent_id.clone()),
            _ => {}
        }
        let gone = before.difference(&self.agents).cloned().collect();
        if !self.agents.is_empty() {
            self.last_agents.clone_from(&self.agents);
        }
        gone
    }

    /// The leg of a party, by its name on the wire.
    pub(super) fn leg(&self, role: &str) -> Option<&str> {
        self.legs
            .iter()
            .find(|leg| leg.role == role)
            .map(|leg| leg.leg_id.as_str())
    }

    /// Whose screens show the event; `gone` left because of it.
    pub(super) fn audience(&self, event: &Envelope, gone: BTreeSet<String>) -> BTreeSet<String> {
        let mut audience = gone;
        audience.extend(self.agents.iter().cloned());
        audience.extend(event.agent_id.clone());
        let closing = matches!(
            event.body,
            Body::WrapupDraft(_) | Body::WrapupFinal(_) | Body::CallEnded(_)
        );
        if closing && self.agents.is_empty() {
            audience.extend(self.last_agents.iter().cloned());
        }
        audience
    }
}
