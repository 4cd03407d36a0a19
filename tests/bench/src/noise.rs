//! `noise {--data DIR | --turns} [--model NAME] [--partial-model NAME | --no-partials] [--models DIR] [--verbose]`: what
//! noise, networks and a denoiser do to the text.
//!
//! Every clip goes through 8 kHz G.711 A-law in RTP and the daemon's media path, with noise added before or packets lost
//! on the way. `cer` is the finals', raw; `ser` the syllable error of partials; `denoised` the same with
//! `speech.denoise`. Noise is so many dB below the loud part of the speech. `echo` has the other party talk at the same
//! time, 20 dB down, as a bad hybrid leaves it on this leg.
//!
//! `nothing` plays a minute of what is no speech and counts the segments that were opened and the characters that were
//! written in them: none is right.

mod sound;

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};
use sidetone_app::measure::listen;
use sidetone_asr::models::silero;
use sidetone_asr::score::Score;
use sidetone_asr::{RnNoise, Silero, audio};
use sidetone_base::{SampleRate, TapFrame};
use sidetone_media::codec::{Law, encode_g711};
use sidetone_media::{LegAudio, MediaConfig, MediaEvent};
use sidetone_speech::text::simplify;
use sidetone_speech::{Denoiser, Recognise, Recogniser};

use crate::clips::Clip;
use crate::media::rtp;
use crate::pair::Pair;
use crate::speech::{decode, sounds};
use sound::{Dice, loudness};

const TICK: Duration = Duration::from_millis(20);
/// Samples of a packet.
const PACKET: usize = 160;
/// RFC 3551: A-law.
const PCMA: u8 = 8;
/// How loud what is no speech is played: as a voice of -23 dBFS.
const LOUD: f32 = 0.07 * 32_768.0;
const MINUTE: usize = 60 * 16_000;

/// What is done to a clip on its way.
#[derive(Clone, Copy)]
enum Condition {
    Clean,
    /// Kind and distance in dB.
    Noise(Noise, f32),
    /// Share of packets that are lost.
    Loss(f32),
}

#[derive(Clone, Copy)]
enum Noise {
    Babble,
    Street,
    Hum,
    Echo,
}

const CONDITIONS: [(&str, Condition); 14] = [
    ("clean", Condition::Clean),
    ("babble_15", Condition::Noise(Noise::Babble, 15.0)),
    ("babble_10", Condition::Noise(Noise::Babble, 10.0)),
    ("babble_5", Condition::Noise(Noise::Babble, 5.0)),
    ("street_15", Condition::Noise(Noise::Street, 15.0)),
    ("street_10", Condition::Noise(Noise::Street, 10.0)),
    ("street_5", Condition::Noise(Noise::Street, 5.0)),
    ("hum_15", Condition::Noise(Noise::Hum, 15.0)),
    ("hum_10", Condition::Noise(Noise::Hum, 10.0)),
    ("hum_5", Condition::Noise(Noise::Hum, 5.0)),
    ("echo_20", Condition::Noise(Noise::Echo, 20.0)),
    ("loss_1", Condition::Loss(0.01)),
    ("loss_5", Condition::Loss(0.05)),
    ("loss_10", Condition::Loss(0.1)),
];

/// Makes so many samples.
type Sound = fn(usize) -> Vec<f32>;

const NOTHINGS: [(&str, Sound); 5] = [
    ("music_on_hold", sound::music),
    ("dtmf", sound::keys),
    ("ringing", sound::ringing),
    ("hum", sound::hum),
    ("street", sound::street),
];

struct Bench {
    last: Box<dyn Recogniser>,
    partial: Option<Arc<dyn Recognise>>,
    detector: Option<Silero>,
    clips: Vec<Clip>,
    verbose: bool,
}

/// Runs the bench.
pub(crate) fn run(args: &[String]) -> Result<Value, String> {
    let mut bench = Bench::open(args)?;
    let mut table = Map::new();
    for (name, condition) in CONDITIONS {
        let heard: Vec<Vec<i16>> = (0..bench.clips.len()).map(|at| bench.heard(at, condition)).collect();
        let denoised: Vec<Vec<i16>> = heard.iter().map(|samples| denoise(samples)).collect();
        let row = json!({ "plain": bench.errors(&heard)?, "denoised": bench.errors(&denoised)? });
        eprintln!("{name}: {row}");
        table.insert(name.to_owned(), row);
    }
    let mut nothing = Map::new();
    for (name, make) in NOTHINGS {
        nothing.insert(name.to_owned(), bench.nothing(make)?);
    }
    table.insert("nothing".to_owned(), Value::Object(nothing));
    Ok(Value::Object(table))
}

impl Bench {
    fn open(args: &[String]) -> Result<Self, String> {
        let pair = Pair::open(args)?;
        Ok(Self {
            last: pair.last.worker().map_err(|error| error.to_string())?,
            partial: pair.partial,
            detector: silero(&pair.store).ok(),
            clips: pair.clips,
            verbose: pair.verbose,
        })
    }

