//! What a captured packet carries.

use std::net::SocketAddrV4;

/// The payload of a UDP datagram to this address, from the IPv4 header on. What came before the kernel had
/// its filter is looked at again here.
#[must_use]
pub fn udp_payload(packet: &[u8], to: SocketAddrV4) -> Option<&[u8]> {
    let half = |at: usize| Some(u16::from_be_bytes([*packet.get(at)?, *packet.get(at + 1)?]));
    let first = *packet.first()?;
    let header = usize::from(first & 15) * 4;
    let whole = half(6)? & 0x3fff == 0;
    if first >> 4 != 4 || header < 20 || !whole || *packet.get(9)? != 17 || packet.get(16..20)? != to.ip().octets() {
        return None;
    }
    if half(header + 2)? != to.port() {
        return None;
    }
    let length = usize::from(half(header + 4)?);
    packet.get(header + 8..header + length)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn datagram() -> Vec<u8> {
        let mut packet = vec![0x45, 0, 0, 32, 0, 0, 0x40, 0, 64, 17, 0, 0, 10, 0, 0, 9, 10, 0, 0, 7];
        packet.extend([0x13, 0x88, 0x4e, 0x20, 0, 12, 0, 0, 1, 2, 3, 4]);
        packet
    }

    #[test]
    fn the_payload_is_found_without_padding() {
        let to = "10.0.0.7:20000".parse().unwrap();
        let mut packet = datagram();
        packet.extend([0; 14]);
        assert_eq!(udp_payload(&packet, to), Some(&[1, 2, 3, 4][..]));
        assert_eq!(udp_payload(&packet, "10.0.0.7:20002".parse().unwrap()), None);
        assert_eq!(udp_payload(&packet[..30], to), None);
    }

    proptest! {
        #[test]
        fn no_packet_panics(mut packet in proptest::collection::vec(any::<u8>(), 0..80), real in any::<bool>()) {
            if real {
                packet.splice(0..0, datagram()[..28].to_vec());
            }
            let _ = udp_payload(&packet, "10.0.0.7:20000".parse().unwrap());
        }
    }
}
