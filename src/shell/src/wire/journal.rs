//! One call's journal: a file of JSON lines, appended to and never rewritten.
//!
//! A plain `write`, no `fsync`: what was written survives the death of this process and of Redis, though not
//! the host's loss of power. A crash can tear the last line only; [`Journal::recover`] cuts it off, and its
//! `seq` is used again, for nobody has seen it. While the disk refuses writes, lines wait in memory (bounded by
//! the outbox) and are written as soon as it takes them. Nobody but the service's user reads a journal.

mod renumber;

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use jiff::SignedDuration;
use serde::Deserialize;
use sidetone_base::CallId;
use sidetone_schema::Timestamp;

use super::outbox::{close_to_others, make_folder};
use super::shed::Tally;

const SUFFIX: &str = ".jsonl";
/// A journal holds what people said.
const MODE: u32 = 0o600;
/// Events of one call may be handed in this much out of order; a clock that is further behind was set back.
const DISORDER: SignedDuration = SignedDuration::from_secs(1);

/// What recovery needs of a line.
#[derive(Deserialize)]
pub(super) struct Head {
    /// The event's number in its call.
    pub(super) seq: u64,
    /// `call.ended` and the others.
    #[serde(rename = "type")]
    pub(super) kind: String,
}

/// When a line's event happened.
#[derive(Deserialize)]
struct Stamped {
    ts: Timestamp,
}

/// One call's events since its first.
#[derive(Debug, Default)]
pub(super) struct Journal {
    path: PathBuf,
    file: Option<File>,
    /// Bytes of whole lines in the file.
    on_disk: u64,
    /// Whole lines that the disk has not taken.
    tail: Vec<u8>,
    last_seq: u64,
    ended: bool,
    /// When the last event is said to have happened.
    last_ts: Option<Timestamp>,
    /// How far the call's time is ahead of a clock that was set back meanwhile.
    ahead: SignedDuration,
    /// What found no room since readers were told.
    pub(super) tally: Tally,
}

/// A line found no room in memory while the disk refused it.
#[derive(Debug)]
pub(super) struct NoRoom;

impl Journal {
    /// A journal for a new call. Touches no disk yet.
    pub(super) fn new(dir: &Path, call: &CallId) -> Self {
        Self {
            path: dir.join(file_name(call)),
            ..Self::default()
        }
    }

    /// Reads a journal that an earlier process left. Also gives how many torn bytes were cut off its end.
    pub(super) fn recover(path: &Path) -> io::Result<(Self, u64)> {
        let bytes = std::fs::read(path)?;
        let mut journal = Self {
            path: path.to_owned(),
            ..Self::default()
        };
        let mut last: &[u8] = &[];
        for line in bytes.split_inclusive(|byte| *byte == b'\n') {
            let whole = line.ends_with(b"\n") && !journal.ended;
            match serde_json::from_slice::<Head>(line) {
                Ok(head) if whole && head.seq > journal.last_seq => {
                    journal.on_disk += line.len() as u64;
                    journal.last_seq = head.seq;
                    journal.ended = matches!(head.kind.as_str(), "call.ended" | "facts.ended");
                    last = line;
                }
                _ => break,
            }
        }
        journal.last_ts = serde_json::from_slice::<Stamped>(last).ok().map(|line| line.ts);
        let torn = bytes.len() as u64 - journal.on_disk;
        let file = OpenOptions::new().read(true).write(true).open(path)?;
        if torn > 0 {
            file.set_len(journal.on_disk)?;
        }
        // Of a version that left it to the umask.
        close_to_others(path, MODE);
        journal.file = (!journal.ended).then_some(file);
        Ok((journal, torn))
    }

    /// The last event's number; 0 before the first.
    pub(super) const fn last_seq(&self) -> u64 {
        self.last_seq
    }

    /// Whether `call.ended` is in it.
    pub(super) const fn ended(&self) -> bool {
        self.ended
    }

    /// Bytes of all its lines.
    pub(super) const fn len(&self) -> u64 {
        self.on_disk + self.tail.len() as u64
    }

    /// Bytes that wait in memory for the disk.
    pub(super) const fn waiting(&self) -> u64 {
        self.tail.len() as u64
    }

    /// When the event that follows is said to happen: at `at`, but never before the event before it. Where the clock
    /// was set back during the call, the call's own time goes on from where it was.
    pub(super) fn stamp(&mut self, at: Timestamp) -> Timestamp {
        let Some(last) = self.last_ts.filter(|last| at < *last) else {
            self.ahead = SignedDuration::ZERO;
            self.last_ts = Some(at);
            return at;
        };
        let shifted = at.instant().checked_add(self.ahead).unwrap_or(at.instant());
        let behind = last.instant().duration_since(shifted);
        if behind > DISORDER {
            self.ahead = self.ahead.saturating_add(behind);
        }
        let stamp = Timestamp::new(shifted).max(last);
        self.last_ts = Some(stamp);
        stamp
    }

