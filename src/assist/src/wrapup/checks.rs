//! The threefold check of single values: what was heard, what it was understood as, which intent it serves.

use sidetone_schema::{Check, Element, ElementMethod};

use super::SURE;
use super::record::Record;

impl Record {
    /// None where the value is a default.
    pub(super) fn check_of<T>(&self, name: &str, element: &Element<T>) -> Option<Check> {
        let understood = match element.method {
            // No agent has seen it yet.
            ElementMethod::Default | ElementMethod::Agent => return None,
            ElementMethod::Heard => "heard",
            ElementMethod::Knowledge => "knowledge",
            ElementMethod::Rule | ElementMethod::Engine => "rule",
        };
        let first = self.topics.first();
        let serves = first.map(|topic| format!("{}/{}", topic.topic, topic.intent().as_str()));
        Some(Check {
            element: name.to_owned(),
            entry: 0,
            heard: element.evidence.clone(),
            understood: understood.to_owned(),
            agrees: serves.is_some() && !element.evidence.is_empty() && element.confidence >= SURE,
            serves,
            confidence: element.confidence,
            who: None,
            due: None,
        })
    }
}
