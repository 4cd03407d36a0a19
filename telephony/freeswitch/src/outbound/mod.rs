//! The outbound event socket without a socket: what a dialplan that runs `socket` wants, and what it is told.
//!
//! The switch connects for one action, and we ask for its channel (`connect`); when the answer is there it is
//! set as channel variables, the dialplan is let go on (`resume`), and the connection ends (`exit`).

use sidetone_telephony::{Wish, WishError, node_of, queue_of};

use crate::esl::{Command, Headers};
use crate::tracker::DialplanChannel;

/// The longest value that is set, in bytes.
const MAX_VALUE: usize = 2_000;

/// One connection's request.
#[derive(Clone, Debug)]
pub struct Request {
    /// On whose channel.
    pub channel: DialplanChannel,
    /// What.
    pub wish: Wish,
}

/// Why a request cannot be carried out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// No channel was named.
    #[error("the switch named no channel")]
    NoChannel,
    /// The path is wrong.
    #[error(transparent)]
    Wish(#[from] WishError),
}

impl Request {
    /// From the answer to `connect`. The path of `socket` says what is wanted
    /// (`127.0.0.1:8084/listen?timeout=5000`); without one, the variables `sidetone_action` and `sidetone_timeout`.
    ///
    /// # Errors
    /// When the dialplan is wrong.
    pub fn parse(data: &Headers) -> Result<Self, RequestError> {
        let uuid = data.get("Unique-ID").ok_or(RequestError::NoChannel)?.to_owned();
        let script = match (data.variable("socket_path"), data.variable("sidetone_action")) {
            (Some(path), _) => path.to_owned(),
            (None, action) => {
                let timeout = data.variable("sidetone_timeout");
                let query = timeout.map(|timeout| format!("?timeout={timeout}"));
                format!("{}{}", action.unwrap_or_default(), query.unwrap_or_default())
            }
        };
        let wish = Wish::parse(&script)?;
        let channel = DialplanChannel {
            data: data.clone(),
            queue: queue_of(&script),
            node: node_of(&script),
            ..DialplanChannel::named(uuid)
        };
        Ok(Self { channel, wish })
    }
}

/// Sets `sidetone_<name>`, whatever the value holds: it stays one argument of one line. An empty value unsets.
#[must_use]
pub fn set_variable(uuid: &str, name: &str, value: &str) -> Command {
    let word = |text: &str| -> String {
        let letters = text.chars().filter(|c| c.is_ascii_alphanumeric() || "_-".contains(*c));
        letters.take(80).collect()
    };
    let mut line = format!("uuid_setvar {} sidetone_{}", word(uuid), word(name));
    let mut argument = String::new();
    for c in value.chars().filter(|c| !matches!(c, '\'' | '\\')) {
        if argument.len() + c.len_utf8() > MAX_VALUE {
            break;
        }
        argument.push(if c.is_control() { ' ' } else { c });
    }
    let argument = argument.trim();
    if !argument.is_empty() {
        line.push(' ');
        line.push_str(argument);
    }
    Command::api(&line)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;
    use crate::esl::{Decoder, Message};

    const CONNECT: &[u8] = include_bytes!("../../tests/golden/esl/outbound-sync.esl");

    fn data(extra: &str) -> Headers {
        Headers::parse(&format!("Unique-ID: a-1\n{extra}"), false)
    }

    #[test]
    fn the_switchs_own_answer_to_connect() {
        let mut decoder = Decoder::new();
        decoder.feed(CONNECT);
        let Some(Message::Reply(data)) = decoder.poll().unwrap() else {
            panic!()
        };
        // Recorded without a path.
        let none = WishError::UnknownAction(String::new());
        assert_eq!(Request::parse(&data).unwrap_err(), RequestError::Wish(none));
        assert_eq!(data.get("Unique-ID"), Some("cfd59715-4415-47f4-8910-a5026abb2c86"));
    }

    #[test]
    fn a_path_or_two_variables() {
        let listen = Wish::Listen {
            within: Duration::from_secs(3),
            limit: Duration::from_secs(23),
        };
        for (extra, wish) in [
            ("variable_socket_path: listen?timeout=3000", &listen),
            (
                "variable_sidetone_action: listen\nvariable_sidetone_timeout: 3000",
                &listen,
            ),
            (
                "variable_socket_path: /start\nvariable_sidetone_action: stop",
                &Wish::Start,
            ),
        ] {
            let request = Request::parse(&data(extra)).unwrap();
            assert_eq!((&request.wish, request.channel.uuid.as_str()), (wish, "a-1"), "{extra}");
        }
        let request = Request::parse(&data("variable_socket_path: start?queue=12333")).unwrap();
        assert_eq!(request.channel.queue.as_deref(), Some("12333"));
        assert_eq!(
            Request::parse(&Headers::default()).unwrap_err(),
            RequestError::NoChannel
        );
    }

    #[test]
    fn a_variable_is_one_line() {
        let line = |name, value| String::from_utf8(set_variable("a-1", name, value).encode().unwrap()).unwrap();
        assert_eq!(
            line("text", "失业金 怎么领"),
            "api uuid_setvar a-1 sidetone_text 失业金 怎么领\n\n"
        );
        assert_eq!(line("topic", ""), "api uuid_setvar a-1 sidetone_topic\n\n");
        assert_eq!(
            line("x y", "a\n\nexit'\\"),
            "api uuid_setvar a-1 sidetone_xy a  exit\n\n"
        );
    }

    proptest! {
        #[test]
        fn any_value_can_be_written(name in any::<String>(), value in any::<String>()) {
            let bytes = set_variable("a-1", &name, &value).encode().unwrap();
            prop_assert_eq!(bytes.iter().filter(|byte| **byte == b'\n').count(), 2);
        }
    }
}
