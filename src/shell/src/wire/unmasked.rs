//! Finals as they were said, for roles that may read them: pub/sub alone, each with an entry that an auditor reads.
//!
//! Nothing of it is kept: not in a journal, not in a stream, not for a second try. Without a connection it is dropped.

use metrics::counter;
use redis::aio::MultiplexedConnection;
use redis::{RedisResult, cmd};
use serde::Serialize;
use sidetone_base::{AgentId, CallId, LegId, Pii, Role, SegmentId};
use tokio::sync::mpsc;

use super::config::RedisConfig;
use super::connect::{Waits, connect, trouble};
use crate::metrics as names;

/// Finals that may wait; beyond it the newest are dropped and counted.
const WAITING: usize = 256;
/// Entries that the audit's stream keeps, about.
const MAXLEN: u64 = 100_000;

/// Enters in `KEYS[1]` that `ARGV[4]` gets the segment `ARGV[6]` of the call `ARGV[5]`, and when it is entered sends it
/// (`ARGV[2]`) on the channel `ARGV[1]`.
const SEND: &str =
    "redis.call('XADD',KEYS[1],'MAXLEN','~',ARGV[3],'*','to',ARGV[4],'call_id',ARGV[5],'segment_id',ARGV[6],\
'role',ARGV[7],'agent_id',ARGV[8])
return redis.call('PUBLISH',ARGV[1],ARGV[2])";

/// A final of which something is covered, as it was said.
#[derive(Clone, Debug)]
pub struct UnmaskedFinal {
    /// Of which call.
    pub call: CallId,
    /// Of which leg.
    pub leg: LegId,
    /// That leg's role.
    pub role: Role,
    /// The agent on the call.
    pub agent: Option<AgentId>,
    /// Its segment.
    pub segment: SegmentId,
    /// What was said.
    pub text: Pii<String>,
}

#[derive(Serialize)]
struct Message<'a> {
    call_id: &'a str,
    leg_id: &'a str,
    role: String,
    agent_id: Option<&'a str>,
    segment_id: &'a str,
    text: &'a str,
}

/// Takes finals; never waits.
#[derive(Clone, Debug)]
pub struct Unmasked(mpsc::Sender<UnmaskedFinal>);

impl Unmasked {
    /// A queue, and the task that sends what is in it to each of `roles`.
    pub fn open(config: RedisConfig, roles: Vec<String>) -> (Self, impl Future<Output = ()> + Send) {
        let (out, waiting) = mpsc::channel(WAITING);
        let desk = Desk {
            config,
            roles,
            connection: None,
            quiet: false,
        };
        (Self(out), desk.work(waiting))
    }

    /// Hands a final over; without room it is dropped.
    pub fn tell(&self, said: UnmaskedFinal) {
        if self.0.try_send(said).is_err() {
            count("dropped");
        }
    }
}

fn count(outcome: &'static str) {
    counter!(names::UNMASKED, "outcome" => outcome).increment(1);
}

struct Desk {
    config: RedisConfig,
    roles: Vec<String>,
    connection: Option<MultiplexedConnection>,
    /// The log knows that Redis does not answer.
    quiet: bool,
}

impl Desk {
    async fn work(mut self, mut waiting: mpsc::Receiver<UnmaskedFinal>) {
        while let Some(said) = waiting.recv().await {
            for role in self.roles.clone() {
                match self.send(&role, &said).await {
                    Ok(()) => {
                        self.quiet = false;
                        count("sent");
                    }
                    Err(error) => {
                        self.connection = None;
                        // A server's error may repeat what it was sent: only its kind is told.
                        let error = redis::RedisError::from((error.kind(), "unmasked finals are not sent"));
                        trouble(&self.config, "unmasked", &error, self.quiet);
                        self.quiet = true;
                        count("failed");
                    }
                }
            }
        }
    }

    async fn send(&mut self, role: &str, said: &UnmaskedFinal) -> RedisResult<()> {
        let message = Message {
            call_id: said.call.as_str(),
            leg_id: said.leg.as_str(),
            role: said.role.to_string(),
            agent_id: said.agent.as_ref().map(AgentId::as_str),
            segment_id: said.segment.as_str(),
            // The one place where it leaves the process: to who may read it.
            text: said.text.expose(),
        };
        let json = serde_json::to_string(&message).unwrap_or_default();
        let mut send = cmd("EVAL");
        send.arg(SEND).arg(1).arg(self.config.unmasked_audit_key());
        send.arg(self.config.unmasked_channel(role))
            .arg(json)
            .arg(MAXLEN)
            .arg(role);
        send.arg(message.call_id)
            .arg(message.segment_id)
            .arg(&message.role)
            .arg(message.agent_id.unwrap_or_default());
        let open = match &mut self.connection {
            Some(open) => open,
            none => none.insert(connect(&self.config, Waits::Here).await?),
        };
        send.exec_async(open).await
    }
}
