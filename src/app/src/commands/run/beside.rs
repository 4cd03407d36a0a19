//! What is read from Redis, and given away, beside the calls. No call waits for any of it.

use sidetone_language::zh;
use sidetone_shell::clock::WallClock;
use sidetone_shell::handover::{self, HandoverConfig};
use sidetone_shell::wire::{
    CallerMemory, Corrections, FeedbackLedger, Publisher, RedisConfig, Unmasked, read_facts, read_feedback,
};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::switches;
use crate::config::Config;
use crate::runtime::HubInput;
use crate::runtime::callers::{self, Begun};
use crate::runtime::opinions::{Follower, Held};

/// Feedback that may wait; beyond it, it waits in Redis.
const FEEDBACK: usize = 64;

/// What all of it needs.
pub(super) struct Beside<'a> {
    pub(super) config: &'a Config,
    pub(super) publisher: &'a Publisher,
    pub(super) clock: &'a WallClock,
    pub(super) inputs: &'a mpsc::Sender<HubInput>,
}

impl Beside<'_> {
    /// Reads agents' feedback, callers' pasts and facts of other systems; hands wrap-ups over.
    pub(super) fn start(self, held: Held, begun: Option<mpsc::Receiver<Begun>>, tasks: &mut JoinSet<()>) {
        let redis = &self.config.redis;
        let follower = Follower {
            publisher: self.publisher.clone(),
            ledger: FeedbackLedger::new(redis.clone()),
            clock: self.clock.clone(),
            held,
            inputs: self.inputs.clone(),
        };
        let (feedback, entries) = mpsc::channel(FEEDBACK);
        tasks.spawn(read_feedback(redis.clone(), feedback));
        tasks.spawn(follower.run(entries));
        if let Some(begun) = begun {
            let memory = CallerMemory::new(redis.clone());
            tasks.spawn(callers::look(memory, begun, self.inputs.clone()));
        }
        if let Some(handover) = self.config.handover.clone() {
            tasks.spawn(hand_over(redis.clone(), handover));
        }
        let (reader, told) = switches::told(self.config, self.publisher);
        let corrections = Corrections {
            config: redis.clone(),
            reader: reader.clone(),
            clock: self.clock.clone(),
            mask: sidetone_assist::privacy::scrub,
            none: zh().phrases.wrapup.none.clone(),
        };
        tasks.spawn(corrections.run());
        tasks.spawn(read_facts(redis.clone(), reader, told, self.clock.clone()));
    }
}

/// The way to roles that may read what finals cover: by default there is none.
pub(super) fn unmasked(config: &Config, tasks: &mut JoinSet<()>) -> Option<Unmasked> {
    let roles = config.privacy.unmasked_roles.clone();
    if roles.is_empty() {
        return None;
    }
    tracing::warn!(
        roles = roles.join(","),
        "finals are sent as they were said, with personal data, to these roles; each is in sidetone:unmasked:audit"
    );
    let (unmasked, sending) = Unmasked::open(config.redis.clone(), roles);
    tasks.spawn(sending);
    Some(unmasked)
}

/// Gives final wrap-ups to who takes them; calls do not notice.
async fn hand_over(redis: RedisConfig, config: HandoverConfig) {
    if let Err(reason) = handover::run(redis, config, handover::host_name()).await {
        tracing::error!(reason, "wrap-ups are not handed over; they stay in Redis");
    }
}
