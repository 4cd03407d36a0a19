//! Questions that are not typed: on the telephone, and into the browser's microphone.

use std::path::Path;

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio_tungstenite::accept_hdr_async;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::server::{Request, Response};

use crate::parts::{Browser, Place};
use crate::screens::repository;

const SECRET: &str = "of-the-telephone";
const QUESTION: &str = "2026年11月20日各队列的来电总量";
/// Hertz and seconds of what the microphone brings: silence, a tone, silence.
const RATE: u32 = 48_000;
const SOUND: [(u32, bool); 3] = [(1, false), (2, true), (6, false)];

async fn open(more: &str, flags: &[String]) -> (Place, Browser) {
    let mut place = Place::open_with(&format!("archive = \"FOLDER/archive.duckdb\"\n{more}")).await;
    std::fs::write(place.folder.join("secret"), SECRET).unwrap();
    place.import(&repository("src/archive/tests/forty/facts.jsonl")).await;
    let browser = Browser::open_with(&place.folder, flags).await;
    browser.go(&place.url).await;
    browser.login("lin").await;
    (place, browser)
}

#[tokio::test]
async fn what_was_asked_on_the_telephone_is_drawn() {
    let (place, browser) = open("[phone]\nsecret_file = \"FOLDER/secret\"", &[]).await;
    browser.holds("document.getElementById('link').textContent").await;
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let ask_in = async |secret: &str, question: &str, call: &str| {
        let text: String = question.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let sent = http.post(format!("{}/api/ask/phone", place.url)).bearer_auth(secret);
        let sent = sent.header("content-type", "application/x-www-form-urlencoded");
        let form = format!("text={text}&extension=7001&call={call}");
        sent.body(form).send().await.unwrap()
    };
    let ask = async |secret: &str| ask_in(secret, QUESTION, "").await;
    assert_eq!(ask("another").await.status(), 401);
    let said = ask(SECRET).await.text().await.unwrap();
    assert!(said.contains("来电总量"), "{said}");
    // On another page it is offered; a press opens it.
    browser
        .holds("document.querySelector('#told button')?.textContent.includes('7001')")
        .await;
    browser.run("document.querySelector('#told button').click()").await;
    browser
        .holds("document.querySelector('.chart[data-drawn=bar] canvas')")
        .await;
    browser
        .holds("document.querySelector('figcaption').textContent.includes('M001')")
        .await;
    // Where metrics are open, the next is drawn at once.
    browser.run("document.querySelector('.answer').replaceChildren()").await;
    ask(SECRET).await;
    browser
        .holds("document.querySelector('.chart[data-drawn=bar] canvas')")
        .await;
    let typed = browser.run("return document.getElementById('question').value").await;
    assert_eq!(typed, QUESTION);
    // A question may follow the one before it in the same call, and in that alone.
    ask_in(SECRET, QUESTION, "1.7").await;
    let follows = ask_in(SECRET, "放弃率呢", "1.7").await.text().await.unwrap();
    assert!(follows.contains("放弃率"), "{follows}");
    let alone = ask_in(SECRET, "放弃率呢", "1.8").await.text().await.unwrap();
    assert!(alone.contains("请说明时间"), "{alone}");
    browser.close().await;
}

/// Writes what the microphone brings.
fn wav(path: &Path) {
    let mut samples: Vec<u8> = Vec::new();
    for (seconds, loud) in SOUND {
        for n in 0..seconds * RATE {
            let tone = (f64::from(n) * 440.0 * std::f64::consts::TAU / f64::from(RATE)).sin() * 9_000.0;
            samples.extend((if loud { tone as i16 } else { 0 }).to_le_bytes());
        }
    }
    let size = samples.len() as u32;
    let mut file = b"RIFF".to_vec();
    file.extend((36 + size).to_le_bytes());
    file.extend(b"WAVEfmt ");
    for word in [16, 0x0001_0001, RATE, RATE * 2, 0x0010_0002] {
        file.extend(u32::to_le_bytes(word));
    }
    file.extend(b"data");
    file.extend(size.to_le_bytes());
    file.extend(samples);
    std::fs::write(path, file).unwrap();
}

/// A daemon that hears one question: returns how many seconds of sound were loud.
#[allow(clippy::result_large_err)]
async fn ears(listener: TcpListener) -> f64 {
    let (stream, _) = listener.accept().await.unwrap();
    let greet = |_: &Request, mut response: Response| {
        let protocol = "speech_to_text".parse().unwrap();
        response.headers_mut().insert("sec-websocket-protocol", protocol);
        Ok(response)
    };
    let mut socket = accept_hdr_async(stream, greet).await.unwrap();
    let mut sound = Vec::new();
    while sound.len() < 32_000 * 3 {
        match socket.next().await.unwrap().unwrap() {
            Message::Binary(bytes) => sound.extend(bytes),
            Message::Text(text) => {
                let asked: Value = serde_json::from_str(&text).unwrap();
                assert_eq!(asked["codecs"][0]["name"], "slin16");
                let taken = json!({"response": "setup", "id": asked["id"], "codecs": [{"name": "slin16"}]});
                socket.send(Message::text(taken.to_string())).await.unwrap();
            }
            _ => {}
        }
    }
    let heard =
        json!({"request": "set", "id": "sidetone-1", "params": {"results": [{"text": QUESTION, "score": 900}]}});
    socket.send(Message::text(heard.to_string())).await.unwrap();
    while let Some(Ok(_)) = socket.next().await {}
    let loud = |pair: &&[u8]| i16::from_le_bytes([pair[0], pair[1]]).unsigned_abs() > 1_000;
    sound.chunks_exact(2).filter(loud).count() as f64 / 16_000.0
}

#[tokio::test]
async fn a_question_is_spoken_into_the_browser() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let ear = listener.local_addr().unwrap();
    let heard = tokio::spawn(ears(listener));
    let file = std::env::temp_dir().join(format!("sidetone-desk-{}.wav", ear.port()));
    wav(&file);
    let flags = [
        "--use-fake-ui-for-media-stream".to_owned(),
        "--use-fake-device-for-media-stream".to_owned(),
        format!("--use-file-for-fake-audio-capture={}%noloop", file.display()),
    ];
    let (_place, browser) = open(&format!("[microphone]\nurl = \"ws://{ear}/\""), &flags).await;
    browser
        .run("document.querySelector('[data-page=figures]').click()")
        .await;
    browser.holds("document.getElementById('speak')").await;
    browser.run("document.getElementById('speak').click()").await;
    browser
        .holds("document.querySelector('.chart[data-drawn=bar] canvas')")
        .await;
    let typed = browser.run("return document.getElementById('question').value").await;
    assert_eq!(typed, QUESTION);
    // The browser takes a steady tone for noise and makes it quieter.
    let loud = heard.await.unwrap();
    assert!((0.1..=2.1).contains(&loud), "{loud} s of tone were heard");
    let _ = std::fs::remove_file(file);
    browser.close().await;
}
