//! One call on virtual time: real voices from the test calls, a recogniser that says what the table says.

use std::sync::LazyLock;
use std::time::{Duration, Instant};

use sidetone_assist::AssistConfig;
use sidetone_assist::ground::Prompt;
use sidetone_base::{Answer, AskId, CallId, LegExit, LegId, TapFrame, TapKind};
use sidetone_domain::Pack;
use sidetone_media::file::{Audio, ogg_opus};
use sidetone_schema::Body;
use sidetone_speech::text::TextPipeline;
use sidetone_speech::{AudioJob, Hypothesis, Pass, SegmentKey};

use super::*;
use crate::port::{Control, Recognised, Recognition};

mod asks;
mod compose;
mod control;
mod crosstalk;
mod early;
mod finals;
mod gaps;
mod memory;
mod restart;
mod second;
mod taps;

/// How the recogniser of a test behaves.
#[derive(Clone, Copy)]
enum Ears {
    /// Answers at once.
    Quick,
    /// Finals are answered last first, whenever the call waits.
    Reversed,
    /// Never answers.
    Deaf,
    /// Fails on every final.
    Broken,
    /// Knows a final while the speaker pauses; is not asked for it again.
    Foreseeing,
    /// Decodes ahead, but takes until somebody asks for the final.
    Late,
    /// Answers at once; a streaming model says the bench's next head of the turn.
    Streaming,
    /// The same, but every final fails.
    Breaking,
}

struct Bench {
    call: Call,
    ears: Ears,
    begun: Instant,
    now: Instant,
    unanswered: Vec<SegmentKey>,
    foreseen: usize,
    events: Vec<Body>,
    texts: Vec<&'static str>,
    heads: Vec<&'static str>,
    /// Of each of them.
    confidence: f32,
    finished: bool,
    answers: Vec<(AskId, Answer)>,
    composing: Vec<(Box<Prompt>, Instant)>,
    unmasked: Vec<String>,
    /// Second readings that are asked for.
    again: Vec<AudioJob>,
    forgotten: Vec<SegmentKey>,
}

/// Its understanding is trained when it is loaded, so that all tests share it.
static PACK: LazyLock<Arc<Pack>> =
    LazyLock::new(|| Arc::new(Pack::load(std::path::Path::new("../../knowledge/12333")).unwrap()));

impl Bench {
    fn new(ears: Ears) -> Self {
        let config = EngineConfig::new(AssistConfig::new("2026-03-02".parse().unwrap(), "370500"));
        Self::configured(ears, config)
    }

    fn configured(ears: Ears, config: EngineConfig) -> Self {
        let pack = Arc::clone(&PACK);
        let text = TextPipeline::default();
        let parts = Arc::new(Parts {
            pack,
            text,
            detector: Box::new(|| None),
            denoiser: Box::new(|| None),
        });
        let begun = Instant::now();
        let call = Call::new(begun, CallId::new("c"), config, parts);
        let texts = vec!["失业保险金要什么条件才能领", "我一个月能领多少钱", "好的谢谢", "再见"];
        Self {
            call,
            ears,
            begun,
            now: begun,
            unanswered: Vec::new(),
            foreseen: 0,
            events: Vec::new(),
            texts,
            heads: Vec::new(),
            confidence: 0.5,
            finished: false,
            answers: Vec::new(),
            composing: Vec::new(),
            unmasked: Vec::new(),
            again: Vec::new(),
            forgotten: Vec::new(),
        }
    }

    /// With a caller and agent 8001 on the line.
    fn joined(ears: Ears) -> Self {
        let mut bench = Self::new(ears);
        bench.start();
        bench
    }

    fn start(&mut self) {
        self.signal(CallEvent::Started {
            age: Duration::ZERO,
            caller_number: Some(sidetone_base::Pii::new("15400000101".to_owned())),
            called_number: Some("12333".to_owned()),
            queue: None,
            cti_id: None,
        });
        self.join("caller", Role::Caller, None);
        self.join("agent", Role::Agent, Some("8001"));
    }

    fn join(&mut self, leg: &str, role: Role, agent: Option<&str>) {
        let leg = LegId::new(leg);
        let agent = agent.map(AgentId::new);
        self.signal(CallEvent::LegJoined {
            leg: leg.clone(),
            channel: "x".to_owned(),
            role,
            agent,
        });
        self.signal(CallEvent::TapAttached {
            leg,
            kind: TapKind::Recording,
            payload_types: Vec::new(),
        });
    }

