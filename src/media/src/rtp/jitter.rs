//! Packets in order, at the price of waiting only where one is missing.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::SeqNo;

/// How long and how many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JitterConfig {
    /// Longest wait for a missing packet, from the arrival of the first one after it.
    pub hold: Duration,
    /// Packets that wait behind a hole at most; one more and the hole is given up at once.
    pub capacity: usize,
}

impl Default for JitterConfig {
    fn default() -> Self {
        Self {
            hold: Duration::from_millis(60),
            capacity: 64,
        }
    }
}

/// Why a packet was not used. Counted, never an error: a bad packet is weather.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Discard {
    /// Its turn has passed.
    Late,
    /// It is here already, or was.
    Duplicate,
    /// Nobody said what this payload type carries.
    UnknownPayloadType(u8),
}

/// What comes next in the stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Playout<T> {
    /// The next packet.
    Packet(SeqNo, T),
    /// Packets that did not come in time.
    Gap {
        /// The first of them.
        first: SeqNo,
        /// How many.
        count: u64,
    },
}

struct Waiting<T> {
    at: SeqNo,
    arrived: Instant,
    packet: T,
}

/// Reorders one leg's packets.
///
/// A recogniser has no playout clock: a packet leaves once its predecessor has left. The buffer
/// waits only for a hole, never longer than [`JitterConfig::hold`].
pub struct JitterBuffer<T> {
    config: JitterConfig,
    /// Ordered, without duplicates, all at or after `next`.
    waiting: VecDeque<Waiting<T>>,
    /// The place whose turn it is; none before the first packet.
    next: Option<SeqNo>,
    /// Bit n: the packet n + 1 places before `next` was played.
    played: u64,
    now: Option<Instant>,
}

impl<T> JitterBuffer<T> {
    /// An empty buffer; the first packet sets where the stream begins.
    #[must_use]
    pub fn new(config: JitterConfig) -> Self {
        Self {
            config,
            waiting: VecDeque::new(),
            next: None,
            played: 0,
            now: None,
        }
    }

    /// Takes a packet.
    ///
    /// # Errors
    /// When the packet is of no use; it is gone.
    pub fn push(&mut self, now: Instant, at: SeqNo, packet: T) -> Result<(), Discard> {
        self.wake(now);
        let next = *self.next.get_or_insert(at);
        if at < next {
            let age = next.0 - at.0 - 1;
            let played = age < 64 && self.played >> age & 1 == 1;
            return Err(if played { Discard::Duplicate } else { Discard::Late });
        }
        let place = self.waiting.partition_point(|waiting| waiting.at < at);
        if self.waiting.get(place).is_some_and(|waiting| waiting.at == at) {
            return Err(Discard::Duplicate);
        }
        let arrived = now;
        self.waiting.insert(place, Waiting { at, arrived, packet });
        Ok(())
    }

    /// Tells the time; holes whose hold is over are given up by the next [`JitterBuffer::poll`].
    pub fn wake(&mut self, now: Instant) {
        self.now = Some(self.now.map_or(now, |before| before.max(now)));
    }

