//! No party of a call over a real FreeSWITCH 1.10 hears anything else because Sidetone listens, and what is said is
//! placed where it was said. See tests/host/README.md for what it needs.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::sync::{Mutex, PoisonError};

use sidetone_phones::{Freeswitch, assert_no_party_is_harmed, assert_words_in_place};

/// Below the ports that the system hands out: the phones take those.
const PORT: u16 = 23_000;
/// One switch at a time.
static TURN: Mutex<()> = Mutex::new(());

fn unharmed(tap: &str) {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    assert_no_party_is_harmed(|name| Freeswitch::start(name, PORT, tap == "module"), &[tap]);
}

fn words(tap: &str) {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    assert_words_in_place(&mut Freeswitch::start("words", PORT, tap == "module"), tap);
}

#[test]
fn nobody_is_harmed_by_native() {
    unharmed("native");
}

#[test]
fn nobody_is_harmed_by_eavesdrop() {
    unharmed("eavesdrop");
}

#[test]
fn nobody_is_harmed_by_passive() {
    unharmed("passive");
}

#[test]
fn nobody_is_harmed_by_the_module() {
    unharmed("module");
}

#[test]
fn words_by_native() {
    words("native");
}

#[test]
fn words_by_eavesdrop() {
    words("eavesdrop");
}

#[test]
fn words_by_passive() {
    words("passive");
}

#[test]
fn words_by_the_module() {
    words("module");
}
