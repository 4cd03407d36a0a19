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

/// Of the turns with a node, how many have a hint from it; of those without, how many have any; of both, how many there are.
fn answered(name: &str) -> [usize; 4] {
    let pack = pack(name);
    let known: BTreeSet<&str> = pack.examples().iter().map(|example| example.text.as_str()).collect();
    let [mut right, mut asked, mut pushed, mut foreign] = [0; 4];
    for example in turns(name) {
        assert!(!known.contains(example.text.as_str()), "an example: {}", example.text);
        let (hints, _) = play(&pack, &example);
        let of = |id: &String| hints.iter().any(|hint| hint.dedup_key.split(':').nth(1) == Some(id));
        match &example.node {
            Some(node) => {
                asked += 1;
                let found = of(node) || example.also.iter().any(of);
                right += usize::from(found);
                if !found {
                    let shown: Vec<&str> = hints.iter().map(|hint| hint.dedup_key.as_str()).collect();
                    println!("{name} {node}: {} {shown:?}", example.text);
                }
            }
            None => {
                foreign += 1;
                pushed += usize::from(!hints.is_empty());
            }
        }
    }
    println!("{name}: {right} of {asked}, {pushed} of {foreign} pushed");
    [right, asked, pushed, foreign]
}

#[test]
fn a_housing_fund_is_answered_from_its_pack() {
    let [right, asked, pushed, foreign] = answered("12329");
    assert!(right * 10 >= asked * 6, "{right} of {asked}");
    assert!(pushed * 10 <= foreign * 3, "{pushed} of {foreign}");
}

#[test]
fn a_help_desk_is_answered_from_its_pack() {
    let [right, asked, pushed, foreign] = answered("it-helpdesk");
    assert!(right * 10 >= asked * 6, "{right} of {asked}");
    assert!(pushed * 10 <= foreign * 3, "{pushed} of {foreign}");
}

#[test]
fn a_help_desk_says_no_word_of_another_line() {
    let (desk, other) = (pack("it-helpdesk"), pack("12333"));
    let own: String = std::fs::read_dir(root().join("knowledge/it-helpdesk"))
        .unwrap()
        .map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap())
        .collect();
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
    foreign.retain(|word| !own.contains(*word) && *word != "个人");
    assert!(foreign.len() > 100, "{foreign:?}");
    let mut said = String::new();
    let mut hinted = 0;
    for example in turns("it-helpdesk") {
        let (hints, wrapup) = play(&desk, &example);
        hinted += usize::from(!hints.is_empty());
        said += &serde_json::to_string(&hints).unwrap();
        said += &serde_json::to_string(&wrapup).unwrap();
    }
    assert!(hinted > 10, "{hinted} turns have hints");
    // What a caller says is the caller's word.
    let heard: String = turns("it-helpdesk").into_iter().map(|example| example.text).collect();
    let found: Vec<&&str> = foreign
        .iter()
        .filter(|word| said.contains(**word) && !heard.contains(**word))
        .collect();
    assert!(found.is_empty(), "{found:?}");
}
