//! The weekly report: what metrics, wrap-ups, callers' words and gaps say of a week, beside the week before.

mod html;
mod words;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use jiff::ToSpan as _;
use jiff::civil::{Date, ISOWeekDate, Weekday};
use jiff::tz::{Offset, TimeZone};
use sidetone_archive::{Archive, Row, answer};
use sidetone_knowledge::Knowledge;
use sidetone_metrics::{Compare, Dimension, MetricId, Query, Window};
use sidetone_schema::{Body, Envelope, Timestamp};

use crate::config::DeskConfig;

/// What a report shows first.
const FIGURES: [&str; 18] = [
    "M001", "M005", "M004", "M016", "M021", "M018", "M024", "M050", "M042", "M066", "M069", "M091", "M093", "M101",
    "M102", "M106", "M110", "M119",
];
/// How many calls each topic had.
const TOPIC_CALLS: &str = "M096";
/// Rows of a table.
const MOST: usize = 12;
/// A topic with fewer calls does not rise.
const LEAST: i64 = 5;
/// Questions that are shown of a topic.
const QUESTIONS: usize = 3;

/// A week of the calendar, Monday to Sunday, Asia/Shanghai.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Week {
    monday: Date,
}

impl Week {
    /// `2026-W47`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (year, week) = text.split_once("-W")?;
        let first = ISOWeekDate::new(year.parse().ok()?, week.parse().ok()?, Weekday::Monday).ok()?;
        Some(Self { monday: first.date() })
    }

    /// The last one that is over at a moment.
    pub(crate) fn before(now: jiff::Timestamp) -> Option<Self> {
        let today = now.to_zoned(zone()).date();
        let monday = today.iso_week_date().first_of_week().ok()?.date();
        monday.checked_sub(7.days()).ok().map(|monday| Self { monday })
    }

    pub(crate) fn name(self) -> String {
        let week = self.monday.iso_week_date();
        format!("{}-W{:02}", week.year(), week.week())
    }

    fn window(self) -> Result<Window, String> {
        let at = |date: Date| date.to_zoned(zone()).map(|zoned| zoned.timestamp().as_millisecond());
        let next = self.monday.checked_add(7.days()).map_err(|error| error.to_string())?;
        let (from, to) = (
            at(self.monday).map_err(|error| error.to_string())?,
            at(next).map_err(|error| error.to_string())?,
        );
        Window::new(from, to).map_err(|error| error.to_string())
    }
}

fn zone() -> TimeZone {
    TimeZone::fixed(Offset::constant(8))
}

/// Numbers of this week and the one before.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Pair {
    name: String,
    now: i64,
    before: i64,
}

/// Questions of one topic that nothing answered.
#[derive(Debug, Default, PartialEq, Eq)]
struct Gap {
    count: i64,
    questions: Vec<String>,
}

/// All that the report says.
#[derive(Debug)]
struct Report {
    week: Week,
    figures: Vec<(Row, Option<Row>)>,
    topics: Vec<Pair>,
    groups: Vec<Pair>,
    words: Vec<Pair>,
    /// By topic; `None` when Redis does not answer.
    gaps: Option<Vec<(Option<String>, Gap)>>,
}

/// The week as HTML that stands alone. `gaps` is what Redis told, if it did.
pub(crate) fn html(
    archive: &Archive,
    base: Option<&Knowledge>,
    gaps: Option<Vec<Envelope>>,
    week: Week,
    now: i64,
) -> Result<String, String> {
    let window = week.window()?;
    let before = window.shifted(-window.length());
    let fault = |error: &dyn std::fmt::Display| error.to_string();
    let subjects = |window: Window| {
        archive
            .subjects(window.from(), window.to())
            .map_err(|error| fault(&error))
    };
    let texts = |window: Window| {
        archive
            .caller_texts(window.from(), window.to())
            .map_err(|error| fault(&error))
    };
    let words = match base {
        Some(base) => pairs(words::calls(base, &texts(window)?), words::calls(base, &texts(before)?)),
        None => Vec::new(),
    };
    let report = Report {
        week,
        figures: figures(archive, window, now)?,
        topics: topics(archive, base, window, now)?,
        groups: pairs(subjects(window)?, subjects(before)?),
        words,
        gaps: gaps.map(|events| grouped(events, window)),
    };
    Ok(html::page(&report))
}

