//! The weekly report: what metrics, wrap-ups, callers' words and gaps say of a week, beside the week before.

mod html;
mod portrait;
mod words;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use jiff::ToSpan as _;
use jiff::civil::{Date, ISOWeekDate, Weekday};
use jiff::tz::{Offset, TimeZone};
use sidetone_archive::{Archive, Row, answer};
use sidetone_domain::{Subject, subjects};
use sidetone_knowledge::Knowledge;
use sidetone_metrics::{Compare, Dimension, MetricId, Query, Window};
use sidetone_schema::{Body, Envelope, Timestamp};

use crate::config::DeskConfig;

/// What a report shows first.
const FIGURES: [&str; 18] = [
    "M001", "M005", "M004", "M016", "M021", "M018", "M024", "M050", "M042", "M066", "M069", "M091", "M093", "M101",
    "M102", "M106", "M110", "M119",
];
/// How many calls each topic had, and how far it rose above the mean of the four weeks before.
const TOPIC_CALLS: &str = "M096";
const TOPIC_HEAT: &str = "M098";
/// How many calls there were.
const CALLS: &str = "M001";
/// Rows of a table.
const MOST: usize = 12;
/// A topic with fewer calls, or a lower index, does not rise.
const LEAST: i64 = 5;
const HOT: f64 = 3.0;
/// Weeks that M098 looks back.
const WEEKS: i64 = 4;
/// A week before with less than one part in so many of this week's calls is said to be no measure.
const THIN: i64 = 5;
/// Questions that are shown of a topic, and the fewest characters of one that says anything.
const QUESTIONS: usize = 3;
const SAYING: usize = 5;

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

/// A topic that rose, and from what: this week's calls, those of the four weeks before together, and M098.
#[derive(Debug, Clone, PartialEq)]
struct Rise {
    name: String,
    now: i64,
    before: i64,
    heat: f64,
}

/// Questions of one topic that nothing answered.
#[derive(Debug, Default, PartialEq, Eq)]
struct Gap {
    count: i64,
    questions: Vec<String>,
}

impl Gap {
    /// Takes a question as an example, unless there are enough, it is too short to say anything, or one like it is there.
    fn shows(&mut self, question: String) {
        let alike = |other: &String| other.starts_with(&question) || question.starts_with(other.as_str());
        if self.questions.len() < QUESTIONS && question.chars().count() >= SAYING && !self.questions.iter().any(alike) {
            self.questions.push(question);
        }
    }
}

/// All that the report says.
#[derive(Debug)]
struct Report {
    week: Week,
    figures: Vec<(Row, Option<Row>)>,
    topics: Vec<Pair>,
    /// `None` where the four weeks before have nothing to be compared with.
    rising: Option<Vec<Rise>>,
    /// The calls of the week before, where they are too few for a comparison.
    thin: Option<i64>,
    groups: Vec<Pair>,
    ages: Vec<Pair>,
    work: Vec<Pair>,
    words: Vec<Pair>,
    /// By topic.
    gaps: Vec<(Option<String>, Gap)>,
}

