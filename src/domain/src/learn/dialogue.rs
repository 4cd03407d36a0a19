//! What a call is about so far: shares of topics that fade, and the words of the turns before.

use sidetone_language::clause::fold;
use sidetone_language::{Mood, moods};

use super::text::Bag;

/// What is left of a topic after a turn that says nothing of any.
const FADES: f32 = 0.9;
/// What an agent's words count beside a caller's.
const AGENT: f32 = 0.3;
/// A caller's turn that says more than this of topics is what the next one leans on.
const SAYS: f32 = 0.35;
/// How much of the caller's turn before, and of the agent's, is read along with a turn.
const BEFORE: f32 = 0.5;
const BETWEEN: f32 = 0.35;
/// How much of what the caller has said of a question that is not put yet.
const OPEN: f32 = 0.8;
/// How much of the call before it goes into the first part of a question.
const LEFT: f32 = 0.35;

/// One call's memory. Of fixed size.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Dialogue {
    /// By topic; the sum is at most 1.
    topics: Vec<f32>,
    /// The caller's last question, or what they have said since of the next one.
    said: Option<Bag>,
    /// It is of a question that is not put yet.
    open: bool,
    /// What the agent said since the caller's last turn.
    agent: Option<Bag>,
    agent_topics: Vec<f32>,
    /// The agent's last words ask.
    agent_asked: bool,
    /// They say more than that the agent listens.
    agent_says: bool,
}

impl Dialogue {
    /// A caller's turn ended that put a question, or did not; `shares` are those of the topics, and behind them that of none. Parts of a
    /// question add up until it is put.
    pub(crate) fn caller_spoke(&mut self, bag: Bag, shares: &[f32], asked: bool) {
        let Some((none, shares)) = shares.split_last() else {
            return;
        };
        self.take(shares, (1.0 - none) * 1.0, 1.0);
        if 1.0 - none > SAYS {
            let before = if self.open { OPEN } else { LEFT };
            self.said = Some(match &self.said {
                Some(said) if !asked => bag.mixed(said, before),
                _ => bag,
            });
            self.open = !asked;
        } else if asked {
            self.open = false;
        }
        self.agent = None;
        self.agent_asked = false;
        self.agent_topics.clear();
    }

    /// An agent's turn ended.
    pub(crate) fn agent_spoke(&mut self, text: &str, bag: Bag, shares: &[f32]) {
        let Some((none, shares)) = shares.split_last() else {
            return;
        };
        let mood = moods(&fold(text)).max();
        self.agent_asked = mood == Some(Mood::Question);
        self.agent_says = mood > Some(Mood::Phatic);
        self.take(shares, 1.0 - none, AGENT);
        self.agent_topics = shares.to_vec();
        self.agent = Some(bag);
    }

    fn take(&mut self, shares: &[f32], says: f32, counts: f32) {
        self.topics.resize(shares.len(), 0.0);
        let kept = 1.0 - says * counts;
        let fades = if counts < 1.0 { 1.0 } else { FADES };
        for (topic, share) in self.topics.iter_mut().zip(shares) {
            *topic = *topic * kept * fades + share * counts;
        }
    }

    /// The call's topic is known to be this one.
    pub(crate) fn settle(&mut self, topic: usize) {
        self.topics.iter_mut().for_each(|share| *share *= 1.0 - 0.7);
        if let Some(share) = self.topics.get_mut(topic) {
            *share += 0.7;
        }
    }

    /// How much the call is about a topic, 0 to 1.
    pub(crate) fn topic(&self, topic: usize) -> f32 {
        self.topics.get(topic).copied().unwrap_or(0.0)
    }

    /// Whether the caller's turn may answer the agent.
    pub(crate) const fn agent_asked(&self) -> bool {
        self.agent_asked
    }

    /// Whether the caller has begun a question and not put it yet.
    pub(crate) const fn is_open(&self) -> bool {
        self.open
    }

    /// The agent's last words, where they were the last of the call.
    pub(crate) const fn agent(&self) -> Option<&Bag> {
        self.agent.as_ref()
    }

    /// How much the agent's last words are.
    pub(crate) fn agent_topic(&self, topic: usize) -> f32 {
        self.agent_topics.get(topic).copied().unwrap_or(0.0)
    }

    /// A turn together with what was said before; none at the beginning of a call.
    pub(crate) fn joined(&self, own: &Bag) -> Option<Bag> {
        let before = if self.open { OPEN } else { BEFORE };
        match (&self.said, self.agent.as_ref().filter(|_| self.agent_says)) {
            (None, None) => None,
            (Some(said), None) => Some(own.mixed(said, before)),
            (None, Some(agent)) => Some(own.mixed(agent, BETWEEN)),
            (Some(said), Some(agent)) => Some(own.mixed(&said.mixed(agent, BETWEEN / before), before)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::text::Vocabulary;
    use super::*;

    fn held(dialogue: &Dialogue, own: &Bag, of: &Bag) -> usize {
        let joined = dialogue.joined(own).unwrap_or_default();
        let is_there = |run: u32| joined.chars.entries.iter().any(|(at, _)| *at == run);
        of.chars.entries.iter().filter(|(run, _)| is_there(*run)).count()
    }

    #[test]
    fn parts_of_a_question_add_up_until_it_is_put() {
        let texts = ["我那个卡", "让机器吞了", "补一张几天", "还有公证", "谢谢"];
        let vocabulary = Vocabulary::of(texts.into_iter());
        let [card, gone, question, other, thanks] = texts.map(|text| vocabulary.bag(text));
        let (says, nothing) = ([0.9, 0.1], [0.0, 1.0]);
        let mut dialogue = Dialogue::default();
        dialogue.caller_spoke(card.clone(), &says, false);
        dialogue.agent_spoke("嗯。", vocabulary.bag("嗯"), &nothing);
        dialogue.caller_spoke(gone.clone(), &says, false);
        dialogue.caller_spoke(thanks, &nothing, false);
        assert!(dialogue.is_open());
        assert_eq!(held(&dialogue, &question, &card), card.chars.entries.len());
        assert_eq!(held(&dialogue, &question, &gone), gone.chars.entries.len());
        dialogue.caller_spoke(question, &says, true);
        assert!(!dialogue.is_open());
        assert_eq!(held(&dialogue, &other, &card), 0, "it was put");
    }
}
