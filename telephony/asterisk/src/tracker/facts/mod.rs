//! Callers' channels, queues and their members, as facts for metrics. Calls do not depend on any of it.

mod event;
mod members;

use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

use sidetone_base::{AgentId, Direction, Fact, IvrExit, OfferExit, Pii, QueueExit};
use sidetone_telephony::calls::Calls;
use sidetone_telephony::facts::{Contact, Facts, MOST_OPEN, Note};

use super::agents::{Agents, is_local};
use super::switch::is_helper;
use crate::ami::Message;
use crate::config::AsteriskConfig;
use crate::fastagi::Caller;
use event::{Member, MemberName, Observed};
use members::Members;

/// Why a caller left a queue is known within this, if at all.
const REASON_LIMIT: Duration = Duration::from_secs(1);

/// Sees what one switch tells beside its calls.
#[derive(Debug)]
pub(super) struct Observer {
    facts: Facts,
    members: Members,
    /// Callers who have left and whose reason is not known yet.
    leaving: HashMap<String, Leaving>,
    /// Callers whom the dialplan puts into a queue this moment.
    wants: HashMap<String, (Contact, String)>,
    /// Channels whose telephone has hung up.
    hung_up: HashSet<String>,
    /// The switch is listing: conclusions wait. Callers whom it has named so far.
    listing: bool,
    found: HashSet<String>,
}

#[derive(Debug)]
struct Leaving {
    at: Instant,
    /// Without an agent, said the queue.
    abandoned: bool,
    /// An agent has picked up: an announcement plays to them, however long.
    picked_up: bool,
}

impl Observer {
    pub(super) fn new(config: &AsteriskConfig) -> Self {
        Self {
            facts: Facts::new(config.node.clone()),
            members: Members::new(config.queues.wrapup, config.queues.acw_reasons.clone()),
            leaving: HashMap::new(),
            wants: HashMap::new(),
            hung_up: HashSet::new(),
            listing: false,
            found: HashSet::new(),
        }
    }

    pub(super) fn poll(&mut self) -> Option<Fact> {
        self.facts.poll()
    }

    /// How much was not followed for want of room since this was asked last.
    pub(super) fn take_refused(&mut self) -> u64 {
        self.facts.take_refused()
    }

    /// The switch is asked for its queues.
    pub(super) fn begin_sync(&mut self) {
        self.listing = true;
        self.found.clear();
        self.members.unsee();
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        let leaving = self.leaving.values().filter(|leaving| !leaving.picked_up);
        leaving
            .map(|leaving| leaving.at + REASON_LIMIT)
            .chain(self.members.deadline())
            .min()
    }

    /// To be called at [`Self::deadline`].
    pub(super) fn wake(&mut self, now: Instant) {
        let due = |leaving: &Leaving| !leaving.picked_up && leaving.at + REASON_LIMIT <= now;
        let over: Vec<String> = self
            .leaving
            .iter()
            .filter(|(_, leaving)| due(leaving))
            .map(|(channel, _)| channel.clone())
            .collect();
        for channel in over {
            self.left(&channel, None);
        }
        for agent in self.members.due(now) {
            self.tell_state(now, &agent);
        }
    }

    pub(super) fn message(&mut self, now: Instant, message: &Message, agents: &mut Agents, calls: &Calls) {
        let Some(event) = Observed::parse(message) else {
            return;
        };
        match event {
            Observed::Began {
                who,
                name,
                dialled,
                incoming,
                age,
            } if !is_local(&name) && !is_helper(&name) => {
                let agent = agents.of_channel(&name);
                // Who asks a colleague in the middle of a call begins nothing.
                if !agent.as_ref().is_some_and(|agent| calls.has_agent(agent)) {
                    self.began(now, who, dialled, (agent, incoming), age);
                }
            }
            Observed::Member(member) => self.member(now, member, agents),
            Observed::MemberGone { queue, member } => {
                let agent = learn(agents, &member);
                self.members.remove(&agent, &queue, &member.interface);
                self.tell_state(now, &agent);
            }
            Observed::Offered {
                who,
                offer,
                queue,
                member,
            } => self.facts.offered(now, &offer, &who, learn(agents, &member), queue),
            Observed::Connected { channel, offer, member } => {
                self.facts.offer_ended(now, &offer, OfferExit::Answered);
                self.leaving.remove(&channel);
                let agent = learn(agents, &member);
                self.facts.left_queue(now, &channel, QueueExit::Answered, Some(agent));
            }
            Observed::PickedUp { channel } => {
                if let Some(leaving) = self.leave(now, &channel) {
                    leaving.picked_up = true;
                }
            }
            Observed::NotAnswered { offer } => self.facts.offer_ended(now, &offer, OfferExit::NoAnswer),
            Observed::Dumped { offer } => self.facts.offer_ended(now, &offer, OfferExit::Rejected),
            Observed::Listed => self.listed(now),
            other => self.of_channel(now, other),
        }
    }
}

