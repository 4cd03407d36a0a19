//! Whisper through whisper.cpp: the default for finals.
//!
//! The encoder's window is cut to the segment's length, which makes it five times as fast; the price
//! is a margin behind the speech, without which it hears wrongly, and a decoder that has to be
//! watched: see [`WhisperConfig::no_speech_limit`] and `filter`.

use std::path::PathBuf;
use std::sync::{Arc, Once};
use std::time::Duration;

use sidetone_base::SampleRate;
use sidetone_speech::{AudioJob, Hypothesis, Recognise, RecogniseError, Recogniser};
use whisper_rs::{FullParams, SamplingStrategy, WhisperContext, WhisperContextParameters, WhisperError, WhisperState};

use super::{filter, to_float};

/// Encoder frames behind the speech. 32 cost 10 points of character error rate, 64 cost 2; with 256 or
/// the whole window the rate moves by less than the noise of the clips, and the time by a half or more.
const MARGIN_FRAMES: usize = 128;
/// One encoder frame is 20 ms.
const SAMPLES_PER_FRAME: usize = 320;
/// The window is a multiple of this: attention over any other length falls out of the vectorised
/// multiplication and costs a sixth of the whole.
const FRAMES_STEP: usize = 32;
/// Below this whisper.cpp gives nothing back.
const SHORTEST: Duration = Duration::from_millis(100);
/// More than the encoder's window is not heard; segments are cut long before.
const LONGEST: Duration = Duration::from_secs(30);
/// Tokens that a second of speech can need, and some for the first one.
const TOKENS_PER_SECOND: f32 = 12.0;
const TOKENS_AT_LEAST: f32 = 8.0;
/// Tokens of the prompt that fit beside the text.
const PROMPT_TOKENS: usize = 224;

/// How Whisper is to listen.
#[derive(Clone, Debug)]
pub struct WhisperConfig {
    /// The name in the manifest, for errors, events and metrics.
    pub name: String,
    /// The converted model.
    pub model: PathBuf,
    /// Sentences as they are said on the line, full of the domain's terms. A description of the
    /// domain does not help; sentences halve the errors on its terms. Particles in it (呢, 啊, 那么) keep
    /// those of spontaneous speech from being left out, and cost a little on plain questions.
    pub prompt: String,
    /// Threads for one worker. One is the most efficient; workers are the way to use more cores.
    pub threads: u16,
    /// Above this probability that nobody speaks, the text is dropped. Real utterances stay below
    /// 0.35, hold music and noise above 0.50.
    pub no_speech_limit: f32,
}

impl WhisperConfig {
    /// The measured settings, without a prompt.
    #[must_use]
    pub fn new(name: impl Into<String>, model: impl Into<PathBuf>) -> Self {
        Self {
            name: name.into(),
            model: model.into(),
            prompt: String::new(),
            threads: 1,
            no_speech_limit: 0.45,
        }
    }
}

/// A loaded Whisper; the weights are shared by all workers.
pub struct Whisper {
    shared: Arc<Shared>,
}

struct Shared {
    config: WhisperConfig,
    context: WhisperContext,
    prompt: Vec<i32>,
}

impl Whisper {
    /// Loads the weights (about 80 MB).
    ///
    /// # Errors
    /// When the file cannot be read, is no Whisper, or the processor is too old for the build.
    pub fn load(config: WhisperConfig) -> Result<Self, RecogniseError> {
        quiet();
        let failed = |reason: String| RecogniseError::Load {
            model: config.name.clone(),
            reason,
        };
        processor_fits().map_err(|reason| failed(reason.to_owned()))?;
        if !config.model.is_file() {
            return Err(failed(format!("there is no file {}", config.model.display())));
        }
        let context = WhisperContext::new_with_params(&config.model, WhisperContextParameters::default())
            .map_err(|error| failed(error.to_string()))?;
        if !context.is_multilingual() {
            return Err(failed("it understands English only".to_owned()));
        }
        let prompt = if config.prompt.is_empty() {
            Vec::new()
        } else {
            context
                .tokenize(&config.prompt, PROMPT_TOKENS)
                .map_err(|error| failed(format!("its prompt is longer than {PROMPT_TOKENS} tokens ({error})")))?
        };
        Ok(Self {
            shared: Arc::new(Shared {
                config,
                context,
                prompt,
            }),
        })
    }
}

impl Recognise for Whisper {
    fn name(&self) -> &str {
        &self.shared.config.name
    }

    fn worker(&self) -> Result<Box<dyn Recogniser>, RecogniseError> {
        let state = self
            .shared
            .context
            .create_state()
            .map_err(|error| RecogniseError::Load {
                model: self.shared.config.name.clone(),
                reason: error.to_string(),
            })?;
        let mut params = FullParams::new(SamplingStrategy::Greedy { best_of: 1 });
        // Set once: the binding keeps the text for as long as the process lives.
        params.set_language(Some("zh"));
        Ok(Box::new(Worker {
            params: steady(params, i32::from(self.shared.config.threads)),
            shared: Arc::clone(&self.shared),
            state,
        }))
    }
}

