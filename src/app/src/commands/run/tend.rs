//! What the daemon sees to beside calls: the clock, its metrics, its supervisor, and how it stops.

use std::time::Duration;

use metrics_exporter_prometheus::PrometheusHandle;
use sidetone_shell::clock::WallClock;
use sidetone_shell::metrics as names;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, interval, sleep, timeout};

use super::switches::Switch;
use crate::runtime::HubInput;
use crate::supervisor::Supervisor;

/// How often the system's clock is looked at.
const LOOK: Duration = Duration::from_secs(10);
/// How often what histograms have gathered is added up: without it they keep every sample until somebody asks.
const UPKEEP: Duration = Duration::from_secs(5);
/// A shorter correction is not worth a word in the log.
const WORTH_A_WORD: jiff::SignedDuration = jiff::SignedDuration::from_secs(1);
/// How long a switch may take to let go.
const LET_GO: Duration = Duration::from_secs(2);
/// How long the last words and their delivery may take; each bounds itself to three seconds.
const LAST_WORDS: Duration = Duration::from_millis(3_500);

/// How often it is looked whether the runtime's threads come round.
const BEAT: Duration = Duration::from_millis(100);
/// Late by this, calls feel it.
const STALL: Duration = Duration::from_millis(500);

/// Says when the threads that calls and switches are served by stood still: time-outs of that time are nobody else's fault.
pub(super) async fn heed_stalls() {
    loop {
        let due = Instant::now() + BEAT;
        sleep(BEAT).await;
        let late = due.elapsed();
        if late >= STALL {
            metrics::counter!(names::STALLS).increment(1);
            tracing::warn!(
                late_ms = late.as_millis(),
                "this process stood still: the machine has too much other work"
            );
        }
    }
}

/// Follows a clock that is set after the start.
pub(super) async fn follow_clock(clock: WallClock) {
    let mut look = interval(LOOK);
    loop {
        look.tick().await;
        if let Some(step) = clock.follow() {
            metrics::counter!(names::CLOCK_STEPS).increment(1);
            if step.abs() >= WORTH_A_WORD {
                let seconds = step.as_secs_f64();
                tracing::warn!(
                    seconds,
                    "the system's clock was set: new events follow it; times of running calls never step back"
                );
            }
        }
    }
}

/// Adds up metrics.
pub(super) async fn keep_up(metrics: PrometheusHandle) {
    let mut due = interval(UPKEEP);
    loop {
        due.tick().await;
        metrics.run_upkeep();
    }
}

/// Tells the supervisor that the hub is at work, for as long as it is.
pub(super) async fn be_alive(supervisor: &Supervisor, inputs: &mpsc::Sender<HubInput>) {
    let Some(every) = supervisor.every() else {
        return std::future::pending().await;
    };
    let mut due = interval(every);
    loop {
        due.tick().await;
        let (back, answered) = oneshot::channel();
        if inputs.send(HubInput::Alive(back)).await.is_ok() && answered.await.is_ok() {
            supervisor.alive();
        }
    }
}

/// Everything that is stopped in order.
pub(super) struct Running {
    pub(super) switches: Vec<Switch>,
    /// What bring their audio and signals to the hub; they end with them.
    pub(super) followers: Vec<JoinHandle<()>>,
    pub(super) inputs: mpsc::Sender<HubInput>,
    pub(super) hub: JoinHandle<()>,
    pub(super) stop: watch::Sender<bool>,
    pub(super) replicator: JoinHandle<()>,
}

impl Running {
    /// Lets go of the switches, has calls say what is being said, and brings it to Redis.
    pub(super) async fn stop(self) {
        for switch in self.switches {
            within(LET_GO, "a switch", switch.stop()).await;
        }
        for follower in self.followers {
            within(LET_GO, "what a switch said last", follower).await;
        }
        let last_words = async {
            drop(self.inputs.send(HubInput::Leave).await);
            drop(self.hub.await);
        };
        within(LAST_WORDS, "the last words of calls", last_words).await;
        let _ = self.stop.send(true);
        within(
            LAST_WORDS,
            "the delivery to Redis; the rest is on disk",
            self.replicator,
        )
        .await;
    }
}

async fn within<T>(limit: Duration, what: &'static str, done: impl Future<Output = T>) {
    if timeout(limit, done).await.is_err() {
        tracing::warn!(what, ?limit, "not waited for any longer");
    }
}
