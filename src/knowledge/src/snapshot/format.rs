//! The file: a header, a table of sections, the sections. All numbers are little-endian.
//!
//! | offset | bytes | what |
//! |---|---|---|
//! | 0 | 8 | magic |
//! | 8 | 4 | version |
//! | 12 | 4 | number of sections |
//! | 16 | 8 | length of the file |
//! | 24 | 4 | CRC-32 of the header and the table, with these four bytes as zero |
//! | 28 | 4 | zero |
//! | 32 | 24 each | section: kind, CRC-32 of its bytes, offset, length |

use std::ops::Range;

use thiserror::Error;

const MAGIC: [u8; 8] = *b"STKNOW\r\n";
/// Files of another version are refused: they are built anew, never converted.
pub const VERSION: u32 = 1;
const HEADER: usize = 32;
const ENTRY: usize = 24;
const CHECKSUM: Range<usize> = 24..28;

/// What a section holds. The numbers are part of the format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub(crate) enum Section {
    /// Topics as JSON.
    Topics = 1,
    /// Where each string ends in [`Section::Text`], as `u32`.
    StringEnds,
    /// UTF-8 of all strings; the first ones are the ids of the nodes in order.
    Text,
    /// Fixed rows of nodes, sorted by id.
    Nodes,
    /// Fixed rows of figures, sorted by id, region and first day.
    Figures,
    /// Edges by their first end.
    Out,
    /// Edges by their second end.
    In,
    /// Articles by document and number.
    Places,
    /// Two bytes for each node: how often it is cited, and how much business rests on its document.
    Priors,
    /// Places of the business nodes, as `u32`.
    Business,
    /// Characters and words.
    Tokens,
    /// Where the postings of [`Section::Tokens`] are.
    TokenPostings,
    /// Syllables without tones.
    Syllables,
    /// Where the postings of [`Section::Syllables`] are.
    SyllablePostings,
}

pub(crate) const SECTIONS: [Section; 14] = [
    Section::Topics,
    Section::StringEnds,
    Section::Text,
    Section::Nodes,
    Section::Figures,
    Section::Out,
    Section::In,
    Section::Places,
    Section::Priors,
    Section::Business,
    Section::Tokens,
    Section::TokenPostings,
    Section::Syllables,
    Section::SyllablePostings,
];

/// Why a file is not used.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SnapshotError {
    /// It cannot be read at all.
    #[error("cannot be read: {0}")]
    Unreadable(#[from] std::io::Error),
    /// Another kind of file.
    #[error("is no snapshot of a knowledge base; make one with `sidetone knowledge build`")]
    NotASnapshot,
    /// Made by another version of the program.
    #[error("has format {found}, this program reads {VERSION}; build it anew with `sidetone knowledge build`")]
    Version {
        /// What the file says.
        found: u32,
    },
    /// Shorter or longer than it says.
    #[error("is {found} bytes long and should be {expected}; copy or build it anew")]
    Truncated {
        /// What the header says.
        expected: u64,
        /// What there is.
        found: u64,
    },
    /// A part of it is not what was written.
    #[error("is damaged in its {0}; copy or build it anew")]
    Damaged(&'static str),
}

impl Section {
    fn name(self) -> &'static str {
        match self {
            Self::Topics => "topics",
            Self::StringEnds | Self::Text => "texts",
            Self::Nodes => "nodes",
            Self::Figures => "figures",
            Self::Out | Self::In => "edges",
            Self::Places => "articles",
            Self::Priors | Self::Business => "citations",
            Self::Tokens | Self::TokenPostings => "full text",
            Self::Syllables | Self::SyllablePostings => "syllables",
        }
    }
}

/// Where the sections lie in a file whose checksums hold.
#[derive(Clone, Debug, Default)]
pub(crate) struct Layout {
    ranges: [Range<usize>; SECTIONS.len()],
}

