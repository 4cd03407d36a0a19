//! What the module's dialplan application asks (`listen`, `answer`, `wrapup`), and the answers.

use std::collections::HashMap;
use std::sync::Arc;

use metrics::counter;
use sidetone_mod_wire::{Answer, Ask, Asked, Status, ToModule};
use sidetone_telephony::{Asks, Granted, Orders, Wish};
use tokio::task::AbortHandle;

use super::module::Module;
use crate::tracker::DialplanChannel;

/// Questions at once; the next one is answered `error` and counted.
const MAX_QUESTIONS: usize = 512;

/// Open questions of one connection; dropping it forgets them.
pub(super) struct Questions {
    module: Arc<Module>,
    orders: Orders<DialplanChannel>,
    asks: Asks,
    open: HashMap<u64, AbortHandle>,
}

impl Questions {
    pub(super) fn new(module: Arc<Module>, orders: Orders<DialplanChannel>, asks: Asks) -> Self {
        Self {
            module,
            orders,
            asks,
            open: HashMap::new(),
        }
    }

    pub(super) fn begin(&mut self, ask: Ask) {
        self.open.retain(|_, task| !task.is_finished());
        if self.open.len() >= MAX_QUESTIONS {
            counter!("sidetone_freeswitch_listens_refused_total").increment(1);
            self.module.send(answer(ask.ask, Granted::plain("error")));
            return;
        }
        let (module, orders, asks) = (Arc::clone(&self.module), self.orders.clone(), self.asks.clone());
        let id = ask.ask;
        let task = tokio::spawn(async move {
            let channel = DialplanChannel::named(ask.uuid.as_str());
            let granted = orders.grant(&asks, &channel, &ask.uuid, &wish(ask.asked)).await;
            module.send(answer(ask.ask, granted));
        });
        self.open.insert(id, task.abort_handle());
    }

    pub(super) fn cancel(&mut self, ask: u64) {
        if let Some(task) = self.open.remove(&ask) {
            task.abort();
        }
    }
}

impl Drop for Questions {
    fn drop(&mut self) {
        for task in self.open.values() {
            task.abort();
        }
    }
}

const fn wish(asked: Asked) -> Wish {
    match asked {
        Asked::Next { timeout, limit } => Wish::Listen { within: timeout, limit },
        Asked::Last => Wish::Answer,
        Asked::Summary => Wish::Wrapup,
    }
}

fn answer(ask: u64, granted: Granted) -> ToModule {
    let status = Status::parse(granted.status).unwrap_or(Status::Error);
    ToModule::Answer(Answer::fitting(ask, status, granted.variables))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use sidetone_base::{Said, Summary};
    use sidetone_telephony::variables;

    use super::*;

    /// The module empties them by itself when no answer comes.
    #[test]
    fn the_module_knows_every_variable_that_an_answer_sets() {
        let names =
            |set: Vec<(String, String)>| -> BTreeSet<String> { set.into_iter().map(|(name, _)| name).collect() };
        let known = |asked: Asked| -> BTreeSet<String> { asked.variables().map(str::to_owned).collect() };
        assert_eq!(known(Asked::Last), names(variables::heard(&Said::default())));
        assert_eq!(known(Asked::Summary), names(variables::summary(&Summary::default())));
    }

    #[test]
    fn every_status_of_a_dialplan_goes_over_the_wire() {
        for status in ["heard", "silence", "gone", "ok", "error"] {
            assert_eq!(Status::parse(status).map(Status::as_str), Some(status));
        }
    }
}
