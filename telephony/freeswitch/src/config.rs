//! The `[freeswitch]` section of the configuration.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use jiff::fmt::serde::unsigned_duration::friendly::compact::required as friendly;
use serde::Deserialize;
use sidetone_base::{Secret, TapKind};
use sidetone_telephony::calls::Outside;
use sidetone_telephony::{Port, connection_faults, switch_faults};

/// How legs are tapped. Each choice but `eavesdrop` has a second one for legs that it cannot hear.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TapChoice {
    /// The module where it is loaded, else native, else eavesdrop.
    #[default]
    Auto,
    /// `native_eavesdrop`: the leg's own packets, nothing decoded. Eavesdrop where codecs change.
    Native,
    /// `eavesdrop`: decoded and encoded again by the switch; hears every leg.
    Eavesdrop,
    /// Packets as the network card sees them: same host, plain RTP or SDES. Native where that fails.
    Passive,
    /// `mod_sidetone`. Native where it is not loaded.
    Module,
}

impl TapChoice {
    /// What is tried for a leg, in this order, each once.
    #[must_use]
    pub const fn kinds(self) -> &'static [TapKind] {
        match self {
            Self::Auto | Self::Module => &[TapKind::Module, TapKind::Native, TapKind::Eavesdrop],
            Self::Native => &[TapKind::Native, TapKind::Eavesdrop],
            Self::Eavesdrop => &[TapKind::Eavesdrop],
            Self::Passive => &[TapKind::Passive, TapKind::Native, TapKind::Eavesdrop],
        }
    }
}

/// Everything about the switch.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FreeswitchConfig {
    /// Where calls are heard of, and taps are asked for.
    pub esl: EslConfig,
    /// How legs are tapped.
    pub tap: TapChoice,
    /// A tap that brings nothing for so long, while the switch receives the leg, is made anew.
    #[serde(with = "friendly")]
    pub tap_silence: Duration,
    /// Where the switch calls a tap.
    pub sip: SipConfig,
    /// Where a tap's audio arrives.
    pub rtp: RtpConfig,
    /// Where `mod_sidetone` connects.
    pub module: ModuleConfig,
    /// Where the dialplan's `socket` asks. Absent: on 127.0.0.1:8084, unless that is taken.
    pub outbound: Option<OutboundConfig>,
    /// A callcenter agent's name, an endpoint (`sofia/internal/8001`) or its user (`8001`), to the agent's
    /// id. Callcenter agents need no entry: their name up to `@` is their id.
    pub agents: BTreeMap<String, String>,
    /// Endpoints that belong to agents, with `*` and `?`: `sofia/internal/80??`. The part after the last
    /// slash is the agent's id. For calls that reach agents without `mod_callcenter`.
    pub agent_patterns: Vec<String>,
    /// What a party is that is neither the caller nor an agent, where agents are known.
    pub outside: Outside,
    /// Put before call ids when several switches share one Redis.
    pub node: Option<String>,
}

impl Default for FreeswitchConfig {
    fn default() -> Self {
        Self {
            esl: EslConfig::default(),
            tap: TapChoice::default(),
            tap_silence: Duration::from_secs(2),
            sip: SipConfig::default(),
            rtp: RtpConfig::default(),
            module: ModuleConfig::default(),
            outbound: None,
            agents: BTreeMap::new(),
            agent_patterns: Vec::new(),
            outside: Outside::default(),
            node: None,
        }
    }
}

/// Where dialplans ask, unless the configuration says otherwise.
const OUTBOUND: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8084);

