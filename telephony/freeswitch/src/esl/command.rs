//! Commands to bytes.

/// A command cannot be written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CommandError {
    /// A line break would start a command of its own.
    #[error("an event socket command has a line break")]
    LineBreak,
}

/// What may happen to a channel that the tracker needs, and the jobs' answers.
const EVENTS: &str = "CHANNEL_CREATE CHANNEL_ANSWER CHANNEL_BRIDGE CHANNEL_UNBRIDGE CHANNEL_HANGUP CHANNEL_DESTROY \
                      CHANNEL_HOLD CHANNEL_UNHOLD CHANNEL_PARK CHANNEL_UNPARK CHANNEL_UUID CODEC MEDIA_BUG_START MEDIA_BUG_STOP \
                      BACKGROUND_JOB CUSTOM callcenter::info conference::maintenance";

/// One command: a line, and headers that follow it.
#[derive(Clone, PartialEq, Eq)]
pub struct Command {
    line: String,
    headers: Vec<(&'static str, String)>,
}

impl Command {
    fn new(line: String) -> Self {
        Self {
            line,
            headers: Vec::new(),
        }
    }

    /// Gives the password.
    #[must_use]
    pub fn auth(password: &str) -> Self {
        Self::new(format!("auth {password}"))
    }

    /// Asks for the events that a tracker needs.
    #[must_use]
    pub fn events() -> Self {
        Self::new(format!("event plain {EVENTS}"))
    }

    /// Runs an API command in the switch's own thread; its output comes as an event with this job id.
    #[must_use]
    pub fn background(job: &str, api: &str) -> Self {
        Self {
            line: format!("bgapi {api}"),
            headers: vec![("Job-UUID", job.to_owned())],
        }
    }

    /// Runs an API command in this connection's thread; its output is the answer. For quick ones only.
    #[must_use]
    pub fn api(api: &str) -> Self {
        Self::new(format!("api {api}"))
    }

    /// Asks for the channel that an outbound connection is about.
    #[must_use]
    pub fn connect() -> Self {
        Self::new("connect".to_owned())
    }

    /// Lets the dialplan of an outbound connection go on when the connection ends.
    #[must_use]
    pub fn resume() -> Self {
        Self::new("resume".to_owned())
    }

    /// Ends the connection.
    #[must_use]
    pub fn exit() -> Self {
        Self::new("exit".to_owned())
    }

    /// As it goes to the wire.
    ///
    /// # Errors
    /// When there is a line break in it.
    pub fn encode(&self) -> Result<Vec<u8>, CommandError> {
        let mut out = self.line.clone();
        for (name, value) in &self.headers {
            out.push_str(&format!("\n{name}: {value}"));
        }
        let lines = 1 + self.headers.len();
        if out.contains(['\r', '\0']) || out.lines().count() != lines || out.ends_with('\n') {
            return Err(CommandError::LineBreak);
        }
        out.push_str("\n\n");
        Ok(out.into_bytes())
    }
}

/// A value within a command's single quotes; what would end them is left out.
#[must_use]
pub fn quoted(value: &str) -> String {
    let inner: String = value
        .chars()
        .filter(|letter| !matches!(letter, '\'' | '\\' | '\n' | '\r'))
        .collect();
    format!("'{inner}'")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_carries_its_id() {
        let bytes = Command::background("j-1", "status").encode().unwrap();
        assert_eq!(bytes, b"bgapi status\nJob-UUID: j-1\n\n");
    }

    #[test]
    fn a_line_break_is_refused() {
        for text in ["a\nb", "a\n", "a\r", "\nexit"] {
            assert_eq!(Command::api(text).encode(), Err(CommandError::LineBreak), "{text:?}");
        }
    }
}
