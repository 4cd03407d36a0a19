//! What is wanted of a topic, by the words that callers use for it.

use std::fmt;

use super::text::{has_any, starts_with};

/// What a caller wants of a topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Intent {
    /// Whether they may.
    Eligibility,
    /// How much.
    Amount,
    /// How it is done.
    Procedure,
    /// What to bring.
    Materials,
    /// By when, for how long.
    Deadline,
    /// Where.
    Location,
    /// How far it has got.
    Status,
    /// Something was done to them.
    Complaint,
    /// What it is.
    Definition,
    /// None of these.
    Other,
}

impl Intent {
    /// Every intent.
    pub const ALL: [Self; 10] = [
        Self::Eligibility,
        Self::Amount,
        Self::Procedure,
        Self::Materials,
        Self::Deadline,
        Self::Location,
        Self::Status,
        Self::Complaint,
        Self::Definition,
        Self::Other,
    ];

    /// As on the wire and in the knowledge base.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Eligibility => "eligibility",
            Self::Amount => "amount",
            Self::Procedure => "procedure",
            Self::Materials => "materials",
            Self::Deadline => "deadline",
            Self::Location => "location",
            Self::Status => "status",
            Self::Complaint => "complaint",
            Self::Definition => "definition",
            Self::Other => "other",
        }
    }

    /// In the caller's language, for the record.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Eligibility => "条件",
            Self::Amount => "标准",
            Self::Procedure => "办理流程",
            Self::Materials => "所需材料",
            Self::Deadline => "期限",
            Self::Location => "办理地点",
            Self::Status => "办理进度",
            Self::Complaint => "投诉维权",
            Self::Definition => "政策解释",
            Self::Other => "其他",
        }
    }
}

impl fmt::Display for Intent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

use Intent::{Amount, Complaint, Deadline, Definition, Eligibility, Location, Materials, Procedure, Status};

