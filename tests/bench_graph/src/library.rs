//! `bench library`: what a library adds to what is shown, for turns that nothing answers and for questions that statutes answer.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use jiff::civil::{Date, date};
use serde::Deserialize;
use serde_json::{Value, json};
use sidetone_assist::{Assist, AssistConfig, Looked, Push, Turn};
use sidetone_base::{CallTime, Mapped, Role, SegmentId};
use sidetone_domain::Pack;

use crate::flag;

const DAY: Date = date(2026, 3, 2);
const REGION: &str = "370500";
/// A turn takes so many seconds.
const A_TURN: u64 = 5;

/// A turn as `bench hints` takes it, or a consultation with an answer.
#[derive(Deserialize)]
struct Row {
    #[serde(alias = "question")]
    text: String,
    #[serde(default)]
    before: Vec<String>,
    node: Option<String>,
    answer: Option<String>,
}

/// Of one file.
#[derive(Default)]
struct Tally {
    turns: usize,
    nothing_answers: usize,
    pushed: usize,
    quoted: usize,
    /// Turns with a card of what was looked up; of them, those that nothing answers.
    looked_up: usize,
    falsely: usize,
    commands: usize,
    /// Of what was looked up, articles that the consultation's answer cites.
    cited: usize,
}

/// `--library FILE --turns FILE,FILE [--pack DIR] [--without AUTHOR,AUTHOR] [--show]`: turns are judged by a pack that has not learned
/// from their authors; the library is to be built without them, too.
pub(crate) fn run(args: &[String]) -> Result<(), String> {
    let library = flag(args, "--library").ok_or("--library FILE is missing")?;
    let turns = flag(args, "--turns").ok_or("--turns FILE,FILE is missing")?;
    let dir = flag(args, "--pack").unwrap_or("knowledge/12333");
    let without: Vec<&str> = flag(args, "--without").unwrap_or_default().split(',').collect();
    let show = args.iter().any(|arg| arg == "--show");
    let all = Pack::load(Path::new(dir)).map_err(|faults| faults.to_string())?;
    let others = all
        .examples()
        .iter()
        .filter(|turn| !without.contains(&turn.author.as_str()));
    let pack = Arc::new(all.with_examples(others.cloned().collect()));
    let mapped = Mapped::open(Path::new(library)).map_err(|error| format!("{library}: {error}"))?;
    let opened = pack.knowledge().library().replace(mapped);
    opened.map_err(|error| format!("{library} {error}"))?;
    for file in turns.split(',') {
        let mut tally = Tally::default();
        for row in read(file)? {
            judge(&pack, &row, show, &mut tally);
        }
        println!("{}", tally.told(file));
    }
    Ok(())
}

fn read(file: &str) -> Result<Vec<Row>, String> {
    let text = std::fs::read_to_string(file).map_err(|error| format!("{file}: {error}"))?;
    let fault = |error: serde_json::Error| format!("{file}: {error}");
    match text.trim_start().starts_with('[') {
        true => serde_json::from_str(&text).map_err(fault),
        false => text
            .lines()
            .map(|line| serde_json::from_str(line).map_err(fault))
            .collect(),
    }
}

fn judge(pack: &Arc<Pack>, row: &Row, show: bool, tally: &mut Tally) {
    let mut assist = Assist::new(Arc::clone(pack), AssistConfig::new(DAY, REGION));
    let mut seconds = 0;
    let mut hear = |text: &str, role: Role| {
        seconds += A_TURN;
        assist.hear(&turn(role, text, seconds))
    };
    for line in &row.before {
        match line.split_once('：') {
            Some(("坐席", text)) => hear(text, Role::Agent),
            Some(("客户", text)) => hear(text, Role::Caller),
            _ => hear(line, Role::Caller),
        };
    }
    let pushes = hear(&row.text, Role::Caller);
    let hints: Vec<_> = pushes
        .iter()
        .filter_map(|push| match push {
            Push::New(hint) => Some(&**hint),
            _ => None,
        })
        .collect();
    let count = |of: Looked| pushes.iter().filter(|push| **push == Push::Looked(of)).count();
    let nothing = row.node.is_none() && row.answer.is_none();
    tally.turns += 1;
    tally.nothing_answers += usize::from(nothing);
    tally.pushed += usize::from(nothing && !hints.is_empty());
    tally.quoted += usize::from(count(Looked::Quoted) > 0);
    tally.commands += count(Looked::Command);
    if count(Looked::Found) > 0 {
        if show {
            let named = hints.iter().map(|hint| format!("{}: {}", hint.title, hint.body));
            let shown: Vec<String> = named.collect();
            eprintln!("{}\n    {}", row.text, shown.join("\n    "));
        }
        tally.looked_up += 1;
        tally.falsely += usize::from(nothing);
        let answer = row.answer.as_deref().unwrap_or_default();
        let sources = hints.iter().flat_map(|hint| &hint.sources);
        let is_cited = |article: &str, title: &str| answer.contains(article) && answer.contains(title);
        let mut cited = sources.map(|source| is_cited(source.article.as_deref().unwrap_or("\0"), &source.title));
        tally.cited += usize::from(cited.any(|cited| cited));
    }
}

impl Tally {
    fn told(&self, file: &str) -> Value {
        json!({"file": file, "turns": self.turns, "nothing_answers": self.nothing_answers, "pushed": self.pushed,
            "looked_up": self.looked_up, "falsely": self.falsely, "cited": self.cited, "quoted": self.quoted,
            "commands": self.commands})
    }
}

fn turn(role: Role, text: &str, end: u64) -> Turn {
    Turn {
        segment: SegmentId::new(format!("s{end}")),
        role,
        text: text.to_owned(),
        begin: CallTime(Duration::from_secs(end - A_TURN)),
        end: CallTime(Duration::from_secs(end)),
        confidence: 1.0,
    }
}
