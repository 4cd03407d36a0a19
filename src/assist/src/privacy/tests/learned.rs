//! What was learned: as it is kept, and in turns that no rule knows.

use super::super::Masker;
use super::super::tagger::{Joint, LABELS, Label, Learner, Model};

#[test]
fn what_is_learned_is_read_as_it_was_written() {
    let features = vec![vec![1], vec![2], vec![1, 2]];
    let joints = [Joint::Apart, Joint::Apart, Joint::Joined];
    let only = |label: Label| Label::ALL.map(|other| other == label);
    let right = [only(Label::Other), only(Label::Number), only(Label::Number)];
    let mut learner = Learner::default();
    for _ in 0..200 {
        learner.learn((&features, &joints), &right, &mut |_| true);
    }
    let model = Model::read(&learner.write(7)).unwrap();
    let labels = model.label(&features, &joints, &[None; 3]);
    assert_eq!(labels, [Label::Other, Label::Number, Label::Number]);
}

#[test]
fn weights_that_are_cut_short_are_none() {
    assert!(Model::read(&[0; LABELS]).is_none());
    assert!(!Model::read(sidetone_language::MASKING_WEIGHTS).unwrap().is_empty());
}

#[test]
fn tied_characters_are_covered_together() {
    // The second character looks like nothing by itself.
    let features = vec![vec![1], vec![]];
    let only = |label: Label| Label::ALL.map(|other| other == label);
    let mut learner = Learner::default();
    for _ in 0..50 {
        let right = [only(Label::Number), only(Label::Number)];
        learner.learn((&features, &[Joint::Apart, Joint::Tied]), &right, &mut |_| true);
    }
    let model = Model::read(&learner.write(7)).unwrap();
    let labels = model.label(&features, &[Joint::Apart, Joint::Tied], &[None; 2]);
    assert_eq!(labels, [Label::Number; 2]);
}

/// `#` is covered; other characters stay, `?` is either.
fn check(turns: &[(&str, &str)]) {
    let mut masker = Masker::new();
    for (said, right) in turns {
        let Some(other) = said.strip_prefix('>') else {
            let got = masker.mask(said, true).text;
            for ((got, said), right) in got.chars().zip(said.chars()).zip(right.chars()) {
                let as_wanted = match right {
                    '#' => got == '*',
                    '?' => true,
                    _ => got == said,
                };
                assert!(as_wanted, "{turns:?}: {got}");
            }
            continue;
        };
        masker.hear_other(other);
    }
}

#[test]
fn a_number_is_corrected_and_said_again_in_part() {
    check(&[(
        "手机是15400000137，不对，末尾两位是39，不是37",
        "手机是###########，不对，末尾两位是##，不是##",
    )]);
    check(&[
        (">您的卡尾号是2208吗", ""),
        ("不是，2208那张注销了", "不是，####那张注销了"),
    ]);
    check(&[("15400000126，后三位是126，不是129", "###########，后三位是###，不是###")]);
}

#[test]
fn a_name_is_said_again_in_other_ways() {
    check(&[(
        "身份证上我叫耿春生，社保卡写成耿春声，怎么改",
        "身份证上我叫###，社保卡写成###，怎么改",
    )]);
}

#[test]
fn a_second_address_or_birthday_is_one_too() {
    check(&[(
        "老房子拆了，去年搬到德州市陵城区红旗小区",
        "老房子拆了，去年搬到??????####",
    )]);
    check(&[(
        "我生日1967年8月9号，系统里怎么是8月19号",
        "我生日####?#?#?，系统里怎么是#?##?",
    )]);
}

#[test]
fn what_is_nobodys_stays() {
    for said in [
        "去年基数4380，今年调到4512，差的一月份补",
        "我叫你办你就办",
        "第二个月才到账，前面还有26个人",
        "前面去府前大街81号人社局一楼大厅",
    ] {
        check(&[(said, said)]);
    }
}

#[test]
fn what_the_other_party_said_openly_may_be_said_again() {
    check(&[
        (">大厅的电话是0546-5550107，工作日打", ""),
        ("五五五零幺零七，记下了", "五五五零幺零七，记下了"),
    ]);
    check(&[
        (">寄到人社局，府前街219号，一楼", ""),
        ("府前街219号，好", "府前街219号，好"),
    ]);
    // What was covered is covered again.
    check(&[(">您的手机是15400000173吧", ""), ("对，15400000173", "对，###########")]);
}

#[test]
fn what_was_shown_may_be_said_again_by_either_party() {
    check(&[
        (">请到三楼312房间，找劳动监察", ""),
        ("三楼，312，没电梯是吧", "三楼，312，没电梯是吧"),
    ]);
    check(&[
        ("工单号是20260302001587", "工单号是20260302001587"),
        (">二零二六零三零二，后面呢", ""),
        ("001587", "001587"),
    ]);
}

#[test]
fn amounts_in_a_row_stay() {
    for said in ["一共分几档，300、500、800、1000、2000，你选哪个", "2400，2210，2020"] {
        check(&[(said, said)]);
    }
}

#[test]
fn a_product_is_nobodys() {
    let said = "我手机是华为Mate60，登不上去";
    check(&[(said, said)]);
}

#[test]
fn the_name_of_an_estate_is_covered_between_two_parts_of_a_home() {
    check(&[("我家住振兴路225号，丽水湾，2号楼501", "我家住#######?###?#######")]);
}

#[test]
fn a_plate_may_come_in_several_turns() {
    check(&[
        (">车牌号多少", ""),
        ("我这个是新能源的，鲁E", "我这个是新能源的，##"),
        (">嗯，您说", ""),
        ("D，0，7", "#?#?#"),
    ]);
}

#[test]
fn a_sign_within_a_number_is_covered_and_a_pause_is_shown() {
    check(&[("我家座机是0546-5550163", "我家座机是############")]);
    check(&[("寄到我家，胜利小区，3号楼2单元501", "寄到我家，####，##########")]);
}
