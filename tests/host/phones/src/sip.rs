//! SIP messages, as far as a telephone on loopback needs them.

/// A request or a response.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    /// `INVITE sip:8001@127.0.0.1 SIP/2.0` or `SIP/2.0 200 OK`.
    pub(crate) start: String,
    /// In their order, without line ends.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Message {
    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(bytes).ok()?;
        let (head, body) = text.split_once("\r\n\r\n")?;
        let mut lines = head.split("\r\n");
        let start = lines.next()?.to_owned();
        let header = |line: &str| {
            let (name, value) = line.split_once(':')?;
            Some((long_name(name.trim()).to_owned(), value.trim().to_owned()))
        };
        let headers = lines.map(header).collect::<Option<_>>()?;
        let body = body.to_owned();
        Some(Self { start, headers, body })
    }

    /// The first header of this name.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.all(name).next().unwrap_or_default()
    }

    pub(crate) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.headers
            .iter()
            .filter(move |(other, _)| other.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// Of a response.
    pub(crate) fn status(&self) -> Option<u16> {
        self.start.strip_prefix("SIP/2.0 ")?.get(..3)?.parse().ok()
    }

    /// Of a request.
    pub(crate) fn method(&self) -> &str {
        self.start.split(' ').next().unwrap_or_default()
    }

    /// The number and method of `CSeq`.
    pub(crate) fn cseq(&self) -> (u32, &str) {
        let (number, method) = self.get("CSeq").split_once(' ').unwrap_or_default();
        (number.parse().unwrap_or(0), method.trim())
    }

    /// The address in `Contact`.
    pub(crate) fn contact(&self) -> String {
        address(self.get("Contact"))
    }

    /// A response to this request. `to` is the `To` header with our tag, `contact` our own address.
    pub(crate) fn reply(&self, status: &str, to: &str, contact: &str, body: &str) -> Self {
        let mut headers = Vec::new();
        for name in ["Via", "Record-Route", "From"] {
            headers.extend(self.all(name).map(|value| (name.to_owned(), value.to_owned())));
        }
        let mut put = |name: &str, value: &str| headers.push((name.to_owned(), value.to_owned()));
        put("To", to);
        put("Call-ID", self.get("Call-ID"));
        put("CSeq", self.get("CSeq"));
        put("Contact", &format!("<{contact}>"));
        put(
            "Allow",
            "INVITE, ACK, BYE, CANCEL, OPTIONS, REFER, NOTIFY, INFO, UPDATE",
        );
        Self {
            start: format!("SIP/2.0 {status}"),
            headers,
            body: body.to_owned(),
        }
    }

    pub(crate) fn render(&self) -> Vec<u8> {
        let mut out = format!("{}\r\n", self.start);
        for (name, value) in &self.headers {
            out.push_str(&format!("{name}: {value}\r\n"));
        }
        if !self.body.is_empty() {
            out.push_str("Content-Type: application/sdp\r\n");
        }
        out.push_str(&format!("Content-Length: {}\r\n\r\n{}", self.body.len(), self.body));
        out.into_bytes()
    }
}

/// The URI of a header such as `"Li" <sip:8001@127.0.0.1>;tag=1`.
pub(crate) fn address(header: &str) -> String {
    let inner = header.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
    inner
        .map_or_else(|| header.split(';').next().unwrap_or_default(), |(uri, _)| uri)
        .to_owned()
}

/// The `tag` of a `From` or `To`.
pub(crate) fn tag(header: &str) -> &str {
    let rest = header.split_once("tag=").map_or("", |(_, rest)| rest);
    rest.split([';', ' ']).next().unwrap_or_default()
}

fn long_name(name: &str) -> &str {
    match name {
        "v" => "Via",
        "f" => "From",
        "t" => "To",
        "i" => "Call-ID",
        "m" => "Contact",
        "l" => "Content-Length",
        "c" => "Content-Type",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INVITE: &str = "INVITE sip:8001@127.0.0.1:5 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1;branch=z\r\n\
        f: \"Li\" <sip:1@h>;tag=a\r\nTo: <sip:8001@h>\r\ni: id\r\nCSeq: 7 INVITE\r\nContact: <sip:1@h:9;ob>\r\n\r\nv=0\r\n";

    #[test]
    fn a_request_is_read_and_answered() {
        let invite = Message::parse(INVITE.as_bytes()).unwrap();
        assert_eq!(
            (invite.method(), invite.status(), invite.cseq()),
            ("INVITE", None, (7, "INVITE"))
        );
        assert_eq!(invite.contact(), "sip:1@h:9;ob");
        assert_eq!((tag(invite.get("From")), invite.body.as_str()), ("a", "v=0\r\n"));
        let reply = invite.reply("200 OK", "<sip:8001@h>;tag=b", "sip:8001@h:5", "x");
        let read = Message::parse(&reply.render()).unwrap();
        assert_eq!((read.status(), read.get("Call-ID")), (Some(200), "id"));
        assert_eq!((tag(read.get("To")), read.get("Content-Length")), ("b", "1"));
    }

    #[test]
    fn bytes_that_are_no_message_are_none() {
        assert!(Message::parse(b"\0\x01").is_none());
        assert!(Message::parse(b"INVITE x SIP/2.0\r\nno header\r\n\r\n").is_none());
    }
}
