//! A number that is said in groups with words between them.

use std::ops::Range;

use sidetone_language::zh;
use sidetone_schema::RedactionKind;

use super::judge::{Shown, mark, shown, split};
use super::shape;
use super::token::{Gap, Token, between, is_filler, tokens};

/// The longest number that is dictated, in digits.
const LONGEST: usize = 19;

/// A group of digits with nothing between them.
struct Group {
    range: Range<usize>,
    digits: Vec<u8>,
    shown: Shown,
}

fn groups(tokens: &[Token], shown: &[Shown], run: Range<usize>) -> Vec<Group> {
    split(&tokens[run.clone()], Gap::Soft)
        .into_iter()
        .map(|range| {
            let range = run.start + range.start..run.start + range.end;
            Group {
                digits: tokens[range.clone()].iter().map(|t| t.value).collect(),
                shown: shown[range.start],
                range,
            }
        })
        .collect()
}

/// Groups that together are a number which proves itself, whatever few words stand between them.
pub(super) fn dictated(tokens: &[Token], shown: &[Shown], marks: &mut [Option<RedactionKind>]) {
    for run in split(tokens, Gap::Wall) {
        let groups = groups(tokens, shown, run);
        for first in 0..groups.len() {
            let (mut digits, mut public) = (Vec::new(), false);
            for (at, group) in groups.iter().enumerate().skip(first) {
                digits.extend_from_slice(&group.digits);
                public |= shape::is_year(&group.digits);
                public |= shape::is_hotline(&group.digits) && tokens[group.range.start].gap >= Gap::Words;
                if group.shown.openly() || digits.len() > LONGEST {
                    break;
                }
                if let Some(kind) = proven(&digits, groups[first].digits.len(), public).filter(|_| at > first) {
                    // A digit or two too many is a digit misheard.
                    let rest = groups[at + 1..].iter().take_while(|g| {
                        at > first + 1
                            && g.shown == Shown::No
                            && g.digits.len() <= 2
                            && tokens[g.range.start].gap < Gap::Words
                    });
                    let end = rest.last().map_or(group.range.end, |g| g.range.end);
                    mark(marks, groups[first].range.start..end, kind);
                }
            }
        }
    }
}

/// What the digits are. Of a fixed-line number the first group is the area code, and a year, or a public number behind other
/// words, is none of it.
fn proven(digits: &[u8], first: usize, public: bool) -> Option<RedactionKind> {
    if digits.len() == 18 && (shape::is_id_card(digits) || shape::resembles_id_card(digits)) {
        Some(RedactionKind::IdCard)
    } else if shape::is_mobile(digits)
        || (shape::is_fixed_line(digits) && (2..=5).contains(&first) && !public && !shape::is_local_hotline(digits))
    {
        Some(RedactionKind::Phone)
    } else if digits.len() >= 16 && digits.starts_with(b"62") && shape::is_card(digits) {
        Some(RedactionKind::BankCard)
    } else {
        None
    }
}

/// An 身份证 whose middle is a date with year, month and day: all of it is masked.
pub(super) fn birthday_in_words(tokens: &[Token], shown: &[Shown], partial: bool, marks: &mut [Option<RedactionKind>]) {
    /// Four digits, and the day or the month said once more.
    const LONGEST_TAIL: usize = 8;
    for run in split(tokens, Gap::Wall) {
        let groups = groups(tokens, shown, run);
        for first in 0..groups.len() {
            if groups[first].shown.openly() || !shape::opens_id_card(&groups[first].digits) {
                continue;
            }
            let rest = &groups[first + 1..];
            let Some(date) = dated(&groups[first..]).or_else(|| (partial && begun(rest)).then_some(rest.len())) else {
                continue;
            };
            let mut last = first + date;
            let mut tail = 0;
            while let Some(group) = groups
                .get(last + 1)
                .filter(|g| tail + g.digits.len() <= LONGEST_TAIL && g.shown != Shown::Unit)
            {
                tail += group.digits.len();
                last += 1;
            }
            let whole = groups[first].range.start..groups[last].range.end;
            mark(marks, whole, RedactionKind::IdCard);
        }
    }
}

/// The groups behind the first that are the rest of a date of birth, one of them with its year, month or day in words.
fn dated(groups: &[Group]) -> Option<usize> {
    const BIRTHDAY: usize = 14;
    let mut digits = groups.first()?.digits.clone();
    let mut said = false;
    for (at, group) in groups.iter().enumerate().skip(1).take(4) {
        let unit = group.shown == Shown::Unit;
        said |= unit;
        match group.digits.len() {
            // A month or a day.
            1 if digits.len() > 6 => digits.push(b'0'),
            // A year without its century.
            2 if digits.len() == 6 => digits.extend(b"19"),
            2 | 4 => {}
            _ => return None,
        }
        digits.extend_from_slice(&group.digits);
        if digits.len() >= BIRTHDAY {
            return (said && shape::is_year(&digits[6..10])).then_some(at);
        }
    }
    None
}

/// Whether nothing follows but the head of such a date.
fn begun(groups: &[Group]) -> bool {
    groups.len() < 3
        && groups.iter().all(|group| group.digits.len() <= 4)
        && groups.iter().any(|g| g.shown == Shown::Unit)
}

