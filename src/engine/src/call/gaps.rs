//! Stretches of a leg that are not heard: said while they last, and again when they are over.

use std::time::Instant;

use sidetone_base::{CallTime, TapKind};
use sidetone_media::GapCause;
use sidetone_schema::{AudioGap, Body};

use super::Call;
use crate::leg::Leg;

impl Call {
    /// The audio of a leg goes on after a gap.
    pub(super) fn gap(&mut self, index: usize, begin: CallTime, end: CallTime, cause: GapCause) {
        let length = end.0.saturating_sub(begin.0);
        let long = match cause {
            GapCause::PacketLoss => length >= self.config.report_loss_from,
            GapCause::NoAudio => length >= self.config.report_silence_from && !is_silent_by_nature(&self.legs[index]),
            // Nothing of it is missing.
            GapCause::NotSent => false,
        };
        let open = self.legs[index].wire.open.take();
        if open.is_some() || (long && !self.is_quiet()) {
            let begin = open.unwrap_or(begin);
            self.publish_gap(index, begin, end.max(begin), name(cause), false);
        }
    }

    /// Something came from a leg's tap: a silence that the sender means to keep is no fault of the tap.
    pub(super) fn something_came(&mut self, now: Instant, index: usize) {
        if self.legs[index].wire.open.is_some() && self.legs[index].audio.silence_is_meant() {
            self.close_gap(now, index, GapCause::NotSent);
        }
    }

    /// Whatever comes, the gap that was said to be open is over: nobody listens any more.
    pub(super) fn close_gap(&mut self, now: Instant, index: usize, cause: GapCause) {
        let end = self.call_time(now);
        if let Some(begin) = self.legs[index].wire.open.take() {
            self.publish_gap(index, begin, end.max(begin), name(cause), false);
        }
    }

    /// Says of each leg whose tap has been silent for too long that it is.
    pub(super) fn open_gaps(&mut self, now: Instant) {
        for index in 0..self.legs.len() {
            let due = self.gap_due(&self.legs[index]);
            if due.is_none_or(|due| now < due) {
                continue;
            }
            let leg = &self.legs[index];
            // Of one that has never been heard, or was not to be, nothing before that is missing.
            let heard = leg.audio.silent_since();
            let Some(begin) = heard.into_iter().chain(leg.wire.since).max() else {
                continue;
            };
            let begin = self.call_time(begin);
            self.legs[index].wire.open = Some(begin);
            let end = self.call_time(now).max(begin);
            self.publish_gap(index, begin, end, name(GapCause::NoAudio), true);
        }
    }

    /// When the first leg has been silent for too long.
    pub(super) fn gaps_due(&self) -> Option<Instant> {
        self.legs.iter().filter_map(|leg| self.gap_due(leg)).min()
    }

    fn gap_due(&self, leg: &Leg) -> Option<Instant> {
        let tapped = leg.tap.is_some() && !leg.left && !is_silent_by_nature(leg);
        if !tapped || self.is_quiet() || leg.wire.open.is_some() || leg.audio.silence_is_meant() {
            return None;
        }
        let since = leg.audio.last_arrival().into_iter().chain(leg.wire.since).max()?;
        Some(since + self.config.report_silence_from)
    }

    fn publish_gap(&mut self, index: usize, begin: CallTime, end: CallTime, cause: &str, open: bool) {
        let gap = AudioGap {
            begin_ms: begin.as_millis(),
            end_ms: end.as_millis(),
            cause: cause.to_owned(),
            open,
        };
        self.publish_leg(index, Body::AudioGap(gap));
    }
}

/// Taps that send nothing while nobody speaks: their gaps are what silence looks like.
fn is_silent_by_nature(leg: &Leg) -> bool {
    matches!(leg.tap, Some(TapKind::ChanSpy | TapKind::SpeechEngine))
}

const fn name(cause: GapCause) -> &'static str {
    match cause {
        GapCause::PacketLoss => "packet_loss",
        GapCause::NoAudio => "no_audio",
        GapCause::NotSent => "not_sent",
    }
}
