//! What this process has cost, in time and memory.

use std::time::Duration;

/// Processor time of this process's threads so far.
pub(crate) fn time() -> Result<Duration, String> {
    let folder = "/proc/self/task";
    let tasks = std::fs::read_dir(folder).map_err(|error| format!("{folder}: {error}"))?;
    let nanos = tasks
        .filter_map(|task| std::fs::read_to_string(task.ok()?.path().join("schedstat")).ok())
        .filter_map(|text| text.split_whitespace().next()?.parse::<u64>().ok())
        .sum();
    Ok(Duration::from_nanos(nanos))
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
