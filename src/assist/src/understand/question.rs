//! Whether a clause asks, wants, complains, tells, or only keeps the line warm.

use super::text::{find, has_any, starts_with};

/// What a clause does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Mood {
    /// Greeting, thanks, backchannel, small talk, asking to repeat: never answered with a hint.
    Phatic,
    /// Checks what has just been said: 对吧, 是这个意思吧.
    Confirm,
    /// Tells something.
    Tell,
    /// Wants something done.
    Request,
    /// Says that a wrong was done.
    Grievance,
    /// Asks.
    Question,
}

/// Whole phrases that ask nothing of the knowledge base. Longest first within a family.
#[rustfmt::skip]
const PHATIC: &[&str] = &[
    "听得清楚吗", "听得清吗", "听得见吗", "听得到吗", "能听见吗", "能听到吗", "听清楚了吗", "听清了吗", "有人在吗", "还在吗", "在吗",
    "你是机器人吗", "是机器人吗", "是人工吗", "是真人吗", "怎么称呼您", "怎么称呼你", "怎么称呼", "您贵姓", "贵姓", "你好吗", "您好吗",
    "怎么说呢", "怎么讲呢", "怎么说", "没什么事了", "没什么了", "没什么", "什么的", "什么什么", "哪里哪里", "没有什么", "怎么这么巧",
    "您再说一遍", "你再说一遍", "再说一遍", "再说一下", "能再说一次吗", "没听清楚", "没听清", "没听懂", "慢一点", "说慢点", "您说什么", "你说什么",
    "稍等一下可以吗", "等一下可以吗", "稍等一下", "稍等", "等一下", "等等", "等会儿", "我找一下笔", "我找支笔", "找支笔", "我拿笔记一下", "拿笔记一下",
    "我记一下", "我记下来", "记一下", "记下了", "记住了", "我想想", "让我想想", "我看看", "我看一下", "吃饭了吗", "吃了吗", "天气", "几点了",
    "谢谢您的耐心", "谢谢你的耐心", "太谢谢您了", "太谢谢你了", "太感谢了", "非常感谢", "感谢您", "感谢你", "谢谢您了", "谢谢你了", "谢谢您", "谢谢你", "谢谢啊", "谢谢", "多谢",
    "麻烦您了", "麻烦你了", "打扰了", "打扰您了", "打扰一下", "辛苦了", "辛苦您了", "您辛苦", "不客气", "不用谢", "没关系", "没事儿", "没事了", "没事",
    "再见", "拜拜", "先这样", "就这样吧", "就这样", "就这些了", "就这些", "没有了", "没别的了", "没别的事了", "没有别的了", "没有别的", "没有其他问题了", "没有其他问题", "没有问题了", "没问题了", "没问题", "没了", "挂了",
    "我明白了", "明白了", "明白", "我知道了", "知道了", "清楚了", "了解了", "懂了", "我懂", "原来是这样", "原来如此", "这样啊", "这样子啊", "是这样啊", "是这样子", "那就好",
    "好的好的", "好的", "好嘞", "好吧", "好啊", "好滴", "行行行", "行吧", "行啊", "可以的", "可以可以", "没错", "对对对", "对对", "对的", "对啊", "对呀", "是的是的", "是的", "是啊", "是呀", "是呢",
    "您好", "你好", "喂", "早上好", "上午好", "下午好", "晚上好", "不好意思", "对不起", "抱歉", "终于打通了", "打通了", "打了好久", "等了好久", "真不容易打进来",
    "你们服务真好", "服务真好", "态度真好", "讲得真清楚", "说得很清楚", "解释得很清楚", "真的吗", "是真的吗", "是吗", "不是吧", "哎呀", "我的天", "天哪", "同志", "师傅", "姑娘", "小姐姐",
];

/// Sounds that carry nothing.
const FILLERS: &str = "嗯啊哦噢喔呃额唉哎诶欸哈呵嘛呢吧呀哇啦咯嘞是好对行那就这个我您你了的，？";

const CONFIRM: &[&str] = &[
    "对吧",
    "是吧",
    "对吗",
    "是不是这样",
    "是这样吗",
    "是这个意思吗",
    "是这意思吧",
    "没错吧",
    "也就是说",
    "这么说",
];

#[rustfmt::skip]
const QUESTION: &[&str] = &[
    "吗", "怎么", "咋", "如何", "什么", "啥", "哪", "多少", "几个", "几天", "几号", "几年", "几月", "几岁", "几倍", "几点", "几块", "多久", "多长", "多大",
    "能不能", "可不可以", "是不是", "有没有", "要不要", "会不会", "该不该", "算不算", "够不够", "行不行", "能否", "是否", "为什么", "为啥", "凭什么", "找谁", "何时",
    "用不用", "需不需要", "给不给", "应不应该", "合不合法", "划不划算", "影不影响", "涨没涨", "变没变",
];

