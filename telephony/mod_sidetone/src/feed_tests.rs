//! What is said, in what order, from which state; without a switch and without a socket.

use sidetone_mod_wire::{Asked, Decoder};

use super::*;
use crate::leg::LegInfo;
use crate::ring::{Ring, Stamp};

const PACKET: Duration = Duration::from_millis(20);
const NO_LIMIT: usize = usize::MAX;

fn leg(uuid: &str) -> Arc<Leg> {
    let info = LegInfo {
        uuid: uuid.to_owned(),
        call: uuid.to_owned(),
        party: Party::Caller,
        agent: String::new(),
        profile: String::new(),
        queue: String::new(),
        rate: 8000,
    };
    let leg = Leg::new(info, Ring::new(PACKET * 10, 8000, 1, PACKET), Instant::now());
    leg.set_attach(Attach::Done);
    Arc::new(leg)
}

fn speak(leg: &Leg, frames: std::ops::Range<u64>) {
    for number in frames {
        let stamp = Stamp {
            position: number * 160,
            captured: PACKET * number as u32,
            rate: 8000,
            channels: 1,
        };
        leg.ring.push(stamp, &[number as i16; 160]);
    }
}

/// What is said, each message as a word: `+a` start, `a3` audio of frame 3 (`a3!2`: two lost before), `-a` stop.
fn said(feed: &mut Feed, limit: usize) -> String {
    let mut out = Vec::new();
    feed.fill(&mut out, limit);
    let mut decoder = Decoder::<FromModule>::default();
    decoder.push(&out);
    let mut words = Vec::new();
    while let Some(message) = decoder.take().unwrap() {
        words.push(match message {
            FromModule::LegStart(start) => format!("+{}", start.uuid),
            FromModule::Audio(audio) if audio.lost == 0 => format!("{}{}", audio.uuid, audio.position / 160),
            FromModule::Audio(audio) => format!("{}{}!{}", audio.uuid, audio.position / 160, audio.lost),
            FromModule::LegStop(stop) => format!("-{}", stop.uuid),
            FromModule::Pause(uuid) => format!("{uuid}:pause"),
            FromModule::Resume(uuid) => format!("{uuid}:resume"),
            FromModule::Ask(ask) => format!("{}?{}", ask.uuid, ask.ask),
            FromModule::AskCancel { uuid, ask } => format!("{uuid}~{ask}"),
            FromModule::Hello(_) => "hello".to_owned(),
        });
    }
    words.join(" ")
}

fn feed(legs: &[&Arc<Leg>]) -> Feed {
    let mut feed = Feed::default();
    feed.adopt(legs.iter().map(|leg| Arc::clone(leg)).collect());
    feed
}

#[test]
fn legs_take_turns() {
    let (a, b) = (leg("a"), leg("b"));
    let mut feed = feed(&[&a, &b]);
    speak(&a, 0..3);
    speak(&b, 0..2);
    assert_eq!(said(&mut feed, NO_LIMIT), "+a +b a0 b0 a1 b1 a2");
    assert_eq!(said(&mut feed, NO_LIMIT), "");
}

#[test]
fn what_the_socket_does_not_take_waits_in_the_ring_and_is_lost_there() {
    let a = leg("a");
    let mut feed = feed(&[&a]);
    speak(&a, 0..2);
    assert_eq!(said(&mut feed, 1), "+a");
    assert_eq!(said(&mut feed, 1), "a0");
    // The ring holds ten frames: of 1..15, four are overwritten.
    speak(&a, 2..15);
    assert_eq!(said(&mut feed, 0), "");
    assert_eq!(a.lost.load(Ordering::Relaxed), 4);
    assert_eq!(said(&mut feed, 1), "a5!4");
    assert_eq!(a.lost.load(Ordering::Relaxed), 4);
}

#[test]
fn the_stop_comes_after_the_last_frame() {
    let a = leg("a");
    let mut feed = feed(&[&a]);
    speak(&a, 0..2);
    a.set_end();
    assert_eq!(said(&mut feed, 1), "+a");
    assert_eq!(said(&mut feed, 1), "a0");
    assert!(feed.settle(Instant::now(), true).1.is_empty());
    assert_eq!(said(&mut feed, NO_LIMIT), "a1 -a");
    assert_eq!(feed.settle(Instant::now(), true).1.len(), 1);
}

#[test]
fn a_leg_that_starts_again_waits_for_its_own_stop() {
    let (first, second) = (leg("a"), leg("a"));
    let mut feed = feed(&[&first, &second]);
    speak(&first, 0..1);
    speak(&second, 0..1);
    assert_eq!(said(&mut feed, NO_LIMIT), "+a a0");
    first.set_end();
    assert_eq!(said(&mut feed, NO_LIMIT), "-a");
    feed.settle(Instant::now(), true);
    assert_eq!(said(&mut feed, NO_LIMIT), "+a a0");
}

#[test]
fn a_new_connection_hears_the_state_and_not_the_history() {
    let (a, gone) = (leg("a"), leg("gone"));
    let mut feed = feed(&[&a, &gone]);
    a.paused.store(true, Ordering::Relaxed);
    assert_eq!(said(&mut feed, NO_LIMIT), "+a a:pause +gone");
    speak(&gone, 0..3);
    gone.set_end();
    assert_eq!(feed.settle(Instant::now(), false).1.len(), 1);
    assert_eq!(gone.lost.load(Ordering::Relaxed), 3);
    feed.reconnected();
    assert_eq!(said(&mut feed, NO_LIMIT), "+a a:pause");
    a.paused.store(false, Ordering::Relaxed);
    assert_eq!(said(&mut feed, NO_LIMIT), "a:resume");
}

#[test]
fn a_question_is_asked_once_and_withdrawn_once() {
    let a = leg("a");
    let mut feed = feed(&[&a]);
    assert!(a.ask(7, Asked::Last) && !a.ask(8, Asked::Last));
    assert_eq!(said(&mut feed, NO_LIMIT), "+a a?7");
    assert_eq!(said(&mut feed, NO_LIMIT), "");
    a.withdraw();
    assert_eq!(said(&mut feed, NO_LIMIT), "a~7");
    assert!(a.ask(8, Asked::Last));
    feed.starve();
    assert_eq!(a.outcome(), Some(Outcome::Unavailable));
}

#[test]
fn nothing_is_said_of_a_tap_that_the_switch_refused() {
    let a = leg("a");
    a.set_attach(Attach::Pending);
    let mut feed = feed(&[&a]);
    assert_eq!(said(&mut feed, NO_LIMIT), "");
    a.set_attach(Attach::Failed);
    let (notices, through) = feed.settle(Instant::now(), true);
    assert_eq!((notices.len(), through.len()), (0, 1));
}

#[test]
fn a_leg_is_freed_only_when_the_switch_has_let_go() {
    let a = leg("a");
    let switch = Arc::clone(&a);
    let mut feed = feed(&[&a]);
    a.set_end();
    drop(feed.settle(Instant::now(), false));
    drop(a);
    feed.bury();
    assert_eq!(Arc::strong_count(&switch), 2);
    let weak = Arc::downgrade(&switch);
    drop(switch);
    feed.bury();
    assert!(weak.upgrade().is_none());
}

#[test]
fn two_channels_become_one() {
    let mut samples = vec![100, 200, -100, 100, i16::MAX, i16::MAX];
    fold_to_mono(&mut samples);
    assert_eq!(samples, [150, 0, i16::MAX]);
}
