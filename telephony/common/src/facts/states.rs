//! What agents do.

use std::collections::HashMap;

use sidetone_base::{AgentId, AgentState, Fact};

use super::{Facts, MOST_AGENTS};

#[derive(Debug, Default)]
pub(super) struct States {
    known: HashMap<AgentId, (AgentState, Option<String>)>,
}

impl Facts {
    /// An agent is in this state. Told when it is news.
    pub fn agent_is(&mut self, agent: &AgentId, state: AgentState, reason: Option<String>) {
        let reason = reason.filter(|reason| !reason.is_empty());
        let now = (state, reason);
        match self.states.known.get(agent) {
            Some(known) if *known == now => return,
            None if self.states.known.len() >= MOST_AGENTS => {
                self.refused += 1;
                return;
            }
            _ => {}
        }
        self.states.known.insert(agent.clone(), now.clone());
        self.told.push_back(Fact::AgentState {
            agent: agent.clone(),
            state: now.0,
            reason: now.1,
        });
    }
}
