//! What the words around it say of what is covered, once rules and model have spoken.

use std::ops::Range;

use sidetone_language::{is_han, zh};

use super::tagger::{Label, value};
use super::token::{Gap, between, is_filler};
use super::words;

/// What belongs to what is covered, or is none of it, whoever says so: signs within a home's number and the name of its road, the word
/// that spells a character of a name, what is said again, the year of a birthday, what an account goes on with; how many digits a number
/// has, an age, an amount, a digit that is only spoken of, the name of a network before an account.
pub(super) fn adjust(chars: &[char], labels: &mut [Label]) {
    homes(chars, labels);
    districts(chars, labels);
    names(chars, labels);
    accounts(chars, labels);
    between_groups(chars, labels);
    signs(chars, labels);
    years(chars, labels);
    amounts(chars, labels);
    for range in digits(chars) {
        if is_nobodys(chars, &range, labels) {
            labels[range].fill(Label::Other);
        } else if let Some(end) = birth_year(chars, &range, labels) {
            labels[range.start..end].fill(Label::Birth);
        }
    }
    pauses(chars, labels);
}

/// Shows letters without a digit in or beside them that no rule covers (Windows, a sentence in English), for turns in which nobody tells a
/// number, an account or an address of mail. Where digits of somebody's are told, letters may belong to them (鲁E, 0000; and an X at last).
pub(super) fn letters(chars: &[char], rules: &[Option<Label>], labels: &mut [Label]) {
    let digit = |at: usize| value(chars[at]).is_some_and(|value| value.is_ascii_digit());
    let numbers = runs(labels, Label::Number);
    if numbers.iter().flat_map(Clone::clone).any(digit) {
        return;
    }
    for run in numbers {
        let mut near = run.start.saturating_sub(1)..chars.len().min(run.end + 1);
        if rules[run.clone()].iter().all(Option::is_none) && !near.any(digit) {
            labels[run].fill(Label::Other);
        }
    }
}

/// Shows the marks that end clauses and sentences: they tell nothing of anybody, and what is covered is read more easily.
fn pauses(chars: &[char], labels: &mut [Label]) {
    for (label, c) in labels.iter_mut().zip(chars) {
        if zh().marks.ends_clause(*c) {
            *label = Label::Other;
        }
    }
}

/// Stretches of one label.
fn runs(labels: &[Label], of: Label) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    for at in (0..labels.len()).filter(|at| labels[*at] == of) {
        match found.last_mut() {
            Some(run) if run.end == at => run.end = at + 1,
            _ => found.push(at..at + 1),
        }
    }
    found
}

/// Covers what is said of `known` elsewhere.
fn again(chars: &[char], known: &[char], label: Label, labels: &mut [Label]) {
    for (at, said) in chars.windows(known.len()).enumerate() {
        if said == known {
            labels[at..at + known.len()].fill(label);
        }
    }
}

fn homes(chars: &[char], labels: &mut [Label]) {
    /// Characters of a road's name; and of a part of a home that is known again.
    const NAME: usize = 4;
    const SHORT: usize = 2;
    named_between(chars, labels);
    for at in 1..chars.len() {
        let between = labels[at - 1] == Label::Address && labels.get(at + 1) == Some(&Label::Address);
        if labels[at] == Label::Other && chars[at].is_ascii_punctuation() && between {
            labels[at] = Label::Address;
        }
    }
    for run in runs(labels, Label::Address) {
        let edge =
            |at: usize| words().address_edge.head(&chars[at..]).is_some() || words().area.head(&chars[at..]).is_some();
        let named = |at: &usize| chars[*at].is_alphabetic() && !edge(*at);
        let begin = (run.start.saturating_sub(NAME)..run.start)
            .rev()
            .take_while(named)
            .last();
        let ends = [&words().road, &words().estate, &words().village];
        let cut = ends.iter().any(|ends| ends.head(&chars[run.start..]).is_some());
        // Characters that are no word and reach back to a pause, or to what no name goes over, are of the name.
        let whole = begin.is_some_and(|begin| {
            let word = |at: usize| {
                zh().vocabulary
                    .head(&chars[at..])
                    .is_some_and(|len| at + len <= run.start)
            };
            let edged = begin == 0 || !named(&(begin - 1));
            run.start - begin <= SHORT && edged && !(begin..run.start).any(word)
        });
        if let Some(begin) = begin.filter(|_| cut || whole) {
            labels[begin..run.start].fill(Label::Address);
        }
        if run.len() >= NAME {
            again(chars, &chars[run], Label::Address, labels);
        }
    }
}

