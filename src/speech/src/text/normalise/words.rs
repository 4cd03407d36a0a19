//! Words that hold numerals and are no numbers.

use super::starts;
use super::units::Unit;
use super::value::{any_digit, is_numeral};

/// Kept wherever they stand. Single numerals without a unit need no entry: they stay anyway.
const KEPT: &[&str] = &[
    "三三两两",
    "一五一十",
    "七七八八",
    "不管三七二十一",
    "三七二十一",
    "三十六计",
    "十万八千里",
    "十万火急",
    "千千万万",
    "万万",
    "一百二十个",
    "双十一",
    "双十二",
    "十一假期",
    "十一长假",
    "十一黄金周",
    "十一国庆",
    "国庆十一",
    "一年到头",
    "一天到晚",
    "一年四季",
    "三天两头",
    "三年五载",
    "一天天",
    "一年年",
    "一元化",
    "一年级",
    "二年级",
    "三年级",
    "四年级",
    "五年级",
    "六年级",
    "一级市场",
    "二级市场",
    "一时半会",
    "一千零一夜",
    "二百五十步",
    "九五之尊",
    "二十四孝",
    "十二生肖",
    "四面八方",
    "万元户",
    "一年半载",
    "一年一度",
    "一年一次",
    "一年一签",
    "一年一审",
];

/// The length of the word to keep that starts here.
pub(super) fn kept(chars: &[char], at: usize) -> Option<usize> {
    let rest = &chars[at..];
    let word = KEPT
        .iter()
        .find(|word| starts(rest, word))
        .map(|word| word.chars().count());
    // Only at the head of a run: 二十一年级 is nobody's word.
    word.filter(|_| at == 0 || !is_numeral(chars[at - 1]))
}

/// How much of a run of numerals stays because of what stands before it.
pub(super) fn kept_run(chars: &[char], at: usize, run: usize) -> Option<usize> {
    if is_weekday(chars, at) {
        return Some(1);
    }
    let before = at.checked_sub(1).and_then(|b| chars.get(b));
    let ordinal = before == Some(&'第');
    // 三分之一: what follows is the numerator, unless 百 or 千 stood before.
    let fraction = at >= 2 && chars[at - 2..at] == ['分', '之'];
    // 2万三, 3十: the recogniser wrote the first part itself.
    let mixed = before.is_some_and(char::is_ascii_digit) && any_digit(chars[at]).is_none();
    (ordinal || fraction || mixed).then_some(run)
}

/// Whether the numeral at `at` names a day of the week.
pub(super) fn is_weekday(chars: &[char], at: usize) -> bool {
    if !matches!(chars.get(at), Some('一' | '二' | '三' | '四' | '五' | '六')) {
        return false;
    }
    let head = &chars[..at];
    if ends(head, "星期") || ends(head, "礼拜") {
        // 一个星期三天 is rarer than 星期三.
        return true;
    }
    // 每周三天, 一周五天: a count within a week, not a day of it.
    let counted = matches!(chars.get(at + 1), Some('天' | '次' | '个'));
    ends(head, "周")
        && !counted
        && !head
            .iter()
            .rev()
            .nth(1)
            .is_some_and(|&c| is_numeral(c) || c.is_ascii_digit())
}

/// 十几, 几十, 十来天, 上百: about so many.
pub(super) fn vague(chars: &[char], at: usize, run: usize) -> bool {
    let before = at.checked_sub(1).map(|b| chars[b]);
    let after = chars.get(at + run);
    matches!(before, Some('几' | '数' | '好')) || matches!(after, Some('几' | '来' | '数'))
}

/// Whether one numeral before this unit is a count: 这一年, 有一天 and 上一级 are words.
pub(super) fn unit_counts(chars: &[char], at: usize, run: usize, unit: &Unit) -> bool {
    let before = at.checked_sub(1).map(|b| chars[b]);
    let unit_at = at + run;
    let spoken: String = chars[unit_at..unit_at + unit.len].iter().collect();
    let next = chars.get(unit_at + unit.len);
    if matches!(
        before,
        Some('这' | '那' | '哪' | '每' | '某' | '同' | '另' | '头' | '几' | '过')
    ) {
        return false;
    }
    match spoken.as_str() {
        // 一块儿, 两块: pieces, or together.
        "块" => false,
        "天" => !matches!(before, Some('有')) || chars[at] != '一',
        "级" => !matches!(before, Some('上' | '下' | '高' | '低' | '年')) && !matches!(next, Some('别')),
        "年" => !matches!(next, Some('级')) && !matches!(before, Some('前' | '后' | '上' | '下') if chars[at] == '一'),
        "周" => !matches!(before, Some('上' | '下') if chars[at] == '一') && next != Some(&'边'),
        "度" => chars[at] != '一' && !matches!(before, Some('年')),
        // 一日游, 一月一次 and the like aside, a month is a month.
        _ => true,
    }
}

/// Whether what was said just before makes 两点 a time of day.
pub(super) fn time_cue(before: &[char]) -> bool {
    const CUES: &[&str] = &[
        "上午",
        "下午",
        "早上",
        "早晨",
        "晚上",
        "中午",
        "凌晨",
        "傍晚",
        "今晚",
        "明早",
        "今早",
        "半夜",
        "夜里",
        "点到",
        "点半到",
        "点至",
        "点半至",
        "点钟到",
    ];
    if CUES.iter().any(|cue| ends(before, cue)) {
        return true;
    }
    let day = before.len().checked_sub(1).is_some_and(|b| is_weekday(before, b));
    day || matches!(before, [.., '点', a, b, '到' | '至'] if is_numeral(*a) && is_numeral(*b))
        || matches!(before, [.., '点', a, b, '分', '到' | '至'] if is_numeral(*a) && is_numeral(*b))
}

fn ends(chars: &[char], word: &str) -> bool {
    let mut at = chars.iter().rev();
    word.chars().rev().all(|c| at.next() == Some(&c))
}
