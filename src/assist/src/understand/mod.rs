//! From words to meaning: topics, intents, entities, and whether anything is asked at all.

mod entity;
mod intent;
mod lexicon;
mod number;
mod question;
mod region;
mod repair;
mod slots;
pub(crate) mod text;
mod topic;

use std::sync::Arc;

use jiff::civil::Date;
use sidetone_base::{CallTime, Role, SegmentId};
use sidetone_knowledge::{NodeId, TopicId};
use sidetone_schema::{Entity, IntentData};

pub(crate) use entity::decimal;
pub use entity::{Found, Value};
pub use intent::Intent;
pub(crate) use lexicon::{Lexicon, Pair, pairs};
pub use question::Mood;
pub(crate) use question::mood as mood_of;
pub(crate) use region::name as region_name;
pub use slots::{Slots, Worker};

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
    /// Business nodes that callers reach with like words: best first, 0 to 1.
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
    lexicon: Arc<Lexicon>,
    today: Date,
    context: Context,
    slots: Slots,
}

impl Understander {
    pub(crate) fn new(lexicon: Arc<Lexicon>, today: Date) -> Self {
        Self {
            lexicon,
            today,
            context: Context::default(),
            slots: Slots::default(),
        }
    }

    /// What the head of a turn means so far; nothing is remembered of it.
    pub(crate) fn glimpse(&self, turn: &Turn) -> Understanding {
        let mut scratch = Self {
            lexicon: Arc::clone(&self.lexicon),
            today: self.today,
            context: self.context.clone(),
            slots: self.slots.clone(),
        };
        scratch.hear(turn)
    }

    pub(crate) fn hear(&mut self, turn: &Turn) -> Understanding {
        let folded = text::fold(&turn.text);
        let correction = repair::correction(&folded);
        let from = correction.map(|correction| correction.from);
        let (terms, cut) = self.terms(&folded, from);
        let entities = self.entities(&folded, from, &terms);
        let mut heard = Understanding {
            segment: turn.segment.clone(),
            role: turn.role,
            begin: turn.begin,
            end: turn.end,
            text: folded.iter().collect(),
            mood: Mood::Tell,
            asks: Vec::new(),
            named: Vec::new(),
            entities,
            slots: Slots::default(),
            retracted: Vec::new(),
        };
        for ix in terms.iter().flat_map(|term| &term.topics) {
            if let Some((id, _)) = self.lexicon.topic(*ix)
                && !heard.named.contains(id)
            {
                heard.named.push(id.clone());
            }
        }
        if turn.role == Role::Caller {
            let opens = correction.is_some_and(|correction| correction.opens);
            self.read_caller(&folded, &terms, cut, opens, &mut heard);
        } else {
            heard.mood = question::mood(&folded);
            self.context.agent_spoke(heard.mood);
        }
        heard.slots = self.slots.clone();
        heard
    }

    /// The place that the caller speaks of last. Of a topic that is about two places it is neither's.
    fn take_region(&mut self, folded: &[char], heard: &mut Understanding) {
        let named = heard.entities.iter().rev().find_map(|found| match found.value {
            Value::Region(code) if !repair::denied(folded, found.range.start, found.range.end) => Some(code),
            _ => None,
        });
        let Some(code) = named else { return };
        if heard.named.iter().any(|topic| self.lexicon.spans_regions(topic))
            || heard.asks.iter().any(|ask| ask.spans_regions)
        {
            return;
        }
        if self.slots.region.replace(code) != Some(code) && heard.asks.is_empty() && self.context.agent_asked() {
            // The agent asked where: the open question is put anew, for that place.
            let again = self.context.supplied(&self.lexicon, folded);
            heard.asks.extend(again.map(|ask| Ask { supplies: false, ..ask }));
        }
    }

    /// Terms that are meant: not denied, and not taken back by a correction that names another. Of a topic that
    /// was taken back, the question is too: the second value is where the text that asks begins.
    fn terms(&self, text: &[char], from: Option<usize>) -> (Vec<lexicon::TermAt>, usize) {
        let mut terms = self.lexicon.spot(text);
        terms.retain(|term| !repair::denied(text, term.begin, term.end));
        let Some(from) = from else { return (terms, 0) };
        let meant: Vec<lexicon::TermAt> = terms.iter().filter(|term| term.begin >= from).cloned().collect();
        if meant.is_empty() {
            return (terms, 0);
        }
        let still = |topic: &usize| meant.iter().any(|term| term.topics.contains(topic));
        let replaced = terms
            .iter()
            .any(|term| term.begin < from && !term.topics.iter().any(still));
        (meant, if replaced { from } else { 0 })
    }

    fn entities(&self, text: &[char], from: Option<usize>, terms: &[lexicon::TermAt]) -> Vec<Found> {
        let mut found = entity::entities(text, self.today);
        if let Some(from) = from {
            let kinds: Vec<_> = found
                .iter()
                .filter(|f| f.range.start >= from)
                .map(|f| std::mem::discriminant(&f.value))
                .collect();
            found.retain(|f| f.range.start >= from || !kinds.contains(&std::mem::discriminant(&f.value)));
        }
        for term in terms {
            if let Some((id, _)) = term.topics.first().and_then(|ix| self.lexicon.topic(*ix)) {
                let range = term.begin..term.end;
                let value = Value::Term(id.clone());
                found.push(Found {
                    text: text::slice(text, range.clone()),
                    range,
                    value,
                });
            }
        }
        found.sort_by_key(|f| (f.range.start, f.range.end));
        found
    }

    fn read_caller(
        &mut self,
        folded: &[char],
        terms: &[lexicon::TermAt],
        cut: usize,
        corrects: bool,
        heard: &mut Understanding,
    ) {
        let supplied = self.slots.take(folded, &heard.entities);
        let read = topic::read(&self.lexicon, &self.context, folded, cut, terms, &heard.entities);
        heard.mood = read.mood;
        heard.asks = read.asks;
        if heard.asks.is_empty() && supplied && !matches!(read.mood, Mood::Phatic) {
            heard.asks.extend(self.context.supplied(&self.lexicon, folded));
        }
        self.take_region(folded, heard);
        let day = topic::as_of(folded, &heard.entities, self.today);
        for ask in &mut heard.asks {
            ask.as_of = day.filter(|_| ask.intents.contains(&Intent::Amount));
        }
        heard.retracted = self.context.heard(&self.lexicon, heard, terms, corrects);
    }
}