    fn signal(&mut self, event: CallEvent) {
        self.give(self.now, Input::Signal(event));
    }

    /// Plays the first `length` of the caller's voice.
    fn speak(&mut self, length: Duration) {
        self.speak_as("caller", length);
    }

    /// The same voice on any leg.
    fn speak_as(&mut self, leg: &str, length: Duration) {
        let from = self.now;
        for frame in voice().frames().take_while(|frame| frame.at < length) {
            self.play_as(leg, from + frame.at, frame.frame);
        }
    }

    fn play(&mut self, at: Instant, frame: TapFrame) {
        self.play_as("caller", at, frame);
    }

    fn play_as(&mut self, leg: &str, at: Instant, frame: TapFrame) {
        self.until(at);
        let leg = LegId::new(leg);
        self.give(at, Input::Audio { leg, frame });
    }

    /// Lets time pass; every deadline on the way is kept.
    fn until(&mut self, at: Instant) {
        while let Some(deadline) = self.call.deadline().filter(|deadline| *deadline <= at) {
            self.give(deadline.max(self.now), Input::Wake);
        }
        self.now = at;
    }

    fn give(&mut self, at: Instant, input: Input) {
        self.now = at;
        self.call.handle(at, input);
        while let Some(effect) = self.call.poll() {
            match effect {
                Effect::Publish(event) => self.events.push(event.body),
                Effect::Recognise(job) if job.pass == Pass::Again => self.again.push(job),
                Effect::Recognise(job) => self.asked(job.key, job.pass),
                Effect::Finished => self.finished = true,
                Effect::Answer { ask, answer } => self.answers.push((ask, answer)),
                Effect::Compose { prompt, deadline } => self.composing.push((prompt, deadline)),
                Effect::Unmasked(said) => self.unmasked.push(said.text.expose().clone()),
                Effect::Forget(segment) => self.forgotten.push(segment),
                Effect::LegDone(_) | Effect::Looked(_) => {}
            }
        }
    }

    fn asked(&mut self, key: SegmentKey, pass: Pass) {
        match (self.ears, pass) {
            (Ears::Deaf, _) => {}
            (Ears::Foreseeing, Pass::Ahead) => {
                self.foreseen += 1;
                self.answer(key, pass, Recognition::Text(said("失业保险金要什么条件才能领")));
            }
            (Ears::Late, Pass::Ahead) => {}
            (Ears::Streaming | Ears::Breaking, Pass::Partial) if !self.heads.is_empty() => {
                let text = self.heads.remove(0);
                let stable = Some(text.chars().count());
                let hypothesis = Hypothesis {
                    text: text.to_owned(),
                    confidence: self.confidence,
                    stable,
                    ..Hypothesis::default()
                };
                self.answer(key, pass, Recognition::Text(hypothesis));
            }
            (_, Pass::Partial | Pass::Ahead | Pass::Again) => self.answer(key, pass, Recognition::Shed),
            (Ears::Quick | Ears::Streaming, Pass::Final) => self.answer_text(key),
            (Ears::Broken | Ears::Breaking, Pass::Final) => {
                self.answer(key, pass, Recognition::Failed("no memory".to_owned()))
            }
            (Ears::Reversed | Ears::Foreseeing, Pass::Final) => self.unanswered.push(key),
            (Ears::Late, Pass::Final) => {
                self.answer(key.clone(), Pass::Ahead, Recognition::Text(said("不是这句")));
                self.answer_text(key);
            }
        }
    }

    fn answer_text(&mut self, key: SegmentKey) {
        let text = if self.texts.is_empty() {
            "嗯"
        } else {
            self.texts.remove(0)
        };
        self.answer(key, Pass::Final, Recognition::Text(said(text)));
    }

    fn answer(&mut self, key: SegmentKey, pass: Pass, outcome: Recognition) {
        let answer = Recognised {
            key,
            pass,
            waited: Duration::ZERO,
            outcome,
        };
        self.give(self.now, Input::Recognised(answer));
    }

    fn hang_up(&mut self) {
        self.signal(CallEvent::Ended {
            cause: EndCause::Hangup,
        });
    }

