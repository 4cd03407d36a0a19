//! Figures worked out, and what has to be asked before they can be.

use sidetone_knowledge::Node;
use sidetone_knowledge::calc::{CalcError, Calculator, Outcome, SlotDef};
use sidetone_language::{HintPhrases, fill, zh};
use sidetone_schema::{Calc, CalcInput, CalcMissing, HintKind, Tier};

use super::ALSO;
use super::candidate::Candidate;
use super::compose::Composer;
use crate::understand::Intent;

/// Nodes whose calculations are looked at.
const NODES: usize = 4;
/// A node must be this likely for what the caller supplies figures for.
const SUPPLIED: f32 = 0.1;
/// Calculations of one node.
const MOST: usize = 3;

/// What one calculation came to.
enum Tried<'a> {
    Done(Outcome<'a>),
    Asks(Vec<&'a SlotDef>),
}

impl<'a> Composer<'a> {
    /// What can be worked out for the nodes that fit, best first; of the best nodes also what to ask for.
    pub(super) fn calculations(&self, ranked: &[(&'a Node, f32)]) -> Vec<Candidate> {
        let mut out = Vec::new();
        for (place, (node, score)) in ranked
            .iter()
            .filter(|(_, score)| *score >= SUPPLIED)
            .take(NODES)
            .enumerate()
        {
            let answers = (place == 0 || *score >= ALSO) && !self.ask.supplies;
            out.extend(self.of_node(node, *score, answers));
            if !out.is_empty() {
                break;
            }
        }
        out.truncate(MOST);
        out
    }

    fn of_node(&self, node: &'a Node, score: f32, answers: bool) -> Vec<Candidate> {
        let facts = self.turn.slots.facts();
        let mut tried: Vec<(&Calculator, Tried<'_>)> = Vec::new();
        for calculator in self.view.knowledge().calculators_of(&node.id) {
            match self.view.calc(calculator, facts) {
                Ok(Some(outcome)) => tried.push((calculator, Tried::Done(outcome))),
                Err(CalcError::Needs(_)) => {
                    tried.push((calculator, Tried::Asks(self.view.missing(calculator, facts))));
                }
                // No result for this caller, place or day, or none that can be relied upon.
                Ok(None) | Err(_) => {}
            }
        }
        let refined = |id: &str, done: bool| {
            tried
                .iter()
                .filter(|(other, _)| other.instead.as_deref() == Some(id))
                .find(|(_, tried)| matches!(tried, Tried::Done(_)) == done)
        };
        let mut out = Vec::new();
        for (calculator, result) in &tried {
            let base = calculator.instead.as_deref();
            match result {
                Tried::Done(_) if refined(&calculator.id, true).is_some() => {}
                Tried::Done(outcome) => {
                    let more = match refined(&calculator.id, false) {
                        Some((_, Tried::Asks(slots))) => slots.as_slice(),
                        _ => &[],
                    };
                    out.extend(self.worked_out(node, calculator, outcome, more, score, answers));
                }
                Tried::Asks(slots) => {
                    let alone = base.is_none_or(|base| !tried.iter().any(|(other, _)| other.id == base));
                    if answers && alone && out.is_empty() {
                        out.push(self.to_ask(node, calculator, slots, score));
                    }
                }
            }
        }
        out
    }

    fn wants_amount(&self) -> bool {
        self.ask.intents.contains(&Intent::Amount)
    }

    fn worked_out(
        &self,
        node: &Node,
        calculator: &Calculator,
        outcome: &Outcome<'_>,
        more: &[&SlotDef],
        score: f32,
        answers: bool,
    ) -> Option<Candidate> {
        let told = calculator
            .slots()
            .any(|slot| self.turn.slots.facts().contains_key(slot));
        let fresh = calculator.slots().any(|slot| self.turn.slots.is_fresh(slot));
        // From the base alone only where an amount is asked; a turn that supplies something, only where it is used.
        let due = if self.ask.supplies {
            fresh
        } else {
            told || (answers && self.wants_amount())
        };
        if !due {
            return None;
        }
        let backing = self.backing_of(self.view.source_of_calculator(calculator), &outcome.figures);
        let tier = backing.tier(Tier::MustSay);
        let sample = backing.is_sample();
        let mut body = fill(
            &self.phrases.hints.calc,
            &[
                ("name", &outcome.name),
                ("formula", &outcome.formula),
                ("tail", &tail(&self.phrases.hints, outcome)),
            ],
        );
        if !more.is_empty() {
            body.push_str(&fill(&self.phrases.hints.ask_more, &[("questions", &questions(more))]));
        }
        let mut candidate = self.candidate(node, HintKind::Calc, tier, (score + 0.08).min(1.0), body, backing);
        let title = format!("{} {}{}", outcome.name, outcome.result, outcome.unit);
        let title = if sample {
            fill(&self.phrases.hints.sample_calc, &[("title", &title)])
        } else {
            title
        };
        candidate.title = self.place.mark(&title);
        candidate.dedup_key = self.key_of("calc", calculator);
        candidate.sharpens = vec![
            self.place.key(&format!("answer:{}", node.id)),
            self.key_of("ask", calculator),
        ];
        candidate.calc = Some(wire(outcome, more));
        Some(candidate)
    }

    /// There is no result yet: what the agent has to ask.
    fn to_ask(&self, node: &Node, calculator: &Calculator, slots: &[&SlotDef], score: f32) -> Candidate {
        let backing = self.backing_of(self.view.source_of_calculator(calculator), &[]);
        let names: Vec<&str> = slots.iter().map(|slot| slot.name.as_str()).collect();
        let names = names.join(&zh().marks.list.to_string());
        let body = fill(
            &self.phrases.hints.ask_body,
            &[("name", &calculator.name), ("questions", &questions(slots))],
        );
        let mut candidate = self.candidate(node, HintKind::Calc, Tier::Useful, score * 0.95, body, backing);
        let title = fill(
            &self.phrases.hints.ask_title,
            &[("name", &calculator.name), ("slots", &names)],
        );
        candidate.title = self.place.mark(&title);
        candidate.dedup_key = self.key_of("ask", calculator);
        candidate.calc = Some(Calc {
            formula: String::new(),
            inputs: Vec::new(),
            result: String::new(),
            unit: calculator.unit().to_owned(),
            missing: missing(slots),
        });
        candidate
    }

    /// A better calculation takes the place of the one that it is named to stand for.
    fn key_of(&self, what: &str, calculator: &Calculator) -> String {
        self.place.key(&format!(
            "{what}:{}",
            calculator.instead.as_ref().unwrap_or(&calculator.id)
        ))
    }
}

fn questions(slots: &[&SlotDef]) -> String {
    slots.iter().map(|slot| slot.question.as_str()).collect()
}

fn missing(slots: &[&SlotDef]) -> Vec<CalcMissing> {
    let wire = |slot: &&SlotDef| CalcMissing {
        slot: slot.id.clone(),
        question: slot.question.clone(),
    };
    slots.iter().map(wire).collect()
}

/// The result behind the formula, where that does not end with it.
fn tail(words: &HintPhrases, outcome: &Outcome<'_>) -> String {
    let whole = format!("{}{}", outcome.result, outcome.unit);
    if outcome.formula.ends_with(&whole) {
        String::new()
    } else if outcome.formula.ends_with(&outcome.result) {
        outcome.unit.clone()
    } else {
        fill(&words.calc_is, &[("result", &whole)])
    }
}

fn wire(outcome: &Outcome<'_>, more: &[&SlotDef]) -> Calc {
    let input = |input: &sidetone_knowledge::calc::Input| CalcInput {
        name: input.name.clone(),
        value: input.value.clone(),
        origin: input.origin.clone(),
    };
    Calc {
        formula: outcome.formula.clone(),
        inputs: outcome.inputs.iter().map(input).collect(),
        result: outcome.result.clone(),
        unit: outcome.unit.clone(),
        missing: missing(more),
    }
}
