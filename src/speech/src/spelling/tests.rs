use std::sync::Arc;

use proptest::prelude::*;

use super::file::tests::{Said, made};
use super::{Speller, SpellerConfig, Spelling, SyllableModel};

/// A hotline's words, and enough others of the same sounds to go wrong.
const WORDS: &[Said<'_>] = &[
    ("我", 36, &[("wo3", 0)]),
    ("想", 50, &[("xiang3", 0)]),
    ("问", 60, &[("wen4", 0)]),
    ("领", 70, &[("ling3", 0)]),
    ("失业", 80, &[("shi1 ye4", 0)]),
    ("事业", 70, &[("shi4 ye4", 0)]),
    ("保险", 72, &[("bao3 xian3", 0)]),
    ("保险金", 110, &[("bao3 xian3 jin1", 0)]),
    ("保鲜", 105, &[("bao3 xian1", 0)]),
    ("金", 85, &[("jin1", 0)]),
    ("今", 88, &[("jin1", 0)]),
    ("是", 35, &[("shi4", 0)]),
    ("四", 55, &[("si4", 0)]),
    ("十", 56, &[("shi2", 0)]),
    ("失", 100, &[("shi1", 0)]),
    ("业", 95, &[("ye4", 0)]),
    ("也", 45, &[("ye3", 0)]),
    ("保", 90, &[("bao3", 0)]),
    ("先", 80, &[("xian1", 0)]),
    ("社", 95, &[("she4", 0)]),
    ("卡", 90, &[("ka3", 0)]),
    ("射", 110, &[("she4", 0)]),
    ("包", 90, &[("bao1", 0)]),
    ("行", 70, &[("xing2", 0), ("hang2", 24)]),
    ("银行", 80, &[("yin2 hang2", 0)]),
    ("年", 60, &[("nian2", 0)]),
    ("连", 85, &[("lian2", 0)]),
    ("了", 40, &[("le5", 0), ("liao3", 40)]),
    ("吗", 50, &[("ma5", 0)]),
    ("妈", 70, &[("ma1", 0)]),
    ("您", 60, &[("nin2", 0)]),
    ("色", 90, &[("se4", 0)]),
    ("死", 90, &[("si3", 0)]),
];

const PAIRS: &[(&str, &str, u8)] = &[
    ("", "我", 20),
    ("我", "想", 24),
    ("想", "问", 30),
    ("想", "领", 40),
    ("领", "失业", 30),
    ("失业", "保险", 20),
    ("保险", "金", 24),
    ("四", "十", 30),
    ("十", "年", 20),
    ("年", "了", 24),
    ("吗", "", 6),
];

fn model() -> SyllableModel {
    SyllableModel::read(&made(WORDS, PAIRS)).unwrap()
}

fn speller(model: SyllableModel) -> Speller {
    Speller::new(Arc::new(model), SpellerConfig::default())
}

fn spelled(model: SyllableModel, syllables: &str) -> String {
    let model = Arc::new(model);
    let mut speller = Speller::new(Arc::clone(&model), SpellerConfig::default());
    for token in syllables.split(' ') {
        assert!(model.syllable(token).is_some(), "{token}");
        assert!(speller.hear(token));
    }
    speller.finish().text
}

#[test]
fn syllables_become_characters() {
    for (said, text) in [
        ("wo3 xiang3 ling3 shi1 ye4 bao3 xian3 jin1", "我想领失业保险金"),
        ("wo xiang ling shi ye bao xian jin", "我想领失业保险金"),
        ("yin2 hang2", "银行"),
        ("hang2", "行"),
        ("si4 shi2 nian2 le5", "四十年了"),
        ("ma5", "吗"),
    ] {
        assert_eq!(spelled(model(), said), text, "{said}");
    }
}

#[test]
fn errors_of_the_recogniser_are_forgiven() {
    for (fault, said, text) in [
        ("tone", "wo3 xiang3 ling3 shi1 ye3 bao3 xian3 jin4", "我想领失业保险金"),
        (
            "third tones in a row",
            "wo2 xiang2 ling3 shi1 ye4 bao2 xian3 jin1",
            "我想领失业保险金",
        ),
        (
            "no retroflex",
            "wo3 xiang3 ling3 si1 ye4 bao3 xian3 jin1",
            "我想领失业保险金",
        ),
        (
            "n for l, -n for -ng",
            "wo3 xian3 nin3 shi1 ye4 bao3 xian3 jin1",
            "我想领失业保险金",
        ),
        ("a dropped h again", "si4 si2 nian2 le5", "四十年了"),
        ("l for n", "si4 shi2 lian2 le5", "四十年了"),
    ] {
        assert_eq!(spelled(model(), said), text, "{fault}");
    }
}

