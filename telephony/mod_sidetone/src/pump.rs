//! The module's own thread. It looks every few milliseconds; nothing on a media thread ever wakes it.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use sidetone_mod_wire::{FromModule, Hello, MAX_ID, MAX_NAME, Message, ToModule, fit};

use crate::callback::BYPASS;
use crate::config::Config;
use crate::counters::COUNTERS;
use crate::feed::{Feed, Notice};
use crate::guard::{guarded, lock};
use crate::leg::{Outcome, Registry};
use crate::switch::{self, Level, event, log};
use crate::uplink::{OUT_LIMIT, Uplink};

/// While a leg is tapped: the most that the pump adds to a frame's way.
const BUSY_TICK: Duration = Duration::from_millis(10);
const IDLE_TICK: Duration = Duration::from_millis(50);
/// After a fault of the pump itself.
const RESTART: Duration = Duration::from_secs(1);

/// What entries from the switch and the pump share.
pub(crate) struct Shared {
    pub(crate) config: Config,
    pub(crate) registry: Registry,
    pub(crate) connected: AtomicBool,
    /// As the daemon named itself; empty before.
    pub(crate) daemon: Mutex<String>,
    /// Test hook of debug builds.
    #[cfg(debug_assertions)]
    pub(crate) fault: AtomicBool,
    next_ask: AtomicU64,
    thread: OnceLock<Thread>,
}

impl Shared {
    pub(crate) fn new(config: Config) -> Self {
        Self {
            config,
            registry: Registry::new(),
            connected: AtomicBool::new(false),
            daemon: Mutex::new(String::new()),
            #[cfg(debug_assertions)]
            fault: AtomicBool::new(false),
            next_ask: AtomicU64::new(1),
            thread: OnceLock::new(),
        }
    }

    /// An ask that was never used.
    pub(crate) fn next_ask(&self) -> u64 {
        self.next_ask.fetch_add(1, Ordering::Relaxed)
    }

    /// Makes the pump look now. Not for the media path.
    pub(crate) fn wake(&self) {
        if let Some(thread) = self.thread.get() {
            thread.unpark();
        }
    }
}

/// Starts the thread. It ends when the switch ends.
pub(crate) fn spawn(shared: &'static Shared) -> std::io::Result<()> {
    let handle = thread::Builder::new()
        .name("sidetone-pump".to_owned())
        .spawn(move || run(shared))?;
    let _ = shared.thread.set(handle.thread().clone());
    Ok(())
}

fn run(shared: &Shared) {
    // Outside of the guard: what was going on survives a fault, the connection does not.
    let mut pump = Pump {
        shared,
        feed: Feed::default(),
        uplink: Uplink::new(shared.config.socket.clone()),
        was_up: false,
    };
    while !switch::is_ending() {
        let turned = guarded(false, || {
            pump.turn(Instant::now());
            true
        });
        if turned {
            thread::park_timeout(if pump.feed.is_busy() { BUSY_TICK } else { IDLE_TICK });
        } else {
            pump.uplink.down(Instant::now());
            log(Level::Error, "the pump failed and goes on with a new connection");
            thread::sleep(RESTART);
        }
    }
}

struct Pump<'a> {
    shared: &'a Shared,
    feed: Feed,
    uplink: Uplink,
    was_up: bool,
}

impl Pump<'_> {
    fn turn(&mut self, now: Instant) {
        #[cfg(debug_assertions)]
        test_fault(self.shared);
        self.feed.bury();
        self.feed.adopt(self.shared.registry.take_new());
        if self.uplink.reconnect(now) {
            self.feed.reconnected();
            self.say_hello();
        }
        for message in self.uplink.read(now) {
            self.take(message);
        }
        if let Some(out) = self.uplink.out() {
            self.feed.fill(out, OUT_LIMIT);
        }
        self.uplink.write(now);
        self.follow_link();
        let (notices, through) = self.feed.settle(now, self.uplink.is_up());
        for leg in &through {
            self.shared.registry.remove(leg);
        }
        drop(through);
        notices.iter().for_each(tell);
        drop(notices);
        self.feed.bury();
    }

    fn say_hello(&mut self) {
        let (switch, switch_uuid) = switch::identity();
        let hello = FromModule::Hello(Hello {
            module: env!("CARGO_PKG_VERSION").to_owned(),
            switch: fit(&switch, MAX_NAME).to_owned(),
            switch_uuid: fit(&switch_uuid, MAX_ID).to_owned(),
        });
        if let Some(out) = self.uplink.out()
            && hello.encode(out).is_err()
        {
            COUNTERS.protocol_errors.one();
        }
    }

    fn take(&self, message: ToModule) {
        match message {
            ToModule::Welcome(welcome) => *lock(&self.shared.daemon) = welcome.daemon,
            ToModule::Answer(answer) => {
                if let Some(leg) = self.shared.registry.asking(answer.ask) {
                    leg.answer(answer.ask, Outcome::Answered(Box::new(answer)));
                }
            }
            ToModule::Event(event) => {
                if !BYPASS.load(Ordering::Relaxed) {
                    event::fire(event.subclass.as_str(), &[("Unique-ID", &event.uuid)], &event.body);
                }
            }
            ToModule::Bypass(on) => {
                BYPASS.store(on, Ordering::Relaxed);
                log(
                    Level::Warning,
                    if on {
                        "bypass on, says the daemon"
                    } else {
                        "bypass off, says the daemon"
                    },
                );
            }
        }
    }

    fn follow_link(&mut self) {
        let up = self.uplink.is_up();
        if up != self.was_up {
            self.was_up = up;
            self.shared.connected.store(up, Ordering::Relaxed);
            let path = self.shared.config.socket.display();
            if up {
                log(Level::Notice, &format!("connected to the daemon at {path}"));
            } else {
                lock(&self.shared.daemon).clear();
                log(
                    Level::Warning,
                    &format!("the daemon at {path} is gone; calls go on, frames are dropped"),
                );
            }
        }
        if !up {
            self.feed.starve();
        }
    }
}

fn tell(notice: &Notice) {
    if BYPASS.load(Ordering::Relaxed) {
        return;
    }
    let (subclass, leg, body) = match notice {
        Notice::Started(leg) => ("sidetone::start", leg, String::new()),
        Notice::Overrun(leg, lost) => ("sidetone::overrun", leg, format!("{{\"lost\":{lost}}}")),
        Notice::Stopped(leg, end) => {
            let (frames, lost) = (leg.ring.written(), leg.lost.load(Ordering::Relaxed));
            let reason = end.as_str();
            let body = format!("{{\"reason\":\"{reason}\",\"frames\":{frames},\"lost\":{lost}}}");
            ("sidetone::stop", leg, body)
        }
    };
    let info = &leg.info;
    let headers = [
        ("Unique-ID", info.uuid.as_str()),
        ("Sidetone-Call", &info.call),
        ("Sidetone-Role", info.party.as_str()),
        ("Sidetone-Agent", &info.agent),
        ("Sidetone-Profile", &info.profile),
    ];
    event::fire(subclass, &headers, &body);
    if let Notice::Stopped(_, sidetone_mod_wire::LegEnd::Fault) = notice {
        event::fire(
            "sidetone::error",
            &headers,
            "{\"code\":\"fault\",\"what\":\"the tap took itself out\"}",
        );
    }
}

#[cfg(debug_assertions)]
#[allow(clippy::panic)]
fn test_fault(shared: &Shared) {
    if shared.fault.swap(false, Ordering::Relaxed) {
        panic!("a fault that a test asked for");
    }
}
