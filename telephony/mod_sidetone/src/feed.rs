//! What the daemon must be told next, from the state of the legs.
//!
//! There is no queue of things to say: a leg's flags and its ring are the state, what was said on this
//! connection is remembered, and the difference is said. So a new connection needs no history.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use sidetone_mod_wire::{Ask, Audio, FromModule, LegEnd, LegStart, LegStop, Message, Party};

use crate::counters::COUNTERS;
use crate::leg::{Attach, Leg, Outcome};
use crate::ring::{Cursor, Taken};

/// Something that the switch's own listeners are told (`CUSTOM sidetone::…`).
pub(crate) enum Notice {
    Started(Arc<Leg>),
    /// Frames of the leg were overwritten: how many, since it was last said.
    Overrun(Arc<Leg>, u64),
    Stopped(Arc<Leg>, LegEnd),
}

/// An overrun is said at most this often for one leg.
const OVERRUN_EVERY: Duration = Duration::from_secs(30);

/// The legs as the pump sees them, in the order of their starts.
#[derive(Default)]
pub(crate) struct Feed {
    legs: Vec<Tracked>,
    /// Ended; waiting for the switch (or an application) to let go, so that the memory is freed here.
    leaving: Vec<Arc<Leg>>,
    audio: Option<Audio>,
}

struct Tracked {
    leg: Arc<Leg>,
    cursor: Cursor,
    /// Of `Notice`, whatever the connection does.
    noticed: bool,
    overrun_said: (u64, Option<Instant>),
    /// Of this connection.
    said: Said,
    /// The leg's stop was said.
    finished: bool,
}

#[derive(Default)]
struct Said {
    start: bool,
    paused: bool,
    ask: Option<u64>,
}

impl Feed {
    /// Takes in legs that have started since.
    pub(crate) fn adopt(&mut self, new: Vec<Arc<Leg>>) {
        self.legs.extend(new.into_iter().map(|leg| Tracked {
            leg,
            cursor: Cursor::default(),
            noticed: false,
            overrun_said: (0, None),
            said: Said::default(),
            finished: false,
        }));
    }

    /// Nothing has been said on this connection yet.
    pub(crate) fn reconnected(&mut self) {
        for tracked in &mut self.legs {
            tracked.said = Said::default();
        }
    }

    /// Whether any leg wants the pump to look often.
    pub(crate) fn is_busy(&self) -> bool {
        !self.legs.is_empty()
    }

    /// Says what there is to say until `out` holds `limit` bytes; what remains waits in the rings.
    pub(crate) fn fill(&mut self, out: &mut Vec<u8>, limit: usize) {
        self.say_states(out, limit);
        self.say_audio(out, limit);
        for tracked in &mut self.legs {
            if out.len() < limit {
                tracked.say_end(out);
            }
        }
    }

    /// There is nobody to tell: questions are answered so, what ended goes, what is lost is counted.
    pub(crate) fn starve(&mut self) {
        for tracked in &mut self.legs {
            tracked.leg.ring.skip_overwritten(&mut tracked.cursor);
            tracked.count();
            if let Some(question) = tracked.leg.waiting() {
                tracked.leg.answer(question.ask, Outcome::Unavailable);
            }
        }
    }

    /// Events to fire, and legs that are through: these must be taken off the registry.
    pub(crate) fn settle(&mut self, now: Instant, connected: bool) -> (Vec<Notice>, Vec<Arc<Leg>>) {
        let (mut notices, mut through) = (Vec::new(), Vec::new());
        self.legs.retain_mut(|tracked| {
            tracked.notice(now, &mut notices);
            let done = tracked.is_through(connected);
            if done {
                tracked.cursor.abandon(&tracked.leg.ring);
                tracked.count();
                if let Some(end) = tracked.leg.end().filter(|_| tracked.noticed) {
                    COUNTERS.legs_stopped.one();
                    notices.push(Notice::Stopped(Arc::clone(&tracked.leg), end));
                }
                through.push(Arc::clone(&tracked.leg));
            }
            !done
        });
        self.leaving.extend(through.iter().cloned());
        (notices, through)
    }

    /// Frees the legs that nobody else holds any more.
    pub(crate) fn bury(&mut self) {
        self.leaving.retain(|leg| Arc::strong_count(leg) > 1);
    }

    fn say_states(&mut self, out: &mut Vec<u8>, limit: usize) {
        for i in 0..self.legs.len() {
            if out.len() >= limit {
                return;
            }
            let leg = &self.legs[i].leg;
            // A channel that was stopped and started again: the second start waits for the first one's stop.
            let same = |earlier: &Tracked| earlier.leg.info.uuid == leg.info.uuid;
            let waits = !self.legs[i].said.start && self.legs[..i].iter().any(same);
            if leg.attach() == Attach::Done && !waits {
                let Tracked { leg, said, .. } = &mut self.legs[i];
                said.state(leg, out);
            }
        }
    }

    /// One frame of each leg in turn, so that none waits for the others.
    fn say_audio(&mut self, out: &mut Vec<u8>, limit: usize) {
        let mut audio = self.audio.take().unwrap_or_else(empty_audio);
        let mut more = true;
        while more && out.len() < limit {
            more = false;
            for tracked in self.legs.iter_mut().filter(|tracked| tracked.said.start) {
                if let Some(taken) = tracked.leg.ring.take(&mut tracked.cursor, &mut audio.samples) {
                    more = true;
                    audio = tracked.say_frame(audio, &taken, out);
                }
            }
        }
        self.audio = Some(audio);
        // A daemon that does not read is to be seen in the counters at once.
        for tracked in &mut self.legs {
            tracked.leg.ring.skip_overwritten(&mut tracked.cursor);
            tracked.count();
        }
    }
}

