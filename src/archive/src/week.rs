//! What a report of a week needs beside the metrics: who called, and what they said.

use crate::duck::{DuckError, Value};
use crate::load::Archive;

/// Texts that are looked at; a week of a large line has fewer.
const TEXTS: usize = 200_000;

/// Questions that nothing answered: their topic where one was understood, their words where they were heard, and their number.
pub type Unanswered = (Option<String>, Option<String>, i64);

impl Archive {
    /// The subjects of the wrap-ups of `[from, to)` (ms UTC) with their number, most first.
    pub fn subjects(&self, from: i64, to: i64) -> Result<Vec<(String, i64)>, DuckError> {
        let rows = self.duck().query(&format!(
            "select we.value, count(distinct we.call_id) as n from we join w on w.call_id = we.call_id \
             where we.name = 'subject' and w.ts >= {from} and w.ts < {to} and we.value <> '' group by 1 order by 2 desc, 1"
        ))?;
        let pair = |row: Vec<Value>| match <[Value; 2]>::try_from(row) {
            Ok([Value::Text(subject), Value::Int(number)]) => Some((subject, number)),
            _ => None,
        };
        Ok(rows.into_iter().filter_map(pair).collect())
    }

    /// Ages in years that were told in the contacts whose wrap-ups are of `[from, to)` (ms UTC), with their number.
    pub fn ages(&self, from: i64, to: i64) -> Result<Vec<(i64, i64)>, DuckError> {
        let rows = self.duck().query(&format!(
            "select age, count(*) as n from wp join w on w.call_id = wp.call_id where w.ts >= {from} and w.ts < {to} group by 1 order by 1"
        ))?;
        let pair = |row: Vec<Value>| match row[..] {
            [Value::Int(age), Value::Int(number)] => Some((age, number)),
            _ => None,
        };
        Ok(rows.into_iter().filter_map(pair).collect())
    }

    /// Questions of `[from, to)` (ms UTC) that nothing answered, most first.
    pub fn unanswered(&self, from: i64, to: i64) -> Result<Vec<Unanswered>, DuckError> {
        let rows = self.duck().query(&format!(
            "select asked.topic, heard.said, count(*) as n from k
              left join (select call_id, segment, min(topic) as topic from i group by call_id, segment) as asked on asked.call_id = k.call_id and asked.segment = k.segment
              left join (select call_id, segment, min(said) as said from u where role = 'caller' group by call_id, segment) as heard
               on heard.call_id = k.call_id and heard.segment = k.segment
              where k.t >= {from} and k.t < {to} group by 1, 2 order by n desc, 1, 2"
        ))?;
        let text = |value| {
            if let Value::Text(text) = value {
                Some(text)
            } else {
                None
            }
        };
        let read = |row: Vec<Value>| match <[Value; 3]>::try_from(row) {
            Ok([topic, said, Value::Int(number)]) => Some((text(topic), text(said), number)),
            _ => None,
        };
        Ok(rows.into_iter().filter_map(read).collect())
    }

    /// What callers said in `[from, to)` (ms UTC), without punctuation, each with its call.
    pub fn caller_texts(&self, from: i64, to: i64) -> Result<Vec<(String, String)>, DuckError> {
        let rows = self.duck().query(&format!(
            "select call_id, said from u where role = 'caller' and t1 >= {from} and t1 < {to} limit {TEXTS}"
        ))?;
        let pair = |row: Vec<Value>| match <[Value; 2]>::try_from(row) {
            Ok([Value::Text(call), Value::Text(said)]) => Some((call, said)),
            _ => None,
        };
        Ok(rows.into_iter().filter_map(pair).collect())
    }
}
