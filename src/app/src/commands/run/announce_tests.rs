//! Which events of which calls reach the switch, and on whose channel.

use std::time::Duration;

use sidetone_base::{AgentId, CallEvent, CallSignal, EndCause};
use sidetone_schema::{CallEnded, CallStarted, Fault, FaultSeverity, SpeechStarted, Transcript};

use super::*;

#[derive(Default)]
struct Fired(Mutex<Vec<(String, Subclass, String)>>);

impl Announces for Fired {
    fn announce(&self, channel: &str, subclass: Subclass, body: &str) {
        let event = (channel.to_owned(), subclass, body.to_owned());
        self.0.lock().unwrap().push(event);
    }
}

/// Counts what goes on to the wire.
#[derive(Default)]
struct Wire(Mutex<usize>);

impl Outlet for Arc<Wire> {
    fn publish(&self, _: &CallId, _: Instant, _: Published) {
        *self.0.lock().unwrap() += 1;
    }

    fn leg_done(&self, _: &LegReport) {}
}

struct Stage {
    announced: Announced<Arc<Wire>, Fired>,
    wire: Arc<Wire>,
}

impl Stage {
    /// One call of each switch goes on.
    fn set() -> Self {
        let kinds = [Kind::Asterisk, Kind::Freeswitch];
        let owners = Arc::new(Owners::new(&kinds));
        for kind in kinds {
            let event = CallEvent::Started {
                age: Duration::ZERO,
                caller_number: None,
                called_number: None,
                queue: None,
                cti_id: None,
            };
            let call = Self::call(kind);
            owners.heard(kind, &CallSignal { call, event });
        }
        let announcer = Arc::new(OnceLock::new());
        let _ = announcer.set(Fired::default());
        let wire = Arc::new(Wire::default());
        Self {
            announced: Announced::new(Arc::clone(&wire), owners, announcer),
            wire,
        }
    }

    fn call(kind: Kind) -> CallId {
        CallId::new(format!("call-of-{kind:?}"))
    }

    fn publish(&self, kind: Kind, leg: Option<(&str, Role)>, body: Body) {
        let event = Published {
            leg: leg.map(|(leg, _)| LegId::new(leg)),
            role: leg.map(|(_, role)| role),
            agent: Some(AgentId::new("8001")),
            body,
        };
        self.announced.publish(&Self::call(kind), Instant::now(), event);
    }

    fn hang_up(&self, kind: Kind) {
        let event = CallEvent::Ended {
            cause: EndCause::Hangup,
        };
        let call = Self::call(kind);
        self.announced.owners.heard(kind, &CallSignal { call, event });
    }

    /// Channel and subclass of each event so far.
    fn fired(&self) -> Vec<(String, &'static str)> {
        let fired = self.announced.announcer.get().unwrap().0.lock().unwrap();
        let named = fired
            .iter()
            .map(|(channel, subclass, _)| (channel.clone(), subclass.as_str()));
        named.collect()
    }

    fn bodies(&self) -> Vec<String> {
        let fired = self.announced.announcer.get().unwrap().0.lock().unwrap();
        fired.iter().map(|(.., body)| body.clone()).collect()
    }
}

fn started() -> Body {
    Body::CallStarted(CallStarted::default())
}

fn ended() -> Body {
    Body::CallEnded(CallEnded {
        cause: "hangup".to_owned(),
        duration_ms: 1,
        finals: 1,
        hints: 0,
        end_by: None,
    })
}

fn final_text(text: &str) -> Body {
    Body::TranscriptFinal(Transcript {
        segment_id: "caller-1".to_owned(),
        rev: 1,
        is_final: true,
        begin_ms: 0,
        end_ms: 1_000,
        text: text.to_owned(),
        confidence: 0.9,
        redactions: Vec::new(),
        lang: "zh".to_owned(),
        stable: None,
    })
}

fn fault() -> Body {
    Body::Error(Fault {
        code: "tap_failed".to_owned(),
        message: "native: refused".to_owned(),
        severity: FaultSeverity::Degraded,
    })
}

const CALLER: Option<(&str, Role)> = Some(("a-leg", Role::Caller));
const AGENT: Option<(&str, Role)> = Some(("b-leg", Role::Agent));

#[test]
fn an_event_is_on_the_channel_of_its_leg_and_a_calls_on_its_callers() {
    let stage = Stage::set();
    stage.publish(Kind::Freeswitch, None, started());
    stage.publish(Kind::Freeswitch, AGENT, final_text("您好"));
    stage.publish(Kind::Freeswitch, CALLER, final_text("我想问失业金"));
    stage.publish(Kind::Freeswitch, None, fault());
    let expected = [
        ("b-leg", "sidetone::transcription"),
        ("a-leg", "sidetone::transcription"),
        ("a-leg", "sidetone::error"),
    ];
    let expected = expected.map(|(channel, subclass)| (channel.to_owned(), subclass));
    assert_eq!(stage.fired(), expected);
    assert_eq!(*stage.wire.0.lock().unwrap(), 4, "the wire gets everything");
}

#[test]
fn what_nobody_can_place_is_not_fired() {
    let stage = Stage::set();
    // Before its call, of the whole call before anybody spoke, and what is only for screens.
    stage.publish(Kind::Freeswitch, CALLER, final_text("太早"));
    stage.publish(Kind::Freeswitch, None, started());
    stage.publish(Kind::Freeswitch, None, fault());
    let began = Body::SpeechStarted(SpeechStarted {
        segment_id: "caller-1".to_owned(),
        begin_ms: 0,
    });
    stage.publish(Kind::Freeswitch, CALLER, began);
    assert!(stage.fired().is_empty(), "{:?}", stage.fired());
    assert_eq!(*stage.wire.0.lock().unwrap(), 4);
}

#[test]
fn another_switchs_calls_are_not_told_of() {
    let stage = Stage::set();
    stage.publish(Kind::Asterisk, None, started());
    stage.publish(Kind::Asterisk, CALLER, final_text("您好"));
    stage.publish(Kind::Asterisk, None, ended());
    assert!(stage.fired().is_empty(), "{:?}", stage.fired());
    assert_eq!(*stage.wire.0.lock().unwrap(), 3);
}

/// The switch has forgotten the call by then.
#[test]
fn what_is_said_after_the_hangup_is_still_the_callers_and_then_nothing_is() {
    let stage = Stage::set();
    stage.publish(Kind::Freeswitch, None, started());
    stage.publish(Kind::Freeswitch, CALLER, final_text("再见"));
    stage.hang_up(Kind::Freeswitch);
    stage.publish(Kind::Freeswitch, None, fault());
    stage.publish(Kind::Freeswitch, None, ended());
    stage.publish(Kind::Freeswitch, CALLER, final_text("太晚"));
    let channels: Vec<String> = stage.fired().into_iter().map(|(channel, _)| channel).collect();
    assert_eq!(channels, ["a-leg", "a-leg"]);
    assert!(stage.announced.calls.lock().unwrap().is_empty(), "nothing is kept");
}

#[test]
fn a_body_is_one_line_of_json_whatever_was_said() {
    let stage = Stage::set();
    let said = "\"引号\"\\\n\nContent-Length: 0\r\n${hangup_cause}\u{0}";
    stage.publish(Kind::Freeswitch, None, started());
    stage.publish(Kind::Freeswitch, CALLER, final_text(said));
    let bodies = stage.bodies();
    assert!(!bodies[0].contains(char::is_control), "{}", bodies[0]);
    let read: Body = serde_json::from_str(&bodies[0]).unwrap();
    assert!(matches!(read, Body::TranscriptFinal(transcript) if transcript.text == said));
}
