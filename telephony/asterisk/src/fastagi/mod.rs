//! `FastAGI` without a socket: what the switch says on a connection, and what is said back.
//!
//! The switch connects for one line of the dialplan, says what it is about (the environment), then waits
//! for commands and answers each with a line. `HANGUP` may come between.

mod command;
mod request;

pub use command::{MAX_COMMAND, get_variable, set_variable};
pub use request::{Caller, Request, RequestError};
use sidetone_telephony::Inbox;

/// The longest line that is taken; Asterisk's own are below 1 KiB.
const MAX_LINE: usize = 8 * 1024;
/// Lines of an environment; Asterisk sends some 25 and the arguments of the application.
const MAX_LINES: usize = 160;

/// The stream is not `FastAGI`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AgiError {
    /// No end of line.
    #[error("no end of line within {MAX_LINE} bytes")]
    LongLine,
    /// No end of the environment.
    #[error("no end of the environment within {MAX_LINES} lines")]
    LongEnvironment,
    /// A line that is neither a reply nor `HANGUP`.
    #[error("a line that is no reply")]
    NoReply,
}

/// What comes after the environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// A command was carried out; what it was asked for, if anything.
    Done(Option<String>),
    /// A command was refused, with the switch's code.
    Refused(u16),
    /// The channel hung up.
    Hangup,
}

/// Splits a byte stream into an environment and replies.
#[derive(Debug, Default)]
pub struct Decoder {
    inbox: Inbox,
    environment: Vec<(String, String)>,
    in_usage: bool,
}

impl Decoder {
    /// For a new connection.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Bytes as they came.
    pub fn feed(&mut self, bytes: &[u8]) {
        self.inbox.push(bytes);
    }

    /// The environment, once it is whole; it comes first and once.
    ///
    /// # Errors
    /// When the stream cannot be `FastAGI`; the connection is of no more use.
    pub fn poll_environment(&mut self) -> Result<Option<Vec<(String, String)>>, AgiError> {
        while let Some(line) = self.line()? {
            if line.is_empty() {
                return Ok(Some(std::mem::take(&mut self.environment)));
            }
            if self.environment.len() == MAX_LINES {
                return Err(AgiError::LongEnvironment);
            }
            if let Some((name, value)) = line.split_once(':') {
                self.environment.push((name.trim().to_owned(), value.trim().to_owned()));
            }
        }
        Ok(None)
    }

    /// The next reply.
    ///
    /// # Errors
    /// When the stream cannot be `FastAGI`; the connection is of no more use.
    pub fn poll_reply(&mut self) -> Result<Option<Reply>, AgiError> {
        while let Some(line) = self.line()? {
            if line == "HANGUP" {
                return Ok(Some(Reply::Hangup));
            }
            // `520-` opens a usage text that a line with `520 ` closes.
            if self.in_usage && !line.starts_with("520 ") {
                continue;
            }
            self.in_usage = line.starts_with("520-");
            if self.in_usage {
                continue;
            }
            let code: u16 = line
                .get(..3)
                .and_then(|code| code.parse().ok())
                .ok_or(AgiError::NoReply)?;
            return Ok(Some(match code {
                200 => Reply::Done(value(&line)),
                _ => Reply::Refused(code),
            }));
        }
        Ok(None)
    }

    fn line(&mut self) -> Result<Option<String>, AgiError> {
        let rest = self.inbox.rest();
        let Some(end) = rest.iter().position(|&byte| byte == b'\n') else {
            return if rest.len() > MAX_LINE {
                Err(AgiError::LongLine)
            } else {
                Ok(None)
            };
        };
        if end > MAX_LINE {
            return Err(AgiError::LongLine);
        }
        let line = String::from_utf8_lossy(&rest[..end]).trim_end_matches('\r').to_owned();
        self.inbox.take(end + 1);
        Ok(Some(line))
    }
}

/// `200 result=1 (value)`; a value may hold brackets itself.
fn value(line: &str) -> Option<String> {
    let (_, value) = line.split_once(" (")?;
    Some(value.strip_suffix(')')?.to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const STREAM: &[u8] = b"agi_network: yes\nagi_network_script: listen?timeout=3000\nagi_uniqueid: pbx-1.7\n\n\
        200 result=1\nHANGUP\n511 Command Not Permitted on a dead channel or intercept routine\n\
        520-Invalid command syntax.  Proper usage follows:\n Usage: SET VARIABLE <v> <x>\n520 End of proper usage.\n";

    fn replies(decoder: &mut Decoder) -> Vec<Reply> {
        std::iter::from_fn(|| decoder.poll_reply().unwrap()).collect()
    }

    #[test]
    fn an_environment_then_replies() {
        let mut decoder = Decoder::new();
        decoder.feed(STREAM);
        let environment = decoder.poll_environment().unwrap().unwrap();
        assert_eq!(
            environment[1],
            ("agi_network_script".to_owned(), "listen?timeout=3000".to_owned())
        );
        assert_eq!(
            replies(&mut decoder),
            [
                Reply::Done(None),
                Reply::Hangup,
                Reply::Refused(511),
                Reply::Refused(520)
            ]
        );
    }

    #[test]
    fn a_value_comes_back() {
        for (line, expected) in [
            ("200 result=1 (s3cret)", Some("s3cret")),
            ("200 result=1 (a (b) c)", Some("a (b) c")),
            ("200 result=1 ()", Some("")),
            ("200 result=0", None),
            ("200 result=1 (open", None),
        ] {
            assert_eq!(value(line).as_deref(), expected, "{line}");
        }
    }

    #[test]
    fn what_has_no_end_is_refused() {
        let mut decoder = Decoder::new();
        decoder.feed(&vec![b'x'; MAX_LINE + 1]);
        assert_eq!(decoder.poll_environment(), Err(AgiError::LongLine));
        let mut decoder = Decoder::new();
        decoder.feed("a: b\n".repeat(MAX_LINES + 1).as_bytes());
        assert_eq!(decoder.poll_environment(), Err(AgiError::LongEnvironment));
        let mut decoder = Decoder::new();
        decoder.feed(b"GET / HTTP/1.1\n");
        assert_eq!(decoder.poll_reply(), Err(AgiError::NoReply));
    }

    proptest! {
        #[test]
        fn cuts_do_not_matter(cuts in proptest::collection::vec(1usize..40, 0..20)) {
            let mut decoder = Decoder::new();
            let (mut rest, mut begun, mut found) = (STREAM, false, Vec::new());
            for cut in cuts.into_iter().chain([STREAM.len()]) {
                let (now, later) = rest.split_at(cut.min(rest.len()));
                decoder.feed(now);
                rest = later;
                begun = begun || decoder.poll_environment().unwrap().is_some();
                if begun {
                    found.extend(replies(&mut decoder));
                }
            }
            prop_assert_eq!(found.len(), 4);
        }

        #[test]
        fn no_bytes_panic_or_grow(chunks in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..300), 0..40)) {
            let mut decoder = Decoder::new();
            let mut begun = false;
            for chunk in chunks {
                decoder.feed(&chunk);
                loop {
                    let more = match begun {
                        true => decoder.poll_reply().map(|reply| reply.is_some()),
                        false => decoder.poll_environment().map(|environment| {
                            begun = environment.is_some();
                            begun
                        }),
                    };
                    match more {
                        Ok(true) => {}
                        Ok(false) => break,
                        Err(_) => return Ok(()),
                    }
                }
                prop_assert!(decoder.inbox.rest().len() <= MAX_LINE + 300);
            }
        }
    }
}
