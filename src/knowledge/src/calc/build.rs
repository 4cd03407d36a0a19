//! From `calc/*.toml` to calculators, with every fault.

use std::collections::{HashMap, HashSet};

use serde::Deserialize;
use toml::Spanned;

use super::calculator::{Calculator, CalculatorRow};
use super::compile::compile;
use super::scope::is_name;
use super::slot::{SlotDef, SlotKind};
use crate::fault::{Fault, FaultKind};

/// The calculators of a base.
#[derive(Debug, Default)]
pub(crate) struct Book {
    pub(crate) slots: Vec<SlotDef>,
    pub(crate) calculators: Vec<Calculator>,
    by_node: HashMap<String, Vec<u32>>,
}

impl Book {
    fn add(&mut self, calculator: Calculator) {
        let number = self.calculators.len() as u32;
        for node in &calculator.nodes {
            self.by_node.entry(node.clone()).or_default().push(number);
        }
        self.calculators.push(calculator);
    }

    pub(crate) fn slot(&self, id: &str) -> Option<&SlotDef> {
        self.slots.iter().find(|slot| slot.id == id)
    }

    pub(crate) fn of_node(&self, node: &str) -> impl Iterator<Item = &Calculator> {
        let numbers = self.by_node.get(node).map_or(&[] as &[u32], Vec::as_slice);
        numbers.iter().filter_map(|&at| self.calculators.get(at as usize))
    }
}

/// What a base holds that a calculator may name.
pub(crate) struct Known<'a> {
    pub(crate) nodes: HashSet<&'a str>,
    pub(crate) figures: HashSet<&'a str>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CalcFile {
    #[serde(default)]
    slot: Vec<Spanned<SlotDef>>,
    #[serde(default)]
    calculator: Vec<Spanned<CalculatorRow>>,
}

/// Reads files of `calc/`, each with its name.
pub(crate) fn build(files: &[(String, String)], known: &Known<'_>, faults: &mut Vec<Fault>) -> Book {
    let mut book = Book::default();
    let mut rows = Vec::new();
    for (name, text) in files {
        match toml::from_str::<CalcFile>(text) {
            Ok(file) => {
                for slot in file.slot {
                    let line = line_of(text, slot.span().start);
                    add_slot(&mut book, slot.into_inner(), &mut at(name, line, faults));
                }
                let placed = |row: Spanned<CalculatorRow>| (name, line_of(text, row.span().start), row.into_inner());
                rows.extend(file.calculator.into_iter().map(placed));
            }
            Err(error) => {
                let line = error.span().map_or(0, |span| line_of(text, span.start));
                at(name, line, faults)(FaultKind::Row(error.message().to_owned()));
            }
        }
    }
    let ids: HashSet<String> = rows.iter().map(|(_, _, row)| row.id.clone()).collect();
    let mut seen = HashSet::new();
    for (name, line, row) in rows {
        let mut fault = at(name, line, faults);
        if !seen.insert(row.id.clone()) {
            let first = name.clone();
            fault(FaultKind::DuplicateId { id: row.id, first });
        } else if row
            .instead
            .as_ref()
            .is_some_and(|other| *other == row.id || !ids.contains(other))
        {
            fault(FaultKind::UnknownCalculator(row.instead.unwrap_or_default()));
        } else {
            match compile(&book, row, known) {
                Ok(calculator) => book.add(calculator),
                Err(kinds) => kinds.into_iter().for_each(fault),
            }
        }
    }
    book
}

fn at<'f>(file: &'f str, line: usize, faults: &'f mut Vec<Fault>) -> impl FnMut(FaultKind) + 'f {
    move |kind| {
        faults.push(Fault {
            file: file.to_owned(),
            line,
            kind,
        });
    }
}

fn line_of(text: &str, byte: usize) -> usize {
    text.bytes().take(byte).filter(|&byte| byte == b'\n').count() + 1
}

fn add_slot(book: &mut Book, slot: SlotDef, fault: &mut dyn FnMut(FaultKind)) {
    if !is_name(&slot.id) {
        fault(FaultKind::BadId(slot.id));
    } else if book.slot(&slot.id).is_some() {
        let first = slot.id.clone();
        fault(FaultKind::DuplicateId { id: slot.id, first });
    } else if slot.question.trim().is_empty() || slot.name.trim().is_empty() {
        fault(FaultKind::Empty("question"));
    } else if (slot.kind == SlotKind::Choice) == slot.choices.is_empty() {
        fault(FaultKind::Empty("choice"));
    } else {
        book.slots.push(slot);
    }
}
