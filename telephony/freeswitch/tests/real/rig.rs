//! A private FreeSWITCH, and a second one as its phones.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use sidetone_base::Secret;
use sidetone_freeswitch::config::{EslConfig, RtpConfig, SipConfig};
use sidetone_freeswitch::{FreeswitchConfig, TapChoice};

use crate::sound::{a_law, wave};

pub(crate) const CALLER_TONE: f64 = 400.0;
pub(crate) const AGENT_TONE: f64 = 1000.0;

/// Calls to phones whose media is passed on unread (861xx), or past the switch (862xx).
const PATHS: &str = r#"<include>
<extension name="proxied"><condition field="destination_number" expression="^861(\d\d)$">
<action application="set" data="proxy_media=true"/>
<action application="bridge" data="sofia/internal/81$1@127.0.0.1:@PHONES@"/></condition></extension>
<extension name="bypassed"><condition field="destination_number" expression="^862(\d\d)$">
<action application="set" data="bypass_media=true"/>
<action application="bridge" data="sofia/internal/81$1@127.0.0.1:@PHONES@"/></condition></extension>
</include>"#;

/// For whoever loads mod_conference.
const CONFERENCE: &str = r#"<include>
<configuration name="conference.conf"><profiles><profile name="default">
<param name="rate" value="8000"/><param name="interval" value="20"/><param name="energy-level" value="0"/>
</profile></profiles></configuration>
</include>"#;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .unwrap()
}

/// One switch at a time: several of them, with their phones, starve each other on two cores.
static ALONE: Mutex<()> = Mutex::new(());

/// A FreeSWITCH of its own and its phones; both are stopped when dropped.
pub(crate) struct Rig {
    port: u16,
    folder: PathBuf,
    /// Loaded when the switch starts; its recipes ask by it then.
    module: Option<PathBuf>,
    _alone: MutexGuard<'static, ()>,
}

impl Rig {
    /// Ports from `port` to `port + 2200` must be free on loopback.
    pub(crate) fn start(name: &str, port: u16) -> Self {
        Self::begin(Self::new(name, port))
    }

    /// With `mod_sidetone`.
    pub(crate) fn start_with_module(name: &str, port: u16) -> Self {
        let mut rig = Self::new(name, port);
        std::fs::create_dir_all(&rig.folder).unwrap();
        rig.module = Some(rig.built_module());
        Self::begin(rig)
    }

    fn new(name: &str, port: u16) -> Self {
        let folder = std::env::temp_dir().join(format!("sidetone-fs-{name}-{}", std::process::id()));
        let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        Self {
            port,
            folder,
            module: None,
            _alone,
        }
    }

    fn begin(rig: Self) -> Self {
        for (folder, file, text) in [
            ("conf.d", "conference.xml", CONFERENCE),
            ("dialplan.d", "paths.xml.in", PATHS),
        ] {
            let folder = rig.folder.join("switch").join(folder);
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(folder.join(file), text).unwrap();
        }
        rig.script("start", "switch");
        std::fs::create_dir_all(rig.folder.join("phones")).unwrap();
        for (file, tone) in [("caller", CALLER_TONE), ("agent", AGENT_TONE)] {
            std::fs::write(rig.folder.join("phones").join(format!("{file}.wav")), wave(tone)).unwrap();
            std::fs::write(rig.folder.join(format!("{file}.pcma")), a_law(tone)).unwrap();
        }
        rig.script("phones", "phones");
        rig
    }

    pub(crate) fn restart(&self) {
        self.script("restart", "switch");
    }

    pub(crate) fn config(&self, tap: TapChoice) -> FreeswitchConfig {
        FreeswitchConfig {
            esl: EslConfig {
                port: self.port + 1,
                password: Secret::new("sidetone"),
                ..EslConfig::default()
            },
            sip: SipConfig {
                listen: ([127, 0, 0, 1], self.port + 950).into(),
                ..SipConfig::default()
            },
            rtp: RtpConfig {
                first: self.port + 1000,
                last: self.port + 1199,
            },
            tap,
            ..FreeswitchConfig::default()
        }
    }

    /// A phone calls; gives the phone's channel.
    pub(crate) fn call(&self, codec: &str, to: &str) -> String {
        self.run("call", "phones", &[codec, to])
    }

