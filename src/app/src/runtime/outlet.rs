//! Where a call's events go.

use std::time::Instant;

use sidetone_base::{AgentId, CallId};
use sidetone_engine::{LegReport, Published, Unmasked};
use sidetone_schema::Body;
use sidetone_shell::clock::WallClock;
use sidetone_shell::wire::{self, Draft, Publisher, UnmaskedFinal};

use super::telemetry;

/// Takes what calls publish; called from many tasks, never waits.
pub trait Outlet: Send + Sync {
    /// An event of the call that happened at `at`.
    fn publish(&self, call: &CallId, at: Instant, event: Published);

    /// A final as it was said, for who may read it; others drop it.
    fn unmasked(&self, _call: &CallId, _said: Unmasked) {}

    /// A leg's counters, when it is done.
    fn leg_done(&self, _report: &LegReport) {}
}

/// Redis, by way of the journal.
pub struct Wire {
    /// Stamps `ts`.
    pub clock: WallClock,
    /// Stamps `seq`.
    pub publisher: Publisher,
    /// The way to roles that may read what is covered, if there are any.
    pub unmasked: Option<wire::Unmasked>,
}

impl Outlet for Wire {
    fn publish(&self, call: &CallId, at: Instant, event: Published) {
        let Published { leg, role, agent, body } = event;
        tell_log(call, agent.as_ref(), &body);
        self.publisher.publish(Draft {
            call: call.clone(),
            leg,
            role,
            agent,
            body,
            at: self.clock.timestamp(at),
        });
    }

    fn unmasked(&self, call: &CallId, said: Unmasked) {
        let Some(unmasked) = &self.unmasked else { return };
        let Unmasked {
            leg,
            role,
            agent,
            segment,
            text,
        } = said;
        unmasked.tell(UnmaskedFinal {
            call: call.clone(),
            leg,
            role,
            agent,
            segment,
            text,
        });
    }

    fn leg_done(&self, report: &LegReport) {
        telemetry::leg_done(report);
    }
}

/// An administrator follows calls in the log, by their ids, without a number or a word, and counts gaps.
fn tell_log(call: &CallId, agent: Option<&AgentId>, body: &Body) {
    let agent = agent.map(AgentId::as_str);
    match body {
        Body::CallStarted(start) => {
            tracing::info!(%call, resumed = start.resumed, age_ms = start.age_ms, "call started");
        }
        Body::CallEnded(end) => tracing::info!(
            %call,
            agent,
            cause = end.cause,
            duration_ms = end.duration_ms,
            finals = end.finals,
            hints = end.hints,
            "call ended"
        ),
        Body::KnowledgeGap(gap) => {
            let answer = if gap.answer.is_some() { "heard" } else { "none" };
            metrics::counter!(telemetry::GAPS, "answer" => answer).increment(1);
        }
        _ => {}
    }
}
