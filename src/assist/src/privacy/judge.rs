//! Which digits are personal.

use std::ops::Range;

use sidetone_schema::RedactionKind;

use super::cue::Cue;
use super::dictation;
use super::proof::identity_cards;
use super::public::publics;
use super::shape;
use super::token::{Gap, Token, is_filler};
use super::words;

/// A run of unknown kind that is as long as this is masked.
const LONG_RUN: usize = 7;

/// What is known beside the text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Situation {
    /// A number of this kind has been asked for or begun.
    pub(super) open: Option<RedactionKind>,
    /// The last run of the turn before was masked.
    pub(super) carry_masked: bool,
    /// The turn before asked for, or gave, a number of a matter.
    pub(super) of_matter: bool,
    /// The text may still grow.
    pub(super) partial: bool,
}

/// The judgement on each token: what it is part of, or `None` when it stays.
pub(super) fn judge(
    chars: &[char],
    tokens: &[Token],
    cues: &[Cue],
    situation: Situation,
) -> Vec<Option<RedactionKind>> {
    let (mut marks, shown) = evident(chars, tokens, situation.of_matter && cues.is_empty());
    for run in split(tokens, Gap::Words) {
        if run.clone().all(|at| shown[at] == Shown::Reference) {
            whole_number(tokens, run, &mut marks);
        } else {
            valid_numbers(tokens, run, &mut marks);
        }
    }
    cued(chars, tokens, &shown, cues, &mut marks);
    for run in split(tokens, Gap::Clause) {
        long_runs(tokens, &shown, run, &mut marks);
    }
    dictation::dictated(tokens, &shown, &mut marks);
    dictation::birthday_in_words(tokens, &shown, situation.partial, &mut marks);
    dictation::whole_turn(chars, tokens, &shown, &mut marks);
    continued(chars, tokens, &shown, situation, &mut marks);
    if situation.partial {
        let from = dictation::undecided(chars, tokens, &shown);
        let counted = dictation::counted(chars, tokens);
        for at in from.min(counted)..tokens.len() {
            if !shown[at].openly() || at >= counted {
                marks[at].get_or_insert(RedactionKind::Digits);
            }
        }
    }
    trailing_x(tokens, &mut marks);
    marks
}

/// Why a digit may be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    /// It may not, as far as it says itself.
    No,
    /// It looks like a date or a public number, and stays where nothing says otherwise.
    Looks,
    /// Its unit says so.
    Unit,
    /// The words before it say that it is a matter's or a paper's, or it is a service's.
    Reference,
}

impl Shown {
    /// Whether words say so.
    pub(super) const fn openly(self) -> bool {
        matches!(self, Self::Unit | Self::Reference)
    }
}

/// Runs of tokens; a gap of `at_least` ends one.
pub(super) fn split(tokens: &[Token], at_least: Gap) -> Vec<Range<usize>> {
    let mut runs = Vec::new();
    let mut begin = 0;
    for at in 1..=tokens.len() {
        if at == tokens.len() || tokens[at].gap >= at_least {
            runs.push(begin..at);
            begin = at;
        }
    }
    runs
}

pub(super) fn mark(marks: &mut [Option<RedactionKind>], range: Range<usize>, kind: RedactionKind) {
    for slot in &mut marks[range] {
        slot.get_or_insert(kind);
    }
}

/// A number of a matter is a person's only if it is a whole mobile number.
fn whole_number(tokens: &[Token], run: Range<usize>, marks: &mut [Option<RedactionKind>]) {
    let values: Vec<u8> = tokens[run.clone()].iter().map(|t| t.value).collect();
    if shape::is_mobile(&values) {
        mark(marks, run, RedactionKind::Phone);
    }
}

/// Numbers that are a person's by their form, or by the sum of their digits, wherever in a run they stand.
fn valid_numbers(tokens: &[Token], run: Range<usize>, marks: &mut [Option<RedactionKind>]) {
    let values: Vec<u8> = tokens[run.clone()].iter().map(|t| t.value).collect();
    let base = run.start;
    let mut find = |len: usize, kind: RedactionKind, test: &dyn Fn(&[u8]) -> bool| {
        for begin in 0..(values.len() + 1).saturating_sub(len) {
            let window = &values[begin..begin + len];
            if test(window) && plausible_cut(tokens, base + begin..base + begin + len, run.end, kind) {
                mark(marks, base + begin..base + begin + len, kind);
            }
        }
    };
    find(values.len().max(1), RedactionKind::IdCard, &shape::resembles_id_card);
    if (13..=19).contains(&values.len()) {
        find(values.len(), RedactionKind::BankCard, &shape::is_card);
    }
    find(11, RedactionKind::Phone, &shape::is_mobile);
    for len in (13..=19).rev() {
        find(len, RedactionKind::BankCard, &shape::is_card);
    }
}

