//! The rows that a fact is in the tables, by its symbol.

use serde_json::Value as Json;

use super::body::Body;
use super::{Asked, FactError, Row};
use crate::duck::Value;
use crate::spoken::plain;

const ROLES: &str = "agent caller";

/// The rows of one fact.
pub(super) fn rows(f: &Asked<'_>, key: &str, seq: i64, b: &Body) -> Result<Vec<Row>, FactError> {
    let row = match f.sym {
        "Q" => return queue(f, key, seq, b),
        "P" => return part(f, key, seq, b),
        "R" => return ivr(f, key, seq, b),
        "N" => return hint(f, key, b),
        "W" => return wrapup(f, key, b),
        "C" => ("c", contact(f, key, b)?),
        "O" => ("o", offer(f, key, b)?),
        "S" => ("s", state(f, key, b)?),
        "V" => ("v", speech(f, key, b)?),
        "U" => ("u", utterance(f, key, seq, b)?),
        "I" => ("i", understood(f, key, seq, b)?),
        "F" => (
            "f",
            vec![
                key.into(),
                f.must("action", &b.action)?.into(),
                text(b.hint_id.as_ref()),
                b.t.into(),
            ],
        ),
        "K" => (
            "k",
            vec![
                key.into(),
                seq.into(),
                text(b.segment.as_ref()),
                f.must("t", &b.t)?.into(),
            ],
        ),
        "X" => ("x", quality(f, key, b)?),
        "E" => ("e", emotion(f, key, b)?),
        "Y" => (
            "y",
            vec![
                key.into(),
                seq.into(),
                b.offered.unwrap_or(false).into(),
                b.score.into(),
            ],
        ),
        "T" => ("tk", ticket(f, b)?),
        "G" => ("g", tap(f, key, b)?),
        other => return Err(FactError::Symbol(other.to_owned())),
    };
    Ok(vec![row])
}

fn contact(f: &Asked<'_>, key: &str, b: &Body) -> Result<Vec<Value>, FactError> {
    Ok(vec![
        key.into(),
        f.must("t0", &b.t0)?.into(),
        b.t1.into(),
        f.one_of("dir", &b.dir, "in out")?,
        b.ani.clone().into(),
        b.end_by.clone().into(),
        b.video.unwrap_or(false).into(),
        b.agent.clone().into(),
    ])
}

fn offer(f: &Asked<'_>, key: &str, b: &Body) -> Result<Vec<Value>, FactError> {
    Ok(vec![
        key.into(),
        f.must("agent", &b.agent)?.into(),
        f.must("t0", &b.t0)?.into(),
        b.t1.into(),
        b.left.clone().into(),
    ])
}

fn state(f: &Asked<'_>, key: &str, b: &Body) -> Result<Vec<Value>, FactError> {
    let of_key = || key.strip_prefix("agent:").map(str::to_owned);
    Ok(vec![
        f.must("agent", &b.agent.clone().or_else(of_key))?.into(),
        f.one_of("state", &b.state, "ready ring talk acw break offline")?,
        b.reason.clone().into(),
        f.must("t0", &b.t0)?.into(),
        b.t1.into(),
    ])
}

fn speech(f: &Asked<'_>, key: &str, b: &Body) -> Result<Vec<Value>, FactError> {
    Ok(vec![
        key.into(),
        f.one_of("role", &b.role, ROLES)?,
        f.must("t0", &b.t0)?.into(),
        f.must("t1", &b.t1)?.into(),
    ])
}

fn utterance(f: &Asked<'_>, key: &str, seq: i64, b: &Body) -> Result<Vec<Value>, FactError> {
    Ok(vec![
        key.into(),
        seq.into(),
        f.one_of("role", &b.role, ROLES)?,
        f.must("begin", &b.begin)?.into(),
        f.must("end", &b.end)?.into(),
        f.must("chars", &b.chars)?.into(),
        thousandths(b.conf.as_ref()),
        count(b.redactions.as_ref()).into(),
        plain(b.text.as_deref().unwrap_or_default()).into(),
        text(b.segment.as_ref()),
    ])
}

fn understood(f: &Asked<'_>, key: &str, seq: i64, b: &Body) -> Result<Vec<Value>, FactError> {
    Ok(vec![
        key.into(),
        seq.into(),
        b.topic.clone().into(),
        b.is_question.unwrap_or(false).into(),
        f.must("t", &b.t)?.into(),
        text(b.segment.as_ref()),
    ])
}

