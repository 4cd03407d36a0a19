//! The sample base under `knowledge/`: it loads, holds what it promises, and answers as of a date.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::OnceLock;

use jiff::civil::Date;
use sidetone_knowledge::{Confidence, Direction, Knowledge, Layer, Relation, Status, TermTarget};

fn base() -> &'static Knowledge {
    static BASE: OnceLock<Knowledge> = OnceLock::new();
    BASE.get_or_init(|| {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../knowledge/12333");
        Knowledge::load(&dir).unwrap_or_else(|faults| panic!("{faults}"))
    })
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

const DONGYING: &str = "370500";
const TODAY: &str = "2026-03-02";

#[test]
fn the_base_holds_what_it_promises() {
    let stats = base().stats();
    assert!(stats.topics >= 14, "{stats:?}");
    assert!(
        stats.nodes >= 120 && stats.figure_rows >= 40 && stats.edges >= 120,
        "{stats:?}"
    );
    let view = base().view(day(TODAY), DONGYING);
    for topic in base().topics() {
        for layer in [Layer::Policy, Layer::Business, Layer::Case, Layer::Service] {
            assert!(
                !view.nodes_of(&topic.id, None, Some(layer)).is_empty(),
                "{} has no {layer:?}",
                topic.id
            );
        }
        for intent in ["eligibility", "amount", "procedure"] {
            assert!(
                !view.nodes_of(&topic.id, Some(intent), None).is_empty(),
                "{} has no {intent}",
                topic.id
            );
        }
        assert!(topic.terms.len() >= 8, "{} has few terms", topic.id);
    }
}

#[test]
fn every_body_can_be_read_out_in_one_breath() {
    let view = base().view(day(TODAY), DONGYING);
    for node in base().nodes().iter().filter(|node| view.applies(node)) {
        let rendered = view
            .render(node)
            .unwrap_or_else(|missing| panic!("{}: {missing}", node.id));
        assert!(rendered.text.chars().count() <= 90, "{}: {}", node.id, rendered.text);
        assert!(!rendered.text.contains(['{', '}']), "{}", node.id);
        for text in node.todos.iter().chain(&node.risks) {
            view.render_text(text).unwrap();
        }
        if node.layer != Layer::Policy {
            assert!(node.asked_as.len() >= 3, "{} has few spoken variants", node.id);
        }
        if node.layer == Layer::Service {
            assert!(!node.channels.is_empty(), "{} has no channel", node.id);
        }
    }
}

#[test]
fn a_figure_is_that_of_the_day() {
    let table = [
        ("minimum_wage", "2021-09-30", Some("1910")),
        ("minimum_wage", "2021-10-01", Some("2100")),
        ("minimum_wage", "2023-09-30", Some("2100")),
        ("minimum_wage", "2023-10-01", Some("2200")),
        ("minimum_wage", "2025-09-30", Some("2200")),
        ("minimum_wage", "2025-10-01", Some("2400")),
        ("minimum_wage", "2014-02-28", None),
        ("unemployment_benefit", "2025-09-30", Some("1980")),
        ("unemployment_benefit", "2025-10-01", Some("2160")),
        ("contribution_base_min", "2023-12-31", Some("4242")),
        ("contribution_base_min", "2024-06-01", Some("4416")),
        ("contribution_base_min", TODAY, Some("4573")),
        ("workdays_per_month", "2024-12-31", Some("20.83")),
        ("workdays_per_month", "2025-01-01", Some("20.67")),
        ("pension_minimum_years", TODAY, Some("15")),
        ("pension_minimum_years", "2030-01-01", Some("15.5")),
        ("pension_minimum_years", "2045-01-01", Some("20")),
        ("no_such_figure", TODAY, None),
    ];
    for (id, date, wanted) in table {
        let figure = base().view(day(date), DONGYING).figure(id);
        assert_eq!(figure.map(|row| row.value.as_str()), wanted, "{id} on {date}");
    }
}

#[test]
fn a_city_falls_back_to_its_province_and_the_province_to_the_country() {
    let value = |region, id| base().view(day(TODAY), region).figure(id).map(|row| row.value.clone());
    assert_eq!(value("370502", "minimum_wage").as_deref(), Some("2400"));
    assert_eq!(value(DONGYING, "contribution_base_max").as_deref(), Some("22863"));
    assert_eq!(value("370100", "minimum_wage_class3").as_deref(), Some("2020"));
    assert_eq!(value(DONGYING, "flexible_pension_rate").as_deref(), Some("20"));
    // Dongying's own standard is no one else's.
    assert_eq!(value("370600", "unemployment_benefit"), None);
    assert_eq!(value("110000", "contribution_base_max"), None);
}

#[test]
fn history_is_told_oldest_first() {
    let rows = base().view(day(TODAY), DONGYING).figure_history("minimum_wage");
    let values: Vec<&str> = rows.iter().map(|row| row.value.as_str()).collect();
    assert_eq!(values, ["1500", "1600", "1710", "1810", "1910", "2100", "2200", "2400"]);
}

