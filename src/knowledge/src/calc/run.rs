//! A calculation for one caller, as of a date and a region.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;

use super::calculator::Calculator;
use super::eval::{CalcError, Names, eval, holds};
use super::expr::Search;
use super::scope::TODAY;
use super::show;
use super::slot::SlotDef;
use super::table::Entry;
use super::value::{Value, plain_decimal};
use crate::model::Figure;
use crate::template::{self, Piece};
use crate::view::KnowledgeView;

/// What the caller has told, by slot.
pub type Facts = BTreeMap<String, Value>;

/// One input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// What it is.
    pub name: String,
    /// As text, with its unit.
    pub value: String,
    /// Id of the figure, or `caller`.
    pub origin: String,
}

/// A result and how it came about.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome<'a> {
    /// What the result is called.
    pub name: String,
    /// In words and figures: `4416 × 20% = 883.20`.
    pub formula: String,
    /// What went in.
    pub inputs: Vec<Input>,
    /// The result.
    pub result: String,
    /// Its unit; may be empty where the result says it.
    pub unit: String,
    /// The dated rows that went in.
    pub figures: Vec<&'a Figure>,
}

/// Origin of what the caller told.
const CALLER: &str = "caller";

impl<'a> KnowledgeView<'a> {
    /// Works a calculation out; `None` where it does not apply on the day, in the region, or to this caller.
    pub fn calc(&self, calculator: &'a Calculator, facts: &Facts) -> Result<Option<Outcome<'a>>, CalcError> {
        if !self.holds_here(&calculator.region, calculator.effective) {
            return Ok(None);
        }
        let missing = self.missing(calculator, facts);
        if !missing.is_empty() {
            return Err(CalcError::Needs(missing.iter().map(|slot| slot.id.clone()).collect()));
        }
        let mut run = Run::new(self, calculator, facts)?;
        if let Some(cond) = &calculator.applies
            && !holds(cond, &mut run)?
        {
            return Ok(None);
        }
        let mut formula = "";
        for (when, text) in &calculator.shown {
            let taken = match when {
                Some(cond) => holds(cond, &mut run)?,
                None => true,
            };
            if taken {
                formula = text;
                break;
            }
        }
        let formula = run.filled(formula)?;
        let result = run.filled(&calculator.result)?;
        Ok(Some(run.outcome(formula, result)))
    }

    /// A figure as formulas take it: 20 % is `0.20`.
    pub(crate) fn number_of(&self, id: &str) -> Result<Decimal, CalcError> {
        let row = self.figure(id).ok_or_else(|| CalcError::NoFigure(id.to_owned()))?;
        let number = plain_decimal(&row.value).ok_or(CalcError::Overflow)?;
        Ok(if row.unit == "%" {
            number / Decimal::ONE_HUNDRED
        } else {
            number
        })
    }

    /// Slots that the caller has yet to tell before there is a result.
    pub fn missing(&self, calculator: &Calculator, facts: &Facts) -> Vec<&'a SlotDef> {
        let unknown = calculator.required().filter(|slot| !facts.contains_key(*slot));
        unknown.filter_map(|slot| self.knowledge().slot(slot)).collect()
    }
}

struct Run<'v, 'a> {
    view: &'v KnowledgeView<'a>,
    calculator: &'a Calculator,
    facts: BTreeMap<&'a str, &'v Value>,
    /// Steps and defaults that were worked out.
    done: BTreeMap<String, Value>,
    /// Names that were read.
    read: BTreeSet<String>,
    /// Rows of figures that were read.
    rows: Vec<&'a Figure>,
}

impl<'v, 'a> Run<'v, 'a> {
    fn new(view: &'v KnowledgeView<'a>, calculator: &'a Calculator, told: &'v Facts) -> Result<Self, CalcError> {
        let mut facts = BTreeMap::new();
        for slot in &calculator.slots {
            let Some(value) = told.get(slot) else { continue };
            if !view.knowledge().slot(slot).is_some_and(|slot| slot.takes(value)) {
                return Err(CalcError::OutOfRange(slot.clone()));
            }
            facts.insert(slot.as_str(), value);
        }
        Ok(Self {
            view,
            calculator,
            facts,
            done: BTreeMap::new(),
            read: BTreeSet::new(),
            rows: Vec::new(),
        })
    }

