//! From a captured frame to the datagram in it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// Tunnels in tunnels: deeper is nobody's network.
const DEEPEST: u8 = 4;

/// What one UDP datagram, or one TCP segment, carried.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Datagram<'a> {
    pub(super) from: SocketAddr,
    pub(super) to: SocketAddr,
    pub(super) payload: &'a [u8],
    /// As long as it was sent; more than `payload` when the capture kept only the begin of it.
    pub(super) length: usize,
    /// TCP: never sound, but may say what the sound is.
    pub(super) is_tcp: bool,
}

/// Why there is no datagram in a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Passed {
    /// A piece of a datagram: the pieces are not put together here.
    Fragment,
    /// IPsec.
    Encrypted,
    /// Captured from a kind of interface that is not understood, by its number in the pcap format.
    Link(i32),
    /// Other traffic.
    Other,
}

type Found<'a> = Result<Datagram<'a>, Passed>;

/// The datagram in a frame that was captured from an interface of kind `link`.
pub(super) fn datagram(link: i32, frame: &[u8]) -> Found<'_> {
    let (kind, body) = match link {
        // BSD loopback: the address family, in the byte order of who captured.
        0 | 108 => (None, frame.get(4..)),
        1 => (word(frame, 12), frame.get(14..)),
        9 => return ppp(frame, 0),
        // Raw IP, with the numbers that systems have given to it.
        12 | 14 | 101 | 228 | 229 => (None, Some(frame)),
        // Linux cooked, as `tcpdump -i any` writes it; version 2.
        113 => (word(frame, 14), frame.get(16..)),
        276 => (word(frame, 0), frame.get(20..)),
        other => return Err(Passed::Link(other)),
    };
    let body = body.ok_or(Passed::Other)?;
    match (link, kind) {
        (0 | 12 | 14 | 101 | 108 | 228 | 229, _) => ip(body, 0),
        (_, Some(kind)) => ethernet(kind, body, 0),
        _ => Err(Passed::Other),
    }
}

/// What an EtherType carries.
fn ethernet(kind: u16, body: &[u8], depth: u8) -> Found<'_> {
    if depth > DEEPEST {
        return Err(Passed::Other);
    }
    match kind {
        0x0800 | 0x86dd => ip(body, depth),
        // 802.1Q, 802.1ad, and what was used before it.
        0x8100 | 0x88a8 | 0x9100 | 0x9200 => {
            let (kind, body) = (word(body, 2), body.get(4..));
            ethernet(kind.ok_or(Passed::Other)?, body.ok_or(Passed::Other)?, depth + 1)
        }
        // PPPoE.
        0x8864 => ppp(body.get(6..).ok_or(Passed::Other)?, depth),
        // MPLS: labels, the last of which is marked.
        0x8847 | 0x8848 => {
            let last = body.chunks_exact(4).position(|label| label[2] & 1 == 1);
            ip(
                last.and_then(|last| body.get(last * 4 + 4..)).ok_or(Passed::Other)?,
                depth,
            )
        }
        _ => Err(Passed::Other),
    }
}

fn ppp(frame: &[u8], depth: u8) -> Found<'_> {
    let frame = frame.strip_prefix(&[0xff, 0x03]).unwrap_or(frame);
    match frame {
        [0x00, 0x21 | 0x57, packet @ ..] => ip(packet, depth),
        _ => Err(Passed::Other),
    }
}

fn ip(packet: &[u8], depth: u8) -> Found<'_> {
    if depth > DEEPEST {
        return Err(Passed::Other);
    }
    let found = match packet.first().map(|first| first >> 4) {
        Some(4) => ipv4(packet),
        Some(6) => ipv6(packet),
        _ => None,
    };
    let Network {
        from,
        to,
        protocol,
        body,
    } = found.ok_or(Passed::Other)?;
    match protocol.ok_or(Passed::Fragment)? {
        4 | 41 => ip(body, depth + 1),
        6 => tcp(from, to, body).ok_or(Passed::Other),
        17 => udp(from, to, body, depth),
        47 => gre(body, depth + 1),
        50 => Err(Passed::Encrypted),
        _ => Err(Passed::Other),
    }
}

struct Network<'a> {
    from: IpAddr,
    to: IpAddr,
    /// `None` for a fragment.
    protocol: Option<u8>,
    body: &'a [u8],
}

