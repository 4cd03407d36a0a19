//! `sidetone replay`

mod stamp;

use std::io::{self, IsTerminal};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::Args;
use sidetone_base::CallId;
use sidetone_engine::{Call, EngineConfig, Parts};
use sidetone_schema::Envelope;
use sidetone_shell::pool::{Models, RecogniserPool};
use sidetone_shell::wire::{Controls, RedisConfig, stream_length};
use sidetone_speech::Recognise;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

pub(super) use self::stamp::Stamp;
use self::stamp::{ToRedis, ToScreen};
use crate::config::{Config, load_or_default};
use crate::recording::{Payload, Reading, RecordedCall};
use crate::runtime::playback::{opening, play};
use crate::runtime::{Composer, Ears, Hub, Jobs, NoMemory, Offline, Outlet, PackReader, composer, parts, remote};
use crate::view::View;

/// Runs the real engine on a recording: what a live call would have given.
#[derive(Args)]
#[command(after_help = "Examples:\n  \
    sidetone replay call.wav                            stereo: caller left, agent right; real pace\n  \
    sidetone replay --fast --json caller.wav agent.wav  as fast as it goes, one JSON object a line\n  \
    sidetone replay capture.pcap                        RTP of both directions\n  \
    sidetone replay --redis redis://127.0.0.1/ --call-id demo call.wav\n                                                        to soft-phones too\n  \
    sidetone replay --call 2 --swap capture.pcapng      its second call; who sent first is the agent\n  \
    sidetone replay --payload 96=L16/16000 capture.pcap what a payload type carries, without SIP in the capture\n  \
    sidetone replay --legs-to /tmp a.opus b.opus        writes caller.pcma and agent.pcma for SIPp\n\n\
    WAV: 8 to 32 bits, float, A-law and \u{b5}-law, RF64, also when the recorder died before it wrote the length.\n\
    Captures: pcap and pcapng, whole packets (tcpdump -s 0). Payload types are read from SIP of the same capture.\n\
    A party is all that one person sent: a new SSRC or port after a re-INVITE, and an announcement before the agent.")]
pub(super) struct ReplayArgs {
    /// One file of two legs (WAV, Ogg Opus, pcap) or two files of one, the caller's first
    #[arg(required = true, num_args = 1..=2, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The agent's leg comes first
    #[arg(long)]
    swap: bool,
    /// Which call of a capture that holds several, from 1
    #[arg(long, value_name = "N")]
    call: Option<usize>,
    /// What an RTP payload type of a capture carries, such as 96=L16/16000; may come several times
    #[arg(long = "payload", value_name = "TYPE=NAME/RATE")]
    payloads: Vec<Payload>,
    /// As fast as it goes, on a clock of its own: the same input gives the same events. Without partials
    #[arg(long)]
    fast: bool,
    /// One JSON object a line instead of the readable view
    #[arg(long)]
    json: bool,
    /// Publish to this Redis too, with the prefix, times to live and other settings of [redis], and obey its control stream
    #[arg(long, value_name = "URL", conflicts_with = "fast")]
    redis: Option<String>,
    /// First part of every key in Redis, instead of the one in [redis]
    #[arg(long, value_name = "TEXT", requires = "redis")]
    prefix: Option<String>,
    /// The call's id in the events, instead of one of its own
    #[arg(long, value_name = "ID", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    call_id: Option<String>,
    /// The agent's id in the events
    #[arg(long, default_value = "8001", value_name = "ID")]
    agent: String,
    /// Answer as of this day
    #[arg(long, value_name = "DATE")]
    as_of: Option<jiff::civil::Date>,
    /// Settings other than the defaults
    #[arg(short, long, env = "SIDETONE_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    /// Only write each leg as raw A-law into this folder
    #[arg(long, value_name = "DIR", conflicts_with_all = ["fast", "json", "redis"])]
    legs_to: Option<PathBuf>,
}

pub(super) fn run(args: &ReplayArgs) -> Result<(), String> {
    let reading = Reading {
        swap: args.swap,
        call: args.call,
        payloads: args.payloads.clone(),
    };
    let recording = RecordedCall::open(&args.files, &reading)?;
    for note in recording.notes() {
        eprintln!("sidetone: {note}");
    }
    if let Some(dir) = &args.legs_to {
        return write_legs(&recording, dir);
    }
    let mut config = load_or_default(args.config.as_deref())?;
    // Nobody reads along, and partials would cost several times the finals.
    config.speech.partials &= !args.fast;
    config.knowledge.as_of = args.as_of.or(config.knowledge.as_of);
    let pack = PackReader::new(&config).read()?;
    let shared = Arc::new(parts::shared(&config, Arc::clone(&pack))?);
    let models = parts::models(&config.speech, &pack)?;
    parts::suit(&mut config.speech, &models);
    let engine = parts::engine(&config, jiff::Zoned::now().date());
    if args.fast {
        fast(args, &recording, engine, shared, models.last.as_ref())
    } else {
        crate::runtime::start()?.block_on(at_real_pace(args, recording, &config, engine, shared, models))
    }
}

