//! No party of a call over a real Asterisk 22 hears anything else because Sidetone listens.
//!
//! Each phone sends a tone of its own; what each of them gets is measured without Sidetone and with each kind of
//! tap. Needs what `deploy/setup.sh switch` and `sidetone models fetch` install, as `make test` does.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use sidetone_phones::{Asterisk, assert_no_party_is_harmed};

#[test]
fn no_party_hears_anything_else() {
    assert_no_party_is_harmed(|name| Asterisk::start(name, 21_000), &["snoop", "chanspy"]);
}
