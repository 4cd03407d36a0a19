//! `sidetone knowledge query`

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use jiff::civil::Date;
use serde_json::{Value, json};
use sidetone_assist::{Assist, AssistConfig, Candidate, Turn};
use sidetone_base::{CallTime, Role, SegmentId};
use sidetone_domain::Pack;
use sidetone_knowledge::snapshot::Snapshot;
use sidetone_knowledge::{Direction, Entry, Relation};

/// Asks a line's folder and, if there is one, a built file.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    sidetone knowledge query \"2024年灵活就业最低交多少\" --as-of 2024-08-01 --region 370100\n  \
    sidetone knowledge query \"试用期被辞退有没有补偿\" --library kb.snap --limit 5 --json")]
pub(super) struct QueryArgs {
    /// What a caller says
    text: String,
    /// The line's folder
    #[arg(long, default_value = "knowledge/12333", value_name = "DIR")]
    pack: PathBuf,
    /// A built file: statutes and cases
    #[arg(long, value_name = "FILE")]
    library: Option<PathBuf>,
    /// The day of the call; today if it is not given
    #[arg(long, value_name = "DATE")]
    as_of: Option<Date>,
    /// Where the line is, a GB/T 2260 code; the pack's own if it is not given
    #[arg(long, value_name = "CODE")]
    region: Option<String>,
    /// Entries of the library
    #[arg(long, default_value_t = 8)]
    limit: usize,
    /// One JSON line for each hint and each entry
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &QueryArgs) -> Result<(), String> {
    let pack = Pack::load(&args.pack).map_err(|faults| format!("{}:\n{faults}", args.pack.display()))?;
    let pack = Arc::new(pack);
    let date = args.as_of.unwrap_or_else(|| jiff::Zoned::now().date());
    let region = super::region(args.region.as_deref(), &pack)?;
    let library = args.library.as_deref().map(super::open).transpose()?;
    let mut assist = Assist::new(Arc::clone(&pack), AssistConfig::new(date, &region));
    let understood = assist.understand(&turn(&args.text));
    let mut candidates = assist.match_turn(&understood);
    candidates.sort_by(|a, b| (a.tier as u8).cmp(&(b.tier as u8)).then(b.score.total_cmp(&a.score)));
    if candidates.is_empty() && !args.json {
        println!("nothing of the line answers this");
    }
    for candidate in &candidates {
        let behind = library
            .as_ref()
            .map_or_else(Vec::new, |library| behind(&pack, library, candidate, date, &region));
        if args.json {
            println!("{}", hint_json(candidate, &behind));
        } else {
            print_hint(candidate, &behind);
        }
    }
    let Some(library) = library else {
        return Ok(());
    };
    for found in library.view(date, &region).search(&args.text, args.limit) {
        let (entry, why) = (found.entry, found.why);
        if args.json {
            let line = json!({"entry": entry.id(), "title": entry.title(), "layer": entry.layer(), "body": entry.body(),
                "score": round(found.score), "why": {"text": round(why.text), "sound": round(why.sound),
                "likeness": round(why.likeness), "cited": round(why.cited), "rests": round(why.rests)}, "effective": entry.effective()});
            println!("{line}");
        } else {
            println!("{:.2}  {}  ({})", found.score, entry.title(), entry.id());
            println!(
                "      text {:.2}, sound {:.2}, likeness {:.2}, cited {:.2}, rests {:.2}",
                why.text, why.sound, why.likeness, why.cited, why.rests
            );
        }
    }
    Ok(())
}

fn turn(text: &str) -> Turn {
    let (begin, end) = (CallTime(Duration::ZERO), CallTime(Duration::from_secs(1)));
    Turn {
        segment: SegmentId::new("query"),
        role: Role::Caller,
        text: text.to_owned(),
        begin,
        end,
        confidence: 1.0,
    }
}

/// What a library has of the node that a hint comes from: how it is tied, and the entry.
fn behind<'s>(
    pack: &Pack,
    library: &'s Snapshot,
    candidate: &Candidate,
    date: Date,
    region: &str,
) -> Vec<(String, Entry<'s>)> {
    let view = pack.knowledge().view(date, region);
    let Some(node) = pack.knowledge().node(&candidate.node) else {
        return Vec::new();
    };
    let written = view.written_in(library, node).into_iter();
    let mut out: Vec<(String, Entry<'s>)> = written.map(|entry| ("WRITTEN IN".to_owned(), entry)).collect();
    for relation in [
        Relation::Cites,
        Relation::Amends,
        Relation::Repeals,
        Relation::Supersedes,
    ] {
        let tied = view.beyond(library, node, relation, Direction::Out).into_iter();
        out.extend(tied.map(|entry| (format!("{relation:?}").to_uppercase(), entry)));
    }
    out
}

fn round(score: f32) -> f64 {
    (f64::from(score) * 1_000.0).round() / 1_000.0
}

fn hint_json(hint: &Candidate, behind: &[(String, Entry<'_>)]) -> Value {
    let behind: Vec<Value> = behind
        .iter()
        .map(|(how, entry)| json!({"how": how, "entry": entry.id(), "title": entry.title()}))
        .collect();
    json!({"node": hint.node, "kind": hint.kind, "tier": hint.tier, "score": round(hint.score), "title": hint.title,
        "body": hint.body, "why": {"topic": hint.topic, "trigger": hint.trigger}, "sources": hint.sources,
        "calc": hint.calc, "library": behind})
}

fn print_hint(hint: &Candidate, behind: &[(String, Entry<'_>)]) {
    println!("{:.2}  [{:?}] {}  ({})", hint.score, hint.kind, hint.title, hint.node);
    println!("      {}", hint.body);
    let entities: Vec<String> = hint
        .trigger
        .entities
        .iter()
        .map(|entity| format!("{} {}", entity.kind, entity.text))
        .collect();
    println!(
        "      why: topic {}, asks {}{}{}",
        hint.topic,
        hint.trigger.intent,
        if entities.is_empty() { "" } else { "; heard " },
        entities.join(", ")
    );
    for source in &hint.sources {
        let dates = |date: &Option<String>| date.clone().unwrap_or_default();
        println!(
            "      source: {} {} {} [{} – {}]",
            source.title,
            source.article.clone().unwrap_or_default(),
            source.doc_no,
            dates(&source.effective_from),
            dates(&source.effective_to)
        );
    }
    for (how, entry) in behind {
        println!("      {how} {} ({})", entry.title(), entry.id());
    }
}
