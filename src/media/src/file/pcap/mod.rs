//! RTP out of a packet capture (pcap and pcapng): the calls in it, and who speaks with whom.

mod blocks;
mod calls;
mod clock;
mod link;
mod sdp;
mod streams;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use sidetone_base::TapFrame;

use super::{FileError, Recorded};
use crate::codec::Codec;
use crate::rtp::Ssrc;
use blocks::End;
use calls::Group;
use sdp::Described;
use streams::{Packet, Stream, Traffic};

const KIND: &str = "pcap";
/// A payload of at most so many bytes is a key (RFC 4733) or comfort noise, never sound.
const LONGEST_EVENT: usize = 4;

/// The calls of a capture.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Capture {
    /// In the order of their begins.
    pub calls: Vec<CapturedCall>,
    /// What a person should know who hears only these: in plain words.
    pub notes: Vec<String>,
}

/// One call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CapturedCall {
    /// Since the first packet of the first call.
    pub begin: Duration,
    /// From its first packet to its last one.
    pub length: Duration,
    /// One or two; the first is thought to be the caller.
    pub parties: Vec<Party>,
    /// [`Recorded::leg`] counts the parties, and [`Recorded::at`] from the call's first packet, RTP or RTCP.
    pub frames: Vec<Recorded>,
}

/// Who speaks: all that one person, and what spoke in this person's place, sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Party {
    /// In the order of their begins; several after a re-INVITE, a transfer or an announcement.
    pub sources: Vec<Source>,
    /// What its packets carry.
    pub payloads: Vec<PayloadUse>,
    /// The signalling says that it is SRTP.
    pub is_encrypted: bool,
}

/// One sender on one path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Source {
    /// As sent.
    pub ssrc: Ssrc,
    /// Where it came from.
    pub from: SocketAddr,
    /// Where it went.
    pub to: SocketAddr,
}

/// One payload type of a party.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PayloadUse {
    /// 0 to 127.
    pub number: u8,
    /// How many packets had it.
    pub packets: usize,
    /// Of the longest one's payload.
    pub bytes: usize,
    /// Ticks of the timestamp that such a packet takes; the greatest number when nothing says so.
    pub ticks: u32,
    /// Ticks per second of the timestamp, by its pace.
    pub clock: u32,
    /// What SIP messages of the capture say that it is: `L16/16000`.
    pub rtpmap: Option<String>,
}

impl PayloadUse {
    /// Nothing says what it carries, and it is long enough to be sound.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        let said = self.rtpmap.as_deref().and_then(Codec::from_rtpmap);
        self.bytes > LONGEST_EVENT && said.or_else(|| Codec::from_static(self.number)).is_none()
    }

    /// What its name is (RFC 3551 §6, or the signalling), where it is one that is not decoded here.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        const NAMES: [(u8, &str); 9] = [
            (2, "G721"),
            (3, "GSM"),
            (4, "G723"),
            (5, "DVI4"),
            (7, "LPC"),
            (12, "QCELP"),
            (14, "MPA"),
            (15, "G728"),
            (18, "G729"),
        ];
        let usual = NAMES.iter().find(|(number, _)| *number == self.number);
        self.rtpmap.as_deref().or(usual.map(|(_, name)| *name))
    }

    /// The `a=rtpmap` that its lengths look like.
    #[must_use]
    pub fn guess(&self) -> Option<String> {
        let bytes = u32::try_from(self.bytes).ok()?;
        match (bytes, self.clock) {
            (_, 48_000) if bytes != self.ticks.saturating_mul(2) => Some("opus/48000/2".to_owned()),
            (bytes, clock) if bytes == self.ticks.saturating_mul(2) => Some(format!("L16/{clock}")),
            (bytes, clock) if bytes == self.ticks.saturating_mul(4) => Some(format!("L16/{clock}/2")),
            (bytes, 8_000) if bytes == self.ticks => Some("PCMA/8000".to_owned()),
            _ => None,
        }
    }
}

impl fmt::Display for CapturedCall {
    /// `0.0 s to 12.0 s, 192.0.2.10:4000 and 192.0.2.20:5000`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (begin, end) = (self.begin.as_secs_f64(), (self.begin + self.length).as_secs_f64());
        write!(f, "{begin:.1} s to {end:.1} s, ")?;
        match self.parties.as_slice() {
            [one, other] => write!(f, "{one} and {other}"),
            several => several.iter().try_for_each(|party| write!(f, "only {party}")),
        }
    }
}

