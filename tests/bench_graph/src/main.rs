//! Measures the knowledge base at full scale; apart from the other benches, so that neither waits for what the other is
//! built of.
#![allow(clippy::print_stdout)]

mod graph;
mod grow;
mod library;
mod peer;
mod retrieval;

use std::process::ExitCode;

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let name = args.next().unwrap_or_default();
    let args: Vec<String> = args.collect();
    let outcome = match name.as_str() {
        "graph" => graph::run(&args),
        "graph-build" => graph::build_alone(&args),
        "retrieval" => retrieval::run(&args),
        "library" => library::run(&args),
        other => Err(format!("no bench `{other}` here: graph, library or retrieval")),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("bench: {reason}");
            ExitCode::FAILURE
        }
    }
}

/// The value behind a flag.
fn flag<'a>(args: &'a [String], name: &str) -> Option<&'a str> {
    let at = args.iter().position(|arg| arg == name)?;
    args.get(at + 1).map(String::as_str)
}
