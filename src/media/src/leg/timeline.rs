//! A leg's time line: every sample has one place, and every place has a sample.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use sidetone_base::{MediaTime, PcmFrame, SampleRate};

use super::{GapCause, MediaEvent};

/// Silence is given in frames of at most this many samples: an hour of hold is not one allocation.
const SILENCE_FRAME: u64 = 16_000;
/// A growing silence is filled in steps: small ones while an utterance may be waiting to be ended.
const SMALL_STEP: Duration = Duration::from_millis(100);
const LARGE_STEP: Duration = Duration::from_secs(1);
/// 16 kHz samples: a lag that lasts this many frames and is at least that long is a slow sender's clock.
const SKEW_FRAMES: u32 = 100;
const SKEW: u64 = 640;
/// Loudest sample of a frame before which skew is made good without anybody hearing.
const QUIET: u16 = 200;

/// Where the wall clock and the time line last met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pace {
    /// At the first frame: frames have no clock but their arrival.
    Arrival,
    /// At the last packet: RTP has a clock of its own.
    Packet,
}

enum Item {
    Event(MediaEvent),
    Silence { begin: u64, samples: u64 },
}

struct Gap {
    begin: u64,
    samples: u64,
    cause: GapCause,
}

pub(super) struct Timeline {
    tolerance: Duration,
    position: u64,
    silence: u64,
    queue: VecDeque<Item>,
    gap: Option<Gap>,
    /// By the wall clock, the time line stood at this position at this time.
    met: Option<(Instant, u64, Pace)>,
    /// Least lag of the last frames, and how many they were.
    least_lag: (u64, u32),
}

impl Timeline {
    pub(super) fn new(tolerance: Duration) -> Self {
        let least_lag = (u64::MAX, 0);
        Self {
            tolerance,
            position: 0,
            silence: 0,
            queue: VecDeque::new(),
            gap: None,
            met: None,
            least_lag,
        }
    }

    pub(super) const fn position(&self) -> u64 {
        self.position
    }

    pub(super) const fn silence(&self) -> u64 {
        self.silence
    }

    pub(super) const fn in_gap(&self) -> bool {
        self.gap.is_some()
    }

    /// How long the wall clock has been further than the time line, in samples.
    pub(super) fn lag(&self, now: Instant) -> u64 {
        let Some((at, position, _)) = self.met else { return 0 };
        let wall = position + SampleRate::WIDE.samples_in(now.saturating_duration_since(at));
        wall.saturating_sub(self.position)
    }

    pub(super) fn tolerance(&self) -> u64 {
        SampleRate::WIDE.samples_in(self.tolerance)
    }

    /// The next sample belongs to `now`, as far as anyone can know.
    pub(super) fn pace(&mut self, now: Instant, pace: Pace) {
        let goes_on = pace == Pace::Arrival && self.met.is_some_and(|(.., before)| before == pace);
        if !goes_on {
            self.met = Some((now, self.position, pace));
        }
    }

    /// A frame that has no clock of its own is here: was there silence before it?
    pub(super) fn arrive(&mut self, now: Instant, samples: &[i16]) {
        let lag = self.lag(now);
        if lag > self.tolerance() || self.in_gap() {
            self.fill(lag, GapCause::NoAudio);
            self.least_lag = (u64::MAX, 0);
            return;
        }
        let (least, frames) = self.least_lag;
        self.least_lag = (least.min(lag), frames + 1);
        if self.least_lag.1 < SKEW_FRAMES {
            return;
        }
        if self.least_lag.0 < SKEW {
            self.least_lag = (u64::MAX, 0);
        } else if samples.iter().all(|sample| sample.unsigned_abs() < QUIET) {
            self.quiet(self.least_lag.0);
            self.least_lag = (u64::MAX, 0);
        }
    }

    /// Nothing may have come for longer than jitter explains: silence up to `now`.
    pub(super) fn fill_if_late(&mut self, now: Instant) {
        if self.deadline().is_some_and(|deadline| now >= deadline) {
            self.fill(self.lag(now), GapCause::NoAudio);
        }
    }

    /// When [`Timeline::fill_if_late`] has something to do.
    pub(super) fn deadline(&self) -> Option<Instant> {
        let (at, position, _) = self.met?;
        let ahead = SampleRate::WIDE.duration_of(self.position.saturating_sub(position));
        let patience = match &self.gap {
            None => self.tolerance,
            Some(gap) if gap.samples < SILENCE_FRAME => SMALL_STEP,
            Some(_) => LARGE_STEP,
        };
        Some(at + ahead + patience)
    }

    /// Sound, heard.
    pub(super) fn audio(&mut self, samples: Vec<i16>) {
        if !samples.is_empty() {
            self.close_gap();
            self.give(samples);
        }
    }

    /// Sound, made up.
    pub(super) fn made_up(&mut self, samples: Vec<i16>, cause: GapCause) {
        self.widen_gap(samples.len() as u64, cause);
        self.give(samples);
    }

    /// Silence, unheard.
    pub(super) fn fill(&mut self, samples: u64, cause: GapCause) {
        if samples > 0 {
            self.widen_gap(samples, cause);
            self.quiet(samples);
        }
    }

    /// The gap that is open, taken for silence while nobody knew better, turns out to be lost packets: they
    /// can have held `most` samples.
    pub(super) fn was_lost(&mut self, most: u64) {
        if let Some(gap) = self.gap.as_mut().filter(|gap| gap.samples <= most) {
            gap.cause = GapCause::PacketLoss;
        }
    }

    /// The gap is over: reports it.
    pub(super) fn close_gap(&mut self) {
        if let Some(Gap { begin, samples, cause }) = self.gap.take() {
            let duration = SampleRate::WIDE.duration_of(samples);
            self.queue.push_back(Item::Event(MediaEvent::Gap {
                begin: at(begin),
                duration,
                cause,
            }));
        }
    }

    pub(super) fn poll(&mut self) -> Option<MediaEvent> {
        match self.queue.pop_front()? {
            Item::Event(event) => Some(event),
            Item::Silence { begin, samples } => {
                let now = samples.min(SILENCE_FRAME);
                if samples > now {
                    self.queue.push_front(Item::Silence {
                        begin: begin + now,
                        samples: samples - now,
                    });
                }
                let samples = vec![0; now as usize];
                Some(MediaEvent::Pcm(PcmFrame {
                    begin: at(begin),
                    samples,
                }))
            }
        }
    }

    fn give(&mut self, samples: Vec<i16>) {
        let begin = at(self.position);
        self.position += samples.len() as u64;
        self.queue
            .push_back(Item::Event(MediaEvent::Pcm(PcmFrame { begin, samples })));
    }

    fn quiet(&mut self, samples: u64) {
        self.queue.push_back(Item::Silence {
            begin: self.position,
            samples,
        });
        self.position += samples;
        self.silence += samples;
    }

    fn widen_gap(&mut self, samples: u64, cause: GapCause) {
        if self.gap.as_ref().is_some_and(|gap| gap.cause != cause) {
            self.close_gap();
        }
        let begin = self.position;
        self.gap
            .get_or_insert(Gap {
                begin,
                samples: 0,
                cause,
            })
            .samples += samples;
    }
}

const fn at(ticks: u64) -> MediaTime {
    MediaTime {
        ticks,
        clock: SampleRate::WIDE,
    }
}
