//! What the base lacks: callers' questions for which nothing was shown, and what the agent answered then.
//!
//! A gap stays open while the agent answers, so that question and answer go out together.

use std::collections::VecDeque;

use sidetone_base::Role;
use sidetone_domain::Pack;
use sidetone_schema::{GapCandidate, GapTurn, KnowledgeGap};

use crate::config::AssistConfig;
use crate::turn::Turn;
use crate::understand::{Mood, Understanding};

/// Turns before the question that go with it.
const CONTEXT: usize = 2;
/// Nodes that go with it.
const NEAREST: usize = 3;
/// Characters that a question has at least, and an answer.
const QUESTION: usize = 5;
const ANSWER: usize = 12;
/// Characters of an answer that are kept, and agent's turns that it is made of.
const ANSWER_KEPT: usize = 400;
const ANSWER_TURNS: usize = 4;
/// Gaps of one call; a call that asks more than this of a base that knows nothing tells nothing new.
const GAPS: usize = 20;
/// So sure of "nothing of the base", and with no topic in its own words, the question is not the line's.
const OUTSIDE: f32 = 0.9;
/// How much the words alone point to a topic of the line that is theirs.
const OWN_TOPIC: f32 = 0.35;
/// A topic is guessed from this on.
const GUESSED: f32 = 0.05;

/// What came nearest to a caller's turn, whether it was shown or not.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Nearest {
    /// Nodes and how likely each is, best first.
    pub nodes: Vec<(String, f32)>,
    /// How likely anything in the base is asked for, 0 to 1.
    pub in_base: f32,
    /// How much the words alone point to the best node's topic, 0 to 1.
    pub own_topic: f32,
}

/// A question that nothing answers, and what of the answer has been heard.
struct Open {
    gap: KnowledgeGap,
    turns: usize,
}

/// One call's gaps.
#[derive(Default)]
pub(crate) struct Gaps {
    before: VecDeque<GapTurn>,
    open: Option<Open>,
    /// The turn that is being matched, if it may be a gap.
    asked: Option<KnowledgeGap>,
    /// Gaps that wait for the next push: at most that of the question before.
    settled: Option<KnowledgeGap>,
    count: usize,
}

impl Gaps {
    /// A turn was understood. `covers` says whether a hint of this call holds what an agent says.
    pub(crate) fn hear(
        &mut self,
        (pack, config): (&Pack, &AssistConfig),
        turn: &Turn,
        meant: &Understanding,
        covers: impl Fn(&str) -> bool,
    ) {
        match turn.role {
            Role::Caller => {
                if asks(meant) || !meant.asks.is_empty() {
                    self.close();
                }
                self.asked = asks(meant)
                    .then(|| self.question((pack, config), turn, meant))
                    .flatten();
            }
            Role::Agent => self.answer(pack, turn, meant, covers),
        }
        if self.before.len() == CONTEXT {
            self.before.pop_front();
        }
        self.before.push_back(GapTurn {
            role: turn.role.to_string(),
            text: turn.text.clone(),
        });
    }

    /// What was found for the turn that was heard last: whether anything answers it. Gives the gap, if it is one.
    pub(crate) fn matched(&mut self, answered: bool) -> Option<&KnowledgeGap> {
        let gap = self.asked.take().filter(|_| !answered)?;
        self.count += 1;
        Some(&self.open.insert(Open { gap, turns: 0 }).gap)
    }

    /// The gap that is settled, if one is.
    pub(crate) fn take(&mut self) -> Option<KnowledgeGap> {
        self.settled.take()
    }

    /// The call is over: nobody answers any more.
    pub(crate) fn last(&mut self) -> Option<KnowledgeGap> {
        self.close();
        self.take()
    }

    fn close(&mut self) {
        if let Some(open) = self.open.take() {
            self.settled = Some(open.gap);
        }
    }

    fn question(
        &self,
        (pack, config): (&Pack, &AssistConfig),
        turn: &Turn,
        meant: &Understanding,
    ) -> Option<KnowledgeGap> {
        let near = &meant.nearest;
        let of_the_line = !meant.named.is_empty() || near.own_topic >= OWN_TOPIC || near.in_base > 1.0 - OUTSIDE;
        if !of_the_line || self.count >= GAPS {
            return None;
        }
        let knowledge = pack.knowledge();
        let guessed = near.nodes.first().filter(|(_, share)| *share >= GUESSED);
        let by_node = guessed
            .and_then(|(node, _)| knowledge.node(node))
            .map(|node| &node.topic);
        let topic = by_node.or(meant.named.first()).and_then(|id| knowledge.topic(id));
        let day = meant.asks.iter().find_map(|ask| ask.as_of).unwrap_or(config.date);
        let region = meant.slots.region.as_ref().unwrap_or(&config.region);
        Some(KnowledgeGap {
            segment_id: turn.segment.as_str().to_owned(),
            question: turn.text.clone(),
            topic: topic.map(|topic| topic.id.clone()),
            topic_name: topic.map(|topic| topic.name.clone()),
            in_base: near.in_base.clamp(0.0, 1.0),
            candidates: near.nodes.iter().take(NEAREST).map(candidate).collect(),
            context: self.before.iter().cloned().collect(),
            answer: None,
            region: region.clone(),
            as_of: day.to_string(),
        })
    }

    /// An agent's turn behind an open question: part of the answer, unless it asks, puts off or says what a hint holds.
    fn answer(&mut self, pack: &Pack, turn: &Turn, meant: &Understanding, covers: impl Fn(&str) -> bool) {
        let Some(open) = &mut self.open else { return };
        let words = pack.call_words();
        let is_long = meant.text.chars().count() >= ANSWER;
        let tells = matches!(meant.mood, Mood::Tell | Mood::Request | Mood::Confirm);
        let puts_off = words.stalls.within_str(&meant.text) || words.defers.within_str(&meant.text);
        if !is_long || !tells || puts_off || covers(&turn.text) {
            return;
        }
        let said = open.gap.answer.get_or_insert_default();
        if !said.is_empty() {
            said.push(' ');
        }
        let room = ANSWER_KEPT.saturating_sub(said.chars().count());
        said.extend(turn.text.chars().take(room));
        open.turns += 1;
        if open.turns >= ANSWER_TURNS || said.chars().count() >= ANSWER_KEPT {
            self.close();
        }
    }
}

/// Whether the turn is a question or wants a thing done, and long enough to be understood by itself.
fn asks(turn: &Understanding) -> bool {
    matches!(turn.mood, Mood::Question | Mood::Request) && turn.text.chars().count() >= QUESTION
}

fn candidate((node, share): &(String, f32)) -> GapCandidate {
    GapCandidate {
        node: node.clone(),
        share: *share,
    }
}
