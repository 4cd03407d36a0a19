//! A number's hash: a CRM that has the salt finds its caller by it, and nobody reads the number from it.

use std::fmt::Write;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use sidetone_base::Secret;

/// Bytes of the hash that are kept.
const KEPT: usize = 16;
/// The country whose code people write or leave out.
const COUNTRY: &str = "86";
/// Digits of the shortest national number, without its leading zero.
const NATIONAL: usize = 10;

/// HMAC-SHA-256 of the number's digits under `salt`, its first 16 bytes in hex; nothing for a number without digits.
pub fn hash(salt: &Secret, number: &str) -> Option<String> {
    let digits = national(number);
    let mut mac = Hmac::<Sha256>::new_from_slice(salt.expose().as_bytes()).ok()?;
    mac.update(digits.as_bytes());
    let mut hex = String::with_capacity(2 * KEPT);
    for byte in mac.finalize().into_bytes().iter().take(KEPT) {
        write!(hex, "{byte:02x}").ok()?;
    }
    (!digits.is_empty()).then_some(hex)
}

/// The number's digits without leading zeros, and without the country's code before a whole national number: however a
/// switch writes it, it is the same.
fn national(number: &str) -> String {
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    let bare = digits.trim_start_matches('0');
    let home = bare.strip_prefix(COUNTRY).filter(|rest| rest.len() >= NATIONAL);
    home.unwrap_or(bare).trim_start_matches('0').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn however_it_is_written_a_number_has_one_hash() {
        let salt = Secret::new("a salt of some length");
        let hashed = |number| hash(&salt, number);
        let mobile = hashed("15400000101");
        // python3: hmac.new(b"a salt of some length", b"15400000101", "sha256").hexdigest()[:32]
        assert_eq!(mobile.as_deref(), Some("e0918b7edde57193c32044a83c4539af"));
        for same in [
            "+8615400000101",
            "008615400000101",
            "015400000101",
            "154-0000-0101",
            "+86 154 0000 0101",
        ] {
            assert_eq!(hashed(same), mobile, "{same}");
        }
        assert_eq!(hashed("0531-00000101"), hashed("+86 531 0000 0101"));
        assert_eq!(
            national("86120001"),
            "86120001",
            "a local number that begins like the country's code"
        );
        assert_ne!(hashed("15400000102"), mobile);
        assert_ne!(hash(&Secret::new("another"), "15400000101"), mobile);
        assert_eq!(hashed("anonymous"), None);
    }
}
