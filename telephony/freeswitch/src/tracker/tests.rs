//! Dialogues recorded from FreeSWITCH 1.10 (`tests/golden/esl/`), told back as signals. `@ms` is virtual time.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use sidetone_base::{CallEvent, EndCause, Fact, LegExit, LegId, Role, TapKind};

use super::{Ask, Effect, Input, LEG_LINGER, ORPHAN_LINGER, Path, Tracker};
use crate::config::FreeswitchConfig;
use crate::esl::{Decoder, Headers, Message};

macro_rules! golden {
    ($name:literal) => {
        include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/esl/", $name, ".esl"))
    };
}

mod facts;
mod ivr;
mod moved;
mod resync;
mod taps;

fn messages(bytes: &[u8]) -> Vec<Message> {
    let mut decoder = Decoder::new();
    decoder.feed(bytes);
    std::iter::from_fn(|| decoder.poll().unwrap()).collect()
}

fn events(bytes: &[u8]) -> Vec<Headers> {
    let events = messages(bytes).into_iter().filter_map(|message| match message {
        Message::Event(headers, _) => Some(headers),
        _ => None,
    });
    events.collect()
}

/// The output of the commands that were asked on the recorded connection.
fn answers(bytes: &[u8]) -> Vec<String> {
    let answers = messages(bytes).into_iter().filter_map(|message| match message {
        Message::ApiResponse(text) => Some(text),
        _ => None,
    });
    answers.collect()
}

struct Bench {
    tracker: Tracker,
    now: Instant,
    start: Instant,
    story: Vec<String>,
    facts: Vec<Fact>,
    asked: Vec<Ask>,
    /// `A`, `B`, … in the order in which they were told of.
    names: BTreeMap<String, char>,
}

impl Bench {
    fn new(config: &FreeswitchConfig) -> Self {
        let start = Instant::now() + Duration::from_secs(100_000);
        Self {
            tracker: Tracker::new(config),
            now: start,
            start,
            story: Vec::new(),
            facts: Vec::new(),
            asked: Vec::new(),
            names: BTreeMap::new(),
        }
    }

