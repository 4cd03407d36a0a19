//! Import: rows of several formats into [`Contents`] that fit together, and a report of every row that does not.
//!
//! A bad row costs itself and what hangs on it, never the base. Files are read a line at a time; nothing here opens one.

mod csv;
mod files;
mod lines;
mod report;
mod settle;
mod statutes;
#[cfg(test)]
mod tests;
mod turtle;

use std::io::{self, BufRead};

use serde::Deserialize;
use serde::de::DeserializeOwned;

pub use files::Progress;
pub use lines::LONGEST;
pub use report::{KEPT, Report};

use crate::fault::FaultKind;
use crate::load::{EDGE_KEYS, FIGURE_KEYS, NODE_KEYS, PROVENANCE, Parsed, Row, TOPIC_KEYS, kind_of, row};
use crate::model::NodeId;
use crate::snapshot::Contents;
use lines::{Line, Lines};

/// Reads files one after the other; [`Importer::finish`] makes them fit together.
#[derive(Default)]
pub struct Importer {
    parsed: Parsed,
    report: Report,
    statutes: statutes::Statutes,
    turtle: turtle::Graph,
    turns: Vec<Row<Turn>>,
}

/// A caller's turn of a line's folder; what else its row says is for the line's understanding.
#[derive(Deserialize)]
pub(crate) struct Turn {
    pub(crate) text: String,
    pub(crate) node: Option<NodeId>,
}

/// Kinds of rows that the large graph has; the others of a line's folder are for the line alone.
const KINDS: [&str; 4] = ["topics", "nodes", "edges", "figures"];
/// How the names of files of callers' turns begin.
const TURNS: &str = "examples";

/// What a file's name says of its contents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Rows,
    Table,
    Turtle,
    Statute,
}

impl Format {
    fn of(name: &str) -> Option<Self> {
        match name.rsplit_once('.').map(|(_, ending)| ending) {
            Some("jsonl") => Some(Self::Rows),
            Some("csv") => Some(Self::Table),
            Some("ttl" | "nt") => Some(Self::Turtle),
            Some("md") => Some(Self::Statute),
            _ => None,
        }
    }
}

/// Whether a file of this name is one that an import takes: `*.jsonl`, `*.csv`, `*.ttl`, `*.nt`, `*.md`.
pub fn takes(name: &str) -> bool {
    Format::of(name).is_some()
}

impl Importer {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads a file. Its name, with the folders below the one that is imported, says what it holds: the ending the format,
    /// the beginning (`topics`, `nodes`, `edges`, `figures`) what the rows of JSONL and CSV are.
    ///
    /// # Errors
    /// When `from` cannot be read. What was read of it before counts.
    pub fn file(&mut self, name: &str, from: &mut dyn BufRead) -> io::Result<()> {
        let turns = name.rsplit('/').next().is_some_and(|name| name.starts_with(TURNS));
        let (format, kind) = (
            Format::of(name),
            kind_of(name)
                .filter(|kind| KINDS.contains(kind))
                .or(turns.then_some(TURNS)),
        );
        let file = self.parsed.files.len() as u32;
        // Rows are found again by the name of their file.
        let again = self.parsed.files.iter().any(|known| known == name);
        let name = if again {
            format!("{name} ({file})")
        } else {
            name.to_owned()
        };
        self.parsed.files.push(name);
        match (format, kind) {
            (Some(Format::Rows), Some(kind)) => self.rows(file, kind, from),
            (Some(Format::Table), Some(kind)) => self.table(file, kind, from),
            (Some(Format::Turtle), _) => self.turtle(file, from),
            (Some(Format::Statute), _) => self.statute(file, from),
            _ => {
                self.report.skip(self.parsed.files.last().map_or("", String::as_str));
                Ok(())
            }
        }
    }

    /// How much was read so far: files and rows.
    pub fn progress(&self) -> (usize, usize) {
        (self.parsed.files.len(), self.report.rows)
    }

    /// What fits together, and what became of the rest.
    pub fn finish(mut self) -> (Contents, Report) {
        self.statutes.finish(&mut self.parsed, &mut self.report);
        self.turtle.finish(&mut self.parsed, &mut self.report);
        settle::settle(self.parsed, self.turns, self.report)
    }

    fn rows(&mut self, file: u32, kind: &str, from: &mut dyn BufRead) -> io::Result<()> {
        let mut lines = Lines::new(from);
        while let Some(line) = lines.next()? {
            match line.text {
                Line::Text(text) if text.trim().is_empty() => {}
                Line::Text(text) => self.row(file, line.number, kind, &text),
                Line::Bad(fault) => self.reject(file, line.number, fault),
            }
        }
        Ok(())
    }

    fn table(&mut self, file: u32, kind: &str, from: &mut dyn BufRead) -> io::Result<()> {
        let mut table = csv::Table::new(from);
        while let Some((line, record)) = table.next()? {
            match record {
                Ok(json) => self.row(file, line, kind, &json),
                Err(fault) => self.reject(file, line, fault),
            }
        }
        Ok(())
    }

    fn reject(&mut self, file: u32, line: u32, kind: FaultKind) {
        self.report.rows += 1;
        self.report.reject(&self.parsed.files, file, line, kind);
    }

    fn row(&mut self, file: u32, line: u32, kind: &str, json: &str) {
        self.report.rows += 1;
        let Self {
            parsed, report, turns, ..
        } = self;
        let place = (file, line);
        match kind {
            TURNS => match serde_json::from_str(json) {
                Ok(value) => turns.push(Row { file, line, value }),
                Err(error) => report.reject(&parsed.files, file, line, FaultKind::Row(error.to_string())),
            },
            "topics" => keep(
                &parsed.files,
                report,
                place,
                row(json, &[&TOPIC_KEYS]),
                &mut parsed.topics,
            ),
            "nodes" => keep(
                &parsed.files,
                report,
                place,
                row(json, &[&NODE_KEYS, &PROVENANCE]),
                &mut parsed.nodes,
            ),
            "edges" => keep(
                &parsed.files,
                report,
                place,
                row(json, &[&EDGE_KEYS]),
                &mut parsed.edges,
            ),
            _ => keep(
                &parsed.files,
                report,
                place,
                row(json, &[&FIGURE_KEYS, &PROVENANCE]),
                &mut parsed.figures,
            ),
        }
    }

    fn turtle(&mut self, file: u32, from: &mut dyn BufRead) -> io::Result<()> {
        self.turtle.read(file, from, &self.parsed.files, &mut self.report)
    }

    fn statute(&mut self, file: u32, from: &mut dyn BufRead) -> io::Result<()> {
        self.statutes.read(file, from, &self.parsed.files, &mut self.report)
    }
}

/// Keeps a row that nothing is wrong with.
fn keep<T: DeserializeOwned>(
    files: &[String],
    report: &mut Report,
    (file, line): (u32, u32),
    (value, faults): (Option<T>, Vec<FaultKind>),
    into: &mut Vec<Row<T>>,
) {
    match value {
        Some(value) if faults.is_empty() => into.push(Row { file, line, value }),
        _ => {
            for fault in faults {
                report.reject(files, file, line, fault);
            }
        }
    }
}
