//! Dialplans that ask at once, up to the last one that finds no room.

use std::process::Command;

use sidetone_freeswitch::{FreeswitchConfig, TapChoice};
use sidetone_telephony::{Port, look};
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::stage::{CALL, LIMIT, Stage};

const MOST: usize = 512;

/// Both ends of every connection are in this process.
fn allow_many_descriptors() {
    let raised = Command::new("prlimit")
        .args(["--pid", &std::process::id().to_string(), "--nofile=4096:"])
        .status()
        .expect("prlimit is missing: apt-get install util-linux");
    assert!(raised.success(), "this test needs 4096 descriptors");
}

#[tokio::test]
async fn the_dialplan_beyond_the_bound_is_turned_away_at_once() {
    allow_many_descriptors();
    let stage = Stage::with(TapChoice::Native, None, &CALL[..1]).await;
    let address = stage.switch.outbound_address().unwrap();
    let knock = || async move {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let mut said = [0; 9];
        let read = timeout(LIMIT, stream.read(&mut said)).await.unwrap().unwrap();
        (stream, read)
    };
    let mut inside = Vec::new();
    for number in 0..MOST {
        let (stream, read) = knock().await;
        assert!(read > 0, "number {number} is not let in");
        inside.push(stream);
    }
    assert_eq!(knock().await.1, 0, "closed without a word: the dialplan goes on");
    inside.clear();
    // A place is free a moment after its connection is gone.
    let again = async { while knock().await.1 == 0 {} };
    timeout(LIMIT, again).await.expect("no place is ever free again");
}

#[tokio::test]
async fn the_server_answers_what_the_doctor_asks() {
    let stage = Stage::with(TapChoice::Native, None, &CALL[..1]).await;
    let port = Port {
        address: stage.switch.outbound_address().unwrap(),
        ..FreeswitchConfig::default().port()
    };
    let finding = &look(&[port]).await[0];
    assert!(finding.found.contains("the daemon answers on"), "{finding:?}");
}
