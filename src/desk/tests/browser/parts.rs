//! The real parts of the test: Redis, the desk, and Chromium behind its driver.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use redis::aio::MultiplexedConnection;
use serde_json::{Value, json};

/// How long something may take before the test fails.
const PATIENCE: Duration = Duration::from_secs(20);
/// Where the configuration says that the URL of Redis is.
const REDIS_URL: &str = "SIDETONE_DESK_TEST_REDIS";
/// How Chromium is started.
const CHROMIUM: [&str; 9] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1366,768",
];

/// A process that ends with the test.
pub(crate) struct Part(Child);

impl Drop for Part {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn start(command: &mut Command) -> Part {
    let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    Part(child.unwrap_or_else(|error| panic!("{command:?} does not start: {error}")))
}

/// A port that nobody has.
fn port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
}

/// Asks again until there is an answer.
pub(crate) async fn until<T>(what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(begun.elapsed() < PATIENCE, "{what}: not in {PATIENCE:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Redis and the desk, with a folder of their own.
pub(crate) struct Place {
    pub(crate) folder: PathBuf,
    pub(crate) url: String,
    pub(crate) redis: MultiplexedConnection,
    redis_url: String,
    desk: Option<Part>,
    _server: Part,
}

impl Place {
    pub(crate) async fn open() -> Self {
        Self::open_with("").await
    }

    /// With more lines of configuration, at the top.
    pub(crate) async fn open_with(more: &str) -> Self {
        sidetone_base::ready_tls();
        let (redis_port, desk_port) = (port(), port());
        let folder = std::env::temp_dir().join(format!("sidetone-desk-{}-{redis_port}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let mut server = Command::new("redis-server");
        server
            .args(["--port", &redis_port.to_string(), "--bind", "127.0.0.1", "--save", ""])
            .current_dir(&folder);
        let server = start(&mut server);
        let client = redis::Client::open(format!("redis://127.0.0.1:{redis_port}/")).unwrap();
        let redis = until("Redis", async || client.get_multiplexed_async_connection().await.ok()).await;
        let more = more.replace("FOLDER", &folder.display().to_string());
        let config = format!(
            "listen = \"127.0.0.1:{desk_port}\"\nusers = \"{0}/users.toml\"\nsecure_cookie = false\n\
             {more}\n[redis]\nurl = \"env:{REDIS_URL}\"\n",
            folder.display()
        );
        std::fs::write(folder.join("desk.toml"), config).unwrap();
        let mut place = Self {
            folder,
            url: format!(
                "{}://127.0.0.1:{desk_port}",
                if more.contains("[tls]") { "https" } else { "http" }
            ),
            redis_url: format!("redis://127.0.0.1:{redis_port}/"),
            redis,
            desk: None,
            _server: server,
        };
        for (name, role) in [
            ("wang", "agent"),
            ("zhao", "agent"),
            ("lin", "supervisor"),
            ("root", "admin"),
        ] {
            place.add(name, role);
        }
        place.start_desk().await;
        place
    }

    fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sidetone-desk"));
        command.arg("--config").arg(self.folder.join("desk.toml"));
        command.env(REDIS_URL, &self.redis_url);
        command
    }

    fn add(&self, name: &str, role: &str) {
        use std::io::Write as _;
        let mut command = self.command();
        command
            .args(["user", "add", name, "--role", role])
            .stdin(Stdio::piped());
        match name {
            "wang" => drop(command.args(["--agent", "8001"])),
            "zhao" => drop(command.args(["--agent", "8002"])),
            _ => {}
        }
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(b"a password\n").unwrap();
        assert!(child.wait().unwrap().success());
    }

    /// Takes facts into the archive, while the desk does not hold it.
    pub(crate) async fn import(&mut self, facts: &Path) {
        self.kill_desk();
        let mut command = self.command();
        command
            .arg("import")
            .arg(facts)
            .arg("--archive")
            .arg(self.folder.join("archive.duckdb"));
        assert!(command.stdout(Stdio::null()).status().unwrap().success());
        self.start_desk().await;
    }

    /// From its next start on the desk logs in to Redis as this user (`name:password`).
    pub(crate) fn log_in_to_redis(&mut self, user: &str) {
        self.redis_url = self.redis_url.replace("redis://", &format!("redis://{user}@"));
    }

    /// Writes a week's report.
    pub(crate) fn report(&self, week: &str, page: &Path, pdf: &Path) {
        let mut command = self.command();
        command
            .args(["report", "--week", week, "--out"])
            .arg(page)
            .arg("--pdf")
            .arg(pdf);
        assert!(command.status().unwrap().success());
    }

    pub(crate) fn kill_desk(&mut self) {
        self.desk = None;
    }

    pub(crate) async fn start_desk(&mut self) {
        self.desk = Some(start(self.command().arg("serve")));
        let address = self.url.split("//").nth(1).unwrap();
        until("the desk", async || tokio::net::TcpStream::connect(address).await.ok()).await;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// A browser, by the WebDriver protocol.
pub(crate) struct Browser {
    http: reqwest::Client,
    session: String,
    _driver: Part,
}

impl Browser {
    pub(crate) async fn open(folder: &Path) -> Self {
        Self::open_with(folder, &[]).await
    }

    /// With more flags of Chromium.
    pub(crate) async fn open_with(folder: &Path, more: &[String]) -> Self {
        let port = port();
        let driver = start(Command::new("chromedriver").arg(format!("--port={port}")));
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let base = format!("http://127.0.0.1:{port}/session");
        let mut flags: Vec<String> = CHROMIUM.map(str::to_owned).to_vec();
        flags.extend_from_slice(more);
        flags.push(format!("--user-data-dir={}/chromium-{port}", folder.display()));
        let wanted =
            json!({"capabilities": {"alwaysMatch": {"browserName": "chrome", "goog:chromeOptions": {"args": flags}}}});
        let made: Value = until("Chromium", async || {
            let answer = http.post(&base).json(&wanted).send().await.ok()?;
            answer
                .json::<Value>()
                .await
                .ok()
                .filter(|made| made["value"]["sessionId"].is_string())
        })
        .await;
        let session = format!("{base}/{}", made["value"]["sessionId"].as_str().unwrap());
        Self {
            http,
            session,
            _driver: driver,
        }
    }

    /// With the page open, and this user logged in.
    pub(crate) async fn of(place: &Place, user: &str) -> Self {
        let browser = Self::open(&place.folder).await;
        browser.go(&place.url).await;
        browser.login(user).await;
        browser
    }

    /// A command of WebDriver, or of Chromium's own protocol.
    pub(crate) async fn send(&self, path: &str, body: Value) -> Value {
        let answer = self
            .http
            .post(format!("{}/{path}", self.session))
            .json(&body)
            .send()
            .await
            .unwrap();
        let mut answer: Value = answer.json().await.unwrap();
        answer["value"].take()
    }

    pub(crate) async fn go(&self, url: &str) {
        self.send("url", json!({ "url": url })).await;
    }

    /// What a script returns; a promise is waited for.
    pub(crate) async fn run(&self, script: &str) -> Value {
        self.send("execute/sync", json!({ "script": script, "args": [] })).await
    }

    /// Presses keys one after the other, as a hand would. `\u{E004}` is Tab, `\u{E007}` Enter.
    pub(crate) async fn press(&self, keys: &str) {
        let strokes = keys.chars().flat_map(|key| {
            let value = key.to_string();
            [
                json!({"type": "keyDown", "value": value}),
                json!({"type": "keyUp", "value": value}),
            ]
        });
        let actions: Vec<Value> = strokes.collect();
        let answer = self
            .send(
                "actions",
                json!({"actions": [{"type": "key", "id": "keys", "actions": actions}]}),
            )
            .await;
        assert!(answer.is_null(), "{answer}");
    }

    /// Waits until an expression holds in the page.
    pub(crate) async fn holds(&self, expression: &str) {
        let script = format!("return Boolean({expression})");
        until(expression, async || (self.run(&script).await == true).then_some(())).await;
    }

    /// Logs in by the form.
    pub(crate) async fn login(&self, name: &str) {
        self.holds("document.querySelector('form.login')").await;
        let script = format!(
            "document.getElementById('name').value = '{name}';
             document.getElementById('password').value = 'a password';
             document.querySelector('form.login').requestSubmit();"
        );
        self.run(&script).await;
        self.holds("document.querySelector('.top')").await;
    }

    /// A picture of the page, as PNG in base64.
    pub(crate) async fn picture(&self) -> String {
        let answer = self
            .http
            .get(format!("{}/screenshot", self.session))
            .send()
            .await
            .unwrap();
        let answer: Value = answer.json().await.unwrap();
        answer["value"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn close(self) {
        let _ = self.http.delete(&self.session).send().await;
    }
}
