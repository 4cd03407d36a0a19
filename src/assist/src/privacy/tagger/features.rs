//! What the model looks at.

use sidetone_language::{is_han, zh};
use sidetone_schema::RedactionKind;

use super::codes::{Code, codes, length, value};
use super::kinds;
use super::lexicon::near_words;
use super::people::people;
use super::scene::{Scene, known};
use super::{Features, Joint, Label};
use crate::privacy::cue::{Cue, cues};
use crate::privacy::judge::{Shown, shown};
use crate::privacy::name::Names;
use crate::privacy::token::{Gap, Token, between, digit, is_filler};
use crate::privacy::words;

/// A text and all that is known beside it.
pub(in crate::privacy) struct View<'a> {
    pub(in crate::privacy) chars: &'a [char],
    pub(in crate::privacy) tokens: &'a [Token],
    /// What the rules cover, by character.
    pub(in crate::privacy) rules: &'a [Option<RedactionKind>],
    pub(in crate::privacy) scene: &'a Scene,
    pub(in crate::privacy) names: &'a Names,
    /// What was asked for or begun.
    pub(in crate::privacy) open: Option<RedactionKind>,
    /// What else earlier turns say, a bit each.
    pub(in crate::privacy) state: u32,
}

/// A feature's hash: of what is looked at, and what is seen.
pub(super) fn feature(parts: &[u32]) -> u32 {
    let mut hash = 0x811C_9DC5_u32;
    for part in parts {
        for byte in part.to_le_bytes() {
            hash = (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
        }
    }
    hash ^ (hash >> 15)
}

/// Of digits and letters it counts only that they are.
pub(super) fn class(chars: &[char], at: Option<usize>) -> u32 {
    match at.and_then(|at| chars.get(at)) {
        None => 1,
        Some(c) if c.is_ascii_digit() => 2,
        Some(c) if c.is_ascii_alphabetic() => 3,
        Some(c) => *c as u32,
    }
}

/// The features of each character, and how it hangs together with that before it.
pub(in crate::privacy) fn features(view: &View<'_>) -> (Features, Vec<Joint>) {
    let chars = view.chars;
    let codes = codes(chars);
    let joints = joints(chars, &codes);
    let mut found: Features = (0..chars.len()).map(|at| beside(chars, at)).collect();
    for (at, found) in found.iter_mut().enumerate() {
        said_by_rules(view, at, found);
    }
    scene_of(view, &mut found);
    numbers(view, &codes, &mut found);
    kinds::names(view, &mut found);
    kinds::places(view, &mut found);
    kinds::dates(view, &mut found);
    near_words(view, &mut found);
    people(view, &mut found);
    coarse(view.chars, &mut found);
    (found, joints)
}

/// Letters and digits of one word are joined, its digits tied, and to the year, month or day behind them.
fn joints(chars: &[char], codes: &[Code]) -> Vec<Joint> {
    let mut joints = vec![Joint::Apart; chars.len()];
    let dates = &zh().measures.dates;
    for code in codes {
        for (at, pair) in (code.range.start + 1..).zip(chars[code.range.clone()].windows(2)) {
            let digits = pair.iter().all(|c| digit(*c).is_some());
            joints[at] = if digits { Joint::Tied } else { Joint::Joined };
        }
        let end = code.range.end;
        let unit = |words: &sidetone_language::Words| chars.get(end..).and_then(|rest| words.head(rest)) == Some(1);
        let few = code.value.len() <= 2;
        let year = unit(&dates.year) && (few || code.value.len() == 4);
        if year || (few && (unit(&dates.month) || unit(&dates.day))) {
            joints[end] = Joint::Tied;
            let next = codes
                .iter()
                .any(|next| next.range.start == end + 1 && next.value.len() <= 2);
            if next && !unit(&dates.day) {
                joints[end + 1] = Joint::Tied;
            }
        }
    }
    // 2024-01-01.
    for two in codes.windows(2) {
        let (end, begin) = (two[0].range.end, two[1].range.start);
        let dated = two[0].value.len() <= 4 && two[1].value.len() <= 2 && begin == end + 1;
        if dated && matches!(chars[end], '-' | '/' | '.') {
            joints[end..=begin].fill(Joint::Tied);
        }
    }
    joints
}

/// The characters around one.
fn beside(chars: &[char], at: usize) -> Vec<u32> {
    let near = |by: isize| class(chars, at.checked_add_signed(by));
    let mut found = vec![feature(&[0])];
    for (template, by) in (1..).zip([-4, -3, -2, -1, 0, 1, 2, 3, 4]) {
        found.push(feature(&[template, near(by)]));
    }
    for (template, by) in (20..).zip([-3, -2, -1, 0, 1, 2]) {
        found.push(feature(&[template, near(by), near(by + 1)]));
    }
    for (template, by) in (30..).zip([-3, -2, -1, 0, 1]) {
        found.push(feature(&[template, near(by), near(by + 1), near(by + 2)]));
    }
    found
}

/// The characters around one, where digits that are said count only as digits.
fn coarse(chars: &[char], found: &mut Features) {
    let near = |at: usize, by: isize| {
        let at = at.checked_add_signed(by);
        match at.and_then(|at| chars.get(at)).and_then(|c| value(*c)) {
            Some(b'0'..=b'9') => 2,
            _ => class(chars, at),
        }
    };
    for (at, found) in found.iter_mut().enumerate() {
        for (template, by) in (60..).zip([-3, -2, -1, 0, 1]) {
            found.push(feature(&[template, near(at, by), near(at, by + 1), near(at, by + 2)]));
        }
        found.push(feature(&[
            65,
            near(at, -2),
            near(at, -1),
            near(at, 0),
            near(at, 1),
            near(at, 2),
        ]));
    }
}

fn said_by_rules(view: &View<'_>, at: usize, found: &mut Vec<u32>) {
    let rule = |at: Option<usize>| {
        at.and_then(|at| view.rules.get(at).copied().flatten())
            .map_or(0, |kind| 1 + Label::of(kind) as u32)
    };
    let exact = view.rules[at].map_or(0, |kind| 1 + kind as u32);
    let (before, here, behind) = (rule(at.checked_sub(1)), rule(Some(at)), rule(Some(at + 1)));
    found.push(feature(&[40, here]));
    found.push(feature(&[41, exact]));
    found.push(feature(&[42, before, here, behind]));
    found.push(feature(&[43, here, class(view.chars, Some(at))]));
}

/// What earlier turns say, with what the character is.
fn scene_of(view: &View<'_>, found: &mut Features) {
    let open = view.open.map_or(0, |kind| 1 + kind as u32);
    let others = view.scene.others();
    for (at, found) in found.iter_mut().enumerate() {
        let c = view.chars[at];
        let kind = match value(c) {
            Some(b'0'..=b'9') => 1 + u32::from(c.is_ascii_digit()),
            Some(_) => 3,
            None if is_han(c) => 4,
            None => 5,
        };
        let rule = u32::from(view.rules[at].is_some());
        let place = (at as u32).min(4);
        found.push(feature(&[50, kind, open, rule]));
        found.push(feature(&[51, kind, view.state, rule]));
        found.push(feature(&[52, kind, view.scene.since(), rule]));
        found.push(feature(&[53, kind, others[0], others[1]]));
        found.push(feature(&[54, kind, others[2]]));
        found.push(feature(&[55, kind, open, place]));
        found.push(feature(&[56, kind, view.state, place]));
        found.push(feature(&[57, kind, (view.chars.len() as u32).min(12), view.state]));
    }
}

/// What a word of letters and digits is like, what stands around it, and whether it was heard before; as small numbers.
struct Word {
    len: u32,
    /// Its length, if it is short, and whether it is in characters.
    shape: u32,
    mix: u32,
    head: u32,
    spoken: u32,
    ruled: u32,
    before: [u32; 3],
    back: u32,
    behind: [u32; 2],
    on: u32,
    /// What lies before and behind it.
    gap: u32,
    next: u32,
    unit: u32,
    said: u32,
    heard: u32,
    since: u32,
    cue: u32,
    /// Of the number that it may be a part of.
    digits: u32,
    groups: u32,
    run_head: u32,
    run_ruled: u32,
    open: u32,
    bare: u32,
    state: u32,
}

impl Word {
    fn features(&self) -> Vec<u32> {
        let mut found = vec![
            feature(&[100, self.shape, self.mix, self.head]),
            feature(&[101, self.len, self.mix, self.ruled]),
            feature(&[102, self.head, self.unit, self.said, self.spoken]),
            feature(&[103, self.len, self.unit, self.spoken]),
            feature(&[104, self.before[0], self.len.min(5)]),
            feature(&[105, self.before[0], self.before[1], self.mix]),
            feature(&[106, self.behind[0], self.len.min(5), self.spoken]),
            feature(&[107, self.behind[0], self.behind[1], self.mix]),
            feature(&[108, self.before[0], self.behind[0]]),
            feature(&[109, self.back, self.on, self.len.min(4)]),
            feature(&[110, self.gap, self.next, self.len.min(5), self.spoken]),
            feature(&[111, self.cue, self.len.min(5)]),
            feature(&[112, self.cue, self.head]),
            feature(&[113, self.cue, self.unit]),
            feature(&[114, self.digits, self.groups, self.unit]),
            feature(&[115, self.digits, self.run_head, self.unit]),
            feature(&[116, self.digits, self.cue]),
            feature(&[117, self.run_ruled, self.ruled, self.gap, self.next]),
            feature(&[118, self.heard, self.len.min(6), self.unit]),
            feature(&[119, self.heard, self.len.min(4), self.since, self.spoken]),
            feature(&[120, self.since, self.len.min(5), self.unit, self.spoken]),
            feature(&[121, self.since, self.head, self.said]),
            feature(&[122, self.since, self.before[0], self.unit]),
            feature(&[123, self.open, self.len.min(6), self.unit]),
            feature(&[124, self.open, self.digits, self.bare]),
            feature(&[125, self.bare, self.digits, self.since]),
            feature(&[126, self.bare, self.head, self.len.min(6), self.state]),
            feature(&[127, self.said, self.unit, self.ruled]),
            feature(&[128, self.before[0], self.before[1], self.before[2]]),
            feature(&[129, self.behind[0], self.behind[1], self.unit, self.len.min(4)]),
            feature(&[130, self.heard, self.ruled, self.said]),
            feature(&[131, self.since, self.heard, self.gap, self.unit]),
        ];
        if self.mix != 1 {
            found.push(feature(&[140, self.len, self.mix, self.since, self.heard]));
            found.push(feature(&[141, self.mix, self.cue]));
            found.push(feature(&[142, self.mix, self.open, self.len.min(5)]));
        }
        found
    }
}

/// What is the same for all words of a text.
struct Text<'a> {
    view: &'a View<'a>,
    codes: &'a [Code],
    shown: Vec<Shown>,
    cues: Vec<Cue>,
    bare: u32,
}

