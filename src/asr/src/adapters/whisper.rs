//! Whisper through CTranslate2: the default for finals.
//!
//! The encoder's window is cut to the segment's length, which makes it five times as fast; the price
//! is a margin behind the speech, without which it hears wrongly, and a decoder that has to be
//! watched: see [`is_unsure`] and `filter`.

mod engine;
mod lean;
mod mel;
mod tokens;

use std::borrow::Cow;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use sidetone_base::SampleRate;
use sidetone_speech::{AudioJob, CallWords, Hypothesis, Recognise, RecogniseError, Recogniser};

use self::engine::{Decoder, Request, Weights};
use self::lean::Files;
use self::mel::{HOP, Spectrograph};
use self::tokens::Vocabulary;
use super::{filter, to_float};

/// Spectrogram frames (10 ms) behind the speech. Half of it costs ten points of character error rate; twice as
/// much moves the rate by less than the noise of the clips, and the time by a tenth.
const MARGIN_FRAMES: usize = 128;
/// The window is a multiple of this, so that products work on whole vectors.
const FRAMES_STEP: usize = 64;
/// The longest window that the network knows: 30 s.
const WINDOW_FRAMES: usize = 3_000;
/// Less audio holds no word.
const SHORTEST: Duration = Duration::from_millis(100);
/// More than the window is not heard; segments are cut long before.
const LONGEST: Duration = Duration::from_secs(30);
/// Of a segment, what is surely no speech: before its first and behind its last word.
const PADDING: Duration = Duration::from_millis(400);
/// Tokens that a second of speech can need, and some for the first one.
const TOKENS_PER_SECOND: f32 = 12.0;
const TOKENS_AT_LEAST: f32 = 8.0;
/// Tokens of the prompt that fit beside the text.
const PROMPT_TOKENS: usize = 224;

/// Tokens of the whole vocabulary that are never written: symbols that nobody says. This list and the next are
/// those of Whisper's own generation settings.
const NEVER: [u32; 88] = [
    1, 2, 7, 8, 9, 10, 14, 25, 26, 27, 28, 29, 31, 58, 59, 60, 61, 62, 63, 90, 91, 92, 93, 359, 503, 522, 542, 873,
    893, 902, 918, 922, 931, 1_350, 1_853, 1_982, 2_460, 2_627, 3_246, 3_253, 3_268, 3_536, 3_846, 3_961, 4_183, 4_667,
    6_585, 6_647, 7_273, 9_061, 9_383, 10_428, 10_929, 11_938, 12_033, 12_331, 12_562, 13_793, 14_157, 14_635, 15_265,
    15_618, 16_553, 16_604, 18_362, 18_956, 20_075, 21_675, 22_520, 26_130, 26_161, 26_435, 28_279, 29_464, 31_650,
    32_302, 32_470, 36_865, 42_863, 47_425, 49_870, 50_254, 50_258, 50_358, 50_359, 50_360, 50_361, 50_362,
];
/// What a text does not begin with: a blank, and the end.
const NOT_FIRST: [u32; 2] = [220, 50_257];

/// How Whisper is to listen.
#[derive(Clone, Debug)]
pub struct WhisperConfig {
    /// The name in the manifest, for errors, events and metrics.
    pub name: String,
    /// The folder of `model.bin` and `vocabulary.txt`, in CTranslate2's form.
    pub folder: PathBuf,
    /// Sentences as they are said on the line, full of the domain's terms. A description of the
    /// domain does not help; sentences halve the errors on its terms. Particles in it (呢, 啊, 那么) keep
    /// those of spontaneous speech from being left out, and cost a little on plain questions.
    pub prompt: String,
    /// Hypotheses that are followed at once; 1 is greedy. Three err a tenth less; five no less than three, in a fifth
    /// more time, as each carries the prompt along.
    pub beam: u16,
}

impl WhisperConfig {
    /// The measured settings, without a prompt.
    #[must_use]
    pub fn new(name: impl Into<String>, folder: impl Into<PathBuf>) -> Self {
        Self {
            name: name.into(),
            folder: folder.into(),
            prompt: String::new(),
            beam: 3,
        }
    }
}

/// Hypotheses in a second reading, which is in no hurry.
const SECOND_BEAM: u16 = 5;
/// A decoder that has lost its way says one thing over and over. It is sent again and may not say this many tokens a second
/// time; not at first, as callers do name a thing twice.
const UNLOOPED: usize = 4;

/// A loaded Whisper; the weights are shared by all workers.
pub struct Whisper {
    shared: Arc<Shared>,
}

struct Shared {
    config: WhisperConfig,
    weights: Arc<Weights>,
    vocabulary: Vocabulary,
    /// What every segment's text follows: the prompt and the task.
    prompt: Vec<u32>,
}

impl Whisper {
    /// Loads the weights, as eight-bit integers (about 55 MB; twice as much more while it loads).
    ///
    /// # Errors
    /// When a file cannot be read or is of no Whisper.
    pub fn load(config: WhisperConfig) -> Result<Self, RecogniseError> {
        let failed = |reason: String| RecogniseError::Load {
            model: config.name.clone(),
            reason,
        };
        let files = Files::read(&config.folder).map_err(failed)?;
        let vocabulary = Vocabulary::parse(&files.vocabulary).map_err(|error| failed(error.to_string()))?;
        let weights = Weights::load(&files, &settings(&files)).map_err(failed)?;
        let mut prompt = Vec::new();
        if !config.prompt.is_empty() {
            let said = vocabulary.tokens(&config.prompt);
            if said.len() > PROMPT_TOKENS {
                return Err(failed(format!("its prompt is longer than {PROMPT_TOKENS} tokens")));
            }
            prompt.push(vocabulary.before);
            prompt.extend(said);
        }
        prompt.extend(vocabulary.task);
        Ok(Self {
            shared: Arc::new(Shared {
                config,
                weights,
                vocabulary,
                prompt,
            }),
        })
    }
}

