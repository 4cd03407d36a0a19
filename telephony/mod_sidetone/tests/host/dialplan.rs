//! What a dialplan asks, and what it gets.

use std::sync::atomic::Ordering;
use std::time::Duration;

use sidetone_mod_wire::{Answer, FromModule, ListenResult, Party, ToModule};

use crate::module::module;
use crate::scenarios::{Stage, session, stage, until};
use crate::switch::world;

fn result(ask: u64, answer: Answer) -> ToModule {
    ToModule::ListenResult(ListenResult {
        ask,
        answer,
        text: "我想问失业金".to_owned(),
        intent: "unemployment.apply".to_owned(),
        topic: "失业保险".to_owned(),
        confidence_permille: 870,
        slots: "{\"地区\":\"海淀区\"}".to_owned(),
        reply: "可以网上申请".to_owned(),
    })
}

/// The dialplan asks what the caller said: an answer, none, one that comes too late, a hang-up, a dead daemon.
pub fn listens() {
    let stage = stage();
    let daemon = stage.daemon();
    let session = session(8000, 1);
    let asked = |n: usize| {
        until("a question", || daemon.heard(|heard| heard.listens.len() == n));
        daemon.heard(|heard| heard.listens[n - 1].clone())
    };
    let listen = |data: &'static str| {
        let session = std::sync::Arc::clone(&session);
        std::thread::spawn(move || (module().application(&session, data), session.variable("sidetone_text")))
    };
    assert_eq!(stage.module.application(&session, "start profile=12333"), "ok");

    let waiting = listen("listen timeout=5000");
    let question = asked(1);
    assert_eq!(question.timeout, Duration::from_secs(5));
    daemon.say(&result(question.ask, Answer::Heard));
    assert_eq!(waiting.join().unwrap(), ("heard".to_owned(), "我想问失业金".to_owned()));
    let value = |name: &str| session.variable(&format!("sidetone_{name}"));
    assert_eq!(
        [value("intent"), value("confidence"), value("slots")],
        ["unemployment.apply", "0.870", "{\"地区\":\"海淀区\"}"]
    );
    assert_eq!([value("topic"), value("reply")], ["失业保险", "可以网上申请"]);

    // The profile's timeout. The daemon says that time is up; what was there before is gone.
    let waiting = listen("listen");
    let question = asked(2);
    assert_eq!(question.timeout, Duration::from_millis(300));
    daemon.say(&result(question.ask, Answer::Timeout));
    assert_eq!(waiting.join().unwrap(), ("silence".to_owned(), String::new()));
    assert_eq!(value("slots"), "");

    // Nobody answers: the module gives up by itself, says so, and an answer that comes later changes nothing.
    let waiting = listen("listen timeout=100 limit=600");
    let question = asked(3);
    assert_eq!(waiting.join().unwrap().0, "error");
    assert_eq!(value("error"), "no_answer");
    let cancel = FromModule::ListenCancel {
        uuid: session.uuid.clone(),
        ask: question.ask,
    };
    until("it is withdrawn", || {
        daemon.heard(|heard| heard.others == [cancel.clone()])
    });
    daemon.say(&result(question.ask, Answer::Heard));
    assert_eq!(stage.module.count("listens_answered"), 1);

    let waiting = listen("listen timeout=9000");
    asked(4);
    drop(daemon);
    assert_eq!(waiting.join().unwrap().0, "error");
    assert_eq!(value("error"), "unavailable");
    session.hang_up();
    hangs_up_while_listening(&stage);
}

fn hangs_up_while_listening(stage: &Stage) {
    let daemon = stage.daemon();
    let session = session(8000, 1);
    let uuid = session.uuid.clone();
    let its_session = std::sync::Arc::clone(&session);
    let waiting = std::thread::spawn(move || module().application(&its_session, "listen timeout=9000"));
    until("a question", || daemon.heard(|heard| heard.listens.len() == 1));
    session.hang_up();
    assert_eq!(waiting.join().unwrap(), "gone");
    // The leg's stop ends its questions.
    until("its stop", || {
        daemon.heard(|heard| heard.stops.len() == 1 && heard.stops[0].uuid == uuid)
    });
}

/// Before there is media nothing is put on: the switch is asked to run the application again later.
pub fn starts_later_without_media() {
    let stage = stage();
    let session = session(8000, 1);
    session.media.store(false, Ordering::SeqCst);
    session.set_variable("sidetone_call", "call-7");
    assert_eq!(
        stage
            .module
            .application(&session, "start profile=12333 agent=8001 role=agent"),
        "deferred"
    );
    assert_eq!(session.bugs(), 0);
    assert!(
        stage
            .module
            .uuid_api(&format!("{} start", session.uuid))
            .contains("no media")
    );
    assert_eq!(stage.module.application(&session, "listen"), "error");
    assert_eq!(session.variable("sidetone_error"), "no_media");
    let later = session.variable("execute_on_media_sidetone");
    session.media.store(true, Ordering::SeqCst);
    let daemon = stage.daemon();
    assert_eq!(
        stage
            .module
            .application(&session, later.strip_prefix("sidetone ").unwrap()),
        "ok"
    );
    until("its start", || daemon.heard(|heard| !heard.starts.is_empty()));
    daemon.heard(|heard| {
        let start = &heard.starts[0];
        assert_eq!(
            (&*start.call, &*start.agent, start.party),
            ("call-7", "8001", Party::Agent)
        );
    });
    session.hang_up();
}

/// What is wrong is said; no call ends of it.
pub fn says_what_is_wrong() {
    let stage = stage();
    let session = session(8000, 1);
    let uuid = &session.uuid;
    for (command, answer) in [
        ("nobody start".to_owned(), "-ERR no such channel\n"),
        (
            format!("{uuid} start profile=unheard"),
            "-ERR sidetone.conf has no profile unheard\n",
        ),
        (format!("{uuid} start role=boss"), "-ERR unknown value in role=boss\n"),
        (format!("{uuid} listen"), "-ERR listen is an application\n"),
        (format!("{uuid} stats"), "-ERR the channel is not tapped\n"),
        (uuid.clone(), "-ERR a uuid and a command are needed\n"),
        (String::new(), "-ERR a uuid and a command are needed\n"),
    ] {
        assert_eq!(stage.module.uuid_api(&command), answer, "{command}");
    }
    assert_eq!(stage.module.application(&session, "dance"), "error");
    assert_eq!(stage.module.module_api("dance"), "-ERR unknown word dance\n");
    assert!(world(|world| world
        .log
        .iter()
        .any(|line| line == "sidetone.conf: colour: unknown setting")));
    session.hang_up();
}
