//! Understand → match → push, one stage for each wake-up.
//!
//! The engine has no clock, so a stage's length is the time between two wake-ups: a pending stage
//! makes the call's deadline "now", the driver wakes it at once, and the difference is what the stage
//! took, waiting included.

use std::collections::VecDeque;
use std::time::Instant;

use sidetone_assist::{Assist, Candidate, Push, Sight, Turn, Understanding};
use sidetone_base::{CallTime, LegId, Said, SegmentId};
use sidetone_schema::LatencyMs;

use crate::spoken;

/// When a turn passed each stage.
#[derive(Clone, Copy)]
struct Stamps {
    /// The end of speech; of the head of a turn, when its sound had been heard.
    speech_end: Instant,
    settled: Instant,
    understood: Instant,
    matched: Instant,
}

enum Stage {
    Heard(Turn),
    Understood(Box<Understanding>),
    Matched(Vec<Candidate>),
    Pushed(Vec<Push>),
}

/// What passes the stages.
enum Of {
    /// A turn, as a dialplan can use it; filled in on the way.
    Turn(Said),
    /// What is heard so far of a turn that goes on.
    Glimpse(Sight),
}

/// A turn on its way, or the head of one.
struct Passing {
    stage: Stage,
    stamps: Stamps,
    leg: LegId,
    segment: SegmentId,
    of: Of,
}

/// A turn that is through.
pub(crate) struct Through {
    /// Who speaks.
    pub(crate) leg: LegId,
    pub(crate) segment: SegmentId,
    pub(crate) pushes: Vec<Push>,
    /// `None` when the turn goes on.
    pub(crate) said: Option<Said>,
}

/// One call's turns on their way to hints.
pub(crate) struct Stages {
    assist: Assist,
    queue: VecDeque<Passing>,
}

impl Stages {
    pub(crate) fn new(assist: Assist) -> Self {
        Self {
            assist,
            queue: VecDeque::new(),
        }
    }

    /// Takes a settled turn.
    pub(crate) fn hear(&mut self, (leg, turn): (LegId, Turn), speech_end: Instant, settled: Instant) {
        self.drop_glimpse(&turn.segment);
        let said = Said {
            text: turn.text.clone(),
            confidence: turn.confidence,
            ended: Some(speech_end),
            ..Said::default()
        };
        self.enqueue((leg, turn), Of::Turn(said), speech_end, settled);
    }

    /// Takes what is heard of a caller's turn that goes on: its sound was there at `heard`. A newer head takes
    /// the place of one that still waits.
    pub(crate) fn glimpse(&mut self, (leg, head): (LegId, Turn), sight: Sight, heard: Instant, settled: Instant) {
        self.drop_glimpse(&head.segment);
        self.enqueue((leg, head), Of::Glimpse(sight), heard, settled);
    }

    /// A turn turned out to be nothing that may be shown: what a glimpse of it has shown is taken back.
    pub(crate) fn nothing_came(&mut self, segment: &SegmentId) -> Vec<Push> {
        self.drop_glimpse(segment);
        self.assist.withdraw_glimpse(segment)
    }

    fn drop_glimpse(&mut self, segment: &SegmentId) {
        self.queue
            .retain(|turn| matches!(turn.of, Of::Turn(_)) || turn.segment != *segment);
    }

    fn enqueue(&mut self, (leg, turn): (LegId, Turn), of: Of, heard: Instant, settled: Instant) {
        let stamps = Stamps {
            speech_end: heard,
            settled,
            understood: settled,
            matched: settled,
        };
        self.queue.push_back(Passing {
            leg,
            segment: turn.segment.clone(),
            of,
            stage: Stage::Heard(turn),
            stamps,
        });
    }

    /// Takes a turn of the past: its pushes were made then.
    pub(crate) fn recall(&mut self, turn: &Turn) {
        let understanding = self.assist.understand(turn);
        let candidates = self.assist.match_turn(&understanding);
        drop(self.assist.push(turn.end, candidates));
    }

    pub(crate) fn is_idle(&self) -> bool {
        self.queue.is_empty()
    }

    pub(crate) const fn assist(&self) -> &Assist {
        &self.assist
    }

    pub(crate) const fn assist_mut(&mut self) -> &mut Assist {
        &mut self.assist
    }

    /// Runs the next stage of the oldest turn; gives the turn when it is through.
    pub(crate) fn step(&mut self, now: Instant, at: CallTime) -> Option<Through> {
        let mut turn = self.queue.pop_front()?;
        turn.stage = match turn.stage {
            Stage::Heard(heard) => Stage::Understood(Box::new(match &mut turn.of {
                Of::Glimpse(_) => self.assist.glimpse(&heard),
                Of::Turn(said) => {
                    let understanding = self.assist.understand(&heard);
                    spoken::understand(said, &understanding);
                    understanding
                }
            })),
            Stage::Understood(understanding) => {
                turn.stamps.understood = now;
                Stage::Matched(match &mut turn.of {
                    Of::Glimpse(_) => self.assist.match_glimpse(&understanding),
                    Of::Turn(said) => {
                        let candidates = self.assist.match_turn(&understanding);
                        said.reply = spoken::reply(&candidates, &self.assist.phrases().sample);
                        candidates
                    }
                })
            }
            Stage::Matched(candidates) => {
                turn.stamps.matched = now;
                Stage::Pushed(match turn.of {
                    Of::Glimpse(sight) => self.assist.push_glimpse(at, &turn.segment, sight, candidates),
                    Of::Turn(_) => self.assist.push(at, candidates),
                })
            }
            Stage::Pushed(mut pushes) => {
                let latency = latency(&turn.stamps, now);
                for push in &mut pushes {
                    if let Push::New(hint) | Push::Update(hint) = push {
                        hint.latency_ms = latency;
                    }
                }
                return Some(Through {
                    leg: turn.leg,
                    segment: turn.segment,
                    pushes,
                    said: match turn.of {
                        Of::Turn(said) => Some(said),
                        Of::Glimpse(_) => None,
                    },
                });
            }
        };
        self.queue.push_front(turn);
        None
    }
}

/// Differences of whole milliseconds since the end of speech, so that the parts add up to the total.
fn latency(stamps: &Stamps, now: Instant) -> LatencyMs {
    let since = |at: Instant| at.saturating_duration_since(stamps.speech_end).as_millis() as u64;
    let (speech, understood, matched, total) = (
        since(stamps.settled),
        since(stamps.understood),
        since(stamps.matched),
        since(now),
    );
    LatencyMs {
        speech,
        understand: understood.saturating_sub(speech),
        matching: matched.saturating_sub(understood),
        push: total.saturating_sub(matched),
        total,
    }
}
