//! The queue wall: who waits, who is there to answer, and how the last half hour went. From the facts of queues and agents, in
//! any number of copies; times come from outside.

use std::collections::{BTreeMap, HashMap, VecDeque};

use serde::Serialize;
use sidetone_schema::{AgentState, AgentStateChanged, Body, Envelope, QueueEntered, QueueExit, QueueLeft};

/// How far back the figures of a queue reach, in ms.
const WINDOW_MS: i64 = 30 * 60_000;
/// A wait that is longer has lost its end, in ms.
const LOST_MS: i64 = 4 * 3_600_000;
/// Callers who wait at once, and ends of waits in the window. Beyond it the oldest is forgotten and counted.
const MOST: usize = 10_000;
/// Agents; beyond it a new one is not shown, and counted.
const MOST_AGENTS: usize = 5_000;
/// A wait up to this is answered in time (GB/T 33358), in ms.
const IN_TIME_MS: u64 = 15_000;

/// What is known now.
#[derive(Debug, Default)]
pub(crate) struct Wall {
    /// By entry.
    waiting: HashMap<String, Waiting>,
    left: VecDeque<Left>,
    agents: BTreeMap<String, Agent>,
    forgotten: u64,
}

#[derive(Debug)]
struct Waiting {
    queue: String,
    since: i64,
}

#[derive(Debug)]
struct Left {
    at: i64,
    entry: String,
    queue: String,
    how: QueueExit,
    wait_ms: u64,
}

#[derive(Debug, Serialize)]
struct Agent {
    state: AgentState,
    /// Of a break, in the switch's words.
    reason: Option<String>,
    /// Since when, in ms UTC.
    since: i64,
    /// When that was told last.
    #[serde(skip)]
    told: i64,
}

/// The wall as a page draws it.
#[derive(Debug, Serialize)]
pub(crate) struct View<'a> {
    queues: BTreeMap<&'a str, QueueView>,
    agents: Vec<AgentView<'a>>,
    window_ms: i64,
    /// What found no room since the desk began.
    forgotten: u64,
}

#[derive(Debug, Default, PartialEq, Eq, Serialize)]
struct QueueView {
    waiting: u64,
    /// Since when the first of them waits, in ms UTC.
    longest_since: Option<i64>,
    answered: u64,
    in_time: u64,
    abandoned: u64,
    /// Those that the share in time is of: all but overflow and callback, as in M021.
    counted: u64,
    /// Timeout, overflow, full, callback and failed.
    other: u64,
    /// Of the answered, together.
    wait_ms: u64,
}

#[derive(Debug, Serialize)]
struct AgentView<'a> {
    agent_id: &'a str,
    #[serde(flatten)]
    agent: &'a Agent,
}

impl Wall {
    /// Takes a fact; a known one and one of another kind change nothing.
    pub(crate) fn apply(&mut self, fact: Envelope) {
        let at = fact.ts.instant().as_millisecond();
        match fact.body {
            Body::QueueEntered(entered) => self.enter(entered, at),
            Body::QueueLeft(left) => self.leave(left, at),
            Body::AgentState(changed) => self.change(changed, at),
            _ => {}
        }
        self.tidy(at);
    }

    fn enter(&mut self, QueueEntered { entry, queue, .. }: QueueEntered, since: i64) {
        if self.left.iter().any(|left| left.entry == entry) {
            return;
        }
        self.waiting.entry(entry).or_insert(Waiting { queue, since });
    }

    fn leave(&mut self, left: QueueLeft, at: i64) {
        self.waiting.remove(&left.entry);
        if self.left.iter().any(|known| known.entry == left.entry) {
            return;
        }
        self.left.push_back(Left {
            at,
            entry: left.entry,
            queue: left.queue,
            how: left.left,
            wait_ms: left.wait_ms,
        });
    }

    fn change(&mut self, changed: AgentStateChanged, since: i64) {
        let AgentStateChanged {
            agent_id,
            state,
            reason,
        } = changed;
        if !self.agents.contains_key(&agent_id) && self.agents.len() >= MOST_AGENTS {
            self.forgotten += 1;
            return;
        }
        let agent = self.agents.entry(agent_id).or_insert(Agent {
            state,
            reason: None,
            since,
            told: since,
        });
        // The same state told again goes on; an older one told late is no news.
        if since >= agent.told {
            if state != agent.state {
                agent.since = since;
            }
            (agent.state, agent.reason, agent.told) = (state, reason, since);
        }
    }

    fn tidy(&mut self, now: i64) {
        self.waiting.retain(|_, waiting| waiting.since > now - LOST_MS);
        while self.left.front().is_some_and(|left| left.at < now - WINDOW_MS) {
            self.left.pop_front();
        }
        if self.left.len() > MOST {
            self.left.pop_front();
            self.forgotten += 1;
        }
        if self.waiting.len() > MOST
            && let Some(first) = self.first_waiting()
        {
            self.waiting.remove(&first);
            self.forgotten += 1;
        }
    }

