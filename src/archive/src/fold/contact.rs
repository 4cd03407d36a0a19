//! A contact's own course: channel, queues, offers, agents' parts, dialogues, surveys.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};
use sidetone_schema::{
    AgentAcwEnded, AgentOfferEnded, Body, CallUpdated, Envelope, IvrEntered, IvrLeft, IvrTurn, QueueLeft, UpdateReason,
};

use super::Told;
use super::speech::Speech;

/// A switch may call an agent's telephone idle this much before their part in the call is over.
const ACW_EARLY_MS: i64 = 2_000;

/// An agent's part.
#[derive(Debug, Default)]
struct Part {
    leg: String,
    agent: String,
    t0: i64,
    t1: Option<i64>,
    how: Json,
    exit: Json,
    holds: Vec<(i64, i64)>,
    held_since: Option<i64>,
    acw: i64,
}

/// The contact itself.
#[derive(Debug, Default)]
struct Course {
    t0: Option<i64>,
    t1: Option<i64>,
    /// What is known without `contact.entered` and `contact.left`.
    seen_t0: Option<i64>,
    seen_t1: Option<i64>,
    dir: Json,
    ani: Option<String>,
    end_by: Json,
    agent: Option<String>,
    video: bool,
    queued: bool,
    parts: Vec<Part>,
    queues: BTreeMap<String, Json>,
    offers: BTreeMap<String, Json>,
    sessions: BTreeMap<String, Json>,
    surveys: Vec<Json>,
}

/// The facts of a contact.
pub(super) fn facts(told: &[&Told]) -> Vec<Json> {
    let (mut course, mut speech) = (Course::default(), Speech::default());
    for told in told {
        match told {
            Told::Event(event) => {
                course.event(event, told.at());
                speech.event(event, told.at());
            }
            Told::Feedback(at, feedback) => speech.feedback(*at, feedback),
        }
    }
    let mut facts = course.facts();
    facts.extend(speech.facts());
    facts
}

impl Course {
    fn event(&mut self, event: &Envelope, at: i64) {
        match &event.body {
            Body::ContactEntered(data) => {
                self.t0 = Some(at);
                self.dir = json!(data.dir);
                self.ani = self.ani.take().or_else(|| data.caller_hash.clone());
                self.agent.clone_from(&data.agent_id);
                self.video = data.video;
            }
            Body::ContactLeft(data) => {
                self.t1 = Some(at);
                self.t0 = self.t0.or(Some(at - ms(data.duration_ms)));
                self.end_by = json!(data.end_by);
            }
            Body::CallStarted(data) => {
                self.begins(at - ms(data.age_ms));
                self.queued |= data.queue.is_some();
                self.ani = self.ani.take().or_else(|| data.caller_hash.clone());
                if let (Json::Null, Some(dir)) = (&self.dir, data.dir) {
                    self.dir = json!(dir);
                }
            }
            Body::CallUpdated(data) => self.updated(data, at),
            Body::CallEnded(data) => {
                self.seen_t1 = Some(at);
                if self.end_by.is_null() {
                    self.end_by = json!(data.end_by);
                }
                self.parts.iter_mut().for_each(|part| part.close(at, None));
            }
            Body::AgentAcwEnded(data) => self.worked(data, at),
            Body::SurveyOffered(_) => self.surveys.push(json!({"sym": "Y", "offered": true, "score": null})),
            Body::SurveyAnswered(data) => {
                self.surveys
                    .push(json!({"sym": "Y", "offered": true, "score": data.score}));
            }
            _ => self.waited(event, at),
        }
    }

    /// Queues, offers and dialogues.
    fn waited(&mut self, event: &Envelope, at: i64) {
        match &event.body {
            Body::QueueEntered(data) => {
                self.begins(at);
                self.queued = true;
                self.ani = self.ani.take().or_else(|| data.caller_hash.clone());
                let open = json!({"sym": "Q", "queue": data.queue, "t0": at, "t1": null, "left": null});
                self.queues.entry(data.entry.clone()).or_insert(open);
            }
            Body::QueueLeft(data) => self.left_queue(data, at),
            Body::AgentOffered(data) => {
                let open = json!({"sym": "O", "agent": data.agent_id, "t0": at, "t1": null, "left": null});
                self.offers.entry(data.offer.clone()).or_insert(open);
            }
            Body::AgentOfferEnded(data) => self.offer_ended(data, at),
            Body::IvrEntered(data) => self.entered_ivr(data, at),
            Body::IvrTurn(data) => self.ivr_turn(data, at),
            Body::IvrLeft(data) => self.left_ivr(data, at),
            _ => {}
        }
    }

