//! No digit of a number that a caller dictated leaves the process: calls through the real engine, the journal, the replicator
//! and a real redis-server, of which all is read afterwards, with the log, the metrics and what engines would be asked.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use metrics_exporter_prometheus::PrometheusHandle;
use redis::{Commands, Connection, Value};
use sidetone_app::config::Config;
use sidetone_app::runtime::{Outlet, Wire, parts};
use sidetone_base::{AgentId, CallEvent, CallId, EndCause, LegId, Pii, Role, Secret};
use sidetone_e2e::live::Store;
use sidetone_e2e::replay::{config, shared};
use sidetone_engine::{Call, Effect, Input};
use sidetone_shell::clock::WallClock;
use sidetone_shell::http::Readiness;
use sidetone_shell::metrics::exporter;
use sidetone_shell::wire::{CommonStream, OutboxConfig, Publisher, RedisConfig, Replicator, Unmasked};
use tokio::sync::watch;

/// Calls in which a number is dictated.
const CALLS: u64 = 60;
/// So many digits of a number, one after another, are a part of it; fewer may stand in any figure.
const RUN: usize = 6;

/// Numbers that are always the same on every machine.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % sides as u64) as usize
    }

    fn digits(&mut self, count: usize) -> String {
        (0..count).map(|_| char::from(b'0' + self.roll(10) as u8)).collect()
    }
}

/// How a number is announced, and the number, of a prefix that nobody has.
fn number(dice: &mut Dice) -> (&'static str, String) {
    match dice.roll(4) {
        0 => ("身份证号", {
            let body = format!(
                "3705021900{:02}{:02}{}",
                1 + dice.roll(12),
                1 + dice.roll(28),
                dice.digits(3)
            );
            let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
            let sum: u32 = body.bytes().zip(weights).map(|(d, w)| u32::from(d - b'0') * w).sum();
            format!("{body}{}", char::from(b"10X98765432"[(sum % 11) as usize]))
        }),
        1 => ("手机号", format!("154{}", dice.digits(8))),
        2 => ("银行卡号", format!("622200{}", dice.digits(13))),
        _ => ("座机号", format!("0546{}", format_args!("555{}", dice.digits(4)))),
    }
}

/// Written, or said digit by digit, with pauses.
fn spoken(number: &str, dice: &mut Dice) -> String {
    const GAPS: [&str; 6] = ["", "", "", "，", "，嗯，", " "];
    const SAID: [char; 10] = ['零', '幺', '二', '三', '四', '五', '六', '七', '八', '九'];
    let written = dice.roll(2) == 0;
    let mut text = String::new();
    for (at, c) in number.chars().enumerate() {
        if at > 0 && at % 4 == 0 {
            text.push_str(GAPS[dice.roll(GAPS.len())]);
        }
        match c.to_digit(10) {
            Some(digit) if !written => text.push(SAID[digit as usize]),
            None if !written => text.push('叉'),
            _ => text.push(c),
        }
    }
    text
}

/// The turns of one call: asked or announced, at once or in parts, read back or not.
fn turns(dice: &mut Dice) -> (Vec<(Role, String)>, String) {
    let (name, number) = number(dice);
    let mut turns = vec![(Role::Caller, "你好，我想问失业保险金要什么条件才能领".to_owned())];
    let asked = dice.roll(2) == 0;
    if asked {
        turns.push((Role::Agent, format!("请说一下您的{name}")));
    }
    let announced = if asked {
        String::new()
    } else {
        format!("我的{name}是")
    };
    if dice.roll(2) == 0 {
        turns.push((Role::Caller, format!("{announced}{}", spoken(&number, dice))));
    } else {
        let cut = 3 + dice.roll(4);
        turns.push((Role::Caller, format!("{announced}{}", spoken(&number[..cut], dice))));
        turns.push((Role::Agent, "嗯".to_owned()));
        turns.push((Role::Caller, spoken(&number[cut..], dice)));
    }
    if dice.roll(2) == 0 {
        turns.push((Role::Agent, format!("跟您核对一下，{}，对吗", spoken(&number, dice))));
    }
    turns.push((Role::Caller, "对，我一个月能领多少钱".to_owned()));
    (turns, number)
}

