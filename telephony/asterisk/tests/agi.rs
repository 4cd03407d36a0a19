//! The `FastAGI` server as a switch sees it that is slow, rude or gone; no Asterisk needed, the test is one.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::net::SocketAddr;
use std::time::Duration;

use sidetone_asterisk::config::{AmiConfig, AudioSocketConfig, ListenConfig};
use sidetone_asterisk::{AsteriskConfig, AsteriskSwitch, TapChoice};
use sidetone_base::{Answer, AskId, CallEvent, Question, Said, SwitchOutput};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc::Receiver;
use tokio::time::timeout;

const LIMIT: Duration = Duration::from_secs(10);

/// The manager is away: what a dialplan asks does not wait for it.
async fn start() -> (AsteriskSwitch, Receiver<SwitchOutput>, SocketAddr) {
    let nowhere = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let any = SocketAddr::from(([127, 0, 0, 1], 0));
    let config = AsteriskConfig {
        ami: AmiConfig {
            port: nowhere.local_addr().unwrap().port(),
            ..AmiConfig::default()
        },
        audiosocket: AudioSocketConfig {
            listen: any,
            advertise: None,
        },
        agi: Some(ListenConfig::at(any)),
        aeap: Some(ListenConfig::at(any)),
        tap: TapChoice::ChanSpy,
        ..AsteriskConfig::default()
    };
    drop(nowhere);
    let (switch, output) = AsteriskSwitch::start(config).await.unwrap();
    let address = switch.agi_address().unwrap();
    (switch, output, address)
}

async fn asks(address: SocketAddr, script: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let environment = format!(
        "agi_network: yes\nagi_network_script: {script}\nagi_channel: PJSIP/trunk-1\nagi_uniqueid: pbx-1.1\n\n"
    );
    stream.write_all(environment.as_bytes()).await.unwrap();
    stream
}

/// Answers every command with `reply`, until the server is done; gives the commands.
async fn converse(stream: &mut TcpStream, reply: &str) -> String {
    let (mut said, mut chunk) = (String::new(), [0u8; 4096]);
    let talk = async {
        loop {
            match stream.read(&mut chunk).await {
                Ok(0) | Err(_) => return,
                Ok(count) => {
                    said.push_str(&String::from_utf8_lossy(&chunk[..count]));
                    if stream.write_all(reply.as_bytes()).await.is_err() {
                        return;
                    }
                }
            }
        }
    };
    timeout(LIMIT, talk).await.expect("the server ends");
    said
}

async fn asked(output: &mut Receiver<SwitchOutput>) -> (AskId, Question) {
    let next = async {
        loop {
            if let SwitchOutput::Asked { ask, question, .. } = output.recv().await.unwrap() {
                return (ask, question);
            }
        }
    };
    timeout(LIMIT, next).await.unwrap()
}

#[tokio::test]
async fn an_answer_is_variables_and_the_status_comes_last() {
    let (switch, mut output, address) = start().await;
    let mut stream = asks(address, "listen?timeout=700").await;
    let (ask, question) = asked(&mut output).await;
    assert!(matches!(question, Question::Listen { within, .. } if within == Duration::from_millis(700)));
    let said = Said {
        text: "你\"好".to_owned(),
        ..Said::default()
    };
    switch.asks().answer(ask, Answer::Heard(said));
    let commands = converse(&mut stream, "200 result=1\n").await;
    assert!(
        commands.starts_with("SET VARIABLE SIDETONE_TEXT \"你＂好\"\n"),
        "{commands}"
    );
    assert!(
        commands.ends_with("SET VARIABLE SIDETONE_STATUS \"heard\"\n"),
        "{commands}"
    );
}

#[tokio::test]
async fn a_hang_up_in_the_middle_is_noticed_at_once() {
    let (switch, mut output, address) = start().await;
    let mut stream = asks(address, "listen?timeout=60000").await;
    let (ask, _) = asked(&mut output).await;
    stream.write_all(b"HANGUP\n").await.unwrap();
    let commands = converse(&mut stream, "200 result=1\n").await;
    assert_eq!(commands, "SET VARIABLE SIDETONE_STATUS \"gone\"\n");
    // An answer that comes too late is nobody's.
    switch.asks().answer(ask, Answer::Silence);
    let gone = asks(address, "listen?timeout=60000").await;
    let _ = asked(&mut output).await;
    drop(gone);
    let mut next = asks(address, "stop").await;
    assert!(converse(&mut next, "200 result=1\n").await.contains("\"ok\""));
    let ended = async {
        loop {
            if let Some(SwitchOutput::Signal(signal)) = output.recv().await
                && matches!(signal.event, CallEvent::Ended { .. })
            {
                return;
            }
        }
    };
    timeout(LIMIT, ended).await.unwrap();
}

#[tokio::test]
async fn whoever_is_rude_or_silent_is_let_go() {
    let (_switch, _output, address) = start().await;
    let mut silent = TcpStream::connect(address).await.unwrap();
    assert_eq!(converse(&mut silent, "").await, "", "nothing said: closed");
    let mut stranger = TcpStream::connect(address).await.unwrap();
    stranger.write_all(&[b'x'; 20_000]).await.unwrap();
    assert_eq!(converse(&mut stranger, "").await, "");
    let mut refusing = asks(address, "start").await;
    assert!(
        converse(&mut refusing, "510 Invalid or unknown command\n")
            .await
            .contains("SIDETONE_STATUS")
    );
    let mut wrong = asks(address, "listen?timeout=soon").await;
    assert!(converse(&mut wrong, "200 result=1\n").await.contains("\"error\""));
}
