//! One RTP packet, its header read and its payload left where it is.

use std::ops::Range;

/// A synchronisation source: one sender's stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Ssrc(pub u32);

/// A packet as received; the payload is a range of the bytes, so nothing is copied.
#[derive(Clone, PartialEq, Eq)]
pub struct RtpPacket {
    /// Whose.
    pub ssrc: Ssrc,
    /// As sent, 16 bits.
    pub sequence: u16,
    /// As sent, in ticks of the codec's RTP clock.
    pub timestamp: u32,
    /// As sent, 7 bits.
    pub payload_type: u8,
    bytes: Vec<u8>,
    payload: Range<usize>,
}

impl RtpPacket {
    /// Reads the header; `None` when this is not RTP version 2.
    #[must_use]
    pub fn parse(bytes: Vec<u8>) -> Option<Self> {
        let parsed = rtp_types::RtpPacket::parse(&bytes).ok()?;
        let begin = parsed.payload_offset();
        let payload = begin..begin + parsed.payload_len();
        let (ssrc, sequence) = (Ssrc(parsed.ssrc()), parsed.sequence_number());
        let (timestamp, payload_type) = (parsed.timestamp(), parsed.payload_type());
        (payload.end <= bytes.len()).then_some(Self {
            ssrc,
            sequence,
            timestamp,
            payload_type,
            bytes,
            payload,
        })
    }

    /// The codec's bytes.
    #[must_use]
    pub fn payload(&self) -> &[u8] {
        self.bytes.get(self.payload.clone()).unwrap_or_default()
    }
}

impl std::fmt::Debug for RtpPacket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Rtp({:08x} #{} at {}, type {}, {} bytes)",
            self.ssrc.0,
            self.sequence,
            self.timestamp,
            self.payload_type,
            self.payload.len()
        )
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn padding_and_extension_are_no_payload() {
        let mut bytes = vec![0xb0, 0x00, 0, 7, 0, 0, 0, 160, 0, 0, 0, 9];
        bytes.extend([0xbe, 0xde, 0, 1, 1, 2, 3, 4]);
        bytes.extend([0x55, 0x66, 0, 2]);
        let packet = RtpPacket::parse(bytes).unwrap();
        assert_eq!((packet.ssrc, packet.sequence, packet.timestamp), (Ssrc(9), 7, 160));
        assert_eq!(packet.payload(), [0x55, 0x66]);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            if let Some(packet) = RtpPacket::parse(bytes.clone()) {
                prop_assert!(packet.payload().len() <= bytes.len() - 12);
            }
        }
    }
}
