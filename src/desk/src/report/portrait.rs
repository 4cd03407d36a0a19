//! Who called: by age and by work, where that was said.

use std::collections::BTreeMap;

use sidetone_domain::Subject;

use super::{Pair, pairs};

/// What names of bands of age begin with in the report's words; then the highest age of the band.
const AGE: &str = "age.";

/// Callers by band of age, the youngest first.
pub(super) fn ages(words: &BTreeMap<&str, &str>, now: &[(i64, i64)], before: &[(i64, i64)]) -> Vec<Pair> {
    let bands = words
        .iter()
        .filter_map(|(key, name)| Some((key.strip_prefix(AGE)?.parse::<i64>().ok()?, *name)));
    let bands: BTreeMap<i64, &str> = bands.collect();
    let count = |told: &[(i64, i64)]| {
        let mut all: BTreeMap<i64, i64> = BTreeMap::new();
        for (age, number) in told {
            if let Some((band, _)) = bands.range(age..).next() {
                *all.entry(*band).or_default() += number;
            }
        }
        all
    };
    let (now, before) = (count(now), count(before));
    let of = |all: &BTreeMap<i64, i64>, band| all.get(band).copied().unwrap_or(0);
    let told = bands.iter().map(|(band, name)| Pair {
        name: (*name).to_owned(),
        now: of(&now, band),
        before: of(&before, band),
    });
    told.filter(|pair| pair.now + pair.before > 0).collect()
}

/// Callers by whether they have work: what their kind says, by the pack's table.
pub(super) fn work(
    words: &BTreeMap<&str, &str>,
    kinds: &[Subject],
    now: &[(String, i64)],
    before: &[(String, i64)],
) -> Vec<Pair> {
    let named = |subject: &str| {
        let named = |kind: &&Subject| subject.starts_with(kind.kind()) && subject.contains(&kind.name);
        // What says it more closely goes first.
        let kind = kinds.iter().filter(named).max_by_key(|kind| kind.of.is_some())?;
        let key = if kind.employed? { "work.yes" } else { "work.no" };
        words.get(key).copied()
    };
    let unknown = words.get("work.unknown").copied().unwrap_or_default();
    let told = |all: &[(String, i64)]| {
        let each = all
            .iter()
            .map(|(subject, number)| (named(subject).unwrap_or(unknown).to_owned(), *number));
        each.collect::<Vec<_>>()
    };
    pairs(told(now), told(before))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_is_in_the_band_that_ends_with_it_or_above() {
        let words = BTreeMap::from([
            ("age.24", "young"),
            ("age.59", "middle"),
            ("age.200", "old"),
            ("none", ""),
        ]);
        let pairs = ages(&words, &[(24, 2), (25, 1), (80, 4)], &[(30, 5)]);
        let told: Vec<_> = pairs
            .iter()
            .map(|pair| (pair.name.as_str(), pair.now, pair.before))
            .collect();
        assert_eq!(told, [("young", 2, 0), ("middle", 1, 5), ("old", 4, 0)]);
    }

    #[test]
    fn a_caller_for_another_is_of_the_others_kind() {
        let words = BTreeMap::from([
            ("work.yes", "at work"),
            ("work.no", "without"),
            ("work.unknown", "not said"),
        ]);
        let kind = |name: &str, employed| Subject {
            name: name.to_owned(),
            employed,
            ..Subject::default()
        };
        let kinds = [
            kind("staff", Some(true)),
            kind("retired", Some(false)),
            kind("family", None),
        ];
        let told = [
            ("staff", 3),
            ("retired (for her mother)", 2),
            ("family", 1),
            ("someone", 1),
        ];
        let told = told.map(|(name, number)| (name.to_owned(), number));
        let pairs = work(&words, &kinds, &told, &[]);
        let told: Vec<_> = pairs.iter().map(|pair| (pair.name.as_str(), pair.now)).collect();
        assert_eq!(told, [("at work", 3), ("not said", 2), ("without", 2)]);
    }
}