/// A call on a clock of its own; gives what engines would be asked and how every effect prints.
fn play(id: &str, config: &Config, outlet: &dyn Outlet, turns: &[(Role, String)], caller: &str) -> String {
    let mut engine = parts::engine(config, "2026-03-02".parse().unwrap());
    engine.compose_within = Some(Duration::from_secs(3));
    let begun = Instant::now();
    let (mut now, mut printed) = (begun, String::new());
    let mut call = Call::new(begun, CallId::new(id), engine, shared());
    let mut give = |now: &mut Instant, until: Instant, input: Input| {
        let due = |call: &Call| call.deadline().filter(|deadline| *deadline <= until);
        let mut inputs = vec![(until, input)];
        while let Some((at, input)) = due(&call).map(|at| (at, Input::Wake)).or_else(|| inputs.pop()) {
            *now = at.max(*now);
            call.handle(*now, input);
            while let Some(effect) = call.poll() {
                printed.push_str(&format!("{effect:?}\n"));
                match effect {
                    Effect::Publish(event) => outlet.publish(&CallId::new(id), begun, event),
                    Effect::Unmasked(said) => outlet.unmasked(&CallId::new(id), said),
                    Effect::Compose { prompt, .. } => {
                        printed.push_str(&prompt.system);
                        printed.push_str(&prompt.user);
                    }
                    _ => {}
                }
            }
        }
    };
    let started = CallEvent::Started {
        age: Duration::ZERO,
        caller_number: Some(Pii::new(caller.to_owned())),
        called_number: Some("12333".to_owned()),
        queue: None,
        cti_id: None,
    };
    give(&mut now, begun, Input::Signal(started));
    for role in [Role::Caller, Role::Agent] {
        let joined = CallEvent::LegJoined {
            leg: LegId::new(role.to_string()),
            channel: "typed".to_owned(),
            role,
            agent: (role == Role::Agent).then(|| AgentId::new("8001")),
        };
        give(&mut now, begun, Input::Signal(joined));
    }
    let mut at = begun;
    for (role, text) in turns {
        at += Duration::from_secs(6);
        let typed = Input::Typed {
            leg: LegId::new(role.to_string()),
            text: text.clone(),
            lasted: Duration::from_secs(4),
        };
        give(&mut now, at, typed);
    }
    let ended = CallEvent::Ended {
        cause: EndCause::Hangup,
    };
    give(&mut now, at + Duration::from_secs(1), Input::Signal(ended));
    give(&mut now, at + Duration::from_secs(60), Input::Wake);
    printed
}

/// All that is in Redis: keys and values, whatever their type.
fn dump(redis: &mut Connection) -> String {
    let keys: Vec<String> = redis.keys("*").unwrap();
    let mut text = String::new();
    for key in keys {
        let kind: String = redis::cmd("TYPE").arg(&key).query(redis).unwrap();
        let words: &[&str] = match kind.as_str() {
            "stream" => &["XRANGE", &key, "-", "+"],
            "hash" => &["HGETALL", &key],
            "zset" => &["ZRANGE", &key, "0", "-1"],
            "list" => &["LRANGE", &key, "0", "-1"],
            "string" => &["GET", &key],
            other => panic!("{key} is a {other}: read it here, too"),
        };
        let value: Value = redis::cmd(words[0]).arg(&words[1..]).query(redis).unwrap();
        text.push_str(&key);
        flatten(&value, &mut text);
    }
    text
}

fn flatten(value: &Value, text: &mut String) {
    text.push('\n');
    match value {
        Value::Array(values) | Value::Set(values) => values.iter().for_each(|value| flatten(value, text)),
        Value::Map(pairs) => pairs.iter().for_each(|(key, value)| {
            flatten(key, text);
            flatten(value, text);
        }),
        Value::BulkString(bytes) => text.push_str(&String::from_utf8_lossy(bytes)),
        other => text.push_str(&format!("{other:?}")),
    }
}

/// A log that is kept.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The text without what holds digits by chance: hashes of numbers, shares and scores, times in milliseconds.
fn tidy(text: &str) -> String {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '.';
    let by_chance = |word: &str| {
        let hash = word.len() == 32 && word.bytes().all(|c| c.is_ascii_hexdigit());
        let time = word.len() == 13 && word.starts_with("17") && word.bytes().all(|c| c.is_ascii_digit());
        hash || time || word.starts_with("0.")
    };
    // Moments of the clock, as they are printed.
    let mut parts = text.split("Instant {");
    let first = parts.next().unwrap_or_default();
    let rest = parts.map(|part| part.split_once('}').map_or(part, |(_, rest)| rest));
    let text: String = [first].into_iter().chain(rest).collect();
    let words = text.split_inclusive(|c| !word(c));
    words
        .filter(|part| !by_chance(part.trim_end_matches(|c| !word(c))))
        .collect()
}

