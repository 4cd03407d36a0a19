//! The prompt that asks for better wording of a wrap-up.

use std::fmt::Write as _;

use sidetone_base::Role;
use sidetone_language::{WrapupPrompt, fill, zh};
use sidetone_schema::{ElementMethod, Wrapup};

use super::schema::schema;
use super::{Heard, Prompt, Source, SourceKind, Sources};

/// `wrapup` with the turns that it rests on and `rows` of the base. None where there is nothing to word anew.
pub(crate) fn prompt(wrapup: Wrapup, heard: &Heard, rows: &[String]) -> Option<Prompt> {
    if wrapup.topics.is_empty() {
        return None;
    }
    let mut sources = Sources::default();
    for row in rows {
        sources.add(SourceKind::Row, row);
    }
    for result in heard.results() {
        sources.add(SourceKind::Calculation, result);
    }
    let used = evidence(&wrapup);
    for (segment, role, text) in heard.turns().filter(|(segment, ..)| used.contains(segment)) {
        let segment = segment.to_owned();
        sources.add(SourceKind::Turn { segment, role }, text);
    }
    let words = &zh().grounding.wrapup;
    Some(Prompt {
        system: words.system.clone(),
        user: user(words, &wrapup, &sources),
        schema: schema(&wrapup, &sources),
        sources,
        wrapup,
    })
}

/// The segments that the record rests on.
fn evidence(wrapup: &Wrapup) -> Vec<&str> {
    let elements = &wrapup.elements;
    let asked = wrapup.topics.iter().flat_map(|topic| &topic.evidence);
    asked
        .chain(&elements.subject.evidence)
        .chain(&elements.advice.evidence)
        .chain(&elements.todos.evidence)
        .map(String::as_str)
        .collect()
}

fn user(words: &WrapupPrompt, wrapup: &Wrapup, sources: &Sources) -> String {
    let mut text = String::new();
    let mut line = |line: &str| {
        // Writing to a string does not fail.
        let _ = writeln!(text, "{line}");
    };
    let is_turn = |source: &Source| matches!(source.kind, SourceKind::Turn { .. });
    line(&words.rows);
    for (number, source) in sources.iter().filter(|(_, source)| !is_turn(source)) {
        line(&numbered(words, number, source));
    }
    line(&words.record);
    let elements = &wrapup.elements;
    let mark = zh().marks.title;
    line(&format!("{}{mark}{}", words.summary, wrapup.summary));
    for (name, element) in [(&words.advice, &elements.advice), (&words.todos, &elements.todos)] {
        if element.method != ElementMethod::Default {
            element
                .value
                .iter()
                .for_each(|entry| line(&format!("{name}{mark}{entry}")));
        }
    }
    line(&words.said);
    for (number, source) in sources.iter().filter(|(_, source)| is_turn(source)) {
        line(&numbered(words, number, source));
    }
    text
}

fn numbered(words: &WrapupPrompt, number: usize, source: &Source) -> String {
    let calls = &zh().calls;
    let who = match &source.kind {
        SourceKind::Turn { role: Role::Caller, .. } => &calls.caller,
        SourceKind::Turn { role: Role::Agent, .. } => &calls.agent,
        SourceKind::Row => &words.row,
        SourceKind::Calculation => &words.calculation,
    };
    let parts = [
        ("number", number.to_string()),
        ("who", who.clone()),
        ("text", source.text.clone()),
    ];
    fill(
        &words.source,
        &parts.each_ref().map(|(name, value)| (*name, value.as_str())),
    )
}
