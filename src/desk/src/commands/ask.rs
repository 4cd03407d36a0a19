//! `ask`: questions in Chinese from a file, each as a typed query, a question back or a refusal.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};

use clap::Args;
use serde::{Deserialize, Serialize};
use sidetone_archive::{Archive, Row, answer};
use sidetone_metrics::{Answer, Chart, FilterKey, Query, Vocabulary, ask, chart};

/// Each line of the file is a JSON object: `id`, `text` and, for a question that follows another, `follows`.
#[derive(Debug, Args)]
pub(super) struct AskArguments {
    /// Prints a JSON object a line; without it the answer in words.
    #[arg(long)]
    json: bool,
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

/// As many rows as a bar chart takes, where they are not known.
const FEW: usize = 12;

#[derive(Deserialize)]
struct Line {
    id: String,
    text: String,
    #[serde(default)]
    follows: Option<Follows>,
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
    answer: &'a Answer,
    /// The mark of the chart.
    #[serde(skip_serializing_if = "Option::is_none")]
    chart: Option<Chart>,
    /// The numbers, where there is an archive.
    #[serde(skip_serializing_if = "Option::is_none")]
    rows: Option<Vec<Row>>,
}

/// Answers every line in order.
pub(super) fn run(arguments: &AskArguments) -> Result<(), String> {
    let archive = arguments.archive.as_deref().map(super::import::open).transpose()?;
    let vocabulary = arguments
        .vocabulary
        .as_deref()
        .map_or_else(|| Ok(Vocabulary::default()), vocabulary)?;
    let mut queries: HashMap<String, Query> = HashMap::new();
    for (number, text) in lines(&arguments.file)?.enumerate() {
        let line: Line = serde_json::from_str(&text?).map_err(|error| format!("line {}: {error}", number + 1))?;
        let before = match &line.follows {
            Some(Follows::Id(id)) => queries.get(id),
            Some(Follows::Query(query)) => Some(&**query),
            None => None,
        };
        let now = arguments.now.as_millisecond();
        let answer = ask(&line.text, now, &vocabulary, before);
        let rows = rows(archive.as_ref(), &answer, now)?;
        println!("{}", printed(&line.id, &answer, rows, arguments.json)?);
        if let Answer::Query { query, .. } = answer {
            queries.insert(line.id, *query);
        }
    }
    Ok(())
}

/// The numbers of an answer; what the archive cannot answer is said with its reason.
fn rows(archive: Option<&Archive>, asked: &Answer, now: i64) -> Result<Option<Vec<Row>>, String> {
    match (archive, asked) {
        (Some(archive), Answer::Query { query, .. }) => {
            answer(archive, query, now).map(Some).map_err(|error| error.to_string())
        }
        _ => Ok(None),
    }
}

fn printed(id: &str, answer: &Answer, rows: Option<Vec<Row>>, json: bool) -> Result<String, String> {
    let count = rows.as_ref().map_or(FEW, Vec::len);
    let (said, chart) = match answer {
        Answer::Query { query, said } => (said, Some(chart(query, count))),
        Answer::Question { text, .. } | Answer::Refusal { text, .. } => (text, None),
    };
    if json {
        serde_json::to_string(&Printed {
            id,
            answer,
            chart,
            rows,
        })
        .map_err(|e| e.to_string())
    } else {
        Ok(said.clone())
    }
}

fn lines(path: &Path) -> Result<impl Iterator<Item = Result<String, String>> + use<>, String> {
    let name = path.display().to_string();
    let file = File::open(path).map_err(|error| format!("{name}: {error}"))?;
    Ok(BufReader::new(file)
        .lines()
        .map(move |line| line.map_err(|error| format!("{name}: {error}"))))
}

fn vocabulary(path: &Path) -> Result<Vocabulary, String> {
    let mut words = Vocabulary::default();
    for line in lines(path)? {
        let line = line?;
        let fields: Vec<&str> = line.split('\t').collect();
        let [key, value, spoken] = fields[..] else {
            return Err(format!("{}: three fields a line", path.display()));
        };
        let key: FilterKey =
            serde_json::from_value(key.into()).map_err(|error| format!("{}: {error}", path.display()))?;
        words.add(key, value, spoken);
    }
    Ok(words)
}
