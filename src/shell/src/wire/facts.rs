//! Facts that belong to no call, or to one that may never begin: keys of their own, one for each source and hour.
//!
//! Under such a key everything is as under a call's: a journal, numbers from 1, a stream. `facts.ended` is its `call.ended`.
//! Beside that each fact goes to the one stream of all facts, at least once.

use std::sync::{Arc, Mutex};

use sidetone_base::CallId;
use sidetone_schema::{Body, Envelope, FactsEnded, Timestamp};

use super::config::RedisConfig;
use super::project::Command;
use super::publisher::{Draft, Publisher};
use crate::lock;

const HEAD: &str = "facts.";

/// Whether what is under this key are facts, and no call.
pub(super) fn is_key(key: &CallId) -> bool {
    key.as_str().starts_with(HEAD)
}

/// The entry in the stream of all facts.
pub(super) fn entry(config: &RedisConfig, event: &Envelope, json: &str) -> Command {
    let (key, maxlen, seq) = (
        config.facts_key(),
        config.facts_maxlen.to_string(),
        event.seq.to_string(),
    );
    let mut add = Command::new(["XADD", &key, "MAXLEN", "~", &maxlen, "*", "call_id", &event.call_id]);
    let kind = event.body.type_name();
    add.args
        .extend(["seq", &seq, "type", kind, "event", json].map(str::to_owned));
    add.essential = true;
    add
}

/// Publishes the facts of one source, in order.
#[derive(Clone, Debug)]
pub struct Facts {
    publisher: Publisher,
    head: String,
    now: Arc<Mutex<Option<CallId>>>,
}

impl Facts {
    /// `source` tells switches that share a Redis apart.
    #[must_use]
    pub fn new(publisher: Publisher, source: &str) -> Self {
        Self {
            publisher,
            head: format!("{HEAD}{source}."),
            now: Arc::default(),
        }
    }

    /// Never waits for Redis; see [`Publisher::publish`].
    pub fn publish(&self, body: Body, at: Timestamp) {
        let call = self.key(at);
        self.publisher.publish(draft(call, body, at));
    }

    /// The key of the hour. When it is a new one, those before it are ended, also those of an earlier process. A clock
    /// that was set back does not open an hour again.
    fn key(&self, at: Timestamp) -> CallId {
        let hour = at.instant().strftime("%Y%m%d%H").to_string();
        let wanted = CallId::new(format!("{}{hour}", self.head));
        let mut now = lock(&self.now);
        if let Some(key) = now.as_ref().filter(|key| **key >= wanted) {
            return key.clone();
        }
        for old in self.publisher.open_facts(&self.head) {
            if old < wanted {
                self.publisher.publish(draft(old, Body::FactsEnded(FactsEnded {}), at));
            }
        }
        *now = Some(wanted.clone());
        wanted
    }
}

fn draft(call: CallId, body: Body, at: Timestamp) -> Draft {
    Draft {
        call,
        leg: None,
        role: None,
        agent: None,
        body,
        at,
    }
}
