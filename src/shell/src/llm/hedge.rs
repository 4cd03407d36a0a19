//! One request to one or two engines: the second is asked when the first is late or fails, the first valid answer wins.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::fault::Fault;

/// Which of the request's engines, in the order in which they are asked.
pub type Lane = usize;

/// Engines of one request.
const MOST: usize = 2;

/// Times of one request.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// How long the first engine may be without a token before the second is asked too.
    pub patience: Duration,
    /// How long any engine may be without a token.
    pub first_token: Duration,
    /// When the request as a whole is given up.
    pub until: Instant,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// An engine's first token came.
    First(Lane),
    /// An engine's answer is whole and valid.
    Valid(Lane),
    /// An engine has no valid answer.
    Failed(Lane, Fault),
    /// [`Hedge::deadline`] has come.
    Wake,
}

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Ask this engine.
    Send(Lane),
    /// Drop the request to this engine.
    Cancel(Lane),
    /// This engine is to blame for that.
    Blame(Lane, Fault),
    /// It is over: the lane whose answer counts, or the last fault. Nothing follows.
    Settled(Result<Lane, Fault>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Unsent,
    Asked { since: Instant, heard: bool },
    Over,
}

/// The request.
#[derive(Debug)]
pub struct Hedge {
    rule: Rule,
    lanes: Vec<State>,
    last: Fault,
    over: bool,
    effects: VecDeque<Effect>,
}

impl Hedge {
    /// Asks the first of `engines` engines; more than two are not asked.
    #[must_use]
    pub fn new(now: Instant, engines: usize, rule: Rule) -> Self {
        let mut hedge = Self {
            rule,
            lanes: vec![State::Unsent; engines.min(MOST)],
            last: Fault::Open,
            over: false,
            effects: VecDeque::new(),
        };
        if !hedge.send_next(now) {
            hedge.settle(Err(Fault::Open));
        }
        hedge
    }

    /// Takes what happened at `now`. What comes after the end, or of a lane that is done, changes nothing.
    pub fn handle(&mut self, now: Instant, input: Input) {
        if self.over {
            return;
        }
        match input {
            Input::First(lane) => {
                if let Some(State::Asked { heard, .. }) = self.lanes.get_mut(lane) {
                    *heard = true;
                }
            }
            Input::Valid(lane) if self.is_asked(lane) => {
                self.lanes[lane] = State::Over;
                self.settle(Ok(lane));
                return;
            }
            Input::Failed(lane, fault) if self.is_asked(lane) => self.fail(now, lane, fault),
            Input::Valid(_) | Input::Failed(..) | Input::Wake => {}
        }
        self.look(now);
    }

    /// The next thing to do.
    pub fn poll(&mut self) -> Option<Effect> {
        self.effects.pop_front()
    }

    /// When it wants [`Input::Wake`].
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        if self.over {
            return None;
        }
        let slow = self.lanes.iter().filter_map(|lane| match lane {
            State::Asked { since, heard: false } => Some(*since + self.rule.first_token),
            _ => None,
        });
        slow.chain(self.hedge_at()).chain([self.rule.until]).min()
    }

    /// When the second engine is asked though the first has not failed.
    fn hedge_at(&self) -> Option<Instant> {
        match self.lanes[..] {
            [State::Asked { since, heard: false }, State::Unsent] => Some(since + self.rule.patience),
            _ => None,
        }
    }

    fn is_asked(&self, lane: Lane) -> bool {
        matches!(self.lanes.get(lane), Some(State::Asked { .. }))
    }

    fn look(&mut self, now: Instant) {
        if !self.over && now >= self.rule.until {
            self.give_up();
        }
        for lane in 0..self.lanes.len() {
            if let State::Asked { since, heard: false } = self.lanes[lane]
                && !self.over
                && now >= since + self.rule.first_token
            {
                self.effects.push_back(Effect::Cancel(lane));
                self.fail(now, lane, Fault::Slow);
            }
        }
        if !self.over && self.hedge_at().is_some_and(|at| now >= at) {
            self.send_next(now);
        }
    }

    fn fail(&mut self, now: Instant, lane: Lane, fault: Fault) {
        self.lanes[lane] = State::Over;
        self.last = fault;
        self.effects.push_back(Effect::Blame(lane, fault));
        let sent = fault.goes_elsewhere() && now < self.rule.until && self.send_next(now);
        let waits = (0..self.lanes.len()).any(|lane| self.is_asked(lane));
        if !sent && !waits {
            self.settle(Err(fault));
        }
    }

    fn give_up(&mut self) {
        for lane in 0..self.lanes.len() {
            if let State::Asked { heard, .. } = self.lanes[lane] {
                self.last = if heard { Fault::Unfinished } else { Fault::Slow };
                self.effects.push_back(Effect::Blame(lane, self.last));
            }
        }
        self.settle(Err(self.last));
    }

    fn send_next(&mut self, now: Instant) -> bool {
        let Some(lane) = self.lanes.iter().position(|lane| *lane == State::Unsent) else {
            return false;
        };
        self.lanes[lane] = State::Asked {
            since: now,
            heard: false,
        };
        self.effects.push_back(Effect::Send(lane));
        true
    }

    /// Drops what is still under way.
    fn settle(&mut self, outcome: Result<Lane, Fault>) {
        for lane in 0..self.lanes.len() {
            if self.is_asked(lane) {
                self.effects.push_back(Effect::Cancel(lane));
            }
            self.lanes[lane] = State::Over;
        }
        self.over = true;
        self.effects.push_back(Effect::Settled(outcome));
    }
}

#[cfg(test)]
#[path = "hedge_tests.rs"]
mod tests;
