//! Numbers and times for events that do not come from a live call.

use std::os::unix::fs::DirBuilderExt;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use sidetone_base::CallId;
use sidetone_engine::Published;
use sidetone_schema::{Envelope, Timestamp, VERSION};
use sidetone_shell::clock::WallClock;
use sidetone_shell::http::Readiness;
use sidetone_shell::wire::{OutboxConfig, Publisher, RedisConfig, Replicator};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::runtime::{Outlet, Wire};

/// Stamps one call's events.
pub(in crate::commands) struct Stamp {
    call: CallId,
    begun: jiff::Timestamp,
    seq: u64,
}

impl Stamp {
    pub(in crate::commands) const fn new(call: CallId, begun: jiff::Timestamp) -> Self {
        Self { call, begun, seq: 0 }
    }

    pub(in crate::commands) fn envelope(&mut self, at: Duration, event: Published) -> Envelope {
        self.seq += 1;
        Envelope {
            v: VERSION,
            body: event.body,
            call_id: self.call.to_string(),
            seq: self.seq,
            ts: Timestamp::new(self.begun.checked_add(at).unwrap_or(self.begun)),
            leg_id: event.leg.map(|leg| leg.to_string()),
            role: event.role.map(|role| role.to_string()),
            agent_id: event.agent.map(|agent| agent.to_string()),
        }
    }
}

/// Shows one event.
type Print = Box<dyn FnMut(&Envelope) + Send>;

/// Prints what a live call would publish.
pub(super) struct ToScreen {
    begun: Instant,
    state: Mutex<(Stamp, Print)>,
}

impl ToScreen {
    pub(super) fn new(call: CallId, print: impl FnMut(&Envelope) + Send + 'static) -> Self {
        let stamp = Stamp::new(call, jiff::Timestamp::now());
        Self {
            begun: Instant::now(),
            state: Mutex::new((stamp, Box::new(print))),
        }
    }
}

impl Outlet for ToScreen {
    fn publish(&self, _call: &CallId, at: Instant, event: Published) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let (stamp, print) = &mut *state;
        let envelope = stamp.envelope(at.saturating_duration_since(self.begun), event);
        print(&envelope);
    }
}

/// Prints and publishes.
pub(super) struct Both(ToScreen, Wire);

impl Outlet for Both {
    fn publish(&self, call: &CallId, at: Instant, event: Published) {
        self.1.publish(call, at, event.clone());
        self.0.publish(call, at, event);
    }
}

/// The task that brings events to Redis.
pub(super) struct ToRedis {
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
    pub(super) publisher: Publisher,
    address: String,
    state: PathBuf,
}

/// An outlet that prints and publishes to this Redis, by way of a journal that is kept until all of it has arrived.
pub(super) fn both(screen: ToScreen, redis: RedisConfig) -> Result<(Both, ToRedis), String> {
    let state = std::env::temp_dir().join(format!("sidetone-replay-{}", std::process::id()));
    // Not anybody else's: a journal holds what people said.
    std::fs::DirBuilder::new()
        .mode(0o700)
        .create(&state)
        .map_err(|error| format!("{} cannot be made: {error}", state.display()))?;
    let publisher = Publisher::open(OutboxConfig {
        state_dir: state.clone(),
        ..OutboxConfig::default()
    });
    let clock = WallClock::start();
    let address = redis.address();
    let component = Readiness::default().component("redis");
    let replicator = Replicator::new(&publisher, redis, clock.clone(), component);
    let (stop, stopped) = watch::channel(false);
    let to_redis = ToRedis {
        stop,
        task: tokio::spawn(replicator.run(stopped)),
        publisher: publisher.clone(),
        address,
        state,
    };
    let wire = Wire {
        clock,
        publisher,
        unmasked: None,
    };
    Ok((Both(screen, wire), to_redis))
}

impl ToRedis {
    /// Waits until what there is has been delivered, for a few seconds.
    ///
    /// # Errors
    /// When something has not: it says how much, and where it is.
    pub(super) async fn finish(self) -> Result<(), String> {
        let _ = self.stop.send(true);
        self.task.await.map_err(|error| error.to_string())?;
        let missing = self.publisher.undelivered();
        if missing > 0 {
            return Err(format!(
                "{missing} event(s) did not reach Redis at {}; all of them are in {}, one JSON object a line. When Redis \
                 answers (`redis-cli ping`), replay again",
                self.address,
                self.state.join("journal").display()
            ));
        }
        std::fs::remove_dir_all(&self.state)
            .map_err(|error| format!("{} cannot be removed: {error}", self.state.display()))
    }
}
