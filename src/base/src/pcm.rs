//! Audio as it comes from a tap and as it goes to speech.

use crate::{MediaTime, SampleRate};

/// What a tap hands over, before any decoding.
#[derive(Clone, PartialEq, Eq)]
pub enum TapFrame {
    /// One RTP packet as received (RFC 3550), header included.
    Rtp(Vec<u8>),
    /// Linear PCM, signed 16-bit, mono. Carries no clock: its time is its arrival.
    Pcm {
        /// Of `samples`.
        rate: SampleRate,
        /// Signed 16-bit.
        samples: Vec<i16>,
    },
}

impl std::fmt::Debug for TapFrame {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Rtp(bytes) => write!(f, "Rtp({} bytes)", bytes.len()),
            Self::Pcm { rate, samples } => write!(f, "Pcm({} samples at {rate})", samples.len()),
        }
    }
}

/// Gapless mono audio on one leg's time line, signed 16-bit.
#[derive(Clone, PartialEq, Eq)]
pub struct PcmFrame {
    /// Where its first sample lies; `begin.clock` is its sample rate.
    pub begin: MediaTime,
    /// Signed 16-bit.
    pub samples: Vec<i16>,
}

impl PcmFrame {
    /// Where the next frame begins.
    #[must_use]
    pub fn end(&self) -> MediaTime {
        self.begin.plus_samples(self.samples.len())
    }
}

impl std::fmt::Debug for PcmFrame {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PcmFrame({} samples from {:?})", self.samples.len(), self.begin)
    }
}
