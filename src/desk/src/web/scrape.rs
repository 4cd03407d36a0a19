//! The metrics of the present for Prometheus, at an address of their own.

use std::fmt::Write as _;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use sidetone_archive::{Archive, Row, answer};
use sidetone_metrics::{Dimension, MetricId, Query, Window, WindowKind, registry};

use crate::archiving::{Keeper, Progress};

const MINUTE_MS: i64 = 60_000;

pub(super) fn routes(keeper: Keeper) -> Router {
    Router::new().route("/metrics", get(scrape)).with_state(keeper)
}

async fn scrape(State(keeper): State<Keeper>) -> Result<String, StatusCode> {
    let now = jiff::Timestamp::now().as_millisecond();
    let rows = keeper.ask(move |archive| rows(archive, now)).await.map_err(|why| {
        tracing::warn!(why, "the archive gave no figures");
        StatusCode::SERVICE_UNAVAILABLE
    })?;
    Ok(text(&rows, &keeper.progress(), now))
}

/// Each as a whole and by queue.
fn rows(archive: &Archive, now: i64) -> Result<Vec<Row>, String> {
    let minute = now - now.rem_euclid(MINUTE_MS);
    let window = Window::new(minute - MINUTE_MS, minute).map_err(|error| error.to_string())?;
    let present = registry().all().iter().filter(|metric| metric.window == WindowKind::R);
    let ids: Vec<MetricId> = present.map(|metric| metric.id).collect();
    let mut rows = Vec::new();
    for by in [None, Some(Dimension::Queue)] {
        let query = Query {
            by,
            ..Query::new(ids.clone(), window)
        };
        rows.extend(answer(archive, &query, now).map_err(|error| error.to_string())?);
    }
    Ok(rows)
}

/// A figure that is null has no line.
fn text(rows: &[Row], progress: &Progress, now: i64) -> String {
    let mut text = String::from("# TYPE sidetone_metric gauge\n");
    for row in rows {
        let (Some(value), group) = (&row.value, row.group.as_deref()) else {
            continue;
        };
        let group = group
            .map(|group| format!(",queue=\"{}\"", escaped(group)))
            .unwrap_or_default();
        let _ = writeln!(
            text,
            "sidetone_metric{{id=\"{}\",key=\"{}\"{group}}} {value}",
            row.id, row.key
        );
    }
    text.push_str("# TYPE sidetone_archive_entries_total counter\n");
    for (what, count) in [
        ("new", progress.new),
        ("known", progress.known),
        ("other", progress.other),
        ("bad", progress.bad),
    ] {
        let _ = writeln!(text, "sidetone_archive_entries_total{{what=\"{what}\"}} {count}");
    }
    let age = progress.stood_at.map_or(-1, |at| (now - at) / 1_000);
    let _ = write!(
        text,
        "# TYPE sidetone_archive_stood_seconds_ago gauge\nsidetone_archive_stood_seconds_ago {age}\n"
    );
    let up = u8::from(progress.stopped.is_empty());
    let _ = write!(text, "# TYPE sidetone_archive_up gauge\nsidetone_archive_up {up}\n");
    text
}

fn escaped(group: &str) -> String {
    group.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    const FACTS: &str = include_str!("../../../archive/tests/forty/facts.jsonl");

    #[test]
    fn the_present_is_told_as_a_whole_and_by_queue() {
        let archive = Archive::open(None).unwrap();
        archive.import(FACTS.lines()).unwrap();
        // Friday 2026-11-20, a moment after its end.
        let now = 1_795_190_410_000;
        let progress = Progress {
            new: 7,
            ..Progress::default()
        };
        let text = text(&rows(&archive, now).unwrap(), &progress, now);
        assert!(
            text.contains("sidetone_metric{id=\"M028\",key=\"queue.now\"} 1\n"),
            "{text}"
        );
        assert!(
            text.contains("sidetone_metric{id=\"M028\",key=\"queue.now\",queue=\""),
            "{text}"
        );
        assert!(
            text.contains("sidetone_archive_entries_total{what=\"new\"} 7\n"),
            "{text}"
        );
        assert!(!text.contains("M001"), "{text}");
    }
}
