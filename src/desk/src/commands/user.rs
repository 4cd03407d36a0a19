//! `user`: who may log in.

use std::io::BufRead as _;

use clap::{Args, Subcommand};

use crate::config::DeskConfig;
use crate::users::{Role, Users};

/// Passwords are read from standard input, one line: they never stand in an argument.
#[derive(Debug, Args)]
pub(super) struct UserArguments {
    #[command(subcommand)]
    command: UserCommand,
}

#[derive(Debug, Subcommand)]
enum UserCommand {
    /// Adds a user; the password is the first line of standard input.
    Add {
        /// The name to log in with.
        name: String,
        /// What they may see.
        #[arg(long, value_enum)]
        role: Role,
        /// The agent id that the switch knows them by; agents need one.
        #[arg(long)]
        agent: Option<String>,
    },
    /// Sets a new password, the first line of standard input.
    Passwd {
        /// The name to log in with.
        name: String,
    },
    /// Lists names, roles and agent ids.
    List,
}

/// Runs one of the commands on the file of users.
pub(super) fn run(config: &DeskConfig, arguments: UserArguments) -> Result<(), String> {
    let mut users = Users::read(&config.users).map_err(|error| error.to_string())?;
    match arguments.command {
        UserCommand::Add { name, role, agent } => users.add(&name, role, agent, &password()?),
        UserCommand::Passwd { name } => users.set_password(&name, &password()?),
        UserCommand::List => {
            for (name, user) in users.iter() {
                println!("{name}\t{}\t{}", user.role, user.agent.as_deref().unwrap_or("-"));
            }
            return Ok(());
        }
    }
    .map_err(|error| error.to_string())?;
    users.write(&config.users).map_err(|error| error.to_string())
}

fn password() -> Result<String, String> {
    let mut line = String::new();
    let read = std::io::stdin().lock().read_line(&mut line);
    read.map_err(|error| format!("no password on standard input: {error}"))?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}
