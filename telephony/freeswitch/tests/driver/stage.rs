//! A switch that is a script: an event socket that answers, and a SIP caller.

use std::path::PathBuf;
use std::time::Duration;

use sidetone_base::{CallEvent, Secret, SwitchOutput, TapKind};
use sidetone_freeswitch::config::{EslConfig, ModuleConfig, OutboundConfig, RtpConfig, SipConfig};
use sidetone_freeswitch::{FreeswitchConfig, FreeswitchSwitch, TapChoice};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, UdpSocket};
use tokio::sync::mpsc;
use tokio::time::timeout;

pub(crate) const LIMIT: Duration = Duration::from_secs(20);

pub(crate) const CALL: [&str; 3] = [
    "Event-Name: CHANNEL_CREATE\nUnique-ID: a\nChannel-Name: sofia/internal/0@x\nCall-Direction: inbound\n\
     Channel-Read-Codec-Name: PCMU\nChannel-Read-Codec-Rate: 8000\n",
    "Event-Name: CHANNEL_ANSWER\nUnique-ID: b\nChannel-Name: sofia/internal/8001@x\nCall-Direction: outbound\n\
     Channel-Read-Codec-Name: PCMU\nChannel-Read-Codec-Rate: 8000\n",
    "Event-Name: CHANNEL_BRIDGE\nUnique-ID: a\nBridge-A-Unique-ID: a\nBridge-B-Unique-ID: b\n",
];

pub(crate) fn framed(event: &str, body: &str) -> String {
    let inner = if body.is_empty() {
        format!("{event}\n")
    } else {
        format!("{event}Content-Length: {}\n\n{body}", body.len())
    };
    format!(
        "Content-Length: {}\nContent-Type: text/event-plain\n\n{inner}",
        inner.len()
    )
}

/// What stands between `name=` and the next comma or brace.
pub(crate) fn variable<'a>(command: &'a str, name: &str) -> &'a str {
    let (_, rest) = command
        .split_once(&format!("{name}="))
        .unwrap_or_else(|| panic!("no {name} in {command}"));
    rest.split([',', '}']).next().unwrap()
}

