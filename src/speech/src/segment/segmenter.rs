//! The state machine that cuts a leg's audio into utterances.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use sidetone_base::{MediaTime, PcmFrame, SampleRate};

use super::buffer::Buffer;
use super::{SegmentConfig, SegmentEnd, SegmentEvent};
use crate::vad::{VAD_FRAME, Voice, VoiceDetector, VoiceScore};

/// Partials that wait to be polled at most; one more is not made. Starts and ends always are.
const WAITING_PARTIALS: usize = 8;

/// Cuts one leg's audio into utterances.
///
/// Sans-IO: push what the leg gives, poll what is known. Memory is bounded by
/// [`SegmentConfig::max_length`] and [`SegmentConfig::pre_roll`]. Segments are in order and never
/// overlap; together they hold all speech that lasted for [`SegmentConfig::min_speech`].
pub struct Segmenter {
    config: SegmentConfig,
    voice: Box<dyn VoiceScore>,
    /// Samples since the last whole frame.
    partial: Vec<i16>,
    /// From the segment's first sample, or the pre-roll; ends where the last whole frame ended.
    buffer: Buffer,
    state: State,
    paused: bool,
    dropped: u64,
    events: VecDeque<SegmentEvent>,
}

#[derive(Clone, Copy)]
enum State {
    /// Nobody speaks.
    Idle,
    /// Somebody may: not said yet.
    Maybe(Run),
    /// Somebody does: `Started` was said.
    Open {
        run: Run,
        /// Length of what was last shown, in samples.
        shown: u64,
    },
}

/// A stretch of speech and the pauses in it, in samples.
#[derive(Clone, Copy)]
struct Run {
    /// Voiced so far.
    voiced: u64,
    /// Where the last voiced frame ended.
    speech_end: u64,
    /// The last frame was voiced.
    speaking: bool,
}

impl Segmenter {
    /// A segmenter that has heard nothing yet. Without a detector the gate decides alone.
    #[must_use]
    pub fn new(config: SegmentConfig, detector: Option<Box<dyn VoiceDetector>>) -> Self {
        let voice = Box::new(Voice::new(config.gate, detector));
        Self::with_voice(config, voice)
    }

    pub(crate) fn with_voice(config: SegmentConfig, voice: Box<dyn VoiceScore>) -> Self {
        Self {
            config,
            voice,
            partial: Vec::with_capacity(VAD_FRAME),
            buffer: Buffer::default(),
            state: State::Idle,
            paused: false,
            dropped: 0,
            events: VecDeque::new(),
        }
    }

    /// Takes the next stretch of the leg, 16 kHz.
    pub fn push(&mut self, frame: &PcmFrame) {
        if self.paused {
            return;
        }
        let expected = self.buffer.end() + self.partial.len() as u64;
        if frame.begin.ticks != expected {
            // The first frame, or the first after a pause.
            self.flush();
            self.rewind(frame.begin.ticks);
        }
        let mut samples = frame.samples.as_slice();
        while !samples.is_empty() {
            let room = VAD_FRAME - self.partial.len();
            let (now, later) = samples.split_at(room.min(samples.len()));
            self.partial.extend_from_slice(now);
            samples = later;
            if let Ok(whole) = <&[i16; VAD_FRAME]>::try_from(self.partial.as_slice()) {
                let score = self.voice.score(whole);
                self.buffer.push(whole);
                self.partial.clear();
                self.advance(score);
            }
        }
    }

    /// The next event; drain to `None`.
    pub fn poll(&mut self) -> Option<SegmentEvent> {
        self.events.pop_front()
    }

    /// The line went down: closes the segment that is open, last words included.
    pub fn flush(&mut self) {
        if let State::Open { run, .. } = self.state {
            let rest = std::mem::take(&mut self.partial);
            self.buffer.push(&rest);
            self.end(run.speech_end, self.buffer.end(), SegmentEnd::Flush);
        }
        let end = self.buffer.end() + self.partial.len() as u64;
        self.rewind(end);
    }

    /// The leg is on hold: what is open is closed, what comes is not heard.
    pub fn pause(&mut self) {
        self.flush();
        self.paused = true;
    }

    /// The hold is over.
    pub fn resume(&mut self) {
        self.paused = false;
    }

    /// Stretches of sound that were too short to be speech.
    #[must_use]
    pub const fn dropped(&self) -> u64 {
        self.dropped
    }

    /// Samples that are kept: bounded.
    #[must_use]
    pub fn kept(&self) -> usize {
        self.buffer.len() + self.partial.len()
    }

    fn rewind(&mut self, ticks: u64) {
        self.partial.clear();
        self.buffer.restart(ticks);
        self.state = State::Idle;
        self.voice.reset();
    }

