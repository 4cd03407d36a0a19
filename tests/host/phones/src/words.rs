//! Whether words are placed where they were said.

use std::time::{Duration, Instant, SystemTime};

use sidetone_base::Role;
use sidetone_e2e::corpus::CorpusCall;
use sidetone_e2e::live::{Options, PATIENCE, until_or};
use sidetone_media::codec::{Law, decode_g711};
use sidetone_schema::{Body, Envelope};

use crate::phone::Phone;
use crate::stage::Stage;

/// How long each disturbance lasts.
const WHILE: Duration = Duration::from_secs(3);
/// How long the daemon stands still.
const STALL: Duration = Duration::from_secs(4);
/// Between two sentences.
const PAUSE: Duration = Duration::from_millis(1_500);
/// `speech.pre_roll`, in ms: a final begins so much before its first sound.
const PRE_ROLL: i64 = 300;
/// How far from where it was said a sentence may be placed, in ms.
const BOUND: i64 = 100;

/// One sentence of a caller, at 8 kHz.
fn sentence() -> Vec<i16> {
    let call = CorpusCall::open("social-card-lost");
    let (begin, end) = call.spans[1];
    let caller = call.a_law.iter().find(|(role, _)| *role == Role::Caller).unwrap();
    let mut samples = Vec::new();
    decode_g711(Law::A, &caller.1[begin as usize * 8..end as usize * 8], &mut samples);
    samples
}

/// Milliseconds of the wall clock.
fn wall(at: Instant) -> i64 {
    let now = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap()
        .as_millis() as i64;
    let ahead = at.saturating_duration_since(Instant::now()).as_millis() as i64;
    now + ahead - at.elapsed().as_millis() as i64
}

/// A caller who says the same sentence again and again.
struct Speaker<'a> {
    phone: &'a Phone,
    sentence: Vec<i16>,
    /// After what, and when by the wall clock.
    said: Vec<(&'static str, i64)>,
}

impl Speaker<'_> {
    fn begin(&mut self, after: &'static str) {
        self.said.push((after, wall(self.phone.say(&self.sentence))));
    }

    fn say(&mut self, after: &'static str) {
        self.begin(after);
        std::thread::sleep(Duration::from_millis(self.sentence.len() as u64 / 8) + PAUSE);
    }
}

/// Utterances of the caller: begin of each by the wall clock, in ms. Finals that follow within 700 ms belong together.
fn heard(events: &[Envelope]) -> Vec<i64> {
    let started = events.iter().find_map(|event| match &event.body {
        Body::CallStarted(started) => Some(event.ts.instant().as_millisecond() - started.age_ms as i64),
        _ => None,
    });
    let begin = started.expect("call.started");
    let mut heard: Vec<i64> = Vec::new();
    let mut last_end = i64::MIN / 2;
    for event in events.iter().filter(|event| event.role.as_deref() == Some("caller")) {
        let Body::TranscriptFinal(said) = &event.body else {
            continue;
        };
        if !said.text.is_empty() {
            if said.begin_ms as i64 - last_end > 700 {
                heard.push(begin + said.begin_ms as i64);
            }
            last_end = said.end_ms as i64;
        }
    }
    heard
}

/// A call with a hold, a pause by control, a re-INVITE, a stall and a restart of the daemon.
///
/// # Panics
/// When a sentence is lost, or placed more than 100 ms from where it was said.
pub fn assert_words_in_place(stage: &mut impl Stage, tap: &str) {
    stage.listen(tap, &Options::LIGHT);
    let (caller, agent) = (stage.desk("057155550101"), stage.agent(1));
    caller.sound(false);
    agent.sound(false);
    caller.dial(agent.name());
    caller.wait_up();
    stage.wait_tapped(agent.name());
    let call = stage.common().store().call_of(agent.name()).unwrap();
    std::thread::sleep(PAUSE);
    let mut speaker = Speaker {
        phone: &caller,
        sentence: sentence(),
        said: Vec::new(),
    };
    speaker.say("nothing");
    agent.hold();
    std::thread::sleep(WHILE);
    agent.unhold();
    std::thread::sleep(PAUSE);
    speaker.say("a hold");
    let control = |command: &str| {
        let line = ["XADD", "sidetone:control", "*", "command", command, "call_id", &call];
        let _: String = stage.common().store().ask(&line);
    };
    control("pause");
    std::thread::sleep(WHILE);
    control("resume");
    std::thread::sleep(PAUSE);
    speaker.say("a pause");
    caller.unhold();
    agent.unhold();
    speaker.say("a re-INVITE");
    let daemon = stage.common_mut().daemon().unwrap();
    daemon.signal("STOP");
    speaker.begin("a stall's begin");
    std::thread::sleep(STALL);
    daemon.signal("CONT");
    std::thread::sleep(PAUSE);
    speaker.say("a stall");
    daemon.kill();
    daemon.restart();
    stage.wait_tapped(agent.name());
    std::thread::sleep(PAUSE);
    speaker.say("a restart");
    let said = speaker.said;
    drop((caller, agent));
    let store = stage.common().store();
    let ended = || {
        let events = store.stream(&call);
        let last = events.last()?.body.type_name() == "call.ended";
        last.then_some(events)
    };
    let events = until_or("call.ended", PATIENCE, ended, || format!("{:#?}", store.stream(&call)));
    judge(tap, &said, &heard(&events));
}

fn judge(tap: &str, said: &[(&str, i64)], heard: &[i64]) {
    let first = said[0].1;
    let show = |times: &[i64]| times.iter().map(|time| time - first).collect::<Vec<_>>();
    let times: Vec<i64> = said.iter().map(|(_, time)| *time).collect();
    println!(
        "{tap}: said {said:?}, at {:?}, heard at {:?}",
        show(&times),
        show(heard)
    );
    assert_eq!(said.len(), heard.len(), "{tap}: sentences said and heard");
    let wrong: Vec<_> = said
        .iter()
        .zip(heard)
        .map(|((after, said), heard)| (*after, heard + PRE_ROLL - said))
        .filter(|(_, late)| late.abs() > BOUND)
        .collect();
    assert!(
        wrong.is_empty(),
        "{tap}: sentences are placed wrongly, in ms: {wrong:?}"
    );
}
