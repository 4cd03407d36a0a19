//! One tapped leg, and the list of them.

use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use sidetone_mod_wire::{Answer, Asked, LegEnd, Party};

use crate::counters::COUNTERS;
use crate::guard::lock;
use crate::ring::Ring;

/// What is said of a leg when its tap is put on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LegInfo {
    pub(crate) uuid: String,
    pub(crate) call: String,
    pub(crate) party: Party,
    pub(crate) agent: String,
    pub(crate) profile: String,
    pub(crate) queue: String,
    /// Samples per second at that moment.
    pub(crate) rate: u32,
}

/// How putting the tap on went. Nothing is said of a leg whose tap is still being put on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Attach {
    Pending = 0,
    Done = 1,
    Failed = 2,
}

/// Shared by the switch (through the bug's user data), the list and the pump.
pub(crate) struct Leg {
    pub(crate) info: LegInfo,
    pub(crate) ring: Ring,
    /// The clock of `captured`.
    pub(crate) began: Instant,
    /// Samples of one channel so far at `rate`; written by the callback alone.
    pub(crate) position: AtomicU64,
    /// Of the frame before; written by the callback alone.
    pub(crate) rate: AtomicU64,
    /// Read and thrown away.
    pub(crate) paused: AtomicBool,
    /// Not even read.
    pub(crate) bypassed: AtomicBool,
    /// The switch's buffer holds what came while bypassed: throw it away before reading on.
    pub(crate) stale: AtomicBool,
    /// The switch holds no reference any more. Whoever sets it drops that reference.
    pub(crate) released: AtomicBool,
    /// `stop` was asked, or a fault happened: what the end will be called.
    pub(crate) stopping: AtomicBool,
    pub(crate) faulty: AtomicBool,
    /// Test hook of debug builds: the next frame panics.
    #[cfg(debug_assertions)]
    pub(crate) fault: AtomicBool,
    attach: AtomicU8,
    /// 0 while the tap is on, else [`LegEnd`] + 1.
    end: AtomicU8,
    /// As the pump counted; for `stats`.
    pub(crate) sent: AtomicU64,
    pub(crate) lost: AtomicU64,
    question: Mutex<Option<Question>>,
    /// The last question that the daemon answered.
    answered: AtomicU64,
}

/// What the dialplan waits for.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    pub(crate) ask: u64,
    pub(crate) asked: Asked,
    pub(crate) outcome: Option<Outcome>,
}

/// How a question ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Answered(Box<Answer>),
    /// The daemon is gone.
    Unavailable,
}

impl Leg {
    pub(crate) fn new(info: LegInfo, ring: Ring, now: Instant) -> Self {
        COUNTERS.legs_live.one();
        Self {
            info,
            ring,
            began: now,
            position: AtomicU64::new(0),
            rate: AtomicU64::new(0),
            paused: AtomicBool::new(false),
            bypassed: AtomicBool::new(false),
            stale: AtomicBool::new(false),
            released: AtomicBool::new(false),
            stopping: AtomicBool::new(false),
            faulty: AtomicBool::new(false),
            #[cfg(debug_assertions)]
            fault: AtomicBool::new(false),
            attach: AtomicU8::new(Attach::Pending as u8),
            end: AtomicU8::new(0),
            sent: AtomicU64::new(0),
            lost: AtomicU64::new(0),
            question: Mutex::new(None),
            answered: AtomicU64::new(0),
        }
    }

    pub(crate) fn attach(&self) -> Attach {
        match self.attach.load(Ordering::Acquire) {
            0 => Attach::Pending,
            1 => Attach::Done,
            _ => Attach::Failed,
        }
    }

    pub(crate) fn set_attach(&self, attach: Attach) {
        self.attach.store(attach as u8, Ordering::Release);
    }

    /// Why the tap came off; `None` while it is on. Everything that the tap gave is in the ring by then.
    pub(crate) fn end(&self) -> Option<LegEnd> {
        match self.end.load(Ordering::Acquire) {
            0 => None,
            1 => Some(LegEnd::Hangup),
            2 => Some(LegEnd::Stopped),
            _ => Some(LegEnd::Fault),
        }
    }

    /// The tap came off.
    pub(crate) fn set_end(&self) {
        let end = if self.faulty.load(Ordering::Relaxed) {
            LegEnd::Fault
        } else if self.stopping.load(Ordering::Relaxed) {
            LegEnd::Stopped
        } else {
            LegEnd::Hangup
        };
        self.end.store(end as u8 + 1, Ordering::Release);
    }

