//! What calls are told before they are known here: a command may be older than this process, or overtake the switch.

use std::collections::{HashMap, VecDeque};

use sidetone_base::CallId;
use sidetone_engine::Control;

/// Calls that may wait; those of other daemons never come. The oldest are forgotten first.
const CALLS: usize = 4_096;

/// The standing commands of calls that have not begun.
#[derive(Default)]
pub(super) struct Early {
    calls: HashMap<CallId, Told>,
    order: VecDeque<CallId>,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct Told {
    paused: Option<bool>,
    masked: Option<bool>,
}

impl Early {
    pub(super) fn keep(&mut self, call: &CallId, control: Control) {
        let known = self.calls.contains_key(call);
        let told = self.calls.entry(call.clone()).or_default();
        match control {
            Control::Pause => told.paused = Some(true),
            Control::Resume => told.paused = Some(false),
            Control::Mask(on) => told.masked = Some(on),
        }
        if !known {
            self.order.push_back(call.clone());
        }
        if self.order.len() > CALLS
            && let Some(oldest) = self.order.pop_front()
        {
            self.calls.remove(&oldest);
        }
    }

    /// What the call was told, now that it begins.
    pub(super) fn take(&mut self, call: &CallId) -> impl Iterator<Item = Control> + use<> {
        let told = self.calls.remove(call).unwrap_or_default();
        if told != Told::default() {
            self.order.retain(|other| other != call);
        }
        // What was taken back is told, too: a call's journal may know it as standing.
        let pause = told.paused.map(|on| if on { Control::Pause } else { Control::Resume });
        pause.into_iter().chain(told.masked.map(Control::Mask))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(early: &mut Early, call: &str) -> String {
        let controls: Vec<String> = early
            .take(&CallId::new(call))
            .map(|control| format!("{control:?}"))
            .collect();
        controls.join(" ")
    }

    #[test]
    fn a_call_that_begins_later_is_told_what_holds() {
        let mut early = Early::default();
        for (call, control) in [
            ("a", Control::Mask(true)),
            ("b", Control::Pause),
            ("b", Control::Mask(true)),
            ("c", Control::Mask(true)),
            ("c", Control::Resume),
            ("c", Control::Mask(false)),
        ] {
            early.keep(&CallId::new(call), control);
        }
        assert_eq!(told(&mut early, "a"), "Mask(true)");
        assert_eq!(told(&mut early, "a"), "", "once");
        assert_eq!(told(&mut early, "b"), "Pause Mask(true)");
        assert_eq!(told(&mut early, "c"), "Resume Mask(false)", "taken back");
        assert!(early.order.is_empty() && early.calls.is_empty());
    }

    #[test]
    fn those_of_others_do_not_fill_the_memory() {
        let mut early = Early::default();
        for call in 0..CALLS + 2 {
            early.keep(&CallId::new(format!("x{call}")), Control::Pause);
        }
        assert_eq!((early.calls.len(), early.order.len()), (CALLS, CALLS));
        assert_eq!(told(&mut early, "x1"), "", "the oldest go");
        assert_eq!(told(&mut early, "x2"), "Pause");
    }
}