/// Covers a clause between two parts of a home: the name of an estate, whatever it ends with.
fn named_between(chars: &[char], labels: &mut [Label]) {
    const LENGTHS: std::ops::RangeInclusive<usize> = 2..=6;
    let runs = runs(labels, Label::Address);
    for pair in runs.windows(2) {
        let between = pair[0].end..pair[1].start;
        let said = &chars[between.clone()];
        let name: Vec<&[char]> = said
            .split(|c| !c.is_alphanumeric())
            .filter(|part| !part.is_empty())
            .collect();
        let edged =
            said.first().is_some_and(|c| !c.is_alphanumeric()) && said.last().is_some_and(|c| !c.is_alphanumeric());
        if let [name] = name[..]
            && edged
            && LENGTHS.contains(&name.len())
            && name.iter().all(|c| is_han(*c))
            && !words().address_edge.within(name)
            && !is_filler(name)
        {
            labels[between].fill(Label::Address);
        }
    }
}

/// Shows the provinces, cities and districts at the head of a home: many people live there.
fn districts(chars: &[char], labels: &mut [Label]) {
    /// Characters of a district's name, with its last word; two stand before that, of which the model may have left some out.
    const SHORTEST: usize = 3;
    const LONGEST: usize = 4;
    let area = |at: usize| words().district.has(chars[at]);
    for run in runs(labels, Label::Address) {
        let mut begin = run.start;
        while begin < run.end {
            let named = |end: &usize| {
                let name = &chars[(*end + 1).saturating_sub(SHORTEST)..=*end];
                let estate = words().estate.tail(&chars[..=*end]).is_some();
                let own = name.iter().all(|c| c.is_alphabetic() && value(*c).is_none());
                name.len() == SHORTEST
                    && own
                    && !estate
                    && !name[..SHORTEST - 1].iter().any(|c| words().district.has(*c))
            };
            let Some(end) = (begin..run.end.min(begin + LONGEST)).find(|at| area(*at)).filter(named) else {
                break;
            };
            labels[begin..=end].fill(Label::Other);
            begin = end + 1;
        }
    }
}

/// Covers a group of digits between two groups of a number that are covered, with no words between them.
fn between_groups(chars: &[char], labels: &mut [Label]) {
    let groups = digits(chars);
    for three in groups.windows(3) {
        let [before, group, behind] = three else { continue };
        let close = |from: &Range<usize>, to: &Range<usize>| between(&chars[from.end..to.start]) < Gap::Words;
        let covered = |group: &Range<usize>| labels[group.clone()].iter().all(|label| *label == Label::Number);
        let unit = words().unit(&chars[group.end..]).is_some();
        if covered(before) && covered(behind) && close(before, group) && close(group, behind) && !unit {
            labels[group.clone()].fill(Label::Number);
        }
    }
}

