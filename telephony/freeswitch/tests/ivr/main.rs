//! An IVR from the dialplan's line to its variables: a switch that is a script, the real engine and knowledge base,
//! sound of the corpus, and a recogniser that hears what it is told.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, dead_code)]

#[path = "../driver/stage.rs"]
mod stage;

mod dialplan;
mod engine;

use std::path::Path;
use std::time::Duration;

use dialplan::{Module, line};
use engine::Engine;
use sidetone_base::SwitchOutput;
use sidetone_base::TapFrame;
use sidetone_freeswitch::TapChoice;
use sidetone_media::file::Recording;
use stage::{CALL, Stage};

/// What the corpus says in its first turn, as a model may write it.
const SAID: &str = "我想问一下失业保险金怎么领取，我在东营交了六年的社保";

/// The caller's first turn and the silence after it, in frames of 20 ms.
fn speech() -> Vec<(u32, Vec<i16>)> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/corpus/calls/unemployment-benefit.caller.opus");
    let Ok(Recording::Audio(recording)) = Recording::read(&std::fs::read(file).unwrap()) else {
        panic!("the corpus is audio")
    };
    let turn = Duration::from_millis(4_000)..Duration::from_millis(12_000);
    let frames = recording.frames().filter(|recorded| turn.contains(&recorded.at));
    let samples = frames.map(|recorded| match recorded.frame {
        TapFrame::Pcm { rate, samples } => (rate.0, samples),
        TapFrame::Rtp(_) => panic!("a recording is linear"),
    });
    samples.collect()
}

#[tokio::test]
async fn a_line_of_the_dialplan_gets_what_the_caller_said_and_what_it_means() {
    let folder = std::env::temp_dir().join(format!("sidetone-ivr-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let socket = folder.join("mod.sock");
    let mut stage = Stage::with(TapChoice::Module, Some(socket.clone()), &CALL[..1]).await;
    stage
        .until(|output| matches!(output, SwitchOutput::Connected { .. }))
        .await;
    let Stage { switch, mut output, .. } = stage;
    let address = switch.outbound_address().unwrap();
    let mut engine = Engine::new(SAID);
    let mut module = Module::connect(&socket).await;

    let dialplan = async {
        module.start("a").await;
        let started = line(address, "start?queue=12333").await;
        assert_eq!(started["sidetone_status"], "ok");
        let listening = line(address, "listen?timeout=5000");
        let speaking = async {
            for (rate, samples) in speech() {
                module.audio("a", rate, samples).await;
            }
            // Silence goes on until the dialplan has its answer.
            std::future::pending::<()>().await;
        };
        let heard = tokio::select! {
            heard = listening => heard,
            () = speaking => panic!(),
        };
        let again = line(address, "answer").await;
        let summary = line(address, "wrapup").await;
        (heard, again, summary)
    };
    let (heard, again, summary) = engine.follow(&switch, &mut output, dialplan).await;

    println!("{heard:#?}\n{summary:#?}");
    assert_eq!(heard["sidetone_status"], "heard");
    assert!(heard["sidetone_text"].contains("失业保险金"), "{heard:?}");
    // What the words are about is learned: two answers are near each other here. That the dialplan gets it is tested.
    let topics = [
        ("unemployment_benefit", "失业保险金"),
        ("pension_transfer", "养老保险转移接续"),
    ];
    let topic = (heard["sidetone_topic"].as_str(), heard["sidetone_topic_name"].as_str());
    assert!(topics.contains(&topic), "{heard:?}");
    assert_eq!(heard["sidetone_intent"], "procedure");
    assert_eq!(heard["sidetone_slot_duration"], "P6Y");
    assert!(!heard["sidetone_reply"].is_empty(), "{heard:?}");
    assert_eq!(again, heard, "the last words again");
    assert_eq!(summary["sidetone_status"], "ok");
    assert!(summary["sidetone_summary"].contains(topic.1), "{summary:?}");
    assert_eq!(summary["sidetone_slot_duration"], "P6Y");
    assert!(
        engine.published.contains(&"transcript.final"),
        "an agent's screen has it too: {:?}",
        engine.published
    );
    let _ = std::fs::remove_dir_all(&folder);
}
