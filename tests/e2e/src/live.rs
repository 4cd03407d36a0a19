//! The whole of it: the built daemon, a private Asterisk, SIPp as the phones and a private Redis.

mod daemon;
mod desk;
mod pbx;
mod store;

use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use sidetone_base::Role;
use sidetone_schema::Envelope;

pub use daemon::{Daemon, Options, asterisk_section, binary};
pub use desk::Desk;
pub use pbx::{Pbx, Phone};
pub use store::{Mirror, Store};

use crate::corpus::CorpusCall;

/// How long anything may take before the test fails.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// One test at a time: recognition takes every core.
static TURN: Mutex<()> = Mutex::new(());

/// Everything that one test has for itself; taken down in the order of the fields.
pub struct Stage {
    /// Stopped first.
    pub daemon: Daemon,
    /// The switch.
    pub pbx: Pbx,
    /// The store.
    pub store: Store,
    _turn: MutexGuard<'static, ()>,
}

impl Stage {
    /// Starts all three. `block` picks the ports: 530 from 29550 + 530 × `block` on, below those that
    /// the system hands out.
    #[must_use]
    pub fn set(name: &str, block: u16, sound: Sound, options: &Options) -> Self {
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let folder = std::env::temp_dir().join(format!("sidetone-e2e-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        let store = Store::start(&folder);
        let pbx = Pbx::start(&folder, 29_550 + 530 * block);
        sound.lay_down(&pbx);
        let daemon = Daemon::start(
            &folder,
            pbx.port + 521,
            &asterisk_section(pbx.port, "auto"),
            &store.url(),
            options,
        );
        Self {
            daemon,
            pbx,
            store,
            _turn: turn,
        }
    }

    /// The id of the only call that the store knows, once it has begun.
    #[must_use]
    pub fn call(&self) -> String {
        until("a call to begin", PATIENCE, || self.store.calls().pop())
    }

    /// Waits for the call's events to please.
    pub fn events(&self, call: &str, what: &str, enough: impl Fn(&[Envelope]) -> bool) -> Vec<Envelope> {
        let events = || Some(self.store.stream(call)).filter(|events| enough(events));
        until_or(what, PATIENCE, events, || self.daemon.log())
    }

    /// The whole story of a call, from the store, once it has ended.
    #[must_use]
    pub fn story(&self, call: &str) -> Vec<Envelope> {
        self.events(call, "call.ended", |events| {
            events
                .last()
                .is_some_and(|event| event.body.type_name() == "call.ended")
        })
    }
}

/// What the phones play: the first seconds of a corpus call, over and over where they last longer than it.
#[derive(Clone, Copy, Debug)]
pub struct Sound {
    /// Which call.
    pub call: &'static str,
    /// How long.
    pub seconds: usize,
}

impl Sound {
    fn lay_down(self, pbx: &Pbx) {
        for (role, bytes) in CorpusCall::open(self.call).a_law {
            let name = if role == Role::Caller {
                "caller.pcma"
            } else {
                "agent.pcma"
            };
            let played: Vec<u8> = bytes.iter().copied().cycle().take(self.seconds * 8_000).collect();
            std::fs::write(pbx.folder.join(name), played).unwrap();
        }
    }
}

/// Where the daemon's models lie.
#[must_use]
pub fn models() -> PathBuf {
    let models = crate::root().join("models/cache");
    assert!(
        models.join("whisper-base").is_dir(),
        "models are missing: run `sidetone models fetch`"
    );
    models
}

/// Asks until there is an answer.
pub fn until<T>(what: &str, limit: Duration, ask: impl FnMut() -> Option<T>) -> T {
    until_or(what, limit, ask, String::new)
}

/// As [`until`]; when it waited in vain, `excuse` tells what there is.
pub fn until_or<T>(what: &str, limit: Duration, mut ask: impl FnMut() -> Option<T>, excuse: impl Fn() -> String) -> T {
    let deadline = Instant::now() + limit;
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(
            Instant::now() < deadline,
            "waited {limit:?} in vain for {what}\n{}",
            excuse()
        );
        std::thread::sleep(Duration::from_millis(50));
    }
}
