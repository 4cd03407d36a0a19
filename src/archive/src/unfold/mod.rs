//! Facts as the events that would have told them: for demonstrations, and to hold the live way against the import.

mod call;

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use crate::fact::{Fact, FactError};
use crate::fold::Feedback;
use crate::live::Entry;

/// An event of a stream, not numbered yet.
pub(crate) struct Draft {
    pub(crate) at: i64,
    pub(crate) kind: &'static str,
    pub(crate) data: Json,
    /// Leg and role.
    pub(crate) leg: Option<(String, String)>,
}

impl Draft {
    fn new(at: i64, kind: &'static str, data: Json) -> Self {
        Self {
            at,
            kind,
            data,
            leg: None,
        }
    }
}

/// What a file of facts is in Redis: by the key of a stream's call, its events in order; and feedback.
#[derive(Debug, Default)]
pub struct Replay {
    /// Call or key of facts → events as JSON, the first has number 1.
    pub streams: BTreeMap<String, Vec<String>>,
    /// Entries of the feedback stream, in order of time.
    pub feedback: Vec<Entry>,
}

/// A fact as the wire can tell it, which is what a replay comes to: characters are those of the text, and what a wrap-up asks, risks and foretells is that of
/// its elements.
#[must_use]
pub fn tellable(mut fact: Json) -> Json {
    match fact["sym"].as_str() {
        Some("U") => {
            let text = fact["text"].as_str().unwrap_or_default();
            fact["chars"] = json!(text.chars().filter(|c| c.is_alphanumeric()).count());
        }
        Some("W") => {
            for name in ["request_type", "risks", "satisfaction"] {
                fact[name] = fact["elements"][name]["value"].clone();
            }
        }
        _ => {}
    }
    fact
}

/// The newest revision of every fact, by its key.
fn standing<'a>(lines: impl Iterator<Item = &'a str>) -> Result<BTreeMap<String, Vec<Json>>, FactError> {
    let mut stand: BTreeMap<(String, i64), (i64, Json)> = BTreeMap::new();
    for line in lines.map(str::trim).filter(|line| !line.is_empty()) {
        let fact = Fact::parse(line)?;
        let json = serde_json::from_str(line).map_err(|error| FactError::Json(error.to_string()))?;
        let known = stand.get(&(fact.key.clone(), fact.seq));
        if known.is_none_or(|(rev, _)| *rev <= fact.rev) {
            stand.insert((fact.key, fact.seq), (fact.rev, json));
        }
    }
    let mut by_key: BTreeMap<String, Vec<Json>> = BTreeMap::new();
    for ((key, _), (_, json)) in stand {
        by_key.entry(key).or_default().push(json);
    }
    Ok(by_key)
}

/// The events that tell facts. What the wire has no place for is lost: characters are counted from the text, and the
/// request of a wrap-up is that of its element.
pub fn unfold<'a>(lines: impl Iterator<Item = &'a str>) -> Result<Replay, FactError> {
    let mut replay = Replay::default();
    let mut apart: Vec<Draft> = Vec::new();
    for (key, facts) in standing(lines)? {
        if let Some(agent) = key.strip_prefix("agent:") {
            apart.extend(states(agent, &facts));
            continue;
        }
        if let Some(ticket) = key.strip_prefix("ticket:") {
            apart.extend(facts.iter().flat_map(|fact| ticket_events(ticket, fact)));
            continue;
        }
        apart.extend(facts.iter().flat_map(|fact| told_apart(&key, fact)));
        apart.extend(surveys(&key, &facts));
        replay.feedback.extend(feedback(&key, &facts));
        let events = call::events(&facts);
        if !events.is_empty() {
            replay.streams.insert(key.clone(), numbered(&key, events));
        }
    }
    apart.sort_by_key(|draft| draft.at);
    let mut by_hour: BTreeMap<String, Vec<Draft>> = BTreeMap::new();
    for draft in apart {
        by_hour.entry(hour(draft.at)).or_default().push(draft);
    }
    replay.streams.extend(by_hour.into_iter().map(|(key, events)| {
        let events = numbered(&key, events);
        (key, events)
    }));
    replay.feedback.sort_by_key(|entry| match entry {
        Entry::Feedback { ms, .. } => *ms,
        Entry::Event(_) => 0,
    });
    number(&mut replay.feedback);
    Ok(replay)
}

