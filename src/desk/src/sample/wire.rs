//! What the daemon and the switch would have written to Redis of the morning's last half hour.

use serde_json::{Value, json};

use super::plan::{Answered, Contact, Plan, agent_id};
use super::script::{Script, Turn};

/// What is looked up for a caller's turn: a hint without its id, or nothing.
pub(super) type Hints<'a> = &'a dyn Fn(&str) -> Option<Value>;

/// A call's events up to now, and its state.
pub(super) struct Played {
    pub(super) call: String,
    pub(super) agent: String,
    pub(super) joined: i64,
    pub(super) events: Vec<Value>,
    pub(super) state: Vec<(String, String)>,
    /// Whether it is over.
    pub(super) ended: bool,
}

/// The calls that are recent at `now`.
pub(super) fn calls(plan: &Plan, scripts: &[Script], now: i64, hints: Hints<'_>) -> Vec<Played> {
    let recent = plan
        .contacts
        .iter()
        .filter(|contact| contact.left <= now && contact.is_recent(now));
    let played = recent.filter_map(|contact| {
        let answered = contact.answered.as_ref()?;
        Some(play(contact, answered, &scripts[contact.script], now, hints))
    });
    played.collect()
}

struct Events {
    call: String,
    agent: String,
    now: i64,
    all: Vec<Value>,
}

impl Events {
    /// Adds an event unless it is still to come.
    fn add(&mut self, at: i64, kind: &str, role: Option<&str>, data: Value) {
        if at > self.now {
            return;
        }
        let mut event = json!({"v": 1, "type": kind, "call_id": self.call, "seq": self.all.len() + 1, "ts": stamp(at),
            "agent_id": self.agent});
        event["data"] = data;
        if let Some(role) = role {
            event["role"] = json!(role);
            event["leg_id"] = json!(format!("{}-{role}", self.call));
        }
        self.all.push(event);
    }
}

fn play(contact: &Contact, answered: &Answered, script: &Script, now: i64, hints: Hints<'_>) -> Played {
    let (agent, begin) = (agent_id(answered.agent), contact.left);
    let mut events = Events {
        call: contact.id.clone(),
        agent: agent.clone(),
        now,
        all: Vec::new(),
    };
    let number = &script.caller.number;
    let caller = format!("*********{}", &number[number.len().saturating_sub(2)..]);
    opened(&mut events, &caller, script, begin);
    let finals = spoken(&mut events, script, begin, hints);
    events.add(begin + script.length_ms() / 2, "wrapup.draft", None, wrapup(script));
    events.add(answered.end, "wrapup.final", None, wrapup(script));
    let hints = events.all.iter().filter(|event| event["type"] == "hint.new").count();
    events.add(
        answered.end,
        "call.ended",
        None,
        json!({"cause": "normal_clearing", "duration_ms": answered.end - begin, "finals": finals, "hints": hints}),
    );
    let ended = answered.end <= now;
    let state = [
        ("call_id", contact.id.as_str()),
        ("status", if ended { "ended" } else { "live" }),
        ("since", &stamp(begin)),
        ("caller", &caller),
        ("called", "12333"),
        ("queue", script.queue()),
        ("agent_id", &agent),
        ("seq", &events.all.len().to_string()),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()));
    Played {
        call: contact.id.clone(),
        agent,
        joined: begin,
        events: events.all,
        state: state.to_vec(),
        ended,
    }
}

/// The call begins, and both are in it at once.
fn opened(events: &mut Events, caller: &str, script: &Script, begin: i64) {
    events.add(
        begin,
        "call.started",
        None,
        json!({"caller": caller, "called": "12333", "queue": script.queue(), "age_ms": 0, "resumed": false}),
    );
    let legs = json!([{"leg_id": format!("{}-caller", events.call), "role": "caller", "tap": "snoop"},
        {"leg_id": format!("{}-agent", events.call), "role": "agent", "agent_id": events.agent, "tap": "snoop"}]);
    events.add(
        begin,
        "call.updated",
        None,
        json!({"reason": "joined", "on_hold": false, "legs": legs}),
    );
}

