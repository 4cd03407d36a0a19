//! The leg that a tap's task listens to, as its channel is now.

use std::time::{Duration, Instant};

use sidetone_base::{AgentId, CallId, LegId, Role};
use tokio::sync::watch;
use tokio::time::timeout;

use crate::tracker::{LegLine, LegMedia};

/// The switch tells a leg's codec within this.
const MEDIA_LIMIT: Duration = Duration::from_secs(3);

/// Whose leg it is.
#[derive(Debug)]
pub(super) struct Party {
    pub(super) call: CallId,
    pub(super) leg: LegId,
    pub(super) role: Role,
    pub(super) agent: Option<AgentId>,
}

/// The leg that a task listens to.
#[derive(Debug)]
pub(super) struct Leg {
    pub(super) party: Party,
    line: watch::Receiver<LegLine>,
    pub(super) since: Instant,
    /// A frame of it has come.
    pub(super) heard: bool,
    /// The dialplan stopped it: whether it is heard again is the dialplan's to say.
    pub(super) stopped: bool,
}

impl Leg {
    /// With the way to tell of changes on its channel.
    pub(super) fn new(party: Party, line: LegLine) -> (Self, watch::Sender<LegLine>) {
        let (sender, line) = watch::channel(line);
        let leg = Self {
            party,
            line,
            since: Instant::now(),
            heard: false,
            stopped: false,
        };
        (leg, sender)
    }

    pub(super) fn line(&mut self) -> LegLine {
        self.line.borrow_and_update().clone()
    }

    pub(super) async fn known_media(&mut self) -> Result<LegMedia, String> {
        let known = timeout(MEDIA_LIMIT, self.line.wait_for(|line| line.media.is_some())).await;
        let media = known.ok().and_then(Result::ok).and_then(|line| line.media.clone());
        media.ok_or_else(|| "the switch did not say which codec the leg has".to_owned())
    }

    /// Returns when something is different on the leg's channel.
    pub(super) async fn changed(&mut self) -> LegLine {
        if self.line.changed().await.is_err() {
            return std::future::pending().await;
        }
        self.line()
    }

    /// Until its channel is like this; a channel that is gone never is, and drops the task.
    pub(super) async fn until(&mut self, is: impl FnMut(&LegLine) -> bool) {
        if self.line.wait_for(is).await.is_err() {
            std::future::pending().await
        }
    }
}
