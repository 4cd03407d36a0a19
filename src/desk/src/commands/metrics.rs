//! Prints metrics as exact fractions.

use std::path::PathBuf;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};
use sidetone_archive::{Calendar, Limits, Row, answer};
use sidetone_metrics::{Dimension, MetricId, Query, Window, registry};

const DAY_MS: i64 = 86_400_000;

/// What to print.
#[derive(Debug, clap::Args)]
pub(crate) struct MetricsArguments {
    /// The archive.
    #[arg(long, default_value = "sidetone.duckdb")]
    archive: PathBuf,
    /// A JSON object a line instead of a table.
    #[arg(long)]
    json: bool,
    /// The present moment: RFC 3339, a local time in Asia/Shanghai, or ms UTC. Now, if it is left out.
    #[arg(long)]
    at: Option<String>,
    /// FROM/TO, each as in --at, whole minutes. The 24 hours before --at, if it is left out.
    #[arg(long)]
    window: Option<String>,
    /// queue, agent, topic, node or hour. Without --metric: of all metrics that allow it.
    #[arg(long)]
    by: Option<Dimension>,
    /// An id (M021) or a key (queue.sl15); all, if it is left out.
    #[arg(long)]
    metric: Vec<MetricId>,
    /// Hours of service as JSON: {"week":[[[540,1020]],…],"days":{"2026-10-01":[]}}, minutes of the day from Monday.
    #[arg(long)]
    calendar: Option<PathBuf>,
    /// Bounds as JSON, such as {"short_call_ms":8000}; docs/METRICS.md lists them. They are kept in the archive.
    #[arg(long)]
    limits: Option<PathBuf>,
}

pub(crate) fn run(arguments: &MetricsArguments) -> Result<(), String> {
    let now = match &arguments.at {
        Some(text) => time(text)?,
        None => Timestamp::now().as_millisecond(),
    };
    let window = match &arguments.window {
        Some(text) => {
            let (from, to) = text.split_once('/').ok_or("a window is FROM/TO")?;
            Window::new(time(from)?, time(to)?)
        }
        None => {
            let end = now - now.rem_euclid(60_000);
            Window::new(end - DAY_MS, end)
        }
    };
    let allowed = |id: &MetricId| {
        arguments
            .by
            .is_none_or(|by| registry().get(*id).dimensions.contains(&by))
    };
    let metrics = if arguments.metric.is_empty() {
        registry()
            .all()
            .iter()
            .map(|metric| metric.id)
            .filter(allowed)
            .collect()
    } else {
        arguments.metric.clone()
    };
    let query = Query {
        by: arguments.by,
        ..Query::new(metrics, window.map_err(|e| e.to_string())?)
    };
    let mut archive = super::import::open(&arguments.archive)?;
    if let Some(path) = &arguments.limits {
        let text = std::fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?;
        let limits: Limits = serde_json::from_str(&text).map_err(|e| format!("{}: {e}", path.display()))?;
        limits.check().map_err(|e| e.to_string())?;
        archive.set_limits(limits).map_err(|e| e.to_string())?;
    }
    if let Some(path) = &arguments.calendar {
        let text = std::fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?;
        let calendar: Calendar = serde_json::from_str(&text).map_err(|e| format!("{}: {e}", path.display()))?;
        calendar.check().map_err(|e| e.to_string())?;
        archive.set_calendar(&calendar).map_err(|e| e.to_string())?;
    }
    for row in answer(&archive, &query, now).map_err(|e| e.to_string())? {
        println!(
            "{}",
            if arguments.json {
                serde_json::to_string(&row).map_err(|e| e.to_string())?
            } else {
                line(&row)
            }
        );
    }
    Ok(())
}

fn line(row: &Row) -> String {
    let metric = registry().get(row.id);
    let value = row.value.as_deref().unwrap_or("-");
    let group = row.group.as_deref().unwrap_or_default();
    let mark = if row.provisional { " *" } else { "" };
    format!(
        "{}\t{}\t{}\t{group}\t{value} {}{mark}",
        row.id, row.key, metric.name, metric.unit
    )
}

/// RFC 3339, a civil time of Asia/Shanghai, or milliseconds UTC.
pub(crate) fn time(text: &str) -> Result<i64, String> {
    if let Ok(ms) = text.parse() {
        return Ok(ms);
    }
    if let Ok(at) = text.parse::<Timestamp>() {
        return Ok(at.as_millisecond());
    }
    let civil: DateTime = text.parse().map_err(|e| format!("{text:?} is no time: {e}"))?;
    let zoned = civil
        .to_zoned(TimeZone::fixed(Offset::constant(8)))
        .map_err(|e| e.to_string())?;
    Ok(zoned.timestamp().as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_has_three_forms() {
        for text in [
            "1795104000000",
            "2026-11-20T00:00:00+08:00",
            "2026-11-19T16:00:00Z",
            "2026-11-20T00:00",
        ] {
            assert_eq!(time(text), Ok(1_795_104_000_000), "{text}");
        }
        assert!(time("noon").is_err());
    }
}