#[test]
fn a_term_is_heard_where_it_is_likelier_than_its_sounds() {
    // A word that the model has only in pieces.
    let said = "wo3 xiang3 wen4 se4 bao3 ka3";
    assert_eq!(spelled(model(), said), "我想问色保卡");
    let with = model().with_terms(["社保卡", "𠮷", "x", ""], 24);
    assert_eq!(spelled(with.clone(), said), "我想问社保卡");
    assert_eq!(spelled(with, "yin2 hang2"), "银行");
}

#[test]
fn each_character_knows_its_token() {
    let mut speller = speller(model());
    for (number, token) in "si4 shi2 <blk> nian2 le5 ma5".split(' ').enumerate() {
        assert_eq!(speller.taken(), number);
        speller.hear(token);
    }
    let spelling = speller.finish();
    assert_eq!(spelling.text, "四十年了吗");
    assert_eq!(spelling.tokens, [0, 1, 3, 4, 5]);
    assert_eq!(spelling.stable, 5);
}

#[test]
fn a_syllable_without_a_word_is_passed_over() {
    let words = [("你", 40, [("ni3", 0)].as_slice()), ("乡下", 50, &[("xiang1 xia4", 0)])];
    let mut speller = speller(SyllableModel::read(&made(&words, &[])).unwrap());
    for token in ["ni3", "xia4", "ni3"] {
        assert!(speller.hear(token));
    }
    let spelling = speller.spelling();
    assert_eq!(
        (spelling.text.as_str(), spelling.tokens.as_slice()),
        ("你你", [0, 2].as_slice())
    );
}

#[test]
fn no_segment_is_longer_than_allowed() {
    let config = SpellerConfig {
        most_syllables: 3,
        ..SpellerConfig::default()
    };
    let model = model();
    let syllable = model.syllable("ma5").unwrap();
    let mut speller = Speller::new(Arc::new(model), config);
    let taken: Vec<bool> = (0..5).map(|_| speller.push(syllable)).collect();
    assert_eq!(taken, [true, true, true, false, false]);
    assert_eq!(speller.finish().text, "吗吗吗");
}

#[test]
fn what_is_old_is_settled_and_forgotten() {
    let mut speller = speller(model());
    let mut most = 0;
    for _ in 0..500 {
        assert!(speller.hear("shi"));
        most = most.max(speller.kept());
        let spelling = speller.spelling();
        assert!(spelling.tokens.len() - spelling.stable <= 12 + 8);
    }
    assert!(most < 16 * 40, "{most} nodes");
}

fn tokens() -> impl Strategy<Value = Vec<String>> {
    let all: Vec<&str> = WORDS
        .iter()
        .flat_map(|(_, _, readings)| readings.iter().flat_map(|(said, _)| said.split(' ')))
        .collect();
    let one = (proptest::sample::select(all), 0u8..=5).prop_map(|(token, tone)| {
        let plain = token.trim_end_matches(|c: char| c.is_ascii_digit());
        if tone == 0 {
            token.to_owned()
        } else {
            format!("{plain}{tone}")
        }
    });
    proptest::collection::vec(one, 1..60)
}

fn begins_alike(before: &Spelling, now: &Spelling) -> bool {
    let stable = before.text.chars().take(before.stable);
    now.stable >= before.stable
        && now.text.chars().take(before.stable).eq(stable)
        && now.tokens[..before.stable] == before.tokens[..before.stable]
}

proptest! {
    #[test]
    fn what_is_stable_never_changes(said in tokens(), beam in 1usize..20, settle_after in 0usize..15, terms in any::<bool>()) {
        let model = if terms { model().with_terms(["失业保险金", "社保卡", "四十年"], 12) } else { model() };
        let config = SpellerConfig { beam, settle_after, ..SpellerConfig::default() };
        let mut speller = Speller::new(Arc::new(model), config);
        let mut before = Spelling::default();
        for token in &said {
            prop_assert!(speller.hear(token));
            let now = speller.spelling();
            prop_assert!(begins_alike(&before, &now), "{before:?} {now:?}");
            prop_assert_eq!(now.text.chars().count(), now.tokens.len());
            prop_assert!(now.tokens.windows(2).all(|w| w[0] < w[1]));
            prop_assert!(begins_alike(&now, &speller.finish()));
            before = now;
        }
    }

    #[test]
    fn a_wide_beam_finds_nothing_better_than_a_wider_one(said in tokens()) {
        let cost = |beam| {
            let config = SpellerConfig { beam, settle_after: 100, threshold: 10_000, ..SpellerConfig::default() };
            let mut speller = Speller::new(Arc::new(model()), config);
            for token in &said {
                speller.hear(token);
            }
            speller.least_cost()
        };
        prop_assert!(cost(100) <= cost(4));
    }
}
