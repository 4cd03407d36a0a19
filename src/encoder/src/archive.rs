//! As much of zip as an .npz file needs: files that are stored or deflated, found by the directory at the end.

use std::collections::HashMap;

use miniz_oxide::inflate::decompress_to_vec_with_limit;

use crate::EncoderError;

const END: [u8; 4] = *b"PK\x05\x06";
const END_LEN: usize = 22;
const ENTRY: [u8; 4] = *b"PK\x01\x02";
const ENTRY_LEN: usize = 46;
const FILE: [u8; 4] = *b"PK\x03\x04";
const FILE_LEN: usize = 30;
const LONGEST_COMMENT: usize = 0xffff;

const STORED: u16 = 0;
const DEFLATED: u16 = 8;

struct Entry {
    method: u16,
    packed: usize,
    at: usize,
}

/// The files of an archive.
pub(crate) struct Archive<'a> {
    bytes: &'a [u8],
    entries: HashMap<&'a [u8], Entry>,
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn size_at(bytes: &[u8], at: usize) -> Option<usize> {
    usize::try_from(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?)).ok()
}

impl<'a> Archive<'a> {
    /// Reads the directory.
    pub(crate) fn read(bytes: &'a [u8]) -> Result<Self, EncoderError> {
        let from = bytes.len().saturating_sub(END_LEN + LONGEST_COMMENT);
        let end = bytes[from..].windows(END.len()).rposition(|window| window == END);
        let end = end.ok_or(EncoderError::Archive("it has no end"))? + from;
        let entries = Self::directory(bytes, end).ok_or(EncoderError::Archive("its directory is damaged"))?;
        Ok(Self { bytes, entries })
    }

    fn directory(bytes: &'a [u8], end: usize) -> Option<HashMap<&'a [u8], Entry>> {
        let count = u16_at(bytes, end + 10)?;
        if bytes.len() != end + END_LEN + usize::from(u16_at(bytes, end + 20)?) {
            return None;
        }
        let mut rest = bytes.get(size_at(bytes, end + 16)?..end)?;
        let mut entries = HashMap::new();
        for _ in 0..count {
            if rest.get(..ENTRY.len())? != ENTRY {
                return None;
            }
            let field = |at| u16_at(rest, at).map(usize::from);
            let name = rest.get(ENTRY_LEN..ENTRY_LEN + field(28)?)?;
            let entry = Entry {
                method: u16_at(rest, 10)?,
                packed: size_at(rest, 20)?,
                at: size_at(rest, 42)?,
            };
            rest = rest.get(ENTRY_LEN + field(28)? + field(30)? + field(32)?..)?;
            entries.insert(name, entry);
        }
        Some(entries)
    }

    /// A file's content, at most `limit` bytes of it; `None` when it is not there, damaged or longer.
    pub(crate) fn file(&self, name: &str, limit: usize) -> Option<Vec<u8>> {
        let entry = self.entries.get(name.as_bytes())?;
        let file = self.bytes.get(entry.at..)?;
        if file.get(..FILE.len())? != FILE {
            return None;
        }
        let from = FILE_LEN + usize::from(u16_at(file, 26)?) + usize::from(u16_at(file, 28)?);
        let packed = file.get(from..)?.get(..entry.packed)?;
        match entry.method {
            STORED => (packed.len() <= limit).then(|| packed.to_vec()),
            DEFLATED => decompress_to_vec_with_limit(packed, limit).ok(),
            _ => None,
        }
    }
}
