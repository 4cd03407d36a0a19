//! What a caller may want of a topic.

use std::fmt;

/// What a caller wants of a topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Intent {
    /// Whether they may.
    Eligibility,
    /// How much.
    Amount,
    /// How it is done.
    Procedure,
    /// What to bring.
    Materials,
    /// By when, for how long.
    Deadline,
    /// Where.
    Location,
    /// How far it has got.
    Status,
    /// Something was done to them.
    Complaint,
    /// What it is.
    Definition,
    /// None of these.
    Other,
}

impl Intent {
    /// Every intent.
    pub const ALL: [Self; 10] = [
        Self::Eligibility,
        Self::Amount,
        Self::Procedure,
        Self::Materials,
        Self::Deadline,
        Self::Location,
        Self::Status,
        Self::Complaint,
        Self::Definition,
        Self::Other,
    ];

    /// By its name on the wire.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|intent| intent.as_str() == name)
    }

    /// As on the wire and in the knowledge base.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Eligibility => "eligibility",
            Self::Amount => "amount",
            Self::Procedure => "procedure",
            Self::Materials => "materials",
            Self::Deadline => "deadline",
            Self::Location => "location",
            Self::Status => "status",
            Self::Complaint => "complaint",
            Self::Definition => "definition",
            Self::Other => "other",
        }
    }
}

impl fmt::Display for Intent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
