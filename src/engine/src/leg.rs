//! One leg of a call: its audio, its segments, and the order in which its finals are said.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant;

use sidetone_assist::privacy::Masker;
use sidetone_base::{AgentId, CallTime, LegId, MediaTime, Role, Said, SegmentId, TapFrame, TapKind};
use sidetone_media::crosstalk::{Leak, Track};
use sidetone_media::{LegAudio, MediaEvent};
use sidetone_speech::{Denoiser, SegmentEvent, Segmenter, Settler};

use crate::port::Recognition;
use crate::{EngineConfig, Parts};

/// One party.
pub(crate) struct Leg {
    pub(crate) id: LegId,
    pub(crate) role: Role,
    pub(crate) agent: Option<AgentId>,
    pub(crate) tap: Option<TapKind>,
    /// Since when it is heard by that tap.
    pub(crate) tapped: CallTime,
    /// It has left the call; it stays here until its last final is said.
    pub(crate) left: bool,
    pub(crate) masker: Masker,
    pub(crate) segments: VecDeque<Segment>,
    pub(crate) finals_lost: u64,
    /// Sentences that were left out of its finals because nobody said them.
    pub(crate) credits: u64,
    /// How loud it was, to find another party's sound in it, and the last such.
    pub(crate) track: Track,
    pub(crate) leak: Option<(LegId, Leak)>,
    /// Under which code it was said that another party's sound is in it.
    pub(crate) crosstalk: Option<&'static str>,
    /// Segments that had some.
    pub(crate) crosstalk_segments: u64,
    /// The last thing that it said and that was understood.
    pub(crate) said: Option<Said>,
    pub(crate) audio: LegAudio,
    denoiser: Option<Box<dyn Denoiser>>,
    segmenter: Segmenter,
    /// The call's first moment.
    began: Instant,
    paused: bool,
    /// What was said before that is not heard: nothing was to be heard then.
    deaf_until: Option<Instant>,
    pub(crate) wire: Wire,
}

/// Whether anything comes from a leg's tap.
#[derive(Default)]
pub(crate) struct Wire {
    /// The tap was attached, or is to be heard again, since then.
    pub(crate) since: Option<Instant>,
    /// Begin of the `audio.gap` that was said to be open.
    pub(crate) open: Option<CallTime>,
}

/// A stretch of speech between its begin and its final.
pub(crate) struct Segment {
    pub(crate) id: SegmentId,
    pub(crate) begin: CallTime,
    /// Highest revision published; 0 when nothing was.
    pub(crate) rev: u32,
    pub(crate) state: SegmentState,
    pub(crate) ahead: Ahead,
    pub(crate) settler: Settler,
    /// The text of that revision, and how much of it was said to be stable.
    pub(crate) shown: (String, usize),
    /// The settled text behind it, not masked, and its confidence: what is left if the final fails.
    pub(crate) heard: Option<(String, f32)>,
    /// What was decoded, if it may be decoded a second time.
    pub(crate) samples: Arc<[i16]>,
    /// Some of it was said while an operator withheld text: none of it is ever shown.
    pub(crate) withheld: bool,
}

impl Segment {
    pub(crate) fn new(id: SegmentId, begin: CallTime, withheld: bool) -> Self {
        Self {
            id,
            begin,
            rev: 0,
            state: SegmentState::Open,
            settler: Settler::default(),
            shown: (String::new(), 0),
            heard: None,
            samples: Arc::default(),
            withheld,
            ahead: Ahead::Unasked,
        }
    }
}

/// What is known of a segment that may be over: its final, decoded while the hangover runs.
#[derive(Default)]
pub(crate) enum Ahead {
    /// Nothing.
    #[default]
    Unasked,
    /// The job is out, for the audio up to `end`.
    Asked { end: MediaTime },
    /// It is the final if the segment ends at `end`.
    Known { end: MediaTime, outcome: Recognition },
}

impl Ahead {
    /// The final of a segment that ends at `end`, if it is known already.
    pub(crate) fn of(self, end: MediaTime) -> Option<Recognition> {
        match self {
            Self::Known { end: known, outcome } if known == end => Some(outcome),
            _ => None,
        }
    }
}

pub(crate) enum SegmentState {
    /// The speaker goes on.
    Open,
    /// The final job is out.
    Waiting { speech_end: CallTime, since: Instant },
    /// The final is here, and waits for its predecessors.
    Settled { speech_end: CallTime, outcome: Recognition },
}

