//! What a call leaves in memory. Bounded: a call of any length keeps the first of each.

use std::collections::VecDeque;

use sidetone_base::Role;
use sidetone_domain::{CallWords, Dialogue, Pack, Requests};
use sidetone_knowledge::NodeId;
use sidetone_language::{Act, Phrases, Request, zh};
use sidetone_schema::{Element, ElementMethod};

use super::satisfaction::Ending;
use super::statement::{Statement, statements};
use super::subject::Subject;
use super::{ReadAs, praise};
use crate::understand::text::{clauses, fold};
use crate::understand::{Ask, Intent, Mood, Pair, Understanding, Value, clause_moods, mood_of, pairs};

/// Topics of one call; more than any base has. Later ones are kept together as [`OTHERS`].
const TOPICS: usize = 64;
/// Id of what found no room.
const OTHERS: &str = "other";
/// So sure a statement tells how the caller feels.
const FELT: f32 = 0.6;
/// Statements of one call.
const SAID: usize = 512;
/// Nodes that an agent's rule may be of.
const RULED: usize = 6;
/// So likely nobody asked about a topic that a record holds.
const DOUBTED: f32 = 0.5;
/// Segments that prove one thing.
const EVIDENCE: usize = 32;
/// What it counts beside what is learned that words name what is called for.
const TOLD: f32 = 2.0;
/// Caller's turns of a call so short that a question is twice as likely as those that are learned from tell; they are thrice as long.
const SHORT: f32 = 6.0;
/// From such a share on a kind of call is likely.
const LIKELY_KIND: f32 = 0.5;
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
    pub(crate) nodes: Vec<(String, ReadAs)>,
    /// What the caller asks and what the matched nodes say, newest last.
    words_of_it: VecDeque<Vec<Pair>>,
    pub(crate) answered: bool,
    /// The likelihood that no ask of it was one, 0 to 1.
    doubt: f32,
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

/// A statement, where it was heard, and what it is for.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) segment: String,
    pub(crate) role: Role,
    pub(crate) statement: Statement,
    /// The caller's newest intent until then, `topic/intent`.
    pub(crate) serves: Option<String>,
    /// Nodes that an agent's words are nearest to, best first.
    pub(crate) nodes: Vec<NodeId>,
}

/// One call's memory.
#[derive(Debug, Default)]
pub(crate) struct Record {
    pub(crate) topics: Vec<TopicRecord>,
    /// What was said, in order; what finds no room is left out.
    pub(crate) said: Vec<Said>,
    /// What the caller asked last.
    serves: Option<String>,
    pub(super) subject: Subject,
    pub(super) complaint: Vec<String>,
    handling: Vec<String>,
    status_asks: u32,
    asks: u32,
    /// Of the caller's turns: how pleased, and where.
    pub(super) mood: Vec<(i32, String)>,
    pub(super) ending: Ending,
    pub(super) caller_turns: u32,
    /// Where the caller begged for help.
    pleas: Vec<String>,
}

impl Record {
    /// A turn was understood; `text` is as it was said.
    pub(crate) fn hear(&mut self, pack: &Pack, turn: &Understanding, text: &str) {
        match turn.role {
            Role::Caller => self.hear_caller(pack, turn),
            Role::Agent => self.hear_agent(pack.call_words(), turn),
        }
        if let Some(ask) = turn.asks.iter().rev().find(|ask| !ask.supplies) {
            self.serves = Some(format!("{}/{}", ask.topic, ask.intent().as_str()));
        }
        for statement in statements(pack.acts(), turn.role, text) {
            if self.said.len() == SAID {
                return;
            }
            self.feel(turn, &statement);
            let nodes = match (turn.role, statement.act) {
                (Role::Agent, Act::State | Act::Warn) => nodes_of(pack, &statement.text),
                _ => Vec::new(),
            };
            self.said.push(Said {
                segment: turn.segment.as_str().to_owned(),
                role: turn.role,
                statement,
                serves: self.serves.clone(),
                nodes,
            });
        }
    }

