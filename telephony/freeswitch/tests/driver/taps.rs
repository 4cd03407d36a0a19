//! How long a tap lives, what it gives way to, and the times of what it brings.

use std::time::{Duration, Instant};

use sidetone_base::{CallEvent, SwitchOutput, TapKind};
use sidetone_freeswitch::TapChoice;

use crate::stage::{CALL, Stage, packet};

fn bug(what: &str, leg: &str, function: &str) -> String {
    format!("Event-Name: MEDIA_BUG_{what}\nUnique-ID: {leg}\nMedia-Bug-Function: {function}\nMedia-Bug-Target: x\n")
}

async fn audio(stage: &mut Stage) -> Instant {
    match stage.until(|output| matches!(output, SwitchOutput::Audio { .. })).await {
        SwitchOutput::Audio { at, .. } => at,
        other => panic!("{other:?}"),
    }
}

/// A recording that starts behind a native tap would get nothing: the tap goes out of its way.
#[tokio::test]
async fn a_native_tap_is_set_anew_behind_a_bug_that_starts_later() {
    let mut stage = Stage::set().await;
    for _ in 0..2 {
        stage.tapped().await;
    }
    for leg in ["a", "b"] {
        stage.event(&bug("START", leg, "eavesdrop")).await;
    }
    stage.event(&bug("START", "a", "session_record")).await;
    stage.event(&bug("STOP", "a", "eavesdrop")).await;
    let (command, leg, port) = stage.tapped().await;
    assert_eq!(leg, "a");
    assert!(command.contains("&native_eavesdrop("), "{command}");
    stage.event(&bug("START", "a", "eavesdrop")).await;
    // The switch decodes for the recording now: a supervisor who comes, too, is heard without more ado.
    stage.event(&bug("START", "a", "eavesdrop")).await;
    for sequence in 0..3 {
        stage.sip.send_to(&packet(sequence), ("127.0.0.1", port)).await.unwrap();
    }
    let untouched = |output: &SwitchOutput| match output {
        SwitchOutput::Signal(signal) => panic!("{:?}", signal.event),
        output => matches!(output, SwitchOutput::Audio { .. }),
    };
    stage.until(untouched).await;
    assert!(stage.originates.try_recv().is_err());
}

#[tokio::test]
async fn packets_behind_a_pause_are_as_late_as_the_pause() {
    let mut stage = Stage::set().await;
    let (_, _, port) = stage.tapped().await;
    for sequence in 0..2 {
        stage.sip.send_to(&packet(sequence), ("127.0.0.1", port)).await.unwrap();
    }
    audio(&mut stage).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    let sent = Instant::now();
    stage.sip.send_to(&packet(2), ("127.0.0.1", port)).await.unwrap();
    assert!(
        audio(&mut stage).await >= sent,
        "it cannot have come before it was sent"
    );
}

#[tokio::test]
async fn a_tap_that_brings_nothing_while_the_leg_goes_on_is_followed_by_another_kind() {
    let bound = Duration::from_millis(200);
    let mut stage = Stage::silent_after(bound, TapChoice::Native, None, &CALL).await;
    stage.tapped().await;
    let (command, leg, _) = stage.tapped().await;
    assert!(command.contains("&native_eavesdrop("), "{command}");
    let (kind, reason) = stage.failed(&leg).await;
    assert_eq!(kind, TapKind::Native);
    assert!(reason.contains("the switch goes on receiving"), "{reason}");
    let command = stage.asked().await;
    assert!(command.contains("&eavesdrop("), "{command}");
}

