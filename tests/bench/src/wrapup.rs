//! `wrapup`: scripted calls in, the wrap-ups at their end against the scripts' keys. By text, on virtual time, without an engine.
//!
//! - An entry of a list is right when it and an entry of the key share [`SAME`] of the character pairs of the shorter one.
//!   This compares words, not meaning: what is said in other words counts as wrong. [`SAME`] was not checked by hand.
//! - `field_accuracy`: subject, request type and satisfaction equal to the key; a list's share is the key's entries that are found.
//! - `wrong_entries`: of the entries written, those that no entry of the key says.
//! - `completeness`: of the elements that the key fills, those that hold more than "none".
//! - `evidence_valid`: of the values that are not a default, those whose evidence is there and names turns of the call.
//! - `invented_numbers`: numbers in advice, todos and risks that no turn says, in the digits they were written in.
//! - `final_ms`: from the last turn to the finished record.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Instant;

use sidetone_schema::{Element, ElementMethod, Satisfaction, Wrapup};

use crate::hints::score::{Bench, Tally, masked};
use crate::hints::script::{self, Script};
use crate::hints::{encoder, root};
use sidetone_base::Role;

/// Of the shorter text's character pairs.
const SAME: f64 = 0.5;

/// Parts of a whole.
#[derive(Default)]
struct Share(usize, usize);

impl Share {
    fn count(&mut self, good: bool) {
        self.0 += usize::from(good);
        self.1 += 1;
    }

    fn value(&self) -> f64 {
        Tally::share(self.0, self.1)
    }
}

/// Over all calls.
#[derive(Default)]
struct Figures {
    subject: Share,
    request_type: Share,
    satisfaction: Share,
    /// Policies, advice, todos, risks: entries of the key that were found.
    lists: [Share; 4],
    /// Entries written that the key does not have, of each list.
    wrong: [Share; 4],
    complete: Share,
    evidence: Share,
    topics_found: Share,
    topics_right: Share,
    invented: usize,
}

/// `[--calls DIR] [--no-encoder]`.
pub(crate) fn run(args: &[String]) -> Result<serde_json::Value, String> {
    let mut dir: PathBuf = root().join("tests/corpus/calls");
    let mut no_encoder = false;
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--calls" => dir = args.next().ok_or("--calls needs a value")?.into(),
            "--no-encoder" => no_encoder = true,
            other => return Err(format!("{other} is no option: [--calls DIR] [--no-encoder]")),
        }
    }
    let bench = Bench::load(Path::new(&root().join("knowledge/12333")), encoder(no_encoder))?;
    let none = bench.pack().phrases().wrapup.none.clone();
    let scripts = script::scripts(&dir)?;
    let (mut figures, mut finals) = (Figures::default(), Tally::default());
    for script in &scripts {
        let mut call = bench.call(script.as_of, &script.region);
        for turn in &script.turns {
            let role = if turn.role == "caller" {
                Role::Caller
            } else {
                Role::Agent
            };
            call.hear(role, &masked(turn), &mut Tally::default());
        }
        let began = Instant::now();
        let wrapup = call.assist.wrapup();
        finals.times.push(began.elapsed());
        figures.judge(script, &wrapup, &none);
    }
    Ok(figures.json(scripts.len(), &finals))
}