    /// When the hole that is being waited for is given up.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        let first = self.waiting.front()?;
        (Some(first.at) != self.next).then(|| self.patience_ends()).flatten()
    }

    /// What comes next, if it is its turn.
    pub fn poll(&mut self) -> Option<Playout<T>> {
        let next = self.next?;
        let front = self.waiting.front()?.at;
        if front == next {
            let Waiting { at, packet, .. } = self.waiting.pop_front()?;
            self.pass(1, true);
            return Some(Playout::Packet(at, packet));
        }
        let due = self.now >= self.patience_ends();
        (due || self.waiting.len() > self.config.capacity).then(|| self.give_up(next, front))
    }

    /// As [`JitterBuffer::poll`], but waits for no hole: the stream is over.
    pub fn drain(&mut self) -> Option<Playout<T>> {
        self.poll().or_else(|| {
            let (next, front) = (self.next?, self.waiting.front()?.at);
            Some(self.give_up(next, front))
        })
    }

    /// Begins anew with the next packet.
    pub fn reset(&mut self) {
        self.waiting.clear();
        self.next = None;
        self.played = 0;
    }

    /// The packet whose turn it is, before it is polled.
    #[must_use]
    pub fn peek(&self) -> Option<&T> {
        self.waiting.front().map(|waiting| &waiting.packet)
    }

    fn give_up(&mut self, next: SeqNo, front: SeqNo) -> Playout<T> {
        let count = front.0 - next.0;
        self.pass(count, false);
        Playout::Gap { first: next, count }
    }

    fn pass(&mut self, count: u64, played: bool) {
        self.played = if count < 64 { self.played << count } else { 0 } | u64::from(played);
        self.next = self.next.map(|next| SeqNo(next.0 + count));
    }

    /// A hole is as old as the first packet that came after it, whatever its place.
    fn patience_ends(&self) -> Option<Instant> {
        let oldest = self.waiting.iter().map(|waiting| waiting.arrived).min()?;
        Some(oldest + self.config.hold)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// `+n` packet n arrives, `@ms` virtual clock. Gives what came out, in order.
    fn run(script: &str) -> String {
        let start = Instant::now();
        let mut now = start;
        let mut buffer = JitterBuffer::new(JitterConfig::default());
        let mut out = Vec::new();
        for word in script.split_whitespace() {
            let number: u64 = word[1..].parse().unwrap();
            match &word[..1] {
                "+" => match buffer.push(now, SeqNo(number), ()) {
                    Ok(()) => {}
                    Err(discard) => out.push(format!("{discard:?}{number}").to_lowercase()),
                },
                _ => {
                    now = start + Duration::from_millis(number);
                    buffer.wake(now);
                }
            }
            while let Some(playout) = buffer.poll() {
                out.push(match playout {
                    Playout::Packet(at, ()) => at.0.to_string(),
                    Playout::Gap { first, count: 1 } => format!("gap{}", first.0),
                    Playout::Gap { first, count } => format!("gap{}-{}", first.0, first.0 + count - 1),
                });
            }
        }
        out.join(" ")
    }

    #[test]
    fn a_lost_packet_costs_exactly_one_hold() {
        assert_eq!(run("+1 +3 @59"), "1");
        assert_eq!(run("+1 +3 @60"), "1 gap2 3");
    }

    #[test]
    fn a_packet_in_its_turn_does_not_wait() {
        assert_eq!(run("+1 +2 +3"), "1 2 3");
        assert_eq!(run("+1 +3 @40 +2"), "1 2 3");
    }

    #[test]
    fn each_hole_waits_for_itself() {
        assert_eq!(run("+1 +3 @50 +5 @60"), "1 gap2 3");
        assert_eq!(run("+1 +3 @50 +5 @110"), "1 gap2 3 gap4 5");
        assert_eq!(run("+1 +5 @60"), "1 gap2-4 5");
    }

    #[test]
    fn what_comes_after_its_turn_is_late_and_what_comes_twice_is_duplicate() {
        assert_eq!(run("+1 +3 @60 +2"), "1 gap2 3 late2");
        assert_eq!(run("+1 +2 +1 +3 +3"), "1 2 duplicate1 3 duplicate3");
        assert_eq!(run("+1 +3 +3"), "1 duplicate3");
    }

    #[test]
    fn a_full_buffer_waits_no_longer() {
        let behind: String = (3..=67).map(|n| format!("+{n} ")).collect();
        assert!(run(&format!("+1 {behind}")).starts_with("1 gap2 3 4"));
    }

    proptest! {
        #[test]
        fn what_comes_within_its_hold_is_played_once_and_in_order(
            delays in proptest::collection::vec(prop_oneof![4 => Just(Some(0_u64)), 2 => (0_u64..59).prop_map(Some), 1 => Just(None)], 1..200),
        ) {
            let start = Instant::now();
            let mut arrivals: Vec<(u64, u64)> = vec![(0, 0)];
            arrivals.extend(delays.iter().zip(1_u64..).filter_map(|(delay, n)| delay.map(|delay| (n * 20 + delay, n))));
            arrivals.sort_unstable();
            let mut buffer = JitterBuffer::new(JitterConfig::default());
            let mut played = Vec::new();
            let mut take = |buffer: &mut JitterBuffer<()>| {
                while let Some(playout) = buffer.poll() {
                    if let Playout::Packet(at, ()) = playout {
                        played.push(at.0);
                    }
                }
            };
            for (at, number) in &arrivals {
                let now = start + Duration::from_millis(*at);
                while let Some(deadline) = buffer.deadline().filter(|deadline| *deadline <= now) {
                    buffer.wake(deadline);
                    take(&mut buffer);
                }
                prop_assert_eq!(buffer.push(now, SeqNo(*number), ()), Ok(()));
                take(&mut buffer);
            }
            buffer.wake(start + Duration::from_secs(3600));
            take(&mut buffer);
            let mut sent: Vec<u64> = arrivals.iter().map(|(_, number)| *number).collect();
            sent.sort_unstable();
            prop_assert_eq!(played, sent);
        }

        #[test]
        fn it_is_bounded_and_takes_any_order(numbers in proptest::collection::vec(0_u64..5000, 0..300)) {
            let now = Instant::now();
            let config = JitterConfig { capacity: 8, ..JitterConfig::default() };
            let mut buffer = JitterBuffer::new(config);
            let mut last = None;
            for number in numbers {
                let _ = buffer.push(now, SeqNo(number), ());
                while let Some(playout) = buffer.poll() {
                    let at = match playout { Playout::Packet(at, ()) => at, Playout::Gap { first, .. } => first };
                    prop_assert!(Some(at) > last);
                    last = Some(at);
                }
                prop_assert!(buffer.waiting.len() <= 8);
            }
        }
    }
}
