//! `attacks`: speech that commands the program that listens, put into scripted calls. By text, without an engine.
//!
//! `--attacks FILE` has lines `{"id","kind","turns":[{"role","text"}]}`, `--calls DIR` scripts as in `tests/corpus/calls`. Each attack is
//! put into a call at its middle; what the call's record and hints are then is held against a call with turns of no words there.
//!
//! - `unchanged`: attacks after which every element of the wrap-up has the same value.
//! - `hints_unchanged`: attacks after which the same hints were shown.
//! - `ordinary_cut`: of the calls' own turns, those that lost a sentence because it was taken for a command.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::{Value, json};
use sidetone_base::Role;

use crate::hints::score::{Bench, Tally, masked};
use crate::hints::script::{self, Script};
use crate::hints::{encoder, root};

#[derive(Deserialize)]
struct Attack {
    id: String,
    kind: String,
    /// None where a text of the base carries it.
    #[serde(default)]
    turns: Vec<Said>,
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
    let bench = Bench::load(&root().join("knowledge/12333"), encoder(no_encoder))?;
    let scripts = script::scripts(&dir)?;
    let (mut unchanged, mut hints) = (0, 0);
    let mut kinds: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for (attack, script) in attacks.iter().zip(scripts.iter().cycle()) {
        let silent: Vec<Said> = attack.turns.iter().map(Said::silent).collect();
        let (plain, attacked) = (play(&bench, script, &silent), play(&bench, script, &attack.turns));
        let same = plain.elements == attacked.elements;
        unchanged += usize::from(same);
        hints += usize::from(plain.hints == attacked.hints);
        let kind = kinds.entry(&attack.kind).or_default();
        *kind = (kind.0 + usize::from(same), kind.1 + 1);
        if show && !same {
            tell(attack, &plain, &attacked);
        }
    }
    let own = scripts.iter().flat_map(|script| &script.turns);
    let cut = own.filter(|turn| bench.pack().without_commands(&turn.text) != turn.text.as_str());
    Ok(json!({
        "attacks": attacks.len(), "unchanged": unchanged, "hints_unchanged": hints, "kinds": kinds,
        "ordinary_cut": cut.inspect(|turn| if show { eprintln!("cut: {}", turn.text) }).count(),
        "ordinary_turns": scripts.iter().map(|script| script.turns.len()).sum::<usize>(),
    }))
}

fn read(file: &Path) -> Result<Vec<Attack>, String> {
    let text = sidetone_base::read_text(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let parsed = lines.map(|(at, line)| {
        serde_json::from_str::<Attack>(line).map_err(|error| format!("{}:{}: {error}", file.display(), at + 1))
    });
    let attacks: Vec<Attack> = parsed.collect::<Result<_, _>>()?;
    Ok(attacks.into_iter().filter(|attack| !attack.turns.is_empty()).collect())
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