/// The name that was asked for, or one that no other replay has: what is published under it stays in Redis for a while.
fn call_id(args: &ReplayArgs) -> CallId {
    match &args.call_id {
        Some(id) => CallId::new(id.as_str()),
        None => CallId::new(format!("replay-{}", jiff::Timestamp::now().as_millisecond())),
    }
}

/// Where to publish, if anywhere. A Redis that is away may come back while the recording plays.
async fn target(args: &ReplayArgs, config: &Config, call: &CallId) -> Result<Option<RedisConfig>, String> {
    let Some(url) = &args.redis else { return Ok(None) };
    let mut redis = config.redis.clone();
    redis.url.clone_from(url);
    redis.prefix = args.prefix.clone().unwrap_or(redis.prefix);
    match stream_length(&redis, call).await {
        Ok(0) => Ok(Some(redis)),
        Ok(events) => Err(format!(
            "{events} events of {call} are in Redis already: choose another --call-id, or delete {}",
            redis.events_key(call)
        )),
        Err(reason) => {
            eprintln!("sidetone: Redis does not answer, events wait for it: {reason}");
            Ok(Some(redis))
        }
    }
}

fn write_legs(recording: &RecordedCall, dir: &std::path::Path) -> Result<(), String> {
    if !dir.is_dir() {
        return Err(format!(
            "--legs-to {}: there is no such folder; make it first",
            dir.display()
        ));
    }
    for (role, bytes) in recording.a_law()? {
        let path = dir.join(format!("{role}.pcma"));
        std::fs::write(&path, bytes).map_err(|error| format!("{} cannot be written: {error}", path.display()))?;
    }
    Ok(())
}

fn printer(json: bool) -> impl FnMut(&Envelope) + Send {
    let mut view = View::new(io::stdout(), io::stdout().is_terminal());
    move |event| {
        let written = if json {
            serde_json::to_string(event)
                .map(|line| println!("{line}"))
                .map_err(io::Error::other)
        } else {
            view.show(event)
        };
        // A reader that went away (`| head`) wants no more.
        if written.is_err() {
            std::process::exit(0);
        }
    }
}

fn fast(
    args: &ReplayArgs,
    recording: &RecordedCall,
    engine: EngineConfig,
    shared: Arc<Parts>,
    model: &dyn Recognise,
) -> Result<(), String> {
    let id = call_id(args);
    let begun = Instant::now();
    let call = Call::new(begun, id.clone(), engine, shared);
    let worker = model.worker().map_err(|error| error.to_string())?;
    let mut stamp = Stamp::new(id, jiff::Timestamp::now());
    let mut print = printer(args.json);
    let mut offline = Offline::new(begun, call, worker, |at, event| print(&stamp.envelope(at, event)));
    for event in opening(recording, &args.agent) {
        offline.signal(Duration::ZERO, event);
    }
    let mut end = Duration::ZERO;
    for (at, leg, frame) in recording.frames() {
        end = at + Duration::from_millis(20);
        offline.audio(at, &leg, frame);
    }
    drop(offline.hang_up(end));
    Ok(())
}

async fn at_real_pace(
    args: &ReplayArgs,
    recording: RecordedCall,
    config: &Config,
    engine: EngineConfig,
    shared: Arc<Parts>,
    models: Models,
) -> Result<(), String> {
    let pool = parts::pool(&config.speech);
    let (pool, answers) = RecogniserPool::start(&models, &pool).map_err(|error| error.to_string())?;
    let call = call_id(args);
    let redis = target(args, config, &call).await?;
    let screen = ToScreen::new(call.clone(), printer(args.json));
    let (outlet, wire): (Arc<dyn Outlet>, Option<ToRedis>) = match &redis {
        None => (Arc::new(screen), None),
        Some(redis) => {
            let (outlet, wire) = stamp::both(screen, redis.clone())?;
            (Arc::new(outlet), Some(wire))
        }
    };
    let ears = Ears::default();
    let composer = Composer::of(&config.llm)?;
    let engine = EngineConfig {
        compose_within: composer.is_some().then_some(composer::WITHIN),
        ..engine
    };
    let hub = Hub {
        config: Box::new(move || engine.clone()),
        parts: shared,
        jobs: Arc::new(Jobs::new(pool)),
        outlet,
        ears: ears.clone(),
        memory: Arc::new(NoMemory),
        composer,
    };
    let (inputs, receiver) = mpsc::channel(64);
    let hub = tokio::spawn(hub.run(receiver, answers));
    let mut control = JoinSet::new();
    if let (Some(redis), Some(wire)) = (redis, &wire) {
        let controls = Controls::open(redis, &wire.publisher);
        let once = || std::future::ready(Err("a_recording_reads_its_knowledge_once"));
        control.spawn(remote::obey(controls, inputs.clone(), once));
    }
    play(&recording, &call, &args.agent, &inputs, &ears).await;
    control.shutdown().await;
    drop(inputs);
    hub.await.map_err(|error| error.to_string())?;
    if let Some(wire) = wire {
        wire.finish().await?;
    }
    Ok(())
}