fn quality(f: &Asked<'_>, key: &str, b: &Body) -> Result<Vec<Value>, FactError> {
    Ok(vec![
        key.into(),
        b.rule.clone().into(),
        f.one_of("kind", &b.kind, "violation required")?,
        b.met.into(),
        b.score.into(),
    ])
}

fn emotion(f: &Asked<'_>, key: &str, b: &Body) -> Result<Vec<Value>, FactError> {
    Ok(vec![
        key.into(),
        f.one_of("role", &b.role, ROLES)?,
        b.label.clone().into(),
        thousandths(b.conf.as_ref()),
        b.t.into(),
    ])
}

fn ticket(f: &Asked<'_>, b: &Body) -> Result<Vec<Value>, FactError> {
    Ok(vec![
        f.must("ticket", &b.ticket)?.into(),
        b.created_by.clone().into(),
        b.due.into(),
        b.closed.into(),
        b.topic.clone().into(),
    ])
}

fn tap(f: &Asked<'_>, key: &str, b: &Body) -> Result<Vec<Value>, FactError> {
    let (t0, t1) = (f.must("t0", &b.t0)?, b.t1);
    let gap = covered(b.gaps.as_deref().unwrap_or_default(), t0, t1.unwrap_or(i64::MAX));
    Ok(vec![
        key.into(),
        f.one_of("leg", &b.leg, ROLES)?,
        t0.into(),
        t1.into(),
        gap.into(),
    ])
}

fn queue(f: &Asked<'_>, key: &str, seq: i64, b: &Body) -> Result<Vec<Row>, FactError> {
    let t0 = f.must("t0", &b.t0)?;
    if let (Some(w), Some(t1)) = (b.w, b.t1)
        && w != t1 - t0
    {
        return Err(FactError::Wait);
    }
    let left = match &b.t1 {
        Some(_) => f.one_of(
            "left",
            &b.left,
            "answered abandoned timeout overflow full callback failed",
        )?,
        None => Value::Null,
    };
    Ok(vec![(
        "q",
        vec![
            key.into(),
            seq.into(),
            f.must("queue", &b.queue)?.into(),
            t0.into(),
            b.t1.into(),
            left,
        ],
    )])
}

fn part(f: &Asked<'_>, key: &str, seq: i64, b: &Body) -> Result<Vec<Row>, FactError> {
    let (t0, t1) = (f.must("t0", &b.t0)?, b.t1);
    let holds = b.holds.as_deref().unwrap_or_default();
    let row = vec![
        key.into(),
        seq.into(),
        f.must("agent", &b.agent)?.into(),
        t0.into(),
        t1.into(),
        f.one_of("how", &b.how, "queue transfer consult direct")?,
        b.exit.clone().into(),
        b.a.unwrap_or(0).into(),
        covered(holds, t0, t1.unwrap_or(i64::MAX)).into(),
        (holds.len() as i64).into(),
    ];
    let holds = holds
        .iter()
        .map(|(a, z)| ("ph", vec![key.into(), seq.into(), (*a).into(), (*z).into()]));
    Ok([("p", row)].into_iter().chain(holds).collect())
}

fn ivr(f: &Asked<'_>, key: &str, seq: i64, b: &Body) -> Result<Vec<Row>, FactError> {
    let turns = b.turns.as_deref().unwrap_or_default();
    let row = vec![
        key.into(),
        seq.into(),
        f.must("t0", &b.t0)?.into(),
        b.t1.into(),
        b.answers.unwrap_or(0).into(),
        b.fails_after_last_answer.unwrap_or(0).into(),
        b.left.clone().into(),
        (turns.len() as i64).into(),
    ];
    let mut rows = vec![("r", row)];
    rows.extend(turns.iter().map(|t| {
        (
            "rt",
            vec![
                key.into(),
                seq.into(),
                t.speech_end.into(),
                t.play_start.into(),
                t.understood.unwrap_or(false).into(),
            ],
        )
    }));
    rows.extend(
        b.nodes
            .iter()
            .flatten()
            .map(|node| ("rn", vec![key.into(), seq.into(), node.as_str().into()])),
    );
    rows.extend(
        b.topics
            .iter()
            .flatten()
            .map(|topic| ("rtopic", vec![key.into(), seq.into(), text(Some(topic))])),
    );
    Ok(rows)
}

