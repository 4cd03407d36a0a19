//! Captures, written by hand.

use std::net::SocketAddr;

/// Milliseconds between two packets.
pub(super) const STEP: u64 = 20;

/// How packets lie in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wrap {
    Ethernet,
    Vlan,
    TwoVlans,
    Pppoe,
    Mpls,
    Cooked,
    CookedTwo,
    Raw,
    Null,
    Ipv6,
    HopByHop,
    Vxlan,
    Gre,
    Erspan,
}

pub(super) const WRAPS: [Wrap; 14] = [
    Wrap::Ethernet,
    Wrap::Vlan,
    Wrap::TwoVlans,
    Wrap::Pppoe,
    Wrap::Mpls,
    Wrap::Cooked,
    Wrap::CookedTwo,
    Wrap::Raw,
    Wrap::Null,
    Wrap::Ipv6,
    Wrap::HopByHop,
    Wrap::Vxlan,
    Wrap::Gre,
    Wrap::Erspan,
];

impl Wrap {
    pub(super) const fn link(self) -> u32 {
        match self {
            Self::Cooked => 113,
            Self::CookedTwo => 276,
            Self::Raw => 101,
            Self::Null => 0,
            _ => 1,
        }
    }

    /// The frame of a datagram between hosts of a documentation network.
    pub(super) fn frame(self, from: (u8, u16), to: (u8, u16), payload: &[u8]) -> Vec<u8> {
        let datagram = udp(from.1, to.1, payload);
        let v4 = ipv4(17, from.0, to.0, &datagram);
        let ethernet = |kind: &[u8], body: &[u8]| [&[2; 12], kind, body].concat();
        match self {
            Self::Ethernet => ethernet(&[0x08, 0], &v4),
            Self::Vlan => ethernet(&[0x81, 0, 0, 7, 0x08, 0], &v4),
            Self::TwoVlans => ethernet(&[0x88, 0xa8, 0, 9, 0x81, 0, 0, 7, 0x08, 0], &v4),
            Self::Pppoe => ethernet(&[0x88, 0x64, 0x11, 0, 0, 1, 0, 0, 0, 0x21], &v4),
            Self::Mpls => ethernet(&[0x88, 0x47, 0, 1, 0, 64, 0, 2, 1, 64], &v4),
            Self::Cooked => [&[0; 14], &[0x08, 0][..], &v4].concat(),
            Self::CookedTwo => [&[0x08, 0], &[0; 18][..], &v4].concat(),
            Self::Raw => v4,
            Self::Null => [&[2, 0, 0, 0][..], &v4].concat(),
            Self::Ipv6 => ethernet(&[0x86, 0xdd], &ipv6(17, from.0, to.0, &datagram)),
            Self::HopByHop => {
                // Router alert, then destination options, then a whole "fragment".
                let more = [
                    &[60, 0, 5, 2, 0, 0, 1, 0][..],
                    &[44, 0, 1, 4, 0, 0, 0, 0],
                    &[17, 0, 0, 0, 0, 0, 0, 1],
                ];
                ethernet(
                    &[0x86, 0xdd],
                    &ipv6(0, from.0, to.0, &[&more.concat()[..], &datagram].concat()),
                )
            }
            Self::Vxlan => {
                let inner = ethernet(&[0x08, 0], &v4);
                let outer = udp(50_000, 4789, &[&[8, 0, 0, 0, 0, 0, 1, 0][..], &inner].concat());
                ethernet(&[0x08, 0], &ipv4(17, 200, 201, &outer))
            }
            Self::Gre => ethernet(&[0x08, 0], &ipv4(47, 200, 201, &[&[0, 0, 0x08, 0][..], &v4].concat())),
            Self::Erspan => {
                let inner = ethernet(&[0x08, 0], &v4);
                let head = [0x10, 0, 0x88, 0xbe, 0, 0, 0, 1, 0x10, 0, 0, 0, 0, 0, 0, 0];
                ethernet(&[0x08, 0], &ipv4(47, 200, 201, &[&head[..], &inner].concat()))
            }
        }
    }
}

pub(super) fn udp(from: u16, to: u16, payload: &[u8]) -> Vec<u8> {
    let length = (8 + payload.len() as u16).to_be_bytes();
    [&from.to_be_bytes()[..], &to.to_be_bytes(), &length, &[0, 0], payload].concat()
}

pub(super) fn ipv4(protocol: u8, from: u8, to: u8, body: &[u8]) -> Vec<u8> {
    let length = (20 + body.len() as u16).to_be_bytes();
    let mut out = vec![0x45, 0, length[0], length[1], 0, 0, 0x40, 0, 64, protocol, 0, 0];
    out.extend([192, 0, 2, from, 192, 0, 2, to]);
    out.extend(body);
    out
}

