//! `CUSTOM sidetone::…` events.

use std::ptr;

use super::{FILE, FUNC, LINE, c_text};
use crate::abi;
use crate::counters::COUNTERS;

/// Everything that the module may fire.
const SUBCLASSES: [&str; 7] = [
    "sidetone::start",
    "sidetone::stop",
    "sidetone::transcription",
    "sidetone::hint",
    "sidetone::wrapup",
    "sidetone::overrun",
    "sidetone::error",
];

/// Makes the names known to the switch.
pub(crate) fn reserve() {
    for subclass in SUBCLASSES {
        let name = c_text(subclass);
        // SAFETY: both texts live during the call; the switch copies them.
        unsafe { abi::switch_event_reserve_subclass_detailed(FILE.as_ptr(), name.as_ptr()) };
    }
}

/// Fires one. The module's own thread does so, never the media path.
pub(crate) fn fire(subclass: &str, headers: &[(&str, &str)], body: &str) {
    let mut event = ptr::null_mut();
    let subclass = c_text(subclass);
    // SAFETY: texts live during the calls and the switch copies them; the event is ours until it is fired,
    // and firing takes it.
    unsafe {
        let made = abi::switch_event_create_subclass_detailed(
            FILE.as_ptr(),
            FUNC.as_ptr(),
            LINE,
            &raw mut event,
            abi::EVENT_CUSTOM,
            subclass.as_ptr(),
        );
        if made != abi::SUCCESS || event.is_null() {
            return;
        }
        for (name, value) in headers.iter().filter(|(_, value)| !value.is_empty()) {
            let (name, value) = (c_text(name), c_text(value));
            abi::switch_event_add_header_string(event, abi::STACK_BOTTOM, name.as_ptr(), value.as_ptr());
        }
        if !body.is_empty() {
            let body = c_text(body);
            abi::switch_event_set_body(event, body.as_ptr());
        }
        abi::switch_event_fire_detailed(FILE.as_ptr(), FUNC.as_ptr(), LINE, &raw mut event, ptr::null_mut());
    }
    COUNTERS.events_fired.one();
}
