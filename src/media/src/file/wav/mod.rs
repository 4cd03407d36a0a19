//! RIFF WAVE and RF64: every encoding that switches, recorders and editors write without compression.
//!
//! The one reader of WAV files: recordings of calls, clips of benches and models are read by it.

mod format;

#[cfg(test)]
mod tests;

use super::{Audio, FileError};
use format::Format;

pub(super) const KIND: &str = "WAV";
/// A length that RF64 gives elsewhere, and that recorders write who do not know the length yet.
const UNKNOWN: u32 = u32::MAX;

/// Whether a file begins as one of those that are read here.
pub(super) fn is_wav(bytes: &[u8]) -> bool {
    matches!(bytes.get(..4), Some(b"RIFF" | b"RF64" | b"BW64")) && bytes.get(8..12) == Some(b"WAVE")
}

/// Reads a whole file. A `data` chunk whose length was never written (0 or 0xFFFFFFFF: the recorder died, or
/// streamed) reaches to the end of the file; one that is longer than the file gives what there is.
///
/// # Errors
/// When it is no WAV, holds no sound, or its encoding is not understood.
pub fn read(bytes: &[u8]) -> Result<Audio, FileError> {
    if !is_wav(bytes) {
        return Err(FileError::UnknownKind);
    }
    let truncated = FileError::Truncated { kind: KIND };
    let mut rest = bytes.get(12..).unwrap_or_default();
    let (mut format, mut long) = (None, None);
    loop {
        let (Some(name), Some(length)) = (rest.get(..4), u32_at(rest, 4)) else {
            return Err(truncated);
        };
        let body = rest.get(8..).unwrap_or_default();
        let length = match (name, long) {
            (b"data", Some(long)) if length == UNKNOWN => long,
            _ => length as usize,
        };
        let chunk = body.get(..length.min(body.len())).unwrap_or_default();
        match (name, &format) {
            // RF64: the lengths that do not fit into 32 bits; that of `data` comes second.
            (b"ds64", _) => long = u64_at(chunk, 8).and_then(|length| usize::try_from(length).ok()),
            (b"fmt ", _) => format = Some(Format::read(chunk).ok_or_else(|| truncated.clone())?),
            (b"data", Some(format)) => {
                let unwritten = length == 0 && !are_chunks(body);
                return format.decode(if unwritten { body } else { chunk });
            }
            (b"data", None) => {
                return Err(FileError::Unsupported {
                    kind: KIND,
                    reason: "the sound comes before its format; convert it with `sox IN.wav OUT.wav`".to_owned(),
                });
            }
            _ => {}
        }
        // Chunks are padded to even lengths.
        let next = length.saturating_add(length % 2);
        rest = body.get(next.min(body.len())..).unwrap_or_default();
    }
}

/// Whether these bytes are chunks up to their very end: then a `data` chunk of length 0 before them is empty.
fn are_chunks(mut bytes: &[u8]) -> bool {
    while let (Some(name), Some(length)) = (bytes.get(..4), u32_at(bytes, 4)) {
        let end = 8_usize
            .saturating_add(length as usize)
            .saturating_add(length as usize % 2);
        if !name.iter().all(|byte| matches!(byte, b' '..=b'~')) || end > bytes.len() + 1 {
            return false;
        }
        bytes = bytes.get(end..).unwrap_or_default();
    }
    bytes.is_empty()
}

/// The file of 16-bit linear audio.
#[must_use]
pub fn write(audio: &Audio) -> Vec<u8> {
    let channels = audio.channels.len() as u32;
    let length = audio.channels.iter().map(Vec::len).min().unwrap_or(0);
    let data = length as u32 * channels * 2;
    let mut out = Vec::with_capacity(44 + data as usize);
    out.extend(b"RIFF");
    out.extend((36 + data).to_le_bytes());
    out.extend(b"WAVEfmt \x10\0\0\0\x01\0");
    out.extend((channels as u16).to_le_bytes());
    out.extend(audio.rate.0.to_le_bytes());
    out.extend((audio.rate.0 * channels * 2).to_le_bytes());
    out.extend((channels as u16 * 2).to_le_bytes());
    out.extend(b"\x10\0data");
    out.extend(data.to_le_bytes());
    for n in 0..length {
        let samples = audio.channels.iter().filter_map(|channel| channel.get(n));
        out.extend(samples.flat_map(|sample| sample.to_le_bytes()));
    }
    out
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(bytes.get(at..at + 8)?.try_into().ok()?))
}
