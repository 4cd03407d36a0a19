//! Configuration of the desk.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use sidetone_shell::wire::RedisConfig;

use crate::users::Role;

/// `desk.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct DeskConfig {
    /// Where the page is served.
    pub listen: SocketAddr,
    /// The file of users, written by `sidetone-desk user`.
    pub users: PathBuf,
    /// Event streams open at once; one more is answered 503.
    pub clients_max: usize,
    /// Minutes without a request after which a login ends.
    pub session_minutes: u32,
    /// Whether the cookie is sent over TLS only. Off for a trial on one machine alone.
    pub secure_cookie: bool,
    /// The daemon's HTTP address, for the administrator's view; none when empty.
    pub daemon: String,
    /// The archive of facts, a file of DuckDB; without it there are no metrics.
    pub archive: Option<PathBuf>,
    /// What people call the site's queues, agents and topics: a line each, filter key, value and name, separated by tabs.
    pub vocabulary: Option<PathBuf>,
    /// The folder of Parquet files, a folder for each day; none are written without it.
    pub parquet: Option<PathBuf>,
    /// Where Prometheus may ask for the metrics of the present, without a login; nowhere when it is left out.
    pub prometheus: Option<SocketAddr>,
    /// The command that prints what the doctor finds, with its arguments; none when empty.
    pub doctor: Vec<String>,
    /// The folder of the chart library (`echarts.min.js`); without it there are tables.
    pub charts: Option<PathBuf>,
    /// TLS by the desk itself; plain HTTP without it.
    pub tls: Option<TlsConfig>,
    /// The Redis that the daemon writes to.
    pub redis: RedisConfig,
    /// The base that agents search by hand.
    pub knowledge: KnowledgeConfig,
    /// Single sign-on.
    pub login: LoginConfig,
    /// Login by OpenID Connect; none without it.
    pub oidc: Option<OidcConfig>,
    /// Questions that are asked on the telephone.
    pub phone: PhoneConfig,
    /// Questions that are spoken into the browser's microphone.
    pub microphone: MicrophoneConfig,
}

/// `[microphone]`: who hears a question that is spoken into the browser.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct MicrophoneConfig {
    /// The daemon's speech engine (`asterisk.aeap.listen`), `ws://127.0.0.1:9093/`; without it there is no microphone.
    pub url: String,
    /// The file with `asterisk.aeap.secret`, where the daemon has one.
    pub secret_file: Option<PathBuf>,
}

/// `[phone]`: the switch brings what a supervisor asked.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct PhoneConfig {
    /// The file with the secret that the dialplan sends; without it nobody is answered.
    pub secret_file: Option<PathBuf>,
}

/// `[knowledge]`: what the daemon has in its section of this name.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct KnowledgeConfig {
    /// The line's folder; without it there is no search.
    pub dir: Option<PathBuf>,
    /// Where the line is, a GB/T 2260 code.
    pub region: String,
    /// The day as of which is searched; today when it is left out.
    pub as_of: Option<jiff::civil::Date>,
}

/// `[tls]`: PEM files; they may be renewed while the desk runs.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TlsConfig {
    /// The certificate, with those between it and the root behind it.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

/// `[login]`: an upstream proxy that has checked who asks.
#[derive(Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct LoginConfig {
    /// The header that holds the user's name; no single sign-on when empty.
    pub header: String,
    /// The header that proves that the proxy sent it.
    pub secret_header: String,
    /// What that header must hold, in a file.
    pub secret_file: PathBuf,
}

impl std::fmt::Debug for LoginConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LoginConfig")
            .field("header", &self.header)
            .finish_non_exhaustive()
    }
}