impl Said {
    fn state(&mut self, leg: &Leg, out: &mut Vec<u8>) {
        let info = &leg.info;
        if !self.start {
            self.start = true;
            say(
                out,
                &FromModule::LegStart(LegStart {
                    uuid: info.uuid.clone(),
                    call: info.call.clone(),
                    party: info.party,
                    agent: info.agent.clone(),
                    profile: info.profile.clone(),
                    queue: info.queue.clone(),
                    rate: info.rate,
                    backlog: u16::try_from(leg.ring.slots()).unwrap_or(u16::MAX),
                    tapped: leg.began.elapsed(),
                }),
            );
        }
        let paused = leg.paused.load(Ordering::Relaxed);
        if paused != self.paused {
            self.paused = paused;
            let uuid = info.uuid.clone();
            say(
                out,
                &if paused {
                    FromModule::Pause(uuid)
                } else {
                    FromModule::Resume(uuid)
                },
            );
        }
        self.question(leg, out);
    }

    fn question(&mut self, leg: &Leg, out: &mut Vec<u8>) {
        let waiting = leg.waiting();
        let ask = waiting.as_ref().map(|question| question.ask);
        if ask == self.ask {
            return;
        }
        if let Some(ask) = self.ask.take()
            && !leg.was_answered(ask)
        {
            say(
                out,
                &FromModule::AskCancel {
                    uuid: leg.info.uuid.clone(),
                    ask,
                },
            );
        }
        if let Some(question) = waiting {
            self.ask = Some(question.ask);
            say(
                out,
                &FromModule::Ask(Ask {
                    uuid: leg.info.uuid.clone(),
                    ask: question.ask,
                    asked: question.asked,
                }),
            );
        }
    }
}

impl Tracked {
    fn say_frame(&self, mut audio: Audio, taken: &Taken, out: &mut Vec<u8>) -> Audio {
        audio.uuid.clone_from(&self.leg.info.uuid);
        audio.party = self.leg.info.party;
        audio.rate = taken.stamp.rate;
        audio.position = taken.stamp.position;
        audio.captured = taken.stamp.captured;
        audio.lost = u32::try_from(taken.lost).unwrap_or(u32::MAX);
        if taken.stamp.channels == 2 {
            fold_to_mono(&mut audio.samples);
        }
        let message = FromModule::Audio(audio);
        say(out, &message);
        self.leg.sent.fetch_add(1, Ordering::Relaxed);
        COUNTERS.frames_sent.one();
        match message {
            FromModule::Audio(audio) => audio,
            _ => empty_audio(),
        }
    }

    /// Nothing of the leg waits and the tap is off: says so, once.
    fn say_end(&mut self, out: &mut Vec<u8>) {
        if !self.said.start || self.finished {
            return;
        }
        // The order matters: once the end is seen, nothing more comes into the ring.
        let Some(end) = self.leg.end() else { return };
        self.leg.ring.skip_overwritten(&mut self.cursor);
        if self.cursor.is_behind(&self.leg.ring) {
            return;
        }
        self.finished = true;
        say(
            out,
            &FromModule::LegStop(LegStop {
                uuid: self.leg.info.uuid.clone(),
                end,
                frames: self.leg.ring.written(),
                lost: self.cursor.lost(),
            }),
        );
    }

    fn is_through(&self, connected: bool) -> bool {
        match (self.leg.attach(), self.leg.end()) {
            (Attach::Failed, _) => true,
            (Attach::Done, Some(_)) => !connected || self.finished,
            _ => false,
        }
    }

    fn notice(&mut self, now: Instant, notices: &mut Vec<Notice>) {
        if !self.noticed && self.leg.attach() == Attach::Done {
            self.noticed = true;
            notices.push(Notice::Started(Arc::clone(&self.leg)));
        }
        let (said, when) = self.overrun_said;
        let more = self.cursor.lost() - said;
        if more > 0 && when.is_none_or(|when| now.duration_since(when) >= OVERRUN_EVERY) {
            self.overrun_said = (self.cursor.lost(), Some(now));
            notices.push(Notice::Overrun(Arc::clone(&self.leg), more));
        }
    }

    fn count(&self) {
        let before = self.leg.lost.swap(self.cursor.lost(), Ordering::Relaxed);
        COUNTERS.frames_lost.add(self.cursor.lost() - before);
    }
}

/// A message that is too long would be a fault of this module: every field is cut where it comes in.
fn say(out: &mut Vec<u8>, message: &FromModule) {
    if message.encode(out).is_err() {
        COUNTERS.protocol_errors.one();
    }
}

fn fold_to_mono(samples: &mut Vec<i16>) {
    for i in 0..samples.len() / 2 {
        samples[i] = i16::midpoint(samples[2 * i], samples[2 * i + 1]);
    }
    samples.truncate(samples.len() / 2);
}

fn empty_audio() -> Audio {
    Audio {
        uuid: String::new(),
        party: Party::Caller,
        rate: 0,
        position: 0,
        captured: Duration::ZERO,
        lost: 0,
        samples: Vec::new(),
    }
}

#[cfg(test)]
#[path = "feed_tests.rs"]
mod tests;
