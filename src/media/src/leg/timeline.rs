//! A leg's time line: every sample has one place, and every place has a sample.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use sidetone_base::{MediaTime, PcmFrame, SampleRate};

use super::clock::Clock;
use super::held::{Held, Op};
use super::{GapCause, MediaEvent};

/// Silence is given in frames of at most this many samples: an hour of hold is not one allocation.
const SILENCE_FRAME: u64 = 16_000;
/// A growing silence is filled in steps: small ones while an utterance may be waiting to be ended.
const SMALL_STEP: Duration = Duration::from_millis(100);
const LARGE_STEP: Duration = Duration::from_secs(1);
/// A lag that lasts this many frames and is at least that many samples is a slow sender's clock, or sound that was
/// dropped on the way.
const SKEW_FRAMES: u32 = 100;
const SKEW: u64 = 640;
/// No frame comes before its sound was said: one that comes earlier than this says that the clock is late.
const EARLY: Duration = Duration::from_millis(10);
/// A frame without a clock of its own, or whose clock is not believed, that is later than this is held until it is known
/// why.
const DOUBTFUL: Duration = Duration::from_millis(100);
/// Late sound that begins this near to where the last sound ended goes on from there.
const NEAR: Duration = Duration::from_millis(60);
/// A wake-up that is this late says that this process stood still: frames may lie in its sockets.
const STALLED: Duration = Duration::from_millis(60);
/// How long they are then awaited before silence is made up.
const GRACE: Duration = Duration::from_millis(50);

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
    clock: Clock,
    /// Sound that came after a silence, until it is known when it was said.
    held: Option<Held>,
    /// Silence that was put before what was held, after its place had been told.
    inserted: u64,
    /// Where the last sound ended that was heard.
    heard_end: u64,
    /// The sender has said that it sends nothing.
    meant: bool,
    /// Least lag of the last frames, and how many they were.
    least_lag: (u64, u32),
    /// This process stood still: no silence is made up before that.
    grace: Option<Instant>,
}

impl Timeline {
    pub(super) fn new(tolerance: Duration) -> Self {
        Self {
            tolerance,
            position: 0,
            silence: 0,
            queue: VecDeque::new(),
            gap: None,
            clock: Clock::default(),
            held: None,
            inserted: 0,
            heard_end: 0,
            meant: false,
            least_lag: (u64::MAX, 0),
            grace: None,
        }
    }

    pub(super) const fn position(&self) -> u64 {
        self.position
    }

    pub(super) const fn silence(&self) -> u64 {
        self.silence
    }

    /// Where the next sample goes. Only differences count: silence may be put before what is held.
    pub(super) fn place(&self) -> u64 {
        let held = self.held.as_ref().map_or(0, Held::ticks);
        (self.position + held).saturating_sub(self.inserted)
    }

    /// When a position was.
    pub(super) fn time_of(&self, position: u64) -> Option<Instant> {
        self.clock.time_of(position)
    }

    /// When the last sound ended that was heard; `None` before the first.
    pub(super) fn silent_since(&self) -> Option<Instant> {
        self.clock.time_of(self.heard_end)
    }

    /// Whether the sender has said that it sends nothing.
    pub(super) const fn silence_is_meant(&self) -> bool {
        self.meant
    }

    /// A frame that has no clock of its own is here.
    pub(super) fn arrive(&mut self, now: Instant) {
        if self.is_burst(now) {
            return;
        }
        if self.is_doubtful(now) {
            self.hold(now);
        } else {
            self.observe(now);
        }
    }

    /// Whether a frame that comes at `now` comes quicker than sound goes by, behind others that do. What is held is
    /// given otherwise.
    pub(super) fn is_burst(&mut self, now: Instant) -> bool {
        let goes_on = self.held.as_mut().is_some_and(|held| held.goes_on(now));
        if !goes_on {
            self.release();
        }
        goes_on
    }

    /// Whether nothing but its arrival says where a frame lies that comes at `now`.
    pub(super) fn is_doubtful(&self, now: Instant) -> bool {
        !self.clock.is_set() || self.gap.is_some() || self.late_by(now, 0) > ticks(self.tolerance.min(DOUBTFUL))
    }

    /// Whether a frame `ahead` of the next place (negative: before it) may come at `now`.
    pub(super) fn agrees(&self, now: Instant, ahead: i64) -> bool {
        let tolerance = ticks(self.tolerance);
        let overlap = ahead.saturating_add_unsigned(self.position - self.heard_end);
        self.clock.is_set() && overlap >= -tolerance && self.late_by(now, ahead).abs() <= tolerance
    }

    /// The next sample lies that much earlier than the end of the silence that was made up.
    pub(super) fn back(&mut self, ticks: u64) {
        let ticks = ticks.min(self.position - self.heard_end);
        if let Some(time) = self.clock.time_of(self.position - ticks) {
            self.clock.set(self.position, time);
        }
    }

    /// What comes from now on is kept until it is known when it was said.
    pub(super) fn hold(&mut self, now: Instant) {
        self.grace = None;
        self.held = Some(Held::new(now));
    }

    /// A frame for the next place came at `now`: keeps the clock true.
    pub(super) fn observe(&mut self, now: Instant) {
        self.grace = None;
        let Some(expected) = self.clock.time_of(self.position).filter(|_| self.held.is_none()) else {
            return;
        };
        if now + EARLY < expected {
            self.clock.set(self.position, now);
            self.least_lag = (u64::MAX, 0);
            return;
        }
        let lag = SampleRate::WIDE.samples_in(now.saturating_duration_since(expected));
        let (least, frames) = self.least_lag;
        self.least_lag = (least.min(lag), frames + 1);
        if self.least_lag.1 >= SKEW_FRAMES {
            if self.least_lag.0 >= SKEW {
                let behind = SampleRate::WIDE.duration_of(self.least_lag.0);
                self.clock.set(self.position, expected + behind);
            }
            self.least_lag = (u64::MAX, 0);
        }
    }

