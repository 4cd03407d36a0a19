//! The journals of all calls, their sum, and which of them hold news.

use std::collections::{HashMap, HashSet, VecDeque};
use std::io;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use metrics::{counter, gauge, histogram};
use sidetone_base::CallId;
use tokio::sync::Notify;

use super::config::OutboxConfig;
use super::journal::{Journal, call_of};
use super::shed::{Rank, sheds};
use crate::{lock, metrics as names};

/// What all journals together may hold in memory while the disk refuses writes.
pub(super) const MEMORY_BOUND: u64 = 64 << 20;
/// A journal holds what people said.
const MODE: u32 = 0o700;

/// What publisher and replicator share.
#[derive(Debug)]
pub(super) struct Outbox {
    pub(super) config: OutboxConfig,
    dir: PathBuf,
    journals: Mutex<HashMap<CallId, Arc<Mutex<Journal>>>>,
    bytes: AtomicU64,
    /// Of these, bytes that are in memory alone.
    memory: AtomicU64,
    /// Events that Redis is not known to have, as of the last [`Self::measure`].
    undelivered: AtomicU64,
    /// Calls that Redis is behind of: how far it was, and since when.
    behind: Mutex<HashMap<CallId, (u64, Instant)>>,
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
    /// Makes the folder and finds the journals of an earlier process. A folder that cannot be used is told, and its
    /// journals are in memory until it can.
    pub(super) fn open(config: OutboxConfig) -> Self {
        let dir = config.state_dir.join("journal");
        let outbox = Self {
            dir: dir.clone(),
            config,
            journals: Mutex::default(),
            bytes: AtomicU64::new(0),
            memory: AtomicU64::new(0),
            undelivered: AtomicU64::new(0),
            behind: Mutex::default(),
            news: Mutex::default(),
            bell: Notify::new(),
        };
        match make_folder(&dir).and_then(|()| outbox.adopt_all(&dir)) {
            Ok(torn) => gauge!(names::WIRE_JOURNAL_TORN).set(torn as f64),
            Err(error) => {
                counter!(names::WIRE_JOURNAL_ERRORS).increment(1);
                tracing::error!(
                    %error,
                    folder = %dir.display(),
                    "journals cannot be written: events wait in memory, and are lost if this process dies; \
                     mend outbox.state_dir"
                );
            }
        }
        outbox
    }

