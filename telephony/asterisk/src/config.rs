//! The `[asterisk]` section of the configuration.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use jiff::fmt::serde::unsigned_duration::friendly::compact::required as friendly;
use serde::Deserialize;
use sidetone_base::Secret;
use sidetone_telephony::calls::Outside;
use sidetone_telephony::{Port, connection_faults, switch_faults};

/// The port that `AGI(agi://…)` means when it names none.
const AGI: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 4573);
const AEAP: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 9093);

/// How legs are tapped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TapChoice {
    /// Snoop while ARI answers; `ChanSpy` where it does not, or where a snoop failed.
    #[default]
    Auto,
    /// Snoop only: 16 kHz, gapless. Needs ARI.
    Snoop,
    /// `ChanSpy` only: 8 kHz, silence not sent. Needs AMI's `originate` permission.
    ChanSpy,
}

/// Everything about the switch.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AsteriskConfig {
    /// Where calls are heard of.
    pub ami: AmiConfig,
    /// Where snoop taps are asked for.
    pub ari: AriConfig,
    /// Where audio arrives.
    pub audiosocket: AudioSocketConfig,
    /// Where the dialplan's `AGI(agi://…)` asks. Absent: on 127.0.0.1:4573, unless that is taken.
    pub agi: Option<ListenConfig>,
    /// Where `res_speech_aeap` finds a speech engine. Absent: on 127.0.0.1:9093, unless that is taken.
    pub aeap: Option<ListenConfig>,
    /// How legs are tapped.
    pub tap: TapChoice,
    /// Whether legs whose sound runs from phone to phone are tapped: a tap pulls it back through the switch for
    /// as long as it lasts. Off, each leg is looked at for a second before it is tapped.
    pub tap_direct_media: bool,
    /// A tap that brings nothing for so long, while the switch receives the leg, is made anew.
    #[serde(with = "friendly")]
    pub tap_silence: Duration,
    /// Endpoint (`PJSIP/8001`), queue interface or member name, to the agent's id. Queue members need
    /// no entry: the part of their interface after the slash is their id.
    pub agents: BTreeMap<String, String>,
    /// Endpoints that belong to agents, with `*` and `?`: `PJSIP/80??`. The part after the slash is the
    /// agent's id. For calls that reach agents without a queue.
    pub agent_patterns: Vec<String>,
    /// What a party is that is neither the caller nor an agent, where agents are known.
    pub outside: Outside,
    /// What queues do not tell of themselves.
    pub queues: QueuesConfig,
    /// Put before call ids when several switches share one Redis.
    pub node: Option<String>,
}

impl Default for AsteriskConfig {
    fn default() -> Self {
        Self {
            ami: AmiConfig::default(),
            ari: AriConfig::default(),
            audiosocket: AudioSocketConfig::default(),
            agi: None,
            aeap: None,
            tap: TapChoice::default(),
            tap_direct_media: true,
            tap_silence: Duration::from_secs(2),
            agents: BTreeMap::new(),
            agent_patterns: Vec::new(),
            outside: Outside::default(),
            queues: QueuesConfig::default(),
            node: None,
        }
    }
}

impl AsteriskConfig {
    /// What is wrong with it: key below `asterisk`, reason.
    #[must_use]
    pub fn faults(&self) -> Vec<(String, String)> {
        let mut faults = switch_faults(
            self.tap_silence,
            &self.agents,
            &self.agent_patterns,
            self.node.as_deref(),
        );
        faults.extend(connection_faults("ami", &self.ami.host, self.ami.port, 5038));
        let mut fault = |key: &str, reason: String| faults.push((key.to_owned(), reason));
        if self.queues.wrapup > Duration::from_secs(86_400) {
            fault(
                "queues.wrapup",
                format!("{:?} is more than a day; 0s is usual", self.queues.wrapup),
            );
        }
        match reqwest::Url::parse(&self.ari.url) {
            Err(error) => fault(
                "ari.url",
                format!("is no address: {error}; http://127.0.0.1:8088/ari is usual"),
            ),
            Ok(url) if url.scheme() != "http" => {
                fault(
                    "ari.url",
                    "must begin with http://; keep it on loopback, or lead it through a tunnel".to_owned(),
                );
            }
            Ok(_) => {}
        }
        if self.ari.app.is_empty() || self.ari.app.contains(|c: char| c.is_whitespace() || c == ',') {
            fault(
                "ari.app",
                format!("{:?} is no name: no blanks, no commas; sidetone is usual", self.ari.app),
            );
        }
        if let Some(advertise) = &self.audiosocket.advertise
            && advertise
                .rsplit_once(':')
                .is_none_or(|(host, port)| host.is_empty() || port.parse::<u16>().is_err())
        {
            fault(
                "audiosocket.advertise",
                format!("{advertise:?} is no host and port, such as 10.0.0.5:9092"),
            );
        }
        faults
    }

