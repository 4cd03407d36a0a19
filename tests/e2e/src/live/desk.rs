//! `sidetone-desk serve`, with an archive.

use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

use super::daemon::built;
use super::{PATIENCE, until};

/// Where the configuration says that the URL of Redis is.
const REDIS_URL: &str = "SIDETONE_DESK_TEST_REDIS";
/// What the dialplan of the tests knows.
const SECRET: &str = "of-the-telephone";

/// A desk that answers questions on the telephone; killed when dropped.
pub struct Desk {
    child: Child,
    /// Its folder.
    pub folder: PathBuf,
}

impl Desk {
    /// Takes the facts into an archive of its own and serves on this port.
    #[must_use]
    pub fn start(folder: &Path, port: u16, redis: &str, facts: &str) -> Self {
        let folder = folder.join("desk");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("secret"), SECRET).unwrap();
        std::fs::write(folder.join("facts.jsonl"), facts).unwrap();
        let place = folder.display();
        let config = format!(
            "listen = \"127.0.0.1:{port}\"\nusers = \"{place}/users.toml\"\nsecure_cookie = false\narchive = \"{place}/archive.duckdb\"\n\
             [phone]\nsecret_file = \"{place}/secret\"\n[redis]\nurl = \"env:{REDIS_URL}\"\n"
        );
        std::fs::write(folder.join("desk.toml"), config).unwrap();
        let command = || {
            let mut command = Command::new(binary());
            command
                .arg("--config")
                .arg(folder.join("desk.toml"))
                .env(REDIS_URL, redis);
            command.stdout(Stdio::null());
            command
        };
        let taken = command()
            .arg("import")
            .arg(folder.join("facts.jsonl"))
            .arg("--archive")
            .arg(folder.join("archive.duckdb"))
            .status();
        assert!(taken.unwrap().success(), "the facts are not taken");
        let log = std::fs::File::create(folder.join("desk.log")).unwrap();
        let child = command().arg("serve").stderr(log).spawn().unwrap();
        let desk = Self { child, folder };
        until("the desk", PATIENCE, || TcpStream::connect(("127.0.0.1", port)).ok());
        desk
    }

    /// What it has said so far.
    #[must_use]
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.join("desk.log")).unwrap_or_default()
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            eprintln!("the desk said:\n{}", self.log());
        }
    }
}

/// As the daemon's; `SIDETONE_DESK_BINARY` names another.
fn binary() -> PathBuf {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT
        .get_or_init(|| built("SIDETONE_DESK_BINARY", "sidetone-desk"))
        .clone()
}
