//! The few requests of ARI that a snoop tap needs, and the few events that it waits for.
//!
//! A tap is two channels and a bridge: a snoop channel that hears one party, and an `AudioSocket` channel that
//! brings what it hears. Both stay in the daemon's application, so that neither starts a PBX: the switch's
//! `maxcalls` counts those, and callers would be turned away for taps. A tap has one identifier, and everything
//! that is made for it is named after it.
//!
//! The daemon's application subscribes to nothing: channels that enter it are announced to it anyway, and
//! an application that subscribes to everything can deadlock ARI when it goes away (asterisk#2170).

use serde::Deserialize;
use uuid::Uuid;

/// Without it no channel can be left out of the call records.
pub const CDR_MODULE: &str = "func_cdr.so";

/// How a request is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Reads.
    Get,
    /// Makes or moves.
    Post,
    /// Ends.
    Delete,
}

/// One request, relative to the configured URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// How.
    pub method: Method,
    /// Path segments, not yet escaped.
    pub path: Vec<String>,
    /// Query, not yet escaped.
    pub query: Vec<(&'static str, String)>,
}

impl Request {
    fn new(method: Method, path: &[&str], query: &[(&'static str, &str)]) -> Self {
        Self {
            method,
            path: path.iter().map(|&segment| segment.to_owned()).collect(),
            query: query.iter().map(|&(name, value)| (name, value.to_owned())).collect(),
        }
    }

    /// Is anybody there, and are the credentials right.
    #[must_use]
    pub fn ping() -> Self {
        Self::new(Method::Get, &["asterisk", "ping"], &[])
    }

    /// Which modules are loaded.
    #[must_use]
    pub fn modules() -> Self {
        Self::new(Method::Get, &["asterisk", "modules"], &[])
    }

    /// One module, and whether it runs.
    #[must_use]
    pub fn module(name: &str) -> Self {
        Self::new(Method::Get, &["asterisk", "modules", name], &[])
    }

    /// Every PJSIP endpoint.
    #[must_use]
    pub fn endpoints() -> Self {
        Self::new(Method::Get, &["endpoints", "PJSIP"], &[])
    }

    /// One PJSIP endpoint's settings; its credentials are elsewhere.
    #[must_use]
    pub fn endpoint(name: &str) -> Self {
        let path = ["asterisk", "config", "dynamic", "res_pjsip", "endpoint", name];
        Self::new(Method::Get, &path, &[])
    }

    /// A channel that hears what the party says. Its id is the tap's.
    #[must_use]
    pub fn snoop(leg: &str, app: &str, id: Uuid) -> Self {
        let id = id.to_string();
        Self::new(
            Method::Post,
            &["channels", leg, "snoop"],
            &[("spy", "in"), ("app", app), ("snoopId", &id)],
        )
    }

    /// A channel that connects to the daemon's audio server and says the tap's id there.
    #[must_use]
    pub fn audio(target: &str, app: &str, id: Uuid) -> Self {
        let endpoint = format!("AudioSocket/{target}/{id}/c(slin16)");
        let channel = audio_channel(id);
        let query = [("endpoint", &*endpoint), ("app", app), ("channelId", &*channel)];
        Self::new(Method::Post, &["channels", "create"], &query)
    }

    /// Keeps a channel of ours out of the call records.
    #[must_use]
    pub fn without_record(channel: &str) -> Self {
        let query = [("variable", "CDR_PROP(disable)"), ("value", "1")];
        Self::new(Method::Post, &["channels", channel, "variable"], &query)
    }

    /// Brings the audio channel up.
    #[must_use]
    pub fn dial(id: Uuid) -> Self {
        Self::new(Method::Post, &["channels", &audio_channel(id), "dial"], &[])
    }

    /// The bridge of a tap.
    #[must_use]
    pub fn bridge(app: &str, id: Uuid) -> Self {
        Self::new(Method::Post, &["bridges", &bridge_of(app, id)], &[("type", "mixing")])
    }

    /// What the snoop channel hears goes to the audio channel.
    #[must_use]
    pub fn join(app: &str, id: Uuid) -> Self {
        let channels = format!("{id},{}", audio_channel(id));
        let path = ["bridges", &bridge_of(app, id), "addChannel"];
        Self::new(Method::Post, &path, &[("channel", &channels)])
    }

    /// Every bridge of the switch.
    #[must_use]
    pub fn bridges() -> Self {
        Self::new(Method::Get, &["bridges"], &[])
    }

    /// Ends the bridge of a tap; who is in it stays in the application.
    #[must_use]
    pub fn end_bridge(app: &str, id: Uuid) -> Self {
        Self::new(Method::Delete, &["bridges", &bridge_of(app, id)], &[])
    }

    /// Ends a channel.
    #[must_use]
    pub fn hangup(channel: &str) -> Self {
        Self::new(Method::Delete, &["channels", channel], &[])
    }
}

/// The audio channel's id.
#[must_use]
pub fn audio_channel(id: Uuid) -> String {
    format!("{id}-audio")
}

fn bridge_of(app: &str, id: Uuid) -> String {
    format!("{app}-tap-{id}")
}

/// Which taps of this application have a bridge, from the list of all bridges. Text that is no list has none.
#[must_use]
pub fn taps_among(app: &str, bridges: &str) -> Vec<Uuid> {
    #[derive(Deserialize)]
    struct Bridge {
        id: String,
    }
    let bridges: Vec<Bridge> = serde_json::from_str(bridges).unwrap_or_default();
    let prefix = bridge_of(app, Uuid::nil());
    let prefix = prefix.trim_end_matches(&Uuid::nil().to_string());
    let taps = bridges.iter().filter_map(|bridge| bridge.id.strip_prefix(prefix));
    taps.filter_map(|id| Uuid::try_parse(id).ok()).collect()
}

/// What the event connection says, as far as it matters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AriEvent {
    /// The channel of this id is under the application's control.
    Entered(String),
    /// Another connection has taken the application over.
    Replaced,
    /// Anything else.
    Other,
}

#[derive(Deserialize)]
struct Wire {
    #[serde(rename = "type")]
    kind: String,
    channel: Option<WireChannel>,
}

#[derive(Deserialize)]
struct WireChannel {
    id: String,
}

/// Reads one event. Text that is no event is `Other`: ARI may grow.
#[must_use]
pub fn parse_event(text: &str) -> AriEvent {
    let Ok(wire) = serde_json::from_str::<Wire>(text) else {
        return AriEvent::Other;
    };
    match wire.kind.as_str() {
        "StasisStart" => wire
            .channel
            .map_or(AriEvent::Other, |channel| AriEvent::Entered(channel.id)),
        "ApplicationReplaced" => AriEvent::Replaced,
        _ => AriEvent::Other,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn channels_that_enter_are_noticed() {
        let start =
            |id: &str| format!(r#"{{"type":"StasisStart","args":[],"channel":{{"id":"{id}","name":"Snoop/x"}}}}"#);
        assert_eq!(parse_event(&start("7-audio")), AriEvent::Entered("7-audio".to_owned()));
        assert_eq!(parse_event(r#"{"type":"ApplicationReplaced"}"#), AriEvent::Replaced);
        assert_eq!(parse_event(r#"{"type":"StasisStart"}"#), AriEvent::Other);
    }

    #[test]
    fn only_bridges_of_our_own_taps_are_found() {
        let (ours, other) = (Uuid::from_bytes([7; 16]), Uuid::from_bytes([8; 16]));
        let list = format!(
            r#"[{{"id":"{}","channels":[]}},{{"id":"{}"}},{{"id":"sidetone-tap-x"}},{{"id":"{other}"}}]"#,
            bridge_of("sidetone", ours),
            bridge_of("sidetone2", other),
        );
        assert_eq!(taps_among("sidetone", &list), [ours]);
        assert!(taps_among("sidetone", "{}").is_empty());
    }

    proptest! {
        #[test]
        fn no_text_panics(text in ".{0,200}") {
            let _ = parse_event(&text);
            prop_assert!(taps_among("sidetone", &text).is_empty());
        }
    }
}