    /// One frame more, at the buffer's end.
    fn advance(&mut self, score: f32) {
        let now = self.buffer.end();
        match self.state {
            State::Idle if score >= self.config.start => {
                let run = Run {
                    voiced: VAD_FRAME as u64,
                    speech_end: now,
                    speaking: true,
                };
                self.state = State::Maybe(run);
                self.open_when_sure(run);
            }
            State::Idle => self.buffer.keep_last(samples(self.config.pre_roll) as usize),
            State::Maybe(run) => {
                let run = self.extend(run, score);
                self.state = State::Maybe(run);
                if now - run.speech_end >= samples(self.config.hangover) {
                    self.dropped += 1;
                    self.state = State::Idle;
                    self.buffer.keep_last(samples(self.config.pre_roll) as usize);
                } else {
                    self.open_when_sure(run);
                }
            }
            State::Open { run, shown } => {
                let run = self.extend(run, score);
                self.state = State::Open { run, shown };
                if now - run.speech_end >= samples(self.config.hangover) {
                    let end = now.min(run.speech_end + samples(self.config.post_roll));
                    self.end(run.speech_end, end, SegmentEnd::Silence);
                } else if self.buffer.len() as u64 >= samples(self.config.max_length) {
                    self.split(run);
                } else {
                    self.show();
                    self.pause_begins(run);
                }
            }
        }
    }

    fn extend(&self, run: Run, score: f32) -> Run {
        let threshold = if run.speaking {
            self.config.stop
        } else {
            self.config.start
        };
        if score < threshold {
            return Run { speaking: false, ..run };
        }
        let voiced = run.voiced + VAD_FRAME as u64;
        Run {
            voiced,
            speech_end: self.buffer.end(),
            speaking: true,
        }
    }

    fn open_when_sure(&mut self, run: Run) {
        // A cough now and then is not speech, however often: what is kept stays bounded.
        let stale = self.buffer.len() as u64 >= samples(self.config.max_length);
        if run.voiced >= samples(self.config.min_speech) || stale {
            self.state = State::Open { run, shown: 0 };
            self.events.push_back(SegmentEvent::Started {
                begin: at(self.buffer.begin()),
            });
            self.show();
        }
    }

    /// Shows the segment so far, when it is time and there is something new: at whole multiples of the interval from
    /// its first sample, where a model that streams by that step has one more step to take.
    fn show(&mut self) {
        let (State::Open { run, shown }, Some(every)) = (self.state, self.config.partial_every) else {
            return;
        };
        let length = self.buffer.len() as u64;
        let news = run.speech_end > self.buffer.begin() + shown;
        let step = samples(every).max(1);
        if length / step <= shown / step || !news || self.events.len() >= WAITING_PARTIALS {
            return;
        }
        self.state = State::Open { run, shown: length };
        self.events.push_back(SegmentEvent::Grown {
            begin: at(self.buffer.begin()),
            end: at(self.buffer.end()),
            samples: Arc::from(self.buffer.samples()),
        });
    }

    /// Shows what the segment will be, at the moment when the pause is long enough to expect its end.
    fn pause_begins(&mut self, run: Run) {
        let Some(after) = self
            .config
            .ahead_after
            .map(|after| samples(after.max(self.config.post_roll)))
        else {
            return;
        };
        let silence = self.buffer.end() - run.speech_end;
        let now = silence >= after && silence < after + VAD_FRAME as u64;
        if !now || self.events.len() >= WAITING_PARTIALS {
            return;
        }
        let end = run.speech_end + samples(self.config.post_roll);
        let length = (end - self.buffer.begin()) as usize;
        let Some(so_far) = self.buffer.samples().get(..length) else {
            return;
        };
        self.events.push_back(SegmentEvent::Paused {
            begin: at(self.buffer.begin()),
            end: at(end),
            samples: Arc::from(so_far),
        });
    }

    /// Closes the open segment at `end`; what follows is the next one's pre-roll.
    fn end(&mut self, speech_end: u64, end: u64, cause: SegmentEnd) {
        let begin = self.buffer.begin();
        let audio = self.buffer.take_until(end);
        self.state = State::Idle;
        self.buffer.keep_last(samples(self.config.pre_roll) as usize);
        self.events.push_back(SegmentEvent::Ended {
            begin: at(begin),
            end: at(end),
            speech_end: at(speech_end.min(end)),
            samples: audio,
            cause,
        });
    }

    /// Cuts the open segment at its quietest moment; what follows is open at once when it holds speech.
    fn split(&mut self, run: Run) {
        let begin = self.buffer.begin();
        let cut = self.buffer.quietest(samples(self.config.split_search));
        let audio = self.buffer.take_until(cut);
        let speech_end = at(run.speech_end.min(cut));
        let (begin, end, cause) = (at(begin), at(cut), SegmentEnd::Split);
        self.events.push_back(SegmentEvent::Ended {
            begin,
            end,
            speech_end,
            samples: audio,
            cause,
        });
        if run.speech_end > cut {
            let voiced = run.speech_end - cut;
            self.state = State::Open {
                run: Run { voiced, ..run },
                shown: 0,
            };
            self.events.push_back(SegmentEvent::Started { begin: at(cut) });
        } else {
            self.state = State::Idle;
        }
    }
}

fn samples(duration: Duration) -> u64 {
    SampleRate::WIDE.samples_in(duration)
}

const fn at(ticks: u64) -> MediaTime {
    MediaTime {
        ticks,
        clock: SampleRate::WIDE,
    }
}
