//! Callers' channels, queues and agents of `mod_callcenter`, as facts for metrics. Calls do not depend on any of it.

mod event;

use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

use sidetone_base::{AgentId, Direction, Fact, IvrExit, OfferExit, Pii, QueueExit};
use sidetone_telephony::calls::Calls;
use sidetone_telephony::facts::{Contact, Facts, MOST_AGENTS, Note};

use super::agents::{Agents, is_loopback};
use super::event::{ChannelInfo, Direction as Way};
use super::ivr::DialplanChannel;
use crate::config::FreeswitchConfig;
use crate::esl::Headers;
use event::{Observed, agent_state, rows};

/// Sees what one switch tells beside its calls.
#[derive(Debug)]
pub(super) struct Observer {
    facts: Facts,
    agents: HashMap<AgentId, Agent>,
    /// By caller and agent, the offer that rings.
    offers: HashMap<(String, AgentId), String>,
    pace: Pace,
}

/// The event socket brings events late, by half a second and more: how long a telephone rang is told by their own times.
#[derive(Debug, Default)]
struct Pace {
    /// An event that came as early as any did, and its time on the switch in µs.
    anchor: Option<(Instant, u64)>,
}

/// An event that seems to be later than this tells that the switch's clock was set.
const LATEST: Duration = Duration::from_secs(10);

impl Pace {
    /// When it happened, by our clock; never after `now`.
    fn at(&mut self, now: Instant, headers: &Headers) -> Instant {
        let Some(time) = headers
            .get("Event-Date-Timestamp")
            .and_then(|time| time.parse::<u64>().ok())
        else {
            return now;
        };
        let told = self.anchor.and_then(|(anchor, then)| match time.checked_sub(then) {
            Some(after) => anchor.checked_add(Duration::from_micros(after)),
            None => anchor.checked_sub(Duration::from_micros(then - time)),
        });
        match told {
            Some(at) if at <= now && now.saturating_duration_since(at) <= LATEST => at,
            _ => {
                self.anchor = Some((now, time));
                now
            }
        }
    }
}

#[derive(Debug, Default)]
struct Agent {
    status: String,
    state: String,
    /// How long a queue leaves them alone after a call.
    wrapup: Duration,
    acw_until: Option<Instant>,
}

impl Observer {
    pub(super) fn new(config: &FreeswitchConfig) -> Self {
        Self {
            facts: Facts::new(config.node.clone()),
            agents: HashMap::new(),
            offers: HashMap::new(),
            pace: Pace::default(),
        }
    }

    pub(super) fn poll(&mut self) -> Option<Fact> {
        self.facts.poll()
    }

    /// How much was not followed for want of room since this was asked last.
    pub(super) fn take_refused(&mut self) -> u64 {
        self.facts.take_refused()
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        self.agents.values().filter_map(|agent| agent.acw_until).min()
    }

    /// To be called at [`Self::deadline`].
    pub(super) fn wake(&mut self, now: Instant) {
        let due = |agent: &Agent| agent.acw_until.is_some_and(|until| until <= now);
        let over = self.agents.iter().filter(|(_, agent)| due(agent));
        let over: Vec<AgentId> = over.map(|(id, _)| id.clone()).collect();
        for id in over {
            if let Some(agent) = self.agents.get_mut(&id) {
                agent.acw_until = None;
            }
            self.tell_state(now, &id);
        }
    }

    /// A channel described itself. `found`: it was there before anybody looked.
    pub(super) fn channel(&mut self, now: Instant, info: &ChannelInfo, found: bool, agents: &Agents, calls: &Calls) {
        if info.direction != Some(Way::Inbound) || info.tap || is_loopback(&info.name) || info.name.is_empty() {
            return;
        }
        let named = info
            .agent
            .as_ref()
            .filter(|_| info.is_agent)
            .map(|name| agents.named(name));
        let agent = named.or_else(|| agents.of_channel(&info.name));
        let (direction, number) = match agent {
            Some(_) => (Direction::Out, &info.callee),
            None => (Direction::In, &info.number),
        };
        // Who asks a colleague in the middle of a call begins nothing.
        if agent.as_ref().is_some_and(|agent| calls.has_agent(agent)) && !self.facts.is_contact(&info.uuid) {
            return;
        }
        let who = Contact {
            channel: info.uuid.clone(),
            base: info.uuid.clone(),
            number: number.clone().map(Pii::new),
        };
        match found {
            true => self
                .facts
                .contact_found(now, &who, direction, info.age.unwrap_or_default()),
            false => self.facts.contact_entered(now, &who, direction, agent),
        }
    }

    /// A dialplan tells something of its channel.
    pub(super) fn noted(&mut self, now: Instant, channel: DialplanChannel, number: Option<String>, note: Note) {
        let who = Contact {
            base: channel.uuid.clone(),
            channel: channel.uuid,
            number: number.map(Pii::new),
        };
        self.facts.noted(now, &who, channel.node, note);
    }

