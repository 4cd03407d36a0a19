//! The switch's channels and who hears whom, as far as they have been heard of.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Instant;

use sidetone_base::AgentId;

use super::agents::is_loopback;
use super::bugs::BugCount;
use super::event::{ChannelInfo, Direction};
use super::media::{L16, LegLine, LegMedia, Path};

/// More channels than any one FreeSWITCH carries; later ones are not followed.
const MAX_CHANNELS: usize = 50_000;

#[derive(Debug)]
pub(super) struct Channel {
    pub(super) name: String,
    pub(super) inbound: bool,
    pub(super) number: Option<String>,
    pub(super) callee: Option<String>,
    pub(super) queue: Option<String>,
    pub(super) cti_id: Option<String>,
    /// Who hears it.
    pub(super) partner: Option<String>,
    /// The agent that it is.
    pub(super) agent: Option<AgentId>,
    /// The agent that this caller was given to, not yet met.
    pub(super) expects: Option<AgentId>,
    /// How many conversations this caller has had.
    pub(super) conversations: u32,
    /// When it came up, as far as is known.
    pub(super) since: Instant,
    pub(super) media: Option<LegMedia>,
    pub(super) path: Path,
    pub(super) transfer: Option<String>,
    pub(super) held: bool,
    pub(super) bugs: BugCount,
    /// The conference that it is in.
    pub(super) conference: Option<String>,
    /// What the dialplan says the legs of its conversation share.
    shared: Option<String>,
    answered: bool,
    other_half: Option<String>,
    seen: bool,
}

