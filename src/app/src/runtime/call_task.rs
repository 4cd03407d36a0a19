//! One call's task: waits for facts, hands them to the engine with the time, carries out its effects.

use std::pin::pin;
use std::sync::Arc;
use std::time::Instant;

use sidetone_base::{AskId, CallEvent, CallId, LegId, Question, TapFrame};
use sidetone_engine::{Call, Effect, Input};
use tokio::sync::mpsc;
use tokio::time::sleep_until;

use super::asked::{Answers, Asked};
use super::composer::Composing;
use super::telemetry;
use super::{Composer, Jobs, Outlet};

/// Frames of one call that may wait: 5 s of two legs at 20 ms. When full, the newest are dropped and
/// counted by [`super::Ears`]; the media floor sees the hole on the clock.
pub const AUDIO_FRAMES: usize = 512;

/// A frame on its way into a call.
pub struct Heard {
    /// When it arrived: PCM has no clock of its own.
    pub at: Instant,
    /// Whose.
    pub leg: LegId,
    /// The frame.
    pub frame: TapFrame,
}

/// What a call's inbox takes.
pub enum Inbound {
    /// A fact for the engine.
    Fact(Input),
    /// A dialplan's question.
    Asked {
        /// Names it.
        ask: AskId,
        /// What.
        question: Question,
        /// Who asks.
        back: Arc<dyn Answers>,
    },
    /// The daemon stops.
    Leave,
}

/// The task of one call.
pub struct CallTask {
    /// The engine.
    pub call: Call,
    /// Signals, answers, commands, questions.
    pub inputs: mpsc::Receiver<Inbound>,
    /// Audio of every leg.
    pub audio: mpsc::Receiver<Heard>,
    /// Where recognition goes.
    pub jobs: Arc<Jobs>,
    /// Where events go.
    pub outlet: Arc<dyn Outlet>,
    /// Who words the wrap-up better, if anybody.
    pub composer: Option<Arc<Composer>>,
}

impl CallTask {
    /// Runs until the call is over or nobody can say anything about it any more; gives its id back.
    pub async fn run(mut self) -> CallId {
        let mut asked = Asked::default();
        let mut composing = Composing::default();
        // One for the whole call: a deadline that moves on, as it does with each frame, costs no new timer.
        let mut alarm = pin!(sleep_until(Instant::now().into()));
        loop {
            let deadline = self.call.deadline().map(tokio::time::Instant::from);
            if let Some(deadline) = deadline.filter(|deadline| *deadline != alarm.deadline()) {
                alarm.as_mut().reset(deadline);
            }
            let (now, input) = tokio::select! {
                biased;
                input = self.inputs.recv() => match input {
                    Some(Inbound::Fact(input)) => {
                        if silences(&input) && self.hear_all(&mut asked, &mut composing) {
                            break;
                        }
                        (Instant::now(), input)
                    }
                    Some(Inbound::Leave) => {
                        if self.hear_all(&mut asked, &mut composing) {
                            break;
                        }
                        (Instant::now(), Input::Leave)
                    }
                    Some(Inbound::Asked { ask, question, back }) => {
                        asked.wait(ask, back);
                        (Instant::now(), Input::Asked { ask, question })
                    }
                    None => break,
                },
                Some(Heard { at, leg, frame }) = self.audio.recv() => (at, Input::Audio { leg, frame }),
                wrapup = composing.done() => (Instant::now(), Input::Composed(wrapup)),
                () = &mut alarm, if deadline.is_some() => (Instant::now(), Input::Wake),
            };
            self.call.handle(now, input);
            if self.carry_out(now, &mut asked, &mut composing) {
                break;
            }
        }
        // Asked while the call ended.
        self.inputs.close();
        while let Ok(input) = self.inputs.try_recv() {
            if let Inbound::Asked { ask, back, .. } = input {
                asked.wait(ask, back);
            }
        }
        self.call.id().clone()
    }

    /// Hears the frames that came before a signal and waited longer than it; `true` when the call is over.
    fn hear_all(&mut self, asked: &mut Asked, composing: &mut Composing) -> bool {
        while let Ok(Heard { at, leg, frame }) = self.audio.try_recv() {
            self.call.handle(at, Input::Audio { leg, frame });
            if self.carry_out(at, asked, composing) {
                return true;
            }
        }
        false
    }

    /// Carries out every effect; `true` when the call is over.
    fn carry_out(&mut self, now: Instant, asked: &mut Asked, composing: &mut Composing) -> bool {
        while let Some(effect) = self.call.poll() {
            match effect {
                Effect::Recognise(job) => self.jobs.submit(job),
                Effect::Forget(segment) => self.jobs.forget(&segment),
                Effect::Publish(event) => self.outlet.publish(self.call.id(), now, event),
                Effect::Answer { ask, answer } => asked.answer(ask, answer),
                Effect::Compose { prompt, deadline } => composing.start(self.composer.as_ref(), *prompt, deadline),
                Effect::Unmasked(said) => self.outlet.unmasked(self.call.id(), said),
                Effect::Looked(looked) => telemetry::looked(looked),
                Effect::LegDone(report) => self.outlet.leg_done(&report),
                Effect::Finished => return true,
            }
        }
        false
    }
}

/// After it a leg is not heard any more.
const fn silences(input: &Input) -> bool {
    matches!(
        input,
        Input::Signal(CallEvent::Ended { .. } | CallEvent::LegLeft { .. })
    )
}
