//! What an earlier run of the daemon heard of a call that goes on, or ended meanwhile.

use std::collections::HashMap;
use std::time::Duration;

use sidetone_assist::Turn;
use sidetone_base::{AgentId, CallId, CallTime, Role, SegmentId};
use sidetone_engine::Past;
use sidetone_schema::{Body, Envelope, Timestamp, Transcript};
use sidetone_shell::clock::WallClock;
use sidetone_shell::wire::Publisher;

/// The past of calls, so that a wrap-up covers the whole call and its times go on.
pub trait Memory: Send + Sync {
    /// What was heard so far; `None` when the call is new.
    fn recall(&self, call: &CallId) -> Option<Past>;
}

/// Remembers nothing: every call is new.
pub struct NoMemory;

impl Memory for NoMemory {
    fn recall(&self, _call: &CallId) -> Option<Past> {
        None
    }
}

/// Reads the outbox's journals.
pub struct Journal {
    /// Where they are.
    pub publisher: Publisher,
    /// By which a call's age is told.
    pub clock: WallClock,
}

impl Memory for Journal {
    fn recall(&self, call: &CallId) -> Option<Past> {
        self.publisher.resume(call)?;
        Some(past(self.publisher.history(call), self.clock.now()))
    }
}

/// The past that a call's events tell of at `now`.
fn past(history: Vec<Envelope>, now: Timestamp) -> Past {
    let mut past = Past::default();
    let mut began = None;
    let mut keys = HashMap::new();
    for event in history {
        let at = event.ts.instant();
        if event.agent_id.is_some() {
            past.agent = event.agent_id.as_deref().map(AgentId::new);
        }
        if let Body::CallStarted(start) = &event.body {
            began = at.checked_sub(Duration::from_millis(start.age_ms)).ok();
            past.caller.clone_from(&start.caller);
            past.caller_hash.clone_from(&start.caller_hash);
            past.called.clone_from(&start.called);
            past.queue.clone_from(&start.queue);
            past.cti_id.clone_from(&start.cti_id);
        }
        let since = |began: jiff::Timestamp| Duration::try_from(at.duration_since(began)).unwrap_or_default();
        past.seen = began.map_or(past.seen, since).max(past.seen);
        match event.body {
            Body::TranscriptFinal(heard) => {
                past.finals += 1;
                past.turns.extend(turn(event.role.as_deref(), heard));
            }
            Body::HintNew(hint) => {
                past.hints += 1;
                if let Some(calls) = hint.past_calls {
                    past.past_calls = calls;
                }
                keys.insert(hint.hint_id, hint.dedup_key);
            }
            Body::HintUpdate(hint) => drop(keys.insert(hint.hint_id, hint.dedup_key)),
            Body::HintExpire(gone) if gone.reason == "dismissed" => {
                past.dismissed.extend(keys.get(&gone.hint_id).cloned());
            }
            Body::CallUpdated(updated) => (past.masked, past.paused_by) = (updated.masked, updated.paused_by),
            _ => {}
        }
    }
    let age = began.map(|began| now.instant().duration_since(began));
    // A clock that was set back meanwhile tells less than the call's own events.
    past.age = age
        .and_then(|age| Duration::try_from(age).ok())
        .unwrap_or_default()
        .max(past.seen);
    past
}

/// The turn behind a `transcript.final` that holds text.
fn turn(role: Option<&str>, transcript: Transcript) -> Option<Turn> {
    let role = match role? {
        "caller" => Role::Caller,
        "agent" => Role::Agent,
        _ => return None,
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

#[cfg(test)]
mod tests {
    use sidetone_schema::{CallStarted, CallUpdated, PausedBy, UpdateReason, VERSION};

    use super::*;

    fn event(at: &str, body: Body) -> Envelope {
        Envelope {
            v: VERSION,
            body,
            call_id: "c".to_owned(),
            seq: 1,
            ts: Timestamp::new(at.parse().unwrap()),
            leg_id: None,
            role: Some("caller".to_owned()),
            agent_id: Some("8001".to_owned()),
        }
    }

    fn started(at: &str, caller: Option<&str>, age_ms: u64) -> Envelope {
        let start = CallStarted {
            caller: caller.map(str::to_owned),
            age_ms,
            ..CallStarted::default()
        };
        event(at, Body::CallStarted(start))
    }

    fn heard(at: &str, text: &str) -> Envelope {
        let heard = Transcript {
            segment_id: "caller-0".to_owned(),
            rev: 1,
            is_final: true,
            begin_ms: 0,
            end_ms: 900,
            text: text.to_owned(),
            confidence: 0.5,
            redactions: Vec::new(),
            lang: "zh".to_owned(),
            stable: None,
        };
        event(at, Body::TranscriptFinal(heard))
    }

    #[test]
    fn a_call_is_as_old_and_as_long_as_its_events_say() {
        let history = vec![
            started("2026-11-22T08:00:10Z", Some("*********01"), 4_000),
            heard("2026-11-22T08:00:20Z", "你好"),
            heard("2026-11-22T08:00:30Z", ""),
        ];
        let now = Timestamp::new("2026-11-22T09:00:06Z".parse().unwrap());
        let past = past(history, now);
        assert_eq!((past.age.as_secs(), past.seen.as_secs()), (3_600, 24));
        assert_eq!((past.finals, past.turns.len(), past.hints), (2, 1, 0));
        assert_eq!(past.caller.as_deref(), Some("*********01"));
        assert_eq!(past.agent, Some(AgentId::new("8001")));
    }

    #[test]
    fn a_clock_that_was_set_back_makes_no_call_younger() {
        let history = vec![
            started("2026-11-22T08:00:00Z", None, 0),
            heard("2026-11-22T08:01:00Z", "你好"),
        ];
        let now = Timestamp::new("2026-11-21T08:00:00Z".parse().unwrap());
        assert_eq!(past(history, now).age.as_secs(), 60);
    }

    #[test]
    fn the_last_word_on_mask_and_pause_holds_after_a_restart() {
        let updated = |masked, paused_by: &[PausedBy]| {
            let updated = CallUpdated {
                reason: UpdateReason::Control,
                on_hold: false,
                legs: Vec::new(),
                masked,
                paused_by: paused_by.to_vec(),
                leg: None,
                how: None,
                exit: None,
            };
            event("2026-11-22T08:00:10Z", Body::CallUpdated(updated))
        };
        let last = |events: Vec<Envelope>| {
            let past = past(events, Timestamp::new("2026-11-22T08:01:00Z".parse().unwrap()));
            (past.masked, past.paused_by)
        };
        let operator = [PausedBy::Operator];
        assert_eq!(
            last(vec![updated(false, &[]), updated(true, &operator)]),
            (true, operator.to_vec())
        );
        assert_eq!(
            last(vec![updated(true, &[PausedBy::Dialplan]), updated(false, &[])]),
            (false, vec![])
        );
    }
}
