//! RTP out of a packet capture: pcap and pcapng; Ethernet, Linux cooked, raw IP, loopback.

use std::collections::HashMap;
use std::io::Cursor;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use pcap_parser::data::{PacketData, get_packetdata};
use pcap_parser::{Block, Linktype, PcapBlockOwned, PcapError, create_reader};
use sidetone_base::TapFrame;

use super::{FileError, Recorded};
use crate::rtp::{RtpPacket, Ssrc};

const KIND: &str = "pcap";
/// Fewer packets than this are no stream: other traffic that happens to look like RTP.
const FEWEST: usize = 5;
/// Longest block that is read; a captured packet has 64 KiB.
const BUFFER: usize = 1 << 20;

/// One sender's stream in a capture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CapturedStream {
    /// As sent.
    pub ssrc: Ssrc,
    /// Where it came from.
    pub from: SocketAddr,
    /// Where it went.
    pub to: SocketAddr,
    /// Of its first packet.
    pub payload_type: u8,
    /// How many.
    pub packets: usize,
}

/// All RTP of a capture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capture {
    /// In the order of first packets; [`Recorded::leg`] counts these.
    pub streams: Vec<CapturedStream>,
    /// In the order of capture; the first is at zero.
    pub frames: Vec<Recorded>,
}

impl Capture {
    /// The two streams of one conversation: the first, and the one that goes the other way between the
    /// same two sockets; else the next one.
    #[must_use]
    pub fn conversation(&self) -> Option<(usize, usize)> {
        let first = self.streams.first()?;
        let back = self
            .streams
            .iter()
            .position(|other| other.from == first.to && other.to == first.from);
        back.or_else(|| (self.streams.len() > 1).then_some(1))
            .map(|other| (0, other))
    }
}

/// Reads a whole capture. What is not RTP is passed over; a capture that was cut off gives what there is.
///
/// # Errors
/// When it is no capture.
pub fn read(bytes: &[u8]) -> Result<Capture, FileError> {
    let error = |reason: PcapError<&[u8]>| FileError::Unsupported {
        kind: KIND,
        reason: reason.to_string(),
    };
    let mut reader = create_reader(BUFFER, Cursor::new(sane(bytes))).map_err(error)?;
    let mut collector = Collector::default();
    let mut starved = false;
    loop {
        match reader.next() {
            Ok((used, block)) => {
                collector.block(&block);
                drop(block);
                reader.consume(used);
                starved = false;
            }
            Err(PcapError::Incomplete(_)) if !starved => {
                starved = true;
                if reader.refill().is_err() {
                    break;
                }
            }
            Err(_) => break,
        }
    }
    Ok(collector.finish())
}

/// What lies before the first pcapng block that says it is shorter than its own frame: pcap-parser 0.17
/// subtracts there without looking. Of anything else, all.
fn sane(bytes: &[u8]) -> &[u8] {
    const SECTION: [u8; 4] = [0x0a, 0x0d, 0x0d, 0x0a];
    const LITTLE_ENDIAN: [u8; 4] = [0x4d, 0x3c, 0x2b, 0x1a];
    const FRAME: u32 = 12;
    let (mut at, mut little) = (0usize, true);
    while let Some((kind, [_, _, _, _, length @ ..])) = bytes
        .get(at..)
        .filter(|_| bytes.starts_with(&SECTION))
        .and_then(|rest| Some((rest.first_chunk::<4>()?, rest.first_chunk::<8>()?)))
    {
        if *kind == SECTION {
            little = bytes.get(at + 8..at + 12).is_none_or(|order| order == LITTLE_ENDIAN);
        }
        let length = if little {
            u32::from_le_bytes(*length)
        } else {
            u32::from_be_bytes(*length)
        };
        if length < FRAME {
            return &bytes[..at];
        }
        at = at.saturating_add(length as usize);
    }
    bytes
}

#[derive(Clone, Copy)]
struct Interface {
    link: Linktype,
    /// Ticks per second of its timestamps.
    ticks: u64,
}

#[derive(Default)]
struct Collector {
    interfaces: Vec<Interface>,
    streams: Vec<CapturedStream>,
    known: HashMap<(Ssrc, SocketAddr, SocketAddr), usize>,
    frames: Vec<Recorded>,
    origin: Option<Duration>,
}

