//! A fact as a JSON line, and the rows that it is in the tables. docs/METRICS.md has the fields.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value as Json;

use crate::duck::Value;
use crate::spoken::plain;

/// Why a line is no fact. The line's number is added by who reads the file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FactError {
    /// Not an object in JSON.
    #[error("not a JSON object: {0}; write one object a line")]
    Json(String),
    /// No such symbol.
    #[error("sym: there is no {0:?}; docs/METRICS.md lists the symbols")]
    Symbol(String),
    /// A field is missing or has a wrong type.
    #[error("{sym}, field {field}: {what}; docs/METRICS.md lists the fields of {sym}")]
    Field {
        /// The symbol.
        sym: String,
        /// Where in the object.
        field: String,
        /// What was wrong with it.
        what: String,
    },
    /// An end before its begin.
    #[error("{sym}: t1 is before t0; correct one of them")]
    Backwards {
        /// The symbol.
        sym: String,
    },
    /// A queue entry whose `w` is not `t1 - t0`.
    #[error("Q, field w: it must be t1 - t0; leave it out or correct it")]
    Wait,
    /// Two lines of one name and revision that differ.
    #[error("another line has this call_id, seq and rev with other content; give the newer one a higher rev")]
    Conflict,
}

/// A fact with its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// `call_id`, `agent:ID` or `ticket:ID`.
    pub key: String,
    /// Its number within the key.
    pub seq: i64,
    /// Its revision, from 1.
    pub rev: i64,
    /// The rows, each with its table.
    pub rows: Vec<(&'static str, Vec<Value>)>,
}

#[derive(Deserialize)]
struct Head {
    call_id: Option<String>,
    agent: Option<String>,
    ticket: Option<String>,
    seq: i64,
    #[serde(default = "first")]
    rev: i64,
    sym: String,
}

fn first() -> i64 {
    1
}

type Spans = Vec<(i64, i64)>;

/// Every field that some symbol has; what a symbol must have is asked for in `rows`.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Body {
    t0: Option<i64>,
    t1: Option<i64>,
    dir: Option<String>,
    ani: Option<String>,
    end_by: Option<String>,
    video: Option<bool>,
    agent: Option<String>,
    queue: Option<String>,
    w: Option<i64>,
    left: Option<String>,
    how: Option<String>,
    exit: Option<String>,
    #[serde(rename = "H")]
    holds: Option<Spans>,
    a: Option<i64>,
    state: Option<String>,
    reason: Option<String>,
    turns: Option<Vec<IvrTurn>>,
    answers: Option<i64>,
    fails_after_last_answer: Option<i64>,
    nodes: Option<Vec<String>>,
    topics: Option<Vec<Json>>,
    role: Option<String>,
    begin: Option<i64>,
    end: Option<i64>,
    chars: Option<i64>,
    conf: Option<Json>,
    redactions: Option<Json>,
    text: Option<String>,
    segment: Option<Json>,
    topic: Option<String>,
    is_question: Option<bool>,
    t: Option<i64>,
    hint_id: Option<Json>,
    tier: Option<i64>,
    early: Option<bool>,
    latency: Option<Latency>,
    highlights: Option<Vec<Json>>,
    calc_result: Option<Json>,
    expire: Option<Expire>,
    action: Option<String>,
    elements: Option<BTreeMap<String, Element>>,
    request_type: Option<String>,
    risks: Option<Json>,
    satisfaction: Option<String>,
    ts: Option<i64>,
    edited: Option<bool>,
    rule: Option<String>,
    kind: Option<String>,
    met: Option<bool>,
    score: Option<i64>,
    label: Option<String>,
    offered: Option<bool>,
    ticket: Option<String>,
    created_by: Option<String>,
    due: Option<i64>,
    closed: Option<i64>,
    leg: Option<String>,
    gaps: Option<Spans>,
}

#[derive(Deserialize)]
struct IvrTurn {
    speech_end: Option<i64>,
    play_start: Option<i64>,
    understood: Option<bool>,
}

#[derive(Deserialize)]
struct Latency {
    total: Option<i64>,
}

#[derive(Deserialize)]
struct Expire {
    reason: Option<String>,
    t: Option<i64>,
}

#[derive(Deserialize)]
struct Element {
    value: Option<Json>,
    evidence: Option<Json>,
}

/// Asks a symbol's body for its fields.
struct Asked<'a> {
    sym: &'a str,
}