/// Lets one connection in, tells of this much of one call, and hands every `originate` on.
async fn event_socket(
    listener: TcpListener,
    originates: mpsc::Sender<(String, String)>,
    mut events: mpsc::Receiver<String>,
    tells: &'static [&'static str],
) {
    let (stream, _) = listener.accept().await.unwrap();
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    write.write_all(b"Content-Type: auth/request\n\n").await.unwrap();
    let mut command = String::new();
    let mut packets = 0;
    loop {
        let line = tokio::select! {
            line = lines.next_line() => line,
            Some(event) = events.recv() => {
                write.write_all(event.as_bytes()).await.unwrap();
                continue;
            }
        };
        let Ok(Some(line)) = line else { return };
        if let Some(job) = line.strip_prefix("Job-UUID: ") {
            let done = |body: &str| framed(&format!("Event-Name: BACKGROUND_JOB\nJob-UUID: {job}\n"), body);
            if command.starts_with("bgapi show") {
                let mut all = done(r#"{"row_count":0}"#);
                for event in tells {
                    all.push_str(&framed(event, ""));
                }
                write.write_all(all.as_bytes()).await.unwrap();
            } else if command.starts_with("bgapi json") {
                // However often it is asked, the leg goes on.
                packets += 1000;
                let answer = format!(r#"{{"response":{{"audio":{{"in_media_packet_count":{packets}}}}}}}"#);
                write.write_all(done(&answer).as_bytes()).await.unwrap();
            } else if command.starts_with("bgapi originate") {
                originates.send((command.clone(), done("+OK tap\n"))).await.unwrap();
            }
        } else if !line.is_empty() {
            command = line;
            write
                .write_all(b"Content-Type: command/reply\nReply-Text: +OK accepted\n\n")
                .await
                .unwrap();
        }
    }
}

/// Calls as the switch would, with this offer; gives the status of the answer and where packets are wanted.
pub(crate) async fn invite(socket: &UdpSocket, command: &str, rtpmap: &str) -> (u16, u16, String) {
    let at = variable(command, "sidetone_tap_at");
    let (leg, tap) = (
        variable(command, "sip_h_X-Sidetone-Leg"),
        variable(command, "sip_h_X-Sidetone-Tap"),
    );
    let sdp = format!("v=0\r\nc=IN IP4 127.0.0.1\r\nm=audio 4000 RTP/AVP 96\r\na=rtpmap:96 {rtpmap}\r\n");
    let request = |method: &str, tag: &str, body: &str| {
        format!(
            "{method} sip:tap@{at} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK1\r\nFrom: <sip:s@x>;tag=s\r\n\
             To: <sip:tap@{at}>{tag}\r\nCall-ID: {tap}\r\nCSeq: 1 {method}\r\nContact: <sip:s@127.0.0.1>\r\n\
             X-Sidetone-Leg: {leg}\r\nX-Sidetone-Tap: {tap}\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
    };
    socket
        .send_to(request("INVITE", "", &sdp).as_bytes(), at)
        .await
        .unwrap();
    let mut buffer = [0u8; 4096];
    let count = timeout(LIMIT, socket.recv(&mut buffer)).await.unwrap().unwrap();
    let answer = String::from_utf8(buffer[..count].to_vec()).unwrap();
    let status: u16 = answer.split(' ').nth(1).unwrap().parse().unwrap();
    let port = answer
        .split("m=audio ")
        .nth(1)
        .map_or(0, |rest| rest.split(' ').next().unwrap().parse().unwrap());
    if status == 200 {
        socket
            .send_to(request("ACK", &format!(";tag={tap}"), "").as_bytes(), at)
            .await
            .unwrap();
    }
    (status, port, leg.to_owned())
}

pub(crate) struct Stage {
    pub(crate) switch: FreeswitchSwitch,
    pub(crate) output: mpsc::Receiver<SwitchOutput>,
    pub(crate) originates: mpsc::Receiver<(String, String)>,
    pub(crate) events: mpsc::Sender<String>,
    pub(crate) sip: UdpSocket,
}

impl Stage {
    /// With native taps.
    pub(crate) async fn set() -> Self {
        Self::with(TapChoice::Native, None, &CALL).await
    }

    pub(crate) async fn with(tap: TapChoice, socket: Option<PathBuf>, tells: &'static [&'static str]) -> Self {
        // Taps that nothing is sent to live as long as a test does.
        Self::silent_after(Duration::from_secs(3600), tap, socket, tells).await
    }

    pub(crate) async fn silent_after(
        tap_silence: Duration,
        tap: TapChoice,
        socket: Option<PathBuf>,
        tells: &'static [&'static str],
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (sender, originates) = mpsc::channel(16);
        let (events, event_receiver) = mpsc::channel(16);
        tokio::spawn(event_socket(listener, sender, event_receiver, tells));
        let free = UdpSocket::bind("127.0.0.1:0")
            .await
            .unwrap()
            .local_addr()
            .unwrap()
            .port()
            & !1;
        let config = FreeswitchConfig {
            esl: EslConfig {
                port,
                password: Secret::new("secret"),
                ..EslConfig::default()
            },
            sip: SipConfig {
                listen: ([127, 0, 0, 1], 0).into(),
                ..SipConfig::default()
            },
            rtp: RtpConfig {
                first: free,
                last: free.saturating_add(40),
            },
            tap,
            tap_silence,
            module: ModuleConfig { socket },
            outbound: Some(OutboundConfig::at(([127, 0, 0, 1], 0).into())),
            ..FreeswitchConfig::default()
        };
        let (switch, output) = FreeswitchSwitch::start(config).await.unwrap();
        Self {
            switch,
            output,
            originates,
            events,
            sip: UdpSocket::bind("127.0.0.1:0").await.unwrap(),
        }
    }

    pub(crate) async fn asked(&mut self) -> String {
        let (command, done) = timeout(LIMIT, self.originates.recv()).await.unwrap().unwrap();
        self.events.send(done).await.unwrap();
        command
    }

    pub(crate) async fn event(&self, event: &str) {
        self.events.send(framed(event, "")).await.unwrap();
    }

    /// Answers the next request for a tap as the switch does; gives its command, its leg and where its packets go.
    pub(crate) async fn tapped(&mut self) -> (String, String, u16) {
        let command = self.asked().await;
        // A socket of its own: a goodbye to another tap may come meanwhile.
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let name = variable(&command, "absolute_codec_string").split('@').next().unwrap();
        let (status, port, leg) = invite(&socket, &command, &format!("{name}/8000")).await;
        assert_eq!(status, 200);
        self.attached(&leg).await;
        (command, leg, port)
    }

    /// The next time that this leg's tap fails: which kind, and why.
    pub(crate) async fn failed(&mut self, wanted: &str) -> (TapKind, String) {
        let of = |output: &SwitchOutput| match output {
            SwitchOutput::Signal(signal) => match &signal.event {
                CallEvent::TapFailed { leg, kind, reason } if leg.as_str() == wanted => Some((*kind, reason.clone())),
                _ => None,
            },
            _ => None,
        };
        let output = self.until(|output| of(output).is_some()).await;
        of(&output).unwrap()
    }

    /// Everything up to the first output that is wanted.
    pub(crate) async fn until(&mut self, wanted: impl Fn(&SwitchOutput) -> bool) -> SwitchOutput {
        loop {
            let output = timeout(LIMIT, self.output.recv())
                .await
                .expect("nothing comes")
                .unwrap();
            if wanted(&output) {
                return output;
            }
        }
    }

    pub(crate) async fn attached(&mut self, wanted: &str) -> (TapKind, String) {
        let output = self
            .until(|output| match output {
                SwitchOutput::Signal(signal) => {
                    matches!(&signal.event, CallEvent::TapAttached { leg, .. } if leg.as_str() == wanted)
                }
                _ => false,
            })
            .await;
        match output {
            SwitchOutput::Signal(signal) => match signal.event {
                CallEvent::TapAttached {
                    kind, payload_types, ..
                } => (kind, payload_types[0].rtpmap.clone()),
                other => panic!("{other:?}"),
            },
            other => panic!("{other:?}"),
        }
    }
}

pub(crate) fn packet(sequence: u16) -> Vec<u8> {
    let mut packet = vec![0x80, 96];
    packet.extend(sequence.to_be_bytes());
    packet.extend([0; 8]);
    packet.extend([0x55; 160]);
    packet
}