/// `[oidc]`: a provider that knows who logs in, and what they may see.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OidcConfig {
    /// The provider, as it names itself.
    pub issuer: String,
    /// How the provider knows the desk.
    pub client_id: String,
    /// The file with the client's secret.
    pub client_secret_file: PathBuf,
    /// The desk's address that the provider sends the browser back to: `https://…/api/oidc/done`.
    pub redirect: String,
    /// What is asked for.
    #[serde(default = "scope")]
    pub scope: String,
    /// The claim that has the user's name.
    #[serde(default = "name_claim")]
    pub name_claim: String,
    /// The claim that has their roles, a text or a list; a path with dots where it lies deeper.
    #[serde(default = "role_claim")]
    pub role_claim: String,
    /// The claim that has the agent's id.
    #[serde(default = "agent_claim")]
    pub agent_claim: String,
    /// The provider's roles, and which of the desk's each is.
    pub roles: BTreeMap<String, Role>,
}

fn scope() -> String {
    "openid profile".to_owned()
}

fn name_claim() -> String {
    "preferred_username".to_owned()
}

fn role_claim() -> String {
    "roles".to_owned()
}

fn agent_claim() -> String {
    "agent_id".to_owned()
}

impl Default for DeskConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8090)),
            users: "/etc/sidetone/desk-users.toml".into(),
            clients_max: 500,
            session_minutes: 600,
            secure_cookie: true,
            daemon: String::new(),
            archive: None,
            vocabulary: None,
            parquet: None,
            prometheus: None,
            doctor: Vec::new(),
            charts: None,
            tls: None,
            knowledge: KnowledgeConfig::default(),
            redis: RedisConfig::default(),
            login: LoginConfig::default(),
            oidc: None,
            phone: PhoneConfig::default(),
            microphone: MicrophoneConfig::default(),
        }
    }
}

/// Why the configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigError {
    /// The file cannot be read.
    #[error("{path}: {source}")]
    Read {
        /// The file.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// It is no configuration.
    #[error("{path}: {reason}")]
    Parse {
        /// The file.
        path: String,
        /// The line and what is wrong with it, without its content: it may hold a password.
        reason: String,
    },
    /// `env:` or `file:` leads nowhere.
    #[error("redis.url: {0}")]
    Reference(String),
}

#[cfg(test)]
#[path = "../../app/src/config/example.rs"]
#[allow(clippy::expect_used)]
mod example;

impl DeskConfig {
    /// Reads the file.
    pub(crate) fn read(path: &Path) -> Result<Self, ConfigError> {
        let named = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|source| ConfigError::Read {
            path: named.clone(),
            source,
        })?;
        let mut config: Self = toml::from_str(&text).map_err(|error: toml::de::Error| ConfigError::Parse {
            path: named,
            reason: error.message().to_owned(),
        })?;
        config.redis.url = sidetone_base::resolve_reference(&config.redis.url).map_err(ConfigError::Reference)?;
        Ok(config)
    }
}

#[cfg(test)]
mod tests {
    use super::DeskConfig;
    use super::example::{changed, left_out};

    const EXAMPLE: &str = include_str!("../../../deploy/desk.example.toml");
    const DAEMON: &str = include_str!("../../../deploy/sidetone.example.toml");

    #[test]
    fn the_example_names_every_setting() {
        assert_eq!(left_out::<DeskConfig>(EXAMPLE), Vec::<String>::new());
    }

    #[test]
    fn what_the_example_sets_is_the_default() {
        assert_eq!(changed::<DeskConfig>(EXAMPLE), Vec::<String>::new());
    }

    #[test]
    fn the_example_looks_for_the_daemon_where_it_listens() {
        let daemon: toml::Table = DAEMON.parse().unwrap();
        for (key, scheme, server) in [
            ("daemon", "http://", &daemon["http"]),
            ("url", "ws://", &daemon["asterisk"]["aeap"]),
        ] {
            let line = |line: &&str| line.starts_with(&format!("{key} = ")) && line.contains(scheme);
            let line = EXAMPLE.lines().find(line).unwrap_or_default();
            let address = server["listen"].as_str().unwrap();
            assert!(line.contains(&format!("{scheme}{address}")), "{key}: {address}: {line}");
        }
    }
}
