//! SRTP as SDES phones use it (RFC 3711, RFC 4568): AES in counter mode, HMAC-SHA1.

use aes::Aes128;
use aes::cipher::{BlockCipherEncrypt, KeyInit};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use sha1::Sha1;

/// Why a key or a packet is of no use.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SrtpError {
    /// Another cipher than AES-128 in counter mode.
    #[error("the leg is encrypted with {0}, which is not decrypted here")]
    Suite(String),
    /// The line has no key of the right length.
    #[error("the leg's key line has no key")]
    Key,
    /// It is too short for RTP and a tag.
    #[error("a packet is too short")]
    Short,
    /// Somebody else's, damaged, or of another key.
    #[error("a packet's tag is wrong")]
    Tag,
}

const KEY: usize = 16;
const SALT: usize = 14;

/// How many turns of the sequence number a stream may have behind it when it is first heard: two days at 50 packets a
/// second. Each that is tried costs a microsecond or two.
const TURNS: u32 = 128;
/// So many packets in a row without a right tag, and the turn is looked for anew.
const LOST: u32 = 8;

/// Decrypts what one SSRC sends.
pub struct Srtp {
    cipher: Aes128,
    salt: [u8; SALT],
    auth: [u8; 20],
    tag: usize,
    /// The stream, its roll-over counter and the highest sequence number that was authentic.
    stream: Option<(u32, u32, u16)>,
    /// Packets in a row whose tag was wrong.
    wrong: u32,
}

impl std::fmt::Debug for Srtp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Srtp(‹redacted›)")
    }
}

impl Srtp {
    /// From the line as signalled: `AES_CM_128_HMAC_SHA1_80 inline:<base64>|2^20|1:4`, with or without the
    /// `a=crypto:1` before it.
    ///
    /// # Errors
    /// When it is another suite, or no key.
    pub fn new(line: &str) -> Result<Self, SrtpError> {
        let mut words = line
            .split_ascii_whitespace()
            .map(|word| word.trim_start_matches("a=crypto:"));
        let suite = words.find(|word| word.starts_with("AES_") || word.starts_with("AEAD_"));
        let tag = match suite {
            Some("AES_CM_128_HMAC_SHA1_80") => 10,
            Some("AES_CM_128_HMAC_SHA1_32") => 4,
            other => return Err(SrtpError::Suite(other.unwrap_or("an unknown suite").to_owned())),
        };
        let inline = words
            .find_map(|word| word.strip_prefix("inline:"))
            .ok_or(SrtpError::Key)?;
        let encoded = inline.split('|').next().unwrap_or(inline);
        let material = STANDARD.decode(encoded).map_err(|_| SrtpError::Key)?;
        let (key, salt) = material.split_first_chunk::<KEY>().ok_or(SrtpError::Key)?;
        let salt: [u8; SALT] = salt.try_into().map_err(|_| SrtpError::Key)?;
        Ok(Self::derived(key, &salt, tag))
    }

    /// Session keys (RFC 3711 §4.3.1), derived once: a rate of zero is the only one in use.
    fn derived(key: &[u8; KEY], salt: &[u8; SALT], tag: usize) -> Self {
        let master = Aes128::new(key.into());
        let mut session = [0u8; KEY];
        let (mut auth, mut session_salt) = ([0u8; 20], [0u8; SALT]);
        for (label, out) in [(0u8, &mut session[..]), (1, &mut auth[..]), (2, &mut session_salt[..])] {
            let mut start = [0u8; 16];
            start[..SALT].copy_from_slice(salt);
            start[7] ^= label;
            apply(&master, start, out);
        }
        Self {
            cipher: Aes128::new((&session).into()),
            salt: session_salt,
            auth,
            tag,
            stream: None,
            wrong: 0,
        }
    }

    /// How many packets in a row had a wrong tag: somebody else's, or the key is another one.
    #[must_use]
    pub const fn wrong_in_a_row(&self) -> u32 {
        self.wrong
    }

    /// The packet as it was before encryption.
    ///
    /// # Errors
    /// When it is not of this stream's sender.
    pub fn decrypt(&mut self, packet: &[u8]) -> Result<Vec<u8>, SrtpError> {
        let end = packet.len().checked_sub(self.tag).ok_or(SrtpError::Short)?;
        let (body, tag) = packet.split_at(end);
        let payload = payload_offset(body).ok_or(SrtpError::Short)?;
        let sequence = u16::from_be_bytes([body[2], body[3]]);
        let ssrc = u32::from_be_bytes([body[8], body[9], body[10], body[11]]);
        let Some(rollover) = self.authentic(body, tag, ssrc, sequence)? else {
            self.wrong = self.wrong.saturating_add(1);
            return Err(SrtpError::Tag);
        };
        self.wrong = 0;
        self.seen(ssrc, rollover, sequence);
        let mut out = body.to_vec();
        apply(&self.cipher, self.start(ssrc, rollover, sequence), &mut out[payload..]);
        Ok(out)
    }

