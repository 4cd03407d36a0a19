//! Media threads: one for each leg, a frame every 20 ms.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::switch::{Session, Took};

pub const PACKET: Duration = Duration::from_millis(20);

/// A leg that speaks until it is hung up.
pub struct Player {
    pub session: Arc<Session>,
    ending: Arc<AtomicBool>,
    thread: JoinHandle<Vec<Took>>,
}

/// Speaks the counter of its own samples: in two channels both say the same.
pub struct Voice {
    next: u64,
    samples: Vec<i16>,
}

impl Voice {
    pub fn new() -> Self {
        Self {
            next: 0,
            samples: Vec::new(),
        }
    }

    /// One frame; how long the module's callback took, if it was called.
    pub fn speak(&mut self, session: &Session) -> Vec<Took> {
        let each = u64::from(session.rate / 50);
        self.samples.clear();
        for number in self.next..self.next + each {
            for _ in 0..session.channels {
                self.samples.push(number as i16);
            }
        }
        let took = session.play(&self.samples);
        // The module counts from the moment of its tap.
        self.next = if took.is_empty() { 0 } else { self.next + each };
        took
    }
}

impl Player {
    pub fn start(session: &Arc<Session>) -> Self {
        let (its_session, ending) = (Arc::clone(session), Arc::new(AtomicBool::new(false)));
        let its_ending = Arc::clone(&ending);
        let thread = std::thread::spawn(move || {
            let (mut voice, mut took, mut due) = (Voice::new(), Vec::new(), Instant::now());
            while !its_ending.load(Ordering::Relaxed) {
                took.extend(voice.speak(&its_session));
                due += PACKET;
                std::thread::sleep(due.saturating_duration_since(Instant::now()));
            }
            took
        });
        Self {
            session: Arc::clone(session),
            ending,
            thread,
        }
    }

    /// The channel ends; how long each callback took.
    pub fn hang_up(self) -> Vec<Took> {
        self.ending.store(true, Ordering::Relaxed);
        let took = self.thread.join().expect("the media thread lived");
        self.session.hang_up();
        took
    }
}
