//! Parts of days change no figure: with them and without, while facts come, are corrected and are taken away.

use std::collections::BTreeMap;
use std::error::Error;

use serde_json::{Value as Json, json};
use sidetone_archive::{Archive, Calendar, Entry, Limits, Live, Row, answer, unfold};
use sidetone_metrics::{Dimension, Filter, FilterKey, Grain, Query, Window, WindowKind, registry};

type Tested = Result<(), Box<dyn Error>>;

const FACTS: &str = include_str!("forty/facts.jsonl");
/// Friday 2026-11-20, midnight in Shanghai.
const FRIDAY: i64 = 1_795_104_000_000;
const DAY: i64 = 86_400_000;
const HOUR: i64 = 3_600_000;
const NOW: i64 = FRIDAY + 12 * DAY;

/// The contacts of the Friday, and the same on each of some days before, under names of their own; callers are the same on all.
fn days(count: i64) -> Result<Vec<String>, Box<dyn Error>> {
    let mut lines = Vec::new();
    for day in 0..count {
        for line in FACTS.lines() {
            let mut fact: Json = serde_json::from_str(line)?;
            moved(&mut fact, -day * DAY);
            for name in ["call_id", "ticket", "created_by"] {
                if let Some(text) = fact[name].as_str().filter(|text| !text.starts_with("agent:")) {
                    fact[name] = format!("{text}-{day}").into();
                }
            }
            if fact["sym"] == "S" {
                fact["seq"] = json!(fact["seq"].as_i64().unwrap_or_default() + day * 10_000);
            }
            lines.push(fact.to_string());
        }
    }
    Ok(lines)
}

/// Times of a day are large numbers; nothing else is.
fn moved(json: &mut Json, by: i64) {
    match json {
        Json::Number(number) => {
            if let Some(time) = number.as_i64().filter(|time| *time > FRIDAY / 2) {
                *json = json!(time + by);
            }
        }
        Json::Array(all) => all.iter_mut().for_each(|one| moved(one, by)),
        Json::Object(all) => all.values_mut().for_each(|one| moved(one, by)),
        _ => {}
    }
}

/// Every metric by week, over a window that cuts days in two, and of one queue; by every grouping, too, where `grouped`.
fn figures(archive: &Archive, grouped: bool) -> Result<Vec<Row>, Box<dyn Error>> {
    let whole = Window::new(FRIDAY - 4 * DAY, FRIDAY + DAY)?;
    let cut = Window::new(FRIDAY - 3 * DAY + 9 * HOUR, FRIDAY + 15 * HOUR)?;
    let mut rows = Vec::new();
    for metric in registry().all().iter().filter(|metric| metric.window != WindowKind::R) {
        let groupings = metric.dimensions.iter().copied().filter(|_| grouped).map(Some);
        for by in [None].into_iter().chain(groupings) {
            let asked = Query {
                by,
                ..Query::new(vec![metric.id], whole)
            };
            rows.extend(answer(
                archive,
                &Query {
                    grain: Some(Grain::Week),
                    ..asked.clone()
                },
                NOW,
            )?);
            rows.extend(answer(archive, &Query { window: cut, ..asked }, NOW)?);
        }
        if metric.dimensions.contains(&Dimension::Queue) {
            let filters = vec![Filter {
                key: FilterKey::Queue,
                values: vec!["养老".to_owned()],
            }];
            rows.extend(answer(
                archive,
                &Query {
                    filters,
                    ..Query::new(vec![metric.id], whole)
                },
                NOW,
            )?);
        }
    }
    Ok(rows)
}

fn equal(one: &[Row], other: &[Row], when: &str) {
    assert_eq!(one.len(), other.len(), "{when}");
    for (one, other) in one.iter().zip(other) {
        assert_eq!(one, other, "{when}");
    }
}

fn rolled(archive: &Archive) -> Result<(), Box<dyn Error>> {
    while archive.roll_up(NOW, 400)? {}
    Ok(())
}

#[test]
fn parts_change_no_figure_whatever_comes_corrects_or_goes() -> Tested {
    let lines = days(4)?;
    let (late, early): (Vec<&String>, Vec<&String>) = lines.iter().partition(|line| line.len() % 7 == 0);
    let (mut plain, mut parted) = (Archive::open(None)?, Archive::open(None)?);
    for archive in [&plain, &parted] {
        archive.import(early.iter().map(|line| line.as_str()))?;
    }
    rolled(&parted)?;
    assert!(!parted.roll_up(NOW, 400)?, "nothing is left to do");
    equal(&figures(&parted, true)?, &figures(&plain, true)?, "of what was there");
    for archive in [&plain, &parted] {
        archive.import(late.iter().map(|line| line.as_str()))?;
    }
    equal(
        &figures(&parted, true)?,
        &figures(&plain, true)?,
        "after what came late",
    );
    rolled(&parted)?;
    for archive in [&mut plain, &mut parted] {
        assert!(archive.forget("ani00001")? > 0);
        archive.set_calendar(&Calendar {
            week: Default::default(),
            days: BTreeMap::new(),
        })?;
        archive.set_limits(Limits {
            short_call_ms: 90_000,
            rate_chars: 9,
            ..Limits::default()
        })?;
    }
    equal(
        &figures(&parted, true)?,
        &figures(&plain, true)?,
        "after parts were made anew, a caller is forgotten and bounds are changed",
    );
    Ok(())
}

#[test]
fn parts_hold_while_events_come() -> Tested {
    let lines = days(3)?;
    let replay = unfold(lines.iter().map(String::as_str))?;
    let mut entries: Vec<Entry> = replay.streams.into_values().flatten().map(Entry::Event).collect();
    entries.extend(replay.feedback);
    let (mut plain, mut parted) = (Live::open(None)?, Live::open(None)?);
    for (at, batch) in entries.chunks(4_000).enumerate() {
        plain.take(NOW, batch.to_vec())?;
        parted.take(NOW, batch.to_vec())?;
        equal(
            &figures(parted.archive(), false)?,
            &figures(plain.archive(), false)?,
            &format!("after batch {at}"),
        );
        rolled(parted.archive())?;
    }
    equal(
        &figures(parted.archive(), false)?,
        &figures(plain.archive(), false)?,
        "at the end",
    );
    Ok(())
}
