//! A bad network: RTP that is lost, late and out of order, the same way for the same seed.

use std::time::Duration;

use sidetone_base::{LegId, TapFrame};

use crate::corpus::{CorpusCall, Timed};

/// Samples, and A-law bytes, of a packet of 20 ms.
const PACKET: usize = 160;
/// Packets at the end that are never lost, so that every loss before them can be seen.
const TAIL: usize = 5;

/// What the network does.
#[derive(Clone, Copy, Debug)]
pub struct Weather {
    /// Of a hundred packets, lost.
    pub loss_percent: u64,
    /// Most delay of a packet; above 20 ms packets overtake each other.
    pub jitter_ms: u64,
    /// Decides which.
    pub seed: u64,
}

/// The call's sound as packets, and for each leg how many were sent and how many lost.
pub struct Sent {
    /// In the order of arrival.
    pub packets: Vec<Timed>,
    /// Leg, delivered, lost.
    pub legs: Vec<(LegId, u64, u64)>,
}

/// Sends the call's sound through the weather.
#[must_use]
pub fn send(call: &CorpusCall, weather: Weather) -> Sent {
    let mut random = weather.seed;
    let mut sent = Sent {
        packets: Vec::new(),
        legs: Vec::new(),
    };
    for (ssrc, (role, bytes)) in call.a_law.iter().enumerate() {
        let leg = LegId::new(role.to_string());
        let (mut delivered, mut lost) = (0, 0);
        let payloads: Vec<&[u8]> = bytes.chunks_exact(PACKET).collect();
        for (number, payload) in payloads.iter().enumerate() {
            let (dice, delay) = (next(&mut random) % 100, next(&mut random) % (weather.jitter_ms + 1));
            if dice < weather.loss_percent && number > 0 && number + TAIL < payloads.len() {
                lost += 1;
                continue;
            }
            delivered += 1;
            let at = Duration::from_millis(number as u64 * 20 + delay);
            sent.packets
                .push((at, leg.clone(), TapFrame::Rtp(packet(number, ssrc as u32 + 1, payload))));
        }
        sent.legs.push((leg, delivered, lost));
    }
    sent.packets.sort_by_key(|(at, _, _)| *at);
    sent
}

/// RFC 3550, payload type 8; the sequence number wraps during the call.
fn packet(number: usize, ssrc: u32, payload: &[u8]) -> Vec<u8> {
    let mut packet = vec![0x80, 8];
    packet.extend((65_000 + number as u32).to_be_bytes()[2..].iter());
    packet.extend(
        (number as u32)
            .wrapping_mul(PACKET as u32)
            .wrapping_add(u32::MAX - 80_000)
            .to_be_bytes(),
    );
    packet.extend(ssrc.to_be_bytes());
    packet.extend(payload);
    packet
}

/// SplitMix64.
fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
