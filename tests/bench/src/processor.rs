//! What this process has cost, in time and memory.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// Processor time of this process so far, threads that have ended included.
pub(crate) fn time() -> Duration {
    clock(ClockId::ProcessCPUTime)
}

/// What this thread has computed so far. `/proc` brings it up to date with the scheduler's ticks only, which is
/// milliseconds too little for each stretch of work that is measured.
pub(crate) fn time_of_thread() -> Duration {
    clock(ClockId::ThreadCPUTime)
}

fn clock(which: ClockId) -> Duration {
    let time = clock_gettime(which);
    Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec.try_into().unwrap_or(0))
}

/// Bytes that this process holds (`VmRSS`), or has held at most (`VmHWM`).
pub(crate) fn memory(what: &str) -> Result<u64, String> {
    let file = "/proc/self/status";
    let text = std::fs::read_to_string(file).map_err(|error| format!("{file}: {error}"))?;
    let line = text.lines().find_map(|line| line.strip_prefix(what)?.strip_prefix(':'));
    let kibibytes: Option<u64> = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
    kibibytes
        .map(|kibibytes| kibibytes << 10)
        .ok_or_else(|| format!("{file}: no {what}"))
}
