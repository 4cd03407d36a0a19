//! Events and feedback become facts as they come.
//!
//! An event is kept by its name, with the contact that it is of; facts of that contact are folded anew from all of its events.
//! So an event that comes twice, late or before its time does what it does when it comes once and in time.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::Path;

use sidetone_schema::Envelope;

use crate::duck::{Connection, DuckError, Value};
use crate::fact::Fact;
use crate::fold::{Feedback, Told, fold, key_of};
use crate::load::Archive;
use crate::write::{Change, replace};

/// Contacts whose events are held in memory between two batches; those of more are read again from the archive.
const HELD: usize = 4_096;
/// Where entries of the feedback stream are kept, in the place of a call's id.
const FEEDBACK: &str = "feedback";

/// What a stream of Redis brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// An event, as JSON.
    Event(String),
    /// What an agent did. The entry's id: milliseconds UTC, and a number within them.
    Feedback {
        /// When, ms UTC.
        ms: i64,
        /// The number within the millisecond.
        number: i64,
        /// What.
        feedback: Feedback,
    },
}

/// What became of entries.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Taken {
    /// New ones, that metrics are made of.
    pub new: usize,
    /// Known ones.
    pub known: usize,
    /// Those that metrics are not made of.
    pub other: usize,
    /// Those that are no events of version 1.
    pub bad: usize,
}

/// By name: (call or key, number). The values are in order of time when they are folded.
type Contact = BTreeMap<(String, i64), Told>;

/// An archive that takes events.
pub struct Live {
    archive: Archive,
    contacts: HashMap<String, Contact>,
    /// Contacts whose facts were imported, or whose events are gone: these stand, whatever events say.
    imported: HashSet<String>,
}

struct Named {
    contact: String,
    key: String,
    seq: i64,
    told: Told,
    line: String,
}

impl Live {
    /// Opens an archive file, or one in memory.
    pub fn open(path: Option<&Path>) -> Result<Self, DuckError> {
        let archive = Archive::open(path)?;
        Ok(Self {
            archive,
            contacts: HashMap::new(),
            imported: HashSet::new(),
        })
    }

    /// What the metrics are read from.
    #[must_use]
    pub fn archive(&self) -> &Archive {
        &self.archive
    }

    /// A name of this archive's own: an archive that was made anew has another, and reads everything again.
    pub fn name(&self, fresh: &str) -> Result<String, DuckError> {
        let duck = self.archive.duck();
        let known = duck
            .query("select value from note where name = 'archive'")?
            .into_iter()
            .flatten()
            .next();
        if let Some(Value::Text(name)) = known {
            return Ok(name);
        }
        duck.append("note", &[vec!["archive".into(), fresh.into()]])?;
        Ok(fresh.to_owned())
    }

    /// Events of contacts of which none came since a time (ms UTC) go; their facts stay, and nothing that comes later changes
    /// them. When they came counts, and not when they were: an archive that was lost is filled with old ones. Tickets keep theirs, and an agent the state before.
    pub fn settle(&mut self, before: i64) -> Result<(), DuckError> {
        self.contacts.clear();
        self.imported.clear();
        let old = format!(
            "delete from event where contact not like 'ticket:%' and contact not like 'agent:%'
              and contact in (select contact from event group by contact having max(came) < {before});
             delete from event where contact like 'agent:%' and came < {before} and (contact, t) not in
              (select (contact, max(t)) from event where contact like 'agent:%' and came < {before} group by contact)"
        );
        self.archive.duck().all_or_nothing(|duck| duck.execute(&old))
    }

    /// Takes entries in any order, again or not, that came at a time (ms UTC). When this has answered, they stand; when it fails, nothing
    /// has changed.
    pub fn take(&mut self, came: i64, entries: Vec<Entry>) -> Result<Taken, DuckError> {
        let taken = self.add(came, entries);
        if taken.is_err() || self.contacts.len() > HELD {
            self.contacts.clear();
            self.imported.clear();
        }
        taken
    }

