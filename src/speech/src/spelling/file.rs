//! The file of a language model, read from bytes and believed in nothing.
//!
//! Made by `models/train/lm.py`. Numbers are little-endian, costs are bytes in twelfths of a nat.
//!
//! ```text
//! "SPELLM2\n"
//! deflated (RFC 1951):
//!     u16 count of syllables; each: u8 length, ASCII with its tone ("ni3")
//!     u16 count of words; the first is the sentence's edge, without characters and sounds. Each:
//!         u8 cost, u8 cost of backing off after it, u8 characters, u8 pronunciations
//!         characters × u16: UTF-16
//!         pronunciations × (u8 cost, characters × u16: numbers of syllables)
//!     for each word: u16 count of words that follow, its row
//!     for each word of each row: how many numbers lie between it and the one before in its row; seven bits a byte, the
//!         lowest first, the top bit set where more follow
//!     for each word of each row: u8 cost
//! u32 Adler-32 of everything before
//! ```
//!
//! What is alike lies together, so that it packs well: a pair takes two bytes.

use miniz_oxide::inflate::decompress_to_vec_with_limit;

use super::syllable::{Syllable, split};

const MAGIC: &[u8; 8] = b"SPELLM2\n";
/// Bytes that a file may have once it is unpacked.
const MOST_UNPACKED: usize = 32 << 20;
/// Characters that a word may have.
pub(super) const LONGEST_WORD: usize = 8;

/// Why a language model cannot be used.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum ModelError {
    /// Another kind of file, or another version.
    #[error("not a language model of this version: it must begin with SPELLM2")]
    Magic,
    /// Cut off, or a count is wrong.
    #[error("the language model ends at byte {at}, within {what}")]
    Truncated {
        /// Where more was needed, of what was unpacked.
        at: usize,
        /// What should be there.
        what: &'static str,
    },
    /// What follows the first line is not what was packed, or more than a model may be.
    #[error("the language model cannot be unpacked")]
    Packed,
    /// Bytes were changed.
    #[error("the language model's checksum is {found:08x}, it should be {wanted:08x}")]
    Checksum {
        /// Of the bytes.
        found: u32,
        /// As the file says.
        wanted: u32,
    },
    /// An entry of the table of syllables.
    #[error("syllable {number} of the language model is none")]
    Syllable {
        /// From 0.
        number: usize,
    },
    /// An entry of the list of words.
    #[error("word {number} of the language model: {what}")]
    Word {
        /// From 0.
        number: usize,
        /// What is wrong with it.
        what: &'static str,
    },
    /// A row of words that follow.
    #[error("what follows word {number} of the language model: {what}")]
    Row {
        /// The word, from 0.
        number: usize,
        /// What is wrong.
        what: &'static str,
    },
    /// Bytes after the end.
    #[error("{0} bytes too many in the language model")]
    Trailing(usize),
}

/// What the file says, checked but not yet arranged.
#[derive(Default)]
pub(super) struct Raw {
    /// Spellings without tone; [`Syllable::plain`] points here.
    pub(super) plains: Vec<String>,
    pub(super) words: Vec<RawWord>,
    /// Where each word's row begins in `next`, and one more.
    pub(super) rows: Vec<u32>,
    pub(super) next: Vec<u16>,
    pub(super) next_cost: Vec<u8>,
}

/// One word as the file has it.
pub(super) struct RawWord {
    pub(super) cost: u8,
    pub(super) back: u8,
    pub(super) text: Vec<char>,
    pub(super) sounds: Vec<(u8, Vec<Syllable>)>,
}

/// Reads a whole file.
pub(super) fn read(bytes: &[u8]) -> Result<Raw, ModelError> {
    let packed = checked(bytes)?;
    let body = decompress_to_vec_with_limit(packed, MOST_UNPACKED).map_err(|_| ModelError::Packed)?;
    let mut from = Reader { bytes: &body, at: 0 };
    let mut raw = Raw::default();
    let syllables = read_syllables(&mut from, &mut raw)?;
    for number in 0..usize::from(from.u16("the count of words")?) {
        let word = read_word(&mut from, number, &syllables)?;
        raw.words.push(word);
    }
    if raw.words.is_empty() {
        return Err(ModelError::Word {
            number: 0,
            what: "the sentence's edge is missing",
        });
    }
    read_rows(&mut from, &mut raw)?;
    match body.len() - from.at {
        0 => Ok(raw),
        more => Err(ModelError::Trailing(more)),
    }
}

/// What is packed, between the first line and the checksum, which is right.
fn checked(bytes: &[u8]) -> Result<&[u8], ModelError> {
    if !bytes.starts_with(MAGIC) {
        return Err(ModelError::Magic);
    }
    let Some((packed, sum)) = bytes[MAGIC.len()..].split_last_chunk::<4>() else {
        return Err(ModelError::Truncated {
            at: bytes.len(),
            what: "the checksum",
        });
    };
    let (wanted, found) = (u32::from_le_bytes(*sum), adler(&bytes[..MAGIC.len() + packed.len()]));
    if wanted == found {
        Ok(packed)
    } else {
        Err(ModelError::Checksum { found, wanted })
    }
}

