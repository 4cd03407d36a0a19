//! The program's commands, one module each.

mod archive;
mod ask;
mod import;
pub(crate) mod metrics;
mod serve;
mod user;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::config::DeskConfig;

/// Screens for agents and supervisors.
#[derive(Debug, Parser)]
#[command(name = "sidetone-desk", version, about)]
struct Arguments {
    /// The configuration file.
    #[arg(long, global = true, default_value = "/etc/sidetone/desk.toml")]
    config: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Takes facts as JSON lines into the archive.
    Import(import::ImportArguments),
    /// Prints metrics as exact fractions.
    Metrics(metrics::MetricsArguments),
    /// Takes a caller's contacts out of the archive.
    Forget(import::ForgetArguments),
    /// Takes old contacts out of the archive.
    Retain(import::RetainArguments),
    /// Answers questions in Chinese about the metrics.
    Ask(ask::AskArguments),
    /// Writes a week's report as HTML, and as PDF where Chromium is.
    Report(crate::report::ReportArguments),
    /// Plays a made-up morning into Redis and the archive, for a trial.
    Sample(crate::sample::SampleArguments),
    /// Fills the archive from Redis, without the web page.
    Archive,
    /// Writes facts as Parquet files, a folder for each day.
    Parquet(import::ParquetArguments),
    /// Writes facts to Redis as the events that would have told them.
    Replay(archive::ReplayArguments),
    /// Serves the web page, and fills the archive.
    Serve,
    /// Adds, changes or lists who may log in.
    User(user::UserArguments),
}

/// Runs the command that the arguments name.
#[must_use]
pub fn main() -> ExitCode {
    sidetone_base::end_when_nobody_reads();
    let arguments = Arguments::parse();
    let config = || DeskConfig::read(&arguments.config).map_err(|error| error.to_string());
    let done = match arguments.command {
        Command::Import(import) => import::run(&import),
        Command::Metrics(metrics) => metrics::run(&metrics),
        Command::Forget(forget) => import::forget(&forget),
        Command::Retain(retain) => import::retain(&retain),
        Command::Ask(ask) => ask::run(&ask),
        Command::Report(report) => config().and_then(|config| crate::report::run(&config, &report)),
        Command::Sample(sample) => config().and_then(|config| crate::sample::run(&config, &sample)),
        Command::Archive => config().and_then(archive::run),
        Command::Parquet(parquet) => import::parquet(&parquet),
        Command::Replay(replay) => config().and_then(|config| archive::replay(config, &replay)),
        Command::Serve => config().and_then(serve::run),
        Command::User(user) => config().and_then(|config| user::run(&config, user)),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("sidetone-desk: {message}");
            ExitCode::FAILURE
        }
    }
}

/// What happens is told on standard error.
fn log() {
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "info".into()))
        .with_writer(std::io::stderr)
        .init();
}
