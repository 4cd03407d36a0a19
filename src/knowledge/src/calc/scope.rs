//! Names that a formula may use, with their types; checked before anything is worked out.

use std::collections::{BTreeMap, BTreeSet};

use super::expr::{Cond, Expr, FormulaError, Function, Op};
use super::slot::{SlotDef, SlotKind};
use super::table::Table;
use super::value::Type;

/// The day as of which a calculation is made.
pub(crate) const TODAY: &str = "today";

/// Whether a slot, a figure, a step or a table may be called that.
pub(crate) fn is_name(id: &str) -> bool {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    let taken = [TODAY, "and", "or", "not", "known"];
    id.starts_with(|c: char| c.is_ascii_lowercase()) && id.chars().all(fits) && !taken.contains(&id)
}

/// What a formula may name.
#[derive(Debug, Default)]
pub(crate) struct Scope<'a> {
    /// Slots, figures, steps.
    pub(crate) types: BTreeMap<&'a str, Type>,
    /// The choices of slots of that type.
    pub(crate) choices: BTreeMap<&'a str, BTreeSet<&'a str>>,
    pub(crate) tables: BTreeMap<&'a str, &'a Table>,
    /// What `known` may be asked about.
    pub(crate) optional: BTreeSet<&'a str>,
}

impl<'a> Scope<'a> {
    pub(crate) fn add_slot(&mut self, slot: &'a SlotDef) {
        self.types.insert(&slot.id, slot.kind.value_type());
        self.optional.insert(&slot.id);
        if slot.kind == SlotKind::Choice {
            let choices = slot.choices.iter().map(|choice| choice.id.as_str());
            self.choices.insert(&slot.id, choices.collect());
        }
    }

    /// The type of a formula; every name, argument and choice is looked at.
    pub(crate) fn type_of(&self, expr: &Expr) -> Result<Type, FormulaError> {
        match expr {
            Expr::Number(_) => Ok(Type::Number),
            Expr::Choice(_) => Ok(Type::Choice),
            Expr::Name(name) if name == TODAY => Ok(Type::Date),
            Expr::Name(name) => self.named(name),
            Expr::Negate(inner) => self.want(inner, Type::Number),
            Expr::Binary(op, left, right) => {
                self.want(left, Type::Number)?;
                if *op == Op::Divide && matches!(**right, Expr::Number(number) if number.is_zero()) {
                    return Err(FormulaError::DivideByZero);
                }
                self.want(right, Type::Number)
            }
            Expr::Call(function, arguments) => self.call(*function, arguments),
            Expr::If(cond, then, other) => {
                self.check(cond)?;
                let kind = self.type_of(then)?;
                self.want(other, kind)
            }
            Expr::Lookup(_, table, key) => {
                let known = self.tables.get(table.as_str());
                let table = known.ok_or_else(|| FormulaError::Unknown(table.clone()))?;
                self.want(key, table.keys())?;
                if let (Expr::Name(slot), Type::Choice) = (&**key, table.keys()) {
                    for choice in table.choices() {
                        self.choice(slot, choice)?;
                    }
                }
                Ok(Type::Number)
            }
        }
    }

    /// Whether a condition is well formed.
    pub(crate) fn check(&self, cond: &Cond) -> Result<(), FormulaError> {
        match cond {
            Cond::And(left, right) | Cond::Or(left, right) => {
                self.check(left)?;
                self.check(right)
            }
            Cond::Not(inner) => self.check(inner),
            Cond::Known(name) if self.optional.contains(name.as_str()) => Ok(()),
            Cond::Known(name) => Err(FormulaError::Unknown(name.clone())),
            Cond::Compare(_, left, right) => {
                let kind = self.type_of(left)?;
                self.want(right, kind)?;
                match (left, right) {
                    (Expr::Name(slot), Expr::Choice(choice)) | (Expr::Choice(choice), Expr::Name(slot)) => {
                        self.choice(slot, choice)
                    }
                    _ => Ok(()),
                }
            }
        }
    }

    fn named(&self, name: &str) -> Result<Type, FormulaError> {
        let kind = self.types.get(name).copied();
        kind.ok_or_else(|| FormulaError::Unknown(name.to_owned()))
    }

    fn choice(&self, slot: &str, choice: &str) -> Result<(), FormulaError> {
        let has = self.choices.get(slot).is_none_or(|choices| choices.contains(choice));
        if has {
            Ok(())
        } else {
            Err(FormulaError::NoChoice(choice.to_owned()))
        }
    }

    fn want(&self, expr: &Expr, wanted: Type) -> Result<Type, FormulaError> {
        let found = self.type_of(expr)?;
        if found == wanted {
            Ok(found)
        } else {
            Err(FormulaError::Type { wanted, found })
        }
    }

    fn call(&self, function: Function, arguments: &[Expr]) -> Result<Type, FormulaError> {
        let (wanted, result): (&[Type], Type) = match function {
            Function::Min | Function::Max => {
                let [first, rest @ ..] = arguments else {
                    return Err(FormulaError::Arguments);
                };
                let kind = self.type_of(first)?;
                if kind == Type::Choice {
                    return Err(FormulaError::Type {
                        wanted: Type::Number,
                        found: kind,
                    });
                }
                for argument in rest {
                    self.want(argument, kind)?;
                }
                return Ok(kind);
            }
            Function::Floor | Function::Ceil => (&[Type::Number], Type::Number),
            Function::Round => (&[Type::Number, Type::Number], Type::Number),
            Function::Date => (&[Type::Number, Type::Number, Type::Number], Type::Date),
            Function::AddMonths => (&[Type::Date, Type::Number], Type::Date),
            Function::MonthsBetween => (&[Type::Date, Type::Date], Type::Number),
            Function::Year => (&[Type::Date], Type::Number),
        };
        if wanted.len() != arguments.len() {
            return Err(FormulaError::Arguments);
        }
        for (argument, wanted) in arguments.iter().zip(wanted) {
            self.want(argument, *wanted)?;
        }
        Ok(result)
    }
}

/// Every name that a formula reads, for the order of steps.
pub(crate) fn names<'e>(expr: &'e Expr, out: &mut BTreeSet<&'e str>) {
    match expr {
        Expr::Number(_) | Expr::Choice(_) => {}
        Expr::Name(name) => {
            out.insert(name);
        }
        Expr::Negate(inner) | Expr::Lookup(_, _, inner) => names(inner, out),
        Expr::Binary(_, left, right) => {
            names(left, out);
            names(right, out);
        }
        Expr::Call(_, arguments) => arguments.iter().for_each(|argument| names(argument, out)),
        Expr::If(cond, then, other) => {
            cond_names(cond, out);
            names(then, out);
            names(other, out);
        }
    }
}

/// [`names`] of a condition.
pub(crate) fn cond_names<'e>(cond: &'e Cond, out: &mut BTreeSet<&'e str>) {
    match cond {
        Cond::And(left, right) | Cond::Or(left, right) => {
            cond_names(left, out);
            cond_names(right, out);
        }
        Cond::Not(inner) => cond_names(inner, out),
        Cond::Known(_) => {}
        Cond::Compare(_, left, right) => {
            names(left, out);
            names(right, out);
        }
    }
}
