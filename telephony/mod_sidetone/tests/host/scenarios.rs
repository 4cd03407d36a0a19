//! What may happen to the module, each in a few seconds of real time. One at a time: there is one module.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};

use sidetone_mod_wire::{Event, FromModule, LegEnd, Party, Subclass, ToModule};

use crate::daemon::Daemon;
use crate::module::{Module, module};
use crate::play::{Player, Voice};
use crate::switch::{Session, VIOLATIONS, lock, world};

/// The module, for one scenario alone. When the scenario ends nothing of it may be left.
pub struct Stage {
    pub module: &'static Module,
    _alone: MutexGuard<'static, ()>,
}

pub fn stage() -> Stage {
    static ALONE: Mutex<()> = Mutex::new(());
    let alone = lock(&ALONE);
    let module = module();
    world(|world| world.events.clear());
    Stage { module, _alone: alone }
}

impl Drop for Stage {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            until("the last leg and ring are freed", || {
                self.module.count("legs_live") == 0 && self.module.count("rings_live") == 0
            });
            assert_eq!(VIOLATIONS.load(Ordering::Relaxed), 0);
        }
    }
}

/// A session of its own name.
pub fn session(rate: u32, channels: u32) -> std::sync::Arc<Session> {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    Session::create(&format!("leg-{}", NEXT.fetch_add(1, Ordering::Relaxed)), rate, channels)
}

/// Waits for what other threads do; says what did not come.
pub fn until(what: &str, mut reached: impl FnMut() -> bool) {
    let begin = Instant::now();
    while !reached() {
        assert!(
            begin.elapsed() < Duration::from_secs(20),
            "{what}: did not happen in 20 s"
        );
        std::thread::sleep(Duration::from_millis(2));
    }
}

impl Stage {
    pub fn daemon(&self) -> Daemon {
        let daemon = Daemon::start(&self.module.socket);
        // Not the one before, whose end the module may not have seen yet.
        until("the module has come", || daemon.heard(|heard| heard.connections == 1));
        self.connected("connected");
        daemon
    }

    pub fn connected(&self, state: &str) {
        until(&format!("daemon: {state}"), || self.module.status("daemon") == state);
    }

    pub fn ok(&self, command: &str) {
        assert_eq!(self.module.uuid_api(command), "+OK\n", "{command}");
    }
}

/// Several legs in every rate at once: everything arrives, in order and whole.
pub fn plays_at_real_pace() {
    let stage = stage();
    let daemon = stage.daemon();
    let players: Vec<Player> = [(8000, 1), (8000, 1), (16_000, 1), (16_000, 1), (48_000, 1), (48_000, 2)]
        .map(|(rate, channels)| {
            let session = session(rate, channels);
            stage.ok(&format!("{} start profile=12333 agent=8001 role=agent", session.uuid));
            Player::start(&session)
        })
        .into();
    until("a second of each leg", || {
        daemon.heard(|heard| {
            heard.legs.len() == 6
                && heard
                    .starts
                    .iter()
                    .all(|s| heard.legs[&s.uuid].samples >= u64::from(s.rate))
        })
    });
    players.into_iter().for_each(|player| drop(player.hang_up()));
    until("six stops", || daemon.heard(|heard| heard.stops.len() == 6));
    daemon.heard(|heard| {
        assert_eq!(heard.faults, Vec::<String>::new());
        for stop in &heard.stops {
            let leg = &heard.legs[&stop.uuid];
            assert_eq!(
                (stop.end, stop.frames, leg.lost, leg.jumps),
                (LegEnd::Hangup, leg.frames, 0, 0)
            );
        }
        for start in &heard.starts {
            assert_eq!(
                (start.party, &*start.agent, &*start.profile),
                (Party::Agent, "8001", "12333")
            );
            assert_eq!(start.call, start.uuid);
        }
    });
    let count = |subclass| world(|world| world.events.iter().filter(|event| event.subclass == subclass).count());
    until("events of six starts and stops", || {
        count("sidetone::start") == 6 && count("sidetone::stop") == 6
    });
}

/// The channel hangs up while its tap is put on, earlier or later by a little each time.
pub fn hangs_up_during_attach(rounds: u64) {
    let stage = stage();
    let _daemon = stage.daemon();
    for round in 0..rounds {
        let slow = Duration::from_micros(round % 7 * 100);
        let session = Session::create_with(&format!("brief-{round}"), 8000, 1, slow);
        let uuid = session.uuid.clone();
        std::thread::scope(|scope| {
            scope.spawn(|| stage.module.uuid_api(&format!("{uuid} start")));
            scope.spawn(|| stage.module.uuid_api(&format!("{uuid} start role=agent")));
            scope.spawn(move || {
                let mut voice = Voice::new();
                let until = Instant::now() + Duration::from_micros(round % 11 * 70);
                while Instant::now() < until {
                    voice.speak(&session);
                }
                session.hang_up();
            });
        });
    }
}

