//! One row of `calc/*.toml`, checked: names, types, order of steps, texts.

use std::collections::{BTreeMap, BTreeSet};

use super::build::{Book, Known};
use super::calculator::{Calculator, CalculatorRow, Format, Shown};
use super::expr::{Cond, Expr, FormulaError};
use super::parser::{condition, expression};
use super::scope::{Scope, TODAY, is_name, names};
use super::table::Table;
use super::value::Type;
use crate::fault::FaultKind;
use crate::model::{Effective, Provenance};
use crate::region;
use crate::template::{self, Piece};

/// Steps of a calculator.
const MAX_STEPS: usize = 32;
/// Steps on the way from a result to the figures, so that no calculation is deep.
const MAX_CHAIN: usize = 12;

/// The calculator, or every fault of its row.
pub(crate) fn compile(book: &Book, row: CalculatorRow, known: &Known<'_>) -> Result<Calculator, Vec<FaultKind>> {
    let mut compiler = Compiler {
        book,
        row: &row,
        faults: Vec::new(),
    };
    compiler.header(known);
    let tables = compiler.tables();
    let (defaults, steps, applies, shown) = compiler.parsed();
    if compiler.faults.is_empty() {
        compiler.checked(&tables, &defaults, &steps, &applies, &shown);
    }
    if !compiler.faults.is_empty() {
        return Err(compiler.faults);
    }
    let formats: BTreeMap<&str, Format> = row
        .steps
        .iter()
        .map(|step| (step.id.as_str(), step.written()))
        .collect();
    let format = |id: &str| formats.get(id).copied().unwrap_or(Format::Plain);
    Ok(Calculator {
        steps: steps
            .into_iter()
            .map(|(id, expr)| (id.clone(), (expr, format(&id))))
            .collect(),
        effective: Effective {
            effective_from: row.effective_from,
            effective_to: row.effective_to,
        },
        provenance: Provenance {
            doc_no: row.doc_no,
            doc_title: row.doc_title,
            article: row.article,
            url: row.url,
            confidence: row.confidence,
        },
        id: row.id,
        name: row.name,
        nodes: row.nodes,
        instead: row.instead,
        region: row.region,
        slots: row.slots,
        optional: row.optional,
        figures: row.figures,
        result: row.result,
        unit: row.unit,
        defaults,
        tables,
        applies,
        shown,
    })
}

type Parsed = (
    BTreeMap<String, Expr>,
    BTreeMap<String, Expr>,
    Option<Cond>,
    Vec<(Option<Cond>, String)>,
);

struct Compiler<'a> {
    book: &'a Book,
    row: &'a CalculatorRow,
    faults: Vec<FaultKind>,
}

