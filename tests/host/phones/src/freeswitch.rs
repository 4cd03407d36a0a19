//! A private FreeSWITCH with telephones.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use sidetone_e2e::live::{PATIENCE, until_or};
use sidetone_media::codec::Law;

use crate::stage::{Common, Stage, Supervision};

/// Extensions of a supervisor, and of the conference that parties are sent into.
const DIALPLAN: &str = r#"<include>
  <extension name="listen"><condition field="destination_number" expression="^651-(.+)$">
    <action application="answer"/><action application="eavesdrop" data="$1"/>
  </condition></extension>
  <extension name="whisper"><condition field="destination_number" expression="^652-(.+)$">
    <action application="answer"/><action application="set" data="eavesdrop_whisper_aleg=true"/>
    <action application="eavesdrop" data="$1"/>
  </condition></extension>
  <extension name="barge"><condition field="destination_number" expression="^653-(.+)$">
    <action application="answer"/><action application="three_way" data="$1"/>
  </condition></extension>
  <extension name="conference"><condition field="destination_number" expression="^66-(.+)$">
    <action application="answer"/><action application="conference" data="$1@default"/>
  </condition></extension>
</include>"#;

/// Stopped when dropped.
pub struct Freeswitch {
    common: Common,
    module: Option<PathBuf>,
}

impl Freeswitch {
    /// Without a daemon. `module`: with `mod_sidetone` loaded, which `MOD_SIDETONE` names or which lies beside the
    /// tests. Ports from `port` to `port + 1200` must be free on loopback.
    #[must_use]
    pub fn start(name: &str, port: u16, module: bool) -> Self {
        let common = Common::new(name, port, Law::Mu);
        let module = module.then(|| built_module(&common.folder));
        let switch = Self { common, module };
        let folder = switch.folder().join("dialplan.d");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("phones.xml"), DIALPLAN).unwrap();
        let output = switch.command("start").stdout(Stdio::null()).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        switch
    }

    fn folder(&self) -> PathBuf {
        self.common.folder.join("switch")
    }

    fn command(&self, verb: &str) -> Command {
        let mut command = Command::new("sh");
        command
            .arg(sidetone_e2e::root().join("tests/host/freeswitch/switch.sh"))
            .arg(verb)
            .arg(self.folder())
            .env("SIDETONE_SWITCH_PORT", self.common.port.to_string());
        if let Some(module) = &self.module {
            command.env("SIDETONE_SWITCH_MODULE", module);
        }
        command
    }

    /// A command on its event socket.
    fn cli(&self, command: &str) -> String {
        let output = self.command("cli").arg(command).output().unwrap();
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// The agent's channel.
    fn channel(&self, agent: &str) -> String {
        let list = self.cli("show channels as json");
        let channels: Value = serde_json::from_str(&list).unwrap_or_else(|error| panic!("{error}: {list}"));
        let rows = channels["rows"].as_array().cloned().unwrap_or_default();
        let own = rows
            .iter()
            .rfind(|row| row["direction"] == "outbound" && row["dest"] == agent);
        let own = own.unwrap_or_else(|| panic!("no channel of {agent}: {list}"));
        own["uuid"].as_str().unwrap_or_default().to_owned()
    }
}

/// The switch takes a module's name from its file.
fn built_module(folder: &Path) -> PathBuf {
    let beside = || {
        std::env::current_exe()
            .unwrap()
            .ancestors()
            .nth(2)
            .unwrap()
            .join("libmod_sidetone.so")
    };
    let file = std::env::var_os("MOD_SIDETONE").map_or_else(beside, PathBuf::from);
    assert!(
        file.exists(),
        "{} is missing: cargo build -p mod_sidetone",
        file.display()
    );
    let named = folder.join("mod_sidetone.so");
    std::fs::copy(file, &named).unwrap();
    named
}

impl Stage for Freeswitch {
    fn common(&self) -> &Common {
        &self.common
    }

    fn common_mut(&mut self) -> &mut Common {
        &mut self.common
    }

    fn section(&self, tap: &str) -> String {
        let port = self.common.port;
        let (esl, socket, sip, first, last) = (port + 1, port + 2, port + 950, port + 1_000, port + 1_199);
        let mut section = format!(
            r#"
[freeswitch]
tap = "{tap}"
[freeswitch.esl]
port = {esl}
password = "sidetone"
[freeswitch.sip]
listen = "127.0.0.1:{sip}"
[freeswitch.rtp]
first = {first}
last = {last}
[freeswitch.outbound]
listen = "127.0.0.1:{socket}"
"#
        );
        if self.module.is_some() {
            let socket = self.folder().join("mod.sock");
            section.push_str(&format!("[freeswitch.module]\nsocket = \"{}\"\n", socket.display()));
        }
        section
    }

    fn record(&self, agent: &str) {
        let (channel, file) = (self.channel(agent), self.common.folder.join("recording.wav"));
        let answer = self.cli(&format!("uuid_record {channel} start {}", file.display()));
        assert!(answer.contains("+OK"), "{answer}");
    }

    fn supervision(&self, agent: &str, how: Supervision) -> String {
        let kind = match how {
            Supervision::Listen => 1,
            Supervision::Whisper => 2,
            Supervision::Barge => 3,
        };
        format!("65{kind}-{}", self.channel(agent))
    }

    fn conference(&self, agent: &str) -> String {
        let answer = self.cli(&format!(
            "uuid_transfer {} -both conference:{agent}@default inline",
            self.channel(agent)
        ));
        assert!(answer.contains("+OK"), "{answer}");
        format!("66-{agent}")
    }

    fn assert_empty(&self) {
        let empty = || self.cli("show channels count").starts_with("0 total").then_some(());
        until_or("the channels to end", PATIENCE, empty, || self.cli("show channels"));
    }
}

impl Drop for Freeswitch {
    fn drop(&mut self) {
        let _ = self.command("stop").status();
        if std::thread::panicking() {
            eprintln!("the switch's log is kept in {}", self.common.folder.display());
        } else {
            let _ = std::fs::remove_dir_all(&self.common.folder);
        }
    }
}
