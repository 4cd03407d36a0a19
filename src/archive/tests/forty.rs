//! Forty contacts and the figures that an oracle of another author gives for them, written from the definitions alone.
//!
//! M098 has no figure without a topic. The oracle's hours of service are Monday to Friday, 8:30–12:00 and 13:30–17:30.

use std::collections::BTreeMap;

use serde::Deserialize;
use sidetone_archive::{Archive, Calendar, answer};
use sidetone_metrics::{MetricId, Query, Window, registry};

type Tested = Result<(), Box<dyn std::error::Error>>;

/// Friday 2026-11-20, midnight in Shanghai.
const FRIDAY: i64 = 1_795_104_000_000;
const DAY: i64 = 86_400_000;

#[derive(Deserialize)]
struct Expected {
    id: String,
    num: Option<i64>,
    den: Option<i64>,
}

fn reduced(num: i64, den: i64) -> (i64, i64) {
    let (mut a, mut b) = (num.abs(), den);
    while b != 0 {
        (a, b) = (b, a % b);
    }
    let common = a.max(1);
    (num / common, den / common)
}

#[test]
fn every_figure_is_that_of_an_oracle_of_another_author() -> Tested {
    let archive = Archive::open(None)?;
    let imported = archive.import(include_str!("forty/facts.jsonl").lines())?;
    assert!(imported.bad.is_empty(), "{:?}", imported.bad);
    let hours = || vec![(510, 720), (810, 1050)];
    archive.set_calendar(&Calendar {
        week: [hours(), hours(), hours(), hours(), hours(), vec![], vec![]],
        days: BTreeMap::new(),
    })?;
    let all: Vec<MetricId> = registry().all().iter().map(|metric| metric.id).collect();
    let query = Query::new(all, Window::new(FRIDAY, FRIDAY + DAY)?);
    let rows = answer(&archive, &query, FRIDAY + DAY + 10_000)?;
    let mut compared = 0;
    for line in include_str!("forty/expected.jsonl").lines() {
        let expected: Expected = serde_json::from_str(line)?;
        let row = rows.iter().find(|row| row.id.to_string() == expected.id);
        let ours = row.and_then(|row| Some(reduced(row.num?, row.den?)));
        let theirs = expected.num.zip(expected.den).map(|(num, den)| reduced(num, den));
        assert_eq!(ours, theirs, "{}", expected.id);
        compared += 1;
    }
    assert_eq!(compared, 125);
    Ok(())
}
