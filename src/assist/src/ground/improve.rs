//! Puts accepted sentences in the place of the entries that they word anew.

use std::collections::BTreeMap;

use sidetone_schema::{Element, ElementMethod, Wrapup};

use super::{Accepted, Sentence, SourceKind, Sources};

/// Segments that prove one element.
const EVIDENCE: usize = 32;

/// `wrapup` with what was accepted.
pub(super) fn merged(wrapup: &Wrapup, accepted: &Accepted, sources: &Sources) -> Wrapup {
    let mut wrapup = wrapup.clone();
    put(&mut wrapup.elements.advice, &accepted.advice, sources);
    put(&mut wrapup.elements.todos, &accepted.todos, sources);
    if !accepted.summary.is_empty() {
        wrapup.summary = accepted.summary.iter().map(|sentence| sentence.text.as_str()).collect();
    }
    wrapup
}

/// Evidence grows by the turns that are cited, and by nothing else.
fn put(element: &mut Element<Vec<String>>, accepted: &BTreeMap<usize, Sentence>, sources: &Sources) {
    for (at, sentence) in accepted {
        let Some(entry) = element.value.get_mut(*at) else {
            continue;
        };
        if *entry == sentence.text {
            continue;
        }
        entry.clone_from(&sentence.text);
        element.method = ElementMethod::Engine;
        for source in sentence.cites.iter().filter_map(|number| sources.get(*number)) {
            if let SourceKind::Turn { segment, .. } = &source.kind
                && element.evidence.len() < EVIDENCE
                && !element.evidence.contains(segment)
            {
                element.evidence.push(segment.clone());
            }
        }
    }
}
