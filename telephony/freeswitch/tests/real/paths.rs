//! Legs whose sound takes another way than through the switch and one channel.

use std::time::Duration;

use sidetone_base::{CallEvent, TapKind};
use sidetone_freeswitch::{FreeswitchSwitch, TapChoice};

use super::{LIMIT, SHORT};
use crate::heard::{Heard, assert_tone};
use crate::rig::{AGENT_TONE, CALLER_TONE, Rig};

fn failed_for(heard: &Heard, word: &str) -> usize {
    heard.count(|event| matches!(event, CallEvent::TapFailed { reason, .. } if reason.contains(word)))
}

/// Media that is taken out of the switch and back finds no media bug of ours: one that decodes can hang the leg.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn media_that_goes_round_the_switch_and_comes_back_is_heard_again() {
    let rig = Rig::start_with_module("bypass", 29000);
    for (choice, kind) in [
        (TapChoice::Module, TapKind::Module),
        (TapChoice::Native, TapKind::Native),
    ] {
        let mut config = rig.config(choice);
        config.module.socket = Some(rig.module_socket());
        let (switch, mut output) = FreeswitchSwitch::start(config).await.unwrap();
        let mut heard = Heard::default();
        rig.call("PCMU", "8101");
        heard
            .listen(&mut output, LIMIT, |heard| heard.attached(kind) == 2)
            .await;
        let caller = heard.leg(None).0.to_string();
        for round in 1..=3 {
            heard.listen_for(&mut output, SHORT).await;
            rig.switch(&format!("uuid_media off {caller}"));
            let bypassed = |heard: &Heard| failed_for(heard, "bypass media") == 2 * round;
            heard.listen(&mut output, LIMIT, bypassed).await;
            heard.listen_for(&mut output, SHORT).await;
            let bugs = rig.switch(&format!("uuid_buglist {caller}"));
            assert!(!bugs.contains("<function>"), "{bugs}");
            rig.switch(&format!("uuid_media {caller}"));
            heard
                .listen(&mut output, LIMIT, |heard| heard.attached(kind) == 2 + 2 * round)
                .await;
        }
        heard.listen_for(&mut output, SHORT).await;
        rig.phones("hupall");
        heard.listen(&mut output, LIMIT, |heard| heard.ended() == 1).await;
        assert_eq!(heard.failed(), 6, "{}", heard.told());
        assert_tone(heard.leg(None).1, CALLER_TONE);
        assert_tone(heard.leg(Some("8101")).1, AGENT_TONE);
        rig.assert_channels(0);
        switch.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn media_that_is_passed_on_unread_or_past_the_switch_is_called_so() {
    let rig = Rig::start("paths", 29000);
    for (number, word) in [("86101", "proxy media"), ("86201", "bypass media")] {
        let (switch, mut output) = FreeswitchSwitch::start(rig.config(TapChoice::Native)).await.unwrap();
        let mut heard = Heard::default();
        rig.call("PCMU", number);
        heard
            .listen(&mut output, LIMIT, |heard| failed_for(heard, word) == 2)
            .await;
        heard.listen_for(&mut output, SHORT * 2).await;
        rig.phones("hupall");
        heard.listen(&mut output, LIMIT, |heard| heard.ended() == 1).await;
        assert_eq!(heard.failed(), 2, "{}", heard.told());
        rig.assert_channels(0);
        switch.stop().await;
    }
}

/// The other party gets fifty packets a second, whatever is tried.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stereo_leg_is_heard_natively_and_not_eavesdropped_on() {
    let rig = Rig::start("stereo", 29000);
    for choice in [TapChoice::Eavesdrop, TapChoice::Native] {
        let (switch, mut output) = FreeswitchSwitch::start(rig.config(choice)).await.unwrap();
        let mut heard = Heard::default();
        rig.call("opus@48000h@20i@2c", "8101");
        match choice {
            TapChoice::Native => {
                heard
                    .listen(&mut output, LIMIT, |heard| heard.attached(TapKind::Native) == 2)
                    .await
            }
            _ => {
                heard
                    .listen(&mut output, LIMIT, |heard| failed_for(heard, "two channels") >= 1)
                    .await
            }
        }
        let agent = rig.phone("8101");
        let received = || {
            let stats = rig.phones(&format!(
                r#"json {{"command":"mediaStats","data":{{"uuid":"{agent}"}}}}"#
            ));
            let stats: serde_json::Value = serde_json::from_str(&stats).unwrap();
            stats["response"]["audio"]["in_media_packet_count"].as_f64().unwrap()
        };
        let (before, since) = (received(), std::time::Instant::now());
        heard.listen_for(&mut output, Duration::from_secs(4)).await;
        let rate = (received() - before) / since.elapsed().as_secs_f64();
        println!("{choice:?}: the other party gets {rate:.1} packets a second");
        assert!(rate > 47.0, "{rate}");
        rig.phones("hupall");
        heard.listen(&mut output, LIMIT, |heard| heard.ended() == 1).await;
        if choice == TapChoice::Native {
            assert_tone(heard.leg(None).1, CALLER_TONE);
        }
        rig.assert_channels(0);
        switch.stop().await;
    }
}
