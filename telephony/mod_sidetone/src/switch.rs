//! The switch's functions with Rust's types around them. Every `unsafe` that concerns the switch and not the
//! media path is here or below.

use std::ffi::{CStr, CString, c_char, c_int};

use crate::abi;

pub(crate) mod event;
pub(crate) mod session;
pub(crate) mod xml;

/// `switch_log_level_t`.
#[derive(Clone, Copy, Debug)]
#[repr(i32)]
pub(crate) enum Level {
    Error = 3,
    Warning = 4,
    Notice = 5,
}

/// Text for the switch; it ends at the first NUL.
pub(crate) fn c_text(text: &str) -> CString {
    let bytes = text.split('\0').next().unwrap_or_default();
    CString::new(bytes).unwrap_or_default()
}

/// Copies a text of the switch; a null pointer is the empty text.
///
/// # Safety
/// `text` is null or ends in NUL, and lives during the call.
pub(crate) unsafe fn rust_text(text: *const c_char) -> String {
    if text.is_null() {
        return String::new();
    }
    // SAFETY: as the caller says.
    unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned()
}

pub(crate) const FILE: &CStr = c"mod_sidetone";
pub(crate) const FUNC: &CStr = c"mod_sidetone";
pub(crate) const LINE: c_int = 0;

/// A line in the switch's log. Never a transcript, a number or a secret. Not for the media path.
pub(crate) fn log(level: Level, line: &str) {
    let line = c_text(line);
    let level = level as c_int;
    // SAFETY: all texts end in NUL and live during the call; the format takes one of them.
    unsafe {
        abi::switch_log_printf(
            abi::CHANNEL_ID_LOG,
            FILE.as_ptr(),
            FUNC.as_ptr(),
            LINE,
            std::ptr::null(),
            level,
            c"mod_sidetone: %s\n".as_ptr(),
            line.as_ptr(),
        );
    }
}

/// Whether the switch is going down: from then on it must not be called any more. It says so two seconds
/// before the first part that we use goes away.
pub(crate) fn is_ending() -> bool {
    // SAFETY: reads a global of the switch.
    unsafe { abi::switch_core_flags() & abi::SCF_SHUTTING_DOWN != 0 }
}

/// The switch's name and id.
pub(crate) fn identity() -> (String, String) {
    // SAFETY: both give texts that live as long as the switch.
    unsafe {
        (
            rust_text(abi::switch_core_get_switchname()),
            rust_text(abi::switch_core_get_uuid()),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::c_text;

    #[test]
    fn a_nul_ends_a_text() {
        assert_eq!(c_text("a\0b").as_bytes(), b"a");
        assert_eq!(c_text("社保").to_str(), Ok("社保"));
    }
}