/// Shows years that follow each other (08, 09, 2010): they are nobody's number.
fn years(chars: &[char], labels: &mut [Label]) {
    const SHORT: usize = 2;
    const LONG: usize = 4;
    const FEWEST: usize = 3;
    let year = |group: &Range<usize>| {
        let last_two = &chars[group.end.checked_sub(SHORT)?..group.end];
        let digits = last_two.iter().filter_map(|c| value(*c));
        let of = digits.fold(0, |year, digit| year * 10 + u32::from(digit - b'0'));
        matches!(group.len(), SHORT | LONG).then_some(of)
    };
    let groups = digits(chars);
    let follows = |pair: &[Range<usize>]| {
        let pauses = &chars[pair[0].end..pair[1].start];
        let close = pauses.iter().all(|c| !c.is_alphanumeric());
        close && year(&pair[0]).is_some_and(|before| year(&pair[1]) == Some(before + 1))
    };
    for run in groups.chunk_by(|before, behind| follows(&[before.clone(), behind.clone()])) {
        if run.len() >= FEWEST {
            run.iter().for_each(|group| labels[group.clone()].fill(Label::Other));
        }
    }
}

/// Shows amounts in a row: round ones that rise (500, 800, 1000), and those behind a round one that is shown.
fn amounts(chars: &[char], labels: &mut [Label]) {
    const LENGTHS: Range<usize> = 3..6;
    const FEWEST: usize = 3;
    const ROUND: u32 = 100;
    let amount = |group: &Range<usize>| {
        let digits: Vec<u8> = chars[group.clone()].iter().filter_map(|c| value(*c)).collect();
        let may_be = LENGTHS.contains(&digits.len()) && digits[0] != b'0';
        may_be.then(|| {
            digits
                .iter()
                .fold(0, |amount, digit| amount * 10 + u32::from(digit - b'0'))
        })
    };
    let groups = digits(chars);
    let close = |pair: &[Range<usize>]| {
        let pauses = chars[pair[0].end..pair[1].start].iter().all(|c| !c.is_alphanumeric());
        pauses && pair.iter().all(|group| amount(group).is_some())
    };
    for run in groups.chunk_by(|before, behind| close(&[before.clone(), behind.clone()])) {
        let said: Vec<u32> = run.iter().filter_map(amount).collect();
        let rise = said.is_sorted_by(|before, behind| before < behind) && said.iter().all(|amount| amount % ROUND == 0);
        let shown = labels[run[0].start] == Label::Other && said.first().is_some_and(|amount| amount % ROUND == 0);
        let alike = run.iter().all(|group| group.len() == run[0].len());
        if said.len() >= FEWEST && (rise || (shown && alike)) {
            run.iter().for_each(|group| labels[group.clone()].fill(Label::Other));
        }
    }
}

/// Covers the sign that is written between two groups of a number (0546-…): it is part of how the number is written.
fn signs(chars: &[char], labels: &mut [Label]) {
    for at in 1..chars.len().saturating_sub(1) {
        let covered = |at: usize| labels[at] == Label::Number && value(chars[at]).is_some();
        if labels[at] == Label::Other && matches!(chars[at], '-' | '－') && covered(at - 1) && covered(at + 1) {
            labels[at] = Label::Number;
        }
    }
}

fn names(chars: &[char], labels: &mut [Label]) {
    const GIVEN: usize = 2;
    for at in 1..chars.len() {
        if let Some(of) = words().spells.tail(&chars[..at]).filter(|_| labels[at] == Label::Name) {
            spelling(chars, at, at - of, labels);
        }
    }
    for run in runs(labels, Label::Name).into_iter().filter(|run| run.len() > GIVEN) {
        again(chars, &chars[run.end - GIVEN..run.end], Label::Name, labels);
    }
}

fn accounts(chars: &[char], labels: &mut [Label]) {
    for run in runs(labels, Label::Number) {
        if let Some(name) = words()
            .account
            .head(&chars[run.start..])
            .filter(|name| *name < run.len())
        {
            labels[run.start..run.start + name].fill(Label::Other);
        }
        let sign = words().mail_part.head(&chars[run.end..]).unwrap_or(0);
        let more = chars[run.end + sign..]
            .iter()
            .take_while(|c| value(**c).is_some())
            .count();
        if sign > 0 && more > 0 && chars[run.clone()].iter().any(char::is_ascii_alphabetic) {
            labels[run.end..run.end + sign + more].fill(Label::Number);
        }
    }
}

