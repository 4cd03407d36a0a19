//! Datagrams and texts.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use sidetone_asterisk::aeap::Session;
use sidetone_base::{Answer, Said};
use sidetone_freeswitch::passive::Srtp;
use sidetone_freeswitch::sip::{Endpoint, Expected, Input, Offer, Output};

const SWITCH: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 5080);
const OURS: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 5090);
const RTP: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 12000);
/// A tap that is waited for; the seeds name it.
const TAP: &str = "11111111-2222-4333-8444-555555555555";
const CRYPTO: &str = "AES_CM_128_HMAC_SHA1_80 inline:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5";

/// Datagrams, parted by a NUL, to an endpoint that waits for one tap.
pub(crate) fn sip(data: &[u8]) {
    let mut endpoint = Endpoint::new(OURS, vec![SWITCH.ip()]);
    let mut now = Instant::now();
    for codec in ["PCMU/8000", "opus/48000/2"] {
        endpoint.handle(
            now,
            Input::Expect(Expected {
                tap: TAP.to_owned(),
                leg: TAP.to_owned(),
                codec: codec.to_owned(),
                rtp: RTP,
            }),
        );
    }
    for bytes in data.split(|byte| *byte == 0) {
        endpoint.handle(
            now,
            Input::Datagram {
                from: SWITCH,
                bytes: bytes.to_vec(),
            },
        );
        let mut sent = 0;
        while let Some(output) = endpoint.poll() {
            sent += usize::from(matches!(output, Output::Send { .. }));
        }
        assert!(sent <= 2, "{sent} datagrams for one");
        now += Duration::from_millis(600);
        endpoint.wake(now);
        while endpoint.poll().is_some() {}
    }
    assert!(endpoint.dialogs() <= 1, "{} dialogs for one tap", endpoint.dialogs());
}

pub(crate) fn sdp(data: &[u8]) {
    if let Ok(offer) = Offer::parse(&String::from_utf8_lossy(data)) {
        for codec in ["PCMU/8000", "G722/8000", "opus/48000/2", "L16/16000"] {
            let _ = offer.choose(codec);
        }
    }
}

/// The first two bytes are the length of the signalled line, or 0 for a good one; the rest is a packet.
pub(crate) fn srtp(data: &[u8]) {
    let Some((length, rest)) = data.split_first_chunk::<2>() else {
        return;
    };
    let (line, packet) = rest.split_at(usize::from(u16::from_be_bytes(*length)).min(rest.len()));
    let line = if line.is_empty() {
        CRYPTO.into()
    } else {
        String::from_utf8_lossy(line)
    };
    if let Ok(mut srtp) = Srtp::new(&line) {
        let _ = srtp.decrypt(packet);
        let _ = srtp.decrypt(packet);
    }
}

/// WebSocket messages parted by a NUL; those that begin with `~` are sound.
pub(crate) fn aeap(data: &[u8]) {
    let mut session = Session::new();
    let mut now = Instant::now();
    for bytes in data.split(|byte| *byte == 0) {
        match bytes.strip_prefix(b"~") {
            Some(sound) => session.audio(now, sound),
            None => drop(session.text(&String::from_utf8_lossy(bytes))),
        }
        now += Duration::from_millis(100);
        session.wake(now);
        while session.poll().is_some() {}
        session.answered(Answer::Heard(Said {
            text: String::from_utf8_lossy(bytes).into_owned(),
            ..Said::default()
        }));
        while session.poll().is_some() {}
    }
}
