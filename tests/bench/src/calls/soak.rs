//! Calls without end: as soon as one is over its line rings again.

use std::sync::Arc;
use std::time::{Duration, Instant};

use sidetone_base::CallId;
use tokio::task::JoinSet;

use super::{APART, Options, Played, Said, Stage, recordings};
use crate::processor;

/// How often the process is weighed.
const EVERY: Duration = Duration::from_secs(60);

/// What came of it.
#[derive(Default)]
pub(crate) struct Soaked {
    /// Resident memory at the end of every minute.
    pub(crate) resident_bytes: Vec<u64>,
    pub(crate) calls: usize,
    pub(crate) calls_not_ended: usize,
    pub(crate) finals: usize,
    pub(crate) finals_lost: u64,
    pub(crate) shed_partials: u64,
    /// Of hints that are not early, from the end of speech.
    pub(crate) hint_ms: Vec<u64>,
    pub(crate) final_ms: Vec<u64>,
    /// Processor time by the clock.
    pub(crate) cpu: f64,
}

impl Soaked {
    fn add(&mut self, calls: &[Said]) {
        self.calls += calls.len();
        for call in calls {
            self.calls_not_ended += usize::from(!call.ended);
            self.finals += call.finals;
            self.final_ms.extend(call.final_delays());
            let late = call.hints.iter().filter(|hint| !hint.early);
            self.hint_ms.extend(late.map(|hint| hint.total_ms));
        }
    }
}

/// Plays calls on `options.calls` lines until the time is over, and tells each minute on the standard error.
pub(crate) fn soak(options: Options, lasts: Duration) -> Result<Soaked, String> {
    let recordings = recordings(options.calls)?.into_iter().map(Arc::new).collect();
    let runtime = sidetone_app::runtime::start()?;
    runtime.block_on(play(options, recordings, lasts))
}

async fn play(options: Options, recordings: Vec<Arc<Played>>, lasts: Duration) -> Result<Soaked, String> {
    let stage = Arc::new(Stage::set(options.config)?);
    let (begun, spent) = (Instant::now(), processor::time());
    let mut lines = JoinSet::new();
    for line in 0..options.calls {
        lines.spawn(ring(Arc::clone(&stage), line, recordings.clone(), begun + lasts));
    }
    let mut soaked = Soaked::default();
    while !lines.is_empty() {
        tokio::select! {
            _ = lines.join_next() => {}
            () = tokio::time::sleep_until((begun + EVERY * (soaked.resident_bytes.len() as u32 + 1)).into()) => {
                soaked.add(&stage.collector.take_ended());
                stage.witness.decodes().clear();
                let resident = processor::memory("VmRSS")?;
                soaked.resident_bytes.push(resident);
                eprintln!(
                    "minute {}: {} calls over, {} finals, {} MB",
                    soaked.resident_bytes.len(),
                    soaked.calls,
                    soaked.finals,
                    resident >> 20
                );
            }
        }
    }
    let (collector, load) = (Arc::clone(&stage.collector), stage.load.clone());
    if let Some(stage) = Arc::into_inner(stage) {
        stage.strike().await?;
    }
    let (rest, finals_lost) = collector.take();
    soaked.add(&rest);
    let spent = processor::time().saturating_sub(spent);
    Ok(Soaked {
        finals_lost,
        shed_partials: load.shed_partials(),
        cpu: spent.as_secs_f64() / begun.elapsed().as_secs_f64(),
        ..soaked
    })
}

/// One line: call after call, each another recording than the last.
async fn ring(stage: Arc<Stage>, line: usize, recordings: Vec<Arc<Played>>, until: Instant) {
    tokio::time::sleep(APART * u32::try_from(line).unwrap_or(0)).await;
    for (number, played) in recordings.iter().cycle().skip(line).enumerate() {
        if Instant::now() >= until {
            return;
        }
        let id = CallId::new(format!("soak-{line}-{number}"));
        stage.call(&id, Arc::clone(played)).await;
    }
}
