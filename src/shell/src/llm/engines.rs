//! The engines of the configuration, what they may use, and the clock of a request.

use std::future::pending;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use metrics::counter;
use tokio::sync::mpsc;
use tokio::task::AbortHandle;
use tokio::time::sleep_until;

use super::breaker::Breaker;
use super::budget::{Budget, Habit};
use super::client::{Answer, Client, Prompt, Usage};
use super::config::LlmConfig;
use super::fault::Fault;
use super::hedge::{Effect, Hedge, Input, Lane, Rule};
use crate::lock;
use crate::metrics::{LLM_FAULTS, LLM_HEDGES, LLM_OPENED, LLM_REQUESTS, LLM_TOKENS};

/// How long the first engine may be without a token while its habit is not known.
const PATIENCE: Duration = Duration::from_millis(500);
/// The least patience, whatever the habit.
const LEAST_PATIENCE: Duration = Duration::from_millis(50);

/// Engines that a task may ask, in their order.
pub struct Engines {
    entries: Vec<Arc<Entry>>,
    budget: Mutex<Budget>,
    first_token: Duration,
    concurrent: usize,
}

struct Entry {
    name: String,
    client: Client,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    breaker: Breaker,
    habit: Habit,
    /// Requests that are under way.
    running: usize,
    /// A fault of the configuration has been said.
    told: bool,
}

enum News {
    First,
    Done(Result<Answer, Fault>),
}

/// A request that was sent and is not over.
struct Running {
    entry: Arc<Entry>,
    abort: AbortHandle,
    since: Instant,
    day: i64,
    reserved: u64,
}

impl Engines {
    /// The engines that the wrap-up asks; `None` when there are none.
    ///
    /// # Errors
    /// When the system's certificates cannot be read.
    pub fn for_wrapup(config: &LlmConfig) -> Result<Option<Self>, reqwest::Error> {
        let mut entries = Vec::new();
        for name in &config.wrapup {
            if let Some(engine) = config.engines.get(name) {
                entries.push(Arc::new(Entry {
                    name: name.clone(),
                    client: Client::new(engine)?,
                    state: Mutex::default(),
                }));
            }
        }
        Ok((!entries.is_empty()).then(|| Self {
            entries,
            budget: Mutex::new(Budget::new(config.daily_tokens)),
            first_token: config.first_token,
            concurrent: config.concurrent,
        }))
    }

    /// Asks until `until`; the name of the engine whose answer counts, and the answer.
    ///
    /// # Errors
    /// The last fault, when no engine gave a valid answer.
    pub async fn ask(&self, prompt: &Prompt, until: Instant) -> Result<(String, Answer), Fault> {
        let now = clock();
        let (lanes, refusal) = self.admitted(now);
        let Some(patience) = lanes.first().map(|entry| patience(entry)) else {
            return Err(refusal.unwrap_or(Fault::Open));
        };
        let rule = Rule {
            patience,
            first_token: self.first_token,
            until,
        };
        let hedge = Hedge::new(now, lanes.len(), rule);
        let (news, told) = mpsc::channel(8);
        let mut race = Race {
            engines: self,
            prompt,
            lanes,
            running: [None, None],
            answers: [None, None],
            news,
            told,
        };
        race.run(hedge).await
    }

    /// The engines that may be asked now. A probe is let through here and given back in [`Race::end`].
    fn admitted(&self, now: Instant) -> (Vec<Arc<Entry>>, Option<Fault>) {
        let (mut lanes, mut refusal) = (Vec::new(), None);
        for entry in &self.entries {
            let fault = {
                let mut state = lock(&entry.state);
                if state.running >= self.concurrent {
                    Some(Fault::Full)
                } else if state.breaker.admit(now) {
                    None
                } else {
                    Some(Fault::Open)
                }
            };
            match fault {
                None => lanes.push(Arc::clone(entry)),
                Some(fault) => {
                    count_fault(&entry.name, fault);
                    refusal = Some(fault);
                }
            }
        }
        (lanes, refusal)
    }
}

/// One request on its way.
struct Race<'a> {
    engines: &'a Engines,
    prompt: &'a Prompt,
    lanes: Vec<Arc<Entry>>,
    running: [Option<Running>; 2],
    answers: [Option<Answer>; 2],
    /// Two messages of each lane fit.
    news: mpsc::Sender<(Lane, News)>,
    told: mpsc::Receiver<(Lane, News)>,
}

