//! What a dialplan asks of the call, while a caller waits for the answer.
//!
//! Every question is answered once: with what was said, with silence, or with the news that there is
//! nobody to be heard. An utterance is awaited through recognition and understanding, so that its topic
//! comes with its text.

use std::time::{Duration, Instant};

use sidetone_base::{Answer, AskId, LegId, Question, Said, SegmentId};

use super::{Call, Phase};
use crate::port::Effect;
use crate::spoken;
use crate::stages::Through;

/// Questions that may wait on one call; the next one is answered with [`Answer::Gone`]. A channel runs one
/// line of a dialplan at a time, so two would be many.
const MOST: usize = 32;

/// Questions that are not answered yet, and what answers are made of.
#[derive(Default)]
pub(super) struct Asks {
    listening: Vec<Listening>,
    summaries: Vec<AskId>,
    /// What the caller has told of themselves; the last word counts.
    slots: Vec<(String, String)>,
}

struct Listening {
    ask: AskId,
    leg: LegId,
    state: State,
}

enum State {
    /// Nobody speaks yet.
    Silent { until: Instant },
    /// The segment's final is awaited; should it turn out to be no speech, this much silence is left.
    Speaking { segment: SegmentId, left: Duration },
}

impl Asks {
    /// The earliest end of patience.
    pub(super) fn deadline(&self) -> Option<Instant> {
        let until = |listening: &Listening| match listening.state {
            State::Silent { until } => Some(until),
            State::Speaking { .. } => None,
        };
        self.listening.iter().filter_map(until).min()
    }
}

impl Call {
    pub(super) fn asked(&mut self, now: Instant, ask: AskId, question: Question) {
        let waiting = self.asks.listening.len() + self.asks.summaries.len();
        if !matches!(self.phase, Phase::Live) || waiting >= MOST {
            return self.answer(ask, Answer::Gone);
        }
        match question {
            Question::Summary => {
                self.asks.summaries.push(ask);
                self.summarise();
            }
            Question::Last { leg } => {
                let answer = match self.leg_here(&leg) {
                    Some(index) => self.legs[index].said.clone().map_or(Answer::Silence, Answer::Heard),
                    None => Answer::Gone,
                };
                self.answer(ask, answer);
            }
            Question::Listen { leg, within } => {
                let Some(index) = self.leg_here(&leg) else {
                    return self.answer(ask, Answer::Gone);
                };
                // Whoever speaks already is heard; what has ended before is for `Last`.
                let open = self.legs[index].open_segment();
                let state = match open {
                    Some(segment) => State::Speaking { segment, left: within },
                    None => State::Silent { until: now + within },
                };
                self.asks.listening.push(Listening { ask, leg, state });
            }
        }
    }

    fn leg_here(&self, leg: &LegId) -> Option<usize> {
        self.leg_index(leg).filter(|index| !self.legs[*index].left)
    }

    /// Somebody begins to speak.
    pub(super) fn speech_began(&mut self, now: Instant, index: usize, segment: &SegmentId) {
        let leg = &self.legs[index].id;
        for listening in self.asks.listening.iter_mut().filter(|listening| listening.leg == *leg) {
            if let State::Silent { until } = listening.state {
                listening.state = State::Speaking {
                    segment: segment.clone(),
                    left: until.saturating_duration_since(now),
                };
            }
        }
    }

    /// The segment was no speech: who waits for it goes on listening.
    pub(super) fn said_nothing(&mut self, now: Instant, index: usize, nothing: &SegmentId) {
        let next = self.legs[index].segments.front().map(|segment| segment.id.clone());
        for listening in &mut self.asks.listening {
            if let State::Speaking { segment, left } = &listening.state
                && segment == nothing
            {
                listening.state = match &next {
                    Some(next) => State::Speaking {
                        segment: next.clone(),
                        left: *left,
                    },
                    None => State::Silent { until: now + *left },
                };
            }
        }
    }

    /// A turn, or the head of one, has gone through every stage.
    pub(super) fn understood(&mut self, turn: Through) {
        if let Some(said) = &turn.said {
            self.said(&turn.leg, &turn.segment, said);
        }
        self.push(turn.pushes);
    }

    fn said(&mut self, leg: &LegId, segment: &SegmentId, said: &Said) {
        if let Some(leg) = self.leg_mut(leg) {
            leg.said = Some(said.clone());
            if leg.role == sidetone_base::Role::Caller {
                for (name, value) in &said.slots {
                    spoken::remember(&mut self.asks.slots, name.clone(), value.clone());
                }
            }
        }
        self.say_to_dialplan(segment, said);
    }

    /// Answers whoever waits for this segment.
    pub(super) fn say_to_dialplan(&mut self, said: &SegmentId, words: &Said) {
        let heard =
            |listening: &Listening| matches!(&listening.state, State::Speaking { segment, .. } if segment == said);
        self.answer_listening(heard, |_| Answer::Heard(words.clone()));
    }

    /// Patience that has come to its end.
    pub(super) fn expire_asks(&mut self, now: Instant) {
        let over = |listening: &Listening| matches!(listening.state, State::Silent { until } if now >= until);
        let heard: Vec<LegId> = self
            .legs
            .iter()
            .filter(|leg| leg.tap.is_some())
            .map(|leg| leg.id.clone())
            .collect();
        self.answer_listening(over, |leg| match heard.contains(leg) {
            true => Answer::Silence,
            false => Answer::Gone,
        });
    }

    /// The leg, or with `None` everybody, is not there any more.
    pub(super) fn nobody_to_hear(&mut self, gone: Option<&LegId>) {
        self.answer_listening(
            |listening| gone.is_none_or(|leg| *leg == listening.leg),
            |_| Answer::Gone,
        );
        if gone.is_none() {
            for ask in std::mem::take(&mut self.asks.summaries) {
                self.answer(ask, Answer::Gone);
            }
        }
    }

    /// Tells what has been said so far, once nothing of it is still on its way.
    pub(super) fn summarise(&mut self) {
        if self.asks.summaries.is_empty() || !self.stages.is_idle() {
            return;
        }
        let summary = spoken::summary(&self.stages.assist().draft(), &self.asks.slots);
        for ask in std::mem::take(&mut self.asks.summaries) {
            self.answer(ask, Answer::Summary(summary.clone()));
        }
    }

    fn answer_listening(&mut self, which: impl Fn(&Listening) -> bool, answer: impl Fn(&LegId) -> Answer) {
        let (answered, waiting) = std::mem::take(&mut self.asks.listening)
            .into_iter()
            .partition(|listening| which(listening));
        self.asks.listening = waiting;
        for Listening { ask, leg, .. } in answered {
            self.answer(ask, answer(&leg));
        }
    }

    fn answer(&mut self, ask: AskId, answer: Answer) {
        self.effects.push_back(Effect::Answer { ask, answer });
    }
}
