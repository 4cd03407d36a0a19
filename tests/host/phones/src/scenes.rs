//! Calls in which something happens, played without Sidetone and with it.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use sidetone_e2e::live::Options;

use crate::figures::{Figures, Window, compare, measure, recording};
use crate::phone::Phone;
use crate::stage::{Stage, Supervision};

const SETTLE: Duration = Duration::from_millis(600);
const MEASURE: Duration = Duration::from_secs(3);
/// How long the daemon stands still.
const STALL: Duration = Duration::from_secs(4);

/// What happens in a call.
#[derive(Clone, Copy, Debug)]
enum Change {
    Nothing,
    Record,
    Supervise(Supervision),
    /// Both parties go into a conference, and a third comes.
    Conference,
    /// The agent holds the caller for this long.
    Hold(Duration),
    /// The agent offers the same sound anew.
    Reinvite,
    /// The agent gives the call away without a word.
    Blind,
    /// The agent asks first.
    Attended,
}

/// A call, and what happens in it.
#[derive(Clone, Copy, Debug)]
struct Scene {
    name: &'static str,
    agent: u16,
    change: Change,
}

const fn scene(name: &'static str, agent: u16, change: Change) -> Scene {
    Scene { name, agent, change }
}

/// These may begin before the tap as well as after it.
const BESIDE: [Scene; 6] = [
    scene("plain", 1, Change::Nothing),
    scene("recording", 2, Change::Record),
    scene("listening", 3, Change::Supervise(Supervision::Listen)),
    scene("whispering", 4, Change::Supervise(Supervision::Whisper)),
    scene("barging", 5, Change::Supervise(Supervision::Barge)),
    scene("conference", 6, Change::Conference),
];
/// These happen to a call that is tapped. The agent after the last is the one that a transfer goes to.
const DURING: [Scene; 4] = [
    scene("blind transfer", 1, Change::Blind),
    scene("attended transfer", 3, Change::Attended),
    scene("hold", 5, Change::Hold(Duration::from_millis(1_500))),
    scene("re-INVITE", 6, Change::Reinvite),
];
/// These go on while the daemon stands still and is killed.
const FAULTS: [Scene; 3] = [
    scene("plain", 1, Change::Nothing),
    scene("recording", 2, Change::Record),
    scene("listening", 3, Change::Supervise(Supervision::Listen)),
];

/// What each party got, by the name of scene and party.
type Found = BTreeMap<String, Figures>;

/// A scene that plays: the caller, the agent, then whoever joins.
struct Call {
    scene: Scene,
    phones: Vec<Phone>,
}

impl Call {
    fn begin(stage: &impl Stage, scene: Scene) -> Self {
        let caller = stage.desk("057155550101");
        let agent = stage.agent(scene.agent);
        caller.dial(agent.name());
        Self {
            scene,
            phones: vec![caller, agent],
        }
    }

    fn agent(&self) -> &Phone {
        &self.phones[1]
    }

    fn join(&mut self, stage: &impl Stage, user: &str, number: &str) {
        let phone = stage.desk(user);
        phone.dial(number);
        phone.wait_up();
        self.phones.push(phone);
    }

    fn change(&mut self, stage: &impl Stage) {
        let agent = self.agent().name().to_owned();
        match self.scene.change {
            Change::Nothing => {}
            Change::Record => stage.record(&agent),
            Change::Supervise(how) => self.join(stage, "supervisor", &stage.supervision(&agent, how)),
            Change::Conference => {
                let number = stage.conference(&agent);
                self.join(stage, "third", &number);
            }
            Change::Hold(time) => {
                self.agent().hold();
                std::thread::sleep(time);
                self.agent().unhold();
            }
            Change::Reinvite => self.agent().unhold(),
            Change::Blind => {
                let next = stage.agent(self.scene.agent + 1);
                self.agent().refer(next.name(), None);
                next.wait_up();
                self.phones.push(next);
            }
            Change::Attended => {
                let next = stage.agent(self.scene.agent + 1);
                let consult = stage.desk(&agent);
                consult.dial(next.name());
                consult.wait_up();
                std::thread::sleep(SETTLE);
                self.agent().refer("", Some(&consult));
                self.phones.push(next);
            }
        }
    }

    fn measure(&self, wave: &str, window: Window) -> Found {
        let figures = |phone: &Phone| {
            let name = format!("{wave}: {}: {}", self.scene.name, phone.name());
            (name, measure(phone, &self.phones, window))
        };
        self.phones.iter().map(figures).collect()
    }
}

fn begin(stage: &impl Stage, scenes: &[Scene]) -> Vec<Call> {
    let calls: Vec<Call> = scenes.iter().map(|&scene| Call::begin(stage, scene)).collect();
    for phone in calls.iter().flat_map(|call| &call.phones) {
        phone.wait_up();
    }
    calls
}

fn change(stage: &impl Stage, calls: &mut [Call]) {
    std::thread::scope(|scope| {
        for call in calls {
            scope.spawn(|| call.change(stage));
        }
    });
    std::thread::sleep(SETTLE);
}

