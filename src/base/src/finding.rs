//! What `sidetone doctor` finds, whichever part looked.

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// As it should be.
    Fine,
    /// It works, with less.
    Warning,
    /// It does not work.
    Fault,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How bad.
    pub severity: Severity,
    /// What was looked at (`AMI login`, `redis.reach`).
    pub check: &'static str,
    /// What was found, in plain words.
    pub found: String,
    /// What to do; empty when nothing is to be done.
    pub cure: String,
}

impl Finding {
    /// As it should be.
    #[must_use]
    pub fn fine(check: &'static str, found: impl Into<String>) -> Self {
        Self::new(Severity::Fine, check, found, "")
    }

    /// It works, with less.
    #[must_use]
    pub fn warning(check: &'static str, found: impl Into<String>, cure: impl Into<String>) -> Self {
        Self::new(Severity::Warning, check, found, cure)
    }

    /// It does not work.
    #[must_use]
    pub fn fault(check: &'static str, found: impl Into<String>, cure: impl Into<String>) -> Self {
        Self::new(Severity::Fault, check, found, cure)
    }

    fn new(severity: Severity, check: &'static str, found: impl Into<String>, cure: impl Into<String>) -> Self {
        Self {
            severity,
            check,
            found: found.into(),
            cure: cure.into(),
        }
    }
}
