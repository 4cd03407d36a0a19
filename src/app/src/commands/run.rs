//! `sidetone run`

mod announce;
mod switches;

use std::sync::{Arc, OnceLock};

use clap::Args;
use metrics_exporter_prometheus::PrometheusBuilder;
use sidetone_engine::Control;
use sidetone_shell::clock::WallClock;
use sidetone_shell::http::{self, Readiness, Token};
use sidetone_shell::pool::RecogniserPool;
use sidetone_shell::wire::{ControlAction, Publisher, Replicator, read_control, read_feedback};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{mpsc, watch};

use super::ConfigArgs;
use crate::config::{Config, LogFormat};
use crate::runtime::{Ears, Hub, HubInput, Jobs, Journal, Outlet, Wire, parts, telemetry};
use announce::Announced;
use switches::{Kind, Owners, Targets};

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
    crate::runtime::start()?.block_on(daemon(config))
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
    let readiness = Readiness::default();
    let models = readiness.component("models");
    let redis = readiness.component("redis");
    let kinds = Kind::configured(&config);
    let components = switches::components(&kinds, &readiness);
    let recorder = PrometheusBuilder::new()
        .install_recorder()
        .map_err(|error| format!("metrics: {error}"))?;
    sidetone_shell::metrics::describe();
    telemetry::describe();
    let (stop, stopped) = watch::channel(false);

    let listener = http::bind(config.http.listen).await.map_err(|error| {
        format!(
            "http.listen {}: {error}; is another daemon running?",
            config.http.listen
        )
    })?;
    let token = config.http.token.as_ref().map(|token| Token::new(token.expose()));
    let served = http::serve(listener, readiness.clone(), recorder, token, until(stopped.clone()));
    let mut tasks = tokio::task::JoinSet::new();
    tasks.spawn(async move {
        if let Err(error) = served.await {
            tracing::error!(%error, "the HTTP endpoints have stopped");
        }
    });

    let clock = WallClock::start();
    let publisher = Publisher::open(config.outbox.clone()).map_err(|error| error.to_string())?;
    tasks.spawn(Replicator::new(&publisher, config.redis.clone(), clock, redis).run(stopped.clone()));

    let (owners, announcer) = (Arc::new(Owners::new(&kinds)), Arc::new(OnceLock::new()));
    let wire = Wire {
        clock,
        publisher: publisher.clone(),
    };
    let outlet = Announced::new(wire, Arc::clone(&owners), Arc::clone(&announcer));
    let (hub, answers) = hub(&config, Arc::new(outlet), &publisher, &readiness).await?;
    models.ready();
    let ears = hub.ears.clone();
    let (inputs, receiver) = mpsc::channel(HUB_INPUTS);
    tasks.spawn(hub.run(receiver, answers));
    listen_to_redis(&config, &mut tasks, &inputs);
    tasks.spawn(reload_on_hangup(config.clone(), inputs.clone()));

    let targets = Targets {
        inputs,
        ears,
        publisher,
        owners,
        announcer,
    };
    let switches = switches::start(&config, &kinds, components, &targets, &mut tasks).await?;
    tracing::info!("sidetone is listening");
    asked_to_stop().await?;
    tracing::info!("stopping; calls go on without us");
    for switch in switches {
        switch.stop().await;
    }
    let _ = stop.send(true);
    // The replicator takes up to three seconds to deliver what is there; the rest waits on disk.
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    tasks.abort_all();
    Ok(())
}

/// Loads and warms up what calls need, off the runtime's threads, and makes the hub.
async fn hub(
    config: &Config,
    outlet: Arc<dyn Outlet>,
    publisher: &Publisher,
    readiness: &Readiness,
) -> Result<(Hub, mpsc::Receiver<sidetone_shell::pool::JobDone>), String> {
    let loading = config.clone();
    let (shared, models, (pool, answers)) = tokio::task::spawn_blocking(move || {
        let knowledge = parts::knowledge(&loading)?;
        let shared = parts::shared(&loading, Arc::clone(&knowledge))?;
        let models = parts::models(&loading.speech, &knowledge)?;
        let pool = RecogniserPool::start(&models, &parts::pool(&loading.speech)).map_err(|error| error.to_string())?;
        Ok::<_, String>((shared, models, pool))
    })
    .await
    .map_err(|error| error.to_string())??;
    let (load, journals) = (pool.load(), publisher.clone());
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
    let hub = Hub {
        config: Box::new(move || parts::engine(&settings, jiff::Zoned::now().date())),
        parts: Arc::new(shared),
        jobs: Arc::new(Jobs::new(pool)),
        outlet,
        ears: Ears::default(),
        memory: Arc::new(Journal(publisher.clone())),
    };
    Ok((hub, answers))
}

/// Commands of soft-phones and operators; feedback is counted by its reader.
fn listen_to_redis(config: &Config, tasks: &mut tokio::task::JoinSet<()>, inputs: &mpsc::Sender<HubInput>) {
    let (commands, mut received) = mpsc::channel(64);
    tasks.spawn(read_control(config.redis.clone(), commands));
    let (feedback, mut shown) = mpsc::channel(64);
    tasks.spawn(read_feedback(config.redis.clone(), feedback));
    tasks.spawn(async move { while shown.recv().await.is_some() {} });
    let (config, inputs) = (config.clone(), inputs.clone());
    tasks.spawn(async move {
        while let Some(command) = received.recv().await {
            let controls: &[Control] = match command.action {
                ControlAction::Pause => &[Control::Pause],
                ControlAction::Resume => &[Control::Resume, Control::Mask(false)],
                ControlAction::Mask => &[Control::Mask(true)],
                ControlAction::Reload => {
                    reload(&config, &inputs).await;
                    continue;
                }
            };
            for control in controls {
                drop(inputs.send(HubInput::Control(command.call.clone(), *control)).await);
            }
        }
    });
}

async fn reload_on_hangup(config: Config, inputs: mpsc::Sender<HubInput>) {
    let Ok(mut hangups) = signal(SignalKind::hangup()) else {
        return;
    };
    while hangups.recv().await.is_some() {
        reload(&config, &inputs).await;
    }
}

/// Reads the knowledge base again. When it has a fault the old one stays.
async fn reload(config: &Config, inputs: &mpsc::Sender<HubInput>) {
    let config = config.clone();
    let read = move || parts::knowledge(&config).and_then(|knowledge| parts::shared(&config, knowledge));
    match tokio::task::spawn_blocking(read).await {
        Ok(Ok(parts)) => {
            drop(inputs.send(HubInput::Parts(Arc::new(parts))).await);
            tracing::info!("knowledge base read again; calls that start from now on use it");
        }
        Ok(Err(reason)) => tracing::error!(reason, "knowledge base not taken: the old one stays"),
        Err(error) => tracing::error!(%error, "knowledge base not taken: the old one stays"),
    }
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
