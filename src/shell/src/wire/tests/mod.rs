//! Tables and properties of the wire that need no Redis.

mod facts;
mod journal;
mod projection;
mod shedding;

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use sidetone_base::{AgentId, CallId, LegId, Role};
use sidetone_schema::{
    Body, CallEnded, CallStarted, CallUpdated, Envelope, LegInfo, Timestamp, Transcript, UpdateReason, VERSION,
};

use super::Draft;

/// A folder of a test's own; deleted when the test is done.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!(
            "sidetone-unit-{}-{}",
            std::process::id(),
            COUNT.fetch_add(1, Ordering::Relaxed)
        );
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn ts() -> Timestamp {
    Timestamp::new("2026-11-22T08:00:00.123Z".parse().unwrap())
}

fn draft(call: &str, body: Body) -> Draft {
    Draft {
        call: CallId::new(call),
        leg: None,
        role: None,
        agent: None,
        body,
        at: ts(),
    }
}

fn spoken(call: &str, text: &str, is_final: bool) -> Draft {
    let heard = Transcript {
        segment_id: "s1".into(),
        rev: 1,
        is_final,
        begin_ms: 0,
        end_ms: 900,
        text: text.into(),
        confidence: 0.5,
        redactions: Vec::new(),
        lang: "zh".into(),
        stable: None,
    };
    let body = if is_final {
        Body::TranscriptFinal(heard)
    } else {
        Body::TranscriptPartial(heard)
    };
    let (leg, role) = (Some(LegId::new("L1")), Some(Role::Caller));
    Draft {
        leg,
        role,
        agent: Some(AgentId::new("8001")),
        ..draft(call, body)
    }
}

fn ended(call: &str) -> Draft {
    draft(
        call,
        Body::CallEnded(CallEnded {
            cause: "hangup".into(),
            duration_ms: 9,
            finals: 1,
            hints: 0,
            end_by: None,
        }),
    )
}

fn started(call: &str) -> Draft {
    let start = CallStarted {
        queue: Some("12333".into()),
        age_ms: 1_123,
        ..CallStarted::default()
    };
    draft(call, Body::CallStarted(start))
}

fn updated(call: &str, agent: Option<&str>) -> Draft {
    let leg = |id: &str, role: &str, agent: Option<&str>| LegInfo {
        leg_id: id.into(),
        role: role.into(),
        agent_id: agent.map(str::to_owned),
        tap: None,
    };
    let mut legs = vec![leg("L1", "caller", None)];
    legs.extend(agent.map(|agent| leg("L2", "agent", Some(agent))));
    draft(
        call,
        Body::CallUpdated(CallUpdated {
            reason: UpdateReason::Transfer,
            on_hold: false,
            masked: false,
            paused_by: Vec::new(),
            leg: None,
            how: None,
            exit: None,
            legs,
        }),
    )
}

fn envelope(draft: Draft, seq: u64) -> Envelope {
    Envelope {
        v: VERSION,
        body: draft.body,
        call_id: draft.call.to_string(),
        seq,
        ts: draft.at,
        leg_id: draft.leg.map(|leg| leg.to_string()),
        role: draft.role.map(|role| role.to_string()),
        agent_id: draft.agent.map(|agent| agent.to_string()),
    }
}
