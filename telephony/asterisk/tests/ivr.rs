//! A dialplan that asks, on a real Asterisk 22. The test is the engine: it answers as it likes.
//!
//! Needs what `real.rs` needs.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, dead_code)]

mod support;

use std::time::{Duration, Instant};

use sidetone_asterisk::config::ListenConfig;
use sidetone_asterisk::{AsteriskConfig, AsteriskSwitch, TapChoice};
use sidetone_base::{Answer, CallEvent, Fact, IvrExit, Question, Role, Said, Summary, SwitchOutput, TapFrame};
use support::Pbx;
use tokio::sync::mpsc::Receiver;

const LIMIT: Duration = Duration::from_secs(20);
const NASTY: &str = "我要\"投诉\"\\ ${EVAL(${x})}, x]\n第二行";

fn config(pbx: &Pbx) -> AsteriskConfig {
    let listen = |offset| Some(ListenConfig::at(([127, 0, 0, 1], pbx.port() + offset).into()));
    AsteriskConfig {
        agi: listen(522),
        aeap: listen(523),
        ..pbx.config(TapChoice::Auto)
    }
}

fn said(text: &str, topic: &str) -> Answer {
    Answer::Heard(Said {
        text: text.to_owned(),
        confidence: 0.9,
        topic: Some(topic.to_owned()),
        topic_name: Some("失业保险金".to_owned()),
        intent: Some("procedure".to_owned()),
        slots: vec![("duration".to_owned(), "P6Y".to_owned())],
        reply: Some("可以领，先办失业登记。".to_owned()),
        ended: Some(Instant::now()),
    })
}

/// What the switch said, and how the test answered.
#[derive(Default)]
struct Engine {
    story: Vec<CallEvent>,
    audio: usize,
    asked: Vec<Question>,
    facts: Vec<Fact>,
}

impl Engine {
    /// Until `done`; questions are answered by `answer`, `None` leaves one open.
    async fn run(
        &mut self,
        switch: &AsteriskSwitch,
        output: &mut Receiver<SwitchOutput>,
        mut answer: impl FnMut(&Question) -> Option<Answer>,
        done: impl Fn(&Self) -> bool,
    ) {
        let until = tokio::time::Instant::now() + LIMIT;
        while !done(self) {
            let next = tokio::time::timeout_at(until, output.recv()).await;
            match next
                .unwrap_or_else(|_| panic!("so far {:?} {:?}", self.story, self.asked))
                .unwrap()
            {
                SwitchOutput::Signal(signal) => self.story.push(signal.event),
                SwitchOutput::Audio { .. } => self.audio += 1,
                SwitchOutput::Asked { ask, question, .. } => {
                    self.asked.push(question.clone());
                    if let Some(answer) = answer(&question) {
                        switch.asks().answer(ask, answer);
                    }
                }
                SwitchOutput::Fact(fact) => self.facts.push(fact),
                SwitchOutput::Connected { .. } | SwitchOutput::Disconnected => {}
            }
        }
    }

    fn ended(&self) -> bool {
        self.story.iter().any(|event| matches!(event, CallEvent::Ended { .. }))
    }

    /// Of the machine's session: how many turns had an answer, how many had none, and how it ended.
    fn dialogue(&self) -> (usize, usize, Option<(IvrExit, u64, u64)>) {
        let turns = |answered: bool| {
            let turns = self.facts.iter().filter(|fact| {
                matches!(fact, Fact::IvrTurn { turn, .. }
                    if turn.answered == answered && turn.understood == answered && turn.play_start >= turn.speech_end)
            });
            turns.count()
        };
        let left = self.facts.iter().find_map(|fact| match fact {
            Fact::IvrLeft {
                left,
                answers,
                fails_after_last_answer,
                ..
            } => Some((*left, *answers, *fails_after_last_answer)),
            _ => None,
        });
        (turns(true), turns(false), left)
    }

    fn contact_left(&self) -> bool {
        self.facts.iter().any(|fact| matches!(fact, Fact::ContactLeft { .. }))
    }

    fn agent_joined(&self) -> bool {
        let agent = |event: &CallEvent| matches!(event, CallEvent::LegJoined { role: Role::Agent, .. });
        self.story.iter().any(agent)
    }
}

