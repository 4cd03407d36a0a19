//! What a telephone says about its sound, and reads of the other's.

use std::net::SocketAddr;

use sidetone_media::codec::Law;

/// Who may speak, seen from the phone that says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Both.
    SendRecv,
    /// The other is on hold.
    SendOnly,
    /// We are on hold.
    RecvOnly,
    /// Nobody.
    Inactive,
}

impl Direction {
    const ALL: [Self; 4] = [Self::SendRecv, Self::SendOnly, Self::RecvOnly, Self::Inactive];

    const fn name(self) -> &'static str {
        match self {
            Self::SendRecv => "sendrecv",
            Self::SendOnly => "sendonly",
            Self::RecvOnly => "recvonly",
            Self::Inactive => "inactive",
        }
    }

    /// What the other side says to it.
    pub(crate) const fn reverse(self) -> Self {
        match self {
            Self::SendOnly => Self::RecvOnly,
            Self::RecvOnly => Self::SendOnly,
            same => same,
        }
    }

    /// Whether whoever says it sends.
    pub(crate) const fn sends(self) -> bool {
        matches!(self, Self::SendRecv | Self::SendOnly)
    }
}

/// The RTP payload type of a companding law.
pub(crate) const fn payload_type(law: Law) -> u8 {
    match law {
        Law::A => 8,
        Law::Mu => 0,
    }
}

/// One stream of G.711, 20 ms a packet.
pub(crate) fn write(here: SocketAddr, version: u32, law: Law, direction: Direction) -> String {
    let (ip, port, payload) = (here.ip(), here.port(), payload_type(law));
    let name = if law == Law::A { "PCMA" } else { "PCMU" };
    format!(
        "v=0\r\no=phone {port} {version} IN IP4 {ip}\r\ns=-\r\nc=IN IP4 {ip}\r\nt=0 0\r\n\
         m=audio {port} RTP/AVP {payload} 101\r\na=rtpmap:{payload} {name}/8000\r\n\
         a=rtpmap:101 telephone-event/8000\r\na=ptime:20\r\na={}\r\n",
        direction.name()
    )
}

/// Where the other wants to be sent to, and its direction. `None` without sound.
pub(crate) fn read(body: &str) -> Option<(SocketAddr, Direction)> {
    let value = |prefix: &str| body.lines().find_map(|line| line.trim_end().strip_prefix(prefix));
    let ip = value("c=IN IP4 ")?.parse().ok()?;
    let port = value("m=audio ")?.split(' ').next()?.parse().ok()?;
    let says = |direction: &Direction| {
        body.lines()
            .any(|line| line.trim_end() == format!("a={}", direction.name()))
    };
    let direction = Direction::ALL.into_iter().find(says).unwrap_or(Direction::SendRecv);
    Some((SocketAddr::new(ip, port), direction))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let here: SocketAddr = "127.0.0.1:4000".parse().unwrap();
        for direction in Direction::ALL {
            let body = write(here, 1, Law::A, direction);
            assert_eq!(read(&body), Some((here, direction)), "{body}");
        }
        assert_eq!(read("v=0\r\n"), None);
    }
}
