//! What a caller's turn asks for: what the pack's learned understanding reads, as asks, and what the call remembers.

use std::ops::Range;

use sidetone_domain::{Dialogue, Explained, Pack, Reading};
use sidetone_knowledge::TopicId;
use sidetone_language::{Mood, mood, zh};

use super::intent::Intent;
use super::text::clauses;
use super::{Ask, Understanding};

/// Caller's turns after which an open question is no longer what figures are supplied for.
const FADES_AFTER: u32 = 6;
/// Caller's turns after which a question is no longer what a turn without a matter of its own asks about.
const STILL_OPEN: u32 = 1;
/// Each of two questions of one turn must be this sure.
const BOTH_SURE: f32 = 0.6;
/// A turn that is this likely about another topic than its likeliest is looked at for a second question.
const TORN: f32 = 0.08;
/// Characters that a question has at least.
const QUESTION: usize = 5;
/// Places where a turn may be parted that are looked at; the last ones, as a story comes first.
const PARTINGS: usize = 6;
/// With less of it in the turn's own words, the topic is that of the turns before.
const OWN_TOPIC: f32 = 0.35;
/// Nodes of an ask.
const ALIKE: usize = 8;
/// What an intent that the node answers counts beside one that it does not.
const OWN_INTENT: f32 = 3.0;
/// An intent that the node does not answer is wanted, too, from here.
const ALSO_WANTED: f32 = 0.3;
/// A turn that wants a view, and asks for nothing in the base less likely than this, asks for something.
const NOT_NONE: f32 = 0.6;

/// What the call is about at this moment.
#[derive(Clone, Default)]
pub(crate) struct Context {
    dialogue: Dialogue,
    /// The open question.
    open: Option<Ask>,
    /// Caller's turns since.
    age: u32,
    /// Topics that the turn before asked about.
    last: Vec<TopicId>,
    agent_asked: bool,
}

impl Context {
    /// The agent's turn ended; what they ask, the caller's next turn may answer.
    pub(crate) fn agent_spoke(&mut self, pack: &Pack, text: &str, mood: Mood) {
        pack.model().agent_spoke(&mut self.dialogue, text);
        self.agent_asked = mood == Mood::Question;
    }

    /// Whether the turn before was an agent's question.
    pub(crate) const fn agent_asked(&self) -> bool {
        self.agent_asked
    }

    /// The topic of the last question.
    pub(crate) fn topic(&self) -> Option<&TopicId> {
        self.open.as_ref().map(|ask| &ask.topic)
    }

    /// The open question that a turn without one supplies figures for.
    pub(crate) fn supplied(&self, text: &[char]) -> Option<Ask> {
        let open = self.open.as_ref().filter(|_| self.age <= FADES_AFTER)?;
        Some(Ask {
            is_question: false,
            carried: true,
            supplies: true,
            confidence: if self.agent_asked { 0.7 } else { 0.5 },
            words: text.iter().collect(),
            as_of: None,
            ..open.clone()
        })
    }

    /// Remembers a caller's turn; gives the topics that it takes back.
    pub(crate) fn heard(
        &mut self,
        pack: &Pack,
        reading: Reading,
        turn: &Understanding,
        corrects: bool,
    ) -> Vec<TopicId> {
        pack.model().caller_spoke(&mut self.dialogue, reading);
        self.agent_asked = false;
        let asked: Vec<TopicId> = turn
            .asks
            .iter()
            .filter(|a| !a.supplies)
            .map(|a| a.topic.clone())
            .collect();
        let mut retracted = Vec::new();
        if let Some(ask) = turn.asks.last() {
            if corrects && turn.asks.iter().any(|ask| !ask.carried) {
                let gone = self.last.iter().filter(|topic| !asked.contains(topic));
                retracted = gone.cloned().collect();
            }
            self.open = Some(ask.clone());
            self.age = 0;
            pack.model().settle(&mut self.dialogue, &ask.topic);
        } else {
            self.age += 1;
        }
        if !asked.is_empty() {
            self.last = asked;
        }
        retracted
    }

    /// How what a caller's turn asks for is weighed.
    pub(crate) fn explain(&self, pack: &Pack, text: &[char]) -> Explained {
        let words: String = text.iter().collect();
        pack.model().explain(pack.knowledge(), &self.dialogue, &words)
    }

    /// What a caller's turn asks; `text` is what is meant of it. A head of a turn is read as a whole. Who wants a view of an answer
    /// asks for sure: then it need not be as likely.
    pub(crate) fn read(&self, pack: &Pack, text: &[char], is_head: bool, wants_view: bool) -> (Vec<Ask>, Reading) {
        let words: String = text.iter().collect();
        let whole = match is_head {
            true => pack.glance(&self.dialogue, &words),
            false => pack.read(&self.dialogue, &words),
        };
        if !is_head
            && (is_torn(&whole) || zh().turns.openers.within(text))
            && let Some(both) = self.parted(pack, text)
        {
            return (both, whole);
        }
        if wants_view
            && wants(text)
            && let Some(open) = self.still_open(&whole)
        {
            return (vec![Ask { words, ..open }], whole);
        }
        let asks = whole.answers || (wants_view && whole.none < NOT_NONE);
        let ask = asks.then(|| ask(pack, &whole, words)).flatten();
        (ask.into_iter().collect(), whole)
    }

    /// The open question, where the words of a turn name no matter of their own: 写在哪儿了这个 is of what was asked just before.
    fn still_open(&self, whole: &Reading) -> Option<Ask> {
        let open = self.open.as_ref().filter(|_| self.age <= STILL_OPEN)?;
        (whole.own_topic < OWN_TOPIC).then(|| Ask {
            is_question: true,
            carried: true,
            supplies: false,
            ..open.clone()
        })
    }

