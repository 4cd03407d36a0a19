//! The report as one page. Its words are data: `page/report.html`, `page/report-words.json`.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use jiff::ToSpan as _;
use sidetone_archive::Row;
use sidetone_metrics::registry;

use super::{HOT, LEAST, MOST, Pair, Report, Rise, WEEKS};

const PAGE: &str = include_str!("../../page/report.html");
const WORDS: &str = include_str!("../../page/report-words.json");

/// The report's own words, by key.
pub(super) fn words() -> BTreeMap<&'static str, &'static str> {
    serde_json::from_str(WORDS).unwrap_or_default()
}

pub(super) fn page(report: &Report) -> String {
    let words = words();
    let none = |columns: usize, word: &str| {
        let text = words.get(word).copied().unwrap_or_default();
        format!("<tr><td colspan=\"{columns}\" class=\"quiet\">{text}</td></tr>")
    };
    let or_none = |rows: String, columns| if rows.is_empty() { none(columns, "none") } else { rows };
    let monday = report.week.monday;
    let sunday = monday.checked_add(6.days()).unwrap_or(monday);
    let gap = |(topic, gap): &(Option<String>, super::Gap)| {
        let unknown = words.get("no_topic").copied().unwrap_or_default();
        cells(&[
            (topic.as_deref().unwrap_or(unknown), false),
            (&gap.count.to_string(), true),
            (&gap.questions.join(" / "), false),
        ])
    };
    let rising = match &report.rising {
        None => none(5, "no_history"),
        Some(rising) => or_none(rises(rising, &report.topics), 5),
    };
    let note = report.thin.map_or_else(String::new, |before| {
        let text = words.get("thin").copied().unwrap_or_default();
        format!(
            "<p class=\"note\">{}</p>",
            text.replace("{before}", &before.to_string())
        )
    });
    [
        ("{{week}}", escaped(&report.week.name())),
        ("{{from}}", monday.to_string()),
        ("{{to}}", sunday.to_string()),
        ("{{note}}", note),
        ("{{least}}", LEAST.to_string()),
        ("{{hot}}", HOT.to_string()),
        ("{{weeks}}", WEEKS.to_string()),
        ("{{figures}}", report.figures.iter().map(figure).collect()),
        ("{{mix}}", or_none(mix(&report.topics), 5)),
        ("{{rising}}", rising),
        ("{{words}}", or_none(plain(&report.words), 3)),
        ("{{groups}}", or_none(groups(&report.groups), 4)),
        ("{{ages}}", or_none(groups(&report.ages), 4)),
        ("{{work}}", or_none(groups(&report.work), 4)),
        ("{{gaps}}", or_none(report.gaps.iter().take(MOST).map(gap).collect(), 3)),
    ]
    .into_iter()
    .fold(PAGE.to_owned(), |page, (mark, text)| page.replace(mark, &text))
}

/// A row of cells, each a number or not.
fn cells(all: &[(&str, bool)]) -> String {
    let mut row = "<tr>".to_owned();
    for (text, number) in all {
        let class = if *number { " class=\"number\"" } else { "" };
        // Writing to a string cannot fail.
        let _ = write!(row, "<td{class}>{}</td>", escaped(text));
    }
    row + "</tr>"
}

fn figure((now, before): &(Row, Option<Row>)) -> String {
    let metric = registry().get(now.id);
    let old = before.as_ref().map_or_else(dash, shown);
    cells(&[
        (metric.name, false),
        (&shown(now), true),
        (&old, true),
        (&now.id.to_string(), false),
    ])
}

fn dash() -> String {
    "–".to_owned()
}

/// A value with its unit; shares of one are percent.
fn shown(row: &Row) -> String {
    let metric = registry().get(row.id);
    let Some(value) = row.value.as_deref().and_then(|value| value.parse::<f64>().ok()) else {
        return dash();
    };
    let mark = if row.provisional { " *" } else { "" };
    let share = metric.unit == "%";
    let value = if share { value * 100.0 } else { value };
    // A column of shares has one precision.
    let text = if value.fract() == 0.0 && !share {
        format!("{value}")
    } else {
        format!("{value:.1}")
    };
    format!("{text} {}{mark}", metric.unit)
}

