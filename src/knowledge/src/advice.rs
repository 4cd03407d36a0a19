//! What an agent is told beside answers: words to say, what to take care of, and how callers ask for a comparison.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::Deserialize;

use crate::calc::{
    Book, CalcError, Cond, Decimal, Facts, FormulaError, Known, Names, Scope, Search, TODAY, Type, Value, cond_names,
    condition, holds,
};
use crate::fault::FaultKind;
use crate::model::{Effective, NodeId, Provenance, RegionCode, TopicId};
use crate::view::KnowledgeView;

/// What makes a row fit a turn. Every list that is not empty has to be met, by one of its members.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Occasion {
    /// Topics that are asked about.
    #[serde(default)]
    pub topics: Vec<TopicId>,
    /// Nodes that answer.
    #[serde(default)]
    pub nodes: Vec<NodeId>,
    /// What the turn does: `question`, `grievance`, `request`, `tell`.
    #[serde(default)]
    pub moods: Vec<String>,
    /// How the turn is said: `promise`, `favour`, `threat`, `despair`, `blame`, `grief`,
    /// `distress`.
    #[serde(default)]
    pub manners: Vec<String>,
    /// What the turn wants to see, learned: `risk`, `script`.
    #[serde(default)]
    pub views: Vec<String>,
    /// Words of the turn.
    #[serde(default)]
    pub words: Vec<String>,
}

/// `scripts.jsonl`: what to say, and what never to promise.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Script {
    /// Unique.
    pub id: String,
    /// When.
    pub on: Occasion,
    /// One line.
    pub title: String,
    /// Sentences that the agent can say.
    pub say: Vec<String>,
    /// What must not be said or promised.
    #[serde(default)]
    pub never: Vec<String>,
}

/// `risks.jsonl`: what to take care of.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RiskRow {
    /// Unique.
    pub id: String,
    /// When.
    #[serde(default)]
    pub on: Occasion,
    /// A condition over what the caller told and figures: `since_injury >= 10`, `wage < minimum_wage`. It does not hold while a slot in it is not known.
    #[serde(default)]
    pub when: Option<String>,
    /// A slot of which the caller told two values.
    #[serde(default)]
    pub told_twice: Option<String>,
    /// One line.
    pub title: String,
    /// What the agent can read out; `{figure}` as in nodes, `{slot}`, and `{slot.before}` for what was told before.
    pub body: String,
    /// It has to be said.
    #[serde(default)]
    pub must_say: bool,
    /// Where it applies.
    pub region: RegionCode,
    /// First day.
    #[serde(default)]
    pub effective_from: Option<Date>,
    /// Last day.
    #[serde(default)]
    pub effective_to: Option<Date>,
    /// Where it is written.
    #[serde(default)]
    pub source: Option<Provenance>,
}

/// A risk whose condition was checked.
#[derive(Clone, Debug)]
pub struct Risk {
    /// As it is written.
    pub row: RiskRow,
    cond: Option<Cond>,
    slots: Vec<String>,
}

/// `cues.toml`: words by which callers ask for another view of an answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cues {
    /// Two years of one figure: 比去年涨了多少.
    #[serde(default)]
    pub compare: Vec<String>,
    /// Beside a date: it is the one to compare with, 比去年.
    #[serde(default)]
    pub than: Vec<String>,
    /// How it was over the years: 历年.
    #[serde(default)]
    pub history: Vec<String>,
    /// At the end of a past date's clause: it is the time that is asked about, 2024年8月交的话.
    #[serde(default)]
    pub then: Vec<String>,
    /// Behind a past date: something happened on it, and what is asked is today's, 去年受的伤.
    #[serde(default)]
    pub event: Vec<String>,
}

impl Risk {
    /// The slots that its condition reads.
    pub fn slots(&self) -> impl Iterator<Item = &str> {
        self.slots.iter().map(String::as_str)
    }

    pub(crate) fn build(book: &Book, known: &Known<'_>, row: RiskRow) -> Result<Self, FaultKind> {
        let wrong = |error: FormulaError| FaultKind::Formula {
            calculator: row.id.clone(),
            place: "when".to_owned(),
            error,
        };
        let cond = row.when.as_deref().map(condition).transpose().map_err(wrong)?;
        let mut scope = Scope::default();
        for &figure in &known.figures {
            scope.types.insert(figure, Type::Number);
        }
        book.slots.iter().for_each(|slot| scope.add_slot(slot));
        let mut read = BTreeSet::new();
        if let Some(cond) = &cond {
            scope.check(cond).map_err(wrong)?;
            cond_names(cond, &mut read);
        }
        let slots = read
            .into_iter()
            .filter(|name| book.slot(name).is_some())
            .map(str::to_owned)
            .collect();
        if let Some(slot) = row.told_twice.as_ref().filter(|slot| book.slot(slot).is_none()) {
            return Err(FaultKind::UnknownSlot(slot.clone()));
        }
        Ok(Self { row, cond, slots })
    }
}

impl KnowledgeView<'_> {
    /// Whether a risk's condition holds for what the caller told; a risk without one always holds.
    pub fn holds(&self, risk: &Risk, facts: &Facts) -> bool {
        let effective = Effective {
            effective_from: risk.row.effective_from,
            effective_to: risk.row.effective_to,
        };
        if !self.holds_here(&risk.row.region, effective) {
            return false;
        }
        let mut told = Told { view: self, facts };
        risk.cond
            .as_ref()
            .is_none_or(|cond| holds(cond, &mut told).unwrap_or(false))
    }
}

struct Told<'a> {
    view: &'a KnowledgeView<'a>,
    facts: &'a Facts,
}

impl Names for Told<'_> {
    fn value(&mut self, name: &str) -> Result<Value, CalcError> {
        if name == TODAY {
            return Ok(Value::Date(self.view.date()));
        }
        if let Some(told) = self.facts.get(name) {
            return Ok(told.clone());
        }
        if self.view.knowledge().slot(name).is_some() {
            return Err(CalcError::Needs(vec![name.to_owned()]));
        }
        self.view.number_of(name).map(Value::Number)
    }

    fn known(&self, name: &str) -> bool {
        self.facts.contains_key(name)
    }

    fn row(&mut self, table: &str, _: Search, _: &Value) -> Result<Decimal, CalcError> {
        Err(CalcError::NoRow(table.to_owned()))
    }
}
