//! Turns that come as text: a script, a chat, a person at `sidetone ask`.

use std::time::{Duration, Instant};

use sidetone_base::{CallTime, LegId};
use sidetone_schema::{Body, SpeechEnded};
use sidetone_speech::Hypothesis;

use super::Call;
use crate::leg::SegmentState;
use crate::port::Recognition;

impl Call {
    /// A whole turn that ends at `now` and lasted so long. From here on it is treated as a recogniser's final is.
    pub(super) fn typed(&mut self, now: Instant, leg: &LegId, text: String, lasted: Duration) {
        let Some(index) = self.leg_index(leg).filter(|index| !self.legs[*index].left) else {
            return;
        };
        let speech_end = self.call_time(now);
        self.open_segment(now, index, CallTime(speech_end.0.saturating_sub(lasted)));
        let Some(segment) = self.legs[index].segments.back_mut() else {
            return;
        };
        let hypothesis = Hypothesis {
            text,
            confidence: 1.0,
            stable: None,
            spelled: false,
        };
        segment.state = SegmentState::Settled {
            speech_end,
            outcome: Recognition::Text(hypothesis),
        };
        let ended = SpeechEnded {
            segment_id: segment.id.to_string(),
            begin_ms: segment.begin.as_millis(),
            end_ms: speech_end.as_millis(),
        };
        self.publish_leg(index, Body::SpeechEnded(ended));
        self.release_settled(now, index);
    }
}
