//! Utterances that people have written, with their right coverings: `zh/masking/authors/NAME.tsv`, a file for each author, as `bench pii`
//! reads them.

use std::path::{Path, PathBuf};

use sidetone_assist::privacy::Label;
use sidetone_language::is_han;

use super::lines::Turn;
use super::marked::{Mark, Marked};

/// The files of all authors but those of these names, in the order of their names.
pub(super) fn files(folder: &Path, without: &[String]) -> Result<Vec<PathBuf>, String> {
    let folder = folder.join("authors");
    let entries = std::fs::read_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut files: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.retain(|file| {
        let author = file.file_stem().map(|name| name.to_string_lossy().into_owned());
        author.is_some_and(|author| !without.contains(&author))
    });
    files.sort();
    Ok(files)
}

/// An author's utterances as dialogues.
pub(super) fn dialogues(text: &str) -> Vec<Vec<Turn>> {
    let line = |line: &str| {
        let mut columns = line.split('\t');
        let (group, turns, right) = (columns.next()?, columns.next()?, columns.next()?);
        let turn = |(said, right): (&str, &str)| {
            let chars = said.trim_start_matches('>').chars();
            let marks = right.trim_start_matches('>').chars();
            let marked = chars.zip(marks).map(|(c, right)| (c, mark(group, c, right)));
            (said.starts_with('>'), Marked(marked.collect()))
        };
        Some(turns.split(" || ").zip(right.split(" || ")).map(turn).collect())
    };
    text.lines().filter_map(line).collect()
}

/// A line of one group may hold something of another: a name beside a number, a number beside a name.
fn mark(group: &str, c: char, right: char) -> Mark {
    let label = match group {
        "address" => Some(Label::Address),
        "birthday" => Some(Label::Birth),
        "name" => is_han(c).then_some(Label::Name),
        _ => c.is_ascii_alphanumeric().then_some(Label::Number),
    };
    match right {
        '#' => label.map_or(Mark::Cover, Mark::Must),
        '?' => Mark::May,
        _ => Mark::Stay,
    }
}
