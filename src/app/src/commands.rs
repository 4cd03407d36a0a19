//! The command line.

mod ask;
mod check;
mod doctor;
mod export;
mod knowledge;
pub mod models;
mod moment;
mod privacy;
mod replay;
mod run;
mod schema;
pub mod transcribe;
mod watch;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use sidetone_shell::wire::RedisConfig;

use crate::config::{Config, ConfigFault, load};
use moment::moment;

/// Real-time agent assist beside a telephone switch.
///
/// Hears both legs of live calls, transcribes Mandarin while people speak, pushes policy hints to the
/// agent and has the call's wrap-up ready when the line goes down.
#[derive(Parser)]
#[command(
    name = "sidetone",
    version,
    after_help = "Examples:\n  \
        sidetone doctor --config /etc/sidetone/sidetone.toml   what is wrong, and the cure\n  \
        sidetone run --config /etc/sidetone/sidetone.toml      the daemon\n  \
        sidetone watch --agent 8001                            what the agent's soft-phone sees\n  \
        sidetone replay call.wav                               a recording through the real engine\n  \
        sidetone ask                                           a conversation that you type\n\n\
        Every command has its own --help."
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Runs the daemon: listens to the switch until it is told to stop
    Run(run::RunArgs),
    /// Checks a configuration file and reports every fault at once
    Check(ConfigArgs),
    /// Tells in plain words what is wrong with switch, Redis, models and permissions
    Doctor(doctor::DoctorArgs),
    /// Runs the real engine on a recording
    Replay(replay::ReplayArgs),
    /// Plays a conversation as text: typed, or from files
    Ask(ask::AskArgs),
    /// Shows a call or an agent's calls as a Redis subscriber sees them
    Watch(watch::WatchArgs),
    /// Prints the text of audio files and, with references, how wrong it is
    Transcribe(transcribe::TranscribeArgs),
    /// Lists, fetches, verifies and compares models
    Models(models::ModelsArgs),
    /// Builds, checks, imports and asks knowledge bases
    Knowledge(knowledge::KnowledgeArgs),
    /// Writes final wrap-ups as CSV or JSON lines
    Export(export::ExportArgs),
    /// Takes out what is kept of a caller
    Privacy(privacy::PrivacyArgs),
    /// Prints or writes the JSON Schema of every event
    Schema(schema::SchemaArgs),
}

/// Which configuration.
#[derive(Args, Clone, Debug)]
pub struct ConfigArgs {
    /// The configuration file
    #[arg(
        short,
        long,
        env = "SIDETONE_CONFIG",
        default_value = "/etc/sidetone/sidetone.toml",
        value_name = "FILE"
    )]
    pub config: PathBuf,
}

impl ConfigArgs {
    /// Reads the file, or says all that is wrong with it.
    ///
    /// # Errors
    /// A report of every fault.
    pub fn load(&self) -> Result<Config, String> {
        load(&self.config).map_err(|faults| self.report(&faults))
    }

    /// Every fault of the file, a line each.
    fn report(&self, faults: &[ConfigFault]) -> String {
        let lines: Vec<String> = faults.iter().map(|fault| format!("  {fault}")).collect();
        let count = faults.len();
        format!("{} has {count} fault(s):\n{}", self.config.display(), lines.join("\n"))
    }
}

/// Which Redis.
#[derive(Args, Clone, Debug)]
pub struct StoreArgs {
    /// Where events are
    #[arg(
        long,
        env = "REDIS_URL",
        default_value = "redis://127.0.0.1:6379/",
        hide_env_values = true
    )]
    redis: String,
    /// First part of every key
    #[arg(long, default_value = "sidetone")]
    prefix: String,
}

impl StoreArgs {
    fn config(&self) -> RedisConfig {
        RedisConfig {
            url: self.redis.clone(),
            prefix: self.prefix.clone(),
            ..RedisConfig::default()
        }
    }
}

/// Parses the command line and runs it.
#[must_use]
pub fn main() -> ExitCode {
    sidetone_base::end_when_nobody_reads();
    let outcome = match Cli::parse().command {
        Command::Run(args) => run::run(&args),
        Command::Check(args) => check::run(&args),
        Command::Doctor(args) => doctor::run(&args),
        Command::Replay(args) => replay::run(&args),
        Command::Ask(args) => ask::run(&args),
        Command::Watch(args) => watch::run(&args),
        Command::Knowledge(args) => knowledge::run(&args),
        Command::Export(args) => export::run(&args),
        Command::Privacy(args) => privacy::run(&args),
        Command::Schema(args) => schema::run(&args),
        Command::Transcribe(args) => return transcribe::run(args),
        Command::Models(args) => return models::run(args),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("sidetone: {reason}");
            ExitCode::FAILURE
        }
    }
}