pub(super) fn ipv6(next: u8, from: u8, to: u8, body: &[u8]) -> Vec<u8> {
    let length = (body.len() as u16).to_be_bytes();
    let mut out = vec![0x60, 0, 0, 0, length[0], length[1], next, 64];
    for host in [from, to] {
        out.extend([0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, host]);
    }
    out.extend(body);
    out
}

/// One sender's stream: a packet each [`STEP`] of a sound that nobody else makes.
#[derive(Clone, Copy)]
pub(super) struct Sender {
    pub(super) ssrc: u32,
    pub(super) from: (u8, u16),
    pub(super) to: (u8, u16),
    pub(super) payload_type: u8,
    /// In milliseconds, and packets.
    pub(super) begin: u64,
    pub(super) count: u16,
    /// Before the first one.
    pub(super) sequence: u16,
    /// What makes its sound another's.
    pub(super) voice: u8,
}

pub(super) const CALLER: Sender = Sender {
    ssrc: 1,
    from: (10, 4_000),
    to: (20, 5_000),
    payload_type: 8,
    begin: 0,
    count: 100,
    sequence: 65_500,
    voice: 1,
};

pub(super) const AGENT: Sender = Sender {
    ssrc: 2,
    from: CALLER.to,
    to: CALLER.from,
    voice: 2,
    sequence: 7,
    ..CALLER
};

pub(super) fn socket((host, port): (u8, u16)) -> SocketAddr {
    SocketAddr::from(([192, 0, 2, host], port))
}

/// A frame with its time in microseconds.
pub(super) type Timed = (u64, Vec<u8>);

impl Sender {
    pub(super) fn rtp(&self, n: u16) -> Vec<u8> {
        let mut rtp = vec![0x80, self.payload_type];
        rtp.extend(self.sequence.wrapping_add(n).to_be_bytes());
        rtp.extend((u32::from(n) * 160).wrapping_sub(4_000).to_be_bytes());
        rtp.extend(self.ssrc.to_be_bytes());
        rtp.extend([self.voice, n as u8, (n >> 8) as u8].into_iter().cycle().take(160));
        rtp
    }

    pub(super) fn packets(&self, wrap: Wrap) -> Vec<Timed> {
        let frame = |n: u16| {
            let at = (self.begin + u64::from(n) * STEP) * 1_000;
            (at, wrap.frame(self.from, self.to, &self.rtp(n)))
        };
        (0..self.count).map(frame).collect()
    }
}

/// All senders' packets in the order of time.
pub(super) fn mixed(senders: &[Sender], wrap: Wrap) -> Vec<Timed> {
    let mut all: Vec<Timed> = senders.iter().flat_map(|sender| sender.packets(wrap)).collect();
    all.sort_by_key(|(at, _)| *at);
    all
}

pub(super) fn pcap(link: u32, packets: &[Timed]) -> Vec<u8> {
    cut_pcap(link, packets, usize::MAX)
}

pub(super) fn cut_pcap(link: u32, packets: &[Timed], longest: usize) -> Vec<u8> {
    let mut out = b"\xd4\xc3\xb2\xa1\x02\0\x04\0\0\0\0\0\0\0\0\0\0\0\x04\0".to_vec();
    out.extend(link.to_le_bytes());
    for (micros, packet) in packets {
        let kept = &packet[..packet.len().min(longest)];
        let at = 1_700_000_000_000_000_u64.wrapping_add(*micros);
        for word in [
            (at / 1_000_000) as u32,
            (at % 1_000_000) as u32,
            kept.len() as u32,
            packet.len() as u32,
        ] {
            out.extend(word.to_le_bytes());
        }
        out.extend(kept);
    }
    out
}

pub(super) fn pcapng(link: u32, packets: &[Timed]) -> Vec<u8> {
    let block = |kind: u32, body: &[u8]| {
        let length = (12 + body.len().next_multiple_of(4)) as u32;
        let mut out = [kind.to_le_bytes(), length.to_le_bytes()].concat();
        out.extend(body);
        out.resize(length as usize - 4, 0);
        out.extend(length.to_le_bytes());
        out
    };
    let mut file = block(
        0x0a0d_0d0a,
        b"\x4d\x3c\x2b\x1a\x01\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff",
    );
    file.extend(block(
        1,
        &[&(link as u16).to_le_bytes()[..], &[0, 0, 0, 0, 4, 0]].concat(),
    ));
    for (micros, packet) in packets {
        let at = 1_700_000_000_000_000_u64.wrapping_add(*micros);
        let mut body = vec![0; 4];
        body.extend(((at >> 32) as u32).to_le_bytes());
        body.extend((at as u32).to_le_bytes());
        body.extend([(packet.len() as u32).to_le_bytes(); 2].concat());
        body.extend(packet);
        file.extend(block(6, &body));
    }
    file
}
