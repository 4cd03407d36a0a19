//! Formulas: what they come to, and that no text of one does harm.

use std::collections::BTreeMap;

use proptest::prelude::*;
use rust_decimal::Decimal;

use super::eval::{CalcError, Names, eval, holds};
use super::expr::{FormulaError, MAX_SIZE, Search};
use super::parser::{condition, expression};
use super::value::{Value, plain_decimal};

struct Given(BTreeMap<&'static str, Value>);

impl Names for Given {
    fn value(&mut self, name: &str) -> Result<Value, CalcError> {
        self.0
            .get(name)
            .cloned()
            .ok_or_else(|| CalcError::Needs(vec![name.to_owned()]))
    }

    fn known(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    fn row(&mut self, table: &str, _: Search, _: &Value) -> Result<Decimal, CalcError> {
        Err(CalcError::NoRow(table.to_owned()))
    }
}

fn given() -> Given {
    let number = |text: &str| Value::Number(plain_decimal(text).unwrap());
    let date = |text: &str| Value::Date(text.parse().unwrap());
    Given(BTreeMap::from([
        ("a", number("7")),
        ("b", number("0.1")),
        ("zero", number("0")),
        ("huge", number("999999999999999")),
        ("born", date("1976-08-01")),
        ("day", date("2026-01-31")),
        ("kind", Value::Choice("man".to_owned())),
    ]))
}

fn result(text: &str) -> String {
    let expr = expression(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    match eval(&expr, &mut given()) {
        Ok(Value::Number(number)) => number.normalize().to_string(),
        Ok(Value::Date(date)) => date.to_string(),
        Ok(Value::Choice(id)) => id,
        Err(error) => error.to_string(),
    }
}

#[test]
fn formulas_are_exact() {
    for (text, wanted) in [
        ("1 + 2 × 3 − 4 ÷ 2", "5"),
        ("(1 + 2) * 3", "9"),
        ("-a + -(-1)", "-6"),
        ("b + 0.2", "0.3"),
        ("b * 3 - 0.3", "0"),
        ("10 - 4 - 3", "3"),
        ("100 / 10 / 5", "2"),
        ("min(3, a, 5)", "3"),
        ("max(3, a, 5)", "7"),
        ("floor(7.9) + ceil(7.1)", "15"),
        ("floor(-0.5)", "-1"),
        ("round(1.005, 2)", "1.01"),
        ("round(-1.005, 2)", "-1.01"),
        ("round(2.5, 0)", "3"),
        ("round(1.004, 2)", "1"),
        ("if(a > 5 and not a == 8, 1, 2)", "1"),
        ("if(a < 5 or kind == 'man', 1, 2)", "1"),
        ("if(known(c), 1, 2)", "2"),
        ("add_months(born, 755)", "2039-07-01"),
        ("add_months(day, 1)", "2026-02-28"),
        ("add_months(born, -1)", "1976-07-01"),
        ("months_between(born, date(1965, 1, 1))", "-139"),
        ("months_between(date(2025, 3, 15), date(2026, 3, 14))", "11"),
        ("months_between(date(2025, 3, 15), date(2026, 3, 15))", "12"),
        ("months_between(date(2025, 1, 31), date(2025, 2, 28))", "1"),
        ("year(max(born, day))", "2026"),
    ] {
        assert_eq!(result(text), wanted, "{text}");
    }
}

#[test]
fn what_fails_has_a_name() {
    for (text, wanted) in [
        ("1 / zero", "a division by zero"),
        ("1 / (a - 7)", "a division by zero"),
        ("huge * huge * huge", "a number or date is out of range"),
        ("date(2025, 13, 1)", "a number or date is out of range"),
        ("date(2025, 2, 30)", "a number or date is out of range"),
        ("add_months(born, huge)", "a number or date is out of range"),
        ("add_months(born, 200000)", "a number or date is out of range"),
        ("round(a, 99)", "a number or date is out of range"),
        ("c + 1", "not known yet: [\"c\"]"),
        ("pick(table, a)", "table `table` has no such row"),
    ] {
        assert_eq!(result(text), wanted, "{text}");
    }
    // What is not needed is not looked at.
    assert_eq!(result("if(zero == 0, 0, 1 / zero)"), "0");
    assert!(!holds(&condition("zero != 0 and 1 / zero > 1").unwrap(), &mut given()).unwrap());
}

#[test]
fn what_is_no_formula_is_refused_where_it_stands() {
    for (text, at) in [
        ("", 0),
        ("1 +", 3),
        ("1 2", 2),
        ("(1", 2),
        ("1 = 2", 2),
        ("a ? b", 2),
        ("'man", 0),
        ("金额", 0),
        ("if(1, 2, 3)", 4),
    ] {
        match expression(text) {
            Err(FormulaError::Syntax { at: found, .. }) => assert_eq!(found, at, "{text}"),
            other => panic!("{text}: {other:?}"),
        }
    }
    assert_eq!(expression("f(1)"), Err(FormulaError::NoFunction("f".to_owned())));
    let many = |what: &str, n: usize| vec!["a"; n].join(what);
    assert_eq!(expression(&many("+", MAX_SIZE)), Err(FormulaError::TooLarge));
    assert_eq!(
        expression(&format!("{}a", "-".repeat(300))),
        Err(FormulaError::TooLarge)
    );
    assert_eq!(
        condition(&format!("{}a > 1", "not ".repeat(200))),
        Err(FormulaError::TooLarge)
    );
    assert_eq!(condition(&vec!["a > 1"; 150].join(" or ")), Err(FormulaError::TooLarge));
}

proptest! {
    /// Whatever is written, there is a value or an error; nothing panics and nothing runs away.
    #[test]
    fn no_text_does_harm(text in "[a-z0-9 +*/(),.'<>=_-]{0,120}|.{0,60}") {
        if let Ok(expr) = expression(&text) {
            let _ = eval(&expr, &mut given());
        }
        if let Ok(cond) = condition(&text) {
            let _ = holds(&cond, &mut given());
        }
    }

    #[test]
    fn parts_of_formulas_in_any_order_do_no_harm(parts in prop::collection::vec(
        prop::sample::select(vec!["a", "huge", "zero", "born", "kind", "'man'", "(", ")", ",", "+", "-", "*", "/", "if(", "min(",
            "round(", "date(", "add_months(", "known(", "and", "or", "not", "<", "==", "1", "0.5", "pick("]), 0..60)
    ) {
        let text = parts.join(" ");
        if let Ok(expr) = expression(&text) {
            let _ = eval(&expr, &mut given());
        }
        if let Ok(cond) = condition(&text) {
            let _ = holds(&cond, &mut given());
        }
    }
}