/// What is said, with the hints to it. Returns how much of it has been said by now.
fn spoken(events: &mut Events, script: &Script, begin: i64, hints: Hints<'_>) -> u64 {
    let mut finals = 0;
    for (number, (turn, from, to)) in script.timed().enumerate() {
        let at = begin + to + 400;
        finals += u64::from(at <= events.now);
        said(events, number, turn, from, to, at);
        if turn.role == "caller"
            && let Some(mut hint) = hints(&turn.text)
        {
            hint["hint_id"] = json!(format!("h{number}"));
            hint["trigger"] = json!({"segment_id": format!("caller-{number}"), "intent": "", "entities": []});
            events.add(at + 250, "hint.new", None, hint);
        }
    }
    finals
}

fn said(events: &mut Events, number: usize, turn: &Turn, from: i64, to: i64, at: i64) {
    let data = json!({"segment_id": format!("{}-{number}", turn.role), "rev": 1, "is_final": true, "begin_ms": from, "end_ms": to, "text": turn.text,
        "confidence": 0.93, "redactions": [], "lang": "zh"});
    events.add(at, "transcript.final", Some(&turn.role), data);
}

fn wrapup(script: &Script) -> Value {
    let element = |value: Value| json!({"value": value, "evidence": ["caller-1"], "confidence": 0.8, "method": "rule"});
    let of = &script.wrapup;
    json!({"elements": {"subject": element(json!(of.subject)), "request_type": element(json!(of.request_type)), "policies": element(json!(of.policies)),
        "advice": element(json!(of.policies)), "todos": element(json!(of.todos)), "risks": element(json!(of.risks)),
        "satisfaction": element(json!(of.satisfaction))},
        "topics": script.topics.iter().map(|topic| json!({"topic": topic, "name": topic, "intent": "eligibility", "evidence": ["caller-1"], "resolved": true})).collect::<Vec<_>>(),
        "summary": of.todos.join("；"), "complete": true})
}

/// Queues of the recent contacts and agents' present states, in order.
pub(super) fn facts(plan: &Plan, scripts: &[Script], now: i64) -> Vec<Value> {
    let mut all: Vec<(i64, &str, Value)> = Vec::new();
    let recent = plan
        .contacts
        .iter()
        .filter(|contact| contact.is_recent(now) && contact.queued <= now);
    for contact in recent {
        let (entry, queue) = (format!("{}/1", contact.id), scripts[contact.script].queue());
        all.push((
            contact.queued,
            "queue.entered",
            json!({"contact": contact.id, "entry": entry, "queue": queue}),
        ));
        let left = if contact.answered.is_some() {
            "answered"
        } else {
            "abandoned"
        };
        all.push((contact.left, "queue.left", json!({"contact": contact.id, "entry": entry, "queue": queue, "left": left, "wait_ms": contact.left - contact.queued})));
    }
    for agent in 0..plan.agents {
        let last = plan.states(agent, now).into_iter().next_back();
        all.extend(last.map(|(state, from, _)| {
            (
                from,
                "agent.state",
                json!({"agent_id": agent_id(agent), "state": state}),
            )
        }));
    }
    all.retain(|(at, ..)| *at <= now);
    all.sort_by_key(|(at, ..)| *at);
    let numbered = all.into_iter().enumerate();
    numbered
        .map(|(number, (at, kind, data))| json!({"v": 1, "type": kind, "call_id": "facts.sample.1", "seq": number + 1, "ts": stamp(at), "data": data}))
        .collect()
}

fn stamp(ms: i64) -> String {
    jiff::Timestamp::from_millisecond(ms)
        .unwrap_or_default()
        .strftime("%Y-%m-%dT%H:%M:%S%.3fZ")
        .to_string()
}
