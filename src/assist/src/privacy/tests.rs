use proptest::prelude::*;
use sidetone_schema::RedactionKind::{self, BankCard, Digits, IdCard, Phone};

use super::token::digit;
use super::{Masked, Masker, mask_number, scrub};

fn settled(text: &str) -> Masked {
    Masker::new().mask(text, true)
}

/// What stands between the groups of a number stays.
const BETWEEN: &str = "，。 -()嗯呃那个";

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

/// Turns of one speaker; `>` before a turn means that the other party said it.
fn dialogue(turns: &[&str]) -> Vec<String> {
    let mut masker = Masker::new();
    let mut out = Vec::new();
    for turn in turns {
        match turn.strip_prefix('>') {
            Some(other) => masker.hear_other(other),
            None => out.push(masker.mask(turn, true).text),
        }
    }
    out
}

#[test]
fn digits_split_over_turns() {
    for (turns, want) in [
        (vec!["110101", "19900307", "7432"], vec!["******", "********", "****"]),
        (vec!["138", "0013", "8000", "好的"], vec!["***", "****", "****", "好的"]),
        (
            vec!["我的身份证号是", "1101", "01", "1990", "0307"],
            vec!["我的身份证号是", "****", "**", "****", "****"],
        ),
        (
            vec![">请报一下您的手机号", "一三八", "零零一三", "八零零零"],
            vec!["***", "****", "****"],
        ),
        (
            vec![">您的身份证号码是多少", "您等一下", "好的", "1101", "0119"],
            vec!["您等一下", "好的", "****", "****"],
        ),
        (vec![">13800138000", "138，0013对吗"], vec!["***，****对吗"]),
        (
            vec!["电话13800138000", "交了2400元", "6500"],
            vec!["电话***********", "交了2400元", "6500"],
        ),
        (
            vec!["手机号是138", "嗯", "0013 8000"],
            vec!["手机号是***", "嗯", "**** ****"],
        ),
        (
            vec![">身份证带了吗", "带了", "交了15年", "一个月2400元"],
            vec!["带了", "交了15年", "一个月2400元"],
        ),
        (vec!["1101051949", "1231002叉"], vec!["**********", "********"]),
    ] {
        assert_eq!(dialogue(&turns), want, "{turns:?}");
    }
}

#[test]
fn a_partial_is_masked_and_leaves_no_trace() {
    let mut masker = Masker::new();
    for (text, want) in [
        ("我电话是138", "我电话是***"),
        ("我电话是13800", "我电话是*****"),
        ("那我打138001", "那我打******"),
        ("最低工资2400", "最低工资****"),
        ("最低工资2400元", "最低工资2400元"),
        ("拨打12333", "拨打*****"),
        ("拨打12333咨询的", "拨打12333咨询的"),
    ] {
        assert_eq!(masker.mask(text, false).text, want);
    }
    assert_eq!(masker.mask("2400", true).text, "2400");
}