    fn types(&self) -> Vec<&'static str> {
        self.events.iter().map(Body::type_name).collect()
    }

    fn count(&self, kind: &str) -> usize {
        self.types().iter().filter(|name| **name == kind).count()
    }

    fn finals(&self) -> Vec<(String, String)> {
        let text = |body: &Body| match body {
            Body::TranscriptFinal(t) => Some((t.segment_id.clone(), t.text.clone())),
            _ => None,
        };
        self.events.iter().filter_map(text).collect()
    }
}

fn said(text: &str) -> Hypothesis {
    Hypothesis {
        text: text.to_owned(),
        confidence: 0.9,
        ..Hypothesis::default()
    }
}

fn voice() -> Audio {
    let path = "../../tests/corpus/calls/unemployment-benefit.caller.opus";
    ogg_opus::read(&std::fs::read(path).unwrap()).unwrap()
}

/// Two turns of the caller and the silence behind them.
const TWO_TURNS: Duration = Duration::from_secs(22);

#[test]
fn a_call_begins_with_started_and_ends_with_the_wrapup_and_ended() {
    let mut bench = Bench::joined(Ears::Quick);
    bench.speak(TWO_TURNS);
    bench.hang_up();
    bench.until(bench.now + Duration::from_millis(1));
    let types = bench.types();
    assert_eq!(types[0], "call.started");
    assert_eq!(types[types.len() - 2..], ["wrapup.final", "call.ended"]);
    assert!(bench.finished);
    assert_eq!(bench.count("speech.started"), bench.count("speech.ended"));
    assert_eq!(bench.finals()[0].1, "失业保险金要什么条件才能领");
    assert!(bench.count("hint.new") > 0, "{types:?}");
}

#[test]
fn the_callers_number_is_masked() {
    let bench = Bench::joined(Ears::Quick);
    let Body::CallStarted(started) = &bench.events[0] else {
        panic!("{:?}", bench.events[0])
    };
    assert_eq!(started.caller.as_deref(), Some("*********01"));
    assert_eq!(started.caller_hash, None, "nobody has set a salt");
}

#[test]
fn a_role_that_may_is_told_what_finals_cover_and_nobody_else_is() {
    for (wanted, right) in [(false, &[][..]), (true, &["我的电话是15405460137"])] {
        let mut config = EngineConfig::new(AssistConfig::new("2026-03-02".parse().unwrap(), "370500"));
        config.unmasked = wanted;
        let mut bench = Bench::configured(Ears::Quick, config);
        bench.start();
        for (text, control) in [
            ("最低工资是多少", None),
            ("我的电话是15405460137", None),
            ("身份证110101199003077432", Some(Control::Mask(true))),
        ] {
            if let Some(control) = control {
                bench.give(bench.now, Input::Control(control));
            }
            bench.until(bench.now + Duration::from_secs(5));
            let typed = Input::Typed {
                leg: LegId::new("caller"),
                text: text.to_owned(),
                lasted: Duration::from_secs(2),
            };
            bench.give(bench.now, typed);
        }
        assert_eq!(bench.unmasked, right, "what an operator withheld is told to nobody");
        assert!(bench.finals().iter().all(|(_, text)| !text.contains("0546")));
    }
}

#[test]
fn with_a_salt_the_callers_number_has_a_hash() {
    let mut config = EngineConfig::new(AssistConfig::new("2026-03-02".parse().unwrap(), "370500"));
    config.number_salt = Some(sidetone_base::Secret::new("a salt of some length"));
    let mut bench = Bench::configured(Ears::Quick, config);
    bench.start();
    let Body::CallStarted(started) = &bench.events[0] else {
        panic!("{:?}", bench.events[0])
    };
    assert_eq!(started.caller_hash.as_deref(), Some("e0918b7edde57193c32044a83c4539af"));
}

