//! How a leg is heard.

use std::time::Duration;

use crate::codec::Codec;
use crate::rtp::JitterConfig;

/// How a leg is heard.
#[derive(Clone, Debug, PartialEq)]
pub struct MediaConfig {
    /// Reordering of RTP.
    pub jitter: JitterConfig,
    /// Dynamic RTP payload types (96–127), from signalling; also overrides static ones.
    pub payload_types: Vec<(u8, Codec)>,
    /// How late audio may be before the wait counts as silence, and how far an RTP timestamp and the wall clock may
    /// be apart before the timestamp is not believed. Above the jitter of a busy switch
    /// (100 ms), below the silence that ends an utterance.
    pub tolerance: Duration,
}

impl Default for MediaConfig {
    fn default() -> Self {
        Self {
            jitter: JitterConfig::default(),
            payload_types: vec![(101, Codec::TelephoneEvent), (111, Codec::Opus)],
            tolerance: Duration::from_millis(200),
        }
    }
}

impl MediaConfig {
    /// What a payload type carries: configured, else static (RFC 3551 §6).
    #[must_use]
    pub fn codec(&self, payload_type: u8) -> Option<Codec> {
        self.payload_types
            .iter()
            .find(|(number, _)| *number == payload_type)
            .map(|(_, codec)| *codec)
            .or_else(|| Codec::from_static(payload_type))
    }
}
