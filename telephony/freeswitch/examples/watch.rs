//! Follows a switch for a while and prints what it says and what its taps cost: for figures, and to try a
//! configuration without the rest of the daemon.
//!
//! ```text
//! cargo run --release -p sidetone-freeswitch --example watch -- '{"esl":{"password":"…"},"tap":"native"}' 30
//! ```

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use sidetone_base::{LegId, SwitchOutput};
use sidetone_freeswitch::{FreeswitchConfig, FreeswitchSwitch};

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let (config, seconds) = arguments
        .next()
        .zip(arguments.next())
        .expect("a configuration in JSON, and seconds");
    let config: FreeswitchConfig = serde_json::from_str(&config).unwrap();
    let (switch, mut output) = FreeswitchSwitch::start(config).await.unwrap();
    let begin = Instant::now();
    let end = tokio::time::Instant::now() + Duration::from_secs(seconds.parse().unwrap());
    let mut packets: BTreeMap<LegId, u64> = BTreeMap::new();
    while let Ok(Some(item)) = tokio::time::timeout_at(end, output.recv()).await {
        let at = begin.elapsed().as_millis();
        match item {
            SwitchOutput::Audio { leg, frame, .. } => {
                let count = packets.entry(leg.clone()).or_default();
                if *count == 0 {
                    println!("{at} first of {leg}: {frame:?}");
                }
                *count += 1;
            }
            other => println!("{at} {other:?}"),
        }
    }
    for (leg, count) in &packets {
        println!("{leg}: {count} packets");
    }
    let total: u64 = packets.values().sum();
    let spent = processor_time();
    println!(
        "{total} packets, {spent:?} of a core, {:.1} µs each",
        spent.as_micros() as f64 / total.max(1) as f64
    );
    switch.stop().await;
}

/// Of this process so far; the system counts hundredths of a second.
fn processor_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_ascii_whitespace().collect();
    let ticks: u64 = fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
    Duration::from_millis(ticks * 10)
}
