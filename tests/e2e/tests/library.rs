//! A library of statutes that is replaced under a running daemon: `reload` takes the new one, and refuses a damaged one. Real process and
//! Redis, and a switch that is not there: the daemon tries on, and obeys all the same.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use sidetone_e2e::live::{PATIENCE, Store, asterisk_section, binary, models, until_or};
use sidetone_e2e::root;

/// The first of the ports of a switch that is not there.
const PORT: u16 = 28_900;

/// `sidetone run`, in a folder of its own; both are gone when dropped.
struct Daemon {
    child: Child,
    folder: PathBuf,
}

impl Daemon {
    fn start(folder: PathBuf, redis: &str) -> Self {
        let config = format!(
            "[speech]\nmodel = \"sidetone-zh\"\nmodels_dir = \"{}\"\npartials = false\n\
             [knowledge]\ndir = \"{}\"\nencoder = \"off\"\nlibrary = \"{}\"\n[redis]\nurl = \"{redis}\"\n[outbox]\nstate_dir = \"{}\"\n\
             [http]\nlisten = \"127.0.0.1:{}\"\n{}",
            models().display(),
            root().join("knowledge/it-helpdesk").display(),
            folder.join("laws.snap").display(),
            folder.join("state").display(),
            PORT + 521,
            asterisk_section(PORT, "snoop"),
        );
        std::fs::create_dir_all(folder.join("state")).unwrap();
        std::fs::write(folder.join("sidetone.toml"), config).unwrap();
        let log = std::fs::File::create(folder.join("daemon.log")).unwrap();
        let child = Command::new(binary())
            .args(["run", "--config"])
            .arg(folder.join("sidetone.toml"))
            .current_dir(root())
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn();
        Self {
            child: child.unwrap(),
            folder,
        }
    }

    fn log(&self) -> String {
        log(&self.folder)
    }

    /// What becomes of `reload`: the result, and why; empty where there is no reason.
    fn reload(&mut self, store: &Store) -> (String, String) {
        let command = ["XADD", "sidetone:control", "*", "command", "reload", "by", "test"];
        let id: String = store.ask(&command);
        let (child, folder) = (&mut self.child, self.folder.clone());
        let mut ended = || child.try_wait().unwrap().is_some();
        let answer = || {
            assert!(!ended(), "it ended:\n{}", log(&folder));
            let all: Vec<(String, HashMap<String, String>)> =
                store.ask(&["XRANGE", "sidetone:control:answers", "-", "+"]);
            let own = all.into_iter().find(|(_, answer)| answer.get("id") == Some(&id));
            own.map(|(_, mut answer)| {
                (
                    answer.remove("result").unwrap_or_default(),
                    answer.remove("why").unwrap_or_default(),
                )
            })
        };
        let answer = until_or("the answer to reload", PATIENCE, answer, || log(&folder));
        assert!(self.child.try_wait().unwrap().is_none(), "it ended:\n{}", self.log());
        answer
    }
}

fn log(folder: &Path) -> String {
    std::fs::read_to_string(folder.join("daemon.log")).unwrap_or_default()
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Builds the library anew at its place, as an administrator does.
fn build(folder: &Path, article: &str) {
    let laws = folder.join("laws");
    std::fs::create_dir_all(&laws).unwrap();
    let text = format!("# 设备管理规定\n\n<!-- INFO END -->\n\n第一条 {article}\n\n第二条 本规定自发布之日起施行。\n");
    std::fs::write(laws.join("设备管理规定(2020-01-01).md"), text).unwrap();
    let built = Command::new(binary())
        .args(["knowledge", "build"])
        .arg(&laws)
        .arg("--out")
        .arg(folder.join("laws.snap"))
        .output()
        .unwrap();
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
}

#[test]
fn a_library_is_replaced_under_a_running_daemon_and_a_damaged_one_is_refused() {
    let folder = std::env::temp_dir().join(format!("sidetone-library-run-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    let library = folder.join("laws.snap");
    build(&folder, "打印机由信息部门统一保管。");
    let store = Store::start(&folder);
    let mut daemon = Daemon::start(folder.clone(), &store.url());
    // What is asked before it reads is not for it.
    let listening = || daemon.log().contains("sidetone is listening").then_some(());
    until_or("the daemon to listen", PATIENCE, listening, || daemon.log());
    assert_eq!(daemon.reload(&store), ("done".to_owned(), String::new()));

    build(&folder, "打印机由各部门自行保管。");
    let newer = std::fs::read(&library).unwrap();
    assert_eq!(daemon.reload(&store), ("done".to_owned(), String::new()));

    // A copy that broke off, at the same place.
    let cut = folder.join("cut");
    std::fs::write(&cut, &newer[..newer.len() / 2]).unwrap();
    std::fs::rename(&cut, &library).unwrap();
    let refused = ("refused".to_owned(), "knowledge_not_taken".to_owned());
    assert_eq!(daemon.reload(&store), refused);
    let log = daemon.log();
    assert!(log.contains("laws.snap") && log.contains("the old one stays"), "{log}");

    // And none at all.
    std::fs::remove_file(&library).unwrap();
    assert_eq!(daemon.reload(&store), refused);
    std::fs::write(&library, &newer).unwrap();
    assert_eq!(daemon.reload(&store), ("done".to_owned(), String::new()));
    std::thread::sleep(Duration::from_millis(200));
    assert!(daemon.child.try_wait().unwrap().is_none(), "{}", daemon.log());
}
