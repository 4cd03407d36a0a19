//! What the projection remembers of a call: who is on it.

use std::collections::{BTreeMap, BTreeSet};

use sidetone_schema::{Body, Envelope, LegInfo, Timestamp};

/// One call as its events have shown it so far. Rebuilt by reading the journal from its first line.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct View {
    /// Agents on the call now, and since when.
    pub(super) agents: BTreeMap<String, Timestamp>,
    /// The agents who were on it last; they get the wrap-up when nobody is left.
    pub(super) last_agents: BTreeSet<String>,
    /// As `call.updated` said last.
    pub(super) legs: Vec<LegInfo>,
    /// The caller's segment whose text the dialplan's hash holds.
    pub(super) ivr_segment: Option<String>,
    /// The last `call.started`, for screens of agents who join behind it.
    pub(super) opening: Option<Box<Envelope>>,
    /// Whether `call.ended` was seen.
    pub(super) ended: bool,
}

/// Whom an event brought to the call, and whom it took from it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Change {
    pub(super) come: BTreeSet<String>,
    pub(super) gone: BTreeSet<String>,
}

impl View {
    /// Takes an event in; gives who came and who left because of it.
    pub(super) fn apply(&mut self, event: &Envelope) -> Change {
        let before = self.names();
        match &event.body {
            Body::CallUpdated(update) => {
                self.legs.clone_from(&update.legs);
                let mut now: BTreeSet<String> = self.legs.iter().filter_map(|leg| leg.agent_id.clone()).collect();
                if now.is_empty() && self.legs.iter().any(|leg| leg.role == "agent") {
                    now.extend(event.agent_id.clone());
                }
                self.agents.retain(|agent, _| now.contains(agent));
                self.join(now, event.ts);
            }
            Body::CallEnded(_) => {
                self.agents.clear();
                self.ended = true;
            }
            Body::FactsEnded(_) => self.ended = true,
            _ if self.legs.is_empty() => self.join(event.agent_id.clone(), event.ts),
            _ => {}
        }
        if let Body::CallStarted(_) = event.body {
            self.opening = Some(Box::new(event.clone()));
        }
        let after = self.names();
        let change = Change {
            come: after.difference(&before).cloned().collect(),
            gone: before.difference(&after).cloned().collect(),
        };
        if !after.is_empty() {
            self.last_agents = after;
        }
        change
    }

    fn names(&self) -> BTreeSet<String> {
        self.agents.keys().cloned().collect()
    }

    fn join(&mut self, agents: impl IntoIterator<Item = String>, at: Timestamp) {
        for agent in agents {
            self.agents.entry(agent).or_insert(at);
        }
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
        audience.extend(self.agents.keys().cloned());
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