    /// Appends the event that follows the last; `line` ends with a line feed. Gives an error of the disk, if
    /// there was one, beside the success: the line is then in memory, which it may be only where `may_wait`.
    pub(super) fn append(&mut self, line: &[u8], ended: bool, may_wait: bool) -> Result<Option<io::Error>, NoRoom> {
        let trouble = self.flush().and_then(|()| self.write(line)).err();
        if trouble.is_some() {
            if !may_wait {
                return Err(NoRoom);
            }
            self.tail.extend_from_slice(line);
        }
        self.last_seq += 1;
        self.ended = ended;
        if ended && self.tail.is_empty() {
            // A call that is over keeps no file open; there may be thousands within the retention.
            self.file = None;
        }
        Ok(trouble)
    }

    /// Writes what waits in memory, if the disk takes it.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        if self.tail.is_empty() {
            return Ok(());
        }
        let tail = std::mem::take(&mut self.tail);
        let written = self.write(&tail);
        if written.is_err() {
            self.tail = tail;
        } else if self.ended {
            self.file = None;
        }
        written
    }

    /// Writes whole lines at the end of the whole lines, over whatever an earlier failure left there.
    fn write(&mut self, lines: &[u8]) -> io::Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            none => {
                // The folder may have been refused at the start, or lost since.
                let file = match open(&self.path, self.on_disk == 0) {
                    Err(error) if error.kind() == io::ErrorKind::NotFound => {
                        self.path.parent().map_or(Ok(()), make_folder)?;
                        open(&self.path, self.on_disk == 0)?
                    }
                    opened => opened?,
                };
                none.insert(file)
            }
        };
        let written = file.write_all_at(lines, self.on_disk).and_then(|()| file.flush());
        if written.is_ok() {
            self.on_disk += lines.len() as u64;
        }
        written
    }

    /// Whole lines from `offset` on, `max` bytes of them or the one line that is longer.
    pub(super) fn read(&self, offset: u64, max: usize) -> io::Result<Vec<u8>> {
        let mut max = max;
        loop {
            let mut bytes = self.read_raw(offset, max)?;
            let there = bytes.len() as u64 + offset >= self.len();
            if let Some(end) = bytes.iter().rposition(|byte| *byte == b'\n') {
                bytes.truncate(end + 1);
                return Ok(bytes);
            }
            if there {
                return Ok(Vec::new());
            }
            max *= 2;
        }
    }

    fn read_raw(&self, offset: u64, max: usize) -> io::Result<Vec<u8>> {
        if offset >= self.on_disk {
            let from = ((offset - self.on_disk) as usize).min(self.tail.len());
            let to = (from + max).min(self.tail.len());
            return Ok(self.tail.get(from..to).unwrap_or_default().to_vec());
        }
        let mut bytes = vec![0; max.min((self.on_disk - offset) as usize)];
        match &self.file {
            Some(file) => file.read_exact_at(&mut bytes, offset)?,
            None => File::open(&self.path)?.read_exact_at(&mut bytes, offset)?,
        }
        Ok(bytes)
    }

    /// Deletes the file; the journal is of no more use.
    pub(super) fn delete(&mut self) -> io::Result<()> {
        self.file = None;
        match std::fs::remove_file(&self.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

fn open(path: &Path, fresh: bool) -> io::Result<File> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(fresh)
        .mode(MODE)
        .open(path)
}

/// The call's id, percent-encoded where it is not a letter, a digit, `-` or `_`.
fn file_name(call: &CallId) -> String {
    let mut name = String::with_capacity(call.as_str().len() + SUFFIX.len());
    for byte in call.as_str().bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_') {
            name.push(char::from(byte));
        } else {
            name.push_str(&format!("%{byte:02X}"));
        }
    }
    name + SUFFIX
}

/// The call whose journal a file is; `None` for a foreign file.
pub(super) fn call_of(name: &str) -> Option<CallId> {
    let encoded = name.strip_suffix(SUFFIX)?;
    let mut bytes = Vec::with_capacity(encoded.len());
    let mut rest = encoded.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let digits = [rest.next()?, rest.next()?];
                u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?
            }
            other => other,
        });
    }
    let call = CallId::new(String::from_utf8(bytes).ok()?);
    (file_name(&call) == name).then_some(call)
}
