//! The values of the dimensions that the archive has met.

use sidetone_metrics::FilterKey;

use crate::duck::{DuckError, Value};
use crate::load::Archive;

/// More of one kind are left out: they would be no names of queues, agents or topics.
const MOST: usize = 10_000;

/// Each value with what is filtered by it.
pub fn names(archive: &Archive) -> Result<Vec<(FilterKey, String)>, DuckError> {
    let sources = [
        (FilterKey::Queue, "select queue as name from q"),
        (
            FilterKey::Agent,
            "select agent as name from p union select agent from s",
        ),
        (FilterKey::Topic, "select topic as name from wt"),
        (FilterKey::Node, "select node as name from rn"),
    ];
    let mut names = Vec::new();
    for (key, source) in sources {
        let sql =
            format!("select distinct name from ({source}) as found where name is not null order by name limit {MOST}");
        for row in archive.duck().query(&sql)? {
            if let [Value::Text(name)] = row.as_slice() {
                names.push((key, name.clone()));
            }
        }
    }
    Ok(names)
}