/// What the library reads as `config.json`.
fn settings(files: &Files) -> String {
    let (never, not_first) = (files.renumbered(&NEVER), files.renumbered(&NOT_FIRST));
    format!(r#"{{"suppress_ids":{never:?},"suppress_ids_begin":{not_first:?}}}"#)
}

impl Shared {
    /// What a segment's text follows, and the tokens of it with the task: the prompt, in a second reading the call's own texts
    /// behind it, the newest that fit.
    fn prompt(&self, words: Option<&CallWords>) -> (Cow<'_, str>, Cow<'_, [u32]>) {
        let said = words.map_or(&[][..], |words| &words.said);
        let mut text = self.config.prompt.clone();
        let mut tokens = Vec::new();
        for from in (0..said.len()).rev() {
            let longer = format!("{}{}", self.config.prompt, said[from..].concat());
            let of_longer = self.vocabulary.tokens(&longer);
            if of_longer.len() > PROMPT_TOKENS / 2 {
                break;
            }
            (text, tokens) = (longer, of_longer);
        }
        if tokens.is_empty() {
            return (Cow::Borrowed(&self.config.prompt), Cow::Borrowed(&self.prompt));
        }
        tokens.insert(0, self.vocabulary.before);
        tokens.extend(&self.vocabulary.task);
        (Cow::Owned(text), Cow::Owned(tokens))
    }
}

impl Recognise for Whisper {
    fn name(&self) -> &str {
        &self.shared.config.name
    }

    fn worker(&self) -> Result<Box<dyn Recogniser>, RecogniseError> {
        let decoder = self.shared.weights.decoder().map_err(|reason| RecogniseError::Load {
            model: self.shared.config.name.clone(),
            reason,
        })?;
        Ok(Box::new(Worker {
            shared: Arc::clone(&self.shared),
            spectrograph: Spectrograph::new(),
            decoder,
            threads: 1,
        }))
    }
}

struct Worker {
    shared: Arc<Shared>,
    spectrograph: Spectrograph,
    decoder: Decoder,
    threads: usize,
}

impl Recogniser for Worker {
    fn recognise(&mut self, job: &AudioJob) -> Result<Option<Hypothesis>, RecogniseError> {
        let samples = &job.samples[..job.samples.len().min(SampleRate::WIDE.samples_in(LONGEST) as usize)];
        if (samples.len() as u64) < SampleRate::WIDE.samples_in(SHORTEST) {
            return Ok(None);
        }
        self.decode(&to_float(samples), job.words.as_deref())
            .map_err(|reason| RecogniseError::Decode {
                model: self.shared.config.name.clone(),
                reason,
            })
    }

    fn use_threads(&mut self, threads: NonZeroUsize) {
        self.threads = threads.get();
    }
}

impl Worker {
    fn decode(&mut self, samples: &[f32], words: Option<&CallWords>) -> Result<Option<Hypothesis>, String> {
        let shared = Arc::clone(&self.shared);
        let (before, prompt) = shared.prompt(words);
        let heard = samples.len().div_ceil(HOP) + MARGIN_FRAMES;
        let frames = heard.next_multiple_of(FRAMES_STEP).min(WINDOW_FRAMES);
        let seconds = samples.len() as f32 / SampleRate::WIDE.0 as f32;
        let mut request = Request {
            mel: &self.spectrograph.mel(samples, frames),
            prompt: &prompt,
            beam: usize::from(if words.is_some() {
                SECOND_BEAM
            } else {
                shared.config.beam
            }),
            threads: self.threads,
            max_tokens: (TOKENS_PER_SECOND * seconds + TOKENS_AT_LEAST) as usize,
            unlike: 0,
        };
        let mut reply = self.decoder.decode(&request)?;
        let mut text = filter::punctuated(&shared.vocabulary.text(&reply.tokens));
        if filter::is_repetition(&text) && !is_unsure(reply.score, reply.no_speech) {
            request.unlike = UNLOOPED;
            reply = self.decoder.decode(&request)?;
            text = filter::punctuated(&shared.vocabulary.text(&reply.tokens));
        }
        let made_up = text.is_empty()
            || is_unsure(reply.score, reply.no_speech)
            || filter::is_repetition(&text)
            || filter::is_echo(&text, &before);
        let heard = Duration::from_secs_f32(seconds).saturating_sub(PADDING);
        Ok((!made_up).then(|| Hypothesis {
            text: filter::said_once(&text, heard).to_owned(),
            confidence: reply.score.exp(),
            ..Hypothesis::default()
        }))
    }
}

/// Whether a text is rather made up than heard, by the mean log probability of its tokens and the probability
/// that nobody speaks.
///
/// Of clips of real speech, wide and narrow, none came below -0.73 or above 0.25, cut-off words below -1.0 or
/// above 0.55; noise, hum, tones, music and clicks lie below -1.1, and above 0.6.
fn is_unsure(score: f32, no_speech: f32) -> bool {
    score < -1.2 || (no_speech > 0.6 && score < -0.6)
}