    /// What no word of praise or anger tells: thanks, complaints and giving up in other words.
    fn feel(&mut self, turn: &Understanding, statement: &Statement) {
        let segment = turn.segment.as_str();
        let told = self.mood.last().is_some_and(|(_, last)| last == segment);
        if turn.role != Role::Caller
            || told
            || of_the_matter(turn)
            || statement.share < FELT
            || self.mood.len() == EVIDENCE
        {
            return;
        }
        let felt = match statement.act {
            Act::Thank => 1,
            Act::Complain | Act::Refuse => -1,
            Act::Plead => {
                keep(&mut self.pleas, segment);
                return;
            }
            _ => return,
        };
        self.mood.push((felt, segment.to_owned()));
    }

    fn hear_caller(&mut self, pack: &Pack, turn: &Understanding) {
        let words = pack.call_words();
        self.caller_turns += 1;
        let segment = turn.segment.as_str().to_owned();
        for topic in &turn.retracted {
            self.forget(topic);
        }
        if zh().feelings.unserved.within_str(&turn.text)
            && let Some(last) = self.topics.last_mut()
        {
            last.answered = false;
        }
        for ask in turn.asks.iter().filter(|ask| !ask.supplies) {
            self.asks += 1;
            self.status_asks += u32::from(ask.intent() == Intent::Status);
            if self.is_way(words, turn, ask)
                && let Some(last) = self.topics.last_mut()
            {
                keep(&mut last.evidence, &segment);
                continue;
            }
            let Some(record) = self.topic(pack, &ask.topic, &ask.topic_name) else {
                continue;
            };
            match record.intents.iter_mut().find(|(intent, _)| *intent == ask.intent()) {
                Some((_, count)) => *count += 1,
                None => record.intents.push((ask.intent(), 1)),
            }
            record.answered = false;
            record.doubt *= 1.0 - ask.confidence;
            record.hold(pairs(&fold(&turn.text)));
            keep(&mut record.evidence, &segment);
        }
        self.subject.hear(pack, &turn.text, &segment);
        if words.complains.within_str(&turn.text) {
            keep(&mut self.complaint, &segment);
        }
        if words.handles.within_str(&turn.text) {
            keep(&mut self.handling, &segment);
        }
        self.ending.hear(&segment, &turn.text, puts_a_question(turn));
        let pleased = praise::pleased(&turn.text);
        if !of_the_matter(turn) && pleased != 0 && self.mood.len() < EVIDENCE {
            self.mood.push((pleased, segment));
        }
    }

    /// Whether another line is meant only as a way to go with the topic at hand: its own matters are not named, and a question in the
    /// same turn, or before it, has the topic.
    fn is_way(&self, words: &CallWords, turn: &Understanding, ask: &Ask) -> bool {
        let beside = turn.asks.iter().any(|other| other.topic != ask.topic);
        let asks = ask.is_question && !ask.carried && !beside;
        let known = self.topics.iter().any(|record| record.topic == ask.topic);
        words.elsewhere.contains(&ask.topic) && !asks && !known && !turn.named.contains(&ask.topic)
    }

