//! Events as they come say what an import of the same facts says, in any order, doubled, and after a loss.

use std::error::Error;

use sidetone_archive::{Archive, Entry, Live, Row, answer, tellable, unfold};
use sidetone_metrics::{MetricId, Query, Window, registry};

type Tested = Result<(), Box<dyn Error>>;

/// Friday 2026-11-20, midnight in Shanghai.
const FRIDAY: i64 = 1_795_104_000_000;
const DAY: i64 = 86_400_000;

fn tellables(facts: &str) -> Result<Vec<String>, serde_json::Error> {
    facts
        .lines()
        .map(|line| Ok(tellable(serde_json::from_str(line)?).to_string()))
        .collect()
}

fn figures(archive: &Archive) -> Result<Vec<Row>, Box<dyn Error>> {
    let all: Vec<MetricId> = registry().all().iter().map(|metric| metric.id).collect();
    let query = Query::new(all, Window::new(FRIDAY, FRIDAY + DAY)?);
    let mut rows = answer(archive, &query, FRIDAY + DAY + 10_000)?;
    for metric in registry().all() {
        for by in &metric.dimensions {
            let query = Query {
                by: Some(*by),
                ..Query::new(vec![metric.id], query.window)
            };
            rows.extend(answer(archive, &query, FRIDAY + DAY + 10_000)?);
        }
    }
    Ok(rows)
}

/// Numbers that are the same for the same seed.
fn shuffle<T>(items: &mut [T], mut seed: u64) {
    for at in (1..items.len()).rev() {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        items.swap(at, (seed >> 33) as usize % (at + 1));
    }
}

fn compare(facts: &str, batch: usize) -> Tested {
    let lines = tellables(facts)?;
    let imported = Archive::open(None)?;
    let done = imported.import(lines.iter().map(String::as_str))?;
    assert!(done.bad.is_empty(), "{:?}", done.bad);
    let replay = unfold(lines.iter().map(String::as_str))?;
    let mut entries: Vec<Entry> = replay.streams.into_values().flatten().map(Entry::Event).collect();
    entries.extend(replay.feedback);
    let told = entries.len();
    entries.extend_from_within(..told / 2);
    shuffle(&mut entries, 7);
    let mut live = Live::open(None)?;
    let (mut new, mut known) = (0, 0);
    for batch in entries.chunks(batch) {
        let taken = live.take(FRIDAY, batch.to_vec())?;
        assert_eq!((taken.bad, taken.other), (0, 0));
        new += taken.new;
        known += taken.known;
    }
    assert_eq!((new, known), (told, told / 2));
    let (ours, theirs) = (figures(live.archive())?, figures(&imported)?);
    for (live, imported) in ours.iter().zip(&theirs) {
        assert_eq!(live, imported);
    }
    assert_eq!(ours.len(), theirs.len());
    Ok(())
}

#[test]
fn forty_contacts_shuffled_and_doubled_have_the_figures_of_the_import() -> Tested {
    compare(include_str!("forty/facts.jsonl"), 500)
}

/// What a `kill -9` leaves behind is the file and its log as they are at that moment; a new run goes on with them.
#[test]
fn an_archive_that_is_killed_after_every_batch_has_the_figures_of_one_that_was_not() -> Tested {
    let folder = std::env::temp_dir().join(format!("sidetone-killed-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let lines = tellables(include_str!("forty/facts.jsonl"))?;
    let replay = unfold(lines.iter().map(String::as_str))?;
    let mut entries: Vec<Entry> = replay.streams.into_values().flatten().map(Entry::Event).collect();
    entries.extend(replay.feedback);
    shuffle(&mut entries, 11);
    let mut whole = Live::open(None)?;
    let mut killed = Live::open(Some(&folder.join("0.duckdb")))?;
    for (at, batch) in entries.chunks(400).enumerate() {
        whole.take(FRIDAY, batch.to_vec())?;
        killed.take(FRIDAY, batch.to_vec())?;
        for ending in ["duckdb", "duckdb.wal"] {
            let left = folder.join(format!("{at}.{ending}"));
            if left.exists() {
                std::fs::copy(left, folder.join(format!("{}.{ending}", at + 1)))?;
            }
        }
        killed = Live::open(Some(&folder.join(format!("{}.duckdb", at + 1))))?;
        let (whole, killed) = (figures(whole.archive())?, figures(killed.archive())?);
        for (whole, killed) in whole.iter().zip(&killed) {
            assert_eq!(whole, killed, "after batch {at}");
        }
    }
    std::fs::remove_dir_all(&folder)?;
    Ok(())
}

#[test]
fn what_came_a_week_ago_is_settled_and_what_is_old_and_came_now_is_not() -> Tested {
    let line = include_str!("forty/facts.jsonl").lines().take(400);
    let replay = unfold(line)?;
    let entries: Vec<Entry> = replay.streams.into_values().flatten().map(Entry::Event).collect();
    let mut live = Live::open(None)?;
    live.take(FRIDAY + 30 * DAY, entries.clone())?;
    let before = figures(live.archive())?;
    live.settle(FRIDAY + 23 * DAY)?;
    assert_eq!(
        live.take(FRIDAY + 30 * DAY, entries.clone())?.new,
        0,
        "old events that came now are kept"
    );
    live.settle(FRIDAY + 31 * DAY)?;
    assert!(
        live.take(FRIDAY + 31 * DAY, entries)?.new > 0,
        "those that came a week ago are gone"
    );
    for (now, before) in figures(live.archive())?.iter().zip(&before) {
        assert_eq!(now, before, "and change nothing when they come again");
    }
    Ok(())
}