/// `#` must be covered, all else must stay; ` || ` stands between turns, `>` before one of the other party.
#[test]
fn numbers_are_judged_as_one_and_other_kinds_are_covered() {
    for (said, want) in [
        ("1540546，等一下，0137", "#######，等一下，####"),
        ("前三位154，中间0546，后面0137", "前三位###，中间####，后面####"),
        ("154，三个零，5，4612", "###，###，#，####"),
        ("370502，1900年3月12日，4014", "######，####年#月##日，####"),
        (
            "身份证37050219，00年，0312，后四位4014",
            "身份证########，##年，####，后四位####",
        ),
        (
            "370502，1900年1月8，不好意思，4014",
            "######，####年#月#，不好意思，####",
        ),
        ("区号0546，555，0123", "区号####，###，####"),
        (
            "6228 || 4803 || 7655 || 3050 || 190",
            "#### || #### || #### || #### || ###",
        ),
        ("座机是5550123人工接的", "座机是#######人工接的"),
        ("银行卡扣了1085.6元", "银行卡扣了1085.6元"),
        ("拨打4008100000，400-810-0000", "拨打4008100000，400-810-0000"),
        ("邮箱zhangsan85@example.com", "邮箱######################"),
        ("我的邮箱是lisi艾特example点com", "我的邮箱是#################"),
        ("车牌鲁E12345", "车牌#######"),
        ("车牌是鲁E后面是88A66", "车牌是##后面是#####"),
        ("护照号E12345678", "护照号#########"),
        ("我住阳光小区3号楼2单元501室", "我住##############"),
        ("大厅在南一路200号政务服务中心", "大厅在南一路200号政务服务中心"),
        ("我叫李秀英，想问一下", "我叫###，想问一下"),
        ("我姓王，叫王建国", "我姓#，叫###"),
        ("我叫他来办的", "我叫他来办的"),
        ("手机交费199", "手机交费199"),
        ("有15400000多人领", "有15400000多人领"),
        (
            "受理编号是2024031800176，回执上写的",
            "受理编号是2024031800176，回执上写的",
        ),
        ("受理编号15405460137", "受理编号###########"),
        ("手机号，要五四五个零要零六", "手机号，#########"),
        ("身份证最后是0106，末尾是个叉", "身份证最后是####，末尾是个#"),
        (
            "小写的z，h，a，o，下划线8801，艾特，example点com",
            "小写的##############################",
        ),
        ("护照是E开头的，000，261，74", "护照是#开头的，###，###，##"),
        ("微信号dashan_0187，你加我", "微信号###########，你加我"),
        ("我是1900年1月5日出生的", "我是#########出生的"),
        ("我1900年1月5日退休的", "我1900年1月5日退休的"),
        ("我叫张建国，弓长张，建设的建", "我叫###，###，建设的#"),
        ("我姓陈，陈玉兰，玉石的玉", "我姓#，###，玉石的#"),
        ("我叫古丽娜尔，新疆的", "我叫####，新疆的"),
        ("我叫刘，嗯，刘秀英", "我叫#，嗯，###"),
        ("他叫我去签，我没签", "他叫我去签，我没签"),
        ("户口在柳泉镇石桥村，想问", "户口在######，想问"),
        ("我家在农村，交居民的", "我家在农村，交居民的"),
        ("地址是王家村西头第三排，门牌是67号", "地址是########，门牌是###"),
        (">您贵姓 || 李秀英 || >好的，李秀英女士", "###"),
        (">哪个单元 || 6号楼1单元402", "#########"),
        (">怎么称呼 || 阿依古丽·买买提", "########"),
        (
            ">手机号154，0546，0114吗 || 不是，最后不是四，是九",
            "不是，最后不是#，是#",
        ),
        ("1540 || >1540 || 5460", "#### || ####"),
        (">每月多少钱 || 1540", "1540"),
        (">一共欠了多少 || 15463", "15463"),
        ("验证码480213，你帮我输", "验证码######，你帮我输"),
        (">微信号多少 || lf8866", "######"),
        ("08，09，2010，2011，都没交", "08，09，2010，2011，都没交"),
        ("我的身份证号是37 || 0502", "我的身份证号是## || ####"),
        ("您记一下，6222 || 0203", "您记一下，#### || ####"),
        ("座机是05，再就是46，5550，123", "座机是##，再就是##，####，###"),
        (">座机您说一下 || 054655 || >054655", "######"),
        (">贵姓啊 || 刘，刘芳", "#，##"),
        (">生日是哪天 || 3月8日", "####"),
        ("我生日那天去办行不行", "我生日那天去办行不行"),
        (
            "办公地址是市民服务中心B座2楼，胜利大街86号",
            "办公地址是市民服务中心B座2楼，胜利大街86号",
        ),
        ("刘芳女士您好，张女士也好", "##女士您好，张女士也好"),
        ("我姓吕，双口吕，单名一个梁字", "我姓#，###，单名一个#字"),
        ("我叫买买提，就买买提三个字", "我叫###，就###三个字"),
        (">被保险人姓名 || 王，建，国", "#####"),
        ("我家小区叫金湖名都，5号楼", "我家小区叫########"),
        ("我生日是1900-03-08", "我生日是##########"),
        (">电话多少 || 15405", "*****"),
        (">后六位是多少 || 080024", "######"),
        ("交了13860，滞纳金154.6", "交了13860，滞纳金154.6"),
        ("社保大厅在南二路228号，一楼大厅", "社保大厅在南二路228号，一楼大厅"),
        ("单位地址是东营区西四路600号", "单位地址是东营区西四路600号"),
        ("办件编号是JX20261129000187", "办件编号是JX20261129000187"),
        ("工伤是2023年8月16号发生的", "工伤是2023年8月16号发生的"),
        ("电话0546-12333", "电话0546-12333"),
        ("我是赵秀兰，上午打过", "我是###，上午打过"),
        ("我是江苏人，想问", "我是江苏人，想问"),
        ("会计叫刘敏，她办的", "会计叫##，她办的"),
        (">李秀英是您本人吗 || 我就是李秀英", "我就是###"),
        ("z，w，1988，at，163，点，com", "#####################"),
        ("住址是和平里5区16栋4门203", "住址是#############"),
        ("154后头是0000，末四位是0175", "###后头是####，末四位是####"),
        ("370 || >嗯 || 502 || 1900", "### || ### || ####"),
        (
            ">邮箱地址呢 || 拼音，zhaolei || 艾特，qq点com",
            "拼音，####### || #########",
        ),
        ("我车是京，N，八八，六Q二", "我车是#，#，##，###"),
        (">您贵姓 || 姓马，马晓燕，晓是拂晓的晓", "姓#，###，#是拂晓的#"),
        ("参保人李建军，男", "参保人###，男"),
        ("参保人方可领取", "参保人方可领取"),
        ("地址是黄河路38号政务服务中心一楼", "地址是黄河路38号政务服务中心一楼"),
        (">受理编号是2024031800176 || 2024031800176记下了", "2024031800176记下了"),
        ("区号021再打12333，北京是010", "区号021再打12333，北京是010"),
        ("6200，5800，7100", "6200，5800，7100"),
        (
            "zhangsan，然后下划线，88，@example.com。",
            "##############################。",
        ),
    ] {
        let turns: Vec<&str> = said.split(" || ").collect();
        assert_eq!(dialogue(&turns).join(" || "), want.replace('#', "*"), "{said}");
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

fn with_check(body: &[u8]) -> String {
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = body.iter().zip(weights).map(|(d, w)| u32::from(*d) * w).sum();
    let mut text: String = body.iter().map(|d| char::from(b'0' + d)).collect();
    text.push(char::from(b"10X98765432"[(sum % 11) as usize]));
    text
}

fn with_luhn(body: &[u8]) -> String {
    let sum: u32 = body
        .iter()
        .rev()
        .enumerate()
        .map(|(at, d)| {
            let d = u32::from(*d) * if at % 2 == 0 { 2 } else { 1 };
            if d > 9 { d - 9 } else { d }
        })
        .sum();
    let mut text: String = body.iter().map(|d| char::from(b'0' + d)).collect();
    text.push(char::from(b'0' + ((10 - sum % 10) % 10) as u8));
    text
}

prop_compose! {
    fn id_card()(body in prop::collection::vec(0u8..10, 17)) -> String { with_check(&body) }
}
prop_compose! {
    fn phone()(second in 3u8..10, rest in "[0-9]{9}") -> String { format!("1{second}{rest}") }
}
prop_compose! {
    fn card()(first in 3u8..7, rest in prop::collection::vec(0u8..10, 11..18)) -> String {
        let mut body = vec![first];
        body.extend(rest);
        with_luhn(&body)
    }
}

/// Spoken or written digit by digit, with a separator of each kind put in by chance.
fn spoken(number: &str, styles: &[u8], gaps: &[u8]) -> String {
    const GAPS: [&str; 12] = ["", "", "", "", " ", "-", "，", "，嗯，", "、", "。", "那个", " 呃 "];
    let mut text = String::new();
    for (at, c) in number.chars().enumerate() {
        if at > 0 {
            text.push_str(GAPS[usize::from(gaps[at % gaps.len()]) % GAPS.len()]);
        }
        let style = styles[at % styles.len()] % 3;
        match (c, style) {
            ('X', 0) => text.push('X'),
            ('X', 1) => text.push('叉'),
            ('X', _) => text.push_str("艾克斯"),
            (c, 0) => text.push(c),
            ('1', 1) => text.push('幺'),
            (c, _) => text.extend("零一二三四五六七八九".chars().nth((c as u8 - b'0') as usize)),
        }
    }
    text
}

fn digits_of(text: &str) -> String {
    text.chars().filter_map(digit).map(char::from).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]

    #[test]
    fn no_number_survives(
        number in prop_oneof![id_card(), phone(), card()],
        styles in prop::collection::vec(any::<u8>(), 1..8),
        gaps in prop::collection::vec(any::<u8>(), 1..8),
        before in "(我的|身份证号是|交了2400元，|号码：|一共|〔2024〕72号，|好|)",
        after in "(元|号|年|，谢谢|。|对吧|岁|块钱|个|)",
        settled in any::<bool>(),
    ) {
        let said = spoken(&number, &styles, &gaps);
        let text = format!("{before}{said}{after}");
        let masked = Masker::new().mask(&text, settled);
        let begin = before.chars().count();
        let inside: String = masked.text.chars().skip(begin).take(said.chars().count()).collect();
        prop_assert_eq!(digits_of(&inside), "", "{} -> {}", text, masked.text);
        prop_assert_eq!(masked.text.chars().count(), text.chars().count());
        let again = scrub(&masked.text);
        prop_assert_eq!(again, masked.text);
    }

    #[test]
    fn no_number_survives_turns_or_words(
        number in prop_oneof![id_card(), phone()],
        styles in prop::collection::vec(any::<u8>(), 1..8),
        cuts in (3usize..6, 3usize..6),
        words in "(，等一下，|，后面是|，|，然后是|，我看看啊，)",
        asked in any::<bool>(),
    ) {
        let cuts = [cuts.0, cuts.0 + cuts.1];
        let groups = [&number[..cuts[0]], &number[cuts[0]..cuts[1]], &number[cuts[1]..]];
        let groups = groups.map(|group| spoken(group, &styles, &[0]));
        let mut masker = Masker::new();
        if asked {
            masker.hear_other("您的身份证号和手机号说一下");
            for group in &groups {
                prop_assert_eq!(digits_of(&masker.mask(group, true).text), "", "{}", group);
            }
        } else {
            let said = groups.join(&words);
            let masked = masker.mask(&said, true).text;
            prop_assert_eq!(digits_of(&masked.replace("一下", "")), "", "{}", said);
        }
    }

    #[test]
    fn amounts_survive(amount in 1u32..99_999_999, unit in "(元|块钱|%)", before in "(我交了|最低工资是|电话里说|)") {
        let text = format!("{before}{amount}{unit}");
        prop_assert_eq!(settled(&text).text, text);
    }

    #[test]
    fn offsets_fit_and_nothing_panics(turns in prop::collection::vec("([0-9]{1,9}|[一二三幺零X叉元年，。 嗯的身份证号电话]{0,6}|\\PC{0,5}){0,5}", 0..6)) {
        let mut masker = Masker::new();
        for turn in turns {
            for is_settled in [false, true] {
                let masked = masker.mask(&turn, is_settled);
                let chars: Vec<char> = masked.text.chars().collect();
                prop_assert_eq!(chars.len(), turn.chars().count());
                let mut last = 0;
                for r in &masked.redactions {
                    prop_assert!(last <= r.begin && r.begin < r.end && r.end <= chars.len());
                    prop_assert!(chars[r.begin..r.end].iter().all(|c| *c == '*'));
                    last = r.end;
                }
            }
            masker.hear_other(&turn);
        }
    }
}