#[test]
fn a_sentence_carries_the_figure_of_the_day() {
    let node = base().node("minwage.amount").unwrap();
    let view = base().view(day("2025-08-15"), DONGYING);
    let rendered = view.render(node).unwrap();
    assert!(rendered.text.contains("2200元/月"), "{}", rendered.text);
    let highlight: String = rendered
        .text
        .chars()
        .skip(rendered.highlights[0].start)
        .take(rendered.highlights[0].len())
        .collect();
    assert_eq!(highlight, "2200元/月");
    assert_eq!(rendered.figures[0].provenance.doc_no, "鲁政字〔2023〕172号");
    let before = base().view(day("2013-01-01"), DONGYING).render(node).unwrap_err();
    assert_eq!(before.figure, "minimum_wage");
}

#[test]
fn a_repealed_rule_is_kept_but_not_offered() {
    let old = base().node("policy.uir.16").unwrap();
    let new = base().node("policy.sil.50").unwrap();
    let view = base().view(day(TODAY), DONGYING);
    assert_eq!(view.source_of(old).status, Status::Repealed);
    assert_eq!(view.source_of(new).status, Status::InForce);
    assert!(
        !view
            .nodes_of("unemployment_benefit", Some("deadline"), None)
            .contains(&old)
    );
    assert!(view.neighbours(new, Relation::Supersedes, Direction::Out).is_empty());
    assert_eq!(view.neighbours_any(new, Relation::Supersedes, Direction::Out), [old]);
    let then = base().view(day("2005-06-01"), DONGYING);
    assert_eq!(then.source_of(new).status, Status::NotYet);
    assert!(
        then.nodes_of("unemployment_benefit", Some("deadline"), None)
            .contains(&old)
    );
}

#[test]
fn a_sample_says_that_it_is_one() {
    let view = base().view(day(TODAY), DONGYING);
    let mut samples = 0;
    for node in base()
        .nodes()
        .iter()
        .filter(|node| node.provenance.confidence == Confidence::D)
    {
        assert_eq!(view.source_of(node).status, Status::Sample, "{}", node.id);
        assert!(node.provenance.doc_title.contains("样例"), "{}", node.id);
        samples += 1;
    }
    for row in base()
        .figure_rows()
        .iter()
        .filter(|row| row.provenance.confidence == Confidence::D)
    {
        assert_eq!(view.source_of_figure(row).status, Status::Sample);
        assert!(row.provenance.doc_title.contains("样例"), "{}", row.id);
    }
    assert!(samples > 10);
}

#[test]
fn an_answer_leads_to_its_statute_and_its_counter() {
    let view = base().view(day(TODAY), DONGYING);
    let node = base().node("unemployment.eligibility").unwrap();
    let cited = view.neighbours(node, Relation::Cites, Direction::Out);
    assert_eq!(cited[0].provenance.article.as_deref(), Some("第四十五条"));
    let counters = view.neighbours(node, Relation::HandledVia, Direction::Out);
    assert!(
        counters[0]
            .channels
            .iter()
            .any(|channel| channel.name.contains("12333"))
    );
    // Answers of each topic rest on something.
    for node in view.nodes_of("contract_termination", None, Some(Layer::Business)) {
        assert!(
            !view.neighbours(node, Relation::Cites, Direction::Out).is_empty(),
            "{}",
            node.id
        );
    }
}

#[test]
fn terms_are_spotted_where_they_stand() {
    let text = "那我社保卡丢了，还想问失业保险金";
    let found: BTreeSet<(String, usize, usize)> = base()
        .spot(text)
        .into_iter()
        .filter_map(|hit| match hit.target {
            TermTarget::Topic(topic) => Some((topic.id.clone(), hit.range.start, hit.range.end)),
            TermTarget::Node(_) => None,
        })
        .collect();
    assert!(found.contains(&("social_card".to_owned(), 2, 7)), "{found:?}");
    assert!(
        found.contains(&("unemployment_benefit".to_owned(), 11, 16)),
        "{found:?}"
    );
    assert!(base().spot("今天天气真好").is_empty());
}

#[test]
fn the_vocabulary_is_made_of_terms() {
    let terms: Vec<&str> = base().vocabulary().collect();
    let unique: BTreeSet<&&str> = terms.iter().collect();
    assert_eq!(unique.len(), terms.len());
    for term in ["社保卡", "失业保险金", "经济补偿", "个人养老金"] {
        assert!(terms.contains(&term), "{term}");
    }
    assert!(terms.len() > 150);
    let of_layer = |layer: Layer| base().nodes().iter().filter(move |node| node.layer == layer);
    let said: BTreeSet<&str> = of_layer(Layer::Business).map(|node| node.title.as_str()).collect();
    let named: BTreeSet<&str> = base()
        .topics()
        .iter()
        .flat_map(|topic| topic.terms.iter().chain([&topic.name]))
        .chain(base().figure_rows().iter().map(|figure| &figure.name))
        .map(String::as_str)
        .collect();
    for node in of_layer(Layer::Policy)
        .chain(of_layer(Layer::Case))
        .chain(of_layer(Layer::Service))
    {
        let title = node.title.as_str();
        assert!(
            said.contains(title) || named.contains(title) || !terms.contains(&title),
            "{title}"
        );
    }
}
