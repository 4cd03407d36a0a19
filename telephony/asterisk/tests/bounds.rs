//! Dialplans that ask at once, up to the last one that finds no room. Needs no Asterisk.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::net::SocketAddr;
use std::process::Command;
use std::time::Duration;

use sidetone_asterisk::config::{AmiConfig, AudioSocketConfig, ListenConfig};
use sidetone_asterisk::{AsteriskConfig, AsteriskSwitch, TapChoice};
use sidetone_telephony::{Port, look};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

const LIMIT: Duration = Duration::from_secs(20);
const MOST_AGI: usize = 512;
const MOST_AEAP: usize = 256;

/// Both ends of every connection are in this process.
fn allow_many_descriptors() {
    let raised = Command::new("prlimit")
        .args(["--pid", &std::process::id().to_string(), "--nofile=4096:"])
        .status()
        .expect("prlimit is missing: apt-get install util-linux");
    assert!(raised.success(), "this test needs 4096 descriptors");
}

fn config() -> AsteriskConfig {
    let listen = SocketAddr::from(([127, 0, 0, 1], 0));
    AsteriskConfig {
        // Nobody listens on port 1.
        ami: AmiConfig {
            port: 1,
            ..AmiConfig::default()
        },
        audiosocket: AudioSocketConfig {
            listen,
            ..AudioSocketConfig::default()
        },
        agi: Some(ListenConfig::at(listen)),
        aeap: Some(ListenConfig::at(listen)),
        tap: TapChoice::ChanSpy,
        ..AsteriskConfig::default()
    }
}

/// What comes until the connection ends, or the first of it.
async fn read(stream: &mut TcpStream) -> String {
    let mut said = vec![0; 512];
    let count = timeout(LIMIT, stream.read(&mut said)).await.unwrap().unwrap();
    String::from_utf8_lossy(&said[..count]).into_owned()
}

#[tokio::test]
async fn a_dialplan_beyond_the_bound_is_told_so_at_once() {
    allow_many_descriptors();
    let (switch, _output) = AsteriskSwitch::start(config()).await.unwrap();
    let address = switch.agi_address().unwrap();
    // Nobody answers a question here, so who is let in stays.
    let ask = |number: usize| async move {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let environment =
            format!("agi_network_script: listen\nagi_channel: PJSIP/trunk-{number}\nagi_uniqueid: pbx-1.{number}\n\n");
        stream.write_all(environment.as_bytes()).await.unwrap();
        stream
    };
    let mut inside = Vec::new();
    for number in 0..MOST_AGI {
        inside.push(ask(number).await);
    }
    let mut outside = TcpStream::connect(address).await.unwrap();
    let said = read(&mut outside).await;
    assert!(said.contains("SET VARIABLE SIDETONE_STATUS \"error\""), "{said}");
    assert_eq!(read(&mut outside).await, "", "and closed");
    let first = inside.swap_remove(0);
    let mut buffer = [0];
    assert!(first.try_read(&mut buffer).is_err(), "who is in waits for an answer");
    switch.stop().await;
}

#[tokio::test]
async fn a_speech_object_beyond_the_bound_is_refused_at_once() {
    allow_many_descriptors();
    let (switch, _output) = AsteriskSwitch::start(config()).await.unwrap();
    let address = switch.aeap_address().unwrap();
    let mut inside = Vec::new();
    for _ in 0..MOST_AEAP {
        inside.push(TcpStream::connect(address).await.unwrap());
    }
    let mut outside = TcpStream::connect(address).await.unwrap();
    assert_eq!(read(&mut outside).await, "", "closed before any handshake");
    assert_eq!(inside.len(), MOST_AEAP);
    switch.stop().await;
}

#[tokio::test]
async fn each_server_answers_what_the_doctor_asks() {
    let (switch, _output) = AsteriskSwitch::start(config()).await.unwrap();
    let [agi, aeap] = config().ports();
    let ports = [
        Port {
            address: switch.agi_address().unwrap(),
            ..agi
        },
        Port {
            address: switch.aeap_address().unwrap(),
            ..aeap
        },
    ];
    for finding in look(&ports).await {
        assert!(finding.found.contains("the daemon answers on"), "{finding:?}");
    }
    switch.stop().await;
}