    /// Connected to a switch without calls.
    fn idle(config: &FreeswitchConfig) -> Self {
        let mut bench = Self::new(config);
        bench.input(Input::Connected);
        bench.answer(Ask::Channels, r#"{"row_count":0}"#);
        bench.asked.clear();
        bench
    }

    fn input(&mut self, input: Input) {
        self.tracker.handle(self.now, input);
        self.drain();
        self.is_settled();
    }

    /// What was not looked at again need not be: to settle every call anew changes nothing.
    fn is_settled(&mut self) {
        if self.tracker.sync.is_live() {
            let due = self.tracker.deadline();
            self.tracker.wake(self.now);
            assert!(
                self.tracker.poll().is_none() && self.tracker.deadline() == due,
                "left unsettled"
            );
        }
    }

    fn answer(&mut self, ask: Ask, text: &str) {
        self.input(Input::Answer {
            ask,
            text: text.to_owned(),
        });
    }

    fn play(&mut self, events: &[Headers]) {
        for event in events {
            self.input(Input::Event(event.clone()));
        }
    }

    /// Everything up to the n-th event of that name; gives the rest.
    fn until<'a>(&mut self, events: &'a [Headers], name: &str, count: usize) -> &'a [Headers] {
        let mut named = events
            .iter()
            .enumerate()
            .filter(|(_, event)| event.get("Event-Name") == Some(name));
        let (at, _) = named.nth(count - 1).unwrap();
        self.play(&events[..at]);
        &events[at..]
    }

    fn pass(&mut self, time: Duration) {
        let end = self.now + time;
        while let Some(at) = self.tracker.deadline().filter(|at| *at <= end) {
            self.now = at;
            self.tracker.wake(at);
            self.drain();
        }
        self.now = end;
    }

    fn drain(&mut self) {
        while let Some(effect) = self.tracker.poll() {
            let told = match effect {
                Effect::Signal(signal) => {
                    let at = (self.now - self.start).as_millis();
                    let at = if at == 0 { String::new() } else { format!(" @{at}") };
                    let told = self.told(&signal.event);
                    format!("{told}{at}")
                }
                Effect::Attach { leg, line, .. } => {
                    let codec = line.media.map_or("unknown".to_owned(), |media| media.codec.wish());
                    format!("tap {} {codec}", self.short(&leg))
                }
                Effect::Line { leg, line } => {
                    let codec = line.media.map_or("unknown".to_owned(), |media| media.codec.wish());
                    let held = if line.held { " held" } else { "" };
                    let path = match line.path {
                        Path::Read => "",
                        Path::Proxied => " proxied",
                        Path::Bypassed => " bypassed",
                    };
                    let bugs = match line.bugs.alive() {
                        0 => String::new(),
                        count => format!(" bugs={count}"),
                    };
                    format!("media {} {codec}{held}{path}{bugs}", self.short(&leg))
                }
                Effect::Detach { leg } => format!("untap {}", self.short(&leg)),
                Effect::Ask(ask) => {
                    self.asked.push(ask);
                    continue;
                }
                Effect::Fact(fact) => {
                    self.facts.push(fact);
                    continue;
                }
                Effect::FoundTap { at, .. } => format!("found a tap at {}", at.unwrap_or_default()),
                Effect::Synced { live } => {
                    if !live.is_empty() {
                        self.story.push(format!("{} live", live.len()));
                    }
                    continue;
                }
                Effect::Reconnect => "reconnect".to_owned(),
            };
            self.story.push(told);
        }
    }

    fn short(&mut self, leg: &LegId) -> char {
        let next = char::from(b'A' + self.names.len() as u8);
        *self.names.entry(leg.as_str().to_owned()).or_insert(next)
    }

    fn told(&mut self, event: &CallEvent) -> String {
        match event {
            CallEvent::Started {
                age,
                caller_number,
                called_number,
                queue,
                cti_id,
            } => format!(
                "started {}s number={} called={} queue={}{}",
                age.as_secs(),
                caller_number.as_ref().map_or("-", |number| number.expose().as_str()),
                called_number.as_deref().unwrap_or("-"),
                queue.as_deref().unwrap_or("-"),
                cti_id.as_ref().map(|id| format!(" cti={id}")).unwrap_or_default(),
            ),
            CallEvent::LegJoined { leg, role, agent, .. } => {
                let who = match (role, agent) {
                    (Role::Caller, _) => "caller".to_owned(),
                    (Role::Agent, None) => "agent".to_owned(),
                    (Role::Agent, Some(id)) => format!("agent {id}"),
                };
                format!("{} joins as {who}", self.short(leg))
            }
            CallEvent::LegLeft { leg, exit } => {
                let how = match exit {
                    LegExit::HungUp => "",
                    LegExit::Blind => " blind",
                    LegExit::Attended => " attended",
                };
                format!("{} leaves{how}", self.short(leg))
            }
            CallEvent::Held { leg } => format!("{} holds", self.short(leg)),
            CallEvent::Resumed { leg } => format!("{} resumes", self.short(leg)),
            CallEvent::TapAttached { leg, kind, .. } => format!("{} heard by {}", self.short(leg), kind.as_str()),
            CallEvent::TapFailed { leg, reason, .. } => format!("{} not heard: {reason}", self.short(leg)),
            CallEvent::Ended { cause } => match cause {
                EndCause::Hangup => "ended".to_owned(),
                EndCause::LostSight => "lost".to_owned(),
            },
            other => format!("{other:?}"),
        }
    }

    /// Taps that end together do so in no order.
    fn story(&mut self) -> String {
        let mut story = std::mem::take(&mut self.story);
        for run in story.chunk_by_mut(|one, next| one.starts_with("untap") && next.starts_with("untap")) {
            run.sort();
        }
        story.join("\n")
    }
}

