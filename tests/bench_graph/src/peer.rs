//! The same graph in an embedded peer: SQLite, with an index for each direction.

use std::path::Path;

use rusqlite::Connection;
use sidetone_knowledge::{Direction, snapshot::Snapshot};

const SCHEMA: &str = "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA mmap_size = 1073741824;
    CREATE TABLE edge (a INTEGER, rel INTEGER, b INTEGER, PRIMARY KEY (a, rel, b)) WITHOUT ROWID;";
const TWO_HOPS: &str =
    "SELECT second.b FROM edge AS first JOIN edge AS second ON second.a = first.b WHERE first.a = ?1";

/// A database of the snapshot's edges.
pub(crate) struct Peer(Connection);

impl Peer {
    pub(crate) fn fill(path: &Path, snapshot: &Snapshot) -> Result<Self, String> {
        let said = |error: rusqlite::Error| format!("SQLite: {error}");
        let connection = Connection::open(path).map_err(said)?;
        connection.execute_batch(SCHEMA).map_err(said)?;
        connection.execute_batch("BEGIN").map_err(said)?;
        {
            let mut insert = connection
                .prepare("INSERT INTO edge VALUES (?1, ?2, ?3)")
                .map_err(said)?;
            for from in snapshot.entries() {
                for (rel, to) in from.ties(Direction::Out) {
                    insert.execute((from.number(), rel as u32, to)).map_err(said)?;
                }
            }
        }
        connection
            .execute_batch("COMMIT; CREATE INDEX back ON edge (b, rel, a); ANALYZE")
            .map_err(said)?;
        Ok(Self(connection))
    }

    /// Neighbours of neighbours: how many, and the sum of their numbers.
    pub(crate) fn two_hops(&self, from: u32) -> Result<(usize, u64), String> {
        let run = || -> rusqlite::Result<(usize, u64)> {
            let mut statement = self.0.prepare_cached(TWO_HOPS)?;
            let mut rows = statement.query([from])?;
            let mut found = (0, 0);
            while let Some(row) = rows.next()? {
                found = (found.0 + 1, found.1 + u64::from(row.get::<_, u32>(0)?));
            }
            Ok(found)
        };
        run().map_err(|error| format!("SQLite: {error}"))
    }
}