#[rustfmt::skip]
const ASKING: &[&str] = &["请问", "想问", "问一下", "问问", "问下", "咨询", "了解一下", "想了解", "想知道", "打听", "想请教", "麻烦问", "查一下", "帮我查", "帮我看", "算一下"];

#[rustfmt::skip]
const REQUEST: &[&str] = &["想办", "要办", "帮我", "给我办", "想申请", "要申请", "需要办", "想转", "要转", "想交", "想缴", "想领", "想参加", "想补", "想报", "想开", "想换", "想挂失", "要挂失", "我要投诉", "我要举报", "想投诉", "想举报", "我要反映", "想反映", "要仲裁", "想仲裁", "想要回", "要个说法", "讨个说法", "想激活"];

#[rustfmt::skip]
const GRIEVANCE: &[&str] = &["拖欠", "克扣", "不给", "没给", "不发", "没发", "不签", "没签", "不交", "没交", "不肯", "不承认", "不让", "欠我", "欠薪", "欠了", "被辞退", "被开除", "开除我", "辞退我", "把我辞", "把我开", "赶我走", "不认", "扣我", "扣了我", "压着", "没收到", "没到账", "不管", "违法"];

/// Words after which a term is only said to be understood or done with.
const CLOSING: &[&str] = &[
    "明白了",
    "知道了",
    "清楚了",
    "了解了",
    "懂了",
    "就这些",
    "谢谢",
    "记住了",
    "记下了",
    "那就好",
];

/// What the clause does.
pub(crate) fn mood(clause: &[char]) -> Mood {
    let bare = strip_phatic(clause);
    if bare.iter().all(|c| FILLERS.contains(*c)) {
        return Mood::Phatic;
    }
    let asks = bare.last() == Some(&'？') && bare.len() > 3
        || has_any(&bare, QUESTION)
        || ends_asking(&bare)
        || either_or(&bare);
    if has_any(&bare, CONFIRM) && !has_any(&bare, &["怎么", "多少", "什么", "哪", "多久", "能不能", "几"])
    {
        return Mood::Confirm;
    }
    if asks && !rhetorical(&bare) {
        return Mood::Question;
    }
    if has_any(&bare, ASKING) {
        return Mood::Question;
    }
    if has_any(&bare, REQUEST) {
        return Mood::Request;
    }
    if has_any(clause, CLOSING) && bare.len() < clause.len() {
        return Mood::Tell;
    }
    if has_any(&bare, GRIEVANCE) {
        return Mood::Grievance;
    }
    Mood::Tell
}

/// The clause without what only keeps the line warm.
fn strip_phatic(clause: &[char]) -> Vec<char> {
    let mut bare = Vec::with_capacity(clause.len());
    let mut i = 0;
    while i < clause.len() {
        let phrase = PHATIC
            .iter()
            .filter(|phrase| starts_with(&clause[i..], phrase))
            .max_by_key(|p| p.len());
        match phrase {
            Some(phrase) => i += phrase.chars().count(),
            None => {
                bare.push(clause[i]);
                i += 1;
            }
        }
    }
    bare
}

/// 收不收, 含不含: verb, 不, the same verb.
fn either_or(clause: &[char]) -> bool {
    clause.windows(3).any(|w| w[1] == '不' && w[0] == w[2])
}

/// 呢 and 么 ask at the end of a clause only.
fn ends_asking(clause: &[char]) -> bool {
    let mut tail = clause.iter().rev().filter(|c| **c != '？');
    matches!(tail.next(), Some('呢' | '么')) && clause.len() > 2
}

fn rhetorical(clause: &[char]) -> bool {
    let plain_what = [
        "没什么",
        "不怎么",
        "不知道怎么说",
        "说什么",
        "没啥",
        "谁知道",
        "多少年了都",
        "什么都",
        "怎么都",
        "哪都",
    ];
    let only = has_any(clause, &plain_what) && !has_any(clause, &["吗", "请问", "想问", "多少钱", "怎么办"]);
    only || find(clause, "你说我容易吗").is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::understand::text::fold;

    #[test]
    fn clauses_do_what_they_do() {
        for (text, want) in [
            ("嗯嗯好的", Mood::Phatic),
            ("喂你好听得到吗", Mood::Phatic),
            ("好的我明白了谢谢您啊", Mood::Phatic),
            ("您怎么称呼", Mood::Phatic),
            ("没什么了再见", Mood::Phatic),
            ("等一下我找支笔", Mood::Phatic),
            ("失业金能领多少", Mood::Question),
            ("那要多久呢", Mood::Question),
            ("我想咨询一下社保卡", Mood::Question),
            ("我想办个社保卡", Mood::Request),
            ("公司拖欠我3个月工资", Mood::Grievance),
            ("我在这交了6年了", Mood::Tell),
            ("那就是18个月对吧", Mood::Confirm),
            ("失业金我知道了", Mood::Tell),
        ] {
            assert_eq!(mood(&fold(text)), want, "{text}");
        }
    }
}