    /// Takes up every journal that is there; gives how many torn bytes they had.
    fn adopt_all(&self, dir: &Path) -> io::Result<u64> {
        let mut torn = 0;
        for entry in std::fs::read_dir(dir)? {
            torn += self.adopt(&entry?.path());
        }
        Ok(torn)
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

    /// Whether half of the room is taken, on disk or in memory.
    pub(super) fn is_tight(&self) -> bool {
        let memory = self.memory.load(Ordering::Relaxed);
        self.bytes() >= self.config.max_bytes / 2 || memory >= MEMORY_BOUND / 2
    }

    /// Whether an event of `rank` may wait in memory for the disk.
    pub(super) fn may_wait(&self, rank: Rank) -> bool {
        !sheds(rank, self.memory.load(Ordering::Relaxed), MEMORY_BOUND)
    }

    /// Takes in that a journal had `before` bytes in memory, and has `after`.
    pub(super) fn remembers(&self, before: u64, after: u64) {
        if after >= before {
            self.memory.fetch_add(after - before, Ordering::Relaxed);
        } else {
            self.memory.fetch_sub(before - after, Ordering::Relaxed);
        }
    }

    /// Events that Redis is not known to have, as of the last [`Self::measure`].
    pub(super) fn undelivered(&self) -> u64 {
        self.undelivered.load(Ordering::Relaxed)
    }

    /// Forgets a call of which nothing was ever accepted.
    pub(super) fn forget_empty(&self, call: &CallId) {
        let mut journals = lock(&self.journals);
        if journals.get(call).is_some_and(|journal| lock(journal).last_seq() == 0) {
            journals.remove(call);
        }
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

    /// Of the calls with news, those that are `wanted`.
    pub(super) fn news_of(&self, wanted: impl Fn(&CallId) -> bool) -> Vec<CallId> {
        let news = lock(&self.news);
        news.order.iter().filter(|call| wanted(call)).cloned().collect()
    }

    /// Waits until [`Self::ring`] was called since the last wait.
    pub(super) async fn rung(&self) {
        self.bell.notified().await;
    }

    /// Counts what a journal that was written anew has grown or shrunk by.
    pub(super) fn resized(&self, before: u64, after: u64) {
        self.bytes.fetch_add(after, Ordering::Relaxed);
        self.bytes.fetch_sub(before, Ordering::Relaxed);
    }

    /// Deletes the journal of a call that is over.
    pub(super) fn delete(&self, call: &CallId) {
        let Some(journal) = lock(&self.journals).remove(call) else {
            return;
        };
        let mut journal = lock(&journal);
        self.bytes.fetch_sub(journal.len(), Ordering::Relaxed);
        self.remembers(journal.waiting(), 0);
        if let Err(error) = journal.delete() {
            tracing::warn!(%call, %error, "journal cannot be deleted");
        }
    }

    /// Writes what waited for the disk, and publishes the gauges. `confirmed` tells how far Redis is known to be.
    pub(super) fn measure(&self, confirmed: impl Fn(&CallId) -> u64) {
        let journals: Vec<(CallId, Arc<Mutex<Journal>>)> = lock(&self.journals)
            .iter()
            .map(|(call, journal)| (call.clone(), Arc::clone(journal)))
            .collect();
        let now = Instant::now();
        let (mut undelivered, mut lag) = (0, 0.0_f64);
        let mut behind = lock(&self.behind);
        let mut still = HashMap::with_capacity(behind.len());
        for (call, journal) in &journals {
            let mut journal = lock(journal);
            let before = journal.waiting();
            if before > 0 && journal.flush().is_ok() {
                self.remembers(before, journal.waiting());
            }
            let there = confirmed(call);
            if there < journal.last_seq() {
                undelivered += journal.last_seq() - there;
                let since = behind
                    .remove(call)
                    .filter(|(was, _)| *was == there)
                    .map_or(now, |(_, since)| since);
                lag = lag.max(now.duration_since(since).as_secs_f64());
                still.insert(call.clone(), (there, since));
            }
        }
        *behind = still;
        drop(behind);
        self.undelivered.store(undelivered, Ordering::Relaxed);
        gauge!(names::WIRE_UNDELIVERED).set(undelivered as f64);
        gauge!(names::WIRE_LAG_SECONDS).set(lag);
        gauge!(names::WIRE_JOURNAL_BYTES).set(self.bytes() as f64);
        gauge!(names::WIRE_JOURNAL_MEMORY).set(self.memory.load(Ordering::Relaxed) as f64);
        gauge!(names::WIRE_JOURNALS).set(journals.len() as f64);
    }
}

/// Makes a folder that only this user enters, and sees to it where an earlier version left it to the umask.
pub(super) fn make_folder(dir: &Path) -> io::Result<()> {
    std::fs::DirBuilder::new().recursive(true).mode(MODE).create(dir)?;
    close_to_others(dir, MODE);
    Ok(())
}

/// Takes from others what they may do there. What belongs to somebody else is used as it is.
pub(super) fn close_to_others(path: &Path, mode: u32) {
    let open = std::fs::metadata(path).is_ok_and(|file| file.permissions().mode() & 0o077 != 0);
    if open && let Err(error) = std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)) {
        tracing::warn!(%error, path = %path.display(), "others may read here, and it cannot be forbidden");
    }
}

/// Records how long publishing took.
pub(super) fn took(time: std::time::Duration) {
    histogram!(names::WIRE_PUBLISH_SECONDS).record(time.as_secs_f64());
}
