//! One call of typed turns on a clock of its own.

use std::sync::Arc;
use std::time::{Duration, Instant};

use sidetone_base::{AgentId, CallEvent, CallId, EndCause, LegId, Role};
use sidetone_engine::{Call, Effect, Input, Parts};
use sidetone_schema::Envelope;

use crate::commands::replay::Stamp;
use crate::config::Config;
use crate::runtime::parts;

/// How long a character takes to say.
const A_CHARACTER: Duration = Duration::from_millis(200);
/// Between two turns.
const PAUSE: Duration = Duration::from_millis(600);
/// The agent of typed calls.
const AGENT: &str = "8001";

/// The real call engine, fed with text.
pub(super) struct TypedCall<P> {
    call: Call,
    stamp: Stamp,
    begun: Instant,
    now: Instant,
    print: P,
}

impl<P: FnMut(&Envelope)> TypedCall<P> {
    /// A caller and an agent are on the line.
    pub(super) fn begin(id: &str, config: &Config, shared: Arc<Parts>, print: P) -> Self {
        let today = jiff::Zoned::now();
        let engine = parts::engine(config, today.date());
        let id = CallId::new(id);
        // An origin, no more: times of events are counted from it.
        let begun = Instant::now();
        let morning = config.knowledge.as_of.unwrap_or(today.date()).at(9, 0, 0, 0);
        let opened = morning
            .to_zoned(today.time_zone().clone())
            .map_or(today.timestamp(), |at| at.timestamp());
        let mut typed = Self {
            call: Call::new(begun, id.clone(), engine, shared),
            stamp: Stamp::new(id, opened),
            begun,
            now: begun,
            print,
        };
        typed.signal(CallEvent::Started {
            age: Duration::ZERO,
            caller_number: None,
            called_number: None,
            queue: None,
            cti_id: None,
        });
        for role in [Role::Caller, Role::Agent] {
            typed.signal(CallEvent::LegJoined {
                leg: leg(role),
                channel: "typed".to_owned(),
                role,
                agent: (role == Role::Agent).then(|| AgentId::new(AGENT)),
            });
        }
        typed
    }

    /// A turn, after a pause.
    pub(super) fn say(&mut self, role: Role, text: &str) {
        let lasted = A_CHARACTER * u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
        self.wait_until(self.now + PAUSE + lasted);
        self.give(Input::Typed {
            leg: leg(role),
            text: text.to_owned(),
            lasted,
        });
        self.wait_until(self.now);
    }

    /// The line goes down.
    pub(super) fn hang_up(mut self) {
        self.wait_until(self.now + PAUSE);
        self.signal(CallEvent::Ended {
            cause: EndCause::Hangup,
        });
        while let Some(deadline) = self.call.deadline() {
            self.now = deadline.max(self.now);
            self.give(Input::Wake);
        }
    }

    fn signal(&mut self, event: CallEvent) {
        self.give(Input::Signal(event));
    }

    /// Does what is due until then.
    fn wait_until(&mut self, at: Instant) {
        while let Some(deadline) = self.call.deadline().filter(|deadline| *deadline <= at) {
            self.now = deadline.max(self.now);
            self.give(Input::Wake);
        }
        self.now = at.max(self.now);
    }

    fn give(&mut self, input: Input) {
        self.call.handle(self.now, input);
        while let Some(effect) = self.call.poll() {
            if let Effect::Publish(event) = effect {
                (self.print)(&self.stamp.envelope(self.now - self.begun, event));
            }
        }
    }
}

fn leg(role: Role) -> LegId {
    LegId::new(role.to_string())
}
