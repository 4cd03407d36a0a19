//! What a dialplan asks, and what it gets.

use std::sync::atomic::Ordering;
use std::time::Duration;

use sidetone_mod_wire::{Answer, Asked, FromModule, Party, Status, ToModule};

use crate::module::module;
use crate::scenarios::{Stage, session, stage, until};
use crate::switch::{Session, world};

/// As the daemon answers: every variable of the question, the unused ones empty.
fn answer(ask: u64, asked: Asked, status: Status, set: &[(&str, &str)]) -> ToModule {
    let value = |name: &str| {
        set.iter()
            .find(|(known, _)| *known == name)
            .map_or("", |(_, value)| value)
    };
    let variables = asked.variables().map(|name| (name.to_owned(), value(name).to_owned()));
    ToModule::Answer(Answer::fitting(ask, status, variables.collect()))
}

fn heard(ask: u64, asked: Asked) -> ToModule {
    let set = [
        ("text", "我想问失业金"),
        ("confidence", "0.87"),
        ("topic", "unemployment_benefit"),
        ("topic_name", "失业保险金"),
        ("intent", "procedure"),
        ("slots", r#"{"region":"370500"}"#),
        ("slot_region", "370500"),
        ("reply", "可以网上申请"),
    ];
    answer(ask, asked, Status::Heard, &set)
}

fn values<const N: usize>(session: &Session, names: [&str; N]) -> [String; N] {
    names.map(|name| session.variable(&format!("sidetone_{name}")))
}

/// The dialplan asks what the caller said: an answer, none, one that comes too late, a hang-up, a dead daemon.
pub fn listens() {
    let stage = stage();
    let daemon = stage.daemon();
    let answered = stage.module.count("listens_answered");
    let session = session(8000, 1);
    let asked = |n: usize| {
        until("a question", || daemon.heard(|heard| heard.asks.len() == n));
        daemon.heard(|heard| heard.asks[n - 1].clone())
    };
    let asking = |data: &'static str| {
        let session = std::sync::Arc::clone(&session);
        std::thread::spawn(move || (module().application(&session, data), session.variable("sidetone_text")))
    };
    let next = |timeout, limit| Asked::Next {
        timeout: Duration::from_millis(timeout),
        limit: Duration::from_millis(limit),
    };
    assert_eq!(stage.module.application(&session, "start profile=12333"), "ok");

    let waiting = asking("listen timeout=5000");
    let question = asked(1);
    assert_eq!(question.asked, next(5_000, 25_000));
    daemon.say(&heard(question.ask, question.asked));
    assert_eq!(waiting.join().unwrap(), ("heard".to_owned(), "我想问失业金".to_owned()));
    assert_eq!(
        values(&session, ["intent", "confidence", "slots", "slot_region", "slot_age"]),
        ["procedure", "0.87", r#"{"region":"370500"}"#, "370500", ""]
    );
    assert_eq!(
        values(&session, ["topic", "topic_name", "reply"]),
        ["unemployment_benefit", "失业保险金", "可以网上申请"]
    );

    // The profile's timeout. The daemon says that time is up; what was there before is gone.
    let waiting = asking("listen");
    let question = asked(2);
    assert_eq!(question.asked, next(300, 20_300));
    daemon.say(&answer(question.ask, question.asked, Status::Silence, &[]));
    assert_eq!(waiting.join().unwrap(), ("silence".to_owned(), String::new()));
    assert_eq!(values(&session, ["slots", "topic_name", "slot_region"]), ["", "", ""]);

    let waiting = asking("answer");
    let question = asked(3);
    assert_eq!(question.asked, Asked::Last);
    daemon.say(&heard(question.ask, question.asked));
    assert_eq!(waiting.join().unwrap(), ("heard".to_owned(), "我想问失业金".to_owned()));

    // Nobody answers: the module gives up by itself, says so, and an answer that comes later changes nothing.
    let waiting = asking("listen timeout=100 limit=600");
    let question = asked(4);
    assert_eq!(waiting.join().unwrap(), ("error".to_owned(), String::new()));
    assert_eq!(values(&session, ["error", "slot_region"]), ["no_answer", ""]);
    let cancel = FromModule::AskCancel {
        uuid: session.uuid.clone(),
        ask: question.ask,
    };
    until("it is withdrawn", || {
        daemon.heard(|heard| heard.others == [cancel.clone()])
    });
    daemon.say(&heard(question.ask, question.asked));
    assert_eq!(stage.module.count("listens_answered") - answered, 3);

    let waiting = asking("listen timeout=9000");
    asked(5);
    drop(daemon);
    assert_eq!(waiting.join().unwrap().0, "error");
    assert_eq!(values(&session, ["error"]), ["unavailable"]);
    session.hang_up();
    hangs_up_while_listening(&stage);
}

/// An agent gets a sentence on what was said so far; of a channel that was never heard there is none.
pub fn sums_up() {
    let stage = stage();
    let daemon = stage.daemon();
    let session = session(8000, 1);
    session.set_variable("sidetone_summary", "an earlier one");
    assert_eq!(stage.module.application(&session, "wrapup"), "gone");
    assert_eq!(values(&session, ["summary"]), [""]);
    assert_eq!(stage.module.application(&session, "start profile=12333"), "ok");
    let waiting = {
        let session = std::sync::Arc::clone(&session);
        std::thread::spawn(move || module().application(&session, "wrapup"))
    };
    until("a question", || daemon.heard(|heard| heard.asks.len() == 1));
    let question = daemon.heard(|heard| heard.asks[0].clone());
    assert_eq!(question.asked, Asked::Summary);
    let set = [("summary", "个人来电咨询失业保险金。"), ("slot_duration", "P6Y")];
    daemon.say(&answer(question.ask, question.asked, Status::Ok, &set));
    assert_eq!(waiting.join().unwrap(), "ok");
    assert_eq!(
        values(&session, ["summary", "slot_duration", "topic"]),
        ["个人来电咨询失业保险金。", "P6Y", ""]
    );
    session.hang_up();
}

fn hangs_up_while_listening(stage: &Stage) {
    let daemon = stage.daemon();
    let session = session(8000, 1);
    let uuid = session.uuid.clone();
    let its_session = std::sync::Arc::clone(&session);
    let waiting = std::thread::spawn(move || module().application(&its_session, "listen timeout=9000"));
    until("a question", || daemon.heard(|heard| heard.asks.len() == 1));
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
    let count = |name| stage.module.count(name);
    let (deferred, refused) = (count("legs_deferred"), count("legs_refused"));
    let session = session(8000, 1);
    session.media.store(false, Ordering::SeqCst);
    session.set_variable("sidetone_call", "call-7");
    session.set_variable("sidetone_queue", "12333@default");
    assert_eq!(
        stage
            .module
            .application(&session, "start profile=12333 agent=8001 role=agent"),
        "deferred"
    );
    assert_eq!(session.bugs(), 0);
    assert_eq!(
        (
            stage.module.count("legs_deferred") - deferred,
            stage.module.count("legs_refused") - refused
        ),
        (1, 0),
        "it comes later, and is no refusal"
    );
    assert!(
        stage
            .module
            .uuid_api(&format!("{} start", session.uuid))
            .contains("no media")
    );
    assert_eq!(stage.module.application(&session, "listen"), "error");
    assert_eq!(session.variable("sidetone_error"), "no_media");
    assert_eq!(count("legs_refused") - refused, 2, "neither of these two waits");
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
            (&*start.call, &*start.agent, &*start.queue, start.party),
            ("call-7", "8001", "12333@default", Party::Agent)
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
        (
            format!("{uuid} listen"),
            "-ERR listen, answer and wrapup are for the dialplan\n",
        ),
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
