//! What may be wrong with an engine, in plain words, for `sidetone doctor`.

use std::cell::Cell;
use std::time::{Duration, Instant};

use serde_json::json;
use sidetone_base::{Finding, Severity};

use super::client::{Answer, Client, Prompt};
use super::config::Engine;
use super::fault::Fault;

/// How long an engine is waited for.
const WAIT: Duration = Duration::from_secs(10);

/// Asks the engine once, in a few words.
pub async fn diagnose(name: &str, engine: &Engine) -> Finding {
    let prompt = Prompt {
        system: "Answer with a JSON object.".to_owned(),
        user: "Answer with {\"ok\":true} and nothing else.".to_owned(),
        schema: json!({ "type": "object", "properties": { "ok": { "type": "boolean" } }, "required": ["ok"] }),
    };
    let begun = Instant::now();
    let has_begun = Cell::new(false);
    let late = || {
        if has_begun.get() {
            Fault::Unfinished
        } else {
            Fault::Slow
        }
    };
    let outcome = match Client::new(engine) {
        Ok(client) => tokio::time::timeout(WAIT, client.ask(&prompt, || has_begun.set(true)))
            .await
            .unwrap_or_else(|_| Err(late())),
        Err(_) => Err(Fault::Tls),
    };
    let took = begun.elapsed();
    match outcome {
        Ok(answer) => answered(name, engine, &answer, took),
        Err(fault) => Finding {
            severity: Severity::Fault,
            check: "llm",
            found: format!("{name} ({}): {fault}", engine.model()),
            cure: cure(name, fault),
        },
    }
}

fn answered(name: &str, engine: &Engine, answer: &Answer, took: Duration) -> Finding {
    let cost = answer
        .usage
        .map_or("it does not tell what it used".to_owned(), |usage| {
            format!("used {} tokens of prompt and {} of answer", usage.prompt, usage.answer)
        });
    let found = format!("{name} ({}) answers in {} ms; {cost}", engine.model(), took.as_millis());
    let (severity, cure) = match answer.thought {
        true => (
            Severity::Warning,
            "it thinks before it answers, which takes time and tokens: choose a model that does not",
        ),
        false => (Severity::Fine, ""),
    };
    Finding {
        severity,
        check: "llm",
        found,
        cure: cure.to_owned(),
    }
}

fn cure(name: &str, fault: Fault) -> String {
    let at = format!("llm.engines.{name}");
    match fault {
        Fault::NoDns => format!("check the host in {at}.url and the resolver of this machine"),
        Fault::Unreachable => format!("start the server of {at}.url, or open the way to it"),
        Fault::Tls => "check the server's certificate, this machine's clock and its list of authorities".to_owned(),
        Fault::Misconfigured(401 | 403) => format!("check {at}.key"),
        Fault::Misconfigured(402) => "the account has no balance: top it up".to_owned(),
        Fault::Misconfigured(404) => format!("check {at}.model and {at}.url"),
        Fault::Misconfigured(_) => format!("the server does not take our request: check {at}.profile and {at}.model"),
        Fault::Unable(429) => "the account's rate is used up: ask for more or lower llm.concurrent".to_owned(),
        Fault::Slow => "the server is overloaded, or the model is too large for it".to_owned(),
        Fault::Unfinished => {
            format!("the model is too large for the server, or does not come to an end: try another {at}.model")
        }
        Fault::CutOff => {
            format!("the answer did not end within {at}.max_tokens, or the server gave up: try another {at}.model")
        }
        Fault::Blank | Fault::NotJson | Fault::Garbled => {
            format!("the model does not do what it is asked: try another {at}.model")
        }
        _ => "try again later; when it stays, ask who runs the server".to_owned(),
    }
}
