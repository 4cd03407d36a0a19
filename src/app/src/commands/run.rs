//! `sidetone run`

mod announce;
mod beside;
mod switches;
mod tend;

use std::sync::{Arc, OnceLock};

use clap::Args;
use sidetone_shell::clock::WallClock;
use sidetone_shell::http::{self, Readiness, Token};
use sidetone_shell::pool::RecogniserPool;
use sidetone_shell::wire::{Controls, Publisher, Replicator};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{mpsc, watch};

use super::ConfigArgs;
use crate::config::{Config, LogFormat};
use crate::descriptors;
use crate::runtime::callers::Recalling;
use crate::runtime::opinions::Held;
use crate::runtime::{
    Composer, Ears, Hub, HubInput, Jobs, Journal, Outlet, PackReader, Wire, composer, parts, remote, telemetry,
};
use crate::supervisor::Supervisor;
use announce::Announced;
use beside::{Beside, unmasked};
use switches::{Kind, Owners, Targets};
use tend::Running;

/// Listens to the switch until it is told to stop (SIGTERM, SIGINT).
#[derive(Args)]
#[command(after_help = "Example:\n  sidetone run --config /etc/sidetone/sidetone.toml\n\n\
    Calls go on when it stops; a restart picks the live ones up. SIGHUP reads the knowledge base again.")]
pub(super) struct RunArgs {
    #[command(flatten)]
    config: ConfigArgs,
}

/// Inputs of the hub that may wait; the switch's reader waits when it is full.
const HUB_INPUTS: usize = 1024;

pub(super) fn run(args: &RunArgs) -> Result<(), String> {
    let config = args.config.load()?;
    log(&config);
    let runtime = crate::runtime::start()?;
    let outcome = runtime.block_on(daemon(config));
    // A pack may be being read, for a minute; nobody waits for it any more.
    runtime.shutdown_background();
    outcome
}

fn log(config: &Config) {
    let filter = tracing_subscriber::EnvFilter::new(&config.log.level);
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    match config.log.format {
        LogFormat::Text => builder.with_ansi(false).init(),
        LogFormat::Json => builder.json().init(),
    }
}

async fn daemon(config: Config) -> Result<(), String> {
    let supervisor = Supervisor::from_environment();
    let files = descriptors::raise();
    tracing::info!(
        files,
        calls = descriptors::calls(files),
        "open files, and how many calls they are good for"
    );
    let readiness = Readiness::default();
    let models = readiness.component("models");
    let redis = readiness.component("redis");
    let kinds = Kind::configured(&config);
    let components = switches::components(&kinds, &readiness);
    let mut tasks = tokio::task::JoinSet::new();
    let (stop, stopped) = watch::channel(false);
    serve_http(&config, &readiness, stopped.clone(), &mut tasks).await?;
    let clock = WallClock::start();
    tasks.spawn(tend::follow_clock(clock.clone()));
    let publisher = Publisher::open(config.outbox.clone());
    let replicator = Replicator::new(&publisher, config.redis.clone(), clock.clone(), redis);
    let replicator = tokio::spawn(replicator.run(stopped));

    let (owners, announcer) = (Arc::new(Owners::new(&kinds)), Arc::new(OnceLock::new()));
    let wire = Wire {
        clock: clock.clone(),
        publisher: publisher.clone(),
        unmasked: unmasked(&config, &mut tasks),
    };
    let outlet = Announced::new(wire, Arc::clone(&owners), Arc::clone(&announcer));
    let (outlet, begun) = Recalling::new(outlet, config.memory.enabled);
    let memory = Journal {
        publisher: publisher.clone(),
        clock: clock.clone(),
    };
    let held = Held::default();
    let (hub, answers) = hub(&config, Arc::new(outlet), (memory, held.clone()), &readiness).await?;
    models.ready();
    let ears = hub.ears.clone();
    let (inputs, receiver) = mpsc::channel(HUB_INPUTS);
    let hub = tokio::spawn(hub.run(receiver, answers));
    let controls = Controls::open(config.redis.clone(), &publisher);
    remote::stand(&controls, &inputs).await;
    let reader = Arc::new(PackReader::new(&config));
    listen_to_redis(&reader, controls, &mut tasks, &inputs);
    tasks.spawn(read_on(Arc::clone(&reader), inputs.clone()));
    let beside = Beside {
        config: &config,
        publisher: &publisher,
        clock: &clock,
        inputs: &inputs,
    };
    beside.start(held, begun, &mut tasks);
    let targets = Targets {
        inputs: inputs.clone(),
        ears,
        publisher,
        owners,
        clock,
        salt: config.privacy.number_salt.clone().filter(|salt| !salt.is_empty()),
        announcer,
    };
    let (switches, followers) = switches::start(&config, &kinds, components, &targets).await?;
    listen(&supervisor, &inputs).await?;
    let running = Running {
        switches,
        followers,
        inputs,
        hub,
        stop,
        replicator,
    };
    running.stop().await;
    tasks.abort_all();
    Ok(())
}

/// Tells the supervisor that all is up, and stays until somebody asks to stop.
async fn listen(supervisor: &Supervisor, inputs: &mpsc::Sender<HubInput>) -> Result<(), String> {
    tracing::info!("sidetone is listening");
    supervisor.ready();
    tokio::select! {
        asked = asked_to_stop() => asked?,
        () = tend::be_alive(supervisor, inputs) => {}
    }
    tracing::info!("stopping; calls go on without us");
    supervisor.stopping();
    Ok(())
}

