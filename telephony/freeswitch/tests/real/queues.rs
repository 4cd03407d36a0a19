//! Queue 12335 of mod_callcenter, with one agent, told as facts.

use std::time::Duration;

use sidetone_base::{AgentState, EndBy, Fact, OfferExit, QueueExit};
use sidetone_freeswitch::{FreeswitchSwitch, TapChoice};

use crate::heard::Heard;
use crate::rig::{Phone, Rig};
use crate::{CALLERS_PORT, LIMIT};

const AGENT: &str = "8005";

fn waits(heard: &Heard) -> Vec<QueueExit> {
    let left = heard.facts.iter().filter_map(|fact| match fact {
        Fact::QueueLeft { left, queue, .. } if queue == "12335@default" => Some(*left),
        _ => None,
    });
    left.collect()
}

fn offers(heard: &Heard) -> Vec<OfferExit> {
    let ended = heard.facts.iter().filter_map(|fact| match fact {
        Fact::OfferEnded { left, agent, .. } if agent.as_str() == AGENT => Some(*left),
        _ => None,
    });
    ended.collect()
}

fn states(heard: &Heard) -> Vec<AgentState> {
    let told = heard.facts.iter().filter_map(|fact| match fact {
        Fact::AgentState { agent, state, .. } if agent.as_str() == AGENT => Some(*state),
        _ => None,
    });
    told.collect()
}

fn ends(heard: &Heard) -> Vec<EndBy> {
    let left = heard.facts.iter().filter_map(|fact| match fact {
        Fact::ContactLeft { end_by, .. } => Some(*end_by),
        _ => None,
    });
    left.collect()
}

fn calls(rig: &Rig, after: &str) -> Phone {
    let own = ["-s", "12335", "-d", after, "-key", "number", "0000000001"];
    rig.sipp("caller_hangs_up", CALLERS_PORT, &own)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn waits_offers_and_an_agents_states_are_told_as_they_are() {
    let rig = Rig::start("facts", 31_700);
    rig.switch("callcenter_config agent set wrap_up_time 8005 2");
    let (switch, mut output) = FreeswitchSwitch::start(rig.config(TapChoice::Native)).await.unwrap();
    let mut heard = Heard::default();
    heard
        .listen(&mut output, LIMIT, |heard| states(heard) == [AgentState::Ready])
        .await;

    let agent = rig.sipp("agent", 5, &[]);
    let caller = calls(&rig, "3000");
    let worked = [
        AgentState::Ready,
        AgentState::Ring,
        AgentState::Talk,
        AgentState::Acw,
        AgentState::Ready,
    ];
    heard.listen(&mut output, LIMIT, |heard| states(heard) == worked).await;
    assert_eq!(
        (waits(&heard), offers(&heard)),
        (vec![QueueExit::Answered], vec![OfferExit::Answered])
    );
    assert!(
        heard.facts.iter().any(|fact| matches!(fact, Fact::AcwEnded { .. })),
        "{:?}",
        heard.facts
    );
    drop((agent, caller));

    // The telephone rings for 300 ms.
    let rang = |fact: &Fact| matches!(fact, Fact::OfferEnded { rang, .. } if *rang >= Duration::from_millis(250));
    assert!(heard.facts.iter().any(rang), "{:?}", heard.facts);

    let agent = rig.sipp("agent_rings", 5, &[]);
    let caller = calls(&rig, "2500");
    heard.listen(&mut output, LIMIT, |heard| ends(heard).len() == 2).await;
    assert_eq!(
        (waits(&heard)[1], offers(&heard)[1]),
        (QueueExit::Abandoned, OfferExit::CallerGone)
    );
    drop((agent, caller));

    let _agent = rig.sipp("agent_busy", 5, &[]);
    let _caller = calls(&rig, "9000");
    heard.listen(&mut output, LIMIT, |heard| ends(heard).len() == 3).await;
    assert_eq!(
        (waits(&heard)[2], offers(&heard)[2]),
        (QueueExit::Timeout, OfferExit::Rejected)
    );
    assert_eq!(ends(&heard), [EndBy::Caller, EndBy::Caller, EndBy::System]);

    rig.switch("callcenter_config agent set status 8005 'On Break'");
    heard
        .listen(&mut output, LIMIT, |heard| {
            states(heard).last() == Some(&AgentState::Break)
        })
        .await;
    for fact in &heard.facts {
        println!("{fact:?}");
    }
    rig.assert_channels(0);
    switch.stop().await;
}
