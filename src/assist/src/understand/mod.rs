//! From words to meaning: topics, intents, entities, and whether anything is asked at all.

mod day;
mod entity;
mod intent;
mod repair;
mod slots;
mod topic;

use std::ops::Range;
use std::sync::Arc;

use jiff::civil::Date;
use sidetone_base::{CallTime, Role, SegmentId};
use sidetone_domain::{Explained, Pack, Reading};
use sidetone_knowledge::{NodeId, TermTarget, TopicId, covers};
use sidetone_language::{Manner, View, closes, moods};
use sidetone_schema::{Entity, IntentData};

pub(crate) use day::meant as meant_day;
pub use entity::{Found, Value};
pub use intent::Intent;
pub use sidetone_language::Mood;
pub(crate) use sidetone_language::clause as text;
pub(crate) use sidetone_language::clause::{Pair, pairs};
pub(crate) use sidetone_language::mood as mood_of;
pub use slots::Slots;

use crate::gaps::Nearest;
use crate::turn::Turn;
use topic::Context;

/// What a turn means.
#[derive(Clone, Debug, PartialEq)]
pub struct Understanding {
    /// The turn.
    pub segment: SegmentId,
    /// Who spoke.
    pub role: Role,
    /// When the turn began.
    pub begin: CallTime,
    /// When it ended.
    pub end: CallTime,
    /// Folded: half-width, one mark for each pause.
    pub text: String,
    /// What the turn as a whole does.
    pub mood: Mood,
    /// What is asked, one entry for each topic, in order. Empty for an agent and for small talk.
    pub asks: Vec<Ask>,
    /// Topics that are named, asked about or not.
    pub named: Vec<TopicId>,
    /// Everything named with a value.
    pub entities: Vec<Found>,
    /// What the caller has said of themselves so far.
    pub slots: Slots,
    /// Topics of the turn before that the caller takes back.
    pub retracted: Vec<TopicId>,
    /// Of a caller's turn: what in the base came nearest.
    pub nearest: Nearest,
    /// Of a caller's turn: the topic of the last question before it.
    pub open: Option<TopicId>,
    /// Of a caller's turn: what it wants to see beside an answer.
    pub view: View,
    /// Of a caller's turn: in what manner it is said.
    pub manner: Manner,
}

/// One topic that a turn asks about.
#[derive(Clone, Debug, PartialEq)]
pub struct Ask {
    /// Id in the knowledge base.
    pub topic: TopicId,
    /// The topic's name.
    pub topic_name: String,
    /// What is wanted of it, best first; never empty.
    pub intents: Vec<Intent>,
    /// Whether it is put as a question.
    pub is_question: bool,
    /// The topic was not named; it is that of the turns before.
    pub carried: bool,
    /// Nothing is asked: the turn supplies what a calculation lacked.
    pub supplies: bool,
    /// 0 to 1.
    pub confidence: f32,
    /// The words that ask.
    pub words: String,
    /// Nodes that it may be about: best first, each with how likely it is, 0 to 1.
    pub alike: Vec<(NodeId, f32)>,
    /// The day that is asked about, where it is not the day of the call.
    pub as_of: Option<Date>,
    /// Its topic is about more than one place: the answer is the line's own.
    pub spans_regions: bool,
}

impl Understanding {
    /// As the wire carries it; one for each topic asked about.
    #[must_use]
    pub fn intents(&self) -> Vec<IntentData> {
        self.asks
            .iter()
            .map(|ask| IntentData {
                segment_id: self.segment.as_str().to_owned(),
                topic: ask.topic.clone(),
                topic_name: ask.topic_name.clone(),
                intent: ask.intent().as_str().to_owned(),
                is_question: ask.is_question,
                confidence: ask.confidence,
                entities: self.wire_entities(),
            })
            .collect()
    }

    /// The entities as the wire carries them.
    #[must_use]
    pub fn wire_entities(&self) -> Vec<Entity> {
        self.entities.iter().map(Found::to_wire).collect()
    }
}

impl Ask {
    /// What is wanted most.
    #[must_use]
    pub fn intent(&self) -> Intent {
        self.intents.first().copied().unwrap_or(Intent::Other)
    }
}

/// One call's memory of what it is about.
pub(crate) struct Understander {
    pack: Arc<Pack>,
    today: Date,
    context: Context,
    slots: Slots,
}

/// A topic's term in a text.
#[derive(Clone, Debug, PartialEq)]
struct TermAt {
    range: Range<usize>,
    /// Every topic that it points to.
    topics: Vec<TopicId>,
}

/// What of a turn counts.
struct Meant {
    /// Terms that are named, not denied and not taken back.
    terms: Vec<TermAt>,
    /// Without what was denied or taken back.
    text: Vec<char>,
    /// The turn begins with a correction of the turn before.
    corrects: bool,
}

impl Understander {
    pub(crate) fn new(pack: Arc<Pack>, today: Date) -> Self {
        Self {
            pack,
            today,
            context: Context::default(),
            slots: Slots::default(),
        }
    }

