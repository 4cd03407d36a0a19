//! What calls must know of a switch's channels.

use std::time::{Duration, Instant};

use sidetone_base::AgentId;

/// A channel, as a party to a call.
#[derive(Clone, Debug)]
pub struct Party {
    /// Its name on the switch, for people.
    pub name: String,
    /// What its call's id is made of: the same after a restart of the daemon.
    pub base: String,
    /// It came by itself: nobody called it.
    pub origin: bool,
    /// A queue gave it to an agent who has not been met yet.
    pub expects: bool,
    /// It hears somebody.
    pub bridged: bool,
    /// It holds the call.
    pub held: bool,
    /// How many conversations it has had as a caller.
    pub conversations: u32,
    /// When it came up, as far as is known.
    pub since: Instant,
    /// Its number, as a caller.
    pub number: Option<String>,
    /// What it dialled, as a caller.
    pub called: Option<String>,
    /// The queue that it came through.
    pub queue: Option<String>,
    /// The CTI's own id of its call.
    pub cti_id: Option<String>,
}

impl Party {
    pub(super) fn age(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.since)
    }
}

/// The channels of a switch.
pub trait Channels {
    /// The parties that hear each other, each set once.
    fn conversations(&self) -> Vec<Vec<String>>;

    /// The channel, where it is known.
    fn party(&self, channel: &str) -> Option<Party>;

    /// The agent that it is.
    fn agent_of(&self, channel: &str) -> Option<AgentId>;

    /// No agent is named anywhere: then who is called is one.
    fn names_no_agents(&self) -> bool;

    /// A conversation of this caller begins.
    fn begins(&mut self, caller: &str);

    /// The agent whom this caller expects; it is met now.
    fn meets(&mut self, caller: &str) -> Option<AgentId>;

    /// This agent speaks on this channel.
    fn learn_agent(&mut self, channel: &str, agent: &AgentId);

    /// Callers who may have been heard by an earlier daemon.
    fn callers(&self) -> Vec<String>;
}
