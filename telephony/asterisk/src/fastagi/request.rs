//! What a line of the dialplan wants.

use std::time::Duration;

/// How long `listen` waits for a caller to begin, when the dialplan does not say.
const TIMEOUT: Duration = Duration::from_millis(5_000);
const SHORTEST: Duration = Duration::from_millis(100);
/// A caller who has been silent for a minute is not there.
const LONGEST: Duration = Duration::from_secs(60);
/// From the end of patience to the answer: the longest utterance and its recognition.
const REST: Duration = Duration::from_secs(20);

/// What is asked for, by the path of the URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Hear this channel from now on.
    Start,
    /// Hear it no more; the call is over for Sidetone.
    Stop,
    /// Hear nothing until `Resume`.
    Pause,
    /// Hear again.
    Resume,
    /// What does the caller say next?
    Listen {
        /// Silence before speech.
        within: Duration,
        /// From the question to the answer, whatever happens.
        limit: Duration,
    },
    /// What did the caller say last, and what is the answer to it?
    Answer,
    /// What has been said so far?
    Wrapup,
}

/// Who is on the channel. Holds a number: `Debug` prints the channel only.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Caller {
    /// `Uniqueid`.
    pub uniqueid: String,
    /// `PJSIP/trunk-00000001`.
    pub channel: String,
    /// The caller's number.
    pub number: Option<String>,
    /// What was dialled.
    pub dialled: Option<String>,
}

impl std::fmt::Debug for Caller {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Caller({})", self.uniqueid)
    }
}

/// One connection's request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// On whose channel.
    pub caller: Caller,
    /// What.
    pub action: Action,
}

/// Why a request cannot be carried out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// No channel was named.
    #[error("the switch named no channel")]
    NoChannel,
    /// The path is none of ours.
    #[error("no action {0:?}: start, stop, pause, resume, listen, answer and wrapup are known")]
    UnknownAction(String),
    /// A parameter that is not known, or not a number.
    #[error("parameter {0:?}: timeout and limit are known, each in milliseconds")]
    Parameter(String),
}

impl Request {
    /// From the environment that the switch sends first.
    ///
    /// # Errors
    /// When the URL in the dialplan is wrong.
    pub fn parse(environment: &[(String, String)]) -> Result<Self, RequestError> {
        let get = |name: &str| {
            let value = environment.iter().find(|(key, _)| key == name)?.1.as_str();
            (!value.is_empty() && value != "unknown").then(|| value.to_owned())
        };
        let caller = Caller {
            uniqueid: get("agi_uniqueid").ok_or(RequestError::NoChannel)?,
            channel: get("agi_channel").ok_or(RequestError::NoChannel)?,
            number: get("agi_callerid"),
            dialled: get("agi_dnid").or_else(|| get("agi_extension").filter(|exten| exten != "s")),
        };
        let script = get("agi_network_script").unwrap_or_default();
        let (path, query) = script.split_once('?').unwrap_or((&script, ""));
        let action = match path.trim_matches('/') {
            "start" => Action::Start,
            "stop" => Action::Stop,
            "pause" => Action::Pause,
            "resume" => Action::Resume,
            "listen" => listen(query)?,
            "answer" => Action::Answer,
            "wrapup" => Action::Wrapup,
            other => return Err(RequestError::UnknownAction(other.chars().take(40).collect())),
        };
        Ok(Self { caller, action })
    }
}

fn listen(query: &str) -> Result<Action, RequestError> {
    let (mut within, mut limit) = (TIMEOUT, None);
    for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
        let wrong = || RequestError::Parameter(parameter.chars().take(40).collect());
        let (name, value) = parameter.split_once('=').ok_or_else(wrong)?;
        let value = Duration::from_millis(value.parse::<u32>().map_err(|_| wrong())?.into());
        match name {
            "timeout" => within = value.clamp(SHORTEST, LONGEST),
            "limit" => limit = Some(value.clamp(SHORTEST, LONGEST * 2)),
            _ => return Err(wrong()),
        }
    }
    Ok(Action::Listen {
        within,
        limit: limit.unwrap_or(within + REST),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(script: &str) -> Result<Action, RequestError> {
        let environment = [
            ("agi_network_script", script),
            ("agi_channel", "PJSIP/trunk-00000001"),
            ("agi_uniqueid", "pbx-1.1"),
            ("agi_callerid", "unknown"),
            ("agi_extension", "12333"),
        ];
        let environment: Vec<_> = environment
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into();
        Request::parse(&environment).map(|request| {
            assert_eq!(
                (request.caller.number, request.caller.dialled.as_deref()),
                (None, Some("12333"))
            );
            request.action
        })
    }

    #[test]
    fn a_url_is_an_action() {
        let listen = |within, limit| Action::Listen {
            within: Duration::from_millis(within),
            limit: Duration::from_millis(limit),
        };
        for (script, expected) in [
            ("start", Action::Start),
            ("/wrapup/", Action::Wrapup),
            ("listen", listen(5_000, 25_000)),
            ("listen?timeout=3000", listen(3_000, 23_000)),
            ("listen?timeout=1&limit=8000", listen(100, 8_000)),
            ("listen?timeout=4000000000", listen(60_000, 80_000)),
        ] {
            assert_eq!(parse(script).as_ref(), Ok(&expected), "{script}");
        }
    }

    #[test]
    fn what_is_wrong_is_said() {
        assert_eq!(parse("lisen"), Err(RequestError::UnknownAction("lisen".to_owned())));
        assert_eq!(
            parse("listen?timeout=5s"),
            Err(RequestError::Parameter("timeout=5s".to_owned()))
        );
        assert_eq!(
            parse("listen?patience=5"),
            Err(RequestError::Parameter("patience=5".to_owned()))
        );
        assert_eq!(Request::parse(&[]), Err(RequestError::NoChannel));
    }
}
