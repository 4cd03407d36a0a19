//! From when to when each leg was heard: `tap.up` and `tap.down`.

use std::time::Instant;

use sidetone_base::TapKind;
use sidetone_schema::{Body, TapDown, TapUp};

use super::Call;

/// Why a leg is heard no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TapEnd {
    /// The leg or the call is over.
    Left,
    /// The tap failed, or another took its place.
    Failed,
    /// Sidetone stops, and the call goes on.
    Stopped,
}

impl TapEnd {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Left => "left",
            Self::Failed => "failed",
            Self::Stopped => "stopped",
        }
    }
}

impl Call {
    /// The leg is heard from now on. The same tap again changes nothing.
    pub(super) fn tap_up(&mut self, now: Instant, index: usize, kind: TapKind) {
        if self.legs[index].tap == Some(kind) {
            return;
        }
        self.tap_down(now, index, TapEnd::Failed);
        let at = self.call_time(now);
        let leg = &mut self.legs[index];
        (leg.tap, leg.tapped) = (Some(kind), at);
        let up = TapUp {
            kind: kind.as_str().to_owned(),
            begin_ms: at.as_millis(),
        };
        self.publish_leg(index, Body::TapUp(up));
    }

    /// The leg is heard no more, if it was.
    pub(super) fn tap_down(&mut self, now: Instant, index: usize, why: TapEnd) {
        let leg = &mut self.legs[index];
        let Some(kind) = leg.tap.take() else { return };
        let down = TapDown {
            kind: kind.as_str().to_owned(),
            begin_ms: leg.tapped.as_millis(),
            end_ms: self.call_time(now).as_millis(),
            reason: why.as_str().to_owned(),
        };
        self.publish_leg(index, Body::TapDown(down));
    }
}
