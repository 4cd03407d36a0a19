//! A fact as a JSON line, and the rows that it is in the tables. docs/METRICS.md has the fields.

mod body;
mod bounds;
mod rows;

use serde::Deserialize;
use serde_json::Value as Json;

use crate::duck::Value;
use body::Body;
use rows::rows;

/// A table's name and one row of it.
pub(crate) type Row = (&'static str, Vec<Value>);

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
    pub rows: Vec<Row>,
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
        if !json.is_object() {
            return Err(FactError::Json("it is no object".to_owned()));
        }
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
        bounds::check(&asked, head.seq, head.rev, &body)?;
        let rows = rows(&asked, &key, head.seq, &body)?;
        Ok(Self {
            key,
            seq: head.seq,
            rev: head.rev,
            rows,
        })
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
    fn what_cannot_be_is_refused_and_what_is_at_the_edge_is_not() {
        let part = |more: &str| {
            let line = format!(
                r#"{{"call_id":"c","seq":1,"sym":"P","agent":"1","t0":0,"t1":9,"dir":"in","how":"queue",{more}}}"#
            );
            Fact::parse(&line).err().map(|e| e.to_string()).unwrap_or_default()
        };
        assert!(part(r#""a":-1"#).starts_with("P, field a: -1 is below 0"));
        assert!(part(r#""H":[[5,4]]"#).starts_with("P, field H: [5, 4]"));
        assert_eq!(part(r#""a":0,"H":[[4,4]]"#), "");
        let of = |line: &str| Fact::parse(line).err().map(|e| e.to_string()).unwrap_or_default();
        let survey = |score: i64| {
            of(&format!(
                r#"{{"call_id":"c","seq":1,"sym":"Y","offered":true,"score":{score}}}"#
            ))
        };
        assert_eq!([1, 5].map(survey), ["", ""]);
        assert!([0, 6].map(survey).iter().all(|told| told.contains("from 1 to 5")));
        let emotion = |conf: &str| {
            of(&format!(
                r#"{{"call_id":"c","seq":1,"sym":"E","role":"caller","conf":{conf}}}"#
            ))
        };
        assert_eq!(["0", "1000", "0.0", "1.0", "null"].map(emotion), [""; 5]);
        assert!(
            ["1001", "1.1", "-1", "\"high\""]
                .map(emotion)
                .iter()
                .all(|told| told.contains("field conf"))
        );
        let contact = |ani: &str| {
            of(&format!(
                r#"{{"call_id":"c","seq":1,"sym":"C","t0":0,"dir":"in","ani":"{ani}"}}"#
            ))
        };
        assert!(
            ["15400000001", "+8615400000001"]
                .map(contact)
                .iter()
                .all(|told| told.contains("salted hash"))
        );
        assert_eq!(["1001", "15400000001f", "00000000001"].map(contact), [""; 3]);
    }
}