impl Observer {
    /// A contact. Of what goes out the number is the one that was dialled.
    fn began(
        &mut self,
        now: Instant,
        mut who: Contact,
        dialled: Option<String>,
        (agent, incoming): (Option<AgentId>, bool),
        age: Option<Duration>,
    ) {
        let direction = match agent.is_none() && incoming {
            true => Direction::In,
            false => Direction::Out,
        };
        if direction == Direction::Out {
            who.number = dialled.map(Pii::new);
        }
        match age {
            Some(age) => self.facts.contact_found(now, &who, direction, age),
            None => self.facts.contact_entered(now, &who, direction, agent),
        }
    }

    /// A dialplan tells something of its channel, whose call is named after `base`.
    pub(super) fn noted(&mut self, now: Instant, channel: Caller, base: Option<String>, note: Note) {
        let who = Contact {
            base: base.unwrap_or_else(|| channel.uniqueid.clone()),
            channel: channel.uniqueid,
            number: channel.number.map(Pii::new),
        };
        if note == Note::Callback {
            self.leaving.remove(&who.channel);
        }
        self.facts.noted(now, &who, channel.node, note);
    }

    /// The switch does not list this channel any more.
    pub(super) fn lost(&mut self, now: Instant, channel: &str) {
        self.hangup(now, channel);
    }

    fn of_channel(&mut self, now: Instant, event: Observed) {
        match event {
            Observed::Wants { who, queue } if self.wants.len() < MOST_OPEN => {
                self.wants.insert(who.channel.clone(), (who, queue));
            }
            Observed::Wants { .. } => {}
            Observed::Joined { who, queue } => {
                self.wants.remove(&who.channel);
                self.leaving.remove(&who.channel);
                self.facts.dialogue_ended(now, &who.channel, IvrExit::ToQueue);
                self.facts.entered_queue(now, &who, &queue);
                if self.listing {
                    self.found.insert(who.channel);
                }
            }
            Observed::Found { who, queue, waited } => {
                self.found.insert(who.channel.clone());
                self.facts.found_in_queue(now, &who, &queue, waited);
            }
            Observed::Abandoned { channel } => {
                if let Some(leaving) = self.leave(now, &channel) {
                    leaving.abandoned = true;
                    self.left_if_hung_up(&channel);
                }
            }
            Observed::Left { channel } => {
                self.leave(now, &channel);
                self.left_if_hung_up(&channel);
            }
            Observed::Status { channel, result } => self.status(now, &channel, &result),
            Observed::HangupRequest { channel, base, refused } => {
                if self.facts.caller_of(&channel).is_some() {
                    // It still rang. A telephone that is called and not there says so, too.
                    if refused {
                        self.facts.offer_ended(now, &channel, OfferExit::Rejected);
                    }
                } else if self.facts.is_contact(&channel) || self.facts.queue_of(&channel).is_some() {
                    self.hung_up.insert(channel);
                } else if let Some(contact) = base {
                    self.facts.other_hung_up(now, &contact);
                }
            }
            Observed::Hangup { channel } => self.hangup(now, &channel),
            // Somebody talks to them.
            Observed::BridgeEnter { channel } => self.facts.dialogue_ended(now, &channel, IvrExit::Transfer),
            _ => {}
        }
    }

