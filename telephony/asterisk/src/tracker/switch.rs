//! The switch's channels and bridges, as far as they have been heard of.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::{Duration, Instant};

use sidetone_base::AgentId;

use super::agents::is_local;
use super::event::ChannelInfo;

/// More channels than any one Asterisk carries; later ones are not followed.
const MAX_CHANNELS: usize = 50_000;

/// A caller who is bridged within this after leaving a queue was given to an agent of it.
const QUEUE_LINGER: Duration = Duration::from_secs(1);

/// Channels that are no party: the switch's own helpers, and taps, ours among them.
const HELPERS: [&str; 11] = [
    "Snoop/",
    "AudioSocket/",
    "Announcer/",
    "Recorder/",
    "CBAnn/",
    "CBRec/",
    "Bridge/",
    "Message/",
    "UnicastRTP/",
    "MulticastRTP/",
    "Surrogate/",
];

#[derive(Debug)]
pub(super) struct Channel {
    pub(super) name: String,
    pub(super) linkedid: String,
    pub(super) number: Option<String>,
    pub(super) exten: Option<String>,
    pub(super) queue: Option<String>,
    pub(super) cti_id: Option<String>,
    /// Since when it is in this queue no more. It leaves for an agent, too, and is bridged a moment later.
    pub(super) left_queue: Option<Instant>,
    pub(super) bridge: Option<String>,
    /// The agent that it is, by `AgentConnect`.
    pub(super) agent: Option<AgentId>,
    /// The agent that a queue gave this caller through a Local channel, not yet met.
    pub(super) expects: Option<AgentId>,
    /// How many conversations this caller has had.
    pub(super) conversations: u32,
    /// When it came up, as far as is known.
    pub(super) since: Instant,
    seen: bool,
}

#[derive(Debug, Default)]
pub(super) struct Switch {
    pub(super) channels: HashMap<String, Channel>,
    bridges: BTreeMap<String, BTreeSet<String>>,
    /// `Local/8003@agents-00000000` → its two halves.
    locals: HashMap<String, BTreeSet<String>>,
}

impl Switch {
    pub(super) fn learn(&mut self, now: Instant, info: &ChannelInfo) -> Option<&mut Channel> {
        if !self.channels.contains_key(&info.uniqueid) {
            if self.channels.len() >= MAX_CHANNELS || is_helper(&info.name) {
                return None;
            }
            if let Some(base) = local_base(&info.name) {
                self.locals
                    .entry(base.to_owned())
                    .or_default()
                    .insert(info.uniqueid.clone());
            }
            let channel = Channel {
                name: info.name.clone(),
                linkedid: info.linkedid.clone().unwrap_or_else(|| info.uniqueid.clone()),
                number: None,
                exten: None,
                queue: None,
                cti_id: None,
                left_queue: None,
                bridge: None,
                agent: None,
                expects: None,
                conversations: 0,
                since: now,
                seen: true,
            };
            self.channels.insert(info.uniqueid.clone(), channel);
        }
        let channel = self.channels.get_mut(&info.uniqueid)?;
        channel.seen = true;
        if channel
            .left_queue
            .is_some_and(|left| now.saturating_duration_since(left) >= QUEUE_LINGER)
        {
            channel.queue = None;
            channel.left_queue = None;
        }
        // What it said first is what it was called with; transfers rewrite both later.
        channel.number = channel.number.take().or_else(|| info.number.clone());
        channel.exten = channel.exten.take().or_else(|| info.exten.clone());
        channel.queue = channel.queue.take().or_else(|| info.queue.clone());
        // The dialplan may set it at any time before the bridge.
        channel.cti_id = info.cti_id.clone().or(channel.cti_id.take());
        if let Some(since) = info.age.and_then(|age| now.checked_sub(age)) {
            channel.since = channel.since.min(since);
        }
        Some(channel)
    }

    pub(super) fn rename(&mut self, uniqueid: &str, name: String) {
        if let Some(channel) = self.channels.get_mut(uniqueid) {
            channel.name = name;
        }
    }

