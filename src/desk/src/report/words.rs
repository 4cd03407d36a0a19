//! Which terms of the line callers say.

use std::collections::{BTreeMap, BTreeSet};

use sidetone_knowledge::Knowledge;

/// Terms with the number of calls in which the caller said them.
pub(super) fn calls(base: &Knowledge, texts: &[(String, String)]) -> Vec<(String, i64)> {
    let mut said: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (call, text) in texts {
        for hit in base.spot(text) {
            said.entry(hit.term).or_default().insert(call);
        }
    }
    said.into_iter()
        .map(|(term, calls)| (term.to_owned(), calls.len() as i64))
        .collect()
}
