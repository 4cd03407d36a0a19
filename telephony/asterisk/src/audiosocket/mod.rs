//! `AudioSocket` frames: one byte of kind, two of length (big-endian), then the payload. Audio is
//! signed 16-bit little-endian.

use sidetone_base::SampleRate;
use sidetone_telephony::Inbox;
use uuid::Uuid;

const HEADER: usize = 3;

/// What Asterisk says on an `AudioSocket` connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Frame {
    /// 0x00: the channel hung up.
    Hangup,
    /// 0x01: which connection this is; always first.
    Id(Uuid),
    /// 0x03: a DTMF digit.
    Dtmf(u8),
    /// 0x10 to 0x18: audio.
    Audio {
        /// Of `samples`.
        rate: SampleRate,
        /// Signed 16-bit mono.
        samples: Vec<i16>,
    },
    /// 0xff: an error, with Asterisk's code if it gave one.
    Error(Option<u8>),
    /// A kind that is not known here; skipped.
    Unknown(u8),
}

/// The stream is not `AudioSocket`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// An identifier is 16 bytes.
    #[error("an AudioSocket identifier of {0} bytes, not 16")]
    BadId(usize),
    /// Half a sample.
    #[error("an AudioSocket audio frame of an odd number of bytes: {0}")]
    OddAudio(usize),
}

/// Splits a byte stream into frames. The length field bounds a frame at 64 KiB.
#[derive(Debug, Default)]
pub struct Decoder {
    inbox: Inbox,
}

impl Decoder {
    /// For a new connection.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Bytes as they came.
    pub fn feed(&mut self, bytes: &[u8]) {
        self.inbox.push(bytes);
    }

    /// The next whole frame.
    ///
    /// # Errors
    /// When the stream is not `AudioSocket`; the connection is of no more use.
    pub fn poll(&mut self) -> Result<Option<Frame>, FrameError> {
        let rest = self.inbox.rest();
        let &[kind, high, low, ..] = rest else { return Ok(None) };
        let length = usize::from(u16::from_be_bytes([high, low]));
        let Some(payload) = rest.get(HEADER..HEADER + length) else {
            return Ok(None);
        };
        let frame = decode(kind, payload)?;
        self.inbox.take(HEADER + length);
        Ok(Some(frame))
    }
}

fn decode(kind: u8, payload: &[u8]) -> Result<Frame, FrameError> {
    Ok(match kind {
        0x00 => Frame::Hangup,
        0x01 => Frame::Id(Uuid::from_slice(payload).map_err(|_| FrameError::BadId(payload.len()))?),
        0x03 => Frame::Dtmf(payload.first().copied().unwrap_or(0)),
        0xff => Frame::Error(payload.first().copied()),
        _ => match rate_of(kind) {
            Some(rate) => Frame::Audio {
                rate,
                samples: samples(payload)?,
            },
            None => Frame::Unknown(kind),
        },
    })
}

/// Asterisk 22 knows nine linear formats; older ones send 0x10 only.
const fn rate_of(kind: u8) -> Option<SampleRate> {
    Some(SampleRate(match kind {
        0x10 => 8_000,
        0x11 => 12_000,
        0x12 => 16_000,
        0x13 => 24_000,
        0x14 => 32_000,
        0x15 => 44_100,
        0x16 => 48_000,
        0x17 => 96_000,
        0x18 => 192_000,
        _ => return None,
    }))
}

fn samples(payload: &[u8]) -> Result<Vec<i16>, FrameError> {
    if !payload.len().is_multiple_of(2) {
        return Err(FrameError::OddAudio(payload.len()));
    }
    Ok(payload
        .chunks_exact(2)
        .map(|pair| i16::from_le_bytes([pair[0], pair[1]]))
        .collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn all(bytes: &[u8]) -> Result<Vec<Frame>, FrameError> {
        let mut decoder = Decoder::new();
        decoder.feed(bytes);
        let mut frames = Vec::new();
        while let Some(frame) = decoder.poll()? {
            frames.push(frame);
        }
        Ok(frames)
    }

    #[test]
    fn the_frames_of_a_short_connection() {
        let mut bytes = vec![0x01, 0, 16];
        bytes.extend_from_slice(&[7; 16]);
        bytes.extend_from_slice(&[0x12, 0, 4, 0x01, 0x00, 0xff, 0xff, 0x10, 0, 2, 0x00, 0x80, 0x00, 0, 0]);
        assert_eq!(
            all(&bytes).unwrap(),
            [
                Frame::Id(Uuid::from_bytes([7; 16])),
                Frame::Audio {
                    rate: SampleRate::WIDE,
                    samples: vec![1, -1]
                },
                Frame::Audio {
                    rate: SampleRate::NARROW,
                    samples: vec![i16::MIN]
                },
                Frame::Hangup,
            ]
        );
    }

    #[test]
    fn half_a_sample_is_refused() {
        assert_eq!(all(&[0x10, 0, 1, 9]), Err(FrameError::OddAudio(1)));
        assert_eq!(all(&[0x01, 0, 1, 9]), Err(FrameError::BadId(1)));
    }

    proptest! {
        #[test]
        fn no_bytes_panic_or_grow(chunks in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..300), 0..30)) {
            let mut decoder = Decoder::new();
            for chunk in chunks {
                decoder.feed(&chunk);
                loop {
                    match decoder.poll() {
                        Ok(Some(_)) => {}
                        Ok(None) => break,
                        Err(_) => return Ok(()),
                    }
                }
                prop_assert!(decoder.inbox.rest().len() <= HEADER + 65_535);
            }
        }

        #[test]
        fn audio_survives_any_cut(samples in proptest::collection::vec(any::<i16>(), 0..400), cut in 0usize..900) {
            let mut bytes = vec![0x12];
            bytes.extend_from_slice(&((samples.len() * 2) as u16).to_be_bytes());
            bytes.extend(samples.iter().flat_map(|sample| sample.to_le_bytes()));
            let (first, second) = bytes.split_at(cut.min(bytes.len()));
            let mut decoder = Decoder::new();
            decoder.feed(first);
            let early = decoder.poll().unwrap();
            decoder.feed(second);
            let frame = early.or(decoder.poll().unwrap());
            prop_assert_eq!(frame, Some(Frame::Audio { rate: SampleRate::WIDE, samples }));
        }
    }
}
