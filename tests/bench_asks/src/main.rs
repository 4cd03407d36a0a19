//! Measures how questions in Chinese are read: the query of each against a key that its author wrote. No archive is needed.
#![allow(clippy::print_stdout)]

mod key;
mod weigh;

use std::collections::HashMap;
use std::process::ExitCode;
use std::time::Instant;

use key::Key;
use serde_json::json;
use sidetone_metrics::{Answer, Query, Vocabulary, ask, ready};

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match run(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("bench: {reason}");
            ExitCode::FAILURE
        }
    }
}

/// `asks --questions FILE [--without AUTHOR] [--faults]`: nothing that the author of the file wrote is to be learned from.
/// `asks --signs TABLE --without AUTHOR` prints what the author's own questions are weighed by; `asks --weigh FILE` learns
/// from such lines what goes into `src/metrics/words/signs.tsv`.
fn run(args: &[String]) -> Result<(), String> {
    let value = |name: &str| {
        let at = args.iter().position(|arg| arg == name)?;
        args.get(at + 1).map(String::as_str)
    };
    if let Some(path) = value("--weigh") {
        print!("{}", weigh::weights(&file(path)?)?);
        return Ok(());
    }
    if let Some(path) = value("--signs") {
        let author = value("--without").ok_or("--without AUTHOR is missing")?;
        ready(Some(author));
        print!("{}", weigh::signs_of(&file(path)?, author, &key::vocabulary(&[]))?);
        return Ok(());
    }
    let path = value("--questions").ok_or("--questions FILE is missing")?;
    let faults = args.iter().any(|arg| arg == "--faults");
    let text = file(path)?;
    let keys = key::read(&text)?;
    let vocabulary = key::vocabulary(&keys);
    // What is learned is learned before the clock runs.
    ready(value("--without"));
    let mut tally = Tally::default();
    let typed = tally.round(&keys, &vocabulary, None, faults);
    tally.round(&keys, &vocabulary, Some(&typed), faults);
    println!("{}", tally.figures());
    Ok(())
}

fn file(path: &str) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|error| format!("{path}: {error}"))
}

/// What was right of how many.
#[derive(Default)]
struct Part {
    right: usize,
    all: usize,
}

impl Part {
    fn count(&mut self, right: bool) {
        self.right += usize::from(right);
        self.all += 1;
    }

    fn share(&self) -> Option<f64> {
        (self.all > 0).then(|| (self.right as f64 / self.all as f64 * 1000.0).round() / 1000.0)
    }
}

#[derive(Default)]
struct Tally {
    typed: Part,
    spoken: Part,
    /// Not answered with a query, of those that cannot be answered.
    refused: Part,
    /// Answered with a question back, of those where the key asks for one.
    asked_back: Part,
    times_ms: Vec<f64>,
}

impl Tally {
    /// All questions once: as typed, or, where the queries of those are given, as a recogniser heard them. The queries that
    /// were understood.
    fn round<'a>(
        &mut self,
        keys: &'a [Key],
        vocabulary: &Vocabulary,
        typed: Option<&HashMap<&str, Query>>,
        faults: bool,
    ) -> HashMap<&'a str, Query> {
        let spoken = typed.is_some();
        let mut queries: HashMap<&str, Query> = HashMap::new();
        for key in keys {
            let Some(text) = (if spoken { key.heard.as_deref() } else { Some(&*key.text) }) else {
                continue;
            };
            let before = key.follows.as_deref();
            // What a question follows is taken as its author meant it, so that a fault is counted once.
            let before = before.and_then(|id| {
                let former = keys.iter().find(|other| other.id == id)?;
                let typed = || typed.and_then(|typed| typed.get(id)).filter(|_| former.heard.is_none());
                queries.get(id).or_else(typed).cloned().or_else(|| former.query())
            });
            let start = Instant::now();
            let answer = ask(text, key.now_ms(), vocabulary, before.as_ref());
            self.times_ms.push(start.elapsed().as_secs_f64() * 1000.0);
            let verdict = self.judge(key, &answer, spoken);
            if let (true, Err(fault)) = (faults, verdict) {
                println!("{}{}\t{text}\t{fault}", key.id, if spoken { " heard" } else { "" });
            }
            if let Answer::Query { query, .. } = answer {
                queries.insert(&key.id, *query);
            }
        }
        queries
    }

    fn judge(&mut self, key: &Key, answer: &Answer, spoken: bool) -> Result<(), String> {
        if let Some(question) = key.asks_back() {
            let refused = !matches!(answer, Answer::Query { .. });
            let asked = matches!(answer, Answer::Question { .. });
            self.refused.count(refused);
            if question {
                self.asked_back.count(asked);
            }
            return match answer {
                Answer::Query { said, .. } => Err(format!("answered: {said}")),
                Answer::Refusal { text, .. } if question => Err(format!("refused: {text}")),
                _ => Ok(()),
            };
        }
        let verdict = match answer {
            Answer::Query { query, .. } => key.compare(query),
            Answer::Question { text, .. } => Err(format!("asked back: {text}")),
            Answer::Refusal { text, reason, .. } => Err(format!("refused {reason:?}: {text}")),
        };
        let part = if spoken { &mut self.spoken } else { &mut self.typed };
        part.count(verdict.is_ok());
        verdict
    }

    fn figures(&mut self) -> serde_json::Value {
        self.times_ms.sort_by(f64::total_cmp);
        let p95 = (self.times_ms.len() * 95)
            .div_ceil(100)
            .checked_sub(1)
            .and_then(|at| self.times_ms.get(at));
        json!({
            "typed": self.typed.share(),
            "spoken": self.spoken.share(),
            "refused": format!("{}/{}", self.refused.right, self.refused.all),
            "asked_back": format!("{}/{}", self.asked_back.right, self.asked_back.all),
            "p95_ms": p95.map(|ms| (ms * 100.0).round() / 100.0),
            "questions": self.typed.all + self.spoken.all + self.refused.all,
        })
    }
}
