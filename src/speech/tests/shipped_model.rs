//! The language model that is shipped: it is read, it is small, and it spells what a hotline hears.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::Path;
use std::sync::Arc;

use sidetone_speech::CallWords;
use sidetone_speech::spelling::{Speller, SpellerConfig, SyllableModel, TERM_BOOST};

fn model() -> SyllableModel {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/sidetone-streaming-zh/lm.bin");
    let bytes = std::fs::read(&path).expect("the model is committed; `models/train/lm.py build` makes it anew");
    assert!(bytes.len() <= 3_000_000, "{} bytes", bytes.len());
    SyllableModel::read(&bytes).unwrap()
}

fn spelled(model: &Arc<SyllableModel>, tokens: &str) -> String {
    let mut speller = Speller::new(Arc::clone(model), SpellerConfig::default());
    for token in tokens.split(' ') {
        assert!(model.syllable(token).is_some(), "{token}");
        speller.hear(token);
    }
    speller.finish().text
}

#[test]
fn it_spells_what_a_hotline_hears() {
    let model = Arc::new(model());
    let question = "我想问一下失业保险金怎么领";
    for (tokens, text) in [
        (
            "wo3 xiang3 wen4 yi1 xia4 shi1 ye4 bao3 xian3 jin1 zen3 me5 ling3",
            question,
        ),
        // Without tones; with wrong ones; with confusions of the telephone.
        ("wo xiang wen yi xia shi ye bao xian jin zen me ling", question),
        (
            "wo2 xiang3 wen4 yi2 xia5 shi4 ye4 bao2 xian4 jin1 zen2 me5 ling4",
            question,
        ),
        (
            "wo3 xiang3 wen4 yi1 xia4 si1 ye4 bao3 xian3 jing1 zen3 me5 lin3",
            question,
        ),
        (
            "dan1 wei4 bu4 gei3 jiao1 she4 bao3 zen3 me5 ban4",
            "单位不给交社保怎么办",
        ),
        (
            "gong1 shang1 ren4 ding4 yao4 duo1 chang2 shi2 jian1",
            "工伤认定要多长时间",
        ),
        ("mei3 ge4 yue4 liang3 qian1 yi1 bai3 yuan2", "每个月两千一百元"),
    ] {
        assert_eq!(spelled(&model, tokens), text, "{tokens}");
    }
}

#[test]
fn a_new_term_is_spelled_as_the_knowledge_base_has_it() {
    let tokens = "wo3 yao4 ban4 lu3 hui4 tong1";
    let with = Arc::new(model().with_terms(["鲁惠通"], TERM_BOOST));
    assert_ne!(spelled(&Arc::new(model()), tokens), "我要办鲁惠通");
    assert_eq!(spelled(&with, tokens), "我要办鲁惠通");
}

#[test]
fn in_a_call_its_own_words_are_likelier() {
    let model = model();
    let of_call = |terms: &[&str], said: &str| {
        let words = CallWords {
            terms: terms.iter().map(|term| (*term).to_owned()).collect(),
            said: vec![said.to_owned()],
        };
        Arc::new(model.of_call(&words))
    };
    for (said, text) in [("", "意义"), ("我有异议，12天了", "异议")] {
        assert_eq!(spelled(&of_call(&[], said), "yi4 yi4"), text);
    }
    let with = of_call(&["鲁惠通"], "");
    assert_eq!(spelled(&with, "wo3 yao4 ban4 lu3 hui4 tong1"), "我要办鲁惠通");
}

#[test]
fn it_knows_when_a_text_is_unlikely() {
    let model = Arc::new(model());
    let confidence = |tokens: &str| {
        let mut speller = Speller::new(Arc::clone(&model), SpellerConfig::default());
        tokens.split(' ').for_each(|token| {
            speller.hear(token);
        });
        speller.finish().confidence()
    };
    let said = confidence("wo3 xiang3 wen4 yi1 xia4 shi1 ye4 bao3 xian3 jin1 zen3 me5 ling3");
    let noise = confidence("fu1 fu4 xian4 yi1 gai4 mian4 zhe4 shuo1 de5 xiao4 lie4 er2 nian2 shan3 ka3 wen2");
    assert!(said > 0.8, "{said}");
    assert!(noise < 0.6, "{noise}");
    // Another's text is weighed alike, however its numbers are written.
    let weighed = |text: &str| model.weigh(text).unwrap();
    assert!(weighed("我想问一下，失业保险金怎么领？") > 0.8);
    assert!(weighed("要填骨上任丁审庆标，带商劳动管系争明") < 0.6);
    assert!((weighed("每月2300元") - weighed("每月二三零零元")).abs() < 1e-6);
    assert_eq!(model.weigh("APP, OK"), None);
}
