//! Doors that no browser is needed for: logging in and out, single sign-on, limits, and streams that were trimmed.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use redis::cmd;
use reqwest::{Client, Response};
use serde_json::{Value, json};

use crate::CALL;
use crate::daemon::Daemon;
use crate::parts::{Place, until};

fn client() -> Client {
    Client::builder()
        .no_proxy()
        .timeout(Duration::from_secs(20))
        .build()
        .unwrap()
}

/// One who is logged in.
struct User {
    http: Client,
    url: String,
    cookie: String,
    csrf: String,
}

impl User {
    async fn log_in(place: &Place, name: &str) -> Self {
        let answer = attempt(place, name, "a password").await;
        assert_eq!(answer.status(), 200);
        Self::of(place, answer).await
    }

    async fn of(place: &Place, answer: Response) -> Self {
        let cookie = answer.headers()["set-cookie"].to_str().unwrap().to_owned();
        assert!(
            cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"),
            "{cookie}"
        );
        let me: Value = answer.json().await.unwrap();
        assert_eq!(me.get("id"), None, "what the cookie holds is told to no script");
        Self {
            http: client(),
            url: place.url.clone(),
            cookie: cookie.split(';').next().unwrap().to_owned(),
            csrf: me["csrf"].as_str().unwrap().to_owned(),
        }
    }

    async fn get(&self, path: &str) -> Response {
        let request = self
            .http
            .get(format!("{}{path}", self.url))
            .header("cookie", &self.cookie);
        request.send().await.unwrap()
    }

    async fn post(&self, path: &str, body: Value) -> Response {
        let request = self.http.post(format!("{}{path}", self.url)).json(&body);
        let request = request
            .header("cookie", &self.cookie)
            .header("x-csrf-token", &self.csrf);
        request.send().await.unwrap()
    }
}

async fn attempt(place: &Place, name: &str, password: &str) -> Response {
    let body = json!({"name": name, "password": password});
    let request = client().post(format!("{}/api/login", place.url)).json(&body);
    request.send().await.unwrap()
}

/// What a stream of events brings up to and with a text.
async fn up_to(stream: &mut Response, text: &str) -> String {
    let mut all = String::new();
    while !all.contains(text) {
        let Some(more) = stream.chunk().await.unwrap() else {
            panic!("the stream ended before {text}: {all}")
        };
        all.push_str(&String::from_utf8_lossy(&more));
    }
    all
}

#[tokio::test]
async fn logging_out_ends_the_streams_of_that_login_and_of_no_other() {
    let mut place = Place::open().await;
    let (user, other) = (User::log_in(&place, "wang").await, User::log_in(&place, "wang").await);
    let (mut ended, mut open) = (user.get("/events").await, other.get("/events").await);
    up_to(&mut ended, "event: ready").await;
    up_to(&mut open, "event: ready").await;
    assert_eq!(user.post("/api/logout", json!({})).await.status(), 200);
    let begun = Instant::now();
    up_to(&mut ended, "event: logout").await;
    assert_eq!(ended.chunk().await.unwrap(), None, "nothing follows");
    assert!(
        begun.elapsed() < Duration::from_secs(8),
        "at once, not when the session is next looked at"
    );
    assert_eq!(user.get("/api/me").await.status(), 401);

    let mut daemon = Daemon::join(&mut place, CALL, "8001").await;
    daemon.publish(&mut place, "call.started").await;
    up_to(&mut open, "call.started").await;
}

#[tokio::test]
async fn a_session_that_redis_forgot_ends_its_stream() {
    let mut place = Place::open().await;
    let user = User::log_in(&place, "wang").await;
    let mut stream = user.get("/events").await;
    up_to(&mut stream, "event: ready").await;
    let keys: Vec<String> = cmd("KEYS")
        .arg("sidetone:desk:session:*")
        .query_async(&mut place.redis)
        .await
        .unwrap();
    cmd("DEL").arg(keys).exec_async(&mut place.redis).await.unwrap();
    up_to(&mut stream, "event: logout").await;
}

