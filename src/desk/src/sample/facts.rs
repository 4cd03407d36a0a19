//! The morning as facts for the archive (docs/METRICS.md).

use serde_json::{Value, json};

use super::plan::{Answered, Contact, Dice, Plan, agent_id};
use super::script::Script;

/// Every fact of the morning that is not recent at `now`.
pub(super) fn facts(plan: &Plan, scripts: &[Script], now: i64, dice: &mut Dice) -> Vec<Value> {
    let mut all = Vec::new();
    for contact in plan.contacts.iter().filter(|contact| !contact.is_recent(now)) {
        let mut facts = Facts {
            id: &contact.id,
            seq: 0,
            out: &mut all,
        };
        facts.queue(contact, &scripts[contact.script]);
        if let Some(answered) = &contact.answered {
            facts.call(contact, answered);
            facts.talk(contact, answered, &scripts[contact.script], dice);
        }
    }
    for agent in 0..plan.agents {
        // The state that lasts is told by the wire.
        let over = plan.states(agent, now).into_iter().filter(|(_, _, t1)| *t1 <= now);
        for (seq, (state, t0, t1)) in over.enumerate() {
            all.push(
                json!({"agent": agent_id(agent), "seq": seq, "rev": 1, "sym": "S", "state": state, "t0": t0, "t1": t1}),
            );
        }
    }
    all
}

struct Facts<'a> {
    id: &'a str,
    seq: u64,
    out: &'a mut Vec<Value>,
}

impl Facts<'_> {
    fn add(&mut self, sym: &str, mut fact: Value) {
        self.seq += 1;
        fact["call_id"] = json!(self.id);
        fact["seq"] = json!(self.seq);
        fact["rev"] = json!(1);
        fact["sym"] = json!(sym);
        self.out.push(fact);
    }

    fn queue(&mut self, contact: &Contact, script: &Script) {
        let (t0, queued, left) = (contact.t0, contact.queued, contact.left);
        let (how, end_by) = match contact.answered {
            Some(_) => ("answered", "caller"),
            None => ("abandoned", "caller"),
        };
        let ani = format!("sample-caller-{}", contact.caller);
        self.add(
            "C",
            json!({"t0": t0, "t1": contact.end(), "dir": "in", "ani": ani, "end_by": end_by}),
        );
        let turns = json!([{"speech_end": t0 + 6_000, "play_start": t0 + 6_900, "understood": true}]);
        self.add("R", json!({"t0": t0, "t1": queued, "turns": turns, "answers": 0, "fails_after_last_answer": 0, "left": "to_queue",
            "nodes": ["main"], "topics": [script.topic()]}));
        self.add(
            "Q",
            json!({"queue": script.queue(), "t0": queued, "t1": left, "w": left - queued, "left": how}),
        );
    }

    fn call(&mut self, contact: &Contact, answered: &Answered) {
        let agent = agent_id(answered.agent);
        self.add(
            "O",
            json!({"agent": agent, "t0": answered.rang, "t1": contact.left, "left": "answered"}),
        );
        self.add("P", json!({"agent": agent, "dir": "in", "t0": contact.left, "t1": answered.end, "how": "queue", "exit": "hangup",
            "H": [], "a": answered.done - answered.end}));
        for leg in ["caller", "agent"] {
            self.add(
                "G",
                json!({"leg": leg, "t0": contact.left, "t1": answered.end, "gaps": []}),
            );
        }
    }

    fn talk(&mut self, contact: &Contact, answered: &Answered, script: &Script, dice: &mut Dice) {
        for (number, (turn, begin, end)) in script.timed().enumerate() {
            let (begin, end) = (contact.left + begin, contact.left + end);
            let (role, segment) = (turn.role.as_str(), format!("{}-{number}", turn.role));
            self.add("V", json!({"role": role, "t0": begin, "t1": end}));
            self.add("U", json!({"role": role, "begin": begin, "end": end, "chars": turn.text.chars().filter(|c| c.is_alphanumeric()).count(),
                "conf": dice.between(840, 980), "redactions": 0, "text": turn.text, "segment": segment}));
            if role == "caller" {
                self.asked(script, &segment, end, dice);
            }
        }
        let wrapup = &script.wrapup;
        let filled = |value: Value| json!({"value": value, "evidence": ["caller-1"]});
        let elements = json!({"subject": filled(json!(wrapup.subject)), "request_type": filled(json!(wrapup.request_type)),
            "policies": filled(json!(wrapup.policies)), "advice": filled(json!(wrapup.policies)), "todos": filled(json!(wrapup.todos)),
            "risks": filled(json!(wrapup.risks)), "satisfaction": filled(json!(wrapup.satisfaction))});
        let topics: Vec<Value> = script
            .topics
            .iter()
            .map(|topic| json!({"topic": topic, "resolved": dice.in_hundred(88)}))
            .collect();
        self.add(
            "W",
            json!({"elements": elements, "topics": topics, "request_type": wrapup.request_type, "risks": wrapup.risks,
            "satisfaction": wrapup.satisfaction, "ts": answered.end + 800, "edited": dice.in_hundred(12)}),
        );
        let score = dice
            .in_hundred(60)
            .then(|| [5, 5, 5, 5, 5, 4, 4, 3, 1][dice.between(0, 9) as usize]);
        self.add("Y", json!({"offered": true, "score": score}));
    }

    fn asked(&mut self, script: &Script, segment: &str, t: i64, dice: &mut Dice) {
        self.add(
            "I",
            json!({"topic": script.topic(), "is_question": true, "t": t + 120, "segment": segment}),
        );
        if dice.in_hundred(6) {
            self.add("K", json!({"segment": segment, "t": t + 300}));
            return;
        }
        let hint = format!("h-{segment}");
        self.add("N", json!({"hint_id": hint, "tier": 1 + dice.between(0, 3), "t": t + 400, "early": dice.in_hundred(40), "latency": {"total": dice.between(250, 900)},
            "topic": script.topic(), "segment": segment, "highlights": [], "calc_result": null}));
        for (action, times) in [("shown", 95), ("clicked", 30), ("copied", 12)] {
            if dice.in_hundred(times) {
                self.add("F", json!({"action": action, "hint_id": hint, "t": t + 900}));
            }
        }
    }
}