    /// A phone calls that encrypts what it says, with a key in its SDP.
    pub(crate) fn call_encrypted(&self, suite: &str, to: &str) {
        let file = self.folder.join("phones/caller.wav");
        let (switch, file) = (self.port, file.display());
        self.phones(&format!(
            "bgapi originate {{absolute_codec_string=PCMU,rtp_secure_media=mandatory:{suite},ignore_early_media=true}}\
             sofia/internal/{to}@127.0.0.1:{switch} '&playback({file})'"
        ));
    }

    /// A phone calls as a browser does: keys are agreed on in the media path, addresses found by ICE.
    pub(crate) fn call_from_a_browser(&self, to: &str) {
        let file = self.folder.join("phones/caller.wav");
        let (switch, file) = (self.port, file.display());
        self.phones(&format!(
            "bgapi originate {{absolute_codec_string=PCMU,media_webrtc=true,ignore_early_media=true}}\
             sofia/internal/{to}@127.0.0.1:{switch} '&playback({file})'"
        ));
    }

    /// Calls, one after the other, while this thread goes on.
    pub(crate) fn call_all(&self, codec: &str, to: impl Iterator<Item = String>) -> JoinHandle<()> {
        let calls: Vec<Command> = to
            .map(|to| {
                let mut call = self.command("call", "phones");
                call.args([codec, &to]).stdout(Stdio::null());
                call
            })
            .collect();
        std::thread::spawn(move || {
            for mut call in calls {
                assert!(call.status().unwrap().success());
            }
        })
    }

    pub(crate) fn module_socket(&self) -> PathBuf {
        self.folder.join("switch/mod.sock")
    }

    /// The switch takes a module's name from its file.
    fn built_module(&self) -> PathBuf {
        let built = std::env::current_exe()
            .unwrap()
            .ancestors()
            .nth(2)
            .unwrap()
            .join("libmod_sidetone.so");
        let file = std::env::var_os("MOD_SIDETONE").map_or(built, PathBuf::from);
        assert!(
            file.exists(),
            "{} is missing: cargo build -p mod_sidetone",
            file.display()
        );
        let named = self.folder.join("mod_sidetone.so");
        std::fs::copy(file, &named).unwrap();
        named
    }

    pub(crate) fn load_module(&self) {
        let named = self.built_module();
        let answer = self.switch(&format!("load {}", named.display()));
        assert!(answer.contains("+OK"), "{answer}");
    }

