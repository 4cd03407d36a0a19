//! A question in Chinese with its numbers: for the command and for the page.

use std::path::Path;

use serde::Serialize;
use sidetone_archive::{Archive, Row, answer, names};
use sidetone_metrics::{Answer, Chart, FilterKey, Query, Spoken, Vocabulary, ask, chart, registry, utter};

/// As many rows as a bar chart takes, where they are not known.
const FEW: usize = 12;

/// What comes of a question.
#[derive(Serialize)]
pub(crate) struct Reply {
    #[serde(flatten)]
    pub answer: Answer,
    /// How the rows are drawn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chart: Option<Chart>,
    /// The numbers, where there is an archive.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rows: Option<Vec<Row>>,
}

impl Reply {
    /// What a voice says: the first numbers, or the text of a question back or a refusal.
    pub(crate) fn spoken(&self) -> String {
        match (&self.answer, &self.rows) {
            (Answer::Query { query, .. }, Some(rows)) => {
                let numbers = rows.iter().map(|row| Spoken {
                    id: row.id,
                    group: row.group.as_deref(),
                    compared: row.compared,
                    value: row.value.as_deref(),
                });
                utter(query, &numbers.collect::<Vec<_>>())
            }
            (Answer::Query { query, .. }, None) => utter(query, &[]),
            (Answer::Question { text, .. } | Answer::Refusal { text, .. }, _) => text.clone(),
        }
    }
}

/// Asks. What the archive has no numbers for, because of how it is asked, is a refusal; its own faults are errors.
pub(crate) fn reply(
    archive: Option<&Archive>,
    text: &str,
    now: i64,
    vocabulary: &Vocabulary,
    before: Option<&Query>,
) -> Result<Reply, String> {
    let asked = ask(text, now, vocabulary, before);
    let (Answer::Query { query, .. }, Some(archive)) = (&asked, archive) else {
        let chart = match &asked {
            Answer::Query { query, .. } => Some(chart(query, FEW)),
            _ => None,
        };
        return Ok(Reply {
            answer: asked,
            chart,
            rows: None,
        });
    };
    match answer(archive, query, now) {
        Ok(rows) => Ok(Reply {
            chart: Some(chart(query, rows.len())),
            rows: Some(rows),
            answer: asked,
        }),
        Err(error) if error.is_of_the_query() => Ok(Reply {
            answer: Answer::crossed(),
            chart: None,
            rows: None,
        }),
        Err(error) => Err(error.to_string()),
    }
}

/// The words of a site: those of its file, and the values that its archive has met under their own names.
pub(crate) fn vocabulary(file: Option<&Path>, archive: Option<&Archive>) -> Result<Vocabulary, String> {
    let mut words = Vocabulary::default();
    if let Some(path) = file {
        let named = path.display();
        let text = std::fs::read_to_string(path).map_err(|error| format!("{named}: {error}"))?;
        for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let fields: Vec<&str> = line.split('\t').collect();
            let [key, value, spoken] = fields[..] else {
                return Err(format!("{named}, line {}: three fields a line", number + 1));
            };
            let key: FilterKey =
                serde_json::from_value(key.into()).map_err(|error| format!("{named}, line {}: {error}", number + 1))?;
            words.add(key, value, spoken);
        }
    }
    for (key, name) in archive
        .map_or_else(|| Ok(Vec::new()), names)
        .map_err(|e| e.to_string())?
    {
        words.add(key, &name, &name);
    }
    Ok(words)
}

/// The rows as CSV with a head line; values as they are shown, a share as a share of 1.
pub(crate) fn csv(rows: &[Row]) -> String {
    let mut out = String::from("id,name,unit,from,to,group,compared,value,provisional\n");
    for row in rows {
        let metric = registry().get(row.id);
        let time = |ms: i64| {
            let zone = jiff::tz::TimeZone::fixed(jiff::tz::Offset::constant(8));
            let at = jiff::Timestamp::from_millisecond(ms).ok();
            at.map(|at| at.to_zoned(zone).strftime("%Y-%m-%dT%H:%M").to_string())
                .unwrap_or_default()
        };
        let fields = [
            row.id.to_string(),
            field(metric.name),
            field(metric.unit),
            time(row.from),
            time(row.to),
            field(row.group.as_deref().unwrap_or_default()),
            row.compared.to_string(),
            row.value.clone().unwrap_or_default(),
            row.provisional.to_string(),
        ];
        out += &fields.join(",");
        out.push('\n');
    }
    out
}

/// Quoted where a comma or a quote asks for it; a leading sign that a table program would compute gets a quote before it.
fn field(text: &str) -> String {
    let safe = if text.starts_with(['=', '+', '-', '@']) {
        format!("'{text}")
    } else {
        text.to_owned()
    };
    if safe.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", safe.replace('"', "\"\""))
    } else {
        safe
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_795_933_800_000;

    #[test]
    fn without_an_archive_a_question_is_read_all_the_same() {
        let read = reply(None, "昨天各队列的接通率", NOW, &Vocabulary::default(), None).unwrap();
        let json = serde_json::to_value(&read).unwrap();
        assert_eq!(json["kind"], "query");
        assert_eq!(json["query"]["metrics"][0], "M016");
        assert_eq!(json["chart"]["kind"], "bar");
        assert!(json.get("rows").is_none());
        let refused = reply(None, "为什么昨天接通率低", NOW, &Vocabulary::default(), None).unwrap();
        assert_eq!(serde_json::to_value(&refused).unwrap()["reason"], "cause");
    }

    #[test]
    fn a_name_cannot_become_a_formula() {
        let row = Row {
            id: "M016".parse().unwrap(),
            key: "queue.answer_rate",
            from: 1_795_881_600_000,
            to: 1_795_968_000_000,
            group: Some("=HYPERLINK(\"x\"),y".to_owned()),
            compared: false,
            num: Some(1),
            den: Some(2),
            value: Some("0.5".to_owned()),
            provisional: false,
            limits: Vec::new(),
            calendar: None,
        };
        let text = csv(&[row]);
        let line = text.lines().nth(1).unwrap();
        assert_eq!(
            line,
            "M016,接通率,%,2026-11-29T00:00,2026-11-30T00:00,\"'=HYPERLINK(\"\"x\"\"),y\",false,0.5,false"
        );
    }
}