    fn figure(&self, name: &str) -> Option<&'a Figure> {
        self.view.figure(self.calculator.figures.get(name)?)
    }

    /// A figure's row in force; it goes into the result.
    fn number_of(&mut self, id: &str) -> Result<Decimal, CalcError> {
        let number = self.view.number_of(id)?;
        if let Some(row) = self
            .view
            .figure(id)
            .filter(|row| !self.rows.iter().any(|known| known.id == row.id))
        {
            self.rows.push(row);
        }
        Ok(number)
    }

    /// A text with its names filled in.
    fn filled(&mut self, text: &str) -> Result<String, CalcError> {
        let mut out = String::new();
        let pieces = template::pieces(text).ok_or_else(|| CalcError::Unchecked(text.to_owned()))?;
        for piece in pieces {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Figure(name) => {
                    let value = self.value(name)?;
                    out.push_str(&self.written(name, &value));
                }
            }
        }
        Ok(out)
    }

    fn written(&self, name: &str, value: &Value) -> String {
        if let Some((_, format)) = self.calculator.steps.get(name) {
            return show::value(value, *format);
        }
        match (self.view.knowledge().slot(name), self.figure(name)) {
            (Some(slot), _) if self.calculator.slots.iter().any(|id| id == name) => show::slot(slot, value),
            (_, Some(row)) if row.unit == "%" => format!("{}%", row.value),
            (_, Some(row)) => row.value.clone(),
            _ => show::plain(value),
        }
    }

    fn outcome(self, formula: String, result: String) -> Outcome<'a> {
        let mut inputs = Vec::new();
        for id in &self.calculator.slots {
            if let (Some(slot), Some(value)) = (self.view.knowledge().slot(id), self.facts.get(id.as_str()))
                && self.read.contains(id)
            {
                inputs.push(Input {
                    name: slot.name.clone(),
                    value: format!("{}{}", show::slot(slot, value), slot.unit),
                    origin: CALLER.to_owned(),
                });
            }
        }
        inputs.extend(self.rows.iter().map(|row| Input {
            name: row.name.clone(),
            value: row.reading(),
            origin: row.id.clone(),
        }));
        Outcome {
            name: self.calculator.name.clone(),
            formula,
            inputs,
            result,
            unit: self.calculator.unit.clone(),
            figures: self.rows,
        }
    }
}

impl Names for Run<'_, '_> {
    fn value(&mut self, name: &str) -> Result<Value, CalcError> {
        if name == TODAY {
            return Ok(Value::Date(self.view.date()));
        }
        if !self.read.contains(name) {
            self.read.insert(name.to_owned());
        }
        if let Some(value) = self.facts.get(name) {
            return Ok((*value).clone());
        }
        if let Some(value) = self.done.get(name) {
            return Ok(value.clone());
        }
        if let Some(id) = self.calculator.figures.get(name) {
            return self.number_of(id).map(Value::Number);
        }
        let calculator = self.calculator;
        let step = calculator.steps.get(name).map(|(expr, _)| expr);
        let formula = step.or_else(|| calculator.defaults.get(name));
        let formula = formula.ok_or_else(|| CalcError::Needs(vec![name.to_owned()]))?;
        let value = eval(formula, self)?;
        self.done.insert(name.to_owned(), value.clone());
        Ok(value)
    }

    fn known(&self, name: &str) -> bool {
        self.facts.contains_key(name) || self.figure(name).is_some()
    }

    fn row(&mut self, table: &str, search: Search, key: &Value) -> Result<Decimal, CalcError> {
        let entry = self
            .calculator
            .tables
            .get(table)
            .and_then(|table| table.find(search, key));
        match entry.ok_or_else(|| CalcError::NoRow(table.to_owned()))? {
            Entry::Number(number) => Ok(*number),
            Entry::Figure(id) => self.number_of(id),
        }
    }
}
