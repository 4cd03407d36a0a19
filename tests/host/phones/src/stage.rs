//! What the stages of both switches have in common: phones, pilots, a store and the daemon.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::Duration;

use sidetone_e2e::live::{Daemon, Options, PATIENCE, Store, until_or};
use sidetone_media::codec::Law;
use sidetone_schema::{Body, Envelope};

use crate::phone::{Phone, Settings};
use crate::voice::Pilot;

/// How a supervisor joins an agent's call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Supervision {
    /// Hears both.
    Listen,
    /// Hears both, and the agent hears them.
    Whisper,
    /// All hear all.
    Barge,
}

/// A switch with telephones, and perhaps the daemon.
pub trait Stage: Sync {
    /// Its phones and its daemon.
    fn common(&self) -> &Common;

    /// The same, to change it.
    fn common_mut(&mut self) -> &mut Common;

    /// The section of the daemon's configuration that is about this switch.
    fn section(&self, tap: &str) -> String;

    /// Begins to record the agent's call.
    fn record(&self, agent: &str);

    /// What a supervisor dials.
    fn supervision(&self, agent: &str, how: Supervision) -> String;

    /// Sends both parties of the agent's call into a conference; gives what a third one dials.
    fn conference(&self, agent: &str) -> String;

    /// Waits until no channel is left.
    fn assert_empty(&self);

    /// Starts the daemon.
    fn listen(&mut self, tap: &str, options: &Options) {
        let section = self.section(tap);
        let common = self.common_mut();
        let url = common.store.url();
        common.daemon = Some(Daemon::start(
            &common.folder,
            common.port + 521,
            &section,
            &url,
            options,
        ));
    }

    /// The phone of agent 80`nn`, which answers.
    fn agent(&self, nn: u16) -> Phone {
        self.common().phone(&format!("80{nn:02}"), self.common().port + nn)
    }

    /// A phone that calls, and that nobody calls.
    fn desk(&self, user: &str) -> Phone {
        self.common().phone(user, 0)
    }

    /// Waits until both parties of the agent's call are heard, where a daemon listens.
    fn wait_tapped(&self, agent: &str) {
        self.common().wait_tapped(agent);
    }
}

/// See [`Stage`].
pub struct Common {
    daemon: Option<Daemon>,
    store: Store,
    /// Everything of this stage.
    pub folder: PathBuf,
    /// The switch's SIP port; all others count from it.
    pub port: u16,
    law: Law,
    pilots: Mutex<u8>,
}

impl Common {
    pub(crate) fn new(name: &str, port: u16, law: Law) -> Self {
        let folder = std::env::temp_dir().join(format!("sidetone-phones-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        Self {
            daemon: None,
            store: Store::start(&folder),
            folder,
            port,
            law,
            pilots: Mutex::new(0),
        }
    }

    /// The daemon, where one was started.
    pub fn daemon(&mut self) -> Option<&mut Daemon> {
        self.daemon.as_mut()
    }

    /// What the daemon has published.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }

    fn phone(&self, user: &str, port: u16) -> Phone {
        let mut next = self.pilots.lock().unwrap();
        let pilot = Pilot(*next % Pilot::COUNT);
        *next += 1;
        Phone::new(Settings {
            user,
            port,
            switch: SocketAddr::from(([127, 0, 0, 1], self.port)),
            pilot,
            law: self.law,
            ring: Duration::from_millis(200),
        })
    }

    fn wait_tapped(&self, agent: &str) {
        let Some(daemon) = &self.daemon else { return };
        let tapped = || {
            let call = self.store.call_of(agent)?;
            let events = self.store.stream(&call);
            let legs = |event: &Envelope| match &event.body {
                Body::CallUpdated(updated) => Some(updated.legs.iter().map(|leg| leg.tap.is_some()).collect()),
                _ => None,
            };
            let taps: Vec<bool> = events.iter().rev().find_map(legs)?;
            (taps.len() >= 2 && taps.iter().all(|&tapped| tapped)).then_some(())
        };
        until_or(
            &format!("both legs of {agent}'s call to be heard"),
            PATIENCE,
            tapped,
            || daemon.log(),
        );
    }
}
