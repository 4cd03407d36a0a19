//! `sidetone knowledge explain`

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use jiff::civil::Date;
use serde_json::{Value, json};
use sidetone_assist::{Assist, AssistConfig, Candidate, Dropped, Push, Turn};
use sidetone_base::{CallTime, Role, SegmentId};
use sidetone_domain::{Explained, Named, Weighed};
use sidetone_knowledge::{Direction, KnowledgeView, Node, Relation};

use super::super::ask::script::speaker;
use crate::config::{Config, load_or_default};
use crate::runtime::PackReader;

/// A turn takes so long; the time between two turns is none.
const A_TURN: Duration = Duration::from_secs(5);

/// Explains what a caller's turn finds, and what it does not find.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    sidetone knowledge explain \"2024年灵活就业最低交多少\" --as-of 2024-08-01 --region 370100\n  \
    sidetone knowledge explain \"那要带啥材料\" --before \"客户：我想补办社保卡\" --before \"坐席：可以到银行网点补办\"\n  \
    sidetone knowledge explain \"驾照到期了怎么换\" --json | jq '.none, .threshold'")]
pub(super) struct ExplainArgs {
    /// What a caller says
    text: String,
    /// A turn before it, `坐席：…` or `客户：…`; once for each, in order
    #[arg(long, value_name = "TURN")]
    before: Vec<String>,
    /// The line's folder, instead of knowledge.dir of the configuration
    #[arg(long, value_name = "DIR")]
    pack: Option<PathBuf>,
    /// A library of statutes and cases, instead of knowledge.library of the configuration
    #[arg(long, value_name = "FILE")]
    library: Option<PathBuf>,
    /// The day of the call; today if it is not given
    #[arg(long, value_name = "DATE")]
    as_of: Option<Date>,
    /// Where the line is, a GB/T 2260 code; the pack's own if it is not given
    #[arg(long, value_name = "CODE")]
    region: Option<String>,
    /// Nodes that are listed
    #[arg(long, default_value_t = 6)]
    limit: usize,
    /// One JSON object, with every number
    #[arg(long)]
    json: bool,
    /// Settings other than the defaults
    #[arg(short, long, env = "SIDETONE_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
}

/// Everything about one turn.
struct Explanation {
    weighed: Explained,
    candidates: Vec<Candidate>,
    /// Titles of what is shown.
    shown: Vec<String>,
    /// What became of looking into the library.
    looked: Vec<&'static str>,
    dropped: Dropped,
}

pub(super) fn run(args: &ExplainArgs) -> Result<(), String> {
    let mut config: Config = load_or_default(args.config.as_deref())?;
    if let Some(dir) = &args.pack {
        config.knowledge.dir.clone_from(dir);
    }
    if let Some(library) = &args.library {
        config.knowledge.library = Some(library.clone());
    }
    let pack = PackReader::new(&config).read()?;
    let date = args.as_of.unwrap_or_else(|| jiff::Zoned::now().date());
    let region = super::region(args.region.as_deref(), &pack)?;
    let mut assist = Assist::new(Arc::clone(&pack), AssistConfig::new(date, &region));
    for (number, line) in args.before.iter().enumerate() {
        let (role, text) =
            speaker(line).ok_or_else(|| format!("--before {line}: begins with neither 坐席： nor 客户："))?;
        assist.hear(&turn(number as u32, role, text));
    }
    let explanation = explain(&mut assist, &turn(args.before.len() as u32, Role::Caller, &args.text));
    let view = pack.knowledge().view(date, &region);
    if args.json {
        println!("{}", as_json(&view, &explanation, pack.has_encoder(), args.limit));
    } else {
        print(&view, &explanation, pack.has_encoder(), args.limit);
    }
    Ok(())
}

fn turn(number: u32, role: Role, text: &str) -> Turn {
    Turn {
        segment: SegmentId::new(format!("s{number}")),
        role,
        text: text.to_owned(),
        begin: CallTime(A_TURN * number),
        end: CallTime(A_TURN * (number + 1)),
        confidence: 1.0,
    }
}

fn explain(assist: &mut Assist, turn: &Turn) -> Explanation {
    let weighed = assist.explain(turn);
    let understood = assist.understand(turn);
    let candidates = assist.match_turn(&understood);
    let pushes = assist.push(turn.end, candidates.clone());
    let looked = pushes.iter().filter_map(|push| match push {
        Push::Looked(looked) => Some(looked.as_str()),
        _ => None,
    });
    let looked = looked.collect();
    let title = |push| match push {
        Push::New(hint) | Push::Update(hint) => Some(hint.title.clone()),
        _ => None,
    };
    Explanation {
        weighed,
        candidates,
        shown: pushes.into_iter().filter_map(title).collect(),
        looked,
        dropped: assist.dropped(),
    }
}