    pub(super) fn event(&mut self, now: Instant, headers: &Headers, agents: &Agents) {
        let now = self.pace.at(now, headers);
        let Some(event) = Observed::parse(headers) else { return };
        match event {
            Observed::Hangup { channel, other } => {
                if let Some(other) = other.filter(|_| !self.facts.is_contact(&channel)) {
                    self.facts.other_hung_up(now, &other);
                }
            }
            Observed::Gone { channel, by_itself } => self.gone(now, &channel, by_itself),
            Observed::Bridged { channel } => self.facts.dialogue_ended(now, &channel, IvrExit::Transfer),
            Observed::Status { agent, status } => {
                self.agent(now, &agents.named(&agent), |agent| agent.status = status);
            }
            Observed::State { agent, state } => {
                self.agent(now, &agents.named(&agent), |agent| agent.state = state);
            }
            other => self.queue(now, other, agents),
        }
    }

    fn queue(&mut self, now: Instant, event: Observed, agents: &Agents) {
        match event {
            Observed::Joined { who, queue } => {
                self.facts.dialogue_ended(now, &who.channel, IvrExit::ToQueue);
                self.facts.entered_queue(now, &who, &queue);
            }
            Observed::Left {
                who,
                queue,
                exit,
                waited,
            } => {
                self.facts.found_in_queue(now, &who, &queue, waited);
                self.left(now, &who.channel, exit, None);
            }
            Observed::Offered {
                who,
                agent,
                queue,
                mark,
            } => {
                let id = agents.named(&agent);
                let offer = format!("{}/{id}/{mark}", who.channel);
                self.end_offer(now, &who.channel, &id, OfferExit::NoAnswer);
                self.facts.offered(now, &offer, &who, id.clone(), queue);
                if self.facts.caller_of(&offer).is_some() {
                    self.offers.insert((who.channel, id), offer);
                }
            }
            Observed::Answered {
                who,
                agent,
                queue,
                waited,
            } => {
                let id = agents.named(&agent);
                self.end_offer(now, &who.channel, &id, OfferExit::Answered);
                self.facts.found_in_queue(now, &who, &queue, waited);
                self.left(now, &who.channel, QueueExit::Answered, Some(id));
            }
            Observed::NotAnswered { member, agent, exit } => {
                self.end_offer(now, &member, &agents.named(&agent), exit);
            }
            _ => {}
        }
    }

    fn end_offer(&mut self, now: Instant, member: &str, agent: &AgentId, exit: OfferExit) {
        if let Some(offer) = self.offers.remove(&(member.to_owned(), agent.clone())) {
            self.facts.offer_ended(now, &offer, exit);
        }
    }

    fn left(&mut self, now: Instant, channel: &str, exit: QueueExit, agent: Option<AgentId>) {
        self.facts.left_queue(now, channel, exit, agent);
        self.offers.retain(|(member, _), _| member != channel);
    }

    /// The channel is there no more, or the switch does not list it.
    pub(super) fn gone(&mut self, now: Instant, channel: &str, by_itself: bool) {
        self.facts.gone(now, channel, by_itself);
        self.offers.retain(|(member, _), _| member != channel);
    }

    /// What the switch lists of its agents is the truth.
    pub(super) fn listed(&mut self, now: Instant, text: &str, agents: &Agents) {
        let rows = rows(text);
        let listed: HashSet<AgentId> = rows.iter().map(|row| agents.named(&row.name)).collect();
        for row in rows {
            self.agent(now, &agents.named(&row.name), |agent| {
                (agent.status, agent.state, agent.wrapup) = (row.status, row.state, row.wrapup);
            });
        }
        let gone: Vec<AgentId> = self.agents.keys().filter(|id| !listed.contains(id)).cloned().collect();
        for id in gone {
            self.agent(now, &id, |agent| agent.status = "Logged Out".to_owned());
        }
    }

    fn agent(&mut self, now: Instant, id: &AgentId, change: impl FnOnce(&mut Agent)) {
        if !self.agents.contains_key(id) && self.agents.len() >= MOST_AGENTS {
            return;
        }
        let agent = self.agents.entry(id.clone()).or_default();
        let talked = agent.is_talking();
        change(agent);
        if agent.is_talking() {
            agent.acw_until = None;
        } else if talked && !agent.wrapup.is_zero() {
            agent.acw_until = Some(now + agent.wrapup);
        }
        self.tell_state(now, id);
    }

    fn tell_state(&mut self, now: Instant, id: &AgentId) {
        let Some(agent) = self.agents.get(id) else { return };
        let (state, reason) = agent_state(&agent.status, &agent.state, agent.acw_until.is_some());
        self.facts.agent_is(now, id, state, reason);
    }
}

impl Agent {
    fn is_talking(&self) -> bool {
        self.state == "In a queue call"
    }
}