/// The week as HTML that stands alone. `gaps` is what Redis told, if it did.
pub(crate) fn html(
    archive: &Archive,
    base: Option<&Knowledge>,
    kinds: &[Subject],
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
    let figures = figures(archive, window, now)?;
    // What Redis has says the question as it was masked; what it no longer has is in the archive, by its letters alone.
    let mut lacking = gaps.map_or_else(Vec::new, |events| grouped(events, window));
    if lacking.is_empty() {
        let found = archive.unanswered(window.from(), window.to());
        lacking = gathered(found.map_err(|error| fault(&error))?, base);
    }
    let ages = |window: Window| archive.ages(window.from(), window.to()).map_err(|error| fault(&error));
    let (told, told_before) = (subjects(window)?, subjects(before)?);
    let names = html::words();
    let report = Report {
        week,
        thin: thin(&figures),
        figures,
        topics: topics(archive, base, window, now)?,
        rising: rising(archive, base, window, now)?,
        ages: portrait::ages(&names, &ages(window)?, &ages(before)?),
        work: portrait::work(&names, kinds, &told, &told_before),
        groups: pairs(told, told_before),
        words,
        gaps: lacking,
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
    let of = |compared: bool| {
        let some = rows.iter().filter(move |row| row.compared == compared);
        some.filter_map(|row| Some((named(base, row.group.as_deref()?), row.num?)))
            .collect::<Vec<_>>()
    };
    Ok(pairs(of(false), of(true)))
}

/// A topic's name; its id where the base does not know it.
fn named(base: Option<&Knowledge>, id: &str) -> String {
    let topic = base.and_then(|base| base.topic(id));
    topic.map_or_else(|| id.to_owned(), |topic| topic.name.clone())
}

/// Topics that rose by M098's own rule, and whose share of all calls rose: where everything grew, nothing stands out.
fn rising(archive: &Archive, base: Option<&Knowledge>, window: Window, now: i64) -> Result<Option<Vec<Rise>>, String> {
    let metric = TOPIC_HEAT.parse::<MetricId>().map_err(|error| error.to_string())?;
    let query = Query {
        by: Some(Dimension::Topic),
        ..Query::new(vec![metric], window)
    };
    let rows = answer(archive, &query, now).map_err(|error| error.to_string())?;
    let rise = |row: &Row| {
        Some(Rise {
            name: named(base, row.group.as_deref()?),
            now: row.num?,
            before: row.den?,
            heat: row.value.as_deref()?.parse().ok()?,
        })
    };
    Ok(standing_out(rows.iter().filter_map(rise).collect()))
}

fn standing_out(mut all: Vec<Rise>) -> Option<Vec<Rise>> {
    let (now, before): (i64, i64) = (
        all.iter().map(|rise| rise.now).sum(),
        all.iter().map(|rise| rise.before).sum(),
    );
    if before == 0 {
        return None;
    }
    all.retain(|rise| rise.now >= LEAST && rise.heat >= HOT && rise.now * before > rise.before * now);
    all.sort_by(|a, b| b.heat.total_cmp(&a.heat).then_with(|| a.name.cmp(&b.name)));
    Some(all)
}

/// The calls of the week before, where they are no measure for this one's.
fn thin(figures: &[(Row, Option<Row>)]) -> Option<i64> {
    let (now, before) = figures.iter().find(|(row, _)| row.id.to_string() == CALLS)?;
    let before = before.as_ref()?.num?;
    (before * THIN < now.num?).then_some(before)
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
            group.shows(gap.question);
        }
    }
    let mut groups: Vec<_> = all.into_iter().collect();
    groups.sort_by_key(|(_, gap)| -gap.count);
    groups
}

/// The same from the archive.
fn gathered(found: Vec<(Option<String>, Option<String>, i64)>, base: Option<&Knowledge>) -> Vec<(Option<String>, Gap)> {
    let mut all: BTreeMap<Option<String>, Gap> = BTreeMap::new();
    for (topic, question, number) in found {
        let group = all.entry(topic.map(|id| named(base, &id))).or_default();
        group.count += number;
        question.into_iter().for_each(|question| group.shows(question));
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
    let kinds = config.knowledge.dir.as_deref().map(subjects).unwrap_or_default();
    let text = html(&archive, base.as_ref(), &kinds, gaps, week, now.as_millisecond())?;
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
    fn where_everything_grew_only_what_grew_more_rises() {
        let rise = |name: &str, now, before, heat| Rise {
            name: name.to_owned(),
            now,
            before,
            heat,
        };
        let all = vec![
            rise("as all", 400, 40, 123.3),
            rise("more", 590, 40, 183.4),
            rise("few", 4, 0, 4.0),
            rise("as before", 10, 40, 0.0),
        ];
        let names = standing_out(all).map(|some| some.into_iter().map(|rise| rise.name).collect::<Vec<_>>());
        assert_eq!(names, Some(vec!["more".to_owned(), "as all".to_owned()]));
        assert_eq!(
            standing_out(vec![rise("new", 40, 0, 40.0)]),
            None,
            "nothing to compare with"
        );
    }

    #[test]
    fn examples_are_questions_that_differ() {
        let mut gap = Gap::default();
        for question in [
            "who",
            "how do I",
            "how do I apply",
            "where is it",
            "when is it",
            "what is it",
        ] {
            gap.shows(question.to_owned());
        }
        assert_eq!(gap.questions, ["how do I", "where is it", "when is it"]);
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
