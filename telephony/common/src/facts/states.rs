//! What agents do.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use sidetone_base::{AgentId, AgentState, CallId, Fact};

use super::{Facts, MOST_AGENTS, since};

/// After-call work that begins within this after a call is about that call: soft-phones pause an agent a moment later.
const ACW_LINGER: Duration = Duration::from_secs(5);

#[derive(Debug, Default)]
pub(super) struct States {
    known: HashMap<AgentId, Known>,
    /// The last caller of a queue whom each agent answered, and whose work is not done.
    served: HashMap<AgentId, CallId>,
}

#[derive(Debug)]
struct Known {
    state: AgentState,
    reason: Option<String>,
    since: Instant,
    talk_ended: Option<Instant>,
}

impl Facts {
    /// An agent is in this state. Told when it is news.
    pub fn agent_is(&mut self, now: Instant, agent: &AgentId, state: AgentState, reason: Option<String>) {
        let reason = reason.filter(|reason| !reason.is_empty());
        let before = self.states.known.get(agent);
        match before {
            Some(known) if known.state == state && known.reason == reason => return,
            None if self.states.known.len() >= MOST_AGENTS => {
                self.refused += 1;
                return;
            }
            _ => {}
        }
        let same = before.filter(|known| known.state == state).map(|known| known.since);
        let talk_ended = match before {
            Some(known) if known.state == AgentState::Talk => Some(now),
            other => other.and_then(|known| known.talk_ended),
        };
        let worked = before.filter(|known| known.state == AgentState::Acw && state != AgentState::Acw);
        let worked = worked.filter(|known| known.talk_ended.is_some_and(|at| since(known.since, at) <= ACW_LINGER));
        if let Some(worked) = worked.map(|known| since(now, known.since))
            && let Some(contact) = self.states.served.remove(agent)
        {
            let agent = agent.clone();
            self.told.push_back(Fact::AcwEnded { contact, agent, worked });
        }
        let known = Known {
            state,
            reason: reason.clone(),
            since: same.unwrap_or(now),
            talk_ended,
        };
        self.states.known.insert(agent.clone(), known);
        let agent = agent.clone();
        self.told.push_back(Fact::AgentState { agent, state, reason });
    }

    /// This agent has answered a caller of a queue.
    pub(super) fn serves(&mut self, agent: &AgentId, contact: &CallId) {
        if self.states.served.len() < MOST_AGENTS || self.states.served.contains_key(agent) {
            self.states.served.insert(agent.clone(), contact.clone());
        }
    }
}
