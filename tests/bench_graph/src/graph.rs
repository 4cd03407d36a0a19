//! `bench graph`: how fast a base of full size is built, opened, walked and searched.

use std::fs::File;
use std::hint::black_box;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::civil::Date;
use serde_json::json;
use sidetone_assist::{Assist, AssistConfig, Turn};
use sidetone_base::{CallTime, Mapped, Role, SegmentId};
use sidetone_domain::Pack;
use sidetone_knowledge::snapshot::{Graph, Snapshot, build};
use sidetone_knowledge::{Direction, Layer};

use crate::flag;
use crate::grow::{self, Chance};
use crate::peer::Peer;

/// Nodes that are walked from.
const WALKS: usize = 20_000;
/// Questions that are searched for.
const QUESTIONS: usize = 400;

pub(crate) fn run(args: &[String]) -> Result<(), String> {
    let laws = PathBuf::from(flag(args, "--laws").unwrap_or("../shared/data/laws.tar.zst"));
    let pack = PathBuf::from(flag(args, "--pack").unwrap_or("knowledge/12333"));
    let folder = std::env::temp_dir().join(format!("sidetone-bench-graph-{}", std::process::id()));
    std::fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let outcome = measure(&laws, &pack, &folder);
    let _ = std::fs::remove_dir_all(&folder);
    println!("{}", outcome?);
    Ok(())
}

fn measure(laws: &Path, pack: &Path, folder: &Path) -> Result<serde_json::Value, String> {
    let file = folder.join("base.snapshot");
    let build_s = built_apart(laws, &file)?;
    let begun = Instant::now();
    let mapped = Mapped::open(&file).map_err(|error| format!("{}: {error}", file.display()))?;
    let snapshot = Snapshot::open(mapped).map_err(|error| error.to_string())?;
    let open_ms = millis(begun.elapsed());
    let stats = snapshot.stats();
    eprintln!("{} nodes, {} edges", stats.nodes, stats.edges);
    let before = rss_mb();
    touch(&snapshot);
    let rss_mb = rss_mb();
    eprintln!("{before} MB after opening");

    let peer = Peer::fill(&folder.join("peer.sqlite"), &snapshot)?;
    let (ours, theirs) = walks(&snapshot, &peer)?;
    let date: Date = jiff::civil::date(2025, 3, 1);
    let questions = questions(pack)?;
    let text = timed(&questions, |question| {
        let found = snapshot.view(date, "370500").search(question, 8);
        u64::from(!found.is_empty())
    });
    let hints = hints(pack, &file, &questions, date)?;
    let (two_hop, peer_two_hop) = (percentile(&ours, 0.5), percentile(&theirs, 0.5));
    Ok(json!({
        "nodes": stats.nodes, "edges": stats.edges,
        "build_s": tenth(build_s), "open_ms": tenth(open_ms), "rss_mb": rss_mb,
        "disk_mb": stats.bytes.div_ceil(1_000_000),
        "two_hop_us_p50": micros(two_hop), "two_hop_us_p99": micros(percentile(&ours, 0.99)),
        "text_query_ms_p50": tenth(millis(percentile(&text, 0.5))), "text_query_ms_p99": tenth(millis(percentile(&text, 0.99))),
        "hint_ms_p50": tenth(millis(percentile(&hints, 0.5))), "hint_ms_p99": tenth(millis(percentile(&hints, 0.99))),
        "peer_two_hop_us_p50": micros(peer_two_hop),
        "ratio": tenth(peer_two_hop.as_secs_f64() / two_hop.as_secs_f64().max(1e-9)),
    }))
}

/// Builds in a process of its own: what building leaves in memory is none of the base's.
fn built_apart(laws: &Path, file: &Path) -> Result<f64, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let mut command = Command::new(program);
    command.arg("graph-build").arg(laws).arg(file).stderr(Stdio::inherit());
    let output = command.output().map_err(|error| error.to_string())?;
    let said = String::from_utf8_lossy(&output.stdout);
    said.trim().parse().map_err(|_| "the base was not built".to_owned())
}

/// `graph-build LAWS FILE`: prints the seconds that it took.
pub(crate) fn build_alone(args: &[String]) -> Result<(), String> {
    let [laws, file] = args else {
        return Err("graph-build LAWS FILE".to_owned());
    };
    println!("{}", built(Path::new(laws), Path::new(file))?);
    Ok(())
}

