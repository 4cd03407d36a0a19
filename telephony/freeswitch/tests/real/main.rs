//! Calls over a real FreeSWITCH 1.10, each test with a switch of its own and a second one as its phones.
//!
//! No distribution packages FreeSWITCH, so these tests are a feature of their own:
//!
//! ```text
//! FREESWITCH_PREFIX=/opt/freeswitch cargo test -p sidetone-freeswitch --features real-freeswitch --test real
//! ```
//!
//! `tests/host/freeswitch/switch.sh` says what the installation must have; SIPp (`apt-get install
//! sip-tester`) plays the phones that transfer. The passive taps need CAP_NET_RAW.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod clock;
mod cycles;
mod heard;
mod moved;
mod others;
mod paths;
mod queues;
mod rig;
mod sound;

use std::time::{Duration, Instant};

use heard::{Heard, LegHeard, assert_tone};
use rig::{AGENT_TONE, CALLER_TONE, Rig};
use sidetone_base::{CallEvent, EndCause, Severity, TapKind};
use sidetone_freeswitch::{FreeswitchConfig, FreeswitchSwitch, TapChoice, diagnose};

const LIMIT: Duration = Duration::from_secs(30);
const SHORT: Duration = Duration::from_secs(2);
/// Behind the agents' and before the switch's RTP, which may be any port of its range.
const CALLERS_PORT: u16 = 14;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_codec_is_heard_by_every_kind_of_tap() {
    let rig = Rig::start("codecs", 29000);
    for (choice, kind) in [
        (TapChoice::Native, TapKind::Native),
        (TapChoice::Eavesdrop, TapKind::Eavesdrop),
        (TapChoice::Passive, TapKind::Passive),
    ] {
        let (switch, mut output) = FreeswitchSwitch::start(rig.config(choice)).await.unwrap();
        for codec in ["PCMU", "PCMA", "G722", "opus"] {
            let mut heard = Heard::default();
            rig.call(codec, "8101");
            heard
                .listen(&mut output, LIMIT, |heard| heard.attached(kind) == 2)
                .await;
            heard.listen_for(&mut output, SHORT).await;
            rig.phones("hupall");
            heard.listen(&mut output, LIMIT, |heard| heard.ended() == 1).await;
            assert_eq!(heard.failed(), 0, "{}", heard.told());
            for (agent, tone) in [(None, CALLER_TONE), (Some("8101"), AGENT_TONE)] {
                let (_, leg) = heard.leg(agent);
                println!(
                    "{kind:?} {codec} {agent:?}: first packet after {:?}, {} packets, longest gap {:?}",
                    leg.attach(),
                    leg.packets,
                    leg.longest_gap()
                );
                assert_tone(leg, tone);
                assert!(leg.longest_gap() < Duration::from_millis(200), "{:?}", leg.gaps);
            }
            rig.assert_channels(0);
        }
        switch.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hold_and_transfer_keep_the_callers_tap() {
    let rig = Rig::start("transfer", 29000);
    let (_switch, mut output) = FreeswitchSwitch::start(rig.config(TapChoice::Native)).await.unwrap();
    let mut heard = Heard::default();
    let phone = rig.call("PCMU", "8101");
    heard
        .listen(&mut output, LIMIT, |heard| heard.attached(TapKind::Native) == 2)
        .await;
    heard.listen_for(&mut output, SHORT).await;
    rig.phones(&format!("uuid_hold {phone}"));
    let held = |heard: &Heard| heard.count(|event| matches!(event, CallEvent::Held { .. })) == 1;
    heard.listen(&mut output, LIMIT, held).await;
    rig.phones(&format!("uuid_hold off {phone}"));
    let resumed = |heard: &Heard| heard.count(|event| matches!(event, CallEvent::Resumed { .. })) == 1;
    heard.listen(&mut output, LIMIT, resumed).await;
    let caller = heard.leg(None).0.clone();
    rig.switch(&format!("uuid_transfer {caller} 8102 XML public"));
    heard
        .listen(&mut output, LIMIT, |heard| heard.attached(TapKind::Native) == 3)
        .await;
    heard.listen_for(&mut output, SHORT).await;
    rig.phones("hupall");
    heard.listen(&mut output, LIMIT, |heard| heard.ended() == 1).await;
    assert_eq!(heard.failed(), 0, "{}", heard.told());
    assert_tone(heard.leg(Some("8102")).1, AGENT_TONE);
    rig.assert_channels(0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refer_by_the_agents_phone_is_one_call() {
    for (scenario, agent) in REFERS {
        let rig = Rig::start("refer", 29000);
        refer(&rig, rig.config(TapChoice::Native), TapKind::Native, scenario, agent).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refer_is_one_call_by_the_module_too() {
    for (scenario, agent) in REFERS {
        let rig = Rig::start_with_module("refer-module", 29000);
        let mut config = rig.config(TapChoice::Auto);
        config.module.socket = Some(rig.module_socket());
        refer(&rig, config, TapKind::Module, scenario, agent).await;
        let status = rig.switch("sidetone status");
        for none in ["legs_live: 0", "rings_live: 0", "panics: 0", "frames_lost: 0"] {
            assert!(status.contains(none), "{status}");
        }
    }
}

/// The scenario of the agent's phone, and whom it names as its user.
const REFERS: [(&str, Option<&str>); 2] = [("agent_transfers", None), ("agent_transfers_attended", Some("8001"))];

async fn refer(rig: &Rig, config: FreeswitchConfig, kind: TapKind, scenario: &str, agent: Option<&str>) {
    let (_switch, mut output) = FreeswitchSwitch::start(config).await.unwrap();
    let mut heard = Heard::default();
    heard.listen(&mut output, LIMIT, |heard| heard.connected == 1).await;
    if kind == TapKind::Module {
        rig.wait_for_the_modules_connection();
    }
    let mut extra = vec!["-d", "2000", "-key", "transfer_to", "8002"];
    if let Some(agent) = agent {
        extra.extend(["-key", "agent", agent]);
    }
    let _first = rig.sipp(scenario, 1, &extra);
    let _second = rig.sipp("agent", 2, &["-d", "2000"]);
    tokio::time::sleep(Duration::from_millis(500)).await;
    let _caller = rig.sipp(
        "caller",
        CALLERS_PORT,
        &["-s", "8001", "-key", "number", "057100000001"],
    );
    heard
        .listen(&mut output, LIMIT, |heard| heard.attached(kind) == 3)
        .await;
    heard.listen_for(&mut output, SHORT).await;
    rig.switch("hupall");
    heard.listen(&mut output, LIMIT, |heard| heard.ended() == 1).await;
    let started = heard.count(|event| matches!(event, CallEvent::Started { .. }));
    assert_eq!((started, heard.failed()), (1, 0), "{}", heard.told());
    let caller = heard.leg(None).1;
    assert_tone(caller, CALLER_TONE);
    println!(
        "{scenario} {kind:?}: the caller's {} packets, longest gap {:?}",
        caller.packets,
        caller.longest_gap()
    );
    rig.assert_channels(0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_queue_names_its_agent() {
    let rig = Rig::start("queue", 29000);
    for finding in diagnose(&rig.config(TapChoice::Passive)).await {
        assert_eq!(finding.severity, Severity::Fine, "{finding:?}");
    }
    let (_switch, mut output) = FreeswitchSwitch::start(rig.config(TapChoice::Auto)).await.unwrap();
    let mut heard = Heard::default();
    rig.call("opus", "12334");
    heard
        .listen(&mut output, LIMIT, |heard| heard.attached(TapKind::Native) == 2)
        .await;
    heard.listen_for(&mut output, SHORT).await;
    rig.phones("hupall");
    heard.listen(&mut output, LIMIT, |heard| heard.ended() == 1).await;
    let queue = |event: &CallEvent| matches!(event, CallEvent::Started { queue, .. } if queue.as_deref() == Some("12334@default"));
    assert_eq!(heard.count(queue), 1, "{}", heard.told());
    assert_tone(heard.leg(Some("8101")).1, AGENT_TONE);
    rig.assert_channels(0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tap_that_is_killed_is_followed_by_another_kind_and_one_of_an_earlier_daemon_ends() {
    let rig = Rig::start("kill", 29000);
    let config = rig.config(TapChoice::Native);
    let at = config.sip.listen;
    let (switch, mut output) = FreeswitchSwitch::start(config.clone()).await.unwrap();
    let mut heard = Heard::default();
    rig.call("PCMA", "8101");
    heard
        .listen(&mut output, LIMIT, |heard| heard.attached(TapKind::Native) == 2)
        .await;
    // The switch writes its list of channels a moment later.
    heard.listen_for(&mut output, SHORT).await;
    let channels: serde_json::Value = serde_json::from_str(&rig.switch("show channels as json")).unwrap();
    let tap = channels["rows"]
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["dest"] == "tap")
        .unwrap();
    rig.switch(&format!("uuid_kill {}", tap["uuid"].as_str().unwrap()));
    heard
        .listen(&mut output, LIMIT, |heard| heard.attached(TapKind::Eavesdrop) == 1)
        .await;
    assert_eq!((heard.failed(), heard.ended()), (1, 0), "{}", heard.told());
    switch.stop().await;
    rig.assert_channels(2);
    // What a daemon that was killed leaves: nobody says goodbye for it.
    let stray = format!("{{sidetone_tap=true,sidetone_tap_at={at}}}");
    let phone = format!("sofia/internal/8103@127.0.0.1:{}", rig.phones_port());
    rig.switch(&format!("originate {stray}{phone} &park"));
    rig.assert_channels(3);
    let (_switch, mut output) = FreeswitchSwitch::start(config).await.unwrap();
    let mut heard = Heard::default();
    heard
        .listen(&mut output, LIMIT, |heard| heard.attached(TapKind::Native) == 2)
        .await;
    let found = |event: &CallEvent| matches!(event, CallEvent::Started { age, .. } if *age > Duration::ZERO);
    assert_eq!(heard.count(found), 1, "{}", heard.told());
    rig.assert_channels(4);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_calls_at_once() {
    let rig = Rig::start("twenty", 29000);
    let (_switch, mut output) = FreeswitchSwitch::start(rig.config(TapChoice::Native)).await.unwrap();
    let mut heard = Heard::default();
    let dialled = rig.call_all("PCMU", (0..20).map(|n| format!("81{:02}", n % 12 + 1)));
    heard
        .listen(&mut output, LIMIT, |heard| heard.attached(TapKind::Native) == 40)
        .await;
    dialled.join().unwrap();
    let (began, spent) = (Instant::now(), processor_time());
    let before: usize = heard.legs.values().map(|leg| leg.packets).sum();
    heard.listen_for(&mut output, Duration::from_secs(5)).await;
    let packets = heard.legs.values().map(|leg| leg.packets).sum::<usize>() - before;
    let spent = processor_time() - spent;
    let mut attach: Vec<Duration> = heard.legs.values().map(LegHeard::attach).collect();
    attach.sort();
    println!(
        "{packets} packets in {:?}: {:.1} µs of a core for each, decoding included; attach p50 {:?}, last {:?}",
        began.elapsed(),
        spent.as_micros() as f64 / packets as f64,
        attach[20],
        attach[39]
    );
    assert!(packets > 40 * 240, "{packets}");
    rig.phones("hupall");
    heard.listen(&mut output, LIMIT, |heard| heard.ended() == 20).await;
    assert_eq!(heard.failed(), 0, "{}", heard.told());
    rig.assert_channels(0);
}

/// Of this process so far; the system counts hundredths of a second.
fn processor_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_ascii_whitespace().collect();
    let ticks: u64 = fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
    Duration::from_millis(ticks * 10)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_switch_that_is_killed_ends_its_calls_and_is_found_again() {
    let rig = Rig::start("restart", 29000);
    let (_switch, mut output) = FreeswitchSwitch::start(rig.config(TapChoice::Native)).await.unwrap();
    let mut heard = Heard::default();
    rig.call("PCMU", "8101");
    heard
        .listen(&mut output, LIMIT, |heard| heard.attached(TapKind::Native) == 2)
        .await;
    rig.restart();
    heard
        .listen(&mut output, LIMIT, |heard| heard.ended() == 1 && heard.connected == 2)
        .await;
    let lost = |event: &CallEvent| {
        matches!(
            event,
            CallEvent::Ended {
                cause: EndCause::LostSight
            }
        )
    };
    assert_eq!(heard.count(lost), 1, "{}", heard.told());
    rig.phones("hupall");
    rig.call("PCMU", "8102");
    heard
        .listen(&mut output, LIMIT, |heard| heard.attached(TapKind::Native) == 4)
        .await;
}

/// Needs the module: `cargo build -p mod_sidetone`, or its path in `MOD_SIDETONE`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_module_is_preferred_and_a_dialplan_that_stops_it_and_starts_it_again_is_obeyed() {
    let rig = Rig::start("module", 29000);
    let mut config = rig.config(TapChoice::Auto);
    config.module.socket = Some(rig.module_socket());
    let (_switch, mut output) = FreeswitchSwitch::start(config).await.unwrap();
    rig.load_module();
    let mut heard = Heard::default();
    heard.listen_for(&mut output, SHORT).await;
    for codec in ["PCMU", "opus"] {
        let mut heard = Heard::default();
        rig.call(codec, "8101");
        heard
            .listen(&mut output, LIMIT, |heard| heard.attached(TapKind::Module) == 2)
            .await;
        heard.listen_for(&mut output, SHORT).await;
        let caller = heard.leg(None).0.clone();
        rig.switch(&format!("uuid_sidetone {caller} stop"));
        heard.listen(&mut output, LIMIT, |heard| heard.failed() == 1).await;
        heard.listen_for(&mut output, SHORT).await;
        assert_eq!(
            (heard.attached(TapKind::Module), heard.ended()),
            (2, 0),
            "{}",
            heard.told()
        );
        rig.switch(&format!("uuid_sidetone {caller} start role=caller"));
        heard
            .listen(&mut output, LIMIT, |heard| heard.attached(TapKind::Module) == 3)
            .await;
        rig.phones("hupall");
        heard.listen(&mut output, LIMIT, |heard| heard.ended() == 1).await;
        assert_eq!(
            (heard.failed(), heard.attached(TapKind::Native)),
            (1, 0),
            "{}",
            heard.told()
        );
        assert_tone(heard.leg(None).1, CALLER_TONE);
        assert_tone(heard.leg(Some("8101")).1, AGENT_TONE);
        rig.assert_channels(0);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_codec_of_a_leg_is_heard_by_eavesdrop() {
    let rig = Rig::start("recode", 29000);
    let (_switch, mut output) = FreeswitchSwitch::start(rig.config(TapChoice::Native)).await.unwrap();
    let mut heard = Heard::default();
    rig.call("PCMU", "8101");
    heard
        .listen(&mut output, LIMIT, |heard| heard.attached(TapKind::Native) == 2)
        .await;
    heard.listen_for(&mut output, SHORT).await;
    let agent = heard.leg(Some("8101")).0.clone();
    for (codec, count) in [("PCMA", 1), ("G722", 2)] {
        rig.switch(&format!("uuid_media_reneg {agent} ={codec}"));
        heard
            .listen(&mut output, LIMIT, |heard| heard.attached(TapKind::Eavesdrop) == count)
            .await;
        heard.listen_for(&mut output, SHORT).await;
    }
    rig.phones("hupall");
    heard.listen(&mut output, LIMIT, |heard| heard.ended() == 1).await;
    assert_eq!(heard.failed(), 2, "{}", heard.told());
    assert_tone(heard.leg(Some("8101")).1, AGENT_TONE);
    rig.assert_channels(0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_encrypted_leg_is_heard_beside_the_switch() {
    let rig = Rig::start("srtp", 29000);
    let (_switch, mut output) = FreeswitchSwitch::start(rig.config(TapChoice::Passive)).await.unwrap();
    for suite in ["AES_CM_128_HMAC_SHA1_80", "AES_CM_128_HMAC_SHA1_32"] {
        let mut heard = Heard::default();
        rig.call_encrypted(suite, "8101");
        heard
            .listen(&mut output, LIMIT, |heard| heard.attached(TapKind::Passive) == 2)
            .await;
        heard.listen_for(&mut output, SHORT).await;
        rig.phones("hupall");
        heard.listen(&mut output, LIMIT, |heard| heard.ended() == 1).await;
        assert_eq!(heard.failed(), 0, "{}", heard.told());
        assert_tone(heard.leg(None).1, CALLER_TONE);
    }
}

/// The agent holds by a re-INVITE, and takes the call back by another one that names another port. (The switch keeps
/// its own port for a dialog's whole life, also when its media is taken out of the path and back.)
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_phone_that_moves_to_another_port_is_heard_on() {
    let rig = Rig::start("moves", 29000);
    let (_switch, mut output) = FreeswitchSwitch::start(rig.config(TapChoice::Passive)).await.unwrap();
    let mut heard = Heard::default();
    heard.listen(&mut output, LIMIT, |heard| heard.connected == 1).await;
    let port = "m=audio [rtpstream_audio_port] RTP";
    let scenario = rig.scenario("agent_holds", "agent 1 3 IN", port, "m=audio [moved] RTP");
    let moved = rig.free_port().to_string();
    let _agent = rig.sipp(&scenario, 1, &["-d", "2000", "-key", "moved", &moved]);
    tokio::time::sleep(Duration::from_millis(500)).await;
    let _caller = rig.sipp(
        "caller",
        CALLERS_PORT,
        &["-s", "8001", "-key", "number", "057100000001"],
    );
    let resumed = |heard: &Heard| heard.count(|event| matches!(event, CallEvent::Resumed { .. })) == 1;
    heard.listen(&mut output, LIMIT, resumed).await;
    assert_eq!(heard.attached(TapKind::Passive), 2, "{}", heard.told());
    let agent = heard.leg(Some("8001")).0.clone();
    let remote = rig.switch(&format!("uuid_getvar {agent} remote_media_port"));
    let packets = |heard: &Heard| [heard.leg(None).1.packets, heard.leg(Some("8001")).1.packets];
    let before = packets(&heard);
    heard.listen_for(&mut output, SHORT).await;
    let after = packets(&heard);
    println!("told to move to {moved}, the switch says {remote}: {before:?} -> {after:?} packets in {SHORT:?}");
    assert!(after.iter().zip(before).all(|(after, before)| after - before > 80));
    assert_eq!(heard.failed(), 0, "{}", heard.told());
    rig.switch("hupall");
    heard.listen(&mut output, LIMIT, |heard| heard.ended() == 1).await;
    assert_tone(heard.leg(None).1, CALLER_TONE);
    assert_tone(heard.leg(Some("8001")).1, AGENT_TONE);
}

/// Nobody beside the switch has the keys of such a leg; the switch itself has them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_browsers_leg_is_heard_through_the_switch() {
    let rig = Rig::start("dtls", 29000);
    let (_switch, mut output) = FreeswitchSwitch::start(rig.config(TapChoice::Passive)).await.unwrap();
    let mut heard = Heard::default();
    rig.call_from_a_browser("8101");
    heard
        .listen(&mut output, LIMIT, |heard| {
            heard.attached(TapKind::Passive) == 1 && heard.attached(TapKind::Native) == 1
        })
        .await;
    heard.listen_for(&mut output, SHORT).await;
    let told = heard.told();
    assert!(told.contains("(DTLS)"), "{told}");
    assert_eq!(heard.failed(), 1, "{told}");
    rig.phones("hupall");
    heard.listen(&mut output, LIMIT, |heard| heard.ended() == 1).await;
    assert_tone(heard.leg(None).1, CALLER_TONE);
}
