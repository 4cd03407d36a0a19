//! A real language model on this machine, asked as `profile = "local"`: a weak writer, of whom nothing stands that its sources do
//! not say.
//!
//! Needs `deploy/setup.sh engine`, as `make test` runs it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use sidetone_app::config::Config;
use sidetone_app::runtime::{Composer, composer, parts};
use sidetone_assist::ground::{Prompt, accept};
use sidetone_assist::{Assist, AssistConfig, Turn};
use sidetone_base::{CallTime, Role, SegmentId};
use sidetone_e2e::live::binary;
use sidetone_e2e::{replay, root};
use sidetone_schema::{ElementMethod, Wrapup};
use sidetone_shell::llm::{self, Engine, Engines, Fault, LlmConfig, Profile};

/// llama.cpp's server with a small model, on a free port. It ends with this.
struct Server {
    process: Child,
    url: String,
}

impl Server {
    fn start() -> Self {
        let engine = root().join("target/engine");
        let model = engine.join("model.gguf");
        assert!(model.exists(), "no model is there: run deploy/setup.sh engine");
        let mut process = Command::new("python3")
            .arg(root().join("deploy/local_engine.py"))
            .arg(model)
            .args(["--port", "0"])
            .env("PYTHONPATH", engine.join("python"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut said = String::new();
        BufReader::new(process.stdout.take().unwrap())
            .read_line(&mut said)
            .unwrap();
        let url = format!("{}/v1", said.trim());
        let started = Self { process, url };
        assert!(said.starts_with("http://"), "the server does not start: {said}");
        started
    }

    fn engine(&self) -> LlmConfig {
        let engine = Engine {
            profile: Profile::Local,
            url: Some(self.url.clone()),
            model: None,
            key: Default::default(),
            // Enough for the longest answer that the prompt's schema allows.
            max_tokens: 4_000,
        };
        LlmConfig {
            wrapup: vec!["local".to_owned()],
            engines: [("local".to_owned(), engine)].into(),
            ..LlmConfig::default()
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

/// What an engine is asked of a call with advice and a promise.
fn prompt() -> Prompt {
    let config: Config = replay::config();
    let pack = parts::pack(&config).unwrap();
    let mut assist = Assist::new(pack, AssistConfig::new(jiff::civil::date(2026, 3, 2), "370500"));
    let turns = [
        (Role::Caller, "我被单位辞退了，失业金一个月能领多少钱？"),
        (Role::Agent, "每月是最低工资的百分之九十，您可以在掌上12333上申请。"),
        (Role::Caller, "那要带什么材料？"),
        (Role::Agent, "带身份证就行，先办理失业登记，我明天给您回电话。"),
    ];
    for (at, (role, text)) in turns.into_iter().enumerate() {
        let end = CallTime(Duration::from_secs(at as u64 * 10));
        assist.hear(&Turn {
            segment: SegmentId::new(format!("s{at}")),
            role,
            text: text.to_owned(),
            begin: end,
            end,
            confidence: 0.9,
        });
    }
    assist.wrapup_prompt().expect("a call with a topic")
}

/// What an engine may not touch is as the rules made it; what it may is marked where it differs.
fn stands(wrapup: &Wrapup, rules: &Wrapup) {
    let mut back = wrapup.clone();
    for (element, ruled) in [
        (&mut back.elements.advice, &rules.elements.advice),
        (&mut back.elements.todos, &rules.elements.todos),
    ] {
        assert_eq!(element.value.len(), ruled.value.len(), "an entry was added or removed");
        if element.value != ruled.value {
            assert_eq!(element.method, ElementMethod::Engine);
        }
        element.clone_from(ruled);
    }
    back.summary.clone_from(&rules.summary);
    back.engine.clone_from(&rules.engine);
    assert_eq!(&back, rules);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_real_model_only_what_its_sources_say_stands() {
    let server = Server::start();
    let prompt = prompt();
    let asked = llm::Prompt {
        system: prompt.system.clone(),
        user: prompt.user.clone(),
        schema: prompt.schema.clone(),
    };
    let patience = Duration::from_secs(300);
    let config = LlmConfig {
        first_token: patience,
        ..server.engine()
    };
    let engines = Engines::for_wrapup(&config).unwrap().unwrap();
    match engines.ask(&asked, Instant::now() + patience).await {
        Ok((engine, answer)) => {
            assert_eq!(engine, "local");
            assert!(answer.usage.is_some_and(|usage| usage.prompt > 100 && usage.answer > 0));
            let said: Value = serde_json::from_str(&answer.text).unwrap();
            jsonschema::validate(&prompt.schema, &said).expect("the server keeps the model to the form");
            let accepted = accept(&answer.text, &prompt);
            for sentence in (accepted.summary.iter()).chain(accepted.advice.values().chain(accepted.todos.values())) {
                let known = sentence.cites.iter().all(|cite| prompt.sources.get(*cite).is_some());
                assert!(known && !sentence.cites.is_empty(), "{sentence:?}");
            }
            let (improved, refused) = prompt.improve(&answer.text);
            let judged = accepted.summary.len() as u32 + refused.iter().map(|(_, count)| count).sum::<u32>();
            assert!(judged > 0, "the summary was not looked at");
            stands(&improved, &prompt.wrapup);
            println!("{:?}; refused: {refused:?}\n{}", answer.usage, answer.text);
        }
        Err(fault) => assert!(
            matches!(fault, Fault::Slow | Fault::Unfinished | Fault::TooLarge),
            "{fault}"
        ),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_daemon_takes_a_local_engine_as_it_comes() {
    let server = Server::start();
    let prompt = prompt();
    // As it asks at the end of a call: within three seconds, or not at all.
    let composer = Composer::of(&server.engine()).unwrap().unwrap();
    let deadline = Instant::now() + composer::WITHIN;
    if let Some(wrapup) = composer.compose(prompt.clone(), deadline).await {
        assert_eq!(wrapup.engine.as_deref(), Some("local"));
        stands(&wrapup, &prompt.wrapup);
    }
    let path = std::env::temp_dir().join(format!("sidetone-engine-{}.toml", std::process::id()));
    let text = format!(
        "[llm]\nwrapup = [\"local\"]\n[llm.engines.local]\nprofile = \"local\"\nurl = \"{}\"\n\
         [knowledge]\nencoder = \"off\"\n[redis]\nurl = \"redis://127.0.0.1:1/\"\n",
        server.url
    );
    std::fs::write(&path, text).unwrap();
    let doctor = Command::new(binary())
        .args(["doctor", "--config"])
        .arg(&path)
        .current_dir(root())
        .output()
        .unwrap();
    std::fs::remove_file(path).unwrap();
    let said = String::from_utf8(doctor.stdout).unwrap();
    let line = said.lines().find(|line| line.contains("local (local)"));
    let line = line.unwrap_or_else(|| panic!("the doctor says nothing of the engine:\n{said}"));
    let answers = line.contains("answers in") && line.contains("tokens of prompt");
    let late = [Fault::Slow, Fault::Unfinished].map(|fault| line.ends_with(&fault.to_string()));
    assert!(answers || late.contains(&true), "{line}");
    println!("{line}");
}
