//! What a line of the dialplan wants.

use sidetone_telephony::{Wish, WishError, node_of, queue_of};

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
    /// The queue that the line names.
    pub queue: Option<String>,
    /// The place in the menu that the line names.
    pub node: Option<String>,
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
    pub wish: Wish,
}

/// Why a request cannot be carried out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// No channel was named.
    #[error("the switch named no channel")]
    NoChannel,
    /// The URL is wrong.
    #[error(transparent)]
    Wish(#[from] WishError),
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
        let script = get("agi_network_script").unwrap_or_default();
        let caller = Caller {
            uniqueid: get("agi_uniqueid").ok_or(RequestError::NoChannel)?,
            channel: get("agi_channel").ok_or(RequestError::NoChannel)?,
            number: get("agi_callerid"),
            dialled: get("agi_dnid").or_else(|| get("agi_extension").filter(|exten| exten != "s")),
            queue: queue_of(&script),
            node: node_of(&script),
        };
        let wish = Wish::parse(&script)?;
        Ok(Self { caller, wish })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_environment_is_a_request() {
        let environment = |script: &str| -> Vec<(String, String)> {
            [
                ("agi_network_script", script),
                ("agi_channel", "PJSIP/trunk-00000001"),
                ("agi_uniqueid", "pbx-1.1"),
                ("agi_callerid", "unknown"),
                ("agi_extension", "12333"),
            ]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into()
        };
        let request = Request::parse(&environment("start?queue=12333")).unwrap();
        assert_eq!(
            (request.wish, request.caller.queue.as_deref()),
            (Wish::Start, Some("12333"))
        );
        let request = Request::parse(&environment("wrapup")).unwrap();
        assert_eq!(request.wish, Wish::Wrapup);
        assert_eq!(
            (request.caller.number, request.caller.dialled.as_deref()),
            (None, Some("12333"))
        );
        let wrong = WishError::UnknownAction("lisen".to_owned());
        assert_eq!(Request::parse(&environment("lisen")), Err(RequestError::Wish(wrong)));
        assert_eq!(Request::parse(&[]), Err(RequestError::NoChannel));
    }
}
