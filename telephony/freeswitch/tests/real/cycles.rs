//! The module put on and let go again and again, while calls go on and the daemon is killed.
//!
//! The daemon's side of the switch is a process of its own here, so that it can be killed. Needs besides the
//! module: `cargo build -p sidetone-freeswitch --example watch`.

use std::fs::File;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use sidetone_freeswitch::TapChoice;

use crate::rig::Rig;

const CYCLES: usize = 50;
const CALLS: usize = 9;
const LEGS: usize = 2 * CALLS;
/// Cycles that begin without a daemon. The first was killed while legs were tapped, the second while none was.
const DEAD: [std::ops::Range<usize>; 2] = [15..18, 33..34];
const LIMIT: Duration = Duration::from_secs(15);

/// Killed as a daemon is that nobody warned.
struct Daemon {
    child: Child,
    said: PathBuf,
}

impl Daemon {
    fn start(rig: &Rig, name: &str) -> Self {
        let watch = std::env::current_exe()
            .unwrap()
            .ancestors()
            .nth(2)
            .unwrap()
            .join("examples/watch");
        let config = rig.config(TapChoice::Auto);
        let config = serde_json::json!({
            "esl": {"port": config.esl.port, "password": "sidetone"},
            "sip": {"listen": config.sip.listen},
            "rtp": {"first": config.rtp.first, "last": config.rtp.last},
            "module": {"socket": rig.module_socket()},
        });
        let said = rig.module_socket().with_file_name(name);
        let child = Command::new(&watch)
            .args([&config.to_string(), "300"])
            .stdin(Stdio::null())
            .stdout(File::create(&said).unwrap())
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}: build the example `watch`", watch.display()));
        Self { child, said }
    }

    /// How often it said that a tap of the module was there, and of another kind.
    fn kill(mut self) -> [usize; 2] {
        self.end();
        let said = std::fs::read_to_string(&self.said).unwrap();
        let attached = |line: &&str| line.contains("TapAttached");
        let all = said.lines().filter(attached).count();
        let module = said
            .lines()
            .filter(attached)
            .filter(|line| line.contains("kind: Module"));
        let module = module.count();
        [module, all - module]
    }

    fn end(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        self.end();
    }
}

/// The switch's channels that are legs of a call: uuid and role.
fn legs(rig: &Rig) -> Vec<(String, &'static str)> {
    let channels: serde_json::Value = serde_json::from_str(&rig.switch("show channels as json")).unwrap();
    let role = |row: &serde_json::Value| {
        if row["direction"] == "inbound" {
            "caller"
        } else {
            "agent"
        }
    };
    let rows = channels["rows"].as_array().unwrap().iter();
    rows.map(|row| (row["uuid"].as_str().unwrap().to_owned(), role(row)))
        .collect()
}

/// From four threads at once: a command of all legs, and how many were refused.
fn all(rig: &Rig, legs: &[(String, &str)], command: impl Fn(&str) -> String + Sync) -> usize {
    std::thread::scope(|scope| {
        let part = |legs: &[(String, &str)]| {
            let refused = |(uuid, role): &&(String, &str)| {
                !rig.switch(&format!("uuid_sidetone {uuid} {}", command(role)))
                    .contains("+OK")
            };
            legs.iter().filter(refused).count()
        };
        let parts: Vec<_> = legs
            .chunks(legs.len().div_ceil(4))
            .map(|legs| scope.spawn(move || part(legs)))
            .collect();
        parts.into_iter().map(|part| part.join().unwrap()).sum()
    })
}

fn number(status: &str, name: &str) -> u64 {
    let line = status.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")));
    line.unwrap_or_else(|| panic!("no {name} in {status}")).parse().unwrap()
}

fn wait_for(rig: &Rig, wanted: impl Fn(&str) -> bool) -> String {
    let until = Instant::now() + LIMIT;
    loop {
        let status = rig.switch("sidetone status");
        if wanted(&status) {
            return status;
        }
        assert!(Instant::now() < until, "{status}");
        sleep(Duration::from_millis(50));
    }
}

fn tapped(count: usize) -> impl Fn(&str) -> bool {
    move |status| number(status, "legs_live") == count as u64
}

#[test]
fn fifty_starts_and_stops_of_the_module_under_load() {
    let rig = Rig::start_with_module("cycles", 29000);
    let mut daemons = vec![Daemon::start(&rig, "watch-0")];
    let mut told = Vec::new();
    rig.wait_for_the_modules_connection();
    rig.call_all("PCMU", (1..=CALLS).map(|n| format!("81{n:02}")))
        .join()
        .unwrap();
    // The daemon's own wish, and no tap of another kind beside it.
    wait_for(&rig, tapped(LEGS));
    rig.assert_channels(LEGS);
    let legs = legs(&rig);
    let mut refused = [0, 0];
    for cycle in 0..CYCLES {
        if DEAD[0].start == cycle {
            told.extend(daemons.pop().map(Daemon::kill));
        }
        refused[0] += all(&rig, &legs, |_| "stop".to_owned());
        if DEAD[1].start == cycle {
            told.extend(daemons.pop().map(Daemon::kill));
        }
        if daemons.is_empty() {
            wait_for(&rig, tapped(0));
        }
        if DEAD.iter().any(|dead| dead.end == cycle) {
            daemons.push(Daemon::start(&rig, &format!("watch-{cycle}")));
        }
        refused[1] += all(&rig, &legs, |role| format!("start profile=12333 role={role}"));
        let before = number(&wait_for(&rig, tapped(LEGS)), "frames_sent");
        if !daemons.is_empty() {
            wait_for(&rig, |status| {
                status.contains("daemon: connected") && number(status, "frames_sent") > before + LEGS as u64
            });
        }
    }
    rig.assert_channels(LEGS);
    let running = wait_for(&rig, tapped(LEGS));
    rig.phones("hupall");
    rig.assert_channels(0);
    let status = wait_for(&rig, tapped(0));
    told.extend(daemons.pop().map(Daemon::kill));
    println!(
        "{LEGS} legs, {CYCLES} cycles, stops and starts refused {refused:?}; the daemons' taps [module, other] {told:?}"
    );
    println!("before the hang-ups:\n{running}\nafter:\n{status}");
    for none in ["rings_live: 0", "panics: 0", "stalls: 0", "protocol_errors: 0"] {
        assert!(status.contains(none), "{none}");
    }
    assert_eq!(number(&status, "legs_started"), number(&status, "legs_stopped"));
    assert_eq!(number(&status, "connects"), 1 + DEAD.len() as u64);
    // Heard again after each start, and never in another way.
    let again = |[module, other]: &[usize; 2]| *module >= 2 * LEGS && *other == 0;
    assert!(told.iter().all(again), "{told:?}");
}
