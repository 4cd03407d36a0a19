//! What an engine does wrong. No fault holds a key, a prompt or an answer.

/// Why an engine gave no answer that can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The host has no address.
    #[error("the host name has no address")]
    NoDns,
    /// Nobody listens, or the way there is closed.
    #[error("the connection is refused")]
    Unreachable,
    /// The certificate is not trusted, or is for another host.
    #[error("the certificate is not accepted")]
    Tls,
    /// A status that says that our request or our account is wrong.
    #[error("status {0}: a fault of the configuration")]
    Misconfigured(u16),
    /// A status that says that the engine cannot answer now.
    #[error("status {0}")]
    Unable(u16),
    /// No token came in time.
    #[error("no token in time")]
    Slow,
    /// Tokens came, but the answer was not complete in time.
    #[error("the answer was not complete in time")]
    Unfinished,
    /// The answer ended before its end mark.
    #[error("the answer was cut off")]
    CutOff,
    /// The answer holds no text.
    #[error("the answer is blank")]
    Blank,
    /// The answer is no JSON object.
    #[error("the answer is not a JSON object")]
    NotJson,
    /// The answer is larger than [`super::sse::MOST`].
    #[error("the answer is too large")]
    TooLarge,
    /// What came is not what the interface says.
    #[error("the answer does not follow the interface")]
    Garbled,
    /// It failed too often and is left alone for a while.
    #[error("it failed too often and is left alone for a while")]
    Open,
    /// As many requests as allowed are under way.
    #[error("as many requests as allowed are under way")]
    Full,
    /// The day's budget is used up.
    #[error("the day's budget is used up")]
    Spent,
}

impl Fault {
    /// Every value of the label `fault`.
    pub const CODES: [&str; 15] = [
        "no_dns",
        "unreachable",
        "tls",
        "misconfigured",
        "unable",
        "slow",
        "unfinished",
        "cut_off",
        "blank",
        "not_json",
        "too_large",
        "garbled",
        "open",
        "full",
        "spent",
    ];

    /// Its name in metrics.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NoDns => "no_dns",
            Self::Unreachable => "unreachable",
            Self::Tls => "tls",
            Self::Misconfigured(_) => "misconfigured",
            Self::Unable(_) => "unable",
            Self::Slow => "slow",
            Self::Unfinished => "unfinished",
            Self::CutOff => "cut_off",
            Self::Blank => "blank",
            Self::NotJson => "not_json",
            Self::TooLarge => "too_large",
            Self::Garbled => "garbled",
            Self::Open => "open",
            Self::Full => "full",
            Self::Spent => "spent",
        }
    }

    /// What a status other than 200 says.
    #[must_use]
    pub const fn of_status(status: u16) -> Self {
        match status {
            408 | 425 | 429 => Self::Unable(status),
            400..=499 => Self::Misconfigured(status),
            _ => Self::Unable(status),
        }
    }

    /// Whether the other engine is asked instead. A request that was refused as wrong is not sent again.
    #[must_use]
    pub const fn goes_elsewhere(self) -> bool {
        !matches!(self, Self::Misconfigured(_))
    }

    /// Whether the engine was asked at all: only then does the fault count against it.
    #[must_use]
    pub const fn was_asked(self) -> bool {
        !matches!(self, Self::Open | Self::Full | Self::Spent)
    }
}