    /// The roll-over counter that the tag is right with.
    ///
    /// A stream that is followed has one likely counter. One that is first heard in its middle may have any: a
    /// phone's sequence number turns every 22 minutes, and nothing in the packet says how often it has.
    fn authentic(&self, body: &[u8], tag: &[u8], ssrc: u32, sequence: u16) -> Result<Option<u32>, SrtpError> {
        let mut mac = Hmac::<Sha1>::new_from_slice(&self.auth).map_err(|_| SrtpError::Key)?;
        mac.update(body);
        let is_right = |rollover: &u32| {
            let mut mac = mac.clone();
            mac.update(&rollover.to_be_bytes());
            mac.verify_truncated_left(tag).is_ok()
        };
        let likely = self.rollover(ssrc, sequence);
        if let Some(likely) = likely.filter(is_right) {
            return Ok(Some(likely));
        }
        if likely.is_some() && self.wrong < LOST {
            return Ok(None);
        }
        let known = likely.unwrap_or(0);
        let mut turns = (known..known.saturating_add(TURNS)).chain(0..known.min(TURNS));
        Ok(turns.find(is_right))
    }

    /// RFC 3711 §4.1.1.
    fn start(&self, ssrc: u32, rollover: u32, sequence: u16) -> [u8; 16] {
        let mut start = [0u8; 16];
        start[..SALT].copy_from_slice(&self.salt);
        let index = (u64::from(rollover) << 16) | u64::from(sequence);
        for (byte, other) in start[4..8].iter_mut().zip(ssrc.to_be_bytes()) {
            *byte ^= other;
        }
        for (byte, other) in start[8..14].iter_mut().zip(&index.to_be_bytes()[2..]) {
            *byte ^= other;
        }
        start
    }

    /// RFC 3711 §3.3.1 and appendix A; `None` for a stream that was not heard yet.
    fn rollover(&self, ssrc: u32, sequence: u16) -> Option<u32> {
        let (_, rollover, highest) = self.stream.filter(|(known, ..)| *known == ssrc)?;
        let (sequence, highest) = (i32::from(sequence), i32::from(highest));
        Some(if highest < 0x8000 && sequence - highest > 0x8000 {
            rollover.wrapping_sub(1)
        } else if highest >= 0x8000 && highest - 0x8000 > sequence {
            rollover.wrapping_add(1)
        } else {
            rollover
        })
    }

    fn seen(&mut self, ssrc: u32, rollover: u32, sequence: u16) {
        let index = |rollover: u32, sequence: u16| (u64::from(rollover) << 16) | u64::from(sequence);
        let newer = self.stream.is_none_or(|(known, known_rollover, highest)| {
            known != ssrc || index(rollover, sequence) > index(known_rollover, highest)
        });
        if newer {
            self.stream = Some((ssrc, rollover, sequence));
        }
    }
}

/// Adds the key stream that begins at this counter.
fn apply(cipher: &Aes128, start: [u8; 16], data: &mut [u8]) {
    for (number, chunk) in (0u16..).zip(data.chunks_mut(16)) {
        let mut block = start;
        block[14..].copy_from_slice(&number.to_be_bytes());
        let mut block = block.into();
        cipher.encrypt_block(&mut block);
        for (byte, key) in chunk.iter_mut().zip(block.iter()) {
            *byte ^= key;
        }
    }
}