/// Words of letters and digits.
fn numbers(view: &View<'_>, codes: &[Code], found: &mut Features) {
    let chars = view.chars;
    let text = Text {
        view,
        codes,
        shown: shown(chars, view.tokens),
        cues: cues(chars),
        bare: u32::from(rest_is_filler(chars, codes)),
    };
    let mut covered: Vec<Vec<u8>> = Vec::new();
    for (index, code) in codes.iter().enumerate() {
        let word = word(&text, index, &covered);
        let common = word.features();
        for found in &mut found[code.range.clone()] {
            found.extend_from_slice(&common);
        }
        // What joins it with the next one: commas, small words.
        let next = codes.get(index + 1).map_or(code.range.end, |next| next.range.start);
        for found in &mut found[code.range.end..next] {
            found.push(feature(&[150, word.next, word.ruled, word.len.min(5)]));
        }
        if word.ruled > 0 {
            covered.push(code.value.clone());
        }
    }
}

/// What the word at `index` is like; `covered` were covered before it in this text.
fn word(text: &Text<'_>, index: usize, covered: &[Vec<u8>]) -> Word {
    let (view, codes, code) = (text.view, text.codes, &text.codes[index]);
    let chars = view.chars;
    let (begin, end) = (code.range.start, code.range.end);
    let (before, back) = word_before(chars, begin);
    let (behind, on) = word_behind(chars, end);
    let gap = |from: usize, to: usize| gap_of(&chars[from..to]);
    let cue = text.cues.iter().rev().find(|cue| cue.end <= begin);
    let run = run_of(codes, chars, index);
    let spoken = u32::from(chars[begin..end].iter().any(|c| is_han(*c)));
    let heard = known(covered.iter().map(Vec::as_slice), &code.value);
    Word {
        len: code.length(),
        shape: code.length().min(8) + 32 * spoken,
        mix: code.mix(),
        head: code.head(),
        spoken,
        ruled: u32::from(view.rules[begin..end].iter().any(Option::is_some)),
        before,
        back,
        behind,
        on,
        gap: index.checked_sub(1).map_or(5, |last| gap(codes[last].range.end, begin)),
        next: codes.get(index + 1).map_or(5, |next| gap(end, next.range.start)),
        unit: words().unit(&chars[end..]).map_or(0, |most| most as u32),
        said: token_shown(view.tokens, &text.shown, begin),
        heard: view.scene.known(&code.value).max(heard),
        since: if covered.is_empty() { 1 + view.scene.since() } else { 0 },
        cue: cue.map_or(0, |cue| 1 + 8 * (cue.kind as u32) + distance(begin - cue.end)),
        digits: length(run.iter().map(|code| code.value.len()).sum()),
        groups: (run.len() as u32).min(6),
        run_head: run.first().map_or(0, |code| code.head()),
        run_ruled: u32::from(run.iter().any(|code| view.rules[code.range.start].is_some())),
        open: view.open.map_or(0, |kind| 1 + kind as u32),
        bare: text.bare,
        state: view.state,
    }
}

