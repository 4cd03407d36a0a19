//! Bytes to messages.

use sidetone_telephony::Inbox;

use super::Message;

/// The longest message that is taken; longer ones break the connection. Asterisk's own are below 8 KiB.
pub const MAX_MESSAGE: usize = 64 * 1024;

/// Bytes of the greeting, its line end included. Asterisk's own has less than 40.
const MAX_GREETING: usize = 256;

/// The stream is not AMI, or not a sane one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CodecError {
    /// No end of message within [`MAX_MESSAGE`].
    #[error("no end of message within {MAX_MESSAGE} bytes")]
    TooLong,
    /// The first line does not name the Asterisk Call Manager.
    #[error("the peer is not an Asterisk manager: its greeting is another")]
    NotAManager,
}

/// Splits a byte stream into messages. Holds at most [`MAX_MESSAGE`] bytes beyond what one `feed` gave.
#[derive(Debug, Default)]
pub struct Decoder {
    inbox: Inbox,
    greeted: bool,
}

impl Decoder {
    /// For a new connection: its first line is the greeting.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Bytes as they came.
    pub fn feed(&mut self, bytes: &[u8]) {
        self.inbox.push(bytes);
    }

    /// The next whole message.
    ///
    /// # Errors
    /// When the stream cannot be AMI; the connection is of no more use.
    pub fn poll(&mut self) -> Result<Option<Message>, CodecError> {
        if !self.greeted && !self.greeting()? {
            return Ok(None);
        }
        loop {
            let rest = self.inbox.rest();
            let Some((end, after)) = find_end(rest) else {
                return if rest.len() > MAX_MESSAGE {
                    Err(CodecError::TooLong)
                } else {
                    Ok(None)
                };
            };
            if end > MAX_MESSAGE {
                return Err(CodecError::TooLong);
            }
            let fields = parse(&rest[..end]);
            self.inbox.take(after);
            if !fields.is_empty() {
                return Ok(Some(Message::new(fields)));
            }
        }
    }

    fn greeting(&mut self) -> Result<bool, CodecError> {
        let rest = self.inbox.rest();
        let Some(end) = rest.iter().take(MAX_GREETING).position(|&byte| byte == b'\n') else {
            return if rest.len() >= MAX_GREETING {
                Err(CodecError::NotAManager)
            } else {
                Ok(false)
            };
        };
        if !rest[..end].starts_with(b"Asterisk Call Manager/") {
            return Err(CodecError::NotAManager);
        }
        self.inbox.take(end + 1);
        self.greeted = true;
        Ok(true)
    }
}

/// Where the empty line begins, and what comes after it.
fn find_end(bytes: &[u8]) -> Option<(usize, usize)> {
    if bytes.starts_with(b"\r\n") {
        return Some((0, 2));
    }
    let end = bytes
        .windows(4)
        .take(MAX_MESSAGE + 1)
        .position(|window| window == b"\r\n\r\n")?;
    Some((end, end + 4))
}

fn parse(bytes: &[u8]) -> Vec<(String, String)> {
    String::from_utf8_lossy(bytes)
        .split("\r\n")
        .filter_map(|line| line.split_once(':'))
        .map(|(key, value)| (key.trim().to_owned(), value.trim().to_owned()))
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const STREAM: &[u8] = b"Asterisk Call Manager/11.0.0\r\nResponse: Success\r\nActionID: 1\r\n\r\n\
        Event: Hold\r\nChannel: PJSIP/8001-00000001\r\nCallerIDName: <unknown>\r\nNote: a: b\r\n\r\n";

    fn all(decoder: &mut Decoder) -> Vec<Message> {
        std::iter::from_fn(|| decoder.poll().unwrap()).collect()
    }

    #[test]
    fn messages_come_whole_and_in_order() {
        let mut decoder = Decoder::new();
        decoder.feed(STREAM);
        let messages = all(&mut decoder);
        assert_eq!(messages.len(), 2);
        assert_eq!(messages[0].action_id(), Some("1"));
        assert_eq!(messages[1].event(), Some("Hold"));
        assert_eq!(messages[1].get("note"), Some("a: b"));
        assert_eq!(messages[1].get("CallerIDName"), None);
    }

    #[test]
    fn another_greeting_is_refused() {
        let mut decoder = Decoder::new();
        decoder.feed(b"SSH-2.0-OpenSSH\r\n");
        assert_eq!(decoder.poll(), Err(CodecError::NotAManager));
    }

    #[test]
    fn a_message_without_end_is_refused() {
        let mut decoder = Decoder::new();
        decoder.feed(b"Asterisk Call Manager/11.0.0\r\n");
        decoder.feed(&vec![b'x'; MAX_MESSAGE + 1]);
        assert_eq!(decoder.poll(), Err(CodecError::TooLong));
    }

    proptest! {
        #[test]
        fn cuts_do_not_matter(cuts in proptest::collection::vec(1usize..40, 0..20)) {
            let mut decoder = Decoder::new();
            let mut rest = STREAM;
            let mut messages = Vec::new();
            for cut in cuts {
                let (now, later) = rest.split_at(cut.min(rest.len()));
                decoder.feed(now);
                messages.extend(all(&mut decoder));
                rest = later;
            }
            decoder.feed(rest);
            messages.extend(all(&mut decoder));
            prop_assert_eq!(messages.len(), 2);
        }

        #[test]
        fn no_bytes_panic_or_grow(chunks in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..200), 0..20)) {
            let mut decoder = Decoder::new();
            decoder.feed(b"Asterisk Call Manager/11.0.0\r\n");
            for chunk in chunks {
                decoder.feed(&chunk);
                while let Ok(Some(_)) = decoder.poll() {}
                prop_assert!(decoder.inbox.rest().len() <= MAX_MESSAGE + 4096);
            }
        }
    }
}
