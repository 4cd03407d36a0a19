//! What a telephone got, and how it is measured.

use std::time::{Duration, Instant};

use crate::voice::{FRAME, Pilot, RATE, level};

/// One packet of sound.
#[derive(Clone, Debug)]
pub struct Packet {
    /// When it came.
    pub at: Instant,
    /// RTP sequence number.
    pub sequence: u16,
    /// RTP SSRC.
    pub source: u32,
    /// At 8 kHz.
    pub samples: Vec<i16>,
}

/// The packets of a stretch of time, in the order in which they came.
#[derive(Clone, Debug, Default)]
pub struct Heard {
    packets: Vec<Packet>,
}

/// How much of the time a pilot was there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Presence {
    /// Which.
    pub pilot: Pilot,
    /// Of all frames, 0 to 1.
    pub share: f64,
}

impl Heard {
    pub(crate) const fn new(packets: Vec<Packet>) -> Self {
        Self { packets }
    }

    /// What came between two moments.
    #[must_use]
    pub fn between(&self, from: Instant, to: Instant) -> Self {
        let within = |packet: &&Packet| packet.at >= from && packet.at < to;
        Self::new(self.packets.iter().filter(within).cloned().collect())
    }

    /// How many packets came.
    #[must_use]
    pub fn count(&self) -> usize {
        self.packets.len()
    }

    /// The longest time without a packet, from `from` to `to`.
    #[must_use]
    pub fn longest_gap(&self, from: Instant, to: Instant) -> Duration {
        let mut times = vec![from];
        times.extend(self.between(from, to).packets.iter().map(|packet| packet.at));
        times.push(to);
        times.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap_or_default()
    }

    /// Sequence numbers that never came, within a source. Where half a second and more is missing it is no loss: the
    /// other was on hold, say, or it is a gap, which [`Heard::longest_gap`] tells.
    #[must_use]
    pub fn holes(&self) -> usize {
        let missing = |pair: &[Packet]| match pair[1].sequence.wrapping_sub(pair[0].sequence) {
            step @ 1..25 if pair[0].source == pair[1].source => usize::from(step) - 1,
            _ => 0,
        };
        self.packets.windows(2).map(missing).sum()
    }

    /// All sound, one packet behind the other.
    #[must_use]
    pub fn samples(&self) -> Vec<i16> {
        self.packets
            .iter()
            .flat_map(|packet| packet.samples.iter().copied())
            .collect()
    }

    /// How much of the time each of the pilots was there.
    #[must_use]
    pub fn presence(&self, pilots: &[Pilot]) -> Vec<Presence> {
        presence(&self.samples(), pilots)
    }

    /// Frames without this pilot, between its first and its last.
    #[must_use]
    pub fn breaks(&self, pilot: Pilot) -> usize {
        let samples = self.samples();
        let there: Vec<bool> = samples
            .chunks_exact(FRAME)
            .map(|frame| level(frame, pilot.tone()) > 0.5)
            .collect();
        let first = there.iter().position(|&there| there).unwrap_or(there.len());
        let last = there.iter().rposition(|&there| there).unwrap_or(0);
        there
            .get(first..=last)
            .unwrap_or_default()
            .iter()
            .filter(|&&there| !there)
            .count()
    }

    /// When each burst of this pilot began.
    #[must_use]
    pub fn bursts(&self, pilot: Pilot) -> Vec<Instant> {
        /// How exact.
        const HOP: usize = 20;
        let samples = self.samples();
        let mut found = Vec::new();
        let mut quiet = true;
        for begin in (0..samples.len().saturating_sub(FRAME)).step_by(HOP) {
            let loud = level(&samples[begin..begin + FRAME], pilot.burst());
            if quiet && loud >= 0.5 {
                // Half of the window is in the burst.
                found.extend(self.time_of(begin + FRAME / 2));
            }
            quiet = if quiet { loud < 0.5 } else { loud < 0.25 };
        }
        found
    }

    /// When this sample of all came.
    fn time_of(&self, mut sample: usize) -> Option<Instant> {
        for packet in &self.packets {
            if let Some(rest) = sample.checked_sub(packet.samples.len()) {
                sample = rest;
            } else {
                return Some(packet.at + Duration::from_secs(1) * sample as u32 / RATE as u32);
            }
        }
        None
    }

    /// How long bursts took that were sent at these times; the longest first.
    #[must_use]
    pub fn delays(&self, pilot: Pilot, sent: &[Instant]) -> Vec<Duration> {
        let delay = |heard: Instant| {
            let last = sent
                .iter()
                .rev()
                .find(|&&sent| sent <= heard + Duration::from_millis(10))?;
            Some(heard.saturating_duration_since(*last))
        };
        let mut delays: Vec<_> = self.bursts(pilot).into_iter().filter_map(delay).collect();
        delays.sort_unstable_by(|a, b| b.cmp(a));
        delays
    }
}

/// As [`Heard::presence`], of any sound at 8 kHz, such as a recording.
#[must_use]
pub fn presence(samples: &[i16], pilots: &[Pilot]) -> Vec<Presence> {
    let frames = samples.chunks_exact(FRAME);
    let count = frames.len().max(1) as f64;
    let share = |pilot: &Pilot| {
        let there = |frame: &&[i16]| level(frame, pilot.tone()) > 0.5;
        Presence {
            pilot: *pilot,
            share: frames.clone().filter(there).count() as f64 / count,
        }
    };
    pilots.iter().map(share).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::voice::Voice;

    /// Three seconds of a pilot; packet 100 is lost, and what follows it is 1 s late.
    fn heard(begin: Instant) -> Heard {
        let mut voice = Voice::new(Pilot(5));
        let packet = |n: u16| {
            let late = if n > 100 {
                Duration::from_secs(1)
            } else {
                Duration::ZERO
            };
            let at = begin + Duration::from_millis(20) * u32::from(n) + late;
            let samples = voice.next_frame();
            (n != 100).then_some(Packet {
                at,
                sequence: n.wrapping_add(65_500),
                source: 1,
                samples,
            })
        };
        Heard::new((0..150).filter_map(packet).collect())
    }

    #[test]
    fn packets_gaps_and_holes_are_counted() {
        let begin = Instant::now();
        let heard = heard(begin);
        let end = begin + Duration::from_secs(4);
        assert_eq!((heard.count(), heard.holes()), (149, 1));
        assert_eq!(heard.longest_gap(begin, end), Duration::from_millis(1_040));
        assert_eq!(heard.between(begin, begin + Duration::from_secs(1)).count(), 50);
    }

    #[test]
    fn a_pilot_is_present_and_its_bursts_are_found_in_time() {
        let begin = Instant::now();
        let heard = heard(begin);
        let shares: Vec<f64> = heard
            .presence(&[Pilot(5), Pilot(6)])
            .iter()
            .map(|found| found.share)
            .collect();
        assert!(shares[0] > 0.99 && shares[1] < 0.01, "{shares:?}");
        let bursts = heard.bursts(Pilot(5));
        assert_eq!(bursts.len(), 3);
        for (burst, expected) in bursts.iter().zip([0, 1_000, 3_000]) {
            let off = (*burst - begin).as_millis().abs_diff(expected);
            // Loudness is measured over windows of 20 ms; the first begins with the first sample.
            assert!(off <= 25, "{off} ms");
        }
        let sent = [begin, begin + Duration::from_secs(1), begin + Duration::from_secs(2)];
        assert!(heard.delays(Pilot(5), &sent)[0].as_millis().abs_diff(1_000) <= 25);
    }
}
