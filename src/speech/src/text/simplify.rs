//! Traditional characters to simplified ones: Whisper mixes them within a sentence.
//!
//! One character for one, so offsets stay. The table has only characters that simplified text
//! never uses; the two that it does use are decided by their neighbours.

use std::collections::HashMap;
use std::sync::LazyLock;

static TABLE: LazyLock<HashMap<char, char>> = LazyLock::new(|| {
    let mut table = HashMap::with_capacity(2_600);
    for line in include_str!("t2s.txt").lines().filter(|line| !line.starts_with('#')) {
        let mut chars = line.chars();
        while let (Some(from), Some(to)) = (chars.next(), chars.next()) {
            table.insert(from, to);
        }
    }
    table
});

/// Beside one of these, 著 is the word of 著名 and 著作, not the particle 着.
const KEEPS_ZHU: &str = "名作者称述显卓论专译编原土巨遗拙有书录合所";
/// Before one of these, 乾 is a name (乾坤, 乾隆), not dry.
const KEEPS_QIAN: &str = "坤隆县";

/// The text in simplified characters, as long as the input.
#[must_use]
pub fn simplify(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut before = None;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let after = chars.peek().copied();
        let near = |list: &str| before.into_iter().chain(after).any(|n| list.contains(n));
        let simple = match c {
            // A sentence without a neighbour says nothing: leave it.
            '著' if (before.is_some() || after.is_some()) && !near(KEEPS_ZHU) && !near("顯專譯編遺書錄稱論") => {
                '着'
            }
            '乾' if after.is_some_and(|n| !KEEPS_QIAN.contains(n)) && before != Some('康') => '干',
            _ => TABLE.get(&c).copied().unwrap_or(c),
        };
        out.push(simple);
        before = Some(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::simplify;

    #[test]
    fn traditional_becomes_simplified() {
        for (from, to) in [
            ("請問社保卡怎麼辦", "请问社保卡怎么办"),
            ("失業保險金領取條件", "失业保险金领取条件"),
            ("我想諮詢一下養老保險轉移", "我想咨询一下养老保险转移"),
            ("勞動合同解除後賠償", "劳动合同解除后赔偿"),
            ("繳費滿十五年", "缴费满十五年"),
            ("裡面還有錢嗎", "里面还有钱吗"),
            ("跟著他走", "跟着他走"),
            ("乾淨的檯面", "干净的台面"),
            ("著名的律師", "著名的律师"),
            ("對於這個問題", "对于这个问题"),
            ("鑑定傷殘等級", "鉴定伤残等级"),
            ("遺屬撫卹金", "遗属抚恤金"),
        ] {
            assert_eq!(simplify(from), to);
            assert_eq!(simplify(to), to, "not stable");
        }
    }

    #[test]
    fn simplified_stays() {
        for text in [
            "著作权与著名商标",
            "乾隆年间",
            "乾坤",
            "皇后和太后",
            "干部",
            "里程",
            "一只猫",
            "藉口覆盖",
            "这里有个发票，请复核。abc 123",
        ] {
            assert_eq!(simplify(text), text);
        }
    }
}
