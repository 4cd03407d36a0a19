//! Replaces what stands of some contacts, and derives anew what follows from them, in one transaction.
//!
//! What the metrics are written over (`sql/derive.sql`) is derived in temporary tables of the same names, that hold these
//! contacts alone, and takes the place of what was derived of them before. So the cost is that of what changed.

use std::collections::{BTreeMap, BTreeSet};

use crate::duck::{Connection, DuckError, Value};
use crate::stale::Stale;

pub(crate) const TABLES: &str = include_str!("../sql/tables.sql");
pub(crate) const DERIVE: &str = include_str!("../sql/derive.sql");

/// What depends on a caller's other contacts, too.
const OF_CALLERS: [&str; 3] = ["rep", "rep7", "fcr"];
/// What the derivation of these starts from.
const CALLERS_FROM: [&str; 4] = ["c", "w", "wt", "tk"];

/// New rows, and whose old ones go.
#[derive(Debug, Default)]
pub(crate) struct Change {
    /// Calls, `agent:ID` and `ticket:ID`.
    pub(crate) keys: BTreeSet<String>,
    /// An agent's states from here on are replaced, ms UTC; all of them where there is no entry.
    pub(crate) states_from: BTreeMap<String, i64>,
    pub(crate) rows: BTreeMap<&'static str, Vec<Vec<Value>>>,
}

impl Change {
    pub(crate) fn push(&mut self, rows: Vec<(&'static str, Vec<Value>)>) {
        for (table, row) in rows {
            self.rows.entry(table).or_default().push(row);
        }
    }
}

/// The tables of facts, from the text that makes them.
pub(crate) fn tables() -> impl Iterator<Item = &'static str> {
    let names = TABLES
        .lines()
        .filter_map(|line| line.strip_prefix("create table ")?.split(' ').next());
    names.filter(|name| !["cal", "win", "steps"].contains(name))
}

/// The tables that follow from them and are kept.
pub(crate) fn derived() -> impl Iterator<Item = &'static str> {
    DERIVE
        .lines()
        .filter_map(|line| line.strip_prefix("create or replace table ")?.split(' ').next())
}

/// Those that only the derivation needs.
fn working() -> impl Iterator<Item = &'static str> {
    DERIVE
        .lines()
        .filter_map(|line| line.strip_prefix("create or replace temp table ")?.split(' ').next())
}

/// Derives everything.
pub(crate) fn derive_all(duck: &Connection) -> Result<(), DuckError> {
    duck.execute(DERIVE)?;
    working().try_for_each(|table| duck.execute(&format!("drop table temp.{table}")))
}

/// All or nothing, with what `also` writes: a program that dies here leaves the archive as it was.
pub(crate) fn replace(
    duck: &Connection,
    change: &Change,
    also: impl FnOnce(&Connection) -> Result<(), DuckError>,
) -> Result<(), DuckError> {
    duck.all_or_nothing(|duck| also(duck).and_then(|()| write(duck, change)))
}

fn write(duck: &Connection, change: &Change) -> Result<(), DuckError> {
    if change.keys.is_empty() {
        return Ok(());
    }
    let main = main(duck)?;
    duck.execute("create or replace temp table touched (call_id varchar)")?;
    duck.execute("create or replace temp table since (agent varchar, t0 bigint)")?;
    let keys: Vec<_> = change.keys.iter().map(|key| vec![key.as_str().into()]).collect();
    duck.append("touched", &keys)?;
    let agents = change.keys.iter().filter_map(|key| key.strip_prefix("agent:"));
    let since = |agent: &str| change.states_from.get(agent).copied().unwrap_or(i64::MIN);
    let since: Vec<_> = agents.map(|agent| vec![agent.into(), since(agent).into()]).collect();
    duck.append("since", &since)?;
    duck.execute(&format!(
        "create or replace temp table kin as
          select distinct o.call_id as call_id from {main}.c as o join {main}.c as mine on mine.ani = o.ani where mine.call_id in (select call_id from touched)
          union select created_by from {main}.tk where created_by is not null and 'ticket:' || ticket in (select call_id from touched)"
    ))?;
    let stale = Stale::begin(duck, &main)?;
    for table in tables() {
        duck.execute(&match table {
            "s" => format!("delete from {main}.s where exists (select 1 from since where since.agent = s.agent and s.t0 >= since.t0)"),
            "tk" => format!("delete from {main}.tk where 'ticket:' || ticket in (select call_id from touched)"),
            _ => format!("delete from {main}.{table} where call_id in (select call_id from touched)"),
        })?;
        if let Some(rows) = change.rows.get(table) {
            duck.append(table, rows)?;
        }
    }
    stale.replaced()?;
    derive(duck, &main, stale)
}

/// The database of the archive and its schema: temporary tables of the same names come first otherwise.
fn main(duck: &Connection) -> Result<String, DuckError> {
    match duck.query("select current_database()")?.into_iter().flatten().next() {
        Some(Value::Text(name)) => Ok(format!("\"{name}\".main")),
        _ => Err(DuckError::Statement("the database has no name".to_owned())),
    }
}

fn derive(duck: &Connection, main: &str, stale: Stale<'_>) -> Result<(), DuckError> {
    duck.execute(&format!(
        "insert into kin select o.call_id from {main}.c as o join {main}.c as mine on mine.ani = o.ani where mine.call_id in (select call_id from touched)
          union select created_by from {main}.tk where created_by is not null and 'ticket:' || ticket in (select call_id from touched)
          union select call_id from touched"
    ))?;
    for table in tables() {
        let whose = if CALLERS_FROM.contains(&table) {
            "kin"
        } else {
            "touched"
        };
        let key = if table == "tk" { "created_by" } else { "call_id" };
        if table != "s" {
            duck.execute(&format!(
                "create or replace temp table {table} as select * from {main}.{table} where {key} in (select call_id from {whose})"
            ))?;
        }
    }
    duck.execute(&DERIVE.replace("create or replace table ", "create or replace temp table "))?;
    stale.derived()?;
    for table in derived() {
        let whose = if OF_CALLERS.contains(&table) { "kin" } else { "touched" };
        duck.execute(&format!(
            "delete from {main}.{table} where call_id in (select call_id from {whose});
             insert into {main}.{table} select * from temp.{table} where call_id in (select call_id from {whose})"
        ))?;
    }
    stale.finish()?;
    let gone = tables().filter(|table| *table != "s").chain(derived()).chain(working());
    for table in gone.chain(["touched", "since", "kin"]) {
        duck.execute(&format!("drop table temp.{table}"))?;
    }
    Ok(())
}