/// Whoever is in one hears everybody in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Room<'a> {
    /// Of `mod_conference`, by its unique id.
    Conference(&'a str),
    /// Named by the dialplan.
    Shared(&'a str),
}

#[derive(Debug, Default)]
pub(super) struct Switch {
    pub(super) channels: HashMap<String, Channel>,
}

impl Switch {
    pub(super) fn learn(&mut self, now: Instant, info: &ChannelInfo) -> Option<&mut Channel> {
        if info.tap {
            self.channels.remove(&info.uuid);
            return None;
        }
        if !self.channels.contains_key(&info.uuid) {
            if self.channels.len() >= MAX_CHANNELS {
                return None;
            }
            self.channels.insert(info.uuid.clone(), Channel::new(now));
        }
        let channel = self.channels.get_mut(&info.uuid)?;
        channel.take(now, info);
        Some(channel)
    }

    pub(super) fn rename(&mut self, old: &str, new: String) {
        if let Some(channel) = self.channels.remove(old) {
            if let Some(partner) = channel
                .partner
                .as_ref()
                .and_then(|partner| self.channels.get_mut(partner))
            {
                partner.partner = Some(new.clone());
            }
            self.channels.insert(new, channel);
        }
    }

    pub(super) fn hangup(&mut self, uuid: &str) {
        if let Some(partner) = self.channels.remove(uuid).and_then(|channel| channel.partner) {
            self.leave(&partner, uuid);
        }
    }

    /// It is in this conference now, or in none.
    pub(super) fn enter(&mut self, uuid: &str, conference: Option<String>) {
        if let Some(channel) = self.channels.get_mut(uuid) {
            channel.conference = conference;
        }
    }

    pub(super) fn bridge(&mut self, a: &str, b: &str) {
        if a == b || !self.channels.contains_key(a) || !self.channels.contains_key(b) {
            return;
        }
        for (one, other) in [(a, b), (b, a)] {
            let before = self
                .channels
                .get_mut(one)
                .and_then(|channel| channel.partner.replace(other.to_owned()));
            if let Some(before) = before.filter(|before| before != other) {
                self.leave(&before, one);
            }
        }
    }

    /// They part; a late word of a bridge that one has already changed for another changes nothing.
    pub(super) fn unbridge(&mut self, a: &str, b: &str) {
        self.leave(a, b);
        self.leave(b, a);
    }

    fn leave(&mut self, one: &str, other: &str) {
        if let Some(channel) = self.channels.get_mut(one)
            && channel.partner.as_deref() == Some(other)
        {
            channel.partner = None;
        }
    }

    /// Whether it hears anybody.
    pub(super) fn hears(&self, uuid: &str) -> bool {
        let Some(channel) = self.channels.get(uuid) else {
            return false;
        };
        channel.partner.is_some()
            || channel.rooms().any(|room| {
                let others = self.channels.iter().filter(|(other, _)| *other != uuid);
                others
                    .into_iter()
                    .any(|(_, other)| other.rooms().any(|theirs| theirs == room))
            })
    }

    /// The parties that hear each other, each set once: by bridges, in conferences, or because the dialplan says that
    /// they are one conversation. Loopback channels are walked through.
    pub(super) fn conversations(&self) -> Vec<Vec<String>> {
        let mut rooms: BTreeMap<Room<'_>, Vec<&str>> = BTreeMap::new();
        for (uuid, channel) in &self.channels {
            for room in channel.rooms() {
                rooms.entry(room).or_default().push(uuid);
            }
        }
        let mut visited: BTreeSet<&str> = BTreeSet::new();
        let mut out = Vec::new();
        let mut starts: Vec<&String> = self.channels.keys().collect();
        starts.sort();
        for start in starts {
            let mut parties = Vec::new();
            let mut open = vec![start.as_str()];
            while let Some(uuid) = open.pop() {
                let Some((uuid, channel)) = self.channels.get_key_value(uuid) else {
                    continue;
                };
                if channel.partner.is_none() && channel.rooms().next().is_none() || !visited.insert(uuid) {
                    continue;
                }
                open.extend(channel.partner.as_deref());
                open.extend(channel.rooms().filter_map(|room| rooms.get(&room)).flatten());
                if is_loopback(&channel.name) {
                    open.extend(channel.other_half.as_deref());
                } else {
                    parties.push(uuid.clone());
                }
            }
            if parties.len() >= 2 {
                out.push(parties);
            }
        }
        out
    }

    /// The sound of both sides of a bridge takes the same way; one of them says which.
    pub(super) fn take_path(&mut self, uuid: &str, path: Path) {
        if let Some(channel) = self.channels.get_mut(uuid) {
            channel.path = path;
        }
    }

    /// What a tap must know of this channel.
    pub(super) fn line(&self, uuid: &str) -> LegLine {
        let Some(channel) = self.channels.get(uuid) else {
            return LegLine::default();
        };
        let partner = channel.partner.as_ref().and_then(|partner| self.channels.get(partner));
        LegLine {
            media: channel.media.clone(),
            path: if channel.is_proxied() || partner.is_some_and(Channel::is_proxied) {
                Path::Proxied
            } else {
                channel.path
            },
            held: channel.held || partner.is_some_and(|partner| partner.held),
            bugs: channel.bugs.bugs,
        }
    }

    /// Begins a comparison with what the switch lists.
    pub(super) fn unsee(&mut self) {
        for channel in self.channels.values_mut() {
            channel.seen = false;
            channel.bugs.forget();
        }
    }

    /// Channels that the switch did not list, and no event named since.
    pub(super) fn unseen(&self) -> Vec<String> {
        let unseen = self.channels.iter().filter(|(_, channel)| !channel.seen);
        unseen.map(|(uuid, _)| uuid.clone()).collect()
    }
}

impl Channel {
    fn new(now: Instant) -> Self {
        Self {
            name: String::new(),
            inbound: false,
            number: None,
            callee: None,
            queue: None,
            cti_id: None,
            partner: None,
            agent: None,
            expects: None,
            conversations: 0,
            since: now,
            media: None,
            path: Path::default(),
            transfer: None,
            held: false,
            bugs: BugCount::default(),
            conference: None,
            shared: None,
            answered: false,
            other_half: None,
            seen: true,
        }
    }

    /// The side that the switch called has a codec of that name, whatever the other one's is called.
    fn is_proxied(&self) -> bool {
        self.media.as_ref().is_some_and(|media| media.codec.is_proxy())
    }

    fn rooms(&self) -> impl Iterator<Item = Room<'_>> {
        // A phone that still rings hears nobody.
        let shared = self.shared.as_deref().filter(|_| self.answered);
        let conference = self.conference.as_deref().map(Room::Conference);
        conference.into_iter().chain(shared.map(Room::Shared))
    }

    /// Described well enough to begin a call with.
    pub(super) fn is_described(&self) -> bool {
        self.callee.is_some()
    }

    fn take(&mut self, now: Instant, info: &ChannelInfo) {
        self.seen = true;
        if !info.name.is_empty() {
            self.name.clone_from(&info.name);
        }
        if let Some(direction) = info.direction {
            self.inbound = direction == Direction::Inbound;
        }
        // What it said first is what it was called with; transfers rewrite both later.
        self.number = self.number.take().or_else(|| info.number.clone());
        self.callee = self.callee.take().or_else(|| info.callee.clone());
        self.queue = info.queue.clone().or(self.queue.take());
        self.cti_id = info.cti_id.clone().or(self.cti_id.take());
        self.other_half = info.other_half.clone().or(self.other_half.take());
        self.path = info.path.unwrap_or(self.path);
        self.shared = info.shared.clone().or(self.shared.take());
        self.answered |= info.answered;
        self.media = match (info.media.clone(), self.media.take()) {
            // Decoded for an application: the leg sends what it sent.
            (Some(now), Some(before)) if now.local.is_none() && now.codec.name == L16 => Some(before),
            // It names the codec and nothing else.
            (Some(now), Some(before)) if now.local.is_none() => Some(LegMedia {
                codec: now.codec,
                ..before
            }),
            (now, before) => now.or(before),
        };
        if let Some(since) = info.age.and_then(|age| now.checked_sub(age)) {
            self.since = self.since.min(since);
        }
    }
}
