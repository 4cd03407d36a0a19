//! What an earlier run of the daemon heard of a call that goes on.

use std::time::Duration;

use sidetone_assist::Turn;
use sidetone_base::{CallId, CallTime, Role, SegmentId};
use sidetone_schema::{Body, Envelope};
use sidetone_shell::wire::Publisher;

/// The settled turns of the past, so that a wrap-up covers the whole call.
pub trait Memory: Send + Sync {
    /// The settled turns so far, in order; `None` when the call is new.
    fn recall(&self, call: &CallId) -> Option<Vec<Turn>>;
}

/// Remembers nothing: every call is new.
pub struct NoMemory;

impl Memory for NoMemory {
    fn recall(&self, _call: &CallId) -> Option<Vec<Turn>> {
        None
    }
}

/// Reads the outbox's journals.
pub struct Journal(pub Publisher);

impl Memory for Journal {
    fn recall(&self, call: &CallId) -> Option<Vec<Turn>> {
        self.0.resume(call)?;
        Some(self.0.history(call).into_iter().filter_map(turn).collect())
    }
}

/// The turn behind a `transcript.final` that holds text.
fn turn(event: Envelope) -> Option<Turn> {
    let role = match event.role.as_deref()? {
        "caller" => Role::Caller,
        "agent" => Role::Agent,
        _ => return None,
    };
    let Body::TranscriptFinal(transcript) = event.body else {
        return None;
    };
    (!transcript.text.is_empty()).then(|| Turn {
        segment: SegmentId::new(transcript.segment_id),
        role,
        text: transcript.text,
        begin: CallTime(Duration::from_millis(transcript.begin_ms)),
        end: CallTime(Duration::from_millis(transcript.end_ms)),
        confidence: transcript.confidence,
    })
}
