//! What is heard of calls: every signal, and each leg through the engine's own ears.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use sidetone_base::{CallEvent, CallId, Fact, LegId, Role, SwitchOutput, TapKind};
use sidetone_media::{Codec, LegAudio, MediaConfig, MediaEvent};
use tokio::sync::mpsc::Receiver;

use crate::sound::loudness;

/// One leg, as heard, through the engine's own ears.
pub(crate) struct LegHeard {
    audio: LegAudio,
    pub(crate) samples: Vec<i16>,
    pub(crate) gaps: Vec<Duration>,
    pub(crate) packets: usize,
    joined: Instant,
    first: Option<Instant>,
    last: Option<Instant>,
    pub(crate) agent: Option<String>,
    pub(crate) role: Role,
}

impl LegHeard {
    fn drain(&mut self) {
        while let Some(event) = self.audio.poll() {
            match event {
                MediaEvent::Pcm(frame) => self.samples.extend(frame.samples),
                MediaEvent::Gap { begin, end, .. } => self.gaps.push(end.since_start() - begin.since_start()),
            }
        }
    }

    /// The tone of the loud part, by counting zero crossings, at 16 kHz.
    pub(crate) fn tone(&self) -> f64 {
        let loud: Vec<i16> = self
            .samples
            .chunks(320)
            .filter(|chunk| loudness(chunk) > 1000.0)
            .flatten()
            .copied()
            .collect();
        assert!(
            loud.len() > 8000,
            "only {} loud samples of {}",
            loud.len(),
            self.samples.len()
        );
        let crossings = loud.windows(2).filter(|pair| (pair[0] < 0) != (pair[1] < 0)).count();
        crossings as f64 / 2.0 * 16_000.0 / loud.len() as f64
    }

    /// From the word that it is there to its first packet.
    pub(crate) fn attach(&self) -> Duration {
        self.first.expect("never heard").saturating_duration_since(self.joined)
    }

    /// When its first and its last frame were said.
    pub(crate) fn heard_at(&self) -> [Instant; 2] {
        [self.first, self.last].map(|at| at.expect("never heard"))
    }

    pub(crate) fn longest_gap(&self) -> Duration {
        self.gaps.iter().copied().max().unwrap_or_default()
    }
}

/// Everything that was said and heard.
#[derive(Default)]
pub(crate) struct Heard {
    pub(crate) story: Vec<(CallId, CallEvent)>,
    pub(crate) legs: BTreeMap<LegId, LegHeard>,
    pub(crate) connected: usize,
    pub(crate) facts: Vec<Fact>,
    unknown: BTreeSet<LegId>,
}

impl Heard {
    /// Listens until `done`, or panics after `limit` with the story so far.
    pub(crate) async fn listen(
        &mut self,
        output: &mut Receiver<SwitchOutput>,
        limit: Duration,
        done: impl Fn(&Self) -> bool,
    ) {
        let until = tokio::time::Instant::now() + limit;
        while !done(self) {
            match tokio::time::timeout_at(until, output.recv()).await {
                Ok(Some(item)) => self.take(item),
                Ok(None) => panic!("the switch side stopped"),
                Err(_) => panic!("not within {limit:?}; so far:\n{}", self.told()),
            }
        }
    }

    pub(crate) async fn listen_for(&mut self, output: &mut Receiver<SwitchOutput>, time: Duration) {
        let until = tokio::time::Instant::now() + time;
        while let Ok(Some(item)) = tokio::time::timeout_at(until, output.recv()).await {
            self.take(item);
        }
    }

    fn take(&mut self, item: SwitchOutput) {
        match item {
            SwitchOutput::Connected { .. } => self.connected += 1,
            SwitchOutput::Fact(fact) => self.facts.push(fact),
            SwitchOutput::Disconnected => {}
            SwitchOutput::Signal(signal) => {
                self.signal(&signal.event);
                self.story.push((signal.call, signal.event));
            }
            SwitchOutput::Audio { leg, at, frame, .. } => {
                // The last packets of a leg may follow its end; none may come before it.
                let Some(heard) = self.legs.get_mut(&leg) else {
                    self.unknown.insert(leg);
                    return;
                };
                heard.first.get_or_insert(at);
                heard.last = Some(at);
                heard.packets += 1;
                heard.audio.handle(at, frame);
                heard.drain();
            }
            SwitchOutput::Asked { .. } => panic!("nobody asks here"),
        }
    }

    fn signal(&mut self, event: &CallEvent) {
        match event {
            CallEvent::LegJoined { leg, agent, role, .. } => {
                assert!(!self.unknown.contains(leg), "audio came before its leg");
                let heard = LegHeard {
                    audio: LegAudio::new(MediaConfig::default()),
                    samples: Vec::new(),
                    gaps: Vec::new(),
                    packets: 0,
                    joined: Instant::now(),
                    first: None,
                    last: None,
                    agent: agent.as_ref().map(ToString::to_string),
                    role: *role,
                };
                self.legs.insert(leg.clone(), heard);
            }
            CallEvent::TapAttached { leg, payload_types, .. } => {
                let heard = self.legs.get_mut(leg).expect("a tap of a leg that never joined");
                for payload in payload_types {
                    heard
                        .audio
                        .learn(payload.number, Codec::from_rtpmap(&payload.rtpmap).unwrap());
                }
            }
            _ => {}
        }
    }

    pub(crate) fn count(&self, wanted: impl Fn(&CallEvent) -> bool) -> usize {
        self.story.iter().filter(|(_, event)| wanted(event)).count()
    }

    pub(crate) fn ended(&self) -> usize {
        self.count(|event| matches!(event, CallEvent::Ended { .. }))
    }

    pub(crate) fn attached(&self, wanted: TapKind) -> usize {
        self.count(|event| matches!(event, CallEvent::TapAttached { kind, .. } if *kind == wanted))
    }

    pub(crate) fn failed(&self) -> usize {
        self.count(|event| matches!(event, CallEvent::TapFailed { .. }))
    }

    /// The leg of this agent, or of the caller.
    pub(crate) fn leg(&self, agent: Option<&str>) -> (&LegId, &LegHeard) {
        let found = self.legs.iter().find(|(_, leg)| match agent {
            Some(agent) => leg.agent.as_deref() == Some(agent),
            None => leg.role == Role::Caller,
        });
        found.unwrap_or_else(|| panic!("no leg of {agent:?} in\n{}", self.told()))
    }

    pub(crate) fn told(&self) -> String {
        self.story
            .iter()
            .map(|(call, event)| format!("{call} {event:?}\n"))
            .collect()
    }
}

pub(crate) fn assert_tone(heard: &LegHeard, tone: f64) {
    let found = heard.tone();
    assert!((found - tone).abs() < tone * 0.1, "{found} Hz instead of {tone} Hz");
}
