//! Words to say and what to take care of, on their occasions.

use sidetone_knowledge::calc::{Value as Told, shown};
use sidetone_knowledge::{KnowledgeView, Occasion, Risk, TopicId};
use sidetone_language::View;
use sidetone_schema::{CalcInput, HintKind, Risk as WireRisk, Script as WireScript, Source, Tier, Trigger};

use super::candidate::Candidate;
use super::compose::{Backing, wire_source};
use super::highlight::highlights;
use super::place::Place;
use crate::understand::{Intent, Mood, Understanding};

/// As sure as a word of the pack is.
const SCORE: f32 = 0.6;
/// Scripts of one turn.
const SCRIPTS: usize = 1;
/// Risks of one turn.
const RISKS: usize = 2;

/// A caller's turn, with what was found for it.
pub(super) struct Adviser<'a> {
    pub(super) view: &'a KnowledgeView<'a>,
    pub(super) turn: &'a Understanding,
    /// Topics that the turn is about: asked, supplied for, or named.
    pub(super) topics: &'a [TopicId],
    /// Nodes that were found.
    pub(super) nodes: &'a [String],
    pub(super) place: &'a Place,
    /// What the turn's clauses do.
    pub(super) moods: Vec<Mood>,
}

impl Adviser<'_> {
    pub(super) fn advice(&self) -> Vec<Candidate> {
        let kb = self.view.knowledge();
        // What is to be watched on a topic is said only where nothing that the caller told is over or near.
        let (watched, told): (Vec<&Risk>, Vec<&Risk>) =
            kb.risks().iter().partition(|risk| !risk.row.on.views.is_empty());
        let of = |risks: Vec<&Risk>| -> Vec<Candidate> {
            let found = risks.into_iter().filter_map(|risk| self.risk(risk));
            found.take(RISKS).collect()
        };
        let mut out = of(told);
        if out.is_empty() {
            out = of(watched);
            out.truncate(1);
        }
        // Of a turn that names no topic of its own there is nothing to say that was not shown before.
        let own = self.turn.asks.iter().any(|ask| !ask.carried && !ask.supplies);
        let due = |on: &Occasion| (own || !on.manners.is_empty()) && self.fits(on);
        let fitting = kb.scripts().iter().filter(|script| due(&script.on));
        let mut scripts: Vec<_> = fitting.collect();
        // What is closest to the turn goes first.
        scripts.sort_by_key(|script| std::cmp::Reverse(closeness(&script.on)));
        for script in scripts.into_iter().take(SCRIPTS) {
            let tier = if closeness(&script.on) > 1 {
                Tier::Useful
            } else {
                Tier::Background
            };
            let body = script.say.concat();
            let mut candidate = self.candidate(HintKind::Script, &script.id, &script.title, tier, body);
            candidate.script = Some(WireScript {
                say: script.say.clone(),
                never: script.never.clone(),
            });
            out.push(candidate);
        }
        out
    }

    fn fits(&self, on: &Occasion) -> bool {
        let any = |list: &[String], is: &dyn Fn(&String) -> bool| list.is_empty() || list.iter().any(is);
        any(&on.topics, &|topic| self.topics.contains(topic))
            && any(&on.nodes, &|node| self.nodes.contains(node))
            && any(&on.moods, &|mood| self.moods.iter().any(|of| mood == of.as_str()))
            && any(&on.manners, &|manner| self.turn.manner.as_str() == manner)
            && any(&on.views, &|view| self.turn.view.as_str() == view)
            && any(&on.words, &|word| self.turn.text.contains(word.as_str()))
    }

    /// A risk that this turn brings up: by a slot that it filled, by a word, or by a question on its topic.
    fn risk(&self, risk: &Risk) -> Option<Candidate> {
        let row = &risk.row;
        let slots = &self.turn.slots;
        if !self.fits(&row.on) || !self.view.holds(risk, slots.facts()) {
            return None;
        }
        // To who only tells, no more is said than what must be.
        let tells = self.turn.asks.is_empty() && !matches!(self.turn.view, View::Risk | View::Script);
        if tells && !row.must_say && row.told_twice.is_none() && row.on.words.is_empty() {
            return None;
        }
        if row
            .told_twice
            .as_ref()
            .is_some_and(|slot| slots.told_before(slot).is_none())
        {
            return None;
        }
        let named: Vec<&str> = risk.slots().chain(row.told_twice.as_deref()).collect();
        let asked = self.turn.asks.iter().any(|ask| !ask.supplies);
        let fresh = named.iter().any(|slot| slots.is_fresh(slot));
        let listed = !row.on.words.is_empty() || !row.on.views.is_empty();
        let due = fresh || (row.told_twice.is_none() && asked) || (named.is_empty() && listed);
        if !due {
            return None;
        }
        let body = self.filled(&row.body)?;
        let source = self.view.source_of_risk(row);
        let backing = Backing {
            weakest: source.map_or(sidetone_knowledge::Confidence::C, |source| source.confidence),
            sources: source.map(wire_source).into_iter().collect::<Vec<Source>>(),
        };
        let tier = backing.tier(if row.must_say { Tier::MustSay } else { Tier::Useful });
        let mut candidate = self.candidate(HintKind::Risk, &row.id, &row.title, tier, body);
        candidate.sources = backing.sources;
        candidate.risk = Some(WireRisk {
            rule: row.id.clone(),
            facts: named.into_iter().filter_map(|slot| self.fact(slot)).collect(),
        });
        Some(candidate)
    }

    fn fact(&self, slot: &str) -> Option<CalcInput> {
        let def = self.view.knowledge().slot(slot)?;
        let told = self.turn.slots.facts().get(slot)?;
        Some(CalcInput {
            name: def.name.clone(),
            value: format!("{}{}", shown(def, told), def.unit),
            origin: "caller".to_owned(),
        })
    }

    /// A text with what the caller told, then with its figures; `None` where one is not known.
    fn filled(&self, body: &str) -> Option<String> {
        let mut text = body.to_owned();
        for def in self.view.knowledge().slots() {
            let value = |told: Option<&Told>| told.map(|told| format!("{}{}", shown(def, told), def.unit));
            for (hole, told) in [
                (format!("{{{}}}", def.id), self.turn.slots.facts().get(&def.id)),
                (format!("{{{}.before}}", def.id), self.turn.slots.told_before(&def.id)),
            ] {
                if text.contains(&hole) {
                    text = text.replace(&hole, &value(told)?);
                }
            }
        }
        Some(self.view.render_text(&text).ok()?.text)
    }

    fn candidate(&self, kind: HintKind, id: &str, title: &str, tier: Tier, body: String) -> Candidate {
        let topic = self.topics.first().cloned().unwrap_or_default();
        let intent = self.turn.asks.first().map_or(Intent::Other, |ask| ask.intent());
        let kind_name = super::compose::kind_name(kind);
        let trigger = Trigger {
            segment_id: self.turn.segment.as_str().to_owned(),
            intent: format!("{topic}/{intent}"),
            entities: self.turn.wire_entities(),
        };
        Candidate {
            topic,
            intent,
            title: title.to_owned(),
            highlights: highlights(&body, &[]),
            body,
            region: self.place.wire(),
            score: SCORE,
            dedup_key: format!("{kind_name}:{id}"),
            once: true,
            ..Candidate::of(kind, tier, trigger)
        }
    }
}

/// How much of a turn an occasion names. Who threatens or despairs is met before the matter is.
fn closeness(on: &Occasion) -> usize {
    let lists = [&on.topics, &on.nodes, &on.moods, &on.manners, &on.words];
    lists.iter().filter(|list| !list.is_empty()).count()
        + 2 * usize::from(!on.manners.is_empty())
        + usize::from(!on.words.is_empty())
        + usize::from(!on.nodes.is_empty())
}
