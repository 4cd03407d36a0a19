//! Calls over a real Asterisk 22, each test with a switch of its own, SIPp as the phones.
//!
//! Needs `tests/host/asterisk/install.sh` to have run, and SIPp (`apt-get install sip-tester`).

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, dead_code)]

mod support;

use std::time::Duration;

use sidetone_asterisk::{AsteriskSwitch, TapChoice, diagnose};
use sidetone_base::{CallEvent, EndCause, Severity, TapKind};
use support::{AGENT_TONE, CALLER_TONE, Heard, Pbx, assert_tone};

const LIMIT: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_queue_call_is_heard_on_both_legs_at_16_khz() {
    let pbx = Pbx::start("queue", 26000);
    for finding in diagnose(&pbx.config(TapChoice::Auto)).await {
        assert_eq!(finding.severity, Severity::Fine, "{finding:?}");
    }
    let (switch, mut output) = AsteriskSwitch::start(pbx.config(TapChoice::Auto)).await.unwrap();
    let _agent = pbx.agent(1, "agent", &[]);
    let _caller = pbx.caller(1, "caller_hangs_up", "12333", &["-d", "4000"]);
    let mut heard = Heard::default();
    heard.listen(&mut output, LIMIT, |heard| heard.ended() == 1).await;
    match &heard.story[0].1 {
        CallEvent::Started {
            age,
            caller_number,
            called_number,
            queue,
            cti_id,
        } => {
            assert_eq!(cti_id.as_deref(), Some("crm-7"));
            assert_eq!(*age, Duration::ZERO);
            assert_eq!(caller_number.as_ref().unwrap().expose(), "0000000001");
            assert_eq!(called_number.as_deref(), Some("12333"));
            assert_eq!(queue.as_deref(), Some("12333"));
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(heard.attached(), 2, "{}", heard.told());
    assert_eq!(
        heard.count(|event| matches!(
            event,
            CallEvent::TapAttached {
                kind: TapKind::Snoop,
                ..
            }
        )),
        2
    );
    for (agent, tone) in [(None, CALLER_TONE), (Some("8001"), AGENT_TONE)] {
        let leg = heard.leg(agent);
        assert_eq!(leg.rate, 16_000);
        assert_tone(leg, tone);
        println!(
            "snoop: first frame {:?} after the leg joined, {} samples",
            leg.first_frame_after(),
            leg.samples.len()
        );
    }
    assert!(matches!(
        heard.story.last().unwrap().1,
        CallEvent::Ended {
            cause: EndCause::Hangup
        }
    ));
    pbx.assert_empty();
    switch.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dialled_call_with_hold_is_heard_by_chanspy() {
    let pbx = Pbx::start("dial", 26500);
    let (_switch, mut output) = AsteriskSwitch::start(pbx.config(TapChoice::ChanSpy)).await.unwrap();
    let _agent = pbx.agent(2, "agent_holds", &["-d", "2000"]);
    let _caller = pbx.caller(1, "caller_hangs_up", "8002", &["-d", "5000"]);
    let mut heard = Heard::default();
    heard.listen(&mut output, LIMIT, |heard| heard.ended() == 1).await;
    assert_eq!(
        heard.count(|event| matches!(
            event,
            CallEvent::TapAttached {
                kind: TapKind::ChanSpy,
                ..
            }
        )),
        2
    );
    assert_eq!(
        heard.count(|event| matches!(event, CallEvent::Held { .. })),
        1,
        "{}",
        heard.told()
    );
    assert_eq!(
        heard.count(|event| matches!(event, CallEvent::Resumed { .. })),
        1,
        "{}",
        heard.told()
    );
    assert_eq!(
        heard.count(|event| matches!(event, CallEvent::TapFailed { .. })),
        0,
        "{}",
        heard.told()
    );
    for (agent, tone) in [(None, CALLER_TONE), (Some("8002"), AGENT_TONE)] {
        let leg = heard.leg(agent);
        assert_eq!(leg.rate, 8_000);
        assert_tone(leg, tone);
        println!(
            "chanspy: first frame {:?} after the leg joined, {} samples",
            leg.first_frame_after(),
            leg.samples.len()
        );
    }
    pbx.assert_empty();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn transfers_blind_and_attended_stay_one_call() {
    let pbx = Pbx::start("transfer", 27000);
    let (_switch, mut output) = AsteriskSwitch::start(pbx.config(TapChoice::Snoop)).await.unwrap();
    for (n, scenario) in [(1, "agent_transfers"), (2, "agent_transfers_attended")] {
        let _first = pbx.agent(
            1,
            scenario,
            &["-d", "1500", "-key", "transfer_to", "8003", "-key", "agent", "8001"],
        );
        let _second = pbx.agent(3, "agent_hangs_up", &["-d", "4500"]);
        let _caller = pbx.caller(n, "caller", "12333", &[]);
        let mut heard = Heard::default();
        heard.listen(&mut output, LIMIT, |heard| heard.ended() == 1).await;
        assert_eq!(heard.calls(), 1, "{scenario}:\n{}", heard.told());
        assert_eq!(heard.legs.len(), 3, "{scenario}:\n{}", heard.told());
        assert_eq!(heard.attached(), 3, "{scenario}:\n{}", heard.told());
        assert!(
            heard.count(|event| matches!(event, CallEvent::LegLeft { .. })) >= 1,
            "{scenario}:\n{}",
            heard.told()
        );
        assert_tone(heard.leg(None), CALLER_TONE);
        assert_tone(heard.leg(Some("8001")), AGENT_TONE);
        assert_tone(heard.leg(Some("8003")), AGENT_TONE);
        pbx.assert_empty();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_ari_that_hangs_costs_a_moment_and_not_the_ears() {
    let pbx = Pbx::start("hang", 27500);
    // Accepts and never answers, as a deadlocked ARI does.
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut config = pbx.config(TapChoice::Auto);
    config.ari.url = format!("http://{}/ari", silent.local_addr().unwrap());
    let (_switch, mut output) = AsteriskSwitch::start(config).await.unwrap();
    let _agent = pbx.agent(1, "agent", &[]);
    let _caller = pbx.caller(1, "caller_hangs_up", "12334", &["-d", "6000"]);
    let _local = pbx.agent(3, "agent", &[]);
    let mut heard = Heard::default();
    heard.listen(&mut output, LIMIT, |heard| heard.ended() == 1).await;
    assert_eq!(
        heard.count(|event| matches!(
            event,
            CallEvent::TapAttached {
                kind: TapKind::ChanSpy,
                ..
            }
        )),
        2
    );
    assert_tone(heard.leg(None), CALLER_TONE);
    assert_tone(heard.leg(Some("8003")), AGENT_TONE);
    pbx.assert_empty();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hangup_at_any_moment_of_attaching_leaves_nothing() {
    let pbx = Pbx::start("hangup", 28000);
    for tap in [TapChoice::Snoop, TapChoice::ChanSpy] {
        let (switch, mut output) = AsteriskSwitch::start(pbx.config(tap)).await.unwrap();
        let mut heard = Heard::default();
        let phones: Vec<_> = [0u16, 5, 15, 30, 60, 120]
            .into_iter()
            .zip(1u16..)
            .map(|(delay, n)| {
                let agent = pbx.agent(n, "agent", &[]);
                let dial = format!("80{n:02}");
                (
                    agent,
                    pbx.caller(n, "caller_hangs_up", &dial, &["-d", &delay.to_string()]),
                )
            })
            .collect();
        heard.listen(&mut output, LIMIT, |heard| heard.ended() == 6).await;
        assert_eq!(heard.calls(), 6, "{}", heard.told());
        assert_eq!(
            heard.count(|event| matches!(event, CallEvent::TapFailed { .. })),
            0,
            "{}",
            heard.told()
        );
        pbx.assert_empty();
        drop(phones);
        switch.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restarted_daemon_finds_the_call_and_a_crashed_switch_loses_it() {
    let pbx = Pbx::start("restart", 28500);
    let (switch, mut output) = AsteriskSwitch::start(pbx.config(TapChoice::Snoop)).await.unwrap();
    let agent = pbx.agent(1, "agent", &[]);
    let caller = pbx.caller(1, "caller_hangs_up", "12333", &["-d", "40000"]);
    let mut before = Heard::default();
    before.listen(&mut output, LIMIT, |heard| heard.attached() == 2).await;
    drop((switch, output));
    tokio::time::sleep(Duration::from_secs(1)).await;

    let (_switch, mut output) = AsteriskSwitch::start(pbx.config(TapChoice::Snoop)).await.unwrap();
    let mut after = Heard::default();
    after
        .listen(&mut output, LIMIT, |heard| {
            heard.legs.values().filter(|leg| leg.samples.len() > 16_000).count() == 2
        })
        .await;
    assert_eq!(before.story[0].0, after.story[0].0, "another call id after the restart");
    assert!(matches!(&after.story[0].1, CallEvent::Started { age, .. } if *age >= Duration::from_secs(1)));
    assert_tone(after.leg(None), CALLER_TONE);
    assert_tone(after.leg(Some("8001")), AGENT_TONE);

    pbx.restart();
    after.listen(&mut output, LIMIT, |heard| heard.ended() == 1).await;
    assert!(
        matches!(
            after.story.last().unwrap().1,
            CallEvent::Ended {
                cause: EndCause::LostSight
            }
        ),
        "{}",
        after.told()
    );
    drop((agent, caller));

    let _agent = pbx.agent(2, "agent", &[]);
    let _caller = pbx.caller(2, "caller_hangs_up", "8002", &["-d", "5000"]);
    let mut next = Heard::default();
    next.listen(&mut output, LIMIT, |heard| heard.ended() == 1).await;
    assert_eq!(next.attached(), 2, "{}", next.told());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_calls_at_once() {
    let pbx = Pbx::start("ten", 29000);
    let (_switch, mut output) = AsteriskSwitch::start(pbx.config(TapChoice::Auto)).await.unwrap();
    let _agents: Vec<_> = (1..=10).map(|n| pbx.agent(n, "agent", &[])).collect();
    let _callers: Vec<_> = (1..=10)
        .map(|n| pbx.caller(n, "caller_hangs_up", "12333", &["-d", "8000"]))
        .collect();
    let mut heard = Heard::default();
    heard.listen(&mut output, LIMIT * 2, |heard| heard.ended() == 10).await;
    assert_eq!(
        (heard.calls(), heard.attached(), heard.legs.len()),
        (10, 20, 20),
        "{}",
        heard.told()
    );
    for leg in heard.legs.values() {
        let caller = leg.role == Some(sidetone_base::Role::Caller);
        assert_tone(leg, if caller { CALLER_TONE } else { AGENT_TONE });
    }
    pbx.assert_empty();
}