    /// Tells the time: gives what was held, or makes up silence up to `now` where nothing has come for longer than
    /// jitter explains.
    pub(super) fn wake(&mut self, now: Instant) {
        if let Some(held) = &self.held {
            if now >= held.deadline() {
                self.release();
            }
            return;
        }
        let Some(due) = self.deadline().filter(|due| now >= *due) else {
            return;
        };
        if self.grace.is_none() && now > due + STALLED {
            self.grace = Some(now + GRACE);
            return;
        }
        self.grace = None;
        let lag = self.late_by(now, 0);
        self.fill(u64::try_from(lag).unwrap_or(0), GapCause::NoAudio);
    }

    /// When [`Timeline::wake`] has something to do.
    pub(super) fn deadline(&self) -> Option<Instant> {
        if let Some(held) = &self.held {
            return Some(held.deadline());
        }
        let patience = match &self.gap {
            None => self.tolerance,
            Some(gap) if gap.samples < SILENCE_FRAME => SMALL_STEP,
            Some(_) => LARGE_STEP,
        };
        let due = self.clock.time_of(self.position)? + patience;
        Some(self.grace.map_or(due, |grace| due.max(grace)))
    }

    /// Gives what was held: its end came when it was said, so its begin is known.
    pub(super) fn release(&mut self) {
        let Some(held) = self.held.take() else { return };
        self.least_lag = (u64::MAX, 0);
        let began = held.began();
        match (self.clock.time_of(self.position), self.silent_since()) {
            (Some(end), Some(heard)) => {
                let near = began.max(heard).duration_since(began.min(heard)) <= NEAR;
                let began = if near { heard } else { began };
                if began > end {
                    let silence = SampleRate::WIDE.samples_in(began - end);
                    self.inserted += silence;
                    self.fill(silence, GapCause::NoAudio);
                } else {
                    self.clock.set(self.position, began);
                }
            }
            _ => self.clock.set(self.position, began),
        }
        for op in held.into_ops() {
            match op {
                Op::Audio(samples) => self.audio(samples),
                Op::MadeUp(samples, cause) => self.made_up(samples, cause),
                Op::Fill(samples, cause) => self.fill(samples, cause),
            }
        }
    }

    /// Sound, heard.
    pub(super) fn audio(&mut self, samples: Vec<i16>) {
        if let Some(held) = &mut self.held {
            held.push(Op::Audio(samples));
        } else if !samples.is_empty() {
            self.close_gap();
            self.meant = false;
            self.give(samples);
            self.heard_end = self.position;
        }
    }

    /// Sound, made up.
    pub(super) fn made_up(&mut self, samples: Vec<i16>, cause: GapCause) {
        if let Some(held) = &mut self.held {
            held.push(Op::MadeUp(samples, cause));
            return;
        }
        self.widen_gap(samples.len() as u64, cause);
        self.give(samples);
    }

    /// Silence, unheard.
    pub(super) fn fill(&mut self, samples: u64, cause: GapCause) {
        if samples == 0 {
            return;
        }
        if let Some(held) = &mut self.held {
            held.push(Op::Fill(samples, cause));
            return;
        }
        self.widen_gap(samples, cause);
        self.quiet(samples);
    }

    /// The gap that is open, taken for silence while nobody knew better, turns out to be lost packets: they
    /// can have held `most` samples.
    pub(super) fn was_lost(&mut self, most: u64) {
        if let Some(gap) = self.gap.as_mut().filter(|gap| gap.samples <= most) {
            gap.cause = GapCause::PacketLoss;
        }
    }

    /// No packet of the gap that is open is missing: the sender sent nothing.
    pub(super) fn was_not_sent(&mut self) {
        if let Some(gap) = self.gap.as_mut().filter(|gap| gap.cause == GapCause::NoAudio) {
            gap.cause = GapCause::NotSent;
        }
    }

    /// The sender says that it sends nothing until it has something to say.
    pub(super) fn is_meant(&mut self) {
        if self.held.is_none() {
            self.meant = true;
            self.was_not_sent();
        }
    }

    /// The gap is over: reports it.
    pub(super) fn close_gap(&mut self) {
        if let Some(Gap { begin, cause, .. }) = self.gap.take() {
            self.queue.push_back(Item::Event(MediaEvent::Gap {
                begin: at(begin),
                end: at(self.position),
                cause,
            }));
        }
    }

    /// How much later `now` is than the next place and `ahead` more, in samples.
    fn late_by(&self, now: Instant, ahead: i64) -> i64 {
        let Some(next) = self.clock.time_of(self.position) else {
            return 0;
        };
        let late = if now >= next {
            ticks(now - next)
        } else {
            -ticks(next - now)
        };
        late.saturating_sub(ahead)
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
        let cause = if self.meant && cause == GapCause::NoAudio {
            GapCause::NotSent
        } else {
            cause
        };
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

fn ticks(duration: Duration) -> i64 {
    i64::try_from(SampleRate::WIDE.samples_in(duration)).unwrap_or(i64::MAX)
}

const fn at(ticks: u64) -> MediaTime {
    MediaTime {
        ticks,
        clock: SampleRate::WIDE,
    }
}
