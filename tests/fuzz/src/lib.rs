//! Everything that parses bytes which somebody else wrote, each behind one function for a fuzzer.
//!
//! The first byte of an input of a stream says how the rest is cut into reads. What must hold: nothing panics, nothing
//! grows beyond its bound, and how a stream is cut makes no difference to what is read from it.
//!
//! `cargo xtask fuzz TARGET --seconds N` runs libFuzzer on one of them; `tests/seeds.rs` runs all of them on
//! the seeds and on broken copies of these, with every other test.

mod ground;
mod media;
mod streams;
mod telephony;

/// Takes any bytes; panics when something does not hold.
pub type Target = fn(&[u8]);

/// By name, as in `cargo xtask fuzz`.
pub const TARGETS: &[(&str, Target)] = &[
    ("aeap", telephony::aeap),
    ("ami", streams::ami),
    ("audiosocket", streams::audiosocket),
    ("esl", streams::esl),
    ("fastagi", streams::fastagi),
    ("ground", ground::ground),
    ("modwire", streams::modwire),
    ("recording", media::recording),
    ("rtp", media::rtp),
    ("sdp", telephony::sdp),
    ("sip", telephony::sip),
    ("srtp", telephony::srtp),
];

/// The target of that name.
#[must_use]
pub fn target(name: &str) -> Option<Target> {
    TARGETS
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, target)| *target)
}
