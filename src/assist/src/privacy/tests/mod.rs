//! What is masked and what stays.

mod dialogues;
mod given;
mod learned;
mod properties;

use sidetone_schema::RedactionKind::{self, BankCard, Digits, IdCard, Phone};

use super::{Masked, Masker, mask_number, scrub, stable};

fn settled(text: &str) -> Masked {
    Masker::new().mask(text, true)
}

/// What stands between the groups of a number stays, but for the sign that is written within it.
const BETWEEN: &str = "，。 ()嗯呃那个";

/// `[…]` marks what must be covered; everything else must stay.
fn check(kind: RedactionKind, table: &[&str]) {
    for row in table {
        let text: String = row.chars().filter(|c| !"[]".contains(*c)).collect();
        let (mut want, mut inside) = (String::new(), false);
        for c in row.chars() {
            match c {
                '[' => inside = true,
                ']' => inside = false,
                _ => want.push(if inside && !BETWEEN.contains(c) { '*' } else { c }),
            }
        }
        let got = settled(&text);
        assert_eq!(got.text, want, "{text}");
        assert!(
            got.redactions.iter().all(|r| r.kind == kind),
            "{text}: {:?}",
            got.redactions
        );
        assert_eq!(scrub(&got.text), got.text, "a second pass over {text}");
    }
}

// 11010519491231002X and 110101199003077432 are the examples of the standard and its commentaries;
// 138 0013 8000 is an operator's own test number.

#[test]
fn id_cards() {
    check(
        IdCard,
        &[
            "我的身份证是[11010519491231002X]",
            "[11010519491231002x]，谢谢",
            "[110101199003077432]",
            "[110101 19900307 7432]",
            "[110101，19900307，7432]",
            "[一一零一零五一九四九一二三一零零二叉]",
            "[幺幺零幺零五幺九四九幺二三幺零零二艾克斯]对的",
            "[110105，嗯，19491231，002X]",
            "号码[110101199003077432]元",
            "我说一下啊[110101，呃，19900307，那个，7432]",
            "[110101199003077433]",
            "[110101900307743]",
            "[110101]，我看看，[19900307]，我看看啊，[7432]",
            "[１１０１０１１９９００３０７７４３２]",
        ],
    );
}

#[test]
fn phones() {
    check(
        Phone,
        &[
            "我电话[13800138000]",
            "[138 0013 8000]",
            "[138-0013-8000]",
            "[138，0013，8000]您记一下",
            "手机号是[幺三八零零幺三八零零零]",
            "[一三八，零零一三，八零零零]",
            "[腰三八零零腰三八零零零]",
            "打[0546-1234567]",
            "[05461234567]",
            "[010-12345678]",
            "打([0546)1234567]",
            "电话[13800138000]，身份证没有",
            "我是[13800138000]号",
            "联系方式[1380013]",
        ],
    );
}

#[test]
fn cards() {
    check(
        BankCard,
        &[
            "卡号[6222020000000000008]",
            "[6222 0200 0000 0000 008]",
            "银行卡号是[4111111111111111]",
            "[4111，1111，1111，1111]",
            "[四一一一，一一一一，一一一一，一一一一]",
            "账号[12345]",
        ],
    );
}

#[test]
fn unknown_digits() {
    check(
        Digits,
        &[
            "编号[1234567]",
            "[12345678]",
            "尾号[4321]",
            "[九八七六五四三]",
            "单号[123-4567]",
        ],
    );
}

#[test]
fn what_everyone_may_see() {
    for text in [
        "最低工资2400元",
        "两千四百块钱",
        "12000000元",
        "1,200,000元",
        "二零二六年三月二号",
        "2026年3月2日",
        "2024-01-01",
        "20240101起施行",
        "人社部发〔2024〕72号",
        "第四十五条",
        "第45条",
        "拨打12333",
        "12333，12345，110，120",
        "12333 12345",
        "幺二三三三",
        "电话12333",
        "0546-12333",
        "打电话问了两次",
        "缴费满15年",
        "十八个月",
        "月工作日20.67天",
        "4242/21207",
        "2400，2210，2020",
        "1980，2160，2400",
        "2023 2024 2025年",
        "2023，2024，2025",
        "百分之九十",
        "90%",
        "60岁",
        "三三两两一五一十",
        "下限4504元上限22522元",
        "第1023456条",
        "从8点到17点30分",
        "883.20元每月，10598.40元每年",
        "身份证15天能办下来",
        "手机上查2024年的",
        "",
        "，。",
        "叉车工",
    ] {
        let got = settled(text);
        assert_eq!(got.text, text, "{:?}", got.redactions);
        assert!(got.redactions.is_empty());
    }
}

#[test]
fn callers_numbers_keep_two_digits() {
    for (number, want) in [
        ("13800138000", "*********00"),
        ("+8613800138000", "+***********00"),
        ("0546-1234567", "****-*****67"),
        ("１３８０５４６０１３７", "*********３７"),
        ("4008100000", "4008100000"),
        ("0546-12333", "0546-12333"),
        ("8001", "8001"),
        ("anonymous", "anonymous"),
        ("", ""),
    ] {
        assert_eq!(mask_number(number), want);
    }
}

#[test]
fn debug_shows_no_digits() {
    let mut masker = Masker::new();
    masker.mask("手机号138001", true);
    assert!(!format!("{masker:?}").contains("138"));
}

#[test]
fn a_partial_shows_amounts_and_hides_what_may_become_a_persons() {
    let growing = |masker: &mut Masker, text: &str| masker.mask(text, false).text;
    let mut masker = Masker::new();
    let said = "交了2400元，基数是4512，我想问一问退休以后的待遇怎么算";
    assert_eq!(
        growing(&mut masker, said),
        "交了2400元，基数是****，我想问一问退休以后的待遇怎么算"
    );
    assert_eq!(masker.glance(said).text, said);
    assert_eq!(stable(said), "交了2400元，基数是".chars().count());
    assert_eq!(growing(&mut masker, "拨打12333问过，3个人"), "拨打12333问过，3个人");
    assert_eq!(growing(&mut masker, "交了6年，满15年没有"), "交了6年，满15年没有");
    assert_eq!(
        growing(&mut masker, "我65年的，05年的，12年3月"),
        "我**年的，**年的，*****"
    );
    assert_eq!(growing(&mut masker, "满15年"), "满***");
    assert!(
        !growing(&mut masker, "在后坡街12号那个院").contains("12"),
        "a house's number"
    );
    assert_eq!(growing(&mut masker, "就看见2217四个数"), "就看见****四个数");
    masker.hear_other("您的手机号是多少");
    assert_eq!(growing(&mut masker, "3个人"), "*个人");
}

#[test]
fn letters_alone_are_no_number_until_one_is_told() {
    for text in [
        "我的Outlook打不开了",
        "VPN连不上提示timeout",
        "How do I replace a lost social security card?",
        "x",
    ] {
        assert_eq!(settled(text).text, text);
    }
    let mut asked = Masker::new();
    asked.hear_other("您的身份证号最后一位是多少？");
    assert_eq!(asked.mask("x", true).text, "*");
    assert_eq!(
        settled("核对一下，370502，19600307，401，末位X，对吧").text,
        "核对一下，******，********，***，末位*，对吧",
        "a letter may belong to the digits that are told"
    );
    assert!(!settled("我的微信号是wanglihua").text.contains("wanglihua"));
    assert!(!settled("邮箱是wanglihua艾特qq点com").text.contains("wanglihua"));
}