impl Collector {
    fn block(&mut self, block: &PcapBlockOwned<'_>) {
        match block {
            PcapBlockOwned::LegacyHeader(header) => {
                let ticks = if header.is_nanosecond_precision() {
                    1_000_000_000
                } else {
                    1_000_000
                };
                self.interfaces = vec![Interface {
                    link: header.network,
                    ticks,
                }];
            }
            PcapBlockOwned::Legacy(packet) => {
                let Some(interface) = self.interfaces.first().copied() else {
                    return;
                };
                let at = Duration::from_secs(packet.ts_sec.into()) + ticks(packet.ts_usec.into(), interface.ticks);
                self.packet(at, interface.link, packet.data);
            }
            PcapBlockOwned::NG(Block::SectionHeader(_)) => self.interfaces.clear(),
            PcapBlockOwned::NG(Block::InterfaceDescription(description)) => {
                let ticks = description.ts_resolution().unwrap_or(1_000_000);
                self.interfaces.push(Interface {
                    link: description.linktype,
                    ticks,
                });
            }
            PcapBlockOwned::NG(Block::EnhancedPacket(packet)) => {
                let Some(interface) = self.interfaces.get(packet.if_id as usize).copied() else {
                    return;
                };
                let stamp = u64::from(packet.ts_high) << 32 | u64::from(packet.ts_low);
                let length = packet.data.len().min(packet.caplen as usize);
                self.packet(ticks(stamp, interface.ticks), interface.link, &packet.data[..length]);
            }
            PcapBlockOwned::NG(_) => {}
        }
    }

    fn packet(&mut self, at: Duration, link: Linktype, data: &[u8]) {
        let Some((from, to, payload)) = udp(link, data) else {
            return;
        };
        // RTCP shares the port on some switches: its types are 72–76 where RTP has the payload type.
        let Some(packet) =
            RtpPacket::parse(payload.to_vec()).filter(|packet| !(72..=76).contains(&packet.payload_type))
        else {
            return;
        };
        let leg = *self.known.entry((packet.ssrc, from, to)).or_insert_with(|| {
            let (ssrc, payload_type) = (packet.ssrc, packet.payload_type);
            self.streams.push(CapturedStream {
                ssrc,
                from,
                to,
                payload_type,
                packets: 0,
            });
            self.streams.len() - 1
        });
        if let Some(stream) = self.streams.get_mut(leg) {
            stream.packets += 1;
        }
        let at = at.saturating_sub(*self.origin.get_or_insert(at));
        self.frames.push(Recorded {
            at,
            leg,
            frame: TapFrame::Rtp(payload.to_vec()),
        });
    }

    fn finish(self) -> Capture {
        let mut places = Vec::with_capacity(self.streams.len());
        let mut streams = Vec::new();
        for stream in self.streams {
            let real = stream.packets >= FEWEST;
            places.push(real.then_some(streams.len()));
            if real {
                streams.push(stream);
            }
        }
        let place = |frame: Recorded| {
            Some(Recorded {
                leg: (*places.get(frame.leg)?)?,
                ..frame
            })
        };
        let mut frames: Vec<Recorded> = self.frames.into_iter().filter_map(place).collect();
        let begin = frames.first().map_or(Duration::ZERO, |frame| frame.at);
        frames
            .iter_mut()
            .for_each(|frame| frame.at = frame.at.saturating_sub(begin));
        Capture { streams, frames }
    }
}

fn ticks(count: u64, per_second: u64) -> Duration {
    let per_second = per_second.max(1);
    let nanos = u128::from(count % per_second) * 1_000_000_000 / u128::from(per_second);
    Duration::from_secs(count / per_second) + Duration::from_nanos(nanos as u64)
}

/// Sender, receiver and payload of a UDP datagram; no fragments.
fn udp(link: Linktype, data: &[u8]) -> Option<(SocketAddr, SocketAddr, &[u8])> {
    let (from, to, body) = match get_packetdata(data, link, data.len())? {
        PacketData::L2(frame) => ethernet(frame)?,
        PacketData::L3(_, packet) => ip(packet)?,
        _ => return None,
    };
    let port = |at: usize| Some(u16::from_be_bytes(body.get(at..at + 2)?.try_into().ok()?));
    let (source, target, length) = (port(0)?, port(2)?, port(4)?);
    // Segmentation offload leaves a length of 0.
    let end = if length == 0 {
        body.len()
    } else {
        usize::from(length).min(body.len())
    };
    Some((
        SocketAddr::new(from, source),
        SocketAddr::new(to, target),
        body.get(8..end)?,
    ))
}

fn ethernet(frame: &[u8]) -> Option<(IpAddr, IpAddr, &[u8])> {
    let mut rest = frame.get(12..)?;
    // 802.1Q and 802.1ad tags.
    while matches!(rest.get(..2)?, [0x81, 0x00] | [0x88, 0xa8]) {
        rest = rest.get(4..)?;
    }
    ip(rest.get(2..)?)
}

