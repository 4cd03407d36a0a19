//! SIP messages: text to fields and back (RFC 3261 §7).

/// The longest datagram that is looked at.
const MAX_MESSAGE: usize = 16 * 1024;
/// More header lines than any switch writes.
const MAX_HEADERS: usize = 200;

/// Why a datagram is no message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// It is longer than anything that is needed.
    #[error("longer than {MAX_MESSAGE} bytes")]
    TooLong,
    /// It is not UTF-8.
    #[error("not UTF-8")]
    NotText,
    /// Its first line is neither a request's nor a status.
    #[error("no SIP start line")]
    StartLine,
    /// A header without a colon, or too many of them.
    #[error("a malformed header")]
    Header,
    /// `Content-Length` says more than there is.
    #[error("the body is cut off")]
    Body,
}

/// A request's method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Begins or changes a dialog.
    Invite,
    /// Confirms an answer to INVITE.
    Ack,
    /// Ends a dialog.
    Bye,
    /// Takes an INVITE back.
    Cancel,
    /// Asks whether anybody is there.
    Options,
    /// Anything else.
    Other,
}

impl Method {
    fn of(text: &str) -> Self {
        match text {
            "INVITE" => Self::Invite,
            "ACK" => Self::Ack,
            "BYE" => Self::Bye,
            "CANCEL" => Self::Cancel,
            "OPTIONS" => Self::Options,
            _ => Self::Other,
        }
    }
}

/// Header lines in order, by their long names.
#[derive(Clone, Default, PartialEq, Eq)]
struct Fields(Vec<(String, String)>);

impl Fields {
    fn get(&self, name: &str) -> Option<&str> {
        let mut named = self.0.iter().filter(|(key, _)| key.eq_ignore_ascii_case(name));
        named.next().map(|(_, value)| value.as_str())
    }

    fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let named = self.0.iter().filter(move |(key, _)| key.eq_ignore_ascii_case(name));
        named.map(|(_, value)| value.as_str())
    }
}

/// A request, as received.
#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    /// What it wants.
    pub method: Method,
    /// As it was written, for `CSeq` comparisons and logs.
    pub method_name: String,
    /// To whom.
    pub uri: String,
    fields: Fields,
    /// SDP, for an INVITE.
    pub body: String,
}

/// A response, as received.
#[derive(Clone, PartialEq, Eq)]
pub struct Response {
    /// 100 to 699.
    pub status: u16,
    fields: Fields,
}

/// Either.
#[derive(Clone, PartialEq, Eq)]
pub enum SipMessage {
    /// A request.
    Request(Request),
    /// A response.
    Response(Response),
}

impl SipMessage {
    /// One datagram.
    ///
    /// # Errors
    /// When it is no SIP message; it is dropped and counted then.
    pub fn parse(bytes: &[u8]) -> Result<Self, ParseError> {
        if bytes.len() > MAX_MESSAGE {
            return Err(ParseError::TooLong);
        }
        let text = std::str::from_utf8(bytes).map_err(|_| ParseError::NotText)?;
        let text = text.trim_start_matches(['\r', '\n']);
        let (head, body) = text
            .split_once("\r\n\r\n")
            .or_else(|| text.split_once("\n\n"))
            .unwrap_or((text, ""));
        let mut lines = head.lines();
        let start = lines.next().unwrap_or_default();
        let fields = fields(lines)?;
        let body = match fields.get("Content-Length") {
            None => body,
            Some(length) => {
                let length: usize = length.parse().map_err(|_| ParseError::Header)?;
                body.get(..length).ok_or(ParseError::Body)?
            }
        };
        if let Some(rest) = start.strip_prefix("SIP/2.0 ") {
            let status = rest.split(' ').next().and_then(|code| code.parse().ok());
            let status = status
                .filter(|code| (100..700).contains(code))
                .ok_or(ParseError::StartLine)?;
            return Ok(Self::Response(Response { status, fields }));
        }
        let mut words = start.split(' ');
        match (words.next(), words.next(), words.next(), words.next()) {
            (Some(method), Some(uri), Some("SIP/2.0"), None) if !method.is_empty() && !uri.is_empty() => {
                Ok(Self::Request(Request {
                    method: Method::of(method),
                    method_name: method.to_owned(),
                    uri: uri.to_owned(),
                    fields,
                    body: body.to_owned(),
                }))
            }
            _ => Err(ParseError::StartLine),
        }
    }
}

