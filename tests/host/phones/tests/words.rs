//! Over a real Asterisk 22, what is said is placed where it was said: within 100 ms, whatever happens in the call.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use sidetone_phones::{Asterisk, assert_words_in_place};

#[test]
fn by_snoop() {
    assert_words_in_place(&mut Asterisk::start("words-snoop", 21_600), "snoop");
}

#[test]
fn by_chanspy() {
    assert_words_in_place(&mut Asterisk::start("words-chanspy", 22_200), "chanspy");
}
