//! The same Parquet files and the same statements on a real ClickHouse: all 126 metrics, by every grouping, to the last digit.

use std::collections::BTreeMap;
use std::error::Error;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value as Json, json};
use sidetone_archive::{Archive, Calendar, Limits, answer, clickhouse_setup, metric_statement};
use sidetone_metrics::{Dimension, MetricId, Query, Window, registry};

/// Friday 2026-11-20, midnight in Shanghai.
const FRIDAY: i64 = 1_795_104_000_000;
const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;
const NOW: i64 = FRIDAY + DAY + 10_000;

/// By group: numerator and denominator in lowest terms.
type Figures = BTreeMap<String, (i64, i64)>;

/// Every metric as a whole and by each of its dimensions.
fn asked() -> Vec<(MetricId, Option<Dimension>)> {
    let all = registry().all().iter();
    all.flat_map(|metric| {
        [None]
            .into_iter()
            .chain(metric.dimensions.iter().copied().map(Some))
            .map(|by| (metric.id, by))
    })
    .collect()
}

fn pieces(by: Option<Dimension>) -> Vec<(i64, i64, i64)> {
    if by == Some(Dimension::Hour) {
        (0..24)
            .map(|hour| (hour, FRIDAY + hour * HOUR, FRIDAY + (hour + 1) * HOUR))
            .collect()
    } else {
        vec![(0, FRIDAY, FRIDAY + DAY)]
    }
}

/// What a real ClickHouse answers to each question.
fn clickhouse(files: &Path) -> Result<Vec<Vec<Json>>, Box<dyn Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let python = root.join("../../target/chdb/bin/python");
    assert!(python.exists(), "ClickHouse is not there: run deploy/setup.sh desk");
    let questions: Vec<Json> = asked()
        .into_iter()
        .map(|(id, by)| {
            let grouping = by.filter(|by| *by != Dimension::Hour);
            json!({"statement": metric_statement(id, grouping, NOW, &Limits::default()), "pieces": pieces(by)})
        })
        .collect();
    let setup = clickhouse_setup(&files.display().to_string(), &Calendar::default());
    let mut driver = Command::new(python)
        .arg(root.join("tests/clickhouse/driver.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let told = json!({"setup": setup, "questions": questions}).to_string();
    driver.stdin.take().ok_or("no input")?.write_all(told.as_bytes())?;
    let output = driver.wait_with_output()?;
    assert!(output.status.success(), "the driver failed");
    Ok(String::from_utf8(output.stdout)?
        .lines()
        .map(serde_json::from_str)
        .collect::<Result<_, _>>()?)
}

fn reduced(num: i64, den: i64) -> (i64, i64) {
    let (mut a, mut b) = (num.abs(), den.abs());
    while b != 0 {
        (a, b) = (b, a % b);
    }
    (num / a.max(1), den / a.max(1))
}

/// ClickHouse writes whole numbers of 64 bits as texts.
fn int(json: &Json) -> Option<i64> {
    json.as_i64().or_else(|| json.as_str()?.parse().ok())
}

fn theirs(id: MetricId, by: Option<Dimension>, rows: &[Json]) -> Figures {
    let row = |row: &Json| {
        let (hour, group) = (int(&row[0])?, row[1].as_str()?.to_owned());
        let group = if by == Some(Dimension::Hour) {
            hour.to_string()
        } else {
            group
        };
        let (num, den) = (int(&row[2])?, int(&row[3])?);
        // M098 has a count and a sum, not a share.
        Some((
            group,
            if id.number() == 98 {
                (num, den)
            } else {
                reduced(num, den)
            },
        ))
    };
    rows.iter()
        .filter_map(row)
        .filter(|(_, (_, den))| *den != 0 || id.number() == 98)
        .collect()
}

#[test]
fn clickhouse_agrees_on_every_metric_by_every_grouping() -> Result<(), Box<dyn Error>> {
    let archive = Archive::open(None)?;
    archive.import(include_str!("../forty/facts.jsonl").lines())?;
    let folder = std::env::temp_dir().join(format!("sidetone-parquet-{}", std::process::id()));
    let days = archive.export(&folder, i64::MIN, i64::MAX);
    let answers = clickhouse(&folder);
    std::fs::remove_dir_all(&folder)?;
    assert!(days? > 10);
    let answers = answers?;
    assert_eq!(answers.len(), asked().len());
    let mut figures = 0;
    for ((id, by), rows) in asked().into_iter().zip(&answers) {
        let query = Query {
            by,
            ..Query::new(vec![id], Window::new(FRIDAY, FRIDAY + DAY)?)
        };
        let ours = answer(&archive, &query, NOW)?.into_iter();
        let ours: Figures = ours
            .filter_map(|row| Some((row.group.unwrap_or_default(), (row.num?, row.den?))))
            .collect();
        let mut theirs = theirs(id, by, rows);
        if by.is_none() && theirs.is_empty() && ours.values().eq([&(0, 1)]) {
            // Nothing there is a count of 0, which is said beside the statement.
            theirs.insert(String::new(), (0, 1));
        }
        assert_eq!(ours, theirs, "{id} by {by:?}");
        figures += ours.len();
    }
    assert!(figures > 1_000, "{figures}");
    Ok(())
}
