//! The one TOML file. Every fault is reported at once, with its key path and its cure.

mod check;
#[cfg(test)]
#[allow(clippy::expect_used)]
mod example;
mod load;
mod plain;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use jiff::fmt::serde::unsigned_duration::friendly::compact::{optional, required as friendly};
use serde::Deserialize;
use sidetone_asterisk::AsteriskConfig;
use sidetone_base::Secret;
use sidetone_freeswitch::FreeswitchConfig;
use sidetone_shell::handover::HandoverConfig;
use sidetone_shell::llm::LlmConfig;
use sidetone_shell::wire::{OutboxConfig, RedisConfig};

pub use check::known_region;
pub use load::{ConfigFault, load, load_or_default, parse};

/// Everything that an administrator can set. `deploy/sidetone.example.toml` comments every key.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Asterisk; absent when there is none to listen to.
    pub asterisk: Option<AsteriskConfig>,
    /// FreeSWITCH; absent when there is none to listen to.
    pub freeswitch: Option<FreeswitchConfig>,
    /// Ears.
    pub speech: Speech,
    /// What is known, and as of when.
    pub knowledge: Knowledge,
    /// What is pushed.
    pub hints: Hints,
    /// What is told of callers.
    pub privacy: Privacy,
    /// What is kept of callers for their next call.
    pub memory: Memory,
    /// Where events go. `url` may be `env:NAME` or `file:/path`.
    pub redis: RedisConfig,
    /// Where they wait while Redis is away.
    pub outbox: OutboxConfig,
    /// Language models. Keys may be `env:NAME` or `file:/path`.
    pub llm: LlmConfig,
    /// Who takes final wrap-ups by HTTP; absent when nobody does.
    pub handover: Option<HandoverConfig>,
    /// Health and metrics.
    pub http: Http,
    /// What is written about itself.
    pub log: Log,
}

/// `[speech]`
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Speech {
    /// Model for finals, a name in the manifest.
    pub model: String,
    /// Model for partials; empty when the one for finals does them too.
    pub partial_model: String,
    /// From this confidence on the reading of a partial model that can read whole segments is the final; 1 for never.
    pub trust: f32,
    /// Where fetched models lie.
    pub models_dir: PathBuf,
    /// Threads that recognise; 0 is one for each core.
    pub workers: usize,
    /// Whether text is published while someone speaks.
    pub partials: bool,
    /// How often; as suits the model when it is not set.
    #[serde(with = "optional")]
    pub partial_every: Option<Duration>,
    /// Silence that ends an utterance.
    #[serde(with = "friendly")]
    pub hangover: Duration,
    /// Audio before the first voiced frame that belongs to the utterance.
    #[serde(with = "friendly")]
    pub pre_roll: Duration,
    /// Longer utterances are split at their quietest point.
    #[serde(with = "friendly")]
    pub max_length: Duration,
    /// From when on a tap that brings nothing is an `audio.gap`.
    #[serde(with = "friendly")]
    pub silent_after: Duration,
    /// Whether Silero confirms what the gate lets through.
    pub neural_vad: bool,
    /// Whether noise is taken out before anything listens.
    pub denoise: bool,
    /// Finals of less confidence are decoded a second time; 0 for none.
    pub revise_below: f32,
    /// Model for it; empty when the one for finals does it.
    pub revise_model: String,
    /// How long the end of a call waits for the last of them.
    #[serde(with = "friendly")]
    pub revise_within: Duration,
}

impl Speech {
    /// The model beside [`Self::model`], where one is wanted: for partials, or to read finals first.
    #[must_use]
    pub fn second_model(&self) -> Option<&str> {
        let wanted = self.partials || self.trust < 1.0;
        Some(self.partial_model.as_str()).filter(|name| wanted && !name.is_empty() && *name != self.model)
    }

    /// Every model that is wanted, with the key that names it.
    #[must_use]
    pub fn models(&self) -> Vec<(&'static str, &str)> {
        let second = self.second_model().map(|name| ("speech.partial_model", name));
        let again = self.revise_model().map(|name| ("speech.revise_model", name));
        let first = Some(("speech.model", self.model.as_str()));
        [first, second, again].into_iter().flatten().collect()
    }

