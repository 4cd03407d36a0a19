//! Bytes as they come from the socket, to messages.

use std::marker::PhantomData;

use crate::codec::MAGIC;
use crate::{HEADER, MAX_PAYLOAD, Message, VERSION, WireError};

/// Puts frames together. Fed any bytes, it gives messages, waits, or says once what is wrong and then no more.
///
/// It holds what was pushed and not yet taken: push what one read gave, then take until `None`, and it never
/// holds more than one read and one frame.
#[derive(Debug)]
pub struct Decoder<M> {
    buffer: Vec<u8>,
    begin: usize,
    failed: Option<WireError>,
    unknown: u64,
    message: PhantomData<M>,
}

impl<M> Default for Decoder<M> {
    fn default() -> Self {
        Self {
            buffer: Vec::new(),
            begin: 0,
            failed: None,
            unknown: 0,
            message: PhantomData,
        }
    }
}

impl<M: Message> Decoder<M> {
    /// Takes what was read.
    pub fn push(&mut self, bytes: &[u8]) {
        if self.failed.is_some() {
            return;
        }
        if self.begin > 0 {
            self.buffer.drain(..self.begin);
            self.begin = 0;
        }
        self.buffer.extend_from_slice(bytes);
    }

    /// The next message; `None` until more bytes have come.
    ///
    /// # Errors
    /// The bytes are not this protocol. The same error comes again: close the connection.
    pub fn take(&mut self) -> Result<Option<M>, WireError> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        let taken = self.take_frame();
        if let Err(error) = &taken {
            self.failed = Some(*error);
            self.buffer = Vec::new();
            self.begin = 0;
        }
        taken
    }

    /// Messages of kinds that this side does not know, skipped.
    #[must_use]
    pub const fn unknown(&self) -> u64 {
        self.unknown
    }

    fn take_frame(&mut self) -> Result<Option<M>, WireError> {
        loop {
            let waiting = &self.buffer[self.begin..];
            // A stranger is known by its first byte, not only when eight have come.
            if waiting.iter().zip(MAGIC).any(|(byte, magic)| *byte != magic) {
                return Err(WireError::Magic);
            }
            if let Some(version) = waiting.get(2).filter(|version| **version != VERSION) {
                return Err(WireError::Version(*version));
            }
            let Some((header, rest)) = waiting.split_first_chunk::<HEADER>() else {
                return Ok(None);
            };
            let length = u32::from_le_bytes([header[4], header[5], header[6], header[7]]) as usize;
            if length > MAX_PAYLOAD {
                return Err(WireError::TooLong { field: "payload" });
            }
            let Some(payload) = rest.get(..length) else {
                return Ok(None);
            };
            let message = M::decode(header[3], payload)?;
            self.begin += HEADER + length;
            match message {
                Some(message) => return Ok(Some(message)),
                None => self.unknown += 1,
            }
        }
    }
}
