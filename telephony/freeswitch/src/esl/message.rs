//! One message of the event socket: headers in the order they came, names compared without case.

/// Headers as received. Values hold callers' numbers: `Debug` prints names only.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Headers(Vec<(String, String)>);

impl Headers {
    /// From lines `Name: value`; percent-encoded values are decoded where `encoded`.
    #[must_use]
    pub fn parse(text: &str, encoded: bool) -> Self {
        let fields = text.lines().filter_map(|line| {
            let (name, value) = line.split_once(':')?;
            let value = value.trim();
            let value = if encoded { decoded(value) } else { value.to_owned() };
            Some((name.trim().to_owned(), value))
        });
        Self(fields.collect())
    }

    /// The first header of that name; `None` where it is absent or empty.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }

    /// A channel variable, where the switch added the channel's variables.
    #[must_use]
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(key, _)| key.strip_prefix("variable_") == Some(name))
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }
}

impl std::fmt::Debug for Headers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

/// What the switch says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// It wants the password.
    AuthRequest,
    /// The answer to a command: `+OK …` or `-ERR …`, and further headers.
    Reply(Headers),
    /// The answer to `api`.
    ApiResponse(String),
    /// Something happened; the text is the event's own body.
    Event(Headers, String),
    /// The connection is about to end, or is not wanted.
    Goodbye(String),
    /// Nothing that is needed here.
    Other,
}

impl Message {
    /// The text of a reply, when it is one.
    #[must_use]
    pub fn reply(&self) -> Option<&str> {
        match self {
            Self::Reply(headers) => headers.get("Reply-Text"),
            _ => None,
        }
    }

    pub(super) fn new(head: Headers, body: &[u8]) -> Self {
        let text = || String::from_utf8_lossy(body).into_owned();
        match head.get("Content-Type").unwrap_or_default() {
            "auth/request" => Self::AuthRequest,
            "command/reply" => Self::Reply(head),
            "api/response" => Self::ApiResponse(text()),
            "text/event-plain" => {
                let text = text();
                let (fields, body) = text.split_once("\n\n").unwrap_or((&text, ""));
                Self::Event(Headers::parse(fields, true), body.to_owned())
            }
            "text/disconnect-notice" | "text/rude-rejection" => Self::Goodbye(text().trim().to_owned()),
            _ => Self::Other,
        }
    }
}

/// Percent-decoding as the switch encodes: bytes, of which only whole UTF-8 counts as text.
pub(super) fn decoded(text: &str) -> String {
    if !text.contains('%') {
        return text.to_owned();
    }
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let pair = bytes.get(at + 1..at + 3).and_then(hex);
        match (bytes[at], pair) {
            (b'%', Some(byte)) => {
                out.push(byte);
                at += 3;
            }
            (byte, _) => {
                out.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn hex(pair: &[u8]) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    Some((digit(*pair.first()?)? * 16 + digit(*pair.get(1)?)?) as u8)
}
