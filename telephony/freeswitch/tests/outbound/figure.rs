//! A supervisor asks for a figure: the recipe brings the words to the desk, which the test plays, and has its answer.

use std::collections::HashMap;

use sidetone_base::{Answer, CallEvent, Question};
use sidetone_freeswitch::FreeswitchSwitch;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use crate::rig::Rig;
use crate::{Engine, config, said};

/// From the event socket's port to where the recipe looks for the desk.
const DESK: u16 = 13;
const SPOKEN: &str = "2026年11月28日，接通率百分之75。";
const QUESTIONS: [&str; 2] = ["昨天的接通率 & 放弃率 100%", "那上个月呢"];

/// What a dialplan posted: whom it said to be, and the fields of its form.
struct Posted {
    authorization: String,
    form: HashMap<String, String>,
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, more @ ..] = rest {
        let hex = (*first == b'%').then(|| more.get(..2)).flatten();
        let byte = hex.and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).unwrap(), 16).ok());
        rest = if byte.is_some() { &more[2..] } else { more };
        bytes.push(byte.unwrap_or(*first));
    }
    String::from_utf8(bytes).unwrap()
}

async fn posted(stream: &mut TcpStream) -> Posted {
    let mut bytes = Vec::new();
    loop {
        assert_ne!(stream.read_buf(&mut bytes).await.unwrap(), 0, "cut off");
        let text = String::from_utf8_lossy(&bytes);
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let header = |name: &str| {
            let mut lines = head.lines().filter_map(|line| line.split_once(": "));
            lines
                .find(|(key, _)| key.eq_ignore_ascii_case(name))
                .map(|(_, value)| value)
        };
        if body.len() < header("content-length").unwrap().parse().unwrap() {
            continue;
        }
        assert!(head.starts_with("POST /api/ask/phone "), "{head}");
        let fields = body.split('&').filter_map(|field| field.split_once('='));
        return Posted {
            authorization: header("authorization").unwrap().to_owned(),
            form: fields.map(|(key, value)| (key.to_owned(), decoded(value))).collect(),
        };
    }
}

async fn desk(listener: TcpListener, asked: UnboundedSender<Posted>) {
    while let Ok((mut stream, _)) = listener.accept().await {
        asked.send(posted(&mut stream).await).unwrap_or_default();
        let answer = format!(
            "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{SPOKEN}",
            SPOKEN.len()
        );
        stream.write_all(answer.as_bytes()).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_supervisor_asks_until_nothing_is_said() {
    let rig = Rig::start("outbound-figure", 24000);
    let config = config(&rig);
    let listener = TcpListener::bind(("127.0.0.1", config.esl.port + DESK)).await.unwrap();
    let (sender, mut asked) = unbounded_channel();
    tokio::spawn(desk(listener, sender));
    let (switch, mut output) = FreeswitchSwitch::start(config).await.unwrap();
    rig.call("PCMU", "12363");
    let mut engine = Engine::default();
    let mut questions = QUESTIONS.into_iter();
    let mut answer = |question: &Question| match question {
        Question::Listen { .. } => Some(
            questions
                .next()
                .map_or(Answer::Silence, |text| said(text, "social_card")),
        ),
        _ => None,
    };
    let twice = |engine: &Engine| engine.asked.len() == 2;
    engine.run(&switch, &mut output, &mut answer, twice).await;
    let caller = engine.caller();
    assert_eq!(rig.switch(&format!("uuid_getvar {caller} curl_response_data")), SPOKEN);
    let ended = |engine: &Engine| {
        engine
            .story
            .iter()
            .any(|event| matches!(event, CallEvent::Ended { .. }))
    };
    engine.run(&switch, &mut output, &mut answer, ended).await;
    for question in QUESTIONS {
        let posted = asked.recv().await.unwrap();
        assert_eq!(posted.authorization, "Bearer the secret of the tests");
        // A dialplan gets no sign that it would obey.
        assert_eq!(posted.form["text"], question.replace('&', "＆"));
        assert_eq!(posted.form["extension"], "057155550101");
        assert_eq!(posted.form["call"], caller.as_str());
    }
    rig.assert_channels(0);
    switch.stop().await;
}