fn story_of(bytes: &[u8]) -> String {
    let mut bench = Bench::idle(&FreeswitchConfig::default());
    bench.play(&events(bytes));
    bench.pass(Duration::from_secs(10));
    bench.story()
}

fn dialled(codec: &str) -> String {
    format!(
        "started 0s number=057155550101 called=8101 queue=-\n\
         A joins as caller\ntap A {codec}@8000h@20i\nB joins as agent 8101\ntap B {codec}@8000h@20i"
    )
}
const DIALLED: &str = "started 0s number=057155550101 called=8001 queue=-\n\
    A joins as caller\ntap A PCMA@8000h@20i\nB joins as agent 8001\ntap B PCMA@8000h@20i";

#[test]
fn a_bridged_call() {
    assert_eq!(
        story_of(golden!("bridged-call")),
        format!("{}\nuntap A\nuntap B\nended", dialled("PCMU"))
    );
}

#[test]
fn a_queue_names_its_agent() {
    assert_eq!(
        story_of(golden!("queue-call")),
        "started 0s number=057155550101 called=12333 queue=12333@default\n\
         A joins as caller\ntap A PCMA@8000h@20i\nB joins as agent 8001\ntap B PCMA@8000h@20i\n\
         untap B\nB leaves\nuntap A\nended"
    );
}

/// Neither party's tap takes silence for a fault meanwhile.
const HOLD: &str = "B holds\nmedia B PCMA@8000h@20i held\nmedia A PCMA@8000h@20i held\n\
                    B resumes\nmedia B PCMA@8000h@20i\nmedia A PCMA@8000h@20i";

#[test]
fn who_holds_is_told() {
    assert_eq!(
        story_of(golden!("hold")),
        format!("{DIALLED}\n{HOLD}\nuntap A\nuntap B\nended")
    );
}

/// However long the next agent's phone rings, the call waits; the caller's tap is not touched.
#[test]
fn a_caller_who_is_sent_on_keeps_the_call() {
    for (session, before) in [
        (&golden!("uuid-transfer")[..], dialled("PCMA")),
        (golden!("refer-blind"), DIALLED.to_owned()),
    ] {
        let mut bench = Bench::idle(&FreeswitchConfig::default());
        let events = events(session);
        let rest = bench.until(&events, "CHANNEL_UNBRIDGE", 1);
        let rest = bench.until(rest, "CHANNEL_CREATE", 1);
        assert_eq!(bench.story(), format!("{before}\nuntap B\nB leaves blind"));
        bench.pass(Duration::from_secs(40));
        assert_eq!(bench.story(), "");
        bench.play(rest);
        let end = bench.story();
        assert!(
            end.starts_with("C joins as agent 8102 @40000\ntap C PCMA@8000h@20i\nuntap "),
            "{end}"
        );
        assert!(end.ends_with("ended @40000"), "{end}");
    }
}

#[test]
fn asking_a_colleague_is_no_call_and_joining_them_is_a_transfer() {
    assert_eq!(
        story_of(golden!("refer-attended")),
        format!(
            "{DIALLED}\n{HOLD}\nuntap B\nB leaves attended\nC joins as agent 8102\ntap C PCMA@8000h@20i\n\
             untap C\nC leaves\nuntap A\nended"
        )
    );
}

#[test]
fn a_switch_that_stops_ends_its_calls() {
    assert!(story_of(golden!("switch-stops")).ends_with("untap A\nended"));
}

#[test]
fn a_tap_is_no_party() {
    for session in [&golden!("tap-native-pcmu")[..], golden!("tap-eavesdrop-l16")] {
        let story = story_of(session);
        assert!([dialled("PCMU"), dialled("PCMA")].contains(&story), "{story}");
    }
}

fn event(text: &str) -> Input {
    Input::Event(Headers::parse(text, false))
}

const CALLER: &str =
    "Event-Name: CHANNEL_CREATE\nUnique-ID: a\nChannel-Name: sofia/external/0@x\nCall-Direction: inbound";
