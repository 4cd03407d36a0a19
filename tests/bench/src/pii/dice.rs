//! Numbers drawn at random, the same ones each time.

/// A small generator (xorshift).
pub(super) struct Dice(u64);

impl Dice {
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 16
    }

    /// Less than `sides`.
    pub(super) fn roll(&mut self, sides: usize) -> usize {
        (self.next() % sides.max(1) as u64) as usize
    }

    /// One of `percent` times in a hundred.
    pub(super) fn chance(&mut self, percent: usize) -> bool {
        self.roll(100) < percent
    }

    pub(super) fn between(&mut self, least: usize, most: usize) -> usize {
        least + self.roll(most + 1 - least)
    }

    pub(super) fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[self.roll(from.len())]
    }

    /// One of the items, by reference.
    pub(super) fn one<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.roll(from.len())]
    }

    pub(super) fn digits(&mut self, len: usize) -> String {
        // People's numbers have runs of one digit.
        let mut out = String::new();
        let sticky = self.chance(40);
        for _ in 0..len {
            match out.chars().next_back() {
                Some(last) if sticky && self.chance(45) => out.push(last),
                _ => out.push(char::from(b'0' + self.roll(10) as u8)),
            }
        }
        out
    }
}