impl Layout {
    /// Checks the header and every section's checksum.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, SnapshotError> {
        if bytes.get(..8) != Some(&MAGIC) {
            return Err(SnapshotError::NotASnapshot);
        }
        let found = bytes.len() as u64;
        let short = |expected| SnapshotError::Truncated { expected, found };
        let version = u32_at(bytes, 8).ok_or(short(HEADER as u64))?;
        if version != VERSION {
            return Err(SnapshotError::Version { found: version });
        }
        let expected = u64_at(bytes, 16).ok_or(short(HEADER as u64))?;
        if expected != found {
            return Err(short(expected));
        }
        let damaged = SnapshotError::Damaged("header");
        let count = u32_at(bytes, 12).unwrap_or_default() as usize;
        let Some(table) = count.checked_mul(ENTRY).and_then(|len| bytes.get(..HEADER + len)) else {
            return Err(damaged);
        };
        if count != SECTIONS.len() || header_checksum(table) != u32_at(bytes, CHECKSUM.start) {
            return Err(damaged);
        }
        let mut layout = Self::default();
        for (at, section) in SECTIONS.into_iter().enumerate() {
            let entry = HEADER + at * ENTRY;
            let (kind, checksum) = (u32_at(bytes, entry), u32_at(bytes, entry + 4));
            let (begin, len) = (u64_at(bytes, entry + 8), u64_at(bytes, entry + 16));
            let (Some(begin), Some(len)) = (begin, len) else {
                return Err(SnapshotError::Damaged("header"));
            };
            let range = begin as usize..(begin as usize).saturating_add(len as usize);
            let body = bytes.get(range.clone()).ok_or(SnapshotError::Damaged(section.name()))?;
            if kind != Some(section as u32) || checksum != Some(crc32fast::hash(body)) {
                return Err(SnapshotError::Damaged(section.name()));
            }
            layout.ranges[at] = range;
        }
        Ok(layout)
    }

    pub(crate) fn of<'a>(&self, bytes: &'a [u8], section: Section) -> &'a [u8] {
        let range = self.ranges.get(section as usize - 1).cloned().unwrap_or_default();
        bytes.get(range).unwrap_or_default()
    }
}

/// Header and table of a file with these sections in the order of [`SECTIONS`].
pub(crate) fn header(sections: &[Vec<u8>]) -> Vec<u8> {
    let mut begin = HEADER + sections.len() * ENTRY;
    let total = begin + sections.iter().map(Vec::len).sum::<usize>();
    let mut out = Vec::with_capacity(begin);
    out.extend_from_slice(&MAGIC);
    put(&mut out, VERSION);
    put(&mut out, sections.len() as u32);
    out.extend_from_slice(&(total as u64).to_le_bytes());
    out.extend_from_slice(&[0; 8]);
    for (kind, section) in SECTIONS.into_iter().zip(sections) {
        put(&mut out, kind as u32);
        put(&mut out, crc32fast::hash(section));
        out.extend_from_slice(&(begin as u64).to_le_bytes());
        out.extend_from_slice(&(section.len() as u64).to_le_bytes());
        begin += section.len();
    }
    let checksum = header_checksum(&out).unwrap_or_default();
    out[CHECKSUM].copy_from_slice(&checksum.to_le_bytes());
    out
}

fn header_checksum(table: &[u8]) -> Option<u32> {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(table.get(..CHECKSUM.start)?);
    hasher.update(&[0; 4]);
    hasher.update(table.get(CHECKSUM.end..)?);
    Some(hasher.finalize())
}

pub(crate) fn put(out: &mut Vec<u8>, number: u32) {
    out.extend_from_slice(&number.to_le_bytes());
}

pub(crate) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let slice = bytes.get(at..at.checked_add(4)?)?;
    slice.try_into().ok().map(u32::from_le_bytes)
}

pub(crate) fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    let slice = bytes.get(at..at.checked_add(8)?)?;
    slice.try_into().ok().map(u64::from_le_bytes)
}

/// Seven bits a byte, lowest first.
pub(crate) fn put_varint(out: &mut Vec<u8>, mut number: u32) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// The number and what follows it; `None` where the bytes end within it or it has more than 32 bits.
pub(crate) fn varint(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let mut number = 0_u32;
    for (at, &byte) in bytes.iter().enumerate().take(5) {
        number |= u32::from(byte & 0x7f).checked_shl(at as u32 * 7)?;
        if byte & 0x80 == 0 {
            return Some((number, &bytes[at + 1..]));
        }
    }
    None
}

/// Where the sections begin.
#[cfg(test)]
pub(crate) const BODY: usize = HEADER + SECTIONS.len() * ENTRY;

/// Writes checksums anew, over whatever the sections hold.
#[cfg(test)]
pub(crate) fn seal(bytes: &mut [u8]) {
    for at in 0..SECTIONS.len() {
        let entry = HEADER + at * ENTRY;
        let begin = u64_at(bytes, entry + 8).unwrap() as usize;
        let len = u64_at(bytes, entry + 16).unwrap() as usize;
        let checksum = crc32fast::hash(&bytes[begin..begin + len]);
        bytes[entry + 4..entry + 8].copy_from_slice(&checksum.to_le_bytes());
    }
    let checksum = header_checksum(&bytes[..BODY]).unwrap();
    bytes[CHECKSUM].copy_from_slice(&checksum.to_le_bytes());
}