    fn begins(&mut self, at: i64) {
        self.seen_t0 = Some(self.seen_t0.map_or(at, |known| known.min(at)));
    }

    fn left_queue(&mut self, data: &QueueLeft, at: i64) {
        let t0 = at - ms(data.wait_ms);
        self.begins(t0);
        self.queued = true;
        let fact = json!({"sym": "Q", "queue": data.queue, "t0": t0, "t1": at, "w": at - t0, "left": data.left});
        self.queues.insert(data.entry.clone(), fact);
    }

    fn offer_ended(&mut self, data: &AgentOfferEnded, at: i64) {
        let t0 = at - ms(data.rang_ms);
        let fact = json!({"sym": "O", "agent": data.agent_id, "t0": t0, "t1": at, "left": data.left});
        self.offers.insert(data.offer.clone(), fact);
    }

    fn session(&mut self, session: &str) -> &mut Json {
        self.sessions.entry(session.to_owned()).or_insert_with(|| {
            json!({"sym": "R", "t0": null, "t1": null, "turns": [], "answers": 0, "fails_after_last_answer": 0,
                "left": null, "nodes": [], "topics": []})
        })
    }

    fn entered_ivr(&mut self, data: &IvrEntered, at: i64) {
        self.begins(at);
        self.ani = self.ani.take().or_else(|| data.caller_hash.clone());
        let session = self.session(&data.session);
        session["t0"] = json!(at);
        add(&mut session["nodes"], data.node.as_deref());
    }

    /// Times count from the session's begin; without one, from this turn's publication, which is a loss of some seconds.
    fn ivr_turn(&mut self, data: &IvrTurn, at: i64) {
        let session = self.session(&data.session);
        let t0 = session["t0"].as_i64().unwrap_or(at);
        let after = |offset: Option<u64>| offset.map(|offset| t0 + ms(offset));
        if let Json::Array(turns) = &mut session["turns"] {
            turns.push(
                json!({"speech_end": after(data.speech_end_ms), "play_start": after(data.play_start_ms),
                "understood": data.understood}),
            );
        }
        add(&mut session["nodes"], data.node.as_deref());
        add(&mut session["topics"], data.topic.as_deref());
    }

    fn left_ivr(&mut self, data: &IvrLeft, at: i64) {
        let t0 = at - ms(data.duration_ms);
        self.begins(t0);
        let session = self.session(&data.session);
        if session["t0"].is_null() {
            session["t0"] = json!(t0);
        }
        session["t1"] = json!(at);
        session["left"] = json!(data.left);
        session["answers"] = json!(data.answers);
        session["fails_after_last_answer"] = json!(data.fails_after_last_answer);
        data.nodes
            .iter()
            .for_each(|node| add(&mut session["nodes"], Some(node)));
        data.topics
            .iter()
            .for_each(|topic| add(&mut session["topics"], Some(topic)));
    }

    /// The agent's last part that had ended when the work began.
    fn worked(&mut self, data: &AgentAcwEnded, at: i64) {
        let began = at - ms(data.acw_ms);
        let ended =
            |part: &&mut Part| part.agent == data.agent_id && part.t1.is_some_and(|t1| t1 <= began + ACW_EARLY_MS);
        if let Some(part) = self.parts.iter_mut().filter(ended).max_by_key(|part| part.t1) {
            part.acw = ms(data.acw_ms);
        }
    }

