//! `speech {--data DIR | --turns} [--model NAME] [--partial-model NAME | --no-partials] [--models DIR] [--prompt TEXT]
//! [--again BELOW] [--verbose]`: how wrong, how fast.
//!
//! DIR holds WAV files and `refs.tsv` (name, tab, what is said); `--turns` takes those turns of the scripted calls whose
//! voices no model was trained on. Each clip is one segment; one worker on one thread. `cer` is of the text as the
//! model wrote it, `cer_finished` as it is published: terms of the knowledge base corrected, numbers as digits.
//! `final_after_speech_end` is what the recogniser adds once a segment is closed; the hangover that closes it comes on top. `rtf` is processor time of the one thread by audio time, so that
//! it means the same on a machine that is busy; the milliseconds are by the clock. Finals are those of both models, as
//! the daemon has them, and the clips are also played to the model for partials as calls are: `flicker_rate` is the share
//! of stable characters that its last partial had otherwise (what is shown keeps them), `partial_ser_narrow` counts
//! syllables without tones. With `--no-partials` finals are one model's. `--again BELOW` also decodes narrow clips of less
//! confidence a second time, with what the script says beside them, and counts their errors (`again_…`).

mod again;
mod partials;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use sidetone_app::config::Config;
use sidetone_app::runtime::parts;
use sidetone_asr::{audio, score::Score};
use sidetone_base::{CallId, LegId, SampleRate, SegmentId};
use sidetone_domain::Pack;
use sidetone_speech::text::{Corrector, TextPipeline, simplify};
use sidetone_speech::{AudioJob, Pass, Recogniser, SegmentKey};

use crate::clips::Clip;
use crate::pair::Pair;
use crate::processor;
pub(crate) use partials::sounds;

/// Runs the bench.
pub(crate) fn run(args: &[String]) -> Result<Value, String> {
    let Pair {
        clips,
        store,
        last,
        partial,
        verbose,
        again,
    } = Pair::open(args)?;
    let finish = TextPipeline::new(Corrector::new(pack()?.knowledge().vocabulary()));
    let mut worker = last.worker().map_err(|error| error.to_string())?;

    // The first decode touches every weight for the first time.
    if let Some(clip) = clips.first() {
        decode(worker.as_mut(), &clip.wide)?;
    }
    let (mut spent, mut heard) = (Duration::ZERO, Duration::ZERO);
    let mut delays = Vec::new();
    let mut scores = [(Score::default(), Score::default()); 2];
    for Clip {
        name, reference, wide, ..
    } in &clips
    {
        for ((score, finished), samples) in scores.iter_mut().zip([wide.clone(), audio::narrowband(wide)]) {
            let before = processor::time_of_thread();
            let (text, took) = decode(worker.as_mut(), &samples)?;
            spent += processor::time_of_thread().saturating_sub(before);
            heard += SampleRate::WIDE.duration_of(samples.len() as u64);
            delays.push(took);
            let this = Score::of(&simplify(reference), &simplify(&text));
            *score = score.plus(this);
            *finished = finished.plus(Score::of(&finish.finish(reference), &finish.finish(&text)));
            if verbose {
                eprintln!("{name}\t{:.1} %\t{} ms\t{text}", this.percent(), took.as_millis());
            }
        }
    }
    delays.sort_unstable();
    let millis = |percent: usize| {
        let index = (delays.len() * percent).div_ceil(100).saturating_sub(1);
        delays.get(index).map_or(0, Duration::as_millis) as u64
    };
    let [(wide, wide_finished), (narrow, narrow_finished)] = scores;
    let rounded = |value: f64, digits: f64| (value * digits).round() / digits;
    let mut figures = json!({
        "cer_wide": rounded(wide.percent(), 10.0),
        "cer_narrow": rounded(narrow.percent(), 10.0),
        "cer_finished_wide": rounded(wide_finished.percent(), 10.0),
        "cer_finished_narrow": rounded(narrow_finished.percent(), 10.0),
        "rtf": rounded(spent.as_secs_f64() / heard.as_secs_f64().max(0.001), 1_000.0),
        "final_after_speech_end_ms_p50": millis(50),
        "final_after_speech_end_ms_p95": millis(95),
    });
    if let Some(model) = partial {
        let partials = partials::figures(&store, model.as_ref(), &clips, verbose)?;
        if let (Value::Object(all), Value::Object(more)) = (&mut figures, partials) {
            all.extend(more);
        }
    }
    if let Some(below) = again {
        let more = again::figures(worker.as_mut(), &*pack()?, &clips, below)?;
        if let (Value::Object(all), Value::Object(more)) = (&mut figures, more) {
            all.extend(more);
        }
    }
    Ok(figures)
}

pub(crate) fn pack() -> Result<Arc<Pack>, String> {
    let mut config = Config::default();
    config.knowledge.dir = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../knowledge/12333"));
    parts::pack(&config)
}

pub(crate) fn decode(worker: &mut dyn Recogniser, samples: &[i16]) -> Result<(String, Duration), String> {
    let begun = Instant::now();
    let hypothesis = worker.recognise(&job(samples)).map_err(|error| error.to_string())?;
    Ok((
        hypothesis.map_or_else(String::new, |hypothesis| hypothesis.text),
        begun.elapsed(),
    ))
}

fn job(samples: &[i16]) -> AudioJob {
    AudioJob {
        key: SegmentKey {
            call: CallId::new("bench"),
            leg: LegId::new("bench"),
            segment: SegmentId::new("bench"),
        },
        pass: Pass::Final,
        samples: Arc::from(samples),
        deadline: Instant::now(),
        words: None,
    }
}