impl Compiler<'_> {
    fn formula(&mut self, place: &str, error: FormulaError) {
        self.faults.push(FaultKind::Formula {
            calculator: self.row.id.clone(),
            place: place.to_owned(),
            error,
        });
    }

    fn header(&mut self, known: &Known<'_>) {
        let row = self.row;
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_' | '.');
        if row.id.is_empty() || !row.id.chars().all(fits) {
            self.faults.push(FaultKind::BadId(row.id.clone()));
        }
        for (name, text) in [
            ("name", &row.name),
            ("result", &row.result),
            ("doc_title", &row.doc_title),
        ] {
            if text.trim().is_empty() {
                self.faults.push(FaultKind::Empty(name));
            }
        }
        if !region::is_valid(&row.region) {
            self.faults.push(FaultKind::BadRegion(row.region.clone()));
        }
        if let (Some(from), Some(to)) = (row.effective_from, row.effective_to)
            && to < from
        {
            let (from, to) = (from.to_string(), to.to_string());
            self.faults.push(FaultKind::DatesReversed { from, to });
        }
        for node in row.nodes.iter().filter(|node| !known.nodes.contains(node.as_str())) {
            self.faults.push(FaultKind::UnknownNode(node.clone()));
        }
        for figure in row.figures.values().filter(|id| !known.figures.contains(id.as_str())) {
            self.faults.push(FaultKind::UnknownFigure(figure.clone()));
        }
        for table in row.table.iter().filter_map(Table::build) {
            for figure in table.figures().filter(|id| !known.figures.contains(id)) {
                self.faults.push(FaultKind::UnknownFigure(figure.to_owned()));
            }
        }
        let of_slots = row.optional.iter().chain(row.defaults.keys());
        let strangers = of_slots.filter(|slot| !row.slots.contains(slot));
        for slot in row
            .slots
            .iter()
            .filter(|id| self.book.slot(id).is_none())
            .chain(strangers)
        {
            self.faults.push(FaultKind::UnknownSlot(slot.clone()));
        }
        if row.steps.len() > MAX_STEPS {
            self.formula("steps", FormulaError::TooLarge);
        }
        let mut seen = BTreeSet::new();
        let steps = row.steps.iter().map(|step| &step.id);
        for name in row
            .slots
            .iter()
            .chain(row.figures.keys())
            .chain(steps)
            .chain(row.table.iter().map(|t| &t.id))
        {
            if !is_name(name) {
                self.faults.push(FaultKind::BadId(name.clone()));
            } else if !seen.insert(name) {
                let (id, first) = (name.clone(), row.id.clone());
                self.faults.push(FaultKind::DuplicateId { id, first });
            }
        }
    }

    fn tables(&mut self) -> BTreeMap<String, Table> {
        let mut out = BTreeMap::new();
        for table in &self.row.table {
            match Table::build(table) {
                Some(built) => {
                    out.insert(table.id.clone(), built);
                }
                None => self.faults.push(FaultKind::BadTable(table.id.clone())),
            }
        }
        out
    }

    fn parsed(&mut self) -> Parsed {
        let row = self.row;
        let mut defaults = BTreeMap::new();
        for (slot, text) in &row.defaults {
            match expression(text) {
                Ok(expr) => drop(defaults.insert(slot.clone(), expr)),
                Err(error) => self.formula(slot, error),
            }
        }
        let mut steps = BTreeMap::new();
        for step in &row.steps {
            match expression(&step.formula) {
                Ok(expr) => drop(steps.insert(step.id.clone(), expr)),
                Err(error) => self.formula(&step.id, error),
            }
        }
        let applies = row.applies.as_ref().and_then(|text| self.condition("applies", text));
        let shown = match &row.shown {
            Shown::Always(text) => vec![(None, text.clone())],
            Shown::ByCase(cases) => cases
                .iter()
                .map(|case| {
                    (
                        case.when.as_ref().and_then(|when| self.condition("shown", when)),
                        case.text.clone(),
                    )
                })
                .collect(),
        };
        if !shown.iter().any(|(when, _)| when.is_none()) {
            self.faults.push(FaultKind::Empty("shown"));
        }
        (defaults, steps, applies, shown)
    }

    fn condition(&mut self, place: &str, text: &str) -> Option<Cond> {
        condition(text).map_err(|error| self.formula(place, error)).ok()
    }

    fn checked(
        &mut self,
        tables: &BTreeMap<String, Table>,
        defaults: &BTreeMap<String, Expr>,
        steps: &BTreeMap<String, Expr>,
        applies: &Option<Cond>,
        shown: &[(Option<Cond>, String)],
    ) {
        let row = self.row;
        let mut scope = Scope {
            tables: tables.iter().map(|(id, table)| (id.as_str(), table)).collect(),
            ..Scope::default()
        };
        for name in row.figures.keys() {
            scope.types.insert(name, Type::Number);
            scope.optional.insert(name);
        }
        for (slot, expr) in defaults {
            // A default rests on figures alone.
            if let Err(error) = scope.type_of(expr) {
                self.formula(slot, error);
            }
        }
        for id in &row.slots {
            if let Some(slot) = self.book.slot(id) {
                scope.add_slot(slot);
            }
        }
        self.steps(&mut scope, steps);
        if !self.faults.is_empty() {
            return;
        }
        for cond in applies.iter().chain(shown.iter().filter_map(|(when, _)| when.as_ref())) {
            if let Err(error) = scope.check(cond) {
                self.formula("condition", error);
            }
        }
        for text in shown.iter().map(|(_, text)| text).chain([&row.result]) {
            self.text(&scope, text);
        }
    }

    /// Gives every step its type, each after those that it reads; what is left over reads itself.
    fn steps<'s>(&mut self, scope: &mut Scope<'s>, steps: &'s BTreeMap<String, Expr>) {
        let mut levels: BTreeMap<&str, usize> = BTreeMap::new();
        loop {
            let before = levels.len();
            for (id, expr) in steps {
                if levels.contains_key(id.as_str()) {
                    continue;
                }
                let mut read = BTreeSet::new();
                names(expr, &mut read);
                let mut on = read.iter().filter(|name| steps.contains_key(**name));
                let level = on.try_fold(0, |most, name| levels.get(name).map(|level| most.max(*level)));
                let Some(level) = level else { continue };
                levels.insert(id, level + 1);
                if level >= MAX_CHAIN {
                    self.formula(id, FormulaError::TooLarge);
                }
                match scope.type_of(expr) {
                    Ok(kind) => drop(scope.types.insert(id, kind)),
                    Err(error) => {
                        self.formula(id, error);
                        // Those that read it have no fault of their own.
                        scope.types.insert(id, Type::Number);
                    }
                }
            }
            if levels.len() == before {
                break;
            }
        }
        for id in steps.keys().filter(|id| !levels.contains_key(id.as_str())) {
            let (calculator, step) = (self.row.id.clone(), id.clone());
            self.faults.push(FaultKind::StepCycle { calculator, step });
        }
    }

    fn text(&mut self, scope: &Scope<'_>, text: &str) {
        let Some(pieces) = template::pieces(text) else {
            self.faults.push(FaultKind::Braces(text.to_owned()));
            return;
        };
        for piece in pieces {
            if let Piece::Figure(name) = piece
                && name != TODAY
                && !scope.types.contains_key(name)
            {
                self.formula(text, FormulaError::Unknown(name.to_owned()));
            }
        }
    }
}
