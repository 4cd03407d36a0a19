//! How a model does on a recording: what it writes, what it costs, and when what could be shown.
//!
//! The recording is cut into segments as on a call and given to the model in the pieces in which a call would give
//! it. Its time line is the recording's; what the model takes by the clock is added to it, so that a model which
//! does not keep up is seen to be late. Finals are decoded when the pause is over, not while it lasts as on a call.

use std::sync::Arc;
use std::time::{Duration, Instant};

use sidetone_asr::Silero;
use sidetone_base::{CallId, LegId, MediaTime, PcmFrame, SampleRate, SegmentId};
use sidetone_speech::text::TextPipeline;
use sidetone_speech::{
    AudioJob, Hypothesis, Pass, Recogniser, SegmentConfig, SegmentEvent, SegmentKey, Segmenter, Settler,
};

/// What a tap gives at once, in samples.
const FRAME: usize = 320;

/// What came of a recording.
#[derive(Clone, Debug, Default)]
pub struct Heard {
    /// The finals, as the model wrote them.
    pub text: String,
    /// From the first voiced frame of each segment to its first partial.
    pub first_partials: Vec<Duration>,
    /// From the end of speech of each segment to its final.
    pub final_delays: Vec<Duration>,
    /// Length of the recording.
    pub audio: Duration,
    /// What the model took, by the clock.
    pub spent: Duration,
    /// Characters that were stable at the end of their segment.
    pub stable: usize,
    /// Of them, those that the model's last partial had otherwise.
    pub taken_back: usize,
}

impl Heard {
    /// Adds another recording.
    pub fn add(&mut self, other: &Self) {
        self.text.push_str(&other.text);
        self.first_partials.extend(&other.first_partials);
        self.final_delays.extend(&other.final_delays);
        self.audio += other.audio;
        self.spent += other.spent;
        self.stable += other.stable;
        self.taken_back += other.taken_back;
    }

    /// What the model takes for a second of sound.
    #[must_use]
    pub fn rtf(&self) -> f64 {
        self.spent.as_secs_f64() / self.audio.as_secs_f64().max(0.001)
    }
}

/// The length that `percent` of them do not exceed.
#[must_use]
pub fn percentile(times: &[Duration], percent: usize) -> Option<Duration> {
    let mut times = times.to_vec();
    times.sort_unstable();
    times
        .get((times.len() * percent).div_ceil(100).saturating_sub(1))
        .copied()
}

/// Plays 16 kHz samples to a model, with a partial every so often when one is wanted.
///
/// # Errors
/// When the model fails on a segment.
pub fn listen(
    model: &mut dyn Recogniser,
    every: Option<Duration>,
    detector: Option<&Silero>,
    samples: &[i16],
) -> Result<Heard, String> {
    let config = SegmentConfig {
        partial_every: every,
        ..SegmentConfig::default()
    };
    let mut segmenter = Segmenter::new(config.clone(), detector.map(Silero::detector));
    let mut listener = Listener {
        model,
        pre_roll: config.pre_roll,
        text: TextPipeline::default(),
        heard: Heard::default(),
        free: Duration::ZERO,
        segment: Open::default(),
    };
    let mut begin = MediaTime::zero(SampleRate::WIDE);
    for frame in samples.chunks(FRAME) {
        segmenter.push(&PcmFrame {
            begin,
            samples: frame.to_vec(),
        });
        begin.ticks += frame.len() as u64;
        listener.take(begin.since_start(), &mut segmenter)?;
    }
    segmenter.flush();
    listener.take(begin.since_start(), &mut segmenter)?;
    listener.heard.audio = begin.since_start();
    Ok(listener.heard)
}

struct Listener<'a> {
    model: &'a mut dyn Recogniser,
    pre_roll: Duration,
    text: TextPipeline,
    heard: Heard,
    /// When the model is done with what it has.
    free: Duration,
    segment: Open,
}

/// The segment that is being spoken.
#[derive(Default)]
struct Open {
    number: usize,
    settler: Settler,
    shown: bool,
    stable: usize,
    taken_back: usize,
}

impl Listener<'_> {
    fn take(&mut self, now: Duration, segmenter: &mut Segmenter) -> Result<(), String> {
        while let Some(event) = segmenter.poll() {
            match event {
                SegmentEvent::Started { .. } => {
                    self.segment = Open {
                        number: self.segment.number + 1,
                        ..Open::default()
                    };
                }
                // One partial of a segment is out at a time.
                SegmentEvent::Grown { begin, samples, .. } if self.free <= now => {
                    let hypothesis = self.recognise(now, Pass::Partial, samples)?;
                    self.show(begin.since_start(), &hypothesis);
                }
                SegmentEvent::Grown { .. } | SegmentEvent::Paused { .. } => {}
                SegmentEvent::Ended {
                    speech_end, samples, ..
                } => {
                    let hypothesis = self.recognise(now, Pass::Final, samples)?;
                    self.heard.text.push_str(&hypothesis.text);
                    self.heard
                        .final_delays
                        .push(self.free.saturating_sub(speech_end.since_start()));
                    self.heard.stable += self.segment.stable;
                    self.heard.taken_back += self.segment.taken_back;
                }
            }
        }
        Ok(())
    }

    fn recognise(&mut self, now: Duration, pass: Pass, samples: Arc<[i16]>) -> Result<Hypothesis, String> {
        let begun = Instant::now();
        let job = AudioJob {
            key: SegmentKey {
                call: CallId::new("measured"),
                leg: LegId::new("file"),
                segment: SegmentId::new(self.segment.number.to_string()),
            },
            pass,
            samples,
            deadline: begun,
            words: None,
        };
        let hypothesis = self.model.recognise(&job).map_err(|error| error.to_string())?;
        let took = begun.elapsed();
        if pass == Pass::Final {
            self.model.forget(&job.key);
        }
        self.heard.spent += took;
        self.free = self.free.max(now) + took;
        Ok(hypothesis.unwrap_or_default())
    }

    fn show(&mut self, begin: Duration, hypothesis: &Hypothesis) {
        let settled = self.segment.settler.take(hypothesis, &self.text);
        self.segment.stable = settled.stable;
        self.segment.taken_back = settled.contradicted;
        if !settled.text.is_empty() && !std::mem::replace(&mut self.segment.shown, true) {
            self.heard
                .first_partials
                .push(self.free.saturating_sub(begin + self.pre_roll));
        }
    }
}
