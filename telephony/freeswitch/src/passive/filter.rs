//! The kernel's part: a program of the classic packet filter that lets one port's datagrams through.

use std::net::SocketAddrV4;

/// One instruction, as `struct sock_filter`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Instruction {
    /// Opcode.
    pub code: u16,
    /// How many to skip when true.
    pub yes: u8,
    /// How many to skip when false.
    pub no: u8,
    /// Operand.
    pub k: u32,
}

const LOAD_WORD: u16 = 0x20;
const LOAD_HALF: u16 = 0x28;
const LOAD_BYTE: u16 = 0x30;
const LOAD_HALF_INDEXED: u16 = 0x48;
/// The header's length in bytes, into the index register.
const INDEX_HEADER: u16 = 0xb1;
const AND: u16 = 0x54;
const EQUAL: u16 = 0x15;
const ANY_BIT: u16 = 0x45;
const RETURN: u16 = 0x06;

/// Where the kernel keeps what kind of packet it is (`SKF_AD_OFF + SKF_AD_PKTTYPE`).
const PACKET_TYPE: u32 = 0xffff_f004;
/// One that this host sends: on loopback each datagram passes twice.
const OUTGOING: u32 = 4;
const UDP: u32 = 17;

/// Datagrams to this address, from the IPv4 header on (an `AF_PACKET` socket of type `SOCK_DGRAM`).
/// Fragments do not pass: a port is in the first one only.
#[must_use]
pub fn filter(to: SocketAddrV4) -> [Instruction; 16] {
    let step = |code, yes, no, k| Instruction { code, yes, no, k };
    // Each refusal jumps to the last instruction.
    [
        step(LOAD_BYTE, 0, 0, PACKET_TYPE),
        step(EQUAL, 13, 0, OUTGOING),
        step(LOAD_BYTE, 0, 0, 0),
        step(AND, 0, 0, 0xf0),
        step(EQUAL, 0, 10, 0x40),
        step(LOAD_BYTE, 0, 0, 9),
        step(EQUAL, 0, 8, UDP),
        step(LOAD_WORD, 0, 0, 16),
        step(EQUAL, 0, 6, u32::from(*to.ip())),
        step(LOAD_HALF, 0, 0, 6),
        step(ANY_BIT, 4, 0, 0x3fff),
        step(INDEX_HEADER, 0, 0, 0),
        step(LOAD_HALF_INDEXED, 0, 0, 2),
        step(EQUAL, 0, 1, u32::from(to.port())),
        step(RETURN, 0, 0, 0xffff),
        step(RETURN, 0, 0, 0),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The machine that the kernel runs, as far as this program needs it.
    fn run(program: &[Instruction], packet: &[u8], kind: u32) -> u32 {
        let (mut accumulator, mut index, mut at) = (0u32, 0usize, 0usize);
        let byte = |at: usize| packet.get(at).map(|byte| u32::from(*byte));
        let half = |at: usize| Some(byte(at)? << 8 | byte(at + 1)?);
        loop {
            let Instruction { code, yes, no, k } = program[at];
            at += 1;
            let place = k as usize;
            let loaded = match code {
                LOAD_BYTE if k == PACKET_TYPE => Some(kind),
                LOAD_BYTE => byte(place),
                LOAD_HALF => half(place),
                LOAD_WORD => half(place).zip(half(place + 2)).map(|(high, low)| high << 16 | low),
                LOAD_HALF_INDEXED => half(index + place),
                AND => Some(accumulator & k),
                INDEX_HEADER => {
                    index = byte(place).map_or(0, |byte| 4 * (byte & 15) as usize);
                    continue;
                }
                EQUAL | ANY_BIT => {
                    let is = if code == EQUAL {
                        accumulator == k
                    } else {
                        accumulator & k != 0
                    };
                    at += usize::from(if is { yes } else { no });
                    continue;
                }
                RETURN => return k,
                other => panic!("{other:#x}"),
            };
            // A load beyond the packet refuses it.
            let Some(loaded) = loaded else { return 0 };
            accumulator = loaded;
        }
    }

    fn datagram(to: [u8; 4], port: u16, options: usize) -> Vec<u8> {
        let mut packet = vec![
            0x45 + (options / 4) as u8,
            0,
            0,
            0,
            0,
            0,
            0x40,
            0,
            64,
            17,
            0,
            0,
            10,
            0,
            0,
            9,
        ];
        packet.extend(to);
        packet.extend(vec![0; options]);
        packet.extend([0x13, 0x88]);
        packet.extend(port.to_be_bytes());
        packet.extend([0, 12, 0, 0, 1, 2, 3, 4]);
        packet
    }

    #[test]
    fn one_port_of_one_address_passes() {
        let program = filter("10.0.0.7:20000".parse().unwrap());
        let wanted = datagram([10, 0, 0, 7], 20000, 0);
        assert_eq!(run(&program, &wanted, 0), 0xffff);
        assert_eq!(
            run(&program, &datagram([10, 0, 0, 7], 20000, 8), 0),
            0xffff,
            "header options"
        );
        assert_eq!(run(&program, &wanted, OUTGOING), 0);
        assert_eq!(run(&program, &datagram([10, 0, 0, 8], 20000, 0), 0), 0);
        assert_eq!(run(&program, &datagram([10, 0, 0, 7], 20001, 0), 0), 0);
        assert_eq!(run(&program, &wanted[..19], 0), 0);
        for (at, value) in [(9, 6), (0, 0x65), (6, 0x20), (7, 1)] {
            let mut other = wanted.clone();
            other[at] = value;
            assert_eq!(run(&program, &other, 0), 0, "byte {at}");
        }
    }
}
