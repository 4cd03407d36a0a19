//! Gaps as rows that a person edits and puts into the line's folder.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use sidetone_domain::Pack;
use sidetone_language::zh;
use sidetone_schema::GapTurn;

use super::group::Group;

/// Characters of a title that stands there until somebody writes one.
const TITLE: usize = 24;
/// Who wrote the example turns, as the rows say.
const AUTHOR: &str = "gaps";

/// Writes a node for each group and an example turn for each question; gives the files' names and how many rows each has.
///
/// What a person has to fill in is empty, so that rows that nobody has looked at are refused when the folder is loaded.
pub(super) fn write(pack: &Pack, groups: &[Group], folder: &Path) -> Result<Vec<String>, String> {
    let Some(newest) = groups.iter().map(|group| group.last).max() else {
        return Err("there is no gap to export".to_owned());
    };
    let stamp = newest.instant().strftime("%Y%m%d-%H%M%S").to_string();
    let (mut nodes, mut examples) = (Vec::new(), Vec::new());
    for (number, group) in groups.iter().enumerate() {
        let id = format!("gap.{stamp}.{}", number + 1);
        examples.extend(
            group
                .gaps
                .iter()
                .map(|gap| json!({"text": gap.question, "node": id, "before": before(&gap.context), "author": AUTHOR})),
        );
        nodes.push(node(pack, group, &id));
    }
    fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let files = [("nodes", nodes), ("examples", examples)];
    files
        .into_iter()
        .map(|(kind, rows)| {
            let path = folder.join(format!("{kind}-gaps-{stamp}.jsonl"));
            let lines: String = rows.iter().map(|row| format!("{row}\n")).collect();
            fs::write(&path, lines).map_err(|error| format!("{}: {error}", path.display()))?;
            Ok(format!("{}: {} rows", path.display(), rows.len()))
        })
        .collect()
}

/// A node without what only a person can say: where it is written. The body is what an agent answered, if one did.
fn node(pack: &Pack, group: &Group, id: &str) -> Value {
    let title: String = group
        .questions
        .iter()
        .flat_map(|text| text.chars())
        .take(TITLE)
        .collect();
    json!({"id": id, "layer": "business", "topic": group.topic.as_deref().unwrap_or_default(), "intents": [],
        "title": title, "body": group.answers.first().map_or("", String::as_str), "asked_as": group.questions,
        "todos": [], "risks": [], "channels": [], "region": pack.info().region, "doc_no": "", "doc_title": "",
        "confidence": "D"})
}

/// The turns before, as example turns are written.
fn before(context: &[GapTurn]) -> Vec<String> {
    let calls = &zh().calls;
    let mark = |turn: &GapTurn| match turn.role.as_str() {
        "agent" => format!("{}{}", calls.agent, turn.text),
        _ => format!("{}{}", calls.caller, turn.text),
    };
    context.iter().map(mark).collect()
}