impl Race<'_> {
    async fn run(&mut self, mut hedge: Hedge) -> Result<(String, Answer), Fault> {
        loop {
            while let Some(effect) = hedge.poll() {
                match effect {
                    Effect::Send(lane) => {
                        if let Err(fault) = self.send(lane) {
                            hedge.handle(clock(), Input::Failed(lane, fault));
                        }
                    }
                    Effect::Cancel(lane) => self.end(lane, None, None),
                    Effect::Blame(lane, fault) => self.end(lane, Some(fault), None),
                    Effect::Settled(Ok(lane)) => return self.won(lane),
                    Effect::Settled(Err(fault)) => return Err(fault),
                }
            }
            let alarm = async {
                match hedge.deadline() {
                    Some(at) => sleep_until(at.into()).await,
                    None => pending().await,
                }
            };
            let input = tokio::select! {
                Some((lane, news)) = self.told.recv() => self.take(lane, news),
                () = alarm => Input::Wake,
            };
            hedge.handle(clock(), input);
        }
    }

    fn send(&mut self, lane: Lane) -> Result<(), Fault> {
        let entry = Arc::clone(&self.lanes[lane]);
        let (day, reserved) = (today(), entry.client.most_tokens(self.prompt));
        if !lock(&self.engines.budget).reserve(day, reserved) {
            return Err(Fault::Spent);
        }
        lock(&entry.state).running += 1;
        counter!(LLM_REQUESTS, "engine" => entry.name.clone()).increment(1);
        if lane > 0 {
            counter!(LLM_HEDGES).increment(1);
        }
        let (client, prompt, news) = (entry.client.clone(), self.prompt.clone(), self.news.clone());
        let task = tokio::spawn(async move {
            let early = news.clone();
            let first = move || {
                // There is room for it: each lane sends two messages.
                let _sent = early.try_send((lane, News::First));
            };
            let done = client.ask(&prompt, first).await;
            let _sent = news.try_send((lane, News::Done(done)));
        });
        self.running[lane] = Some(Running {
            entry,
            abort: task.abort_handle(),
            since: clock(),
            day,
            reserved,
        });
        Ok(())
    }

    fn take(&mut self, lane: Lane, news: News) -> Input {
        match news {
            News::First => {
                if let Some(running) = &self.running[lane] {
                    let took = clock().saturating_duration_since(running.since);
                    lock(&running.entry.state).habit.note(took);
                }
                Input::First(lane)
            }
            News::Done(Ok(answer)) => {
                self.answers[lane] = Some(answer);
                Input::Valid(lane)
            }
            News::Done(Err(fault)) => Input::Failed(lane, fault),
        }
    }

    fn won(&mut self, lane: Lane) -> Result<(String, Answer), Fault> {
        let answer = self.answers[lane].take().ok_or(Fault::Garbled)?;
        let usage = answer.usage;
        let name = self.lanes[lane].name.clone();
        if let Some(running) = &self.running[lane] {
            lock(&running.entry.state).breaker.succeeded();
        }
        self.end(lane, None, usage);
        count_tokens(&name, usage);
        Ok((name, answer))
    }

    /// A lane is done: nothing of it runs on, and its place and its tokens are given back.
    fn end(&mut self, lane: Lane, fault: Option<Fault>, usage: Option<Usage>) {
        let entry = &self.lanes[lane];
        if let Some(fault) = fault {
            count_fault(&entry.name, fault);
        }
        let Some(running) = self.running[lane].take() else {
            return;
        };
        running.abort.abort();
        lock(&self.engines.budget).settle(running.day, running.reserved, usage);
        let mut state = lock(&entry.state);
        state.running = state.running.saturating_sub(1);
        match fault.filter(|fault| fault.was_asked()) {
            Some(fault) => {
                let misconfigured = matches!(fault, Fault::Misconfigured(_) | Fault::Tls | Fault::NoDns);
                if misconfigured && !std::mem::replace(&mut state.told, true) {
                    tracing::error!(engine = entry.name, "{fault}; `sidetone doctor` says what to do");
                }
                if state.breaker.failed(clock()) {
                    counter!(LLM_OPENED, "engine" => entry.name.clone()).increment(1);
                }
            }
            None => state.breaker.dropped(),
        }
    }
}

impl Drop for Race<'_> {
    /// Whoever waits for the answer may give up; then nothing runs on either, and a probe is free again.
    fn drop(&mut self) {
        for lane in 0..self.lanes.len() {
            if self.running[lane].is_some() {
                self.end(lane, None, None);
            } else {
                lock(&self.lanes[lane].state).breaker.dropped();
            }
        }
    }
}

fn patience(entry: &Entry) -> Duration {
    lock(&entry.state).habit.p95().unwrap_or(PATIENCE).max(LEAST_PATIENCE)
}

fn count_fault(engine: &str, fault: Fault) {
    counter!(LLM_FAULTS, "engine" => engine.to_owned(), "fault" => fault.code()).increment(1);
}

fn count_tokens(engine: &str, usage: Option<Usage>) {
    let usage = usage.unwrap_or_default();
    for (kind, tokens) in [
        ("prompt", usage.prompt),
        ("answer", usage.answer),
        ("cached", usage.cached),
    ] {
        counter!(LLM_TOKENS, "engine" => engine.to_owned(), "kind" => kind).increment(tokens.into());
    }
}

fn clock() -> Instant {
    tokio::time::Instant::now().into_std()
}

/// Days since 1970, UTC.
fn today() -> i64 {
    jiff::Timestamp::now().as_second().div_euclid(86_400)
}
