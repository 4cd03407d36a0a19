//! What the switch says: parties, hold, transfer, taps.

use std::time::{Duration, Instant};

use sidetone_assist::privacy::mask_number;
use sidetone_base::{AgentId, CallEvent, CallTime, LegExit, LegId, PayloadType, Pii, Role, TapKind};
use sidetone_media::{Codec, GapCause};
use sidetone_schema::{Body, CallStarted, CallUpdated, FaultSeverity, LegInfo, PartExit, PartHow, UpdateReason};

use super::taps::TapEnd;
use super::{Call, Phase, ago};
use crate::leg::Leg;
use crate::number::hash;

impl Call {
    /// Every signal but the end.
    pub(super) fn signal(&mut self, now: Instant, event: CallEvent) {
        if self.is_over() {
            return;
        }
        match event {
            CallEvent::Started {
                age,
                caller_number,
                called_number,
                queue,
                cti_id,
            } => {
                let start = CallStarted {
                    queue,
                    cti_id,
                    ..self.numbers(caller_number.as_ref(), called_number.as_deref())
                };
                self.started(now, age, start);
            }
            CallEvent::StartedUnlisted => {
                if matches!(self.phase, Phase::New) {
                    self.began = now;
                    self.phase = Phase::Live;
                    self.unlisted = true;
                }
            }
            CallEvent::Paused => {
                self.paused_by_dialplan = true;
                self.read_no_more();
                self.quiet();
                self.controlled();
            }
            CallEvent::Continued => {
                self.paused_by_dialplan = false;
                self.listen_again();
                self.controlled();
            }
            CallEvent::LegJoined {
                leg,
                channel: _,
                role,
                agent,
            } => self.joined(leg, role, agent),
            CallEvent::LegLeft { leg, exit } => self.left(now, &leg, exit),
            CallEvent::Held { leg } => {
                let about = About::leg(&leg);
                if self.held_by.replace(leg).is_none() {
                    self.quiet();
                    self.updated_about(UpdateReason::Hold, about);
                }
            }
            CallEvent::Resumed { leg } => {
                if self.held_by.as_ref() == Some(&leg) {
                    self.release_hold();
                }
            }
            CallEvent::TapAttached {
                leg,
                kind,
                payload_types,
            } => self.tap_attached(now, &leg, kind, payload_types),
            CallEvent::TapFailed { leg, kind, reason } => self.tap_failed(now, &leg, kind, &reason),
            CallEvent::Ended { .. } => {}
        }
    }

    /// Both numbers as they may be shown, and the caller's as it may be found again.
    fn numbers(&self, caller: Option<&Pii<String>>, called: Option<&str>) -> CallStarted {
        let number = caller.map(Pii::expose);
        let salt = self.config.number_salt.as_ref();
        CallStarted {
            caller: number.map(|number| mask_number(number)),
            caller_hash: salt.zip(number).and_then(|(salt, number)| hash(salt, number)),
            called: called.map(mask_number),
            queue: None,
            cti_id: None,
            age_ms: 0,
            resumed: false,
            dir: None,
        }
    }

    fn tap_attached(&mut self, now: Instant, leg: &LegId, kind: TapKind, payload_types: Vec<PayloadType>) {
        let Some(index) = self.leg_index(leg) else { return };
        self.tap_up(now, index, kind);
        let leg = &mut self.legs[index];
        leg.wire.since = Some(now);
        for PayloadType { number, rtpmap } in payload_types {
            if let Some(codec) = Codec::from_rtpmap(&rtpmap) {
                leg.audio.learn(number, codec);
            }
        }
        self.updated(UpdateReason::Tap);
    }

    fn tap_failed(&mut self, now: Instant, leg: &LegId, kind: TapKind, reason: &str) {
        let Some(index) = self.leg_index(leg) else { return };
        self.tap_down(now, index, TapEnd::Failed);
        let message = format!("tap {} failed: {reason}", kind.as_str());
        self.fault(Some(index), "tap_failed", message, FaultSeverity::Deaf);
    }

    /// What the switch does not tell of a call that goes on, or is over already, is as an earlier run told it.
    fn started(&mut self, now: Instant, age: Duration, told: CallStarted) {
        if matches!(self.phase, Phase::Live) {
            return;
        }
        let past = self.past.take();
        let resumed = past.is_some();
        let known = past.unwrap_or_default();
        let age = if resumed { known.age(age) } else { age };
        self.began = ago(now, age);
        self.seen = CallTime(known.seen);
        self.phase = Phase::Live;
        self.queued = told.queue.is_some() || known.queue.is_some();
        self.publish_call(Body::CallStarted(CallStarted {
            caller: told.caller.or(known.caller),
            caller_hash: told.caller_hash.or(known.caller_hash),
            called: told.called.or(known.called),
            queue: told.queue.or(known.queue),
            cti_id: told.cti_id.or(known.cti_id),
            age_ms: age.as_millis() as u64,
            resumed,
            dir: told.dir,
        }));
    }

