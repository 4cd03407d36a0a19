//! A segment that is read anew as it grows, by a model that hears best what lies behind it, too.
//!
//! Each reading goes over the newest stretch of the segment; what lies before is kept as it was read last. A token is
//! stable, and stays as it is, once several readings in a row agree on it and on all before it.

use std::time::Duration;

use crate::spelling::Bin;

/// The newest stretch that is read: the longer, the better and the dearer.
pub const READ_ANEW: Duration = Duration::from_millis(4_800);
/// Of the stretch, what is only there so that the rest is understood: its begin may lie within a word.
const LEAD_IN: Duration = Duration::from_millis(800);
/// Two tokens are not nearer to each other than this.
const APART: Duration = Duration::from_millis(60);
/// What has to be heard behind a token before it is believed.
const BEHIND: Duration = Duration::from_millis(320);
/// Readings that have to agree on it. With two of them four syllables in a hundred more stay wrong on clips of real
/// speech; what is stable then lies 0.6 s back at the median, with three 1.0 s.
const AGREE: u8 = 3;
/// A stretch begins at a whole multiple of this, as frames of the model do.
const STEP: Duration = Duration::from_millis(40);

/// What the model wrote, and when it was said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// As in the model's list.
    pub text: String,
    /// From the segment's first sample.
    pub at: Duration,
    /// What else it may have been, with what may have been said before it and was not written.
    pub bins: Vec<Bin>,
}

/// One segment's tokens as they stand. Sans-IO: readings in, tokens out.
#[derive(Clone, Debug, Default)]
pub struct Rereading {
    tokens: Vec<Token>,
    /// For each token, how many readings in a row had it and all before it.
    agreed: Vec<u8>,
    stable: usize,
}

impl Rereading {
    /// Where the next reading is to begin, for a segment of this length.
    #[must_use]
    pub fn begin(length: Duration) -> Duration {
        let behind = length.saturating_sub(READ_ANEW).as_millis().div_ceil(STEP.as_millis());
        STEP * u32::try_from(behind).unwrap_or(u32::MAX)
    }

    /// Takes the tokens of a reading from `begin` to the segment's newest sample, at `end`.
    pub fn take(&mut self, begin: Duration, end: Duration, read: Vec<Token>) {
        let from = if begin.is_zero() { begin } else { begin + LEAD_IN };
        let kept = self.tokens.partition_point(|token| token.at < from).max(self.stable);
        let from = match self.tokens[..kept].last() {
            Some(last) => from.max(last.at + APART),
            None => from,
        };
        let (before, agreed) = (self.tokens.split_off(kept), self.agreed.split_off(kept));
        let mut again = before.iter().zip(agreed);
        let mut in_a_row = true;
        for token in read.into_iter().filter(|token| token.at >= from) {
            // One that differs ends the row for all behind it.
            let row = again.next().filter(|(old, _)| in_a_row && old.text == token.text);
            in_a_row = row.is_some();
            self.agreed.push(row.map_or(1, |(_, agreed)| agreed.saturating_add(1)));
            self.tokens.push(token);
        }
        let believed = |at: &usize| self.agreed[*at] >= AGREE && self.tokens[*at].at + BEHIND <= end;
        // Kept ones are not read any more.
        self.stable = (kept..self.tokens.len()).take_while(believed).count() + kept;
    }

    /// All tokens, in the order in which they were said.
    #[must_use]
    pub fn tokens(&self) -> &[Token] {
        &self.tokens
    }

    /// How many of them, from the first, will stay as they are.
    #[must_use]
    pub const fn stable(&self) -> usize {
        self.stable
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    fn tokens(said: &[(&str, u64)]) -> Vec<Token> {
        let token = |&(text, at): &(&str, u64)| Token {
            text: text.to_owned(),
            at: ms(at),
            bins: Vec::new(),
        };
        said.iter().map(token).collect()
    }

    fn text(reading: &Rereading) -> String {
        reading.tokens().iter().map(|token| token.text.as_str()).collect()
    }

    #[test]
    fn what_readings_agree_on_is_stable_and_stays() {
        let mut reading = Rereading::default();
        let mut read = |end: u64, said: &[(&str, u64)]| {
            reading.take(ms(0), ms(end), tokens(said));
            (text(&reading), reading.stable())
        };
        assert_eq!(read(960, &[("a", 200), ("b", 400), ("x", 800)]), ("abx".to_owned(), 0));
        assert_eq!(
            read(1_280, &[("a", 200), ("b", 440), ("c", 800)]),
            ("abc".to_owned(), 0)
        );
        assert_eq!(
            read(1_300, &[("a", 200), ("b", 440), ("c", 800)]),
            ("abc".to_owned(), 2)
        );
        assert_eq!(
            read(1_400, &[("y", 200), ("b", 440), ("c", 1_100)]),
            ("abc".to_owned(), 2)
        );
        assert_eq!(
            read(1_410, &[("b", 440), ("c", 1_100)]),
            ("abc".to_owned(), 2),
            "too little was heard behind the last"
        );
    }

    #[test]
    fn one_that_differs_puts_all_behind_it_in_doubt() {
        let mut reading = Rereading::default();
        for first in ["a", "a", "x"] {
            reading.take(ms(0), ms(2_000), tokens(&[(first, 200), ("b", 400)]));
        }
        assert_eq!((text(&reading).as_str(), reading.stable()), ("xb", 0));
    }

    #[test]
    fn what_lies_before_the_stretch_stays_and_is_not_read_twice() {
        let mut reading = Rereading::default();
        reading.take(ms(0), ms(4_800), tokens(&[("a", 200), ("b", 1_180), ("c", 2_000)]));
        let begin = Rereading::begin(ms(5_200));
        assert_eq!(begin, ms(400));
        // The lead-in hears another thing; the edge hears the last kept token again.
        reading.take(
            begin,
            ms(5_200),
            tokens(&[("y", 900), ("b", 1_210), ("c", 2_000), ("d", 4_900)]),
        );
        assert_eq!((text(&reading).as_str(), reading.stable()), ("abcd", 2));
    }

    #[test]
    fn a_stretch_is_never_longer_than_stated() {
        for length in [0, 39, 4_800, 4_801, 4_841, 15_000] {
            let begin = Rereading::begin(ms(length));
            assert!(ms(length) - begin.min(ms(length)) <= READ_ANEW, "{length}");
            assert!(begin <= ms(length));
        }
    }

    proptest! {
        #[test]
        fn tokens_stay_in_order(readings in prop::collection::vec(prop::collection::vec(0u64..6_000, 0..20), 1..8)) {
            let mut reading = Rereading::default();
            let mut end = ms(600);
            for mut times in readings {
                times.sort_unstable();
                end += ms(700);
                let begin = Rereading::begin(end);
                let read = times.iter().map(|&at| Token { text: at.to_string(), at: begin + ms(at), bins: Vec::new() });
                reading.take(begin, end, read.collect());
                prop_assert!(reading.stable() <= reading.tokens().len());
                prop_assert!(reading.tokens().is_sorted_by_key(|token| token.at));
            }
        }
    }
}
