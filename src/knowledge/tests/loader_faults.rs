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

const SLOTS: &str = r#"[[slot]]
id = "wage"
kind = "money"
name = "工资"
question = "工资多少？"
[[slot]]
id = "worker"
kind = "choice"
name = "类别"
question = "男女？"
[[slot.choice]]
id = "man"
name = "男"
words = ["男的"]
"#;

/// A calculator with these lines in place of the plain ones.
fn calculator(lines: &str) -> String {
    let mut out = "[[calculator]]\nid = \"c\"\nname = \"数\"\nnodes = [\"a\"]\n".to_owned();
    let plain = [
        ("slots", "slots = [\"wage\", \"worker\"]"),
        ("steps", "steps = [{ id = \"s\", formula = \"wage * 2\" }]"),
        ("shown", "shown = \"{s}\""),
        ("result", "result = \"{s}\""),
    ];
    for (key, line) in plain {
        if !lines.lines().any(|given| given.starts_with(key)) {
            out.push_str(line);
            out.push('\n');
        }
    }
    format!("{out}region = \"000000\"\ndoc_title = \"法\"\nconfidence = \"A\"\n{lines}")
}

#[test]
fn calculators_are_checked_before_anything_is_worked_out() {
    let node = node("a", "");
    for (lines, cure) in [
        ("nodes2 = []", "unknown field `nodes2`"),
        ("slots = [\"wages\"]", "unknown slot `wages`"),
        ("instead = \"d\"", "unknown calculator `d`"),
        ("figures = { f = \"nothing\" }", "unknown figure `nothing`"),
        ("steps = [{ id = \"s\", formula = \"wage *\" }]", "is not expected"),
        (
            "steps = [{ id = \"s\", formula = \"wage * wages\" }]",
            "`wages` is not known here",
        ),
        ("steps = [{ id = \"s\", formula = \"sum(wage)\" }]", "no function `sum`"),
        (
            "steps = [{ id = \"s\", formula = \"round(wage)\" }]",
            "wrong number of arguments",
        ),
        (
            "steps = [{ id = \"s\", formula = \"wage * worker\" }]",
            "Choice where Number is wanted",
        ),
        (
            "steps = [{ id = \"s\", formula = \"if(worker == 'child', 1, 2)\" }]",
            "no choice `child`",
        ),
        ("steps = [{ id = \"s\", formula = \"wage / 0\" }]", "divides by zero"),
        (
            "steps = [{ id = \"s\", formula = \"t * 2\" }, { id = \"t\", formula = \"s + 1\" }]",
            "rests on itself",
        ),
        ("steps = [{ id = \"s\", formula = \"s + 1\" }]", "rests on itself"),
        (
            "steps = [{ id = \"wage\", formula = \"1\" }]\nshown = \"\"\nresult = \"{wage}\"",
            "was used before",
        ),
        ("steps = [{ id = \"s\", formula = \"1.5.2\" }]", "is not expected"),
        ("applies = \"wage\"", "is not expected"),
        ("applies = \"known(other)\"", "`other` is not known here"),
        ("result = \"{t}\"", "`t` is not known here"),
        ("result = \"{s\"", "unpaired brace"),
        ("defaults = { wage = \"worker\" }", "`worker` is not known here"),
        (
            "table = [{ id = \"t\", rows = [[2, 1], [1, 1]] }]",
            "keys are mixed, repeat or do not rise",
        ),
        ("table = [{ id = \"t\", rows = [[1, 1.5]] }]", "not a valid row"),
    ] {
        let text = calculator(lines);
        let sources = [
            ("topics.jsonl", TOPIC),
            ("nodes.jsonl", node.as_str()),
            ("calc/slots.toml", SLOTS),
            ("calc/c.toml", &text),
        ];
        let found = faults(&sources);
        assert!(
            !found.is_empty() && found.iter().all(|fault| fault.starts_with("calc/c.toml:")),
            "{lines}: {found:?}"
        );
        assert!(
            found.iter().any(|fault| fault.to_string().contains(cure)),
            "{lines}: {found:?}"
        );
    }
    let fine = calculator("");
    assert!(
        faults(&[
            ("topics.jsonl", TOPIC),
            ("nodes.jsonl", &node),
            ("calc/slots.toml", SLOTS),
            ("calc/c.toml", &fine)
        ])
        .is_empty()
    );
}

#[test]
fn a_formula_that_is_too_large_is_refused() {
    let node = node("a", "");
    let deep = format!("{}wage{}", "(".repeat(200), ")".repeat(200));
    let wide = vec!["wage"; 200].join(" + ");
    let long = format!("wage{}", " ".repeat(1000));
    for formula in [deep, wide, long] {
        let text = calculator(&format!("steps = [{{ id = \"s\", formula = \"{formula}\" }}]"));
        one(
            &[
                ("nodes.jsonl", &node),
                ("calc/slots.toml", SLOTS),
                ("calc/c.toml", &text),
            ],
            "calc/c.toml:",
            "too large",
        );
    }
    // Steps that rest on each other in a long chain.
    let chain: Vec<String> = (1..20)
        .map(|n| format!("{{ id = \"s{n}\", formula = \"s{} + 1\" }}", n - 1))
        .collect();
    let steps = format!(
        "steps = [{{ id = \"s0\", formula = \"1\" }}, {}]\nshown = \"\"\nresult = \"{{s19}}\"",
        chain.join(", ")
    );
    let text = calculator(&steps);
    let found = faults(&[
        ("topics.jsonl", TOPIC),
        ("nodes.jsonl", &node),
        ("calc/slots.toml", SLOTS),
        ("calc/c.toml", &text),
    ]);
    assert!(
        found.iter().any(|fault| fault.to_string().contains("too large")),
        "{found:?}"
    );
}

#[test]
fn scripts_and_risks_are_checked_too() {
    let node = node("a", "");
    let slots = ("calc/slots.toml", SLOTS);
    let script = r#"{"id":"s","on":{"topics":["nothing"]},"title":"说","say":["好"]}"#;
    one(
        &[("nodes.jsonl", &node), ("scripts.jsonl", script)],
        "scripts.jsonl:1:",
        "unknown topic `nothing`",
    );
    let script = r#"{"id":"s","on":{"nodes":["b"]},"title":"说","say":["好"]}"#;
    one(
        &[("nodes.jsonl", &node), ("scripts.jsonl", script)],
        "scripts.jsonl:1:",
        "unknown node `b`",
    );
    let risk = |rest: &str| format!(r#"{{"id":"r","title":"注意","body":"说","region":"000000"{rest}}}"#);
    for (rest, cure) in [
        (r#","when":"wages > 1""#, "`wages` is not known here"),
        (r#","when":"wage > worker""#, "Choice where Number is wanted"),
        (r#","told_twice":"wages""#, "unknown slot `wages`"),
        (r#","on":{"words":[],"mood":[]}"#, "unknown field `mood`"),
    ] {
        one(
            &[("nodes.jsonl", &node), slots, ("risks.jsonl", &risk(rest))],
            "risks.jsonl:1:",
            cure,
        );
    }
    one(
        &[("nodes.jsonl", &node), ("cues.toml", "compares = []")],
        "cues.toml:",
        "unknown field `compares`",
    );
}
