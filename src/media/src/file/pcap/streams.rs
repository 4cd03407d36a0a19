//! The RTP of a capture by sender: one stream for each SSRC on each path.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::net::SocketAddr;

use super::link::{Datagram, Passed};
use super::sdp::{self, Described};
use crate::codec::Codec;
use crate::rtp::{RtpPacket, SeqNo, Sequence, Ssrc, Unwrapper};

/// Fewer packets than this are no stream: other traffic that happens to look like RTP.
const FEWEST: usize = 5;

/// One RTP packet.
pub(super) struct Packet {
    /// By the clock of the host that captured, in microseconds; mended by [`super::clock::mend`].
    pub(super) at: i64,
    /// Index of its [`Stream`].
    pub(super) stream: usize,
    /// How often its sender had begun to count anew.
    pub(super) run: u32,
    pub(super) place: SeqNo,
    pub(super) timestamp: u32,
    pub(super) payload_type: u8,
    /// First after a silence.
    pub(super) is_marked: bool,
    /// With its header.
    pub(super) bytes: Vec<u8>,
    pub(super) payload: usize,
}

/// What one SSRC sent on one path.
pub(super) struct Stream {
    pub(super) ssrc: Ssrc,
    pub(super) from: SocketAddr,
    pub(super) to: SocketAddr,
    /// Indices into [`Traffic::packets`]: in the order of the file until [`Traffic::sort`], then of the sender.
    pub(super) packets: Vec<usize>,
    unwrapper: Unwrapper,
    run: u32,
}

/// Packets of which the capture kept only the begin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Cut {
    pub(super) packets: usize,
    /// Bytes of the first one's payload that were kept, and that were sent.
    pub(super) kept: usize,
    pub(super) sent: usize,
}

/// All that matters of a capture, before anybody asks who speaks with whom.
#[derive(Default)]
pub(super) struct Traffic {
    /// In the order of the file.
    pub(super) packets: Vec<Packet>,
    pub(super) streams: Vec<Stream>,
    known: HashMap<(Ssrc, SocketAddr, SocketAddr), usize>,
    /// The first RTCP on each path.
    pub(super) rtcp: HashMap<(SocketAddr, SocketAddr), i64>,
    pub(super) described: Vec<Described>,
    pub(super) cut: Cut,
    pub(super) fragments: usize,
    pub(super) encrypted: usize,
    /// Kinds of interfaces that are not understood.
    pub(super) links: BTreeMap<i32, usize>,
}

impl Traffic {
    pub(super) fn hear(&mut self, at: i64, found: Result<Datagram<'_>, Passed>) {
        match found {
            Ok(datagram) => self.datagram(at, &datagram),
            Err(Passed::Fragment) => self.fragments += 1,
            Err(Passed::Encrypted) => self.encrypted += 1,
            Err(Passed::Link(link)) => *self.links.entry(link).or_default() += 1,
            Err(Passed::Other) => {}
        }
    }

    fn datagram(&mut self, at: i64, datagram: &Datagram<'_>) {
        let (path, payload) = ((datagram.from, datagram.to), datagram.payload);
        // RTP and RTCP may share a port: types 64 to 95 are RTCP's there (RFC 5761 §4).
        let kind = payload.get(1).map(|second| second & 0x7f);
        let is_rtcp = kind.is_some_and(|kind| (64..=95).contains(&kind));
        match payload.first().map(|first| first >> 6) {
            Some(2) if datagram.is_tcp => {}
            Some(2) if is_rtcp => {
                self.rtcp.entry(path).or_insert(at);
            }
            Some(2) if payload.len() < datagram.length => {
                if self.cut.packets == 0 {
                    (self.cut.kept, self.cut.sent) = (payload.len(), datagram.length);
                }
                self.cut.packets += 1;
            }
            Some(2) => self.packet(at, datagram),
            _ => self.described.extend(sdp::read(payload)),
        }
    }

