//! Tables that formulas look up.

use rust_decimal::Decimal;
use serde::Deserialize;

use super::expr::Search;
use super::value::{Type, Value, plain_decimal};

/// Rows of a table.
const MAX_ROWS: usize = 1000;

/// `[[table]]` of a calculator.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TableRow {
    pub(crate) id: String,
    /// `[key, value]`; numbers that are not whole stand in quotes, so that none is ever a float.
    pub(crate) rows: Vec<(Cell, Cell)>,
    /// The values are ids of figures: dated rows are looked up.
    #[serde(default)]
    pub(crate) of_figures: bool,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum Cell {
    Whole(i64),
    Text(String),
}

/// A table that was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Table {
    keys: Keys,
    values: Vec<Entry>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Keys {
    /// They rise.
    Numbers(Vec<Decimal>),
    Choices(Vec<String>),
}

/// What a row of a table holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Entry {
    Number(Decimal),
    /// Id of a figure.
    Figure(String),
}

impl Table {
    /// `None` for a table that is empty, too long, of mixed keys, or whose keys do not rise or repeat.
    pub(crate) fn build(row: &TableRow) -> Option<Self> {
        let rows = &row.rows;
        if rows.is_empty() || rows.len() > MAX_ROWS {
            return None;
        }
        let number = |cell: &Cell| match cell {
            Cell::Whole(number) => Some(Decimal::from(*number)),
            Cell::Text(text) => plain_decimal(text),
        };
        let value = |cell: &Cell| match cell {
            Cell::Text(id) if row.of_figures => Some(Entry::Figure(id.clone())),
            Cell::Whole(_) if row.of_figures => None,
            _ => number(cell).map(Entry::Number),
        };
        let values: Option<Vec<Entry>> = rows.iter().map(|(_, cell)| value(cell)).collect();
        let numbers: Option<Vec<Decimal>> = rows.iter().map(|(key, _)| number(key)).collect();
        let keys = if let Some(keys) = numbers {
            let rise = keys.windows(2).all(|pair| pair[0] < pair[1]);
            rise.then_some(Keys::Numbers(keys))?
        } else {
            let mut keys: Vec<String> = Vec::new();
            for (key, _) in rows {
                match key {
                    Cell::Text(key) if !keys.contains(key) => keys.push(key.clone()),
                    _ => return None,
                }
            }
            Keys::Choices(keys)
        };
        Some(Self { keys, values: values? })
    }

    pub(crate) const fn keys(&self) -> Type {
        match self.keys {
            Keys::Numbers(_) => Type::Number,
            Keys::Choices(_) => Type::Choice,
        }
    }

    pub(crate) fn choices(&self) -> &[String] {
        match &self.keys {
            Keys::Numbers(_) => &[],
            Keys::Choices(keys) => keys,
        }
    }

    /// Ids of the figures that it looks up.
    pub(crate) fn figures(&self) -> impl Iterator<Item = &str> {
        self.values.iter().filter_map(|entry| match entry {
            Entry::Figure(id) => Some(id.as_str()),
            Entry::Number(_) => None,
        })
    }

    pub(crate) fn find(&self, search: Search, key: &Value) -> Option<&Entry> {
        let at = match (&self.keys, key) {
            (Keys::Numbers(keys), Value::Number(key)) => {
                let at = keys.partition_point(|known| known <= key).checked_sub(1)?;
                (search == Search::Range || keys.get(at) == Some(key)).then_some(at)?
            }
            (Keys::Choices(keys), Value::Choice(key)) => keys.iter().position(|known| known == key)?,
            _ => return None,
        };
        self.values.get(at)
    }
}
