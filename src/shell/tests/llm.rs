//! Engines that misbehave, as servers of our own: what is said of each, and that the answer comes in time.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::time::{Duration, Instant};

use sidetone_base::Severity;
use sidetone_shell::llm::{Engine, Engines, Fault, LlmConfig, Profile, Prompt, diagnose};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

const GOOD: &str = "data: {\"choices\":[{\"delta\":{\"content\":\"{\\\"ok\\\":true}\"},\"finish_reason\":\"stop\"}]}\n\n\
    data: {\"choices\":[],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":4}}\n\ndata: [DONE]\n\n";

/// What a server sends: pieces, each after a pause in milliseconds. Then it closes.
type Script = Vec<(u64, Vec<u8>)>;

fn says(body: &str) -> Script {
    status(200, body)
}

fn status(code: u16, body: &str) -> Script {
    vec![(
        0,
        format!("HTTP/1.1 {code} X\r\nconnection: close\r\n\r\n{body}").into_bytes(),
    )]
}

fn chunk(content: &str) -> String {
    format!("data: {{\"choices\":[{{\"delta\":{{\"content\":\"{content}\"}},\"finish_reason\":\"stop\"}}]}}\n\n")
}

/// A server that answers every request by the script; its base address.
async fn server(script: Script) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let script = script.clone();
            tokio::spawn(async move {
                let mut request = Vec::new();
                while !request
                    .windows(2)
                    .any(|two| two == b"}}" || two == b"0}" || two == b"e}" || two == b"\"}")
                {
                    let mut buffer = [0; 4096];
                    match socket.read(&mut buffer).await {
                        Ok(1..) => request.extend_from_slice(&buffer),
                        _ => return,
                    }
                }
                for (pause, bytes) in script {
                    tokio::time::sleep(Duration::from_millis(pause)).await;
                    if socket.write_all(&bytes).await.is_err() {
                        return;
                    }
                }
            });
        }
    });
    format!("http://{address}")
}

fn engine(url: String) -> Engine {
    Engine {
        profile: Profile::Local,
        url: Some(url),
        model: None,
        key: Default::default(),
        max_tokens: 100,
    }
}

fn prompt() -> Prompt {
    Prompt {
        system: "s".into(),
        user: "u".into(),
        schema: serde_json::json!({ "type": "object" }),
    }
}

/// Asks engines at these addresses, the first and the second, for a second at most.
async fn ask(urls: &[String]) -> Result<String, Fault> {
    let names: Vec<String> = (0..urls.len()).map(|at| format!("e{at}")).collect();
    let config = LlmConfig {
        wrapup: names.clone(),
        first_token: Duration::from_millis(800),
        engines: names.into_iter().zip(urls.iter().cloned().map(engine)).collect(),
        ..LlmConfig::default()
    };
    let engines = Engines::for_wrapup(&config).unwrap().unwrap();
    let until = Instant::now() + Duration::from_secs(1);
    engines.ask(&prompt(), until).await.map(|(name, _)| name)
}

#[tokio::test]
async fn each_fault_is_told_and_the_second_engine_answers_unless_the_request_is_wrong() {
    let keep_alive: Script = std::iter::once((0, b"HTTP/1.1 200 X\r\n\r\n".to_vec()))
        .chain((0..60).map(|_| (100, b": keep-alive\n\n".to_vec())))
        .collect();
    let slow_first = vec![(0, b"HTTP/1.1 200 X\r\n\r\n".to_vec()), (5_000, GOOD.into())];
    let slow_rest = vec![
        (
            0,
            b"HTTP/1.1 200 X\r\n\r\ndata: {\"choices\":[{\"delta\":{\"content\":\"{\"}}]}\n\n".to_vec(),
        ),
        (5_000, GOOD.into()),
    ];
    let cut = says("data: {\"choices\":[{\"delta\":{\"content\":\"{\"}}]}\n\n");
    let huge = says(&format!(": {}\n", "x".repeat(10 << 20)));
    let cases: [(&str, Script, Fault, bool); 10] = [
        ("429", status(429, ""), Fault::Unable(429), true),
        ("500", status(500, ""), Fault::Unable(500), true),
        ("401", status(401, ""), Fault::Misconfigured(401), false),
        ("cut off", cut, Fault::CutOff, true),
        ("blank", says(&chunk(" ")), Fault::Blank, true),
        ("keep-alive only", keep_alive, Fault::Slow, true),
        ("wrong JSON", says(&chunk("[1")), Fault::NotJson, true),
        ("10 MB", huge, Fault::TooLarge, true),
        ("slow first token", slow_first, Fault::Slow, true),
        ("slow rest", slow_rest, Fault::Unfinished, false),
    ];
    let good = server(says(GOOD)).await;
    for (case, script, fault, rescued) in cases {
        let bad = server(script).await;
        assert_eq!(ask(std::slice::from_ref(&bad)).await, Err(fault), "{case}, alone");
        let expected = if rescued { Ok("e1".to_owned()) } else { Err(fault) };
        assert_eq!(ask(&[bad, good.clone()]).await, expected, "{case}, with another");
    }
}