/// A number that runs over punctuation begins and ends where groups do: 1980，2160，2400 holds no phone.
fn plausible_cut(tokens: &[Token], window: Range<usize>, run_end: usize, kind: RedactionKind) -> bool {
    let crosses = tokens[window.start + 1..window.end]
        .iter()
        .any(|t| t.gap == Gap::Clause);
    let begins = tokens[window.start].gap != Gap::None;
    let ends = window.end == run_end || tokens[window.end].gap != Gap::None;
    // One string in ten passes Luhn: only whole groups that begin like a card, and a longer run is
    // masked anyway.
    let card = matches!(tokens[window.start].value, b'3'..=b'6');
    match kind {
        RedactionKind::BankCard => begins && ends && (card || !crosses),
        _ => !crosses || (begins && ends),
    }
}

/// Seven digits or more that are nothing that may be seen.
fn long_runs(tokens: &[Token], shown: &[Shown], run: Range<usize>, marks: &mut [Option<RedactionKind>]) {
    let looks_count = run.clone().all(|at| shown[at] != Shown::No) || local_hotline(tokens, shown, run.clone());
    let mut begin = run.start;
    for at in run.start..=run.end {
        if at < run.end && !shown[at].openly() && !(shown[at] == Shown::Looks && looks_count) {
            continue;
        }
        let digits: Vec<u8> = tokens[begin..at].iter().map(|t| t.value).collect();
        if digits.len() >= LONG_RUN && !list_of_years(tokens, begin..at) {
            mark(marks, begin..at, kind_of(&digits));
        }
        begin = at + 1;
    }
}

/// 0546-12333: the area code of a public number.
fn local_hotline(tokens: &[Token], shown: &[Shown], run: Range<usize>) -> bool {
    let area = run.clone().take_while(|&at| shown[at] == Shown::No).count();
    (3..=4).contains(&area)
        && tokens[run.start].value == b'0'
        && run.len() == area + 5
        && run.skip(area).all(|at| shown[at] == Shown::Looks)
}

/// What a long number looks like.
pub(super) fn kind_of(digits: &[u8]) -> RedactionKind {
    if shape::resembles_id_card(digits) {
        RedactionKind::IdCard
    } else if shape::is_fixed_line(digits) || shape::is_mobile(digits) {
        RedactionKind::Phone
    } else if (16..=19).contains(&digits.len()) {
        RedactionKind::BankCard
    } else {
        RedactionKind::Digits
    }
}

/// 2023 2024 2025.
fn list_of_years(tokens: &[Token], run: Range<usize>) -> bool {
    groups(&tokens[run]).iter().all(|group| shape::is_year(group))
}

fn groups(tokens: &[Token]) -> Vec<Vec<u8>> {
    let mut found: Vec<Vec<u8>> = Vec::new();
    for token in tokens {
        match found.last_mut() {
            Some(group) if token.gap == Gap::None => group.push(token.value),
            _ => found.push(vec![token.value]),
        }
    }
    found
}

/// Which digits may be seen.
pub(super) fn shown(chars: &[char], tokens: &[Token]) -> Vec<Shown> {
    evident(chars, tokens, false).1
}

/// The numbers that prove themselves, and then which digits may be seen: what proves itself is no public number, whatever a part of it
/// looks like.
fn evident(chars: &[char], tokens: &[Token], of_matter: bool) -> (Vec<Option<RedactionKind>>, Vec<Shown>) {
    let mut shown = explained(chars, tokens);
    if of_matter {
        matter_again(tokens, &mut shown);
    }
    let marks = identity_cards(tokens, &shown);
    publics(chars, tokens, &marks, &mut shown);
    (marks, shown)
}

