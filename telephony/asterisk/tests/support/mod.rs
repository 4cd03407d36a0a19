//! A private Asterisk, SIPp as its phones, and an ear on what the crate says.

use std::collections::BTreeMap;
use std::f64::consts::TAU;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use sidetone_asterisk::config::{AmiConfig, AriConfig, AudioSocketConfig, ListenConfig};
use sidetone_asterisk::{AsteriskConfig, TapChoice};

use sidetone_base::{CallEvent, CallId, Fact, LegId, Role, Secret, SwitchOutput, TapFrame};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::mpsc::Receiver;

pub(crate) const CALLER_TONE: f64 = 400.0;
pub(crate) const AGENT_TONE: f64 = 1000.0;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .unwrap()
}

/// One switch at a time: several of them, with their phones, starve each other on two cores.
static ALONE: Mutex<()> = Mutex::new(());

/// An Asterisk of its own; stopped when dropped.
pub(crate) struct Pbx {
    port: u16,
    folder: PathBuf,
    /// Held until the switch is stopped. A test that failed with it in hand is no reason for the next to fail.
    _alone: MutexGuard<'static, ()>,
}

impl Pbx {
    /// Ports from `port` on must be free on loopback.
    pub(crate) fn start(name: &str, port: u16) -> Self {
        let folder = std::env::temp_dir().join(format!("sidetone-pbx-{name}-{}", std::process::id()));
        let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        let pbx = Self { port, folder, _alone };
        assert!(
            Command::new("sipp")
                .arg("-v")
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status()
                .is_ok(),
            "SIPp is missing: apt-get install sip-tester"
        );
        pbx.script("start");
        for (file, tone) in [("caller.pcma", CALLER_TONE), ("agent.pcma", AGENT_TONE)] {
            std::fs::write(pbx.folder.join(file), a_law_tone(tone)).unwrap();
        }
        pbx
    }

