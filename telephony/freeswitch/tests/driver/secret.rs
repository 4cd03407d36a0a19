//! A dialplan's socket that is asked for a secret.

use sidetone_base::{Secret, SwitchOutput};
use sidetone_freeswitch::config::{EslConfig, OutboundConfig, RtpConfig, SipConfig};
use sidetone_freeswitch::{FreeswitchConfig, FreeswitchSwitch};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc::Receiver;
use tokio::time::timeout;

use crate::stage::LIMIT;

async fn guarded() -> (FreeswitchSwitch, Receiver<SwitchOutput>) {
    let free = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let first = free.local_addr().unwrap().port() & !1;
    let any = ([127, 0, 0, 1], 0).into();
    drop(free);
    let config = FreeswitchConfig {
        // Nobody listens on port 1: what a dialplan asks does not wait for the event socket.
        esl: EslConfig {
            port: 1,
            ..EslConfig::default()
        },
        sip: SipConfig {
            listen: any,
            ..SipConfig::default()
        },
        rtp: RtpConfig {
            first,
            last: first.saturating_add(4),
        },
        outbound: Some(OutboundConfig {
            secret: Secret::new("s3cret"),
            ..OutboundConfig::at(any)
        }),
        ..FreeswitchConfig::default()
    };
    FreeswitchSwitch::start(config).await.unwrap()
}

/// What the server says to a switch that answers so to the question for the secret.
async fn ask(switch: &FreeswitchSwitch, secret: &str) -> String {
    let mut stream = TcpStream::connect(switch.outbound_address().unwrap()).await.unwrap();
    let (mut said, mut chunk) = (String::new(), [0u8; 4096]);
    let talk = async {
        loop {
            let count = stream.read(&mut chunk).await.unwrap_or(0);
            if count == 0 {
                return;
            }
            let command = String::from_utf8_lossy(&chunk[..count]).into_owned();
            let answer = match command.as_str() {
                "connect\n\n" => {
                    "Content-Type: command/reply\nUnique-ID: c1\nvariable_sidetone_action: stop\n\n".to_owned()
                }
                command if command.starts_with("api global_getvar") => {
                    format!(
                        "Content-Type: api/response\nContent-Length: {}\n\n{secret}",
                        secret.len()
                    )
                }
                command if command.starts_with("api") => {
                    "Content-Type: api/response\nContent-Length: 3\n\n+OK".to_owned()
                }
                _ => "Content-Type: command/reply\nReply-Text: +OK\n\n".to_owned(),
            };
            said.push_str(&command);
            if stream.write_all(answer.as_bytes()).await.is_err() {
                return;
            }
        }
    };
    timeout(LIMIT, talk).await.expect("the server ends");
    said
}

#[tokio::test]
async fn a_switch_that_does_not_know_the_secret_is_told_nothing() {
    let (switch, _output) = guarded().await;
    for wrong in ["", "-ERR", "s3cre", "s3cret2"] {
        let said = ask(&switch, wrong).await;
        assert_eq!(said, "connect\n\napi global_getvar sidetone_secret\n\n", "{wrong}");
    }
    let said = ask(&switch, "s3cret\n").await;
    assert!(said.contains("uuid_setvar c1 sidetone_status"), "{said}");
}
