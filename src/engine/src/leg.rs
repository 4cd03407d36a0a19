//! One leg of a call: its audio, its segments, and the order in which its finals are said.

use std::collections::VecDeque;
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
    /// Where the tap's first frame lies in the call.
    origin: Option<CallTime>,
    /// Begin of the newest segment, so that ids rise.
    last_begin: Option<u64>,
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
    Speech {
        event: SegmentEvent,
        segment: SegmentId,
    },
    Gap {
        begin: CallTime,
        end: CallTime,
        cause: sidetone_media::GapCause,
    },
}

impl Leg {
    pub(crate) fn new(id: LegId, role: Role, agent: Option<AgentId>, config: &EngineConfig, parts: &Parts) -> Self {
        Self {
            id,
            role,
            agent,
            tap: None,
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
            origin: None,
            last_begin: None,
        }
    }

    /// Takes a frame; `at` is the call's time of `now`.
    pub(crate) fn hear(&mut self, now: Instant, at: CallTime, frame: TapFrame) -> Vec<Heard> {
        self.origin.get_or_insert(at);
        self.audio.handle(now, frame);
        self.drain()
    }

    /// Lets the jitter buffer give up waiting.
    pub(crate) fn wake(&mut self, now: Instant) -> Vec<Heard> {
        self.audio.wake(now);
        self.drain()
    }

    /// Closes the open segment, if there is one.
    pub(crate) fn flush(&mut self) -> Vec<Heard> {
        self.segmenter.flush();
        self.drain()
    }

    /// Hears nothing until `resume`; what was being said is closed first.
    pub(crate) fn pause(&mut self) -> Vec<Heard> {
        let heard = self.flush();
        self.segmenter.pause();
        heard
    }

    pub(crate) fn resume(&mut self) {
        self.segmenter.resume();
    }

    pub(crate) fn segment_mut(&mut self, id: &SegmentId) -> Option<&mut Segment> {
        self.segments.iter_mut().find(|segment| segment.id == *id)
    }

    /// What it is saying just now.
    pub(crate) fn open_segment(&self) -> Option<SegmentId> {
        let newest = self.segments.back()?;
        matches!(newest.state, SegmentState::Open).then(|| newest.id.clone())
    }

    /// Whether the segment is one of its own.
    pub(crate) fn speaks(&self, segment: &SegmentId) -> bool {
        segment
            .as_str()
            .rsplit_once('-')
            .is_some_and(|(role, _)| role == self.role.to_string())
    }

    /// Nothing more will come of it.
    pub(crate) fn is_done(&self) -> bool {
        self.left && self.segments.is_empty()
    }

    /// Where a position of the tap lies in the call.
    pub(crate) fn call_time(&self, at: MediaTime) -> CallTime {
        CallTime(self.origin.unwrap_or_default().0 + at.since_start())
    }

    fn drain(&mut self) -> Vec<Heard> {
        let mut heard = Vec::new();
        while let Some(event) = self.audio.poll() {
            match event {
                MediaEvent::Pcm(mut frame) => {
                    let begin = self.call_time(frame.begin);
                    self.track.push(begin.0, &frame.samples);
                    if let Some(denoiser) = &mut self.denoiser {
                        denoiser.denoise(&mut frame.samples);
                    }
                    self.segmenter.push(&frame);
                }
                MediaEvent::Gap { begin, duration, cause } => {
                    let begin = self.call_time(begin);
                    heard.push(Heard::Gap {
                        begin,
                        end: CallTime(begin.0 + duration),
                        cause,
                    });
                }
            }
        }
        while let Some(event) = self.segmenter.poll() {
            let segment = self.name(&event);
            heard.push(Heard::Speech { event, segment });
        }
        heard
    }

    /// The id of the segment that the event is about: role and begin, so that it survives a restart.
    fn name(&mut self, event: &SegmentEvent) -> SegmentId {
        if let SegmentEvent::Started { begin } = event {
            let begin = self.call_time(*begin);
            let unique = self
                .last_begin
                .map_or(begin.as_millis(), |last| begin.as_millis().max(last + 1));
            self.last_begin = Some(unique);
            let id = SegmentId::new(format!("{}-{unique}", self.role));
            self.segments.push_back(Segment {
                id,
                begin,
                rev: 0,
                state: SegmentState::Open,
                settler: Settler::default(),
                shown: (String::new(), 0),
                ahead: Ahead::Unasked,
            });
        }
        self.segments
            .back()
            .map_or_else(|| SegmentId::new(""), |segment| segment.id.clone())
    }
}