    fn packet(&mut self, at: i64, datagram: &Datagram<'_>) {
        let Some(packet) = RtpPacket::parse(datagram.payload.to_vec()) else {
            return;
        };
        let (ssrc, from, to) = (packet.ssrc, datagram.from, datagram.to);
        let index = *self.known.entry((ssrc, from, to)).or_insert_with(|| {
            self.streams.push(Stream {
                ssrc,
                from,
                to,
                packets: Vec::new(),
                unwrapper: Unwrapper::default(),
                run: 0,
            });
            self.streams.len() - 1
        });
        let Some(stream) = self.streams.get_mut(index) else {
            return;
        };
        let place = match stream.unwrapper.unwrap(packet.sequence) {
            Sequence::At(place) => place,
            Sequence::Restart(place) => {
                stream.run += 1;
                place
            }
            // Its successor says whether it was the first of a new count: then it is a packet that was lost.
            Sequence::Stray => return,
        };
        stream.packets.push(self.packets.len());
        self.packets.push(Packet {
            at,
            stream: index,
            run: stream.run,
            place,
            timestamp: packet.timestamp,
            payload_type: packet.payload_type,
            is_marked: datagram.payload.get(1).is_some_and(|second| second & 0x80 != 0),
            payload: packet.payload().len(),
            bytes: datagram.payload.to_vec(),
        });
    }

    /// Leaves out what is no stream.
    pub(super) fn sift(&mut self) {
        let real: Vec<bool> = self
            .streams
            .iter()
            .map(|stream| stream.packets.len() >= FEWEST)
            .collect();
        self.packets.retain(|packet| real.get(packet.stream) == Some(&true));
        self.streams.iter_mut().for_each(|stream| stream.packets.clear());
        for (index, packet) in self.packets.iter().enumerate() {
            if let Some(stream) = self.streams.get_mut(packet.stream) {
                stream.packets.push(index);
            }
        }
    }

    /// Puts each stream into its sender's order, each packet once, none later than the one after it.
    pub(super) fn sort(&mut self) {
        for stream in &mut self.streams {
            let packets = &mut self.packets;
            let mut seen = HashSet::new();
            stream.packets.retain(|index| seen.insert(packets[*index].place));
            stream.packets.sort_by_key(|index| packets[*index].place);
            let mut after = i64::MAX;
            for index in stream.packets.iter().rev() {
                after = after.min(packets[*index].at);
                packets[*index].at = after;
            }
        }
    }

    /// Ticks per second of a stream's timestamps, as far as its payload type or its pace tells.
    pub(super) fn clock(&self, stream: &Stream) -> u32 {
        const CLOCKS: [u32; 7] = [8_000, 11_025, 16_000, 24_000, 32_000, 44_100, 48_000];
        const ENOUGH: usize = 50;
        if let Some(codec) = self.payload_type(stream).and_then(Codec::from_static) {
            return codec.clock().0;
        }
        // The pace of a few packets one after the other, so that neither a hole nor a step of the clock counts.
        let mut paces: Vec<i64> = stream
            .packets
            .windows(2)
            .take(ENOUGH)
            .filter_map(|pair| self.pace(pair))
            .collect();
        paces.sort_unstable();
        let pace = paces.get(paces.len() / 2).copied().unwrap_or(i64::from(CLOCKS[0]));
        let nearest = CLOCKS.into_iter().min_by_key(|clock| pace.abs_diff(i64::from(*clock)));
        nearest.unwrap_or(CLOCKS[0])
    }

    /// The most frequent one.
    fn payload_type(&self, stream: &Stream) -> Option<u8> {
        let mut counts = [0_usize; 128];
        for packet in self.of(stream) {
            counts[usize::from(packet.payload_type & 0x7f)] += 1;
        }
        (0..128_u8).max_by_key(|number| counts[usize::from(*number)])
    }

    /// The stream's packets.
    pub(super) fn of<'a>(&'a self, stream: &'a Stream) -> impl Iterator<Item = &'a Packet> {
        stream.packets.iter().filter_map(|index| self.packets.get(*index))
    }

    fn pace(&self, pair: &[usize]) -> Option<i64> {
        let [before, after] = pair else { return None };
        let (before, after) = (self.packets.get(*before)?, self.packets.get(*after)?);
        let ticks = i64::from(after.timestamp.wrapping_sub(before.timestamp) as i32);
        let micros = after.at.saturating_sub(before.at);
        (after.place == before.place.next() && ticks > 0 && micros > 1_000)
            .then(|| ticks.saturating_mul(1_000_000) / micros)
    }
}
