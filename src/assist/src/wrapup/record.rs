//! What a call leaves in memory. Bounded: a call of any length keeps the first of each.

use std::collections::VecDeque;

use sidetone_base::Role;
use sidetone_schema::{Element, ElementMethod, Satisfaction};

use super::{ReadAs, cues, praise};
use crate::understand::text::{clauses, fold};
use crate::understand::{Intent, Mood, Pair, Understanding, Value, mood_of, pairs};

/// Topics of one call; more than any base has. Later ones are kept together as [`OTHERS`].
const TOPICS: usize = 64;
/// Id of what found no room.
const OTHERS: &str = "other";
/// Segments that prove one thing.
const EVIDENCE: usize = 32;
/// Nodes of one topic.
const NODES: usize = 6;
/// Texts of one topic, questions and hints.
const TEXTS: usize = 24;
/// Of a clause's character pairs, how many stand in a text that it speaks of.
const SAYS: f32 = 0.5;
/// A clause of fewer pairs says nothing by itself.
const FEWEST: usize = 4;

/// One topic that the caller asked about.
#[derive(Debug)]
pub(crate) struct TopicRecord {
    pub(crate) topic: String,
    pub(crate) name: String,
    intents: Vec<(Intent, u32)>,
    /// The caller's segments.
    pub(crate) evidence: Vec<String>,
    /// The agent's segments that answer.
    pub(crate) told: Vec<String>,
    /// The agent's words in them.
    pub(crate) words: Vec<String>,
    pub(crate) nodes: Vec<(String, ReadAs)>,
    /// What the caller asks and what the matched nodes say, newest last.
    words_of_it: VecDeque<Vec<Pair>>,
    pub(crate) answered: bool,
}

impl TopicRecord {
    fn hold(&mut self, words: Vec<Pair>) {
        if self.words_of_it.len() == TEXTS {
            self.words_of_it.pop_front();
        }
        self.words_of_it.push_back(words);
    }

    /// What was wanted most; of equals, first.
    pub(crate) fn intent(&self) -> Intent {
        let most = self.intents.iter().map(|(_, count)| *count).max().unwrap_or(0);
        self.intents
            .iter()
            .find(|(_, count)| *count == most)
            .map_or(Intent::Other, |(intent, _)| *intent)
    }
}

/// A cue and where it was heard.
type Heard = (String, String);

/// One call's memory.
#[derive(Debug, Default)]
pub(crate) struct Record {
    pub(crate) topics: Vec<TopicRecord>,
    pub(crate) promised: Vec<Heard>,
    subject: Option<(usize, String)>,
    complaint: Vec<String>,
    handling: Vec<String>,
    status_asks: u32,
    asks: u32,
    /// Of the caller's turns: how pleased, and where.
    mood: Vec<(i32, String)>,
    caller_turns: u32,
}

impl Record {
    pub(crate) fn hear(&mut self, turn: &Understanding) {
        match turn.role {
            Role::Caller => self.hear_caller(turn),
            Role::Agent => self.hear_agent(turn),
        }
    }

    fn hear_caller(&mut self, turn: &Understanding) {
        self.caller_turns += 1;
        let segment = turn.segment.as_str().to_owned();
        for topic in &turn.retracted {
            self.forget(topic);
        }
        if has(&turn.text, cues::UNSERVED)
            && let Some(last) = self.topics.last_mut()
        {
            last.answered = false;
        }
        for ask in turn.asks.iter().filter(|ask| !ask.supplies) {
            self.asks += 1;
            self.status_asks += u32::from(ask.intent() == Intent::Status);
            let Some(record) = self.topic(&ask.topic, &ask.topic_name) else {
                continue;
            };
            match record.intents.iter_mut().find(|(intent, _)| *intent == ask.intent()) {
                Some((_, count)) => *count += 1,
                None => record.intents.push((ask.intent(), 1)),
            }
            record.answered = false;
            record.hold(pairs(&fold(&turn.text)));
            keep(&mut record.evidence, &segment);
        }
        self.hear_subject(turn, &segment);
        if has(&turn.text, cues::COMPLAINS) {
            keep(&mut self.complaint, &segment);
        }
        if has(&turn.text, cues::HANDLES) {
            keep(&mut self.handling, &segment);
        }
        let pleased = praise::pleased(&turn.text);
        if pleased != 0 && self.mood.len() < EVIDENCE {
            self.mood.push((pleased, segment));
        }
    }

