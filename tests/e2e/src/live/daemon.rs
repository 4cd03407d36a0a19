//! `sidetone run`.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

use super::{PATIENCE, models, until_or};
use crate::root;

/// What a test sets otherwise than the defaults.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// `speech.partials`
    pub partials: bool,
    /// `speech.model`
    pub model: &'static str,
}

impl Options {
    /// The defaults.
    pub const FULL: Self = Self {
        partials: true,
        model: "whisper-base",
    };
    /// For tests that do not look at what is written.
    pub const LIGHT: Self = Self {
        partials: false,
        model: "sidetone-zh",
    };
}

/// What a daemon has learned from the pack, in its state folder. It takes many seconds to learn.
const LEARNED: &str = "learned-by-words";

/// What a daemon of this very build has learned, in an earlier test.
fn learned() -> Option<PathBuf> {
    let program = binary();
    let kept = program.with_file_name(LEARNED);
    let changed = |path: &Path| std::fs::metadata(path).and_then(|found| found.modified()).ok();
    (changed(&kept)? > changed(&program)?).then_some(kept)
}

/// A daemon that may be killed and started again; killed when dropped.
pub struct Daemon {
    child: Option<Child>,
    folder: PathBuf,
    http: u16,
}

impl Daemon {
    /// Starts it beside a switch, which is a section of its configuration such as [`asterisk_section`]. It tells
    /// on port `http` whether it is ready.
    #[must_use]
    pub fn start(folder: &Path, http: u16, switch: &str, redis: &str, options: &Options) -> Self {
        let state = folder.join("state");
        std::fs::create_dir_all(&state).unwrap();
        if let Some(learned) = learned() {
            std::fs::copy(learned, state.join(LEARNED)).unwrap();
        }
        std::fs::write(
            folder.join("sidetone.toml"),
            format!("{switch}{}", configuration(folder, http, redis, *options)),
        )
        .unwrap();
        let mut daemon = Self {
            child: None,
            folder: folder.to_owned(),
            http,
        };
        daemon.restart();
        daemon
    }

    /// Starts it where it was killed, and waits until it is ready.
    pub fn restart(&mut self) {
        assert!(self.child.is_none(), "it runs already");
        let log = std::fs::File::options()
            .create(true)
            .append(true)
            .open(self.folder.join("daemon.log"))
            .unwrap();
        // As deploy/sidetone.service has it: below the switch, and without threads that spin while they wait.
        let child = Command::new("nice")
            .args(["-n", "5"])
            .arg(binary())
            .args(["run", "--config"])
            .arg(self.folder.join("sidetone.toml"))
            .env("OMP_WAIT_POLICY", "passive")
            .current_dir(root())
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn();
        self.child = Some(child.unwrap());
        until_or(
            "the daemon to be ready",
            PATIENCE,
            || self.is_ready().then_some(()),
            || self.log(),
        );
        self.keep_learned();
    }

    /// For the daemons of later tests.
    fn keep_learned(&self) {
        let (own, kept) = (
            self.folder.join("state").join(LEARNED),
            binary().with_file_name(LEARNED),
        );
        if learned().is_none() && own.exists() {
            // Whoever copies it at this moment has the whole of it.
            let whole = kept.with_extension(std::process::id().to_string());
            // An installed program's folder may not be ours.
            if std::fs::copy(own, &whole).is_ok() {
                std::fs::rename(whole, kept).unwrap();
            }
        }
    }

    /// Sends this signal: `STOP`, `CONT`.
    pub fn signal(&self, name: &str) {
        send(name, self.child.as_ref().expect("it runs"));
    }

    /// `kill -9`.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    /// As `systemctl stop`: asks it to stop, and waits until it has.
    pub fn stop(&mut self) {
        let Some(mut child) = self.child.take() else { return };
        send("TERM", &child);
        let ended = until_or(
            "the daemon to stop",
            PATIENCE,
            || child.try_wait().unwrap(),
            || self.log(),
        );
        assert!(ended.success(), "{ended}\n{}", self.log());
    }

