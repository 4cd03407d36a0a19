//! What the switch does for a dialplan: lines by the outbound socket, sound by the module.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use sidetone_mod_wire::{Audio, FromModule, Hello, LegStart, Message, Party};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpStream, UnixStream};

/// Runs one line on the channel `a`; gives the variables that were set. Without `resume` the caller would stay parked.
pub(crate) async fn line(address: SocketAddr, path: &str) -> BTreeMap<String, String> {
    let (read, mut write) = TcpStream::connect(address).await.unwrap().into_split();
    let mut lines = BufReader::new(read).lines();
    let (mut set, mut resumed) = (BTreeMap::new(), false);
    while let Some(command) = lines.next_line().await.unwrap() {
        if command.is_empty() {
            continue;
        }
        let answer = match command.strip_prefix("api uuid_setvar a ") {
            Some(assignment) => {
                let (name, value) = assignment.split_once(' ').unwrap_or((assignment, ""));
                set.insert(name.to_owned(), value.to_owned());
                "Content-Type: api/response\nContent-Length: 3\n\n+OK".to_owned()
            }
            None if command == "connect" => format!(
                "Content-Type: command/reply\nReply-Text: +OK\nUnique-ID: a\nChannel-Name: sofia/internal/0@x\n\
                 Call-Direction: inbound\nvariable_socket_path: {path}\n\n"
            ),
            None => {
                resumed |= command == "resume";
                "Content-Type: command/reply\nReply-Text: +OK\n\n".to_owned()
            }
        };
        write.write_all(answer.as_bytes()).await.unwrap();
        if command == "exit" {
            break;
        }
    }
    assert!(resumed, "the caller stays parked");
    set
}

/// `mod_sidetone`'s end.
pub(crate) struct Module {
    stream: UnixStream,
    position: u64,
    frames: u32,
}

impl Module {
    pub(crate) async fn connect(socket: &Path) -> Self {
        let mut module = Self {
            stream: UnixStream::connect(socket).await.unwrap(),
            position: 0,
            frames: 0,
        };
        let hello = Hello {
            module: "test".into(),
            switch: "pbx".into(),
            switch_uuid: "1".into(),
        };
        module.say(FromModule::Hello(hello)).await;
        module
    }

    async fn say(&mut self, message: FromModule) {
        let mut bytes = Vec::new();
        message.encode(&mut bytes).unwrap();
        self.stream.write_all(&bytes).await.unwrap();
    }

    pub(crate) async fn start(&mut self, uuid: &str) {
        let start = LegStart {
            uuid: uuid.into(),
            call: uuid.into(),
            party: Party::Caller,
            agent: String::new(),
            profile: String::new(),
            queue: String::new(),
            rate: 16_000,
            backlog: 1_000,
            tapped: Duration::ZERO,
        };
        self.say(FromModule::LegStart(start)).await;
    }

    pub(crate) async fn audio(&mut self, uuid: &str, rate: u32, samples: Vec<i16>) {
        let audio = Audio {
            uuid: uuid.into(),
            party: Party::Caller,
            rate,
            position: self.position,
            captured: Duration::from_millis(20) * self.frames,
            lost: 0,
            samples,
        };
        self.position += audio.samples.len() as u64;
        self.frames += 1;
        self.say(FromModule::Audio(audio)).await;
    }
}
