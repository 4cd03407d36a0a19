//! What happened since the module was loaded. Read by `sidetone status`; nothing here is per call.

use std::sync::atomic::{AtomicU64, Ordering};

macro_rules! counters {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {
        /// All of them; each only rises, except the two that count what lives.
        #[derive(Debug, Default)]
        pub(crate) struct Counters { $($(#[$doc])* pub(crate) $name: Count),* }

        impl Counters {
            const fn new() -> Self {
                Self { $($name: Count(AtomicU64::new(0))),* }
            }

            /// Name and value of each, in this order.
            pub(crate) fn all(&self) -> Vec<(&'static str, u64)> {
                vec![$((stringify!($name), self.$name.get())),*]
            }
        }
    };
}

/// One number that any thread may raise.
#[derive(Debug, Default)]
pub(crate) struct Count(AtomicU64);

impl Count {
    pub(crate) fn add(&self, n: u64) {
        self.0.fetch_add(n, Ordering::Relaxed);
    }

    pub(crate) fn one(&self) {
        self.add(1);
    }

    pub(crate) fn less_one(&self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

counters! {
    /// Legs whose memory is held: tapped ones, and those whose last audio is being sent.
    legs_live,
    /// Rings whose memory is held.
    rings_live,
    /// Taps put on.
    legs_started,
    /// Taps that the switch let go.
    legs_stopped,
    /// Starts that were refused: no media for a command that cannot wait for it, too many legs, tapped already,
    /// the switch said no.
    legs_refused,
    /// Starts by a dialplan before there was media: the switch runs them again, and what comes of that is counted
    /// then.
    legs_deferred,
    /// Frames sent to the daemon.
    frames_sent,
    /// Frames overwritten because nobody fetched them in time.
    frames_lost,
    /// Frames that no ring can hold (more than two channels, no samples).
    frames_unusable,
    /// Connections made to the daemon.
    connects,
    /// Connections that ended.
    disconnects,
    /// Connections closed because the daemon read nothing for too long.
    stalls,
    /// Connections closed because the daemon said what is not the protocol.
    protocol_errors,
    /// Events fired on the switch.
    events_fired,
    /// Questions of the dialplan.
    listens,
    /// Questions answered in time.
    listens_answered,
    /// Faults within the module, kept within it.
    panics,
}

/// The module's own.
pub(crate) static COUNTERS: Counters = Counters::new();
