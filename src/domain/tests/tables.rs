//! A line's own places, callers and phrases: what they add to the language's, and how their faults are named.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::path::{Path, PathBuf};

use sidetone_domain::{Pack, Thin};
use sidetone_language::zh;

/// A small line in a folder of its own, with `files` beside what it needs.
fn pack(case: &str, files: &[(&str, &str)]) -> PathBuf {
    let dir = std::env::temp_dir().join(format!("sidetone-tables-{}-{case}", std::process::id()));
    drop(std::fs::remove_dir_all(&dir));
    std::fs::create_dir_all(&dir).unwrap();
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../knowledge/it-helpdesk");
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        std::fs::copy(&path, dir.join(path.file_name().unwrap())).unwrap();
    }
    for (name, text) in files {
        std::fs::write(dir.join(name), text).unwrap();
    }
    dir
}

fn load(case: &str, files: &[(&str, &str)]) -> Result<Pack, Vec<String>> {
    let dir = pack(case, files);
    let loaded = Pack::load(&dir);
    std::fs::remove_dir_all(&dir).unwrap();
    loaded.map_err(|found| found.faults.iter().map(ToString::to_string).collect())
}

#[test]
fn a_line_without_tables_has_the_languages() {
    let pack = load("none", &[]).unwrap();
    assert_eq!(pack.phrases(), &zh().phrases);
    assert_eq!(pack.regions(), &zh().regions);
    assert_eq!(pack.call_words().complains, zh().calls.complains);
    assert!(pack.call_words().subjects.is_empty());
}

#[test]
fn a_lines_tables_add_to_the_languages() {
    let calls = "handles = '报修'\n[[subjects]]\nname = '住户'\ncues = '我是业主'\ntopics = ['water']\n[[subjects]]\nname = '访客'\nsays = '''我来办事的\n我找你们经理'''\n";
    let files = [
        ("regions.tsv", "370502\t东营区\n"),
        ("phrases.toml", "[requests]\nhandling = '报修'\n"),
        ("calls.toml", calls),
    ];
    let pack = load("own", &files).unwrap();
    assert_eq!(pack.regions().name("370502"), Some("东营区"));
    assert_eq!(pack.regions().name("370100"), Some("济南"));
    assert_eq!(pack.phrases().requests.handling, "报修");
    assert_eq!(pack.phrases().requests.complaint, "投诉");
    let words = pack.call_words();
    assert!(words.handles.within_str("我要报修") && words.handles.within_str("帮我办一下"));
    let [family, visitor] = words.subjects.as_slice() else {
        panic!("{:?}", words.subjects);
    };
    assert!(family.cues.within_str("我是业主啊") && family.topics == ["water"]);
    assert_eq!(visitor.says, ["我来办事的", "我找你们经理"]);
    let best = pack.subjects().read("我是来办事的").next();
    assert!(best.is_some_and(|(at, share)| at == 1 && share > 0.5), "{best:?}");
}

#[test]
fn every_fault_of_the_tables_is_named_with_its_line() {
    let files = [
        ("regions.tsv", "# code, name\n37050\t东营区\n"),
        ("phrases.toml", "[requests]\nhandling = '报修'\nrepair = '报修'\n"),
        ("calls.toml", "handles = '报修 报修'\n"),
        ("scripts.toml", "a = 1\n"),
    ];
    let found = load("faults", &files).unwrap_err();
    let names = |start: &str, what: &str| {
        found
            .iter()
            .any(|fault| fault.starts_with(start) && fault.contains(what))
    };
    assert!(names("regions.tsv:2: ", "no code of six digits"), "{found:?}");
    assert!(names("phrases.toml:3: ", "repair"), "{found:?}");
    assert!(names("calls.toml:1: ", "there twice"), "{found:?}");
    assert!(names("scripts.toml:0: ", "unknown kind"), "{found:?}");
}

#[test]
fn what_is_thin_is_named_and_no_fault() {
    let nodes = concat!(
        r#"{"id":"tea.order","layer":"business","topic":"tea","intents":["procedure"],"title":"订茶","body":"在门户上订。","asked_as":["怎么订茶","订茶"],"region":"000000","doc_no":"","doc_title":"样例","confidence":"D"}"#,
        "\n"
    );
    let examples = "{\"text\":\"茶在哪订\",\"node\":\"pwd.reset\"}\n{\"text\":\"茶在哪订\",\"node\":null}\n";
    let files = [
        (
            "topics-tea.jsonl",
            "{\"id\":\"tea\",\"name\":\"茶\",\"terms\":[\"订茶\"]}\n",
        ),
        ("nodes-tea.jsonl", nodes),
        ("examples-tea.jsonl", examples),
    ];
    let pack = load("thin", &files).unwrap();
    let found = pack.thin();
    assert!(found.contains(&Thin::Node("tea.order".to_owned(), 2)), "{found:?}");
    assert!(found.contains(&Thin::Torn("茶在哪订".to_owned())), "{found:?}");
    assert!(found.iter().any(|thin| matches!(thin, Thin::Foreign(21))), "{found:?}");
    assert!(
        found
            .iter()
            .all(|thin| thin.to_string().is_ascii() || matches!(thin, Thin::Torn(_)))
    );
}