/// Whoever asks whether the daemon is well, and how much it does.
async fn serve_http(
    config: &Config,
    readiness: &Readiness,
    stopped: watch::Receiver<bool>,
    tasks: &mut tokio::task::JoinSet<()>,
) -> Result<(), String> {
    let metrics = telemetry::install(config)?;
    tasks.spawn(tend::keep_up(metrics.clone()));
    tasks.spawn(tend::heed_stalls());
    let listen = config.http.listen;
    let listener = http::bind(listen)
        .await
        .map_err(|error| format!("http.listen {listen}: {error}; is another daemon running?"))?;
    let token = config.http.token.as_ref().map(|token| Token::new(token.expose()));
    tasks.spawn(http::serve(listener, readiness.clone(), metrics, token, until(stopped)));
    Ok(())
}

/// Loads and warms up what calls need, off the runtime's threads, and makes the hub.
async fn hub(
    config: &Config,
    outlet: Arc<dyn Outlet>,
    (memory, held): (Journal, Held),
    readiness: &Readiness,
) -> Result<(Hub, mpsc::Receiver<sidetone_shell::pool::JobDone>), String> {
    let loading = config.clone();
    let (shared, models, (pool, answers)) = tokio::task::spawn_blocking(move || {
        let pack = parts::pack(&loading)?;
        // A call that is on waits for both.
        let (shared, models) = std::thread::scope(|scope| {
            let shared = scope.spawn(|| parts::shared(&loading, Arc::clone(&pack)));
            let models = parts::models(&loading.speech, &pack);
            (shared.join(), models)
        });
        let shared = shared.unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
        let models = models?;
        let pool = RecogniserPool::start(&models, &parts::pool(&loading.speech)).map_err(|error| error.to_string())?;
        Ok::<_, String>((shared, models, pool))
    })
    .await
    .map_err(|error| error.to_string())??;
    let (load, journals) = (pool.load(), memory.publisher.clone());
    readiness.shed_by(move || {
        if load.is_shedding() {
            vec!["partials"]
        } else {
            Vec::new()
        }
    });
    readiness.shed_by(move || journals.shedding());
    let mut settings = config.clone();
    parts::suit(&mut settings.speech, &models);
    let composer = Composer::of(&config.llm)?;
    let compose_within = composer.is_some().then_some(composer::WITHIN);
    let hub = Hub {
        config: Box::new(move || {
            let mut engine = parts::engine(&settings, jiff::Zoned::now().date());
            if settings.hints.feedback {
                engine.assist.opinions = held.now();
            }
            engine.compose_within = compose_within;
            engine
        }),
        parts: Arc::new(shared),
        jobs: Arc::new(Jobs::new(pool)),
        outlet,
        ears: Ears::default(),
        memory: Arc::new(memory),
        composer,
    };
    Ok((hub, answers))
}

/// Commands of soft-phones and operators.
fn listen_to_redis(
    reader: &Arc<PackReader>,
    controls: Controls,
    tasks: &mut tokio::task::JoinSet<()>,
    inputs: &mpsc::Sender<HubInput>,
) {
    let (reader, inputs) = (Arc::clone(reader), inputs.clone());
    tasks.spawn(async move {
        let reload = || reload(&reader, &inputs);
        remote::obey(controls, inputs.clone(), reload).await;
    });
}

/// Calls were not kept waiting for the sentence encoder: the pack is read with it now, and anew at each SIGHUP.
async fn read_on(reader: Arc<PackReader>, inputs: mpsc::Sender<HubInput>) {
    // What went wrong is in the log.
    if reader.has_encoder() {
        let _ = reload(&reader, &inputs).await;
    }
    let Ok(mut hangups) = signal(SignalKind::hangup()) else {
        return;
    };
    while hangups.recv().await.is_some() {
        let _ = reload(&reader, &inputs).await;
    }
}

/// Reads the knowledge base again. When it has a fault the old one stays, and a word says so.
async fn reload(reader: &Arc<PackReader>, inputs: &mpsc::Sender<HubInput>) -> Result<(), &'static str> {
    let reader = Arc::clone(reader);
    let read = move || reader.parts();
    match tokio::task::spawn_blocking(read).await {
        Ok(Ok(parts)) => {
            drop(inputs.send(HubInput::Parts(Arc::new(parts))).await);
            tracing::info!("knowledge base read again, for new calls; recognisers keep their terms until a restart");
            return Ok(());
        }
        Ok(Err(reason)) => tracing::error!(reason, "knowledge base not taken: the old one stays"),
        Err(error) => tracing::error!(%error, "knowledge base not taken: the old one stays"),
    }
    Err("knowledge_not_taken")
}

async fn until(mut stopped: watch::Receiver<bool>) {
    drop(stopped.wait_for(|stop| *stop).await);
}

async fn asked_to_stop() -> Result<(), String> {
    let handler = |kind| signal(kind).map_err(|error| format!("no signal handler: {error}"));
    let (mut terminate, mut interrupt) = (handler(SignalKind::terminate())?, handler(SignalKind::interrupt())?);
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}