/// A cue, what it points to, and how strongly. The longest cue at a place is the one that counts.
#[rustfmt::skip]
const CUES: &[(&str, Intent, f32)] = &[
    ("条件", Eligibility, 1.2), ("资格", Eligibility, 1.2), ("能不能", Eligibility, 0.8), ("可不可以", Eligibility, 0.8),
    ("能否", Eligibility, 0.8), ("是否可以", Eligibility, 0.9), ("符合", Eligibility, 0.9), ("可以领", Eligibility, 0.9),
    ("能领", Eligibility, 0.8), ("能享受", Eligibility, 0.9), ("享受", Eligibility, 0.4), ("够不够", Eligibility, 1.0),
    ("算不算", Eligibility, 1.1), ("算工伤", Eligibility, 1.1), ("是不是工伤", Eligibility, 1.0), ("合法", Eligibility, 0.9),
    ("可以吗", Eligibility, 0.8), ("能吗", Eligibility, 0.7), ("还能", Eligibility, 0.6), ("有没有补", Eligibility, 0.9),
    ("给不给", Eligibility, 0.8), ("能办", Eligibility, 0.6), ("能交", Eligibility, 0.7), ("能参加", Eligibility, 0.9),
    ("能参保", Eligibility, 0.9), ("可以参加", Eligibility, 0.9), ("可以交", Eligibility, 0.8), ("可以申请", Eligibility, 0.9),
    ("能申请", Eligibility, 0.8), ("可以报", Eligibility, 0.8), ("能报", Eligibility, 0.7), ("有效吗", Eligibility, 0.9),
    ("交满", Eligibility, 0.6), ("缴满", Eligibility, 0.6), ("要交多少年", Eligibility, 1.6), ("缴多少年", Eligibility, 1.6),
    ("交多少年", Eligibility, 1.6), ("交够", Eligibility, 0.7), ("哪些人", Eligibility, 1.0), ("什么人", Eligibility, 1.0),
    ("有没有", Eligibility, 0.4), ("能拿到", Eligibility, 0.5), ("该不该", Eligibility, 0.8), ("应不应该", Eligibility, 0.8),
    ("要不要给", Eligibility, 0.8), ("能提前", Eligibility, 0.8), ("行不行", Eligibility, 0.8), ("能要", Eligibility, 0.8), ("给不给", Eligibility, 0.8), ("收不收", Amount, 0.7), ("含不含", Definition, 1.0), ("包不包", Definition, 1.0), ("算吗", Definition, 0.9), ("什么情况", Eligibility, 0.8), ("哪些情况", Eligibility, 0.9),

    ("多少钱", Amount, 1.4), ("多少", Amount, 1.0), ("几个月工资", Amount, 1.4), ("怎么算", Amount, 1.1), ("咋算", Amount, 1.1),
    ("怎么计算", Amount, 1.3), ("如何计算", Amount, 1.3), ("标准", Amount, 0.8), ("费用", Amount, 0.9), ("比例", Amount, 1.0),
    ("金额", Amount, 1.0), ("每月", Amount, 0.4), ("一个月领", Amount, 0.8), ("领多少", Amount, 1.4), ("交多少", Amount, 1.4),
    ("缴多少", Amount, 1.4), ("赔多少", Amount, 1.4), ("补多少", Amount, 1.4), ("最低", Amount, 0.5), ("上限", Amount, 0.9),
    ("下限", Amount, 0.9), ("涨了", Amount, 0.6), ("几倍", Amount, 1.1), ("算一下", Amount, 0.7), ("几块", Amount, 1.0),
    ("赔几个月", Amount, 1.4), ("补几个月", Amount, 1.3), ("给几个月", Amount, 1.2), ("涨到", Amount, 0.7), ("怎么赔", Amount, 1.1),
    ("怎么补偿", Amount, 1.1), ("赔偿多少", Amount, 1.4), ("档", Amount, 0.3), ("基数是", Amount, 0.7), ("待遇怎么", Amount, 0.8),

    ("怎么办理", Procedure, 1.4), ("怎么办", Procedure, 1.2), ("如何办", Procedure, 1.3), ("办理", Procedure, 0.6), ("怎么申请", Procedure, 1.4),
    ("如何申请", Procedure, 1.4), ("申请", Procedure, 0.4), ("流程", Procedure, 1.3), ("手续", Procedure, 1.0), ("步骤", Procedure, 1.2),
    ("怎么弄", Procedure, 1.2), ("咋弄", Procedure, 1.2), ("咋办", Procedure, 1.2), ("怎么转", Procedure, 1.2), ("怎么领", Procedure, 0.9),
    ("怎么缴", Procedure, 1.0), ("怎么交", Procedure, 1.0), ("怎么参保", Procedure, 1.3), ("怎么报", Procedure, 1.1), ("激活", Procedure, 1.0),
    ("补办", Procedure, 1.0), ("补卡", Procedure, 1.0), ("挂失", Procedure, 1.0), ("登记", Procedure, 0.4), ("网上", Procedure, 0.6),
    ("线上", Procedure, 0.6), ("手机上", Procedure, 0.6), ("怎么操作", Procedure, 1.3), ("如何操作", Procedure, 1.3), ("想办", Procedure, 0.8),
    ("要办", Procedure, 0.8), ("怎么开", Procedure, 1.0), ("怎么认定", Procedure, 1.2), ("怎么做", Procedure, 1.1), ("转移", Procedure, 0.3),
    ("转过来", Procedure, 0.6), ("转回", Procedure, 0.6), ("怎么参加", Procedure, 1.3), ("如何参加", Procedure, 1.3), ("怎么退", Procedure, 0.9),
    ("怎么处理", Procedure, 1.0), ("需要做什么", Procedure, 1.2), ("怎么改", Procedure, 1.0), ("怎么换", Procedure, 1.1), ("怎么补", Procedure, 0.9),
    ("怎么走", Procedure, 0.8), ("先干啥", Procedure, 1.0), ("怎么认", Procedure, 1.0), ("怎么维权", Procedure, 1.1), ("怎么核定", Procedure, 1.1), ("咋申请", Procedure, 1.4), ("咋交", Procedure, 1.0),

    ("材料", Materials, 1.4), ("带什么", Materials, 1.4), ("带啥", Materials, 1.4), ("什么证", Materials, 1.2), ("证件", Materials, 1.1),
    ("证明", Materials, 0.6), ("要带", Materials, 1.0), ("拿什么", Materials, 1.2), ("准备什么", Materials, 1.2), ("准备啥", Materials, 1.2),
    ("资料", Materials, 1.2), ("带哪些", Materials, 1.4), ("带上", Materials, 0.8), ("准备哪些", Materials, 1.3), ("证据", Materials, 0.8),
    ("需要提供", Materials, 1.1), ("要交什么", Materials, 1.2),

    ("多久", Deadline, 1.2), ("多长时间", Deadline, 1.3), ("多长", Deadline, 0.9), ("期限", Deadline, 1.2), ("什么时候", Deadline, 1.2),
    ("啥时候", Deadline, 1.2), ("几天", Deadline, 1.0), ("几号", Deadline, 1.1), ("截止", Deadline, 1.3), ("过期", Deadline, 1.0),
    ("时效", Deadline, 1.3), ("最晚", Deadline, 1.2), ("多少天", Deadline, 1.3), ("多少日", Deadline, 1.3), ("来得及", Deadline, 1.1),
    ("时限", Deadline, 1.3), ("什么时间", Deadline, 1.2), ("晚了", Deadline, 0.7), ("几个工作日", Deadline, 1.3), ("多少个工作日", Deadline, 1.3),
    ("几个月", Deadline, 1.0), ("多少个月", Deadline, 1.1), ("超过", Deadline, 0.5), ("几月", Deadline, 1.0), ("多大", Deadline, 1.0),
    ("几岁", Deadline, 1.1), ("多少岁", Deadline, 1.2), ("几年", Deadline, 0.9), ("哪年", Deadline, 1.0), ("哪天", Deadline, 1.0),
    ("从什么时候", Deadline, 1.3), ("何时", Deadline, 1.2), ("多少年", Deadline, 1.0), ("还来得及", Deadline, 1.3), ("过了时间", Deadline, 1.0),

    ("在哪", Location, 1.2), ("哪里", Location, 1.1), ("去哪", Location, 1.3), ("上哪", Location, 1.3), ("到哪", Location, 1.1), ("哪儿", Location, 1.1),
    ("地址", Location, 1.3), ("窗口", Location, 1.0), ("哪个部门", Location, 1.3), ("哪个单位", Location, 1.1), ("找谁", Location, 1.2),
    ("找哪", Location, 1.3), ("电话", Location, 0.6), ("网点", Location, 1.2), ("什么地方", Location, 1.2), ("啥地方", Location, 1.2),
    ("上班时间", Location, 1.0), ("归谁管", Location, 1.2), ("归哪", Location, 1.2), ("哪个网站", Location, 1.2), ("哪个app", Location, 1.2),
    ("向谁", Location, 1.2), ("跟谁", Location, 0.8), ("什么渠道", Location, 1.2), ("哪个平台", Location, 1.2),

    ("进度", Status, 1.4), ("到账", Status, 1.1), ("审核", Status, 0.8), ("查一下", Status, 0.9), ("怎么查", Status, 1.2), ("查询", Status, 1.0),
    ("办到哪", Status, 1.4), ("没收到", Status, 1.2), ("发了吗", Status, 1.2), ("下来了吗", Status, 1.3), ("批了吗", Status, 1.3),
    ("办好了吗", Status, 1.3), ("没到", Status, 0.8), ("还没下来", Status, 1.2), ("没动静", Status, 1.2), ("没消息", Status, 1.2),
    ("查到", Status, 0.8), ("没发下来", Status, 1.2), ("哪一步", Status, 1.2), ("到哪一步", Status, 1.5), ("到哪步", Status, 1.4),

    ("投诉", Complaint, 1.5), ("举报", Complaint, 1.5), ("拖欠", Complaint, 1.4), ("欠我", Complaint, 1.2), ("欠薪", Complaint, 1.4),
    ("不给", Complaint, 0.9), ("不发", Complaint, 1.0), ("没发工资", Complaint, 1.3), ("没签", Complaint, 1.0), ("不签", Complaint, 0.9),
    ("不交社保", Complaint, 1.2), ("没交社保", Complaint, 1.1), ("没给", Complaint, 0.9), ("不让", Complaint, 0.6), ("违法", Complaint, 0.9),
    ("克扣", Complaint, 1.3), ("告他", Complaint, 1.3), ("告公司", Complaint, 1.3), ("告单位", Complaint, 1.3), ("维权", Complaint, 1.1),
    ("讨薪", Complaint, 1.3), ("讨个说法", Complaint, 1.3), ("不承认", Complaint, 0.9), ("不管", Complaint, 0.5), ("不肯", Complaint, 0.9),
    ("态度", Complaint, 0.8), ("仲裁", Complaint, 0.5), ("没发", Complaint, 0.8), ("压着", Complaint, 0.8), ("推来推去", Complaint, 1.2),

    ("什么是", Definition, 1.3), ("什么意思", Definition, 1.4), ("是什么", Definition, 1.2), ("啥意思", Definition, 1.4), ("指什么", Definition, 1.3),
    ("区别", Definition, 1.3), ("是啥", Definition, 1.2), ("怎么回事", Definition, 1.1), ("有什么用", Definition, 1.2), ("有什么好处", Definition, 1.2),
    ("怎么规定", Definition, 1.0), ("什么政策", Definition, 1.1), ("政策", Definition, 0.4), ("介绍", Definition, 1.0), ("新规", Definition, 0.7),
    ("什么叫", Definition, 1.3), ("怎么理解", Definition, 1.2), ("有什么影响", Definition, 0.9), ("哪几种", Definition, 1.0), ("包括", Definition, 0.8),
];