impl Asked<'_> {
    fn must<T: Clone>(&self, field: &str, value: &Option<T>) -> Result<T, FactError> {
        value
            .clone()
            .ok_or_else(|| self.wrong(field, "it is missing".to_owned()))
    }

    fn one_of(&self, field: &str, value: &Option<String>, allowed: &str) -> Result<Value, FactError> {
        let text = self.must(field, value)?;
        if allowed.split(' ').any(|a| a == text) {
            return Ok(text.into());
        }
        Err(self.wrong(field, format!("{text:?} is none of {allowed}")))
    }

    fn wrong(&self, field: &str, what: String) -> FactError {
        FactError::Field {
            sym: self.sym.to_owned(),
            field: field.to_owned(),
            what,
        }
    }
}

impl Fact {
    /// Reads one line.
    pub fn parse(line: &str) -> Result<Self, FactError> {
        let json: Json = serde_json::from_str(line).map_err(|e| FactError::Json(e.to_string()))?;
        Self::of(&json)
    }

    /// Reads what a line holds.
    pub(crate) fn of(json: &Json) -> Result<Self, FactError> {
        let sym = json.get("sym").and_then(Json::as_str).unwrap_or_default().to_owned();
        let field = |e: serde_path_to_error::Error<serde_json::Error>| FactError::Field {
            sym: sym.clone(),
            field: e.path().to_string(),
            what: e.inner().to_string(),
        };
        let head: Head = serde_path_to_error::deserialize(json).map_err(field)?;
        let body: Body = serde_path_to_error::deserialize(json).map_err(field)?;
        let asked = Asked { sym: &head.sym };
        let key = match (&head.call_id, head.sym.as_str()) {
            (_, "T") => format!("ticket:{}", asked.must("ticket", &head.ticket)?),
            (Some(id), _) => id.clone(),
            (None, "S") => format!("agent:{}", asked.must("agent", &head.agent)?),
            (None, _) => return Err(asked.wrong("call_id", "it is missing".to_owned())),
        };
        if let (Some(t0), Some(t1)) = (body.t0.or(body.begin), body.t1.or(body.end))
            && t1 < t0
        {
            return Err(FactError::Backwards { sym: head.sym });
        }
        let rows = rows(&asked, &key, head.seq, &body)?;
        Ok(Self {
            key,
            seq: head.seq,
            rev: head.rev,
            rows,
        })
    }
}

const ROLES: &str = "agent caller";

