//! Recorded calls in place of live ones.

use std::time::{Duration, Instant};

use sidetone_base::{AgentId, CallEvent, CallId, CallSignal, EndCause, Role, TapKind};
use tokio::sync::mpsc;

use super::{Ears, Heard, HubInput};
use crate::recording::RecordedCall;

/// What the switch would have said of the recorded call.
#[must_use]
pub fn opening(recording: &RecordedCall, agent: &str) -> Vec<CallEvent> {
    let started = CallEvent::Started {
        age: Duration::ZERO,
        caller_number: None,
        called_number: None,
        queue: None,
        cti_id: None,
    };
    let mut events = vec![started];
    for (leg, role) in recording.legs() {
        let agent = (role == Role::Agent).then(|| AgentId::new(agent));
        events.push(CallEvent::LegJoined {
            leg: leg.clone(),
            channel: "recording".to_owned(),
            role,
            agent,
        });
        events.push(CallEvent::TapAttached {
            leg,
            kind: TapKind::Recording,
            payload_types: recording.payload_types(role),
        });
    }
    events
}

/// Plays a recorded call to the hub, at the pace at which it was recorded.
pub async fn play(recording: &RecordedCall, call: &CallId, agent: &str, inputs: &mpsc::Sender<HubInput>, ears: &Ears) {
    let signal = |event| {
        HubInput::Signal(CallSignal {
            call: call.clone(),
            event,
        })
    };
    for event in opening(recording, agent) {
        drop(inputs.send(signal(event)).await);
    }
    let begun = Instant::now();
    for (at, leg, frame) in recording.frames() {
        tokio::time::sleep_until((begun + at).into()).await;
        ears.hear(
            call,
            Heard {
                at: Instant::now(),
                leg,
                frame,
            },
        );
    }
    drop(
        inputs
            .send(signal(CallEvent::Ended {
                cause: EndCause::Hangup,
            }))
            .await,
    );
}
