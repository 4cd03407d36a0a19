//! Every metric over a small day, by every grouping that it allows: figures worked out by hand, identities, and replay.

use sidetone_archive::{Archive, Row, answer};
use sidetone_metrics::{Dimension, Filter, FilterKey, Grain, MetricId, Query, Window, registry};

type Tested = Result<(), Box<dyn std::error::Error>>;

const FACTS: &str = include_str!("day.jsonl");
/// Friday 2026-11-20, midnight in Shanghai.
const FRIDAY: i64 = 1_795_104_000_000;
const DAY: i64 = 86_400_000;
const NOW: i64 = FRIDAY + DAY + 10_000;

fn archive<'a>(lines: impl Iterator<Item = &'a str>) -> Result<Archive, Box<dyn std::error::Error>> {
    let archive = Archive::open(None)?;
    let done = archive.import(lines)?;
    assert!(done.bad.is_empty(), "{:?}", done.bad);
    Ok(archive)
}

fn day(metrics: Vec<MetricId>) -> Result<Query, Box<dyn std::error::Error>> {
    Ok(Query::new(metrics, Window::new(FRIDAY, FRIDAY + DAY)?))
}

fn all() -> Vec<MetricId> {
    registry().all().iter().map(|metric| metric.id).collect()
}

fn fraction(rows: &[Row], id: &str) -> Option<(i64, i64)> {
    let row = rows.iter().find(|row| row.id.to_string() == id)?;
    Some((row.num?, row.den?))
}

#[test]
fn figures_worked_out_by_hand() -> Tested {
    let rows = answer(&archive(FACTS.lines())?, &day(all())?, NOW)?;
    assert_eq!(rows.len(), 126);
    let expected = [
        ("M001", (3, 1)),
        ("M002", (3, 1)),
        ("M004", (2, 1)),
        ("M005", (2, 1)),
        ("M006", (3, 2)),
        ("M007", (3, 1)),
        ("M008", (1, 1)),
        ("M013", (3, 1)),
        ("M015", (2, 1)),
        ("M016", (2, 3)),
        ("M019", (1, 1)),
        ("M020", (0, 1)),
        ("M021", (1, 3)),
        ("M022", (1, 1)),
        ("M024", (15, 1)),
        ("M025", (20, 1)),
        ("M036", (2, 1)),
        ("M041", (1, 4)),
        ("M047", (60, 1)),
        ("M048", (5, 1)),
        ("M049", (20, 1)),
        ("M050", (85, 1)),
        ("M058", (1, 2)),
        ("M064", (1, 3)),
        ("M066", (0, 1)),
        ("M075", (1, 4)),
        ("M076", (7, 30)),
        ("M077", (8, 15)),
        ("M078", (25, 1)),
        ("M079", (2, 1)),
        ("M080", (1, 60)),
        ("M081", (1, 2)),
        ("M086", (0, 1)),
        ("M087", (5, 2)),
        ("M091", (1, 1)),
        ("M096", (2, 1)),
        ("M110", (1, 1)),
        ("M111", (1, 1)),
        ("M114", (3, 14)),
        ("M121", (1, 2)),
        ("M122", (95, 1)),
        ("M126", (1, 26)),
    ];
    for (id, value) in expected {
        assert_eq!(fraction(&rows, id), Some(value), "{id}");
    }
    Ok(())
}

#[test]
fn every_grouping_that_is_allowed_answers() -> Tested {
    let archive = archive(FACTS.lines())?;
    for metric in registry().all() {
        for by in &metric.dimensions {
            let query = Query {
                by: Some(*by),
                ..day(vec![metric.id])?
            };
            answer(&archive, &query, NOW).map_err(|e| format!("{} by {}: {e}", metric.id, by.name()))?;
        }
    }
    Ok(())
}

#[test]
fn a_shuffled_and_doubled_log_gives_equal_answers() -> Tested {
    let lines: Vec<&str> = FACTS.lines().collect();
    let once = answer(&archive(lines.iter().copied())?, &day(all())?, NOW)?;
    let twice = answer(&archive(lines.iter().rev().chain(&lines).copied())?, &day(all())?, NOW)?;
    assert_eq!(once, twice);
    Ok(())
}

#[test]
fn a_bad_line_loses_nothing_else() -> Tested {
    let archive = Archive::open(None)?;
    let done = archive.import(FACTS.lines().chain(["{\"sym\":\"C\"}"]))?;
    assert_eq!(
        done.bad.iter().map(|(line, _)| *line).collect::<Vec<_>>(),
        [FACTS.lines().count() + 1]
    );
    assert_eq!(fraction(&answer(&archive, &day(all())?, NOW)?, "M001"), Some((3, 1)));
    Ok(())
}

#[test]
fn hours_add_up_to_the_day_and_filters_leave_their_part() -> Tested {
    let archive = archive(FACTS.lines())?;
    let calls: MetricId = "M014".parse()?;
    let hours = answer(
        &archive,
        &Query {
            grain: Some(Grain::Hour),
            ..day(vec![calls])?
        },
        NOW,
    )?;
    assert_eq!(hours.len(), 24);
    assert_eq!(hours.iter().filter_map(|row| row.num).sum::<i64>(), 3);
    let by_hour = answer(
        &archive,
        &Query {
            by: Some(Dimension::Hour),
            ..day(vec![calls])?
        },
        NOW,
    )?;
    assert_eq!(
        by_hour
            .iter()
            .map(|row| (row.group.as_deref(), row.num))
            .collect::<Vec<_>>(),
        [(Some("9"), Some(3))]
    );
    let filters = vec![Filter {
        key: FilterKey::Queue,
        values: vec!["none".to_owned()],
    }];
    let none = answer(
        &archive,
        &Query {
            filters,
            ..day(vec![calls])?
        },
        NOW,
    )?;
    assert_eq!(fraction(&none, "M014"), Some((0, 1)));
    Ok(())
}

#[test]
fn who_is_forgotten_is_in_no_figure() -> Tested {
    let archive = archive(FACTS.lines())?;
    assert!(archive.forget("h1")? > 0);
    let rows = answer(&archive, &day(all())?, NOW)?;
    assert_eq!(fraction(&rows, "M001"), Some((1, 1)));
    assert_eq!(fraction(&rows, "M006"), Some((1, 1)));
    Ok(())
}
