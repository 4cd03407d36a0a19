//! Fields to bytes and back, every one bounded.

use std::fmt;

use crate::{HEADER, MAX_PAYLOAD, VERSION};

pub(crate) const MAGIC: [u8; 2] = *b"st";

/// Why bytes are no message, or a message cannot be said. The connection ends; state is said anew on the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WireError {
    /// The peer does not speak this protocol.
    Magic,
    /// The peer speaks another version.
    Version(u8),
    /// A payload or field longer than its bound.
    TooLong {
        /// Which.
        field: &'static str,
    },
    /// The payload ended within the field.
    Short {
        /// Which.
        field: &'static str,
    },
    /// A value that the field does not have.
    Value {
        /// Which.
        field: &'static str,
    },
    /// Bytes behind the last field.
    Trailing {
        /// Of which kind.
        kind: u8,
    },
}

impl fmt::Display for WireError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Magic => f.write_str("the peer does not speak the module's protocol"),
            Self::Version(version) => write!(f, "the peer speaks version {version}, not {VERSION}"),
            Self::TooLong { field } => write!(f, "{field} is too long"),
            Self::Short { field } => write!(f, "the message ends within {field}"),
            Self::Value { field } => write!(f, "{field} has no such value"),
            Self::Trailing { kind } => write!(f, "bytes behind the end of a message of kind {kind}"),
        }
    }
}

impl std::error::Error for WireError {}

/// One direction's messages.
pub trait Message: Sized {
    /// Appends the whole frame to `out`; on an error `out` is as it was.
    ///
    /// # Errors
    /// A field longer than its bound.
    fn encode(&self, out: &mut Vec<u8>) -> Result<(), WireError>;

    /// Reads one payload; `None` for a kind that this side does not know.
    ///
    /// # Errors
    /// The payload is not what its kind says.
    fn decode(kind: u8, payload: &[u8]) -> Result<Option<Self>, WireError>;
}

/// `text` cut to at most `max` bytes, at a character's border.
#[must_use]
pub fn fit(text: &str, max: usize) -> &str {
    let mut end = text.len().min(max);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// Writes one frame; the header's length is filled in at the end.
pub(crate) struct Writer<'a> {
    out: &'a mut Vec<u8>,
    begin: usize,
    error: Option<WireError>,
}

impl<'a> Writer<'a> {
    pub(crate) fn new(out: &'a mut Vec<u8>, kind: u8) -> Self {
        let begin = out.len();
        out.extend_from_slice(&[MAGIC[0], MAGIC[1], VERSION, kind, 0, 0, 0, 0]);
        Self {
            out,
            begin,
            error: None,
        }
    }

    pub(crate) fn u8(mut self, value: u8) -> Self {
        self.put(&[value]);
        self
    }

    pub(crate) fn u16(mut self, value: u16) -> Self {
        self.put(&value.to_le_bytes());
        self
    }

    pub(crate) fn u32(mut self, value: u32) -> Self {
        self.put(&value.to_le_bytes());
        self
    }

    pub(crate) fn u64(mut self, value: u64) -> Self {
        self.put(&value.to_le_bytes());
        self
    }

    pub(crate) fn text(mut self, field: &'static str, text: &str, max: usize) -> Self {
        match u16::try_from(text.len()) {
            Ok(length) if text.len() <= max => {
                self.put(&length.to_le_bytes());
                self.put(text.as_bytes());
            }
            _ => self.error = self.error.or(Some(WireError::TooLong { field })),
        }
        self
    }

    pub(crate) fn refuse(mut self, error: WireError) -> Self {
        self.error = self.error.or(Some(error));
        self
    }

    pub(crate) fn samples(mut self, samples: &[i16], max: usize) -> Self {
        if samples.len() > max {
            self.error = self.error.or(Some(WireError::TooLong { field: "samples" }));
            return self;
        }
        self.put(&(samples.len() as u16).to_le_bytes());
        self.out.reserve(samples.len() * 2);
        for sample in samples {
            self.out.extend_from_slice(&sample.to_le_bytes());
        }
        self
    }

    pub(crate) fn finish(self) -> Result<(), WireError> {
        let length = self.out.len() - self.begin - HEADER;
        let error = self
            .error
            .or((length > MAX_PAYLOAD).then_some(WireError::TooLong { field: "payload" }));
        if let Some(error) = error {
            self.out.truncate(self.begin);
            return Err(error);
        }
        self.out[self.begin + 4..self.begin + HEADER].copy_from_slice(&(length as u32).to_le_bytes());
        Ok(())
    }

    fn put(&mut self, bytes: &[u8]) {
        self.out.extend_from_slice(bytes);
    }
}

/// Reads one payload, field by field.
pub(crate) struct Reader<'a> {
    kind: u8,
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(crate) const fn new(kind: u8, payload: &'a [u8]) -> Self {
        Self { kind, rest: payload }
    }

    fn take(&mut self, field: &'static str, length: usize) -> Result<&'a [u8], WireError> {
        let (taken, rest) = self.rest.split_at_checked(length).ok_or(WireError::Short { field })?;
        self.rest = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self, field: &'static str) -> Result<[u8; N], WireError> {
        let (taken, rest) = self.rest.split_first_chunk().ok_or(WireError::Short { field })?;
        self.rest = rest;
        Ok(*taken)
    }

    pub(crate) fn u8(&mut self, field: &'static str) -> Result<u8, WireError> {
        Ok(u8::from_le_bytes(self.array(field)?))
    }

    pub(crate) fn u16(&mut self, field: &'static str) -> Result<u16, WireError> {
        Ok(u16::from_le_bytes(self.array(field)?))
    }

    pub(crate) fn u32(&mut self, field: &'static str) -> Result<u32, WireError> {
        Ok(u32::from_le_bytes(self.array(field)?))
    }

    pub(crate) fn u64(&mut self, field: &'static str) -> Result<u64, WireError> {
        Ok(u64::from_le_bytes(self.array(field)?))
    }

    pub(crate) fn flag(&mut self, field: &'static str) -> Result<bool, WireError> {
        match self.u8(field)? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(WireError::Value { field }),
        }
    }

    pub(crate) fn text(&mut self, field: &'static str, max: usize) -> Result<String, WireError> {
        let length = usize::from(self.u16(field)?);
        if length > max {
            return Err(WireError::TooLong { field });
        }
        let bytes = self.take(field, length)?;
        let text = std::str::from_utf8(bytes).map_err(|_| WireError::Value { field })?;
        Ok(text.to_owned())
    }

    /// A text that goes into headers and lines of the switch: no control characters.
    pub(crate) fn word(&mut self, field: &'static str, max: usize) -> Result<String, WireError> {
        let text = self.text(field, max)?;
        if text.chars().any(char::is_control) {
            return Err(WireError::Value { field });
        }
        Ok(text)
    }

    pub(crate) fn samples(&mut self, max: usize) -> Result<Vec<i16>, WireError> {
        let count = usize::from(self.u16("samples")?);
        if count > max {
            return Err(WireError::TooLong { field: "samples" });
        }
        let bytes = self.take("samples", count * 2)?;
        Ok(bytes
            .chunks_exact(2)
            .map(|b| i16::from_le_bytes([b[0], b[1]]))
            .collect())
    }

    pub(crate) fn finish<T>(self, message: T) -> Result<Option<T>, WireError> {
        if self.rest.is_empty() {
            Ok(Some(message))
        } else {
            Err(WireError::Trailing { kind: self.kind })
        }
    }
}