    /// The servers that dialplans connect to, for whoever looks whether they can: FastAGI, then AEAP.
    #[must_use]
    pub fn ports(&self) -> [Port; 2] {
        let port = |setting, section: Option<&ListenConfig>, default, ask, answer| Port {
            setting,
            address: section.map_or(default, |section| section.listen),
            needed: section.is_some(),
            peer: self.ami.host.clone(),
            ask,
            answer,
        };
        [
            // A request of no channel, which is answered all the same.
            port(
                "asterisk.agi.listen",
                self.agi.as_ref(),
                AGI,
                "agi_network: yes\n\n",
                "SIDETONE_STATUS",
            ),
            port(
                "asterisk.aeap.listen",
                self.aeap.as_ref(),
                AEAP,
                "GET / HTTP/1.1\r\nHost: sidetone\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
                 Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: c2lkZXRvbmUgZG9jdG9yLg==\r\n\r\n",
                "the sub-protocol here is",
            ),
        ]
    }
}

/// What queues do not tell of themselves.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct QueuesConfig {
    /// The queues' `wrapuptime`, which the manager does not tell: so long an agent counts as in after-call work after
    /// a call. A member with a time of its own has that.
    #[serde(with = "friendly")]
    pub wrapup: Duration,
    /// Reasons of a pause that is after-call work and no break.
    pub acw_reasons: Vec<String>,
}

impl Default for QueuesConfig {
    fn default() -> Self {
        Self {
            wrapup: Duration::ZERO,
            acw_reasons: vec!["acw".to_owned(), "wrapup".to_owned()],
        }
    }
}

/// The manager connection.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AmiConfig {
    /// Name or address.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// As in `manager.d/sidetone.conf`.
    pub username: String,
    /// As in `manager.d/sidetone.conf`.
    pub secret: Secret,
}

impl Default for AmiConfig {
    fn default() -> Self {
        Self {
            host: "127.0.0.1".into(),
            port: 5038,
            username: "sidetone".into(),
            secret: Secret::default(),
        }
    }
}

/// The REST interface.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AriConfig {
    /// Up to and with `/ari`; plain `http` (keep it on loopback).
    pub url: String,
    /// As in `ari_sidetone.conf`.
    pub username: String,
    /// As in `ari_sidetone.conf`.
    pub password: Secret,
    /// The Stasis application's name; one for each daemon.
    pub app: String,
}

impl Default for AriConfig {
    fn default() -> Self {
        Self {
            url: "http://127.0.0.1:8088/ari".into(),
            username: "sidetone".into(),
            password: Secret::default(),
            app: "sidetone".into(),
        }
    }
}

/// The audio server.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AudioSocketConfig {
    /// Where it listens. Keep it on loopback: audio travels in the clear. Port 0 takes any free one.
    pub listen: SocketAddr,
    /// `host:port` that the switch connects to; the address it listens on when left out.
    pub advertise: Option<String>,
}

impl Default for AudioSocketConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 9092)),
            advertise: None,
        }
    }
}

/// A server that the switch connects to.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListenConfig {
    /// Where it listens. Keep it on loopback: without a secret, whoever reaches it may ask about a call. Port 0
    /// takes any free one.
    pub listen: SocketAddr,
    /// What the switch has to know. Empty: nothing is asked.
    #[serde(default)]
    pub secret: Secret,
}

impl ListenConfig {
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
        let config: AsteriskConfig =
            serde_json::from_str(r#"{"ami":{"secret":"s3cret"},"tap":"chanspy","agents":{"PJSIP/8001":"li"}}"#)
                .unwrap();
        assert!(!format!("{config:?}").contains("s3cret"));
        assert_eq!((config.tap, config.ami.port), (TapChoice::ChanSpy, 5038));
        assert!(serde_json::from_str::<AsteriskConfig>(r#"{"amy":{}}"#).is_err());
    }
}
