//! The archive is filled from Redis while the program runs, and asked meanwhile.

mod reader;
mod streams;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde::Serialize;
use sidetone_archive::{Archive, DuckError, Entry, Live, Taken};

pub(crate) use reader::read;

const DAY_MS: i64 = 86_400_000;
/// So long the events of a contact are kept after the last of them; what is told of it later changes nothing.
const KEPT_DAYS: i64 = 7;

/// Days whose parts of one metric are made at once, at most.
const PART_DAYS: usize = 62;
/// So long making them may hold up a question, about.
const PART_TIME: Duration = Duration::from_millis(100);

/// How many days' parts are made at once: as many as the time allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stride(usize);

impl Stride {
    /// The next one, when this one took so long.
    fn after(self, took: Duration) -> Self {
        if took > PART_TIME {
            Self((self.0 / 2).max(1))
        } else if took < PART_TIME / 3 {
            Self((self.0 * 2).min(PART_DAYS))
        } else {
            self
        }
    }
}

/// What the reader has done, for the administrator.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Progress {
    /// New entries since the start, known ones, those that metrics are not made of, and those that were not understood.
    pub new: u64,
    pub known: u64,
    pub other: u64,
    pub bad: u64,
    /// When the last batch stood, ms UTC.
    pub stood_at: Option<i64>,
    /// Why nothing is read at the moment; empty when something is.
    pub stopped: String,
}

/// The archive of a running program: one at a time uses it. After a fault it is opened anew.
#[derive(Clone)]
pub(crate) struct Keeper {
    path: Arc<PathBuf>,
    /// Whoever waits longest is next.
    live: Arc<tokio::sync::Mutex<Option<Live>>>,
    progress: Arc<Mutex<Progress>>,
    stride: Arc<Mutex<Stride>>,
}

impl Keeper {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self {
            path: Arc::new(path),
            live: Arc::default(),
            progress: Arc::default(),
            stride: Arc::new(Mutex::new(Stride(4))),
        }
    }

    /// What the reader has done so far.
    pub(crate) fn progress(&self) -> Progress {
        lock(&self.progress).clone()
    }

    /// Asks the archive. Waits for a batch that is being written, which takes a second at most.
    pub(crate) async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Archive) -> Result<T, String> + Send + 'static,
    ) -> Result<T, String> {
        self.with(move |live| Ok(question(live.archive())))
            .await
            .map_err(|error| error.to_string())?
    }

    /// The archive's own name.
    pub(super) async fn name(&self) -> Result<String, DuckError> {
        self.with(|live| live.name(&uuid::Uuid::new_v4().simple().to_string()))
            .await
    }

    /// Takes entries; when this has answered, they stand.
    pub(super) async fn take(&self, entries: Vec<Entry>) -> Result<Taken, DuckError> {
        let taken = self.with(move |live| live.take(now(), entries)).await?;
        let mut progress = lock(&self.progress);
        progress.new += taken.new as u64;
        progress.known += taken.known as u64;
        progress.other += taken.other as u64;
        progress.bad += taken.bad as u64;
        progress.stood_at = Some(now());
        progress.stopped.clear();
        Ok(taken)
    }

    /// Makes some parts of days that lack. Answers whether there may be more to do.
    pub(super) async fn roll_up(&self) -> Result<bool, DuckError> {
        let stride = *lock(&self.stride);
        let (more, took) = self
            .with(move |live| {
                let began = Instant::now();
                let more = live.archive().roll_up(now(), stride.0)?;
                Ok((more, began.elapsed()))
            })
            .await?;
        *lock(&self.stride) = stride.after(took);
        Ok(more)
    }

    /// What a day's end asks for: its contacts as Parquet, where a folder is named, and no events of a week ago.
    pub(super) async fn day_ended(&self, midnight: i64, parquet: Option<PathBuf>) -> Result<(), DuckError> {
        let written = self
            .with(move |live| {
                live.settle(midnight - KEPT_DAYS * DAY_MS)?;
                let Some(folder) = parquet else { return Ok(Ok(0)) };
                // Surveys and what agents correct may come on the next day: so each day is written twice.
                Ok(live.archive().export(&folder, midnight - 2 * DAY_MS, midnight))
            })
            .await?;
        match written {
            Ok(days) => tracing::info!(days, "days are written as Parquet"),
            Err(error) => tracing::warn!(%error, "Parquet files were not written; the next day's end tries again"),
        }
        Ok(())
    }

    pub(super) fn stopped(&self, why: &str) {
        why.clone_into(&mut lock(&self.progress).stopped);
    }

    async fn with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Live) -> Result<T, DuckError> + Send + 'static,
    ) -> Result<T, DuckError> {
        let path = Arc::clone(&self.path);
        let mut held = Arc::clone(&self.live).lock_owned().await;
        let done = tokio::task::spawn_blocking(move || {
            let live = match &mut *held {
                Some(live) => live,
                none => none.insert(Live::open(Some(&path))?),
            };
            let done = work(live);
            if done.is_err() {
                // After some faults the engine refuses everything: a new one reads what is on disk.
                *held = None;
            }
            done
        });
        done.await
            .unwrap_or_else(|error| Err(DuckError::Statement(format!("the work broke off: {error}"))))
    }
}

fn now() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_as_many_as_the_time_allows() {
        let ms = Duration::from_millis;
        assert_eq!(Stride(8).after(ms(10)), Stride(16));
        assert_eq!(Stride(8).after(ms(60)), Stride(8));
        assert_eq!(Stride(8).after(ms(300)), Stride(4));
        assert_eq!(Stride(1).after(ms(300)), Stride(1));
        assert_eq!(Stride(PART_DAYS).after(ms(1)), Stride(PART_DAYS));
    }
}
