//! What `mod_sidetone` taps, and who listens to it.
//!
//! | queue | bound | when full |
//! |---|---|---|
//! | audio of one leg | what the module may hold back, and [`LIVE`] frames | the frame is dropped, `sidetone_freeswitch_module_dropped_total` |
//! | audio of a leg that nobody listens to yet | what the module may hold back | the oldest goes, `sidetone_freeswitch_module_unheard_total`; said once a leg |

mod server;

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use metrics::{counter, gauge};
use sidetone_mod_wire::{Audio, LegEnd, LegStart, Subclass, ToModule};
use tokio::sync::{mpsc, watch};
use tokio::time::timeout;

pub(super) use server::Server;

/// Frames of one leg beyond those that the module held back while it had no connection: 1.3 s for the tap's task
/// to be slow in.
const LIVE: usize = 64;
/// The most that a module's ring holds of a leg; for a leg whose start has not been heard of yet.
const MOST_BACKLOG: usize = 4096;
/// A module that is loaded tries again each second, and so has come by then.
const SETTLED: Duration = Duration::from_secs(2);

/// What comes of one leg.
#[derive(Debug)]
pub(super) enum LegNews {
    /// The module's tap began then: the zero of `captured`.
    Began(Instant),
    /// The dialplan has it say nothing, or go on.
    Paused(bool),
    Audio(Audio),
    Stopped(LegEnd),
}

#[derive(Debug, Default)]
struct State {
    link: Option<mpsc::Sender<ToModule>>,
    /// Counts connections: an old one that ends late takes nothing from the new one.
    serial: u64,
    started: HashMap<String, Started>,
    listeners: HashMap<String, mpsc::Sender<LegNews>>,
}

/// A leg that the module taps.
#[derive(Debug)]
struct Started {
    began: Instant,
    paused: bool,
    /// So many frames may come at once: after a connection that was lost the module says all that its ring holds.
    backlog: usize,
    /// The newest of them, while nobody listens: they come right behind the leg's start, before its call is known.
    early: VecDeque<Audio>,
    /// That nobody listens has been said.
    told: bool,
}

/// What is known of the module. Cheap to share.
#[derive(Debug, Default)]
pub(super) struct Module {
    /// Since when it can connect.
    since: OnceLock<Instant>,
    state: Mutex<State>,
    connected: watch::Sender<bool>,
    /// Changes with each leg that it starts.
    starts: watch::Sender<()>,
}

impl Module {
    pub(super) fn is_connected(&self) -> bool {
        *self.connected.borrow()
    }

    /// After a start of the daemon calls are known before the module has noticed that there is one again.
    pub(super) async fn wait_connected(&self, limit: Duration) -> bool {
        let mut connected = self.connected.subscribe();
        matches!(
            timeout(limit, connected.wait_for(|connected| *connected)).await,
            Ok(Ok(_))
        )
    }

    /// How long a module that is loaded may still take to be here.
    pub(super) fn settling(&self) -> Duration {
        let lived = self.since.get().map_or(SETTLED, Instant::elapsed);
        SETTLED.saturating_sub(lived)
    }

    /// Until the dialplan has this leg heard.
    pub(super) async fn wait_started(&self, uuid: &str) {
        let mut starts = self.starts.subscribe();
        while !self.state().started.contains_key(uuid) {
            // Cannot fail: the sender is here.
            let _ = starts.changed().await;
        }
    }

    /// What comes of this leg, and what has come since it was started; closed when the module is gone. Also whether
    /// it has been started already.
    pub(super) fn listen(&self, uuid: &str) -> (mpsc::Receiver<LegNews>, bool) {
        let mut state = self.state();
        let started = state.started.get_mut(uuid);
        let backlog = started.as_ref().map_or(MOST_BACKLOG, |leg| leg.backlog);
        // Two more for when it began, and whether it is paused.
        let (sender, receiver) = mpsc::channel(backlog + LIVE + 2);
        let is_started = started.is_some();
        if let Some(leg) = &started {
            let _ = sender.try_send(LegNews::Began(leg.began));
            let _ = sender.try_send(LegNews::Paused(leg.paused));
        }
        for audio in started.map(|leg| std::mem::take(&mut leg.early)).unwrap_or_default() {
            // There is room for as many.
            let _ = sender.try_send(LegNews::Audio(audio));
        }
        if state.link.is_some() {
            state.listeners.insert(uuid.to_owned(), sender);
        }
        (receiver, is_started)
    }

    /// Has the module fire an event on the switch.
    pub(super) fn announce(&self, uuid: &str, subclass: Subclass, body: &str) {
        let event = sidetone_mod_wire::Event {
            uuid: uuid.to_owned(),
            subclass,
            body: body.to_owned(),
        };
        self.send(ToModule::Event(event));
    }

