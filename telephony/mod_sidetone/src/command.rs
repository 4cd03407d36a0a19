//! What a dialplan or an API user asks, as text.

use std::time::Duration;

use sidetone_mod_wire::{MAX_NAME, Party};

/// One request about one leg.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Command {
    Start(Start),
    Stop,
    Pause,
    Resume,
    Ask(Asking),
    Stats,
    Bypass(bool),
}

/// `start profile=… agent=… role=…`
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Start {
    pub(crate) profile: String,
    pub(crate) agent: String,
    pub(crate) party: Party,
}

/// A question of the dialplan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asking {
    Listen(Patience),
    Answer,
    Wrapup,
}

/// `listen timeout=… limit=…`, in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Patience {
    /// Silence before the caller begins to speak. Without a value: the profile's, else the configured one.
    pub(crate) timeout: Option<Duration>,
    /// From the question to the answer, whatever happens.
    pub(crate) limit: Option<Duration>,
}

impl Patience {
    /// How long the dialplan is held at most when silence may last for `timeout`: the caller's words and their
    /// recognition come on top of it.
    pub(crate) fn limit(self, timeout: Duration) -> Duration {
        self.limit.unwrap_or(timeout + WORDS).min(LONGEST_LISTEN)
    }
}

/// Why a request is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum BadCommand {
    Missing(&'static str),
    Unknown(String),
    Value(String),
}

impl std::fmt::Display for BadCommand {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Missing(what) => write!(f, "{what} is missing"),
            Self::Unknown(word) => write!(f, "unknown word {word}"),
            Self::Value(word) => write!(f, "unknown value in {word}"),
        }
    }
}

/// For an utterance and its recognition, where no limit is given; as FastAGI's.
const WORDS: Duration = Duration::from_secs(20);
/// No dialplan waits longer for one utterance.
const LONGEST_LISTEN: Duration = Duration::from_secs(120);

/// Reads `start profile=12333 role=caller` and the like.
pub(crate) fn parse(text: &str) -> Result<Command, BadCommand> {
    let mut words = text.split_whitespace();
    let verb = words.next().ok_or(BadCommand::Missing("a command"))?;
    let command = match verb {
        "start" => return parse_start(words).map(Command::Start),
        "listen" => return parse_listen(words).map(|patience| Command::Ask(Asking::Listen(patience))),
        "answer" => Command::Ask(Asking::Answer),
        "wrapup" => Command::Ask(Asking::Wrapup),
        "stop" => Command::Stop,
        "pause" => Command::Pause,
        "resume" => Command::Resume,
        "stats" => Command::Stats,
        "bypass" => Command::Bypass(parse_switch(words.next())?),
        other => return Err(BadCommand::Unknown(other.to_owned())),
    };
    match words.next() {
        None => Ok(command),
        Some(word) => Err(BadCommand::Unknown(word.to_owned())),
    }
}

/// `on` or `off`.
pub(crate) fn parse_switch(word: Option<&str>) -> Result<bool, BadCommand> {
    match word {
        Some("on") => Ok(true),
        Some("off") => Ok(false),
        Some(word) => Err(BadCommand::Value(word.to_owned())),
        None => Err(BadCommand::Missing("on or off")),
    }
}

fn parse_start<'a>(words: impl Iterator<Item = &'a str>) -> Result<Start, BadCommand> {
    let mut start = Start {
        profile: String::new(),
        agent: String::new(),
        party: Party::Caller,
    };
    for word in words {
        let bad = || BadCommand::Value(word.to_owned());
        let (name, value) = word
            .split_once('=')
            .ok_or_else(|| BadCommand::Unknown(word.to_owned()))?;
        if value.len() > MAX_NAME || value.chars().any(char::is_control) {
            return Err(bad());
        }
        match name {
            "profile" => value.clone_into(&mut start.profile),
            "agent" => value.clone_into(&mut start.agent),
            "role" => start.party = Party::parse(value).ok_or_else(bad)?,
            _ => return Err(BadCommand::Unknown(name.to_owned())),
        }
    }
    Ok(start)
}

fn parse_listen<'a>(words: impl Iterator<Item = &'a str>) -> Result<Patience, BadCommand> {
    let mut patience = Patience::default();
    for word in words {
        let field = match word.split_once('=') {
            Some(("timeout", _)) => &mut patience.timeout,
            Some(("limit", _)) => &mut patience.limit,
            _ => return Err(BadCommand::Unknown(word.to_owned())),
        };
        let value = word.split_once('=').and_then(|(_, value)| value.parse().ok());
        let ms = value.ok_or_else(|| BadCommand::Value(word.to_owned()))?;
        *field = Some(Duration::from_millis(ms).min(LONGEST_LISTEN));
    }
    Ok(patience)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_come_on_top_of_the_silence_before_them() {
        let seconds = Duration::from_secs;
        let patience = Patience::default();
        assert_eq!(patience.limit(seconds(5)), seconds(25));
        assert_eq!(patience.limit(LONGEST_LISTEN), LONGEST_LISTEN);
    }

    #[test]
    fn reads_what_the_documentation_shows() {
        let start = |profile: &str, agent: &str, party| {
            Ok(Command::Start(Start {
                profile: profile.into(),
                agent: agent.into(),
                party,
            }))
        };
        let listen = |timeout, limit| Ok(Command::Ask(Asking::Listen(Patience { timeout, limit })));
        for (text, expected) in [
            ("start", start("", "", Party::Caller)),
            (
                "start profile=12333 agent=8001 role=agent",
                start("12333", "8001", Party::Agent),
            ),
            (
                " start  profile=12333  agent= role=caller ",
                start("12333", "", Party::Caller),
            ),
            ("stop", Ok(Command::Stop)),
            ("answer", Ok(Command::Ask(Asking::Answer))),
            ("wrapup", Ok(Command::Ask(Asking::Wrapup))),
            ("bypass on", Ok(Command::Bypass(true))),
            ("listen", listen(None, None)),
            ("listen timeout=5000", listen(Some(Duration::from_secs(5)), None)),
            ("listen limit=9000", listen(None, Some(Duration::from_secs(9)))),
            ("listen timeout=999999999", listen(Some(LONGEST_LISTEN), None)),
        ] {
            assert_eq!(parse(text), expected, "{text}");
        }
    }

    #[test]
    fn says_what_it_does_not_know() {
        for (text, expected) in [
            ("", "a command is missing"),
            ("begin", "unknown word begin"),
            ("start role=boss", "unknown value in role=boss"),
            ("start colour=red", "unknown word colour"),
            ("start 12333", "unknown word 12333"),
            ("stop now", "unknown word now"),
            ("wrapup timeout=1", "unknown word timeout=1"),
            ("bypass", "on or off is missing"),
            ("listen timeout=soon", "unknown value in timeout=soon"),
        ] {
            assert_eq!(parse(text).unwrap_err().to_string(), expected, "{text}");
        }
    }
}
