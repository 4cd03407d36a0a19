//! Commands of the built binary, as an administrator types them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::path::PathBuf;
use std::process::Command;
use std::sync::LazyLock;

use sidetone_e2e::live::binary;
use sidetone_e2e::root;
use sidetone_e2e::rules::{assert_story, assert_valid};
use sidetone_schema::{Body, Envelope};

/// What a command printed (both streams for `said`), and whether it succeeded.
struct Ran {
    printed: String,
    said: String,
    code: Option<i32>,
}

/// With defaults, but by words alone: a first reading with the encoder takes a minute of a core.
fn sidetone(arguments: &[&str]) -> Ran {
    static QUICK: LazyLock<PathBuf> = LazyLock::new(|| file("quick.toml", "[knowledge]\nencoder = \"off\"\n"));
    let output = Command::new(binary())
        .args(arguments)
        .env("SIDETONE_CONFIG", &*QUICK)
        .current_dir(root())
        .output()
        .unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    let said = format!("{printed}{}", String::from_utf8_lossy(&output.stderr));
    Ran {
        printed,
        said,
        code: output.status.code(),
    }
}

/// A file of this test's own.
fn file(name: &str, text: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("sidetone-cli-{}-{name}", std::process::id()));
    std::fs::write(&path, text).unwrap();
    path
}

#[test]
fn check_names_every_fault_at_once() {
    let text =
        "[speech]\nhangover = \"9s\"\nworkers = \"many\"\n[knowledge]\nregion = \"Dongying\"\n[nonsense]\nx = 1\n";
    let path = file("faults.toml", text);
    let ran = sidetone(&["check", "--config", path.to_str().unwrap()]);
    std::fs::remove_file(path).unwrap();
    assert_eq!(ran.code, Some(1), "{}", ran.said);
    for key in ["speech.hangover", "speech.workers", "knowledge.region", "nonsense"] {
        assert!(ran.said.contains(key), "{key} is not named in\n{}", ran.said);
    }
}

#[test]
fn check_likes_the_example() {
    let ran = sidetone(&["check", "--config", "deploy/sidetone.example.toml"]);
    assert_eq!(ran.code, Some(0), "{}", ran.said);
}