    /// Puts a question; `false` when another one waits.
    pub(crate) fn ask(&self, ask: u64, asked: Asked) -> bool {
        let mut question = lock(&self.question);
        if question.is_some() {
            return false;
        }
        *question = Some(Question {
            ask,
            asked,
            outcome: None,
        });
        true
    }

    /// The question that waits for the daemon.
    pub(crate) fn waiting(&self) -> Option<Question> {
        lock(&self.question)
            .clone()
            .filter(|question| question.outcome.is_none())
    }

    /// Answers question `ask`; nothing when nobody asks it (any more).
    pub(crate) fn answer(&self, ask: u64, outcome: Outcome) -> bool {
        match &mut *lock(&self.question) {
            Some(question) if question.ask == ask && question.outcome.is_none() => {
                question.outcome = Some(outcome);
                self.answered.store(ask, Ordering::Relaxed);
                true
            }
            _ => false,
        }
    }

    /// Whether this question has had its answer.
    pub(crate) fn was_answered(&self, ask: u64) -> bool {
        self.answered.load(Ordering::Relaxed) == ask
    }

    /// The outcome, once there is one.
    pub(crate) fn outcome(&self) -> Option<Outcome> {
        lock(&self.question)
            .as_ref()
            .and_then(|question| question.outcome.clone())
    }

    /// Nobody waits any more.
    pub(crate) fn withdraw(&self) {
        *lock(&self.question) = None;
    }
}

impl Drop for Leg {
    fn drop(&mut self) {
        COUNTERS.legs_live.less_one();
    }
}

/// Why a leg cannot be listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// Tapped already.
    Already,
    /// As many as the configuration allows, ended ones that the daemon has not fetched included.
    Full,
}

/// Every leg whose tap is on or whose last words are still being sent. Never locked by the callback, nor
/// while the switch is called.
pub(crate) struct Registry {
    lists: Mutex<Lists>,
}

struct Lists {
    legs: Vec<Arc<Leg>>,
    /// Not yet seen by the pump.
    new: Vec<Arc<Leg>>,
}

impl Registry {
    pub(crate) const fn new() -> Self {
        let lists = Lists {
            legs: Vec::new(),
            new: Vec::new(),
        };
        Self {
            lists: Mutex::new(lists),
        }
    }

    /// Lists a leg before its tap is put on, so that two starts at once cannot both succeed.
    pub(crate) fn insert(&self, leg: &Arc<Leg>, most: usize) -> Result<(), Refused> {
        let mut lists = lock(&self.lists);
        if lists
            .legs
            .iter()
            .any(|other| other.info.uuid == leg.info.uuid && is_on(other))
        {
            return Err(Refused::Already);
        }
        if lists.legs.len() >= most {
            return Err(Refused::Full);
        }
        lists.legs.push(Arc::clone(leg));
        lists.new.push(Arc::clone(leg));
        Ok(())
    }

    /// Those that came since this was last asked; for the pump alone.
    pub(crate) fn take_new(&self) -> Vec<Arc<Leg>> {
        std::mem::take(&mut lock(&self.lists).new)
    }

    /// The leg of this channel whose tap is on.
    pub(crate) fn find(&self, uuid: &str) -> Option<Arc<Leg>> {
        lock(&self.lists)
            .legs
            .iter()
            .find(|leg| leg.info.uuid == uuid && is_on(leg))
            .cloned()
    }

    /// The leg that asks this question.
    pub(crate) fn asking(&self, ask: u64) -> Option<Arc<Leg>> {
        let asks = |leg: &&Arc<Leg>| leg.waiting().is_some_and(|question| question.ask == ask);
        lock(&self.lists).legs.iter().find(asks).cloned()
    }

    /// In the order of their starts.
    pub(crate) fn all(&self) -> Vec<Arc<Leg>> {
        lock(&self.lists).legs.clone()
    }

    pub(crate) fn remove(&self, leg: &Arc<Leg>) {
        lock(&self.lists).legs.retain(|other| !Arc::ptr_eq(other, leg));
    }
}

fn is_on(leg: &Leg) -> bool {
    leg.end().is_none() && leg.attach() != Attach::Failed
}