    /// What the head of a turn means so far; nothing is remembered of it.
    pub(crate) fn glimpse(&self, turn: &Turn) -> Understanding {
        let mut scratch = Self {
            pack: Arc::clone(&self.pack),
            today: self.today,
            context: self.context.clone(),
            slots: self.slots.clone(),
        };
        scratch.listen(turn, true)
    }

    pub(crate) fn hear(&mut self, turn: &Turn) -> Understanding {
        self.listen(turn, false)
    }

    /// How what a caller's turn asks for is weighed; nothing is remembered of it.
    pub(crate) fn explain(&self, turn: &Turn) -> Explained {
        let folded = text::fold(&turn.text);
        let meant = self.meant(&folded, repair::correction(&folded));
        self.context.explain(&self.pack, &meant.text)
    }

    fn listen(&mut self, turn: &Turn, is_head: bool) -> Understanding {
        let folded = text::fold(&turn.text);
        let correction = repair::correction(&folded);
        let from = correction.map(|correction| correction.from);
        let meant = self.meant(&folded, correction);
        let mut heard = Understanding {
            segment: turn.segment.clone(),
            role: turn.role,
            begin: turn.begin,
            end: turn.end,
            text: folded.iter().collect(),
            mood: Mood::Tell,
            asks: Vec::new(),
            named: Vec::new(),
            entities: self.entities(&folded, from, &meant.terms),
            slots: Slots::default(),
            retracted: Vec::new(),
            nearest: Nearest::default(),
            open: None,
            view: View::default(),
            manner: Manner::default(),
        };
        for topic in meant.terms.iter().flat_map(|term| &term.topics) {
            if !heard.named.contains(topic) {
                heard.named.push(topic.clone());
            }
        }
        heard.mood = mood_of_turn(&folded);
        if turn.role == Role::Caller {
            self.read_caller(&folded, &meant, is_head, &mut heard);
        } else {
            self.context.agent_spoke(&self.pack, &heard.text, heard.mood);
            self.slots.agent_said(&folded, heard.mood);
        }
        heard.slots = self.slots.clone();
        heard
    }

    /// The place that the caller speaks of last. Of a topic that is about two places it is neither's.
    fn take_region(&mut self, folded: &[char], heard: &mut Understanding) {
        let named = heard.entities.iter().rev().find_map(|found| match &found.value {
            Value::Region(code)
                if !repair::denied(folded, found.range.start, found.range.end)
                    && !self.is_yardstick(folded, found.range.start, code) =>
            {
                Some(code.clone())
            }
            _ => None,
        });
        let Some(code) = named else { return };
        let spans = |topic: &TopicId| {
            self.pack
                .knowledge()
                .topic(topic)
                .is_some_and(|topic| topic.spans_regions)
        };
        if heard.named.iter().any(spans) || heard.asks.iter().any(|ask| ask.spans_regions) {
            return;
        }
        let place: usize = heard.entities.iter().map(|found| found.range.len()).sum();
        let asks_nothing = heard.asks.is_empty() || place * 2 > folded.len();
        if self.slots.region.replace(code.clone()) != Some(code) && asks_nothing && self.context.agent_asked() {
            // The agent asked where, and little but the place is said: the open question is put anew, for that place.
            let again = self.context.supplied(folded);
            if let Some(ask) = again {
                heard.asks = vec![Ask { supplies: false, ..ask }];
            }
        }
    }

    /// Whether the place at `start` is the line's own and another is compared with it, 跟东营一样吗, 和你们东营差多少: it is not the one that is
    /// asked about.
    fn is_yardstick(&self, folded: &[char], start: usize, code: &str) -> bool {
        let own = self.pack.info().region.as_str();
        if !covers(code, own) && !covers(own, code) {
            return false;
        }
        let than = &self.pack.knowledge().cues().than;
        let before: String = folded[start.saturating_sub(YARDSTICK)..start].iter().collect();
        let elsewhere = before.chars().any(|c| c == text::CUT);
        !elsewhere && than.iter().any(|word| before.contains(word.as_str()))
    }

    fn spot(&self, folded: &[char]) -> Vec<TermAt> {
        let text: String = folded.iter().collect();
        let mut terms: Vec<TermAt> = Vec::new();
        for hit in self.pack.knowledge().spot(&text) {
            let TermTarget::Topic(topic) = hit.target else { continue };
            match terms.last_mut().filter(|term| term.range == hit.range) {
                Some(term) => term.topics.push(topic.id.clone()),
                None => terms.push(TermAt {
                    range: hit.range,
                    topics: vec![topic.id.clone()],
                }),
            }
        }
        terms
    }

