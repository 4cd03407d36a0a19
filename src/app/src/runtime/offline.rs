//! A call as fast as it goes: virtual time, recognition in line. The same input gives the same events.

use std::time::{Duration, Instant};

use sidetone_base::{CallEvent, EndCause, LegId, TapFrame};
use sidetone_engine::{Call, Effect, Input, LegReport, Published, Recognised, Recognition};
use sidetone_speech::{AudioJob, Pass, Recogniser};

/// Drives one call on a clock of its own.
pub struct Offline<'a> {
    call: Call,
    recogniser: Box<dyn Recogniser>,
    /// Gets each event with its time since the call's first frame.
    sink: Box<dyn FnMut(Duration, Published) + 'a>,
    begun: Instant,
    now: Instant,
    /// Counters of the legs that are done.
    reports: Vec<LegReport>,
    /// Whether pauses are decoded before they are over, as on a call.
    looks_ahead: bool,
}

impl<'a> Offline<'a> {
    /// A call whose first moment is `begun`, a mere origin: no clock is read.
    pub fn new(
        begun: Instant,
        call: Call,
        recogniser: Box<dyn Recogniser>,
        sink: impl FnMut(Duration, Published) + 'a,
    ) -> Self {
        Self {
            call,
            recogniser,
            sink: Box::new(sink),
            begun,
            now: begun,
            reports: Vec::new(),
            looks_ahead: false,
        }
    }

    /// With all that a live call asks of its recogniser: what lies before a pause is decoded before the pause is over.
    #[must_use]
    pub const fn live(mut self) -> Self {
        self.looks_ahead = true;
        self
    }

    /// A signal at `at` since the call's first moment.
    pub fn signal(&mut self, at: Duration, event: CallEvent) {
        self.give(at, Input::Signal(event));
    }

    /// A frame at `at` since the call's first moment.
    pub fn audio(&mut self, at: Duration, leg: &LegId, frame: TapFrame) {
        self.give(
            at,
            Input::Audio {
                leg: leg.clone(),
                frame,
            },
        );
    }

    /// Hangs up at `at`, waits for the last words, and gives the legs' counters.
    #[must_use]
    pub fn hang_up(mut self, at: Duration) -> Vec<LegReport> {
        self.signal(
            at,
            CallEvent::Ended {
                cause: EndCause::Hangup,
            },
        );
        while let Some(deadline) = self.call.deadline() {
            self.step(deadline.max(self.now), Input::Wake);
        }
        self.reports
    }

    /// Everything that is due before `at`, then the input.
    fn give(&mut self, at: Duration, input: Input) {
        let at = self.begun + at;
        while let Some(deadline) = self.call.deadline().filter(|deadline| *deadline <= at) {
            self.step(deadline.max(self.now), Input::Wake);
        }
        self.step(at.max(self.now), input);
    }

    fn step(&mut self, now: Instant, input: Input) {
        self.now = now;
        self.call.handle(now, input);
        while let Some(effect) = self.call.poll() {
            match effect {
                Effect::Publish(event) => (self.sink)(now - self.begun, event),
                Effect::Recognise(job) => {
                    let outcome = match job.pass {
                        // Nobody waits for the end of a pause.
                        Pass::Ahead if !self.looks_ahead => Recognition::Shed,
                        Pass::Ahead | Pass::Partial | Pass::Final | Pass::Again => {
                            recognise(self.recogniser.as_mut(), &job)
                        }
                    };
                    let answer = Recognised {
                        key: job.key,
                        pass: job.pass,
                        waited: Duration::ZERO,
                        outcome,
                    };
                    self.call.handle(now, Input::Recognised(answer));
                }
                Effect::Forget(segment) => self.recogniser.forget(&segment),
                Effect::LegDone(report) => self.reports.push(report),
                // Nobody asks of a recording, no engine reads it, and nothing of it is counted.
                Effect::Answer { .. }
                | Effect::Compose { .. }
                | Effect::Unmasked(_)
                | Effect::Looked(_)
                | Effect::Finished => {}
            }
        }
    }
}

fn recognise(recogniser: &mut dyn Recogniser, job: &AudioJob) -> Recognition {
    match recogniser.recognise(job) {
        Ok(Some(hypothesis)) => Recognition::Text(hypothesis),
        Ok(None) => Recognition::Silence,
        Err(error) => Recognition::Failed(error.to_string()),
    }
}