/// The settings that no segment changes.
fn steady(mut params: FullParams<'static, 'static>, threads: i32) -> FullParams<'static, 'static> {
    params.set_n_threads(threads);
    params.set_single_segment(true);
    params.set_no_timestamps(true);
    params.set_no_context(true);
    params.set_suppress_blank(true);
    params.set_suppress_nst(true);
    params.set_temperature(0.0);
    params.set_temperature_inc(0.0);
    params.set_print_special(false);
    params.set_print_progress(false);
    params.set_print_realtime(false);
    params.set_print_timestamps(false);
    params
}

struct Worker {
    shared: Arc<Shared>,
    /// About 100 MB of buffers: one for each worker, not for each segment.
    state: WhisperState,
    params: FullParams<'static, 'static>,
}

impl Recogniser for Worker {
    fn recognise(&mut self, job: &AudioJob) -> Result<Option<Hypothesis>, RecogniseError> {
        let samples = &job.samples[..job.samples.len().min(SampleRate::WIDE.samples_in(LONGEST) as usize)];
        if (samples.len() as u64) < SampleRate::WIDE.samples_in(SHORTEST) {
            return Ok(None);
        }
        self.decode(&to_float(samples)).map_err(|error| RecogniseError::Decode {
            model: self.shared.config.name.clone(),
            reason: error.to_string(),
        })
    }
}

impl Worker {
    fn decode(&mut self, samples: &[f32]) -> Result<Option<Hypothesis>, WhisperError> {
        let shared = Arc::clone(&self.shared);
        let window = usize::try_from(shared.context.n_audio_ctx()).unwrap_or(1_500);
        let heard = samples.len().div_ceil(SAMPLES_PER_FRAME) + MARGIN_FRAMES;
        let frames = heard.next_multiple_of(FRAMES_STEP).min(window);
        let seconds = samples.len() as f32 / SampleRate::WIDE.0 as f32;

        let mut params: FullParams<'_, '_> = self.params.clone();
        params.set_audio_ctx(frames as i32);
        params.set_max_tokens((TOKENS_PER_SECOND * seconds + TOKENS_AT_LEAST) as i32);
        params.set_tokens(&shared.prompt);
        self.state.full(params, samples)?;

        let Some(hypothesis) = self.hypothesis() else {
            return Ok(None);
        };
        let made_up = filter::is_repetition(&hypothesis.text)
            || filter::is_echo(&hypothesis.text, &shared.config.prompt)
            || self.no_speech()? > shared.config.no_speech_limit;
        Ok((!made_up).then_some(hypothesis))
    }

    /// The text, and the geometric mean of its tokens' probabilities.
    fn hypothesis(&self) -> Option<Hypothesis> {
        let mut bytes = Vec::new();
        let (mut log_probability, mut count) = (0.0f32, 0.0f32);
        let end = self.shared.context.token_eot();
        for segment in self.state.as_iter() {
            for index in 0..segment.n_tokens() {
                let Some(token) = segment.get_token(index).filter(|token| token.token_id() < end) else {
                    continue;
                };
                // Bytes, not text: a character may be spread over tokens.
                bytes.extend_from_slice(token.to_bytes().unwrap_or_default());
                log_probability += token.token_probability().max(1e-6).ln();
                count += 1.0;
            }
        }
        // A character that the token limit cut in half ends as U+FFFD.
        let text = String::from_utf8_lossy(&bytes)
            .trim()
            .trim_end_matches('\u{fffd}')
            .to_owned();
        (!text.is_empty()).then(|| Hypothesis {
            text,
            confidence: (log_probability / count.max(1.0)).exp(),
        })
    }

    /// The probability that nobody speaks.
    ///
    /// whisper.cpp reads it behind the prompt, where it says nothing. Asked again with the start
    /// token alone, on the audio that is still encoded, it is right.
    fn no_speech(&mut self) -> Result<f32, WhisperError> {
        let context = &self.shared.context;
        let (start, silent) = (context.token_sot(), context.token_nosp());
        self.state
            .decode(&[start], 0, usize::from(self.shared.config.threads))?;
        let logits = self.state.get_logits()?;
        let largest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let sum: f32 = logits.iter().map(|logit| (logit - largest).exp()).sum();
        let silent = usize::try_from(silent).ok().and_then(|index| logits.get(index));
        Ok(silent.map_or(0.0, |logit| (logit - largest).exp() / sum))
    }
}

/// whisper.cpp writes pages to standard error; nothing of it is kept.
fn quiet() {
    static ONCE: Once = Once::new();
    ONCE.call_once(whisper_rs::install_logging_hooks);
}

/// The build needs AVX2, FMA and F16C: without them the first multiplication would end the process.
#[cfg(target_arch = "x86_64")]
fn processor_fits() -> Result<(), &'static str> {
    let fits = std::arch::is_x86_feature_detected!("avx2")
        && std::arch::is_x86_feature_detected!("fma")
        && std::arch::is_x86_feature_detected!("f16c");
    if fits {
        Ok(())
    } else {
        Err("this processor lacks AVX2, FMA or F16C; build with GGML_AVX2=OFF GGML_FMA=OFF GGML_F16C=OFF GGML_BMI2=OFF")
    }
}

#[cfg(not(target_arch = "x86_64"))]
const fn processor_fits() -> Result<(), &'static str> {
    Ok(())
}