/// Covers the word before `end` that spells the character at `at`: back to a pause, or to the character itself where it begins the word.
fn spelling(chars: &[char], at: usize, end: usize, labels: &mut [Label]) {
    const LONGEST: usize = 4;
    let edge = |at: usize| {
        [&words().spells, &words().spelled_as]
            .iter()
            .any(|edges| edges.head(&chars[at..]).is_some())
    };
    let word = (end.saturating_sub(LONGEST)..end)
        .rev()
        .take_while(|near| chars[*near].is_alphabetic() && !edge(*near));
    let begin = word.filter(|near| chars[*near] == chars[at]).last();
    let before = begin.and_then(|begin| begin.checked_sub(1));
    // Of a word that ends with it, what stands before it belongs to it, too.
    let whole = before.filter(|before| begin == Some(end - 1) && chars[*before].is_alphabetic() && !edge(*before));
    if let Some(begin) = whole.or(begin) {
        labels[begin..end].fill(Label::Name);
    }
}

/// Runs of digits.
fn digits(chars: &[char]) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    for at in (0..chars.len()).filter(|at| value(chars[*at]).is_some_and(|value| value.is_ascii_digit())) {
        match found.last_mut() {
            Some(run) if run.end == at => run.end = at + 1,
            _ => found.push(at..at + 1),
        }
    }
    found
}

fn is_nobodys(chars: &[char], range: &Range<usize>, labels: &[Label]) -> bool {
    const FEW: usize = 2;
    /// Digits of an amount without its unit.
    const AMOUNT: Range<usize> = 3..6;
    /// As far before it its name may stand.
    const NEAR: usize = 6;
    let (before, behind) = (&chars[..range.start], &chars[range.end..]);
    let counts = words().digit_count.head(behind).is_some() && before.last().is_none_or(|c| !c.is_alphabetic());
    let age = range.len() == FEW && words().age_end.head(behind).is_some() && words().aged.tail(before).is_some();
    let spoken_of = range.len() == 1 && words().some.tail(before).is_some();
    let near = range.start.saturating_sub(NEAR)..range.start;
    let amount = AMOUNT.contains(&range.len())
        && words().amount_name.within(&chars[near.clone()])
        && labels[near].iter().all(|label| *label == Label::Other);
    (range.len() <= FEW && counts) || age || spoken_of || amount
}

/// Where a date of birth ends that begins with a year of two digits, close to another date that is covered.
fn birth_year(chars: &[char], range: &Range<usize>, labels: &[Label]) -> Option<usize> {
    const NEAR: usize = 6;
    const YEAR: usize = 2;
    const FAR: usize = 12;
    let dates = &zh().measures.dates;
    let unit = chars.get(range.end..).and_then(|behind| dates.year.head(behind));
    let behind = range.end + unit.filter(|_| range.len() == YEAR)?;
    let month = chars[behind..]
        .iter()
        .take_while(|c| value(**c).is_some_and(|value| value.is_ascii_digit()))
        .count();
    let of_month = chars
        .get(behind + month..)
        .and_then(|rest| dates.month.head(rest))
        .filter(|_| month > 0);
    let ends = chars.get(behind).is_none_or(|c| !c.is_alphabetic()) || words().spells.head(&chars[behind..]).is_some();
    let dated = |at: usize| at > 0 && labels[at - 1] != Label::Other && dates.month.head(&chars[at..]).is_some();
    let near = |far: usize| range.start.saturating_sub(far)..labels.len().min(behind + far);
    let beside = |far: usize| near(far).any(|at| labels[at] == Label::Birth || dated(at));
    match of_month {
        Some(_) if near(FAR).any(|at| labels[at] == Label::Birth) => Some(behind + month),
        None if ends && beside(NEAR) => Some(range.end),
        _ => None,
    }
}
