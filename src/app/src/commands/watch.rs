//! `sidetone watch`

use std::io::{self, IsTerminal};

use clap::{ArgGroup, Args};
use sidetone_base::{AgentId, CallId};
use sidetone_schema::Body;
use sidetone_shell::wire::{Target, subscribe};

use super::StoreArgs;
use crate::view::View;

/// Shows what an agent's soft-phone gets: what was, then what comes.
#[derive(Args)]
#[command(
    group(ArgGroup::new("target").required(true).args(["agent", "call"])),
    after_help = "Examples:\n  sidetone watch --agent 8001\n  sidetone watch --call 1732262400.12 --json\n  \
                  sidetone watch --agent 8001 --until-ended"
)]
pub(super) struct WatchArgs {
    /// The calls of this agent
    #[arg(long, value_name = "ID")]
    agent: Option<String>,
    /// This call, from its first event
    #[arg(long, value_name = "ID")]
    call: Option<String>,
    #[command(flatten)]
    store: StoreArgs,
    /// One JSON object a line instead of the readable view
    #[arg(long)]
    json: bool,
    /// Stop when a call has ended
    #[arg(long)]
    until_ended: bool,
}

pub(super) fn run(args: &WatchArgs) -> Result<(), String> {
    crate::runtime::start()?.block_on(watch(args))
}

async fn watch(args: &WatchArgs) -> Result<(), String> {
    let target = match (&args.agent, &args.call) {
        (Some(agent), _) => Target::Agent(AgentId::new(agent.as_str())),
        (None, call) => Target::Call(CallId::new(call.as_deref().unwrap_or_default())),
    };
    let mut events = subscribe(args.store.config(), target)
        .await
        .map_err(|error| error.to_string())?;
    let mut view = View::new(io::stdout(), io::stdout().is_terminal());
    while let Some(event) = events.next().await {
        let shown = if args.json {
            println!("{}", serde_json::to_string(&event).map_err(|error| error.to_string())?);
            Ok(())
        } else {
            view.show(&event)
        };
        shown.map_err(|error| format!("the terminal cannot be written: {error}"))?;
        if args.until_ended && matches!(event.body, Body::CallEnded(_)) {
            break;
        }
    }
    Ok(())
}