/// Digits of which the words around them say what they are, or that look like it: amounts, dates, articles, hotlines. Longer than an
/// amount can be is never exempt.
fn explained(chars: &[char], tokens: &[Token]) -> Vec<Shown> {
    const LONGEST: usize = 8;
    let mut found = vec![Shown::No; tokens.len()];
    for group in split(tokens, Gap::Soft) {
        let digits: Vec<u8> = tokens[group.clone()].iter().map(|t| t.value).collect();
        let Some(begin) = tokens[group.start].begin else {
            continue;
        };
        let (first, end) = (group.start, tokens[group.end - 1].end);
        let before = begin.checked_sub(1).map(|at| chars[at]);
        // No count of people begins with a zero.
        let code = digits.len() >= 4 && digits[0] == b'0';
        let unit = words()
            .unit(&chars[end..])
            .is_some_and(|most| digits.len() <= most && !code);
        let opened = before.is_some_and(|c| words().opens_amount.has(c));
        if (unit || opened) && digits.len() <= LONGEST {
            found[group].fill(Shown::Unit);
            decimal(chars, tokens, first, &mut found);
        } else if shape::is_date(&digits) || shape::is_hotline(&digits) {
            found[group].fill(Shown::Looks);
        }
    }
    for run in split(tokens, Gap::Clause) {
        let digits: Vec<u8> = tokens[run.clone()].iter().map(|t| t.value).collect();
        if digits.len() == 10 && shape::is_hotline(&digits) {
            found[run].fill(Shown::Looks);
        }
    }
    written_dates(tokens, &mut found);
    references(chars, tokens, &mut found);
    found
}

/// The first long number of a turn is the matter's that was just spoken of, unless it begins as a person's does.
fn matter_again(tokens: &[Token], shown: &mut [Shown]) {
    const SHORTEST: usize = 8;
    let Some(run) = split(tokens, Gap::Words).into_iter().next() else {
        return;
    };
    let digits: Vec<u8> = tokens[run.clone()].iter().map(|t| t.value).collect();
    if digits.len() >= SHORTEST && !shape::is_region(&digits[..6]) && !digits.starts_with(b"62") {
        shown[run].fill(Shown::Reference);
    }
}

/// Digits close behind the name of a matter's number, and the line of an office.
fn references(chars: &[char], tokens: &[Token], found: &mut [Shown]) {
    const REACH: usize = 8;
    for run in split(tokens, Gap::Words) {
        let Some(begin) = tokens[run.start].begin else { continue };
        let between = |c: &char| is_filler(&[*c]) || c.is_ascii_alphabetic();
        let named =
            |end: usize| words().reference.tail(&chars[..end]).is_some() && chars[end..begin].iter().all(between);
        let digits: Vec<u8> = tokens[run.clone()].iter().map(|t| t.value).collect();
        let line = shape::is_fixed_line(&digits) && of_office(&chars[..begin]);
        if line || (begin.saturating_sub(REACH)..=begin).any(named) {
            found[run].fill(Shown::Reference);
        }
    }
}

/// Whether the clause before a number, which may end with a pause, names an office of the authority: its line is public.
fn of_office(before: &[char]) -> bool {
    let pause = before.iter().rev().take_while(|c| !c.is_alphanumeric()).count();
    let said = &before[..before.len() - pause];
    let clause = said.iter().rev().take_while(|c| c.is_alphanumeric()).count();
    let clause = &said[said.len() - clause..];
    words().office.within(clause)
}

/// A unit behind the places of a decimal is the whole number's.
fn decimal(chars: &[char], tokens: &[Token], first: usize, found: &mut [Shown]) {
    const LONGEST: usize = 8;
    let Some(before) = first.checked_sub(1) else { return };
    let Some(begin) = tokens[first].begin else { return };
    if tokens[before].begin.is_none() || chars[tokens[before].end..begin] != ['.'] {
        return;
    }
    let mut from = before;
    while tokens[from].gap == Gap::None && from > 0 {
        from -= 1;
    }
    if before + 1 - from <= LONGEST {
        found[from..=before].fill(Shown::Unit);
    }
}

/// 2024-01-01.
fn written_dates(tokens: &[Token], shown: &mut [Shown]) {
    for run in split(tokens, Gap::Words) {
        let parts = groups(&tokens[run.clone()]);
        if let [year, month, day] = parts.as_slice()
            && month.len() <= 2
            && day.len() <= 2
            && shape::is_year(year)
        {
            shown[run].fill(Shown::Looks);
        }
    }
}

