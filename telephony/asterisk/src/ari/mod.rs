//! The few requests of ARI that a snoop tap needs, and the one event that it waits for.
//!
//! The daemon's application subscribes to nothing: channels that enter it are announced to it anyway, and
//! an application that subscribes to everything can deadlock ARI when it goes away (asterisk#2170).

use serde::Deserialize;
use uuid::Uuid;

/// The dialplan context that a snoop channel is sent into (`extensions_sidetone.conf`).
pub const TAP_CONTEXT: &str = "sidetone-tap";
/// The channel variable that tells this context where the daemon listens.
pub const TARGET_VARIABLE: &str = "SIDETONE_AUDIOSOCKET";

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

    /// A channel that hears what the party says. Its id is the `AudioSocket` identifier.
    #[must_use]
    pub fn snoop(leg: &str, app: &str, id: Uuid) -> Self {
        let id = id.to_string();
        Self::new(
            Method::Post,
            &["channels", leg, "snoop"],
            &[("spy", "in"), ("app", app), ("snoopId", &id)],
        )
    }

    /// Tells the snoop channel where the daemon listens.
    #[must_use]
    pub fn set_target(id: Uuid, target: &str) -> Self {
        let query = [("variable", TARGET_VARIABLE), ("value", target)];
        Self::new(Method::Post, &["channels", &id.to_string(), "variable"], &query)
    }

    /// Sends the snoop channel into the dialplan.
    #[must_use]
    pub fn proceed(id: Uuid) -> Self {
        let query = [("context", TAP_CONTEXT), ("extension", "s"), ("priority", "1")];
        Self::new(Method::Post, &["channels", &id.to_string(), "continue"], &query)
    }

    /// Ends the snoop channel.
    #[must_use]
    pub fn hangup(id: Uuid) -> Self {
        Self::new(Method::Delete, &["channels", &id.to_string()], &[])
    }
}

/// What the event connection says, as far as it matters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AriEvent {
    /// A channel is under the application's control.
    Entered(Uuid),
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
            .and_then(|channel| Uuid::try_parse(&channel.id).ok())
            .map_or(AriEvent::Other, AriEvent::Entered),
        "ApplicationReplaced" => AriEvent::Replaced,
        _ => AriEvent::Other,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_our_own_channels_are_noticed() {
        let id = Uuid::from_bytes([7; 16]);
        let start =
            |id: &str| format!(r#"{{"type":"StasisStart","args":[],"channel":{{"id":"{id}","name":"Snoop/x"}}}}"#);
        assert_eq!(parse_event(&start(&id.to_string())), AriEvent::Entered(id));
        assert_eq!(parse_event(&start("1795383263.1")), AriEvent::Other);
        assert_eq!(parse_event(r#"{"type":"ApplicationReplaced"}"#), AriEvent::Replaced);
    }

    proptest! {
        #[test]
        fn no_text_panics(text in ".{0,200}") {
            let _ = parse_event(&text);
        }
    }
}