    /// SIP; everything else counts from here.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// What the switch has logged so far.
    pub(crate) fn log(&self) -> String {
        let bytes = std::fs::read(self.folder.join("log/full")).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// The rows of its call records so far; a row is written when its channel is gone.
    pub(crate) fn records(&self) -> Vec<String> {
        std::thread::sleep(Duration::from_millis(500));
        let text = std::fs::read_to_string(self.folder.join("log/cdr-csv/Master.csv")).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    /// What ARI answers.
    pub(crate) async fn ari(&self, method: &str, path: &str) -> String {
        let mut stream = tokio::net::TcpStream::connect(("127.0.0.1", self.port + 2))
            .await
            .unwrap();
        let request =
            format!("{method} /ari{path}?api_key=sidetone:sidetone HTTP/1.1\r\nHost: pbx\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.contains(" 200 ") || answer.contains(" 204 "), "{answer}");
        answer
    }

    /// The bridges of taps.
    pub(crate) async fn tap_bridges(&self) -> Vec<String> {
        let answer = self.ari("GET", "/bridges").await;
        let (_, list) = answer.split_once("\r\n\r\n").unwrap();
        let list: serde_json::Value = serde_json::from_str(list).unwrap();
        let ids = list
            .as_array()
            .unwrap()
            .iter()
            .map(|bridge| bridge["id"].as_str().unwrap().to_owned());
        ids.filter(|id| id.starts_with("sidetone-tap-")).collect()
    }

    /// From now on phones send to each other where nothing stands between them.
    pub(crate) fn let_media_run_direct(&self) {
        let file = self.folder.join("etc/pjsip.conf");
        let text = std::fs::read_to_string(&file).unwrap();
        std::fs::write(&file, text.replace("direct_media = no", "direct_media = yes")).unwrap();
        self.cli("module reload res_pjsip.so");
    }

    pub(crate) fn restart(&self) {
        self.script("restart");
    }

    pub(crate) fn cli(&self, command: &str) -> String {
        let output = self.command("cli").arg(command).output().unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Waits until every channel is gone: a tap must leave nothing behind.
    pub(crate) fn assert_empty(&self) {
        let until = Instant::now() + Duration::from_secs(5);
        while !self.cli("core show channels count").contains("0 active channels") {
            assert!(
                Instant::now() < until,
                "left behind:\n{}",
                self.cli("core show channels concise")
            );
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    fn command(&self, verb: &str) -> Command {
        let mut command = Command::new("sh");
        command
            .arg(root().join("tests/host/asterisk/pbx.sh"))
            .arg(verb)
            .arg(&self.folder);
        command.env("SIDETONE_PBX_PORT", self.port.to_string());
        command
    }

    fn script(&self, verb: &str) {
        let output = self.command(verb).stdout(Stdio::null()).output().unwrap();
        assert!(
            output.status.success(),
            "pbx.sh {verb}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }

    pub(crate) fn config(&self, tap: TapChoice) -> AsteriskConfig {
        AsteriskConfig {
            ami: AmiConfig {
                port: self.port + 1,
                secret: Secret::new("sidetone"),
                ..AmiConfig::default()
            },
            ari: AriConfig {
                url: format!("http://127.0.0.1:{}/ari", self.port + 2),
                password: Secret::new("sidetone"),
                ..AriConfig::default()
            },
            audiosocket: AudioSocketConfig {
                listen: ([127, 0, 0, 1], 0).into(),
                advertise: None,
            },
            agi: Some(ListenConfig::at(([127, 0, 0, 1], 0).into())),
            aeap: Some(ListenConfig::at(([127, 0, 0, 1], 0).into())),
            tap,
            agent_patterns: vec!["PJSIP/80??".to_owned()],
            ..AsteriskConfig::default()
        }
    }

    /// A phone of agent 80`nn`, running one of `tests/host/asterisk/sipp/`.
    pub(crate) fn agent(&self, nn: u16, scenario: &str, extra: &[&str]) -> Phone {
        self.sipp(
            scenario,
            &format!("{}", self.port + nn),
            self.port + 400 + nn * 4,
            extra,
        )
    }

    /// A caller, the `n`th of this switch.
    pub(crate) fn caller(&self, n: u16, scenario: &str, dial: &str, extra: &[&str]) -> Phone {
        let number = format!("0000000{n:03}");
        let mut arguments = vec!["-s", dial, "-key", "number", &number];
        arguments.extend(extra);
        self.sipp(
            scenario,
            &format!("{}", self.port + 450 + n),
            self.port + 460 + n * 4,
            &arguments,
        )
    }

    fn sipp(&self, scenario: &str, port: &str, media: u16, extra: &[&str]) -> Phone {
        let file = root()
            .join("tests/host/asterisk/sipp")
            .join(scenario)
            .with_extension("xml");
        let child = Command::new("sipp")
            .arg("-sf")
            .arg(file)
            .args([
                "-m",
                "1",
                "-i",
                "127.0.0.1",
                "-mi",
                "127.0.0.1",
                "-p",
                port,
                "-mp",
                &media.to_string(),
                "-timeout",
                "60",
            ])
            .args(extra)
            .arg(format!("127.0.0.1:{}", self.port))
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Phone(child)
    }
}

impl Drop for Pbx {
    fn drop(&mut self) {
        let _ = self.command("stop").status();
        if std::thread::panicking() {
            eprintln!("the switch's log is kept in {}", self.folder.display());
        } else {
            let _ = std::fs::remove_dir_all(&self.folder);
        }
    }
}

/// A running SIPp; killed when dropped.
pub(crate) struct Phone(Child);

impl Drop for Phone {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// One leg, as heard.
#[derive(Default)]
pub(crate) struct LegHeard {
    pub(crate) rate: u32,
    pub(crate) samples: Vec<i16>,
    pub(crate) joined: Option<Instant>,
    pub(crate) first: Option<Instant>,
    pub(crate) agent: Option<String>,
    pub(crate) role: Option<Role>,
}

impl LegHeard {
    /// The tone, by counting zero crossings of the loud part.
    pub(crate) fn tone(&self) -> f64 {
        let loud: Vec<i16> = self
            .samples
            .chunks(160)
            .filter(|chunk| loudness(chunk) > 1000.0)
            .flatten()
            .copied()
            .collect();
        assert!(
            loud.len() > self.rate as usize / 4,
            "only {} loud samples of {}",
            loud.len(),
            self.samples.len()
        );
        let crossings = loud.windows(2).filter(|pair| (pair[0] < 0) != (pair[1] < 0)).count();
        crossings as f64 / 2.0 * f64::from(self.rate) / loud.len() as f64
    }

    pub(crate) fn first_frame_after(&self) -> Duration {
        self.first.unwrap().saturating_duration_since(self.joined.unwrap())
    }
}

fn loudness(samples: &[i16]) -> f64 {
    (samples.iter().map(|&sample| f64::from(sample).powi(2)).sum::<f64>() / samples.len().max(1) as f64).sqrt()
}

/// Everything that was said and heard.
#[derive(Default)]
pub(crate) struct Heard {
    pub(crate) story: Vec<(CallId, CallEvent)>,
    pub(crate) legs: BTreeMap<LegId, LegHeard>,
    pub(crate) facts: Vec<Fact>,
}

impl Heard {
    /// Listens until `done`, or panics after `limit` with the story so far.
    pub(crate) async fn listen(
        &mut self,
        output: &mut Receiver<SwitchOutput>,
        limit: Duration,
        done: impl Fn(&Self) -> bool,
    ) {
        let until = tokio::time::Instant::now() + limit;
        while !done(self) {
            match tokio::time::timeout_at(until, output.recv()).await {
                Ok(Some(item)) => self.take(item),
                Ok(None) => panic!("the switch side stopped"),
                Err(_) => panic!("not within {limit:?}; so far:\n{}", self.told()),
            }
        }
    }

    fn take(&mut self, item: SwitchOutput) {
        match item {
            SwitchOutput::Connected { .. } | SwitchOutput::Disconnected => {}
            SwitchOutput::Fact(fact) => self.facts.push(fact),
            SwitchOutput::Signal(signal) => {
                if let CallEvent::LegJoined { leg, agent, role, .. } = &signal.event {
                    let heard = self.legs.entry(leg.clone()).or_default();
                    heard.joined = Some(Instant::now());
                    heard.agent = agent.as_ref().map(ToString::to_string);
                    heard.role = Some(*role);
                }
                self.story.push((signal.call, signal.event));
            }
            SwitchOutput::Audio {
                leg,
                at,
                frame: TapFrame::Pcm { rate, samples },
                ..
            } => {
                let heard = self.legs.get_mut(&leg).expect("audio of a leg that never joined");
                heard.rate = rate.0;
                heard.first.get_or_insert(at);
                heard.samples.extend(samples);
            }
            SwitchOutput::Audio { .. } => panic!("RTP from Asterisk"),
            SwitchOutput::Asked { .. } => panic!("nobody asks here"),
        }
    }

    pub(crate) fn count(&self, wanted: impl Fn(&CallEvent) -> bool) -> usize {
        self.story.iter().filter(|(_, event)| wanted(event)).count()
    }

    pub(crate) fn ended(&self) -> usize {
        self.count(|event| matches!(event, CallEvent::Ended { .. }))
    }

    pub(crate) fn attached(&self) -> usize {
        self.count(|event| matches!(event, CallEvent::TapAttached { .. }))
    }

    pub(crate) fn calls(&self) -> usize {
        self.count(|event| matches!(event, CallEvent::Started { .. }))
    }

    /// The leg of this agent, or of the caller.
    pub(crate) fn leg(&self, agent: Option<&str>) -> &LegHeard {
        let found = self.legs.values().find(|leg| match agent {
            Some(agent) => leg.agent.as_deref() == Some(agent),
            None => leg.role == Some(Role::Caller),
        });
        found.unwrap_or_else(|| panic!("no leg of {agent:?} in\n{}", self.told()))
    }

    pub(crate) fn told(&self) -> String {
        self.story
            .iter()
            .map(|(call, event)| format!("{call} {event:?}\n"))
            .collect()
    }
}

pub(crate) fn assert_tone(heard: &LegHeard, tone: f64) {
    let found = heard.tone();
    assert!((found - tone).abs() < tone * 0.1, "{found} Hz instead of {tone} Hz");
}

/// A minute, so that a slow machine does not reach its end.
fn a_law_tone(tone: f64) -> Vec<u8> {
    (0..480_000)
        .map(|n| a_law((8000.0 * (TAU * tone * f64::from(n) / 8000.0).sin()) as i16))
        .collect()
}

/// ITU-T G.711.
fn a_law(sample: i16) -> u8 {
    let sign = if sample >= 0 { 0x80 } else { 0 };
    let magnitude = (i32::from(sample).abs() >> 3).min(0xfff);
    let coded = if magnitude < 32 {
        magnitude >> 1
    } else {
        let exponent = 31 - magnitude.leading_zeros() as i32 - 4;
        (exponent << 4) | ((magnitude >> exponent) & 0x0f)
    };
    (sign | coded as u8) ^ 0x55
}