/// Runs close behind 身份证号, 电话 and their like, however short.
fn cued(chars: &[char], tokens: &[Token], shown: &[Shown], cues: &[Cue], marks: &mut [Option<RedactionKind>]) {
    const SHORTEST: usize = 3;
    let mut reached: Option<(usize, RedactionKind)> = None;
    for run in split(tokens, Gap::Words) {
        let Some(begin) = tokens[run.start].begin else { continue };
        let near = cues
            .iter()
            .rev()
            .find(|cue| cue.end <= begin && cue.reaches(&chars[cue.end..begin]));
        let kind = near.map(|cue| cue.kind).or_else(|| {
            let (end, kind) = reached?;
            (begin - end <= 6).then_some(kind)
        });
        let Some(kind) = kind else { continue };
        // 电话12333, but not 账号12345.
        let seen = |at: usize| shown[at].openly() || (shown[at] == Shown::Looks && kind == RedactionKind::Phone);
        let hidden: Vec<usize> = run.clone().filter(|&at| !seen(at)).collect();
        let area = kind == RedactionKind::Phone
            && (area_alone(chars, tokens, shown, &run) || local_hotline(tokens, shown, run.clone()));
        // A number that has just begun.
        let begun = run.end == tokens.len() && is_filler(&chars[tokens[run.end - 1].end..]);
        if hidden.len() + usize::from(begun) >= SHORTEST && !area {
            for at in hidden {
                marks[at].get_or_insert(kind);
            }
            reached = Some((tokens[run.end - 1].end, kind));
        }
    }
}

/// An area code in a sentence about something else: nobody's number follows it.
fn area_alone(chars: &[char], tokens: &[Token], shown: &[Shown], run: &Range<usize>) -> bool {
    let values: Vec<u8> = tokens[run.clone()].iter().map(|t| t.value).collect();
    let follows = tokens
        .get(run.end)
        .is_some_and(|t| t.gap < Gap::Wall && shown[run.end] == Shown::No);
    let behind = &chars[tokens[run.end - 1].end..];
    shape::is_area(&values) && !follows && behind.iter().any(|c| !is_filler(&[*c]))
}

/// Digits of a number that an earlier turn asked for or began.
fn continued(
    chars: &[char],
    tokens: &[Token],
    shown: &[Shown],
    situation: Situation,
    marks: &mut [Option<RedactionKind>],
) {
    /// Characters of a turn that takes back a digit, at most; digits that are no numeral in a word, at least.
    const LONGEST_CORRECTION: usize = 16;
    const LONGEST_WORD: usize = 3;
    let Some(kind) = situation
        .open
        .or(situation.carry_masked.then_some(RedactionKind::Digits))
    else {
        return;
    };
    let own: usize = tokens
        .iter()
        .filter(|t| t.begin.is_some())
        .map(|t| t.end - t.begin.unwrap_or(t.end))
        .sum();
    let said = chars.iter().filter(|c| !is_filler(&[**c])).count();
    let mostly_digits = own * 2 >= said;
    let of_amounts = words().asks_amount.within(chars);
    // A digit is taken back.
    let corrects = said <= LONGEST_CORRECTION && words().corrects.within(chars);
    for run in split(tokens, Gap::Words) {
        let Some(first) = tokens[run.clone()].iter().find_map(|t| t.begin) else {
            continue;
        };
        let last = tokens[run.end - 1].end;
        let leads = is_filler(&chars[..first]);
        let ends = !of_amounts && run.len() >= LONGEST_WORD && is_filler(&chars[last..]);
        let seen: Vec<usize> = run
            .filter(|&at| !shown[at].openly() && tokens[at].begin.is_some())
            .collect();
        if corrects || ((leads || ends || mostly_digits) && seen.len() >= 2) {
            for at in seen {
                marks[at].get_or_insert(kind);
            }
        }
    }
}

/// An X belongs to the digits before it.
fn trailing_x(tokens: &[Token], marks: &mut [Option<RedactionKind>]) {
    for at in 0..tokens.len() {
        if tokens[at].value == b'X' {
            marks[at] = at.checked_sub(1).and_then(|before| marks[before]);
        }
    }
}
