//! Ports that this daemon listens on, as an administrator sees them: free, ours already, or somebody else's.

use std::io::ErrorKind;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use sidetone_base::{Finding, Severity};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

const CHECK: &str = "ports";
/// A server on this host or in this network answers at once.
const LIMIT: Duration = Duration::from_secs(2);
/// Of what a server says, this much tells who it is.
const MOST: usize = 1024;

/// One server of this daemon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Port {
    /// As in the configuration: `asterisk.agi.listen`.
    pub setting: &'static str,
    /// Where it listens.
    pub address: SocketAddr,
    /// Whether the daemon does not start without it; otherwise it goes without this one.
    pub needed: bool,
    /// The host that connects to it, by name or address.
    pub peer: String,
    /// Said to a server that is found there.
    pub ask: &'static str,
    /// What ours answers, among other things.
    pub answer: &'static str,
}

/// Looks at each of them, and whether they are in each other's way.
pub async fn look(ports: &[Port]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (index, port) in ports.iter().enumerate() {
        let twin = ports[..index].iter().find(|other| collide(other.address, port.address));
        findings.push(match twin {
            Some(other) => port.wrong(
                format!("{} wants {}, and so does {}", port.setting, port.address, other.setting),
                "give one of them another port, here and where the switch names it".to_owned(),
            ),
            None => port.look().await,
        });
        findings.extend(port.unreachable());
    }
    findings
}

fn collide(one: SocketAddr, other: SocketAddr) -> bool {
    let everywhere = one.ip().is_unspecified() || other.ip().is_unspecified();
    one.port() != 0 && one.port() == other.port() && (everywhere || one.ip() == other.ip())
}

impl Port {
    async fn look(&self) -> Finding {
        let Self { setting, address, .. } = self;
        match TcpListener::bind(address).await {
            Ok(_) => Finding::fine(CHECK, format!("{setting}: {address} is free for the daemon")),
            Err(error) if error.kind() == ErrorKind::AddrInUse => self.who().await,
            Err(error) if error.kind() == ErrorKind::AddrNotAvailable => self.wrong(
                format!("{setting}: {} is no address of this host", address.ip()),
                format!("set {setting} to one of this host's, or to 127.0.0.1"),
            ),
            Err(error) => self.wrong(
                format!("{setting}: {address}: {error}"),
                format!("set {setting} to a port above 1023 of an address that the service may use"),
            ),
        }
    }

    /// Somebody listens there.
    async fn who(&self) -> Finding {
        let Self { setting, address, .. } = self;
        match timeout(LIMIT, self.is_ours()).await {
            Ok(Ok(true)) => Finding::fine(CHECK, format!("{setting}: the daemon answers on {address}")),
            Ok(Ok(false) | Err(_)) | Err(_) => self.wrong(
                format!("{setting}: another server has {address}"),
                format!(
                    "`ss -ltnp 'sport = :{}'` names it: stop it, or set {setting} to another port, here and where the \
                     switch names it",
                    address.port()
                ),
            ),
        }
    }

    async fn is_ours(&self) -> std::io::Result<bool> {
        let mut stream = TcpStream::connect(reachable(self.address)).await?;
        stream.write_all(self.ask.as_bytes()).await?;
        let mut said = Vec::new();
        while said.len() < MOST {
            if String::from_utf8_lossy(&said).contains(self.answer) {
                return Ok(true);
            }
            if stream.read_buf(&mut said).await? == 0 {
                break;
            }
        }
        Ok(String::from_utf8_lossy(&said).contains(self.answer))
    }

    /// A switch on another host that is to come to our loopback.
    fn unreachable(&self) -> Option<Finding> {
        let near = self.peer == "localhost" || self.peer.parse().is_ok_and(|ip: IpAddr| ip.is_loopback());
        let Self {
            setting, address, peer, ..
        } = self;
        (!near && address.ip().is_loopback()).then(|| {
            Finding::warning(
                CHECK,
                format!("{setting}: {address} cannot be reached from {peer}"),
                format!(
                    "if dialplans there ask, set {setting} to an address that {peer} reaches, and let nobody else in"
                ),
            )
        })
    }

    fn wrong(&self, found: String, cure: String) -> Finding {
        let severity = if self.needed {
            Severity::Fault
        } else {
            Severity::Warning
        };
        Finding {
            severity,
            check: CHECK,
            found,
            cure,
        }
    }
}

fn reachable(address: SocketAddr) -> SocketAddr {
    match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => SocketAddr::from(([127, 0, 0, 1], address.port())),
        IpAddr::V6(ip) if ip.is_unspecified() => SocketAddr::new(std::net::Ipv6Addr::LOCALHOST.into(), address.port()),
        _ => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn port(address: SocketAddr) -> Port {
        Port {
            setting: "asterisk.agi.listen",
            address,
            needed: true,
            peer: "127.0.0.1".to_owned(),
            ask: "who?\n",
            answer: "sidetone",
        }
    }

    /// Answers one connection so.
    async fn server(answer: &'static [u8]) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            stream.write_all(answer).await.unwrap();
            let mut asked = [0u8; 16];
            let _ = stream.read(&mut asked).await;
        });
        address
    }

    #[tokio::test]
    async fn ours_is_told_from_another_server() {
        let (ours, another) = (server(b"hello, sidetone").await, server(b"220 mail\r\n").await);
        let findings = look(&[port(ours), port(another)]).await;
        assert_eq!(findings[0].severity, Severity::Fine, "{findings:?}");
        assert_eq!(findings[1].severity, Severity::Fault, "{findings:?}");
        assert!(
            findings[1].found.contains("another server has 127.0.0.1"),
            "{findings:?}"
        );
        assert!(findings[1].cure.contains(&another.port().to_string()), "{findings:?}");
    }

    #[tokio::test]
    async fn a_port_that_the_daemon_can_do_without_is_a_note() {
        let taken = Port {
            needed: false,
            ..port(server(b"").await)
        };
        assert_eq!(look(&[taken]).await[0].severity, Severity::Warning);
    }

    #[tokio::test]
    async fn what_cannot_be_had_is_said_with_its_cure() {
        let free: SocketAddr = "127.0.0.1:0".parse().unwrap();
        assert_eq!(look(&[port(free)]).await[0].severity, Severity::Fine);
        // TEST-NET-1 (RFC 5737) is nobody's.
        let foreign = &look(&[port("192.0.2.1:4573".parse().unwrap())]).await[0];
        assert_eq!(
            foreign.found,
            "asterisk.agi.listen: 192.0.2.1 is no address of this host"
        );
    }

    #[tokio::test]
    async fn two_of_ours_on_one_port_are_in_each_others_way() {
        let one = port("127.0.0.1:4573".parse().unwrap());
        let other = Port {
            setting: "freeswitch.outbound.listen",
            address: "0.0.0.0:4573".parse().unwrap(),
            ..one.clone()
        };
        let findings = look(&[one, other]).await;
        assert_eq!(
            findings[1].found,
            "freeswitch.outbound.listen wants 0.0.0.0:4573, and so does asterisk.agi.listen"
        );
    }

    #[tokio::test]
    async fn a_switch_elsewhere_does_not_reach_loopback() {
        let far = Port {
            peer: "pbx.example".to_owned(),
            ..port("127.0.0.1:0".parse().unwrap())
        };
        let findings = look(&[far]).await;
        assert_eq!(
            (findings.len(), findings[1].severity),
            (2, Severity::Warning),
            "{findings:?}"
        );
        assert!(findings[1].found.contains("cannot be reached from pbx.example"));
    }
}
