//! Files of what was computed from a pack, so that the next start need not compute it: a mark, a key of what it was computed from, a
//! body and a checksum. A file is written whole or not at all.

use std::io::ErrorKind;
use std::path::Path;

/// First in a file: eight bytes, the last but one tells its version.
pub(crate) type Mark = [u8; 8];

/// What a file holds.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Kept {
    /// There is no file.
    Nothing,
    /// It was computed from something else, or by another version.
    Stale,
    /// It is cut, changed, or cannot be read.
    Damaged,
    Body(Vec<u8>),
}

pub(crate) fn read(file: &Path, mark: Mark, key: u64) -> Kept {
    let bytes = match std::fs::read(file) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == ErrorKind::NotFound => return Kept::Nothing,
        Err(_) => return Kept::Damaged,
    };
    let Some((body, sum)) = bytes.split_last_chunk::<8>() else {
        return Kept::Damaged;
    };
    if checksum(body) != u64::from_le_bytes(*sum) {
        return Kept::Damaged;
    }
    match body
        .strip_prefix(&mark)
        .and_then(|rest| rest.strip_prefix(&key.to_le_bytes()))
    {
        Some(rest) => Kept::Body(rest.to_vec()),
        None => Kept::Stale,
    }
}

/// All of it appears at once.
pub(crate) fn write(file: &Path, mark: Mark, key: u64, body: &[u8]) -> std::io::Result<()> {
    let mut bytes = mark.to_vec();
    bytes.extend(key.to_le_bytes());
    bytes.extend(body);
    let sum = checksum(&bytes);
    bytes.extend(sum.to_le_bytes());
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let fresh = file.with_extension(format!("{}.new", std::process::id()));
    std::fs::write(&fresh, bytes)?;
    std::fs::rename(&fresh, file)
}

/// FNV-1a.
pub(crate) fn checksum(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
