//! The real engine on a corpus call, on virtual time.

use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

use sidetone_app::config::Config;
use sidetone_app::runtime::{Offline, parts};
use sidetone_base::{AgentId, CallEvent, CallId, LegId, Pii, Role, SegmentId, TapKind};
use sidetone_engine::{Call, LegReport, Parts, Published};
use sidetone_schema::{Body, Envelope, Timestamp, VERSION};

use crate::corpus::{CorpusCall, Timed};
use crate::root;
use crate::scripted::{Scripted, Segments, Wording};

/// What a replay gave.
pub struct Replayed {
    /// As the wire would carry them.
    pub events: Vec<Envelope>,
    /// Counters of both legs.
    pub reports: Vec<LegReport>,
}

/// The default configuration over this repository's knowledge, with the gate as the only detector: it
/// needs no model.
#[must_use]
pub fn config() -> Config {
    let mut config = Config::default();
    config.knowledge.dir = root().join("knowledge/12333");
    config.speech.neural_vad = false;
    config
}

/// What calls share, read once.
#[must_use]
pub fn shared() -> Arc<Parts> {
    static PARTS: OnceLock<Arc<Parts>> = OnceLock::new();
    let load = || {
        let config = config();
        let pack = parts::pack(&config).unwrap_or_else(|error| panic!("{error}"));
        Arc::new(parts::shared(&config, pack).unwrap_or_else(|error| panic!("{error}")))
    };
    Arc::clone(PARTS.get_or_init(load))
}

/// Plays `frames` as the sound of the call.
#[must_use]
pub fn replay(call: &CorpusCall, wording: Wording, frames: &[Timed]) -> Replayed {
    let script = &call.script;
    let mut config = config();
    config.knowledge.as_of = Some(script.as_of);
    config.knowledge.region.clone_from(&script.region);
    // A mere origin: nothing reads a clock after it.
    let begun = Instant::now();
    let engine = parts::engine(&config, script.as_of);
    let id = CallId::new(format!("replay-{}", script.name));
    let engine = Call::new(begun, id, engine, shared());
    let segments = Segments::default();
    let recogniser = Box::new(Scripted::new(call, wording, Arc::clone(&segments)));
    let events = Mutex::new(Vec::new());
    let mut offline = Offline::new(begun, engine, recogniser, |at, event| {
        note(&segments, &event.body);
        let mut events = events.lock().unwrap();
        let seq = events.len() as u64 + 1;
        events.push(envelope(&script.name, seq, at, event));
    });
    for event in opening(call) {
        offline.signal(Duration::ZERO, event);
    }
    for (at, leg, frame) in frames {
        offline.audio(*at, leg, frame.clone());
    }
    let reports = offline.hang_up(call.length());
    Replayed {
        events: events.into_inner().unwrap(),
        reports,
    }
}

/// Tells the recogniser where a segment lies.
fn note(segments: &Segments, body: &Body) {
    let mut segments = segments.lock().unwrap();
    match body {
        Body::SpeechStarted(speech) => {
            segments.insert(SegmentId::new(speech.segment_id.clone()), (speech.begin_ms, None));
        }
        Body::SpeechEnded(speech) => {
            segments.insert(
                SegmentId::new(speech.segment_id.clone()),
                (speech.begin_ms, Some(speech.end_ms)),
            );
        }
        _ => {}
    }
}

fn opening(call: &CorpusCall) -> Vec<CallEvent> {
    let mut events = vec![CallEvent::Started {
        age: Duration::ZERO,
        caller_number: Some(Pii::new(call.script.caller.number.clone())),
        called_number: Some("12333".to_owned()),
        queue: Some("12333".to_owned()),
        cti_id: None,
    }];
    for role in [Role::Caller, Role::Agent] {
        let leg = LegId::new(role.to_string());
        let agent = (role == Role::Agent).then(|| AgentId::new(call.script.agent.id.clone()));
        events.push(CallEvent::LegJoined {
            leg: leg.clone(),
            channel: "recording".to_owned(),
            role,
            agent,
        });
        events.push(CallEvent::TapAttached {
            leg,
            kind: TapKind::Recording,
            payload_types: Vec::new(),
        });
    }
    events
}

fn envelope(name: &str, seq: u64, at: Duration, event: Published) -> Envelope {
    let begun: jiff::Timestamp = "2026-03-02T01:00:00Z".parse().unwrap();
    Envelope {
        v: VERSION,
        body: event.body,
        call_id: format!("replay-{name}"),
        seq,
        ts: Timestamp::new(begun + at),
        leg_id: event.leg.map(|leg| leg.to_string()),
        role: event.role.map(|role| role.to_string()),
        agent_id: event.agent.map(|agent| agent.to_string()),
    }
}