    pub(super) fn send(&self, message: ToModule) -> bool {
        let sent = self
            .state()
            .link
            .as_ref()
            .is_some_and(|link| link.try_send(message).is_ok());
        if !sent {
            counter!("sidetone_freeswitch_module_unsent_total").increment(1);
        }
        sent
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn up(&self, link: mpsc::Sender<ToModule>) -> u64 {
        let mut state = self.state();
        state.serial += 1;
        state.link = Some(link);
        state.started.clear();
        state.listeners.clear();
        self.connected.send_replace(true);
        gauge!("sidetone_freeswitch_module_connected").set(1.0);
        state.serial
    }

    fn down(&self, serial: u64) {
        let mut state = self.state();
        if state.serial == serial {
            state.link = None;
            state.started.clear();
            state.listeners.clear();
            self.connected.send_replace(false);
            gauge!("sidetone_freeswitch_module_connected").set(0.0);
        }
    }

    fn started(&self, leg: &LegStart) {
        let now = Instant::now();
        let began = now.checked_sub(leg.tapped).unwrap_or(now);
        let started = Started {
            began,
            paused: false,
            backlog: usize::from(leg.backlog).min(MOST_BACKLOG),
            early: VecDeque::new(),
            told: false,
        };
        let mut state = self.state();
        if let Some(listener) = state.listeners.get(&leg.uuid) {
            // A tap that has ended wants no more.
            let _ = listener.try_send(LegNews::Began(began));
        }
        state.started.insert(leg.uuid.clone(), started);
        drop(state);
        self.starts.send_replace(());
    }

    fn audio(&self, audio: Audio) {
        let mut state = self.state();
        if let Some(listener) = state.listeners.get(&audio.uuid) {
            // The last place is the end's: it must not be missed.
            if listener.capacity() < 2 {
                counter!("sidetone_freeswitch_module_dropped_total").increment(1);
            } else {
                // A tap that has ended wants no more.
                let _ = listener.try_send(LegNews::Audio(audio));
            }
        } else if let Some(leg) = state.started.get_mut(&audio.uuid) {
            leg.early.push_back(audio);
            while leg.early.len() > leg.backlog {
                leg.early.pop_front();
                counter!("sidetone_freeswitch_module_unheard_total").increment(1);
                if !std::mem::replace(&mut leg.told, true) {
                    tracing::warn!(
                        leg = leg.early.back().map_or("", |audio| &audio.uuid),
                        "the dialplan started sidetone on a leg that is in no call: it is neither bridged nor in a conference \
                         with a caller. Start it where the call is bridged, or give both legs the same sidetone_call"
                    );
                }
            }
        }
    }

    fn paused(&self, uuid: &str, paused: bool) {
        let mut state = self.state();
        if let Some(leg) = state.started.get_mut(uuid) {
            leg.paused = paused;
        }
        // The last place is the end's. A tap that does not keep up hears of it too late at worst.
        if let Some(listener) = state.listeners.get(uuid).filter(|listener| listener.capacity() > 1) {
            let _ = listener.try_send(LegNews::Paused(paused));
        }
    }

    fn stopped(&self, uuid: &str, end: LegEnd) {
        let mut state = self.state();
        state.started.remove(uuid);
        if let Some(listener) = state.listeners.remove(uuid) {
            let _ = listener.try_send(LegNews::Stopped(end));
        }
    }
}

#[cfg(test)]
mod tests {
    use sidetone_mod_wire::Party;

    use super::*;

    fn connected() -> (Module, mpsc::Receiver<ToModule>) {
        let (link, outgoing) = mpsc::channel(1);
        let module = Module::default();
        module.up(link);
        (module, outgoing)
    }

    fn start(backlog: u16) -> LegStart {
        LegStart {
            uuid: "a".to_owned(),
            call: "a".to_owned(),
            party: Party::Caller,
            agent: String::new(),
            profile: String::new(),
            queue: String::new(),
            rate: 8000,
            backlog,
            tapped: Duration::ZERO,
        }
    }

    fn say(module: &Module, frames: std::ops::Range<u64>) {
        for position in frames {
            module.audio(Audio {
                uuid: "a".to_owned(),
                party: Party::Caller,
                rate: 8000,
                position,
                captured: Duration::ZERO,
                lost: 0,
                samples: Vec::new(),
            });
        }
    }

    /// Positions of the frames that came, and how it ended.
    fn heard(mut news: mpsc::Receiver<LegNews>) -> (Vec<u64>, Option<LegEnd>) {
        let (mut positions, mut end) = (Vec::new(), None);
        while let Ok(news) = news.try_recv() {
            match news {
                LegNews::Began(_) | LegNews::Paused(_) => {}
                LegNews::Audio(audio) => positions.push(audio.position),
                LegNews::Stopped(reason) => end = Some(reason),
            }
        }
        (positions, end)
    }

    #[test]
    fn all_that_the_module_held_back_is_heard_whoever_comes_first() {
        for early in [0, 60, 500] {
            let (module, _outgoing) = connected();
            module.started(&start(500));
            say(&module, 0..early);
            let (news, started) = module.listen("a");
            assert!(started);
            say(&module, early..500);
            module.stopped("a", LegEnd::Stopped);
            assert_eq!(heard(news), ((0..500).collect(), Some(LegEnd::Stopped)), "{early}");
        }
    }

    #[test]
    fn a_leg_that_nobody_listens_to_is_held_within_its_bound() {
        let (module, _outgoing) = connected();
        module.started(&start(100));
        say(&module, 0..1_000);
        let (news, _) = module.listen("a");
        assert_eq!(heard(news).0, (900..1_000).collect::<Vec<_>>());
    }

    #[test]
    fn a_tap_that_does_not_keep_up_loses_frames_and_not_the_end() {
        let (module, _outgoing) = connected();
        module.started(&start(100));
        let (news, _) = module.listen("a");
        say(&module, 0..1_000);
        module.stopped("a", LegEnd::Hangup);
        let (positions, end) = heard(news);
        assert_eq!((positions.len(), end), (100 + LIVE - 1, Some(LegEnd::Hangup)));
    }

    #[test]
    fn a_leg_that_was_not_told_of_yet_has_room_for_any_ring() {
        let (module, _outgoing) = connected();
        let (news, started) = module.listen("a");
        assert!(!started);
        module.started(&start(4096));
        say(&module, 0..4096);
        assert_eq!(heard(news).0.len(), 4096);
    }
}