    pub(super) fn hangup(&mut self, uniqueid: &str) -> Option<Channel> {
        self.leave_any(uniqueid);
        let channel = self.channels.remove(uniqueid)?;
        if let Some(base) = local_base(&channel.name)
            && let Some(halves) = self.locals.get_mut(base)
        {
            halves.remove(uniqueid);
            if halves.is_empty() {
                self.locals.remove(base);
            }
        }
        Some(channel)
    }

    pub(super) fn enter(&mut self, bridge: &str, uniqueid: &str) {
        self.leave_any(uniqueid);
        if let Some(channel) = self.channels.get_mut(uniqueid) {
            channel.bridge = Some(bridge.to_owned());
            self.bridges
                .entry(bridge.to_owned())
                .or_default()
                .insert(uniqueid.to_owned());
        }
    }

    pub(super) fn leave(&mut self, bridge: &str, uniqueid: &str) {
        // A late word of a bridge that it has already changed for another.
        if self
            .channels
            .get(uniqueid)
            .is_some_and(|channel| channel.bridge.as_deref() == Some(bridge))
        {
            self.leave_any(uniqueid);
        }
    }

    fn leave_any(&mut self, uniqueid: &str) {
        let left = self
            .channels
            .get_mut(uniqueid)
            .and_then(|channel| channel.bridge.take());
        if let Some(bridge) = left
            && let Some(members) = self.bridges.get_mut(&bridge)
        {
            members.remove(uniqueid);
            if members.is_empty() {
                self.bridges.remove(&bridge);
            }
        }
    }

    pub(super) fn bridge_gone(&mut self, bridge: &str) {
        for uniqueid in self.bridges.remove(bridge).unwrap_or_default() {
            if let Some(channel) = self.channels.get_mut(&uniqueid) {
                channel.bridge = None;
            }
        }
    }

    /// The parties that hear each other, each set once; Local channels are walked through.
    pub(super) fn conversations(&self) -> Vec<Vec<String>> {
        let mut visited: BTreeSet<&str> = BTreeSet::new();
        let mut out = Vec::new();
        for bridge in self.bridges.keys() {
            let mut parties = Vec::new();
            let mut open = vec![bridge.as_str()];
            while let Some(bridge) = open.pop() {
                if !visited.insert(bridge) {
                    continue;
                }
                for uniqueid in self.bridges.get(bridge).into_iter().flatten() {
                    let Some(channel) = self.channels.get(uniqueid) else {
                        continue;
                    };
                    match local_base(&channel.name) {
                        None => parties.push(uniqueid.clone()),
                        Some(base) => open.extend(
                            self.locals
                                .get(base)
                                .into_iter()
                                .flatten()
                                .filter_map(|half| self.channels.get(half)?.bridge.as_deref()),
                        ),
                    }
                }
            }
            if parties.len() >= 2 {
                out.push(parties);
            }
        }
        out
    }

    /// Channels that came by themselves: callers, or agents who dial.
    pub(super) fn callers(&self) -> impl Iterator<Item = &str> {
        self.channels
            .iter()
            .filter(|(id, channel)| channel.linkedid == **id && !is_local(&channel.name))
            .map(|(id, _)| id.as_str())
    }

    /// Begins a comparison with what the switch lists.
    pub(super) fn unsee(&mut self) {
        for channel in self.channels.values_mut() {
            channel.seen = false;
        }
    }

    /// Channels that the switch did not list, and no event named since.
    pub(super) fn unseen(&self) -> Vec<String> {
        self.channels
            .iter()
            .filter(|(_, channel)| !channel.seen)
            .map(|(id, _)| id.clone())
            .collect()
    }

    /// Who is in which bridge.
    pub(super) fn memberships(&self) -> Vec<(String, String)> {
        let pairs = self
            .bridges
            .iter()
            .flat_map(|(bridge, members)| members.iter().map(move |member| (bridge, member)));
        pairs.map(|(bridge, member)| (bridge.clone(), member.clone())).collect()
    }
}

/// Both halves of a Local channel share this much of their names.
fn local_base(name: &str) -> Option<&str> {
    if !is_local(name) {
        return None;
    }
    name.rsplit_once(';').map(|(base, _)| base)
}

pub(super) fn is_helper(name: &str) -> bool {
    HELPERS.iter().any(|prefix| name.starts_with(prefix))
}
