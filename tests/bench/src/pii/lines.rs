//! Lines with slots, turned into dialogues.

use super::cast::Cast;
use super::marked::{Mark, Marked};

/// One turn: whether it is the other party's, and what is said.
pub(super) type Turn = (bool, Marked);

/// A dialogue of a line.
pub(super) fn dialogue(cast: &mut Cast<'_>, line: &str) -> Vec<Turn> {
    let line = line.strip_prefix("N: ").unwrap_or(line);
    cast.begin(line);
    let turn = |turn: &str| {
        let turn = turn.trim();
        let other = turn.starts_with('>');
        cast.speak(other);
        let chars: Vec<char> = turn.trim_start_matches('>').chars().collect();
        (other, expand(cast, &chars, Mark::Stay, ""))
    };
    line.split("||")
        .map(turn)
        .filter(|(_, said)| !said.0.is_empty())
        .collect()
}

/// What a piece of a line becomes, of which what stands by itself has the mark; `of` is the thing that `{.…}` are parts of.
pub(super) fn expand(cast: &mut Cast<'_>, chars: &[char], mark: Mark, of: &str) -> Marked {
    let mut out = Marked::default();
    let mut at = 0;
    while at < chars.len() {
        let (atom, end) = atom(chars, at);
        let maybe = chars.get(end) == Some(&'?');
        at = end + usize::from(maybe);
        if maybe && cast.dice().chance(50) {
            continue;
        }
        out.append(piece(cast, atom, mark, of));
    }
    out
}

/// One character, or what stands in brackets with them: it, and where it ends.
fn atom(chars: &[char], at: usize) -> (&[char], usize) {
    let close = match chars[at] {
        '(' => ')',
        '{' => '}',
        '<' => '>',
        '[' => ']',
        _ => return (&chars[at..=at], at + 1),
    };
    let mut depth = 0;
    for (end, c) in chars.iter().enumerate().skip(at) {
        depth += usize::from(*c == chars[at]);
        depth -= usize::from(*c == close);
        if depth == 0 {
            return (&chars[at..=end], end + 1);
        }
    }
    (&chars[at..], chars.len())
}

fn piece(cast: &mut Cast<'_>, atom: &[char], mark: Mark, of: &str) -> Marked {
    let inner = &atom[1..atom.len().max(2) - 1];
    match atom {
        ['(', ..] => {
            let options = options(inner);
            let chosen = options[cast.dice().roll(options.len())];
            expand(cast, chosen, mark, of)
        }
        ['<', ..] => expand(cast, inner, Mark::May, of),
        ['[', 'N', ':', ..] => expand(
            cast,
            &inner[2..],
            Mark::Must(sidetone_assist::privacy::Label::Number),
            of,
        ),
        ['{', ..] => {
            let slot: String = inner.iter().collect();
            cast.fill(&slot, mark, of)
        }
        _ => {
            let mut out = Marked::default();
            out.push(&atom.iter().collect::<String>(), mark);
            out
        }
    }
}

/// The pieces between the bars that stand in no brackets of their own.
fn options(chars: &[char]) -> Vec<&[char]> {
    let (mut found, mut begin, mut depth) = (Vec::new(), 0, 0);
    for (at, c) in chars.iter().enumerate() {
        match c {
            '(' | '{' => depth += 1,
            ')' | '}' => depth -= 1,
            '|' if depth == 0 => {
                found.push(&chars[begin..at]);
                begin = at + 1;
            }
            _ => {}
        }
    }
    found.push(&chars[begin..]);
    found
}