/// Behind the fixed header, the contributing sources and the extension.
fn payload_offset(packet: &[u8]) -> Option<usize> {
    let first = *packet.first()?;
    let mut offset = 12 + usize::from(first & 15) * 4;
    if first & 0x10 != 0 {
        let words = u16::from_be_bytes([*packet.get(offset + 2)?, *packet.get(offset + 3)?]);
        offset += 4 + usize::from(words) * 4;
    }
    (first >> 6 == 2 && packet.len() >= offset.max(12)).then_some(offset)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn bytes(hex: &str) -> Vec<u8> {
        (0..hex.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap())
            .collect()
    }

    fn keys() -> Srtp {
        let key: [u8; KEY] = bytes("E1F97A0D3E018BE0D64FA32C06DE4139").try_into().unwrap();
        let salt: [u8; SALT] = bytes("0EC675AD498AFEEBB6960B3AABE6").try_into().unwrap();
        Srtp::derived(&key, &salt, 10)
    }

    /// RFC 3711, appendix B.3.
    #[test]
    fn session_keys_are_those_of_the_standard() {
        let srtp = keys();
        assert_eq!(srtp.salt.to_vec(), bytes("30CBBC08863D8C85D49DB34A9AE1"));
        assert_eq!(srtp.auth.to_vec(), bytes("CEBE321F6FF7716B6FD4AB49AF256A156D38BAA4"));
        // The cipher key is not readable; what it makes of a counter of zeros is.
        let known = Aes128::new(
            &<[u8; 16]>::try_from(bytes("C61E7A93744F39EE10734AFE3FF7A087"))
                .unwrap()
                .into(),
        );
        let (mut one, mut other) = ([0u8; 16], [0u8; 16]);
        apply(&srtp.cipher, [0; 16], &mut one);
        apply(&known, [0; 16], &mut other);
        assert_eq!(one, other);
    }

    /// RFC 3711, appendix B.2.
    #[test]
    fn the_key_stream_is_that_of_the_standard() {
        let key: [u8; 16] = bytes("2B7E151628AED2A6ABF7158809CF4F3C").try_into().unwrap();
        let mut start = [0u8; 16];
        start[..14].copy_from_slice(&bytes("F0F1F2F3F4F5F6F7F8F9FAFBFCFD"));
        let mut stream = [0u8; 48];
        apply(&Aes128::new(&key.into()), start, &mut stream);
        assert_eq!(
            stream.to_vec(),
            bytes("E03EAD0935C95E80E166B16DD92B4EB4D23513162B02D0F72A43A2FE4A5F97AB41E95B3BB0A2E8DD477901E4FCA894C0")
        );
    }

    fn encrypted(srtp: &Srtp, sequence: u16, rollover: u32, payload: &[u8]) -> Vec<u8> {
        let mut packet = vec![0x80, 0];
        packet.extend(sequence.to_be_bytes());
        packet.extend([0, 0, 0, 1, 0xca, 0xfe, 0xba, 0xbe]);
        let mut data = payload.to_vec();
        apply(&srtp.cipher, srtp.start(0xcafe_babe, rollover, sequence), &mut data);
        packet.extend(data);
        let mut mac = Hmac::<Sha1>::new_from_slice(&srtp.auth).unwrap();
        mac.update(&packet);
        mac.update(&rollover.to_be_bytes());
        packet.extend(&mac.finalize().into_bytes()[..srtp.tag]);
        packet
    }

    #[test]
    fn a_stream_is_followed_over_its_turn_and_out_of_order() {
        let (sender, mut receiver) = (keys(), keys());
        for (sequence, rollover) in [(65534, 0), (0, 1), (65535, 0), (1, 1)] {
            let packet = encrypted(&sender, sequence, rollover, b"speech");
            assert_eq!(&receiver.decrypt(&packet).unwrap()[12..], b"speech");
        }
        let mut packet = encrypted(&sender, 2, 1, b"speech");
        packet[14] ^= 1;
        assert_eq!(receiver.decrypt(&packet), Err(SrtpError::Tag));
    }

    #[test]
    fn a_stream_is_joined_after_its_number_has_turned() {
        for turns in [0, 1, 2, 63, TURNS - 1] {
            let (sender, mut receiver) = (keys(), keys());
            for (sequence, rollover) in [(40_000, turns), (40_001, turns), (5, turns + 1), (65_535, turns)] {
                let packet = encrypted(&sender, sequence, rollover, b"speech");
                assert_eq!(&receiver.decrypt(&packet).unwrap()[12..], b"speech", "{turns}");
            }
            assert_eq!(receiver.wrong_in_a_row(), 0);
        }
    }

    /// More was missed than half a turn: a capture that stood still, or a sender that began anew.
    #[test]
    fn a_turn_that_was_missed_is_found_after_a_few_packets() {
        let (sender, mut receiver) = (keys(), keys());
        receiver.decrypt(&encrypted(&sender, 100, 3, b"speech")).unwrap();
        let heard = (0..u16::try_from(LOST).unwrap() + 1).map(|number| {
            receiver
                .decrypt(&encrypted(&sender, 200 + number, 5, b"speech"))
                .is_ok()
        });
        assert_eq!(
            heard.collect::<Vec<_>>(),
            [vec![false; LOST as usize], vec![true]].concat()
        );
    }

    #[test]
    fn packets_of_another_key_are_counted() {
        let mut stranger = keys();
        stranger.auth[0] ^= 1;
        let mut receiver = keys();
        for count in 1..20 {
            let packet = encrypted(&stranger, count, 0, b"speech");
            assert_eq!(receiver.decrypt(&packet), Err(SrtpError::Tag));
            assert_eq!(receiver.wrong_in_a_row(), u32::from(count));
        }
    }

    #[test]
    fn key_lines() {
        let key = STANDARD.encode([7u8; 30]);
        for line in [
            format!("1 AES_CM_128_HMAC_SHA1_80 inline:{key}"),
            format!("a=crypto:1 AES_CM_128_HMAC_SHA1_32 inline:{key}|2^20|1:4"),
        ] {
            assert!(Srtp::new(&line).is_ok());
        }
        assert_eq!(
            Srtp::new("1 AEAD_AES_256_GCM inline:x").unwrap_err(),
            SrtpError::Suite("AEAD_AES_256_GCM".into())
        );
        assert_eq!(
            Srtp::new("1 AES_CM_128_HMAC_SHA1_80 inline:AAAA").unwrap_err(),
            SrtpError::Key
        );
    }

    proptest! {
        #[test]
        fn no_bytes_panic(packet in proptest::collection::vec(any::<u8>(), 0..80), line in "[ -~]{0,60}") {
            let _ = keys().decrypt(&packet);
            let _ = Srtp::new(&line);
        }
    }
}