#[test]
fn two_agents_on_a_call_have_words_and_segments_of_their_own() {
    let mut bench = Bench::joined(Ears::Quick);
    bench.join("second", Role::Agent, Some("8002"));
    let from = bench.now;
    for frame in voice().frames().take_while(|frame| frame.at < Duration::from_secs(12)) {
        bench.play_as("agent", from + frame.at, frame.frame.clone());
        bench.play_as("second", from + frame.at, frame.frame);
    }
    bench.until(bench.now + Duration::from_millis(1));
    let finals = bench.finals();
    assert!(finals.len() == 2 && finals[0].0 != finals[1].0, "{finals:?}");
    for (ask, leg) in [(1, "agent"), (2, "second")] {
        let question = sidetone_base::Question::Last { leg: LegId::new(leg) };
        bench.give(
            bench.now,
            Input::Asked {
                ask: AskId(ask),
                question,
            },
        );
    }
    let said = |answer: &(AskId, Answer)| match &answer.1 {
        Answer::Heard(said) => said.text.clone(),
        other => panic!("{other:?}"),
    };
    let said: Vec<String> = bench.answers.iter().map(said).collect();
    assert_eq!(said, [finals[0].1.clone(), finals[1].1.clone()]);
}

#[test]
fn nothing_is_heard_on_hold_and_everything_after_it() {
    let mut bench = Bench::joined(Ears::Quick);
    let agent = LegId::new("agent");
    bench.signal(CallEvent::Held { leg: agent.clone() });
    bench.speak(Duration::from_secs(12));
    assert_eq!(bench.count("speech.started"), 0);
    bench.signal(CallEvent::Resumed { leg: agent });
    bench.speak(Duration::from_secs(12));
    assert_eq!(bench.count("speech.started"), 1);
    let Some(Body::SpeechStarted(started)) = bench.events.iter().find(|e| e.type_name() == "speech.started") else {
        panic!("{:?}", bench.types())
    };
    assert!(
        started.begin_ms > 12_000,
        "the time line went on during the hold: {}",
        started.begin_ms
    );
}

#[test]
fn a_transfer_is_one_call_with_another_agent() {
    let mut bench = Bench::joined(Ears::Quick);
    bench.signal(CallEvent::LegLeft {
        leg: LegId::new("agent"),
        exit: LegExit::Blind,
    });
    bench.join("agent2", Role::Agent, Some("8002"));
    let reasons: Vec<String> = bench
        .events
        .iter()
        .filter_map(|event| match event {
            Body::CallUpdated(updated) => Some(format!(
                "{:?} {} {} {:?} {:?}",
                updated.reason,
                updated.legs.len(),
                updated.leg.as_deref().unwrap_or("-"),
                updated.how,
                updated.exit
            )),
            _ => None,
        })
        .collect();
    assert_eq!(
        reasons[reasons.len() - 3..],
        [
            "Left 1 agent None Some(Blind)",
            "Transfer 2 agent2 Some(Transfer) None",
            "Tap 2 - None None"
        ]
    );
    let joined = reasons.iter().filter(|reason| reason.starts_with("Joined"));
    assert_eq!(
        joined.collect::<Vec<_>>(),
        ["Joined 1 caller None None", "Joined 2 agent Some(Direct) None"]
    );
    bench.speak(Duration::from_secs(12));
    bench.hang_up();
    bench.until(bench.now + Duration::from_millis(1));
    assert_eq!(bench.count("call.ended"), 1);
}

#[test]
fn a_hang_up_at_any_moment_of_attaching_ends_the_call_once() {
    for events in 0..5 {
        let mut bench = Bench::new(Ears::Quick);
        let started = CallEvent::Started {
            age: Duration::ZERO,
            caller_number: None,
            called_number: None,
            queue: None,
            cti_id: None,
        };
        bench.signal(started);
        let leg = LegId::new("caller");
        let tap = TapKind::Snoop;
        let steps = [
            CallEvent::LegJoined {
                leg: leg.clone(),
                channel: "x".to_owned(),
                role: Role::Caller,
                agent: None,
            },
            CallEvent::TapFailed {
                leg: leg.clone(),
                kind: tap,
                reason: "gone".to_owned(),
            },
            CallEvent::TapAttached {
                leg: leg.clone(),
                kind: TapKind::ChanSpy,
                payload_types: Vec::new(),
            },
            CallEvent::LegLeft {
                leg,
                exit: LegExit::HungUp,
            },
        ];
        steps.into_iter().take(events).for_each(|step| bench.signal(step));
        bench.hang_up();
        bench.hang_up();
        bench.until(bench.now + Duration::from_secs(60));
        assert_eq!(bench.count("call.ended"), 1, "after {events} events");
        assert_eq!(bench.types().last(), Some(&"call.ended"));
    }
}