fn token_shown(tokens: &[Token], shown: &[Shown], begin: usize) -> u32 {
    let token = tokens.iter().position(|token| token.begin == Some(begin));
    token.map_or(5, |at| shown[at] as u32)
}

fn gap_of(chars: &[char]) -> u32 {
    match between(chars) {
        Gap::None => 0,
        Gap::Soft => 1,
        Gap::Clause => 2,
        Gap::Words => 3,
        Gap::Wall => 4,
    }
}

pub(super) const fn distance(far: usize) -> u32 {
    match far {
        0 => 0,
        1 => 1,
        2..=3 => 2,
        4..=6 => 3,
        7..=12 => 4,
        _ => 5,
    }
}

/// The codes of which one number may be made that has the one at `index`: no more than small words between them.
fn run_of<'a>(codes: &'a [Code], chars: &[char], index: usize) -> &'a [Code] {
    let close = |last: usize| between(&chars[codes[last].range.end..codes[last + 1].range.start]) < Gap::Words;
    let first = (0..index).rev().take_while(|last| close(*last)).last().unwrap_or(index);
    let last = (index..codes.len().saturating_sub(1))
        .take_while(|last| close(*last))
        .last();
    &codes[first..=last.map_or(index, |last| last + 1)]
}

/// The three characters before, over punctuation and small words, and how far it is to them.
fn word_before(chars: &[char], begin: usize) -> ([u32; 3], u32) {
    let mut at = begin;
    while at > 0 && !chars[at - 1].is_alphanumeric() {
        at -= 1;
    }
    let back = (begin - at) as u32;
    let near = |by: usize| class(chars, at.checked_sub(by));
    ([near(1), near(2), near(3)], back.min(2))
}

fn word_behind(chars: &[char], end: usize) -> ([u32; 2], u32) {
    let skip = chars[end..].iter().take_while(|c| !c.is_alphanumeric()).count();
    let near = |by: usize| class(chars, Some(end + skip + by));
    ([near(0), near(1)], (skip as u32).min(2))
}

/// Whether there is nothing beside the codes but small words.
fn rest_is_filler(chars: &[char], codes: &[Code]) -> bool {
    let within = |at: usize| codes.iter().any(|code| code.range.contains(&at));
    let mut at = 0;
    let mut clause = 0;
    while at < chars.len() {
        if within(at) || is_filler(&chars[at..=at]) {
            if at > clause && !is_filler(&chars[clause..at]) {
                return false;
            }
            clause = at + 1;
        }
        at += 1;
    }
    is_filler(&chars[clause.min(chars.len())..])
}
