//! What of what was said a record keeps, learned from calls whose authors wrote one (`knowledge/zh/kept.toml`).
//!
//! A sentence is judged by its words, where in its turn it stands, and how like it is to entries that others
//! wrote of such calls. Those entries are examples themselves.

mod align;
mod entries;

use std::sync::LazyLock;

use sidetone_language::{Recorded, zh};
use sidetone_speech::text::TextPipeline;

use self::align::Pairs;
use self::entries::Entries;
use super::heads::input;
use super::logit::{Logit, Row};
use super::text::{Bag, Vocabulary};
use crate::example::Speaker;

/// Advice, to-dos, risks.
const LISTS: usize = 3;
const ADVICE: usize = 0;
/// A sentence of fewer pairs of characters is in no record.
const SHORTEST: usize = 4;
/// What a place in the turn, and likeness to an entry, count beside the words.
const PLACE: f32 = 0.5;
const LIKE: f32 = 3.0;
/// Pairs of a long sentence, and sentences of a long turn, are counted up to this, in parts of the second.
const LONGEST: (usize, f32) = (60, 30.0);
const SENTENCES: f32 = 4.0;
/// What stands behind the runs of a text: its place, then its likeness to each list.
const PLACES: usize = 4;
const BEHIND: usize = PLACES + 2 * LISTS;

/// Features and what they count.
type Input = Vec<(u32, f32)>;

/// What somebody said before the other spoke.
#[derive(Clone, Debug, PartialEq)]
pub struct Turn<'t> {
    /// Who.
    pub speaker: Speaker,
    /// In order.
    pub sentences: Vec<&'t str>,
}

/// How likely a record holds a sentence, 0 to 1.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Worth {
    /// As advice.
    pub advice: f32,
    /// As what somebody is to do.
    pub todo: f32,
    /// As what may go wrong.
    pub risk: f32,
}

/// What is learned of both speakers' sentences.
#[derive(Debug)]
pub struct Kept {
    vocabulary: Vocabulary,
    entries: Entries,
    agent: [Logit; LISTS],
    caller: [Logit; LISTS],
}

/// A call as finals have it, numbers as digits.
#[derive(Debug)]
struct Written {
    author: usize,
    topics: Vec<String>,
    lists: [Vec<String>; LISTS],
    turns: Vec<(Speaker, Vec<String>)>,
}

/// A sentence to learn from: who says it, its features, and the lists that hold it.
type Lesson = (Speaker, Input, [bool; LISTS]);

impl Kept {
    /// The language's, learned once when it is first needed.
    #[must_use]
    pub fn learned() -> &'static Self {
        static KEPT: LazyLock<Kept> = LazyLock::new(|| Kept::of(&written(&zh().kept.call)));
        &KEPT
    }

    fn of(calls: &[Written]) -> Self {
        let vocabulary = Vocabulary::of(calls.iter().flat_map(Written::texts));
        let entries = Entries::of(&vocabulary, calls);
        let mut kept = Self {
            vocabulary,
            entries,
            agent: Default::default(),
            caller: Default::default(),
        };
        let lessons: Vec<Lesson> = calls.iter().flat_map(|call| kept.lessons(call)).collect();
        kept.agent = kept.learn(&lessons, Speaker::Agent);
        kept.caller = kept.learn(&lessons, Speaker::Caller);
        kept
    }

    /// What each sentence of a call on `topics` is worth.
    #[must_use]
    pub fn read(&self, topics: &[&str], turns: &[Turn<'_>]) -> Vec<Vec<Worth>> {
        let inputs = self.inputs(topics, turns, None);
        let worth = |speaker: Speaker, input: &Option<Input>| {
            let Some(input) = input else { return Worth::default() };
            let [advice, todo, risk] = match speaker {
                Speaker::Agent => self.agent.each_ref().map(|logit| logit.share(input)),
                Speaker::Caller => self.caller.each_ref().map(|logit| logit.share(input)),
            };
            let advice = if speaker == Speaker::Agent { advice } else { 0.0 };
            Worth { advice, todo, risk }
        };
        let of_turn = |(turn, inputs): (&Turn<'_>, &Vec<Option<Input>>)| -> Vec<Worth> {
            inputs.iter().map(|input| worth(turn.speaker, input)).collect()
        };
        turns.iter().zip(&inputs).map(of_turn).collect()
    }

    fn lessons(&self, call: &Written) -> Vec<Lesson> {
        let topics: Vec<&str> = call.topics.iter().map(String::as_str).collect();
        let turns = call.turns();
        let keys = call.lists.each_ref().map(|texts| {
            let keys = texts.iter().map(|text| Pairs::of(text));
            keys.collect::<Vec<_>>()
        });
        let mut lessons = Vec::new();
        for (turn, inputs) in turns.iter().zip(self.inputs(&topics, &turns, Some(call.author))) {
            for (sentence, input) in turn.sentences.iter().zip(inputs) {
                let said = Pairs::of(sentence);
                let held = keys.each_ref().map(|keys| keys.iter().any(|key| key.says(&said)));
                lessons.extend(input.map(|input| (turn.speaker, input, held)));
            }
        }
        lessons
    }

    /// For each list; its entries are examples that stand where the sentences stand which it holds.
    fn learn(&self, lessons: &[Lesson], speaker: Speaker) -> [Logit; LISTS] {
        let first = self.vocabulary.len() as u32;
        let own = || lessons.iter().filter(|(who, ..)| *who == speaker);
        std::array::from_fn(|list| {
            // A caller advises nobody.
            if (speaker, list) == (Speaker::Caller, ADVICE) {
                return Logit::default();
            }
            let mut mean = [0.0_f32; BEHIND];
            let held = own().filter(|(.., held)| held[list]);
            let count = held.clone().count().max(1) as f32;
            let behind = held.flat_map(|(_, input, _)| input.iter().filter(|(at, _)| *at >= first));
            behind.for_each(|(at, value)| mean[(at - first) as usize] += value / count);
            let as_said = |bag: &Bag| {
                let mut input = input(&self.vocabulary, bag, false);
                input.extend(mean.iter().enumerate().map(|(at, value)| (first + at as u32, *value)));
                input
            };
            let written: Vec<Input> = self.entries.of_list(list).map(as_said).collect();
            let said = own().map(|(_, input, held)| (input.as_slice(), held[list], 1.0));
            let rows = said.chain(written.iter().map(|input| (input.as_slice(), true, 1.0)));
            Logit::learn(first as usize + BEHIND, &rows.collect::<Vec<Row<'_>>>())
        })
    }

    /// Of each sentence of each turn; none of what is too short.
    fn inputs(&self, topics: &[&str], turns: &[Turn<'_>], author: Option<usize>) -> Vec<Vec<Option<Input>>> {
        let first = self.vocabulary.len() as u32;
        let of_turn = |turn: &Turn<'_>| {
            let last = turn.sentences.len().saturating_sub(1);
            let of_sentence = |(at, sentence): (usize, &&str)| {
                let length = Pairs::of(sentence).len();
                let bag = self.vocabulary.bag(sentence);
                let mut input = input(&self.vocabulary, &bag, false);
                let places: [f32; PLACES] = [
                    length.min(LONGEST.0) as f32 / LONGEST.1,
                    f32::from(u8::from(at == 0)),
                    f32::from(u8::from(at == last)),
                    (last + 1) as f32 / SENTENCES,
                ];
                let like = self.entries.likeness(&bag, topics, author).into_iter();
                let like = like.flat_map(|(best, mean)| [best, mean]).map(|like| like * LIKE);
                let behind = places.into_iter().map(|place| place * PLACE).chain(like);
                input.extend(behind.enumerate().map(|(at, value)| (first + at as u32, value)));
                (length >= SHORTEST).then_some(input)
            };
            turn.sentences.iter().enumerate().map(of_sentence).collect()
        };
        turns.iter().map(of_turn).collect()
    }
}

impl Written {
    fn texts(&self) -> impl Iterator<Item = &str> {
        let said = self.turns.iter().flat_map(|(_, sentences)| sentences);
        said.chain(self.lists.iter().flatten()).map(String::as_str)
    }

    fn turns(&self) -> Vec<Turn<'_>> {
        let turns = self.turns.iter().map(|(speaker, sentences)| Turn {
            speaker: *speaker,
            sentences: sentences.iter().map(String::as_str).collect(),
        });
        turns.collect()
    }
}

