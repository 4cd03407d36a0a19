//! `attacks`: speech that commands the program that listens, put into scripted calls. By text, without an engine.
//!
//! `--attacks FILE` has lines `{"id","kind","turns":[{"role","text"}]}`, `--calls DIR` scripts as in `tests/corpus/calls`. Each attack is
//! put into a call at its middle; what the call's record and hints are then is held against a call with turns of no words there.
//! Lines `{"id","kind","body"}` are texts that a base may carry: all of them stand in one copy of the pack, each behind the body of a node
//! that the calls' hints come from; every call is played over both.
//!
//! - `unchanged`: attacks after which every element of the wrap-up has the same value.
//! - `hints_unchanged`: attacks after which the same hints were shown.
//! - `bodies_found`: attacks within the base of which nothing is left when it is loaded; `calls_unchanged`: calls whose record and hints
//!   are the same over it.
//! - `ordinary_cut`: of the calls' own turns, those that lost a sentence because it was taken for a command.

mod bodies;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value, json};
use sidetone_base::Role;
use sidetone_domain::Meanings;

use crate::hints::score::{Bench, Tally, masked};
use crate::hints::script::{self, Script};
use crate::hints::{encoder, root};

#[derive(Deserialize)]
struct Attack {
    id: String,
    kind: String,
    /// What is said; nothing where a text of the base carries it.
    #[serde(default)]
    turns: Vec<Said>,
    /// What stands in a text of the base.
    body: Option<String>,
}

#[derive(Deserialize)]
struct Said {
    role: String,
    text: String,
}

impl Said {
    fn silent(&self) -> Self {
        Self {
            role: self.role.clone(),
            text: String::new(),
        }
    }
}

/// What a call leaves behind.
#[derive(PartialEq)]
struct Outcome {
    elements: Vec<Value>,
    hints: Vec<String>,
    /// The nodes that the hints come from.
    nodes: Vec<String>,
}

/// `--attacks FILE [--calls DIR] [--no-encoder] [--show]`.
pub(crate) fn run(args: &[String]) -> Result<Value, String> {
    let mut dir: PathBuf = root().join("tests/corpus/calls");
    let (mut file, mut no_encoder, mut show) = (None, false, false);
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--attacks" => file = args.next(),
            "--calls" => dir = args.next().ok_or("--calls needs a value")?.into(),
            "--no-encoder" => no_encoder = true,
            "--show" => show = true,
            other => {
                return Err(format!(
                    "{other} is no option: --attacks FILE [--calls DIR] [--no-encoder] [--show]"
                ));
            }
        }
    }
    let attacks = read(Path::new(file.ok_or("--attacks FILE is missing")?))?;
    let (written, spoken): (Vec<Attack>, Vec<Attack>) = attacks.into_iter().partition(|attack| attack.body.is_some());
    let meanings = encoder(no_encoder);
    let bench = Bench::load(&root().join("knowledge/12333"), meanings.clone())?;
    let scripts = script::scripts(&dir)?;
    let mut report = judge_spoken(&bench, &scripts, &spoken, show);
    if !written.is_empty() {
        judge_written((&bench, meanings), &scripts, &written, show, &mut report)?;
    }
    let own = scripts.iter().flat_map(|script| &script.turns);
    let cut = own.filter(|turn| bench.pack().without_commands(&turn.text) != turn.text.as_str());
    report["ordinary_cut"] = json!(
        cut.inspect(|turn| if show {
            eprintln!("cut: {}", turn.text)
        })
        .count()
    );
    report["ordinary_turns"] = json!(scripts.iter().map(|script| script.turns.len()).sum::<usize>());
    Ok(report)
}

