//! Sequence numbers that do not wrap.

/// A packet's place in its stream, 64-bit, unwrapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SeqNo(pub u64);

impl SeqNo {
    /// The place after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

/// What a 16-bit number means in its stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sequence {
    /// Its place.
    At(SeqNo),
    /// Too far from the last one to belong; believed when the next number follows it.
    Stray,
    /// The sender counts anew: nothing before this place will come.
    Restart(SeqNo),
}

/// Places 16-bit sequence numbers on a 64-bit line (RFC 3550 appendix A.1).
#[derive(Clone, Debug, Default)]
pub struct Unwrapper {
    newest: Option<SeqNo>,
    /// The number that would prove a restart.
    suspect: Option<u16>,
}

/// Numbers that may be missing before a leap is a restart: a minute of 20 ms packets.
const MAX_DROPOUT: i64 = 3000;
/// Places that a packet may be late.
const MAX_MISORDER: i64 = -100;

impl Unwrapper {
    /// Places one number.
    pub fn unwrap(&mut self, number: u16) -> Sequence {
        let Some(newest) = self.newest else {
            return Sequence::At(self.start(1 << 16, number));
        };
        let delta = i64::from(number.wrapping_sub(newest.0 as u16) as i16);
        if (MAX_MISORDER..=MAX_DROPOUT).contains(&delta) {
            self.suspect = None;
            let at = SeqNo(newest.0.saturating_add_signed(delta));
            self.newest = Some(newest.max(at));
            Sequence::At(at)
        } else if self.suspect == Some(number) {
            Sequence::Restart(self.start((newest.0 & !0xffff) + (2 << 16), number))
        } else {
            self.suspect = Some(number.wrapping_add(1));
            Sequence::Stray
        }
    }

    fn start(&mut self, base: u64, number: u16) -> SeqNo {
        let at = SeqNo(base + u64::from(number));
        self.newest = Some(at);
        self.suspect = None;
        at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(numbers: &[u16]) -> Vec<Sequence> {
        let mut unwrapper = Unwrapper::default();
        numbers.iter().map(|number| unwrapper.unwrap(*number)).collect()
    }

    #[test]
    fn the_line_goes_on_over_a_wrap_and_back() {
        let at = |n: u64| Sequence::At(SeqNo(n));
        assert_eq!(
            place(&[65534, 0, 65535, 1]),
            [at(131_070), at(131_072), at(131_071), at(131_073)]
        );
    }

    #[test]
    fn one_leap_is_stray_and_two_in_a_row_are_a_restart() {
        let all = place(&[10, 30_000, 11, 40_000, 40_001, 40_002]);
        assert_eq!(all[1], Sequence::Stray);
        assert_eq!(all[2], Sequence::At(SeqNo(65_547)));
        assert_eq!(all[3], Sequence::Stray);
        assert!(matches!(all[4], Sequence::Restart(at) if at > SeqNo(65_547)));
        assert!(matches!(all[5], Sequence::At(_)));
    }
}