/// What a clause wants, best first, each with its strength; empty when no cue is there.
pub(crate) fn intents(text: &[char]) -> Vec<(Intent, f32)> {
    let mut sums: Vec<(Intent, f32)> = Vec::new();
    let mut i = 0;
    while i < text.len() {
        let Some((cue, intent, weight)) = longest_cue(&text[i..]) else {
            i += 1;
            continue;
        };
        match sums.iter_mut().find(|(known, _)| *known == intent) {
            Some((_, sum)) => *sum += weight,
            None => sums.push((intent, weight)),
        }
        i += cue.chars().count();
    }
    if sums.is_empty() && may(text) {
        sums.push((Eligibility, 0.7));
    }
    sums.sort_by(|a, b| b.1.total_cmp(&a.1));
    sums
}

/// 能…吗, 可以…吗: whether one may, with the verb between.
fn may(text: &[char]) -> bool {
    let asks = text.iter().rev().find(|c| !matches!(c, '？' | '，' | '啊' | '呀'));
    matches!(asks, Some('吗' | '么' | '不' | '嘛')) && has_any(text, &["能", "可以", "应该", "算", "给", "要"])
}

fn longest_cue(text: &[char]) -> Option<(&'static str, Intent, f32)> {
    CUES.iter()
        .filter(|(cue, ..)| starts_with(text, cue))
        .max_by_key(|(cue, ..)| cue.len())
        .copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::understand::text::fold;

    #[test]
    fn the_strongest_cue_names_the_intent() {
        for (text, want) in [
            ("能领多少钱", Amount),
            ("需要什么条件", Eligibility),
            ("怎么办理", Procedure),
            ("要带什么材料", Materials),
            ("最多能领几个月", Deadline),
            ("在哪里办", Location),
            ("我的申请审核到哪一步了", Status),
            ("公司拖欠工资我要投诉", Complaint),
            ("什么是个人养老金", Definition),
            ("养老保险最少要交多少年", Eligibility),
        ] {
            let found = intents(&fold(text));
            assert_eq!(
                found.first().map(|(intent, _)| *intent),
                Some(want),
                "{text}: {found:?}"
            );
        }
        assert!(intents(&fold("好的谢谢")).is_empty());
    }
}