    /// Without terms that are denied, and without what a correction takes back that names another topic.
    fn meant(&self, text: &[char], correction: Option<repair::Correction>) -> Meant {
        let all = self.spot(text);
        let (denied, mut terms): (Vec<TermAt>, Vec<TermAt>) = all
            .into_iter()
            .partition(|term| repair::denied(text, term.range.start, term.range.end));
        // Words that only take the turn before back say nothing themselves.
        let mut cut = correction.filter(|found| found.opens).map_or(0, |found| found.from);
        if let Some(correction) = correction {
            let kept: Vec<TermAt> = terms
                .iter()
                .filter(|term| term.range.start >= correction.from)
                .cloned()
                .collect();
            if !kept.is_empty() {
                let still = |topic: &TopicId| kept.iter().any(|term| term.topics.contains(topic));
                let replaced = |term: &TermAt| term.range.start < correction.from && !term.topics.iter().any(still);
                if terms.iter().any(replaced) {
                    cut = correction.from;
                }
                terms = kept;
            }
        }
        let denied: Vec<Range<usize>> = denied.into_iter().map(|term| term.range).collect();
        Meant {
            terms,
            text: topic::meant(text, cut, &denied),
            corrects: correction.is_some_and(|correction| correction.opens),
        }
    }

    fn entities(&self, text: &[char], from: Option<usize>, terms: &[TermAt]) -> Vec<Found> {
        let mut found = entity::entities(text, self.today, self.pack.regions());
        if let Some(from) = from {
            let kinds: Vec<_> = found
                .iter()
                .filter(|f| f.range.start >= from)
                .map(|f| std::mem::discriminant(&f.value))
                .collect();
            found.retain(|f| f.range.start >= from || !kinds.contains(&std::mem::discriminant(&f.value)));
        }
        for term in terms {
            if let Some(id) = term.topics.first() {
                found.push(Found {
                    text: text::slice(text, term.range.clone()),
                    range: term.range.clone(),
                    value: Value::Term(id.clone()),
                });
            }
        }
        found.sort_by_key(|f| (f.range.start, f.range.end));
        found
    }

    fn read_caller(&mut self, folded: &[char], meant: &Meant, is_head: bool, heard: &mut Understanding) {
        let supplied = self.slots.take(
            self.pack.knowledge().slots(),
            folded,
            &heard.entities,
            (self.today, meant.corrects),
        );
        let wanted = self.pack.wants().read(&heard.text);
        (heard.view, heard.manner) = (wanted.view, wanted.manner);
        let (asks, reading) = self.context.read(&self.pack, &meant.text, is_head, wanted.asks);
        // Who says only that they are done with a matter asks nothing of it, nor does who only gives their number.
        let identifies = folded.contains(&'*') && heard.mood <= Mood::Tell;
        heard.asks = if identifies || done_with(folded) {
            Vec::new()
        } else {
            asks
        };
        let parted = heard.asks.len() > 1;
        for ask in &mut heard.asks {
            // A part that only complains is no question because the other is one.
            let mood = if parted { mood_of_words(&ask.words) } else { heard.mood };
            ask.is_question = mood == Mood::Question;
        }
        // What answers the agent's question is no question of its own, whatever its words are like.
        let answers = self.context.agent_asked() && heard.mood != Mood::Question;
        if supplied
            && heard.mood != Mood::Phatic
            && (heard.asks.is_empty() || answers)
            && let Some(ask) = self.context.supplied(folded)
        {
            heard.asks = vec![ask];
        }
        self.take_region(folded, heard);
        let day = day::as_of(&self.pack, folded, &heard.entities, self.today);
        for ask in &mut heard.asks {
            ask.as_of = day.filter(|_| ask.intents.iter().any(|intent| DATED.contains(intent)));
        }
        heard.nearest = nearest(&reading);
        heard.open = self.context.topic().cloned();
        heard.retracted = self.context.heard(&self.pack, reading, heard, meant.corrects);
    }
}

/// What is asked of a past day: what these ask for changes with the years.
const DATED: [Intent; 3] = [Intent::Amount, Intent::Deadline, Intent::Eligibility];

/// A word of comparison stands so close before a place: between them a pronoun may stand.
const YARDSTICK: usize = 3;

/// Nodes that go with what was understood, beside those of its asks.
const NEAREST: usize = 3;

fn nearest(reading: &Reading) -> Nearest {
    let likely = reading.likely.iter().take(NEAREST);
    Nearest {
        nodes: likely.map(|likely| (likely.node.clone(), likely.share)).collect(),
        in_base: 1.0 - reading.none,
        own_topic: reading.own_topic,
    }
}

/// What the clause does that does most.
fn mood_of_turn(folded: &[char]) -> Mood {
    moods(folded).max().unwrap_or(Mood::Phatic)
}

fn mood_of_words(words: &str) -> Mood {
    mood_of_turn(&words.chars().collect::<Vec<char>>())
}

/// Whether every clause closes a matter or keeps the line warm, and one does the former: 失业金我知道了，谢谢.
fn done_with(folded: &[char]) -> bool {
    let mut closed = false;
    let only = text::clauses(folded).into_iter().all(|range| {
        let clause = &folded[range];
        let closing = closes(clause);
        closed |= closing;
        closing || mood_of(clause) == Mood::Phatic
    });
    only && closed
}

/// What each clause of a folded text does.
pub(crate) fn clause_moods(text: &str) -> Vec<Mood> {
    let folded: Vec<char> = text.chars().collect();
    moods(&folded).collect()
}