    /// Two questions in one turn, where both are sure and differ.
    fn parted(&self, pack: &Pack, text: &[char]) -> Option<Vec<Ask>> {
        let pieces = clauses(text);
        let cuts: Vec<usize> = pieces.iter().skip(1).map(|piece| piece.start).collect();
        let mut best: Option<(f32, Vec<Ask>)> = None;
        for cut in cuts.into_iter().rev().take(PARTINGS) {
            let (left, right) = text.split_at(cut);
            if [left, right].iter().any(|part| part.len() < QUESTION || !wants(part)) {
                continue;
            }
            let Some((one, reading)) = part(pack, &self.dialogue, left) else {
                continue;
            };
            let mut then = self.dialogue.clone();
            pack.model().caller_spoke(&mut then, reading);
            let Some((other, _)) = part(pack, &then, right) else {
                continue;
            };
            let sure = sureness(&one, &other);
            if sure >= BOTH_SURE && best.as_ref().is_none_or(|(known, _)| sure > *known) {
                best = Some((sure, merged(one, other)));
            }
        }
        best.map(|(_, asks)| asks)
    }
}

/// What a part of a turn asks, if it is sure what about.
fn part(pack: &Pack, dialogue: &Dialogue, text: &[char]) -> Option<(Ask, Reading)> {
    let words: String = text.iter().collect();
    let reading = pack.glance(dialogue, &words);
    let ask = ask(pack, &reading, words).filter(|ask| ask.confidence >= BOTH_SURE)?;
    Some((ask, reading))
}

/// How sure it is that two parts ask two things. Of two topics it is enough to know these: a short question may be torn between nodes.
fn sureness(one: &Ask, other: &Ask) -> f32 {
    let surest = |ask: &Ask| ask.alike.first().cloned().unwrap_or_default();
    let ((node, share), (other_node, other_share)) = (surest(one), surest(other));
    if one.topic != other.topic {
        one.confidence.min(other.confidence)
    } else if node != other_node {
        share.min(other_share)
    } else {
        0.0
    }
}

/// Whether a part of a turn asks, demands or complains: what only tells is no question beside another.
fn wants(part: &[char]) -> bool {
    clauses(part).into_iter().any(|piece| mood(&part[piece]) > Mood::Tell)
}

/// Whether a turn may be about two topics: to look where it parts costs several readings.
fn is_torn(whole: &Reading) -> bool {
    let Some(best) = whole.likely.first() else { return false };
    let others = whole.likely.iter().filter(|likely| likely.topic != best.topic);
    others.map(|likely| likely.share).sum::<f32>() >= TORN
}

/// Two questions about one topic are one ask that wants both.
fn merged(mut one: Ask, other: Ask) -> Vec<Ask> {
    if one.topic != other.topic {
        return vec![one, other];
    }
    for intent in other.intents {
        if !one.intents.contains(&intent) {
            one.intents.push(intent);
        }
    }
    for (node, share) in other.alike {
        match one.alike.iter_mut().find(|(known, _)| *known == node) {
            Some((_, known)) => *known = known.max(share),
            None => one.alike.push((node, share)),
        }
    }
    one.alike.sort_by(|a, b| b.1.total_cmp(&a.1));
    one.words.push_str(&other.words);
    vec![one]
}

/// The ask of a reading.
fn ask(pack: &Pack, reading: &Reading, words: String) -> Option<Ask> {
    let knowledge = pack.knowledge();
    let best = reading.likely.first()?;
    let topic = knowledge.topic(&best.topic)?;
    let of_topic = reading.likely.iter().filter(|likely| likely.topic == best.topic);
    let confidence: f32 = of_topic.map(|likely| likely.share).sum();
    let own: Vec<Intent> = knowledge
        .node(&best.node)?
        .intents
        .iter()
        .filter_map(|name| Intent::named(name))
        .collect();
    // What the node answers stands before what it does not, unless the words surely want that.
    let weighed = |(name, share): &(String, f32)| {
        let intent = Intent::named(name)?;
        let is_own = own.contains(&intent);
        let weight = if is_own { share * OWN_INTENT } else { *share };
        (is_own || *share >= ALSO_WANTED).then_some((intent, weight))
    };
    let mut wanted: Vec<(Intent, f32)> = reading.intents.iter().filter_map(weighed).collect();
    wanted.sort_by(|a, b| b.1.total_cmp(&a.1));
    let mut intents: Vec<Intent> = wanted.into_iter().map(|(intent, _)| intent).collect();
    if intents.is_empty() {
        intents.push(Intent::Other);
    }
    Some(Ask {
        topic: topic.id.clone(),
        topic_name: topic.name.clone(),
        intents,
        is_question: true,
        carried: reading.own_topic < OWN_TOPIC,
        supplies: false,
        confidence: confidence.clamp(0.0, 0.99),
        words,
        alike: reading
            .likely
            .iter()
            .take(ALIKE)
            .map(|likely| (likely.node.clone(), likely.share))
            .collect(),
        as_of: None,
        spans_regions: topic.spans_regions,
    })
}

/// What of a turn is meant: what stands before `cut` was taken back, and `denied` is not spoken of.
pub(crate) fn meant(text: &[char], cut: usize, denied: &[Range<usize>]) -> Vec<char> {
    let kept = |at: usize| at >= cut && !denied.iter().any(|range| range.contains(&at));
    (0..text.len()).filter(|at| kept(*at)).map(|at| text[at]).collect()
}