#[tokio::test]
async fn both_down_is_known_at_once() {
    let down = "http://127.0.0.1:1".to_owned();
    assert_eq!(ask(&[down.clone(), down]).await, Err(Fault::Unreachable));
}

#[tokio::test]
async fn the_doctor_tells_what_is_wrong_and_what_it_cost() {
    let fine = diagnose("a", &engine(server(says(GOOD)).await)).await;
    assert_eq!(fine.severity, Severity::Fine);
    assert!(
        fine.found.contains("9 tokens of prompt and 4 of answer"),
        "{}",
        fine.found
    );
    let thinks = format!("data: {{\"choices\":[{{\"delta\":{{\"reasoning_content\":\"hm\"}}}}]}}\n\n{GOOD}");
    let thinking = diagnose("a", &engine(server(says(&thinks)).await)).await;
    assert_eq!(thinking.severity, Severity::Warning);
    for (url, fault, cure) in [
        ("http://engine.invalid".to_owned(), Fault::NoDns, "resolver"),
        ("http://127.0.0.1:1".to_owned(), Fault::Unreachable, "start the server"),
        (server(status(401, "")).await, Fault::Misconfigured(401), "a.key"),
        (server(status(402, "")).await, Fault::Misconfigured(402), "balance"),
        (server(status(404, "")).await, Fault::Misconfigured(404), "a.model"),
    ] {
        let finding = diagnose("a", &engine(url)).await;
        assert_eq!(finding.severity, Severity::Fault);
        assert!(
            finding.found.ends_with(&fault.to_string()),
            "{} is not {fault}",
            finding.found
        );
        assert!(finding.cure.contains(cure), "{}", finding.cure);
    }
}

/// A server with a certificate that it has signed itself. It ends with this.
struct SelfSigned {
    server: std::process::Child,
    folder: std::path::PathBuf,
    url: String,
}

impl SelfSigned {
    async fn start() -> Self {
        let port = {
            let free = TcpListener::bind("127.0.0.1:0").await.unwrap();
            free.local_addr().unwrap().port()
        };
        let folder = std::env::temp_dir().join(format!("sidetone-llm-tls-{port}"));
        std::fs::create_dir_all(&folder).unwrap();
        let file = |name: &str| folder.join(name).to_string_lossy().into_owned();
        let openssl = |args: &[&str]| {
            let mut openssl = std::process::Command::new("openssl");
            openssl.args(args).stdin(std::process::Stdio::null());
            openssl.stdout(std::process::Stdio::null());
            openssl.stderr(std::process::Stdio::null()).spawn().unwrap()
        };
        let (key, cert) = (file("key.pem"), file("cert.pem"));
        let request = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"];
        let named = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"];
        let written = ["-keyout", &key, "-out", &cert];
        let made = openssl(&[&request[..], &named, &written].concat()).wait().unwrap();
        assert!(made.success());
        let accept = format!("127.0.0.1:{port}");
        let server = openssl(&[
            "s_server", "-accept", &accept, "-key", &key, "-cert", &cert, "-www", "-quiet",
        ]);
        let url = format!("https://{accept}");
        let started = Self { server, folder, url };
        for _ in 0..500 {
            if tokio::net::TcpStream::connect(&accept).await.is_ok() {
                return started;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("openssl s_server does not listen");
    }
}

impl Drop for SelfSigned {
    fn drop(&mut self) {
        self.server.kill().unwrap();
        self.server.wait().unwrap();
        std::fs::remove_dir_all(&self.folder).unwrap();
    }
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_is_told_and_the_second_engine_answers() {
    let untrusted = SelfSigned::start().await;
    let good = server(says(GOOD)).await;
    assert_eq!(ask(std::slice::from_ref(&untrusted.url)).await, Err(Fault::Tls));
    assert_eq!(ask(&[untrusted.url.clone(), good]).await, Ok("e1".to_owned()));
    let finding = diagnose("a", &engine(untrusted.url.clone())).await;
    assert_eq!(finding.severity, Severity::Fault);
    assert!(finding.found.ends_with(&Fault::Tls.to_string()), "{}", finding.found);
}
