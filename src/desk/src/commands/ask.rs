//! `ask`: questions in Chinese from a file, each as a typed query, a question back or a refusal.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};

use clap::Args;
use serde::{Deserialize, Serialize};
use sidetone_metrics::{Answer, Query};

use crate::asking::{Reply, csv, reply, vocabulary};

/// Each line of the file is a JSON object: `id`, `text`, for a question that follows another `follows`, and `now` where
/// its present is another.
#[derive(Debug, Args)]
pub(super) struct AskArguments {
    /// Prints a JSON object a line; without it the answer in words.
    #[arg(long, conflicts_with = "csv")]
    json: bool,
    /// Prints the numbers of each answer as CSV with a head line; a question back and a refusal have the head line alone.
    #[arg(long, requires = "archive")]
    csv: bool,
    /// The present, RFC 3339.
    #[arg(long)]
    now: jiff::Timestamp,
    /// The archive that the numbers come from; without it there are none.
    #[arg(long)]
    archive: Option<PathBuf>,
    /// The values of the site, a line each: filter key, value, spoken name, separated by tabs.
    #[arg(long)]
    vocabulary: Option<PathBuf>,
    /// The questions.
    file: PathBuf,
}

#[derive(Deserialize)]
struct Line {
    id: String,
    text: String,
    #[serde(default)]
    follows: Option<Follows>,
    /// The present of this line.
    #[serde(default)]
    now: Option<jiff::Timestamp>,
}

/// The question before: the id of an earlier line, or its query.
#[derive(Deserialize)]
#[serde(untagged)]
enum Follows {
    Id(String),
    Query(Box<Query>),
}

#[derive(Serialize)]
struct Printed<'a> {
    id: &'a str,
    #[serde(flatten)]
    reply: &'a Reply,
}

/// Answers every line in order.
pub(super) fn run(arguments: &AskArguments) -> Result<(), String> {
    let archive = arguments.archive.as_deref().map(super::import::open).transpose()?;
    let words = vocabulary(arguments.vocabulary.as_deref(), archive.as_ref())?;
    let mut queries: HashMap<String, Query> = HashMap::new();
    for (number, text) in lines(&arguments.file)?.enumerate() {
        let line: Line = serde_json::from_str(&text?).map_err(|error| format!("line {}: {error}", number + 1))?;
        let before = match &line.follows {
            Some(Follows::Id(id)) => queries.get(id),
            Some(Follows::Query(query)) => Some(&**query),
            None => None,
        };
        let now = line.now.unwrap_or(arguments.now).as_millisecond();
        let reply = reply(archive.as_ref(), &line.text, now, &words, before)?;
        print!("{}", arguments.form(&line.id, &reply)?);
        if let Answer::Query { query, .. } = reply.answer {
            queries.insert(line.id, *query);
        }
    }
    Ok(())
}

impl AskArguments {
    /// An answer as it is printed, with the end of its line.
    fn form(&self, id: &str, reply: &Reply) -> Result<String, String> {
        if self.json {
            let line = serde_json::to_string(&Printed { id, reply }).map_err(|error| error.to_string())?;
            return Ok(line + "\n");
        }
        if self.csv {
            return Ok(csv(reply.rows.as_deref().unwrap_or_default()));
        }
        Ok(match &reply.answer {
            Answer::Query { said: text, .. } | Answer::Question { text, .. } | Answer::Refusal { text, .. } => {
                format!("{text}\n")
            }
        })
    }
}

fn lines(path: &Path) -> Result<impl Iterator<Item = Result<String, String>> + use<>, String> {
    let name = path.display().to_string();
    let file = File::open(path).map_err(|error| format!("{name}: {error}"))?;
    Ok(BufReader::new(file)
        .lines()
        .map(move |line| line.map_err(|error| format!("{name}: {error}"))))
}
