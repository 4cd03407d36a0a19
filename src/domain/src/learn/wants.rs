//! What a caller's turn wants to see beside an answer, and in what manner it is said: learned from the language's labelled turns
//! (`knowledge/zh/wants.toml`). The pack's own turns stand for ordinary ones, and the names of its topics are one word to the views, so that
//! the line's words tell nothing of either.

use sidetone_knowledge::{Knowledge, TopicInfo};
use sidetone_language::{Manner, View, zh};

use super::table::{Line, Table, written};
use super::text::Vocabulary;
use crate::example::Example;

/// What a turn of the pack counts whose author did not say what it wants, and one that wants nothing at all, beside one that wants a
/// view: most are ordinary, and some want another view, too.
const PACK: f32 = 0.25;
/// Of the pack's turns that ask, as ordinary questions: about twice as many as there are labelled turns of a view.
const ORDINARY: usize = 100;
/// Of the questions that the pack's nodes answer, as a form has them: short and plain.
const PLAIN: usize = 300;
/// Of the pack's turns that ask nothing: most of a call are such.
const SILENT: usize = 120;
/// Less likely than this, a turn wants an answer. Words to say may stand alone on the screen; any other view stands beside an answer that
/// is shown anyway.
const SURE_VIEW: f32 = 0.4;
const SURE_SCRIPT: f32 = 0.5;
/// From here on, who wants a view asks for sure.
const SURE_ASKS: f32 = 0.5;

/// Stands for a topic, whichever it is.
const TOPIC: &str = "t";

/// What a turn wants to see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Beside an answer, or in its place.
    pub view: View,
    /// Of one that wants words to say, in what manner it is said.
    pub manner: Manner,
    /// Whether it is sure enough that the turn asks, however little else of it looks like a question.
    pub asks: bool,
}

/// What is learned of callers' turns.
#[derive(Debug)]
pub struct Wants {
    vocabulary: Vocabulary,
    topics: Topics,
    views: Table<View>,
    /// Of who wants words to say.
    manners: Table<Manner>,
}

impl Wants {
    /// From the language's turns and from a pack's.
    pub(crate) fn learn(knowledge: &Knowledge, examples: &[Example]) -> Self {
        let topics = Topics::of(knowledge.topics());
        let mut views = views(examples);
        let asked: Vec<&String> = knowledge.nodes().iter().flat_map(|node| &node.asked_as).collect();
        views.extend(some(&asked, PLAIN).map(|text| (View::Answer, (*text).clone(), 1.0)));
        views.iter_mut().for_each(|(_, text, _)| *text = topics.without(text));
        let manners = manners(examples);
        let texts = views
            .iter()
            .map(|line| &line.1)
            .chain(manners.iter().map(|line| &line.1));
        let vocabulary = Vocabulary::of(texts.map(String::as_str));
        Self {
            views: Table::learn(&vocabulary, &views),
            manners: Table::learn(&vocabulary, &manners),
            vocabulary,
            topics,
        }
    }

    /// What a turn wants.
    #[must_use]
    pub fn read(&self, text: &str) -> Wanted {
        let shares = self.views.read(&self.vocabulary.bag(&self.topics.without(text)));
        let sure = |view: View| match view {
            View::Script => SURE_SCRIPT,
            _ => SURE_VIEW,
        };
        let mut wanted = shares.iter().filter(|(view, _)| *view != View::Answer);
        let wanted = wanted.find(|(view, share)| *share >= sure(*view));
        // Nothing but an answer has no share.
        let (view, share) = wanted.copied().unwrap_or_default();
        let manner = match view {
            View::Script => self
                .manners
                .read(&self.vocabulary.bag(text))
                .first()
                .map_or(Manner::Plain, |(manner, _)| *manner),
            _ => Manner::Plain,
        };
        Wanted {
            view,
            manner,
            asks: share >= SURE_ASKS,
        }
    }
}

/// What callers call a pack's topics, the longest first.
#[derive(Debug)]
struct Topics(Vec<String>);

impl Topics {
    fn of(topics: &[TopicInfo]) -> Self {
        let named = topics.iter().flat_map(|topic| topic.terms.iter().chain([&topic.name]));
        let mut names: Vec<String> = named.filter(|name| !name.is_empty()).cloned().collect();
        names.sort_by_key(|name| std::cmp::Reverse(name.len()));
        names.dedup();
        Self(names)
    }

    /// The text with one word for every topic.
    fn without(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for name in &self.0 {
            if text.contains(name.as_str()) {
                text = text.replace(name.as_str(), TOPIC);
            }
        }
        text
    }
}

/// Turns by what they want: those whose author says so, those that are said in a manner, and some of the rest as ordinary.
fn views(examples: &[Example]) -> Vec<Line<View>> {
    let mut lines = written(&zh().wants.views);
    let of_manner = |(manner, text, weight)| match manner {
        Manner::Plain => (View::Answer, text, weight),
        _ => (View::Script, text, weight),
    };
    lines.extend(written(&zh().wants.manners).into_iter().map(of_manner));
    lines.extend(examples.iter().filter_map(|example| {
        let weight = if example.node.is_some() { 1.0 } else { PACK };
        Some((example.want?, example.text.clone(), weight))
    }));
    // Who thanks, agrees or tells their story is as plain as who asks.
    let rest = examples.iter().filter(|example| example.want.is_none());
    let (asking, silent): (Vec<_>, Vec<_>) = rest.partition(|example| example.node.is_some());
    let ordinary = some(&asking, ORDINARY).chain(some(&silent, SILENT));
    lines.extend(ordinary.map(|example| (View::Answer, example.text.clone(), PACK)));
    lines
}

/// Turns that want words to say, by their manner.
fn manners(examples: &[Example]) -> Vec<Line<Manner>> {
    let mut lines = written(&zh().wants.manners);
    lines.retain(|(manner, ..)| *manner != Manner::Plain);
    let told = examples
        .iter()
        .filter_map(|example| Some((example.manner?, example.text.clone(), 1.0)));
    lines.extend(told);
    lines
}

/// So many of them, taken evenly.
fn some<T>(of: &[T], most: usize) -> impl Iterator<Item = &T> {
    of.iter().step_by((of.len() / most).max(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learn::table::left_out;

    #[test]
    fn most_turns_are_read_by_what_others_teach() {
        let (views, manners) = (
            left_out(&written(&zh().wants.views)),
            left_out(&written(&zh().wants.manners)),
        );
        assert!(views >= 0.7 && manners >= 0.45, "{views} {manners}");
    }
}
