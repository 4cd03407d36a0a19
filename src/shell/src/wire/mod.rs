//! Redis: what leaves, what comes in. `docs/EVENTS.md` is the contract in prose.
//!
//! ```text
//! publish() ──▶ journal on disk ──▶ Replicator ──▶ Redis
//! ```
//!
//! The journal is the outbox. [`Publisher::publish`] stamps `seq` and appends one line to the call's file;
//! that is all a call ever waits for. The [`Replicator`] copies the files to the streams in order and asks
//! Redis after every reconnect how far each stream really is, so a Redis that was killed and came back empty
//! or a second behind gets everything again. Stream ids are `<seq>-0`: an event cannot be there twice, and a
//! reader that has `seq` 42 goes on with `XRANGE key (42-0 +`.
//!
//! The append to a stream is one script per call and batch, because a pipeline is not atomic: were a single
//! `XADD` refused (out of memory, say) and the next one taken, the stream would keep a hole for ever.
//! A stream that holds what the journal does not (the state folder was lost, somebody else wrote) makes the journal
//! renumber what the stream has not got: numbers are spent, events are not.
//!
//! What a batch does beside it (state hash, agent key, wrap-ups) is idempotent or at-least-once, and comes
//! first: whatever the stream holds has had its effects.

mod answer;
mod batch;
mod callers;
mod config;
mod connect;
mod control;
mod corrections;
mod cursor;
mod doctor;
mod facts;
mod feedback;
mod inbox;
mod journal;
mod ledger;
mod outbox;
mod probe;
mod project;
mod publisher;
mod refusal;
mod replicate;
mod reread;
mod shed;
mod standing;
mod subscribe;
#[cfg(test)]
mod tests;
mod told;
mod unmasked;
mod view;

pub(crate) use connect::{BLOCK_MS, Backoff, Waits, connect, trouble};

pub use answer::{Answers, Outcome};
pub use callers::{CallerMemory, forget_caller};
pub use config::{CommonStream, OutboxConfig, RedisConfig};
pub use control::{ControlAction, ControlCommand, Controls};
pub use corrections::Corrections;
pub use doctor::diagnose;
pub use facts::Facts;
pub use feedback::{Feedback, FeedbackAction, read_feedback};
pub use ledger::{FeedbackLedger, NodeFeedback};
pub use probe::stream_length;
pub use publisher::{Draft, Publisher};
pub use replicate::Replicator;
pub use reread::{Span, each_wrapup, read_gaps};
pub use subscribe::{Subscription, Target, WatchError, subscribe};
pub use told::read_facts;
pub use unmasked::{Unmasked, UnmaskedFinal};
