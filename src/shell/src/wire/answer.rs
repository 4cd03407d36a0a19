//! What became of commands, for who asked and for an auditor: the stream `sidetone:control:answers`.

use metrics::counter;
use redis::aio::MultiplexedConnection;
use redis::streams::StreamId;
use redis::{RedisResult, cmd};
use tokio::sync::mpsc;

use super::config::RedisConfig;
use super::connect::{Backoff, Waits, connect, trouble};
use super::control::ControlCommand;
use super::publisher::{Presence, Publisher};
use crate::metrics as names;

/// Answers that wait for Redis; beyond it the newest are dropped and counted. A command is obeyed all the same.
const WAITING: usize = 1_024;
/// Answers that the stream keeps, about.
const MAXLEN: u64 = 10_000;
/// Characters of what others wrote that are repeated.
const REPEATED: usize = 128;

/// What became of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is obeyed.
    Done,
    /// The call is not here. It is obeyed if the call begins here.
    Waiting,
    /// It is not obeyed; why, in a word for programs.
    Refused(&'static str),
}

/// One entry of the stream.
#[derive(Clone, Debug)]
struct Answer {
    id: String,
    command: String,
    call: String,
    by: String,
    outcome: Outcome,
}

impl Answer {
    fn fields(&self) -> [(&'static str, &str); 6] {
        let (result, why) = match self.outcome {
            Outcome::Done => ("done", ""),
            Outcome::Waiting => ("waiting", "unknown_call"),
            Outcome::Refused(why) => ("refused", why),
        };
        [
            ("id", &self.id),
            ("command", &self.command),
            ("call_id", &self.call),
            ("by", &self.by),
            ("result", result),
            ("why", why),
        ]
    }
}

/// Takes answers in; never waits.
#[derive(Clone, Debug)]
pub struct Answers {
    publisher: Publisher,
    out: mpsc::Sender<Answer>,
}

impl Answers {
    /// A queue of answers, and its end for [`write`].
    pub(super) fn new(publisher: Publisher) -> (Self, Waiting) {
        let (out, waiting) = mpsc::channel(WAITING);
        (Self { publisher, out }, Waiting(waiting))
    }

    /// The calls have been told. What an earlier process has answered is not answered again.
    pub fn told(&self, command: &ControlCommand) {
        let outcome = match command.call.as_ref().map(|call| self.publisher.presence(call)) {
            None | Some(Presence::Running) => Outcome::Done,
            Some(Presence::Ended) => Outcome::Refused("call_ended"),
            Some(Presence::Unknown) => Outcome::Waiting,
        };
        self.say(command, outcome);
    }

    /// What became of a command, where that is known.
    pub fn say(&self, command: &ControlCommand, outcome: Outcome) {
        self.push(Answer {
            id: command.id.clone(),
            command: command.action.as_str().to_owned(),
            call: command.call.as_ref().map(ToString::to_string).unwrap_or_default(),
            by: command.by.clone().unwrap_or_default(),
            outcome,
        });
    }

    /// An entry that is no command.
    pub(super) fn refuse(&self, entry: &StreamId, why: &'static str) {
        let field = |name: &str| repeated(entry.get::<String>(name).unwrap_or_default());
        self.push(Answer {
            id: entry.id.clone(),
            command: field("command"),
            call: field("call_id"),
            by: field("by"),
            outcome: Outcome::Refused(why),
        });
    }

    fn push(&self, answer: Answer) {
        if self.out.try_send(answer).is_err() {
            counter!(names::CONTROL_UNANSWERED).increment(1);
        }
    }
}

/// As much as is repeated of what others wrote.
pub(super) fn repeated(text: String) -> String {
    match text.char_indices().nth(REPEATED) {
        Some((end, _)) => text[..end].to_owned(),
        None => text,
    }
}

/// Answers that are not written yet.
#[derive(Debug)]
pub(super) struct Waiting(mpsc::Receiver<Answer>);

/// Writes answers to Redis until nobody gives any; one that was refused or cut off is written again.
pub(super) async fn write(config: &RedisConfig, mut waiting: Waiting) {
    let mut connection = None;
    while let Some(answer) = waiting.0.recv().await {
        let (mut backoff, mut quiet) = (Backoff::new(), false);
        while let Err(error) = append(config, &mut connection, &answer).await {
            connection = None;
            trouble(config, "control answers", &error, quiet);
            quiet = true;
            tokio::time::sleep(backoff.next()).await;
        }
    }
}

async fn append(
    config: &RedisConfig,
    connection: &mut Option<MultiplexedConnection>,
    answer: &Answer,
) -> RedisResult<()> {
    let open = match connection {
        Some(open) => open,
        None => connection.insert(connect(config, Waits::Here).await?),
    };
    let mut add = cmd("XADD");
    add.arg(config.answers_key())
        .arg("MAXLEN")
        .arg("~")
        .arg(MAXLEN)
        .arg("*")
        .arg(&answer.fields());
    add.exec_async(open).await
}