#[tokio::test]
async fn a_leg_on_hold_keeps_its_tap() {
    let bound = Duration::from_millis(50);
    let mut stage = Stage::silent_after(bound, TapChoice::Native, None, &CALL).await;
    stage.asked().await;
    stage.event("Event-Name: CHANNEL_HOLD\nUnique-ID: a\n").await;
    stage
        .until(
            |output| matches!(output, SwitchOutput::Signal(signal) if matches!(signal.event, CallEvent::Held { .. })),
        )
        .await;
    let (_, leg, _) = stage.tapped().await;
    // Long enough for the other two looks and the grace of a failure.
    let failed = tokio::time::timeout(Duration::from_millis(2_500), stage.failed(&leg)).await;
    assert!(failed.is_err(), "{failed:?}");
    stage.event("Event-Name: CHANNEL_UNHOLD\nUnique-ID: a\n").await;
    stage.failed(&leg).await;
}

#[tokio::test]
async fn media_that_bypasses_the_switch_is_called_so_and_heard_when_it_comes_back() {
    let mut stage = Stage::set().await;
    for _ in 0..2 {
        stage.tapped().await;
    }
    let bridge = |state: &str| {
        format!(
            "Event-Name: CHANNEL_BRIDGE\nUnique-ID: a\nBridge-A-Unique-ID: a\nBridge-B-Unique-ID: b\nChannel-State: {state}\n"
        )
    };
    stage.event(&bridge("CS_HIBERNATE")).await;
    for _ in 0..2 {
        let failed = stage.until(|output| format!("{output:?}").contains("TapFailed")).await;
        assert!(format!("{failed:?}").contains("bypass media"), "{failed:?}");
    }
    assert!(stage.originates.try_recv().is_err(), "no other kind hears it either");
    stage.event(&bridge("CS_EXECUTE")).await;
    for _ in 0..2 {
        let (command, ..) = stage.tapped().await;
        assert!(command.contains("&native_eavesdrop("), "{command}");
    }
}

#[tokio::test]
async fn proxied_media_is_called_so_on_both_legs() {
    const CALL: [&str; 3] = [
        crate::stage::CALL[0],
        "Event-Name: CHANNEL_ANSWER\nUnique-ID: b\nChannel-Name: sofia/internal/8001@x\nCall-Direction: outbound\n\
         Channel-Read-Codec-Name: PROXY\nChannel-Read-Codec-Rate: 8000\n",
        crate::stage::CALL[2],
    ];
    let mut stage = Stage::with(TapChoice::Native, None, &CALL).await;
    for _ in 0..2 {
        let failed = stage.until(|output| format!("{output:?}").contains("TapFailed")).await;
        assert!(format!("{failed:?}").contains("proxy media"), "{failed:?}");
    }
}

/// `eavesdrop` halves the packets that the other party gets of such a leg.
#[tokio::test]
async fn a_stereo_leg_is_not_eavesdropped_on() {
    const CALL: [&str; 3] = [
        "Event-Name: CHANNEL_CREATE\nUnique-ID: a\nChannel-Name: sofia/internal/0@x\nCall-Direction: inbound\n\
         Channel-Read-Codec-Name: opus\nChannel-Read-Codec-Rate: 48000\nvariable_rtp_use_codec_channels: 2\n",
        crate::stage::CALL[1],
        crate::stage::CALL[2],
    ];
    let mut stage = Stage::with(TapChoice::Eavesdrop, None, &CALL).await;
    let (kind, reason) = stage.failed("a").await;
    assert_eq!(kind, TapKind::Eavesdrop);
    assert!(reason.contains("opus in two channels"), "{reason}");
    let (_, leg, _) = stage.tapped().await;
    assert_eq!(leg, "b");
}

/// One kind that is refused once may work a little later.
#[tokio::test]
async fn a_leg_that_no_kind_heard_is_tried_again() {
    let mut stage = Stage::with(TapChoice::Eavesdrop, None, &CALL).await;
    for _ in 0..2 {
        let (_, done) = stage.originates.recv().await.unwrap();
        stage.events.send(done.replace("+OK tap", "-ERR no")).await.unwrap();
    }
    stage.failed("a").await;
    let (command, ..) = stage.tapped().await;
    assert!(command.contains("&eavesdrop("), "{command}");
}
