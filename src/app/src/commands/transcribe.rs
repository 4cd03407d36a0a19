//! `sidetone transcribe`

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::Args;
use serde_json::json;
use sidetone_asr::models::{ModelStore, recogniser, silero};
use sidetone_asr::{Silero, audio, score::Score};
use sidetone_base::{CallId, LegId, MediaTime, PcmFrame, SampleRate, SegmentId};
use sidetone_speech::text::simplify;
use sidetone_speech::{AudioJob, Pass, Recogniser, SegmentConfig, SegmentEvent, SegmentKey, Segmenter};

use super::models::ModelsDir;

/// Longer recordings are cut at pauses, as on a live call.
const WHOLE: Duration = Duration::from_secs(15);

/// Prints the text of audio files.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    sidetone transcribe call.wav\n  \
    sidetone transcribe --model sidetone-zh caller.opus\n  \
    sidetone transcribe --narrowband clips/*.wav --refs clips/refs.tsv --json\n\n\
    WAV: 8 to 32 bits, float, A-law and \u{b5}-law, RF64, also when the recorder died before it wrote the length.\n\
    A call of two parties, and a capture of packets, is for `sidetone replay`.\n\
    The character error rate ignores punctuation, case and how numbers are written.")]
pub struct TranscribeArgs {
    /// WAV or Ogg Opus files, any sample rate; of several channels the mean is heard
    #[arg(required = true, value_name = "FILES")]
    files: Vec<PathBuf>,
    /// Sends the audio through 8 kHz A-law first, as a telephone line does
    #[arg(long)]
    narrowband: bool,
    /// What is really said: lines of file name (with or without .wav), tab, text
    #[arg(long, value_name = "FILE")]
    refs: Option<PathBuf>,
    /// One JSON line for each file and, with references, one with the sum
    #[arg(long)]
    json: bool,
    /// The model, by its name in `sidetone models list`
    #[arg(long, default_value = "whisper-base", value_name = "NAME")]
    model: String,
    /// Sentences that a caller might say: helps with rare terms
    #[arg(long, default_value = "", hide_default_value = true, value_name = "TEXT")]
    prompt: String,
    #[command(flatten)]
    dir: ModelsDir,
}

/// Runs `sidetone transcribe`.
#[must_use]
pub fn run(args: TranscribeArgs) -> ExitCode {
    let args = Arc::new(args);
    match transcribe(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("sidetone: {reason}");
            ExitCode::FAILURE
        }
    }
}

/// What came of one file, or of all.
#[derive(Default)]
struct Outcome {
    text: String,
    audio: Duration,
    /// All decoding.
    spent: Duration,
    /// Decoding of the last segment: what the speaker would have waited for.
    latency: Duration,
    score: Option<Score>,
}

fn transcribe(args: &TranscribeArgs) -> Result<(), String> {
    let references = args.refs.as_deref().map(references).transpose()?;
    let store = ModelStore::open(&args.dir.models).map_err(|error| error.to_string())?;
    super::models::ensure_tried(&store, &args.model)?;
    let model = recogniser(&store, &args.model, &args.prompt, false).map_err(|error| error.to_string())?;
    let mut worker = model.worker().map_err(|error| error.to_string())?;
    let detector = silero(&store).ok();
    let mut sum = Outcome::default();
    for file in &args.files {
        let audio::Mono { mut samples, channels } = audio::read(file).map_err(|error| error.to_string())?;
        if channels > 1 {
            eprintln!(
                "sidetone: {}: {channels} channels, of which the mean is heard; \
                 a call with a party on each is heard better by `sidetone replay`",
                file.display()
            );
        }
        if args.narrowband {
            samples = audio::narrowband(&samples);
        }
        let mut outcome = listen(worker.as_mut(), detector.as_ref(), samples)?;
        let reference = references.as_ref().and_then(|references| references.get(&stem(file)));
        outcome.score = reference.map(|reference| Score::of(&simplify(reference), &outcome.text));
        show(args, &file.display().to_string(), &outcome);
        sum.audio += outcome.audio;
        sum.spent += outcome.spent;
        sum.latency = sum.latency.max(outcome.latency);
        if let Some(score) = outcome.score {
            sum.score = Some(sum.score.unwrap_or_default().plus(score));
        }
    }
    if sum.score.is_some() {
        show(args, "all", &sum);
    }
    Ok(())
}

fn listen(worker: &mut dyn Recogniser, detector: Option<&Silero>, samples: Vec<i16>) -> Result<Outcome, String> {
    let mut outcome = Outcome {
        audio: SampleRate::WIDE.duration_of(samples.len() as u64),
        ..Outcome::default()
    };
    for segment in segments(detector, samples, outcome.audio) {
        let begun = Instant::now();
        let job = AudioJob {
            key: SegmentKey {
                call: CallId::new("transcribe"),
                leg: LegId::new("file"),
                segment: SegmentId::new("segment"),
            },
            pass: Pass::Final,
            samples: segment,
            deadline: begun,
            words: None,
        };
        let heard = worker.recognise(&job).map_err(|error| error.to_string())?;
        outcome.latency = begun.elapsed();
        outcome.spent += outcome.latency;
        if let Some(hypothesis) = heard {
            if !outcome.text.is_empty() {
                outcome.text.push(' ');
            }
            outcome.text.push_str(&simplify(&hypothesis.text));
        }
    }
    Ok(outcome)
}

fn segments(detector: Option<&Silero>, samples: Vec<i16>, length: Duration) -> Vec<Arc<[i16]>> {
    if length <= WHOLE {
        return vec![samples.into()];
    }
    let config = SegmentConfig {
        partial_every: None,
        ..SegmentConfig::default()
    };
    let mut segmenter = Segmenter::new(config, detector.map(Silero::detector));
    segmenter.push(&PcmFrame {
        begin: MediaTime::zero(SampleRate::WIDE),
        samples,
    });
    segmenter.flush();
    std::iter::from_fn(|| segmenter.poll())
        .filter_map(|event| match event {
            SegmentEvent::Ended { samples, .. } => Some(samples),
            _ => None,
        })
        .collect()
}

fn show(args: &TranscribeArgs, name: &str, outcome: &Outcome) {
    let rtf = outcome.spent.as_secs_f64() / outcome.audio.as_secs_f64().max(0.001);
    let cer = outcome.score.map(Score::percent);
    if args.json {
        let line = json!({
            "file": name,
            "text": outcome.text,
            "cer": cer.map(|cer| (cer * 10.0).round() / 10.0),
            "rtf": (rtf * 1_000.0).round() / 1_000.0,
            "audio_ms": outcome.audio.as_millis() as u64,
            "latency_ms": outcome.latency.as_millis() as u64,
        });
        println!("{line}");
        return;
    }
    println!("{name}: {}", outcome.text);
    let cer = cer.map_or_else(String::new, |cer| format!("CER {cer:.1} %, "));
    println!(
        "  {cer}RTF {rtf:.3}, last segment after {} ms",
        outcome.latency.as_millis()
    );
}

fn references(file: &Path) -> Result<HashMap<String, String>, String> {
    let text = sidetone_base::read_text(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let pairs = text.lines().filter_map(|line| line.split_once('\t'));
    Ok(pairs
        .map(|(name, said)| (stem(Path::new(name)), said.to_owned()))
        .collect())
}

fn stem(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}
