//! A session of the switch, for as long as the switch lends it.

use std::marker::PhantomData;
use std::ptr::{self, NonNull};
use std::time::Duration;

use super::{FILE, FUNC, LINE, c_text, rust_text};
use crate::abi;

/// A session that lives at least as long as `'a`.
#[derive(Clone, Copy)]
pub(crate) struct Session<'a> {
    raw: NonNull<abi::Session>,
    lent: PhantomData<&'a abi::Session>,
}

/// How the leg's audio is cut at this moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Format {
    pub(crate) rate: u32,
    pub(crate) channels: u8,
    pub(crate) packet: Duration,
}

/// How a sleep ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Slept {
    Through,
    /// The channel is gone, or someone broke into the application.
    Cut,
}

impl<'a> Session<'a> {
    /// # Safety
    /// `raw` is null or a session that the switch keeps for as long as the result is used.
    pub(crate) unsafe fn lent(raw: *mut abi::Session) -> Option<Self> {
        NonNull::new(raw).map(|raw| Self { raw, lent: PhantomData })
    }

    pub(crate) const fn raw(self) -> *mut abi::Session {
        self.raw.as_ptr()
    }

    fn channel(self) -> *mut abi::Channel {
        // SAFETY: the session lives; its channel lives as long.
        unsafe { abi::switch_core_session_get_channel(self.raw()) }
    }

    pub(crate) fn uuid(self) -> String {
        // SAFETY: the text is part of the session.
        unsafe { rust_text(abi::switch_core_session_get_uuid(self.raw())) }
    }

    /// The channel that it is bridged with, or was created for.
    pub(crate) fn partner(self) -> String {
        // SAFETY: the text is of the session's pool.
        unsafe { rust_text(abi::switch_channel_get_partner_uuid(self.channel())) }
    }

    /// A channel variable; empty when it is not set.
    pub(crate) fn variable(self, name: &str) -> String {
        let name = c_text(name);
        // SAFETY: the name lives during the call; the answer is a copy in the session's pool.
        unsafe {
            rust_text(abi::switch_channel_get_variable_dup(
                self.channel(),
                name.as_ptr(),
                abi::YES,
                -1,
            ))
        }
    }

    /// Sets a channel variable; an empty value removes it. What was said is data: the switch must not expand
    /// `${…}` in it, and it refuses such a value here.
    pub(crate) fn set_variable(self, name: &str, value: &str) {
        let (name, value) = (c_text(name), c_text(value));
        // SAFETY: both texts live during the call; the switch copies them.
        unsafe {
            abi::switch_channel_set_variable_var_check(self.channel(), name.as_ptr(), value.as_ptr(), abi::YES);
        }
    }

    /// Whether there is audio, answered or early. Putting a bug on before would force an early answer.
    pub(crate) fn has_media(self) -> bool {
        // SAFETY: the channel lives.
        unsafe { abi::switch_channel_test_ready(self.channel(), abi::YES, abi::YES) != 0 }
    }

    pub(crate) fn format(self) -> Format {
        let mut codec = abi::CodecImplementation {
            head: [0; 28],
            actual_samples_per_second: 0,
            bits_per_second: 0,
            microseconds_per_packet: 0,
            samples_per_packet: 0,
            decoded_bytes_per_packet: 0,
            encoded_bytes_per_packet: 0,
            channels: 0,
            tail: [0; 203],
        };
        // SAFETY: the structure is at least as long as the switch's.
        unsafe { abi::switch_core_session_get_read_impl(self.raw(), &raw mut codec) };
        Format {
            rate: codec.actual_samples_per_second.clamp(8_000, 96_000),
            channels: codec.channels.clamp(1, 2),
            packet: Duration::from_micros(u64::try_from(codec.microseconds_per_packet).unwrap_or(0).max(10_000)),
        }
    }

    /// Lets the channel's media run for `duration` without doing anything. Only on the session's own thread.
    pub(crate) fn sleep(self, duration: Duration) -> Slept {
        let ms = u32::try_from(duration.as_millis()).unwrap_or(u32::MAX);
        // SAFETY: the session lives, and this is its thread: an application runs.
        match unsafe { abi::switch_ivr_sleep(self.raw(), ms, abi::NO, ptr::null_mut()) } {
            abi::SUCCESS => Slept::Through,
            _ => Slept::Cut,
        }
    }
}

/// A session found by its id. The switch keeps it until this is dropped: hold it shortly.
pub(crate) struct Located(NonNull<abi::Session>);

/// Finds a session.
pub(crate) fn locate(uuid: &str) -> Option<Located> {
    let uuid = c_text(uuid);
    // SAFETY: the text lives during the call. What is found is locked until `Located` is dropped, and the
    // session is only reachable through it.
    unsafe {
        let raw = abi::switch_core_session_perform_locate(uuid.as_ptr(), FILE.as_ptr(), FUNC.as_ptr(), LINE);
        NonNull::new(raw).map(Located)
    }
}

impl Located {
    /// The session, while it is held.
    pub(crate) fn session(&self) -> Session<'_> {
        Session {
            raw: self.0,
            lent: PhantomData,
        }
    }
}

impl Drop for Located {
    fn drop(&mut self) {
        // SAFETY: `locate` locked it, and this happens once.
        unsafe { abi::switch_core_session_rwunlock(self.0.as_ptr()) };
    }
}
