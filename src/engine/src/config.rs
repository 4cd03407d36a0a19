//! What a call is made of.

use std::sync::Arc;
use std::time::Duration;

use sidetone_assist::AssistConfig;
use sidetone_base::Secret;
use sidetone_domain::Pack;
use sidetone_media::MediaConfig;
use sidetone_speech::text::TextPipeline;
use sidetone_speech::{Denoiser, SegmentConfig, VoiceDetector};

use crate::SecondConfig;

/// Limits and intervals of one call.
#[derive(Clone, Debug)]
pub struct EngineConfig {
    /// Jitter, payload types.
    pub media: MediaConfig,
    /// Where an utterance begins and ends.
    pub segment: SegmentConfig,
    /// How soon a partial must be recognised to be of use.
    pub partial_within: Duration,
    /// How soon a final should be; late ones are still wanted.
    pub final_within: Duration,
    /// When a final that was never answered is given up, counted and said. The pool answers every job, late
    /// under load but always, so this is for a recogniser that hangs; shorter, it would lose words to mere load.
    pub final_timeout: Duration,
    /// How long `call.ended` waits for the last finals at most; as with `final_timeout`, a bound for what hangs.
    pub drain: Duration,
    /// How long the last finals are awaited when the daemon stops.
    pub leave: Duration,
    /// Whether a hint may be shown on the stable head of a caller's turn.
    pub early_hints: bool,
    /// The least time between two `wrapup.draft`.
    pub draft_every: Duration,
    /// How long after the end of the call an engine may take to word its wrap-up; `None` without an engine.
    pub compose_within: Option<Duration>,
    /// Shorter losses are concealed and counted without an `audio.gap`.
    pub report_loss_from: Duration,
    /// From when on the silence of a tap is an `audio.gap`, said while it lasts.
    pub report_silence_from: Duration,
    /// What the caller's number is hashed with; without it there is no hash.
    pub number_salt: Option<Secret>,
    /// Which finals are decoded a second time; `None` for none.
    pub second: Option<SecondConfig>,
    /// Whether finals of which something is covered are wanted as they were said, by [`crate::Effect::Unmasked`].
    pub unmasked: bool,
    /// Topic floors, rate caps, times to live.
    pub assist: AssistConfig,
}

impl EngineConfig {
    /// The defaults, with what a call on a given day in a given place must be told.
    #[must_use]
    pub fn new(assist: AssistConfig) -> Self {
        Self {
            media: MediaConfig::default(),
            segment: SegmentConfig::default(),
            partial_within: Duration::from_millis(1_500),
            final_within: Duration::from_millis(1_000),
            final_timeout: Duration::from_secs(300),
            drain: Duration::from_secs(300),
            leave: Duration::from_secs(3),
            early_hints: true,
            draft_every: Duration::from_secs(10),
            compose_within: None,
            report_loss_from: Duration::from_millis(60),
            report_silence_from: Duration::from_secs(2),
            number_salt: None,
            second: None,
            unmasked: false,
            assist,
        }
    }
}

/// What all calls share.
pub struct Parts {
    /// What the line is about.
    pub pack: Arc<Pack>,
    /// From raw hypothesis to settled text.
    pub text: TextPipeline,
    /// Makes a neural detector for a leg; `None` leaves the gate alone.
    pub detector: Box<dyn Fn() -> Option<Box<dyn VoiceDetector>> + Send + Sync>,
    /// Makes a denoiser for a leg; `None` leaves its sound as it is.
    pub denoiser: Box<dyn Fn() -> Option<Box<dyn Denoiser>> + Send + Sync>,
}