    /// The model for second readings, where it is one of its own.
    #[must_use]
    pub fn revise_model(&self) -> Option<&str> {
        let own = !self.revise_model.is_empty() && self.revise_model != self.model;
        (own && self.revise_below > 0.0).then_some(self.revise_model.as_str())
    }
}

/// The model for partials unless the file says otherwise.
const PARTIAL_MODEL: &str = "sidetone-zh";

impl Default for Speech {
    fn default() -> Self {
        Self {
            model: "whisper-base".to_owned(),
            partial_model: PARTIAL_MODEL.to_owned(),
            trust: 0.82,
            models_dir: PathBuf::from("models/cache"),
            workers: 0,
            partials: true,
            partial_every: None,
            hangover: Duration::from_millis(500),
            pre_roll: Duration::from_millis(300),
            max_length: Duration::from_secs(15),
            silent_after: Duration::from_secs(2),
            neural_vad: true,
            denoise: false,
            revise_below: 0.0,
            revise_model: String::new(),
            revise_within: Duration::from_secs(3),
        }
    }
}

/// `[knowledge]`
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Knowledge {
    /// Folder of JSONL files.
    pub dir: PathBuf,
    /// A file of statutes and cases, made by `sidetone knowledge build`.
    pub library: Option<PathBuf>,
    /// GB/T 2260 code of the hotline's region.
    pub region: String,
    /// Answer as of this date instead of today.
    pub as_of: Option<jiff::civil::Date>,
    /// Whether turns are read with the sentence encoder too.
    pub encoder: UseEncoder,
}

impl Default for Knowledge {
    fn default() -> Self {
        Self {
            dir: PathBuf::from("knowledge/12333"),
            library: None,
            region: "370500".to_owned(),
            as_of: None,
            encoder: UseEncoder::Auto,
        }
    }
}

/// When the sentence encoder is used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum UseEncoder {
    /// Where it was fetched.
    #[default]
    Auto,
    /// Never.
    Off,
}

/// `[privacy]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Privacy {
    /// What the caller's number is hashed with, so that a CRM with the same salt can match it. `env:NAME` or
    /// `file:/path` too; without it no hash is published.
    pub number_salt: Option<Secret>,
    /// Roles that get finals as they were said, with all personal data, each on its own channel. Nobody by default.
    pub unmasked_roles: Vec<String>,
}

/// `[memory]`
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Memory {
    /// Whether short forms of a caller's last wrap-ups are kept and shown at their next call. Needs
    /// `privacy.number_salt`.
    pub enabled: bool,
    /// Days after a caller's last call at which they are forgotten.
    pub retention_days: u32,
}

impl Default for Memory {
    fn default() -> Self {
        Self {
            enabled: false,
            retention_days: 90,
        }
    }
}

/// `[hints]`
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Hints {
    /// Most hints for one turn of the caller.
    pub per_turn: usize,
    /// Most hints in a minute.
    pub per_minute: usize,
    /// Whether a hint may be shown before the caller has finished.
    pub early: bool,
    /// Whether what agents do with hints moves their ranking.
    pub feedback: bool,
}

impl Default for Hints {
    fn default() -> Self {
        Self {
            per_turn: 3,
            per_minute: 12,
            early: true,
            feedback: true,
        }
    }
}

/// `[http]`
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Http {
    /// Loopback unless somebody knows better.
    pub listen: SocketAddr,
    /// Asked of every request when set; `env:NAME`, `file:/path`.
    pub token: Option<Secret>,
}

impl Default for Http {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 9180)),
            token: None,
        }
    }
}

/// `[log]`
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Log {
    /// `error`, `warn`, `info`, `debug` or a filter (`info,sidetone_asterisk=debug`).
    pub level: String,
    /// `text` or `json`.
    pub format: LogFormat,
}

/// How log lines look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One object a line.
    Json,
}

impl Default for Log {
    fn default() -> Self {
        Self {
            level: "info".to_owned(),
            format: LogFormat::Text,
        }
    }
}