    /// It tries every second.
    pub(crate) fn wait_for_the_modules_connection(&self) {
        let until = Instant::now() + Duration::from_secs(10);
        while !self.switch("sidetone status").contains("daemon: connected") {
            assert!(Instant::now() < until, "{}", self.switch("sidetone status"));
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    pub(crate) const fn phones_port(&self) -> u16 {
        self.port + 500
    }

    pub(crate) fn switch(&self, command: &str) -> String {
        self.run("cli", "switch", &[command])
    }

    pub(crate) fn phones(&self, command: &str) -> String {
        self.run("cli", "phones", &[command])
    }

    /// A SIPp user agent: agent 80`nn`, running one of `tests/host/asterisk/sipp`.
    pub(crate) fn sipp(&self, scenario: &str, port: u16, extra: &[&str]) -> Phone {
        let file = root()
            .join("tests/host/asterisk/sipp")
            .join(scenario)
            .with_extension("xml");
        let port = self.port + port;
        let media = (self.port + 1400 + (port - self.port) % 500 * 4).to_string();
        let child = Command::new("sipp")
            .arg("-sf")
            .arg(file)
            .args(["-m", "1", "-i", "127.0.0.1", "-mi", "127.0.0.1"])
            // Beside the switch's log, which is kept when a test fails.
            .args(["-timeout", "60", "-trace_err"])
            .args(["-p", &port.to_string(), "-mp", &media])
            .args(extra)
            .arg(format!("127.0.0.1:{}", self.port))
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("SIPp is missing: apt-get install sip-tester");
        Phone(child)
    }

    /// A scenario that is another one with `from` replaced by `to`, once, behind `mark`; for [`Rig::sipp`].
    pub(crate) fn scenario(&self, name: &str, mark: &str, from: &str, to: &str) -> String {
        let file = root().join("tests/host/asterisk/sipp").join(name).with_extension("xml");
        let text = std::fs::read_to_string(file).unwrap();
        let (head, tail) = text.split_once(mark).unwrap();
        assert!(tail.contains(from), "{name} has changed");
        let changed = self.folder.join(format!("{name}_changed.xml"));
        std::fs::write(&changed, format!("{head}{mark}{}", tail.replacen(from, to, 1))).unwrap();
        changed.to_string_lossy().into_owned()
    }

    /// In the rig's folder.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// The switch's own channel of the caller whose call went to this number, once it is answered.
    pub(crate) async fn leg_from(&self, number: &str) -> String {
        let until = Instant::now() + Duration::from_secs(10);
        loop {
            tokio::time::sleep(Duration::from_millis(300)).await;
            let channels: serde_json::Value = serde_json::from_str(&self.switch("show channels as json")).unwrap();
            let rows = channels["rows"].as_array().cloned().unwrap_or_default();
            let found = rows
                .iter()
                .find(|row| row["dest"] == number && row["direction"] == "inbound" && row["callstate"] == "ACTIVE");
            if let Some(row) = found {
                return row["uuid"].as_str().unwrap().to_owned();
            }
            assert!(Instant::now() < until, "no call to {number}: {rows:?}");
        }
    }

    /// Records a channel of the switch, one side on each channel of the file.
    pub(crate) fn record(&self, channel: &str, name: &str) {
        let file = self.file(&format!("{name}.wav"));
        let answer = self.switch(&format!("uuid_record {channel} start {}", file.display()));
        assert!(answer.contains("+OK"), "{answer}");
    }

    /// Calls a phone, which then runs an application of the switch.
    pub(crate) fn supervise(&self, channel: &str, phone: &str, application: &str) {
        let to = self.phones_port();
        self.switch(&format!(
            "originate {{origination_uuid={channel},RECORD_STEREO=true,absolute_codec_string=PCMU,\
             ignore_early_media=true}}sofia/internal/{phone}@127.0.0.1:{to} '&{application}'"
        ));
    }

    /// Records what phones hear, on the first channel of each file.
    pub(crate) fn record_phones(&self, phones: &[(&String, &str)]) {
        for (channel, name) in phones {
            let file = self.file(&format!("{name}.wav"));
            self.phones(&format!("uuid_setvar {channel} RECORD_STEREO true"));
            self.phones(&format!("uuid_record {channel} start {}", file.display()));
        }
    }

    /// The channel of a phone that was called by this number.
    pub(crate) fn phone(&self, phone: &str) -> String {
        let channels: serde_json::Value = serde_json::from_str(&self.phones("show channels as json")).unwrap();
        let rows = channels["rows"].as_array().unwrap();
        let row = rows
            .iter()
            .find(|row| row["dest"] == phone && row["direction"] == "inbound")
            .unwrap();
        row["uuid"].as_str().unwrap().to_owned()
    }

    /// Has a phone that was called play another tone.
    pub(crate) fn play(&self, phone: &str, tone: f64) {
        let uuid = self.phone(phone);
        self.phones(&format!("uuid_broadcast {uuid} tone_stream://%(60000,0,{tone}) aleg"));
    }

    /// One that nothing here uses.
    pub(crate) const fn free_port(&self) -> u16 {
        self.port + 1_350
    }

    /// Waits until so many channels are left on the switch.
    pub(crate) fn assert_channels(&self, count: usize) {
        let until = Instant::now() + Duration::from_secs(5);
        while !self.switch("show channels count").contains(&format!("{count} total")) {
            assert!(
                Instant::now() < until,
                "not {count} channels:\n{}",
                self.switch("show channels")
            );
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    fn command(&self, verb: &str, who: &str) -> Command {
        let mut command = Command::new("sh");
        command
            .arg(root().join("tests/host/freeswitch/switch.sh"))
            .arg(verb)
            .arg(self.folder.join(who));
        command.env("SIDETONE_SWITCH_PORT", self.port.to_string());
        if let Some(module) = &self.module {
            command.env("SIDETONE_SWITCH_MODULE", module);
        }
        command
    }

    fn script(&self, verb: &str, who: &str) {
        let output = self.command(verb, who).stdout(Stdio::null()).output().unwrap();
        assert!(
            output.status.success(),
            "{verb}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }

    fn run(&self, verb: &str, who: &str, arguments: &[&str]) -> String {
        let output = self.command(verb, who).args(arguments).output().unwrap();
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        for who in ["switch", "phones"] {
            let _ = self.command("stop", who).status();
        }
        if std::thread::panicking() {
            eprintln!("the switch's log is kept in {}", self.folder.display());
        } else {
            let _ = std::fs::remove_dir_all(&self.folder);
        }
    }
}

/// A running SIPp; killed when dropped.
pub(crate) struct Phone(Child);

impl Drop for Phone {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
