//! What was said in a contact, and what came of it: speech, finals, turns, hints, wrap-up, gaps, quality, emotion, taps.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};
use sidetone_language::zh;
use sidetone_schema::{AudioGap, Body, CallUpdated, ElementMethod, Envelope, HintData, Transcript, Wrapup};

use super::Feedback;

/// Times of speech count from here, so facts with such times wait until the call's begin is known.
type Origin = Option<i64>;

#[derive(Debug, Default)]
pub(super) struct Speech {
    origin: Origin,
    spoken: Vec<Json>,
    finals: BTreeMap<String, (u32, Json)>,
    turns: Vec<Json>,
    hints: BTreeMap<String, Json>,
    wrapup: Option<Json>,
    edited: bool,
    /// The first age that was told, in years.
    age: Option<i64>,
    others: Vec<Json>,
    /// By leg: the role, and when it was heard. From `tap.*`, else from what `call.updated` says of the leg.
    taps: BTreeMap<String, Vec<Tap>>,
    listed: BTreeMap<String, Vec<Tap>>,
    /// By leg and begin.
    gaps: BTreeMap<(String, u64), u64>,
}

#[derive(Debug)]
struct Tap {
    role: String,
    t0: i64,
    t1: Option<i64>,
}

impl Speech {
    pub(super) fn event(&mut self, event: &Envelope, at: i64) {
        let role = event.role.as_deref();
        match &event.body {
            Body::CallStarted(data) => self.origin = self.origin.or(Some(at - ms(data.age_ms))),
            Body::SpeechEnded(data) => {
                self.spoken.extend(
                    self.at(data.begin_ms)
                        .zip(self.at(data.end_ms))
                        .map(|(t0, t1)| json!({"sym": "V", "role": role, "t0": t0, "t1": t1})),
                );
            }
            Body::TranscriptFinal(data) | Body::TranscriptRevised(data) => self.text(data, role),
            Body::Intent(data) => {
                let ages = data.entities.iter().filter(|entity| entity.kind == "age");
                let told = ages.filter_map(|entity| entity.value.as_deref()?.parse().ok()).next();
                self.age = self.age.or(told);
                self.turns.push(json!({"sym": "I", "topic": filled(&data.topic),
                    "is_question": data.is_question, "t": at, "segment": filled(&data.segment_id)}));
            }
            Body::HintNew(data) | Body::HintUpdate(data) => self.hint(data, at),
            Body::HintExpire(data) => {
                if let Some(hint) = self.hints.get_mut(&data.hint_id) {
                    hint["expire"] = json!({"reason": data.reason, "t": at});
                }
            }
            Body::WrapupFinal(data) => self.wrapped(data, at),
            Body::WrapupCorrected(data) => {
                self.wrapped(&data.wrapup, at);
                self.edited = true;
            }
            Body::KnowledgeGap(data) => self
                .others
                .push(json!({"sym": "K", "segment": data.segment_id, "t": at})),
            Body::QaHit(data) => {
                if let Some(kind) = data.kind {
                    self.others.push(
                        json!({"sym": "X", "rule": data.rule, "kind": kind, "met": data.met, "score": data.score}),
                    );
                }
            }
            Body::EmotionSegment(data) => self.others.push(json!({"sym": "E", "role": role, "label": data.label,
                "conf": thousandths(data.confidence), "t": at})),
            _ => self.heard(event, at),
        }
    }

    /// When which leg was heard.
    fn heard(&mut self, event: &Envelope, at: i64) {
        match (&event.body, &event.leg_id, &event.role) {
            (Body::TapUp(data), Some(leg), Some(role)) => {
                if let Some(t0) = self.at(data.begin_ms) {
                    open(&mut self.taps, leg, role, t0);
                }
            }
            (Body::TapDown(data), Some(leg), Some(role)) => {
                if let (Some(t0), Some(t1)) = (self.at(data.begin_ms), self.at(data.end_ms)) {
                    open(&mut self.taps, leg, role, t0);
                    close(&mut self.taps, leg, t1);
                }
            }
            (Body::AudioGap(data), Some(leg), _) => self.gap(data, leg),
            (Body::CallUpdated(data), ..) => self.listed(data, at),
            (Body::CallEnded(_), ..) => {
                for taps in [&mut self.taps, &mut self.listed] {
                    taps.values_mut().flatten().for_each(|tap| tap.t1 = tap.t1.or(Some(at)));
                }
            }
            _ => {}
        }
    }

    fn gap(&mut self, data: &AudioGap, leg: &str) {
        self.gaps.insert((leg.to_owned(), data.begin_ms), data.end_ms);
    }

    fn listed(&mut self, data: &CallUpdated, at: i64) {
        let heard = |leg: &str| data.legs.iter().any(|now| now.leg_id == leg && now.tap.is_some());
        let known: Vec<String> = self.listed.keys().cloned().collect();
        for leg in known.iter().filter(|leg| !heard(leg)) {
            close(&mut self.listed, leg, at);
        }
        for leg in data.legs.iter().filter(|leg| leg.tap.is_some()) {
            open(&mut self.listed, &leg.leg_id, &leg.role, at);
        }
    }

    pub(super) fn feedback(&mut self, at: i64, feedback: &Feedback) {
        if let Some(hint) = &feedback.hint_id {
            self.others
                .push(json!({"sym": "F", "action": feedback.action, "hint_id": hint, "t": at}));
        }
        let element = feedback
            .segment_id
            .as_deref()
            .is_some_and(|segment| segment.starts_with("wrapup."));
        self.edited |= element && feedback.action == "corrected";
    }

    fn at(&self, offset: u64) -> Option<i64> {
        self.origin.map(|origin| origin + ms(offset))
    }

