use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;

use super::Network;
use crate::spelling::file::tests::{Said, made};
use crate::spelling::{Speller, SpellerConfig, SyllableModel};

const TOKENS: [&str; 6] = ["<blk>", "shi1_", "shi4_", "ye4_", "jie4_", "bao3_"];
const WORDS: &[Said<'_>] = &[
    ("失业", 60, &[("shi1 ye4", 0)]),
    ("世界", 70, &[("shi4 jie4", 0)]),
    ("是", 40, &[("shi4", 0)]),
    ("也", 50, &[("ye4", 0)]),
    ("保", 80, &[("bao3", 0)]),
];

fn model() -> Arc<SyllableModel> {
    Arc::new(SyllableModel::read(&made(WORDS, &[("失业", "保", 20)])).unwrap())
}

fn network(model: &SyllableModel) -> Network {
    let tokens = TOKENS.map(str::to_owned).to_vec();
    Network::new(tokens, Duration::from_millis(40), |token| model.syllable(token))
}

/// Scores of frames, each a list of tokens with their probabilities; what is missing of one is the blank's.
fn scores(frames: &[&[(usize, f32)]]) -> Vec<f32> {
    let row = |frame: &&[(usize, f32)]| {
        let mut row = [1e-9_f32; TOKENS.len()];
        row[0] = (1.0 - frame.iter().map(|(_, p)| p).sum::<f32>()).max(1e-9);
        for (token, probability) in *frame {
            row[*token] = *probability;
        }
        row.map(f32::ln)
    };
    frames.iter().flat_map(row).collect()
}

fn spelled(frames: &[&[(usize, f32)]]) -> String {
    let model = model();
    let mut speller = Speller::new(Arc::clone(&model), SpellerConfig::default());
    for token in network(&model).tokens(&scores(frames)) {
        assert!(speller.weigh(&token.bins));
    }
    speller.finish().text
}

#[test]
fn tokens_are_the_likeliest_with_what_they_may_have_been() {
    let model = model();
    let read = network(&model).tokens(&scores(&[
        &[],
        &[(1, 0.9)],
        &[(1, 0.6)],
        &[],
        &[(3, 0.6), (4, 0.3)],
        &[],
    ]));
    let texts: Vec<&str> = read.iter().map(|token| token.text.as_str()).collect();
    assert_eq!(texts, ["shi1_", "ye4_"]);
    assert_eq!(read[1].at, Duration::from_millis(160));
    let bin = &read[1].bins[0];
    assert_eq!(bin.rivals.len(), 2);
    assert_eq!(
        (bin.rivals[0].cost, Some(bin.rivals[0].syllable)),
        (0, model.syllable("ye4"))
    );
    assert!(bin.rivals[1].cost > 0 && bin.nothing > Some(bin.rivals[1].cost));
}

#[test]
fn a_word_is_made_of_the_second_likeliest() {
    let surely: [&[(usize, f32)]; 5] = [&[(1, 0.9)], &[], &[(3, 0.9)], &[], &[(5, 0.9)]];
    assert_eq!(spelled(&surely), "失业保");
    let doubtful: [&[(usize, f32)]; 5] = [&[(1, 0.9)], &[], &[(4, 0.5), (3, 0.4)], &[], &[(5, 0.9)]];
    assert_eq!(spelled(&doubtful), "失业保");
}

#[test]
fn what_was_missed_is_found_where_a_word_wants_it() {
    // Between the two it is never the likeliest, and yet something was there.
    let missed: [&[(usize, f32)]; 5] = [&[(1, 0.9)], &[], &[(3, 0.4)], &[], &[(5, 0.9)]];
    let model = model();
    let read = network(&model).tokens(&scores(&missed));
    assert_eq!(read.len(), 2);
    assert_eq!(read[1].bins.len(), 2, "the missed one goes before it");
    assert_eq!(spelled(&missed), "失业保");
}

#[test]
fn what_was_hardly_heard_is_left_out() {
    let noise: [&[(usize, f32)]; 5] = [&[(1, 0.9)], &[], &[(3, 0.9)], &[], &[(5, 0.1)]];
    assert_eq!(spelled(&noise), "失业");
}

proptest! {
    #[test]
    fn any_scores_make_tokens_in_order(scores in prop::collection::vec(-60.0_f32..60.0, 0..240)) {
        let model = model();
        let read = network(&model).tokens(&scores);
        prop_assert!(read.is_sorted_by_key(|token| token.at));
        let mut speller = Speller::new(Arc::clone(&model), SpellerConfig::default());
        let mut before = speller.spelling();
        for token in &read {
            prop_assert!(!token.bins.is_empty());
            prop_assert!(speller.weigh(&token.bins));
            let now = speller.spelling();
            let stable: String = before.text.chars().take(before.stable).collect();
            prop_assert!(now.stable >= before.stable && now.text.starts_with(&stable));
            prop_assert_eq!(now.text.chars().count(), now.tokens.len());
            prop_assert!(now.tokens.is_sorted());
            before = now;
        }
    }
}
