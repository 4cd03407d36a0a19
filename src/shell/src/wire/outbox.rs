//! The journals of all calls, their sum, and which of them hold news.

use std::collections::{HashMap, HashSet, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use metrics::{gauge, histogram};
use sidetone_base::CallId;
use tokio::sync::Notify;

use super::config::OutboxConfig;
use super::journal::{Journal, call_of};
use super::publisher::OutboxError;
use crate::{lock, metrics as names};

/// What publisher and replicator share.
#[derive(Debug)]
pub(super) struct Outbox {
    pub(super) config: OutboxConfig,
    dir: PathBuf,
    journals: Mutex<HashMap<CallId, Arc<Mutex<Journal>>>>,
    bytes: AtomicU64,
    /// Calls with news; bounded by the number of calls.
    news: Mutex<News>,
    bell: Notify,
}

#[derive(Debug, Default)]
struct News {
    order: VecDeque<CallId>,
    members: HashSet<CallId>,
}

impl Outbox {
    /// Makes the folder and finds the journals of an earlier process.
    pub(super) fn open(config: OutboxConfig) -> Result<Self, OutboxError> {
        let dir = config.state_dir.join("journal");
        let fault = |source| OutboxError::Folder {
            path: dir.clone(),
            source,
        };
        std::fs::create_dir_all(&dir).map_err(fault)?;
        let outbox = Self {
            dir: dir.clone(),
            config,
            journals: Mutex::default(),
            bytes: AtomicU64::new(0),
            news: Mutex::default(),
            bell: Notify::new(),
        };
        let mut torn_bytes = 0;
        for entry in std::fs::read_dir(&dir).map_err(fault)? {
            let path = entry.map_err(fault)?.path();
            torn_bytes += outbox.adopt(&path);
        }
        gauge!(names::WIRE_JOURNAL_TORN).set(torn_bytes as f64);
        outbox.measure();
        Ok(outbox)
    }

    /// Takes up one file; gives how many torn bytes it had. A file that cannot be read stays where it is.
    fn adopt(&self, path: &Path) -> u64 {
        let Some(call) = path.file_name().and_then(|name| name.to_str()).and_then(call_of) else {
            return 0;
        };
        match Journal::recover(path) {
            Ok((journal, torn)) => {
                if torn > 0 {
                    tracing::warn!(%call, torn, "journal had a torn last line, cut off");
                }
                self.bytes.fetch_add(journal.len(), Ordering::Relaxed);
                lock(&self.journals).insert(call.clone(), Arc::new(Mutex::new(journal)));
                self.ring(&call);
                torn
            }
            Err(error) => {
                tracing::error!(%call, %error, path = %path.display(), "journal cannot be read; its events wait");
                0
            }
        }
    }

    /// The call's journal, made when there is none.
    pub(super) fn journal(&self, call: &CallId) -> Arc<Mutex<Journal>> {
        let mut journals = lock(&self.journals);
        if let Some(journal) = journals.get(call) {
            return Arc::clone(journal);
        }
        let journal = Arc::new(Mutex::new(Journal::new(&self.dir, call)));
        journals.insert(call.clone(), Arc::clone(&journal));
        journal
    }

    /// The call's journal, when there is one.
    pub(super) fn find(&self, call: &CallId) -> Option<Arc<Mutex<Journal>>> {
        lock(&self.journals).get(call).cloned()
    }

    /// Every call that has a journal, in no order.
    pub(super) fn calls(&self) -> Vec<CallId> {
        lock(&self.journals).keys().cloned().collect()
    }

    /// Bytes in all journals.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Counts bytes that a journal has grown by.
    pub(super) fn grew(&self, by: u64) {
        self.bytes.fetch_add(by, Ordering::Relaxed);
    }

    /// Says that the call has news for the replicator.
    pub(super) fn ring(&self, call: &CallId) {
        let mut news = lock(&self.news);
        if news.members.insert(call.clone()) {
            news.order.push_back(call.clone());
        }
        drop(news);
        self.bell.notify_one();
    }

    /// The call that has waited longest with news.
    pub(super) fn next_news(&self) -> Option<CallId> {
        let mut news = lock(&self.news);
        let call = news.order.pop_front()?;
        news.members.remove(&call);
        Some(call)
    }

    /// Waits until [`Self::ring`] was called since the last wait.
    pub(super) async fn rung(&self) {
        self.bell.notified().await;
    }

    /// Deletes the journal of a call that is over.
    pub(super) fn delete(&self, call: &CallId) {
        let Some(journal) = lock(&self.journals).remove(call) else {
            return;
        };
        let mut journal = lock(&journal);
        self.bytes.fetch_sub(journal.len(), Ordering::Relaxed);
        if let Err(error) = journal.delete() {
            tracing::warn!(%call, %error, "journal cannot be deleted");
        }
    }

    /// Publishes the gauges.
    pub(super) fn measure(&self) {
        gauge!(names::WIRE_JOURNAL_BYTES).set(self.bytes() as f64);
        gauge!(names::WIRE_JOURNALS).set(lock(&self.journals).len() as f64);
    }
}

/// Records how long publishing took.
pub(super) fn took(time: std::time::Duration) {
    histogram!(names::WIRE_PUBLISH_SECONDS).record(time.as_secs_f64());
}