    /// The newest revision of a segment stands.
    fn text(&mut self, data: &Transcript, role: Option<&str>) {
        let Some((begin, end)) = self.at(data.begin_ms).zip(self.at(data.end_ms)) else {
            return;
        };
        if self
            .finals
            .get(&data.segment_id)
            .is_some_and(|(rev, _)| *rev > data.rev)
        {
            return;
        }
        let chars = data.text.chars().filter(|c| c.is_alphanumeric()).count();
        let fact = json!({"sym": "U", "role": role, "begin": begin, "end": end, "chars": chars,
            "conf": thousandths(data.confidence), "redactions": data.redactions.len(), "text": data.text,
            "segment": data.segment_id});
        self.finals.insert(data.segment_id.clone(), (data.rev, fact));
    }

    /// A hint's time, and whether it was early, are those of its first showing.
    fn hint(&mut self, data: &HintData, at: i64) {
        let segment = filled(&data.trigger.segment_id);
        let of_segment = || {
            let turn = self.turns.iter().rev().find(|turn| turn["segment"] == json!(segment));
            turn.map_or(Json::Null, |turn| turn["topic"].clone())
        };
        let topic = data
            .topic
            .as_ref()
            .map_or_else(of_segment, |topic| json!(filled(topic)));
        let chars: Vec<char> = data.body.chars().collect();
        let marked = |span: &sidetone_schema::Span| Some(chars.get(span.begin..span.end)?.iter().collect::<String>());
        let highlights: Vec<String> = data.highlights.iter().filter_map(marked).collect();
        let result = data.calc.as_ref().map(|calc| calc.result.clone());
        let mut fact = json!({"sym": "N", "hint_id": data.hint_id, "tier": data.tier, "t": at, "early": data.early,
            "latency": {"total": data.latency_ms.total}, "topic": topic, "segment": segment, "highlights": highlights,
            "calc_result": result, "expire": null});
        if let Some(known) = self.hints.get(&data.hint_id) {
            for field in ["t", "early", "latency"] {
                fact[field] = known[field].clone();
            }
        }
        self.hints.insert(data.hint_id.clone(), fact);
    }

    /// The first final has the time, the last one what it says.
    fn wrapped(&mut self, data: &Wrapup, at: i64) {
        let ts = self
            .wrapup
            .as_ref()
            .and_then(|known| known["ts"].as_i64())
            .unwrap_or(at);
        let told = &data.elements;
        // Nothing was heard of it.
        let satisfaction = match told.satisfaction.method {
            ElementMethod::Default => json!(zh().phrases.wrapup.none),
            _ => json!(told.satisfaction.value),
        };
        let topics: Vec<_> = data
            .topics
            .iter()
            .map(|t| json!({"topic": t.topic, "resolved": t.resolved}))
            .collect();
        let list = |element: &sidetone_schema::Element<Vec<String>>| json!({"value": element.value, "evidence": element.evidence});
        self.wrapup = Some(
            json!({"sym": "W", "ts": ts, "topics": topics, "request_type": told.request_type.value,
            "risks": told.risks.value, "satisfaction": satisfaction, "elements": {
                "subject": {"value": told.subject.value, "evidence": told.subject.evidence},
                "request_type": {"value": told.request_type.value, "evidence": told.request_type.evidence},
                "policies": list(&told.policies), "advice": list(&told.advice), "todos": list(&told.todos),
                "risks": list(&told.risks),
                "satisfaction": {"value": satisfaction, "evidence": told.satisfaction.evidence}}}),
        );
    }

    pub(super) fn facts(mut self) -> Vec<Json> {
        if let Some(wrapup) = &mut self.wrapup {
            wrapup["edited"] = json!(self.edited);
            if let Some(age) = self.age {
                wrapup["age"] = json!(age);
            }
        }
        let taps = if self.taps.is_empty() {
            std::mem::take(&mut self.listed)
        } else {
            std::mem::take(&mut self.taps)
        };
        let mut facts = self.spoken;
        for (leg, taps) in taps {
            let of_leg = self.gaps.iter().filter(|((of, _), _)| *of == leg);
            let gaps: Vec<_> = of_leg
                .filter_map(|((_, begin), end)| self.origin.map(|origin| [origin + ms(*begin), origin + ms(*end)]))
                .collect();
            facts.extend(
                taps.into_iter()
                    .map(|tap| json!({"sym": "G", "leg": tap.role, "t0": tap.t0, "t1": tap.t1, "gaps": gaps})),
            );
        }
        facts.extend(self.finals.into_values().map(|(_, fact)| fact));
        facts.extend(self.turns);
        facts.extend(self.hints.into_values());
        facts.extend(self.wrapup);
        facts.extend(self.others);
        facts
    }
}

/// A leg is heard from `t0`, unless that is known.
fn open(taps: &mut BTreeMap<String, Vec<Tap>>, leg: &str, role: &str, t0: i64) {
    let of_leg = taps.entry(leg.to_owned()).or_default();
    if !of_leg.iter().any(|tap| tap.t1.is_none() || tap.t0 == t0) {
        let role = role.to_owned();
        of_leg.push(Tap { role, t0, t1: None });
    }
}

fn close(taps: &mut BTreeMap<String, Vec<Tap>>, leg: &str, t1: i64) {
    for tap in taps.get_mut(leg).into_iter().flatten().filter(|tap| tap.t1.is_none()) {
        tap.t1 = Some(t1);
    }
}

fn filled(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}

fn thousandths(share: f32) -> i64 {
    (f64::from(share) * 1000.0).round() as i64
}

fn ms(time: u64) -> i64 {
    i64::try_from(time).unwrap_or(i64::MAX)
}
