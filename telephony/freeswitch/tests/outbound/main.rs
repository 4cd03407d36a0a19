//! Dialplans that ask by the outbound event socket, on a real FreeSWITCH 1.10. The test is the engine.
//!
//! Runs as `real` does: `--features real-freeswitch --test outbound`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, dead_code)]

mod figure;
#[path = "../real/rig.rs"]
mod rig;
#[path = "../real/sound.rs"]
mod sound;

use std::time::Duration;

use rig::Rig;
use sidetone_base::{Answer, CallEvent, LegId, Question, Role, Said, Summary, SwitchOutput};
use sidetone_freeswitch::config::OutboundConfig;
use sidetone_freeswitch::{FreeswitchConfig, FreeswitchSwitch, TapChoice};
use tokio::sync::mpsc::Receiver;

const LIMIT: Duration = Duration::from_secs(40);
const NASTY: &str = "我要'投诉'\\ ${sidetone_topic}\n第二行";

fn config(rig: &Rig) -> FreeswitchConfig {
    let config = rig.config(TapChoice::Native);
    // Where the test switch's dialplan looks.
    let listen = ([127, 0, 0, 1], config.esl.port + 1).into();
    FreeswitchConfig {
        outbound: Some(OutboundConfig::at(listen)),
        ..config
    }
}

fn said(text: &str, topic: &str) -> Answer {
    Answer::Heard(Said {
        text: text.to_owned(),
        confidence: 0.9,
        topic: Some(topic.to_owned()),
        topic_name: Some("社会保障卡".to_owned()),
        intent: Some("procedure".to_owned()),
        slots: vec![("duration".to_owned(), "P6Y".to_owned())],
        reply: Some("先挂失，再补办。".to_owned()),
        ended: None,
    })
}

#[derive(Default)]
struct Engine {
    story: Vec<CallEvent>,
    audio: usize,
    asked: Vec<Question>,
}

impl Engine {
    async fn run(
        &mut self,
        switch: &FreeswitchSwitch,
        output: &mut Receiver<SwitchOutput>,
        mut answer: impl FnMut(&Question) -> Option<Answer>,
        done: impl Fn(&Self) -> bool,
    ) {
        let until = tokio::time::Instant::now() + LIMIT;
        while !done(self) {
            let next = tokio::time::timeout_at(until, output.recv()).await;
            match next
                .unwrap_or_else(|_| panic!("so far {:?} {:?} {} frames", self.story, self.asked, self.audio))
                .unwrap()
            {
                SwitchOutput::Signal(signal) => self.story.push(signal.event),
                SwitchOutput::Audio { .. } => self.audio += 1,
                SwitchOutput::Asked { ask, question, .. } => {
                    if let Some(answer) = answer(&question) {
                        switch.asks().answer(ask, answer);
                    }
                    self.asked.push(question);
                }
                SwitchOutput::Fact(_) | SwitchOutput::Connected { .. } | SwitchOutput::Disconnected => {}
            }
        }
    }

    fn agent_joined(&self) -> bool {
        let agent = |event: &CallEvent| matches!(event, CallEvent::LegJoined { role: Role::Agent, .. });
        self.story.iter().any(agent)
    }

    fn caller(&self) -> LegId {
        let caller = self.story.iter().find_map(|event| match event {
            CallEvent::LegJoined {
                leg,
                role: Role::Caller,
                ..
            } => Some(leg.clone()),
            _ => None,
        });
        caller.unwrap()
    }

