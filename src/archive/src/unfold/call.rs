//! The events of a call's own stream.

use serde_json::{Value as Json, json};
use sidetone_language::zh;

use super::{Draft, int, word};

/// When something is told, or the earliest time that it names.
fn begin(fact: &Json) -> Option<i64> {
    match word(fact, "sym").as_str() {
        "P" | "V" | "G" => int(fact, "t0"),
        "U" => int(fact, "begin"),
        "I" | "N" | "K" | "X" | "E" => int(fact, "t"),
        "W" => int(fact, "ts"),
        _ => None,
    }
}

/// Empty for a contact that is in no call.
pub(super) fn events(facts: &[Json]) -> Vec<Draft> {
    let gaps = facts
        .iter()
        .flat_map(|fact| fact["gaps"].as_array().into_iter().flatten())
        .filter_map(|gap| gap[0].as_i64());
    let Some(origin) = facts.iter().filter_map(begin).chain(gaps).min() else {
        return Vec::new();
    };
    let mut events = vec![Draft::new(
        origin,
        "call.started",
        json!({"age_ms": 0, "resumed": false}),
    )];
    events.extend(parts(facts));
    events.extend(facts.iter().flat_map(|fact| spoken(fact, origin)));
    events.extend(facts.iter().flat_map(|fact| told(fact, origin)));
    let ended = facts
        .iter()
        .filter(|fact| fact["sym"] == "C")
        .find_map(|fact| int(fact, "t1"));
    let open = facts
        .iter()
        .any(|fact| (fact["sym"] == "P" || fact["sym"] == "G") && fact["t1"].is_null());
    if let (Some(t1), false) = (ended, open) {
        let at = events
            .iter()
            .map(|draft| draft.at)
            .max()
            .map_or(t1, |last| last.max(t1));
        let data = json!({"cause": "hangup", "duration_ms": at - origin, "finals": 0, "hints": 0});
        events.push(Draft::new(at, "call.ended", data));
    }
    events
}

/// `call.updated` for every join, hold, resumption and leave, each with all who are there then.
fn parts(facts: &[Json]) -> Vec<Draft> {
    let parts: Vec<&Json> = facts.iter().filter(|fact| fact["sym"] == "P").collect();
    let mut moves: Vec<(i64, usize, &str)> = Vec::new();
    for (place, part) in parts.iter().enumerate() {
        moves.extend(int(part, "t0").map(|t0| (t0, place, "joined")));
        for hold in part["H"].as_array().into_iter().flatten() {
            moves.extend(hold[0].as_i64().map(|at| (at, place, "hold")));
            moves.extend(hold[1].as_i64().map(|at| (at, place, "resume")));
        }
        moves.extend(int(part, "t1").map(|t1| (t1, place, "left")));
    }
    // Stable: what a part does within one millisecond keeps its order.
    moves.sort_by_key(|(at, ..)| *at);
    let mut there = vec![false; parts.len()];
    let drafts = moves.into_iter().map(|(at, place, reason)| {
        match reason {
            "joined" => there[place] = true,
            "left" => there[place] = false,
            _ => {}
        }
        let on = (0..parts.len()).filter(|place| there[*place]);
        let legs: Vec<_> = on
            .map(|p| json!({"leg_id": leg(p), "role": "agent", "agent_id": parts[p]["agent"]}))
            .collect();
        let mut data = json!({"reason": reason, "on_hold": reason == "hold", "legs": legs, "leg": leg(place)});
        match reason {
            "joined" => data["how"] = parts[place]["how"].clone(),
            "left" => data["exit"] = parts[place]["exit"].clone(),
            _ => {}
        }
        Draft::new(at, "call.updated", data)
    });
    drafts.collect()
}

fn leg(place: usize) -> String {
    format!("part-{place}")
}

fn with_role(draft: Draft, fact: &Json) -> Draft {
    let role = word(fact, "role");
    Draft {
        leg: Some((role.clone(), role)),
        ..draft
    }
}

/// Speech, finals and taps.
fn spoken(fact: &Json, origin: i64) -> Vec<Draft> {
    let after = |at: Option<i64>| at.map(|at| at - origin);
    let segment = || format!("v{}", int(fact, "seq").unwrap_or_default());
    match word(fact, "sym").as_str() {
        "V" => {
            let data =
                json!({"segment_id": segment(), "begin_ms": after(int(fact, "t0")), "end_ms": after(int(fact, "t1"))});
            int(fact, "t1")
                .map(|at| with_role(Draft::new(at, "speech.ended", data), fact))
                .into_iter()
                .collect()
        }
        "U" => {
            let redaction = json!({"type": "digits", "begin": 0, "end": 0});
            let redactions = usize::try_from(int(fact, "redactions").unwrap_or(0)).unwrap_or(0);
            let conf = fact["conf"]
                .as_i64()
                .map_or(fact["conf"].as_f64(), |conf| Some(conf as f64 / 1000.0));
            let named = word(fact, "segment");
            let data = json!({"segment_id": if named.is_empty() { segment() } else { named }, "rev": 1, "is_final": true,
                "begin_ms": after(int(fact, "begin")), "end_ms": after(int(fact, "end")), "text": word(fact, "text"),
                "confidence": conf.unwrap_or(0.0), "redactions": vec![redaction; redactions], "lang": "zh"});
            int(fact, "end")
                .map(|at| with_role(Draft::new(at, "transcript.final", data), fact))
                .into_iter()
                .collect()
        }
        "G" => tap(fact, origin),
        _ => Vec::new(),
    }
}

