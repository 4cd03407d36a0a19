//! `tap [--calls N] [--seconds S]`: what it costs to hear a FreeSWITCH.
//!
//! `native_…` and `passive_…` come from a real switch: N bridged PCMU calls (10), S seconds (10) of their two
//! legs' packets through the daemon's switch side alone, no recognition; the processor time of this process
//! by packet, event socket included. `attach_ms` is from the leg's joining to its tap. Passive capture needs
//! CAP_NET_RAW. `module_callback_…` come from the module's own host program, the media callback alone.
//! A figure is null where its part is missing; `missing` says what.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use sidetone_base::{CallEvent, LegId, Secret, SwitchOutput};
use sidetone_freeswitch::config::{EslConfig, RtpConfig, SipConfig};
use sidetone_freeswitch::{FreeswitchConfig, FreeswitchSwitch, TapChoice};
use tokio::sync::mpsc::Receiver;

use crate::processor;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
/// Of the switch; up to 1,200 more are used.
const PORT: u16 = 23_000;
/// For every leg to be tapped.
const PATIENCE: Duration = Duration::from_secs(60);

/// Runs the bench.
pub(crate) fn run(args: &[String]) -> Result<Value, String> {
    let (mut calls, mut seconds) = (10, 10);
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        let value: Option<u16> = args.next().and_then(|value| value.parse().ok());
        let value = value.ok_or_else(|| format!("{arg} wants a number"))?;
        match arg.as_str() {
            "--calls" => calls = value,
            "--seconds" => seconds = value,
            other => return Err(format!("{other} is no option: --calls N, --seconds S")),
        }
    }
    let mut missing = Vec::new();
    let (native, passive) = switch(calls.into(), seconds.into(), &mut missing)?;
    let module = module().unwrap_or_else(|reason| {
        missing.push(reason);
        Value::Null
    });
    Ok(json!({
        "native_cpu_us_per_packet": native.as_ref().map(|taps| taps.us_per_packet),
        "passive_cpu_us_per_packet": passive.as_ref().map(|taps| taps.us_per_packet),
        "attach_ms_p50": native.as_ref().map(|taps| taps.attach_ms_p50),
        "packets": [native.map(|taps| taps.packets), passive.map(|taps| taps.packets)],
        "module_callback_us_p50": module.get("module_callback_us_p50"),
        "module_callback_us_p999": module.get("module_callback_us_p999"),
        "missing": missing,
    }))
}

/// Native and passive taps on a real switch; what cannot be had is said in `missing`.
fn switch(calls: usize, seconds: u64, missing: &mut Vec<String>) -> Result<(Option<Taps>, Option<Taps>), String> {
    let runtime = sidetone_app::runtime::start()?;
    let rig = match Rig::start() {
        Ok(rig) => rig,
        Err(reason) => {
            missing.push(reason);
            return Ok((None, None));
        }
    };
    let mut measure = |tap| {
        let taps = runtime.block_on(rig.measure(tap, calls, seconds));
        taps.map_err(|reason| missing.push(reason)).ok()
    };
    let both = (measure(TapChoice::Native), measure(TapChoice::Passive));
    rig.end();
    Ok(both)
}

/// What hearing cost.
struct Taps {
    us_per_packet: f64,
    attach_ms_p50: u128,
    packets: u64,
}

/// A real switch and its phones.
#[derive(Clone)]
struct Rig {
    folder: PathBuf,
}

impl Rig {
    fn start() -> Result<Self, String> {
        let folder = std::env::temp_dir().join(format!("sidetone-bench-tap-{}", std::process::id()));
        let rig = Self { folder };
        let parts = [
            ("start", "switch", None),
            ("phones", "phones", None),
            ("speech", "phones", Some("unemployment-benefit")),
        ];
        for (command, part, arg) in parts {
            rig.script(command, part, arg.as_slice()).inspect_err(|_| rig.end())?;
        }
        Ok(rig)
    }

