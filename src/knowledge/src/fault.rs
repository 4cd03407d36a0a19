//! What is wrong with a knowledge base: every fault at once, each with its place and its cure.

use std::fmt;

use thiserror::Error;

use crate::calc::FormulaError;

/// Every fault of one load. A base with a fault is not used at all: half a base gives half-true answers.
#[derive(Debug, Error)]
pub struct LoadErrors {
    /// In the order of files and lines.
    pub faults: Vec<Fault>,
}

impl fmt::Display for LoadErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} fault(s) in the knowledge base", self.faults.len())?;
        for fault in &self.faults {
            write!(f, "\n  {fault}")?;
        }
        Ok(())
    }
}

/// One fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// File name as it was given.
    pub file: String,
    /// From 1; 0 where the fault is about the whole file.
    pub line: usize,
    /// What is wrong.
    pub kind: FaultKind,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}; {}", self.file, self.line, self.kind, self.kind.cure())
    }
}

/// Kinds of faults.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum FaultKind {
    /// The file or folder cannot be read.
    #[error("cannot be read: {0}")]
    Unreadable(String),
    /// No file of a kind was found.
    #[error("no {0} in the knowledge base")]
    MissingFile(&'static str),
    /// A JSONL file whose name says nothing of its kind.
    #[error("a file of unknown kind")]
    UnknownFile,
    /// Not JSON, or not the row's shape.
    #[error("not a valid row: {0}")]
    Row(String),
    /// A key that no row of this kind has; a typing error in `effective_to` would make a row last for ever.
    #[error("unknown key `{0}`")]
    UnknownKey(String),
    /// The id was used before.
    #[error("id `{id}` was used before, at {first}")]
    DuplicateId {
        /// The id.
        id: String,
        /// Place of the first use.
        first: String,
    },
    /// An id with characters that ids do not have.
    #[error("`{0}` is no id")]
    BadId(String),
    /// A text that must not be empty is.
    #[error("`{0}` is empty")]
    Empty(&'static str),
    /// A text that would steer a terminal or turn the direction of writing.
    #[error("`{0}` holds a control character")]
    Unprintable(String),
    /// The topic is not in `topics.jsonl`.
    #[error("unknown topic `{0}`")]
    UnknownTopic(String),
    /// The intent is none that a caller can have.
    #[error("unknown intent `{0}`")]
    UnknownIntent(String),
    /// Not six digits.
    #[error("`{0}` is no region code")]
    BadRegion(String),
    /// Ends before it begins.
    #[error("effective_to {to} is before effective_from {from}")]
    DatesReversed {
        /// First day.
        from: String,
        /// Last day.
        to: String,
    },
    /// An end of an edge is no node.
    #[error("edge to or from unknown node `{0}`")]
    DanglingEdge(String),
    /// A node that is tied to itself.
    #[error("`{0}` is tied to itself")]
    SelfEdge(String),
    /// A document was repealed but has no last day.
    #[error("`{by}` takes the place of `{node}`, which has no effective_to")]
    RepealedWithoutEnd {
        /// The newer node.
        by: String,
        /// The older node.
        node: String,
    },
    /// Two rows of a figure hold on the same day in the same region.
    #[error("figure `{id}` in {region} overlaps the row at {other}")]
    Overlap {
        /// Figure.
        id: String,
        /// Region code.
        region: String,
        /// Place of the other row.
        other: String,
    },
    /// Not decimal text.
    #[error("figure value `{0}` is no decimal number")]
    BadValue(String),
    /// A placeholder or a calculation names a figure without a row.
    #[error("unknown figure `{0}`")]
    UnknownFigure(String),
    /// The figure has rows, but none that a caller in the node's region would see.
    #[error("figure `{figure}` has no row for region {region}")]
    FigureElsewhere {
        /// Figure.
        figure: String,
        /// The node's region.
        region: String,
    },
    /// An example turn, a table of a pack, a calculator, a script or a risk names a node that the base has not.
    #[error("unknown node `{0}`")]
    UnknownNode(String),
    /// A key of `pack.toml` that is missing, unknown or of another type.
    #[error("not a valid pack: {0}")]
    PackKey(String),
    /// Braces that do not pair.
    #[error("unpaired brace in `{0}`")]
    Braces(String),
    /// A line that no row can have.
    #[error("longer than {0} bytes")]
    LongLine(usize),
    /// Bytes that are no text.
    #[error("not UTF-8")]
    NotUtf8,
    /// A newer document that, over others, takes its own place.
    #[error("`{from}` takes the place of `{to}`, which takes the place of `{from}` over others")]
    Cycle {
        /// The newer node.
        from: String,
        /// The older node.
        to: String,
    },
    /// A quoted field without an end.
    #[error("a quotation mark without its pair")]
    OpenQuote,
    /// A CSV row with more or fewer fields than the first line names.
    #[error("{found} fields where the first line names {expected}")]
    Fields {
        /// Fields of the first line.
        expected: usize,
        /// Fields of this one.
        found: usize,
    },
    /// A figure that can change stands as a number in a sentence.
    #[error("the figure `{0}` is written into the text")]
    LiteralFigure(String),
    /// A slot that `calc/slots.toml` does not have.
    #[error("unknown slot `{0}`")]
    UnknownSlot(String),
    /// A calculator that stands in the place of one that is none.
    #[error("unknown calculator `{0}`")]
    UnknownCalculator(String),
    /// A formula or a condition that cannot be relied upon.
    #[error("`{calculator}`, {place}: {error}")]
    Formula {
        /// Calculator or risk.
        calculator: String,
        /// Step, slot or text.
        place: String,
        /// What is wrong.
        error: FormulaError,
    },
    /// A step that rests on itself.
    #[error("`{calculator}`: step `{step}` rests on itself")]
    StepCycle {
        /// Calculator.
        calculator: String,
        /// Step.
        step: String,
    },
    /// A table of a calculator that is no table.
    #[error("table `{0}` is empty or too long, or its keys are mixed, repeat or do not rise")]
    BadTable(String),
}

impl FaultKind {
    /// What an administrator does about it.
    pub fn cure(&self) -> &'static str {
        match self {
            Self::Unreadable(_) => "check the path and its permissions",
            Self::MissingFile(_) => "add it, see knowledge/README.md",
            Self::UnknownFile => {
                "name it topics*, nodes*, edges*, figures*, scripts*, risks* or examples*.jsonl, regions.tsv, phrases.toml, calls.toml or cues.toml, or move it away"
            }
            Self::Row(_) => "one JSON object a line, dates as 2025-10-01, see knowledge/README.md",
            Self::UnknownKey(_) => "correct its spelling or remove it",
            Self::DuplicateId { .. } => "give one of them another id or remove it",
            Self::BadId(_) => "use a-z, 0-9, `-`, `_` and `.`",
            Self::Empty(_) => "fill it in or remove the row",
            Self::UnknownTopic(_) => "add it to topics.jsonl or correct it",
            Self::UnknownIntent(_) => {
                "use eligibility, amount, procedure, materials, deadline, location, status, complaint or definition"
            }
            Self::BadRegion(_) => "use a six-digit GB/T 2260 code, 000000 for the whole country",
            Self::DatesReversed { .. } => "swap or correct the dates",
            Self::DanglingEdge(_) => "add the node or remove the edge",
            Self::SelfEdge(_) => "remove the edge",
            Self::RepealedWithoutEnd { .. } => "give the older node its last day",
            Self::Overlap { .. } => "end the older row the day before the newer one begins",
            Self::BadValue(_) => "write digits with at most one point, without separators or unit",
            Self::UnknownFigure(_) => "add a row to figures.jsonl or correct the id",
            Self::FigureElsewhere { .. } => "add a row for that region or narrow the node's region",
            Self::UnknownNode(_) => "add the node or correct the id",
            Self::PackKey(_) => "correct it, see knowledge/README.md",
            Self::Unprintable(_) => "take it out",
            Self::Braces(_) => "write {figure_id}",
            Self::LongLine(_) => "shorten it; a file without line ends is none of rows",
            Self::NotUtf8 => "save the file as UTF-8",
            Self::Cycle { .. } => "remove the edge that points to the newer one",
            Self::OpenQuote => "close it; a quotation mark within a field is written twice",
            Self::Fields { .. } => "give it as many, a field with a comma in quotation marks",
            Self::LiteralFigure(_) => "add a dated row to figures.jsonl and write {figure_id}",
            Self::UnknownSlot(_) => "add it to calc/slots.toml, and to the calculator's `slots`",
            Self::UnknownCalculator(_) => "correct the id or remove `instead`",
            Self::Formula { .. } => "see knowledge/README.md for what a formula may hold",
            Self::StepCycle { .. } => "let each step rest on slots, figures and other steps",
            Self::BadTable(_) => "write rows as [key, value], keys rising, decimals in quotes",
        }
    }
}
