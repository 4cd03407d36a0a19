//! `cargo xtask bench desk [--seconds N] [--calls N]`: how long after Redis a text and a hint are on a supervisor's screen, and what the page's
//! heap does, with Redis, the desk and Chromium on this machine. Prints one JSON line; never judges.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../tests/browser/daemon.rs"]
#[allow(dead_code, reason = "tests use the rest")]
mod daemon;
#[path = "../tests/browser/parts.rs"]
#[allow(dead_code, reason = "tests use the rest")]
mod parts;

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use daemon::{Daemon, examples};
use parts::{Browser, Place};
use serde_json::{Value, json};

/// A call's next event comes so long after the one before.
const EVERY: Duration = Duration::from_millis(500);
/// A call lasts so many of its events, then another begins in its place.
const LENGTH: u64 = 120;
/// Every so many events of a call one is a settled text, and every so many a hint.
const FINAL: u64 = 8;
const HINT: u64 = 24;
/// The heap is looked at so often, after a collection.
const LOOK: Duration = Duration::from_secs(10);

/// Notes when a marked text is in the frame that is about to be painted.
const WATCH: &str = r"
    window.seen = {};
    new MutationObserver(changes => {
        const found = [];
        for (const change of changes) for (const node of change.addedNodes)
            for (const [, mark] of (node.textContent ?? '').matchAll(/#(\d+)#/g)) if (!(mark in seen)) found.push(mark);
        if (found.length) requestAnimationFrame(() => { for (const mark of found) seen[mark] ??= performance.timeOrigin + performance.now(); });
    }).observe(document.body, {childList: true, subtree: true});";

fn main() {
    let numbers = |name: &str, default: u64| {
        let arguments: Vec<String> = std::env::args().collect();
        let at = arguments.iter().position(|argument| argument == name);
        at.map_or(default, |at| arguments[at + 1].parse().expect("a number follows"))
    };
    let (seconds, calls) = (numbers("--seconds", 180), numbers("--calls", 30));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    println!("{}", runtime.block_on(measure(Duration::from_secs(seconds), calls)));
}

/// A marked event: when it was in Redis, in ms since 1970.
struct Sent {
    mark: u64,
    hint: bool,
    at: f64,
}

fn now_ms() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs_f64() * 1_000.0
}

/// A screen with so many calls, of which the first is looked at.
struct Bench {
    place: Place,
    browser: Browser,
    calls: Vec<Daemon>,
    examples: [Value; 3],
    sent: Vec<Sent>,
    events: u64,
    begun: u64,
}

impl Bench {
    async fn open(calls: u64) -> Self {
        let place = Place::open().await;
        let browser = Browser::open(&place.folder).await;
        browser.go(&place.url).await;
        browser.login("lin").await;
        browser.run(WATCH).await;
        let example = |kind| examples().into_iter().find(|event| event["type"] == kind).unwrap();
        let examples = ["transcript.partial", "transcript.final", "hint.new"].map(example);
        let mut bench = Self {
            place,
            browser,
            calls: Vec::new(),
            examples,
            sent: Vec::new(),
            events: 0,
            begun: 0,
        };
        for number in 0..calls {
            let call = bench.begin(number).await;
            bench.calls.push(call);
        }
        bench.look_at_first().await;
        bench
    }

    async fn begin(&mut self, number: u64) -> Daemon {
        self.begun += 1;
        let (call, agent) = (format!("pbx-{}.0", self.begun), format!("{}", 8_000 + number));
        let mut daemon = Daemon::join(&mut self.place, &call, &agent).await;
        daemon.publish(&mut self.place, "call.started").await;
        daemon
    }

    async fn look_at_first(&mut self) {
        let call = self.calls[0].call.clone();
        let button = format!("document.querySelector('#calls [data-call=\"{call}\"]')");
        self.browser.holds(&button).await;
        self.browser.run(&format!("{button}.click()")).await;
    }

    /// The next event of a call.
    async fn step(&mut self, number: usize) {
        let seq = self.calls[number].seq;
        if seq >= LENGTH {
            self.calls[number].publish(&mut self.place, "call.ended").await;
            self.calls[number] = self.begin(number as u64).await;
            if number == 0 {
                self.look_at_first().await;
            }
            return;
        }
        let kind = if seq.is_multiple_of(HINT) {
            2
        } else {
            usize::from(seq.is_multiple_of(FINAL))
        };
        let mut event = self.examples[kind].clone();
        let mark = self.events;
        if kind == 2 {
            event["data"]["hint_id"] = json!(format!("h{seq}"));
            event["data"]["title"] = json!(format!("#{mark}#"));
            event["data"]["supersedes"] = json!(format!("h{}", seq.saturating_sub(2 * HINT)));
        } else {
            event["data"]["segment_id"] = json!(format!("caller-{}", seq / FINAL));
            event["data"]["rev"] = json!(seq);
            event["data"]["begin_ms"] = json!(seq * 500);
            event["data"]["text"] = json!(format!("{} #{mark}#", event["data"]["text"].as_str().unwrap()));
        }
        self.calls[number].publish_event(&mut self.place, event).await;
        if number == 0 {
            self.sent.push(Sent {
                mark,
                hint: kind == 2,
                at: now_ms(),
            });
        }
        self.events += 1;
    }

    /// Bytes of the page's heap after a collection, in MB.
    async fn heap(&self) -> f64 {
        let command = |name| {
            self.browser
                .send("goog/cdp/execute", json!({"cmd": name, "params": {}}))
        };
        command("HeapProfiler.collectGarbage").await;
        let used = command("Runtime.getHeapUsage").await;
        used["usedSize"].as_f64().unwrap() / 1e6
    }
}

async fn measure(length: Duration, calls: u64) -> Value {
    let mut bench = Bench::open(calls).await;
    let (begun, mut looked, mut heaps, mut number) = (Instant::now(), Instant::now(), Vec::new(), 0);
    let mut tick = tokio::time::interval(EVERY / u32::try_from(calls).unwrap());
    while begun.elapsed() < length {
        tick.tick().await;
        bench.step(number).await;
        number = (number + 1) % bench.calls.len();
        if looked.elapsed() > LOOK {
            looked = Instant::now();
            heaps.push(bench.heap().await);
        }
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    let seen = bench.browser.run("return seen").await;
    let late = |hint: bool| {
        let of_kind = bench.sent.iter().filter(|sent| sent.hint == hint);
        let mut all: Vec<f64> = of_kind
            .filter_map(|sent| Some(seen[sent.mark.to_string()].as_f64()? - sent.at))
            .collect();
        all.sort_by(f64::total_cmp);
        all
    };
    let (texts, hints) = (late(false), late(true));
    let shown = texts.len() + hints.len();
    let figures = json!({
        "calls": calls, "seconds": begun.elapsed().as_secs(), "calls_begun": bench.begun, "events": bench.events, "marked": bench.sent.len(), "shown": shown,
        "text_ms_p50": share(&texts, 0.5), "text_ms_p95": share(&texts, 0.95), "hint_ms_p50": share(&hints, 0.5), "hint_ms_p95": share(&hints, 0.95),
        "heap_mb": heaps.iter().map(|mb| (mb * 100.0).round() / 100.0).collect::<Vec<_>>(),
    });
    bench.browser.close().await;
    figures
}

/// Nearest rank.
fn share(ascending: &[f64], part: f64) -> Option<f64> {
    let rank = (part * ascending.len() as f64).ceil() as usize;
    ascending.get(rank.checked_sub(1)?).map(|ms| (ms * 10.0).round() / 10.0)
}
