//! Finals of low confidence are decoded a second time, with what the call has established by then.
//!
//! A final waits for the other party's next one, or for the end of the call: an answer has the words that the question was
//! meant to have. Then it is asked for again, and the pool does it when nothing else is to be done. What comes of it is
//! `transcript.revised`. Nothing waits for it but `call.ended`, [`SecondConfig::within`] at most: the wrap-up is out by then.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use sidetone_assist::privacy::Masker;
use sidetone_base::{EndCause, Role, SegmentId};
use sidetone_schema::{Body, Transcript};
use sidetone_speech::{AudioJob, CallWords, Hypothesis, Pass, SegmentKey};

use super::{Call, Phase};
use crate::leg::Leg;
use crate::port::{Effect, Recognition};

/// Which finals are decoded a second time, and how long that may take.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SecondConfig {
    /// Those of less confidence.
    pub below: f32,
    /// How long after its wrap-up a call waits for the last of them.
    pub within: Duration,
}

/// Finals that wait for more words; the oldest is asked for when another one comes.
const WAITING: usize = 4;
/// Finals that are with the pool; of more than these the oldest is given up.
const ASKED: usize = 16;
/// After this the pool need not begin with one any more: its sound is not kept for long.
const SOON: Duration = Duration::from_secs(60);
/// Texts that a second reading is given, of both parties.
const TEXTS: usize = 12;

/// What a second reading needs of a leg, taken before its final is masked.
pub(super) struct Sound {
    samples: Arc<[i16]>,
    /// What was asked and dictated until then decides what is personal.
    masker: Masker,
}

impl Sound {
    /// Of what was decoded; none where nothing was kept.
    pub(super) fn of(leg: &Leg, samples: Arc<[i16]>) -> Option<Self> {
        (!samples.is_empty()).then(|| Self {
            samples,
            masker: leg.masker.clone(),
        })
    }
}

/// A final that may be read better.
struct Doubtful {
    key: SegmentKey,
    role: Role,
    sound: Sound,
    /// As it was published.
    said: Transcript,
}

/// What waits for a second reading in one call.
#[derive(Default)]
pub(super) struct Second {
    waiting: VecDeque<Doubtful>,
    asked: VecDeque<Doubtful>,
    /// The call's last finals that were sure, masked.
    texts: VecDeque<String>,
}

impl Second {
    pub(super) fn is_done(&self) -> bool {
        self.waiting.is_empty() && self.asked.is_empty()
    }
}

impl Call {
    /// Sound that was to be read again is given up: an operator wants nothing kept, or the call is over.
    pub(super) fn read_no_more(&mut self) {
        self.second.waiting.clear();
        let asked = self.second.asked.drain(..);
        self.effects.extend(asked.map(|doubtful| Effect::Forget(doubtful.key)));
    }

    /// Takes a final that may be shown, and its sound unless something of it is covered: what is personal is not read again.
    pub(super) fn final_said(&mut self, index: usize, said: &Transcript, sound: Option<Sound>) {
        let Some(config) = self.config.second.filter(|_| !self.unlisted && !said.text.is_empty()) else {
            return;
        };
        let (leg, role) = (self.legs[index].id.clone(), self.legs[index].role);
        let sure = said.confidence >= config.below;
        if sure {
            if self.second.texts.len() == TEXTS {
                self.second.texts.pop_front();
            }
            self.second.texts.push_back(said.text.clone());
        }
        // The other party has answered.
        while self.second.waiting.front().is_some_and(|first| first.role != role) {
            self.ask_again();
        }
        let Some(sound) = sound.filter(|_| !sure) else { return };
        if self.second.waiting.len() == WAITING {
            self.ask_again();
        }
        let segment = SegmentId::new(said.segment_id.clone());
        let call = self.id.clone();
        self.second.waiting.push_back(Doubtful {
            key: SegmentKey { call, leg, segment },
            role,
            sound,
            said: said.clone(),
        });
    }

    /// Asks for the oldest of those that wait.
    fn ask_again(&mut self) {
        let Some(mut doubtful) = self.second.waiting.pop_front() else {
            return;
        };
        let samples = std::mem::take(&mut doubtful.sound.samples);
        self.effects.push_back(Effect::Recognise(AudioJob {
            key: doubtful.key.clone(),
            pass: Pass::Again,
            samples,
            deadline: self.now + SOON,
            words: Some(Arc::new(self.words())),
        }));
        if self.second.asked.len() == ASKED {
            let oldest = self.second.asked.pop_front();
            self.effects.extend(oldest.map(|doubtful| Effect::Forget(doubtful.key)));
        }
        self.second.asked.push_back(doubtful);
    }

    /// What the call has established: terms of its topics, and of the line that were said; its last texts.
    fn words(&self) -> CallWords {
        let knowledge = self.parts.pack.knowledge();
        let wrapup = self.stages.assist().draft();
        let topics = wrapup.topics.iter().filter_map(|topic| knowledge.topic(&topic.topic));
        let of_topics = topics.flat_map(|topic| std::iter::once(&topic.name).chain(&topic.terms));
        let mut terms: Vec<String> = of_topics.cloned().collect();
        let said = |term: &&str| self.second.texts.iter().any(|text| text.contains(*term));
        terms.extend(knowledge.vocabulary().filter(said).map(str::to_owned));
        CallWords {
            terms,
            said: self.second.texts.iter().cloned().collect(),
        }
    }

    /// The answer to a second reading. The first one stands where the second is no surer or says the same.
    pub(super) fn read_again(&mut self, key: &SegmentKey, outcome: Recognition) {
        let Some(at) = self.second.asked.iter().position(|doubtful| doubtful.key == *key) else {
            return;
        };
        let Some(doubtful) = self.second.asked.remove(at) else {
            return;
        };
        if let Recognition::Text(heard) = outcome
            && heard.confidence > doubtful.said.confidence
        {
            self.revise(doubtful, &heard);
        }
    }

    fn revise(&mut self, mut doubtful: Doubtful, heard: &Hypothesis) {
        let text = self.parts.text.finish_hypothesis(heard).text;
        let masked = doubtful.sound.masker.mask(&text, true);
        // Another mark is no news.
        let words = |text: &str| {
            text.chars()
                .filter(|c| c.is_alphanumeric() || *c == '*')
                .collect::<String>()
        };
        if masked.text.is_empty() || words(&masked.text) == words(&doubtful.said.text) {
            return;
        }
        let body = Body::TranscriptRevised(Transcript {
            rev: doubtful.said.rev + 1,
            stable: Some(masked.text.chars().count()),
            text: masked.text,
            redactions: masked.redactions,
            confidence: heard.confidence,
            ..doubtful.said
        });
        self.publish(Some(doubtful.key.leg), Some(doubtful.role), body);
    }

    /// The wrap-up is out. Asks for all that waits; `false` when nothing is to be awaited.
    pub(super) fn wait_for_second(&mut self, ended: Instant, cause: EndCause) -> bool {
        while !self.second.waiting.is_empty() {
            self.ask_again();
        }
        let Some(config) = self.config.second.filter(|_| !self.second.is_done()) else {
            return false;
        };
        let until = self.now + config.within;
        self.phase = Phase::Revising { ended, until, cause };
        true
    }
}