    fn updated(&mut self, data: &CallUpdated, at: i64) {
        let agents = || data.legs.iter().filter(|leg| leg.role == "agent");
        for part in self.parts.iter_mut().filter(|part| part.t1.is_none()) {
            if !agents().any(|leg| leg.leg_id == part.leg) {
                let said = data.exit.filter(|_| data.leg.as_ref() == Some(&part.leg));
                part.close(at, said.map(|exit| json!(exit)));
            }
        }
        for leg in agents() {
            let open = |part: &&mut Part| part.t1.is_none() && part.leg == leg.leg_id;
            let how = data.how.filter(|_| data.leg.as_ref() == Some(&leg.leg_id));
            if let Some(part) = self.parts.iter_mut().find(open) {
                if let Some(agent) = &leg.agent_id {
                    part.agent.clone_from(agent);
                }
                // A consultation that became a transfer is two parts.
                match how.map(|how| json!(how)) {
                    Some(how) if how != part.how => part.close(at, None),
                    _ => continue,
                }
            }
            let agent = leg.agent_id.clone().unwrap_or_else(|| leg.leg_id.clone());
            let how = how.map_or_else(|| self.way(data.reason), |how| json!(how));
            let (leg, t0) = (leg.leg_id.clone(), at);
            self.parts.push(Part {
                leg,
                agent,
                t0,
                how,
                ..Part::default()
            });
        }
        self.hold(data, at);
    }

    /// How an agent came, where the switch does not tell.
    fn way(&self, reason: UpdateReason) -> Json {
        match reason {
            UpdateReason::Transfer => json!("transfer"),
            _ if self.queued => json!("queue"),
            _ => json!("direct"),
        }
    }

    /// A hold is that of the leg that is named, if it is an agent's, else of every part.
    fn hold(&mut self, data: &CallUpdated, at: i64) {
        let own = data
            .leg
            .as_ref()
            .filter(|leg| self.parts.iter().any(|part| part.leg == **leg));
        for part in self.parts.iter_mut().filter(|part| part.t1.is_none()) {
            if own.is_some_and(|leg| *leg != part.leg) {
                continue;
            }
            match data.reason {
                UpdateReason::Hold => part.held_since = part.held_since.or(Some(at)),
                UpdateReason::Resume => part.resume(at),
                _ => {}
            }
        }
    }

    fn facts(mut self) -> Vec<Json> {
        let alone = self.seen_t1.is_none() && self.parts.is_empty();
        // A contact that reached no agent, of a switch that does not tell of channels, ends with its last wait.
        let ends = self
            .queues
            .values()
            .chain(self.sessions.values())
            .map(|fact| fact["t1"].as_i64());
        let waited = alone.then(|| ends.collect::<Option<Vec<_>>>()).flatten();
        let t1 = self.t1.or(self.seen_t1).or_else(|| waited?.into_iter().max());
        let mut facts = Vec::new();
        if let Some(t0) = self.t0.or(self.seen_t0) {
            if self.dir.is_null() {
                self.dir = json!("in");
            }
            let dialled = || self.parts.first().map(|part| part.agent.clone());
            let agent = if self.dir == "out" {
                self.agent.clone().or_else(dialled)
            } else {
                None
            };
            facts.push(
                json!({"sym": "C", "t0": t0, "t1": t1, "dir": self.dir, "ani": self.ani, "end_by": self.end_by,
                "video": self.video, "agent": agent}),
            );
        }
        let dir = self.dir;
        facts.extend(self.queues.into_values().chain(self.offers.into_values()));
        facts.extend(self.parts.into_iter().map(|part| part.fact(&dir)));
        facts.extend(self.sessions.into_values().filter(|session| !session["t0"].is_null()));
        facts.extend(self.surveys);
        facts
    }
}

impl Part {
    fn close(&mut self, at: i64, exit: Option<Json>) {
        if self.t1.is_none() {
            self.resume(at);
            self.t1 = Some(at);
            self.exit = exit.unwrap_or_else(|| json!("hangup"));
        }
    }

    fn resume(&mut self, at: i64) {
        if let Some(since) = self.held_since.take() {
            self.holds.push((since, at));
        }
    }

    fn fact(self, dir: &Json) -> Json {
        json!({"sym": "P", "agent": self.agent, "dir": dir, "t0": self.t0, "t1": self.t1, "how": self.how, "exit": self.exit,
            "H": self.holds, "a": self.acw})
    }
}

fn add(list: &mut Json, entry: Option<&str>) {
    if let (Json::Array(list), Some(entry)) = (list, entry)
        && !list.iter().any(|known| known == entry)
    {
        list.push(entry.into());
    }
}

fn ms(time: u64) -> i64 {
    i64::try_from(time).unwrap_or(i64::MAX)
}