#[tokio::test]
async fn a_trimmed_stream_is_told_and_comes_whole() {
    let mut place = Place::open().await;
    let mut daemon = Daemon::join(&mut place, CALL, "8001").await;
    daemon.publish(&mut place, "call.started").await;
    for number in 0..5 {
        daemon.say(&mut place, number).await;
    }
    let key = format!("sidetone:{{{CALL}}}:events");
    cmd("XTRIM")
        .arg(&key)
        .arg("MAXLEN")
        .arg(2)
        .exec_async(&mut place.redis)
        .await
        .unwrap();
    let user = User::log_in(&place, "wang").await;
    let mut stream = user.get(&format!("/events?from={CALL}:2")).await;
    let told = up_to(&mut stream, &format!("id: {CALL}:6")).await;
    let (resync, first) = (
        told.find("event: resync").unwrap(),
        told.find(&format!("id: {CALL}:5")).unwrap(),
    );
    assert!(resync < first, "{told}");
    // One whose place is still there is told nothing of the kind.
    let mut stream = user.get(&format!("/events?from={CALL}:4")).await;
    assert!(!up_to(&mut stream, &format!("id: {CALL}:6")).await.contains("resync"));
}

#[tokio::test]
async fn a_call_that_ended_while_nobody_looked_is_its_agents_and_no_others() {
    let mut place = Place::open().await;
    // One ends while the desk runs, the other while it is down.
    let (before, after) = ("pbx-1.0", "pbx-2.0");
    let mut first = Daemon::join(&mut place, before, "8001").await;
    first.publish(&mut place, "call.started").await;
    first.end(&mut place).await;
    let mut live = Daemon::join(&mut place, "pbx-3.0", "8002").await;
    live.publish(&mut place, "call.started").await;
    let wang = User::log_in(&place, "wang").await;
    let mut stream = wang.get("/events").await;
    assert!(up_to(&mut stream, "call.ended").await.contains("wrapup.final"));

    place.kill_desk();
    let mut second = Daemon::join(&mut place, after, "8001").await;
    second.publish(&mut place, "call.started").await;
    second.end(&mut place).await;
    place.start_desk().await;
    let listed = async |name: &str| {
        let user = User::log_in(&place, name).await;
        let calls: Vec<Value> = user.get("/api/calls").await.json().await.unwrap();
        let named = calls.iter().filter_map(|call| call["call_id"].as_str());
        named.map(str::to_owned).collect::<Vec<_>>()
    };
    let both = async || Some(listed("wang").await).filter(|calls| calls.len() == 2);
    assert_eq!(until("both calls", both).await, [before, after]);
    assert_eq!(listed("zhao").await, ["pbx-3.0"]);
    assert_eq!(listed("lin").await, [before, after, "pbx-3.0"]);
    let wang = User::log_in(&place, "wang").await;
    let mut stream = wang.get("/events").await;
    let told = up_to(&mut stream, &format!("id: {after}:3")).await;
    assert!(told.contains(&format!("id: {before}:3")), "{told}");
}

#[tokio::test]
async fn one_screen_more_than_the_cap_is_refused_and_counted() {
    let place = Place::open_with("clients_max = 1").await;
    let root = User::log_in(&place, "root").await;
    let mut first = root.get("/events").await;
    up_to(&mut first, "event: ready").await;
    assert_eq!(root.get("/events").await.status(), 503);
    let health: Value = root.get("/api/health").await.json().await.unwrap();
    assert_eq!([&health["screens"], &health["screens_refused"]], [1, 1]);
}

#[tokio::test]
async fn the_eleventh_attempt_in_a_minute_is_refused_for_that_name_alone() {
    let place = Place::open().await;
    for _ in 0..10 {
        assert_eq!(attempt(&place, "wang", "a wrong one").await.status(), 401);
    }
    assert_eq!(attempt(&place, "wang", "a password").await.status(), 429);
    assert_eq!(attempt(&place, "zhao", "a password").await.status(), 200);
}