/// Waits until the switch's log has this line.
fn logged(pbx: &Pbx, text: &str) -> String {
    let until = Instant::now() + Duration::from_secs(5);
    loop {
        let log = pbx.log();
        if let Some(line) = log.lines().find(|line| line.contains(text)) {
            return line.to_owned();
        }
        assert!(Instant::now() < until, "no {text:?} in the log of the switch:\n{log}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dialplan_asks_and_reads_the_answer() {
    let pbx = Pbx::start("ivr", 20000);
    let (switch, mut output) = AsteriskSwitch::start(config(&pbx)).await.unwrap();
    let _caller = pbx.caller(1, "caller", "710", &[]);
    let mut engine = Engine::default();
    let mut answers = vec![
        Answer::Silence,
        said("失业金怎么领", "unemployment_benefit"),
        said(NASTY, "x"),
    ];
    let answer = |question: &Question| match question {
        Question::Listen { within, .. } => {
            assert_eq!(*within, Duration::from_millis(1500));
            Some(answers.pop().unwrap())
        }
        Question::Last { .. } => Some(said("失业金怎么领", "unemployment_benefit")),
        Question::Summary => Some(Answer::Gone),
    };
    engine.run(&switch, &mut output, answer, Engine::contact_left).await;
    assert_eq!(
        engine.dialogue(),
        (2, 1, Some((IvrExit::CallerHangup, 2, 1))),
        "{:?}",
        engine.facts
    );
    let surveys = engine.facts.iter().filter(|fact| match fact {
        Fact::SurveyOffered { contact } | Fact::SurveyAnswered { contact, score: 4 } => {
            contact.as_str().starts_with("pbx-")
        }
        _ => false,
    });
    assert_eq!(surveys.count(), 2, "{:?}", engine.facts);
    logged(&pbx, "survey=ok=");
    logged(&pbx, "score=error=");
    assert!(
        matches!(engine.story[0], CallEvent::Started { .. }),
        "{:?}",
        engine.story
    );
    assert!(matches!(
        engine.story[1],
        CallEvent::LegJoined { role: Role::Caller, .. }
    ));
    assert!(engine.story.contains(&CallEvent::Paused) && engine.story.contains(&CallEvent::Continued));
    logged(&pbx, "start=ok=SUCCESS=");
    let line = logged(&pbx, "listen=heard=我要");
    let expected =
        "listen=heard=我要＂投诉＂＼ ＄｛EVAL（＄｛x｝）｝， x］ 第二行=x={\"duration\":\"P6Y\"}=P6Y=SUCCESS=";
    assert!(line.contains(expected), "{line}");
    logged(&pbx, "listen=heard=失业金怎么领=unemployment_benefit=");
    logged(
        &pbx,
        "listen=silence===={}==SUCCESS=".replace("===={}", "==={}").as_str(),
    );
    logged(&pbx, "answer=heard=可以领，先办失业登记。=");
    logged(&pbx, "stop=ok=");
    logged(&pbx, "wrong=error=");
    pbx.assert_empty();
    switch.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_is_heard_before_any_agent_and_a_hang_up_leaves_nothing() {
    let pbx = Pbx::start("ivr-hangup", 20600);
    let (switch, mut output) = AsteriskSwitch::start(config(&pbx)).await.unwrap();
    let _caller = pbx.caller(1, "caller", "701", &[]);
    let mut engine = Engine::default();
    // A busy machine answers late, so the question is open when a second was heard, not at a time of the clock.
    let heard = |engine: &Engine| engine.asked.len() == 1 && engine.audio > 50;
    engine.run(&switch, &mut output, |_| None, heard).await;
    let attached = |event: &CallEvent| matches!(event, CallEvent::TapAttached { .. });
    assert!(engine.story.iter().any(attached), "{:?}", engine.story);
    assert!(!engine.ended(), "{:?}", engine.story);
    pbx.cli("channel request hangup all");
    engine.run(&switch, &mut output, |_| None, Engine::ended).await;
    assert_eq!(engine.asked.len(), 1, "{:?}", engine.asked);
    pbx.assert_empty();
    switch.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_stalls_when_the_engine_is_silent_or_the_daemon_away() {
    let pbx = Pbx::start("ivr-stall", 21200);
    {
        let (switch, mut output) = AsteriskSwitch::start(config(&pbx)).await.unwrap();
        let _caller = pbx.caller(1, "caller", "710", &[]);
        let mut engine = Engine::default();
        let asked = Instant::now();
        engine
            .run(&switch, &mut output, |_| None, |engine| engine.asked.len() == 2)
            .await;
        let waited = asked.elapsed();
        assert!(
            waited >= Duration::from_secs(6) && waited < Duration::from_secs(9),
            "{waited:?}"
        );
        logged(&pbx, "listen=error=");
        switch.stop().await;
    }
    pbx.assert_empty();
    let _caller = pbx.caller(2, "caller", "710", &[]);
    logged(&pbx, "start=unset=FAILURE=");
    logged(&pbx, "wrong=unset=");
    pbx.assert_empty();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_recipes_route_answer_and_hand_over() {
    let pbx = Pbx::start("ivr-recipes", 21800);
    pbx.cli("pjsip set logger on");
    let (switch, mut output) = AsteriskSwitch::start(config(&pbx)).await.unwrap();
    let summary = Summary {
        text: "个人来电咨询失业保险金（怎么办），尚未答复。".to_owned(),
        topic: Some("unemployment_benefit".to_owned()),
        ..Summary::default()
    };
    let answer = |question: &Question| match question {
        Question::Listen { .. } | Question::Last { .. } => Some(said("失业金怎么领", "unemployment_benefit")),
        Question::Summary => Some(Answer::Summary(summary.clone())),
    };
    for (n, recipe) in [(1, "701"), (2, "702"), (3, "703")] {
        let _agent = pbx.agent(1, "agent_hangs_up", &["-d", "2500"]);
        let _caller = pbx.caller(n, "caller", recipe, &[]);
        let mut engine = Engine::default();
        engine.run(&switch, &mut output, answer, Engine::ended).await;
        assert!(engine.agent_joined(), "{recipe}: {:?}", engine.story);
        assert_eq!(
            engine.dialogue().2.unwrap().0,
            IvrExit::ToQueue,
            "{recipe}: {:?}",
            engine.facts
        );
        let started = |event: &&CallEvent| matches!(event, CallEvent::Started { .. });
        assert_eq!(engine.story.iter().filter(started).count(), 1, "{recipe}: one call");
        pbx.assert_empty();
    }
    logged(
        &pbx,
        "UserEvent(\"PJSIP/trunk-00000000\", \"SidetoneRouted,Topic: unemployment_benefit,Intent: procedure\")",
    );
    logged(
        &pbx,
        "SidetoneReply,Topic: unemployment_benefit,Reply: 可以领，先办失业登记。",
    );
    logged(
        &pbx,
        "Playback(\"PJSIP/trunk-00000002\", \"sidetone/unemployment_benefit-procedure\")",
    );
    logged(&pbx, "X-Sidetone-Summary: %E4%B8%AA%E4%BA%BA");
    logged(&pbx, "X-Sidetone-Topic: unemployment_benefit");
    switch.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_switchs_own_speech_applications_work() {
    let pbx = Pbx::start("ivr-speech", 22400);
    assert!(pbx.cli("aeap show clients").contains("sidetone"));
    let (switch, mut output) = AsteriskSwitch::start(config(&pbx)).await.unwrap();
    let _agent = pbx.agent(1, "agent_hangs_up", &["-d", "1500"]);
    let _caller = pbx.caller(1, "caller", "704", &[]);
    // The engine takes its time: sound must flow meanwhile.
    let mut engine = Engine::default();
    let mut open = None;
    let until = tokio::time::Instant::now() + LIMIT;
    while !engine.agent_joined() {
        match tokio::time::timeout_at(until, output.recv())
            .await
            .expect("in time")
            .unwrap()
        {
            SwitchOutput::Signal(signal) => engine.story.push(signal.event),
            SwitchOutput::Asked { ask, question, .. } => {
                engine.asked.push(question);
                open = Some(ask);
            }
            SwitchOutput::Audio { call, frame, .. } => {
                assert!(call.as_str().starts_with("aeap-") || engine.story.len() > 4);
                if let TapFrame::Pcm { rate, samples } = frame
                    && call.as_str().starts_with("aeap-")
                {
                    assert_eq!((rate.0, samples.len()), (8_000, 160));
                    engine.audio += 1;
                }
                if engine.audio == 50
                    && let Some(ask) = open.take()
                {
                    switch.asks().answer(ask, said("失业金怎么领", "unemployment_benefit"));
                }
            }
            SwitchOutput::Fact(_) | SwitchOutput::Connected { .. } | SwitchOutput::Disconnected => {}
        }
    }
    assert_eq!(engine.story[0], CallEvent::StartedUnlisted);
    let ended = |event: &CallEvent| matches!(event, CallEvent::Ended { .. });
    assert!(
        engine.story.iter().any(ended),
        "SpeechDestroy ends it: {:?}",
        engine.story
    );
    let line = logged(&pbx, "SidetoneSpeech,Text");
    let expected =
        "Text: 失业金怎么领,Score: 900,Grammar: unemployment_benefit/procedure,Reply: 可以领，先办失业登记。";
    assert!(line.contains(expected), "{line}");
    logged(&pbx, "SidetoneRouted,Topic: unemployment_benefit,Intent: procedure");
    pbx.assert_empty();

    switch.stop().await;
    let _caller = pbx.caller(2, "caller_hangs_up", "704", &["-d", "1500"]);
    logged(&pbx, "SidetoneRouted,Topic: other");
    pbx.assert_empty();
}
