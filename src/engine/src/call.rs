//! The call itself: dispatch, the wire's order, and the end.

mod asks;
mod compose;
mod control;
mod crosstalk;
mod gaps;
mod hearing;
mod mask;
mod second;
mod signals;
mod taps;
mod typed;

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use sidetone_assist::{Assist, Push};
use sidetone_base::{AgentId, CallEvent, CallId, CallTime, EndCause, LegId, Role};
use sidetone_schema::{Body, CallEnded, Fault, FaultSeverity, PastCall, Wrapup};

use asks::Asks;
use mask::Mask;
use second::Second;
pub use second::SecondConfig;
use taps::TapEnd;

use crate::leg::{Leg, SegmentState};
use crate::past::Past;
use crate::port::{Effect, Input, LegReport, Published};
use crate::stages::Stages;
use crate::{EngineConfig, Parts};

/// One call: facts in, effects out, on whatever clock the caller keeps.
pub struct Call {
    id: CallId,
    config: EngineConfig,
    parts: Arc<Parts>,
    /// The origin of the call's time line; set by `Started`.
    began: Instant,
    /// What an earlier run of the daemon heard of it, until it is started.
    past: Option<Past>,
    /// The last time that anything was heard of it.
    seen: CallTime,
    phase: Phase,
    legs: Vec<Leg>,
    /// The agent that events are attributed to.
    agent: Option<AgentId>,
    /// An agent has been on the call; the next one is a transfer.
    had_agent: bool,
    /// The caller came through a queue.
    queued: bool,
    held_by: Option<LegId>,
    paused: bool,
    paused_by_dialplan: bool,
    mask: Mask,
    /// Begin of each role's newest segment, in milliseconds, so that ids rise.
    newest_begin: HashMap<Role, u64>,
    /// Nothing of it is published.
    unlisted: bool,
    asks: Asks,
    second: Second,
    stages: Stages,
    drafted: Option<Instant>,
    finals: u64,
    hints: u64,
    /// The last time that was handed in: a pending stage is due at once.
    now: Instant,
    effects: VecDeque<Effect>,
}

#[derive(Clone, Copy)]
enum Phase {
    /// Nothing has been said of it yet.
    New,
    Live,
    /// The line is down; the last finals are awaited until then.
    Draining {
        ended: Instant,
        until: Instant,
        cause: EndCause,
    },
    /// All has been heard; an engine may word the wrap-up until then.
    Composing {
        ended: Instant,
        until: Instant,
        cause: EndCause,
    },
    /// The wrap-up is out; the last second readings are awaited until then.
    Revising {
        ended: Instant,
        until: Instant,
        cause: EndCause,
    },
    /// The daemon stops; the last finals are awaited until then.
    Leaving {
        until: Instant,
    },
    Finished,
}

impl Call {
    /// A call that waits for its `Started`.
    #[must_use]
    pub fn new(now: Instant, id: CallId, config: EngineConfig, parts: Arc<Parts>) -> Self {
        let assist = Assist::new(Arc::clone(&parts.pack), config.assist.clone());
        Self {
            id,
            config,
            parts,
            began: now,
            past: None,
            seen: CallTime::default(),
            phase: Phase::New,
            legs: Vec::new(),
            agent: None,
            had_agent: false,
            queued: false,
            held_by: None,
            paused: false,
            paused_by_dialplan: false,
            mask: Mask::default(),
            newest_begin: HashMap::new(),
            unlisted: false,
            asks: Asks::default(),
            second: Second::default(),
            stages: Stages::new(assist),
            drafted: None,
            finals: 0,
            hints: 0,
            now,
            effects: VecDeque::new(),
        }
    }

    /// Tells what an earlier run of the daemon published of the call. Its turns count for the wrap-up and for what has
    /// been pushed already, and are not published again; what was withheld stays so, and what was not to be heard.
    pub fn recall(&mut self, past: Past) {
        drop(
            self.stages
                .assist_mut()
                .remind(CallTime::default(), past.past_calls.clone()),
        );
        for turn in &past.turns {
            self.stages.recall(turn);
        }
        self.stages.assist_mut().keep_away(past.dismissed.iter().cloned());
        self.agent.clone_from(&past.agent);
        (self.finals, self.hints) = (past.finals, past.hints);
        self.obey_again(past.masked, &past.paused_by);
        self.past = Some(past);
    }

    /// Which call.
    #[must_use]
    pub const fn id(&self) -> &CallId {
        &self.id
    }

    /// Takes a fact that happened at `now`; drain [`Call::poll`] afterwards.
    pub fn handle(&mut self, now: Instant, input: Input) {
        self.now = now;
        if matches!(input, Input::Audio { .. } | Input::Typed { .. } | Input::Signal(_)) {
            self.seen_at(now, &input);
        }
        match input {
            Input::Signal(CallEvent::Ended { cause }) => self.end(now, cause),
            Input::Signal(event) => self.signal(now, event),
            Input::Audio { leg, frame } => self.audio(now, &leg, frame),
            Input::Typed { leg, text, lasted } => self.typed(now, &leg, text, lasted),
            Input::Recognised(answer) => self.recognised(now, answer),
            Input::Control(control) => self.control(control),
            Input::Dismissed { hint } => {
                let gone = self.stages.assist_mut().dismiss(&hint);
                self.push(gone);
            }
            Input::Asked { ask, question } => self.asked(now, ask, question),
            Input::Caller(calls) => self.known_caller(now, calls),
            Input::Composed(wrapup) => self.composed(wrapup.map(|wrapup| *wrapup)),
            Input::Leave => self.leave(now),
            Input::Wake => self.wake(now),
        }
        self.summarise();
        self.finish_if_drained(now);
    }

