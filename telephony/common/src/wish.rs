//! What one line of a dialplan wants, on every switch in the same words.

use std::time::Duration;

/// How long `listen` waits for a caller to begin, when the dialplan does not say.
const TIMEOUT: Duration = Duration::from_millis(5_000);
const SHORTEST: Duration = Duration::from_millis(100);
/// A caller who has been silent for a minute is not there.
const LONGEST: Duration = Duration::from_secs(60);
/// From the end of patience to the answer: the longest utterance and its recognition.
const REST: Duration = Duration::from_secs(20);

/// Of a queue's name, this much is told.
const LONGEST_NAME: usize = 80;

/// What is asked for, by the path of a URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wish {
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
    /// The caller is asked how content they are, or has answered.
    Survey {
        /// 1 (not at all) to 5 (very).
        score: Option<u8>,
    },
    /// The caller leaves the queue, to be called back.
    Callback,
}

/// Why a wish cannot be understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WishError {
    /// The path is none of ours.
    #[error("no action {0:?}: start, stop, pause, resume, listen, answer, wrapup, survey and callback are known")]
    UnknownAction(String),
    /// A parameter that is not known, or not a number.
    #[error("parameter {0:?}: timeout and limit, each in milliseconds, queue, node, and score from 1 to 5 are known")]
    Parameter(String),
}

impl Wish {
    /// From a path and its query: `listen?timeout=5000`.
    ///
    /// # Errors
    /// When the dialplan is wrong.
    pub fn parse(script: &str) -> Result<Self, WishError> {
        let (path, query) = script.split_once('?').unwrap_or((script, ""));
        Ok(match path.trim_matches('/') {
            "start" => Self::Start,
            "stop" => Self::Stop,
            "pause" => Self::Pause,
            "resume" => Self::Resume,
            "listen" => listen(query)?,
            "answer" => Self::Answer,
            "wrapup" => Self::Wrapup,
            "survey" => survey(query)?,
            "callback" => Self::Callback,
            other => return Err(WishError::UnknownAction(other.chars().take(40).collect())),
        })
    }
}

/// The queue that a line of a dialplan names, for whoever asks before the switch itself has put the caller into one:
/// `start?queue=12333`.
#[must_use]
pub fn queue_of(script: &str) -> Option<String> {
    named(script, "queue")
}

/// The place that a line of a dialplan has in its menu: `listen?node=main`.
#[must_use]
pub fn node_of(script: &str) -> Option<String> {
    named(script, "node")
}

fn named(script: &str, parameter: &str) -> Option<String> {
    let (_, query) = script.split_once('?')?;
    let name = query
        .split('&')
        .find_map(|pair| pair.strip_prefix(parameter)?.strip_prefix('='))?;
    let name: String = name.chars().filter(|c| !c.is_control()).take(LONGEST_NAME).collect();
    (!name.is_empty()).then_some(name)
}

fn is_name(parameter: &str) -> bool {
    parameter.starts_with("queue=") || parameter.starts_with("node=")
}

fn survey(query: &str) -> Result<Wish, WishError> {
    let mut score = None;
    let parameters = query.split('&').filter(|parameter| !parameter.is_empty());
    for parameter in parameters.filter(|parameter| !is_name(parameter)) {
        let value = parameter.strip_prefix("score=").and_then(|value| value.parse().ok());
        let value = value.filter(|score| (1..=5).contains(score));
        score = Some(value.ok_or_else(|| WishError::Parameter(parameter.chars().take(40).collect()))?);
    }
    Ok(Wish::Survey { score })
}

fn listen(query: &str) -> Result<Wish, WishError> {
    let (mut within, mut limit) = (TIMEOUT, None);
    let parameters = query.split('&').filter(|parameter| !parameter.is_empty());
    for parameter in parameters.filter(|parameter| !is_name(parameter)) {
        let wrong = || WishError::Parameter(parameter.chars().take(40).collect());
        let (name, value) = parameter.split_once('=').ok_or_else(wrong)?;
        let value = Duration::from_millis(value.parse::<u32>().map_err(|_| wrong())?.into());
        match name {
            "timeout" => within = value.clamp(SHORTEST, LONGEST),
            "limit" => limit = Some(value.clamp(SHORTEST, LONGEST * 2)),
            _ => return Err(wrong()),
        }
    }
    Ok(Wish::Listen {
        within,
        limit: limit.unwrap_or(within + REST),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_path_is_a_wish() {
        let listen = |within, limit| Wish::Listen {
            within: Duration::from_millis(within),
            limit: Duration::from_millis(limit),
        };
        for (script, expected) in [
            ("start", Wish::Start),
            ("/wrapup/", Wish::Wrapup),
            ("survey", Wish::Survey { score: None }),
            ("survey?score=5", Wish::Survey { score: Some(5) }),
            ("callback", Wish::Callback),
            ("listen?node=main", listen(5_000, 25_000)),
            ("listen", listen(5_000, 25_000)),
            ("listen?timeout=3000", listen(3_000, 23_000)),
            ("listen?timeout=1&limit=8000", listen(100, 8_000)),
            ("listen?timeout=4000000000", listen(60_000, 80_000)),
        ] {
            assert_eq!(Wish::parse(script).as_ref(), Ok(&expected), "{script}");
        }
    }

    #[test]
    fn a_line_may_name_the_queue() {
        for (script, queue) in [
            ("start?queue=12333@default", Some("12333@default")),
            ("listen?timeout=3000&queue=12333", Some("12333")),
            ("start?queue=", None),
            ("start", None),
        ] {
            assert!(Wish::parse(script).is_ok(), "{script}");
            assert_eq!(queue_of(script).as_deref(), queue, "{script}");
        }
    }

    #[test]
    fn a_line_may_name_its_place_in_the_menu() {
        assert_eq!(node_of("listen?timeout=3000&node=main").as_deref(), Some("main"));
        assert_eq!(node_of("listen?queue=node"), None);
    }

    #[test]
    fn what_is_wrong_is_said() {
        let unknown = |name: &str| Err(WishError::UnknownAction(name.to_owned()));
        let parameter = |text: &str| Err(WishError::Parameter(text.to_owned()));
        assert_eq!(Wish::parse("lisen"), unknown("lisen"));
        assert_eq!(Wish::parse("listen?timeout=5s"), parameter("timeout=5s"));
        assert_eq!(Wish::parse("listen?patience=5"), parameter("patience=5"));
        for score in ["score=0", "score=6", "score=", "points=5"] {
            assert_eq!(Wish::parse(&format!("survey?{score}")), parameter(score));
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in any::<String>()) {
            let _ = Wish::parse(&text);
            let _ = queue_of(&text);
            let _ = node_of(&text);
        }
    }
}
