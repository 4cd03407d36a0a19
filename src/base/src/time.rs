//! Time in media and in a call. No bare integer milliseconds cross a crate's border.

use std::fmt;
use std::time::Duration;

/// Audio samples per second, per channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SampleRate(pub u32);

impl SampleRate {
    /// What every recogniser and detector here takes.
    pub const WIDE: Self = Self(16_000);
    /// Telephone narrowband.
    pub const NARROW: Self = Self(8_000);

    /// Samples in `duration`, rounded down.
    #[must_use]
    pub fn samples_in(self, duration: Duration) -> u64 {
        (duration.as_nanos() * u128::from(self.0) / 1_000_000_000) as u64
    }

    /// The length of `samples`.
    #[must_use]
    pub fn duration_of(self, samples: u64) -> Duration {
        Duration::from_nanos((u128::from(samples) * 1_000_000_000 / u128::from(self.0.max(1))) as u64)
    }
}

impl fmt::Display for SampleRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} Hz", self.0)
    }
}

/// Ticks per second of an RTP timestamp. Not a sample rate: G.722 has an 8 kHz clock and 16 kHz
/// audio (RFC 3551 §4.5.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RtpClock(pub u32);

/// A position on one leg's audio, counted in samples from the first frame that its tap gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct MediaTime {
    /// Samples since the tap's first frame, silence that was filled in included.
    pub ticks: u64,
    /// How many of them make a second.
    pub clock: SampleRate,
}

impl MediaTime {
    /// The tap's first sample.
    #[must_use]
    pub const fn zero(clock: SampleRate) -> Self {
        Self { ticks: 0, clock }
    }

    /// Time since the tap's first sample.
    #[must_use]
    pub fn since_start(self) -> Duration {
        self.clock.duration_of(self.ticks)
    }

    /// The position `samples` later.
    #[must_use]
    pub fn plus_samples(self, samples: usize) -> Self {
        Self {
            ticks: self.ticks + samples as u64,
            clock: self.clock,
        }
    }
}

/// A position in a call: time since `call.started`, the origin of `begin_ms` and `end_ms` on the wire.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CallTime(pub Duration);

impl CallTime {
    /// Whole milliseconds, as the wire carries them.
    #[must_use]
    pub fn as_millis(self) -> u64 {
        u64::try_from(self.0.as_millis()).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_and_durations_are_inverse_on_whole_frames() {
        for rate in [8_000, 16_000, 48_000] {
            let rate = SampleRate(rate);
            let frame = Duration::from_millis(20);
            assert_eq!(rate.duration_of(rate.samples_in(frame)), frame);
        }
    }
}
