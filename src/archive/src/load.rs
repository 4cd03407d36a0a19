//! The archive: facts by name in one database, and the tables that the metrics are written over.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;

use crate::answer::OFF_HOURS;
use crate::calendar::Calendar;
use crate::duck::{Connection, DuckError, Value};
use crate::fact::{Fact, FactError};
use crate::limits::Limits;
use crate::roll::parted;
use crate::stale::forget_all;
use crate::write::{Change, TABLES, derive_all, replace, tables};

const DIALECT: &str = include_str!("../sql/duckdb.sql");
/// What came, as it came: facts by name, and events by the contact that they are of.
const NAMES: &str = "create table if not exists fact (key varchar, seq bigint, rev bigint, line varchar);
    create table if not exists event (contact varchar, key varchar, seq bigint, t bigint, line varchar, came bigint);
    create table if not exists note (name varchar, value varchar)";

/// What became of the lines.
#[derive(Debug, Default)]
pub struct Imported {
    /// Facts that are new or newer than those that stood.
    pub taken: usize,
    /// Lines that were there already, or older than what stands.
    pub known: usize,
    /// Lines that are no facts, by their number from 1.
    pub bad: Vec<(usize, FactError)>,
}

/// Facts, and the tables over them.
pub struct Archive {
    duck: Connection,
    limits: Limits,
}

type Lines = HashMap<(String, i64), (i64, String)>;

impl Archive {
    /// Opens an archive file, or one in memory.
    pub fn open(path: Option<&Path>) -> Result<Self, DuckError> {
        let duck = Connection::open(path)?;
        duck.execute(NAMES)?;
        duck.execute(crate::roll::TABLES)?;
        let there = duck.query("select count(*) from duckdb_tables() where table_name = 'win'")?;
        let limits = limits(&duck)?;
        let archive = Self { duck, limits };
        if there != [[Value::Int(0)]] {
            archive.add_tables()?;
        }
        if there == [[Value::Int(0)]] {
            archive.duck.all_or_nothing(|duck| {
                duck.execute(DIALECT)?;
                duck.execute(TABLES)?;
                derive_all(duck)?;
                write_calendar(duck, &Calendar::default())
            })?;
        }
        Ok(archive)
    }

    /// Makes the tables of facts that an archive of an earlier version lacks.
    fn add_tables(&self) -> Result<(), DuckError> {
        let rows = self.duck.query("select table_name from duckdb_tables()")?;
        let there: BTreeSet<String> = rows
            .into_iter()
            .filter_map(|row| text_of(row.into_iter().next()))
            .collect();
        let lines = TABLES
            .lines()
            .filter_map(|line| Some((line, line.strip_prefix("create table ")?)));
        for (line, rest) in lines {
            if rest.split(' ').next().is_some_and(|name| !there.contains(name)) {
                self.duck.execute(line)?;
            }
        }
        Ok(())
    }