fn judge_spoken(bench: &Bench, scripts: &[Script], attacks: &[Attack], show: bool) -> Value {
    let (mut unchanged, mut hints) = (0, 0);
    let mut kinds: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for (attack, script) in attacks.iter().zip(scripts.iter().cycle()) {
        let silent: Vec<Said> = attack.turns.iter().map(Said::silent).collect();
        let (plain, attacked) = (play(bench, script, &silent), play(bench, script, &attack.turns));
        let same = plain.elements == attacked.elements;
        unchanged += usize::from(same);
        hints += usize::from(plain.hints == attacked.hints);
        let kind = kinds.entry(&attack.kind).or_default();
        *kind = (kind.0 + usize::from(same), kind.1 + 1);
        if show && !same {
            tell(attack, &plain, &attacked);
        }
    }
    json!({"attacks": attacks.len(), "unchanged": unchanged, "hints_unchanged": hints, "kinds": kinds})
}

/// Over a copy of the base with the attacks in it.
fn judge_written(
    (bench, meanings): (&Bench, Option<Arc<Meanings>>),
    scripts: &[Script],
    attacks: &[Attack],
    show: bool,
    report: &mut Value,
) -> Result<(), String> {
    let plain: Vec<Outcome> = scripts.iter().map(|script| play(bench, script, &[])).collect();
    let nodes: BTreeSet<&String> = plain.iter().flat_map(|outcome| &outcome.nodes).collect();
    let bodies = attacks.iter().filter_map(|attack| attack.body.clone());
    let carried: BTreeMap<String, String> = nodes.into_iter().cloned().zip(bodies).collect();
    let copy = bodies::Attacked::copy(&root().join("knowledge/12333"), &carried)?;
    let attacked = Bench::load(copy.folder(), meanings)?;
    let loaded = attacked.pack().knowledge();
    let left = |(id, attack): &(&String, &String)| {
        let body = loaded.node(id).map(|node| node.body.as_str()).unwrap_or_default();
        let own = bench.pack().knowledge().node(id).map(|node| node.body.as_str());
        if show && Some(body) != own {
            eprintln!("{id} {attack}\n    {body}");
        }
        Some(body) == own
    };
    let found = carried.iter().filter(left).count();
    let same = scripts
        .iter()
        .zip(&plain)
        .filter(|(script, plain)| play(&attacked, script, &[]) == **plain);
    report["bodies"] = json!(carried.len());
    report["bodies_found"] = json!(found);
    report["calls_unchanged"] = json!([same.count(), scripts.len()]);
    Ok(())
}

fn read(file: &Path) -> Result<Vec<Attack>, String> {
    let text = sidetone_base::read_text(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let parsed = lines.map(|(at, line)| {
        serde_json::from_str::<Attack>(line).map_err(|error| format!("{}:{}: {error}", file.display(), at + 1))
    });
    let attacks: Vec<Attack> = parsed.collect::<Result<_, _>>()?;
    let says = |attack: &Attack| attack.body.is_some() || !attack.turns.is_empty();
    Ok(attacks.into_iter().filter(says).collect())
}

fn play(bench: &Bench, script: &Script, more: &[Said]) -> Outcome {
    let mut call = bench.call(script.as_of, &script.region);
    let mut hear = |role: &str, text: &str| {
        let role = if role == "caller" { Role::Caller } else { Role::Agent };
        call.hear(role, text, &mut Tally::default());
    };
    for (at, turn) in script.turns.iter().enumerate() {
        if at == script.turns.len() / 2 {
            more.iter().for_each(|said| hear(&said.role, &said.text));
        }
        hear(&turn.role, &masked(turn));
    }
    let elements = serde_json::to_value(call.assist.wrapup().elements).unwrap_or_default();
    let values = elements.as_object().into_iter().flatten();
    Outcome {
        elements: values.map(|(name, element)| json!([name, element["value"]])).collect(),
        hints: call.shown.iter().map(|hint| hint.title.clone()).collect(),
        nodes: call.shown.iter().filter_map(|hint| hint.node.clone()).collect(),
    }
}

fn tell(attack: &Attack, plain: &Outcome, attacked: &Outcome) {
    let words: Vec<&str> = attack.turns.iter().map(|said| said.text.as_str()).collect();
    eprintln!("{} {}", attack.id, words.join(" | "));
    let pairs = plain.elements.iter().zip(&attacked.elements);
    for (before, after) in pairs.filter(|(before, after)| before != after) {
        eprintln!("    {before}\n    {after}");
    }
}