fn written(calls: &[Recorded]) -> Vec<Written> {
    let pipeline = TextPipeline::default();
    let marks = &zh().marks.sentence;
    let mut authors: Vec<&str> = calls.iter().map(|call| call.author.as_str()).collect();
    authors.sort_unstable();
    authors.dedup();
    let finished = |text: &str| pipeline.finish(text);
    let sentences = |text: &str| -> Vec<String> {
        let text = finished(text);
        let sentences = text.split(|c| marks.contains(&c)).map(str::trim);
        sentences
            .filter(|sentence| !sentence.is_empty())
            .map(str::to_owned)
            .collect()
    };
    let one = |call: &Recorded| Written {
        author: authors.binary_search(&call.author.as_str()).unwrap_or(authors.len()),
        topics: call.topics.clone(),
        lists: [&call.advice, &call.todos, &call.risks].map(|lines| lines.iter().map(finished).collect()),
        turns: call
            .said
            .iter()
            .map(|(agent, text)| (if agent { Speaker::Agent } else { Speaker::Caller }, sentences(text)))
            .collect(),
    };
    calls.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The mean precision at each sentence that a list of its call's record holds, likeliest first.
    fn precision(said: &mut [(f32, bool)]) -> f32 {
        said.sort_by(|a, b| b.0.total_cmp(&a.0));
        let (mut held, mut sum) = (0, 0.0);
        for (at, (_, is_held)) in said.iter().enumerate() {
            held += i32::from(*is_held);
            sum += if *is_held { held as f32 / (at + 1) as f32 } else { 0.0 };
        }
        sum / held.max(1) as f32
    }

    #[test]
    fn what_authors_keep_is_known_by_what_others_teach() {
        const PARTS: usize = 3;
        let mut said = [const { Vec::new() }; LISTS];
        for part in 0..PARTS {
            let (asked, taught): (Vec<Written>, Vec<Written>) = written(&zh().kept.call)
                .into_iter()
                .partition(|call| call.author % PARTS == part);
            let kept = Kept::of(&taught);
            for call in asked {
                let topics: Vec<&str> = call.topics.iter().map(String::as_str).collect();
                let turns = call.turns();
                let worth = kept.read(&topics, &turns);
                for (turn, worths) in turns.iter().zip(worth) {
                    for (sentence, worth) in turn.sentences.iter().zip(worths) {
                        let pairs = Pairs::of(sentence);
                        if turn.speaker == Speaker::Caller || pairs.len() < SHORTEST {
                            continue;
                        }
                        for (list, share) in [worth.advice, worth.todo, worth.risk].into_iter().enumerate() {
                            let held = call.lists[list].iter().any(|text| Pairs::of(text).says(&pairs));
                            said[list].push((share, held));
                        }
                    }
                }
            }
        }
        let [advice, todos, risks] = said.each_mut().map(|said| precision(said));
        assert!(
            advice >= 0.42 && todos >= 0.32 && risks >= 0.1,
            "{advice} {todos} {risks}"
        );
    }
}
