//! `mod_sidetone` as the daemon sees it.

use std::time::Duration;

use sidetone_base::{Answer, CallEvent, Question, Said, SampleRate, SwitchOutput, TapFrame, TapKind};
use sidetone_freeswitch::{Subclass, TapChoice};
use sidetone_mod_wire::{
    Answer as Status, Audio, Decoder, FromModule, Hello, LegEnd, LegStart, LegStop, Listen, Message, Party, ToModule,
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

#[tokio::test]
async fn a_dialplan_that_starts_the_module_is_heard_answered_and_obeyed() {
    let folder = std::env::temp_dir().join(format!("sidetone-module-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let socket = folder.join("mod.sock");
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
    module
        .say(FromModule::LegStart(LegStart {
            uuid: "a".into(),
            call: "a".into(),
            party: Party::Caller,
            agent: String::new(),
            profile: String::new(),
            rate: 8000,
        }))
        .await;
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

    let (uuid, timeout_) = ("a".to_owned(), Duration::from_secs(5));
    module
        .say(FromModule::Listen(Listen {
            uuid,
            ask: 42,
            timeout: timeout_,
        }))
        .await;
    let asked = stage.until(|output| matches!(output, SwitchOutput::Asked { .. })).await;
    let SwitchOutput::Asked {
        ask,
        question: Question::Listen { leg, within },
        ..
    } = asked
    else {
        panic!()
    };
    assert_eq!((leg.as_str(), within), ("a", timeout_));
    let said = Said {
        text: "失业金怎么领".into(),
        confidence: 0.9,
        ..Said::default()
    };
    stage.switch.asks().answer(ask, Answer::Heard(said));
    let ToModule::ListenResult(result) = module.hear().await else {
        panic!()
    };
    assert_eq!(
        (result.ask, result.answer, result.confidence_permille),
        (42, Status::Heard, 900)
    );
    assert_eq!((result.text.as_str(), result.slots.as_str()), ("失业金怎么领", "{}"));

    stage.switch.announcer().announce(leg.as_str(), Subclass::Hint, "{}");
    assert!(matches!(module.hear().await, ToModule::Event(event) if event.uuid == "a"));

    module
        .say(FromModule::LegStop(LegStop {
            uuid: "a".into(),
            end: LegEnd::Stopped,
            frames: number,
            lost: 0,
        }))
        .await;
    let failed = stage
        .until(|output| {
            matches!(output, SwitchOutput::Signal(signal) if matches!(&signal.event,
                CallEvent::TapFailed { leg, .. } if leg.as_str() == "a"))
        })
        .await;
    let told = format!("{failed:?}");
    assert!(told.contains("the dialplan stopped"), "{told}");
    let _ = std::fs::remove_dir_all(&folder);
}
