//! One calculation, as data: slots, figures, named steps, a result.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Deserialize;

use super::expr::{Cond, Expr};
use super::table::{Table, TableRow};
use crate::model::{Confidence, Effective, NodeId, Provenance, RegionCode};

/// Id of a calculator.
pub type CalculatorId = String;

/// `[[calculator]]` as it is written.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CalculatorRow {
    pub(crate) id: CalculatorId,
    pub(crate) name: String,
    pub(crate) nodes: Vec<NodeId>,
    /// The calculator whose place this one takes once it has what it needs.
    pub(crate) instead: Option<CalculatorId>,
    #[serde(default)]
    pub(crate) slots: Vec<String>,
    /// Slots that are used where they are known; `known(slot)` asks.
    #[serde(default)]
    pub(crate) optional: Vec<String>,
    /// A formula over figures for a slot that was not told.
    #[serde(default)]
    pub(crate) defaults: BTreeMap<String, String>,
    /// Name in formulas, then the figure's id.
    #[serde(default)]
    pub(crate) figures: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) table: Vec<TableRow>,
    /// For which callers there is a result at all.
    pub(crate) applies: Option<String>,
    #[serde(default)]
    pub(crate) steps: Vec<StepRow>,
    pub(crate) shown: Shown,
    pub(crate) result: String,
    #[serde(default)]
    pub(crate) unit: String,
    pub(crate) region: RegionCode,
    pub(crate) effective_from: Option<Date>,
    pub(crate) effective_to: Option<Date>,
    #[serde(default)]
    pub(crate) doc_no: String,
    pub(crate) doc_title: String,
    pub(crate) article: Option<String>,
    pub(crate) url: Option<String>,
    pub(crate) confidence: Confidence,
}

/// One named step.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StepRow {
    pub(crate) id: String,
    pub(crate) formula: String,
    pub(crate) format: Option<Format>,
}

/// How the calculation reads; the first line whose condition holds is taken.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum Shown {
    Always(String),
    ByCase(Vec<ShownRow>),
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ShownRow {
    pub(crate) when: Option<String>,
    pub(crate) text: String,
}

/// How a number or a date is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Format {
    /// As it is, without zeros at the end.
    Plain,
    /// Two digits, half up.
    Money,
    /// `20%`.
    Percent,
    /// Months as years and months.
    Duration,
    /// Months as an age.
    Age,
    /// Year and month.
    Month,
    /// Year, month and day.
    Day,
    /// Grade of disability.
    Grade,
}

/// A calculation that was checked.
#[derive(Clone, Debug)]
pub struct Calculator {
    /// Unique.
    pub id: CalculatorId,
    /// What the result is called.
    pub name: String,
    /// Business nodes that it answers.
    pub nodes: Vec<NodeId>,
    /// The calculator whose place this one takes once it has what it needs.
    pub instead: Option<CalculatorId>,
    /// Where it applies.
    pub region: RegionCode,
    /// When it applies.
    pub effective: Effective,
    /// Where it is written.
    pub provenance: Provenance,
    pub(crate) slots: Vec<String>,
    pub(crate) optional: Vec<String>,
    pub(crate) defaults: BTreeMap<String, Expr>,
    pub(crate) figures: BTreeMap<String, String>,
    pub(crate) tables: BTreeMap<String, Table>,
    pub(crate) applies: Option<Cond>,
    pub(crate) steps: BTreeMap<String, (Expr, Format)>,
    pub(crate) shown: Vec<(Option<Cond>, String)>,
    pub(crate) result: String,
    pub(crate) unit: String,
}

impl Calculator {
    /// Every slot that it uses, needed or not.
    pub fn slots(&self) -> impl Iterator<Item = &str> {
        self.slots.iter().map(String::as_str)
    }

    /// The figures that it reads.
    pub fn reads(&self) -> impl Iterator<Item = &str> {
        self.figures.values().map(String::as_str)
    }

    /// The result's unit.
    pub fn unit(&self) -> &str {
        &self.unit
    }

    /// Slots without which there is no result.
    pub(crate) fn required(&self) -> impl Iterator<Item = &str> {
        let slots = self.slots.iter().map(String::as_str);
        slots.filter(|slot| !self.optional.iter().any(|id| id == slot) && !self.defaults.contains_key(*slot))
    }
}

impl StepRow {
    pub(crate) fn written(&self) -> Format {
        self.format.unwrap_or(Format::Plain)
    }
}