    fn first_waiting(&self) -> Option<String> {
        let first = self.waiting.iter().min_by_key(|(_, waiting)| waiting.since);
        first.map(|(entry, _)| entry.clone())
    }

    /// The wall at `now`, ms UTC.
    pub(crate) fn view(&self, now: i64) -> View<'_> {
        let mut queues: BTreeMap<&str, QueueView> = BTreeMap::new();
        for waiting in self.waiting.values().filter(|waiting| waiting.since > now - LOST_MS) {
            let queue = queues.entry(&waiting.queue).or_default();
            queue.waiting += 1;
            queue.longest_since = Some(queue.longest_since.map_or(waiting.since, |at| at.min(waiting.since)));
        }
        for left in self.left.iter().filter(|left| left.at >= now - WINDOW_MS) {
            let queue = queues.entry(&left.queue).or_default();
            queue.counted += u64::from(!matches!(left.how, QueueExit::Overflow | QueueExit::Callback));
            match left.how {
                QueueExit::Answered => {
                    queue.answered += 1;
                    queue.in_time += u64::from(left.wait_ms <= IN_TIME_MS);
                    queue.wait_ms += left.wait_ms;
                }
                QueueExit::Abandoned => queue.abandoned += 1,
                _ => queue.other += 1,
            }
        }
        let agents = self
            .agents
            .iter()
            .map(|(agent_id, agent)| AgentView { agent_id, agent });
        View {
            queues,
            agents: agents.collect(),
            window_ms: WINDOW_MS,
            forgotten: self.forgotten,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    const BEGIN: i64 = 1_795_934_400_000;

    fn fact(seconds: i64, kind: &str, data: Value) -> Envelope {
        let ts = jiff::Timestamp::from_millisecond(BEGIN + seconds * 1_000).unwrap();
        let mut fact = json!({"v": 1, "type": kind, "call_id": "facts.a.1", "seq": 1, "ts": ts});
        fact["data"] = data;
        serde_json::from_value(fact).unwrap()
    }

    fn entered(seconds: i64, entry: &str) -> Envelope {
        fact(
            seconds,
            "queue.entered",
            json!({"contact": entry, "entry": entry, "queue": "12333"}),
        )
    }

    fn left(seconds: i64, entry: &str, how: &str, wait_ms: u64) -> Envelope {
        let data = json!({"contact": entry, "entry": entry, "queue": "12333", "left": how, "wait_ms": wait_ms});
        fact(seconds, "queue.left", data)
    }

    fn state(seconds: i64, state: &str) -> Envelope {
        fact(seconds, "agent.state", json!({"agent_id": "8001", "state": state}))
    }

    fn after(facts: Vec<Envelope>, seconds: i64) -> Value {
        let mut wall = Wall::default();
        facts.into_iter().for_each(|fact| wall.apply(fact));
        serde_json::to_value(wall.view(BEGIN + seconds * 1_000)).unwrap()
    }

    #[test]
    fn who_waits_and_how_the_last_half_hour_went() {
        let facts = vec![
            entered(0, "a"),
            entered(5, "b"),
            entered(9, "c"),
            left(15, "a", "answered", 15_000),
            left(20, "b", "abandoned", 15_000),
        ];
        let queue = after(facts, 30)["queues"]["12333"].take();
        assert_eq!(queue["waiting"], 1);
        assert_eq!(queue["longest_since"], BEGIN + 9_000);
        assert_eq!([&queue["answered"], &queue["in_time"], &queue["abandoned"]], [1, 1, 1]);
    }

    #[test]
    fn a_fact_told_twice_or_late_counts_once() {
        let facts = vec![
            entered(0, "a"),
            left(16, "a", "answered", 16_000),
            entered(0, "a"),
            left(16, "a", "answered", 16_000),
        ];
        let queue = after(facts, 30)["queues"]["12333"].take();
        assert_eq!([&queue["waiting"], &queue["answered"], &queue["in_time"]], [0, 1, 0]);
    }

    #[test]
    fn the_window_moves_on_and_a_wait_without_an_end_is_given_up() {
        let facts = vec![entered(0, "a"), entered(1, "b"), left(10, "b", "answered", 9_000)];
        assert_eq!(after(facts, 4 * 3_600 + 1)["queues"], json!({}));
    }

    #[test]
    fn an_agents_state_lasts_from_its_first_telling() {
        let agents = after(vec![state(0, "ready"), state(60, "ready"), state(30, "talk")], 90)["agents"].take();
        assert_eq!(
            agents,
            json!([{"agent_id": "8001", "state": "ready", "reason": null, "since": BEGIN}])
        );
    }
}