fn fields<'a>(lines: impl Iterator<Item = &'a str>) -> Result<Fields, ParseError> {
    let mut fields: Vec<(String, String)> = Vec::new();
    for line in lines {
        if line.starts_with([' ', '\t']) {
            let (_, value) = fields.last_mut().ok_or(ParseError::Header)?;
            value.push(' ');
            value.push_str(line.trim());
            continue;
        }
        let (name, value) = line.split_once(':').ok_or(ParseError::Header)?;
        if fields.len() == MAX_HEADERS {
            return Err(ParseError::Header);
        }
        fields.push((long_name(name.trim()).to_owned(), value.trim().to_owned()));
    }
    Ok(Fields(fields))
}

/// RFC 3261 §7.3.3: compact forms.
fn long_name(name: &str) -> &str {
    match name {
        "v" | "V" => "Via",
        "f" | "F" => "From",
        "t" | "T" => "To",
        "i" | "I" => "Call-ID",
        "m" | "M" => "Contact",
        "c" | "C" => "Content-Type",
        "l" | "L" => "Content-Length",
        other => other,
    }
}

impl Request {
    /// The first header of that name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.fields.get(name)
    }

    /// Every header of that name, in order.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.fields.all(name)
    }

    /// `Call-ID`, or nothing where it is missing: such a request belongs to no dialog.
    #[must_use]
    pub fn call_id(&self) -> &str {
        self.get("Call-ID").unwrap_or_default()
    }

    /// The number in `CSeq`.
    #[must_use]
    pub fn sequence(&self) -> Option<u32> {
        self.get("CSeq")?.split_ascii_whitespace().next()?.parse().ok()
    }

    /// A response to this request (RFC 3261 §8.2.6): `Via`, `From`, `Call-ID` and `CSeq` as they came, `To`
    /// with our tag unless it has one.
    #[must_use]
    pub fn respond(&self, status: u16, reason: &str, tag: &str, extra: &str, body: &str) -> Vec<u8> {
        let mut out = format!("SIP/2.0 {status} {reason}\r\n");
        for name in ["Via", "Record-Route", "From", "To", "Call-ID", "CSeq"] {
            for value in self.all(name) {
                out.push_str(&format!("{name}: {value}"));
                if name == "To" && tag_of(value).is_none() && status > 100 {
                    out.push_str(&format!(";tag={tag}"));
                }
                out.push_str("\r\n");
            }
        }
        out.push_str(extra);
        out.push_str(&format!("Content-Length: {}\r\n\r\n{body}", body.len()));
        out.into_bytes()
    }
}

impl Response {
    /// `Call-ID`.
    #[must_use]
    pub fn call_id(&self) -> &str {
        self.fields.get("Call-ID").unwrap_or_default()
    }

    /// The method of the request that it answers.
    #[must_use]
    pub fn answers(&self) -> Option<&str> {
        self.fields.get("CSeq")?.split_ascii_whitespace().nth(1)
    }
}

/// The `tag` parameter of `From` or `To`.
pub(super) fn tag_of(value: &str) -> Option<&str> {
    let parameters = value.rsplit_once('>').map_or(value, |(_, after)| after);
    parameters
        .split(';')
        .find_map(|parameter| parameter.trim().strip_prefix("tag="))
}

/// The URI of `Contact`: between angle brackets, or up to the parameters.
pub(super) fn uri_of(value: &str) -> &str {
    match value.split_once('<') {
        Some((_, rest)) => rest.split('>').next().unwrap_or(rest),
        None => value.split(';').next().unwrap_or(value).trim(),
    }
}
