//! A live call on a real screen: Redis, the desk and Chromium.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod asking;
mod daemon;
mod doors;
mod oidc;
mod parts;
mod screens;

use daemon::Daemon;
use parts::{Browser, Place, until};
use redis::cmd;
use serde_json::{Value, json};

const CALL: &str = "pbx-1.0";

const LINES: &str = "document.querySelectorAll('.talk li').length";

/// Keeps a picture where `SIDETONE_DESK_PICTURES` names a folder for them.
async fn keep(browser: &Browser, name: &str) {
    if let Ok(folder) = std::env::var("SIDETONE_DESK_PICTURES") {
        std::fs::write(format!("{folder}/{name}.png.base64"), browser.picture().await).unwrap();
    }
}

#[tokio::test]
async fn a_live_call_is_on_the_screen_and_neither_a_reload_nor_a_killed_server_loses_any_of_it() {
    let mut place = Place::open().await;
    let browser = Browser::of(&place, "wang").await;

    let mut daemon = Daemon::join(&mut place, CALL, "8001").await;
    for kind in [
        "call.started",
        "call.updated",
        "transcript.partial",
        "transcript.final",
        "hint.new",
        "wrapup.draft",
    ] {
        daemon.publish(&mut place, kind).await;
    }
    browser.holds("document.querySelector('.card .calc')").await;
    browser.holds("document.querySelector('.card mark')").await;
    browser.holds("document.getElementById('w-subject')?.value").await;
    browser
        .holds(&format!(
            "{LINES} === 2 && document.querySelector('.talk .caller .firm').textContent.length > 30"
        ))
        .await;
    browser
        .holds("document.querySelector('.talk .agent .faint').textContent.length === 2")
        .await;
    keep(&browser, "agent-light").await;

    // An element's evidence is a jump to where it was said.
    browser.run("document.querySelector('.jump').click()").await;
    browser
        .holds("document.activeElement.dataset.segment === 'caller-4359'")
        .await;

    for number in 10..60 {
        daemon.say(&mut place, number).await;
    }
    browser.run("location.reload()").await;
    for number in 60..110 {
        daemon.say(&mut place, number).await;
    }
    browser.holds(&format!("{LINES} === 102")).await;

    place.kill_desk();
    browser.holds("document.querySelector('#link.warn')").await;
    daemon.say(&mut place, 110).await;
    place.start_desk().await;
    browser.holds(&format!("{LINES} === 103")).await;
    browser.run("document.documentElement.dataset.theme = 'dark'").await;
    keep(&browser, "agent-dark").await;

    // What the agent does reaches the daemon's stream.
    browser
        .run("[...document.querySelectorAll('.card button')].at(-1).click()")
        .await;
    browser
        .run("const f = document.getElementById('w-subject'); f.value = 'x'; f.dispatchEvent(new Event('change'))")
        .await;
    let redis = place.redis.clone();
    let written = until("feedback", async || {
        let mut range = cmd("XRANGE");
        range.arg("sidetone:feedback").arg("-").arg("+");
        let found: Vec<(String, Vec<String>)> = range.query_async(&mut redis.clone()).await.unwrap();
        (found.len() == 2).then_some(found)
    })
    .await;
    let said: Vec<String> = written.into_iter().map(|(_, fields)| fields.join(" ")).collect();
    assert!(
        said.iter()
            .any(|fields| fields.contains("dismissed") && fields.contains("hint_id h7")),
        "{said:?}"
    );
    assert!(
        said.iter()
            .any(|fields| fields.contains("corrected") && fields.contains("wrapup.subject")),
        "{said:?}"
    );
    browser.close().await;
}

/// The status of a request that the logged-in page makes.
async fn status(browser: &Browser, path: &str, post: Option<Value>) -> u64 {
    let options = post.map_or("{}".to_owned(), |body| {
        format!(
            "{{method: 'POST', headers: {{'content-type': 'application/json', 'x-csrf-token': me.csrf}}, body: '{body}'}}"
        )
    });
    let script = format!(
        "return (async () => {{ const me = await (await fetch('/api/me')).json();
         return (await fetch('{path}', {options})).status }})()"
    );
    browser.run(&script).await.as_u64().unwrap()
}

