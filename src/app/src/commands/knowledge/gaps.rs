//! `sidetone knowledge gaps`

mod export;
mod group;

use std::path::PathBuf;

use clap::Args;
use serde_json::json;
use sidetone_domain::Pack;
use sidetone_shell::wire::read_gaps;

use crate::commands::{StoreArgs, moment};
use group::{Group, collect};

/// Shows what callers asked and the base lacks, grouped by likeness.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    sidetone knowledge gaps --since 7d                       of the last week, the largest group first\n  \
    sidetone knowledge gaps --json | jq 'select(.count > 3)'\n  \
    sidetone knowledge gaps --since 2026-11-01 --export reviewed/   rows to be edited\n\n\
    Edit the exported nodes (topic, title, body, where it is written, confidence), copy the files into the line's\n\
    folder, run `sidetone knowledge check`, then send `reload`: the next call hears them.")]
pub(super) struct GapsArgs {
    #[command(flatten)]
    store: StoreArgs,
    /// The line's folder
    #[arg(long, default_value = "knowledge/12333", value_name = "DIR")]
    pack: PathBuf,
    /// Only those since then: a span (`7d`, `12h`), a date or a time (RFC 3339)
    #[arg(long, value_name = "WHEN")]
    since: Option<String>,
    /// Groups that are shown
    #[arg(long, default_value_t = 20)]
    limit: usize,
    /// Only groups of this many questions or more
    #[arg(long, default_value_t = 1, value_name = "COUNT")]
    at_least: usize,
    /// One JSON line for each group
    #[arg(long)]
    json: bool,
    /// Writes the groups as rows of the line's folder, to be edited, into this folder
    #[arg(long, value_name = "DIR")]
    export: Option<PathBuf>,
}

pub(super) fn run(args: &GapsArgs) -> Result<(), String> {
    let now = jiff::Zoned::now();
    let since = args
        .since
        .as_deref()
        .map(|text| moment("--since", text, &now))
        .transpose()?;
    let events = crate::runtime::start()?.block_on(read_gaps(&args.store.config(), since))?;
    let pack = Pack::load(&args.pack).map_err(|faults| format!("{}:\n{faults}", args.pack.display()))?;
    let total = events.len();
    let mut groups = collect(&pack, events);
    groups.retain(|group| group.count >= args.at_least);
    if let Some(folder) = &args.export {
        let files = export::write(&pack, &groups, folder)?;
        println!("{}", files.join("\n"));
        return Ok(());
    }
    if !args.json {
        println!("{total} questions without an answer, {} groups", groups.len());
    }
    for group in groups.iter().take(args.limit) {
        if args.json {
            println!("{}", as_json(group));
        } else {
            print(group);
        }
    }
    Ok(())
}

fn as_json(group: &Group) -> serde_json::Value {
    json!({"count": group.count, "calls": group.calls, "topic": group.topic, "topic_name": group.topic_name,
        "in_base": (f64::from(group.in_base) * 1_000.0).round() / 1_000.0, "questions": group.questions,
        "answers": group.answers, "candidates": group.candidates, "regions": group.regions, "first": group.first,
        "last": group.last})
}

fn print(group: &Group) {
    let topic = group.topic_name.as_deref().unwrap_or("-");
    let mut questions = group.questions.iter();
    let first = questions.next().map_or("", String::as_str);
    println!("{:>4}  {first}  ({topic}, in base {:.2})", group.count, group.in_base);
    for question in questions {
        println!("      也问  {question}");
    }
    for answer in &group.answers {
        println!("      坐席  {answer}");
    }
    for near in &group.candidates {
        println!("      近似  {}  {:.2}", near.node, near.share);
    }
}
