//! What a number can measure or count.

use super::starts;

/// A unit after a number: how it is written and how many characters were spoken.
pub(super) struct Unit {
    pub(super) written: String,
    pub(super) len: usize,
}

/// Longest first where one begins another.
const UNITS: &[(&str, &str)] = &[
    ("块钱", "元"),
    ("元钱", "元"),
    ("元", "元"),
    ("块", "元"),
    ("万元", "万元"),
    ("个工作日", "个工作日"),
    ("工作日", "工作日"),
    ("个自然日", "个自然日"),
    ("个小时", "个小时"),
    ("小时", "小时"),
    ("个季度", "个季度"),
    ("个半月", "个半月"),
    ("个月", "个月"),
    ("个星期", "个星期"),
    ("个学期", "个学期"),
    ("分钟", "分钟"),
    ("秒钟", "秒钟"),
    ("周岁", "周岁"),
    ("周年", "周年"),
    ("岁", "岁"),
    ("年", "年"),
    ("月份", "月份"),
    ("月", "月"),
    ("日内", "日内"),
    ("天", "天"),
    ("周", "周"),
    ("倍", "倍"),
    ("级", "级"),
    ("公里", "公里"),
    ("平方米", "平方米"),
    ("个百分点", "个百分点"),
    ("度", "度"),
    ("公斤", "公斤"),
];

/// Classifiers that make 十 a number: 十个, 十次.
const CLASSIFIERS: &[char] = &[
    '个', '次', '位', '名', '人', '份', '张', '条', '项', '家', '户', '种', '件', '号', '日', '套', '万', '页',
];

/// The unit of measurement that follows, if any.
pub(super) fn measure(after: &[char]) -> Option<Unit> {
    let (spoken, written) = UNITS.iter().find(|(spoken, _)| starts(after, spoken))?;
    Some(Unit {
        written: (*written).to_owned(),
        len: spoken.chars().count(),
    })
}

/// Whether something is counted.
pub(super) fn classifier(after: &[char]) -> bool {
    after.first().is_some_and(|c| CLASSIFIERS.contains(c))
}