    /// The wait of a caller who leaves, if they wait.
    fn leave(&mut self, now: Instant, channel: &str) -> Option<&mut Leaving> {
        self.facts.queue_of(channel)?;
        let leaving = Leaving {
            at: now,
            abandoned: false,
            picked_up: false,
        };
        Some(self.leaving.entry(channel.to_owned()).or_insert(leaving))
    }

    fn left_if_hung_up(&mut self, channel: &str) {
        if self.hung_up.contains(channel) {
            self.left(channel, None);
        }
    }

    /// Concludes why a caller has left, from what is known by now.
    fn left(&mut self, channel: &str, result: Option<QueueExit>) {
        let Some(leaving) = self.leaving.remove(channel) else {
            return;
        };
        let exit = result.unwrap_or(match (self.hung_up.contains(channel), leaving.abandoned) {
            (true, _) => QueueExit::Abandoned,
            // Without the switch's word: a queue calls it abandoned, too, when its time is over.
            (false, true) => QueueExit::Timeout,
            (false, false) => QueueExit::Overflow,
        });
        self.facts.left_queue(leaving.at, channel, exit, None);
    }

    /// `QUEUESTATUS` of app_queue.
    fn status(&mut self, now: Instant, channel: &str, result: &str) {
        let exit = match result {
            "TIMEOUT" => QueueExit::Timeout,
            "FULL" => QueueExit::Full,
            "JOINEMPTY" | "LEAVEEMPTY" | "JOINUNAVAIL" | "LEAVEUNAVAIL" | "WITHDRAW" => QueueExit::Overflow,
            // The dialplan goes on after an agent has hung up.
            _ => return,
        };
        if self.leaving.contains_key(channel) {
            self.left(channel, Some(exit));
        } else if let Some((who, queue)) = self.wants.remove(channel) {
            self.facts.dialogue_ended(now, channel, IvrExit::ToQueue);
            self.facts.entered_queue(now, &who, &queue);
            self.facts.left_queue(now, channel, exit, None);
        }
    }

    fn hangup(&mut self, now: Instant, channel: &str) {
        self.wants.remove(channel);
        // The telephone of an agent; its caller has left, others have taken the call, or nobody.
        let caller = self.facts.caller_of(channel);
        let exit = match caller {
            Some(caller) if self.hung_up.contains(caller) => OfferExit::CallerGone,
            Some(caller) if self.leaving.get(caller).is_some_and(|leaving| leaving.picked_up) => OfferExit::Elsewhere,
            _ => OfferExit::NoAnswer,
        };
        self.facts.offer_ended(now, channel, exit);
        if let Some(leaving) = self.leaving.get_mut(channel) {
            if leaving.picked_up {
                leaving.at = now;
            }
            self.left(channel, None);
        }
        let by_itself = self.hung_up.remove(channel);
        self.facts.gone(now, channel, by_itself);
    }

    fn member(&mut self, now: Instant, member: Member, agents: &mut Agents) {
        let agent = learn(agents, &member.name);
        self.members.learn(now, &agent, member);
        self.tell_state(now, &agent);
    }

    fn tell_state(&mut self, now: Instant, agent: &AgentId) {
        if !self.listing {
            let (state, reason) = self.members.state(now, agent);
            self.facts.agent_is(now, agent, state, reason);
        }
    }

    /// What the switch has not listed was over while nobody looked.
    fn listed(&mut self, now: Instant) {
        if !std::mem::take(&mut self.listing) {
            return;
        }
        self.members.listed();
        for agent in self.members.all() {
            self.tell_state(now, &agent);
        }
        let found = std::mem::take(&mut self.found);
        for channel in self.facts.waiting() {
            if !found.contains(&channel) {
                self.facts.left_queue(now, &channel, QueueExit::Failed, None);
            }
        }
        self.leaving.clear();
        self.hung_up.clear();
        self.wants.clear();
    }
}

fn learn(agents: &mut Agents, member: &MemberName) -> AgentId {
    agents.learn(&member.interface, member.device.as_deref(), member.name.as_deref())
}
