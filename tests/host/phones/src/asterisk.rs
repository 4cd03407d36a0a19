//! A private Asterisk with telephones.

use std::sync::Mutex;

use sidetone_e2e::live::{PATIENCE, Pbx, asterisk_section, until_or};
use sidetone_media::codec::Law;

use crate::ami::Ami;
use crate::stage::{Common, Stage, Supervision};

/// Stopped when dropped.
pub struct Asterisk {
    common: Common,
    pbx: Pbx,
    ami: Mutex<Ami>,
}

impl Asterisk {
    /// Without a daemon. Ports from `port` to `port + 530` must be free on loopback.
    #[must_use]
    pub fn start(name: &str, port: u16) -> Self {
        let common = Common::new(name, port, Law::A);
        let pbx = Pbx::start(&common.folder, port);
        let ami = Mutex::new(Ami::connect(port + 1));
        Self { common, pbx, ami }
    }

    fn act(&self, action: &str, fields: &[(&str, &str)]) {
        let _ = self.ami.lock().unwrap().act(action, fields);
    }

    /// Channels: name and bridge.
    fn channels(&self) -> Vec<(String, String)> {
        let list = self.pbx.cli("core show channels concise");
        let channel = |line: &str| {
            let fields: Vec<&str> = line.split('!').collect();
            // …!account!AMA flags!seconds!bridge!unique id
            let bridge = fields.iter().rev().nth(1)?;
            Some((fields.first()?.to_string(), bridge.to_string()))
        };
        list.lines().filter_map(channel).collect()
    }

    /// The agent's channel and the one that it talks to; a busy switch joins them a moment after the answer.
    fn bridged(&self, agent: &str) -> [String; 2] {
        let mine = format!("PJSIP/{agent}-");
        let pair = || {
            let channels = self.channels();
            let (own, bridge) = channels.iter().rfind(|(name, _)| name.starts_with(&mine))?;
            let mut others = channels.iter().filter(|(name, _)| name != own);
            let (other, _) = others.find(|(_, other)| other == bridge && !bridge.is_empty())?;
            Some([own.clone(), other.clone()])
        };
        let excuse = || format!("{:?}", self.channels());
        until_or(&format!("somebody to talk to {agent}"), PATIENCE, pair, excuse)
    }
}

impl Stage for Asterisk {
    fn common(&self) -> &Common {
        &self.common
    }

    fn common_mut(&mut self) -> &mut Common {
        &mut self.common
    }

    fn section(&self, tap: &str) -> String {
        asterisk_section(self.common.port, tap)
    }

    fn record(&self, agent: &str) {
        let [channel, _] = self.bridged(agent);
        let file = self.common.folder.join("recording.wav");
        self.act(
            "MixMonitor",
            &[("Channel", &channel), ("File", &file.to_string_lossy())],
        );
    }

    fn supervision(&self, agent: &str, how: Supervision) -> String {
        let kind = match how {
            Supervision::Listen => 1,
            Supervision::Whisper => 2,
            Supervision::Barge => 3,
        };
        format!("65{kind}{agent}")
    }

    fn conference(&self, agent: &str) -> String {
        let room = format!("66{}", &agent[2..]);
        let [agent, other] = self.bridged(agent);
        self.act(
            "Redirect",
            &[
                ("Channel", &agent),
                ("Context", "agents"),
                ("Exten", &room),
                ("Priority", "1"),
                ("ExtraChannel", &other),
                ("ExtraContext", "agents"),
                ("ExtraExten", &room),
                ("ExtraPriority", "1"),
            ],
        );
        room
    }

    fn assert_empty(&self) {
        let empty = || {
            self.pbx
                .cli("core show channels count")
                .contains("0 active channels")
                .then_some(())
        };
        until_or("the channels to end", PATIENCE, empty, || {
            format!("{:?}", self.channels())
        });
    }
}
