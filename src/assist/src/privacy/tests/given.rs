//! Given names, dates of birth that were asked for, and what looks like either and is none.

use super::super::Masker;

/// What both parties say is masked as the row says: `#` must be covered, all else must stay; `>` before a turn of the other party.
fn hold(rows: &[&[(&str, &str)]]) {
    let mut wrong = Vec::new();
    for row in rows {
        let mut maskers = [Masker::new(), Masker::new()];
        for (turn, want) in *row {
            let other = usize::from(turn.starts_with('>'));
            let said = turn.trim_start_matches('>');
            let got = maskers[other].mask(said, true).text;
            maskers[1 - other].hear_other(said);
            if got != want.trim_start_matches('>').replace('#', "*") {
                wrong.push((*turn, got));
            }
        }
    }
    assert_eq!(wrong, Vec::new());
}

#[test]
fn a_name_that_was_given_is_covered_without_its_surname_too() {
    hold(&[
        &[
            ("我叫王小军", "我叫###"),
            (">小军您好，请讲", ">##您好，请讲"),
            ("小军的钱啥时候到", "##的钱啥时候到"),
        ],
        &[
            (">请问贵姓", ">请问贵姓"),
            ("我叫李建国", "我叫###"),
            (">建国大哥，您稍等", ">##大哥，您稍等"),
        ],
        &[
            ("孩子叫赵梓涵", "孩子叫###"),
            (">好的，您说", ">好的，您说"),
            (">梓涵妈妈，梓涵几岁了", ">##妈妈，##几岁了"),
        ],
        &[
            ("我叫李军", "我叫##"),
            (">小军，军哥，您这个能办", ">小#，#哥，您这个能办"),
            ("我参军那几年算不算，水军呢", "我参军那几年算不算，水军呢"),
        ],
    ]);
}

#[test]
fn a_given_name_that_is_a_word_is_a_name_where_somebody_is_addressed() {
    hold(&[
        &[("我叫刘平安", "我叫###"), ("平安就好，工资不给", "平安就好，工资不给")],
        &[
            ("我叫张国庆", "我叫###"),
            (">国庆，您说，国庆师傅", ">##，您说，##师傅"),
            ("国庆节上班吗", "国庆节上班吗"),
        ],
        &[("我叫王建国", "我叫###"), ("建国以后参加工作的", "建国以后参加工作的")],
    ]);
}

#[test]
fn a_date_that_answers_when_somebody_was_born_is_covered() {
    hold(&[
        &[(">您哪天生的", ">您哪天生的"), ("1968年7月9号", "#########")],
        &[(">孩子哪年生人", ">孩子哪年生人"), ("2019年3月8日", "#########")],
        &[(
            "你看我哪天生的，1970年2月3号，该退了吧",
            "你看我哪天生的，#########，该退了吧",
        )],
        &[(">事故哪天发生的", ">事故哪天发生的"), ("2024年5月6号", "2024年5月6号")],
        &[
            (">政策什么时候生效", ">政策什么时候生效"),
            ("2025年1月1号", "2025年1月1号"),
        ],
        &[
            (">您出生日期", ">您出生日期"),
            (
                "我先问，2045年1月1日以后退休怎么算",
                "我先问，2045年1月1日以后退休怎么算",
            ),
        ],
    ]);
}

#[test]
fn what_the_public_may_know_stays_whatever_was_asked() {
    hold(&[
        &[(
            "客服热线，四零零，八八九，五五八八",
            "客服热线，四零零，八八九，五五八八",
        )],
        &[
            (">请留个联系电话", ">请留个联系电话"),
            ("我是用400-810-0000打来的", "我是用400-810-0000打来的"),
        ],
        &[
            (">手机号多少", ">手机号多少"),
            ("你让我打的12333啊", "你让我打的12333啊"),
        ],
        &[("打95598问电费，拨了961234", "打95598问电费，拨了961234")],
        &[(">手机号后几位", ">手机号后几位"), ("12333", "#####")],
        &[(
            "卡号是6222，400，123，4567，890，1",
            "卡号是####，###，###，####，###，#",
        )],
    ]);
}

#[test]
fn a_word_in_latin_letters_is_no_name_nor_is_what_follows_it() {
    hold(&[
        &[("用Word文档和PDF都行吗", "用Word文档和PDF都行吗")],
        &[("我叫李秀英，材料是Word文档和照片", "我叫###，材料是Word文档和照片")],
    ]);
}
