//! Entries as a clerk writes them: short, and nothing twice.

use sidetone_language::{Phrases, fill, zh};

/// Characters of one piece of advice after its title.
const CLAUSE: usize = 40;

/// The title, and of the body the first clauses that fit.
pub(super) fn brief(phrases: &Phrases, title: &str, body: &str) -> String {
    let marks = &zh().marks;
    let title = title.split_once(marks.title).map_or(title, |(_, about)| about);
    let sentence = body.split(marks.full_stop()).next().unwrap_or(body);
    let clause = shortened(phrases, sentence);
    if clause.is_empty() || title.contains(&clause) {
        return title.to_owned();
    }
    if clause.starts_with(title) {
        clause
    } else {
        fill(&phrases.wrapup.advice, &[("title", title), ("clause", &clause)])
    }
}

/// Whole clauses, up to [`CLAUSE`] characters; `…` says that the sentence goes on.
fn shortened(phrases: &Phrases, sentence: &str) -> String {
    if sentence.chars().count() <= CLAUSE {
        return sentence.trim().to_owned();
    }
    let marks = &zh().marks;
    let ends = sentence
        .char_indices()
        .enumerate()
        .filter(|(_, (_, c))| marks.clause.contains(c) || *c == marks.list);
    let (clauses, lists): (Vec<_>, Vec<_>) = ends
        .take_while(|(count, _)| *count <= CLAUSE)
        .map(|(_, end)| end)
        .partition(|(_, c)| *c != marks.list);
    match clauses.last().or(lists.last()) {
        Some((at, _)) => fill(&phrases.wrapup.cut, &[("clause", &sentence[..*at])]),
        None => sentence.trim().to_owned(),
    }
}

/// Adds `text` unless it is said already, and in place of what it says better.
pub(super) fn add(into: &mut Vec<String>, text: &str, most: usize) {
    if into.iter().any(|known| says(known, text)) {
        return;
    }
    let place = into.iter().position(|known| says(text, known));
    into.retain(|known| !says(text, known));
    match place {
        Some(at) => into.insert(at, text.to_owned()),
        None if into.len() < most => into.push(text.to_owned()),
        None => {}
    }
}

/// Whether every clause of `part` stands in `whole`.
fn says(whole: &str, part: &str) -> bool {
    let mut clauses = part
        .split(|c| c == ' ' || zh().marks.ends_clause(c))
        .filter(|clause| !clause.is_empty())
        .peekable();
    clauses.peek().is_some() && clauses.all(|clause| whole.contains(clause))
}

#[cfg(test)]
mod tests {
    use super::add;

    fn added(texts: &[&str]) -> String {
        let mut into = Vec::new();
        texts.iter().for_each(|text| add(&mut into, text, 3));
        into.join(" | ")
    }

    #[test]
    fn what_is_said_already_is_not_said_again() {
        assert_eq!(
            added(&["先办理失业登记，再申领失业保险金", "先办理失业登记"]),
            "先办理失业登记，再申领失业保险金"
        );
        assert_eq!(
            added(&["甲", "先办理失业登记", "先办理失业登记，再申领。", "乙"]),
            "甲 | 先办理失业登记，再申领。 | 乙"
        );
        assert_eq!(added(&["甲", "乙", "丙", "丁"]), "甲 | 乙 | 丙");
        assert_eq!(added(&["", "甲"]), " | 甲");
    }

    fn brief(title: &str, body: &str) -> String {
        super::brief(&sidetone_language::zh().phrases, title, body)
    }

    #[test]
    fn advice_is_a_title_and_a_clause() {
        assert_eq!(
            brief("标准", "每人每月2160元。另按规定缴医保。"),
            "标准：每人每月2160元"
        );
        assert_eq!(brief("社会保险法第四十七条：标准", "由省定"), "标准：由省定");
        assert_eq!(brief("期限 18个月", "18个月"), "期限 18个月");
        let long = format!("{}，{}，末", "甲".repeat(30), "乙".repeat(30));
        assert_eq!(brief("题", &long), format!("题：{}…", "甲".repeat(30)));
    }
}
