//! What Whisper writes when it did not hear: the lines that end subtitled videos.
//!
//! A sentence is dropped only when it is made of such lines from its first character to its last. People say the same
//! words: "我叫李宗盛" is a caller's name.

/// Nobody says these on a telephone. A sentence without one of them is no credit.
const MARKS: &[&str] = &[
    "请不吝点赞",
    "不吝点赞",
    "点赞订阅",
    "订阅转发",
    "打赏支持明镜",
    "明镜与点点",
    "明镜需要您的支持",
    "字幕由",
    "字幕by",
    "字幕志愿者",
    "字幕製作",
    "字幕制作",
    "字幕提供",
    "中文字幕",
    "字幕组",
    "amara.org",
    "amaraorg",
    "优优独播剧场",
    "yoyotelevision",
    "订阅我的频道",
    "订阅本频道",
    "请订阅",
    "感谢您的收看",
    "本集完",
    "未完待续",
    "下期再见",
    "下集再见",
];
/// Part of a credit only beside a mark.
const BESIDE: &[&str] = &[
    "点赞",
    "订阅",
    "转发",
    "打赏",
    "支持",
    "关注",
    "收藏",
    "明镜",
    "点点",
    "栏目",
    "频道",
    "节目",
    "社区",
    "社群",
    "提供",
    "制作",
    "志愿者",
    "翻译",
    "校对",
    "后期",
    "由",
    "与",
    "的",
    "和",
    "我们",
    "请",
    "感谢",
    "谢谢",
    "观看",
    "收看",
    "seriesexclusive",
    "by",
    "李宗盛",
    "索兰娅",
];
/// Behind a mark and a colon or a blank: whoever made the subtitles.
const NAME: std::ops::RangeInclusive<usize> = 2..=4;
const ENDS: [char; 6] = ['。', '！', '？', '!', '?', '\n'];

/// The text without the sentences that are nothing but credits, and how many those were.
pub(super) fn strip(text: &str) -> (String, usize) {
    let mut dropped = 0;
    let kept = text.split_inclusive(ENDS).filter(|sentence| {
        let credit = is_credit(sentence);
        dropped += usize::from(credit);
        !credit
    });
    (kept.collect(), dropped)
}

fn is_credit(sentence: &str) -> bool {
    let said = bare(sentence);
    if !MARKS.iter().any(|mark| said.contains(mark)) {
        return false;
    }
    is_made_of(&said) || without_name(sentence).is_some_and(|rest| is_made_of(&bare(rest)))
}

/// Whether the text is marks and what stands beside them, from its first character to its last.
fn is_made_of(text: &str) -> bool {
    let mut reached = vec![false; text.len() + 1];
    reached[0] = true;
    for at in 0..text.len() {
        if reached[at] {
            let heads = MARKS
                .iter()
                .chain(BESIDE)
                .filter(|piece| text[at..].starts_with(**piece));
            heads.for_each(|piece| reached[at + piece.len()] = true);
        }
    }
    !text.is_empty() && reached[text.len()]
}

/// The sentence without a name at its end that is set apart.
fn without_name(sentence: &str) -> Option<&str> {
    let whole = sentence.trim_end_matches(|c: char| !c.is_alphanumeric());
    let at = whole.rfind(|c: char| c.is_whitespace() || matches!(c, ':' | '：' | '-' | '—'))?;
    let name = whole[at..].chars().filter(|c| c.is_alphanumeric()).count();
    NAME.contains(&name).then(|| &whole[..at])
}

/// Letters and characters only, lower case.
pub(super) fn bare(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_alphanumeric() || *c == '.')
        .flat_map(char::to_lowercase)
        .collect::<String>()
        .trim_matches('.')
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_of_credits_goes_and_is_counted() {
        for credit in [
            "请不吝点赞 订阅 转发 打赏支持明镜与点点栏目",
            "字幕由Amara.org社区提供。",
            "中文字幕志愿者 李宗盛",
            "(字幕制作:贝尔)",
            "字幕by索兰娅",
            "中文字幕志愿者 杨栋梁！",
            "优优独播剧场——YoYo Television Series Exclusive",
            "请订阅我的频道，谢谢观看。",
        ] {
            assert_eq!(strip(credit), (String::new(), 1), "{credit}");
            let after = format!("您好。{credit}");
            assert_eq!(strip(&after), ("您好。".to_owned(), 1), "{credit}");
        }
    }

    #[test]
    fn what_people_say_stays() {
        for said in [
            "我叫李宗盛，身份证丢了",
            "李宗盛",
            "李宗盛。",
            "我是做字幕制作的，算不算灵活就业",
            "我们字幕组三个人都没有签合同",
            "中文字幕志愿者算不算工作经历",
            "我在优优独播剧场上班，单位没有交保险",
            "请订阅短信提醒，下期再见",
            "您说的未完待续是什么意思？",
            "谢谢观看",
            "支持转发",
        ] {
            assert_eq!(strip(said), (said.to_owned(), 0), "{said}");
        }
    }
}