impl FreeswitchConfig {
    /// What is wrong with it: key below `freeswitch`, reason.
    #[must_use]
    pub fn faults(&self) -> Vec<(String, String)> {
        let mut faults = switch_faults(
            self.tap_silence,
            &self.agents,
            &self.agent_patterns,
            self.node.as_deref(),
        );
        faults.extend(connection_faults("esl", &self.esl.host, self.esl.port, 8021));
        let mut fault = |key: &str, reason: String| faults.push((key.to_owned(), reason));
        if self.sip.listen.ip().is_unspecified() && self.sip.advertise.is_none() {
            let reason = "must be the address that the switch sends to, where sip.listen is 0.0.0.0";
            fault("sip.advertise", reason.to_owned());
        }
        if self.sip.allow.is_empty() {
            fault(
                "sip.allow",
                "lets nobody in; name the switch's address, such as 127.0.0.1".to_owned(),
            );
        }
        if self.sip.profile.is_empty() || self.sip.profile.contains(char::is_whitespace) {
            let reason = format!("{:?} is no name of a SIP profile; internal is usual", self.sip.profile);
            fault("sip.profile", reason);
        }
        if self.rtp.last <= self.rtp.first {
            let reason = format!(
                "{} leaves no port above freeswitch.rtp.first = {}",
                self.rtp.last, self.rtp.first
            );
            fault("rtp.last", reason);
        }
        if self.rtp.first < 1_024 {
            fault(
                "rtp.first",
                format!("{} is a port of the system; 12000 is usual", self.rtp.first),
            );
        }
        faults
    }

    /// The server that dialplans connect to, for whoever looks whether they can.
    #[must_use]
    pub fn port(&self) -> Port {
        Port {
            setting: "freeswitch.outbound.listen",
            address: self.outbound.as_ref().map_or(OUTBOUND, |outbound| outbound.listen),
            needed: self.outbound.is_some(),
            peer: self.esl.host.clone(),
            ask: "",
            // The server speaks first.
            answer: "connect\n\n",
        }
    }
}

/// The event socket.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EslConfig {
    /// Name or address.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// As in `autoload_configs/event_socket.conf.xml`.
    pub password: Secret,
}

impl Default for EslConfig {
    fn default() -> Self {
        Self {
            host: "127.0.0.1".into(),
            port: 8021,
            password: Secret::default(),
        }
    }
}

/// The SIP endpoint that answers taps, and nothing else.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SipConfig {
    /// Where it listens (UDP). Port 0 takes any free one.
    pub listen: SocketAddr,
    /// The address that the switch sends to; needed when `listen` is an unspecified one (`0.0.0.0`).
    pub advertise: Option<IpAddr>,
    /// Addresses that the switch sends from. Everyone else is refused.
    pub allow: Vec<IpAddr>,
    /// The switch's SIP profile that taps are called through.
    pub profile: String,
}

impl Default for SipConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 5090)),
            advertise: None,
            allow: vec![IpAddr::V4(Ipv4Addr::LOCALHOST)],
            profile: "internal".into(),
        }
    }
}

/// Ports for taps: each one takes an even port of this range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RtpConfig {
    /// The first port.
    pub first: u16,
    /// The last port. Half as many taps as ports: outside the switch's own range and the system's.
    pub last: u16,
}

impl Default for RtpConfig {
    fn default() -> Self {
        Self {
            first: 12_000,
            last: 15_999,
        }
    }
}

/// The module's way to the daemon.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ModuleConfig {
    /// The Unix socket that the daemon listens on, as in `autoload_configs/sidetone.conf.xml`. Without
    /// one no module is waited for.
    pub socket: Option<PathBuf>,
}

/// The server that dialplans connect to.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutboundConfig {
    /// Where it listens. Keep it on loopback: without a secret, whoever reaches it may ask about any call. Port 0
    /// takes any free one.
    pub listen: SocketAddr,
    /// What the switch has to know as its global variable `sidetone_secret`. Empty: nothing is asked.
    #[serde(default)]
    pub secret: Secret,
}

impl OutboundConfig {
    /// There, without a secret.
    #[must_use]
    pub fn at(listen: SocketAddr) -> Self {
        Self {
            listen,
            secret: Secret::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_do_not_print_and_unknown_keys_are_refused() {
        let config: FreeswitchConfig =
            serde_json::from_str(r#"{"esl":{"password":"s3cret"},"tap":"native","agents":{"8001":"li"}}"#).unwrap();
        assert!(!format!("{config:?}").contains("s3cret"));
        assert_eq!((config.tap, config.esl.port), (TapChoice::Native, 8021));
        assert!(serde_json::from_str::<FreeswitchConfig>(r#"{"els":{}}"#).is_err());
    }
}