    /// What the recogniser gets of a clip.
    fn heard(&self, at: usize, condition: Condition) -> Vec<i16> {
        let wide: Vec<f32> = self.clips[at].wide.iter().map(|&sample| f32::from(sample)).collect();
        match condition {
            Condition::Clean => through(&wide, 0.0),
            Condition::Loss(share) => through(&wide, share),
            Condition::Noise(kind, below) => {
                let noise = self.noise(at, kind, wide.len());
                let gain = loudness(&wide) / loudness(&noise).max(1e-6) * 10_f32.powf(-below / 20.0);
                let mixed: Vec<f32> = wide
                    .iter()
                    .zip(&noise)
                    .map(|(voice, noise)| voice + gain * noise)
                    .collect();
                through(&mixed, 0.0)
            }
        }
    }

    fn noise(&self, at: usize, kind: Noise, length: usize) -> Vec<f32> {
        match kind {
            Noise::Street => sound::street(length),
            Noise::Hum => sound::hum(length),
            Noise::Echo => self.others(at, 1, length),
            Noise::Babble => self.others(at, 4, length),
        }
    }

    /// The next clips over each other, each as loud as the others.
    fn others(&self, at: usize, many: usize, length: usize) -> Vec<f32> {
        let mut sum = vec![0.0; length];
        for other in 1..=many {
            let voice: Vec<f32> = self.clips[(at + other) % self.clips.len()]
                .wide
                .iter()
                .map(|&s| f32::from(s))
                .collect();
            let gain = 1.0 / loudness(&voice).max(1.0);
            for (sum, sample) in sum.iter_mut().zip(voice.iter().cycle()) {
                *sum += gain * sample;
            }
        }
        sum
    }

    /// Of all clips, in per cent.
    fn errors(&mut self, heard: &[Vec<i16>]) -> Result<Value, String> {
        let (mut characters, mut syllables) = (Score::default(), Score::default());
        let mut numbers = std::collections::HashMap::new();
        let mut partial = self
            .partial
            .as_ref()
            .map(|model| model.worker())
            .transpose()
            .map_err(|error| error.to_string())?;
        for (clip, samples) in self.clips.iter().zip(heard) {
            let said = simplify(&clip.reference);
            let (text, _) = decode(self.last.as_mut(), samples)?;
            let this = Score::of(&said, &simplify(&text));
            if self.verbose {
                eprintln!("{}\t{:.1} %\t{text}", clip.name, this.percent());
            }
            characters = characters.plus(this);
            if let Some(worker) = &mut partial {
                let every = Some(Duration::from_millis(320));
                let text = listen(worker.as_mut(), every, self.detector.as_ref(), samples)?.text;
                let text = simplify(&text);
                syllables = syllables.plus(Score::of(&sounds(&said, &mut numbers), &sounds(&text, &mut numbers)));
            }
        }
        let tenths = |score: Score| (score.percent() * 10.0).round() / 10.0;
        Ok(json!({ "cer": tenths(characters), "ser": partial.map(|_| tenths(syllables)) }))
    }

    fn nothing(&mut self, make: Sound) -> Result<Value, String> {
        let raw = make(MINUTE);
        let gain = LOUD / loudness(&raw);
        let quiet = sound::hiss(MINUTE);
        let played: Vec<f32> = raw
            .iter()
            .zip(quiet)
            .map(|(sample, hiss)| gain * sample + 8.0 * hiss)
            .collect();
        let heard = listen(self.last.as_mut(), None, self.detector.as_ref(), &through(&played, 0.0))?;
        Ok(json!({ "segments": heard.final_delays.len(), "characters": heard.text.chars().count() }))
    }
}

/// 16 kHz in, A-law packets, some of them lost, and 16 kHz out of the daemon's media path.
fn through(samples: &[f32], lost: f32) -> Vec<i16> {
    let whole: Vec<i16> = samples.iter().map(|s| s.clamp(-32_768.0, 32_767.0) as i16).collect();
    let narrow = audio::resample(&whole, SampleRate::WIDE, SampleRate::NARROW);
    let (mut leg, mut dice, start) = (LegAudio::new(MediaConfig::default()), Dice::new(7), Instant::now());
    let mut heard = Vec::with_capacity(samples.len());
    let mut now = start;
    let mut drain = |leg: &mut LegAudio| {
        while let Some(event) = leg.poll() {
            if let MediaEvent::Pcm(frame) = event {
                heard.extend(frame.samples);
            }
        }
    };
    for (tick, packet) in narrow.chunks_exact(PACKET).enumerate() {
        now = start + TICK * tick as u32;
        // The first packet says when the stream begins.
        if tick == 0 || dice.roll() * 0.5 + 0.5 >= lost {
            leg.handle(now, TapFrame::Rtp(rtp(0, PCMA, tick, &encode_g711(Law::A, packet))));
        }
        leg.wake(now);
        drain(&mut leg);
    }
    leg.wake(now + Duration::from_millis(500));
    drain(&mut leg);
    heard.truncate(samples.len());
    heard
}

fn denoise(samples: &[i16]) -> Vec<i16> {
    let mut clean = samples.to_vec();
    RnNoise::default().denoise(&mut clean);
    clean
}
