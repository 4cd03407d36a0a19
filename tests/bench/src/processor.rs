//! What this process has cost, in time and memory.

use std::time::Duration;

/// What `/proc` counts processor time in.
const TICK: Duration = Duration::from_millis(10);

/// Processor time of this process so far, threads that have ended included.
pub(crate) fn time() -> Result<Duration, String> {
    let file = "/proc/self/stat";
    let text = std::fs::read_to_string(file).map_err(|error| format!("{file}: {error}"))?;
    // The name in brackets may hold blanks; user and system time are the 14th and 15th field.
    let fields = text.rsplit_once(')').map(|(_, fields)| fields.split_whitespace());
    let ticks: Option<Vec<u32>> = fields.map(|fields| fields.skip(11).take(2).filter_map(|f| f.parse().ok()).collect());
    match ticks.as_deref() {
        Some([user, system]) => Ok(TICK * (user + system)),
        _ => Err(format!("{file}: {text:?}")),
    }
}

/// What this thread has computed so far.
pub(crate) fn time_of_thread() -> Result<Duration, String> {
    let file = "/proc/thread-self/schedstat";
    let text = std::fs::read_to_string(file).map_err(|error| format!("{file}: {error}"))?;
    let nanos = text.split_whitespace().next().and_then(|number| number.parse().ok());
    nanos
        .map(Duration::from_nanos)
        .ok_or_else(|| format!("{file}: {text:?}"))
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
