//! A private Asterisk, and SIPp as its phones.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::until;
use crate::root;

/// How long a phone may be on the line.
const LONGEST_SECONDS: u64 = 120;

/// An Asterisk of its own; stopped when dropped.
pub struct Pbx {
    /// SIP; everything else counts from here.
    pub port: u16,
    /// Where the phones run: `caller.pcma` and `agent.pcma` are what they say.
    pub folder: PathBuf,
}

impl Pbx {
    /// Starts it. Ports from `port` on must be free on loopback.
    #[must_use]
    pub fn start(folder: &Path, port: u16) -> Self {
        let found = Command::new("sipp")
            .arg("-v")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        assert!(found.is_ok(), "SIPp is missing: apt-get install sip-tester");
        let pbx = Self {
            port,
            folder: folder.join("pbx"),
        };
        let output = pbx.command("start").stdout(Stdio::null()).output().unwrap();
        assert!(
            output.status.success(),
            "pbx.sh start: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        pbx
    }

    fn command(&self, verb: &str) -> Command {
        let mut command = Command::new("sh");
        command
            .arg(root().join("tests/host/asterisk/pbx.sh"))
            .arg(verb)
            .arg(&self.folder);
        command.env("SIDETONE_PBX_PORT", self.port.to_string());
        command
    }

    /// A command on its console.
    #[must_use]
    pub fn cli(&self, command: &str) -> String {
        let output = self.command("cli").arg(command).output().unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// What the switch has logged so far.
    #[must_use]
    pub fn log(&self) -> String {
        let bytes = std::fs::read(self.folder.join("log/full")).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// The phone of agent 80`nn`, running one of `tests/host/asterisk/sipp/`.
    #[must_use]
    pub fn agent(&self, nn: u16, scenario: &str, extra: &[&str]) -> Phone {
        let scenario = root()
            .join("tests/host/asterisk/sipp")
            .join(scenario)
            .with_extension("xml");
        self.phone(&scenario, self.port + nn, self.port + 400 + nn * 4, extra)
    }

    /// As [`Pbx::agent`] with `agent_holds`, holding for this long.
    #[must_use]
    pub fn agent_holding(&self, nn: u16, hold: Duration, extra: &[&str]) -> Phone {
        let original = root().join("tests/host/asterisk/sipp/agent_holds.xml");
        let text = std::fs::read_to_string(original).unwrap();
        let pause = r#"<pause milliseconds="1000"/>"#;
        assert!(text.contains(pause), "agent_holds.xml has changed");
        let scenario = self.folder.join("agent_holds.xml");
        let text = text.replace(pause, &format!(r#"<pause milliseconds="{}"/>"#, hold.as_millis()));
        std::fs::write(&scenario, text).unwrap();
        self.phone(&scenario, self.port + nn, self.port + 400 + nn * 4, extra)
    }

    /// The `n`th caller.
    #[must_use]
    pub fn caller(&self, n: u16, scenario: &str, dial: &str, extra: &[&str]) -> Phone {
        let scenario = root()
            .join("tests/host/asterisk/sipp")
            .join(scenario)
            .with_extension("xml");
        let number = format!("0000000{n:03}");
        let mut arguments = vec!["-s", dial, "-key", "number", &number];
        arguments.extend(extra);
        self.phone(&scenario, self.port + 450 + n, self.port + 464 + n * 4, &arguments)
    }

    fn phone(&self, scenario: &Path, port: u16, media: u16, extra: &[&str]) -> Phone {
        let child = Command::new("sipp")
            .arg("-sf")
            .arg(scenario)
            .args(["-m", "1", "-i", "127.0.0.1", "-mi", "127.0.0.1"])
            .args([
                "-p",
                &port.to_string(),
                "-mp",
                &media.to_string(),
                "-timeout",
                &LONGEST_SECONDS.to_string(),
            ])
            .args(extra)
            .arg(format!("127.0.0.1:{}", self.port))
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        Phone(child.unwrap())
    }
}

impl Drop for Pbx {
    fn drop(&mut self) {
        let _ = self.command("stop").status();
        if std::thread::panicking() {
            eprintln!("the switch's log is kept in {}", self.folder.display());
        } else if let Some(folder) = self.folder.parent() {
            let _ = std::fs::remove_dir_all(folder);
        }
    }
}

/// A running SIPp; killed when dropped.
pub struct Phone(Child);

impl Phone {
    /// Waits for its scenario to end as written: the telephone call was what it should be.
    pub fn assert_success(&mut self) {
        let limit = Duration::from_secs(LONGEST_SECONDS + 5);
        let status = until("SIPp to end", limit, || self.0.try_wait().unwrap());
        assert!(status.success(), "SIPp: {status}");
    }
}

impl Drop for Phone {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