/// Entries of one millisecond are told apart by their number.
fn number(entries: &mut [Entry]) {
    let (mut last, mut next) = (None, 0);
    for entry in entries {
        if let Entry::Feedback { ms, number, .. } = entry {
            next = if last == Some(*ms) { next + 1 } else { 0 };
            last = Some(*ms);
            *number = next;
        }
    }
}

fn hour(at: i64) -> String {
    let time = jiff::Timestamp::from_millisecond(at).unwrap_or_default();
    format!("facts.replay.{}", time.strftime("%Y%m%d%H"))
}

fn numbered(key: &str, mut events: Vec<Draft>) -> Vec<String> {
    events.sort_by_key(|draft| draft.at);
    let json = |(place, draft): (usize, Draft)| {
        let mut event = json!({"v": 1, "type": draft.kind, "data": draft.data, "call_id": key, "seq": place + 1,
            "ts": time(draft.at)});
        if let Some((leg, role)) = draft.leg {
            event["leg_id"] = leg.into();
            event["role"] = role.into();
        }
        event.to_string()
    };
    events.into_iter().enumerate().map(json).collect()
}

fn time(at: i64) -> String {
    format!("{:.3}", jiff::Timestamp::from_millisecond(at).unwrap_or_default())
}

pub(crate) fn int(fact: &Json, field: &str) -> Option<i64> {
    fact.get(field).and_then(Json::as_i64)
}

pub(crate) fn word(fact: &Json, field: &str) -> String {
    fact.get(field).and_then(Json::as_str).unwrap_or_default().to_owned()
}

fn states(agent: &str, facts: &[Json]) -> Vec<Draft> {
    let mut spans: Vec<_> = facts
        .iter()
        .filter_map(|fact| Some((int(fact, "t0")?, int(fact, "t1"), fact)))
        .collect();
    spans.sort_by_key(|(t0, ..)| *t0);
    let nexts: Vec<_> = spans.iter().skip(1).map(|(t0, ..)| Some(*t0)).chain([None]).collect();
    let mut drafts = Vec::new();
    for ((t0, t1, fact), next) in spans.into_iter().zip(nexts) {
        let state = |state: Json, reason: &Json| json!({"agent_id": agent, "state": state, "reason": reason});
        drafts.push(Draft::new(
            t0,
            "agent.state",
            state(fact["state"].clone(), &fact["reason"]),
        ));
        if let Some(t1) = t1.filter(|t1| next.is_none_or(|next| *t1 < next)) {
            drafts.push(Draft::new(t1, "agent.state", state("offline".into(), &Json::Null)));
        }
    }
    drafts
}

fn ticket_events(ticket: &str, fact: &Json) -> Vec<Draft> {
    let (due, closed) = (int(fact, "due"), int(fact, "closed"));
    let at = due.into_iter().chain(closed).min().unwrap_or_default();
    let data = json!({"ticket": ticket, "contact": fact["created_by"], "due": due.map(time), "topic": fact["topic"]});
    let made = Draft::new(at, "ticket.created", data);
    let done = closed.map(|at| Draft::new(at, "ticket.closed", json!({"ticket": ticket})));
    [made].into_iter().chain(done).collect()
}

