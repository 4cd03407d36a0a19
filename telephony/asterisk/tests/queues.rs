//! A queue of a real Asterisk 22 with one agent, told as facts: SIPp as the telephones.
//!
//! Needs `tests/host/asterisk/install.sh` to have run, and SIPp (`apt-get install sip-tester`).

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, dead_code)]

mod support;

use std::time::Duration;

use sidetone_asterisk::{AsteriskSwitch, TapChoice};
use sidetone_base::{AgentState, Fact, OfferExit, QueueExit};
use support::{Heard, Pbx};

const LIMIT: Duration = Duration::from_secs(30);
const AGENT: &str = "8005";

fn waits(heard: &Heard) -> Vec<(QueueExit, Duration)> {
    let left = heard.facts.iter().filter_map(|fact| match fact {
        Fact::QueueLeft {
            left, waited, queue, ..
        } if queue == "12335" => Some((*left, *waited)),
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

fn entered(heard: &Heard) -> usize {
    heard
        .facts
        .iter()
        .filter(|fact| matches!(fact, Fact::QueueEntered { .. }))
        .count()
}

/// 12335 has one agent, rings for 2 s at a time, keeps a caller for 5 s (the switch counts whole ones) and has room for one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn waits_offers_and_an_agents_states_are_told_as_they_are() {
    let pbx = Pbx::start("facts", 31700);
    let mut config = pbx.config(TapChoice::Snoop);
    config.queues.wrapup = Duration::from_secs(2);
    let (switch, mut output) = AsteriskSwitch::start(config).await.unwrap();
    let mut heard = Heard::default();
    heard
        .listen(&mut output, LIMIT, |heard| states(heard) == [AgentState::Ready])
        .await;

    let agent = pbx.agent(5, "agent", &[]);
    let caller = pbx.caller(1, "caller_hangs_up", "12335", &["-d", "2000"]);
    let worked = [
        AgentState::Ready,
        AgentState::Ring,
        AgentState::Talk,
        AgentState::Acw,
        AgentState::Ready,
    ];
    heard.listen(&mut output, LIMIT, |heard| states(heard) == worked).await;
    assert_eq!(offers(&heard), [OfferExit::Answered]);
    let (left, waited) = waits(&heard)[0];
    assert!(
        left == QueueExit::Answered && waited >= Duration::from_millis(250),
        "{left:?} {waited:?}"
    );
    drop((agent, caller));

    let _agent = pbx.agent(5, "agent_rings", &[]);
    let _caller = pbx.caller(2, "caller_hangs_up", "12335", &["-d", "1000"]);
    heard.listen(&mut output, LIMIT, |heard| waits(heard).len() == 2).await;
    assert_eq!(offers(&heard)[1..], [OfferExit::CallerGone]);
    let (left, waited) = waits(&heard)[1];
    assert!(
        left == QueueExit::Abandoned && waited >= Duration::from_millis(900),
        "{left:?} {waited:?}"
    );
    drop(_agent);

    let _agent = pbx.agent(5, "agent_busy", &[]);
    let _caller = pbx.caller(3, "caller_hangs_up", "12335", &["-d", "20000"]);
    heard.listen(&mut output, LIMIT, |heard| entered(heard) == 3).await;
    let _second = pbx.caller(4, "caller_hangs_up", "12335", &["-d", "2000"]);
    heard.listen(&mut output, LIMIT, |heard| waits(heard).len() == 4).await;
    assert_eq!(waits(&heard)[2], (QueueExit::Full, Duration::ZERO));
    let (left, waited) = waits(&heard)[3];
    assert!(
        left == QueueExit::Timeout && waited >= Duration::from_secs(4),
        "{left:?} {waited:?}"
    );
    assert_eq!(offers(&heard)[2], OfferExit::Rejected, "{:?}", offers(&heard));

    for (queue, state) in [("12333", None), ("12335", Some(AgentState::Break))] {
        pbx.cli(&format!("queue pause member PJSIP/8005 queue {queue} reason lunch"));
        if let Some(state) = state {
            heard
                .listen(&mut output, LIMIT, |heard| states(heard).last() == Some(&state))
                .await;
        }
    }
    for fact in &heard.facts {
        println!("{fact:?}");
    }
    pbx.assert_empty();
    switch.stop().await;
}
