//! Wrap-ups worded by an engine, within what their sources say.

use std::future::pending;
use std::sync::Arc;
use std::time::{Duration, Instant};

use metrics::counter;
use sidetone_assist::ground::Prompt;
use sidetone_schema::Wrapup;
use sidetone_shell::llm::{self, Engines, LlmConfig};
use tokio::task::JoinHandle;

use super::telemetry;

/// How long after the end of a call its wrap-up may be worded.
pub const WITHIN: Duration = Duration::from_secs(3);
/// Of it, what is left for holding the answer against its sources.
const CHECK: Duration = Duration::from_millis(100);

/// Words wrap-ups better.
pub struct Composer(Engines);

impl Composer {
    /// With the engines of the configuration; `None` when it names none.
    ///
    /// # Errors
    /// When the system's certificates cannot be read.
    pub fn of(config: &LlmConfig) -> Result<Option<Arc<Self>>, String> {
        let engines = Engines::for_wrapup(config).map_err(|error| format!("llm: {error}"))?;
        Ok(engines.map(|engines| Arc::new(Self(engines))))
    }

    /// The wrap-up in an engine's words, with its name; `None` when no engine answers or nothing of its answer stands.
    pub async fn compose(&self, prompt: Prompt, deadline: Instant) -> Option<Wrapup> {
        let asked = llm::Prompt {
            system: prompt.system.clone(),
            user: prompt.user.clone(),
            schema: prompt.schema.clone(),
        };
        let until = deadline.checked_sub(CHECK).unwrap_or(deadline);
        let outcome = match self.0.ask(&asked, until).await {
            Ok((engine, answer)) => improve(&prompt, &engine, &answer.text),
            Err(_) => None,
        };
        let wrote = if outcome.is_some() { "engine" } else { "rules" };
        counter!(telemetry::COMPOSED, "by" => wrote).increment(1);
        outcome
    }
}

fn improve(prompt: &Prompt, engine: &str, answer: &str) -> Option<Wrapup> {
    let (mut wrapup, refused) = prompt.improve(answer);
    for (why, count) in refused.iter() {
        counter!(telemetry::REFUSED, "why" => why.as_str()).increment(count.into());
    }
    (wrapup != prompt.wrapup).then(|| {
        wrapup.engine = Some(engine.to_owned());
        wrapup
    })
}

/// The one request that a call may have under way.
#[derive(Default)]
pub(super) struct Composing(Option<JoinHandle<Option<Wrapup>>>);

impl Composing {
    /// Asks beside the call's task. Where there is nobody to ask, the call's own deadline ends its waiting.
    pub(super) fn start(&mut self, composer: Option<&Arc<Composer>>, prompt: Prompt, deadline: Instant) {
        self.0 = composer.map(|composer| {
            let composer = Arc::clone(composer);
            tokio::spawn(async move { composer.compose(prompt, deadline).await })
        });
    }

    /// Waits for its answer; for ever where nobody was asked.
    pub(super) async fn done(&mut self) -> Option<Box<Wrapup>> {
        let Some(task) = &mut self.0 else {
            return pending().await;
        };
        let wrapup = task.await.unwrap_or_default();
        self.0 = None;
        wrapup.map(Box::new)
    }
}

impl Drop for Composing {
    fn drop(&mut self) {
        if let Some(task) = &self.0 {
            task.abort();
        }
    }
}
