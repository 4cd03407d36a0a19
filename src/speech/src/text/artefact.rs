//! What a decoder writes when it did not hear: credits of videos, loops, sounds in brackets.

use super::credits;

/// Said by people too: removed only when a segment holds nothing else.
const ALONE: &[&str] = &[
    "谢谢观看",
    "感谢观看",
    "谢谢大家观看",
    "谢谢收看",
    "感谢收看",
    "谢谢大家收看",
    "感谢大家观看",
    "字幕",
    "完",
    "谢谢大家的观看",
];
/// Longest unit of a loop, in characters.
const LONGEST_UNIT: usize = 16;

/// The text without what was never said, empty when nothing is left; and how many sentences of credits it had.
pub(super) fn strip(text: &str) -> (String, usize) {
    let (kept, credits) = credits::strip(&without_sounds(text));
    let rest = credits::bare(&kept);
    if rest.is_empty() || ALONE.contains(&rest.as_str()) {
        return (String::new(), credits);
    }
    (collapse(&kept), credits)
}

/// Without (音乐), [Music] and notes.
fn without_sounds(text: &str) -> String {
    const SOUNDS: &[&str] = &[
        "音乐",
        "笑声",
        "掌声",
        "鼓掌",
        "music",
        "applause",
        "laughter",
        "silence",
        "无声",
        "噪音",
        "blank_audio",
        "铃声",
    ];
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(open) = rest.find(['(', '（', '[', '【']) {
        let inside = &rest[open..];
        let close = inside
            .find([')', '）', ']', '】'])
            .and_then(|at| inside[at..].chars().next().map(|c| at + c.len_utf8()));
        let Some(close) = close else { break };
        let lower = inside[..close].to_lowercase();
        out.push_str(&rest[..open]);
        if !SOUNDS.iter().any(|sound| lower.contains(sound)) {
            out.push_str(&inside[..close]);
        }
        rest = &inside[close..];
    }
    out.push_str(rest);
    out.retain(|c| !matches!(c, '♪' | '♫' | '\u{fffd}'));
    out
}

/// One of each unit that is repeated three times or more (five times for one character). Numbers may
/// repeat: 8888 is none of this.
pub(super) fn collapse(text: &str) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    loop {
        let found = (0..chars.len()).find_map(|at| (1..=LONGEST_UNIT).find_map(|unit| repeat(&chars, at, unit)));
        let Some((from, to)) = found else { break };
        chars.drain(from..to);
    }
    chars.into_iter().collect()
}

/// The stretch to remove where a loop begins at `at`.
fn repeat(chars: &[char], at: usize, unit: usize) -> Option<(usize, usize)> {
    // Nearly every stretch is ruled out by its first character.
    if chars.get(at + unit) != chars.get(at) {
        return None;
    }
    let head = chars.get(at..at + unit)?;
    let numeral =
        |c: &char| c.is_numeric() || "零〇一二两三四五六七八九十百千万幺*.-".contains(*c) || c.is_whitespace();
    // Digits that are said one by one have pauses between them.
    let pause = |c: &char| "，,、。".contains(*c);
    if head.iter().any(numeral) && head.iter().all(|c| numeral(c) || pause(c)) {
        return None;
    }
    let times = 1 + chars[at + unit..]
        .chunks_exact(unit)
        .take_while(|next| *next == head)
        .count();
    (times >= if unit == 1 { 5 } else { 3 }).then_some((at + unit, at + unit * times))
}

/// Chinese punctuation, no blanks between Chinese characters, plain digits.
pub(super) fn punctuate(text: &str) -> String {
    let chars: Vec<char> = text.trim().chars().map(plain).collect();
    let mut out = String::with_capacity(text.len());
    for (at, &c) in chars.iter().enumerate() {
        let before = at.checked_sub(1).map(|b| chars[b]);
        let after = chars.get(at + 1).copied();
        let latin = |n: Option<char>| n.is_some_and(|n| n.is_ascii_alphanumeric());
        let inside = latin(before) && latin(after);
        let mark = match c {
            ',' if !inside => '，',
            '?' => '？',
            '!' => '！',
            ';' => '；',
            ':' if !inside => '：',
            '.' if !inside && before.is_some_and(|b| !b.is_ascii()) => '。',
            c if c.is_whitespace() => {
                if inside {
                    out.push(' ');
                }
                continue;
            }
            c => c,
        };
        out.push(mark);
    }
    out.trim_start_matches(['，', '。', '、', '？', '！', '；', '：'])
        .to_owned()
}

/// Full-width digits and letters as plain ones.
fn plain(c: char) -> char {
    match c {
        '０'..='９' | 'Ａ'..='Ｚ' | 'ａ'..='ｚ' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
        '％' => '%',
        _ => c,
    }
}
