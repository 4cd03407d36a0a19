//! The safetensors file: a length, a JSON header, then little-endian floats.

use super::SileroError;

/// The header's entries, as far as they are needed, and the data behind it.
pub(super) struct Weights<'a> {
    header: &'a str,
    data: &'a [u8],
}

impl<'a> Weights<'a> {
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self, SileroError> {
        const SHORT: SileroError = SileroError::Weights("the file is too short");
        let (length, rest) = bytes.split_first_chunk().ok_or(SHORT)?;
        let length = usize::try_from(u64::from_le_bytes(*length)).map_err(|_| SHORT)?;
        let (header, data) = rest.split_at_checked(length).ok_or(SHORT)?;
        let header = std::str::from_utf8(header).map_err(|_| SileroError::Weights("the header is not text"))?;
        Ok(Self { header, data })
    }

    /// The floats of one tensor, which has to have exactly `count` of them.
    ///
    /// The header is machine-written JSON without blanks or escapes, so that finding the name and the
    /// two numbers behind `data_offsets` is enough; anything else is an error.
    pub(super) fn floats(&self, name: &'static str, count: usize) -> Result<Vec<f32>, SileroError> {
        let missing = SileroError::Weights(name);
        let entry = self.header.split_once(&format!("\"{name}\":"));
        let offsets = entry
            .and_then(|(_, rest)| rest.split_once("\"data_offsets\":["))
            .and_then(|(_, rest)| rest.split_once(']'))
            .and_then(|(pair, _)| pair.split_once(','))
            .and_then(|(begin, end)| Some((begin.trim().parse().ok()?, end.trim().parse().ok()?)));
        let Some((begin, end)) = offsets else {
            return Err(missing);
        };
        let bytes: &[u8] = self.data.get(begin..end).ok_or(missing)?;
        if bytes.len() != count * 4 {
            return Err(SileroError::Weights(name));
        }
        Ok(bytes
            .chunks_exact(4)
            .map(|number| f32::from_le_bytes([number[0], number[1], number[2], number[3]]))
            .collect())
    }
}
