use proptest::prelude::*;

use super::Corrector;

const VOCABULARY: &[&str] = &[
    "社保卡",
    "失业保险金",
    "失业保险",
    "失业",
    "工伤认定",
    "工伤",
    "工伤保险",
    "仲裁",
    "劳动仲裁",
    "养老保险",
    "养老金",
    "个人养老金",
    "灵活就业",
    "灵活就业人员",
    "转移接续",
    "经济补偿",
    "经济补偿金",
    "最低工资",
    "缴费基数",
    "遗属待遇",
    "病残津贴",
    "丧葬补助金",
    "抚恤金",
    "劳动监察",
    "职称",
    "退休年龄",
    "参保地",
    "参保人",
    "社保局",
    "公积金",
    "电子社保卡",
    "劳动合同",
    "事业单位",
    "个人账户",
    "技能提升补贴",
];

fn corrector() -> Corrector {
    Corrector::new(VOCABULARY.iter().copied())
}

#[test]
fn terms_are_put_right() {
    let corrector = corrector();
    for (heard, want) in [
        ("我的射保卡丢了", "我的社保卡丢了"),
        ("我的设保卡丢了", "我的社保卡丢了"),
        ("失业保鲜金怎么领", "失业保险金怎么领"),
        ("事业保险金怎么领", "失业保险金怎么领"),
        ("想申请公商认定", "想申请工伤认定"),
        ("做工商认定", "做工伤认定"),
        ("老动仲裁去哪里", "劳动仲裁去哪里"),
        ("养老宝险", "养老保险"),
        ("个人养老经", "个人养老金"),
        ("林活就业人员", "灵活就业人员"),
        ("转移接序", "转移接续"),
        ("经济不偿金", "经济补偿金"),
        ("病残金贴", "病残津贴"),
        ("丧葬补住金", "丧葬补助金"),
        ("公伤", "工伤"),
        ("电子射保卡", "电子社保卡"),
        ("个人帐户", "个人账户"),
        ("交费基数是多少", "缴费基数是多少"),
        ("退修年龄", "退休年龄"),
    ] {
        assert_eq!(corrector.correct(heard).text, want);
    }
}

#[test]
fn ordinary_text_stays() {
    let corrector = corrector();
    for text in [
        "我在事业单位上班",
        "这个事业很重要",
        "工商银行在哪里",
        "他去参加考试了",
        "参保的时候要带什么",
        "中彩票了",
        "请问您贵姓",
        "你好，我想问一下",
        "工商局的人认定不了",
        "之称",
        "就是要交多少钱",
        "我已经退休了",
        "今天天气不错",
        "老东家不给钱",
        "12333 abc",
        "",
        "参",
    ] {
        let done = corrector.correct(text);
        assert_eq!(done.text, text, "{:?}", done.changes);
        assert!(done.changes.is_empty());
    }
}

#[test]
fn a_change_says_what_and_where() {
    let done = corrector().correct("我的射保卡");
    let change = &done.changes[0];
    assert_eq!((change.begin, change.end), (2, 5));
    assert_eq!((change.heard.as_str(), change.term.as_str()), ("射保卡", "社保卡"));
}

#[test]
fn an_empty_vocabulary_changes_nothing() {
    assert_eq!(Corrector::default().correct("射保卡").text, "射保卡");
}

proptest! {
    #[test]
    fn terms_stay_and_length_stays(
        picks in prop::collection::vec((0..VOCABULARY.len(), "[的了在是我要问事业保单卡工商人]{0,4}"), 1..5)
    ) {
        let corrector = corrector();
        let text: String = picks.iter().map(|(at, words)| format!("{}，{words}，", VOCABULARY[*at])).collect();
        let done = corrector.correct(&text);
        prop_assert_eq!(done.text.chars().count(), text.chars().count());
        for (at, _) in picks {
            prop_assert!(done.text.contains(VOCABULARY[at]), "{} -> {}", text, done.text);
        }
    }

    #[test]
    fn anything_goes_in(text in any::<String>()) {
        prop_assert_eq!(corrector().correct(&text).text.chars().count(), text.chars().count());
    }
}

#[test]
fn a_rare_reading_makes_no_term_of_two_characters() {
    let corrector = Corrector::new(["年假"].into_iter());
    for said in ["去年夏天我就不干了", "22年夏天的高温费"] {
        assert_eq!(corrector.correct(said).text, said);
    }
}
