//! A private Redis, and what a soft-phone reads from it.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

use redis::Connection;
use redis::streams::StreamRangeReply;
use sidetone_schema::Envelope;

use super::{PATIENCE, until};
use crate::rules::assert_valid;

/// A redis-server that keeps nothing; killed when dropped.
pub struct Store {
    child: Option<Child>,
    folder: PathBuf,
}

impl Store {
    /// Starts it in a folder of its own.
    #[must_use]
    pub fn start(folder: &Path) -> Self {
        let mut store = Self {
            child: None,
            folder: folder.to_owned(),
        };
        store.restart();
        store
    }

    /// Starts it, empty.
    pub fn restart(&mut self) {
        let child = Command::new("redis-server")
            .args(["--port", "0", "--save", "", "--appendonly", "no", "--unixsocket"])
            .arg(self.socket())
            .arg("--dir")
            .arg(&self.folder)
            .stdout(Stdio::null())
            .spawn();
        self.child = Some(child.expect("redis-server is missing: apt-get install redis-server"));
        until("redis-server to answer", PATIENCE, || self.try_connect());
    }

    /// `kill -9`.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    fn socket(&self) -> PathBuf {
        self.folder.join("redis.sock")
    }

    /// Where it listens.
    #[must_use]
    pub fn url(&self) -> String {
        format!("redis+unix://{}", self.socket().display())
    }

    fn try_connect(&self) -> Option<Connection> {
        let mut connection = redis::Client::open(self.url()).ok()?.get_connection().ok()?;
        redis::cmd("PING").exec(&mut connection).ok()?;
        Some(connection)
    }

    /// A connection of one's own.
    #[must_use]
    pub fn connect(&self) -> Connection {
        self.try_connect().expect("redis-server answers")
    }

    /// A command whose answer is of any type.
    #[must_use]
    pub fn ask<T: redis::FromRedisValue>(&self, command: &[&str]) -> T {
        let mut line = redis::cmd(command[0]);
        command[1..].iter().for_each(|argument| {
            line.arg(argument);
        });
        line.query(&mut self.connect())
            .unwrap_or_else(|error| panic!("{command:?}: {error}"))
    }

    /// Ids of calls that have a stream. Facts of the switch have streams of their own, `facts.…`, in the place of a call's.
    #[must_use]
    pub fn calls(&self) -> Vec<String> {
        let keys: Vec<String> = self.ask(&["KEYS", "sidetone:{*}:events"]);
        let id = |key: &str| {
            key.strip_prefix("sidetone:{")?
                .strip_suffix("}:events")
                .map(str::to_owned)
        };
        let mut calls: Vec<String> = keys.iter().filter_map(|key| id(key)).collect();
        calls.retain(|id| !id.starts_with("facts."));
        calls.sort_unstable();
        calls
    }

    /// A call's stream so far: valid events, each under its own number, without a hole.
    #[must_use]
    pub fn stream(&self, call: &str) -> Vec<Envelope> {
        let reply: StreamRangeReply = self.ask(&["XRANGE", &format!("sidetone:{{{call}}}:events"), "-", "+"]);
        let events = reply.ids.iter().zip(1_u64..).map(|(entry, seq)| {
            let json: String = entry.get("event").unwrap();
            assert_valid(&serde_json::from_str(&json).unwrap());
            let event: Envelope = serde_json::from_str(&json).unwrap();
            assert_eq!(
                (entry.id.as_str(), event.seq),
                (&*format!("{seq}-0"), seq),
                "a hole in the stream of {call}"
            );
            assert_eq!(event.call_id, call);
            event
        });
        events.collect()
    }

    /// The call that the agent is on.
    #[must_use]
    pub fn call_of(&self, agent: &str) -> Option<String> {
        self.ask(&["GET", &format!("sidetone:agent:{agent}:call")])
    }

    /// A field of the call's state.
    #[must_use]
    pub fn state(&self, call: &str, field: &str) -> Option<String> {
        self.ask(&["HGET", &format!("sidetone:{{{call}}}:state"), field])
    }

    /// Listens to what an agent should see, from now on.
    #[must_use]
    pub fn mirror(&self, agent: &str) -> Mirror {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (mut connection, into) = (self.connect(), Arc::clone(&seen));
        let channel = format!("sidetone:agent:{agent}");
        let (ready, subscribed) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let mut live = connection.as_pubsub();
            live.subscribe(channel).unwrap();
            ready.send(()).unwrap();
            // Ends with the server.
            while let Ok(message) = live.get_message() {
                let json: String = message.get_payload().unwrap();
                into.lock().unwrap().push(serde_json::from_str(&json).unwrap());
            }
        });
        subscribed.recv().unwrap();
        Mirror(seen)
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        self.kill();
    }
}

/// What was shown to an agent, live.
pub struct Mirror(Arc<Mutex<Vec<Envelope>>>);

impl Mirror {
    /// So far; each event once, in the order of their numbers.
    #[must_use]
    pub fn seen(&self) -> Vec<Envelope> {
        let mut seen = self.0.lock().unwrap().clone();
        seen.sort_by_key(|event| event.seq);
        seen.dedup_by_key(|event| event.seq);
        seen
    }
}
