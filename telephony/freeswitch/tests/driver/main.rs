//! The driver against a switch that is a script: taps by SIP, and `mod_sidetone`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod bounds;
mod module;
mod secret;
mod stage;
mod taps;

use sidetone_base::{CallEvent, SwitchOutput, TapFrame, TapKind};
use sidetone_freeswitch::TapChoice;
use stage::{Stage, framed, invite, packet, variable};
use tokio::net::UdpSocket;

#[tokio::test]
async fn a_tap_is_asked_for_answered_and_heard() {
    let mut stage = Stage::set().await;
    for _ in 0..2 {
        let command = stage.asked().await;
        assert_eq!(variable(&command, "absolute_codec_string"), "PCMU@8000h@20i");
        assert!(command.ends_with(" read)'"), "{command}");
        let (status, port, leg) = invite(&stage.sip, &command, "PCMU/8000").await;
        assert_eq!(status, 200);
        assert_eq!(stage.attached(&leg).await, (TapKind::Native, "PCMU/8000".to_owned()));
        for sequence in 0..3 {
            stage.sip.send_to(&packet(sequence), ("127.0.0.1", port)).await.unwrap();
        }
        let heard = stage.until(|output| matches!(output, SwitchOutput::Audio { .. })).await;
        let SwitchOutput::Audio {
            leg: of,
            frame: TapFrame::Rtp(bytes),
            ..
        } = heard
        else {
            panic!()
        };
        assert_eq!(
            (of.as_str(), bytes),
            (leg.as_str(), packet(1)),
            "the first packet has another clock"
        );
    }
}

#[tokio::test]
async fn another_codec_is_followed_by_eavesdrop() {
    let mut stage = Stage::set().await;
    let (first, second) = (stage.asked().await, stage.asked().await);
    // One is offered wrongly; the other one's leg changes its codec later.
    let (status, _, refused) = invite(&stage.sip, &first, "speex/8000").await;
    assert_eq!(status, 488);
    let (status, _, changed) = invite(&stage.sip, &second, "PCMU/8000").await;
    assert_eq!(status, 200);
    stage.attached(&changed).await;
    let codec = format!(
        "Event-Name: CODEC\nUnique-ID: {changed}\nChannel-Read-Codec-Name: G722\nChannel-Read-Codec-Rate: 16000\n"
    );
    stage.events.send(framed(&codec, "")).await.unwrap();
    for _ in 0..2 {
        let command = stage.asked().await;
        let leg = variable(&command, "sip_h_X-Sidetone-Leg").to_owned();
        let rate = if leg == refused { 8000 } else { 16000 };
        assert_eq!(variable(&command, "absolute_codec_string"), format!("L16@{rate}h@20i"));
        assert!(command.contains("&eavesdrop("), "{command}");
        // Goodbye to the outgrown tap came meanwhile: another socket hears only its own answer.
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let (status, ..) = invite(&socket, &command, &format!("L16/{rate}")).await;
        assert_eq!(status, 200);
        assert_eq!(stage.attached(&leg).await.0, TapKind::Eavesdrop);
    }
}

#[tokio::test]
async fn a_codec_that_only_the_switch_decodes_is_not_tapped_as_it_is() {
    const CALL: [&str; 3] = [
        "Event-Name: CHANNEL_CREATE\nUnique-ID: a\nChannel-Name: sofia/internal/0@x\nCall-Direction: inbound\n\
         Channel-Read-Codec-Name: G729\nChannel-Read-Codec-Rate: 8000\n",
        "Event-Name: CHANNEL_ANSWER\nUnique-ID: b\nChannel-Name: sofia/internal/8001@x\nCall-Direction: outbound\n\
         Channel-Read-Codec-Name: G729\nChannel-Read-Codec-Rate: 8000\n",
        stage::CALL[2],
    ];
    let mut stage = Stage::with(TapChoice::Native, None, &CALL).await;
    let failed = |output: &SwitchOutput| match output {
        SwitchOutput::Signal(signal) => match &signal.event {
            CallEvent::TapFailed { kind, reason, .. } => *kind == TapKind::Native && reason.contains("G729"),
            _ => false,
        },
        _ => false,
    };
    stage.until(failed).await;
    for _ in 0..2 {
        let command = stage.asked().await;
        assert!(command.contains("&eavesdrop("), "{command}");
        assert_eq!(variable(&command, "absolute_codec_string"), "L16@8000h@20i");
    }
}