    fn started(&self) -> usize {
        let started = |event: &&CallEvent| matches!(event, CallEvent::Started { .. });
        self.story.iter().filter(started).count()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_recipes_route_answer_and_hand_over() {
    let rig = Rig::start("outbound", 24000);
    recipes(&rig, config(&rig)).await;
}

/// Needs the module: `cargo build -p mod_sidetone`, or its path in `MOD_SIDETONE`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_recipes_are_the_same_by_the_module() {
    let rig = Rig::start_with_module("outbound-module", 24000);
    let mut config = rig.config(TapChoice::Auto);
    config.module.socket = Some(rig.module_socket());
    recipes(&rig, config).await;
}

/// Every variable that docs/IVR.md promises, in every recipe.
async fn recipes(rig: &Rig, config: FreeswitchConfig) {
    let by_the_module = config.module.socket.is_some();
    let (switch, mut output) = FreeswitchSwitch::start(config).await.unwrap();
    if by_the_module {
        rig.wait_for_the_modules_connection();
    }
    let summary = Summary {
        text: "个人来电咨询社会保障卡（怎么办），尚未答复。".to_owned(),
        topic: Some("social_card".to_owned()),
        topic_name: Some("社会保障卡".to_owned()),
        slots: vec![("duration".to_owned(), "P6Y".to_owned())],
    };
    for recipe in ["12360", "12361", "12362"] {
        let answer = |question: &Question| match question {
            Question::Listen { within, .. } => {
                assert_eq!(*within, Duration::from_secs(5));
                Some(said(NASTY, "social_card"))
            }
            Question::Last { .. } => Some(Answer::Silence),
            Question::Summary => Some(Answer::Summary(summary.clone())),
        };
        // The queue of the other two recipes calls agent 8001, who is a SIPp.
        let _agent = (recipe != "12360").then(|| rig.sipp("agent", 1, &[]));
        rig.call("PCMU", recipe);
        let mut engine = Engine::default();
        engine.run(&switch, &mut output, answer, Engine::agent_joined).await;
        let caller = engine.caller();
        let variable = |name: &str| rig.switch(&format!("uuid_getvar {caller} sidetone_{name}"));
        assert_eq!(
            variable("text"),
            "我要＇投诉＇＼ ＄｛sidetone_topic｝ 第二行",
            "{recipe}"
        );
        assert_eq!(variable("summary"), summary.text, "{recipe}");
        assert_eq!(variable("confidence"), "0.90", "{recipe}");
        assert_eq!(variable("topic"), "social_card", "{recipe}");
        assert_eq!(variable("topic_name"), "社会保障卡", "{recipe}");
        assert_eq!(variable("intent"), "procedure", "{recipe}");
        assert_eq!(variable("reply"), "先挂失，再补办。", "{recipe}");
        assert_eq!(variable("slot_region"), "_undef_", "{recipe}");
        assert_eq!(variable("slots"), r#"{"duration":"P6Y"}"#, "{recipe}");
        assert_eq!(variable("slot_duration"), "P6Y", "{recipe}");
        assert_eq!(variable("status"), "ok", "{recipe}");
        if recipe == "12360" {
            assert_eq!(variable("queue"), "12334@default", "routed by its topic");
        }
        assert_eq!(engine.started(), 1, "{recipe}: one call");
        println!(
            "{recipe}: {} frames before the agent, {} questions",
            engine.audio,
            engine.asked.len()
        );
        rig.phones("hupall");
        let ended = |engine: &Engine| {
            engine
                .story
                .iter()
                .any(|event| matches!(event, CallEvent::Ended { .. }))
        };
        engine.run(&switch, &mut output, |_| None, ended).await;
        rig.assert_channels(0);
    }
    switch.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_daemon_that_dies_in_the_middle_leaves_the_caller_to_the_dialplan() {
    let rig = Rig::start("outbound-dies", 24000);
    let (switch, mut output) = FreeswitchSwitch::start(config(&rig)).await.unwrap();
    rig.call("PCMU", "12362");
    let mut engine = Engine::default();
    let heard = |engine: &Engine| !engine.asked.is_empty() && engine.audio > 50;
    engine.run(&switch, &mut output, |_| None, heard).await;
    switch.stop().await;
    drop(output);
    // Caller and agent.
    rig.assert_channels(2);
    rig.phones("hupall");
    rig.assert_channels(0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_who_hangs_up_in_the_middle_leaves_nothing() {
    let rig = Rig::start("outbound-hangup", 24000);
    let (switch, mut output) = FreeswitchSwitch::start(config(&rig)).await.unwrap();
    rig.call("PCMU", "12360");
    let mut engine = Engine::default();
    let asked = |engine: &Engine| !engine.asked.is_empty();
    engine.run(&switch, &mut output, |_| None, asked).await;
    rig.phones("hupall");
    let ended = |engine: &Engine| {
        engine
            .story
            .iter()
            .any(|event| matches!(event, CallEvent::Ended { .. }))
    };
    engine.run(&switch, &mut output, |_| None, ended).await;
    rig.assert_channels(0);
    switch.stop().await;
}