fn read_syllables(from: &mut Reader<'_>, raw: &mut Raw) -> Result<Vec<Syllable>, ModelError> {
    let mut numbers = std::collections::HashMap::new();
    let count = usize::from(from.u16("the count of syllables")?);
    let mut table = Vec::with_capacity(count);
    for number in 0..count {
        let len = usize::from(from.u8("a syllable")?);
        let token = from.take(len, "a syllable")?;
        let Some((plain, tone)) = std::str::from_utf8(token).ok().and_then(split) else {
            return Err(ModelError::Syllable { number });
        };
        let next = numbers.len() as u16;
        let plain = *numbers.entry(plain).or_insert_with_key(|plain| {
            raw.plains.push(plain.clone());
            next
        });
        table.push(Syllable { plain, tone });
    }
    Ok(table)
}

fn read_word(from: &mut Reader<'_>, number: usize, table: &[Syllable]) -> Result<RawWord, ModelError> {
    let fault = |what| ModelError::Word { number, what };
    let [cost, back, chars, readings] = [
        from.u8("a word")?,
        from.u8("a word")?,
        from.u8("a word")?,
        from.u8("a word")?,
    ];
    let len = usize::from(chars);
    if number == 0 && (len, readings) != (0, 0) {
        return Err(fault("the sentence's edge has neither characters nor sounds"));
    }
    if number > 0 && !(1..=LONGEST_WORD).contains(&len) {
        return Err(fault("a word has 1 to 8 characters"));
    }
    if number > 0 && readings == 0 {
        return Err(fault("no pronunciation"));
    }
    let text = (0..len)
        .map(|_| from.u16("a word's characters"))
        .map(|unit| char::from_u32(u32::from(unit?)).ok_or(fault("half of a character")))
        .collect::<Result<_, _>>()?;
    let mut sounds = Vec::with_capacity(readings.into());
    for _ in 0..readings {
        let cost = from.u8("a word's sounds")?;
        let syllables = (0..len)
            .map(|_| from.u16("a word's sounds"))
            .map(|at| table.get(usize::from(at?)).copied().ok_or(fault("an unknown syllable")))
            .collect::<Result<_, _>>()?;
        sounds.push((cost, syllables));
    }
    Ok(RawWord {
        cost,
        back,
        text,
        sounds,
    })
}

fn read_rows(from: &mut Reader<'_>, raw: &mut Raw) -> Result<(), ModelError> {
    let words = raw.words.len();
    let counts: Vec<u16> = (0..words)
        .map(|_| from.u16("a row's length"))
        .collect::<Result<_, _>>()?;
    raw.rows.push(0);
    for (number, count) in counts.into_iter().enumerate() {
        let mut least = 0;
        for _ in 0..count {
            let word = least + from.gap("a row")?;
            if word >= words {
                let what = "an unknown word";
                return Err(ModelError::Row { number, what });
            }
            raw.next.push(word as u16);
            least = word + 1;
        }
        raw.rows.push(raw.next.len() as u32);
    }
    raw.next_cost = from.take(raw.next.len(), "the costs of rows")?.to_vec();
    Ok(())
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn take(&mut self, len: usize, what: &'static str) -> Result<&'a [u8], ModelError> {
        let end = self.bytes.len();
        let taken = self.bytes.get(self.at..self.at + len);
        let taken = taken.ok_or(ModelError::Truncated { at: end, what })?;
        self.at += len;
        Ok(taken)
    }

    fn u8(&mut self, what: &'static str) -> Result<u8, ModelError> {
        Ok(self.take(1, what)?[0])
    }

    fn u16(&mut self, what: &'static str) -> Result<u16, ModelError> {
        let two = self.take(2, what)?;
        Ok(u16::from_le_bytes([two[0], two[1]]))
    }

    /// Of at most three bytes; there are no more words than two can count.
    fn gap(&mut self, what: &'static str) -> Result<usize, ModelError> {
        let mut gap = 0;
        for shift in [0, 7, 14] {
            let byte = self.u8(what)?;
            gap |= usize::from(byte & 0x7F) << shift;
            if byte & 0x80 == 0 {
                break;
            }
        }
        Ok(gap)
    }
}

/// Adler-32, as in RFC 1950.
fn adler(bytes: &[u8]) -> u32 {
    const BASE: u32 = 65_521;
    let (mut a, mut b) = (1_u32, 0_u32);
    // So many bytes fit before the sums overflow.
    for block in bytes.chunks(5_552) {
        for &byte in block {
            a += u32::from(byte);
            b += a;
        }
        a %= BASE;
        b %= BASE;
    }
    b << 16 | a
}

#[cfg(test)]
pub(super) mod tests;
