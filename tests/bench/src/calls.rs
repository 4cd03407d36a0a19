//! Scripted calls' audio through the daemon's own hub, pool and engine, at the pace of a telephone: what `call` and
//! `load` measure.

mod figures;
mod soak;
mod witness;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use sidetone_app::config::Config;
use sidetone_app::recording::{Reading, RecordedCall};
use sidetone_app::runtime::{Ears, Hub, HubInput, Jobs, NoMemory, Outlet, parts, playback};
use sidetone_base::{CallEvent, CallId, CallSignal, EndCause};
use sidetone_shell::pool::{Load, RecogniserPool};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

pub(crate) use figures::{Collector, Said, percentile};
pub(crate) use soak::soak;
pub(crate) use witness::Witness;

use crate::hints::script::{self, Script};
use crate::processor;

const CALLS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../corpus/calls");
/// The day on which the scripts play.
pub(crate) const DAY: jiff::civil::Date = jiff::civil::date(2026, 3, 2);
/// Calls do not begin in step.
const APART: Duration = Duration::from_millis(700);
/// Calls without sound that memory is measured with.
const IDLE: u32 = 64;

/// What is to be played.
pub(crate) struct Options {
    pub(crate) config: Config,
    /// Calls at once.
    pub(crate) calls: usize,
    /// Whether each final is told.
    pub(crate) verbose: bool,
    /// Whether calls without sound are opened first, to see what they take.
    pub(crate) weigh: bool,
}

/// What came of it.
pub(crate) struct Outcome {
    pub(crate) calls: Vec<Said>,
    pub(crate) finals_lost: u64,
    pub(crate) shed_partials: u64,
    /// Processor time.
    pub(crate) spent: Duration,
    /// Of it, what the playing of the recordings took.
    pub(crate) playing: Duration,
    /// Processor time by the clock: 2.0 on two busy cores.
    pub(crate) cpu: f64,
    /// What the models were asked.
    pub(crate) witness: Witness,
    /// The most that the process held at once.
    pub(crate) peak_bytes: u64,
    pub(crate) idle_call_bytes: u64,
}

/// `--calls N --models DIR --model NAME --partial-model NAME --no-partials --verbose`.
pub(crate) fn options(args: &[String], calls: usize) -> Result<Options, String> {
    let mut config = Config::default();
    config.knowledge.dir = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../knowledge/12333"));
    config.knowledge.as_of = Some(DAY);
    let mut options = Options {
        config,
        calls,
        verbose: false,
        weigh: false,
    };
    let speech = &mut options.config.speech;
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        let mut value = || args.next().ok_or_else(|| format!("{arg} wants a value"));
        match arg.as_str() {
            "--calls" => options.calls = value()?.parse().map_err(|_| "--calls wants a number".to_owned())?,
            "--models" => speech.models_dir = PathBuf::from(value()?),
            "--model" => speech.model.clone_from(value()?),
            "--partial-model" => speech.partial_model.clone_from(value()?),
            "--verbose" => options.verbose = true,
            "--no-partials" => speech.partials = false,
            other => {
                return Err(format!(
                    "{other} is no option: --calls N, --models DIR, --model NAME, --partial-model NAME, --no-partials, --verbose"
                ));
            }
        }
    }
    Ok(options)
}

/// A call that has a voice, and what was meant to be said on it.
pub(crate) struct Played {
    pub(crate) recording: RecordedCall,
    pub(crate) script: Arc<Script>,
    pub(crate) spans: Arc<Vec<(u64, u64)>>,
}

/// The callers' voices, by name.
pub(crate) fn voices() -> Result<Vec<PathBuf>, String> {
    let mut voices: Vec<PathBuf> = std::fs::read_dir(CALLS)
        .map_err(|error| format!("{CALLS}: {error}"))?
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.to_string_lossy().ends_with(".caller.opus"))
        .collect();
    voices.sort();
    if voices.is_empty() {
        return Err(format!("no voices in {CALLS}"));
    }
    Ok(voices)
}

/// Another file of the same call.
pub(crate) fn beside(caller: &Path, end: &str) -> PathBuf {
    PathBuf::from(caller.to_string_lossy().replace(".caller.opus", end))
}

/// The first `wanted` calls that have a voice, over again when there are fewer.
pub(crate) fn recordings(wanted: usize) -> Result<Vec<Played>, String> {
    let open = |caller: &PathBuf| {
        Ok(Played {
            recording: RecordedCall::open(&[caller.clone(), beside(caller, ".agent.opus")], &Reading::default())?,
            script: Arc::new(script::read(&beside(caller, ".toml"))?),
            spans: Arc::new(spans(&beside(caller, ".timeline.tsv"))?),
        })
    };
    voices()?.iter().cycle().take(wanted).map(open).collect()
}

