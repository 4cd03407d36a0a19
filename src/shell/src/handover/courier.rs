//! Which letter is tried when. Sans-IO.

use std::collections::VecDeque;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::{Duration, Instant};

/// A wrap-up that is to be handed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// Its entry in the stream.
    pub id: String,
    /// Of which call.
    pub call_id: String,
    /// Its number in the call.
    pub seq: String,
    /// The event, as it is in the stream.
    pub event: String,
    /// When it is a dead letter, if nobody took it before.
    pub expires: Instant,
}

impl Letter {
    /// Its entry was trimmed away before it was read: there is nothing to hand over.
    #[must_use]
    pub const fn is_blank(&self) -> bool {
        self.event.is_empty()
    }
}

/// How often and after which waits.
#[derive(Clone, Copy, Debug)]
pub struct Policy {
    /// Letters that are held here; the others wait in Redis.
    pub held: usize,
    /// Times that the receiver may answer a letter with an error.
    pub attempts: u32,
    /// The wait after the first error; it doubles with each.
    pub first: Duration,
    /// The longest wait.
    pub longest: Duration,
}

impl Policy {
    /// As the configuration has it unless it says more.
    pub const DEFAULT: Self = Self {
        held: 64,
        attempts: 12,
        first: Duration::from_secs(1),
        longest: Duration::from_secs(600),
    };
}

/// What came of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The receiver has it.
    Taken,
    /// The receiver will never take this letter; it may take others.
    Refused(u16),
    /// The receiver failed on this letter; `0` when it gave no answer in time.
    Failed(u16),
    /// The receiver takes no letter at all now: not reached, not let in, or busy. As long as it says to wait.
    Closed(Option<Duration>),
}

/// What becomes of a letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Handed over.
    Delivered,
    /// A dead letter: why, in a word for programs, and the last status.
    Dead(&'static str, u16),
}

/// What the courier is told.
#[derive(Clone, Debug)]
pub enum Input {
    /// There is another letter.
    Letter(Letter),
    /// The request that was under way has ended.
    Answered(Outcome),
    /// [`Courier::deadline`] has come.
    Wake,
}

/// What the courier wants done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Send this one, and say what came of it. One is sent at a time.
    Send(Letter),
    /// This one is done with.
    Settle {
        /// Which.
        letter: Letter,
        /// What became of it.
        verdict: Verdict,
        /// How often the receiver answered it with an error.
        attempts: u32,
    },
}

struct Held {
    letter: Letter,
    attempts: u32,
    due: Instant,
}

/// Tries letters in their order; one that the receiver fails on waits aside, and a receiver that is closed is left alone.
pub struct Courier {
    policy: Policy,
    held: VecDeque<Held>,
    under_way: Option<Held>,
    closed_until: Option<Instant>,
    strikes: u32,
    settled: VecDeque<String>,
    effects: VecDeque<Effect>,
}

/// Letters that were settled last: one that comes again is passed over.
const REMEMBERED: usize = 256;

impl Courier {
    /// With nothing to do.
    #[must_use]
    pub const fn new(policy: Policy) -> Self {
        Self {
            policy,
            held: VecDeque::new(),
            under_way: None,
            closed_until: None,
            strikes: 0,
            settled: VecDeque::new(),
            effects: VecDeque::new(),
        }
    }

    /// Takes in what happened at `now`; then drain [`Self::poll`].
    pub fn handle(&mut self, now: Instant, input: Input) {
        match input {
            Input::Letter(letter) => self.take(now, letter),
            Input::Answered(outcome) => self.answered(now, outcome),
            Input::Wake => {}
        }
        self.go_on(now);
    }

    /// The next thing to be done.
    pub fn poll(&mut self) -> Option<Effect> {
        self.effects.pop_front()
    }