#[tokio::test]
async fn the_documented_rights_in_redis_suffice() {
    let mut place = Place::open_with("archive = \"FOLDER/archive.duckdb\"").await;
    place.kill_desk();
    let document = include_str!("../../../../docs/DESK.md");
    for rights in document
        .lines()
        .filter_map(|line| line.split(" #").next()?.strip_prefix("$ redis-cli ACL SETUSER "))
    {
        let words = rights.split_whitespace().map(|word| word.trim_matches('\''));
        let mut set = cmd("ACL");
        set.arg("SETUSER").arg(words.collect::<Vec<_>>());
        set.exec_async(&mut place.redis).await.unwrap();
    }
    place.log_in_to_redis("desk:PASSWORD");
    place.start_desk().await;
    let (user, root) = (User::log_in(&place, "wang").await, User::log_in(&place, "root").await);
    let mut daemon = Daemon::join(&mut place, CALL, "8001").await;
    daemon.publish(&mut place, "call.started").await;
    up_to(&mut user.get("/events").await, "call.started").await;
    let path = |tail: &str| format!("/api/calls/{CALL}{tail}");
    for (tail, body) in [
        ("/feedback", json!({"action": "shown", "hint_id": "h"})),
        ("/control", json!({"command": "mask"})),
    ] {
        assert_eq!(user.post(&path(tail), body).await.status(), 200, "{tail}");
    }
    for tail in ["", "/events"] {
        assert_eq!(user.get(&path(tail)).await.status(), 200, "{tail}");
    }
    for path in [
        "/api/calls",
        "/api/wall",
        "/api/health",
        "/api/metrics?metric=M001&window=0/60000",
    ] {
        assert_eq!(root.get(path).await.status(), 200, "{path}");
    }
    assert_eq!(user.post("/api/logout", json!({})).await.status(), 200);
    // The archive has read what there is, and said so.
    let redis = place.redis.clone();
    until("the archive", async || {
        let groups: Vec<HashMap<String, redis::Value>> = cmd("XINFO")
            .arg("GROUPS")
            .arg("sidetone:feedback")
            .query_async(&mut redis.clone())
            .await
            .ok()?;
        let group = groups.first()?;
        (group.get("pending") == Some(&redis::Value::Int(0)) && group.get("lag") == Some(&redis::Value::Int(0)))
            .then_some(())
    })
    .await;
    let refused: Vec<redis::Value> = cmd("ACL").arg("LOG").query_async(&mut place.redis).await.unwrap();
    assert_eq!(refused, Vec::new(), "commands that were refused");
}

#[tokio::test]
async fn with_two_files_the_desk_speaks_tls_itself() {
    let folder = std::env::temp_dir().join(format!("sidetone-desk-tls-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let mut made = std::process::Command::new("openssl");
    made.args("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost".split(' '));
    made.args([
        "-addext",
        "subjectAltName=IP:127.0.0.1",
        "-addext",
        "basicConstraints=critical,CA:FALSE",
        "-keyout",
        "key.pem",
        "-out",
        "cert.pem",
    ]);
    assert!(
        made.current_dir(&folder)
            .stderr(std::process::Stdio::null())
            .status()
            .unwrap()
            .success()
    );
    let files = format!(
        "[tls]\ncertificate = \"{0}/cert.pem\"\nkey = \"{0}/key.pem\"",
        folder.display()
    );
    let place = Place::open_with(&files).await;
    assert!(place.url.starts_with("https:"));
    let trusted = reqwest::Certificate::from_pem(&std::fs::read(folder.join("cert.pem")).unwrap()).unwrap();
    let http = Client::builder().no_proxy().tls_certs_only([trusted]).build().unwrap();
    assert_eq!(http.get(&place.url).send().await.unwrap().status(), 200);
    let plain = client().get(place.url.replace("https:", "http:")).send().await;
    assert!(plain.is_err(), "nothing is served without TLS");
    // One who connects and says nothing keeps nobody out.
    let silent: Vec<_> = (0..20)
        .map(|_| std::net::TcpStream::connect(place.url.trim_start_matches("https://")).unwrap())
        .collect();
    assert_eq!(http.get(&place.url).send().await.unwrap().status(), 200);
    drop(silent);
    std::fs::remove_dir_all(folder).unwrap();
}

#[tokio::test]
async fn a_proxy_with_the_secret_logs_a_known_name_in() {
    let sso = "[login]\nheader = \"x-remote-user\"\nsecret_header = \"x-desk-secret\"\nsecret_file = \"FOLDER/secret\"";
    let place = Place::open_with(sso).await;
    std::fs::write(place.folder.join("secret"), "of the proxy\n").unwrap();
    let ask = async |headers: &[(&str, &str)]| {
        let mut request = client().post(format!("{}/api/sso", place.url));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.send().await.unwrap()
    };
    for (secret, status) in [("of the proxy", 200), ("of the prox", 401), ("", 401)] {
        let answer = ask(&[("x-remote-user", "lin"), ("x-desk-secret", secret)]).await;
        assert_eq!(answer.status(), status, "{secret:?}");
    }
    assert_eq!(ask(&[("x-remote-user", "lin")]).await.status(), 401);
    assert_eq!(ask(&[("x-desk-secret", "of the proxy")]).await.status(), 401);
    assert_eq!(
        ask(&[("x-remote-user", "nobody"), ("x-desk-secret", "of the proxy")])
            .await
            .status(),
        403
    );
    let lin = User::of(
        &place,
        ask(&[("x-remote-user", "lin"), ("x-desk-secret", "of the proxy")]).await,
    )
    .await;
    let me: Value = lin.get("/api/me").await.json().await.unwrap();
    assert_eq!(me["role"], "supervisor");
}
