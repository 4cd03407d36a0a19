//! Names behind the words that give one.

use sidetone_language::is_han;
use sidetone_schema::RedactionKind;

use super::span::Span;
use super::words;

/// Every name that its speaker announces.
pub(super) fn names(chars: &[char]) -> Vec<Span> {
    let mut found = Vec::new();
    for at in 0..chars.len() {
        if let Some(len) = words().name_cue.head(&chars[at..]) {
            let sure = words().sure_name_cue.head(&chars[at..]) == Some(len);
            found.extend(name(chars, at + len, sure));
        }
        found.extend(surname_first(chars, at));
    }
    found
}

/// The name at `begin`: a surname and one or two characters, or what stands there behind a sure cue.
fn name(chars: &[char], begin: usize, sure: bool) -> Option<Span> {
    let begin = begin
        + chars[begin..]
            .iter()
            .take_while(|c| !is_han(**c) && !c.is_alphanumeric())
            .count();
    let rest = &chars[begin..];
    if words().no_name.head(rest).is_some() {
        return None;
    }
    let surname = match words().surname.head(rest) {
        Some(len) => len,
        None if sure && rest.first().is_some_and(|c| is_han(*c)) && words().name_edge.head(rest).is_none() => 1,
        None => return None,
    };
    let given = given(&rest[surname..]);
    // A surname and nothing behind it is no name, save at the very end of what is heard.
    (given > 0 || rest.len() == surname).then_some((begin..begin + surname + given, RedactionKind::Name))
}

fn given(rest: &[char]) -> usize {
    const LONGEST: usize = 2;
    (0..rest.len().min(LONGEST))
        .take_while(|&at| is_han(rest[at]) && (words().name_edge.head(&rest[at..]).is_none()))
        .count()
}

/// A surname, given first, and the whole name behind it.
fn surname_first(chars: &[char], at: usize) -> Vec<Span> {
    let Some(cue) = words().surname_cue.head(&chars[at..]) else {
        return Vec::new();
    };
    let at = at + cue;
    let rest = &chars[at..];
    let Some(len) = words().surname.head(rest) else {
        return Vec::new();
    };
    let pause = rest[len..]
        .iter()
        .take_while(|c| !is_han(**c) && !c.is_alphanumeric())
        .count();
    let Some(called) = words().called.head(&rest[len + pause..]) else {
        return Vec::new();
    };
    let begin = at + len + pause + called;
    let whole = name(chars, begin, false).filter(|(range, _)| chars[range.start..].starts_with(&rest[..len]));
    let only = (begin..begin + given(&chars[begin..]), RedactionKind::Name);
    let named = whole.unwrap_or(only);
    if named.0.is_empty() {
        return Vec::new();
    }
    vec![(at..at + len, RedactionKind::Name), named]
}
