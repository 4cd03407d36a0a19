//! One conversation is one call, wherever its parties are put: asked about, parked, moved into a conference.

use std::time::Duration;

use sidetone_base::{CallEvent, LegId, SwitchOutput, TapKind};
use sidetone_freeswitch::{FreeswitchSwitch, TapChoice};
use tokio::sync::mpsc::Receiver;

use super::{LIMIT, SHORT};
use crate::heard::Heard;
use crate::rig::Rig;

/// Longer than a caller whom everybody has left is waited for.
const WAITING: Duration = Duration::from_secs(4);

fn started(heard: &Heard) -> usize {
    heard.count(|event| matches!(event, CallEvent::Started { .. }))
}

fn joined(heard: &Heard) -> usize {
    heard.count(|event| matches!(event, CallEvent::LegJoined { .. }))
}

/// A caller and agent 8101 who are heard; the agent's leg.
async fn talk(rig: &Rig, heard: &mut Heard, output: &mut Receiver<SwitchOutput>) -> LegId {
    rig.call("PCMU", "8101");
    heard
        .listen(output, LIMIT, |heard| heard.attached(TapKind::Native) == 2)
        .await;
    heard.listen_for(output, SHORT).await;
    heard.leg(Some("8101")).0.clone()
}

async fn all_hang_up(rig: &Rig, heard: &mut Heard, output: &mut Receiver<SwitchOutput>) {
    rig.phones("hupall");
    heard.listen(output, LIMIT, |heard| heard.ended() == 1).await;
    assert_eq!((started(heard), heard.ended()), (1, 1), "{}", heard.told());
    rig.assert_channels(0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_waits_while_the_agent_asks_a_colleague() {
    let rig = Rig::start("consult", 29000);
    let (_switch, mut output) = FreeswitchSwitch::start(rig.config(TapChoice::Native)).await.unwrap();
    for (who_hangs_up, joins) in [("8101", 3), ("8102", 3)] {
        let mut heard = Heard::default();
        let agent = talk(&rig, &mut heard, &mut output).await;
        let colleague = format!(
            "{{sidetone_agent=8102}}sofia/internal/8102@127.0.0.1:{}",
            rig.phones_port()
        );
        rig.switch(&format!("uuid_broadcast {agent} att_xfer::{colleague}"));
        heard.listen_for(&mut output, WAITING).await;
        assert_eq!(heard.ended(), 0, "{}", heard.told());
        rig.phones(&format!("uuid_kill {}", rig.phone(who_hangs_up)));
        heard.listen(&mut output, LIMIT, |heard| joined(heard) == joins).await;
        heard.listen_for(&mut output, SHORT).await;
        all_hang_up(&rig, &mut heard, &mut output).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_parked_caller_is_fetched_by_a_colleague() {
    let rig = Rig::start("park", 29000);
    let (_switch, mut output) = FreeswitchSwitch::start(rig.config(TapChoice::Native)).await.unwrap();
    let mut heard = Heard::default();
    talk(&rig, &mut heard, &mut output).await;
    let caller = heard.leg(None).0.clone();
    rig.switch(&format!("uuid_park {caller}"));
    heard.listen_for(&mut output, WAITING).await;
    let fetches = rig.switch("create_uuid");
    rig.switch(&format!(
        "originate {{origination_uuid={fetches},sidetone_agent=8102}}sofia/internal/8102@127.0.0.1:{} &park",
        rig.phones_port()
    ));
    rig.switch(&format!("uuid_bridge {caller} {fetches}"));
    heard.listen(&mut output, LIMIT, |heard| joined(heard) == 3).await;
    assert_eq!(heard.leg(Some("8102")).0.as_str(), fetches);
    all_hang_up(&rig, &mut heard, &mut output).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn members_of_a_conference_are_legs_of_the_call() {
    let rig = Rig::start("conference", 29000);
    let (_switch, mut output) = FreeswitchSwitch::start(rig.config(TapChoice::Native)).await.unwrap();
    let mut heard = Heard::default();
    talk(&rig, &mut heard, &mut output).await;
    let caller = heard.leg(None).0.clone();
    rig.switch(&format!("uuid_transfer {caller} -both 3500 XML public"));
    heard.listen_for(&mut output, WAITING).await;
    let third = format!("sofia/internal/8103@127.0.0.1:{}", rig.phones_port());
    rig.switch(&format!("originate {{sidetone_agent=8103}}{third} 3500 XML public"));
    heard.listen_for(&mut output, WAITING).await;
    let (_, leg) = heard.leg(Some("8103"));
    assert!(leg.packets > 100, "{} packets of the third party", leg.packets);
    all_hang_up(&rig, &mut heard, &mut output).await;
}

/// The module's start overtakes the switch's own description of the channel, and the recipe has moved the caller on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_that_the_dialplan_begins_knows_who_calls_whom() {
    let rig = Rig::start_with_module("begun", 29000);
    let mut config = rig.config(TapChoice::Auto);
    config.module.socket = Some(rig.module_socket());
    let (_switch, mut output) = FreeswitchSwitch::start(config).await.unwrap();
    rig.wait_for_the_modules_connection();
    for _ in 0..6 {
        rig.call("PCMU", "12360");
        let CallEvent::Started {
            caller_number,
            called_number,
            ..
        } = signal(&mut output, |event| matches!(event, CallEvent::Started { .. })).await
        else {
            unreachable!()
        };
        let caller = caller_number.map(|number| number.expose().clone());
        assert_eq!(caller.as_deref(), Some("057155550101"));
        assert_eq!(called_number.as_deref(), Some("12360"));
        rig.phones("hupall");
        signal(&mut output, |event| matches!(event, CallEvent::Ended { .. })).await;
        rig.assert_channels(0);
    }
}

/// The next fact that is wanted; what the dialplan asks meanwhile is not answered.
async fn signal(output: &mut Receiver<SwitchOutput>, wanted: impl Fn(&CallEvent) -> bool) -> CallEvent {
    let found = async {
        loop {
            match output.recv().await.expect("the switch's side has ended") {
                SwitchOutput::Signal(signal) if wanted(&signal.event) => return signal.event,
                _ => {}
            }
        }
    };
    tokio::time::timeout(LIMIT, found).await.expect("not said in time")
}
