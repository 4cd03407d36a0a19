//! What agents do, by what queues say of their members and these members' telephones.

use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, Instant};

use sidetone_base::{AgentId, AgentState};
use sidetone_telephony::facts::MOST_AGENTS;

use super::event::{DeviceState, Member};

/// Every member of every queue.
#[derive(Debug, Default)]
pub(super) struct Members {
    /// How long queues leave an agent alone after a call, where a member has no time of its own.
    wrapup: Duration,
    /// Reasons of a pause that is after-call work and no break.
    acw_reasons: Vec<String>,
    agents: HashMap<AgentId, Agent>,
}

#[derive(Debug, Default)]
struct Agent {
    /// The same telephone whatever the queue, so the newest word on it counts.
    devices: BTreeMap<String, DeviceState>,
    /// By queue and interface.
    memberships: BTreeMap<(String, String), Membership>,
    /// After-call work, where the agent is not called for a while.
    acw_until: Option<Instant>,
}

#[derive(Debug)]
struct Membership {
    device: String,
    paused: Option<String>,
    last_call: u64,
    seen: bool,
}

impl Members {
    pub(super) fn new(wrapup: Duration, acw_reasons: Vec<String>) -> Self {
        Self {
            wrapup,
            acw_reasons,
            agents: HashMap::new(),
        }
    }

    /// A queue's word on a member.
    pub(super) fn learn(&mut self, now: Instant, agent: &AgentId, member: Member) {
        if !self.agents.contains_key(agent) && self.agents.len() >= MOST_AGENTS {
            return;
        }
        let known = self.agents.entry(agent.clone()).or_default();
        let device = member.name.device.unwrap_or_else(|| member.name.interface.clone());
        if member.device == DeviceState::InUse {
            known.acw_until = None;
        }
        known.devices.insert(device.clone(), member.device);
        let membership = Membership {
            device,
            paused: member.paused,
            last_call: member.last_call,
            seen: true,
        };
        let before = known
            .memberships
            .insert((member.queue, member.name.interface), membership);
        let wrapup = match member.wrapup.is_zero() {
            true => self.wrapup,
            false => member.wrapup,
        };
        if before.is_some_and(|before| before.last_call != member.last_call) && !wrapup.is_zero() {
            known.acw_until = Some(now + wrapup);
        }
    }

    /// A queue has this member no more.
    pub(super) fn remove(&mut self, agent: &AgentId, queue: &str, interface: &str) {
        if let Some(known) = self.agents.get_mut(agent) {
            known.memberships.remove(&(queue.to_owned(), interface.to_owned()));
            known.forget_devices();
        }
    }

    /// Begins a comparison with what the switch lists.
    pub(super) fn unsee(&mut self) {
        let known = self
            .agents
            .values_mut()
            .flat_map(|agent| agent.memberships.values_mut());
        known.for_each(|membership| membership.seen = false);
    }

    /// The list is over: who was not named is a member no more.
    pub(super) fn listed(&mut self) {
        for agent in self.agents.values_mut() {
            agent.memberships.retain(|_, membership| membership.seen);
            agent.forget_devices();
        }
    }

    /// What the agent does, and why.
    pub(super) fn state(&self, now: Instant, agent: &AgentId) -> (AgentState, Option<String>) {
        let Some(agent) = self.agents.get(agent).filter(|agent| !agent.memberships.is_empty()) else {
            return (AgentState::Offline, None);
        };
        let any = |wanted: DeviceState| agent.devices.values().any(|state| *state == wanted);
        if any(DeviceState::InUse) {
            return (AgentState::Talk, None);
        }
        if any(DeviceState::Ringing) {
            return (AgentState::Ring, None);
        }
        if !any(DeviceState::Idle) {
            return (AgentState::Offline, None);
        }
        match agent.break_reason() {
            Some(reason) if self.acw_reasons.iter().any(|acw| acw.eq_ignore_ascii_case(reason)) => {
                (AgentState::Acw, Some(reason.to_owned()))
            }
            Some(reason) => (AgentState::Break, Some(reason.to_owned())),
            None if agent.acw_until.is_some_and(|until| now < until) => (AgentState::Acw, None),
            None => (AgentState::Ready, None),
        }
    }

    pub(super) fn all(&self) -> Vec<AgentId> {
        self.agents.keys().cloned().collect()
    }

    /// When after-call work is over somewhere.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.agents.values().filter_map(|agent| agent.acw_until).min()
    }

    /// Whose after-call work is over.
    pub(super) fn due(&mut self, now: Instant) -> Vec<AgentId> {
        let mut over = Vec::new();
        for (id, agent) in &mut self.agents {
            if agent.acw_until.is_some_and(|until| until <= now) {
                agent.acw_until = None;
                over.push(id.clone());
            }
        }
        over
    }
}

impl Agent {
    /// The reason of a break; of an agent whom some queue still calls there is none.
    fn break_reason(&self) -> Option<&str> {
        let mut reasons = self.memberships.values().map(|membership| membership.paused.as_deref());
        let first = reasons.next().flatten()?;
        reasons.all(|reason| reason.is_some()).then_some(first)
    }

    fn forget_devices(&mut self) {
        let memberships = &self.memberships;
        self.devices
            .retain(|device, _| memberships.values().any(|membership| membership.device == *device));
    }
}
