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

    /// The agent's channel and the one that it talks to.
    fn bridged(&self, agent: &str) -> [String; 2] {
        let channels = self.channels();
        let own = channels
            .iter()
            .rfind(|(name, _)| name.starts_with(&format!("PJSIP/{agent}-")));
        let (own, bridge) = own.unwrap_or_else(|| panic!("no channel of {agent}: {channels:?}"));
        let other = channels
            .iter()
            .find(|(name, other)| other == bridge && name != own && !bridge.is_empty());
        let (other, _) = other.unwrap_or_else(|| panic!("nobody talks to {own}: {channels:?}"));
        [own.clone(), other.clone()]
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