fn compared(metrics: Vec<MetricId>, by: Option<Dimension>, window: Window) -> Query {
    let before = window.shifted(-window.length());
    Query {
        by,
        compare: Some(Compare::PreviousPeriod { window: before }),
        ..Query::new(metrics, window)
    }
}

fn figures(archive: &Archive, window: Window, now: i64) -> Result<Vec<(Row, Option<Row>)>, String> {
    let ids = FIGURES
        .iter()
        .map(|id| id.parse())
        .collect::<Result<Vec<MetricId>, _>>();
    let query = compared(ids.map_err(|error| error.to_string())?, None, window);
    let rows = answer(archive, &query, now).map_err(|error| error.to_string())?;
    let (before, now): (Vec<Row>, Vec<Row>) = rows.into_iter().partition(|row| row.compared);
    let beside = |row: &Row| before.iter().find(|other| other.id == row.id).cloned();
    Ok(now.into_iter().map(|row| (row.clone(), beside(&row))).collect())
}

fn topics(archive: &Archive, base: Option<&Knowledge>, window: Window, now: i64) -> Result<Vec<Pair>, String> {
    let metric = TOPIC_CALLS.parse::<MetricId>().map_err(|error| error.to_string())?;
    let query = compared(vec![metric], Some(Dimension::Topic), window);
    let rows = answer(archive, &query, now).map_err(|error| error.to_string())?;
    let name = |id: &str| {
        base.and_then(|base| base.topic(id))
            .map_or_else(|| id.to_owned(), |topic| topic.name.clone())
    };
    let of = |compared: bool| {
        let some = rows.iter().filter(move |row| row.compared == compared);
        some.filter_map(|row| Some((name(row.group.as_deref()?), row.num?)))
            .collect::<Vec<_>>()
    };
    Ok(pairs(of(false), of(true)))
}

/// Two lists side by side, by this week's number.
fn pairs(now: Vec<(String, i64)>, before: Vec<(String, i64)>) -> Vec<Pair> {
    let mut all: BTreeMap<String, (i64, i64)> = BTreeMap::new();
    for (name, number) in now {
        all.entry(name).or_default().0 += number;
    }
    for (name, number) in before {
        all.entry(name).or_default().1 += number;
    }
    let pair = |(name, (now, before))| Pair { name, now, before };
    let mut pairs: Vec<Pair> = all.into_iter().map(pair).collect();
    pairs.sort_by(|a, b| b.now.cmp(&a.now).then_with(|| a.name.cmp(&b.name)));
    pairs
}

/// Gaps of the window by topic, most first; one whose topic is not known has none.
fn grouped(events: Vec<Envelope>, window: Window) -> Vec<(Option<String>, Gap)> {
    let mut all: BTreeMap<Option<String>, Gap> = BTreeMap::new();
    for event in events {
        let at = event.ts.instant().as_millisecond();
        if let Body::KnowledgeGap(gap) = event.body
            && (window.from()..window.to()).contains(&at)
        {
            let group = all.entry(gap.topic_name.or(gap.topic)).or_default();
            group.count += 1;
            if group.questions.len() < QUESTIONS && !group.questions.contains(&gap.question) {
                group.questions.push(gap.question);
            }
        }
    }
    let mut groups: Vec<_> = all.into_iter().collect();
    groups.sort_by_key(|(_, gap)| -gap.count);
    groups
}

/// What Redis has of gaps since a week began.
pub(crate) async fn gaps(config: &DeskConfig, week: Week) -> Option<Vec<Envelope>> {
    let from = jiff::Timestamp::from_millisecond(week.window().ok()?.from()).ok()?;
    let read = sidetone_shell::wire::read_gaps(&config.redis, Some(Timestamp::new(from))).await;
    read.inspect_err(|error| tracing::warn!(error, "the report has no gaps"))
        .ok()
}

