//! What the loader says of a base that is wrong: all at once, with place and cure.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use sidetone_knowledge::Knowledge;

const TOPIC: &str = r#"{"id":"pay","name":"工资","terms":["工资"]}"#;

fn node(id: &str, more: &str) -> String {
    format!(
        r#"{{"id":"{id}","layer":"business","topic":"pay","title":"题","body":"文","region":"370500","doc_title":"法","confidence":"A"{more}}}"#
    )
}

fn figure(id: &str, more: &str) -> String {
    format!(r#"{{"id":"{id}","name":"数","value":"1","unit":"元","doc_title":"法","confidence":"A"{more}}}"#)
}

/// One row to a source; the faults as text.
fn faults(sources: &[(&str, &str)]) -> Vec<String> {
    match Knowledge::from_sources(sources.iter().copied()) {
        Ok(_) => Vec::new(),
        Err(errors) => errors.faults.iter().map(ToString::to_string).collect(),
    }
}

fn one(sources: &[(&str, &str)], place: &str, says: &str) {
    let mut all = vec![("topics.jsonl", TOPIC)];
    all.extend_from_slice(sources);
    let found = faults(&all);
    assert!(
        found.len() == 1 && found[0].starts_with(place) && found[0].contains(says),
        "wanted one fault `{place}` … `{says}`, got {found:#?}"
    );
}

#[test]
fn a_sound_base_has_no_fault() {
    let nodes = node("a", r#","asked_as":["多少钱"]"#);
    assert_eq!(
        faults(&[("topics.jsonl", TOPIC), ("nodes-pay.jsonl", &nodes)]),
        Vec::<String>::new()
    );
}

#[test]
fn rows_that_cannot_be_read_are_named() {
    let lines = format!("{}\nno json\n", node("a", ""));
    one(&[("nodes.jsonl", &lines)], "nodes.jsonl:2:", "not a valid row");
    one(
        &[("nodes.jsonl", &node("a", r#","effective_from":"2025-13-01""#))],
        "nodes.jsonl:1:",
        "not a valid row",
    );
    one(
        &[("nodes.jsonl", &node("a", r#","effective_form":"2025-01-01""#))],
        "nodes.jsonl:1:",
        "`effective_form`",
    );
    one(&[("notes.jsonl", "{}")], "notes.jsonl:0:", "unknown kind");
}

#[test]
fn ids_and_references_must_fit() {
    let twice = format!("{}\n{}", node("a", ""), node("a", ""));
    one(
        &[("nodes.jsonl", &twice)],
        "nodes.jsonl:2:",
        "used before, at nodes.jsonl:1",
    );
    one(&[("nodes.jsonl", &node("甲", ""))], "nodes.jsonl:1:", "is no id");
    let other = node("a", "").replace("\"pay\"", "\"tax\"");
    one(&[("nodes.jsonl", &other)], "nodes.jsonl:1:", "unknown topic `tax`");
    one(
        &[("nodes.jsonl", &node("a", r#","intents":["price"]"#))],
        "nodes.jsonl:1:",
        "unknown intent `price`",
    );
    one(
        &[("nodes.jsonl", &node("a", "").replace("370500", "东营"))],
        "nodes.jsonl:1:",
        "no region code",
    );
    let a = node("a", "");
    one(
        &[
            ("nodes.jsonl", &a),
            ("edges.jsonl", r#"{"from":"a","rel":"CITES","to":"b"}"#),
        ],
        "edges.jsonl:1:",
        "unknown node `b`",
    );
    let two = format!("{}\n{}", node("a", ""), node("b", ""));
    let edge = r#"{"from":"a","rel":"REPEALS","to":"b"}"#;
    one(
        &[("nodes.jsonl", &two), ("edges.jsonl", edge)],
        "edges.jsonl:1:",
        "has no effective_to",
    );
}

#[test]
fn dates_must_make_sense() {
    let reversed = node("a", r#","effective_from":"2025-02-01","effective_to":"2025-01-31""#);
    one(
        &[("nodes.jsonl", &reversed)],
        "nodes.jsonl:1:",
        "is before effective_from",
    );
    let row = |from: &str, to: &str| {
        figure(
            "f",
            &format!(r#","region":"370500","effective_from":"{from}","effective_to":"{to}""#),
        )
    };
    let overlap = format!(
        "{}\n{}",
        row("2024-01-01", "2024-12-31"),
        row("2024-12-31", "2025-12-31")
    );
    one(
        &[("figures.jsonl", &overlap)],
        "figures.jsonl:2:",
        "overlaps the row at figures.jsonl:1",
    );
    let follows = format!(
        "{}\n{}",
        row("2024-01-01", "2024-12-31"),
        row("2025-01-01", "2025-12-31")
    );
    assert_eq!(
        faults(&[("topics.jsonl", TOPIC), ("figures.jsonl", &follows)]),
        Vec::<String>::new()
    );
    let open = format!(
        "{}\n{}",
        figure("f", r#","region":"370500""#),
        row("2025-01-01", "2025-12-31")
    );
    one(&[("figures.jsonl", &open)], "figures.jsonl:2:", "overlaps");
    let elsewhere = open.replacen("370500", "370000", 1);
    assert_eq!(
        faults(&[("topics.jsonl", TOPIC), ("figures.jsonl", &elsewhere)]),
        Vec::<String>::new()
    );
}

#[test]
fn figures_in_sentences_are_rows() {
    let with = |body: &str| node("a", "").replace("\"文\"", &format!("\"{body}\""));
    one(
        &[("nodes.jsonl", &with("每月{f}"))],
        "nodes.jsonl:1:",
        "unknown figure `f`",
    );
    one(&[("nodes.jsonl", &with("每月{f"))], "nodes.jsonl:1:", "unpaired brace");
    one(
        &[("nodes.jsonl", &with("每月2400元"))],
        "nodes.jsonl:1:",
        "`2400元` is written into the text",
    );
    one(
        &[("nodes.jsonl", &with("按20%缴"))],
        "nodes.jsonl:1:",
        "add a dated row",
    );
    let far = figure("f", r#","region":"110000""#);
    one(
        &[("nodes.jsonl", &with("每月{f}")), ("figures.jsonl", &far)],
        "nodes.jsonl:1:",
        "no row for region 370500",
    );
    let calc = node(
        "a",
        r#","calc":{"rule":"product","figures":["g"],"result":"数","unit":"元"}"#,
    );
    one(&[("nodes.jsonl", &calc)], "nodes.jsonl:1:", "unknown figure `g`");
    let value = figure("f", r#","region":"370500""#).replace("\"1\"", "\"2,400\"");
    one(&[("figures.jsonl", &value)], "figures.jsonl:1:", "no decimal number");
}

#[test]
fn every_fault_is_told_at_once_in_order() {
    let nodes = format!("{}\nno json\n{}", node("a", r#","intents":["x","y"]"#), node("a", ""));
    let found = faults(&[
        ("nodes.jsonl", &nodes),
        ("edges.jsonl", r#"{"from":"a","rel":"CITES","to":"a"}"#),
    ]);
    let places: Vec<&str> = found.iter().map(|fault| &fault[..fault.find(": ").unwrap()]).collect();
    assert_eq!(
        places,
        [
            "edges.jsonl:1",
            "nodes.jsonl:1",
            "nodes.jsonl:1",
            "nodes.jsonl:1",
            "nodes.jsonl:2",
            "nodes.jsonl:3",
            "nodes.jsonl:3",
            "topics.jsonl:0"
        ],
        "{found:#?}"
    );
}

#[test]
fn a_folder_that_is_not_there_is_said() {
    let errors = Knowledge::load(std::path::Path::new("no/such/folder")).unwrap_err();
    assert!(errors.to_string().contains("no/such/folder"), "{errors}");
}