    fn script(&self, command: &str, part: &str, args: &[&str]) -> Result<(), String> {
        let script = Path::new(ROOT).join("tests/host/freeswitch/switch.sh");
        let output = Command::new(&script)
            .arg(command)
            .arg(self.folder.join(part))
            .args(args)
            .env("SIDETONE_SWITCH_PORT", PORT.to_string())
            .output()
            .map_err(|error| format!("{}: {error}", script.display()))?;
        if output.status.success() {
            Ok(())
        } else {
            Err(String::from_utf8_lossy(&output.stderr).trim().to_owned())
        }
    }

    async fn measure(&self, tap: TapChoice, calls: usize, seconds: u64) -> Result<Taps, String> {
        let config = FreeswitchConfig {
            esl: EslConfig {
                port: PORT + 1,
                password: Secret::new("sidetone"),
                ..EslConfig::default()
            },
            sip: SipConfig {
                listen: ([127, 0, 0, 1], PORT + 950).into(),
                ..SipConfig::default()
            },
            rtp: RtpConfig {
                first: PORT + 1000,
                last: PORT + 1199,
            },
            tap,
            ..FreeswitchConfig::default()
        };
        let (switch, mut output) = FreeswitchSwitch::start(config)
            .await
            .map_err(|error| error.to_string())?;
        let wanted = tap.kinds()[0];
        let rig = self.clone();
        let dialling = tokio::task::spawn_blocking(move || {
            // Twelve phones, over again.
            let mut numbers = (0..calls).map(|call| (8101 + call % 12).to_string());
            numbers.try_for_each(|number| rig.script("call", "phones", &["PCMU", &number]))
        });
        let mut joined: HashMap<LegId, Instant> = HashMap::new();
        let mut waits = Vec::new();
        let begun = Instant::now();
        while waits.len() < 2 * calls {
            let left = PATIENCE.saturating_sub(begun.elapsed());
            match tokio::time::timeout(left, output.recv()).await {
                Ok(Some(SwitchOutput::Signal(signal))) => match signal.event {
                    CallEvent::LegJoined { leg, .. } => drop(joined.insert(leg, Instant::now())),
                    CallEvent::TapAttached { leg, kind, .. } if kind == wanted => {
                        waits.extend(joined.get(&leg).map(|since| since.elapsed().as_millis()));
                    }
                    CallEvent::TapFailed { kind, reason, .. } => return Err(format!("{}: {reason}", kind.as_str())),
                    _ => {}
                },
                Ok(Some(_)) => {}
                Ok(None) | Err(_) => {
                    return Err(format!(
                        "{}: {} of {} legs were tapped",
                        wanted.as_str(),
                        waits.len(),
                        2 * calls
                    ));
                }
            }
        }
        dialling.await.map_err(|error| error.to_string())??;
        let before = processor::time();
        let packets = listen(&mut output, Duration::from_secs(seconds)).await;
        let spent = processor::time().saturating_sub(before);
        switch.stop().await;
        tokio::task::block_in_place(|| self.script("cli", "switch", &["hupall"]))?;
        waits.sort_unstable();
        Ok(Taps {
            us_per_packet: (spent.as_secs_f64() * 1e7 / packets.max(1) as f64).round() / 10.0,
            attach_ms_p50: waits[waits.len() / 2],
            packets,
        })
    }

    fn end(&self) {
        for part in ["switch", "phones"] {
            drop(self.script("stop", part, &[]));
        }
        drop(std::fs::remove_dir_all(&self.folder));
    }
}

/// Packets that come in that time.
async fn listen(output: &mut Receiver<SwitchOutput>, length: Duration) -> u64 {
    let end = tokio::time::Instant::now() + length;
    let mut packets = 0;
    while let Ok(Some(item)) = tokio::time::timeout_at(end, output.recv()).await {
        packets += u64::from(matches!(item, SwitchOutput::Audio { .. }));
    }
    packets
}

/// The module's callback, measured by its own host.
fn module() -> Result<Value, String> {
    let host = "run --quiet --release --package mod_sidetone --bin mod_host -- --json";
    let output = Command::new(std::env::var("CARGO").unwrap_or_else(|_| "cargo".into()))
        .args(host.split(' '))
        .current_dir(ROOT)
        .output()
        .map_err(|error| format!("cargo cannot be started: {error}"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    serde_json::from_str(text.trim())
        .map_err(|error| format!("mod_host: {error}: {}", String::from_utf8_lossy(&output.stderr).trim()))
}