/// Fifty starts and stops on legs that speak; two controllers at once on each.
pub fn starts_and_stops_under_load() {
    let stage = stage();
    let daemon = stage.daemon();
    let players: Vec<Player> = [8000, 16_000, 48_000]
        .map(|rate| Player::start(&session(rate, 1)))
        .into();
    std::thread::scope(|scope| {
        for player in &players {
            scope.spawn(|| {
                for round in 0..50 {
                    let uuid = &player.session.uuid;
                    stage.ok(&format!("{uuid} start"));
                    assert!(stage.module.uuid_api(&format!("{uuid} start")).contains("already"));
                    std::thread::sleep(Duration::from_millis(round % 4 * 15));
                    stage.ok(&format!("{uuid} stop"));
                    assert!(stage.module.uuid_api(&format!("{uuid} stop")).contains("not tapped"));
                }
                assert_eq!(player.session.bugs(), 0);
            });
        }
    });
    until("150 starts and stops", || {
        daemon.heard(|heard| heard.starts.len() == 150 && heard.stops.len() == 150)
    });
    players.into_iter().for_each(|player| drop(player.hang_up()));
    daemon.heard(|heard| {
        assert_eq!(heard.faults, Vec::<String>::new());
        assert!(
            heard
                .stops
                .iter()
                .all(|stop| stop.end == LegEnd::Stopped && stop.lost == 0)
        );
    });
}

/// A fault in the callback, in an API command and in the pump: each stays where it is.
#[cfg(debug_assertions)]
pub fn panics_stay_inside() {
    let stage = stage();
    let daemon = stage.daemon();
    let (bad, good) = (Player::start(&session(8000, 1)), Player::start(&session(16_000, 1)));
    for player in [&bad, &good] {
        stage.ok(&format!("{} start", player.session.uuid));
    }
    let before = stage.module.count("panics");
    assert_eq!(stage.module.module_api(&format!("fault {}", bad.session.uuid)), "+OK\n");
    until("the faulty leg is off", || bad.session.bugs() == 0);
    until("its end is said", || {
        daemon.heard(|heard| heard.stops.iter().any(|stop| stop.end == LegEnd::Fault))
    });
    assert_eq!(stage.module.module_api("fault"), "-ERR a fault within the module\n");
    assert_eq!(stage.module.module_api("fault pump"), "+OK\n");
    until("a new connection", || {
        daemon.heard(|heard| heard.connections == 2 && heard.starts.len() == 3)
    });
    assert_eq!(stage.module.count("panics"), before + 3);
    let frames = |daemon: &Daemon| daemon.heard(|heard| heard.legs[&good.session.uuid].frames);
    let so_far = frames(&daemon);
    until("the good leg goes on", || frames(&daemon) > so_far + 5);
    // The leg can be tapped again.
    stage.ok(&format!("{} start", bad.session.uuid));
    drop(bad.hang_up());
    drop(good.hang_up());
}

/// No daemon for longer than a ring holds, then one: it gets what the ring still holds, and the count of the rest.
pub fn daemon_gone_and_back() {
    let stage = stage();
    stage.connected("gone");
    let session = session(8000, 1);
    stage.ok(&format!("{} start", session.uuid));
    let mut voice = Voice::new();
    for _ in 0..300 {
        voice.speak(&session);
    }
    until("250 frames are counted as lost", || {
        stage
            .module
            .uuid_api(&format!("{} stats", session.uuid))
            .contains("lost=250")
    });
    assert_eq!(stage.module.application(&session, "listen timeout=5000"), "error");
    assert_eq!(session.variable("sidetone_error"), "unavailable");
    let daemon = stage.daemon();
    until("the last second", || {
        daemon.heard(|heard| heard.legs.values().any(|leg| leg.frames == 50))
    });
    for _ in 0..10 {
        voice.speak(&session);
    }
    session.hang_up();
    until("its stop", || daemon.heard(|heard| !heard.stops.is_empty()));
    daemon.heard(|heard| {
        assert_eq!(heard.faults, Vec::<String>::new());
        let stop = &heard.stops[0];
        assert_eq!((stop.frames, stop.lost), (310, 250));
        assert_eq!(heard.legs[&stop.uuid].lost, 250);
    });
    let overruns = world(|world| {
        world
            .events
            .iter()
            .filter(|event| event.subclass == "sidetone::overrun")
            .count()
    });
    assert!(overruns >= 1);
}

/// The daemon dies and comes back five times while legs speak; a leg ends in between.
pub fn daemon_killed_again_and_again() {
    let stage = stage();
    let (stays, goes) = (Player::start(&session(16_000, 1)), Player::start(&session(8000, 1)));
    for player in [&stays, &goes] {
        stage.ok(&format!("{} start", player.session.uuid));
    }
    let mut goes = Some(goes);
    for round in 0..5 {
        let daemon = stage.daemon();
        until("audio", || {
            daemon.heard(|heard| heard.legs.get(&stays.session.uuid).is_some_and(|leg| leg.frames > 5))
        });
        daemon.heard(|heard| assert_eq!(heard.starts.len(), if round < 3 { 2 } else { 1 }));
        drop(daemon);
        stage.connected("gone");
        if round == 2 {
            goes.take().map(Player::hang_up);
        }
    }
    drop(stays.hang_up());
}

