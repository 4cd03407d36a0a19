//! The socket that hears a leg beside the switch: `AF_PACKET`, filtered in the kernel to the leg's port.

use std::io::{self, ErrorKind};
use std::net::{SocketAddr, SocketAddrV4};
use std::time::{Duration, Instant};

use metrics::counter;
use sidetone_base::PayloadType;
use socket2::{Domain, Protocol, SockFilter, Socket, Type};
use tokio::net::UdpSocket;
use tokio::time::timeout_at;

use super::rtp::is_rtp;
use crate::passive::{Srtp, filter, udp_payload};
use crate::tracker::{Codec, LegMedia};

/// `ETH_P_IP`, in the byte order of the network as the kernel wants it.
const IPV4: i32 = 0x0800_u16.to_be() as i32;
/// A leg that is heard gives a packet within this, or the switch is not where it seems to be.
const FIRST_LIMIT: Duration = Duration::from_secs(3);
/// So many packets in a row whose tag is wrong (2 s of them), and the tap is given up: they are not the leg's, or its
/// key is another one.
const WRONG_LIMIT: u32 = 100;
/// The kernel keeps this much while the daemon is busy: 2 s of a wideband leg.
const BUFFER: usize = 256 * 1024;

/// One leg's packets on their way into the switch.
pub(super) struct Capture {
    /// Receiving is the same for every kind of socket: the runtime has no type for this one.
    socket: UdpSocket,
    to: SocketAddrV4,
    srtp: Option<Srtp>,
    codec: Codec,
    key: Option<sidetone_base::Secret>,
    heard: bool,
    /// When a first packet is to be there.
    first_until: Instant,
    pub(super) payload: PayloadType,
}

impl Capture {
    pub(super) fn open(media: &LegMedia) -> Result<Self, String> {
        media.codec.decodable()?;
        if media.dtls {
            return Err(
                "the leg's keys are agreed on in its media path (DTLS): nobody beside it can decrypt".to_owned(),
            );
        }
        let to = match media.local {
            Some(SocketAddr::V4(to)) => to,
            Some(SocketAddr::V6(_)) => return Err("the leg's media is on IPv6, which is not captured".to_owned()),
            None => return Err("the switch did not say where the leg's media arrives".to_owned()),
        };
        let srtp = match &media.crypto {
            Some(line) => Some(Srtp::new(line.expose()).map_err(|error| error.to_string())?),
            None => None,
        };
        if std::net::UdpSocket::bind((*to.ip(), 0)).is_err() {
            return Err(format!(
                "the leg's media arrives at {}, which is not this host",
                to.ip()
            ));
        }
        let socket = open(to).map_err(|error| match error.kind() {
            ErrorKind::PermissionDenied => {
                "capturing needs CAP_NET_RAW: AmbientCapabilities=CAP_NET_RAW in the systemd unit".to_owned()
            }
            _ => format!("cannot capture: {error}"),
        })?;
        Ok(Self {
            socket,
            to,
            srtp,
            codec: media.codec.clone(),
            key: media.crypto.clone(),
            heard: false,
            first_until: Instant::now() + FIRST_LIMIT,
            payload: PayloadType {
                number: media.payload.unwrap_or_default(),
                rtpmap: rtpmap(&media.codec),
            },
        })
    }

    /// The next packet; an error says why there is no more. One whose tag is wrong is none.
    pub(super) async fn next(&mut self) -> Result<Vec<u8>, String> {
        if self.heard {
            return self.authentic().await;
        }
        let (to, until) = (self.to, self.first_until);
        let Ok(first) = timeout_at(until.into(), self.authentic()).await else {
            return Err(match self.wrong() {
                0 => format!("no packet to {to} within {FIRST_LIMIT:?}"),
                wrong => {
                    format!("{wrong} packets to {to} within {FIRST_LIMIT:?}, and none was made with the leg's key")
                }
            });
        };
        self.heard = first.is_ok();
        first
    }

    async fn authentic(&mut self) -> Result<Vec<u8>, String> {
        loop {
            let packet = self.packet().await?;
            let Some(srtp) = &mut self.srtp else {
                return Ok(packet);
            };
            if let Ok(packet) = srtp.decrypt(&packet) {
                return Ok(packet);
            }
            counter!("sidetone_freeswitch_srtp_failed_total").increment(1);
            if self.wrong() >= WRONG_LIMIT {
                return Err(format!(
                    "{WRONG_LIMIT} packets in a row to {} were not made with the leg's key",
                    self.to
                ));
            }
        }
    }

    fn wrong(&self) -> u32 {
        self.srtp.as_ref().map_or(0, Srtp::wrong_in_a_row)
    }

    async fn packet(&self) -> Result<Vec<u8>, String> {
        let mut buffer = [0u8; 4096];
        loop {
            let count = self.socket.recv(&mut buffer).await;
            let count = count.map_err(|error| format!("the capture broke: {error}"))?;
            if let Some(payload) = udp_payload(&buffer[..count], self.to).filter(|payload| is_rtp(payload)) {
                return Ok(payload.to_vec());
            }
        }
    }

    /// After a re-INVITE: another port, codec or key. `true` when the payload type changed.
    pub(super) fn follow(&mut self, media: &LegMedia) -> Result<bool, String> {
        let moved = media.local.is_some_and(|local| local != SocketAddr::V4(self.to));
        if !moved && media.codec == self.codec && media.crypto == self.key {
            return Ok(false);
        }
        let before = self.payload.clone();
        *self = Self::open(media)?;
        Ok(self.payload != before)
    }
}

/// Whether this process may capture at all.
pub(super) fn permitted() -> io::Result<()> {
    Socket::new(Domain::PACKET, Type::DGRAM, None).map(drop)
}

fn open(to: SocketAddrV4) -> io::Result<UdpSocket> {
    // From the IP header on, whatever the link is.
    let socket = Socket::new(Domain::PACKET, Type::DGRAM, Some(Protocol::from(IPV4)))?;
    let program = filter(to).map(|step| SockFilter::new(step.code, step.yes, step.no, step.k));
    socket.attach_filter(&program)?;
    socket.set_recv_buffer_size(BUFFER)?;
    socket.set_nonblocking(true)?;
    UdpSocket::from_std(socket.into())
}

/// RFC 3551: G.722's clock is not its sample rate; RFC 7587: Opus is always called stereo.
fn rtpmap(codec: &Codec) -> String {
    match codec.name.to_ascii_uppercase().as_str() {
        "G722" => "G722/8000".to_owned(),
        "OPUS" => "opus/48000/2".to_owned(),
        _ => format!("{}/{}", codec.name, codec.rate),
    }
}
