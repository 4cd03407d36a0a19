//! Bytes to messages.

use sidetone_telephony::Inbox;

use super::message::{Headers, Message};

/// The longest head that is taken.
pub const MAX_HEAD: usize = 64 * 1024;
/// The longest body that is taken: `show channels` of a switch with ten thousand of them.
pub const MAX_BODY: usize = 32 * 1024 * 1024;

/// The stream is not an event socket's, or not a sane one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CodecError {
    /// No end of head within [`MAX_HEAD`].
    #[error("no end of a message's head within {MAX_HEAD} bytes: the peer is not an event socket")]
    HeadTooLong,
    /// A body longer than [`MAX_BODY`], or a length that is no number.
    #[error("a message's body is longer than {MAX_BODY} bytes, or its length is no number")]
    Length,
}

/// Splits a byte stream into messages. Holds at most one message beyond what one `feed` gave.
#[derive(Debug, Default)]
pub struct Decoder {
    inbox: Inbox,
    /// Bytes of an unfinished head in which there is no end: they are not looked at again.
    searched: usize,
    /// A head whose body is not whole yet, and the body's length.
    head: Option<(Headers, usize)>,
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

    /// The next whole message.
    ///
    /// # Errors
    /// When the stream cannot be an event socket's; the connection is of no more use.
    pub fn poll(&mut self) -> Result<Option<Message>, CodecError> {
        let (head, length) = match self.head.take() {
            Some(head) => head,
            None => match self.head()? {
                Some(head) => head,
                None => return Ok(None),
            },
        };
        let rest = self.inbox.rest();
        if rest.len() < length {
            self.head = Some((head, length));
            return Ok(None);
        }
        let message = Message::new(head, &rest[..length]);
        self.inbox.take(length);
        Ok(Some(message))
    }

    fn head(&mut self) -> Result<Option<(Headers, usize)>, CodecError> {
        while self.inbox.rest().first() == Some(&b'\n') {
            self.inbox.take(1);
        }
        let rest = self.inbox.rest();
        let from = self.searched.saturating_sub(1);
        let unseen = rest.get(from..).unwrap_or_default();
        let end = unseen.windows(2).take(MAX_HEAD - from).position(|pair| pair == b"\n\n");
        let Some(end) = end.map(|end| from + end) else {
            self.searched = rest.len().min(MAX_HEAD);
            return if rest.len() > MAX_HEAD {
                Err(CodecError::HeadTooLong)
            } else {
                Ok(None)
            };
        };
        // The head of an answer to `connect` is a channel's data, percent-encoded as an event's.
        let head = Headers::parse(&String::from_utf8_lossy(&rest[..end]), true);
        let length = match head.get("Content-Length") {
            None => 0,
            Some(text) => text.parse().map_err(|_| CodecError::Length)?,
        };
        if length > MAX_BODY {
            return Err(CodecError::Length);
        }
        self.inbox.take(end + 2);
        self.searched = 0;
        Ok(Some((head, length)))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn stream() -> Vec<u8> {
        let event =
            "Event-Name: CHANNEL_HOLD\nUnique-ID: a-1\nvariable_name: %E6%9D%8E%20x\nContent-Length: 5\n\n+OK x";
        format!(
            "Content-Type: auth/request\n\nContent-Type: command/reply\nReply-Text: +OK accepted\n\n\
             Content-Length: {}\nContent-Type: text/event-plain\n\n{event}Content-Type: api/response\nContent-Length: 3\n\nUP\n",
            event.len()
        )
        .into_bytes()
    }

    fn all(decoder: &mut Decoder) -> Vec<Message> {
        std::iter::from_fn(|| decoder.poll().unwrap()).collect()
    }

    #[test]
    fn messages_come_whole_and_in_order() {
        let mut decoder = Decoder::new();
        decoder.feed(&stream());
        let messages = all(&mut decoder);
        assert_eq!(messages.len(), 4);
        assert_eq!(messages[0], Message::AuthRequest);
        assert_eq!(messages[1].reply(), Some("+OK accepted"));
        let Message::Event(event, body) = &messages[2] else {
            panic!()
        };
        assert_eq!(event.get("unique-id"), Some("a-1"));
        assert_eq!(event.variable("name"), Some("李 x"));
        assert_eq!(body, "+OK x");
        assert_eq!(messages[3], Message::ApiResponse("UP\n".into()));
    }

    #[test]
    fn a_head_without_end_and_a_mad_length_are_refused() {
        let mut decoder = Decoder::new();
        decoder.feed(&vec![b'x'; MAX_HEAD + 2]);
        assert_eq!(decoder.poll(), Err(CodecError::HeadTooLong));
        let mut decoder = Decoder::new();
        decoder.feed(b"Content-Length: 99999999999\n\n");
        assert_eq!(decoder.poll(), Err(CodecError::Length));
    }

    proptest! {
        #[test]
        fn cuts_do_not_matter(cuts in proptest::collection::vec(1usize..60, 0..20)) {
            let bytes = stream();
            let mut decoder = Decoder::new();
            let mut rest = bytes.as_slice();
            let mut messages = Vec::new();
            for cut in cuts {
                let (now, later) = rest.split_at(cut.min(rest.len()));
                decoder.feed(now);
                messages.extend(all(&mut decoder));
                rest = later;
            }
            decoder.feed(rest);
            messages.extend(all(&mut decoder));
            let mut whole = Decoder::new();
            whole.feed(&bytes);
            prop_assert_eq!(messages, all(&mut whole));
        }

        #[test]
        fn no_bytes_panic(chunks in proptest::collection::vec("(Content-Length: [0-9]{0,3}\n|\n|a: %[0-9a-f]{0,2}|[ -~é]{0,20})", 0..30)) {
            let mut decoder = Decoder::new();
            for chunk in chunks {
                decoder.feed(chunk.as_bytes());
                while let Ok(Some(_)) = decoder.poll() {}
            }
        }
    }
}