    /// When it wants to be woken.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        if self.under_way.is_some() {
            return None;
        }
        let due = self.held.iter().map(|held| held.due).min()?;
        let due = self.closed_until.map_or(due, |until| due.max(until));
        let expires = self.held.iter().map(|held| held.letter.expires).min()?;
        Some(due.min(expires))
    }

    /// Whether it takes another letter.
    #[must_use]
    pub fn has_room(&self) -> bool {
        self.len() < self.policy.held
    }

    /// Letters that are held.
    #[must_use]
    pub fn len(&self) -> usize {
        self.held.len() + usize::from(self.under_way.is_some())
    }

    /// Whether none is held.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The ids of all that are held.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.held
            .iter()
            .chain(&self.under_way)
            .map(|held| held.letter.id.as_str())
    }

    /// Whether the receiver was left alone last.
    #[must_use]
    pub const fn is_closed(&self) -> bool {
        self.closed_until.is_some()
    }

    fn take(&mut self, now: Instant, letter: Letter) {
        if self.ids().any(|id| id == letter.id) || self.settled.contains(&letter.id) {
            return;
        }
        self.held.push_back(Held {
            letter,
            attempts: 0,
            due: now,
        });
    }

    fn answered(&mut self, now: Instant, outcome: Outcome) {
        let Some(mut held) = self.under_way.take() else { return };
        if !matches!(outcome, Outcome::Closed(_)) {
            (self.closed_until, self.strikes) = (None, 0);
        }
        match outcome {
            Outcome::Taken => self.settle(held, Verdict::Delivered),
            Outcome::Refused(status) => {
                held.attempts += 1;
                self.settle(held, Verdict::Dead("refused", status));
            }
            Outcome::Failed(status) => {
                held.attempts += 1;
                if held.attempts >= self.policy.attempts {
                    return self.settle(held, Verdict::Dead("attempts", status));
                }
                held.due = now + self.wait(held.attempts, &held.letter.id);
                self.held.push_back(held);
            }
            Outcome::Closed(asked) => {
                self.strikes = self.strikes.saturating_add(1);
                let wait = asked.map_or_else(
                    || self.wait(self.strikes, &held.letter.id),
                    |asked| asked.min(self.policy.longest),
                );
                self.closed_until = Some(now + wait);
                // It keeps its place.
                self.held.push_front(held);
            }
        }
    }

    /// After so many errors. Letters that failed together do not come again together.
    fn wait(&self, errors: u32, id: &str) -> Duration {
        let doubled = self.policy.first.saturating_mul(1 << (errors - 1).min(20));
        let wait = doubled.min(self.policy.longest);
        let mut hasher = DefaultHasher::new();
        (id, errors).hash(&mut hasher);
        // Between three quarters and all of it.
        wait.mul_f64(1.0 - (hasher.finish() % 256) as f64 / 1_024.0)
    }

    fn settle(&mut self, held: Held, verdict: Verdict) {
        if self.settled.len() == REMEMBERED {
            self.settled.pop_front();
        }
        self.settled.push_back(held.letter.id.clone());
        self.effects.push_back(Effect::Settle {
            letter: held.letter,
            verdict,
            attempts: held.attempts,
        });
    }

    fn go_on(&mut self, now: Instant) {
        while let Some(at) = self.held.iter().position(|held| held.letter.expires <= now) {
            if let Some(held) = self.held.remove(at) {
                self.settle(held, Verdict::Dead("expired", 0));
            }
        }
        if self.under_way.is_some() || self.closed_until.is_some_and(|until| now < until) {
            return;
        }
        let due = self.held.iter().position(|held| held.due <= now);
        if let Some(held) = due.and_then(|at| self.held.remove(at)) {
            self.effects.push_back(Effect::Send(held.letter.clone()));
            self.under_way = Some(held);
        }
    }
}

impl std::fmt::Debug for Courier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Courier({} held)", self.len())
    }
}

#[cfg(test)]
#[path = "courier_tests.rs"]
mod tests;
