//! What the model looks at.

use sidetone_language::{is_han, zh};
use sidetone_schema::RedactionKind;

use super::codes::{Code, codes, length, value};
use super::scene::{Scene, known};
use super::{Features, Joint, Label};
use crate::privacy::cue::cues;
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
fn feature(parts: &[u32]) -> u32 {
    let mut hash = 0x811C_9DC5_u32;
    for part in parts {
        for byte in part.to_le_bytes() {
            hash = (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
        }
    }
    hash ^ (hash >> 15)
}

/// Of digits and letters it counts only that they are.
fn class(chars: &[char], at: Option<usize>) -> u32 {
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
    names(view, &mut found);
    places(view, &mut found);
    dates(view, &mut found);
    (found, joints)
}

/// Letters and digits of one word are joined, its digits tied, and to the year, month or day behind them.
fn joints(chars: &[char], codes: &[Code]) -> Vec<Joint> {
    let mut joints = vec![Joint::Apart; chars.len()];
    let dates = &zh().measures.dates;
    for code in codes {
        for at in code.range.start + 1..code.range.end {
            let digits = [at - 1, at].iter().all(|at| digit(chars[*at]).is_some());
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

/// Words of letters and digits: what they are like, what stands around them, and whether they were heard before.
fn numbers(view: &View<'_>, codes: &[Code], found: &mut Features) {
    let chars = view.chars;
    let shown = shown(chars, view.tokens);
    let cues = cues(chars);
    let open = view.open.map_or(0, |kind| 1 + kind as u32);
    let mut covered: Vec<Vec<u8>> = Vec::new();
    for (index, code) in codes.iter().enumerate() {
        let (begin, end) = (code.range.start, code.range.end);
        let (len, mix, head) = (code.length(), code.mix(), code.head());
        let spoken = u32::from(chars[begin..end].iter().any(|c| is_han(*c)));
        let ruled = u32::from(view.rules[begin..end].iter().any(Option::is_some));
        let (before, back) = word_before(chars, begin);
        let (behind, on) = word_behind(chars, end);
        let gap = index
            .checked_sub(1)
            .map_or(5, |last| gap(&chars[codes[last].range.end..begin]));
        let next = codes
            .get(index + 1)
            .map_or(5, |next| gap_of(&chars[end..next.range.start]));
        let unit = words().unit(&chars[end..]).map_or(0, |most| most as u32);
        let said = token_shown(view.tokens, &shown, begin);
        let heard = view
            .scene
            .known(&code.value)
            .max(known(covered.iter().map(Vec::as_slice), &code.value));
        let since = if covered.is_empty() { 1 + view.scene.since() } else { 0 };
        let cue = cues.iter().rev().find(|cue| cue.end <= begin);
        let cue = cue.map_or(0, |cue| 1 + 8 * (cue.kind as u32) + distance(begin - cue.end));
        let run = run_of(codes, chars, index);
        let digits = length(run.iter().map(|code| code.value.len()).sum());
        let groups = (run.len() as u32).min(6);
        let run_head = run.first().map_or(0, |code| code.head());
        let run_ruled = run.iter().any(|code| view.rules[code.range.start].is_some());
        let bare = u32::from(rest_is_filler(chars, codes));
        let shape = [len.min(8) + 32 * spoken, mix, head];
        let mut common = vec![
            feature(&[100, shape[0], mix, head]),
            feature(&[101, len, mix, ruled]),
            feature(&[102, head, unit, said, spoken]),
            feature(&[103, len, unit, spoken]),
            feature(&[104, before[0], len.min(5)]),
            feature(&[105, before[0], before[1], mix]),
            feature(&[106, behind[0], len.min(5), spoken]),
            feature(&[107, behind[0], behind[1], mix]),
            feature(&[108, before[0], behind[0]]),
            feature(&[109, back, on, len.min(4)]),
            feature(&[110, gap, next, len.min(5), spoken]),
            feature(&[111, cue, len.min(5)]),
            feature(&[112, cue, head]),
            feature(&[113, cue, unit]),
            feature(&[114, digits, groups, unit]),
            feature(&[115, digits, run_head, unit]),
            feature(&[116, digits, cue]),
            feature(&[117, u32::from(run_ruled), ruled, gap, next]),
            feature(&[118, heard, len.min(6), unit]),
            feature(&[119, heard, len.min(4), since, spoken]),
            feature(&[120, since, len.min(5), unit, spoken]),
            feature(&[121, since, head, said]),
            feature(&[122, since, before[0], unit]),
            feature(&[123, open, len.min(6), unit]),
            feature(&[124, open, digits, bare]),
            feature(&[125, bare, digits, since]),
            feature(&[126, bare, head, len.min(6), view.state]),
            feature(&[127, said, unit, ruled]),
            feature(&[128, before[0], before[1], before[2]]),
            feature(&[129, behind[0], behind[1], unit, len.min(4)]),
            feature(&[130, heard, ruled, said]),
            feature(&[131, since, heard, gap, unit]),
        ];
        if mix != 1 {
            common.push(feature(&[140, len, mix, since, heard]));
            common.push(feature(&[141, mix, cue]));
            common.push(feature(&[142, mix, open, len.min(5)]));
        }
        for found in &mut found[code.range.clone()] {
            found.extend_from_slice(&common);
        }
        // What joins it with the next one: commas, small words.
        for at in end..codes.get(index + 1).map_or(end, |next| next.range.start) {
            found[at].push(feature(&[150, next, ruled, len.min(5)]));
        }
        if ruled > 0 {
            covered.push(code.value.clone());
        }
    }
}

fn token_shown(tokens: &[Token], shown: &[Shown], begin: usize) -> u32 {
    let token = tokens.iter().position(|token| token.begin == Some(begin));
    token.map_or(5, |at| shown[at] as u32)
}

fn gap(between: &[char]) -> u32 {
    gap_of(between)
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

const fn distance(far: usize) -> u32 {
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

/// Surnames, cues and what was said before of names.
fn names(view: &View<'_>, found: &mut Features) {
    let chars = view.chars;
    let cue_ends: Vec<usize> = (0..chars.len())
        .filter_map(|at| Some(at + words().name_cue.head(&chars[at..])?))
        .collect();
    let known: Vec<bool> = view.names.within(chars);
    for (at, found) in found.iter_mut().enumerate() {
        let c = chars[at];
        let surname = |at: Option<usize>| {
            at.and_then(|at| chars.get(at..))
                .and_then(|rest| words().surname.head(rest))
                .map_or(0, |len| len as u32)
        };
        let surnames = [
            surname(at.checked_sub(2)),
            surname(at.checked_sub(1)),
            surname(Some(at)),
        ];
        let cue = cue_ends
            .iter()
            .rev()
            .find(|end| **end <= at)
            .map_or(7, |end| ((at - end) as u32).min(6));
        let edge = u32::from(words().name_edge.head(&chars[at..]).is_some());
        let next_edge = chars
            .get(at + 1)
            .map_or(2, |_| u32::from(words().name_edge.head(&chars[at + 1..]).is_some()));
        let foreign = u32::from(words().foreign.has(c));
        let clause = clause_place(chars, at);
        let seen = u32::from(known[at]);
        let character = u32::from(view.names.holds(c));
        let twice = again(chars, at);
        let of = u32::from(at > 0 && words().spells.tail(&chars[..at]).is_some());
        let spelled = spelled(chars, at);
        found.extend([
            feature(&[200, surnames[2], cue]),
            feature(&[201, surnames[1], cue, edge]),
            feature(&[202, surnames[0], surnames[1], surnames[2]]),
            feature(&[203, surnames[2], clause[0], clause[1]]),
            feature(&[204, surnames[1], clause[0], clause[1]]),
            feature(&[205, edge, next_edge, cue]),
            feature(&[206, foreign, cue]),
            feature(&[207, seen, character]),
            feature(&[208, seen, of, twice]),
            feature(&[209, character, of, twice, next_edge]),
            feature(&[210, of, twice, view.scene.others()[2]]),
            feature(&[211, spelled, view.scene.others()[2]]),
            feature(&[212, view.state, clause[0], clause[1], surnames[2]]),
            feature(&[213, view.state, surnames[1], clause[0]]),
            feature(&[214, character, view.scene.others()[2], class(chars, at.checked_sub(1))]),
            feature(&[215, spelled, of, twice]),
        ]);
    }
}

/// Where in its clause a character stands, and how long that is.
fn clause_place(chars: &[char], at: usize) -> [u32; 2] {
    let before = chars[..at].iter().rev().take_while(|c| c.is_alphanumeric()).count();
    let behind = chars[at..].iter().take_while(|c| c.is_alphanumeric()).count();
    [(before as u32).min(6), ((before + behind) as u32).min(8)]
}

/// Whether a character is said again within a few characters: before, behind.
fn again(chars: &[char], at: usize) -> u32 {
    const NEAR: usize = 5;
    if !is_han(chars[at]) {
        return 0;
    }
    let before = chars[at.saturating_sub(NEAR)..at].contains(&chars[at]);
    let behind = chars[at + 1..chars.len().min(at + 1 + NEAR)].contains(&chars[at]);
    u32::from(before) + 2 * u32::from(behind)
}

/// Whether a known way to spell a surname covers it, and where.
fn spelled(chars: &[char], at: usize) -> u32 {
    (0..3)
        .find_map(|back| {
            let begin = at.checked_sub(back)?;
            let len = words().spelled.head(&chars[begin..])?;
            (back < len).then_some(1 + back as u32)
        })
        .unwrap_or(0)
}

/// Roads, estates, houses: how near the words are that end them.
fn places(view: &View<'_>, found: &mut Features) {
    const NEAR: usize = 8;
    let chars = view.chars;
    let ends: Vec<Option<(u32, usize)>> = (0..chars.len()).map(|at| part(&chars[at..])).collect();
    let cue_ends: Vec<usize> = (0..chars.len())
        .filter_map(|at| Some(at + words().home_cue.head(&chars[at..])?))
        .collect();
    let public = words().public_place.within(chars);
    for (at, found) in found.iter_mut().enumerate() {
        let next = (at..chars.len().min(at + NEAR))
            .take_while(|near| chars[*near].is_alphanumeric())
            .find_map(|near| ends[near].map(|(kind, _)| 8 * kind + (near - at) as u32));
        let last = (0..NEAR * 2).find_map(|back| {
            let begin = at.checked_sub(back + 1)?;
            ends[begin].map(|(kind, len)| 8 * kind + distance((back + 1).saturating_sub(len)))
        });
        let cue = cue_ends
            .iter()
            .rev()
            .find(|end| **end <= at)
            .map_or(6, |end| distance(at - end));
        let parts = ends[at.saturating_sub(NEAR * 2)..chars.len().min(at + NEAR * 2)]
            .iter()
            .flatten()
            .count();
        let (next, last) = (next.unwrap_or(0), last.unwrap_or(0));
        let ruled = u32::from(view.rules[at] == Some(RedactionKind::Address));
        let parts = (parts as u32).min(5);
        let near = u32::from(public);
        found.extend([
            feature(&[300, next, cue]),
            feature(&[301, last, cue]),
            feature(&[302, next, last]),
            feature(&[303, parts, cue, near]),
            feature(&[304, next / 8, last / 8, parts, near]),
            feature(&[305, ruled, parts, near, cue]),
            feature(&[306, next, parts, class(chars, Some(at))]),
            feature(&[307, last / 8, class(chars, Some(at)), parts]),
            feature(&[308, next, view.scene.others()[0], near]),
            feature(&[309, parts, view.scene.others()[0], view.state]),
        ]);
    }
}

/// A word that ends a part of an address: which kind, and how long.
fn part(rest: &[char]) -> Option<(u32, usize)> {
    let lists = words();
    let kinds = [
        &lists.road,
        &lists.village,
        &lists.estate,
        &lists.house_word,
        &lists.house,
        &lists.area,
    ];
    kinds
        .iter()
        .zip(1..)
        .find_map(|(words, kind)| Some((kind, words.head(rest)?)))
}

/// Years, months, days.
fn dates(view: &View<'_>, found: &mut Features) {
    const NEAR: usize = 12;
    let chars = view.chars;
    let dates = &zh().measures.dates;
    let unit = |at: usize| {
        let rest = &chars[at..];
        let kinds = [&dates.year, &dates.month, &dates.day];
        kinds
            .iter()
            .zip(1..)
            .find_map(|(words, kind)| words.head(rest).map(|_| kind))
    };
    let units: Vec<u32> = (0..chars.len()).map(|at| unit(at).unwrap_or(0)).collect();
    let ruled = view.rules.contains(&Some(RedactionKind::BirthDate));
    for (at, found) in found.iter_mut().enumerate() {
        let window = &chars[at.saturating_sub(NEAR)..chars.len().min(at + NEAR)];
        let cue = words().birth_cue.within(window);
        let born = words().born.within(window);
        let next = (at..chars.len().min(at + 5)).find(|near| units[*near] > 0);
        let next = next.map_or(0, |near| 4 * units[near] + ((near - at) as u32).min(3));
        let last = (0..4).find_map(|back| at.checked_sub(back + 1).filter(|near| units[*near] > 0));
        let last = last.map_or(0, |near| units[near]);
        let said = u32::from(cue) + 2 * u32::from(born) + 4 * u32::from(ruled);
        let whole = window
            .iter()
            .enumerate()
            .filter(|(near, _)| unit_in(window, *near))
            .count();
        found.extend([
            feature(&[400, next, said]),
            feature(&[401, next, last, view.scene.others()[1]]),
            feature(&[402, next, last, view.state]),
            feature(&[403, last, said, class(chars, Some(at))]),
            feature(&[404, next, said, view.scene.others()[1], (whole as u32).min(4)]),
            feature(&[405, next, last, said, (whole as u32).min(4)]),
        ]);
    }
}

fn unit_in(window: &[char], at: usize) -> bool {
    let dates = &zh().measures.dates;
    let rest = &window[at..];
    [&dates.year, &dates.month, &dates.day]
        .iter()
        .any(|words| words.head(rest).is_some())
}
