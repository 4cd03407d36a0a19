//! What a tap does to the switch beside hearing, on a real Asterisk 22: its limits, its records, what is left behind.
//!
//! Needs `tests/host/asterisk/install.sh` to have run, and SIPp (`apt-get install sip-tester`).

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, dead_code)]

mod support;

use std::time::{Duration, Instant};

use sidetone_asterisk::config::ListenConfig;
use sidetone_asterisk::{AsteriskConfig, AsteriskSwitch, TapChoice, diagnose};
use sidetone_base::{CallEvent, Secret, Severity, SwitchOutput, TapKind};
use support::{AGENT_TONE, CALLER_TONE, Heard, Pbx, assert_tone};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const LIMIT: Duration = Duration::from_secs(40);
/// Samples of a second.
const SECOND: usize = 8_000;

fn attached(heard: &Heard, wanted: TapKind) -> usize {
    heard.count(|event| matches!(event, CallEvent::TapAttached { kind, .. } if *kind == wanted))
}

fn failed(heard: &Heard) -> usize {
    heard.count(|event| matches!(event, CallEvent::TapFailed { .. }))
}

/// Nothing of a tap is left, and its bridge neither.
async fn assert_nothing_left(pbx: &Pbx) {
    pbx.assert_empty();
    assert_eq!(pbx.tap_bridges().await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn taps_take_none_of_maxcalls_and_add_no_row_to_the_records() {
    let pbx = Pbx::start("records", 34000);
    for tap in [TapChoice::Snoop, TapChoice::ChanSpy] {
        let before = pbx.records().len();
        let (switch, mut output) = AsteriskSwitch::start(pbx.config(tap)).await.unwrap();
        let _agent = pbx.agent(1, "agent", &[]);
        let _caller = pbx.caller(1, "caller_hangs_up", "8001", &["-d", "4000"]);
        let mut heard = Heard::default();
        heard.listen(&mut output, LIMIT, |heard| heard.attached() == 2).await;
        let count = pbx.cli("core show channels count");
        assert!(count.contains("1 active call\n"), "{tap:?} counts as a call:\n{count}");
        heard.listen(&mut output, LIMIT, |heard| heard.ended() == 1).await;
        pbx.assert_empty();
        assert_eq!(failed(&heard), 0, "{}", heard.told());
        switch.stop().await;
        assert_nothing_left(&pbx).await;
        let rows = pbx.records().split_off(before);
        assert_eq!(rows.len(), 1, "{tap:?}: {rows:#?}");
        assert!(
            rows[0].contains("PJSIP/8001,30,tT") && rows[0].contains("ANSWERED"),
            "{rows:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_snoop_tap_whose_sound_stops_is_followed_by_another_kind() {
    let pbx = Pbx::start("silent", 34000);
    let (switch, mut output) = AsteriskSwitch::start(pbx.config(TapChoice::Auto)).await.unwrap();
    let _agent = pbx.agent(1, "agent", &[]);
    let _caller = pbx.caller(1, "caller_hangs_up", "8001", &["-d", "12000"]);
    let mut heard = Heard::default();
    heard.listen(&mut output, LIMIT, |heard| heard.attached() == 2).await;
    // The bridge of each tap is taken away: its connection stands, and brings nothing.
    let taps = pbx.tap_bridges().await;
    assert_eq!(taps.len(), 2);
    for tap in taps {
        pbx.ari("DELETE", &format!("/bridges/{tap}")).await;
    }
    heard
        .listen(&mut output, LIMIT, |heard| attached(heard, TapKind::ChanSpy) == 2)
        .await;
    assert_eq!(failed(&heard), 2, "{}", heard.told());
    heard.listen(&mut output, LIMIT, |heard| heard.ended() == 1).await;
    assert_tone(heard.leg(None), CALLER_TONE);
    assert_tone(heard.leg(Some("8001")), AGENT_TONE);
    switch.stop().await;
    assert_nothing_left(&pbx).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_leg_that_no_tap_could_hear_is_tried_again() {
    let pbx = Pbx::start("again", 34000);
    // Neither kind can connect without it.
    pbx.cli("module unload chan_audiosocket.so");
    let (switch, mut output) = AsteriskSwitch::start(pbx.config(TapChoice::Auto)).await.unwrap();
    let _agent = pbx.agent(1, "agent", &[]);
    let _caller = pbx.caller(1, "caller_hangs_up", "8001", &["-d", "60000"]);
    let mut heard = Heard::default();
    heard.listen(&mut output, LIMIT, |heard| failed(heard) == 4).await;
    pbx.cli("module load chan_audiosocket.so");
    heard
        .listen(&mut output, LIMIT, |heard| attached(heard, TapKind::Snoop) == 2)
        .await;
    heard
        .listen(&mut output, LIMIT, |heard| heard.leg(None).samples.len() > SECOND)
        .await;
    pbx.cli("channel request hangup all");
    heard.listen(&mut output, LIMIT, |heard| heard.ended() == 1).await;
    assert_tone(heard.leg(None), CALLER_TONE);
    switch.stop().await;
    assert_nothing_left(&pbx).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_killed_daemon_left_is_taken_away_by_the_next_one() {
    let pbx = Pbx::start("killed", 34000);
    let config = pbx.config(TapChoice::Snoop);
    // A runtime that is shut down gives nobody the time to clean up, as `kill -9` does.
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let _agent = pbx.agent(1, "agent", &[]);
    let _caller = pbx.caller(1, "caller_hangs_up", "8001", &["-d", "30000"]);
    let first = config.clone();
    let heard = runtime.spawn(async move {
        let (switch, mut output) = AsteriskSwitch::start(first).await.unwrap();
        let mut heard = Heard::default();
        heard.listen(&mut output, LIMIT, |heard| heard.attached() == 2).await;
        (switch, output)
    });
    let kept = heard.await.unwrap();
    std::mem::forget(kept);
    runtime.shutdown_background();
    assert_eq!(pbx.tap_bridges().await.len(), 2);
    let (switch, mut output) = AsteriskSwitch::start(config).await.unwrap();
    let mut heard = Heard::default();
    heard.listen(&mut output, LIMIT, |heard| heard.attached() == 2).await;
    // A channel that is hung up goes a moment later.
    let until = Instant::now() + LIMIT;
    loop {
        let channels = pbx.cli("core show channels concise");
        if channels.matches("Snoop/").count() == 2 {
            break;
        }
        assert!(Instant::now() < until, "one for each leg:\n{channels}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    switch.stop().await;
    assert_eq!(pbx.tap_bridges().await.len(), 0);
}

/// A connection that says what it likes, and what the server says to it.
async fn agi(address: std::net::SocketAddr, script: &str, uniqueid: &str, answer: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let environment = format!(
        "agi_network: yes\nagi_network_script: {script}\nagi_channel: PJSIP/trunk-1\nagi_uniqueid: {uniqueid}\n\n"
    );
    stream.write_all(environment.as_bytes()).await.unwrap();
    let (mut said, mut chunk) = (String::new(), [0u8; 1024]);
    while let Ok(count @ 1..) = stream.read(&mut chunk).await {
        said.push_str(&String::from_utf8_lossy(&chunk[..count]));
        if stream.write_all(answer.as_bytes()).await.is_err() {
            break;
        }
    }
    said
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_invented_channel_makes_no_call_and_a_channel_without_agi_is_told_nothing() {
    let pbx = Pbx::start("invented", 34000);
    let (switch, mut output) = AsteriskSwitch::start(pbx.config(TapChoice::Snoop)).await.unwrap();
    let address = switch.agi_address().unwrap();
    let _agent = pbx.agent(1, "agent", &[]);
    let _caller = pbx.caller(1, "caller_hangs_up", "8001", &["-d", "6000"]);
    let mut heard = Heard::default();
    heard.listen(&mut output, LIMIT, |heard| heard.attached() == 2).await;
    let caller = heard.legs.keys().next().unwrap().to_string();
    for uniqueid in ["pbx-1.4711", "PJSIP/trunk-00000000", &caller] {
        for script in ["start", "listen?timeout=300", "answer", "wrapup"] {
            let said = agi(address, script, uniqueid, "200 result=1\n").await;
            assert_eq!(
                said, "SET VARIABLE SIDETONE_STATUS \"gone\"\n",
                "{script} of {uniqueid}"
            );
        }
    }
    heard.listen(&mut output, LIMIT, |heard| heard.ended() == 1).await;
    assert_eq!(heard.calls(), 1, "{}", heard.told());
    switch.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dialplan_that_does_not_know_the_secret_gets_nothing() {
    let pbx = Pbx::start("secret", 34000);
    let port = |offset| ([127, 0, 0, 1], pbx.port() + offset).into();
    let guarded = |offset| ListenConfig {
        secret: Secret::new("s3cret"),
        ..ListenConfig::at(port(offset))
    };
    let config = AsteriskConfig {
        agi: Some(guarded(522)),
        aeap: Some(guarded(523)),
        ..pbx.config(TapChoice::Snoop)
    };
    let (switch, mut output) = AsteriskSwitch::start(config).await.unwrap();
    let address = switch.agi_address().unwrap();
    for answer in ["200 result=0\n", "200 result=1 (secret)\n", "510 Invalid\n"] {
        let said = agi(address, "start", "pbx-1.1", answer).await;
        assert_eq!(said, "GET VARIABLE SIDETONE_SECRET\n", "{answer}");
    }
    // 710 begins with `start`: without the secret its status stays as it was.
    let dial = async |output: &mut tokio::sync::mpsc::Receiver<SwitchOutput>, wanted: &str| {
        let _caller = pbx.caller(1, "caller_hangs_up", "710", &["-d", "2500"]);
        let until = Instant::now() + LIMIT;
        while !pbx.log().contains(wanted) {
            assert!(Instant::now() < until, "no {wanted} in\n{}", pbx.log());
            let _ = tokio::time::timeout(Duration::from_millis(50), output.recv()).await;
        }
    };
    dial(&mut output, "start=unset=").await;
    pbx.assert_empty();
    pbx.cli("dialplan set global SIDETONE_SECRET s3cret");
    dial(&mut output, "start=ok=SUCCESS=").await;
    switch.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_that_run_from_phone_to_phone_are_said_and_may_be_left_alone() {
    let pbx = Pbx::start("direct", 34000);
    pbx.let_media_run_direct();
    let findings = diagnose(&pbx.config(TapChoice::Auto)).await;
    let warned = findings
        .iter()
        .any(|finding| finding.check == "direct media" && finding.severity == Severity::Warning);
    assert!(warned, "{findings:#?}");
    let config = AsteriskConfig {
        tap_direct_media: false,
        ..pbx.config(TapChoice::Auto)
    };
    let (switch, mut output) = AsteriskSwitch::start(config).await.unwrap();
    let _agent = pbx.agent(1, "agent_direct", &[]);
    let _caller = pbx.caller(1, "caller_direct", "8101", &["-d", "4000"]);
    let mut heard = Heard::default();
    heard.listen(&mut output, LIMIT, |heard| failed(heard) == 2).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    let channels = pbx.cli("core show channels concise");
    assert!(
        !channels.contains("Snoop/") && !channels.contains("AudioSocket/"),
        "{channels}"
    );
    assert_eq!(heard.attached(), 0, "{}", heard.told());
    switch.stop().await;
}