/// Reads the statutes, adds what is made up and writes the file; seconds of reading, fitting together and writing. What is
/// made up takes time, too, and is no part of it.
fn built(laws: &Path, file: &Path) -> Result<f64, String> {
    let begun = Instant::now();
    let mut contents = grow::read(&[laws])?;
    let read = begun.elapsed();
    grow::grow(&mut contents);
    let begun = Instant::now();
    let written = File::create(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let mut written = BufWriter::new(written);
    build(contents, &mut written).map_err(|error| error.to_string())?;
    written.flush().map_err(|error| error.to_string())?;
    Ok((read + begun.elapsed()).as_secs_f64())
}

/// Reads every row, so that all of it counts as memory.
fn touch(snapshot: &Snapshot) {
    let mut sum = 0;
    for entry in snapshot.entries() {
        sum += entry.title().len() + entry.body().len() + entry.ties(Direction::In).count();
    }
    black_box((sum, snapshot.edges().count()));
}

/// Two hops from nodes of all layers, here and there; both have to find the same.
fn walks(snapshot: &Snapshot, peer: &Peer) -> Result<(Vec<Duration>, Vec<Duration>), String> {
    let mut chance = Chance::new(7);
    let starts: Vec<u32> = (0..WALKS)
        .map(|_| chance.below(snapshot.stats().nodes) as u32)
        .collect();
    let mut ours = Vec::with_capacity(WALKS);
    let mut theirs = Vec::with_capacity(WALKS);
    let graph = snapshot.graph(Direction::Out);
    for &start in &starts {
        let begun = Instant::now();
        let here = black_box(two_hops(graph, start));
        ours.push(begun.elapsed());
        let begun = Instant::now();
        let there = black_box(peer.two_hops(start)?);
        theirs.push(begun.elapsed());
        if here != there {
            return Err(format!("from {start}: {here:?} here, {there:?} in SQLite"));
        }
    }
    Ok((ours, theirs))
}

fn two_hops(graph: Graph<'_>, start: u32) -> (usize, u64) {
    let mut found = (0, 0);
    for (_, middle) in graph.of(start) {
        for (_, end) in graph.of(middle) {
            found = (found.0 + 1, found.1 + u64::from(end));
        }
    }
    found
}

/// What callers ask: titles and example questions of the line's business.
fn questions(pack: &Path) -> Result<Vec<String>, String> {
    let pack = Pack::load(pack).map_err(|faults| faults.to_string())?;
    let nodes = pack.knowledge().nodes().iter();
    let asked = nodes
        .filter(|node| node.layer == Layer::Business)
        .flat_map(|node| node.asked_as.clone());
    Ok(asked.take(QUESTIONS).collect())
}

/// From the text of a turn to what is shown, as a call does it: understanding, matching, the articles behind the answers, and a search
/// where there is none. Every other question is put to a line that answers nothing, so that it is looked up.
fn hints(pack: &Path, file: &Path, questions: &[String], date: Date) -> Result<Vec<Duration>, String> {
    let pack = Arc::new(Pack::load(pack).map_err(|faults| faults.to_string())?);
    let mapped = Mapped::open(file).map_err(|error| format!("{}: {error}", file.display()))?;
    pack.knowledge()
        .library()
        .replace(mapped)
        .map_err(|error| error.to_string())?;
    pack.learn();
    let mut nothing = AssistConfig::new(date, "370500");
    nothing.min_score = 2.0;
    let settings = [AssistConfig::new(date, "370500"), nothing];
    let mut asked = 0;
    Ok(timed(questions, |question| {
        asked += 1;
        let mut assist = Assist::new(Arc::clone(&pack), settings[asked % 2].clone());
        assist.hear(&turn(question)).len() as u64
    }))
}

fn turn(text: &str) -> Turn {
    Turn {
        segment: SegmentId::new("bench"),
        role: Role::Caller,
        text: text.to_owned(),
        begin: CallTime(Duration::ZERO),
        end: CallTime(Duration::from_secs(2)),
        confidence: 1.0,
    }
}

fn timed(questions: &[String], mut ask: impl FnMut(&str) -> u64) -> Vec<Duration> {
    let time = |question: &String| {
        let begun = Instant::now();
        black_box(ask(question));
        begun.elapsed()
    };
    questions.iter().map(time).collect()
}

fn percentile(times: &[Duration], share: f64) -> Duration {
    let mut times = times.to_vec();
    times.sort_unstable();
    let at = ((times.len() as f64 * share).ceil() as usize).clamp(1, times.len().max(1)) - 1;
    times.get(at).copied().unwrap_or_default()
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

fn micros(time: Duration) -> f64 {
    (time.as_secs_f64() * 100_000_000.0).round() / 100.0
}

fn tenth(number: f64) -> f64 {
    (number * 10.0).round() / 10.0
}

/// Resident memory of this process.
fn rss_mb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kb = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kb.unwrap_or_default() / 1_000
}
