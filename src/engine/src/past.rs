//! What an earlier run of the daemon heard of a call.

use std::time::Duration;

use sidetone_assist::Turn;
use sidetone_base::AgentId;
use sidetone_schema::{PastCall, PausedBy};

/// A call as its published events left it.
#[derive(Clone, Debug, Default)]
pub struct Past {
    /// How long ago it began.
    pub age: Duration,
    /// How far into it its last event was.
    pub seen: Duration,
    /// As published: masked.
    pub caller: Option<String>,
    /// As published.
    pub caller_hash: Option<String>,
    /// As published.
    pub called: Option<String>,
    /// As published.
    pub queue: Option<String>,
    /// As published.
    pub cti_id: Option<String>,
    /// The agent that its last events were attributed to.
    pub agent: Option<AgentId>,
    /// The settled turns, in order.
    pub turns: Vec<Turn>,
    /// Finals that were published.
    pub finals: u64,
    /// Hints that were published.
    pub hints: u64,
    /// What was shown of the caller's earlier calls.
    pub past_calls: Vec<PastCall>,
    /// `dedup_key` of the hints that the agent had put away.
    pub dismissed: Vec<String>,
    /// An operator had text withheld.
    pub masked: bool,
    /// Who wanted nothing heard.
    pub paused_by: Vec<PausedBy>,
}

/// A switch that was asked anew knows a call's age to the second or so.
const AGREEMENT: Duration = Duration::from_secs(5);

impl Past {
    /// The age of the call that the switch says is `told` old: ours, by which its times were given so far, unless
    /// the switch knows better.
    pub(crate) fn age(&self, told: Duration) -> Duration {
        if told.is_zero() || told.abs_diff(self.age) <= AGREEMENT {
            self.age
        } else {
            told
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_go_on_as_they_were_given_unless_the_switch_knows_better() {
        let past = Past {
            age: Duration::from_secs(100),
            ..Past::default()
        };
        let age = |told| past.age(Duration::from_secs(told)).as_secs();
        assert_eq!([0, 98, 105, 106, 20].map(age), [100, 100, 100, 106, 20]);
    }
}
