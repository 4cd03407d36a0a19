//! The frames of a pcap or pcapng file.

use std::io::Cursor;

use pcap_parser::{Block, PcapBlockOwned, PcapError, create_reader};

use super::KIND;
use crate::file::FileError;

/// Longest block that is read; a captured packet has 64 KiB.
const BUFFER: usize = 1 << 20;

/// One captured frame.
pub(super) struct Frame<'a> {
    /// By the clock of the host that captured, in microseconds since 1970.
    pub(super) at: i64,
    /// The kind of interface, by its number in the pcap format.
    pub(super) link: i32,
    pub(super) data: &'a [u8],
}

#[derive(Clone, Copy)]
struct Interface {
    link: i32,
    /// Ticks per second of its timestamps.
    ticks: u64,
    /// Seconds that are to be added.
    offset: i64,
}

/// How a file ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// Behind its last block.
    Whole,
    /// In the middle of a block, or with bytes that are none: `at` bytes from the begin there is nothing more to read, `of` all of the file.
    Cut { at: usize, of: usize },
}

/// Gives every frame to `each`, in the order of the file; a file that was cut off gives what there is.
pub(super) fn frames(bytes: &[u8], mut each: impl FnMut(&Frame<'_>)) -> Result<End, FileError> {
    let error = |reason: PcapError<&[u8]>| FileError::Unsupported {
        kind: KIND,
        reason: reason.to_string(),
    };
    let mut reader = create_reader(BUFFER, Cursor::new(sane(bytes))).map_err(error)?;
    let mut interfaces = Vec::new();
    let mut newest = 0;
    let mut starved = false;
    let mut read = 0;
    loop {
        match reader.next() {
            Ok((used, block)) => {
                if let Some(frame) = frame(&block, &mut interfaces, newest) {
                    newest = frame.at;
                    each(&frame);
                }
                drop(block);
                reader.consume(used);
                read += used;
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
    Ok(match read == bytes.len() {
        true => End::Whole,
        false => End::Cut {
            at: read,
            of: bytes.len(),
        },
    })
}

fn frame<'a>(block: &'a PcapBlockOwned<'a>, interfaces: &mut Vec<Interface>, newest: i64) -> Option<Frame<'a>> {
    const NANOS: u64 = 1_000_000_000;
    const MICROS: u64 = 1_000_000;
    match block {
        PcapBlockOwned::LegacyHeader(header) => {
            let ticks = if header.is_nanosecond_precision() {
                NANOS
            } else {
                MICROS
            };
            // The upper bits say how long the frame check sequence is.
            let link = header.network.0 & 0xffff;
            *interfaces = vec![Interface { link, ticks, offset: 0 }];
            None
        }
        PcapBlockOwned::Legacy(packet) => {
            let Interface { link, ticks, .. } = *interfaces.first()?;
            let at = i64::from(packet.ts_sec) * MICROS as i64 + micros(packet.ts_usec.into(), ticks);
            Some(Frame {
                at,
                link,
                data: packet.data,
            })
        }
        PcapBlockOwned::NG(Block::SectionHeader(_)) => {
            interfaces.clear();
            None
        }
        PcapBlockOwned::NG(Block::InterfaceDescription(description)) => {
            interfaces.push(Interface {
                link: description.linktype.0,
                ticks: description.ts_resolution().unwrap_or(MICROS),
                offset: description.if_tsoffset,
            });
            None
        }
        PcapBlockOwned::NG(Block::EnhancedPacket(packet)) => {
            let Interface { link, ticks, offset } = *interfaces.get(packet.if_id as usize)?;
            let stamp = u64::from(packet.ts_high) << 32 | u64::from(packet.ts_low);
            let at = micros(stamp, ticks).saturating_add(offset.saturating_mul(MICROS as i64));
            let data = &packet.data[..packet.data.len().min(packet.caplen as usize)];
            Some(Frame { at, link, data })
        }
        // It has no time: that of the frame before.
        PcapBlockOwned::NG(Block::SimplePacket(packet)) => {
            let data = &packet.data[..packet.data.len().min(packet.origlen as usize)];
            let link = interfaces.first()?.link;
            Some(Frame { at: newest, link, data })
        }
        PcapBlockOwned::NG(_) => None,
    }
}

fn micros(count: u64, per_second: u64) -> i64 {
    let micros = u128::from(count) * 1_000_000 / u128::from(per_second.max(1));
    i64::try_from(micros).unwrap_or(i64::MAX)
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