    fn joined(&mut self, id: LegId, role: Role, agent: Option<AgentId>) {
        if let Some(known) = self.leg_mut(&id) {
            if agent.is_some() && known.agent != agent {
                known.agent.clone_from(&agent);
                let another = self.agent != agent;
                self.agent = agent;
                self.updated_about(UpdateReason::Joined, About::leg(&id));
                self.show_anew(another);
            }
            return;
        }
        let transfer = role == Role::Agent && self.had_agent;
        let another = role == Role::Agent && agent.is_some() && self.agent != agent;
        if role == Role::Agent {
            self.had_agent = true;
            // Whose call it is stays with the last agent that was known: an outside line is nobody's.
            if agent.is_some() {
                self.agent.clone_from(&agent);
            }
        }
        let about = About {
            how: (role == Role::Agent).then_some(match (transfer, self.queued) {
                (true, _) => PartHow::Transfer,
                (false, true) => PartHow::Queue,
                (false, false) => PartHow::Direct,
            }),
            ..About::leg(&id)
        };
        let mut leg = Leg::new(id, role, agent, self.began, (&self.config, &self.parts));
        if self.is_quiet() {
            let _ = leg.pause();
        }
        self.legs.push(leg);
        let reason = match transfer {
            true => UpdateReason::Transfer,
            false => UpdateReason::Joined,
        };
        self.updated_about(reason, about);
        self.show_anew(another);
    }

    /// Another agent's screen is empty: it gets what is shown.
    fn show_anew(&mut self, another: bool) {
        if another {
            let at = self.call_time(self.now);
            for hint in self.stages.assist().shown_anew(at) {
                self.hints += 1;
                self.publish_call(Body::HintNew(Box::new(hint)));
            }
        }
    }

    fn left(&mut self, now: Instant, id: &LegId, exit: LegExit) {
        let Some(index) = self.leg_index(id) else { return };
        self.last_of(now, index);
        self.legs[index].left = true;
        self.tap_down(now, index, TapEnd::Left);
        self.nobody_to_hear(Some(id));
        let exit = match exit {
            LegExit::HungUp => PartExit::Hangup,
            LegExit::Blind => PartExit::Blind,
            LegExit::Attended => PartExit::Attended,
        };
        let about = About {
            exit: (self.legs[index].role == Role::Agent).then_some(exit),
            ..About::leg(id)
        };
        self.updated_about(UpdateReason::Left, about);
        if self.held_by.as_ref() == Some(id) {
            self.release_hold();
        }
    }

    /// Nothing more comes of the leg.
    pub(super) fn last_of(&mut self, now: Instant, index: usize) {
        let heard = self.legs[index].finish(now);
        self.take_heard(now, index, heard);
        self.close_gap(now, index, GapCause::NoAudio);
    }

    fn release_hold(&mut self) {
        let about = self.held_by.take().map(|leg| About::leg(&leg)).unwrap_or_default();
        self.listen_again();
        self.updated_about(UpdateReason::Resume, about);
    }

    /// Closes what is being said and hears nothing more.
    pub(super) fn quiet(&mut self) {
        let now = self.now;
        for index in 0..self.legs.len() {
            let heard = self.legs[index].pause();
            self.take_heard(now, index, heard);
            self.close_gap(now, index, GapCause::NoAudio);
        }
    }

    /// Hears again, unless something else still asks for quiet.
    pub(super) fn listen_again(&mut self) {
        if !self.is_quiet() {
            let now = self.now;
            self.legs.iter_mut().for_each(|leg| leg.resume(now));
        }
    }

    pub(super) fn updated(&mut self, reason: UpdateReason) {
        self.updated_about(reason, About::default());
    }

    fn updated_about(&mut self, reason: UpdateReason, about: About) {
        let legs = self.legs.iter().filter(|leg| !leg.left).map(info).collect();
        let body = Body::CallUpdated(CallUpdated {
            reason,
            on_hold: self.held_by.is_some(),
            masked: self.is_masked(),
            paused_by: self.paused_by(),
            legs,
            leg: about.leg,
            how: about.how,
            exit: about.exit,
        });
        self.publish_call(body);
    }
}

/// Which leg an update is about, and what it did.
#[derive(Default)]
struct About {
    leg: Option<String>,
    how: Option<PartHow>,
    exit: Option<PartExit>,
}

impl About {
    fn leg(id: &LegId) -> Self {
        Self {
            leg: Some(id.to_string()),
            ..Self::default()
        }
    }
}

fn info(leg: &Leg) -> LegInfo {
    LegInfo {
        leg_id: leg.id.to_string(),
        role: leg.role.to_string(),
        agent_id: leg.agent.as_ref().map(ToString::to_string),
        tap: leg.tap.map(|kind| kind.as_str().to_owned()),
    }
}