fn hint(f: &Asked<'_>, key: &str, b: &Body) -> Result<Vec<Row>, FactError> {
    let hint_id = text(b.hint_id.as_ref());
    let row = vec![
        key.into(),
        hint_id.clone(),
        f.must("tier", &b.tier)?.into(),
        f.must("t", &b.t)?.into(),
        b.early.unwrap_or(false).into(),
        b.latency.as_ref().and_then(|l| l.total).into(),
        b.topic.clone().into(),
        text(b.segment.as_ref()),
        b.expire.as_ref().and_then(|e| e.t).into(),
        b.expire.as_ref().and_then(|e| e.reason.clone()).into(),
    ];
    let said = b
        .highlights
        .iter()
        .flatten()
        .chain(&b.calc_result)
        .filter_map(|json| match text(Some(json)) {
            Value::Text(said) => Some(("nh", vec![key.into(), hint_id.clone(), plain(&said).into()])),
            _ => None,
        });
    Ok([("n", row)].into_iter().chain(said).collect())
}

fn wrapup(f: &Asked<'_>, key: &str, b: &Body) -> Result<Vec<Row>, FactError> {
    let row = vec![
        key.into(),
        f.must("ts", &b.ts)?.into(),
        b.request_type.clone().into(),
        text(b.risks.as_ref()),
        b.satisfaction.clone().into(),
        b.edited.unwrap_or(false).into(),
    ];
    let mut rows = vec![("w", row)];
    rows.extend(b.age.map(|age| ("wp", vec![key.into(), age.into()])));
    rows.extend(b.elements.iter().flatten().map(|(name, element)| {
        (
            "we",
            vec![
                key.into(),
                name.as_str().into(),
                text(element.value.as_ref()),
                is_given(element.evidence.as_ref()).into(),
            ],
        )
    }));
    for topic in b.topics.iter().flatten() {
        let name = topic
            .get("topic")
            .and_then(Json::as_str)
            .ok_or_else(|| f.wrong("topics", "an entry lacks its topic".to_owned()))?;
        let resolved = topic.get("resolved").and_then(Json::as_bool).unwrap_or(false);
        rows.push(("wt", vec![key.into(), name.into(), resolved.into()]));
    }
    Ok(rows)
}

/// How much of `[from, to)` the spans cover, in milliseconds.
fn covered(spans: &[(i64, i64)], from: i64, to: i64) -> i64 {
    let mut spans = spans.to_vec();
    spans.sort_unstable();
    let mut sum = 0;
    let mut at = from;
    for (a, z) in spans {
        let (a, z) = (a.max(at), z.min(to));
        sum += (z - a).max(0);
        at = at.max(z);
    }
    sum
}

fn thousandths(conf: Option<&Json>) -> Value {
    match conf {
        Some(Json::Number(n)) if n.is_i64() => n.as_i64().into(),
        Some(Json::Number(n)) => n.as_f64().map(|share| (share * 1000.0).round() as i64).into(),
        _ => Value::Null,
    }
}

fn count(redactions: Option<&Json>) -> i64 {
    match redactions {
        Some(Json::Array(list)) => list.len() as i64,
        Some(Json::Number(n)) => n.as_i64().unwrap_or(0),
        _ => 0,
    }
}

fn text(json: Option<&Json>) -> Value {
    match json {
        None | Some(Json::Null) => Value::Null,
        Some(Json::String(text)) => text.as_str().into(),
        Some(Json::Array(list)) => {
            let parts: Vec<String> = list
                .iter()
                .map(|part| part.as_str().map_or_else(|| part.to_string(), str::to_owned))
                .collect();
            parts.join(";").into()
        }
        Some(other) => other.to_string().into(),
    }
}

fn is_given(evidence: Option<&Json>) -> bool {
    match evidence {
        None | Some(Json::Null | Json::Bool(false)) => false,
        Some(Json::String(text)) => !text.is_empty(),
        Some(Json::Array(list)) => !list.is_empty(),
        Some(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_that_overlap_count_once_and_are_cut() {
        assert_eq!(covered(&[(5, 20), (0, 10), (90, 200)], 2, 100), 28);
        assert_eq!(covered(&[], 2, 100), 0);
    }
}
