//! Actions to bytes.

use uuid::Uuid;

/// An action cannot be written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ActionError {
    /// A line break in a value would start a field, or an action, of its own.
    #[error("field {0} of an AMI action has a line break")]
    LineBreak(String),
}

/// One action. Its `ActionID` is given when it is written.
#[derive(Clone, PartialEq, Eq)]
pub struct Action {
    name: &'static str,
    fields: Vec<(&'static str, String)>,
}

impl Action {
    /// Any action, without fields.
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        Self {
            name,
            fields: Vec::new(),
        }
    }

    /// With one more field.
    #[must_use]
    pub fn with(mut self, field: &'static str, value: impl Into<String>) -> Self {
        self.fields.push((field, value.into()));
        self
    }

    /// Logs in and asks for events.
    #[must_use]
    pub fn login(username: &str, secret: &str) -> Self {
        Self::new("Login")
            .with("Username", username)
            .with("Secret", secret)
            .with("Events", "on")
    }

    /// Sets a channel variable: how results reach the dialplan.
    #[must_use]
    pub fn set_variable(channel: &str, name: &str, value: &str) -> Self {
        Self::new("Setvar")
            .with("Channel", channel)
            .with("Variable", name)
            .with("Value", value)
    }

    /// Reads a channel variable, or a function of the channel.
    #[must_use]
    pub fn get_variable(channel: &str, name: &str) -> Self {
        Self::new("Getvar").with("Channel", channel).with("Variable", name)
    }

    /// Hangs a channel up.
    #[must_use]
    pub fn hangup(channel: &str) -> Self {
        Self::new("Hangup").with("Channel", channel)
    }

    /// The action's name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// As it goes to the wire.
    ///
    /// # Errors
    /// When a value has a line break.
    pub fn encode(&self, id: &str) -> Result<Vec<u8>, ActionError> {
        let mut out = format!("Action: {}\r\nActionID: {id}\r\n", self.name);
        for (field, value) in &self.fields {
            if value.contains(['\r', '\n', '\0']) {
                return Err(ActionError::LineBreak((*field).to_owned()));
            }
            out.push_str(field);
            out.push_str(": ");
            out.push_str(value);
            out.push_str("\r\n");
        }
        out.push_str("\r\n");
        Ok(out.into_bytes())
    }
}

impl std::fmt::Debug for Action {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Action({})", self.name)
    }
}

/// Tap C: an `AudioSocket` channel that listens to the leg with this `Uniqueid`.
///
/// Options: `o` only what the party says, `u` by unique id, `q` no beep, `S` stop when there is nothing
/// to spy on, `E` end with the leg.
#[must_use]
pub fn audiosocket_spy(uniqueid: &str, target: &str, connection: Uuid) -> Action {
    Action::new("Originate")
        .with("Channel", format!("AudioSocket/{target}/{connection}/c(slin)"))
        .with("Application", "ChanSpy")
        .with("Data", format!("{uniqueid},ouqSE"))
        // No row of its own in the call records; a switch without them has nothing to switch off.
        .with("Variable", "CDR_PROP(disable)=1")
        .with("Timeout", "5000")
        .with("Async", "true")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_action_is_lines_and_an_empty_line() {
        let bytes = Action::hangup("PJSIP/8001-00000001").encode("7").unwrap();
        assert_eq!(
            String::from_utf8(bytes).unwrap(),
            "Action: Hangup\r\nActionID: 7\r\nChannel: PJSIP/8001-00000001\r\n\r\n"
        );
    }

    #[test]
    fn a_value_cannot_smuggle_an_action() {
        let action = Action::set_variable("x", "V", "1\r\n\r\nAction: Originate");
        assert_eq!(action.encode("7"), Err(ActionError::LineBreak("Value".to_owned())));
    }
}
