//! When an operator had text withheld.

use sidetone_base::CallTime;

/// The stretch of the call of which no text is shown.
#[derive(Default)]
pub(super) struct Mask {
    on: bool,
    /// Where the last stretch ended.
    until: Option<CallTime>,
}

impl Mask {
    pub(super) const fn is_on(&self) -> bool {
        self.on
    }

    /// Begins or ends at `now`.
    pub(super) fn set(&mut self, on: bool, now: CallTime) {
        if self.on && !on {
            self.until = Some(now);
        }
        self.on = on;
    }

    /// Whether what begins at `begin` and has not ended yet lies in it, if only in part.
    pub(super) fn covers(&self, begin: CallTime) -> bool {
        self.on || self.until.is_some_and(|until| begin < until)
    }
}
