//! The end of the wire that the calls hold.

use std::sync::Arc;
use std::time::Instant;

use metrics::counter;
use sidetone_base::{AgentId, CallId, LegId, Role};
use sidetone_schema::{Body, Class, Envelope, Timestamp, VERSION};

use super::config::OutboxConfig;
use super::facts;
use super::journal::Journal;
use super::outbox::{Outbox, took};
use super::shed::{Rank, label, sheds};
use crate::{lock, metrics as names};

/// An event without its number.
#[derive(Clone, Debug)]
pub struct Draft {
    /// The call.
    pub call: CallId,
    /// The leg, where it is about one.
    pub leg: Option<LegId>,
    /// That leg's party.
    pub role: Option<Role>,
    /// The agent on the call.
    pub agent: Option<AgentId>,
    /// What happened.
    pub body: Body,
    /// When it is published.
    pub at: Timestamp,
}

/// What is known here of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Presence {
    /// It has events, and no end.
    Running,
    /// It is over.
    Ended,
    /// It has no events here, or none that are still kept.
    Unknown,
}

/// Accepts events. A cheap handle; clones share one outbox.
#[derive(Clone, Debug)]
pub struct Publisher {
    pub(super) outbox: Arc<Outbox>,
}

impl Publisher {
    /// Opens the outbox and finds what an earlier process left in it. Where its folder cannot be used events wait in
    /// memory, and go to Redis from there.
    #[must_use]
    pub fn open(config: OutboxConfig) -> Self {
        Self {
            outbox: Arc::new(Outbox::open(config)),
        }
    }

    /// Stamps the event's `seq` and writes it to the call's journal; Redis gets it from there.
    ///
    /// Never waits for Redis and never fails for the caller: it costs one `write` to the page cache. An event
    /// that is shed here takes no number, so shedding leaves no hole. Nothing follows `call.ended`.
    pub fn publish(&self, draft: Draft) {
        let began = Instant::now();
        let call = draft.call.clone();
        let class = draft.body.class();
        if self.accept(draft, class) {
            counter!(names::WIRE_ACCEPTED, "class" => label(class)).increment(1);
            self.outbox.ring(&call);
        }
        took(began.elapsed());
    }

    fn accept(&self, draft: Draft, class: Class) -> bool {
        let (call, kind, rank) = (draft.call.clone(), draft.body.type_name(), Rank::of(&draft.body));
        let journal = self.outbox.journal(&call);
        let mut journal = lock(&journal);
        if journal.ended() {
            counter!(names::WIRE_AFTER_END).increment(1);
            tracing::warn!(%call, kind, "event after call.ended refused");
            return false;
        }
        let full = sheds(rank, self.outbox.bytes(), self.outbox.config.max_bytes);
        let outcome = if full {
            Err("journals are full")
        } else {
            self.write(&mut journal, draft, rank)
        };
        if let Err(why) = outcome {
            shed(&call, kind, class, why);
            journal.tally.count(kind, rank);
            drop(journal);
            if rank == Rank::End {
                self.outbox.forget_empty(&call);
            }
        }
        outcome.is_ok()
    }