    fn hear_agent(&mut self, words: &CallWords, turn: &Understanding) {
        let segment = turn.segment.as_str().to_owned();
        let long = turn.text.chars().count() >= 8;
        let stalls = words.stalls.within_str(&turn.text) && turn.text.chars().count() < 22;
        if turn.mood == Mood::Phatic || turn.mood == Mood::Question && !turn.text.contains('，') || !long || stalls {
            return;
        }
        let deferred = words.defers.within_str(&turn.text);
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

    fn topic(&mut self, pack: &Pack, topic: &str, name: &str) -> Option<&mut TopicRecord> {
        let of = |id: &str| self.topics.iter().position(|record| record.topic == id);
        let full = self.topics.len() >= TOPICS;
        let (topic, name) = match full && of(topic).is_none() {
            true => (OTHERS, pack.phrases().intent(Intent::Other.as_str())),
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
                    nodes: Vec::new(),
                    words_of_it: VecDeque::new(),
                    answered: false,
                    doubt: 1.0,
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

    /// What the record is about: what was likelier asked than not, and what came first.
    pub(super) fn asked(&self) -> Vec<&TopicRecord> {
        let topics = self.topics.iter().enumerate();
        let asked = topics.filter(|(at, topic)| *at == 0 || topic.doubt <= DOUBTED);
        asked.map(|(_, topic)| topic).collect()
    }

    /// What is learned of all that the caller said, and what words told of it.
    pub(super) fn request_type(&self, phrases: &Phrases) -> Element<String> {
        if self.asks == 0 && self.complaint.is_empty() && self.pleas.is_empty() {
            return element(phrases.requests.enquiry.clone(), &[], 0.4, ElementMethod::Default);
        }
        let callers = || self.said.iter().filter(|said| said.role == Role::Caller);
        let said: String = callers().map(|said| said.statement.text.as_str()).collect();
        let read = Requests::learned().read(&said).into_iter();
        let weighed = |(request, share): (Request, f32)| match request {
            Request::Enquiry => (
                request,
                share * (1.0 + (SHORT / self.caller_turns.max(1) as f32).powi(3)),
            ),
            _ if self.is_told(request) => (request, share * TOLD),
            _ => (request, share),
        };
        let read: Vec<(Request, f32)> = read.map(weighed).collect();
        let sum: f32 = read.iter().map(|(_, share)| share).sum();
        let best = read.into_iter().max_by(|a, b| a.1.total_cmp(&b.1));
        let (mut request, share) = best.unwrap_or((Request::Enquiry, 0.0));
        let share = share / sum.max(f32::MIN_POSITIVE);
        // Authors hardly write calls of this kind: what names it counts where nothing is likely.
        if share < LIKELY_KIND && self.is_told(Request::Handling) {
            request = Request::Handling;
        }
        let mut evidence = self.evidence();
        match request {
            Request::Complaint => self.complaint.iter().for_each(|segment| keep(&mut evidence, segment)),
            Request::Plea => self.pleas.iter().for_each(|segment| keep(&mut evidence, segment)),
            Request::Handling => self.handling.iter().for_each(|segment| keep(&mut evidence, segment)),
            Request::Status | Request::Enquiry => {}
        }
        if evidence.is_empty() {
            callers().for_each(|said| keep(&mut evidence, &said.segment));
        }
        let confidence = share.clamp(0.4, 0.9);
        let name = phrases.requests.name(request).to_owned();
        element(name, &evidence, confidence, ElementMethod::Rule)
    }

    /// Whether words of the call name it.
    fn is_told(&self, request: Request) -> bool {
        let complains = |topic: &&TopicRecord| topic.intent() == Intent::Complaint;
        match request {
            Request::Complaint => {
                let of_topics = self.topics.iter().filter(complains).count() * 2 > self.topics.len();
                of_topics || !self.complaint.is_empty()
            }
            Request::Plea => !self.pleas.is_empty(),
            Request::Handling => !self.handling.is_empty(),
            Request::Status => self.status_asks * 2 > self.asks,
            Request::Enquiry => false,
        }
    }

    fn evidence(&self) -> Vec<String> {
        let mut all = Vec::new();
        for segment in self.topics.iter().flat_map(|topic| &topic.evidence) {
            keep(&mut all, segment);
        }
        all
    }
}

pub(super) fn element<T>(value: T, evidence: &[String], confidence: f32, method: ElementMethod) -> Element<T> {
    Element {
        value,
        evidence: evidence.to_vec(),
        confidence,
        method,
    }
}

/// Whether a caller's turn asks about a matter of the line, whatever else it does.
fn puts_a_question(turn: &Understanding) -> bool {
    turn.asks.iter().any(|ask| !ask.supplies) && clause_moods(&turn.text).contains(&Mood::Question)
}

/// Whether what a caller feels in a turn is of the matter that they ask about, and no word on the service: thanks in advance, anger at an
/// employer. Who speaks to those who listen means these.
fn of_the_matter(turn: &Understanding) -> bool {
    puts_a_question(turn) && !zh().feelings.service.within_str(&turn.text)
}

/// What of the base an agent's words are nearest to.
fn nodes_of(pack: &Pack, text: &str) -> Vec<NodeId> {
    let reading = pack.glance(&Dialogue::default(), text);
    let likely = reading.likely.into_iter().take(RULED);
    likely.map(|likely| likely.node).collect()
}

fn says(words: &[Pair], known: &[Pair]) -> bool {
    let both = words.iter().filter(|pair| known.binary_search(pair).is_ok());
    words.len() >= FEWEST && both.count() as f32 >= SAYS * words.len() as f32
}

pub(super) fn keep(into: &mut Vec<String>, text: &str) {
    if into.len() < EVIDENCE && !into.iter().any(|known| known == text) {
        into.push(text.to_owned());
    }
}
