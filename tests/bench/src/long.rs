//! `long [--models DIR] [--model NAME] [--partial-model NAME] [--verbose]`: how much of a speech without a pause is written.
//!
//! One of the two voices that no model was trained on speaks for 180 s, then both at once, on a leg each, for 60 s: turns of
//! the scripted calls, joined without their pauses and begun again when they are over. They go through the daemon's engine on
//! a clock of its own, without partials. `characters_kept` is the finals' characters by those that the better of the two models
//! alone writes of the same sound, `cer` the share of characters that are wrong, both over all that is said.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use sidetone_app::config::Config;
use sidetone_app::runtime::{Offline, parts};
use sidetone_asr::score::Score;
use sidetone_base::{CallEvent, CallId, LegId, Role, SampleRate, TapFrame, TapKind};
use sidetone_engine::{Call, Published};
use sidetone_schema::Body;
use sidetone_speech::text::simplify;

use crate::calls::{self, DAY, Options};
use crate::clips::{self, Clip};

const ALONE: Duration = Duration::from_secs(180);
const TOGETHER: Duration = Duration::from_secs(60);
/// What a tap gives at once.
const FRAME: usize = 320;
/// Below this a frame is a pause, of which so many frames (80 ms) are left.
const QUIET: u16 = 300;
const LEFT: usize = 4;

/// What somebody says without a pause.
struct Speech {
    samples: Vec<i16>,
    text: String,
}

/// Runs the bench.
pub(crate) fn run(args: &[String]) -> Result<Value, String> {
    let Options { config, verbose, .. } = calls::options(args, 1)?;
    let clips = clips::scripted()?;
    let mut voices: Vec<&str> = clips.iter().map(|clip| clip.voice.as_str()).collect();
    voices.sort_unstable();
    voices.dedup();
    let [one, other] = voices.as_slice() else {
        return Err(format!("two voices are needed, there are {voices:?}"));
    };
    let scenes = [
        ("one_voice", vec![speech(&clips, one, ALONE)]),
        (
            "both_at_once",
            vec![speech(&clips, one, TOGETHER), speech(&clips, other, TOGETHER)],
        ),
    ];
    let mut figures = json!({});
    let mut all = Kept::default();
    for (name, legs) in &scenes {
        let kept = measure(&config, legs, verbose)?;
        figures[*name] = kept.figures();
        all = all.plus(kept);
    }
    if let (Value::Object(all), Value::Object(whole)) = (&mut figures, all.figures()) {
        all.extend(whole);
    }
    Ok(figures)
}

/// Finals against what was said, and against what the better model writes.
#[derive(Clone, Copy, Default)]
struct Kept {
    score: Score,
    written: usize,
    better: usize,
}

impl Kept {
    fn plus(self, other: Self) -> Self {
        Self {
            score: self.score.plus(other.score),
            written: self.written + other.written,
            better: self.better + other.better,
        }
    }

    fn figures(&self) -> Value {
        let thousandths = |share: f64| (share * 1_000.0).round() / 1_000.0;
        json!({
            "characters_kept": thousandths(self.written as f64 / self.better.max(1) as f64),
            "cer": thousandths(self.score.percent() / 100.0),
        })
    }
}

fn measure(config: &Config, legs: &[Speech], verbose: bool) -> Result<Kept, String> {
    let both = hear(config, legs)?;
    let alone = |model: &str| {
        let mut config = config.clone();
        config.speech.model = model.to_owned();
        config.speech.trust = 1.0;
        hear(&config, legs)
    };
    let models = [alone(&config.speech.model)?, alone(&config.speech.partial_model)?];
    let mut kept = Kept::default();
    for (at, leg) in legs.iter().enumerate() {
        let score = |text: &str| Score::of(&simplify(&leg.text), &simplify(text));
        let better = models
            .iter()
            .map(|texts| &texts[at])
            .min_by_key(|text| score(text).errors);
        let better = better.map_or("", String::as_str);
        kept = kept.plus(Kept {
            score: score(&both[at]),
            written: length(&both[at]),
            better: length(better),
        });
        if verbose {
            eprintln!("said\t{}\nfinals\t{}\nbetter\t{better}", leg.text, both[at]);
        }
    }
    Ok(kept)
}

fn length(text: &str) -> usize {
    Score::of(text, "").characters
}

/// The turns of one voice, without pauses, again and again.
fn speech(clips: &[Clip], voice: &str, length: Duration) -> Speech {
    let wanted = SampleRate::WIDE.samples_in(length) as usize;
    let mut speech = Speech {
        samples: Vec::with_capacity(wanted),
        text: String::new(),
    };
    for clip in clips.iter().filter(|clip| clip.voice == voice).cycle() {
        if speech.samples.len() >= wanted {
            break;
        }
        let mut quiet = 0;
        for frame in clip.wide.chunks(FRAME) {
            let loud = frame.iter().any(|sample| sample.unsigned_abs() > QUIET);
            quiet = if loud { 0 } else { quiet + 1 };
            if quiet <= LEFT {
                speech.samples.extend_from_slice(frame);
            }
        }
        speech.text.push_str(&clip.reference);
    }
    speech
}

/// What the engine publishes of each leg.
fn hear(config: &Config, legs: &[Speech]) -> Result<Vec<String>, String> {
    let mut config = config.clone();
    config.speech.partials = false;
    let pack = parts::pack(&config)?;
    let shared = Arc::new(parts::shared(&config, Arc::clone(&pack))?);
    let models = parts::models(&config.speech, &pack)?;
    let begun = Instant::now();
    let call = Call::new(begun, CallId::new("long"), parts::engine(&config, DAY), shared);
    let worker = models.last.worker().map_err(|error| error.to_string())?;
    let ids: Vec<LegId> = (0..legs.len()).map(|leg| LegId::new(leg.to_string())).collect();
    let mut texts = vec![String::new(); legs.len()];
    let mut offline = Offline::new(begun, call, worker, |_, event: Published| {
        let leg = ids.iter().position(|id| event.leg.as_ref() == Some(id));
        if let (Some(leg), Body::TranscriptFinal(said)) = (leg, event.body) {
            texts[leg].push_str(&said.text);
        }
    });
    offline.signal(
        Duration::ZERO,
        CallEvent::Started {
            age: Duration::ZERO,
            caller_number: None,
            called_number: None,
            queue: None,
            cti_id: None,
        },
    );
    for (leg, role) in ids.iter().zip([Role::Caller, Role::Agent]) {
        offline.signal(
            Duration::ZERO,
            CallEvent::LegJoined {
                leg: leg.clone(),
                channel: "long".to_owned(),
                role,
                agent: None,
            },
        );
        offline.signal(
            Duration::ZERO,
            CallEvent::TapAttached {
                leg: leg.clone(),
                kind: TapKind::Recording,
                payload_types: Vec::new(),
            },
        );
    }
    let longest = legs.iter().map(|leg| leg.samples.len()).max().unwrap_or_default();
    for begin in (0..longest).step_by(FRAME) {
        let at = SampleRate::WIDE.duration_of(begin as u64);
        for (id, leg) in ids.iter().zip(legs) {
            let Some(samples) = leg.samples.get(begin..leg.samples.len().min(begin + FRAME)) else {
                continue;
            };
            let frame = TapFrame::Pcm {
                rate: SampleRate::WIDE,
                samples: samples.to_vec(),
            };
            offline.audio(at, id, frame);
        }
    }
    drop(offline.hang_up(SampleRate::WIDE.duration_of(longest as u64)));
    Ok(texts)
}
