//! `speech --data DIR [--model NAME] [--partial-model NAME] [--models DIR] [--prompt TEXT] [--verbose]`: how wrong,
//! how fast.
//!
//! DIR holds WAV files and `refs.tsv` (name, tab, what is said). Each clip is one segment; one worker
//! on one thread. `final_after_speech_end` is what the recogniser adds once a segment is closed; the
//! hangover that closes it comes on top. `rtf` is processor time of the one thread by audio time, so that
//! it means the same on a machine that is busy; the milliseconds are by the clock. With `--partial-model` the
//! clips are also played to that model as calls are: `flicker_rate` is the share of stable characters that its last
//! partial had otherwise (what is shown keeps them), `partial_ser_narrow` counts syllables without tones.

mod partials;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use sidetone_app::commands::models::ensure_tried;
use sidetone_app::config::Config;
use sidetone_app::runtime::parts;
use sidetone_asr::models::{ModelStore, recogniser};
use sidetone_asr::{audio, score::Score};
use sidetone_base::{CallId, LegId, SampleRate, SegmentId};
use sidetone_speech::{AudioJob, Pass, Recogniser, SegmentKey, text::simplify};

struct Options {
    data: PathBuf,
    models: PathBuf,
    model: String,
    partial_model: Option<String>,
    prompt: String,
    verbose: bool,
}

/// Runs the bench.
pub(crate) fn run(args: &[String]) -> Result<Value, String> {
    let options = options(args)?;
    let clips = clips(&options.data)?;
    let store = ModelStore::open(&options.models).map_err(|error| error.to_string())?;
    ensure_tried(&store, &options.model)?;
    let model = recogniser(&store, &options.model, &options.prompt, false).map_err(|error| error.to_string())?;
    let mut worker = model.worker().map_err(|error| error.to_string())?;

    // The first decode touches every weight for the first time.
    if let Some((_, _, samples)) = clips.first() {
        decode(worker.as_mut(), samples)?;
    }
    let (mut spent, mut heard) = (Duration::ZERO, Duration::ZERO);
    let mut delays = Vec::new();
    let mut scores = [Score::default(); 2];
    for (name, reference, wide) in &clips {
        for (score, samples) in scores.iter_mut().zip([wide.clone(), audio::narrowband(wide)]) {
            let before = processor_time()?;
            let (text, took) = decode(worker.as_mut(), &samples)?;
            spent += processor_time()?.saturating_sub(before);
            heard += SampleRate::WIDE.duration_of(samples.len() as u64);
            delays.push(took);
            let this = Score::of(&simplify(reference), &simplify(&text));
            *score = score.plus(this);
            if options.verbose {
                eprintln!("{name}\t{:.1} %\t{} ms\t{text}", this.percent(), took.as_millis());
            }
        }
    }
    delays.sort_unstable();
    let millis = |percent: usize| {
        let index = (delays.len() * percent).div_ceil(100).saturating_sub(1);
        delays.get(index).map_or(0, Duration::as_millis) as u64
    };
    let [wide, narrow] = scores;
    let rounded = |value: f64, digits: f64| (value * digits).round() / digits;
    let mut figures = json!({
        "cer_wide": rounded(wide.percent(), 10.0),
        "cer_narrow": rounded(narrow.percent(), 10.0),
        "rtf": rounded(spent.as_secs_f64() / heard.as_secs_f64().max(0.001), 1_000.0),
        "final_after_speech_end_ms_p50": millis(50),
        "final_after_speech_end_ms_p95": millis(95),
    });
    if let Some(name) = &options.partial_model {
        ensure_tried(&store, name)?;
        let model = recogniser(&store, name, &options.prompt, false).map_err(|error| error.to_string())?;
        let partials = partials::figures(&store, model.as_ref(), &clips, options.verbose)?;
        if let (Value::Object(all), Value::Object(more)) = (&mut figures, partials) {
            all.extend(more);
        }
    }
    Ok(figures)
}

/// What the daemon puts before every segment.
fn prompt() -> Result<String, String> {
    let mut config = Config::default();
    config.knowledge.dir = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../knowledge"));
    Ok(parts::prompt(&*parts::knowledge(&config)?))
}

fn options(args: &[String]) -> Result<Options, String> {
    let mut options = Options {
        data: PathBuf::new(),
        models: PathBuf::from("models/cache"),
        model: "whisper-base".to_owned(),
        partial_model: None,
        prompt: prompt()?,
        verbose: false,
    };
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        if arg == "--verbose" {
            options.verbose = true;
            continue;
        }
        let value = args.next().ok_or_else(|| format!("{arg} needs a value"))?;
        match arg.as_str() {
            "--data" => options.data = PathBuf::from(value),
            "--models" => options.models = PathBuf::from(value),
            "--model" => options.model.clone_from(value),
            "--partial-model" => options.partial_model = Some(value.clone()),
            "--prompt" => options.prompt.clone_from(value),
            other => {
                return Err(format!(
                    "{other} is not known; speech --data DIR [--model NAME] [--partial-model NAME] [--models DIR] [--prompt TEXT] [--verbose]"
                ));
            }
        }
    }
    if options.data.as_os_str().is_empty() {
        return Err("--data DIR is needed: WAV files and refs.tsv".to_owned());
    }
    Ok(options)
}

/// What this thread has computed so far. The recogniser's single thread is the one that calls it.
fn processor_time() -> Result<Duration, String> {
    let file = "/proc/thread-self/schedstat";
    let text = std::fs::read_to_string(file).map_err(|error| format!("{file}: {error}"))?;
    let nanos = text.split_whitespace().next().and_then(|number| number.parse().ok());
    nanos
        .map(Duration::from_nanos)
        .ok_or_else(|| format!("{file}: {text:?}"))
}

type Clip = (String, String, Vec<i16>);

fn clips(data: &Path) -> Result<Vec<Clip>, String> {
    let refs = data.join("refs.tsv");
    let text = std::fs::read_to_string(&refs).map_err(|error| format!("{}: {error}", refs.display()))?;
    text.lines()
        .filter_map(|line| line.split_once('\t'))
        .map(|(name, reference)| {
            let file = data.join(if name.ends_with(".wav") {
                name.to_owned()
            } else {
                format!("{name}.wav")
            });
            let samples = audio::read_wav(&file).map_err(|error| error.to_string())?;
            Ok((name.to_owned(), reference.to_owned(), samples))
        })
        .collect()
}

fn decode(worker: &mut dyn Recogniser, samples: &[i16]) -> Result<(String, Duration), String> {
    let begun = Instant::now();
    let job = AudioJob {
        key: SegmentKey {
            call: CallId::new("bench"),
            leg: LegId::new("bench"),
            segment: SegmentId::new("bench"),
        },
        pass: Pass::Final,
        samples: Arc::from(samples),
        deadline: begun,
    };
    let hypothesis = worker.recognise(&job).map_err(|error| error.to_string())?;
    Ok((
        hypothesis.map_or_else(String::new, |hypothesis| hypothesis.text),
        begun.elapsed(),
    ))
}
