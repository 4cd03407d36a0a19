//! The entries of one element, each with what it rests on.

use sidetone_language::Phrases;
use sidetone_schema::{Check, Element, ElementMethod, Party};

use super::entry;
use super::record::Said;

/// Entries of one element.
const MOST: usize = 12;
/// What an entry is believed that serves nothing that the caller asked.
const UNASKED: f32 = 0.7;

/// One entry.
#[derive(Debug)]
pub(super) struct Entry {
    text: String,
    heard: Vec<String>,
    understood: &'static str,
    serves: Option<String>,
    confidence: f32,
    who: Option<Party>,
    due: Option<String>,
}

/// Entries in the order in which they were said.
#[derive(Debug, Default)]
pub(super) struct Found {
    entries: Vec<Entry>,
    method: Option<ElementMethod>,
}

impl Found {
    /// What was said, worded as `text`, and who does it. What is said already is not written again; what says it better takes its place.
    pub(super) fn add(&mut self, text: String, said: &Said, who: Option<Party>) {
        if text.is_empty() {
            return;
        }
        let entry = Entry {
            due: who.and_then(|_| entry::due(&text)),
            who,
            heard: vec![said.segment.clone()],
            understood: said.statement.act.as_str(),
            serves: said.serves.clone(),
            confidence: said.statement.share * if said.serves.is_some() { 1.0 } else { UNASKED },
            text,
        };
        self.put(entry, ElementMethod::Heard);
    }

    /// A policy whose rule was stated.
    pub(super) fn add_policy(&mut self, text: String, said: &Said, likeness: f32) {
        let entry = Entry {
            text,
            heard: vec![said.segment.clone()],
            understood: said.statement.act.as_str(),
            serves: said.serves.clone(),
            confidence: likeness,
            who: None,
            due: None,
        };
        self.put(entry, ElementMethod::Knowledge);
    }

    fn put(&mut self, new: Entry, method: ElementMethod) {
        self.method = Some(method);
        let same = |known: &Entry| entry::says(&known.text, &new.text) || entry::says(&new.text, &known.text);
        let of_turn =
            |known: &Entry| method == ElementMethod::Heard && known.heard == new.heard && known.who == new.who;
        if let Some(known) = self.entries.iter_mut().find(|known| of_turn(known) && !same(known)) {
            entry::join(&mut known.text, &new.text);
            known.due = known.due.take().or(new.due);
            known.confidence = known.confidence.max(new.confidence);
        } else if let Some(known) = self.entries.iter_mut().find(|known| same(known)) {
            if new.text.chars().count() > known.text.chars().count() {
                known.text = new.text;
            }
            known.confidence = known.confidence.max(new.confidence);
            for segment in new.heard {
                if !known.heard.contains(&segment) {
                    known.heard.push(segment);
                }
            }
        } else if self.entries.len() < MOST {
            self.entries.push(new);
        }
    }

    /// As the wire has it; what is empty says so.
    pub(super) fn element(&self, phrases: &Phrases) -> Element<Vec<String>> {
        let Some(method) = self.method.filter(|_| !self.entries.is_empty()) else {
            return Element {
                value: vec![phrases.wrapup.none.clone()],
                evidence: Vec::new(),
                confidence: 0.6,
                method: ElementMethod::Default,
            };
        };
        let mut evidence: Vec<String> = Vec::new();
        for segment in self.entries.iter().flat_map(|entry| &entry.heard) {
            if !evidence.contains(segment) {
                evidence.push(segment.clone());
            }
        }
        let sum: f32 = self.entries.iter().map(|entry| entry.confidence).sum();
        Element {
            value: self.entries.iter().map(|entry| entry.text.clone()).collect(),
            evidence,
            confidence: sum / self.entries.len() as f32,
            method,
        }
    }

    /// What each entry was heard as, understood as, and serves.
    pub(super) fn checks(&self, element: &str) -> Vec<Option<Check>> {
        let check = |(at, entry): (usize, &Entry)| {
            Some(Check {
                element: element.to_owned(),
                entry: at as u32,
                heard: entry.heard.clone(),
                understood: entry.understood.to_owned(),
                serves: entry.serves.clone(),
                agrees: entry.serves.is_some() && entry.confidence >= super::SURE,
                confidence: entry.confidence,
                who: entry.who,
                due: entry.due.clone(),
            })
        };
        self.entries.iter().enumerate().map(check).collect()
    }
}