    /// Takes lines in any order. A line that is no fact is told and left out; all others stand.
    /// The highest revision of a name stands; nothing changes when the same lines come again.
    pub fn import<'a>(&self, lines: impl Iterator<Item = &'a str>) -> Result<Imported, DuckError> {
        let mut done = Imported::default();
        let mut facts = Vec::new();
        for (place, line) in lines.enumerate() {
            let line = line.trim();
            match Fact::parse(line) {
                _ if line.is_empty() => {}
                Ok(fact) => facts.push((place + 1, fact, line)),
                Err(error) => done.bad.push((place + 1, error)),
            }
        }
        let keys: BTreeSet<String> = facts.iter().map(|(_, fact, _)| fact.key.clone()).collect();
        let mut stand = self.lines(&keys)?;
        for (place, fact, line) in facts {
            match keep(&mut stand, fact, line) {
                Ok(true) => done.taken += 1,
                Ok(false) => done.known += 1,
                Err(error) => done.bad.push((place, error)),
            }
        }
        done.bad.sort_by_key(|(place, _)| *place);
        if done.taken > 0 {
            self.write(&stand, keys)?;
        }
        Ok(done)
    }

    /// Takes away every fact of a caller's contacts, by the salted hash. Answers how many went.
    pub fn forget(&self, ani_hash: &str) -> Result<usize, DuckError> {
        let quoted = ani_hash.replace('\'', "''");
        self.remove(&format!("select distinct call_id from c where ani = '{quoted}'"))
    }

    /// Takes away contacts that ended before a time (ms UTC). Answers how many facts went.
    pub fn retain_from(&self, from: i64) -> Result<usize, DuckError> {
        self.remove(&format!("select call_id from c where t1 < {from}"))
    }

    fn remove(&self, calls: &str) -> Result<usize, DuckError> {
        let gone = self
            .duck
            .query(calls)?
            .into_iter()
            .filter_map(|row| text_of(row.into_iter().next()));
        let change = Change {
            keys: gone.collect(),
            ..Change::default()
        };
        let before = self.count()?;
        replace(&self.duck, &change, |duck| forget_lines(duck, &change.keys))?;
        self.duck
            .execute("delete from caller where not exists (select 1 from c where c.ani = caller.ani)")?;
        Ok(usize::try_from(before - self.count()?).unwrap_or_default())
    }

    /// How many facts stand.
    fn count(&self) -> Result<i64, DuckError> {
        let counts = tables()
            .map(|table| format!("select count(*) as n from {table}"))
            .collect::<Vec<_>>();
        let sum = format!("select cast(sum(n) as bigint) from ({})", counts.join(" union all "));
        match self.duck.query(&sum)?.into_iter().flatten().next() {
            Some(Value::Int(count)) => Ok(count),
            _ => Ok(0),
        }
    }

    /// The hours of service, for what asks for calls outside of them.
    pub fn set_calendar(&self, calendar: &Calendar) -> Result<(), DuckError> {
        self.duck.all_or_nothing(|duck| {
            forget_all(duck, parted().map(|(m, _)| m.id).filter(|id| id.number() == OFF_HOURS))?;
            write_calendar(duck, calendar)
        })
    }

    /// The bounds of metrics, kept in the archive.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Sets the bounds of metrics, for all answers from now on.
    pub fn set_limits(&mut self, limits: Limits) -> Result<(), DuckError> {
        let json = serde_json::to_string(&limits).map_err(|error| DuckError::Statement(error.to_string()))?;
        self.duck.all_or_nothing(|duck| {
            let named = parted().filter(|(_, formula)| !limits.named(formula.sql).is_empty());
            forget_all(duck, named.map(|(metric, _)| metric.id))?;
            duck.execute("delete from note where name = 'limits'")?;
            duck.append("note", &[vec!["limits".into(), json.into()]])
        })?;
        self.limits = limits;
        Ok(())
    }

    /// The hours of service that stand.
    pub fn calendar(&self) -> Result<Calendar, DuckError> {
        let kept = self.duck.query("select value from note where name = 'calendar'")?;
        let kept = text_of(kept.into_iter().flatten().next());
        Ok(kept
            .and_then(|json| serde_json::from_str(&json).ok())
            .unwrap_or_default())
    }

    /// How many threads the engine may use; all processors' without this.
    pub fn set_threads(&self, threads: u32) -> Result<(), DuckError> {
        self.duck.execute(&format!("set threads = {threads}"))
    }

    pub(crate) fn duck(&self) -> &Connection {
        &self.duck
    }

    fn lines(&self, keys: &BTreeSet<String>) -> Result<Lines, DuckError> {
        self.duck.execute("create or replace temp table asked (key varchar)")?;
        let asked: Vec<_> = keys.iter().map(|key| vec![key.as_str().into()]).collect();
        self.duck.append("asked", &asked)?;
        let rows = self
            .duck
            .query("select key, seq, rev, line from fact where key in (select key from asked)")?;
        self.duck.execute("drop table asked")?;
        Ok(rows
            .into_iter()
            .filter_map(|row| match <[Value; 4]>::try_from(row) {
                Ok([Value::Text(key), Value::Int(seq), Value::Int(rev), Value::Text(line)]) => {
                    Some(((key, seq), (rev, line)))
                }
                _ => None,
            })
            .collect())
    }

    fn write(&self, stand: &Lines, keys: BTreeSet<String>) -> Result<(), DuckError> {
        let mut change = Change {
            keys,
            ..Change::default()
        };
        let mut lines = Vec::with_capacity(stand.len());
        for ((key, seq), (rev, line)) in stand {
            lines.push(vec![
                key.as_str().into(),
                (*seq).into(),
                (*rev).into(),
                line.as_str().into(),
            ]);
            change.push(Fact::parse(line).map(|fact| fact.rows).unwrap_or_default());
        }
        replace(&self.duck, &change, |duck| {
            forget_lines(duck, &change.keys)?;
            duck.append("fact", &lines)
        })
    }
}

/// Those that were set last, else the defaults.
fn write_calendar(duck: &Connection, calendar: &Calendar) -> Result<(), DuckError> {
    let json = serde_json::to_string(calendar).map_err(|error| DuckError::Statement(error.to_string()))?;
    duck.execute("delete from cal; delete from note where name = 'calendar'")?;
    duck.append("note", &[vec!["calendar".into(), json.into()]])?;
    let rows: Vec<_> = calendar.spans().map(|(a, b)| vec![a.into(), b.into()]).collect();
    duck.append("cal", &rows)
}

fn limits(duck: &Connection) -> Result<Limits, DuckError> {
    let kept = duck.query("select value from note where name = 'limits'")?;
    let kept = text_of(kept.into_iter().flatten().next());
    Ok(kept
        .and_then(|json| serde_json::from_str(&json).ok())
        .unwrap_or_default())
}

/// What came as facts under these keys goes.
fn forget_lines(duck: &Connection, keys: &BTreeSet<String>) -> Result<(), DuckError> {
    duck.execute("create or replace temp table asked (key varchar)")?;
    let asked: Vec<_> = keys.iter().map(|key| vec![key.as_str().into()]).collect();
    duck.append("asked", &asked)?;
    duck.execute(
        "delete from fact where key in (select key from asked); delete from event where contact in (select key from asked);
         drop table asked",
    )
}

fn text_of(value: Option<Value>) -> Option<String> {
    match value? {
        Value::Text(text) => Some(text),
        _ => None,
    }
}

fn keep(stand: &mut Lines, fact: Fact, line: &str) -> Result<bool, FactError> {
    let name = (fact.key, fact.seq);
    match stand.get(&name) {
        Some((rev, _)) if *rev > fact.rev => return Ok(false),
        Some((rev, known)) if *rev == fact.rev => {
            return if known == line {
                Ok(false)
            } else {
                Err(FactError::Conflict)
            };
        }
        _ => {}
    }
    stand.insert(name, (fact.rev, line.to_owned()));
    Ok(true)
}