    /// The next thing that the call wants done.
    pub fn poll(&mut self) -> Option<Effect> {
        self.effects.pop_front()
    }

    /// When the call wants [`Input::Wake`]; a time that has passed means at once.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        if matches!(self.phase, Phase::New | Phase::Finished) {
            return None;
        }
        let stages = (!self.stages.is_idle()).then_some(self.now);
        let drain = match self.phase {
            Phase::Draining { until, .. }
            | Phase::Composing { until, .. }
            | Phase::Revising { until, .. }
            | Phase::Leaving { until } => Some(until),
            _ => None,
        };
        let expiry = self.stages.assist().next_expiry().map(|at| self.began + at.0);
        let audio = self.legs.iter().filter_map(|leg| leg.audio.deadline());
        let finals = self.legs.iter().filter_map(|leg| match leg.segments.front()?.state {
            SegmentState::Waiting { since, .. } => Some(since + self.config.final_timeout),
            _ => None,
        });
        audio
            .chain(finals)
            .chain(stages)
            .chain(drain)
            .chain(expiry)
            .chain(self.asks.deadline())
            .chain(self.gaps_due())
            .min()
    }

    fn wake(&mut self, now: Instant) {
        self.give_up_overdue(now);
        for index in 0..self.legs.len() {
            let heard = self.legs[index].wake(now);
            self.take_heard(now, index, heard);
        }
        self.open_gaps(now);
        let at = self.call_time(now);
        let through = self.stages.step(now, at);
        // An early hint changes nothing of the wrap-up.
        let pushed = through
            .as_ref()
            .is_some_and(|turn| turn.said.is_some() && !turn.pushes.is_empty());
        if let Some(turn) = through {
            self.understood(turn);
        }
        self.expire_asks(now);
        if pushed && self.drafted.is_none_or(|last| now >= last + self.config.draft_every) {
            self.drafted = Some(now);
            let draft = self.stages.assist().draft();
            self.publish_call(Body::WrapupDraft(Box::new(draft)));
        }
        let expired = self.stages.assist_mut().expire(at);
        self.push(expired);
    }

    fn push(&mut self, pushes: Vec<Push>) {
        for push in pushes {
            let body = match push {
                Push::Intent(intent) => Body::Intent(intent),
                Push::New(hint) => {
                    self.hints += 1;
                    Body::HintNew(hint)
                }
                Push::Update(hint) => Body::HintUpdate(hint),
                Push::Expire(expire) => Body::HintExpire(expire),
                Push::Gap(gap) => Body::KnowledgeGap(gap),
                Push::Looked(looked) => {
                    self.effects.push_back(Effect::Looked(looked));
                    continue;
                }
            };
            self.publish_call(body);
        }
    }

    /// A caller who called before. A call that is over, or has not begun, shows nothing.
    fn known_caller(&mut self, now: Instant, calls: Vec<PastCall>) {
        if matches!(self.phase, Phase::Live) {
            let at = self.call_time(now);
            let pushes = self.stages.assist_mut().remind(at, calls);
            self.push(pushes);
        }
    }

    /// The line is down: what was being said is closed, and its finals are awaited.
    fn end(&mut self, now: Instant, cause: EndCause) {
        if self.is_over() {
            return;
        }
        self.hear_no_more(now, TapEnd::Left);
        self.phase = Phase::Draining {
            ended: now,
            until: now + self.config.drain,
            cause,
        };
    }

    /// The daemon stops. A call that is over already has no longer than the others for its last words.
    fn leave(&mut self, now: Instant) {
        let latest = now + self.config.leave;
        match &mut self.phase {
            Phase::Draining { until, .. } => *until = latest.min(*until),
            Phase::Live => {
                self.hear_no_more(now, TapEnd::Stopped);
                self.read_no_more();
                self.phase = Phase::Leaving { until: latest };
            }
            Phase::New => self.finish(),
            Phase::Composing { .. } => {
                self.read_no_more();
                self.composed(None);
            }
            Phase::Revising { ended, cause, .. } => {
                let (ended, cause) = (*ended, *cause);
                self.conclude(ended, cause);
            }
            Phase::Leaving { .. } | Phase::Finished => {}
        }
    }

    /// Closes what is being said; no leg is listened to any more.
    fn hear_no_more(&mut self, now: Instant, why: TapEnd) {
        for index in 0..self.legs.len() {
            self.last_of(now, index);
            self.tap_down(now, index, why);
            self.legs[index].left = true;
        }
        self.nobody_to_hear(None);
    }

    fn finish(&mut self) {
        self.phase = Phase::Finished;
        self.effects.push_back(Effect::Finished);
    }

    /// Whether nothing more will be heard of it.
    const fn is_over(&self) -> bool {
        matches!(
            self.phase,
            Phase::Draining { .. }
                | Phase::Composing { .. }
                | Phase::Revising { .. }
                | Phase::Leaving { .. }
                | Phase::Finished
        )
    }

    fn finish_if_drained(&mut self, now: Instant) {
        self.retire_legs();
        if let Phase::Composing { until, .. } = self.phase
            && now >= until
        {
            return self.composed(None);
        }
        if let Phase::Revising { until, ended, cause } = self.phase
            && (now >= until || self.second.is_done())
        {
            return self.conclude(ended, cause);
        }
        let (Phase::Draining { until, .. } | Phase::Leaving { until }) = self.phase else {
            return;
        };
        if now >= until {
            self.lose_all_waiting();
            self.retire_legs();
        }
        if !self.legs.is_empty() || !self.stages.is_idle() {
            return;
        }
        if let Phase::Draining { ended, cause, .. } = self.phase {
            if self.compose(now, ended, cause) {
                return;
            }
            let wrapup = self.stages.assist().wrapup();
            return self.wrap_up(ended, cause, wrapup);
        }
        self.finish();
    }

    /// The wrap-up, and the end unless something of the call is read again.
    fn wrap_up(&mut self, ended: Instant, cause: EndCause, wrapup: Wrapup) {
        let gap = self.stages.assist_mut().last_gap();
        self.push(gap.into_iter().collect());
        self.publish_call(Body::WrapupFinal(Box::new(wrapup)));
        if !self.wait_for_second(ended, cause) {
            self.conclude(ended, cause);
        }
    }

    /// How long a call lasted whose end nobody saw is told by what was heard of it last.
    fn conclude(&mut self, ended: Instant, cause: EndCause) {
        let (cause, lasted) = match cause {
            EndCause::Hangup => ("hangup", self.call_time(ended)),
            EndCause::LostSight => ("lost_sight", self.seen),
        };
        let ended = CallEnded {
            cause: cause.to_owned(),
            duration_ms: lasted.as_millis(),
            finals: self.finals,
            hints: self.hints,
            end_by: None,
        };
        self.publish_call(Body::CallEnded(ended));
        self.read_no_more();
        self.finish();
    }

    /// Drops legs that have left and said all.
    fn retire_legs(&mut self) {
        let mut index = 0;
        while index < self.legs.len() {
            if !self.legs[index].is_done() {
                index += 1;
                continue;
            }
            let leg = self.legs.remove(index);
            self.effects.push_back(Effect::LegDone(LegReport {
                leg: leg.id.clone(),
                media: leg.audio.counters(),
                finals_lost: leg.finals_lost,
                credits: leg.credits,
                crosstalk: leg.crosstalk,
                crosstalk_segments: leg.crosstalk_segments,
            }));
        }
    }

    /// The start of a call that an earlier run heard tells nothing new of it, nor does its end.
    fn seen_at(&mut self, now: Instant, input: &Input) {
        let news = !matches!(
            input,
            Input::Signal(CallEvent::Started { .. } | CallEvent::Ended { .. })
        );
        if news {
            self.seen = self.call_time(now);
        }
    }

    fn call_time(&self, now: Instant) -> CallTime {
        CallTime(now.saturating_duration_since(self.began))
    }

    /// When a position on the call's time line was.
    fn instant_of(&self, at: CallTime) -> Instant {
        self.began + at.0
    }

    fn leg_mut(&mut self, id: &LegId) -> Option<&mut Leg> {
        self.legs.iter_mut().find(|leg| leg.id == *id)
    }

    fn leg_index(&self, id: &LegId) -> Option<usize> {
        self.legs.iter().position(|leg| leg.id == *id)
    }

    /// Nothing is to be heard just now.
    fn is_quiet(&self) -> bool {
        self.paused || self.paused_by_dialplan || self.held_by.is_some()
    }

    fn fault(&mut self, leg: Option<usize>, code: &str, message: String, severity: FaultSeverity) {
        let body = Body::Error(Fault {
            code: code.to_owned(),
            message,
            severity,
        });
        match leg {
            Some(index) => self.publish_leg(index, body),
            None => self.publish_call(body),
        }
    }

    fn publish_leg(&mut self, index: usize, body: Body) {
        let leg = &self.legs[index];
        let (id, role) = (leg.id.clone(), leg.role);
        self.publish(Some(id), Some(role), body);
    }

    fn publish_call(&mut self, body: Body) {
        self.publish(None, None, body);
    }

    fn publish(&mut self, leg: Option<LegId>, role: Option<Role>, body: Body) {
        if self.unlisted {
            return;
        }
        let agent = self.agent.clone();
        self.effects
            .push_back(Effect::Publish(Published { leg, role, agent, body }));
    }
}

/// `now - age`, or `now` where the clock does not reach back so far.
fn ago(now: Instant, age: Duration) -> Instant {
    now.checked_sub(age).unwrap_or(now)
}

#[cfg(test)]
mod tests;
