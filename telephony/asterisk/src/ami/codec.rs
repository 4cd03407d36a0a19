//! Bytes to messages.

use sidetone_telephony::Inbox;

use super::Message;

/// Of a message this much is taken; what is beyond is left out, and counted. Asterisk's own are below 8 KiB, but a
/// channel variable may be of any length.
pub const MAX_MESSAGE: usize = 64 * 1024;

/// Bytes of the greeting, its line end included. Asterisk's own has less than 40.
const MAX_GREETING: usize = 256;

/// The stream is not AMI.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CodecError {
    /// The first line does not name the Asterisk Call Manager.
    #[error("the peer is not an Asterisk manager: its greeting is another")]
    NotAManager,
}

/// Splits a byte stream into messages. Lines end in `\r\n` or in `\n`; an empty one ends a message. Holds at most
/// twice [`MAX_MESSAGE`] bytes beyond what one `feed` gave.
#[derive(Debug, Default)]
pub struct Decoder {
    inbox: Inbox,
    greeted: bool,
    fields: Vec<(String, String)>,
    /// Bytes of the message so far.
    length: usize,
    /// In the middle of a line that is too long to be kept.
    in_long_line: bool,
    /// This message has lost something.
    is_cut: bool,
    cut: u64,
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

    /// Messages, since this was last asked, that were longer than [`MAX_MESSAGE`] and are not whole.
    pub const fn take_cut(&mut self) -> u64 {
        std::mem::replace(&mut self.cut, 0)
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
            let Some(end) = rest.iter().position(|&byte| byte == b'\n') else {
                if rest.len() > MAX_MESSAGE {
                    self.in_long_line = true;
                    self.inbox.take(rest.len());
                }
                return Ok(None);
            };
            let line = rest[..end].strip_suffix(b"\r").unwrap_or(&rest[..end]);
            let whole = !std::mem::take(&mut self.in_long_line);
            if whole && line.is_empty() {
                self.inbox.take(end + 1);
                if let Some(message) = self.finish() {
                    return Ok(Some(message));
                }
                continue;
            }
            if whole && self.length + line.len() <= MAX_MESSAGE {
                self.length += line.len();
                self.fields.extend(field(line));
            } else {
                self.is_cut = true;
            }
            self.inbox.take(end + 1);
        }
    }

    fn finish(&mut self) -> Option<Message> {
        self.cut += u64::from(std::mem::take(&mut self.is_cut));
        self.length = 0;
        let fields = std::mem::take(&mut self.fields);
        (!fields.is_empty()).then(|| Message::new(fields))
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

fn field(line: &[u8]) -> Option<(String, String)> {
    let line = String::from_utf8_lossy(line);
    let (key, value) = line.split_once(':')?;
    Some((key.trim().to_owned(), value.trim().to_owned()))
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
    fn lines_may_end_in_a_bare_newline() {
        let text = String::from_utf8(STREAM.to_vec()).unwrap().replace("\r\n", "\n");
        let mut decoder = Decoder::new();
        decoder.feed(text.as_bytes());
        let messages = all(&mut decoder);
        assert_eq!(messages.len(), 2);
        assert_eq!(
            (messages[1].event(), messages[1].get("Note")),
            (Some("Hold"), Some("a: b"))
        );
    }

    #[test]
    fn a_long_message_loses_its_end_and_the_next_one_is_whole() {
        let mut decoder = Decoder::new();
        decoder.feed(b"Asterisk Call Manager/11.0.0\r\nEvent: VarSet\r\nUniqueid: 1.1\r\nValue: ");
        for _ in 0..100 {
            decoder.feed(&[b'x'; 4096]);
            assert_eq!(decoder.poll(), Ok(None));
            assert!(decoder.inbox.rest().len() <= MAX_MESSAGE + 4096);
        }
        decoder.feed(b"\r\nMore: 1\r\n\r\nEvent: Hangup\r\nUniqueid: 1.1\r\n\r\n");
        let messages = all(&mut decoder);
        assert_eq!(messages[0].event(), Some("VarSet"));
        assert_eq!(
            (messages[0].get("Uniqueid"), messages[0].get("More")),
            (Some("1.1"), Some("1"))
        );
        assert_eq!(messages[1].event(), Some("Hangup"));
        assert_eq!((decoder.take_cut(), decoder.take_cut()), (1, 0));
    }

    #[test]
    fn many_lines_are_bounded_too() {
        let mut decoder = Decoder::new();
        decoder.feed(b"Asterisk Call Manager/11.0.0\r\nEvent: X\r\n");
        for _ in 0..20_000 {
            decoder.feed(b"Variable: something\r\n");
            assert_eq!(decoder.poll(), Ok(None));
        }
        decoder.feed(b"\r\n");
        let message = decoder.poll().unwrap().unwrap();
        assert_eq!(message.event(), Some("X"));
        assert!(message.fields().count() < 4_000);
        assert_eq!(decoder.take_cut(), 1);
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
