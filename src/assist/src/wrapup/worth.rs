//! What each statement is worth to the record, once all of the call is known.

use sidetone_domain::{Kept, Turn, Worth};

use super::record::{Record, Said};
use super::statement::speaker;

/// A statement, and what its sentence is worth.
#[derive(Clone, Copy, Debug)]
pub(super) struct Weighed<'r> {
    pub(super) said: &'r Said,
    pub(super) worth: Worth,
}

impl Record {
    /// In the order in which they were said.
    pub(super) fn weighed(&self) -> Vec<Weighed<'_>> {
        let mut turns: Vec<Turn<'_>> = Vec::new();
        let mut segment = None;
        let mut places = Vec::new();
        for said in &self.said {
            if segment != Some(said.segment.as_str()) {
                segment = Some(said.segment.as_str());
                turns.push(Turn {
                    speaker: speaker(said.role),
                    sentences: Vec::new(),
                });
            }
            let at = turns.len() - 1;
            let sentences = &mut turns[at].sentences;
            if sentences.last() != Some(&said.statement.sentence.as_str()) {
                sentences.push(&said.statement.sentence);
            }
            places.push((at, sentences.len() - 1));
        }
        let topics: Vec<&str> = self.topics.iter().map(|topic| topic.topic.as_str()).collect();
        let worths = Kept::learned().read(&topics, &turns);
        let weighed = |(said, (turn, sentence)): (_, (usize, usize))| Weighed {
            said,
            worth: worths[turn][sentence],
        };
        self.said.iter().zip(places).map(weighed).collect()
    }
}
