//! Whoever else listens: recordings, supervisors, a third party. Each is heard, whether it starts before a tap or
//! behind it, and so is the tap.

use std::path::Path;
use std::time::Duration;

use sidetone_base::TapKind;
use sidetone_freeswitch::{FreeswitchSwitch, TapChoice};

use super::{LIMIT, SHORT};
use crate::heard::Heard;
use crate::rig::{AGENT_TONE, CALLER_TONE, Rig};
use crate::sound::level;

/// What the two supervisors' phones play.
const BARGER: f64 = 2_000.0;
const THIRD: f64 = 3_000.0;
/// A tone is played at 8,000; three of them in one frame are each that loud at least.
const AUDIBLE: f64 = 400.0;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_made_deaf_by_a_native_tap() {
    listeners(TapChoice::Native, TapKind::Native).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_made_deaf_by_eavesdrop() {
    listeners(TapChoice::Eavesdrop, TapKind::Eavesdrop).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_made_deaf_by_a_capture() {
    listeners(TapChoice::Passive, TapKind::Passive).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_made_deaf_by_the_module() {
    listeners(TapChoice::Module, TapKind::Module).await;
}

async fn listeners(choice: TapChoice, kind: TapKind) {
    let rig = match choice {
        TapChoice::Module => Rig::start_with_module("others", 29000),
        _ => Rig::start("others", 29000),
    };
    rig.switch("load mod_conference");
    for tap_first in [true, false] {
        let mut config = rig.config(choice);
        if choice == TapChoice::Module {
            config.module.socket = Some(rig.module_socket());
        }
        let mut heard = Heard::default();
        let caller = rig.call("PCMU", "8101");
        let (_switch, mut output, leg) = if tap_first {
            let (switch, mut output) = FreeswitchSwitch::start(config).await.unwrap();
            heard
                .listen(&mut output, LIMIT, |heard| heard.attached(kind) == 2)
                .await;
            heard.listen_for(&mut output, SHORT).await;
            let leg = heard.leg(None).0.to_string();
            begin(&rig, &leg).await;
            (switch, output, leg)
        } else {
            let leg = rig.leg_from("8101").await;
            begin(&rig, &leg).await;
            let (switch, mut output) = FreeswitchSwitch::start(config).await.unwrap();
            heard
                .listen(&mut output, LIMIT, |heard| heard.attached(kind) == 2)
                .await;
            (switch, output, leg)
        };
        let agent = rig.phone("8101");
        rig.record_phones(&[(&caller, "caller-hears"), (&agent, "agent-hears")]);
        heard.listen_for(&mut output, SHORT).await;
        let before = heard.leg(None).1.packets;
        heard.listen_for(&mut output, SHORT).await;
        let packets = heard.leg(None).1.packets - before;
        rig.switch(&format!("uuid_record {leg} stop all"));
        for listener in ["barger", "third"] {
            rig.switch(&format!("uuid_record {listener} stop all"));
        }
        for phone in [&caller, &agent] {
            rig.phones(&format!("uuid_record {phone} stop all"));
        }
        rig.switch("uuid_kill barger");
        rig.switch("uuid_kill third");
        let failed = heard.failed();
        // Both parties go into a conference. It reads them decoded, which ends a native tap: the next kind follows.
        rig.switch(&format!("uuid_transfer {leg} -both conference:room@default inline"));
        heard.listen_for(&mut output, SHORT / 2).await;
        rig.record_phones(&[(&caller, "caller-confers"), (&agent, "agent-confers")]);
        heard.listen_for(&mut output, SHORT + SHORT / 2).await;
        for phone in [&caller, &agent] {
            rig.phones(&format!("uuid_record {phone} stop all"));
        }
        rig.phones("hupall");
        heard.listen(&mut output, LIMIT, |heard| heard.ended() == 1).await;
        let file = |name: &str| rig.file(&format!("{name}.wav"));
        let tones = |path: &Path, channel| {
            [CALLER_TONE, AGENT_TONE, BARGER, THIRD].map(|tone| level(path, channel, tone, Duration::from_secs(1)))
        };
        let recorded = [tones(&file("record"), 0), tones(&file("record"), 1)];
        let parties = [tones(&file("caller-hears"), 0), tones(&file("agent-hears"), 0)];
        let conference = [tones(&file("caller-confers"), 0), tones(&file("agent-confers"), 0)];
        let supervisors = [tones(&file("barger"), 1), tones(&file("third"), 1)];
        println!(
            "{kind:?}, tap first {tap_first}: {packets} packets; recorded {recorded:.0?}, parties hear {parties:.0?}, \
             supervisors {supervisors:.0?}, in a conference {conference:.0?}"
        );
        let audible = |level: f64, who: &str| {
            assert!(
                level > AUDIBLE,
                "{kind:?}, tap first {tap_first}: {who} is not heard ({level:.0})"
            );
        };
        audible(recorded[0][0], "the caller, in the recording,");
        audible(recorded[1][1], "the agent, in the recording,");
        for (levels, who) in parties.iter().zip(["caller", "agent"]) {
            audible(
                levels[usize::from(who == "caller")],
                &format!("the other party, by the {who},"),
            );
            audible(levels[2], &format!("the supervisor who barges in, by the {who},"));
            audible(levels[3], &format!("the third party, by the {who},"));
        }
        audible(conference[0][1], "the agent, by the caller, in a conference,");
        audible(conference[1][0], "the caller, by the agent, in a conference,");
        for (levels, who) in supervisors.iter().zip(["barger", "third"]) {
            audible(levels[0], &format!("the caller, by the {who},"));
            audible(levels[1], &format!("the agent, by the {who},"));
        }
        assert!(packets > 80, "{packets} packets in {SHORT:?}");
        assert_eq!(failed, 0, "{}", heard.told());
        rig.assert_channels(0);
    }
}

/// A recording, then a supervisor who barges in, then a third party: one after the other, as people come.
async fn begin(rig: &Rig, leg: &str) {
    let pause = || tokio::time::sleep(Duration::from_millis(700));
    rig.switch(&format!("uuid_setvar {leg} RECORD_STEREO true"));
    rig.record(leg, "record");
    pause().await;
    for (name, phone, application, tone) in [
        ("barger", "8103", "eavesdrop", BARGER),
        ("third", "8104", "three_way", THIRD),
    ] {
        rig.supervise(name, phone, &format!("{application}({leg})"));
        pause().await;
        rig.play(phone, tone);
        rig.record(name, name);
        pause().await;
    }
    // As a supervisor's phone would: speak to both.
    rig.switch("uuid_recv_dtmf barger 3");
    pause().await;
}