#[test]
fn doctor_says_what_is_wrong_and_how_to_cure_it() {
    let folder = std::env::temp_dir().join(format!("sidetone-doctor-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    // Nobody listens on port 1.
    let text = format!(
        "[asterisk.ami]\nport = 1\n[asterisk.ari]\nurl = \"http://127.0.0.1:1/ari\"\n\
         [asterisk.audiosocket]\nlisten = \"127.0.0.1:0\"\n[speech]\nmodels_dir = \"{0}/models\"\n\
         [redis]\nurl = \"redis://127.0.0.1:1/\"\n[outbox]\nstate_dir = \"{0}/state\"\n",
        folder.display()
    );
    let path = file("doctor.toml", &text);
    let ran = sidetone(&["doctor", "--config", path.to_str().unwrap()]);
    std::fs::remove_file(path).unwrap();
    assert_eq!(
        std::fs::read_dir(&folder).unwrap().count(),
        0,
        "the doctor changes nothing"
    );
    std::fs::remove_dir_all(folder).unwrap();
    println!("{}", ran.said);
    assert_eq!(ran.code, Some(1), "{}", ran.said);
    let broken: Vec<&str> = ran.printed.lines().filter(|line| line.starts_with("FAIL")).collect();
    for what in ["models", "redis"] {
        assert!(
            broken.iter().any(|line| line.to_lowercase().contains(what)),
            "{what} is fine?\n{}",
            ran.said
        );
    }
    assert!(broken.len() >= 3, "the switch is fine?\n{}", ran.said);
    let cures = ran.printed.matches('→').count();
    assert!(
        cures >= broken.len(),
        "{cures} cures for {} faults\n{}",
        broken.len(),
        ran.said
    );
}

#[test]
fn check_knows_every_switch() {
    let path = file("freeswitch.toml", "[freeswitch.esl]\npassword = \"x\"\n");
    let ran = sidetone(&["check", "--config", path.to_str().unwrap()]);
    std::fs::remove_file(path).unwrap();
    assert!(
        ran.code == Some(0) && ran.printed.contains("(FreeSWITCH)"),
        "{}",
        ran.said
    );
}

#[test]
fn text_files_may_come_from_windows() {
    let folder = std::env::temp_dir().join(format!("sidetone-windows-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let calc = folder.join("calc");
    std::fs::create_dir_all(&calc).unwrap();
    let line = root().join("knowledge/12333");
    for (from, to) in [(line.clone(), &folder), (line.join("calc"), &calc)] {
        let files = std::fs::read_dir(from).unwrap().map(|entry| entry.unwrap().path());
        for path in files.filter(|path| path.is_file()) {
            let text = std::fs::read_to_string(&path).unwrap().replace('\n', "\r\n");
            std::fs::write(to.join(path.file_name().unwrap()), format!("\u{feff}{text}")).unwrap();
        }
    }
    let secret = file("secret", "\u{feff}redis://127.0.0.1:1/\r\n");
    let text = format!(
        "\u{feff}[knowledge]\r\ndir = \"{}\"\r\n[redis]\r\nurl = \"file:{}\"\r\n",
        folder.display(),
        secret.display()
    );
    let path = file("windows.toml", &text);
    let ran = sidetone(&["doctor", "--config", path.to_str().unwrap()]);
    for file in [path, secret] {
        std::fs::remove_file(file).unwrap();
    }
    std::fs::remove_dir_all(folder).unwrap();
    let fine = |what: &str| {
        ran.printed
            .lines()
            .any(|line| line.starts_with("  ok ") && line.contains(what))
    };
    assert!(fine("configuration") && fine("knowledge"), "{}", ran.said);
    assert!(ran.printed.contains("redis://127.0.0.1:1"), "{}", ran.said);
}

/// A second of silence on two legs.
fn silence() -> Vec<u8> {
    let (rate, data) = (8_000_u32, 8_000 * 4_u32);
    let mut wav = [
        &b"RIFF"[..],
        &(36 + data).to_le_bytes(),
        b"WAVEfmt ",
        &16_u32.to_le_bytes(),
    ]
    .concat();
    wav.extend([1_u16, 2].map(u16::to_le_bytes).as_flattened());
    wav.extend([rate, rate * 4].map(u32::to_le_bytes).as_flattened());
    wav.extend([4_u16, 16].map(u16::to_le_bytes).as_flattened());
    wav.extend([&b"data"[..], &data.to_le_bytes()].concat());
    wav.resize(wav.len() + data as usize, 0);
    wav
}

#[test]
fn a_replay_that_does_not_reach_redis_fails_and_keeps_its_journal() {
    let path = std::env::temp_dir().join(format!("sidetone-cli-{}-silence.wav", std::process::id()));
    std::fs::write(&path, silence()).unwrap();
    // Nobody listens on port 1.
    let redis = ["--redis", "redis://:hunter2@127.0.0.1:1/", "--call-id", "kept"];
    let ran = sidetone(&[&["replay", "--json"][..], &redis, &[path.to_str().unwrap()]].concat());
    std::fs::remove_file(path).unwrap();
    assert_eq!(ran.code, Some(1), "{}", ran.said);
    assert!(!ran.said.contains("hunter2"), "{}", ran.said);
    let events: Vec<Envelope> = ran
        .printed
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert!(events.iter().all(|event| event.call_id == "kept"));
    let folder = ran
        .said
        .split_whitespace()
        .find(|word| word.ends_with("/journal,"))
        .unwrap();
    let journal = PathBuf::from(folder.trim_end_matches(',')).join("kept.jsonl");
    let kept = std::fs::read_to_string(&journal).unwrap();
    assert_eq!(kept.lines().count(), events.len());
    std::fs::remove_dir_all(journal.parent().unwrap().parent().unwrap()).unwrap();
}

#[test]
fn schema_prints_what_is_checked_in() {
    let ran = sidetone(&["schema"]);
    let checked_in = std::fs::read_to_string(root().join("docs/schema/event.schema.json")).unwrap();
    assert!(
        ran.printed == checked_in,
        "docs/schema is stale: run `cargo xtask schema`"
    );
}

#[test]
fn a_fast_replay_prints_a_whole_call() {
    let call = "tests/corpus/calls/minimum-wage";
    let legs = ["caller", "agent"].map(|role| format!("{call}.{role}.opus"));
    let ran = sidetone(&[
        "replay",
        "--fast",
        "--json",
        "--as-of",
        "2026-03-02",
        &legs[0],
        &legs[1],
    ]);
    assert_eq!(ran.code, Some(0), "{}", ran.said);
    let read = |line| {
        assert_valid(&serde_json::from_str(line).unwrap());
        serde_json::from_str(line).unwrap()
    };
    let events: Vec<Envelope> = ran.printed.lines().map(read).collect();
    assert_story(&events);
}

#[test]
fn the_default_models_hear_a_scripted_call() {
    let leg = |role: &str| format!("tests/corpus/calls/work-injury.{role}.opus");
    let ran = sidetone(&["replay", "--fast", "--json", &leg("caller"), &leg("agent")]);
    assert_eq!(ran.code, Some(0), "{}", ran.said);
    let finals: Vec<String> = ran
        .printed
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .filter(|event| event["type"] == "transcript.final")
        .map(|event| event["data"]["text"].as_str().unwrap().to_owned())
        .collect();
    println!("{}", finals.join("\n"));
    let heard = finals.concat();
    // What the small model knows how to spell, and Whisper does not.
    assert!(heard.matches("工伤认定").count() >= 3, "{heard}");
    // Commas come from pauses, the end from what is asked.
    let ended = finals.iter().filter(|text| text.ends_with(['。', '？'])).count();
    assert!(ended >= 6 && heard.contains('，'), "{finals:?}");
}

/// The events of typed calls, by call.
fn asked(file_name: &str, text: &str) -> Vec<Vec<Envelope>> {
    let path = file(file_name, text);
    let ran = sidetone(&["ask", "--json", "--as-of", "2026-03-02", path.to_str().unwrap()]);
    std::fs::remove_file(path).unwrap();
    assert_eq!(ran.code, Some(0), "{}", ran.said);
    let events: Vec<Envelope> = ran
        .printed
        .lines()
        .map(|line| {
            assert_valid(&serde_json::from_str(line).unwrap());
            serde_json::from_str(line).unwrap()
        })
        .collect();
    events
        .chunk_by(|a, b| a.call_id == b.call_id)
        .map(<[Envelope]>::to_vec)
        .collect()
}

#[test]
fn a_conversation_as_text_has_the_events_of_a_call() {
    let turns = r#"{"id":"one","text":"失业金一个月发多少钱","node":"labels are not read"}
{"id":"two","turns":[{"role":"caller","text":"我身份证号是370502190001011232"},{"role":"agent","text":"好的"}],"call_date":"2024-08-01"}"#;
    let calls = asked("turns.jsonl", turns);
    assert_eq!(calls.len(), 2);
    for call in &calls {
        assert_story(call);
    }
    assert_eq!(calls[0][0].call_id, "one");
    assert!(
        calls[0].iter().any(|event| matches!(event.body, Body::HintNew(_))),
        "{:?}",
        calls[0]
    );
    assert!(calls[1][0].ts.to_string().starts_with("2024-0"));
    let printed = serde_json::to_string(&calls[1]).unwrap();
    assert!(!printed.contains("19000101"), "{printed}");
}

#[test]
fn a_fault_in_a_file_of_turns_is_named_before_anything_is_played() {
    let path = file("fault.jsonl", "{\"text\":\"喂\"}\n{\"id\":\"b\"}\n");
    let ran = sidetone(&["ask", "--json", path.to_str().unwrap()]);
    std::fs::remove_file(path).unwrap();
    assert_eq!(ran.code, Some(1), "{}", ran.said);
    assert_eq!(ran.printed, "");
    assert!(ran.said.contains("fault.jsonl:2: no text"), "{}", ran.said);
}

#[test]
fn explain_says_what_was_weighed_and_why_nothing_is_shown() {
    let explain = |arguments: &[&str]| {
        let ran = sidetone(&[&["knowledge", "explain"], arguments].concat());
        assert_eq!(ran.code, Some(0), "{}", ran.said);
        ran.printed
    };
    let json = |arguments: &[&str]| -> serde_json::Value {
        serde_json::from_str(&explain(&[arguments, &["--json"]].concat())).unwrap()
    };
    let asked = json(&["东营最低工资是多少", "--as-of", "2026-03-02"]);
    let first = &asked["nodes"][0];
    assert_eq!(
        (&asked["answers"], &first["fate"]),
        (&true.into(), &"shown".into()),
        "{asked}"
    );
    assert!(
        first["edges"]
            .as_array()
            .unwrap()
            .iter()
            .any(|edge| edge["how"] == "CITES →"),
        "{first}"
    );
    assert!(first["numbers"]["nearest"].as_f64().unwrap() > 0.1, "{first}");
    let talk = json(&["今天天气真好啊", "--as-of", "2026-03-02"]);
    assert_eq!(talk["answers"], false, "{talk}");
    assert!(talk["against_none"].as_f64() < talk["threshold"].as_f64(), "{talk}");
    assert_eq!(talk["nodes"][0]["fate"], "refused: nothing is likely enough");
    // The turns before count: what is meant is the card.
    let carried = json(&[
        "那要带啥材料",
        "--before",
        "客户：我社保卡丢了想补一张",
        "--as-of",
        "2026-03-02",
    ]);
    assert_eq!(carried["nodes"][0]["topic"], "social_card", "{carried}");
    let said = explain(&["今天天气真好啊"]);
    assert!(
        said.contains("refused") && said.contains("nothing of the base"),
        "{said}"
    );
}
