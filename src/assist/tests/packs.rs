//! Other lines work by configuration alone: their packs' turns, which no example holds, are answered from them, and nothing of
//! another line is said.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiff::civil::date;
use sidetone_assist::{Assist, AssistConfig, Push, Turn};
use sidetone_base::{CallTime, Role, SegmentId};
use sidetone_domain::{Example, Pack, Speaker};
use sidetone_schema::{HintData, Wrapup};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn pack(name: &str) -> Arc<Pack> {
    Arc::new(Pack::load(&root().join("knowledge").join(name)).unwrap_or_else(|faults| panic!("{faults}")))
}

/// Turns by the pack's author that are not among its examples.
fn turns(name: &str) -> Vec<Example> {
    let text = std::fs::read_to_string(root().join("tests/corpus/packs").join(format!("{name}.jsonl"))).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn assist(pack: &Arc<Pack>) -> Assist {
    let config = AssistConfig::new(date(2026, 3, 2), pack.info().region.clone());
    Assist::new(Arc::clone(pack), config)
}

fn hear(assist: &mut Assist, number: u64, role: Role, text: &str) -> Vec<HintData> {
    let at = CallTime(Duration::from_secs(number * 10));
    let turn = Turn {
        segment: SegmentId::new(format!("s{number}")),
        role,
        text: text.to_owned(),
        begin: at,
        end: CallTime(Duration::from_secs(number * 10 + 4)),
        confidence: 0.9,
    };
    let shown = |push| match push {
        Push::New(hint) | Push::Update(hint) => Some(*hint),
        _ => None,
    };
    assist.hear(&turn).into_iter().filter_map(shown).collect()
}

/// The hints of an example's last turn, and the wrap-up behind it.
fn play(pack: &Arc<Pack>, example: &Example) -> (Vec<HintData>, Wrapup) {
    let mut assist = assist(pack);
    let before = example.turns_before();
    for (number, (speaker, text)) in before.iter().enumerate() {
        let role = match speaker {
            Speaker::Caller => Role::Caller,
            Speaker::Agent => Role::Agent,
        };
        hear(&mut assist, number as u64, role, text);
    }
    let hints = hear(&mut assist, before.len() as u64, Role::Caller, &example.text);
    (hints, assist.wrapup())
}

/// What became of turns.
#[derive(Debug, Default)]
struct Tally {
    /// They need a node …
    asked: usize,
    /// … and a hint of it, or of one that is as right, is shown.
    right: usize,
    /// … and the first hint is of another.
    wrong: usize,
    /// Nothing answers them …
    foreign: usize,
    /// … and a hint is shown.
    pushed: usize,
}

fn tally(pack: &Arc<Pack>, turns: &[Example]) -> Tally {
    let known: BTreeSet<&str> = pack.examples().iter().map(|example| example.text.as_str()).collect();
    let mut tally = Tally::default();
    for example in turns {
        assert!(!known.contains(example.text.as_str()), "an example: {}", example.text);
        let (hints, _) = play(pack, example);
        let right = |hint: &HintData| {
            let node = hint.dedup_key.split(':').nth(1);
            example.node.iter().chain(&example.also).any(|id| node == Some(id))
        };
        if example.node.is_none() {
            tally.foreign += 1;
            tally.pushed += usize::from(!hints.is_empty());
        } else {
            tally.asked += 1;
            tally.right += usize::from(hints.iter().any(right));
            tally.wrong += usize::from(hints.first().is_some_and(|hint| !right(hint)));
        }
    }
    println!("{}: {tally:?}", pack.info().id);
    tally
}

/// The pack without every fifth of its examples, and those.
fn without_a_fifth(name: &str) -> (Arc<Pack>, Vec<Example>) {
    let from = root().join("knowledge").join(name);
    let dir = std::env::temp_dir().join(format!("sidetone-fifth-{}-{name}", std::process::id()));
    drop(std::fs::remove_dir_all(&dir));
    std::fs::create_dir_all(&dir).unwrap();
    let mut left_out = Vec::new();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        if !path.is_file() {
            continue;
        }
        let file = path.file_name().unwrap().to_str().unwrap();
        let mut text = std::fs::read_to_string(&path).unwrap();
        if file.starts_with("examples") {
            let (out, kept): (Vec<_>, Vec<_>) = text.lines().enumerate().partition(|(at, _)| at % 5 == 0);
            left_out.extend(out.iter().map(|(_, line)| serde_json::from_str(line).unwrap()));
            text = kept.iter().map(|(_, line)| format!("{line}\n")).collect();
        }
        std::fs::write(dir.join(file), text).unwrap();
    }
    let pack = Pack::load(&dir).unwrap_or_else(|faults| panic!("{faults}"));
    std::fs::remove_dir_all(&dir).unwrap();
    (Arc::new(pack), left_out)
}