/// What is told of a contact beside its call.
fn told_apart(key: &str, fact: &Json) -> Vec<Draft> {
    let Some(t0) = int(fact, "t0") else { return Vec::new() };
    let t1 = int(fact, "t1");
    let name = format!("{key}/{}", int(fact, "seq").unwrap_or_default());
    let pair = |begin: (&'static str, Json), end: (&'static str, Json)| {
        let end = t1.map(|at| Draft::new(at, end.0, end.1));
        [Draft::new(t0, begin.0, begin.1)]
            .into_iter()
            .chain(end)
            .collect::<Vec<_>>()
    };
    let length = t1.map_or(0, |t1| t1 - t0);
    match word(fact, "sym").as_str() {
        "C" => pair(
            (
                "contact.entered",
                json!({"contact": key, "dir": fact["dir"], "caller_hash": fact["ani"],
                "agent_id": fact["agent"], "video": fact["video"].as_bool().unwrap_or(false)}),
            ),
            (
                "contact.left",
                json!({"contact": key, "end_by": fact["end_by"], "duration_ms": length}),
            ),
        ),
        "Q" => pair(
            (
                "queue.entered",
                json!({"contact": key, "entry": name, "queue": fact["queue"]}),
            ),
            (
                "queue.left",
                json!({"contact": key, "entry": name, "queue": fact["queue"], "left": fact["left"],
                "wait_ms": length}),
            ),
        ),
        "O" => pair(
            (
                "agent.offered",
                json!({"contact": key, "offer": name, "agent_id": fact["agent"]}),
            ),
            (
                "agent.offer_ended",
                json!({"contact": key, "offer": name, "agent_id": fact["agent"], "left": fact["left"],
                "rang_ms": length}),
            ),
        ),
        "R" => dialogue(key, fact, &name, t0, t1),
        "P" => {
            let acw = int(fact, "a").filter(|acw| *acw > 0).zip(t1);
            let data = |acw: i64| json!({"contact": key, "agent_id": fact["agent"], "acw_ms": acw});
            acw.map(|(acw, t1)| Draft::new(t1 + acw, "agent.acw_ended", data(acw)))
                .into_iter()
                .collect()
        }
        _ => Vec::new(),
    }
}

/// A session with a machine; its turns come as it begins, with their own times in them.
fn dialogue(key: &str, fact: &Json, name: &str, t0: i64, t1: Option<i64>) -> Vec<Draft> {
    let mut drafts = vec![Draft::new(t0, "ivr.entered", json!({"contact": key, "session": name}))];
    let turns = fact["turns"].as_array().into_iter().flatten();
    drafts.extend(turns.map(|turn| {
        let after = |field| int(turn, field).map(|at| at - t0);
        let data = json!({"contact": key, "session": name, "answered": false,
            "understood": turn["understood"].as_bool().unwrap_or(false), "speech_end_ms": after("speech_end"),
            "play_start_ms": after("play_start")});
        Draft::new(t0, "ivr.turn", data)
    }));
    drafts.extend(t1.map(|t1| {
        let data = json!({"contact": key, "session": name, "left": fact["left"], "duration_ms": t1 - t0,
            "answers": int(fact, "answers").unwrap_or(0), "nodes": fact["nodes"], "topics": fact["topics"],
            "fails_after_last_answer": int(fact, "fails_after_last_answer").unwrap_or(0)});
        Draft::new(t1, "ivr.left", data)
    }));
    drafts
}

/// A survey has no time of its own: it follows the contact.
fn surveys(key: &str, facts: &[Json]) -> Vec<Draft> {
    let end = facts
        .iter()
        .filter_map(|fact| int(fact, "t1").or_else(|| int(fact, "t0")))
        .max()
        .unwrap_or_default();
    let mut drafts = Vec::new();
    for (place, fact) in facts.iter().filter(|fact| fact["sym"] == "Y").enumerate() {
        let at = end + place as i64;
        if let Some(score) = int(fact, "score") {
            drafts.push(Draft::new(
                at,
                "survey.answered",
                json!({"contact": key, "score": score}),
            ));
        } else if fact["offered"] == true {
            drafts.push(Draft::new(at, "survey.offered", json!({"contact": key})));
        }
    }
    drafts
}

fn feedback(key: &str, facts: &[Json]) -> Vec<Entry> {
    let entry = |ms, action: String, hint_id, segment_id| Entry::Feedback {
        ms,
        number: 0,
        feedback: Feedback {
            action,
            call_id: key.to_owned(),
            hint_id,
            segment_id,
        },
    };
    let of = |fact: &Json| match word(fact, "sym").as_str() {
        "F" => Some(entry(
            int(fact, "t")?,
            word(fact, "action"),
            Some(word(fact, "hint_id")),
            None,
        )),
        "W" if fact["edited"] == true => Some(entry(
            int(fact, "ts")?,
            "corrected".to_owned(),
            None,
            Some("wrapup.subject".to_owned()),
        )),
        _ => None,
    };
    facts.iter().filter_map(of).collect()
}
