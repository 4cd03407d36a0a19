//! CSV as spreadsheets write it (RFC 4180): the first line names the columns, a field with commas, quotation marks or line
//! ends is quoted. `|` stands between the items of a list.
//!
//! A record becomes the JSON row that it stands for, so that there is one definition of what a row is.

use std::collections::VecDeque;
use std::io::{self, BufRead};

use serde_json::{Map, Value};

use super::lines::{LONGEST, Line, Lines, Numbered};
use crate::fault::FaultKind;

/// Columns that hold lists.
const LISTS: [&str; 5] = ["intents", "asked_as", "todos", "risks", "terms"];
/// Columns that hold JSON.
const STRUCTURES: [&str; 1] = ["channels"];
/// Lines that a record may be spread over.
const MOST_LINES: usize = 200;

/// The line that it begins on, and its fields or why there are none.
type Cut = (u32, Result<Vec<String>, FaultKind>);

pub(crate) struct Table<'a> {
    lines: Lines<'a>,
    /// Read ahead for a quotation mark without its pair.
    ahead: VecDeque<Numbered>,
    columns: Option<Vec<String>>,
}

/// Line of its beginning, and the row as JSON.
pub(crate) type Record = (u32, Result<String, FaultKind>);

impl<'a> Table<'a> {
    pub(crate) fn new(from: &'a mut dyn BufRead) -> Self {
        Self {
            lines: Lines::new(from),
            ahead: VecDeque::new(),
            columns: None,
        }
    }

    pub(crate) fn next(&mut self) -> io::Result<Option<Record>> {
        loop {
            let Some((line, fields)) = self.record()? else {
                return Ok(None);
            };
            let fields = match fields {
                Ok(fields) if fields.iter().all(String::is_empty) => continue,
                Ok(fields) => fields,
                Err(fault) => return Ok(Some((line, Err(fault)))),
            };
            match &self.columns {
                None => self.columns = Some(fields.iter().map(|name| name.trim().to_owned()).collect()),
                Some(columns) => return Ok(Some((line, json(columns, fields)))),
            }
        }
    }

    /// The next record's fields. A record without an end costs its first line alone.
    fn record(&mut self) -> io::Result<Option<Cut>> {
        let Some(first) = self.line()? else {
            return Ok(None);
        };
        let mut text = match first.text {
            Line::Text(text) => text,
            Line::Bad(fault) => return Ok(Some((first.number, Err(fault)))),
        };
        let mut taken: Vec<Numbered> = Vec::new();
        loop {
            if let Some(fields) = split(&text) {
                return Ok(Some((first.number, Ok(fields))));
            }
            let next = match taken.len() < MOST_LINES && text.len() < LONGEST {
                true => self.line()?,
                false => None,
            };
            match next {
                Some(Numbered {
                    number,
                    text: Line::Text(more),
                }) => {
                    text.push('\n');
                    text.push_str(&more);
                    taken.push(Numbered {
                        number,
                        text: Line::Text(more),
                    });
                }
                other => {
                    taken.extend(other);
                    for line in taken.into_iter().rev() {
                        self.ahead.push_front(line);
                    }
                    return Ok(Some((first.number, Err(FaultKind::OpenQuote))));
                }
            }
        }
    }

    fn line(&mut self) -> io::Result<Option<Numbered>> {
        match self.ahead.pop_front() {
            Some(line) => Ok(Some(line)),
            None => self.lines.next(),
        }
    }
}

/// Fields of a record; `None` where a quotation mark has no pair.
fn split(text: &str) -> Option<Vec<String>> {
    let (mut fields, mut field, mut quoted) = (Vec::new(), String::new(), false);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                field.push('"');
            }
            '"' if quoted => quoted = false,
            '"' if field.is_empty() => quoted = true,
            ',' if !quoted => fields.push(std::mem::take(&mut field)),
            c => field.push(c),
        }
    }
    fields.push(field);
    (!quoted).then_some(fields)
}

fn json(columns: &[String], fields: Vec<String>) -> Result<String, FaultKind> {
    if fields.len() != columns.len() {
        return Err(FaultKind::Fields {
            expected: columns.len(),
            found: fields.len(),
        });
    }
    let mut row = Map::new();
    for (column, field) in columns.iter().zip(fields) {
        let field = field.trim();
        if field.is_empty() {
            continue;
        }
        let value = if LISTS.contains(&column.as_str()) {
            field.split('|').map(str::trim).collect::<Vec<_>>().into()
        } else if STRUCTURES.contains(&column.as_str()) {
            serde_json::from_str(field).map_err(|error| FaultKind::Row(error.to_string()))?
        } else if column == "spans_regions" {
            Value::Bool(field == "true")
        } else {
            field.into()
        };
        row.insert(column.clone(), value);
    }
    Ok(Value::Object(row).to_string())
}
