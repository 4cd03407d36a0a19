//! The library of statutes and cases behind a line: what of it may be shown.
//!
//! It is a mapped file, read where it lies. A call keeps the one that it began with.

use sidetone_domain::Pack;
use sidetone_knowledge::snapshot::Snapshot;
use sidetone_knowledge::{Entry, Node};

/// What became of looking into the library, for an administrator to count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Looked {
    /// A policy card shows an article's own words.
    Quoted,
    /// A question that the base does not answer was searched for, and something stood out.
    Found,
    /// Nothing stood out.
    Nothing,
    /// What would have been shown speaks to a program: it is not.
    Command,
}

impl Looked {
    /// As a label.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Quoted => "quoted",
            Self::Found => "found",
            Self::Nothing => "nothing",
            Self::Command => "command",
        }
    }
}

/// A library, and the line that judges what it says.
#[derive(Clone, Copy)]
pub(crate) struct Library<'a> {
    pub(crate) snapshot: &'a Snapshot,
    pub(crate) pack: &'a Pack,
}

/// An entry that speaks to people.
pub(crate) struct Passage<'a> {
    pub(crate) entry: Entry<'a>,
    /// Its row, title and body as a reader sees them.
    pub(crate) node: Node,
}

impl<'a> Library<'a> {
    /// The entry's words. `None` where they command the program that reads them, or cannot be read.
    pub(crate) fn read(self, entry: Entry<'a>) -> Option<Passage<'a>> {
        let mut node = entry.node()?;
        let filter = self.pack.written_filter();
        [node.title, node.body, node.provenance.doc_title] =
            filter.unless_commanding([&node.title, &node.body, &node.provenance.doc_title])?;
        Some(Passage { entry, node })
    }
}