/// A daemon that accepts and never reads: calls and commands do not wait for it.
pub fn deaf_daemon() {
    let stage = stage();
    let daemon = Daemon::start_deaf(&stage.module.socket);
    until("the module has come", || daemon.heard(|heard| heard.connections == 1));
    stage.connected("connected");
    let session = session(48_000, 1);
    stage.ok(&format!("{} start", session.uuid));
    let mut voice = Voice::new();
    let mut took = Vec::new();
    until("the ring overflows", || {
        took.extend(voice.speak(&session));
        stage.module.count("frames_lost") > 500
    });
    assert!(
        took.iter()
            .all(|took| took.wall.max(took.cpu) < Duration::from_millis(50))
    );
    let begin = Instant::now();
    stage.ok(&format!("{} stop", session.uuid));
    session.hang_up();
    assert!(begin.elapsed() < Duration::from_secs(1));
    drop(daemon);
}

/// With the switch thrown nothing is read, nothing is started; released, what came meanwhile is not replayed.
pub fn bypass_does_nothing_at_once() {
    let stage = stage();
    let daemon = stage.daemon();
    let session = session(8000, 1);
    stage.ok(&format!("{} start", session.uuid));
    let frames = || stage.module.uuid_api(&format!("{} stats", session.uuid));
    let mut voice = Voice::new();
    let mut speak = |times: usize| (0..times).for_each(|_| drop(voice.speak(&session)));
    speak(5);
    assert_eq!(stage.module.module_api("bypass on"), "+OK\n");
    speak(100);
    assert!(frames().contains("frames=5 "));
    assert!(stage.module.uuid_api("leg-0 start").contains("bypass"));
    assert_eq!(stage.module.application(&session, "listen"), "error");
    assert_eq!(session.variable("sidetone_error"), "bypassed");
    assert_eq!(stage.module.module_api("bypass off"), "+OK\n");
    // The first frame throws away what the switch kept, itself included.
    speak(6);
    assert!(frames().contains("frames=10 "), "{}", frames());
    // The same for one leg, and by the daemon for all.
    stage.ok(&format!("{} bypass on", session.uuid));
    speak(10);
    stage.ok(&format!("{} bypass off", session.uuid));
    speak(2);
    assert!(frames().contains("frames=11 "), "{}", frames());
    daemon.say(&ToModule::Bypass(true));
    until("bypass by the daemon", || stage.module.status("bypass") == "on");
    daemon.say(&ToModule::Bypass(false));
    until("no bypass by the daemon", || stage.module.status("bypass") == "off");
    session.hang_up();
}

/// Paused audio is neither sent nor counted as lost, and its time is not forgotten.
pub fn pause_is_silence() {
    let stage = stage();
    let daemon = stage.daemon();
    let session = session(8000, 1);
    assert_eq!(stage.module.application(&session, "start"), "ok");
    let mut voice = Voice::new();
    let mut speak = |times: usize| (0..times).for_each(|_| drop(voice.speak(&session)));
    speak(10);
    assert_eq!(stage.module.application(&session, "pause"), "ok");
    speak(10);
    until("it is said", || {
        daemon.heard(|heard| heard.others == [FromModule::Pause(session.uuid.clone())])
    });
    assert_eq!(stage.module.application(&session, "resume"), "ok");
    speak(10);
    assert_eq!(stage.module.application(&session, "stop"), "ok");
    assert_eq!(stage.module.application(&session, "pause"), "error");
    assert_eq!(session.variable("sidetone_error"), "not_started");
    until("its stop", || daemon.heard(|heard| !heard.stops.is_empty()));
    daemon.heard(|heard| {
        assert_eq!(heard.faults, Vec::<String>::new());
        let leg = &heard.legs[&session.uuid];
        assert_eq!((leg.frames, leg.lost, leg.jumps), (20, 0, 1));
    });
    session.hang_up();
}

/// The daemon's events reach the switch's own listeners.
pub fn fires_events() {
    let stage = stage();
    let daemon = stage.daemon();
    until("the daemon is named", || {
        stage.module.status("daemon_version") == "host"
    });
    let body = "{\"text\":\"您好\"}".to_owned();
    daemon.say(&ToModule::Event(Event {
        uuid: "leg-x".to_owned(),
        subclass: Subclass::Hint,
        body: body.clone(),
    }));
    until("the event", || world(|world| !world.events.is_empty()));
    let event = world(|world| world.events[0].clone());
    assert_eq!((&*event.subclass, event.body), ("sidetone::hint", body));
    assert_eq!(event.headers, [("Unique-ID".to_owned(), "leg-x".to_owned())]);
}
