//! The archive: facts by name in one database, and the tables that the metrics are written over.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use crate::calendar::Calendar;
use crate::duck::{Connection, DuckError, Value};
use crate::fact::{Fact, FactError};

const TABLES: &str = include_str!("../sql/tables.sql");
const DERIVE: &str = include_str!("../sql/derive.sql");
const DIALECT: &str = include_str!("../sql/duckdb.sql");
const NAMES: &str = "create table if not exists fact (key varchar, seq bigint, rev bigint, line varchar)";

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
}

type Lines = HashMap<(String, i64), (i64, String)>;

impl Archive {
    /// Opens an archive file, or one in memory.
    pub fn open(path: Option<&Path>) -> Result<Self, DuckError> {
        let duck = Connection::open(path)?;
        duck.execute(NAMES)?;
        let there = duck.query("select count(*) from duckdb_tables() where table_name = 'win'")?;
        let archive = Self { duck };
        if there == [[Value::Int(0)]] {
            archive.duck.execute(DIALECT)?;
            archive.duck.execute(TABLES)?;
            archive.duck.execute(DERIVE)?;
            archive.set_calendar(&Calendar::default())?;
        }
        Ok(archive)
    }

    /// Takes lines in any order. A line that is no fact is told and left out; all others stand.
    /// The highest revision of a name stands; nothing changes when the same lines come again.
    pub fn import<'a>(&self, lines: impl Iterator<Item = &'a str>) -> Result<Imported, DuckError> {
        let mut stand = self.lines()?;
        let mut done = Imported::default();
        for (place, line) in lines.enumerate() {
            let line = line.trim();
            if line.is_empty() {
                continue;
            }
            match Fact::parse(line).and_then(|fact| keep(&mut stand, fact, line)) {
                Ok(true) => done.taken += 1,
                Ok(false) => done.known += 1,
                Err(error) => done.bad.push((place + 1, error)),
            }
        }
        if done.taken > 0 {
            self.write(&stand)?;
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
        let gone: Vec<String> = self
            .duck
            .query(calls)?
            .into_iter()
            .filter_map(|row| text_of(row.into_iter().next()))
            .collect();
        let mut stand = self.lines()?;
        let before = stand.len();
        stand.retain(|(key, _), _| !gone.contains(key));
        self.write(&stand)?;
        Ok(before - stand.len())
    }

    /// The hours of service, for what asks for calls outside of them.
    pub fn set_calendar(&self, calendar: &Calendar) -> Result<(), DuckError> {
        self.duck.execute("delete from cal")?;
        let rows: Vec<_> = calendar.spans().map(|(a, b)| vec![a.into(), b.into()]).collect();
        self.duck.append("cal", &rows)
    }

    /// Writes every table of facts as a Parquet file into a folder.
    pub fn export(&self, folder: &Path) -> Result<(), DuckError> {
        let quoted = folder.to_string_lossy().replace('\'', "''");
        for table in tables() {
            self.duck.execute(&format!(
                "copy {table} to '{quoted}/{table}.parquet' (format parquet, compression zstd)"
            ))?;
        }
        Ok(())
    }

    pub(crate) fn duck(&self) -> &Connection {
        &self.duck
    }

    fn lines(&self) -> Result<Lines, DuckError> {
        let rows = self.duck.query("select key, seq, rev, line from fact")?;
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

    /// All or nothing: a program that dies here leaves the archive as it was.
    fn write(&self, stand: &Lines) -> Result<(), DuckError> {
        self.duck.execute("begin transaction")?;
        let written = self.write_all(stand);
        self.duck.execute(if written.is_ok() { "commit" } else { "rollback" })?;
        written
    }

    fn write_all(&self, stand: &Lines) -> Result<(), DuckError> {
        let mut tables: BTreeMap<&str, Vec<Vec<Value>>> = BTreeMap::new();
        for ((key, seq), (rev, line)) in stand {
            let name = vec![key.as_str().into(), (*seq).into(), (*rev).into(), line.as_str().into()];
            tables.entry("fact").or_default().push(name);
            for (table, row) in Fact::parse(line).map(|fact| fact.rows).unwrap_or_default() {
                tables.entry(table).or_default().push(row);
            }
        }
        for table in self::tables().chain(["fact"]) {
            self.duck.execute(&format!("delete from {table}"))?;
            self.duck.append(table, tables.get(table).map_or(&[], Vec::as_slice))?;
        }
        self.duck.execute(DERIVE)
    }
}

/// The tables of facts, from the text that makes them.
fn tables() -> impl Iterator<Item = &'static str> {
    let names = TABLES
        .lines()
        .filter_map(|line| line.strip_prefix("create table ")?.split(' ').next());
    names.filter(|name| !["cal", "win", "steps"].contains(name))
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