impl fmt::Display for Party {
    /// `192.0.2.10:4000, then 192.0.2.10:4002`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut before = None;
        for source in self
            .sources
            .iter()
            .filter(|source| before.replace(source.from) != Some(source.from))
        {
            let lead = if source.from == self.sources[0].from {
                ""
            } else {
                ", then "
            };
            write!(f, "{lead}{}", source.from)?;
        }
        Ok(())
    }
}

/// Reads a whole capture. What is not RTP is passed over; a capture that was cut off gives what there is, with a note.
///
/// # Errors
/// When it is no capture, or when it kept only the begin of its packets.
pub fn read(bytes: &[u8]) -> Result<Capture, FileError> {
    let mut traffic = Traffic::default();
    let end = blocks::frames(bytes, |frame| {
        traffic.hear(frame.at, link::datagram(frame.link, frame.data))
    })?;
    let cut = traffic.cut;
    // A few are a host that was too busy; more are the capture's own bound.
    if cut.packets * 100 > traffic.packets.len() {
        return Err(FileError::Cut {
            packets: cut.packets,
            kept: cut.kept,
            sent: cut.sent,
        });
    }
    traffic.sift();
    clock::mend(&mut traffic);
    traffic.sort();
    let (groups, copies) = calls::calls(&traffic);
    let origin = groups
        .iter()
        .flat_map(|group| begin(&traffic, group))
        .min()
        .unwrap_or(0);
    let calls = groups.iter().map(|group| call(&traffic, group, origin)).collect();
    let notes = notes(&traffic, copies, end);
    Ok(Capture { calls, notes })
}

/// When the call's first packet came: RTP, or RTCP on a path of it.
fn begin(traffic: &Traffic, group: &Group) -> Option<i64> {
    /// Microseconds; earlier reports belong to another call on the same path, or to another clock.
    const LONGEST_WAIT: i64 = 60_000_000;
    let streams = || {
        group
            .parties
            .iter()
            .flatten()
            .filter_map(|index| traffic.streams.get(*index))
    };
    let first = streams()
        .flat_map(|stream| traffic.of(stream))
        .map(|packet| packet.at)
        .min()?;
    let rtcp = streams().filter_map(|stream| traffic.rtcp.get(&(stream.from, stream.to)));
    let near = rtcp.copied().filter(|at| (first - LONGEST_WAIT..first).contains(at));
    near.chain([first]).min()
}

fn call(traffic: &Traffic, group: &Group, origin: i64) -> CapturedCall {
    let zero = begin(traffic, group).unwrap_or(origin);
    let since = |at: i64, zero: i64| Duration::from_micros(u64::try_from(at.saturating_sub(zero)).unwrap_or(0));
    let mut sides: Vec<&Vec<usize>> = group.parties.iter().filter(|side| !side.is_empty()).collect();
    if is_turned(traffic, group) {
        sides.reverse();
    }
    let mut found: Vec<(usize, usize, &Packet)> = Vec::new();
    for (leg, side) in sides.iter().enumerate() {
        let indices = side.iter().flat_map(|stream| &traffic.streams[*stream].packets);
        found.extend(indices.map(|index| (*index, leg, &traffic.packets[*index])));
    }
    // Of the same time, as in the file; a stream's own packets are in its sender's order already.
    found.sort_by_key(|(_, _, packet)| packet.at);
    let frame = |(_, leg, packet): &(usize, usize, &Packet)| Recorded {
        at: since(packet.at, zero),
        leg: *leg,
        frame: TapFrame::Rtp(packet.bytes.clone()),
    };
    let frames: Vec<Recorded> = found.iter().map(frame).collect();
    CapturedCall {
        begin: since(zero, origin),
        length: frames.last().map_or(Duration::ZERO, |frame| frame.at),
        parties: sides.iter().map(|side| party(traffic, side)).collect(),
        frames,
    }
}

