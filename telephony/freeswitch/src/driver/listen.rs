//! What the module's dialplan application `listen` asks, and the answers.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use metrics::counter;
use sidetone_base::{Answer, LegId, Question, Said};
use sidetone_mod_wire::{Listen, ListenResult, MAX_NAME, MAX_TEXT, ToModule, fit};
use sidetone_telephony::{Asks, Order, Orders};
use tokio::task::AbortHandle;
use tokio::time::timeout;

use super::module::Module;
use crate::tracker::DialplanChannel;

/// Questions at once; the next one is answered `unavailable` and counted.
const MAX_LISTENS: usize = 512;
/// Whoever speaks in time is heard to the end, for at most this.
const SPEECH_LIMIT: Duration = Duration::from_secs(30);

/// Open questions of one connection; dropping it forgets them.
pub(super) struct Listens {
    module: Arc<Module>,
    orders: Orders<DialplanChannel>,
    asks: Asks,
    open: HashMap<u64, AbortHandle>,
}

impl Listens {
    pub(super) fn new(module: Arc<Module>, orders: Orders<DialplanChannel>, asks: Asks) -> Self {
        Self {
            module,
            orders,
            asks,
            open: HashMap::new(),
        }
    }

    pub(super) fn begin(&mut self, listen: Listen) {
        self.open.retain(|_, task| !task.is_finished());
        if self.open.len() >= MAX_LISTENS {
            counter!("sidetone_freeswitch_listens_refused_total").increment(1);
            self.module.send(result(listen.ask, Answer::Gone));
            return;
        }
        let (module, orders, asks) = (Arc::clone(&self.module), self.orders.clone(), self.asks.clone());
        let id = listen.ask;
        let task = tokio::spawn(async move {
            let answer = answered(&orders, &asks, &listen).await;
            module.send(result(listen.ask, answer));
        });
        self.open.insert(id, task.abort_handle());
    }

    pub(super) fn cancel(&mut self, ask: u64) {
        if let Some(task) = self.open.remove(&ask) {
            task.abort();
        }
    }
}

impl Drop for Listens {
    fn drop(&mut self) {
        for task in self.open.values() {
            task.abort();
        }
    }
}

async fn answered(orders: &Orders<DialplanChannel>, asks: &Asks, listen: &Listen) -> Answer {
    let mut ask = asks.open();
    let channel = DialplanChannel::named(listen.uuid.as_str());
    let question = Question::Listen {
        leg: LegId::new(listen.uuid.as_str()),
        within: listen.timeout,
    };
    if orders.send(Order::ask(&channel, ask.id, question, true)).await != Some(true) {
        return Answer::Gone;
    }
    let limit = listen.timeout + SPEECH_LIMIT;
    timeout(limit, ask.answered()).await.unwrap_or(Answer::Silence)
}

fn result(ask: u64, answer: Answer) -> ToModule {
    use sidetone_mod_wire::Answer as Wire;
    let (wire, said) = match answer {
        Answer::Heard(said) => (Wire::Heard, said),
        Answer::Silence => (Wire::Timeout, Said::default()),
        Answer::Gone | Answer::Summary(_) => (Wire::Unavailable, Said::default()),
    };
    let slots: serde_json::Map<_, _> = said
        .slots
        .into_iter()
        .map(|(name, value)| (name, value.into()))
        .collect();
    let slots = serde_json::Value::Object(slots).to_string();
    ToModule::ListenResult(ListenResult {
        ask,
        answer: wire,
        text: fit(&said.text, MAX_TEXT).to_owned(),
        intent: fit(&said.intent.unwrap_or_default(), MAX_NAME).to_owned(),
        topic: fit(&said.topic.unwrap_or_default(), MAX_NAME).to_owned(),
        confidence_permille: (said.confidence.clamp(0.0, 1.0) * 1000.0) as u16,
        // Half an object is none.
        slots: if slots.len() <= MAX_TEXT {
            slots
        } else {
            "{}".to_owned()
        },
        reply: fit(&said.reply.unwrap_or_default(), MAX_TEXT).to_owned(),
    })
}