impl Figures {
    fn judge(&mut self, script: &Script, wrapup: &Wrapup, none: &str) {
        let (key, made) = (&script.wrapup, &wrapup.elements);
        self.subject.count(key.subject == made.subject.value);
        self.request_type.count(key.request_type == made.request_type.value);
        let satisfaction = match made.satisfaction.value {
            Satisfaction::Satisfied => "satisfied",
            Satisfaction::Neutral => "neutral",
            Satisfaction::Dissatisfied => "dissatisfied",
        };
        self.satisfaction.count(key.satisfaction == satisfaction);
        self.complete.count(made.subject.method != ElementMethod::Default);
        self.complete.count(made.request_type.method != ElementMethod::Default);
        self.complete.count(true);
        self.evidenced(script, &made.subject);
        self.evidenced(script, &made.request_type);
        self.evidenced(script, &made.satisfaction);
        let lists = [
            (&key.policies, &made.policies),
            (&key.advice, &made.advice),
            (&key.todos, &made.todos),
            (&key.risks, &made.risks),
        ];
        for (at, (wanted, element)) in lists.into_iter().enumerate() {
            let written: Vec<&String> = element.value.iter().filter(|text| *text != none).collect();
            for text in wanted {
                self.lists[at].count(written.iter().any(|entry| same(entry, text)));
            }
            for entry in &written {
                self.wrong[at].count(!wanted.iter().any(|text| same(entry, text)));
            }
            if !wanted.is_empty() {
                self.complete.count(!written.is_empty());
            }
            self.evidenced(script, element);
            // A policy's number is its document's.
            if at > 0 {
                self.invented += written.iter().map(|entry| invented(script, entry)).sum::<usize>();
            }
        }
        let found: Vec<&str> = wrapup.topics.iter().map(|topic| topic.topic.as_str()).collect();
        for topic in &script.topics {
            self.topics_found.count(found.contains(&topic.as_str()));
        }
        for topic in found {
            self.topics_right
                .count(script.topics.iter().any(|known| known == topic));
        }
    }

    fn evidenced<T>(&mut self, script: &Script, element: &Element<T>) {
        if element.method == ElementMethod::Default {
            return;
        }
        let known = |segment: &String| {
            let number = segment.strip_prefix('s').and_then(|number| number.parse().ok());
            number.is_some_and(|number| (1..=script.turns.len()).contains(&number))
        };
        self.evidence
            .count(!element.evidence.is_empty() && element.evidence.iter().all(known));
    }

    fn json(&self, calls: usize, finals: &Tally) -> serde_json::Value {
        let fields = [&self.subject, &self.request_type, &self.satisfaction];
        let all: Vec<f64> = fields.into_iter().chain(&self.lists).map(Share::value).collect();
        let [policies, advice, todos, risks] = &self.lists;
        let sum = |read: fn(&Share) -> usize| self.wrong.iter().map(read).sum();
        let [wrong_policies, wrong_advice, wrong_todos, wrong_risks] = &self.wrong;
        serde_json::json!({
            "calls": calls,
            "completeness": self.complete.value(),
            "field_accuracy": all.iter().sum::<f64>() / all.len() as f64,
            "subject": self.subject.value(),
            "request_type": self.request_type.value(),
            "satisfaction": self.satisfaction.value(),
            "policies": policies.value(),
            "advice": advice.value(),
            "todos": todos.value(),
            "risks": risks.value(),
            "topic_recall": self.topics_found.value(),
            "topic_precision": self.topics_right.value(),
            "wrong_entries": Tally::share(sum(|share| share.0), sum(|share| share.1)),
            "wrong": {
                "policies": [wrong_policies.0, wrong_policies.1],
                "advice": [wrong_advice.0, wrong_advice.1],
                "todos": [wrong_todos.0, wrong_todos.1],
                "risks": [wrong_risks.0, wrong_risks.1],
            },
            "evidence_valid": self.evidence.value(),
            "invented_numbers": self.invented,
            "final_ms_p50": finals.percentile(0.5),
            "final_ms_p99": finals.percentile(0.99),
        })
    }
}

/// Whether two entries say the same, as far as words tell.
fn same(one: &str, other: &str) -> bool {
    let (one, other) = (pairs(one), pairs(other));
    let both = one.intersection(&other).count();
    both > 0 && both as f64 >= SAME * one.len().min(other.len()) as f64
}

fn pairs(text: &str) -> BTreeSet<(char, char)> {
    let letters: Vec<char> = text.chars().filter(|c| c.is_alphanumeric()).collect();
    letters.windows(2).map(|pair| (pair[0], pair[1])).collect()
}

fn invented(script: &Script, entry: &str) -> usize {
    let unsaid = |number: &&str| {
        let mut turns = script.turns.iter();
        !turns.any(|turn| numbers(&turn.text).any(|heard| heard == *number))
    };
    numbers(entry).filter(unsaid).count()
}

fn numbers(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_digit() && c != '.')
        .map(|number| number.trim_matches('.'))
        .filter(|number| !number.is_empty())
}