fn tap(fact: &Json, origin: i64) -> Vec<Draft> {
    let Some(t0) = int(fact, "t0") else { return Vec::new() };
    let leg = Some((
        format!("tap-{}", int(fact, "seq").unwrap_or_default()),
        word(fact, "leg"),
    ));
    let draft = |at, kind, data| Draft {
        leg: leg.clone(),
        ..Draft::new(at, kind, data)
    };
    let mut drafts = vec![draft(t0, "tap.up", json!({"kind": "snoop", "begin_ms": t0 - origin}))];
    for gap in fact["gaps"].as_array().into_iter().flatten() {
        if let (Some(begin), Some(end)) = (gap[0].as_i64(), gap[1].as_i64()) {
            let data = json!({"begin_ms": begin - origin, "end_ms": end - origin, "cause": "no_audio"});
            drafts.push(draft(end.max(t0), "audio.gap", data));
        }
    }
    if let Some(t1) = int(fact, "t1") {
        let data = json!({"kind": "snoop", "begin_ms": t0 - origin, "end_ms": t1 - origin, "reason": "left"});
        drafts.push(draft(t1, "tap.down", data));
    }
    drafts
}

/// What came of what was said.
fn told(fact: &Json, origin: i64) -> Vec<Draft> {
    let at = begin(fact).unwrap_or(origin);
    let segment = word(fact, "segment");
    let one = |kind, data| vec![Draft::new(at, kind, data)];
    match word(fact, "sym").as_str() {
        "I" => one(
            "intent",
            json!({"segment_id": segment, "topic": word(fact, "topic"), "topic_name": "", "intent": "",
                "is_question": fact["is_question"].as_bool().unwrap_or(false), "confidence": 1.0, "entities": []}),
        ),
        "K" => one(
            "knowledge.gap",
            json!({"segment_id": segment, "question": "", "in_base": 0.0, "candidates": [], "context": [], "region": "",
                "as_of": ""}),
        ),
        "X" => one(
            "qa.hit",
            json!({"rule": word(fact, "rule"), "segment_id": "", "message": "", "kind": fact["kind"], "met": fact["met"],
                "score": fact["score"]}),
        ),
        "E" => {
            let conf = fact["conf"]
                .as_i64()
                .map_or(fact["conf"].as_f64(), |conf| Some(conf as f64 / 1000.0));
            let data = json!({"segment_id": "", "label": word(fact, "label"), "confidence": conf.unwrap_or(0.0)});
            vec![with_role(Draft::new(at, "emotion.segment", data), fact)]
        }
        "N" => hint(fact, at),
        "W" => one("wrapup.final", wrapup(fact)),
        _ => Vec::new(),
    }
}

fn hint(fact: &Json, at: i64) -> Vec<Draft> {
    let (mut body, mut spans) = (String::new(), Vec::new());
    for said in fact["highlights"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Json::as_str)
    {
        let begin = body.chars().count();
        body.push_str(said);
        spans.push(json!({"begin": begin, "end": body.chars().count()}));
    }
    let calc = fact["calc_result"]
        .as_str()
        .map(|result| json!({"formula": "", "inputs": [], "result": result, "unit": ""}));
    let total = fact["latency"]["total"].as_i64().unwrap_or(0);
    let data = json!({"hint_id": fact["hint_id"], "tier": fact["tier"], "kind": "answer", "title": "", "body": body,
        "trigger": {"segment_id": word(fact, "segment"), "intent": "", "entities": []}, "topic": word(fact, "topic"),
        "highlights": spans, "sources": [], "score": 0.0, "dedup_key": "", "ttl_ms": 0, "engine": "rules",
        "early": fact["early"].as_bool().unwrap_or(false), "calc": calc,
        "latency_ms": {"speech": 0, "understand": 0, "match": 0, "push": 0, "total": total}});
    let expire = &fact["expire"];
    let expired = int(expire, "t").map(|t| {
        let data = json!({"hint_id": fact["hint_id"], "reason": word(expire, "reason")});
        Draft::new(t.max(at), "hint.expire", data)
    });
    [Draft::new(at, "hint.new", data)].into_iter().chain(expired).collect()
}

fn wrapup(fact: &Json) -> Json {
    let element = |name: &str| &fact["elements"][name];
    let made = |name: &str, value: Json, method: &str| {
        let evidence = element(name)["evidence"].as_array().cloned().unwrap_or_default();
        json!({"value": value, "evidence": evidence, "confidence": 1.0, "method": method})
    };
    let text = |name: &str| made(name, word(element(name), "value").into(), "rule");
    let list = |name: &str| {
        let values: Vec<String> = Some(word(element(name), "value"))
            .into_iter()
            .filter(|text| !text.is_empty())
            .collect();
        made(name, json!(values), "rule")
    };
    let satisfaction = word(element("satisfaction"), "value");
    let nothing = satisfaction.trim().is_empty() || satisfaction == zh().phrases.wrapup.none;
    let (value, method) = if nothing {
        ("neutral", "default")
    } else {
        (satisfaction.as_str(), "rule")
    };
    let topics = fact["topics"].as_array().into_iter().flatten().map(|topic| {
        json!({"topic": topic["topic"], "name": "", "intent": "", "evidence": [],
            "resolved": topic["resolved"].as_bool().unwrap_or(false)})
    });
    json!({"elements": {"subject": text("subject"), "request_type": text("request_type"), "policies": list("policies"),
            "advice": list("advice"), "todos": list("todos"), "risks": list("risks"),
            "satisfaction": made("satisfaction", value.into(), method)},
        "topics": topics.collect::<Vec<_>>(), "summary": "", "complete": true})
}