fn rows(f: &Asked<'_>, key: &str, seq: i64, b: &Body) -> Result<Vec<(&'static str, Vec<Value>)>, FactError> {
    let id = || Value::from(key);
    let one = |table, row| Ok(vec![(table, row)]);
    match f.sym {
        "C" => one(
            "c",
            vec![
                id(),
                f.must("t0", &b.t0)?.into(),
                b.t1.into(),
                f.one_of("dir", &b.dir, "in out")?,
                b.ani.clone().into(),
                b.end_by.clone().into(),
                b.video.unwrap_or(false).into(),
                b.agent.clone().into(),
            ],
        ),
        "Q" => queue(f, key, seq, b),
        "O" => one(
            "o",
            vec![
                id(),
                f.must("agent", &b.agent)?.into(),
                f.must("t0", &b.t0)?.into(),
                b.t1.into(),
                b.left.clone().into(),
            ],
        ),
        "P" => part(f, key, seq, b),
        "S" => one(
            "s",
            vec![
                f.must(
                    "agent",
                    &b.agent
                        .clone()
                        .or_else(|| key.strip_prefix("agent:").map(str::to_owned)),
                )?
                .into(),
                f.one_of("state", &b.state, "ready ring talk acw break offline")?,
                b.reason.clone().into(),
                f.must("t0", &b.t0)?.into(),
                b.t1.into(),
            ],
        ),
        "R" => ivr(f, key, seq, b),
        "V" => one(
            "v",
            vec![
                id(),
                f.one_of("role", &b.role, ROLES)?,
                f.must("t0", &b.t0)?.into(),
                f.must("t1", &b.t1)?.into(),
            ],
        ),
        "U" => one(
            "u",
            vec![
                id(),
                seq.into(),
                f.one_of("role", &b.role, ROLES)?,
                f.must("begin", &b.begin)?.into(),
                f.must("end", &b.end)?.into(),
                f.must("chars", &b.chars)?.into(),
                thousandths(b.conf.as_ref()),
                count(b.redactions.as_ref()).into(),
                plain(b.text.as_deref().unwrap_or_default()).into(),
                text(b.segment.as_ref()),
            ],
        ),
        "I" => one(
            "i",
            vec![
                id(),
                seq.into(),
                b.topic.clone().into(),
                b.is_question.unwrap_or(false).into(),
                f.must("t", &b.t)?.into(),
                text(b.segment.as_ref()),
            ],
        ),
        "N" => hint(f, key, b),
        "F" => one(
            "f",
            vec![
                id(),
                f.must("action", &b.action)?.into(),
                text(b.hint_id.as_ref()),
                b.t.into(),
            ],
        ),
        "W" => wrapup(f, key, b),
        "K" => one(
            "k",
            vec![id(), seq.into(), text(b.segment.as_ref()), f.must("t", &b.t)?.into()],
        ),
        "X" => one(
            "x",
            vec![
                id(),
                b.rule.clone().into(),
                f.one_of("kind", &b.kind, "violation required")?,
                b.met.into(),
                b.score.into(),
            ],
        ),
        "E" => one(
            "e",
            vec![
                id(),
                f.one_of("role", &b.role, ROLES)?,
                b.label.clone().into(),
                thousandths(b.conf.as_ref()),
                b.t.into(),
            ],
        ),
        "Y" => one(
            "y",
            vec![id(), seq.into(), b.offered.unwrap_or(false).into(), b.score.into()],
        ),
        "T" => one(
            "tk",
            vec![
                f.must("ticket", &b.ticket)?.into(),
                b.created_by.clone().into(),
                b.due.into(),
                b.closed.into(),
                b.topic.clone().into(),
            ],
        ),
        "G" => {
            let (t0, t1) = (f.must("t0", &b.t0)?, b.t1);
            let gap = covered(b.gaps.as_deref().unwrap_or_default(), t0, t1.unwrap_or(i64::MAX));
            one(
                "g",
                vec![id(), f.one_of("leg", &b.leg, ROLES)?, t0.into(), t1.into(), gap.into()],
            )
        }
        other => Err(FactError::Symbol(other.to_owned())),
    }
}

fn queue(f: &Asked<'_>, key: &str, seq: i64, b: &Body) -> Result<Vec<(&'static str, Vec<Value>)>, FactError> {
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

fn part(f: &Asked<'_>, key: &str, seq: i64, b: &Body) -> Result<Vec<(&'static str, Vec<Value>)>, FactError> {
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

fn ivr(f: &Asked<'_>, key: &str, seq: i64, b: &Body) -> Result<Vec<(&'static str, Vec<Value>)>, FactError> {
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

fn hint(f: &Asked<'_>, key: &str, b: &Body) -> Result<Vec<(&'static str, Vec<Value>)>, FactError> {
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

fn wrapup(f: &Asked<'_>, key: &str, b: &Body) -> Result<Vec<(&'static str, Vec<Value>)>, FactError> {
    let row = vec![
        key.into(),
        f.must("ts", &b.ts)?.into(),
        b.request_type.clone().into(),
        text(b.risks.as_ref()),
        b.satisfaction.clone().into(),
        b.edited.unwrap_or(false).into(),
    ];
    let mut rows = vec![("w", row)];
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
    fn a_bad_line_names_its_field_and_the_cure() {
        let of = |line: &str| Fact::parse(line).err().map(|e| e.to_string()).unwrap_or_default();
        assert!(of(r#"{"call_id":"c1","seq":1,"sym":"C","dir":"in"}"#).starts_with("C, field t0: it is missing;"));
        assert!(of(r#"{"call_id":"c1","seq":1,"sym":"C","t0":"x","dir":"in"}"#).starts_with("C, field t0: "));
        assert!(of(r#"{"call_id":"c1","seq":1,"sym":"Z"}"#).starts_with("sym: there is no \"Z\""));
        assert!(
            of(r#"{"call_id":"c1","seq":1,"sym":"Q","queue":"a","t0":0,"t1":9,"w":8,"left":"answered"}"#)
                .starts_with("Q, field w:")
        );
        assert!(of("[").starts_with("not a JSON object"));
    }

    #[test]
    fn spans_that_overlap_count_once_and_are_cut() {
        assert_eq!(covered(&[(5, 20), (0, 10), (90, 200)], 2, 100), 28);
        assert_eq!(covered(&[], 2, 100), 0);
    }
}
