//! The day stands on every day of a year.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;

use sidetone_archive::{Connection, Value};

use crate::day::{TIMES, back};

/// Names that differ from day to day.
const NAMES: [&str; 4] = ["call_id", "ani", "ticket", "created_by"];
/// What is no table of a day.
const NOT: [&str; 7] = ["cal", "win", "steps", "fact", "event", "note", "touched"];

/// Writes the days before, oldest first. Answers contacts and facts.
pub(crate) fn make(file: &Path, days: i64) -> Result<(i64, i64), Box<dyn Error>> {
    let duck = Connection::open(Some(file))?;
    let rows = duck.query("select table_name, column_name, data_type from duckdb_columns() where not internal")?;
    let mut tables: BTreeMap<String, Vec<(String, bool)>> = BTreeMap::new();
    for row in rows {
        if let [Value::Text(table), Value::Text(column), Value::Text(kind)] = &row[..]
            && !NOT.contains(&table.as_str())
        {
            tables
                .entry(table.clone())
                .or_default()
                .push((column.clone(), kind == "BIGINT"));
        }
    }
    let facts = facts_of(&duck)?;
    for table in tables.keys() {
        duck.execute(&format!(
            "create temp table day_{table} as from {table}; delete from {table}"
        ))?;
    }
    for day in (0..days).rev() {
        duck.execute("begin transaction")?;
        for (table, columns) in &tables {
            let columns: Vec<String> = columns
                .iter()
                .map(|(column, whole)| moved(column, *whole, day))
                .collect();
            duck.execute(&format!(
                "insert into {table} select {} from day_{table}",
                columns.join(", ")
            ))?;
        }
        duck.execute("commit")?;
    }
    duck.execute("checkpoint")?;
    let contacts = duck.query("select count(*) from c")?;
    match contacts.into_iter().flatten().next() {
        Some(Value::Int(contacts)) => Ok((contacts, facts * days)),
        _ => Err("no contacts".into()),
    }
}

/// How many facts the day has.
fn facts_of(duck: &Connection) -> Result<i64, Box<dyn Error>> {
    match duck.query("select count(*) from fact")?.into_iter().flatten().next() {
        Some(Value::Int(facts)) => Ok(facts),
        _ => Err("no facts".into()),
    }
}

fn moved(column: &str, whole: bool, day: i64) -> String {
    if whole && TIMES.contains(&column) {
        format!("{column} - {}", back(day))
    } else if NAMES.contains(&column) {
        format!("{column} || '-{day}'")
    } else {
        column.to_owned()
    }
}
