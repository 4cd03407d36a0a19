//! The fields of all symbols, as they are read. What a symbol must have is asked for in `rows`.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value as Json;

/// From and to, in milliseconds UTC.
pub(super) type Spans = Vec<(i64, i64)>;

/// Every field that some symbol has.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Body {
    pub(super) t0: Option<i64>,
    pub(super) t1: Option<i64>,
    pub(super) dir: Option<String>,
    pub(super) ani: Option<String>,
    pub(super) end_by: Option<String>,
    pub(super) video: Option<bool>,
    pub(super) agent: Option<String>,
    pub(super) queue: Option<String>,
    pub(super) w: Option<i64>,
    pub(super) left: Option<String>,
    pub(super) how: Option<String>,
    pub(super) exit: Option<String>,
    #[serde(rename = "H")]
    pub(super) holds: Option<Spans>,
    pub(super) a: Option<i64>,
    pub(super) state: Option<String>,
    pub(super) reason: Option<String>,
    pub(super) turns: Option<Vec<IvrTurn>>,
    pub(super) answers: Option<i64>,
    pub(super) fails_after_last_answer: Option<i64>,
    pub(super) nodes: Option<Vec<String>>,
    pub(super) topics: Option<Vec<Json>>,
    pub(super) role: Option<String>,
    pub(super) begin: Option<i64>,
    pub(super) end: Option<i64>,
    pub(super) chars: Option<i64>,
    pub(super) conf: Option<Json>,
    pub(super) redactions: Option<Json>,
    pub(super) text: Option<String>,
    pub(super) segment: Option<Json>,
    pub(super) topic: Option<String>,
    pub(super) is_question: Option<bool>,
    pub(super) t: Option<i64>,
    pub(super) hint_id: Option<Json>,
    pub(super) tier: Option<i64>,
    pub(super) early: Option<bool>,
    pub(super) latency: Option<Latency>,
    pub(super) highlights: Option<Vec<Json>>,
    pub(super) calc_result: Option<Json>,
    pub(super) expire: Option<Expire>,
    pub(super) action: Option<String>,
    pub(super) elements: Option<BTreeMap<String, Element>>,
    pub(super) request_type: Option<String>,
    pub(super) risks: Option<Json>,
    pub(super) satisfaction: Option<String>,
    pub(super) ts: Option<i64>,
    pub(super) edited: Option<bool>,
    pub(super) age: Option<i64>,
    pub(super) rule: Option<String>,
    pub(super) kind: Option<String>,
    pub(super) met: Option<bool>,
    pub(super) score: Option<i64>,
    pub(super) label: Option<String>,
    pub(super) offered: Option<bool>,
    pub(super) ticket: Option<String>,
    pub(super) created_by: Option<String>,
    pub(super) due: Option<i64>,
    pub(super) closed: Option<i64>,
    pub(super) leg: Option<String>,
    pub(super) gaps: Option<Spans>,
}

#[derive(Deserialize)]
pub(super) struct IvrTurn {
    pub(super) speech_end: Option<i64>,
    pub(super) play_start: Option<i64>,
    pub(super) understood: Option<bool>,
}

#[derive(Deserialize)]
pub(super) struct Latency {
    pub(super) total: Option<i64>,
}

#[derive(Deserialize)]
pub(super) struct Expire {
    pub(super) reason: Option<String>,
    pub(super) t: Option<i64>,
}

#[derive(Deserialize)]
pub(super) struct Element {
    pub(super) value: Option<Json>,
    pub(super) evidence: Option<Json>,
}
