//! Whether a question has an answer here, as weighed from all that speaks for and against it. The weights come from
//! `sidetone-bench-asks --weigh`, which learns them from questions of authors whose words the chooser did not learn.

use std::sync::LazyLock;

use super::Reason;
use super::compose::Asked;
use super::concepts::Prefer;
use super::cover::cover;
use super::learned::shares;
use super::lexicon::Vocabulary;
use super::naming::metrics;
use super::read::{Parts, read};
use super::remark;

const WEIGHTS: &str = include_str!("../../words/signs.tsv");
/// Shares are told apart down to this one.
const FINE: f32 = 0.01;

static WEIGHED: LazyLock<Vec<(&'static str, f32)>> = LazyLock::new(|| {
    let rows = WEIGHTS.lines().filter(|line| !line.starts_with('#'));
    rows.filter_map(|row| row.split_once('\t'))
        .filter_map(|(name, weight)| Some((name, weight.parse().ok()?)))
        .collect()
});

/// What speaks for an answer or against it, each with how much of it there is; what there is nothing of may be left out.
pub type Signs = Vec<(&'static str, f32)>;

/// Whether together they speak for an answer.
pub(super) fn answerable(signs: &Signs) -> bool {
    let weight = |name: &str| WEIGHED.iter().find(|(of, _)| *of == name).map_or(0.0, |(_, n)| *n);
    signs.iter().map(|(name, value)| weight(name) * value).sum::<f32>() >= 0.0
}

impl Asked<'_> {
    /// The signs of the text as it is written.
    pub(super) fn signs(&self, parts: &Parts, vocabulary: &Vocabulary) -> Signs {
        let shares = shares(self.text, &parts.rest);
        let flag = |is: bool| f32::from(u8::from(is));
        let most = shares.metrics.first().map_or(0.0, |(_, share)| *share);
        let next = shares.metrics.get(1).map_or(0.0, |(_, share)| *share);
        let named = is_named(parts);
        let asked =
            remark::beside(self.text, vocabulary).map(|text| read(&cover(&text, vocabulary, false), &self.clock));
        let beside = asked.filter(|asked| asked.unknown.is_empty() && !asked.negated && is_named(asked));
        let guessed = beside.as_ref().unwrap_or(parts).guessed;
        let mut signs = vec![
            ("one", 1.0),
            ("none", odds(shares.none)),
            ("most", odds(most)),
            ("lead", (most + FINE).ln() - (next + FINE).ln()),
            ("whole", flag(named && parts.unknown.is_empty() && !parts.negated)),
            ("guessed", flag(guessed)),
            // Without clauses that may only tell something, it is understood whole.
            ("beside", flag(beside.is_some())),
        ];
        signs.extend(match parts.refusal {
            Some(Reason::Forecast) => Some(("forecast", 1.0)),
            Some(Reason::Cause) => Some(("cause", 1.0)),
            Some(Reason::Order) => Some(("order", 1.0)),
            Some(Reason::Personal) => Some(("personal", 1.0)),
            _ => None,
        });
        signs.retain(|(_, value)| *value != 0.0);
        signs
    }
}

/// Whether the tables name a metric in it.
fn is_named(parts: &Parts) -> bool {
    metrics(&parts.groups, Prefer::Either).is_ok_and(|named| !named.is_empty())
}

fn odds(share: f32) -> f32 {
    (share + FINE).ln() - (1.0 - share + FINE).ln()
}
