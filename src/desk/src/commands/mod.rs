//! The program's commands, one module each.

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
    /// Serves the web page.
    Serve,
    /// Adds, changes or lists who may log in.
    User(user::UserArguments),
}

/// Runs the command that the arguments name.
#[must_use]
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let done = DeskConfig::read(&arguments.config)
        .map_err(|error| error.to_string())
        .and_then(|config| match arguments.command {
            Command::Serve => serve::run(config),
            Command::User(user) => user::run(&config, user),
        });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("sidetone-desk: {message}");
            ExitCode::FAILURE
        }
    }
}
