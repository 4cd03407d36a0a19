//! `cargo xtask bench metrics`: how fast the archive takes events, and how fast it answers over a year.
//!
//! A day of some 3,000 contacts is made of forty, or read from a file of facts. Its events are taken as a reader takes them from
//! Redis, and the figures compared with those of the import. Then the day stands on every day of a year, written in SQL, and its parts of days
//! are made; every metric is asked by week over that year, and events of one more day are taken at the goal's pace.

mod day;
mod year;

use std::error::Error;
use std::path::PathBuf;
use std::time::Instant;

use clap::Parser;
use serde_json::json;
use sidetone_archive::{Archive, Entry, Live, Row, answer};
use sidetone_metrics::{Grain, MetricId, Query, Window, WindowKind, registry};

/// Friday 2026-11-20, midnight in Shanghai.
const FRIDAY: i64 = 1_795_104_000_000;
const DAY: i64 = 86_400_000;
const NOW: i64 = FRIDAY + DAY + 10_000;
/// Events a second that are to be taken, and what the reader waits between two looks, in ms.
const PACE: usize = 2_000;
const PAUSE_MS: f64 = 500.0;

#[derive(Parser)]
struct Options {
    /// `metrics`.
    bench: String,
    /// Facts of 2026-11-20 as JSON lines, instead of the day that is made of forty contacts.
    #[arg(long)]
    facts: Option<PathBuf>,
    /// Days of the year.
    #[arg(long, default_value_t = 365)]
    days: i64,
    /// Where the archives are written; they are removed at the end.
    #[arg(long, default_value = "target/bench-metrics")]
    folder: PathBuf,
    /// Asks the year without parts of days first, and compares: minutes more.
    #[arg(long)]
    compare: bool,
    /// Names the ten slowest metrics on standard error.
    #[arg(long)]
    slowest: bool,
}

fn main() -> Result<(), Box<dyn Error>> {
    let options = Options::parse();
    if options.bench != "metrics" {
        return Err(format!("there is no bench {:?} here", options.bench).into());
    }
    let _ = std::fs::remove_dir_all(&options.folder);
    std::fs::create_dir_all(&options.folder)?;
    let done = measure(&options);
    std::fs::remove_dir_all(&options.folder)?;
    println!("{}", done?);
    Ok(())
}

fn measure(options: &Options) -> Result<serde_json::Value, Box<dyn Error>> {
    let lines = match &options.facts {
        Some(file) => day::read(file)?,
        None => day::made()?,
    };
    let (year, live) = (options.folder.join("year.duckdb"), options.folder.join("live.duckdb"));
    let imported = Archive::open(Some(&year))?;
    let done = imported.import(lines.iter().map(String::as_str))?;
    if let Some((line, error)) = done.bad.first() {
        return Err(format!("line {line}: {error}").into());
    }
    let entries = day::events(&lines)?;
    let began = Instant::now();
    let mut taking = Live::open(Some(&live))?;
    // The goal is one core's.
    taking.archive().set_threads(1)?;
    for batch in entries.chunks(4_000) {
        taking.take(0, batch.to_vec())?;
    }
    let ingest = entries.len() as f64 / began.elapsed().as_secs_f64();
    let agree = agreed(&figures(&imported)?, &figures(taking.archive())?);
    drop((imported, taking));
    let (contacts, facts) = year::make(&year, options.days)?;
    let taking = Live::open(Some(&year))?;
    let plain = options
        .compare
        .then(|| asked(taking.archive(), options.days))
        .transpose()?;
    let began = Instant::now();
    while taking.archive().roll_up(NOW, 400)? {}
    let rolled = began.elapsed().as_secs_f64();
    let mut times = asked(taking.archive(), options.days)?;
    let same = plain.map(|plain| plain.iter().zip(&times).filter(|(a, b)| a.2 == b.2).count());
    let queries: Vec<f64> = times.iter().map(|(ms, ..)| *ms).collect();
    let fresh = fresh(taking, &entries)?;
    if options.slowest {
        times.sort_by(|a, b| b.0.total_cmp(&a.0));
        times
            .iter()
            .take(10)
            .for_each(|(ms, id, _)| eprintln!("{id} {ms:.0} ms"));
    }
    Ok(
        json!({"contacts": contacts, "facts": facts, "ingest_per_s": ingest.round(), "fresh_ms_p95": share(&fresh, 95).round(),
        "query_ms_p50": share(&queries, 50).round(), "query_ms_p95": share(&queries, 95).round(), "rss_mb": rss_mb()?,
        "agree": agree, "parts_s": rolled.round(), "agree_with_parts": same}),
    )
}

fn figures(archive: &Archive) -> Result<Vec<Row>, Box<dyn Error>> {
    let all: Vec<MetricId> = registry().all().iter().map(|metric| metric.id).collect();
    Ok(answer(
        archive,
        &Query::new(all, Window::new(FRIDAY, FRIDAY + DAY)?),
        NOW,
    )?)
}

fn agreed(one: &[Row], other: &[Row]) -> usize {
    one.iter().zip(other).filter(|(one, other)| one == other).count()
}

/// How long a metric took (ms), and what came.
type Timed = (f64, MetricId, Vec<Row>);

/// Every metric by week over the year.
fn asked(archive: &Archive, days: i64) -> Result<Vec<Timed>, Box<dyn Error>> {
    let window = Window::new(FRIDAY - (days - 1) * DAY, FRIDAY + DAY)?;
    let mut times = Vec::new();
    for metric in registry().all() {
        let query = Query {
            // Those of the present have no steps.
            grain: (metric.window != WindowKind::R).then_some(Grain::Week),
            ..Query::new(vec![metric.id], window)
        };
        let began = Instant::now();
        let rows = answer(archive, &query, NOW)?;
        times.push((began.elapsed().as_secs_f64() * 1_000.0, metric.id, rows));
    }
    Ok(times)
}

/// A second's events at a time, into the archive of a year: how old the oldest of them is when it stands, with the reader's pause.
fn fresh(mut live: Live, entries: &[Entry]) -> Result<Vec<f64>, Box<dyn Error>> {
    let next_day = day::shifted(entries);
    let mut ages = Vec::new();
    for second in next_day.chunks(PACE).take(10) {
        let began = Instant::now();
        live.take(0, second.to_vec())?;
        ages.push(began.elapsed().as_secs_f64() * 1_000.0 + 1_000.0 + PAUSE_MS);
    }
    Ok(ages)
}

/// The nearest rank.
fn share(values: &[f64], percent: usize) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied().unwrap_or(0.0)
}

fn rss_mb() -> Result<u64, Box<dyn Error>> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .ok_or("no VmRSS")?;
    Ok(line.trim().trim_end_matches(" kB").trim().parse::<u64>()? / 1024)
}
