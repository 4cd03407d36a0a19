//! What the segmenter is told and what it tells.

use std::sync::Arc;
use std::time::Duration;

use sidetone_base::MediaTime;

/// How speech is cut into segments.
#[derive(Clone, Debug, PartialEq)]
pub struct SegmentConfig {
    /// Audio kept from before the first voiced frame: detectors fire late on soft onsets.
    pub pre_roll: Duration,
    /// Silence that ends an utterance.
    pub hangover: Duration,
    /// Of the hangover, what stays in the segment: soft endings.
    pub post_roll: Duration,
    /// Less voiced audio than this is a click or a cough, and no segment.
    pub min_speech: Duration,
    /// A segment is cut when it has this length; bounds memory and the recogniser's work.
    pub max_length: Duration,
    /// The cut falls on the quietest moment of this much audio before `max_length`.
    pub split_search: Duration,
    /// A pause of this length is shown, so that the final can be decoded while the hangover runs; at least
    /// `post_roll`, `None` for never.
    pub ahead_after: Option<Duration>,
    /// How often a growing segment is shown; `None` for finals only.
    pub partial_every: Option<Duration>,
    /// At or above this a frame is voiced.
    pub start: f32,
    /// Below this a voiced stretch pauses; lower than `start`, so that it does not flutter.
    pub stop: f32,
    /// At or above this score of the gate the neural detector is asked.
    pub gate: f32,
}

impl Default for SegmentConfig {
    fn default() -> Self {
        Self {
            pre_roll: Duration::from_millis(300),
            hangover: Duration::from_millis(500),
            post_roll: Duration::from_millis(200),
            min_speech: Duration::from_millis(200),
            max_length: Duration::from_secs(15),
            split_search: Duration::from_secs(3),
            ahead_after: Some(Duration::from_millis(240)),
            partial_every: Some(Duration::from_millis(800)),
            start: 0.5,
            stop: 0.35,
            gate: 0.3,
        }
    }
}

/// Why a segment ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SegmentEnd {
    /// The speaker paused for the hangover.
    Silence,
    /// It reached its greatest length; the next segment begins where this one ends.
    Split,
    /// The line went down, or was put on hold.
    Flush,
}

/// One fact about the speech on a leg. Each `Started` is followed by its `Grown`s and `Paused`s and exactly one
/// `Ended` before the next `Started`. Times are positions on the leg's own time line.
#[derive(Clone, PartialEq, Eq)]
pub enum SegmentEvent {
    /// Somebody speaks, and has for at least the minimum.
    Started {
        /// The segment's first sample, pre-roll included.
        begin: MediaTime,
    },
    /// The speaker goes on.
    Grown {
        /// As in `Started`.
        begin: MediaTime,
        /// Where `samples` end.
        end: MediaTime,
        /// The segment so far, from its first sample; 16 kHz.
        samples: Arc<[i16]>,
    },
    /// The speaker pauses. If they do not go on, `Ended` has the same `end` and the same audio.
    Paused {
        /// As in `Started`.
        begin: MediaTime,
        /// Where `samples` end.
        end: MediaTime,
        /// The segment as it would be; 16 kHz.
        samples: Arc<[i16]>,
    },
    /// The utterance is complete.
    Ended {
        /// As in `Started`.
        begin: MediaTime,
        /// Where `samples` end.
        end: MediaTime,
        /// Where speech truly ended, before the hangover.
        speech_end: MediaTime,
        /// The whole segment; 16 kHz.
        samples: Arc<[i16]>,
        /// Why.
        cause: SegmentEnd,
    },
}

impl std::fmt::Debug for SegmentEvent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Started { begin } => write!(f, "Started({:?})", begin.since_start()),
            Self::Grown { begin, end, .. } => write!(f, "Grown({:?}–{:?})", begin.since_start(), end.since_start()),
            Self::Paused { begin, end, .. } => write!(f, "Paused({:?}–{:?})", begin.since_start(), end.since_start()),
            Self::Ended { begin, end, cause, .. } => {
                write!(f, "Ended({:?}–{:?}, {cause:?})", begin.since_start(), end.since_start())
            }
        }
    }
}