    /// The first cue of a call weighs most: later ones are often about others.
    fn hear_subject(&mut self, turn: &Understanding, segment: &str) {
        let found = cues::SUBJECTS.iter().position(|(_, words)| has(&turn.text, words));
        let sure = cues::SUBJECTS.len() - 1;
        match (found, &self.subject) {
            (Some(ix), None) => self.subject = Some((ix, segment.to_owned())),
            (Some(ix), Some((known, _))) if *known == sure && ix < sure && self.asks <= 1 => {
                self.subject = Some((ix, segment.to_owned()));
            }
            _ => {}
        }
    }

    fn hear_agent(&mut self, turn: &Understanding) {
        let segment = turn.segment.as_str().to_owned();
        if has(&turn.text, cues::PROMISES) && self.promised.len() < EVIDENCE {
            let clause = turn
                .text
                .split('，')
                .find(|clause| has(clause, cues::PROMISES))
                .unwrap_or(&turn.text);
            self.promised.push((segment.clone(), clause.to_owned()));
        }
        let long = turn.text.chars().count() >= 8;
        let stalls = has(&turn.text, cues::STALLS) && turn.text.chars().count() < 22;
        if turn.mood == Mood::Phatic || turn.mood == Mood::Question && !turn.text.contains('，') || !long || stalls {
            return;
        }
        let deferred = has(&turn.text, cues::DEFERS);
        let about = self.spoken_of(turn);
        // Words that name nothing go with what was asked last; that they answer it is not known.
        let last = self.topics.iter().rposition(|record| !record.answered);
        for (at, record) in self.topics.iter_mut().enumerate() {
            let spoken = about.contains(&at);
            if record.answered || !spoken && (last != Some(at) || !about.is_empty()) {
                continue;
            }
            record.answered = spoken && !deferred;
            keep(&mut record.told, &segment);
            keep(&mut record.words, &turn.text);
        }
    }

    /// The topics that an agent's words are about: a clause that asks nothing names one of their terms, or says
    /// again what the caller asked or what a hint says.
    fn spoken_of(&self, turn: &Understanding) -> Vec<usize> {
        let text: Vec<char> = turn.text.chars().collect();
        let mut about = Vec::new();
        for range in clauses(&text) {
            if matches!(
                mood_of(&text[range.clone()]),
                Mood::Question | Mood::Confirm | Mood::Phatic
            ) {
                continue;
            }
            let words = pairs(&text[range.clone()]);
            for (at, record) in self.topics.iter().enumerate() {
                let named = turn.entities.iter().any(|found| {
                    range.contains(&found.range.start)
                        && matches!(&found.value, Value::Term(topic) if *topic == record.topic)
                });
                if !about.contains(&at) && (named || record.words_of_it.iter().any(|known| says(&words, known))) {
                    about.push(at);
                }
            }
        }
        about
    }

