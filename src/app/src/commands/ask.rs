//! `sidetone ask`

pub(super) mod script;
mod typed;

use std::io::{self, IsTerminal};
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use sidetone_base::Role;
use sidetone_engine::Parts;
use sidetone_schema::Envelope;

use self::script::Script;
use self::typed::TypedCall;
use crate::config::{Config, known_region, load_or_default};
use crate::runtime::PackReader;
use crate::view::View;

/// Plays a conversation as text: what would be understood, shown to the agent and written down of it.
#[derive(Args)]
#[command(after_help = "Examples:\n  \
    sidetone ask                              type what the caller says; `坐席：…` or `a: …` is the agent; an empty line hangs up\n  \
    sidetone ask calls/*.toml                 whole calls, readable\n  \
    sidetone ask --json turns.jsonl           events as on the wire, one JSON object a line\n  \
    sidetone ask --pack knowledge/12329 --as-of 2024-08-01 --region 370100\n\n\
Files:\n  \
    *.toml    a call as in tests/corpus/calls: as_of, region and [[turn]] with role and text; other keys are not read\n  \
    *.jsonl   a line is a call: {\"id\", \"text\", \"before\": [\"客户：…\", \"坐席：…\"]}, or {\"id\", \"turns\": [{\"role\", \"text\"}]};\n            \
              as_of and region of the call may stand in it as call_date and call_region; other keys are not read\n\n\
A call's events carry its id (a file's stem, a line's id) as call_id; with --json no two calls may have the same. Time is virtual: five characters take a second.")]
pub(super) struct AskArgs {
    /// Calls to play; without one the conversation is typed
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// One JSON object a line instead of the readable view
    #[arg(long)]
    json: bool,
    /// The line's pack, instead of knowledge.dir of the configuration
    #[arg(long, value_name = "DIR")]
    pack: Option<PathBuf>,
    /// A library of statutes and cases, instead of knowledge.library of the configuration
    #[arg(long, value_name = "FILE")]
    library: Option<PathBuf>,
    /// The day of the calls that do not name one
    #[arg(long, value_name = "DATE")]
    as_of: Option<jiff::civil::Date>,
    /// GB/T 2260 code of the line's region, for the calls that do not name one
    #[arg(long, value_name = "CODE")]
    region: Option<String>,
    /// Settings other than the defaults
    #[arg(short, long, env = "SIDETONE_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
}

pub(super) fn run(args: &AskArgs) -> Result<(), String> {
    let scripts = script::all(&args.files)?;
    if args.json {
        script::told_apart(&scripts)?;
    }
    let config = settings(args)?;
    let reader = PackReader::new(&config);
    if reader.has_encoder() {
        eprintln!("sidetone: reads with the sentence encoder; the first time its texts take a minute");
    }
    let shared = Arc::new(reader.parts()?);
    if args.files.is_empty() {
        return converse(args, &config, shared);
    }
    for script in &scripts {
        play(script, &config, Arc::clone(&shared), printer(args.json));
    }
    Ok(())
}

fn settings(args: &AskArgs) -> Result<Config, String> {
    let mut config = load_or_default(args.config.as_deref())?;
    // There is no sound to listen to.
    config.speech.neural_vad = false;
    config.speech.denoise = false;
    if let Some(dir) = &args.pack {
        config.knowledge.dir.clone_from(dir);
    }
    if let Some(library) = &args.library {
        config.knowledge.library = Some(library.clone());
    }
    if let Some(region) = &args.region {
        known_region(region).map_err(|reason| format!("--region: {reason}"))?;
        config.knowledge.region.clone_from(region);
    }
    config.knowledge.as_of = args.as_of.or(config.knowledge.as_of);
    Ok(config)
}

fn play(script: &Script, config: &Config, shared: Arc<Parts>, print: impl FnMut(&Envelope)) {
    let mut config = config.clone();
    config.knowledge.as_of = script.date.or(config.knowledge.as_of);
    if let Some(region) = &script.region {
        config.knowledge.region.clone_from(region);
    }
    let mut call = TypedCall::begin(&script.id, &config, shared, print);
    for turn in &script.turns {
        call.say(turn.role, &turn.text);
    }
    call.hang_up();
}

/// A conversation from the terminal or a pipe, line by line.
fn converse(args: &AskArgs, config: &Config, shared: Arc<Parts>) -> Result<(), String> {
    if io::stdin().is_terminal() {
        eprintln!("客户说什么就输入什么；坐席的话以“坐席：”或“a:”开头；空行挂断。");
    }
    let mut call = TypedCall::begin("ask", config, shared, printer(args.json));
    for line in io::stdin().lines() {
        let line = line.map_err(|error| format!("standard input: {error}"))?;
        if line.trim().is_empty() {
            break;
        }
        let (role, text) = script::speaker(&line).unwrap_or((Role::Caller, line.trim()));
        call.say(role, text);
    }
    call.hang_up();
    Ok(())
}

fn printer(json: bool) -> impl FnMut(&Envelope) {
    let mut view = View::new(io::stdout(), io::stdout().is_terminal());
    move |event| {
        let written = if json {
            serde_json::to_string(event)
                .map_err(io::Error::other)
                .and_then(|line| io::Write::write_all(&mut io::stdout(), format!("{line}\n").as_bytes()))
        } else {
            view.show(event)
        };
        // A reader that went away (`| head`) wants no more.
        if written.is_err() {
            std::process::exit(0);
        }
    }
}
