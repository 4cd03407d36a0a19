//! What the operating system says of this process, under the names that Prometheus' own clients use.

use std::fmt::Write as _;
use std::fs;

use rustix::param::{clock_ticks_per_second, page_size};
use rustix::process::{Resource, getrlimit};
use rustix::time::{ClockId, clock_gettime};

/// Prometheus text; what the system does not tell is left out.
#[must_use]
pub fn render() -> String {
    let (memory, used) = memory().unzip();
    let values = [
        (
            "cpu_seconds_total",
            "counter",
            "Processor time that was used",
            Some(processor_seconds()),
        ),
        ("resident_memory_bytes", "gauge", "Memory in use", used),
        ("virtual_memory_bytes", "gauge", "Address space in use", memory),
        ("open_fds", "gauge", "Open files and sockets", open_files()),
        (
            "max_fds",
            "gauge",
            "Limit of open files and sockets",
            getrlimit(Resource::Nofile).current.map(|most| most as f64),
        ),
        (
            "start_time_seconds",
            "gauge",
            "When the process started, in seconds since 1970",
            started(),
        ),
    ];
    let mut text = String::new();
    for (name, kind, help, value) in values {
        if let Some(value) = value {
            let _ = write!(
                text,
                "# HELP process_{name} {help}\n# TYPE process_{name} {kind}\nprocess_{name} {value}\n\n"
            );
        }
    }
    text
}

fn processor_seconds() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

/// Address space and what of it is in memory, in bytes.
fn memory() -> Option<(f64, f64)> {
    let text = fs::read_to_string("/proc/self/statm").ok()?;
    let mut pages = text.split(' ').map_while(|pages| pages.parse::<u64>().ok());
    let mut bytes = || Some((pages.next()? * page_size() as u64) as f64);
    Some((bytes()?, bytes()?))
}

fn open_files() -> Option<f64> {
    // One of them is the look itself.
    let count = fs::read_dir("/proc/self/fd").ok()?.count().saturating_sub(1);
    Some(count as f64)
}

fn started() -> Option<f64> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    // The name, in brackets, may hold anything; the start is the twentieth field after it.
    let ticks: f64 = stat.rsplit_once(") ")?.1.split(' ').nth(19)?.parse().ok()?;
    let system = fs::read_to_string("/proc/stat").ok()?;
    let booted: f64 = system
        .lines()
        .find_map(|line| line.strip_prefix("btime "))?
        .parse()
        .ok()?;
    Some(booted + ticks / clock_ticks_per_second() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_told_and_plausible() {
        let text = render();
        let value = |name: &str| -> f64 {
            let line = text
                .lines()
                .find_map(|line| line.strip_prefix(&format!("process_{name} ")));
            line.unwrap_or_else(|| panic!("no {name} in\n{text}")).parse().unwrap()
        };
        assert!(
            value("resident_memory_bytes") > 100_000.0
                && value("virtual_memory_bytes") > value("resident_memory_bytes")
        );
        assert!(value("open_fds") >= 3.0 && value("open_fds") < value("max_fds"));
        assert!(value("cpu_seconds_total") >= 0.0);
        let now = jiff::Timestamp::now().as_second() as f64;
        assert!(value("start_time_seconds") > 1e9 && value("start_time_seconds") <= now + 1.0);
    }
}