    /// Appends the event, and before it a word about what found no room since the last one.
    fn write(&self, journal: &mut Journal, draft: Draft, rank: Rank) -> Result<(), &'static str> {
        if let Some(body) = journal.tally.due(rank) {
            let told = Draft {
                leg: None,
                role: None,
                body,
                ..draft.clone()
            };
            self.append(journal, told, rank)?;
            journal.tally.told();
        }
        self.append(journal, draft, rank)
    }

    fn append(&self, journal: &mut Journal, draft: Draft, rank: Rank) -> Result<(), &'static str> {
        let (call, ended) = (draft.call.clone(), draft.body.is_last());
        let at = journal.stamp(draft.at);
        let line = line(Draft { at, ..draft }, journal.last_seq() + 1).ok_or("it cannot be written as JSON")?;
        let before = journal.waiting();
        let trouble = journal
            .append(&line, ended, self.outbox.may_wait(rank))
            .map_err(|_| "the disk takes nothing and memory is full")?;
        if let Some(error) = trouble {
            counter!(names::WIRE_JOURNAL_ERRORS).increment(1);
            // Once a call, not for each of its events.
            if before == 0 {
                tracing::warn!(%call, %error, "journal cannot be written; events wait in memory");
            }
        }
        self.outbox.remembers(before, journal.waiting());
        self.outbox.grew(line.len() as u64);
        Ok(())
    }

    /// Events that Redis is not known to have, as of the last second.
    #[must_use]
    pub fn undelivered(&self) -> u64 {
        self.outbox.undelivered()
    }

    /// What is being shed for want of room, the cheapest first.
    #[must_use]
    pub fn shedding(&self) -> Vec<&'static str> {
        let (used, max) = (self.outbox.bytes(), self.outbox.config.max_bytes);
        let classes = [
            (Class::Partial, "partials"),
            (Class::SecondPass, "second_passes"),
            (Class::Hint, "hints"),
        ];
        let shed = classes
            .into_iter()
            .filter(|(class, _)| sheds(Rank::least(*class), used, max));
        shed.map(|(_, what)| what).collect()
    }

    /// The last `seq` of a call that is in the outbox and has not ended: a call that is picked up again after
    /// a restart goes on from there by itself, and its `call.started` says `resumed`.
    #[must_use]
    pub fn resume(&self, call: &CallId) -> Option<u64> {
        let journal = self.outbox.find(call)?;
        let journal = lock(&journal);
        (!journal.ended() && journal.last_seq() > 0).then(|| journal.last_seq())
    }

    /// Whether the call's last event has been published and is still in the outbox.
    pub(super) fn has_ended(&self, call: &CallId) -> bool {
        self.presence(call) == Presence::Ended
    }

    /// Whether the call runs here, as far as its events tell.
    pub(super) fn presence(&self, call: &CallId) -> Presence {
        match self.outbox.find(call).map(|journal| lock(&journal).ended()) {
            Some(true) => Presence::Ended,
            Some(false) => Presence::Running,
            None => Presence::Unknown,
        }
    }

    /// Every event of a call that is still in the outbox, in order: what a restarted daemon reads to remember
    /// what it heard. Blocks on the disk.
    #[must_use]
    pub fn history(&self, call: &CallId) -> Vec<Envelope> {
        let lines = self.lines(call);
        let lines = lines.split(|byte| *byte == b'\n');
        lines.filter_map(|line| serde_json::from_slice(line).ok()).collect()
    }

    /// The node that a hint of a call was made from, if the call is still in the outbox. Blocks on the disk.
    #[must_use]
    pub fn node_of(&self, call: &CallId, hint_id: &str) -> Option<String> {
        let name = format!("\"hint_id\":{}", serde_json::to_string(hint_id).ok()?);
        let lines = self.lines(call);
        // Most lines are no hints: only those that name it are parsed.
        let named = lines.split(|byte| *byte == b'\n').rev();
        let named = named.filter(|line| line.windows(name.len()).any(|run| run == name.as_bytes()));
        named
            .filter_map(|line| serde_json::from_slice::<Envelope>(line).ok())
            .find_map(|event| match event.body {
                Body::HintNew(hint) | Body::HintUpdate(hint) if hint.hint_id == hint_id => hint.node,
                _ => None,
            })
    }

    /// A call's journal, as text.
    fn lines(&self, call: &CallId) -> Vec<u8> {
        let mut lines = Vec::new();
        let Some(journal) = self.outbox.find(call) else {
            return lines;
        };
        let journal = lock(&journal);
        // More than one piece when the disk has not taken the last lines.
        while let Ok(more) = journal.read(lines.len() as u64, journal.len() as usize)
            && !more.is_empty()
        {
            lines.extend(more);
        }
        lines
    }

    /// Calls in the outbox that have not ended. After a restart those that the switch no longer has are to be
    /// ended with a `call.ended` of cause `lost_sight`.
    #[must_use]
    pub fn open_calls(&self) -> Vec<CallId> {
        self.open_keys(|key| !facts::is_key(key))
    }

    /// Keys of facts that begin so and have not ended.
    pub(super) fn open_facts(&self, head: &str) -> Vec<CallId> {
        self.open_keys(|key| key.as_str().starts_with(head))
    }

    fn open_keys(&self, wanted: impl Fn(&CallId) -> bool) -> Vec<CallId> {
        let mut keys = self.outbox.calls();
        keys.retain(|key| wanted(key) && self.resume(key).is_some());
        keys.sort();
        keys
    }
}

fn line(draft: Draft, seq: u64) -> Option<Vec<u8>> {
    let envelope = Envelope {
        v: VERSION,
        body: draft.body,
        call_id: draft.call.to_string(),
        seq,
        ts: draft.at,
        leg_id: draft.leg.as_ref().map(ToString::to_string),
        role: draft.role.map(|role| role.to_string()),
        agent_id: draft.agent.as_ref().map(ToString::to_string),
    };
    let mut line = serde_json::to_vec(&envelope).ok()?;
    line.push(b'\n');
    Some(line)
}

fn shed(call: &CallId, kind: &str, class: Class, why: &str) {
    counter!(names::WIRE_SHED, "class" => label(class)).increment(1);
    if class == Class::Kept {
        tracing::error!(%call, kind, why, "an event that is never to be shed was LOST");
    } else {
        tracing::debug!(%call, kind, why, "event shed");
    }
}
