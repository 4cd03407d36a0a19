//! `sidetone export`

use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueEnum};
use sidetone_schema::{Body, Envelope, Wrapup};
use sidetone_shell::wire::{Span, each_wrapup};

use super::{StoreArgs, moment};

/// Writes what Redis holds for other systems.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    sidetone export wrapups --since 7d --format csv --out week.csv\n  \
    sidetone export wrapups --since 2026-11-01 --until 2026-12-01 --format csv --excel --out november.csv\n  \
    sidetone export wrapups | jq -r .data.summary\n\n\
    Redis keeps about redis.wrapups_maxlen wrap-ups; docs/EVENTS.md says what the columns are.")]
pub(super) struct ExportArgs {
    #[command(subcommand)]
    command: ExportCommand,
}

#[derive(Subcommand, Debug)]
enum ExportCommand {
    /// Final wrap-ups, oldest first, each once
    Wrapups(WrapupArgs),
}

#[derive(Args, Debug)]
struct WrapupArgs {
    #[command(flatten)]
    store: StoreArgs,
    /// Only those since then: a span (`7d`, `12h`), a date or a time (RFC 3339)
    #[arg(long, value_name = "WHEN")]
    since: Option<String>,
    /// Only those before then, in the same forms
    #[arg(long, value_name = "WHEN")]
    until: Option<String>,
    /// How they are written
    #[arg(long, value_enum, default_value_t = Format::Jsonl)]
    format: Format,
    /// CSV that Excel opens as it is: marked as UTF-8, and no cell is read as a formula
    #[arg(long)]
    excel: bool,
    /// The file; standard output without it
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// The events, one in a line.
    Jsonl,
    /// A row for each, values of a list separated by `；`.
    Csv,
}

pub(super) fn run(args: &ExportArgs) -> Result<(), String> {
    let ExportCommand::Wrapups(args) = &args.command;
    if args.excel && args.format != Format::Csv {
        return Err("--excel goes with --format csv".to_owned());
    }
    let now = jiff::Zoned::now();
    let at = |option: &str, text: &Option<String>| text.as_deref().map(|text| moment(option, text, &now)).transpose();
    let span = Span {
        since: at("--since", &args.since)?,
        until: at("--until", &args.until)?,
    };
    let out = open(args.out.as_deref()).map_err(|error| told(args, &error))?;
    let mut writer = Writer {
        out,
        format: args.format,
        excel: args.excel,
        rows: 0,
    };
    writer.begin().map_err(|error| told(args, &error))?;
    let config = args.store.config();
    let wrote = crate::runtime::start()?.block_on(each_wrapup(&config, span, |event| writer.write(&event)))?;
    wrote
        .and_then(|()| writer.out.flush())
        .map_err(|error| told(args, &error))?;
    if args.out.is_some() {
        println!("{} wrap-ups", writer.rows);
    }
    Ok(())
}

fn told(args: &WrapupArgs, error: &io::Error) -> String {
    let name = args
        .out
        .as_ref()
        .map_or("standard output".into(), |out| out.display().to_string());
    format!("{name} cannot be written: {error}")
}

fn open(path: Option<&Path>) -> io::Result<Box<dyn Write>> {
    Ok(match path {
        Some(path) => Box::new(BufWriter::new(std::fs::File::create(path)?)),
        None => Box::new(BufWriter::new(io::stdout())),
    })
}

/// The columns of CSV, as docs/EVENTS.md has them.
const COLUMNS: [&str; 15] = [
    "call_id",
    "seq",
    "ended_at",
    "agent_id",
    "subject",
    "request_type",
    "topics",
    "policies",
    "advice",
    "todos",
    "risks",
    "satisfaction",
    "summary",
    "resolved",
    "complete",
];

struct Writer<W> {
    out: W,
    format: Format,
    excel: bool,
    rows: u64,
}

impl<W: Write> Writer<W> {
    fn begin(&mut self) -> io::Result<()> {
        if self.excel {
            self.out.write_all("\u{feff}".as_bytes())?;
        }
        match self.format {
            Format::Csv => self.row(&COLUMNS.map(str::to_owned)),
            Format::Jsonl => Ok(()),
        }
    }

    fn write(&mut self, event: &Envelope) -> io::Result<()> {
        let wrapup = match &event.body {
            Body::WrapupFinal(wrapup) => &**wrapup,
            Body::WrapupCorrected(corrected) => &corrected.wrapup,
            _ => return Ok(()),
        };
        self.rows += 1;
        match self.format {
            Format::Jsonl => {
                serde_json::to_writer(&mut self.out, event)?;
                self.out.write_all(b"\n")
            }
            Format::Csv => self.row(&cells(event, wrapup)),
        }
    }

    fn row(&mut self, cells: &[String]) -> io::Result<()> {
        let line: Vec<String> = cells.iter().map(|cell| quoted(cell, self.excel)).collect();
        // RFC 4180.
        write!(self.out, "{}\r\n", line.join(","))
    }
}

fn cells(event: &Envelope, wrapup: &Wrapup) -> [String; COLUMNS.len()] {
    let list = |values: &[String]| values.join("；");
    let elements = &wrapup.elements;
    let topics: Vec<String> = wrapup.topics.iter().map(|topic| topic.name.clone()).collect();
    let satisfaction = serde_json::to_value(elements.satisfaction.value).ok();
    [
        event.call_id.clone(),
        event.seq.to_string(),
        event.ts.to_string(),
        event.agent_id.clone().unwrap_or_default(),
        elements.subject.value.clone(),
        elements.request_type.value.clone(),
        list(&topics),
        list(&elements.policies.value),
        list(&elements.advice.value),
        list(&elements.todos.value),
        list(&elements.risks.value),
        satisfaction
            .and_then(|value| value.as_str().map(str::to_owned))
            .unwrap_or_default(),
        wrapup.summary.clone(),
        wrapup.topics.iter().all(|topic| topic.resolved).to_string(),
        wrapup.complete.to_string(),
    ]
}

/// A cell of CSV. What a caller said may begin as a formula does; Excel gets it as text.
fn quoted(cell: &str, excel: bool) -> String {
    let formula = excel && cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let cell = if formula { format!("'{cell}") } else { cell.to_owned() };
    match cell.contains([',', '"', '\n', '\r']) {
        true => format!("\"{}\"", cell.replace('"', "\"\"")),
        false => cell,
    }
}

#[cfg(test)]
#[path = "export_tests.rs"]
mod tests;
