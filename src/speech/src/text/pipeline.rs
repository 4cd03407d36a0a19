//! The steps in their order.

use super::artefact::{collapse, punctuate, strip};
use super::{Corrector, normalise, simplify};
use crate::Hypothesis;

/// What numbers are made of, spoken or written.
const NUMERALS: &str = "0123456789零〇一二三四五六七八九十百千万亿两幺点.%/:-";
/// What joins two numbers to one reading: 元 in sums, 年 and 月 in dates, 到 in ranges, 个 in 一点五个百分点.
const JOINTS: &str = "元块角毛分年月第到至个";
/// So many characters behind a number, and it is over: its unit is known.
const AFTER_NUMBER: usize = 3;

/// What is shown of a hypothesis.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Finished {
    /// The text, empty when nothing was said.
    pub text: String,
    /// Sentences that were left out because they were nothing but credits of videos.
    pub credits: usize,
}

/// Finishes raw hypotheses. Immutable; one serves all calls.
#[derive(Clone, Default)]
pub struct TextPipeline {
    corrector: Corrector,
}

impl TextPipeline {
    /// With the terms of a knowledge base.
    #[must_use]
    pub fn new(corrector: Corrector) -> Self {
        Self { corrector }
    }

    /// The text to show of what a decoder wrote, or an empty one when nothing was said: no utterance then.
    #[must_use]
    pub fn finish(&self, raw: &str) -> String {
        self.show(&strip(&clean(raw)).0)
    }

    /// The text to show of a hypothesis. Only what may be made up loses what looks so.
    #[must_use]
    pub fn finish_hypothesis(&self, heard: &Hypothesis) -> Finished {
        let raw = clean(&heard.text);
        let (said, credits) = if heard.spelled {
            (collapse(&raw), 0)
        } else {
            strip(&raw)
        };
        Finished {
            text: self.show(&said),
            credits,
        }
    }

    fn show(&self, said: &str) -> String {
        if said.is_empty() {
            return String::new();
        }
        normalise(&self.corrector.correct(&punctuate(said)).text)
    }

    /// Of finished text that goes on: how many characters at its head stay as they are, whatever follows.
    #[must_use]
    pub fn decided(&self, text: &[char]) -> usize {
        let heard = text.iter().rposition(|c| c.is_alphanumeric()).map_or(0, |at| at + 1);
        let number = text[..heard].iter().rposition(|c| NUMERALS.contains(*c));
        let whole = match number {
            Some(last) if heard - last <= AFTER_NUMBER => number_head(&text[..=last]),
            _ => heard,
        };
        self.corrector.undecided(&text[..whole])
    }
}

/// Where the reading begins that the last numeral is part of.
fn number_head(text: &[char]) -> usize {
    let mut head = text.len();
    loop {
        let numeral = text[..head].iter().rposition(|c| !NUMERALS.contains(*c));
        let Some(before) = numeral else { return 0 };
        head = before + 1;
        // 年 joins where a number stands before it, and 每月 begins nothing.
        match text[..before].last() {
            Some(c) if JOINTS.contains(text[before]) && NUMERALS.contains(*c) => head = before,
            _ => return head,
        }
    }
}