    /// The nodes that answered an ask, and what its hints say.
    pub(crate) fn matched<'a>(
        &mut self,
        topic: &str,
        nodes: &[String],
        read_as: ReadAs,
        bodies: impl Iterator<Item = &'a str>,
    ) {
        let Some(record) = self.topics.iter_mut().find(|record| record.topic == topic) else {
            return;
        };
        for body in bodies {
            record.hold(pairs(&fold(body)));
        }
        if let Some(best) = nodes.first()
            && record.nodes.len() < NODES
            && !record.nodes.iter().any(|(known, _)| known == best)
        {
            record.nodes.push((best.clone(), read_as));
        }
    }

    fn topic(&mut self, topic: &str, name: &str) -> Option<&mut TopicRecord> {
        let of = |id: &str| self.topics.iter().position(|record| record.topic == id);
        let full = self.topics.len() >= TOPICS;
        let (topic, name) = match full && of(topic).is_none() {
            true => (OTHERS, Intent::Other.label()),
            false => (topic, name),
        };
        let at = match of(topic) {
            Some(at) => at,
            None => {
                self.topics.push(TopicRecord {
                    topic: topic.to_owned(),
                    name: name.to_owned(),
                    intents: Vec::new(),
                    evidence: Vec::new(),
                    told: Vec::new(),
                    words: Vec::new(),
                    nodes: Vec::new(),
                    words_of_it: VecDeque::new(),
                    answered: false,
                });
                self.topics.len() - 1
            }
        };
        self.topics.get_mut(at)
    }

    /// A topic that the caller took back and that rests on one turn only was never meant.
    fn forget(&mut self, topic: &str) {
        self.topics
            .retain(|record| record.topic != topic || record.evidence.len() > 1);
    }

    pub(super) fn subject(&self) -> Element<String> {
        let cue = self
            .subject
            .as_ref()
            .and_then(|(ix, at)| cues::SUBJECTS.get(*ix).map(|(name, _)| (name, at)));
        match cue {
            Some((name, at)) => element((*name).to_owned(), std::slice::from_ref(at), 0.8, ElementMethod::Heard),
            None => element("个人".to_owned(), &[], 0.5, ElementMethod::Default),
        }
    }

    pub(super) fn request_type(&self) -> Element<String> {
        let complains = self
            .topics
            .iter()
            .filter(|topic| topic.intent() == Intent::Complaint)
            .count();
        if !self.complaint.is_empty() {
            return element("投诉".to_owned(), &self.complaint, 0.85, ElementMethod::Heard);
        }
        if complains * 2 > self.topics.len() {
            return element("投诉".to_owned(), &self.evidence(), 0.65, ElementMethod::Rule);
        }
        if !self.handling.is_empty() {
            return element("办理".to_owned(), &self.handling, 0.75, ElementMethod::Heard);
        }
        if self.status_asks * 2 > self.asks {
            return element("查询".to_owned(), &self.evidence(), 0.7, ElementMethod::Rule);
        }
        match self.asks {
            0 => element("咨询".to_owned(), &[], 0.4, ElementMethod::Default),
            _ => element("咨询".to_owned(), &self.evidence(), 0.8, ElementMethod::Rule),
        }
    }

    fn evidence(&self) -> Vec<String> {
        let mut all = Vec::new();
        for segment in self.topics.iter().flat_map(|topic| &topic.evidence) {
            keep(&mut all, segment);
        }
        all
    }

    /// Anger outweighs thanks; the last words weigh most.
    pub(super) fn satisfaction(&self) -> Element<Satisfaction> {
        let last = self.mood.last().map_or(0, |(mood, _)| *mood);
        let sum: i32 = self.mood.iter().map(|(mood, _)| *mood).sum::<i32>() + last;
        let evidence: Vec<String> = self.mood.iter().map(|(_, segment)| segment.clone()).collect();
        let open = self.topics.iter().any(|topic| !topic.answered);
        match sum {
            i32::MIN..=-2 => element(Satisfaction::Dissatisfied, &evidence, 0.8, ElementMethod::Rule),
            1.. if open && sum < 3 => element(Satisfaction::Neutral, &evidence, 0.55, ElementMethod::Rule),
            1.. => element(Satisfaction::Satisfied, &evidence, 0.75, ElementMethod::Rule),
            _ if self.mood.is_empty() => element(Satisfaction::Neutral, &[], 0.4, ElementMethod::Default),
            _ => element(Satisfaction::Neutral, &evidence, 0.5, ElementMethod::Rule),
        }
    }
}

fn element<T>(value: T, evidence: &[String], confidence: f32, method: ElementMethod) -> Element<T> {
    Element {
        value,
        evidence: evidence.to_vec(),
        confidence,
        method,
    }
}

fn says(words: &[Pair], known: &[Pair]) -> bool {
    let both = words.iter().filter(|pair| known.binary_search(pair).is_ok());
    words.len() >= FEWEST && both.count() as f32 >= SAYS * words.len() as f32
}

fn has(text: &str, words: &[&str]) -> bool {
    words.iter().any(|word| text.contains(word))
}

fn keep(into: &mut Vec<String>, text: &str) {
    if into.len() < EVIDENCE && !into.iter().any(|known| known == text) {
        into.push(text.to_owned());
    }
}