/// Begin and end of each turn, in milliseconds of the call.
pub(crate) fn spans(path: &Path) -> Result<Vec<(u64, u64)>, String> {
    let text = sidetone_base::read_text(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let line = |line: &str| {
        let mut fields = line.split('\t').skip(2).map(str::parse);
        match (fields.next(), fields.next()) {
            (Some(Ok(begin)), Some(Ok(end))) => Ok((begin, end)),
            _ => Err(format!("{}: {line:?}", path.display())),
        }
    };
    text.lines().skip(1).map(line).collect()
}

/// Plays the calls.
pub(crate) fn run(options: Options) -> Result<Outcome, String> {
    let recordings = recordings(options.calls)?;
    let runtime = sidetone_app::runtime::start()?;
    runtime.block_on(play(options, recordings))
}

async fn play(options: Options, recordings: Vec<Played>) -> Result<Outcome, String> {
    let stage = Stage::set(options.config)?;
    let idle_call_bytes = if options.weigh { weigh(&stage.inputs).await? } else { 0 };
    let (begun, spent) = (Instant::now(), processor::time());
    let calls = recordings.into_iter().enumerate().map(|(number, played)| {
        let call = stage.call(&CallId::new(format!("bench-{number}")), Arc::new(played));
        async move {
            tokio::time::sleep(APART * u32::try_from(number).unwrap_or(0)).await;
            call.await;
        }
    });
    let playing = switch(calls.collect()).await?;
    let (collector, witness, load) = (Arc::clone(&stage.collector), stage.witness.clone(), stage.load.clone());
    stage.strike().await?;
    let spent = processor::time().saturating_sub(spent);
    let cpu = spent.as_secs_f64() / begun.elapsed().as_secs_f64();
    let (calls, finals_lost) = collector.take();
    Ok(Outcome {
        calls,
        finals_lost,
        shed_partials: load.shed_partials(),
        spent,
        playing,
        cpu: (cpu * 100.0).round() / 100.0,
        witness,
        peak_bytes: processor::memory("VmHWM")?,
        idle_call_bytes,
    })
}

/// Plays the calls on a thread of their own, as a switch is a process of its own; gives its processor time.
async fn switch(calls: Vec<impl Future<Output = ()> + Send + 'static>) -> Result<Duration, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
    let runtime = runtime.map_err(|error| error.to_string())?;
    let (over, playing) = tokio::sync::oneshot::channel();
    let play = move || {
        runtime.block_on(async { calls.into_iter().collect::<JoinSet<()>>().join_all().await });
        let _ = over.send(processor::time_of_thread());
    };
    let thread = std::thread::Builder::new().name("switch".to_owned()).spawn(play);
    thread.map_err(|error| error.to_string())?;
    playing.await.map_err(|_| "the recordings' player has died".to_owned())
}

/// The daemon's hub with its pool, ready for calls.
struct Stage {
    inputs: mpsc::Sender<HubInput>,
    ears: Ears,
    collector: Arc<Collector>,
    witness: Witness,
    load: Load,
    hub: tokio::task::JoinHandle<()>,
}

impl Stage {
    fn set(mut config: Config) -> Result<Self, String> {
        let pack = parts::pack(&config)?;
        let shared = Arc::new(parts::shared(&config, Arc::clone(&pack))?);
        let models = parts::models(&config.speech, &pack)?;
        parts::suit(&mut config.speech, &models);
        let engine = parts::engine(&config, DAY);
        let witness = Witness::default();
        let (pool, answers) = RecogniserPool::start(&witness.beside(&models), &parts::pool(&config.speech))
            .map_err(|error| error.to_string())?;
        // The warm-up is nobody's call.
        witness.decodes().clear();
        let load = pool.load();
        let (collector, ears) = (Arc::new(Collector::default()), Ears::default());
        let hub = Hub {
            config: Box::new(move || engine.clone()),
            parts: shared,
            jobs: Arc::new(Jobs::new(pool)),
            outlet: Arc::clone(&collector) as Arc<dyn Outlet>,
            ears: ears.clone(),
            memory: Arc::new(NoMemory),
            composer: None,
        };
        let (inputs, receiver) = mpsc::channel(64);
        let hub = tokio::spawn(hub.run(receiver, answers));
        Ok(Self {
            inputs,
            ears,
            collector,
            witness,
            load,
            hub,
        })
    }

    /// Plays one call, from its first ring to its end.
    fn call(&self, id: &CallId, played: Arc<Played>) -> impl Future<Output = ()> + Send + use<> {
        let (inputs, ears, id) = (self.inputs.clone(), self.ears.clone(), id.clone());
        self.collector
            .expect(&id, Arc::clone(&played.script), Arc::clone(&played.spans));
        async move { playback::play(&played.recording, &id, "8001", &inputs, &ears).await }
    }

    /// Waits until every call has had its last word.
    async fn strike(self) -> Result<(), String> {
        drop(self.inputs);
        self.hub.await.map_err(|error| error.to_string())
    }
}

/// What a call takes on which nobody has spoken yet.
async fn weigh(inputs: &mpsc::Sender<HubInput>) -> Result<u64, String> {
    let signal = async |number: u32, event: CallEvent| {
        let call = CallId::new(format!("idle-{number}"));
        drop(inputs.send(HubInput::Signal(CallSignal { call, event })).await);
    };
    let recording = recordings(1)?.remove(0).recording;
    let before = processor::memory("VmRSS")?;
    for number in 0..IDLE {
        for event in playback::opening(&recording, "8001") {
            signal(number, event).await;
        }
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    let after = processor::memory("VmRSS")?;
    for number in 0..IDLE {
        let cause = EndCause::Hangup;
        signal(number, CallEvent::Ended { cause }).await;
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    Ok(after.saturating_sub(before) / u64::from(IDLE))
}