/// What a leg heard, on the call's time line.
pub(crate) enum Heard {
    Speech(SegmentEvent),
    Gap {
        begin: CallTime,
        end: CallTime,
        cause: sidetone_media::GapCause,
    },
}

impl Leg {
    /// A leg of a call that began at `began`.
    pub(crate) fn new(
        id: LegId,
        role: Role,
        agent: Option<AgentId>,
        began: Instant,
        (config, parts): (&EngineConfig, &Parts),
    ) -> Self {
        Self {
            id,
            role,
            agent,
            tap: None,
            tapped: CallTime::default(),
            left: false,
            masker: Masker::default(),
            segments: VecDeque::new(),
            finals_lost: 0,
            credits: 0,
            track: Track::default(),
            leak: None,
            crosstalk: None,
            crosstalk_segments: 0,
            said: None,
            audio: LegAudio::new(config.media.clone()),
            denoiser: (parts.denoiser)(),
            segmenter: Segmenter::new(config.segment.clone(), (parts.detector)()),
            began,
            paused: false,
            deaf_until: None,
            wire: Wire::default(),
        }
    }

    /// Takes a frame that came at `now`.
    pub(crate) fn hear(&mut self, now: Instant, frame: TapFrame) -> Vec<Heard> {
        self.audio.handle(now, frame);
        self.drain()
    }

    /// Lets the jitter buffer give up waiting.
    pub(crate) fn wake(&mut self, now: Instant) -> Vec<Heard> {
        self.audio.wake(now);
        self.drain()
    }

    /// Nothing more comes: gives the last sound, and closes the open segment.
    pub(crate) fn finish(&mut self, now: Instant) -> Vec<Heard> {
        self.audio.finish(now);
        let mut heard = self.drain();
        self.segmenter.flush();
        heard.extend(self.drain());
        heard
    }

    /// Hears nothing until `resume`; what was being said is closed first.
    pub(crate) fn pause(&mut self) -> Vec<Heard> {
        self.audio.settle();
        let mut heard = self.drain();
        self.segmenter.pause();
        self.paused = true;
        heard.extend(self.drain());
        heard
    }

    /// Hears what is said from `now` on.
    pub(crate) fn resume(&mut self, now: Instant) {
        if std::mem::take(&mut self.paused) {
            self.segmenter.resume();
            self.deaf_until = Some(now);
            self.wire.since = Some(now);
        }
    }

    pub(crate) fn segment_mut(&mut self, id: &SegmentId) -> Option<&mut Segment> {
        self.segments.iter_mut().find(|segment| segment.id == *id)
    }

    /// What it is saying just now.
    pub(crate) fn open_segment(&self) -> Option<SegmentId> {
        let newest = self.segments.back()?;
        matches!(newest.state, SegmentState::Open).then(|| newest.id.clone())
    }

    /// Nothing more will come of it.
    pub(crate) fn is_done(&self) -> bool {
        self.left && self.segments.is_empty()
    }

    /// Where a position of the tap lies in the call.
    pub(crate) fn call_time(&self, at: MediaTime) -> CallTime {
        let since = |at: Instant| CallTime(at.saturating_duration_since(self.began));
        self.audio.time_of(at).map(since).unwrap_or_default()
    }

    fn drain(&mut self) -> Vec<Heard> {
        let mut heard = Vec::new();
        while let Some(event) = self.audio.poll() {
            match event {
                MediaEvent::Pcm(mut frame) => {
                    let begin = self.call_time(frame.begin);
                    self.track.push(begin.0, &frame.samples);
                    if self.is_deaf_to(frame.begin) {
                        continue;
                    }
                    if let Some(denoiser) = &mut self.denoiser {
                        denoiser.denoise(&mut frame.samples);
                    }
                    self.segmenter.push(&frame);
                }
                MediaEvent::Gap { begin, end, cause } => {
                    let begin = self.call_time(begin);
                    let end = self.call_time(end).max(begin);
                    heard.push(Heard::Gap { begin, end, cause });
                }
            }
        }
        while let Some(event) = self.segmenter.poll() {
            heard.push(Heard::Speech(event));
        }
        heard
    }

    /// Whether a sample was said while nothing was to be heard, and only came late.
    fn is_deaf_to(&mut self, at: MediaTime) -> bool {
        let Some(until) = self.deaf_until else { return false };
        if self.audio.time_of(at).is_some_and(|at| at < until) {
            return true;
        }
        self.deaf_until = None;
        false
    }
}