fn ip(packet: &[u8]) -> Option<(IpAddr, IpAddr, &[u8])> {
    const UDP: u8 = 17;
    match packet.first()? >> 4 {
        4 => {
            let header = usize::from(packet.first()? & 15) * 4;
            let fragment = u16::from_be_bytes([*packet.get(6)?, *packet.get(7)?]) & 0x3fff;
            let address = |at: usize| Some(Ipv4Addr::from(<[u8; 4]>::try_from(packet.get(at..at + 4)?).ok()?));
            let ours = *packet.get(9)? == UDP && fragment == 0;
            ours.then_some((address(12)?.into(), address(16)?.into(), packet.get(header..)?))
        }
        6 => {
            let address = |at: usize| Some(Ipv6Addr::from(<[u8; 16]>::try_from(packet.get(at..at + 16)?).ok()?));
            (*packet.get(6)? == UDP).then_some((address(8)?.into(), address(24)?.into(), packet.get(40..)?))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An Ethernet frame with one RTP packet from host `from` to host `to` of a documentation network.
    fn frame(from: u8, to: u8, sequence: u16) -> Vec<u8> {
        let mut rtp = vec![0x80, 8];
        rtp.extend(sequence.to_be_bytes());
        rtp.extend((u32::from(sequence) * 160).to_be_bytes());
        rtp.extend([0, 0, 0, from]);
        rtp.extend([0xd5; 160]);
        let mut out = vec![0; 12];
        out.extend([0x81, 0x00, 0, 7, 0x08, 0x00, 0x45, 0]);
        out.extend((28 + rtp.len() as u16).to_be_bytes());
        out.extend([
            0, 0, 0x40, 0, 64, 17, 0, 0, 192, 0, 2, from, 192, 0, 2, to, 0x40, from, 0x40, to,
        ]);
        out.extend((8 + rtp.len() as u16).to_be_bytes());
        out.extend([0, 0]);
        out.extend(rtp);
        out
    }

    fn pcap(packets: &[(u32, Vec<u8>)]) -> Vec<u8> {
        let mut out = b"\xd4\xc3\xb2\xa1\x02\0\x04\0\0\0\0\0\0\0\0\0\0\0\x04\0\x01\0\0\0".to_vec();
        for (micros, packet) in packets {
            let length = packet.len() as u32;
            for word in [1_700_000_000 + micros / 1_000_000, micros % 1_000_000, length, length] {
                out.extend(word.to_le_bytes());
            }
            out.extend(packet);
        }
        out
    }

    #[test]
    fn two_streams_of_a_call_are_its_legs() {
        let packets: Vec<_> = (0..20_u16)
            .flat_map(|n| {
                [
                    (u32::from(n) * 20_000, frame(1, 2, n)),
                    (u32::from(n) * 20_000 + 5_000, frame(2, 1, n)),
                ]
            })
            .chain([(990_000, frame(7, 9, 0))])
            .collect();
        let capture = read(&pcap(&packets)).unwrap();
        assert_eq!(capture.streams.len(), 2);
        assert_eq!(capture.conversation(), Some((0, 1)));
        assert_eq!(capture.frames.len(), 40);
        assert_eq!(
            (capture.frames[3].at, capture.frames[3].leg),
            (Duration::from_millis(25), 1)
        );
        assert_eq!(capture.streams[0].payload_type, 8);
    }

    #[test]
    fn a_capture_that_was_cut_off_gives_what_there_is() {
        let packets: Vec<_> = (0..20_u16).map(|n| (u32::from(n) * 20_000, frame(1, 2, n))).collect();
        let file = pcap(&packets);
        assert_eq!(read(&file[..file.len() - 50]).unwrap().frames.len(), 19);
    }

    #[test]
    fn pcapng_is_read_too() {
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
        file.extend(block(1, b"\x01\0\0\0\0\0\x04\0"));
        for n in 0..8_u16 {
            let packet = frame(1, 2, n);
            let mut body = vec![0; 8];
            body.extend((u32::from(n) * 20_000).to_le_bytes());
            body.extend([(packet.len() as u32).to_le_bytes(); 2].concat());
            body.extend(packet);
            file.extend(block(6, &body));
        }
        let capture = read(&file).unwrap();
        assert_eq!(capture.frames.len(), 8);
        assert_eq!(capture.frames[7].at, Duration::from_millis(140));
    }
}
