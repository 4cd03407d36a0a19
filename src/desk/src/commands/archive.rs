//! `archive`: fills the archive from Redis, without a web page; `replay`: writes facts to Redis as events.

use std::path::PathBuf;

use redis::cmd;
use sidetone_archive::{Entry, unfold};
use sidetone_base::CallId;

use crate::archiving::{Keeper, read};
use crate::config::DeskConfig;

/// Facts that are told as events, for demonstrations and tests.
#[derive(Debug, clap::Args)]
pub(super) struct ReplayArguments {
    /// Facts as JSON lines, as `import` takes them.
    file: PathBuf,
}

/// Commands that are sent at once.
const AT_ONCE: usize = 1_000;

/// Fills the archive until the program is told to end. The page does the same while it is served.
pub(super) fn run(config: DeskConfig) -> Result<(), String> {
    super::log();
    let path = config
        .archive
        .clone()
        .ok_or("archive: name the file in the configuration")?;
    block_on(async move {
        tokio::select! {
            () = read(config, Keeper::new(path)) => Ok(()),
            _ = tokio::signal::ctrl_c() => Ok(()),
        }
    })
}

/// Writes the events of a file of facts into Redis, each call's into its stream.
pub(super) fn replay(config: DeskConfig, arguments: &ReplayArguments) -> Result<(), String> {
    let text = std::fs::read_to_string(&arguments.file).map_err(|e| format!("{}: {e}", arguments.file.display()))?;
    let replay = unfold(text.lines()).map_err(|error| error.to_string())?;
    let mut commands = Vec::new();
    for (call, events) in replay.streams {
        let key = config.redis.events_key(&CallId::new(call.as_str()));
        for (place, event) in events.into_iter().enumerate() {
            let mut add = cmd("XADD");
            add.arg(&key).arg(format!("{}-0", place + 1)).arg("event").arg(event);
            commands.push(add);
        }
    }
    for entry in replay.feedback {
        let Entry::Feedback { ms, number, feedback } = entry else {
            continue;
        };
        let mut add = cmd("XADD");
        add.arg(config.redis.feedback_key())
            .arg(format!("{ms}-{number}"))
            .arg("action")
            .arg(feedback.action);
        add.arg("call_id").arg(feedback.call_id);
        for (field, value) in [("hint_id", feedback.hint_id), ("segment_id", feedback.segment_id)] {
            if let Some(value) = value {
                add.arg(field).arg(value);
            }
        }
        commands.push(add);
    }
    let sent = commands.len();
    block_on(async move {
        let client = redis::Client::open(config.redis.url.as_str()).map_err(|e| e.to_string())?;
        let mut redis = client
            .get_multiplexed_async_connection()
            .await
            .map_err(|e| e.to_string())?;
        for some in commands.chunks(AT_ONCE) {
            let mut pipe = redis::pipe();
            for command in some {
                pipe.add_command(command.clone()).ignore();
            }
            pipe.exec_async(&mut redis).await.map_err(|e| e.to_string())?;
        }
        println!(r#"{{"sent":{sent}}}"#);
        Ok(())
    })
}

fn block_on(work: impl Future<Output = Result<(), String>>) -> Result<(), String> {
    sidetone_base::ready_tls();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    runtime.map_err(|error| format!("no threads: {error}"))?.block_on(work)
}