    /// What it has said so far.
    #[must_use]
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.join("daemon.log")).unwrap_or_default()
    }

    fn is_ready(&self) -> bool {
        let ask = || -> std::io::Result<String> {
            let mut stream = TcpStream::connect(("127.0.0.1", self.http))?;
            stream.set_read_timeout(Some(Duration::from_secs(2)))?;
            stream.write_all(b"GET /ready HTTP/1.0\r\n\r\n")?;
            let mut answer = String::new();
            stream.read_to_string(&mut answer)?;
            Ok(answer)
        };
        ask().is_ok_and(|answer| answer.lines().next().is_some_and(|line| line.contains(" 200 ")))
    }
}

/// By the shell's own `kill`: a program of that name is not everywhere.
fn send(signal: &str, to: &Child) {
    let command = format!("kill -{signal} {}", to.id());
    let sent = Command::new("sh").args(["-c", &command]).status();
    assert!(sent.unwrap().success(), "{command}");
}

impl Drop for Daemon {
    fn drop(&mut self) {
        self.kill();
        if std::thread::panicking() {
            eprintln!("the daemon said:\n{}", self.log());
        }
    }
}

/// The configuration for the switch of `pbx.sh` with this first port.
#[must_use]
pub fn asterisk_section(port: u16, tap: &str) -> String {
    let (ami, http, audio) = (port + 1, port + 2, port + 520);
    // Where pbx.sh lets the dialplan look for them.
    let (agi, aeap) = (port + 522, port + 523);
    format!(
        r#"
[asterisk]
tap = "{tap}"
agent_patterns = ["PJSIP/80??"]
[asterisk.ami]
port = {ami}
username = "sidetone"
secret = "sidetone"
[asterisk.ari]
url = "http://127.0.0.1:{http}/ari"
username = "sidetone"
password = "sidetone"
[asterisk.audiosocket]
listen = "127.0.0.1:{audio}"
[asterisk.agi]
listen = "127.0.0.1:{agi}"
[asterisk.aeap]
listen = "127.0.0.1:{aeap}"
"#
    )
}

fn configuration(folder: &Path, ready: u16, redis: &str, options: Options) -> String {
    let (models, knowledge, state) = (models(), root().join("knowledge/12333"), folder.join("state"));
    let (models, knowledge, state) = (models.display(), knowledge.display(), state.display());
    let (partials, model) = (options.partials, options.model);
    format!(
        r#"
[speech]
model = "{model}"
models_dir = "{models}"
partials = {partials}
[knowledge]
dir = "{knowledge}"
as_of = "2026-03-02"
encoder = "off"
[redis]
url = "{redis}"
# Tests look at every event after the call.
keep_partials = true
[outbox]
state_dir = "{state}"
[http]
listen = "127.0.0.1:{ready}"
[log]
level = "info"
"#
    )
}

/// The binary of this profile and target folder, built now if it is not; `SIDETONE_BINARY` names another,
/// such as an installed one.
#[must_use]
pub fn binary() -> PathBuf {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| built("SIDETONE_BINARY", "sidetone")).clone()
}

/// As [`binary`], of this name. With the features of the whole workspace, as the tests are built: a package's own would build all
/// that it stands on once more.
pub(super) fn built(named: &str, name: &str) -> PathBuf {
    if let Some(named) = std::env::var_os(named) {
        return PathBuf::from(named);
    }
    // target/<profile>/deps/<this test>
    let test = std::env::current_exe().unwrap();
    let profile = test.ancestors().nth(2).unwrap();
    let target = profile.parent().unwrap();
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo
        .args([
            "build",
            "--locked",
            "--quiet",
            "--workspace",
            "--bin",
            name,
            "--target-dir",
        ])
        .arg(target);
    if profile.ends_with("release") {
        cargo.arg("--release");
    }
    // What cargo tells a test of its own package makes build scripts that look at it run anew, and all that stands on them:
    // minutes, and one of them writes over the libraries that this test has loaded.
    let of_test =
        |name: &str| name == "OUT_DIR" || name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_");
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_str().is_some_and(of_test)) {
        cargo.env_remove(name);
    }
    assert!(
        cargo.current_dir(root()).status().unwrap().success(),
        "{name} does not build"
    );
    profile.join(name)
}
