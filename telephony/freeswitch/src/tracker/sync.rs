//! After (re)connecting: what the switch lists is the truth.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Instant;

use sidetone_base::EndCause;

use super::event::channel;
use super::{Ask, Effect, SYNC_LIMIT, Tracker};
use crate::esl::Headers;

/// Dumps asked for at once: each takes a thread of the switch for a moment.
const WINDOW: usize = 16;

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
    listed: bool,
    waiting: VecDeque<String>,
    asked: BTreeSet<String>,
    /// Whom each channel hears, by its dump.
    partners: BTreeMap<String, Option<String>>,
    /// Hung up while they were listed: a dump of them is old.
    gone: BTreeSet<String>,
}

impl Tracker {
    pub(super) fn begin_sync(&mut self, now: Instant) {
        self.switch.unsee();
        self.sync = Sync::Listing(Listing {
            deadline: now + SYNC_LIMIT,
            listed: false,
            waiting: VecDeque::new(),
            asked: BTreeSet::new(),
            partners: BTreeMap::new(),
            gone: BTreeSet::new(),
        });
        self.effects.push_back(Effect::Ask(Ask::Channels));
        self.effects.push_back(Effect::Ask(Ask::Agents));
    }

    pub(super) fn give_up_sync(&mut self) {
        self.sync = Sync::Down;
        self.effects.push_back(Effect::Reconnect);
    }

    pub(super) fn gone(&mut self, uuid: &str) {
        if let Sync::Listing(listing) = &mut self.sync {
            listing.gone.insert(uuid.to_owned());
        }
    }

    pub(super) fn answer(&mut self, now: Instant, ask: Ask, text: &str) {
        match ask {
            Ask::Channels => {
                let Sync::Listing(listing) = &mut self.sync else { return };
                let Some(uuids) = listed(text) else {
                    return self.give_up_sync();
                };
                listing.listed = true;
                listing.waiting = uuids;
            }
            Ask::Dump(uuid) => self.dumped(now, uuid, text),
            Ask::Agents => self.observer.listed(now, text, &self.agents),
        }
        self.go_on(now);
    }

    fn dumped(&mut self, now: Instant, uuid: String, text: &str) {
        let info = channel(&Headers::parse(text, true));
        if let Sync::Listing(listing) = &mut self.sync {
            listing.asked.remove(&uuid);
            if listing.gone.contains(&uuid) {
                return;
            }
            if let Some(info) = &info {
                listing.partners.insert(uuid.clone(), info.partner.clone());
            }
        }
        // It has hung up meanwhile: its event has told so, or its absence will.
        let Some(info) = info else { return };
        if info.tap {
            self.effects.push_back(Effect::FoundTap { uuid, at: info.tap_at });
            return;
        }
        self.observer.channel(now, &info, true, &self.agents, &self.calls);
        self.learn(now, &info);
        if let Some(channel) = self.switch.channels.get_mut(&info.uuid) {
            channel.held = info.held;
            channel.conference = info.conference;
        }
    }

    fn go_on(&mut self, now: Instant) {
        let Sync::Listing(listing) = &mut self.sync else { return };
        while listing.asked.len() < WINDOW
            && let Some(uuid) = listing.waiting.pop_front()
        {
            self.effects.push_back(Effect::Ask(Ask::Dump(uuid.clone())));
            listing.asked.insert(uuid);
        }
        if !listing.listed || !listing.asked.is_empty() {
            return;
        }
        if let Sync::Listing(listing) = std::mem::replace(&mut self.sync, Sync::Live) {
            self.finish_sync(now, &listing);
        }
    }

    fn finish_sync(&mut self, now: Instant, listing: &Listing) {
        for (uuid, partner) in &listing.partners {
            match partner {
                // Both must say so: one that has left keeps the other's name for a while.
                Some(partner)
                    if listing
                        .partners
                        .get(partner)
                        .is_some_and(|back| back.as_ref() == Some(uuid)) =>
                {
                    self.switch.bridge(uuid, partner);
                }
                _ => {
                    let stale = self
                        .switch
                        .channels
                        .get(uuid)
                        .and_then(|channel| channel.partner.clone());
                    // An event may have told of a bridge that is younger than the dump.
                    if let Some(stale) = stale.filter(|stale| listing.partners.contains_key(stale)) {
                        self.switch.unbridge(uuid, &stale);
                    }
                }
            }
        }
        let mut unseen = self.switch.unseen();
        // Callers first: their calls are over, whoever else was in them.
        unseen.sort_by_key(|uuid| !self.calls.is_caller(uuid));
        for uuid in unseen {
            self.observer.gone(now, &uuid, false);
            self.hangup(&uuid, EndCause::LostSight);
        }
        self.settle(now, true);
        self.hear_early(now);
        self.with_calls(|calls, known| calls.listed(known));
    }
}

/// The channels of `show channels as json`; `None` when it is not that.
fn listed(text: &str) -> Option<VecDeque<String>> {
    let answer: serde_json::Value = serde_json::from_str(text).ok()?;
    let Some(rows) = answer.get("rows").and_then(serde_json::Value::as_array) else {
        return (answer.get("row_count")?.as_u64() == Some(0)).then(VecDeque::new);
    };
    let uuid = |row: &serde_json::Value| Some(row.get("uuid")?.as_str()?.to_owned());
    Some(rows.iter().filter_map(uuid).collect())
}