/// A turn of little but groups of digits that begins as a number does, or has a group that no amount begins as:
/// misheard digits are personal, too.
pub(super) fn whole_turn(chars: &[char], tokens: &[Token], shown: &[Shown], marks: &mut [Option<RedactionKind>]) {
    /// Digits of a number that begins as one does, and of one that an amount cannot be.
    const SHORTEST: [usize; 2] = [9, 7];
    /// Words before and behind them.
    const AROUND: usize = 8;
    let (Some(first), Some(last)) = (tokens.first(), tokens.last()) else {
        return;
    };
    let words = |chars: &[char]| chars.iter().filter(|c| !is_filler(&[**c])).count();
    let (before, behind) = (words(&chars[..first.begin.unwrap_or(0)]), words(&chars[last.end..]));
    let few = tokens[1..].iter().filter(|t| t.gap == Gap::Words).count() * 3 <= tokens.len();
    let of_amounts = before + behind > 0 && super::words().asks_amount.within(chars);
    if !few || of_amounts || tokens[1..].iter().any(|t| t.gap == Gap::Wall) || shown.iter().any(|s| *s != Shown::No) {
        return;
    }
    let groups = groups(tokens, shown, 0..tokens.len());
    let bare = before + behind == 0;
    let head = groups.len() >= 3
        && (shape::is_head(&groups[0].digits) || groups[0].digits.starts_with(b"62"))
        && before.max(behind) <= AROUND;
    let coded = bare
        && groups
            .iter()
            .any(|group| group.digits.len() >= 3 && group.digits[0] == b'0');
    let number = (head && tokens.len() >= SHORTEST[0]) || (coded && tokens.len() >= SHORTEST[1]);
    if number && !round(&groups) {
        mark(marks, 0..tokens.len(), RedactionKind::Digits);
    }
}

/// Most of them end with a zero: amounts one after another.
fn round(groups: &[Group]) -> bool {
    let zeros = groups.iter().filter(|group| group.digits.ends_with(b"0")).count();
    zeros * 2 > groups.len()
}

/// The first token of a group at the text's end whose last digit may be how often the next one is said.
pub(super) fn counted(chars: &[char], tokens: &[Token]) -> usize {
    let last = tokens.len().checked_sub(1).filter(|last| counts(chars, tokens, *last));
    let group = last.and_then(|_| split(tokens, Gap::Soft).pop());
    group.map_or(tokens.len(), |group| group.start)
}

/// Whether a token is how often the next digit is said, of a number that goes on.
fn counts(chars: &[char], tokens: &[Token], at: usize) -> bool {
    let token = tokens[at];
    at > 0 && token.gap < Gap::Words && matches!(chars[token.end..], [c] if zh().numbers.counter.has(c))
}

/// The first token whose number may still go on when more is said: all behind it are open, too.
pub(super) fn undecided(chars: &[char], tokens: &[Token], shown: &[Shown]) -> usize {
    /// The longest word of hesitation, or unit that is none.
    const LONGEST_WORD: usize = 3;
    let Some(last) = tokens.last().filter(|last| last.begin.is_some()) else {
        return tokens.len();
    };
    let rest = &chars[last.end..];
    let gap = between(rest);
    if gap == Gap::Wall {
        return tokens.len();
    }
    let Some(run) = split(tokens, Gap::Wall).pop() else {
        return tokens.len();
    };
    // A group that says what it is ends the number before it.
    let open = run.clone().rev().take_while(|&at| {
        shown[at] == Shown::No || counts(chars, tokens, at) || (shown[at] == Shown::Looks && gap < Gap::Words)
    });
    let open = open.last();
    let region = region_before(tokens, shown, run, open.unwrap_or(tokens.len()));
    match region.or(open) {
        Some(first) => first,
        None if rest.len() >= LONGEST_WORD => tokens.len(),
        None => split(tokens, Gap::Soft).pop().map_or(tokens.len(), |group| group.start),
    }
}

/// The region code of an 身份证 of which only parts of a date follow before `end`.
fn region_before(tokens: &[Token], shown: &[Shown], run: Range<usize>, end: usize) -> Option<usize> {
    let groups = groups(tokens, shown, run.start..end);
    let dates = groups
        .iter()
        .rev()
        .take(3)
        .take_while(|group| group.shown == Shown::Unit && group.digits.len() <= 4);
    let dates = dates.count();
    let region = groups.len().checked_sub(dates + 1).filter(|_| dates > 0)?;
    shape::opens_id_card(&groups[region].digits).then_some(groups[region].range.start)
}

/// Of a text that goes on: how many characters at its head are masked, or not, whatever is said next. A number
/// that may go on is not decided, from its first digit.
#[must_use]
pub fn decided(text: &str) -> usize {
    let chars: Vec<char> = text.chars().collect();
    let tokens = tokens(&chars, &[]);
    let shown = shown(&chars, &tokens);
    let first = undecided(&chars, &tokens, &shown);
    let digits = tokens.get(first).and_then(|token| token.begin).unwrap_or(chars.len());
    digits.min(super::span::undecided(&chars))
}
