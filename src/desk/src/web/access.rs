//! Who may see which call.

use std::time::Instant;

use super::Desk;
use super::refusal::Refusal;
use super::session::Session;
use super::store::{State, agents};

impl Desk {
    /// The calls that a login sees now: an agent those that they are on, and those that they had at the end.
    pub(super) async fn visible(&self, session: &Session) -> Result<Vec<String>, Refusal> {
        Ok(match &session.agent {
            _ if session.sees_all() => self.calls.all(),
            Some(agent) => {
                let mut calls = self.store.agent_calls(agent).await?;
                let ended = self.calls.ended_of(agent, Instant::now()).into_iter();
                calls.extend(ended.filter(|call| !calls.contains(call)).collect::<Vec<_>>());
                calls
            }
            None => Vec::new(),
        })
    }

    /// A call's state, if the login may see the call. An agent may see a call that they are on, and one that they were on at
    /// its end.
    pub(super) async fn admit(&self, session: &Session, call: &str) -> Result<State, Refusal> {
        if session.sees_all() {
            let state = self.store.state(call).await?;
            return if state.is_empty() {
                Err(Refusal::NotFound)
            } else {
                Ok(state)
            };
        }
        // An agent learns of no other call, not even that there is none.
        let agent = session.agent.as_deref().ok_or(Refusal::Forbidden)?;
        let state = self.store.state(call).await?;
        if agents(&state).any(|on| on == agent) || self.store.agent_calls(agent).await?.iter().any(|mine| mine == call)
        {
            return Ok(state);
        }
        Err(Refusal::Forbidden)
    }
}