fn ipv4(packet: &[u8]) -> Option<Network<'_>> {
    let address = |at: usize| Some(Ipv4Addr::from(<[u8; 4]>::try_from(packet.get(at..at + 4)?).ok()?).into());
    let header = usize::from(packet.first()? & 15) * 4;
    let whole = word(packet, 6)? & 0x3fff == 0;
    Some(Network {
        from: address(12)?,
        to: address(16)?,
        protocol: packet.get(9).copied().filter(|_| whole),
        body: packet.get(header..)?,
    })
}

fn ipv6(packet: &[u8]) -> Option<Network<'_>> {
    let address = |at: usize| Some(Ipv6Addr::from(<[u8; 16]>::try_from(packet.get(at..at + 16)?).ok()?).into());
    let (from, to) = (address(8)?, address(24)?);
    let (mut next, mut body) = (*packet.get(6)?, packet.get(40..)?);
    let mut whole = true;
    // Extension headers (RFC 8200 §4): each says what follows and, in its own unit, how long it is.
    loop {
        let length = match next {
            // Hop-by-hop, routing, destination, mobility, HIP, Shim6.
            0 | 43 | 60 | 135 | 139 | 140 => usize::from(*body.get(1)?) * 8 + 8,
            // A datagram in one "fragment" is whole.
            44 => {
                whole &= word(body, 2)? & 0xfff9 == 0;
                8
            }
            // Authentication.
            51 => usize::from(*body.get(1)?) * 4 + 8,
            _ => break,
        };
        next = *body.first()?;
        body = body.get(length..)?;
    }
    Some(Network {
        from,
        to,
        protocol: Some(next).filter(|_| whole),
        body,
    })
}

fn udp(from: IpAddr, to: IpAddr, body: &[u8], depth: u8) -> Found<'_> {
    const VXLAN: u16 = 4789;
    let (source, target, length) = ports(body)
        .zip(word(body, 4))
        .map(|((source, target), length)| (source, target, usize::from(length)))
        .ok_or(Passed::Other)?;
    let rest = body.get(8..).ok_or(Passed::Other)?;
    // Segmentation offload leaves a length of 0.
    let length = length.checked_sub(8).unwrap_or(rest.len());
    let payload = &rest[..length.min(rest.len())];
    if target == VXLAN && payload.first() == Some(&0x08) {
        let frame = payload.get(8..).unwrap_or_default();
        let body = frame.get(14..).ok_or(Passed::Other)?;
        return ethernet(word(frame, 12).ok_or(Passed::Other)?, body, depth + 1);
    }
    Ok(Datagram {
        from: SocketAddr::new(from, source),
        to: SocketAddr::new(to, target),
        payload,
        length,
        is_tcp: false,
    })
}

fn tcp(from: IpAddr, to: IpAddr, body: &[u8]) -> Option<Datagram<'_>> {
    let (source, target) = ports(body)?;
    let payload = body.get(usize::from(body.get(12)? >> 4) * 4..)?;
    Some(Datagram {
        from: SocketAddr::new(from, source),
        to: SocketAddr::new(to, target),
        payload,
        length: payload.len(),
        is_tcp: true,
    })
}

/// GRE (RFC 2784, RFC 2890), and what switches mirror in it (ERSPAN).
fn gre(body: &[u8], depth: u8) -> Found<'_> {
    let (flags, kind) = word(body, 0).zip(word(body, 2)).ok_or(Passed::Other)?;
    // Checksum, key and sequence number have four bytes each.
    let options = (flags & 0x8000 != 0, flags & 0x2000 != 0, flags & 0x1000 != 0);
    let length = 4 * (1 + usize::from(options.0) + usize::from(options.1) + usize::from(options.2));
    let inner = body.get(length..).ok_or(Passed::Other)?;
    let frame = match kind {
        0x6558 => inner,
        // Without a sequence number this is version 1, which has no header of its own.
        0x88be => inner.get(if options.2 { 8 } else { 0 }..).ok_or(Passed::Other)?,
        _ => return ethernet(kind, inner, depth),
    };
    let body = frame.get(14..).ok_or(Passed::Other)?;
    ethernet(word(frame, 12).ok_or(Passed::Other)?, body, depth)
}

fn ports(body: &[u8]) -> Option<(u16, u16)> {
    word(body, 0).zip(word(body, 2))
}

fn word(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}
