//! What operators and soft-phones ask of a running call, and what of it survives a restart.

use sidetone_base::CallTime;
use sidetone_schema::{PausedBy, UpdateReason};

use super::{Call, Phase};
use crate::port::Control;

impl Call {
    pub(super) fn control(&mut self, control: Control) {
        let before = (self.mask.is_on(), self.paused_by());
        match control {
            Control::Pause => {
                self.paused = true;
                self.read_no_more();
                self.quiet();
            }
            Control::Resume => {
                self.paused = false;
                self.listen_again();
            }
            Control::Mask(on) => self.set_mask(on),
        }
        if before != (self.mask.is_on(), self.paused_by()) {
            self.controlled();
        }
    }

    fn set_mask(&mut self, on: bool) {
        let at = self.call_time(self.now);
        self.mask.set(on, at);
        if on {
            let segments = self.legs.iter_mut().flat_map(|leg| &mut leg.segments);
            segments.for_each(|segment| segment.withheld = true);
            self.read_no_more();
        }
    }

    /// Says what is withheld and what is not heard: a screen can show it, and a restarted daemon reads it.
    pub(super) fn controlled(&mut self) {
        if matches!(self.phase, Phase::Live) {
            self.updated(UpdateReason::Control);
        }
    }

    /// Who wants nothing heard.
    pub(super) fn paused_by(&self) -> Vec<PausedBy> {
        let operator = self.paused.then_some(PausedBy::Operator);
        let dialplan = self.paused_by_dialplan.then_some(PausedBy::Dialplan);
        operator.into_iter().chain(dialplan).collect()
    }

    pub(super) fn is_masked(&self) -> bool {
        self.mask.is_on()
    }

    /// What was withheld before a restart stays so, and what was not to be heard.
    pub(super) fn obey_again(&mut self, masked: bool, paused_by: &[PausedBy]) {
        self.mask.set(masked, CallTime::default());
        self.paused = paused_by.contains(&PausedBy::Operator);
        self.paused_by_dialplan = paused_by.contains(&PausedBy::Dialplan);
    }
}