/// Measures from `begin` on, in which nothing has changed since now, and ends the calls.
fn finish(stage: &impl Stage, wave: &str, calls: Vec<Call>, begin: Instant) -> Found {
    let settled = Instant::now();
    std::thread::sleep(MEASURE);
    let end = Instant::now();
    let window = Window { begin, settled, end };
    let mut found: Found = calls.iter().flat_map(|call| call.measure(wave, window)).collect();
    let recorded = calls.iter().find(|call| matches!(call.scene.change, Change::Record));
    let recorded: Option<Vec<_>> = recorded.map(|call| {
        call.phones
            .iter()
            .map(|phone| (phone.name().to_owned(), phone.pilot()))
            .collect()
    });
    drop(calls);
    stage.assert_empty();
    if let Some(parties) = recorded {
        let file = stage.common().folder.join("recording.wav");
        found.insert(format!("{wave}: recording: its file"), recording(&wav(&file), &parties));
        let _ = std::fs::remove_file(file);
    }
    found
}

/// The samples of a recording with one channel; none where there is no file.
fn wav(file: &Path) -> Vec<i16> {
    let bytes = std::fs::read(file).unwrap_or_default();
    let data = bytes
        .windows(4)
        .position(|word| word == b"data")
        .map_or(bytes.len(), |at| at + 8);
    let samples = bytes.get(data..).unwrap_or_default().chunks_exact(2);
    samples.map(|pair| i16::from_le_bytes([pair[0], pair[1]])).collect()
}

/// Everything is there before Sidetone starts to listen.
fn before(stage: &mut impl Stage, tap: Option<&str>) -> Found {
    let mut calls = begin(stage, &BESIDE);
    change(stage, &mut calls);
    let begin = Instant::now();
    if let Some(tap) = tap {
        stage.listen(tap, &Options::LIGHT);
        for call in &calls {
            if !matches!(call.scene.change, Change::Conference) {
                stage.wait_tapped(call.agent().name());
            }
        }
    }
    finish(stage, "before the tap", calls, begin)
}

/// Sidetone listens when something happens.
fn after(stage: &impl Stage, wave: &str, scenes: &[Scene]) -> Found {
    let mut calls = begin(stage, scenes);
    for call in &calls {
        stage.wait_tapped(call.agent().name());
    }
    std::thread::sleep(SETTLE);
    let begin = Instant::now();
    change(stage, &mut calls);
    finish(stage, wave, calls, begin)
}

/// The daemon stands still, goes on, is killed, and starts again.
fn faults(stage: &mut impl Stage) -> Found {
    let mut calls = begin(stage, &FAULTS);
    for call in &calls {
        stage.wait_tapped(call.agent().name());
    }
    change(stage, &mut calls);
    let begin = Instant::now();
    match stage.common_mut().daemon() {
        None => std::thread::sleep(STALL),
        Some(daemon) => {
            daemon.signal("STOP");
            std::thread::sleep(STALL);
            daemon.signal("CONT");
            std::thread::sleep(SETTLE);
            daemon.kill();
            std::thread::sleep(SETTLE);
            daemon.restart();
        }
    }
    finish(stage, "while the daemon fails", calls, begin)
}

/// All scenes, with this kind of tap or without Sidetone.
fn play(stage: &mut impl Stage, tap: Option<&str>) -> Found {
    let mut found = before(stage, tap);
    found.extend(after(stage, "after the tap", &BESIDE));
    found.extend(after(stage, "during the tap", &DURING));
    found.extend(faults(stage));
    found
}

/// What differs between two runs: which party and what, and how.
fn differences(tap: &str, without: &Found, with: &Found) -> BTreeMap<String, String> {
    assert!(without.keys().eq(with.keys()), "other parties");
    let mut differs = BTreeMap::new();
    for (name, figures) in without {
        println!(
            "{tap}: {name}\n    without {figures:.2?}\n    with    {:.2?}",
            with[name]
        );
        let found = compare(figures, &with[name]).into_iter();
        differs.extend(found.map(|(what, how)| (format!("{tap}: {name}: {what}"), how)));
    }
    differs
}

/// Plays all scenes without Sidetone and with each kind of tap.
///
/// # Panics
/// When a party gets anything else because of a tap. What is seen once is tried again: a machine that is busy with
/// something else delays packets, and does so each time elsewhere.
pub fn assert_no_party_is_harmed<S: Stage>(start: impl Fn(&str) -> S, taps: &[&str]) {
    let without = play(&mut start("alone"), None);
    let mut harmed = BTreeMap::new();
    for &tap in taps {
        let once = differences(tap, &without, &play(&mut start(tap), Some(tap)));
        if once.is_empty() {
            continue;
        }
        println!("{tap}: once more, because of {once:#?}");
        let twice = differences(tap, &without, &play(&mut start(tap), Some(tap)));
        harmed.extend(once.into_iter().filter(|(what, _)| twice.contains_key(what)));
    }
    assert!(harmed.is_empty(), "a tap changes what parties hear: {harmed:#?}");
}
