//! What became of the rows of an import.

use std::collections::BTreeMap;
use std::fmt;

use crate::fault::{Fault, FaultKind};

/// Faults that are kept with their place; of the others the number is known.
pub const KEPT: usize = 1_000;

/// What became of the rows.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Rows that were read: lines, records, articles, subjects of triples.
    pub rows: usize,
    /// Rows that were rejected, and faults of those that had several.
    pub rejected: usize,
    /// The first [`KEPT`] of them.
    pub faults: Vec<Fault>,
    /// How many by what is wrong, in the words of the first.
    pub by_kind: BTreeMap<&'static str, usize>,
    /// Files that are none of an import's.
    pub skipped: Vec<String>,
    /// Articles that a statute or case cites and that are not there: no fault, but no edge either.
    pub unresolved_citations: usize,
}

impl Report {
    pub(crate) fn reject(&mut self, files: &[String], file: u32, line: u32, kind: FaultKind) {
        self.rejected += 1;
        *self.by_kind.entry(name(&kind)).or_default() += 1;
        if self.faults.len() < KEPT {
            self.faults.push(Fault {
                file: files.get(file as usize).cloned().unwrap_or_default(),
                line: line as usize,
                kind,
            });
        }
    }

    pub(crate) fn skip(&mut self, name: &str) {
        if self.skipped.len() < KEPT {
            self.skipped.push(name.to_owned());
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} rows read, {} rejected", self.rows, self.rejected)?;
        for fault in &self.faults {
            write!(f, "\n  {fault}")?;
        }
        let more = self.rejected - self.faults.len();
        if more > 0 {
            write!(f, "\n  and {more} more")?;
        }
        for (kind, count) in &self.by_kind {
            write!(f, "\n{count} × {kind}")?;
        }
        if !self.skipped.is_empty() {
            write!(f, "\nnot taken: {}", self.skipped.join(", "))?;
        }
        if self.unresolved_citations > 0 {
            write!(
                f,
                "\n{} citations of articles that are not there",
                self.unresolved_citations
            )?;
        }
        Ok(())
    }
}

fn name(kind: &FaultKind) -> &'static str {
    match kind {
        FaultKind::Row(_) | FaultKind::UnknownKey(_) | FaultKind::Empty(_) | FaultKind::BadValue(_) => {
            "not a valid row"
        }
        FaultKind::LongLine(_) => "line too long",
        FaultKind::NotUtf8 => "not UTF-8",
        FaultKind::DuplicateId { .. } => "id used before",
        FaultKind::BadId(_) => "no id",
        FaultKind::DanglingEdge(_) => "edge without a node at its end",
        FaultKind::SelfEdge(_) => "edge from a node to itself",
        FaultKind::Cycle { .. } => "succession in a circle",
        FaultKind::RepealedWithoutEnd { .. } => "repealed without a last day",
        FaultKind::OpenQuote | FaultKind::Fields { .. } => "not a valid record",
        _ => "does not fit the base",
    }
}
