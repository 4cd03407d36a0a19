//! `mod_sidetone` as the daemon sees it.

use std::time::{Duration, Instant};

use sidetone_base::{Answer, CallEvent, Question, Said, SampleRate, Summary, SwitchOutput, TapFrame, TapKind};
use sidetone_freeswitch::{Subclass, TapChoice};
use sidetone_mod_wire::{
    Ask, Asked, Audio, Decoder, FromModule, Hello, LegEnd, LegStart, LegStop, Message, Party, Status, ToModule,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::time::timeout;

use crate::stage::{CALL, LIMIT, Stage};

struct Module {
    stream: UnixStream,
    decoder: Decoder<ToModule>,
}

impl Module {
    async fn say(&mut self, message: FromModule) {
        let mut bytes = Vec::new();
        message.encode(&mut bytes).unwrap();
        self.stream.write_all(&bytes).await.unwrap();
    }

    async fn hear(&mut self) -> ToModule {
        loop {
            if let Some(message) = self.decoder.take().unwrap() {
                return message;
            }
            let mut chunk = [0u8; 4096];
            let count = timeout(LIMIT, self.stream.read(&mut chunk)).await.unwrap().unwrap();
            assert!(count > 0, "the daemon closed the connection");
            self.decoder.push(&chunk[..count]);
        }
    }

    async fn start(&mut self, backlog: u16) {
        self.start_tapped(backlog, Duration::ZERO).await;
    }

    /// Of a tap that began so long ago.
    async fn start_tapped(&mut self, backlog: u16, tapped: Duration) {
        self.say(FromModule::LegStart(LegStart {
            uuid: "a".into(),
            call: "a".into(),
            party: Party::Caller,
            agent: String::new(),
            profile: String::new(),
            queue: "12333".into(),
            rate: 8000,
            backlog,
            tapped,
        }))
        .await;
    }

    async fn stop(&mut self, frames: u64) {
        self.say(FromModule::LegStop(LegStop {
            uuid: "a".into(),
            end: LegEnd::Stopped,
            frames,
            lost: 0,
        }))
        .await;
    }

    async fn audio(&mut self, number: u64) {
        self.say(FromModule::Audio(Audio {
            uuid: "a".into(),
            party: Party::Caller,
            rate: 8000,
            position: number * 160,
            captured: Duration::from_millis(20 * number),
            lost: 0,
            samples: vec![7; 160],
        }))
        .await;
    }
}

/// A stage whose switch tells of one caller, and a module that taps them.
async fn tapped(name: &str, backlog: u16) -> (Stage, Module, Folder) {
    let folder = Folder(std::env::temp_dir().join(format!("sidetone-{name}-{}", std::process::id())));
    std::fs::create_dir_all(&folder.0).unwrap();
    let socket = folder.0.join("mod.sock");
    let mut stage = Stage::with(TapChoice::Module, Some(socket.clone()), &CALL[..1]).await;
    stage
        .until(|output| matches!(output, SwitchOutput::Connected { .. }))
        .await;
    let mut module = Module {
        stream: UnixStream::connect(&socket).await.unwrap(),
        decoder: Decoder::default(),
    };
    module
        .say(FromModule::Hello(Hello {
            module: "test".into(),
            switch: "pbx".into(),
            switch_uuid: "1".into(),
        }))
        .await;
    assert!(matches!(module.hear().await, ToModule::Welcome(_)));
    module.start(backlog).await;
    (stage, module, folder)
}

struct Folder(std::path::PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// After a restart of the daemon the module says all that it has kept at once.
#[tokio::test]
async fn what_the_module_held_back_is_heard_to_the_last_frame() {
    let (mut stage, mut module, _folder) = tapped("burst", 500).await;
    for number in 0..500 {
        module.audio(number).await;
    }
    for _ in 0..500 {
        stage.until(|output| matches!(output, SwitchOutput::Audio { .. })).await;
    }
}

/// What waited in the module while there was no daemon was said when it was captured, not when it came.
#[tokio::test]
async fn what_the_module_held_back_keeps_its_time() {
    let (mut stage, mut module, _folder) = tapped("times", 500).await;
    module.stop(0).await;
    let ago = Duration::from_secs(10);
    let before = Instant::now();
    module.start_tapped(500, ago).await;
    for number in 0..100 {
        module.audio(number).await;
    }
    for number in 0..100 {
        let heard = stage.until(|output| matches!(output, SwitchOutput::Audio { .. })).await;
        let SwitchOutput::Audio { at, .. } = heard else {
            panic!()
        };
        let captured = Duration::from_millis(20 * number);
        let told = Instant::now();
        assert!(
            at + ago >= before + captured && at + ago <= told + captured,
            "frame {number}"
        );
    }
}

/// What a dialplan asks by the module is what it asks by any other way.
#[tokio::test]
async fn the_last_words_and_a_summary_are_asked_for_by_the_module() {
    let (mut stage, mut module, _folder) = tapped("asks", 100).await;
    for (ask, asked) in [(1, Asked::Last), (2, Asked::Summary)] {
        let uuid = "a".to_owned();
        module.say(FromModule::Ask(Ask { uuid, ask, asked })).await;
        let question = stage.until(|output| matches!(output, SwitchOutput::Asked { .. })).await;
        let SwitchOutput::Asked { ask: id, question, .. } = question else {
            panic!()
        };
        let (given, status) = match question {
            Question::Summary => {
                let summary = Summary {
                    text: "个人来电咨询失业保险金。".into(),
                    slots: vec![("region".into(), "370500".into())],
                    ..Summary::default()
                };
                (Answer::Summary(summary), Status::Ok)
            }
            _ => (Answer::Silence, Status::Silence),
        };
        stage.switch.asks().answer(id, given);
        let ToModule::Answer(answer) = module.hear().await else {
            panic!()
        };
        assert_eq!((answer.ask, answer.status), (ask, status));
        let value = |name: &str| {
            let found = answer.variables.iter().find(|(known, _)| known == name);
            found.map(|(_, value)| value.as_str())
        };
        match status {
            Status::Ok => assert_eq!(
                [value("summary"), value("slot_region")],
                [Some("个人来电咨询失业保险金。"), Some("370500")]
            ),
            _ => assert_eq!([value("text"), value("topic_name")], [Some(""), Some("")]),
        }
    }
    let (uuid, ask) = ("nobody".to_owned(), 3);
    let asked = Asked::Summary;
    module.say(FromModule::Ask(Ask { uuid, ask, asked })).await;
    assert!(matches!(module.hear().await, ToModule::Answer(answer) if answer.status == Status::Gone));
}

#[tokio::test]
async fn a_dialplan_that_starts_the_module_is_heard_answered_and_obeyed() {
    let (mut stage, mut module, _folder) = tapped("module", 100).await;
    let started = stage
        .until(|output| matches!(output, SwitchOutput::Signal(signal) if matches!(signal.event, CallEvent::Started { .. })))
        .await;
    assert!(format!("{started:?}").contains("queue: Some(\"12333\")"), "{started:?}");
    // Told before it is tapped, and the tap needs a frame to be one.
    let attached = |output: &SwitchOutput| {
        matches!(output, SwitchOutput::Signal(signal) if matches!(&signal.event,
            CallEvent::TapAttached { kind: TapKind::Module, leg, .. } if leg.as_str() == "a"))
    };
    let mut number = 0;
    loop {
        module.audio(number).await;
        number += 1;
        let waited = timeout(Duration::from_millis(50), stage.until(attached)).await;
        if waited.is_ok() {
            break;
        }
        assert!(number < 200, "never attached");
    }
    module.audio(number).await;
    let heard = stage.until(|output| matches!(output, SwitchOutput::Audio { .. })).await;
    let SwitchOutput::Audio {
        frame: TapFrame::Pcm { rate, samples },
        ..
    } = heard
    else {
        panic!()
    };
    assert_eq!((rate, samples.len()), (SampleRate::NARROW, 160));

    let (uuid, within_) = ("a".to_owned(), Duration::from_secs(5));
    let asked = Asked::Next {
        timeout: within_,
        limit: Duration::from_secs(25),
    };
    module.say(FromModule::Ask(Ask { uuid, ask: 42, asked })).await;
    let asked = stage.until(|output| matches!(output, SwitchOutput::Asked { .. })).await;
    let SwitchOutput::Asked {
        ask,
        question: Question::Listen { leg, within },
        ..
    } = asked
    else {
        panic!()
    };
    assert_eq!((leg.as_str(), within), ("a", within_));
    let said = Said {
        text: "失业金怎么领".into(),
        confidence: 0.9,
        ..Said::default()
    };
    stage.switch.asks().answer(ask, Answer::Heard(said));
    let ToModule::Answer(answer) = module.hear().await else {
        panic!()
    };
    assert_eq!((answer.ask, answer.status), (42, Status::Heard));
    let expected = [("text", "失业金怎么领"), ("confidence", "0.90"), ("slots", "{}")];
    for (name, value) in expected {
        let set = (name.to_owned(), value.to_owned());
        assert!(answer.variables.contains(&set), "{name}: {:?}", answer.variables);
    }

    stage.switch.announcer().announce(leg.as_str(), Subclass::Hint, "{}");
    assert!(matches!(module.hear().await, ToModule::Event(event) if event.uuid == "a"));

    module.stop(number).await;
    let failed = format!("{:?}", stage.until(tap_news).await);
    assert!(failed.contains("the dialplan stopped"), "{failed}");
    module.start(100).await;
    module.audio(0).await;
    let again = format!("{:?}", stage.until(tap_news).await);
    assert!(again.contains("kind: Module"), "{again}");
}

fn tap_news(output: &SwitchOutput) -> bool {
    let of_a_tap = |event: &CallEvent| matches!(event, CallEvent::TapFailed { .. } | CallEvent::TapAttached { .. });
    matches!(output, SwitchOutput::Signal(signal) if of_a_tap(&signal.event))
}
