//! Sockets for taps' packets.

use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicU16, Ordering};

use socket2::SockRef;
use tokio::net::UdpSocket;

use crate::config::RtpConfig;

/// Bytes of a packet that is looked at: 10 ms of L16 at 48 kHz take 972.
const MAX_PACKET: usize = 4096;
/// Bytes that wait while this process stands still. The kernel counts twice a packet's size and more, so its own default holds three seconds
/// of a leg at 16 kHz; what does not fit is lost, and the words after it are placed late. `net.core.rmem_max` bounds it.
const RECEIVE_BUFFER: usize = 2 << 20;

/// Hands out even ports, the least recently used first: a late packet of one tap finds nobody.
#[derive(Debug)]
pub(super) struct Ports {
    range: RtpConfig,
    next: AtomicU16,
}

impl Ports {
    pub(super) const fn new(range: RtpConfig) -> Self {
        Self {
            range,
            next: AtomicU16::new(0),
        }
    }

    /// A socket on this address and a free port.
    pub(super) async fn bind(&self, ip: IpAddr) -> Result<UdpSocket, String> {
        let RtpConfig { first, last } = self.range;
        let first = first.next_multiple_of(2);
        let count = last.saturating_sub(first) / 2 + 1;
        for _ in 0..count {
            let port = first + 2 * (self.next.fetch_add(1, Ordering::Relaxed) % count);
            if let Ok(socket) = UdpSocket::bind(SocketAddr::new(ip, port)).await {
                if let Err(error) = SockRef::from(&socket).set_recv_buffer_size(RECEIVE_BUFFER) {
                    tracing::debug!(%error, "the receive buffer of a tap's socket stays as it is");
                }
                return Ok(socket);
            }
        }
        Err(format!(
            "no free port between freeswitch.rtp.first ({first}) and last ({last}) on {ip}"
        ))
    }
}

/// The next packet from one of these addresses; whatever else arrives is dropped.
pub(super) async fn receive(socket: &UdpSocket, sources: &[IpAddr]) -> Result<Vec<u8>, String> {
    let mut buffer = [0u8; MAX_PACKET];
    loop {
        match socket.recv_from(&mut buffer).await {
            Ok((count, from)) if sources.contains(&from.ip()) && is_rtp(&buffer[..count]) => {
                return Ok(buffer[..count].to_vec());
            }
            Ok(_) => metrics::counter!("sidetone_freeswitch_rtp_foreign_total").increment(1),
            Err(error) => return Err(format!("the RTP socket broke: {error}")),
        }
    }
}

/// Version 2, and not RTCP on the same port (RFC 5761 §4).
pub(super) fn is_rtp(packet: &[u8]) -> bool {
    matches!(packet, [first, second, ..] if packet.len() > 12 && first >> 6 == 2 && !(192..=223).contains(second))
}