#[test]
fn a_housing_fund_is_answered_from_its_pack() {
    // Words that its nodes hardly have, and no sentence encoder: what breaks is seen, not how good it is.
    let found = tally(&pack("12329"), &turns("12329"));
    assert!(found.right * 10 >= found.asked * 2, "{found:?}");
    assert!(found.pushed * 10 <= found.foreign * 4, "{found:?}");
    let (pack, turns) = without_a_fifth("12329");
    let found = tally(&pack, &turns);
    assert!(found.right * 10 >= found.asked * 4, "{found:?}");
    // Eight turns that nothing answers are few to judge by.
    assert!(found.pushed * 2 <= found.foreign, "{found:?}");
}

#[test]
fn a_help_desk_is_answered_from_its_pack() {
    let found = tally(&pack("it-helpdesk"), &turns("it-helpdesk"));
    assert!(found.right * 10 >= found.asked * 2, "{found:?}");
    assert!(found.pushed * 10 <= found.foreign * 4, "{found:?}");
    let (pack, turns) = without_a_fifth("it-helpdesk");
    let found = tally(&pack, &turns);
    assert!(found.right * 10 >= found.asked * 4, "{found:?}");
    // Four turns that nothing answers are few to judge by.
    assert!(found.pushed * 2 <= found.foreign, "{found:?}");
}

#[test]
fn a_help_desk_says_no_word_of_another_line() {
    let (desk, other) = (pack("it-helpdesk"), pack("12333"));
    let turns = turns("it-helpdesk");
    let folder = std::fs::read_dir(root().join("knowledge/it-helpdesk")).unwrap();
    let files = folder.map(|entry| entry.unwrap().path());
    // Its own words, and those of any line.
    let files = files.chain([root().join("knowledge/zh/phrases.toml")]);
    let own: String = files.map(|path| std::fs::read_to_string(path).unwrap()).collect();
    let topics = other.knowledge().topics().iter();
    let mut foreign: BTreeSet<&str> = topics
        .flat_map(|topic| topic.terms.iter().chain([&topic.name]))
        .map(String::as_str)
        .collect();
    foreign.extend(other.call_words().subjects.iter().map(|subject| subject.name.as_str()));
    foreign.extend([
        "12333",
        "社保",
        "社会保险",
        "人社",
        "政府",
        "养老",
        "失业",
        "工伤",
        "职工",
    ]);
    foreign.retain(|word| !own.contains(*word));
    assert!(foreign.len() > 100, "{foreign:?}");
    let mut said = String::new();
    let mut hinted = 0;
    let heard: Vec<&Example> = desk.examples().iter().chain(&turns).collect();
    for example in &heard {
        let (hints, wrapup) = play(&desk, example);
        hinted += usize::from(!hints.is_empty());
        said += &serde_json::to_string(&hints).unwrap();
        said += &serde_json::to_string(&wrapup).unwrap();
    }
    assert!(hinted > 40, "{hinted} turns have hints");
    // What a caller says is the caller's word.
    let heard: String = heard.iter().map(|example| example.text.as_str()).collect();
    let found: Vec<&&str> = foreign
        .iter()
        .filter(|word| said.contains(**word) && !heard.contains(**word))
        .collect();
    assert!(found.is_empty(), "{found:?}");
}