/// Where a part of the number stands, written or said.
fn leak(number: &str, text: &str) -> Option<String> {
    let digits: Vec<char> = number.chars().collect();
    let said = |c: &char| {
        "零一二三四五六七八九"
            .chars()
            .nth(c.to_digit(10).unwrap_or(0) as usize)
            .unwrap()
    };
    let yao = |c: &char| if *c == '1' { '幺' } else { said(c) };
    digits.windows(RUN).find_map(|run| {
        let forms = [
            run.iter().collect::<String>(),
            run.iter().map(said).collect(),
            run.iter().map(yao).collect(),
        ];
        let form = forms.into_iter().find(|form| text.contains(form.as_str()))?;
        let at = text.find(&form)?;
        let (before, behind) = (&text[..at], &text[at..]);
        let before: String = before
            .chars()
            .rev()
            .take(60)
            .collect::<Vec<_>>()
            .into_iter()
            .rev()
            .collect();
        Some(format!("{before}{}", behind.chars().take(60).collect::<String>()))
    })
}

/// What is written and counted from now on.
fn watch_all() -> (Log, PrometheusHandle) {
    let log = Log::default();
    let into = log.clone();
    // Microseconds of the clock would be a part of some number now and then.
    let filter = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::DEBUG)
        .with_ansi(false)
        .without_time();
    let subscriber = filter.with_writer(move || into.clone()).finish();
    tracing::subscriber::set_global_default(subscriber).unwrap();
    let recorder = exporter().unwrap().build_recorder();
    let handle = recorder.handle();
    metrics::set_global_recorder(recorder).unwrap();
    (log, handle)
}

/// A number, and the turns that said it.
type Spoken = (String, Vec<(Role, String)>);

/// The calls, played and replicated: what was said in them, and all that was printed.
fn play_all(redis: RedisConfig, folder: &Path) -> (Vec<Spoken>, String) {
    let mut config = config();
    config.privacy.number_salt = Some(Secret::new("a salt of some length"));
    config.privacy.unmasked_roles = vec!["verifier".to_owned()];
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let outbox = OutboxConfig {
        state_dir: folder.join("state"),
        ..OutboxConfig::default()
    };
    let (publisher, clock) = (Publisher::open(outbox), WallClock::start());
    let (unmasked, sending) = Unmasked::open(redis.clone(), config.privacy.unmasked_roles.clone());
    runtime.spawn(sending);
    let readiness = Readiness::default();
    let replicator = Replicator::new(&publisher, redis, clock.clone(), readiness.component("redis"));
    let (stop, stopped) = watch::channel(false);
    let replicating = runtime.spawn(replicator.run(stopped));
    let wire = Wire {
        clock,
        publisher,
        unmasked: Some(unmasked),
    };
    let mut dice = Dice(0x5eed_1234_5678_9abc);
    let (mut numbers, mut printed) = (Vec::new(), String::new());
    for at in 0..CALLS {
        let (turns, number) = turns(&mut dice);
        let caller = format!("154{}", dice.digits(8));
        printed.push_str(&play(&format!("call-{at}"), &config, &wire, &turns, &caller));
        numbers.push((number, turns));
        numbers.push((caller, Vec::new()));
    }
    stop.send(true).unwrap();
    runtime.block_on(replicating).unwrap();
    (numbers, printed)
}

#[test]
fn no_run_of_digits_that_was_said_is_in_any_key_value_log_metric_prompt_or_debug_print() {
    let folder = std::env::temp_dir().join(format!("sidetone-privacy-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    let store = Store::start(&folder);
    let (log, metrics) = watch_all();
    let redis = RedisConfig {
        url: store.url(),
        callers_keep: Some(Duration::from_secs(86_400)),
        common_stream: CommonStream::Finals,
        ..RedisConfig::default()
    };
    let (numbers, printed) = play_all(redis, &folder);

    let dumped = dump(&mut store.connect());
    let ended = dumped.matches("\"type\":\"call.ended\"").count();
    assert!(ended as u64 >= CALLS, "all calls are in Redis: {ended}");
    assert!(
        dumped.contains("sidetone:unmasked:audit"),
        "finals were sent to the role"
    );
    let journals = std::fs::read_dir(folder.join("state/journal")).unwrap();
    let journals: String = journals
        .map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap())
        .collect();
    let said = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(said.contains("call started"), "the log is read");
    for (place, text) in [
        ("Redis", &dumped),
        ("a journal", &journals),
        ("the log", &said),
        ("a metric", &metrics.render()),
        ("a prompt or a debug print", &printed),
    ] {
        let text = tidy(text);
        let leaks: Vec<String> = numbers
            .iter()
            .filter_map(|(number, turns)| Some(format!("{turns:?}\n  {}", leak(number, &text)?)))
            .collect();
        let (count, all) = (leaks.len(), numbers.len());
        assert!(
            leaks.is_empty(),
            "{count} of {all} numbers are in {place}:\n{}",
            leaks.join("\n")
        );
    }
    std::fs::remove_dir_all(&folder).unwrap();
}
