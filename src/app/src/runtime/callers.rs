//! Callers who called before: looked for when a call starts, beside the call and never in its way.

use std::time::{Duration, Instant};

use sidetone_base::CallId;
use sidetone_engine::{LegReport, Published, Unmasked};
use sidetone_schema::Body;
use sidetone_shell::wire::CallerMemory;
use tokio::sync::mpsc;

use super::{HubInput, Outlet, telemetry};

/// Callers that may wait to be looked for; beyond it nothing is looked for and that is counted.
const WAITING: usize = 256;
/// After this nobody looks at a background hint for the call's beginning any more.
const WITHIN: Duration = Duration::from_millis(300);

/// A call that has just started.
#[derive(Debug)]
pub struct Begun {
    call: CallId,
    hash: String,
    at: Instant,
}

/// An outlet that tells which callers are to be looked for.
pub struct Recalling<O> {
    inner: O,
    begun: Option<mpsc::Sender<Begun>>,
}

impl<O: Outlet> Recalling<O> {
    /// With the end at which [`look`] listens. Nobody is looked for where `wanted` is false.
    pub fn new(inner: O, wanted: bool) -> (Self, Option<mpsc::Receiver<Begun>>) {
        let (begun, waiting) = wanted.then(|| mpsc::channel(WAITING)).unzip();
        (Self { inner, begun }, waiting)
    }
}

impl<O: Outlet> Outlet for Recalling<O> {
    fn publish(&self, call: &CallId, at: Instant, event: Published) {
        if let (Some(begun), Body::CallStarted(start)) = (&self.begun, &event.body)
            && let Some(hash) = start.caller_hash.clone().filter(|_| !start.resumed)
        {
            let call = call.clone();
            if begun.try_send(Begun { call, hash, at }).is_err() {
                count("busy");
            }
        }
        self.inner.publish(call, at, event);
    }

    fn unmasked(&self, call: &CallId, said: Unmasked) {
        self.inner.unmasked(call, said);
    }

    fn leg_done(&self, report: &LegReport) {
        self.inner.leg_done(report);
    }
}

/// Looks for callers until nobody tells of any; tells the hub what they called for.
pub async fn look(mut memory: CallerMemory, mut begun: mpsc::Receiver<Begun>, inputs: mpsc::Sender<HubInput>) {
    let mut quiet = false;
    warm(&mut memory, &mut quiet).await;
    while let Some(Begun { call, hash, at }) = begun.recv().await {
        let Some(left) = WITHIN.checked_sub(at.elapsed()).filter(|left| !left.is_zero()) else {
            count("late");
            continue;
        };
        match memory.recall(&hash, left).await {
            Ok(past) if past.is_empty() => {
                quiet = false;
                count("new");
            }
            Ok(past) => {
                quiet = false;
                count("known");
                if inputs.send(HubInput::Caller(call, past)).await.is_err() {
                    return;
                }
            }
            Err(error) => {
                count("failed");
                complain(&error, &mut quiet);
            }
        }
    }
}

/// The first call does not wait for a connection.
async fn warm(memory: &mut CallerMemory, quiet: &mut bool) {
    if let Err(error) = memory.connect().await {
        complain(&error, quiet);
    }
}

/// Once for each trouble.
fn complain(error: &str, quiet: &mut bool) {
    if !std::mem::replace(quiet, true) {
        tracing::warn!(error, "callers who called before cannot be looked for; calls go on");
    }
}

fn count(outcome: &'static str) {
    metrics::counter!(telemetry::CALLERS, "outcome" => outcome).increment(1);
}