const PHONE: &str = "Event-Name: CHANNEL_ANSWER\nUnique-ID: b\nChannel-Name: sofia/internal/8001@x\nCall-Direction: outbound\n\
    Channel-Read-Codec-Name: PCMU\nChannel-Read-Codec-Rate: 8000";
const BRIDGE: &str = "Event-Name: CHANNEL_BRIDGE\nUnique-ID: a\nBridge-A-Unique-ID: a\nBridge-B-Unique-ID: b";
const UNBRIDGE: &str = "Event-Name: CHANNEL_UNBRIDGE\nUnique-ID: a\nBridge-A-Unique-ID: a\nBridge-B-Unique-ID: b";

fn bridged(config: &FreeswitchConfig, caller: &str, phone: &str) -> Bench {
    let mut bench = Bench::idle(config);
    for text in [&format!("{CALLER}{caller}"), &format!("{PHONE}{phone}"), BRIDGE] {
        bench.input(event(text));
    }
    bench
}

#[test]
fn the_ctis_own_id_is_told_when_the_dialplan_has_set_it() {
    let me = "\nvariable_sidetone_agent: 7";
    for (set, told) in [
        ("\nvariable_sidetone_cti_id: crm-7", " cti=crm-7\n"),
        ("", " queue=-\n"),
    ] {
        let story = bridged(&FreeswitchConfig::default(), set, me).story();
        assert!(
            story
                .lines()
                .next()
                .is_some_and(|line| format!("{line}\n").ends_with(told)),
            "{story}"
        );
    }
}

#[test]
fn who_is_the_agent() {
    let none = FreeswitchConfig::default();
    let patterns = FreeswitchConfig {
        agent_patterns: vec!["sofia/internal/80??".into()],
        ..none.clone()
    };
    let others = FreeswitchConfig {
        agent_patterns: vec!["sofia/internal/9*".into()],
        ..none.clone()
    };
    let (role, me) = ("\nvariable_sidetone_role: agent", "\nvariable_sidetone_agent: 7");
    let table = [
        (&none, "", "", "A caller, B agent"),
        (&patterns, "", "", "A caller, B agent 8001"),
        (&others, "", "", ""),
        (&others, "", me, "A caller, B agent 7"),
        // On the caller's channel it names whom the caller will speak to.
        (&others, me, "", "A caller, B agent 7"),
        // An agent who calls out.
        (&others, &format!("{role}{me}"), "", "A caller, B agent 7 (b)"),
    ];
    for (config, caller, phone, wanted) in table {
        let mut bench = bridged(config, caller, phone);
        let story = bench.story();
        let joined = story.lines().filter(|line| line.contains("joins"));
        let joined = joined
            .map(|line| line.replace(" joins as", ""))
            .collect::<Vec<_>>()
            .join(", ");
        let first_is_b = bench.names.get("b") == Some(&'A');
        assert_eq!(joined, wanted.trim_end_matches(" (b)"), "{caller:?} {phone:?}");
        assert_eq!(first_is_b, wanted.ends_with("(b)"));
    }
}

#[test]
fn a_survey_after_the_agent_is_not_the_conversation() {
    let mut bench = bridged(&FreeswitchConfig::default(), "", "");
    bench.story();
    bench.input(event(UNBRIDGE));
    bench.input(event("Event-Name: CHANNEL_HANGUP\nUnique-ID: b"));
    bench.pass(Duration::from_secs(10));
    let end = ORPHAN_LINGER.as_millis();
    assert_eq!(bench.story(), format!("untap B\nB leaves\nuntap A\nended @{end}"));
}

#[test]
fn a_short_absence_is_none() {
    let mut bench = bridged(&FreeswitchConfig::default(), "", "");
    bench.story();
    bench.input(event(UNBRIDGE));
    bench.pass(LEG_LINGER - Duration::from_millis(1));
    bench.input(event(BRIDGE));
    bench.pass(Duration::from_secs(10));
    assert_eq!(bench.story(), "");
}