#[tokio::test]
async fn an_agent_sees_no_call_of_another_by_any_address() {
    let mut place = Place::open().await;
    let browser = Browser::open(&place.folder).await;
    let mut theirs = Daemon::join(&mut place, CALL, "8001").await;
    theirs.publish(&mut place, "call.started").await;
    browser.go(&place.url).await;
    browser.login("zhao").await;

    let routes = [
        (String::new(), None),
        ("/events".to_owned(), None),
        (
            "/feedback".to_owned(),
            Some(json!({"action": "dismissed", "hint_id": "h1"})),
        ),
        ("/control".to_owned(), Some(json!({"command": "mask"}))),
    ];
    for (tail, post) in routes {
        let path = format!("/api/calls/{CALL}{tail}");
        assert_eq!(status(&browser, &path, post).await, 403, "{path}");
    }
    assert_eq!(status(&browser, "/api/health", None).await, 403);
    let all = browser
        .run("return (async () => (await fetch('/api/calls')).json())()")
        .await;
    assert_eq!(all, json!([]));

    // The stream of events: what is theirs does not come, by name or live; what is mine does.
    let script = format!(
        "window.seen = []; window.tap = new EventSource('/events?from={CALL}:0'); window.ready = false;
         tap.addEventListener('ready', () => ready = true); tap.onmessage = m => seen.push(JSON.parse(m.data).call_id)"
    );
    browser.run(&script).await;
    browser.holds("window.ready").await;
    theirs.say(&mut place, 1).await;
    let mut mine = Daemon::join(&mut place, "pbx-2.0", "8002").await;
    mine.publish(&mut place, "call.started").await;
    browser.holds("window.seen.includes('pbx-2.0')").await;
    assert_eq!(browser.run("return [...new Set(seen)]").await, json!(["pbx-2.0"]));

    // Without the session's token nothing is written.
    let bare = "return (async () => (await fetch('/api/calls/pbx-2.0/control', {method: 'POST',
        headers: {'content-type': 'application/json'}, body: '{\"command\":\"mask\"}'})).status)()";
    assert_eq!(browser.run(bare).await, 403);
    let written: u64 = cmd("EXISTS")
        .arg(&["sidetone:control", "sidetone:feedback"])
        .query_async(&mut place.redis)
        .await
        .unwrap();
    assert_eq!(written, 0);
    browser.close().await;
}

#[tokio::test]
async fn a_supervisor_sees_every_call_and_a_stranger_none() {
    let mut place = Place::open().await;
    let browser = Browser::open(&place.folder).await;
    for path in ["/events", "/api/calls", "/api/calls/pbx-1.0", "/api/health", "/api/me"] {
        let answer = reqwest::get(format!("{}{path}", place.url)).await.unwrap();
        assert_eq!(answer.status(), 401, "{path}");
        let policy = answer.headers()["content-security-policy"].to_str().unwrap();
        assert!(!policy.contains("unsafe"), "{policy}");
    }
    for (call, agent) in [(CALL, "8001"), ("pbx-2.0", "8002")] {
        let mut daemon = Daemon::join(&mut place, call, agent).await;
        daemon.publish(&mut place, "call.started").await;
        daemon.publish(&mut place, "error").await;
    }
    browser.go(&place.url).await;
    browser.login("lin").await;
    browser
        .holds("document.querySelectorAll('#calls button').length === 2")
        .await;
    browser
        .holds("document.querySelectorAll('#calls .warn').length === 2")
        .await;
    keep(&browser, "supervisor").await;
    let read: u64 = cmd("XLEN")
        .arg("sidetone:audit")
        .query_async(&mut place.redis)
        .await
        .unwrap();
    assert_eq!(read, 2, "who read which call is written down");
    browser.close().await;
}
