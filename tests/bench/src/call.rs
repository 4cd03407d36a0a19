//! `call [--calls N] [--models DIR] [--no-partials]`: scripted calls' audio through the daemon's own hub,
//! pool and engine, at the pace of a telephone, N at once (4).
//!
//! `hint_after_speech_end` is `latency_ms.total` of every `hint.new`: from the true end of the caller's
//! speech, hangover and queueing included. `final_after_speech_end` is the same for each final.
//! `finals_lost` counts segments that got no text in the end; `cpu` is processor time of the whole
//! process by the clock, 2.0 on two busy cores.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use sidetone_app::config::Config;
use sidetone_app::recording::RecordedCall;
use sidetone_app::runtime::{Ears, Hub, Jobs, NoMemory, Outlet, parts, playback};
use sidetone_base::CallId;
use sidetone_engine::{LegReport, Published};
use sidetone_schema::Body;
use sidetone_shell::pool::{Models, PoolConfig, RecogniserPool};
use tokio::sync::mpsc;

use crate::processor;

const CALLS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../corpus/calls");
/// The day on which the scripts play.
const DAY: jiff::civil::Date = jiff::civil::date(2026, 3, 2);

/// What the calls said.
#[derive(Default)]
struct Figures {
    hints: Vec<u64>,
    finals: usize,
    finals_lost: u64,
    partials: usize,
    ended: usize,
}

struct Collector(Mutex<Figures>);

impl Collector {
    fn figures(&self) -> std::sync::MutexGuard<'_, Figures> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Outlet for Collector {
    fn publish(&self, _call: &CallId, _at: Instant, event: Published) {
        let mut figures = self.figures();
        match event.body {
            Body::HintNew(hint) => figures.hints.push(hint.latency_ms.total),
            Body::TranscriptFinal(_) => figures.finals += 1,
            Body::TranscriptPartial(_) => figures.partials += 1,
            Body::CallEnded(_) => figures.ended += 1,
            _ => {}
        }
    }

    fn leg_done(&self, report: &LegReport) {
        self.figures().finals_lost += report.finals_lost;
    }
}

/// Runs the bench.
pub(crate) fn run(args: &[String]) -> Result<Value, String> {
    let mut config = Config::default();
    config.knowledge.dir = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../knowledge"));
    config.knowledge.as_of = Some(DAY);
    let mut at_once = 4;
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        let mut value = || args.next().ok_or_else(|| format!("{arg} wants a value"));
        match arg.as_str() {
            "--calls" => at_once = value()?.parse().map_err(|_| "--calls wants a number".to_owned())?,
            "--models" => config.speech.models_dir = PathBuf::from(value()?),
            "--no-partials" => config.speech.partials = false,
            other => return Err(format!("{other} is no option: --calls N, --models DIR, --no-partials")),
        }
    }
    let recordings = recordings(at_once)?;
    let runtime = tokio::runtime::Runtime::new().map_err(|error| error.to_string())?;
    runtime.block_on(play(config, recordings))
}

/// The first `wanted` calls that have a voice, over again when there are fewer.
fn recordings(wanted: usize) -> Result<Vec<RecordedCall>, String> {
    let entries = std::fs::read_dir(CALLS).map_err(|error| format!("{CALLS}: {error}"))?;
    let mut voices: Vec<PathBuf> = entries
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.to_string_lossy().ends_with(".caller.opus"))
        .collect();
    voices.sort();
    if voices.is_empty() {
        return Err(format!("no voices in {CALLS}"));
    }
    let agent = |caller: &Path| PathBuf::from(caller.to_string_lossy().replace(".caller.", ".agent."));
    let all = voices.iter().cycle().take(wanted);
    all.map(|caller| RecordedCall::open(&[caller.clone(), agent(caller)], false))
        .collect()
}

async fn play(config: Config, recordings: Vec<RecordedCall>) -> Result<Value, String> {
    let knowledge = parts::knowledge(&config)?;
    let shared = Arc::new(parts::shared(&config, Arc::clone(&knowledge))?);
    let model = parts::recogniser(&config.speech, &knowledge)?;
    let engine = parts::engine(&config, DAY);
    let pool = PoolConfig {
        workers: parts::workers(&config.speech),
        ..PoolConfig::default()
    };
    let (pool, answers) = RecogniserPool::start(&Models::one(model), &pool).map_err(|error| error.to_string())?;
    let collector = Arc::new(Collector(Mutex::new(Figures::default())));
    let ears = Ears::default();
    let hub = Hub {
        config: Box::new(move || engine.clone()),
        parts: shared,
        jobs: Arc::new(Jobs::new(pool)),
        outlet: Arc::clone(&collector) as Arc<dyn Outlet>,
        ears: ears.clone(),
        memory: Arc::new(NoMemory),
    };
    let (inputs, receiver) = mpsc::channel(64);
    let hub = tokio::spawn(hub.run(receiver, answers));
    let (begun, spent) = (Instant::now(), processor::time()?);
    let calls = recordings.len();
    let mut players = tokio::task::JoinSet::new();
    for (number, recording) in recordings.into_iter().enumerate() {
        let (inputs, ears) = (inputs.clone(), ears.clone());
        players.spawn(async move {
            // Calls do not begin in step.
            tokio::time::sleep(Duration::from_millis(700) * u32::try_from(number).unwrap_or(0)).await;
            playback::play(
                &recording,
                &CallId::new(format!("bench-{number}")),
                "8001",
                &inputs,
                &ears,
            )
            .await;
        });
    }
    drop(inputs);
    players.join_all().await;
    hub.await.map_err(|error| error.to_string())?;
    let cpu = (processor::time()?.saturating_sub(spent)).as_secs_f64() / begun.elapsed().as_secs_f64();
    let mut figures = std::mem::take(&mut *collector.figures());
    figures.hints.sort_unstable();
    let percentile = |percent: usize| {
        let index = (figures.hints.len() * percent).div_ceil(100).saturating_sub(1);
        figures.hints.get(index).copied()
    };
    Ok(json!({
        "calls": calls,
        "hint_after_speech_end_ms_p50": percentile(50),
        "hint_after_speech_end_ms_p95": percentile(95),
        "hints": figures.hints.len(),
        "finals": figures.finals,
        "finals_lost": figures.finals_lost,
        "calls_not_ended": calls - figures.ended,
        "partials": figures.partials,
        "cpu": (cpu * 100.0).round() / 100.0,
    }))
}
