//! After (re)connecting: what the switch lists is the truth.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use sidetone_base::EndCause;

use super::{Effect, Event, SYNC_LIMIT, Tracker};
use crate::ami::Action;

#[derive(Debug, Default)]
pub(super) enum Sync {
    /// No connection: nothing is concluded from silence.
    #[default]
    Down,
    /// The switch is listing. Events count at once; conclusions wait until the lists are whole.
    Listing(Listing),
    /// Events tell everything.
    Live,
}

impl Sync {
    pub(super) const fn is_live(&self) -> bool {
        matches!(self, Self::Live)
    }
}

#[derive(Debug)]
pub(super) struct Listing {
    pub(super) deadline: Instant,
    /// Requests that are not answered yet.
    pending: BTreeSet<String>,
    /// Request → bridge, and who is in it.
    bridges: BTreeMap<String, (String, BTreeSet<String>)>,
    /// Bridge and member, as they were known before: what of it is not listed is over.
    before: Vec<(String, String)>,
    /// The switch refused a list, so absence from it means nothing.
    partial: bool,
}

impl Tracker {
    pub(super) fn begin_sync(&mut self, now: Instant) {
        self.switch.unsee();
        self.observer.begin_sync();
        let mut listing = Listing {
            deadline: now + SYNC_LIMIT,
            pending: BTreeSet::new(),
            bridges: BTreeMap::new(),
            before: self.switch.memberships(),
            partial: false,
        };
        for name in ["QueueStatus", "CoreShowChannels", "BridgeList"] {
            let id = format!("sync-{name}");
            listing.pending.insert(id.clone());
            self.effects.push_back(Effect::Send {
                id,
                action: Action::new(name),
            });
        }
        self.sync = Sync::Listing(listing);
    }

    pub(super) fn listing(&mut self, now: Instant, event: Event) {
        let Sync::Listing(listing) = &mut self.sync else { return };
        match event {
            Event::Listed { bridge } => {
                let id = format!("sync-bridge-{}", listing.bridges.len());
                listing.pending.insert(id.clone());
                let action = Action::new("BridgeInfo").with("BridgeUniqueid", bridge.clone());
                listing.bridges.insert(id.clone(), (bridge, BTreeSet::new()));
                self.effects.push_back(Effect::Send { id, action });
            }
            Event::InBridge { action_id, channel } => {
                let Some((bridge, members)) = listing.bridges.get_mut(&action_id) else {
                    return;
                };
                members.insert(channel.uniqueid.clone());
                let bridge = bridge.clone();
                self.switch.learn(now, &channel);
                self.switch.enter(&bridge, &channel.uniqueid);
            }
            Event::ListEnd { action_id } => {
                listing.pending.remove(&action_id);
            }
            Event::Refused { action_id } => {
                // A bridge may have gone while it was asked about; app_queue may not be loaded.
                listing.partial |= matches!(action_id.as_str(), "sync-CoreShowChannels" | "sync-BridgeList");
                listing.pending.remove(&action_id);
            }
            _ => {}
        }
        self.finish_sync(now);
    }

    fn finish_sync(&mut self, now: Instant) {
        let Sync::Listing(listing) = &self.sync else { return };
        if !listing.pending.is_empty() {
            return;
        }
        let Sync::Listing(listing) = std::mem::replace(&mut self.sync, Sync::Live) else {
            return;
        };
        let partial = listing.partial;
        if !partial {
            // Who is real is listed.
            self.unsure.clear();
            let listed: BTreeMap<String, BTreeSet<String>> = listing.bridges.into_values().collect();
            for (bridge, member) in listing.before {
                if listed.get(&bridge).is_none_or(|members| !members.contains(&member)) {
                    self.switch.leave(&bridge, &member);
                }
            }
            for uniqueid in self.switch.unseen() {
                self.observer.lost(now, &uniqueid);
                self.hangup(&uniqueid, EndCause::LostSight);
            }
        }
        self.settle(now, true);
        if !partial {
            self.with_calls(|calls, known| calls.listed(known));
        }
    }
}
