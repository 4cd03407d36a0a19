//! What SIP messages of the same capture say about the sound (RFC 8866): which payload type is what, and where.

use std::net::{IpAddr, SocketAddr};

/// One `m=audio` of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Described {
    /// Where its sender wants to hear.
    pub(super) socket: SocketAddr,
    /// Payload types, with what `a=rtpmap` says of them.
    pub(super) rtpmaps: Vec<(u8, String)>,
    /// SRTP: what is captured cannot be heard.
    pub(super) is_secure: bool,
    /// It stands in an INVITE: who sends it has called.
    pub(super) is_invite: bool,
}

/// Reads a datagram, or a segment, that may be a SIP message with a description of sound.
pub(super) fn read(payload: &[u8]) -> Option<Described> {
    let text = std::str::from_utf8(payload).ok()?;
    let is_invite = text.starts_with("INVITE ");
    let (mut address, mut found): (Option<IpAddr>, Option<Described>) = (None, None);
    for (kind, value) in text.lines().filter_map(|line| line.trim_end().split_at_checked(2)) {
        match kind {
            "c=" => {
                let said = value.split_ascii_whitespace().nth(2)?;
                let said = said.split('/').next()?.parse().ok();
                // A line of the medium's own holds for it instead of the session's.
                match &mut found {
                    Some(found) => found.socket.set_ip(said.unwrap_or(found.socket.ip())),
                    None => address = said,
                }
            }
            "m=" if found.is_some() => break,
            "m=" => {
                let mut words = value.split_ascii_whitespace();
                if words.next()? != "audio" {
                    continue;
                }
                let port = words.next()?.split('/').next()?.parse().ok()?;
                found = Some(Described {
                    socket: SocketAddr::new(address.unwrap_or(IpAddr::from([0, 0, 0, 0])), port),
                    rtpmaps: Vec::new(),
                    is_secure: words.next()?.contains("SAVP"),
                    is_invite,
                });
            }
            "a=" => {
                let map = value.strip_prefix("rtpmap:").and_then(|map| map.split_once(' '));
                let map = map.and_then(|(number, map)| Some((number.parse().ok()?, map.trim().to_owned())));
                if let (Some(found), Some(map)) = (&mut found, map) {
                    found.rtpmaps.push(map);
                }
            }
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invite_says_where_and_what() {
        let message = "INVITE sip:12333@192.0.2.20 SIP/2.0\r\nCall-ID: x\r\n\r\nv=0\r\nc=IN IP4 192.0.2.1\r\n\
            m=audio 4000 RTP/SAVP 96 8\r\nc=IN IP4 192.0.2.10\r\na=rtpmap:96 L16/16000\r\na=rtpmap:8 PCMA/8000\r\n\
            m=video 4002 RTP/AVP 97\r\na=rtpmap:97 H264/90000\r\n";
        let described = read(message.as_bytes()).unwrap();
        assert_eq!(described.socket, "192.0.2.10:4000".parse().unwrap());
        assert_eq!(described.rtpmaps[0], (96, "L16/16000".to_owned()));
        assert_eq!(described.rtpmaps.len(), 2);
        assert!(described.is_secure && described.is_invite);
        assert_eq!(read(b"OPTIONS sip:a@b SIP/2.0\r\n\r\n"), None);
    }
}