/// Whether the caller is not the one who sent the first packet. An INVITE says who calls; without one, who is heard
/// before anybody else sends, and then gives way to another source, is an announcement: the other one called.
fn is_turned(traffic: &Traffic, group: &Group) -> bool {
    let side = |side: usize| {
        group.parties[side]
            .iter()
            .filter_map(|index| traffic.streams.get(*index))
    };
    let invites = traffic.described.iter().filter(|described| described.is_invite);
    for Described { socket, .. } in invites {
        for (number, other) in [(0, 1), (1, 0)] {
            if side(number).any(|stream| stream.from == *socket) || side(other).any(|stream| stream.to == *socket) {
                return number == 1;
            }
        }
    }
    let time = |stream: &Stream, last: bool| {
        let times = traffic.of(stream).map(|packet| packet.at);
        if last { times.max() } else { times.min() }
    };
    /// Microseconds that an announcement is heard alone at least, and may go on after the caller is heard.
    const ALONE: i64 = 1_000_000;
    const GIVES_WAY: i64 = 500_000;
    let Some(first) = side(0).next().filter(|_| side(0).count() > 1) else {
        return false;
    };
    let answer = side(1).filter_map(|stream| time(stream, false)).min();
    time(first, false)
        .zip(time(first, true))
        .zip(answer)
        .is_some_and(|((begin, end), answer)| {
            answer.saturating_sub(begin) >= ALONE && end.saturating_sub(answer) <= GIVES_WAY
        })
}

fn party(traffic: &Traffic, side: &[usize]) -> Party {
    let streams: Vec<&Stream> = side.iter().filter_map(|index| traffic.streams.get(*index)).collect();
    let described = |stream: &Stream| {
        let of = |socket| {
            traffic
                .described
                .iter()
                .filter(move |described| described.socket == socket)
        };
        of(stream.to).chain(of(stream.from))
    };
    let mut payloads: BTreeMap<u8, PayloadUse> = BTreeMap::new();
    for stream in &streams {
        let clock = traffic.clock(stream);
        let mut last: Option<&Packet> = None;
        for packet in traffic.of(stream) {
            let number = packet.payload_type;
            let found = payloads.entry(number).or_insert_with(|| PayloadUse {
                number,
                packets: 0,
                bytes: 0,
                ticks: u32::MAX,
                clock,
                rtpmap: described(stream).find_map(|described| rtpmap(described, number)),
            });
            found.packets += 1;
            found.bytes = found.bytes.max(packet.payload);
            let follows = last.filter(|last| last.place.next() == packet.place && last.payload_type == number);
            if let Some(last) = follows.filter(|last| last.timestamp != packet.timestamp) {
                // The least: a pause between two packets is none of theirs.
                found.ticks = found.ticks.min(packet.timestamp.wrapping_sub(last.timestamp));
            }
            last = Some(packet);
        }
    }
    let source = |stream: &&Stream| Source {
        ssrc: stream.ssrc,
        from: stream.from,
        to: stream.to,
    };
    Party {
        sources: streams.iter().map(source).collect(),
        payloads: payloads.into_values().collect(),
        is_encrypted: streams
            .iter()
            .any(|stream| described(stream).any(|described| described.is_secure)),
    }
}

fn rtpmap(described: &Described, number: u8) -> Option<String> {
    let found = described.rtpmaps.iter().find(|(known, _)| *known == number);
    found.map(|(_, map)| map.clone())
}

fn notes(traffic: &Traffic, copies: usize, end: End) -> Vec<String> {
    let mut notes = Vec::new();
    if let End::Cut { at, of } = end {
        notes.push(format!(
            "the file breaks off in the middle of a packet (byte {at} of {of}): what came later is not in it; was the capture \
             stopped, or the copy cut short?"
        ));
    }
    if copies > 0 {
        notes.push(format!(
            "{copies} more call(s) carry the same sound (a switch was captured on both of its sides) and are left out"
        ));
    }
    if traffic.cut.packets > 0 {
        notes.push(format!(
            "{} RTP packet(s) were cut at capture and are left out",
            traffic.cut.packets
        ));
    }
    if traffic.fragments > 0 {
        notes.push(format!(
            "{} fragment(s) of datagrams are left out: captured fragments are not put together",
            traffic.fragments
        ));
    }
    if traffic.encrypted > 0 {
        notes.push(format!("{} packet(s) are IPsec and cannot be read", traffic.encrypted));
    }
    for (link, frames) in &traffic.links {
        notes.push(format!(
            "{frames} frame(s) come from an interface of kind {link}, which is not understood; \
             capture with `tcpdump -i any` or on an Ethernet interface"
        ));
    }
    notes
}