/// What became of a node.
fn fate(view: &KnowledgeView<'_>, of: &Explanation, weighed: &Weighed) -> String {
    let Some(node) = view.knowledge().node(&weighed.node) else {
        return "unknown".to_owned();
    };
    let mut own = of.candidates.iter().filter(|candidate| candidate.node == weighed.node);
    if own.any(|candidate| of.shown.contains(&candidate.title)) {
        return "shown".to_owned();
    }
    if of.candidates.iter().any(|candidate| candidate.node == weighed.node) {
        return "found, and not shown: others come first, or it was shown before".to_owned();
    }
    if of.candidates.is_empty() && !of.weighed.answers() {
        return "refused: nothing is likely enough".to_owned();
    }
    if !view.applies(node) {
        return format!("refused: does not hold on {}", view.date());
    }
    if let Err(missing) = view.render(node) {
        return format!("refused: {missing}");
    }
    "refused: less likely than what was found".to_owned()
}

/// How a node hangs together with others.
fn edges<'a>(view: &KnowledgeView<'a>, node: &Node) -> Vec<(String, &'a Node)> {
    let mut edges = Vec::new();
    for (direction, mark) in [(Direction::Out, "→"), (Direction::In, "←")] {
        for relation in Relation::ALL {
            let named = format!("{} {mark}", name(relation));
            let others = view.neighbours_any(node, relation, direction).into_iter();
            edges.extend(others.map(|other| (named.clone(), other)));
        }
    }
    edges
}

/// As rows of edges name it.
fn name(relation: Relation) -> String {
    let written = serde_json::to_value(relation).ok();
    written.as_ref().and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn round(number: f32) -> f64 {
    (f64::from(number) * 1_000.0).round() / 1_000.0
}

fn numbers(named: &[Named]) -> Value {
    named
        .iter()
        .map(|(name, number)| ((*name).to_owned(), json!(round(*number))))
        .collect()
}

fn as_json(view: &KnowledgeView<'_>, of: &Explanation, encoder: bool, limit: usize) -> Value {
    let node = |weighed: &Weighed| {
        let node = view.knowledge().node(&weighed.node);
        let tied = node.map(|node| edges(view, node)).unwrap_or_default();
        let tied: Vec<Value> = tied
            .into_iter()
            .map(|(how, other)| json!({"how": how, "node": other.id, "title": other.title}))
            .collect();
        json!({"node": weighed.node, "topic": weighed.topic, "title": node.map(|node| &node.title),
            "share": round(weighed.share), "fate": fate(view, of, weighed), "numbers": numbers(&weighed.numbers), "edges": tied})
    };
    let found = |hint: &Candidate| {
        json!({"node": hint.node, "kind": hint.kind, "tier": hint.tier, "score": round(hint.score), "title": hint.title,
            "shown": of.shown.contains(&hint.title), "sources": hint.sources})
    };
    json!({"encoder": encoder, "answers": of.weighed.answers(), "none": round(of.weighed.none),
        "against_none": round(of.weighed.against_none), "threshold": round(of.weighed.threshold),
        "numbers": numbers(&of.weighed.numbers), "nodes": of.weighed.nodes.iter().take(limit).map(node).collect::<Vec<_>>(),
        "found": of.candidates.iter().map(found).collect::<Vec<_>>(), "library": of.looked,
        "dropped": dropped(of.dropped)})
}

fn dropped(of: Dropped) -> Value {
    json!({"duplicate": of.duplicate, "rate": of.rate, "weak": of.weak, "said": of.said, "crowded": of.crowded,
        "dismissed": of.dismissed})
}

fn print(view: &KnowledgeView<'_>, of: &Explanation, encoder: bool, limit: usize) {
    let Explained {
        none,
        against_none,
        threshold,
        ..
    } = of.weighed;
    println!(
        "read {}",
        if encoder {
            "with the sentence encoder"
        } else {
            "by words alone"
        }
    );
    println!(
        "asks for something of the base: {against_none:.2}, threshold {threshold:.2}: {}",
        if of.weighed.answers() { "answered" } else { "refused" }
    );
    println!("{none:.2}  nothing of the base");
    println!("      {}", listed(&of.weighed.numbers));
    for weighed in of.weighed.nodes.iter().take(limit) {
        let node = view.knowledge().node(&weighed.node);
        let title = node.map_or("", |node| node.title.as_str());
        println!("{:.2}  {title}  ({})", weighed.share, weighed.node);
        println!("      {}", fate(view, of, weighed));
        println!("      {}", listed(&weighed.numbers));
        for (how, other) in node.map(|node| edges(view, node)).unwrap_or_default() {
            println!("      {how} {}  ({})", other.title, other.id);
        }
    }
    println!("found for it:");
    for hint in &of.candidates {
        let mark = if of.shown.contains(&hint.title) {
            "shown"
        } else {
            "not shown"
        };
        println!(
            "{:.2}  [{:?}] {}  ({}): {mark}",
            hint.score, hint.kind, hint.title, hint.node
        );
        for source in hint.sources.iter().filter(|source| source.text.is_some()) {
            let article = source.article.as_deref().unwrap_or_default();
            println!("      in the library: {} {article}: {}", source.title, hint.body);
        }
    }
    if !of.looked.is_empty() {
        println!("library: {}", of.looked.join(", "));
    }
}

/// Numbers that are not 0.
fn listed(named: &[Named]) -> String {
    let some = named.iter().filter(|(_, number)| number.abs() >= 0.005);
    some.map(|(name, number)| format!("{name} {number:.2}"))
        .collect::<Vec<_>>()
        .join(", ")
}