/// Which week, and where to.
#[derive(Debug, clap::Args)]
pub(crate) struct ReportArguments {
    /// A week as 2026-W47; the last whole one, if it is left out.
    #[arg(long)]
    week: Option<String>,
    /// The HTML file; standard output, if it is left out.
    #[arg(long)]
    out: Option<PathBuf>,
    /// A PDF file, printed by Chromium from --out.
    #[arg(long, requires = "out")]
    pdf: Option<PathBuf>,
}

/// Writes a week's report.
pub(crate) fn run(config: &DeskConfig, arguments: &ReportArguments) -> Result<(), String> {
    let now = jiff::Timestamp::now();
    let week = match &arguments.week {
        Some(text) => Week::parse(text).ok_or(format!("{text:?} is no week: write 2026-W47"))?,
        None => Week::before(now).ok_or("there is no week before this one")?,
    };
    let path = config
        .archive
        .as_deref()
        .ok_or("archive is not set in the configuration")?;
    let archive = Archive::open(Some(path)).map_err(|error| error.to_string())?;
    let base = config
        .knowledge
        .dir
        .as_deref()
        .map(Knowledge::load)
        .transpose()
        .map_err(|faults| faults.to_string())?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| error.to_string())?;
    let gaps = runtime.block_on(gaps(config, week));
    let text = html(&archive, base.as_ref(), gaps, week, now.as_millisecond())?;
    let Some(out) = &arguments.out else {
        println!("{text}");
        return Ok(());
    };
    std::fs::write(out, text).map_err(|error| format!("{}: {error}", out.display()))?;
    match &arguments.pdf {
        Some(pdf) => print(out, pdf),
        None => Ok(()),
    }
}

/// Has Chromium print a page.
fn print(page: &Path, pdf: &Path) -> Result<(), String> {
    let page = page
        .canonicalize()
        .map_err(|error| format!("{}: {error}", page.display()))?;
    let mut command = Command::new("chromium");
    command
        .args(["--headless", "--disable-gpu", "--no-pdf-header-footer"])
        // A sandbox of its own is refused to root; the page is ours and has no script.
        .arg("--no-sandbox")
        .arg(format!("--print-to-pdf={}", pdf.display()))
        .arg(format!("file://{}", page.display()));
    let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
    match status {
        Ok(status) if status.success() && pdf.exists() => Ok(()),
        Ok(status) => Err(format!("chromium printed no PDF ({status}); the HTML is written")),
        Err(error) => Err(format!("chromium does not start: {error}; the HTML is written")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_week_begins_on_monday_in_shanghai() {
        let week = Week::parse("2026-W47").unwrap();
        let window = week.window().unwrap();
        let at = |text: &str| text.parse::<jiff::Timestamp>().unwrap().as_millisecond();
        assert_eq!(
            (window.from(), window.to()),
            (at("2026-11-16T00:00:00+08:00"), at("2026-11-23T00:00:00+08:00"))
        );
        let monday = "2026-11-23T00:00:00+08:00".parse().unwrap();
        assert_eq!(Week::before(monday), Some(week));
        assert_eq!(week.name(), "2026-W47");
        for wrong in ["2026-W54", "2026-47", "W47", ""] {
            assert_eq!(Week::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn what_was_only_one_of_the_weeks_has_nothing_in_the_other() {
        let of = |pairs: &[(&str, i64)]| {
            pairs
                .iter()
                .map(|(name, n)| ((*name).to_owned(), *n))
                .collect::<Vec<_>>()
        };
        let pairs = pairs(of(&[("a", 1), ("b", 3)]), of(&[("a", 5), ("c", 2)]));
        let told: Vec<_> = pairs
            .iter()
            .map(|pair| (pair.name.as_str(), pair.now, pair.before))
            .collect();
        assert_eq!(told, [("b", 3, 0), ("a", 1, 5), ("c", 0, 2)]);
    }
}