/// Simplified characters, none of them half: a model may break off within a character's bytes.
fn clean(raw: &str) -> String {
    simplify(&raw.replace(char::REPLACEMENT_CHARACTER, ""))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Finished, TextPipeline};
    use crate::Hypothesis;
    use crate::text::Corrector;

    fn pipeline() -> TextPipeline {
        TextPipeline::new(Corrector::new(["社保卡", "失业保险金", "工伤认定"].into_iter()))
    }

    #[test]
    fn raw_becomes_text() {
        for (raw, text) in [
            ("請問射保卡怎麼辦?", "请问社保卡怎么办？"),
            (" 失业保鲜金 两千一百六十元,对吗?", "失业保险金2160元，对吗？"),
            ("工伤认定,六十天内.", "工伤认定，60天内。"),
            ("金额是12,000元", "金额是12,000元"),
            ("好的好的好的好的", "好的"),
            ("我想问一下，我想问一下，我想问一下，社保卡", "我想问一下，社保卡"),
            ("嗯嗯嗯嗯嗯嗯", "嗯"),
            ("五，四，零，零，零，零，零，三", "五，四，零，零，零，零，零，三"),
            ("尾号8888888", "尾号8888888"),
            ("(音乐)您好", "您好"),
            ("（工伤）待遇", "（工伤）待遇"),
            ("您好。请不吝点赞 订阅 转发 打赏支持明镜与点点栏目", "您好。"),
            ("call center 好的", "call center好的"),
            ("失业\u{FFFD}保险金", "失业保险金"),
        ] {
            assert_eq!(pipeline().finish(raw), text, "{raw}");
        }
    }

    #[test]
    fn what_was_never_said_is_no_utterance() {
        for raw in [
            "",
            "  ",
            "。。。",
            "谢谢观看",
            "謝謝觀看！",
            "字幕由Amara.org社区提供",
            "中文字幕志愿者 李宗盛",
            "请不吝点赞 订阅 转发 打赏支持明镜与点点栏目",
            "[Music]",
            "(字幕制作:贝尔)",
            "♪♪♪",
            "优优独播剧场——YoYo Television Series Exclusive",
        ] {
            assert_eq!(pipeline().finish(raw), "", "{raw}");
        }
    }

    #[test]
    fn only_what_a_decoder_wrote_can_be_made_up() {
        let (credit, said) = ("中文字幕志愿者 李宗盛。", "社保卡丢了。");
        let heard = |spelled| Hypothesis {
            text: format!("{credit}{said}"),
            spelled,
            ..Hypothesis::default()
        };
        let finished = |text: String, credits| Finished { text, credits };
        assert_eq!(
            pipeline().finish_hypothesis(&heard(false)),
            finished(said.to_owned(), 1)
        );
        let whole = "中文字幕志愿者李宗盛。社保卡丢了。".to_owned();
        assert_eq!(pipeline().finish_hypothesis(&heard(true)), finished(whole, 0));
    }

    #[test]
    fn a_name_from_the_credits_is_a_name() {
        for said in ["我叫李宗盛，身份证丢了", "李宗盛", "我在字幕组上班，没有社保"] {
            assert_eq!(pipeline().finish(said), said);
        }
    }

    /// What is shown of a head of each spoken text is decided only as far as it stays.
    #[test]
    fn what_is_decided_of_a_number_stays() {
        for said in [
            "补发三千三百八十元五角八分的",
            "每月三块五毛钱的",
            "我六七年三月出生的人",
            "工伤一到四级的待遇",
            "提高一点五个百分点的",
        ] {
            let chars: Vec<char> = said.chars().collect();
            let whole: Vec<char> = pipeline().finish(said).chars().collect();
            for heard in 1..chars.len() {
                let shown: Vec<char> = pipeline().finish(&String::from_iter(&chars[..heard])).chars().collect();
                let decided = pipeline().decided(&shown);
                assert!(
                    whole.starts_with(&shown[..decided]),
                    "{said}: {shown:?} is decided up to {decided}"
                );
            }
        }
    }

    #[test]
    fn thanks_are_said_by_people() {
        for text in ["谢谢", "谢谢您", "好的，谢谢，再见。", "谢谢大家"] {
            assert_eq!(pipeline().finish(text), text);
        }
    }

    proptest! {
        #[test]
        fn anything_goes_in(raw in any::<String>()) {
            let _ = pipeline().finish(&raw);
        }

        #[test]
        fn long_loops_are_no_burden(unit in "[好的嗯社保,。 2]{1,6}", times in 1usize..60) {
            let _ = pipeline().finish(&unit.repeat(times));
        }
    }
}