    fn add(&mut self, came: i64, entries: Vec<Entry>) -> Result<Taken, DuckError> {
        let mut taken = Taken::default();
        let mut named = Vec::new();
        for entry in entries {
            match name(entry) {
                Ok(Some(entry)) => named.push(entry),
                Ok(None) => taken.other += 1,
                Err(_) => taken.bad += 1,
            }
        }
        self.load(named.iter().map(|entry| &entry.contact).collect())?;
        let (mut change, mut lines) = (Change::default(), Vec::new());
        for entry in named {
            let contact = self.contacts.entry(entry.contact.clone()).or_default();
            let name = (entry.key, entry.seq);
            if contact.contains_key(&name) {
                taken.known += 1;
                continue;
            }
            taken.new += 1;
            let at = entry.told.at();
            lines.push(row([&entry.contact, &name.0, &entry.line], [entry.seq, at, came]));
            contact.insert(name, entry.told);
            if !self.imported.contains(&entry.contact) {
                change.keys.insert(entry.contact);
            }
        }
        for key in &change.keys {
            let told = self.contacts.get(key).into_iter().flat_map(BTreeMap::values);
            let mut told: Vec<&Told> = told.collect();
            // Within a millisecond the order of names, which is that of publication, stands.
            told.sort_by_key(|told| told.at());
            if let (Some(agent), Some(first)) = (key.strip_prefix("agent:"), told.first()) {
                change.states_from.insert(agent.to_owned(), first.at());
            }
            for fact in fold(key, &told) {
                match Fact::of(&fact) {
                    Ok(fact) => fact
                        .rows
                        .into_iter()
                        .for_each(|(table, row)| change.rows.entry(table).or_default().push(row)),
                    Err(_) => taken.bad += 1,
                }
            }
        }
        replace(self.archive.duck(), &change, |duck| duck.append("event", &lines))?;
        Ok(taken)
    }

    /// Events of these contacts that are in the archive and not in memory.
    fn load(&mut self, wanted: BTreeSet<&String>) -> Result<(), DuckError> {
        let absent: Vec<_> = wanted
            .into_iter()
            .filter(|key| !self.contacts.contains_key(*key))
            .cloned()
            .collect();
        let (stored, imported) = read(self.archive.duck(), &absent)?;
        self.imported.extend(imported);
        for (contact, key, seq, told) in stored {
            self.contacts.entry(contact).or_default().insert((key, seq), told);
        }
        Ok(())
    }
}

fn row([contact, key, line]: [&str; 3], [seq, at, came]: [i64; 3]) -> Vec<Value> {
    vec![
        contact.into(),
        key.into(),
        seq.into(),
        at.into(),
        line.into(),
        came.into(),
    ]
}

/// None for an event that metrics are not made of.
fn name(entry: Entry) -> Result<Option<Named>, serde_json::Error> {
    match entry {
        Entry::Event(line) => {
            let event: Envelope = serde_json::from_str(&line)?;
            Ok(key_of(&event).map(|contact| Named {
                contact,
                key: event.call_id.clone(),
                seq: i64::try_from(event.seq).unwrap_or(i64::MAX),
                told: Told::Event(Box::new(event)),
                line,
            }))
        }
        Entry::Feedback { ms, number, feedback } => Ok(Some(Named {
            contact: feedback.call_id.clone(),
            key: FEEDBACK.to_owned(),
            seq: ms.saturating_mul(1_000) + number.min(999),
            line: serde_json::to_string(&feedback)?,
            told: Told::Feedback(ms, feedback),
        })),
    }
}

type Stored = (String, String, i64, Told);

/// What is stored of contacts, and which of them were imported.
fn read(duck: &Connection, contacts: &[String]) -> Result<(Vec<Stored>, Vec<String>), DuckError> {
    if contacts.is_empty() {
        return Ok(Default::default());
    }
    duck.execute("create or replace temp table asked (key varchar)")?;
    duck.append(
        "asked",
        &contacts.iter().map(|key| vec![key.as_str().into()]).collect::<Vec<_>>(),
    )?;
    let rows = duck.query("select contact, key, seq, t, line from event where contact in (select key from asked)")?;
    let imported = duck.query(
        "select key from fact where key in (select key from asked) union
         select call_id from c where call_id in (select key from asked) and call_id not in (select contact from event)",
    )?;
    duck.execute("drop table asked")?;
    let read = |row: Vec<Value>| match <[Value; 5]>::try_from(row) {
        Ok(
            [
                Value::Text(contact),
                Value::Text(key),
                Value::Int(seq),
                Value::Int(t),
                Value::Text(line),
            ],
        ) => {
            let told = if key == FEEDBACK {
                Told::Feedback(t, serde_json::from_str(&line).ok()?)
            } else {
                Told::Event(serde_json::from_str(&line).ok()?)
            };
            Some((contact, key, seq, told))
        }
        _ => None,
    };
    let text = |value| if let Value::Text(key) = value { Some(key) } else { None };
    let imported = imported.into_iter().flatten().filter_map(text);
    Ok((rows.into_iter().filter_map(read).collect(), imported.collect()))
}
