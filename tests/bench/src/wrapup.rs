//! `wrapup`: scripted calls in, the wrap-ups at their end against the scripts' keys. By text, on virtual time, without an engine.
//!
//! - An entry of a list is right when it and an entry of the key share 0.28 of the character pairs of the shorter one, numbers as
//!   digits, or fewer and mean about the same by the sentence encoder (see `same`). `by_words` has the figures without the encoder.
//! - `field_accuracy`: subject (without what stands in brackets, by its pairs), request type and satisfaction equal to the key; a list's share is the key's entries that are found.
//! - `wrong_entries`: of the entries written, those that no entry of that list of the key says; `misplaced` of them another list's does.
//! - `completeness`: of the elements that the key fills, those that hold more than "none".
//! - `evidence_valid`: of the entries, those whose evidence holds half of their words (a policy's: a tenth); of the single values
//!   that are no default, those whose evidence names turns of the call.
//! - `invented_numbers`: numbers in advice, todos and risks that no turn says.
//! - `final_ms`: from the last turn to the finished record.

mod judge;
mod same;

use std::path::PathBuf;
use std::time::Instant;

use judge::{Figures, LISTS, Share};
use same::Same;
use sidetone_base::Role;
use sidetone_speech::text::TextPipeline;

use crate::hints::score::{Bench, Tally, masked};
use crate::hints::script;
use crate::hints::{encoder, root};

/// `[--calls DIR] [--pack DIR] [--no-encoder] [--faults]`. A pack without an author's notes tells how that author's calls are written down
/// by what the others teach.
pub(crate) fn run(args: &[String]) -> Result<serde_json::Value, String> {
    let mut dir: PathBuf = root().join("tests/corpus/calls");
    let mut pack = root().join("knowledge/12333");
    let (mut no_encoder, mut faults) = (false, false);
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--calls" => dir = args.next().ok_or("--calls needs a value")?.into(),
            "--pack" => pack = args.next().ok_or("--pack needs a value")?.into(),
            "--no-encoder" => no_encoder = true,
            "--faults" => faults = true,
            other => {
                return Err(format!(
                    "{other} is no option: [--calls DIR] [--pack DIR] [--no-encoder] [--faults]"
                ));
            }
        }
    }
    let meanings = encoder(no_encoder);
    let bench = Bench::load(&pack, meanings.clone())?;
    // As a daemon does before its first call.
    bench.pack().learn_tables();
    let none = bench.pack().phrases().wrapup.none.clone();
    let scripts = script::scripts(&dir)?;
    let (mut figures, mut by_words) = (Figures::by(Same(meanings)), Figures::default());
    let mut finals = Tally::default();
    let pipeline = TextPipeline::default();
    for script in &scripts {
        let mut call = bench.call(script.as_of, &script.region);
        for turn in &script.turns {
            let role = match turn.role.as_str() {
                "caller" => Role::Caller,
                _ => Role::Agent,
            };
            call.hear(role, &pipeline.finish(&masked(turn)), &mut Tally::default());
        }
        let began = Instant::now();
        let wrapup = call.assist.wrapup();
        finals.times.push(began.elapsed());
        figures.judge(script, &wrapup, &none);
        by_words.judge(script, &wrapup, &none);
    }
    if faults {
        figures.faults.iter().for_each(|fault| eprintln!("{fault}"));
    }
    let mut found = json(&figures, scripts.len(), &finals);
    let words = json(&by_words, scripts.len(), &finals);
    for name in ["field_accuracy", "found", "wrong_entries"] {
        found["by_words"][name] = words[name].clone();
    }
    Ok(found)
}

fn json(figures: &Figures, calls: usize, finals: &Tally) -> serde_json::Value {
    let singles = [figures.subject, figures.request_type, figures.satisfaction];
    let fields: Vec<f64> = singles.into_iter().chain(figures.found).map(Share::value).collect();
    let wrong: usize = figures.wrong.iter().map(|share| share.0).sum();
    let written: usize = figures.wrong.iter().map(|share| share.1).sum();
    let by_list = |shares: [Share; 4]| -> serde_json::Map<String, serde_json::Value> {
        LISTS
            .iter()
            .zip(shares)
            .map(|(name, share)| ((*name).to_owned(), serde_json::json!([share.0, share.1])))
            .collect()
    };
    serde_json::json!({
        "calls": calls,
        "completeness": figures.complete.value(),
        "field_accuracy": fields.iter().sum::<f64>() / fields.len() as f64,
        "subject": figures.subject.value(),
        "request_type": figures.request_type.value(),
        "satisfaction": figures.satisfaction.value(),
        "found": by_list(figures.found),
        "topic_recall": figures.topics_found.value(),
        "topic_precision": figures.topics_right.value(),
        "wrong_entries": Tally::share(wrong, written),
        "wrong": by_list(figures.wrong),
        "misplaced": figures.misplaced,
        "evidence_valid": figures.evidence.value(),
        "invented_numbers": figures.invented,
        "final_ms_p50": finals.percentile(0.5),
        "final_ms_p99": finals.percentile(0.99),
    })
}