fn mix(topics: &[Pair]) -> String {
    let all: i64 = topics.iter().map(|topic| topic.now).sum();
    let row = |topic: &Pair| {
        let share = if all == 0 {
            0.0
        } else {
            100.0 * topic.now as f64 / all as f64
        };
        format!(
            "<tr><td>{}</td><td class=\"number\">{}</td><td class=\"number\">{share:.1} %</td><td><meter max=\"100\" value=\"{share:.1}\"></meter></td><td class=\"number\">{}</td></tr>",
            escaped(&topic.name),
            topic.now,
            topic.before
        )
    };
    topics
        .iter()
        .filter(|topic| topic.now > 0)
        .take(MOST)
        .map(row)
        .collect()
}

/// Each with the mean of the weeks before, and its share of all then and now.
fn rises(rising: &[Rise], topics: &[Pair]) -> String {
    let all: i64 = topics.iter().map(|topic| topic.now).sum();
    let row = |rise: &Rise| {
        cells(&[
            (&rise.name, false),
            (&format!("{:.1}", rise.before as f64 / WEEKS as f64), true),
            (&rise.now.to_string(), true),
            (&format!("{:.1} %", 100.0 * rise.now as f64 / all.max(1) as f64), true),
            (&format!("{:.1}", rise.heat), true),
        ])
    };
    rising.iter().take(MOST).map(row).collect()
}

fn groups(groups: &[Pair]) -> String {
    let all: i64 = groups.iter().map(|group| group.now).sum();
    let row = |group: &Pair| {
        let share = format!("{:.1} %", 100.0 * group.now as f64 / all.max(1) as f64);
        cells(&[
            (&group.name, false),
            (&group.now.to_string(), true),
            (&share, true),
            (&group.before.to_string(), true),
        ])
    };
    groups
        .iter()
        .filter(|group| group.now > 0)
        .take(MOST)
        .map(row)
        .collect()
}

fn plain(words: &[Pair]) -> String {
    let row = |word: &Pair| {
        cells(&[
            (&word.name, false),
            (&word.now.to_string(), true),
            (&word.before.to_string(), true),
        ])
    };
    words
        .iter()
        .filter(|word| word.now > 0)
        .take(MOST * 2)
        .map(row)
        .collect()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::super::{Gap, Week};
    use super::*;

    #[test]
    fn what_callers_say_is_text_and_what_is_not_there_is_said() {
        let pair = |name: &str, now, before| Pair {
            name: name.to_owned(),
            now,
            before,
        };
        let gap = Gap {
            count: 2,
            questions: vec!["<script>".to_owned()],
        };
        let report = Report {
            week: Week::parse("2026-W47").unwrap(),
            figures: Vec::new(),
            topics: vec![pair("a", 9, 4), pair("b", 4, 1), pair("c", 1, 0)],
            rising: Some(vec![Rise {
                name: "a".to_owned(),
                now: 9,
                before: 16,
                heat: 3.5,
            }]),
            thin: Some(3),
            groups: Vec::new(),
            ages: vec![pair("under 25", 3, 1)],
            work: Vec::new(),
            words: Vec::new(),
            gaps: vec![(None, gap)],
        };
        let page = page(&report);
        assert!(page.contains("&lt;script&gt;") && !page.contains("<script>"));
        assert!(!page.contains("{{"), "every place is filled");
        assert!(
            page.contains("<td>a</td><td class=\"number\">4.0</td><td class=\"number\">9</td>"),
            "from four calls a week to nine"
        );
        assert!(page.contains("class=\"note\"") && !page.contains("{before}"));
        let first = Report {
            rising: None,
            thin: None,
            ..report
        };
        let page = super::page(&first);
        let words: BTreeMap<&str, &str> = serde_json::from_str(WORDS).unwrap();
        assert!(page.contains(words["no_history"]) && !page.contains("class=\"note\""));
    }
}
