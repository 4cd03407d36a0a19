//! The archive beside a real Redis: killed, emptied, cut off, and made anew, it has the figures of the facts in the end.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use sidetone_archive::{Archive, Entry, Row, answer, tellable, unfold};
use sidetone_metrics::{MetricId, Query, Window, registry};

/// Friday 2026-11-20, midnight in Shanghai.
const FRIDAY: i64 = 1_795_104_000_000;
const DAY: i64 = 86_400_000;
const PATIENCE: Duration = Duration::from_secs(60);
const FACTS: &str = include_str!("../../../archive/tests/forty/facts.jsonl");

/// A process that is killed with the test, as by `kill -9`.
struct Part(Child);

impl Drop for Part {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn start(command: &mut Command) -> Part {
    let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    Part(child.unwrap_or_else(|error| panic!("{command:?} does not start: {error}")))
}

/// What Redis tells of a stream or a group.
type Info = std::collections::BTreeMap<String, redis::Value>;

struct Place {
    folder: PathBuf,
    port: u16,
    redis: Option<Part>,
}

impl Place {
    fn open() -> Self {
        sidetone_base::ready_tls();
        let port = std::net::TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let folder = std::env::temp_dir().join(format!("sidetone-archive-{}-{port}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let config = format!(
            "archive = \"{0}/a.duckdb\"\n[redis]\nurl = \"redis://127.0.0.1:{port}/\"\n",
            folder.display()
        );
        std::fs::write(folder.join("desk.toml"), config).unwrap();
        let mut place = Self {
            folder,
            port,
            redis: None,
        };
        place.start_redis();
        place
    }

    /// It keeps what it has on disk, so that it may be ended and started again.
    fn start_redis(&mut self) {
        let mut server = Command::new("redis-server");
        let port = self.port.to_string();
        server.args([
            "--port",
            &port,
            "--bind",
            "127.0.0.1",
            "--appendonly",
            "yes",
            "--appendfsync",
            "no",
        ]);
        self.redis = Some(start(server.current_dir(&self.folder)));
        until("Redis", || self.redis().get_connection().ok());
    }

    fn redis(&self) -> redis::Client {
        redis::Client::open(format!("redis://127.0.0.1:{}/", self.port)).unwrap()
    }

    fn reader(&self) -> Part {
        let mut desk = Command::new(env!("CARGO_BIN_EXE_sidetone-desk"));
        start(desk.arg("--config").arg(self.folder.join("desk.toml")).arg("archive"))
    }

    /// A reader that a full disk does not end, as it sends no signal; what it says is in `said`.
    fn reader_of_a_small_disk(&self) -> Part {
        let mut shell = Command::new("bash");
        shell.args(["-c", "trap '' XFSZ; exec \"$@\"", "bash"]);
        shell.arg(env!("CARGO_BIN_EXE_sidetone-desk")).arg("--config");
        shell.arg(self.folder.join("desk.toml")).arg("archive");
        let said = std::fs::File::create(self.folder.join("said")).unwrap();
        let child = shell.stdout(Stdio::null()).stderr(said).spawn();
        Part(child.unwrap_or_else(|error| panic!("{shell:?} does not start: {error}")))
    }

    /// The reader's group stands, so its tables do.
    fn is_followed(&self) -> Option<()> {
        let mut redis = self.redis().get_connection().ok()?;
        let groups: Vec<Info> = redis::cmd("XINFO")
            .arg("GROUPS")
            .arg("sidetone:feedback")
            .query(&mut redis)
            .ok()?;
        (!groups.is_empty()).then_some(())
    }

    fn file(&self) -> PathBuf {
        self.folder.join("a.duckdb")
    }

    /// Commands that write the facts as events; every third event comes twice in the common stream as well.
    fn told(&self) -> Vec<redis::Cmd> {
        let replay = unfold(FACTS.lines()).unwrap();
        let mut commands = Vec::new();
        for (call, events) in replay.streams {
            for (place, event) in events.into_iter().enumerate() {
                let mut add = redis::cmd("XADD");
                add.arg(format!("sidetone:{{{call}}}:events"))
                    .arg(format!("{}-0", place + 1))
                    .arg("event")
                    .arg(&event);
                commands.push(add);
                if place % 3 == 0 {
                    let mut again = redis::cmd("XADD");
                    again.arg("sidetone:events").arg("*").arg("event").arg(&event);
                    commands.extend([again.clone(), again]);
                }
            }
        }
        for entry in replay.feedback {
            let Entry::Feedback { ms, number, feedback } = entry else {
                continue;
            };
            let mut add = redis::cmd("XADD");
            add.arg("sidetone:feedback")
                .arg(format!("{ms}-{number}"))
                .arg("action")
                .arg(feedback.action);
            add.arg("call_id").arg(feedback.call_id);
            add.arg("hint_id").arg(feedback.hint_id.unwrap_or_default());
            add.arg("segment_id").arg(feedback.segment_id.unwrap_or_default());
            commands.push(add);
        }
        commands
    }

    fn write(&self, commands: &[redis::Cmd]) {
        let mut redis = self.redis().get_connection().unwrap();
        commands.iter().for_each(|command| command.exec(&mut redis).unwrap());
    }

    /// Every shared stream is read to its end and acknowledged, and every call's last event stands.
    fn is_read(&self) -> Option<()> {
        let mut redis = self.redis().get_connection().ok()?;
        for key in ["sidetone:events", "sidetone:feedback"] {
            let stream: Info = redis::cmd("XINFO").arg("STREAM").arg(key).query(&mut redis).ok()?;
            let groups: Vec<Info> = redis::cmd("XINFO").arg("GROUPS").arg(key).query(&mut redis).ok()?;
            let done = |group: &&Info| {
                group.get("last-delivered-id") == stream.get("last-generated-id")
                    && group.get("pending") == Some(&redis::Value::Int(0))
            };
            groups.iter().find(done)?;
        }
        Some(())
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn until<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(begun.elapsed() < PATIENCE, "{what}: not in {PATIENCE:?}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// How many bytes a file may have that the program writes.
fn limit_files(part: &Part, bytes: &str) {
    let mut limit = Command::new("prlimit");
    limit.args(["--pid", &part.0.id().to_string(), &format!("--fsize={bytes}:unlimited")]);
    assert!(limit.status().unwrap().success());
}

fn figures(archive: &Archive) -> Vec<Row> {
    let all: Vec<MetricId> = registry().all().iter().map(|metric| metric.id).collect();
    let query = Query::new(all, Window::new(FRIDAY, FRIDAY + DAY).unwrap());
    answer(archive, &query, FRIDAY + DAY + 10_000).unwrap()
}

/// As often as it takes until the file has the figures: the reader holds the file, so it is killed for each look.
fn comes_to(place: &Place, expected: &[Row]) {
    let mut reader = Some(place.reader());
    until("the figures", || {
        until("what Redis has is read", || place.is_read());
        // One more round of calls' streams.
        std::thread::sleep(Duration::from_secs(2));
        drop(reader.take());
        let ours = Archive::open(Some(&place.file())).ok().map(|archive| figures(&archive));
        if ours.as_deref() == Some(expected) {
            return Some(());
        }
        reader = Some(place.reader());
        None
    });
}

fn expected(folder: &Path) -> Vec<Row> {
    let told = |line: &str| tellable(serde_json::from_str(line).unwrap()).to_string();
    let facts: Vec<String> = FACTS.lines().map(told).collect();
    let archive = Archive::open(Some(&folder.join("expected.duckdb"))).unwrap();
    archive.import(facts.iter().map(String::as_str)).unwrap();
    figures(&archive)
}

#[test]
fn a_killed_reader_a_redis_that_was_away_and_an_archive_that_is_lost_change_no_figure() {
    let mut place = Place::open();
    let expected = expected(&place.folder);
    let told = place.told();
    let (first, rest) = told.split_at(told.len() / 2);

    // Killed while it reads, twice.
    for some in first.chunks(first.len() / 2 + 1) {
        let reader = place.reader();
        place.write(some);
        until("something stands", || place.file().exists().then_some(()));
        drop(reader);
    }
    // Redis is away for a while, under a reader that runs.
    let reader = place.reader();
    place.redis = None;
    std::thread::sleep(Duration::from_secs(1));
    place.start_redis();
    place.write(rest);
    drop(reader);
    comes_to(&place, &expected);

    // Lost: all that Redis has is read again.
    std::fs::remove_file(place.file()).unwrap();
    let _ = std::fs::remove_file(place.folder.join("a.duckdb.wal"));
    comes_to(&place, &expected);
}

#[test]
fn an_archive_without_room_says_so_and_goes_on_when_there_is_some() {
    let place = Place::open();
    let expected = expected(&place.folder);
    let reader = place.reader_of_a_small_disk();
    until("a reader", || place.is_followed());
    limit_files(&reader, "4096");
    place.write(&place.told());
    until("that it says why", || {
        let said = std::fs::read_to_string(place.folder.join("said")).ok()?;
        let why = ["write", "large", "space"].iter().any(|why| said.contains(why));
        (said.contains("takes nothing") && why).then_some(())
    });
    assert_eq!(place.is_read(), None, "what does not stand is not acknowledged");

    limit_files(&reader, "unlimited");
    until("the same program reads on", || place.is_read());
    drop(reader);
    comes_to(&place, &expected);
}
