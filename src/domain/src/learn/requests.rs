//! What a caller calls for, learned from whole calls (`knowledge/zh/kept.toml`).

use std::sync::LazyLock;

use sidetone_language::{Recorded, Request, zh};
use sidetone_speech::text::TextPipeline;

use super::table::{Line, Table};
use super::text::Vocabulary;

/// What is learned of all that callers say.
#[derive(Debug)]
pub struct Requests {
    vocabulary: Vocabulary,
    table: Table<Request>,
}

impl Requests {
    /// The language's, learned once when it is first needed.
    #[must_use]
    pub fn learned() -> &'static Self {
        static REQUESTS: LazyLock<Requests> = LazyLock::new(|| Requests::of(zh().kept.call.iter()));
        &REQUESTS
    }

    fn of<'c>(calls: impl Iterator<Item = &'c Recorded>) -> Self {
        let lines: Vec<Line<Request>> = calls.map(|call| (call.request, said(call), 1.0)).collect();
        let vocabulary = Vocabulary::of(lines.iter().map(|(_, text, _)| text.as_str()));
        Self {
            table: Table::learn(&vocabulary, &lines),
            vocabulary,
        }
    }

    /// How likely each is by all that a caller said, likeliest first.
    #[must_use]
    pub fn read(&self, said: &str) -> Vec<(Request, f32)> {
        self.table.read(&self.vocabulary.bag(said))
    }
}

/// What the caller says in a call, as finals have it.
fn said(call: &Recorded) -> String {
    let pipeline = TextPipeline::default();
    let turns = call.said.iter().filter(|(agent, _)| !agent);
    turns.map(|(_, text)| pipeline.finish(text)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn most_calls_are_known_by_what_other_authors_teach() {
        let calls = &zh().kept.call;
        let mut authors: Vec<&str> = calls.iter().map(|call| call.author.as_str()).collect();
        authors.dedup();
        let mut right = 0;
        for author in authors {
            let (asked, taught): (Vec<&Recorded>, Vec<&Recorded>) =
                calls.iter().partition(|call| call.author == author);
            let requests = Requests::of(taught.into_iter());
            let is_right = |call: &&&Recorded| requests.read(&said(call))[0].0 == call.request;
            right += asked.iter().filter(is_right).count();
        }
        let share = right as f32 / calls.len() as f32;
        assert!(share >= 0.7, "{share}");
    }
}
