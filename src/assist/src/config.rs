//! What an administrator may set.

use std::sync::Arc;
use std::time::Duration;

use jiff::civil::Date;
use sidetone_knowledge::RegionCode;
use sidetone_schema::Tier;

use crate::opinion::Opinions;

/// How hints are chosen and how many are shown.
#[derive(Clone, Debug, PartialEq)]
pub struct AssistConfig {
    /// Policies are read as of this day: the day of the call.
    pub date: Date,
    /// Where the caller's matter is handled.
    pub region: RegionCode,
    /// Hints for one caller's turn, at most.
    pub max_per_turn: usize,
    /// Hints within any minute of a call, at most; tier 1 passes all the same.
    pub max_per_minute: usize,
    /// Hints on screen, at most; the least important gives way.
    pub max_live: usize,
    /// A candidate under this score is not shown.
    pub min_score: f32,
    /// How long a hint stays.
    pub ttl: Ttl,
    /// What agents think of nodes' hints.
    pub opinions: Arc<Opinions>,
}

/// How long a hint stays on screen, by tier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ttl {
    /// Tier 1.
    pub must_say: Duration,
    /// Tier 2.
    pub useful: Duration,
    /// Tier 3.
    pub background: Duration,
}

impl Ttl {
    /// That of `tier`.
    #[must_use]
    pub const fn of(&self, tier: Tier) -> Duration {
        match tier {
            Tier::MustSay => self.must_say,
            Tier::Useful => self.useful,
            Tier::Background => self.background,
        }
    }
}

impl AssistConfig {
    /// The defaults for a call on `date` in `region`.
    #[must_use]
    pub fn new(date: Date, region: impl Into<RegionCode>) -> Self {
        Self {
            date,
            region: region.into(),
            max_per_turn: 3,
            max_per_minute: 12,
            max_live: 16,
            min_score: 0.1,
            ttl: Ttl {
                must_say: Duration::from_secs(180),
                useful: Duration::from_secs(120),
                background: Duration::from_secs(60),
            },
            opinions: Arc::default(),
        }
    }
}
