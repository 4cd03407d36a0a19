//! Questions that are answered by working something out, each worked by hand: `data/calculations.tsv`, and figures as of a day in
//! a place: `data/figures.tsv`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::Path;
use std::sync::OnceLock;

use jiff::civil::Date;
use sidetone_knowledge::Knowledge;
use sidetone_knowledge::calc::{CalcError, Facts, SlotKind, Value, plain_decimal};

const DONGYING: &str = "370500";
const TODAY: &str = "2026-03-02";

fn base() -> &'static Knowledge {
    static BASE: OnceLock<Knowledge> = OnceLock::new();
    BASE.get_or_init(|| {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../knowledge/12333");
        Knowledge::load(&dir).unwrap_or_else(|faults| panic!("{faults}"))
    })
}

fn rows(table: &'static str) -> Vec<Vec<&'static str>> {
    table.lines().skip(1).map(|line| line.split('\t').collect()).collect()
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

/// `service=56 born=1970-08 worker=man`.
fn facts(text: &str) -> Facts {
    let mut facts = Facts::new();
    for (slot, told) in text.split_whitespace().map(|pair| pair.split_once('=').unwrap()) {
        let value = match base().slot(slot).unwrap().kind {
            SlotKind::Birth => Value::Date(day(&format!("{told}-01"))),
            SlotKind::Date => Value::Date(day(told)),
            SlotKind::Choice => Value::Choice(told.to_owned()),
            _ => Value::Number(plain_decimal(told).unwrap()),
        };
        facts.insert(slot.to_owned(), value);
    }
    facts
}

fn worked_out(calculator: &str, on: &str, told: &str) -> String {
    let calculator = base().calculators().iter().find(|known| known.id == calculator);
    let calculator = calculator.expect("a calculator of that id");
    match base().view(day(on), DONGYING).calc(calculator, &facts(told)) {
        Ok(Some(outcome)) => format!("{}{}", outcome.result, outcome.unit),
        Ok(None) => "none".to_owned(),
        Err(error) => error.to_string(),
    }
}

#[test]
fn every_question_has_its_exact_answer() {
    let table = rows(include_str!("data/calculations.tsv"));
    assert!(table.len() >= 40);
    for row in table {
        let [question, calculator, on, told, wanted] = row[..] else {
            panic!("{row:?}")
        };
        assert_eq!(worked_out(calculator, on, told), wanted, "{question}");
    }
}

#[test]
fn every_calculator_is_asked_by_some_question() {
    let table = rows(include_str!("data/calculations.tsv"));
    for calculator in base().calculators() {
        assert!(
            table.iter().any(|row| row[1] == calculator.id),
            "{} has no question",
            calculator.id
        );
    }
}

/// Rows of the tables published with the decision.
#[test]
fn the_published_tables_of_retirement_are_met() {
    for row in rows(include_str!("data/retirement.tsv")) {
        let [worker, born, wanted, least] = row[..] else {
            panic!("{row:?}")
        };
        let told = format!("born={born} worker={worker}");
        assert_eq!(worked_out("retirement.age", TODAY, &told), wanted, "{worker} {born}");
        let calculator = base()
            .calculators()
            .iter()
            .find(|known| known.id == "retirement.age")
            .unwrap();
        let outcome = base()
            .view(day(TODAY), DONGYING)
            .calc(calculator, &facts(&told))
            .unwrap()
            .unwrap();
        assert!(outcome.formula.ends_with(least), "{worker} {born}: {}", outcome.formula);
    }
}

#[test]
fn what_is_missing_is_asked_for_and_what_went_in_has_its_origin() {
    let calculator = base()
        .calculators()
        .iter()
        .find(|known| known.id == "contract.severance.sum")
        .unwrap();
    let view = base().view(day(TODAY), DONGYING);
    let needs = view.calc(calculator, &facts("service=56")).unwrap_err();
    assert_eq!(needs, CalcError::Needs(vec!["wage".to_owned()]));
    let missing = view.missing(calculator, &facts("service=56"));
    assert_eq!(
        missing.iter().map(|slot| slot.question.as_str()).collect::<Vec<_>>(),
        ["前十二个月平均工资是多少？"]
    );
    let outcome = view
        .calc(calculator, &facts("service=240 wage=30000"))
        .unwrap()
        .unwrap();
    let inputs: Vec<String> = outcome
        .inputs
        .iter()
        .map(|input| format!("{} {} {}", input.name, input.value, input.origin))
        .collect();
    assert_eq!(
        inputs,
        [
            "工作年限 20年 caller",
            "前十二个月平均工资 30000元/月 caller",
            "上年度职工月平均工资 7621元/月 local_average_wage"
        ]
    );
    assert_eq!(outcome.formula, "30000超过社平工资三倍，按22863 × 12个月 = 274356.00");
    // A figure without a row on the day is no figure: it is said that the cap was not looked at.
    let earlier = base().view(day("2024-03-02"), DONGYING);
    let outcome = earlier
        .calc(calculator, &facts("service=240 wage=30000"))
        .unwrap()
        .unwrap();
    assert!(outcome.formula.contains("未核对"), "{}", outcome.formula);
    let mut told = facts("service=56");
    told.insert("wage".to_owned(), Value::Choice("man".to_owned()));
    assert_eq!(
        view.calc(calculator, &told).unwrap_err(),
        CalcError::OutOfRange("wage".to_owned())
    );
}

#[test]
fn a_figure_is_that_of_the_day_and_the_place() {
    let table = rows(include_str!("data/figures.tsv"));
    assert!(table.len() >= 30);
    for row in table {
        let [question, figure, on, region, wanted] = row[..] else {
            panic!("{row:?}")
        };
        let found = base().view(day(on), region).figure(figure).map(|row| row.reading());
        assert_eq!(found.as_deref().unwrap_or("none"), wanted, "{question}");
    }
}
