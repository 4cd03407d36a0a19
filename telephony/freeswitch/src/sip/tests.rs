//! Dialogues in the switch's words, on virtual time.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::*;

const SDP: &str = "v=0\r\no=FreeSWITCH 1 2 IN IP4 127.0.0.1\r\ns=FreeSWITCH\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n\
    m=audio 20000 RTP/AVP 102 101\r\na=rtpmap:102 opus/48000/2\r\na=fmtp:102 useinbandfec=1\r\n\
    a=rtpmap:101 telephone-event/48000\r\na=ptime:20\r\n";

fn text(method: &str, to_tag: &str, extra: &str, body: &str) -> Vec<u8> {
    let word = method.split(' ').next_back().unwrap();
    format!(
        "{word} sip:tap@127.0.0.1:5090 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1;rport;branch=z9hG4bKabc\r\n\
         Max-Forwards: 70\r\nf: \"\" <sip:x@127.0.0.1>;tag=sw1\r\nTo: <sip:tap@127.0.0.1:5090>{to_tag}\r\n\
         Call-ID: c-1\r\nCSeq: 7 {word}\r\nContact: <sip:mod_sofia@127.0.0.1:5060>\r\n{extra}\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

struct Bench {
    endpoint: Endpoint,
    now: Instant,
    from: SocketAddr,
}

impl Bench {
    fn new() -> Self {
        let mut endpoint = Endpoint::new("127.0.0.1:5090".parse().unwrap(), vec!["127.0.0.1".parse().unwrap()]);
        let now = Instant::now();
        endpoint.handle(
            now,
            Input::Expect(Expected {
                tap: "tap-1".into(),
                leg: "leg-1".into(),
                codec: "OPUS".into(),
                rtp: "127.0.0.1:12000".parse().unwrap(),
            }),
        );
        Self {
            endpoint,
            now,
            from: "127.0.0.1:5060".parse().unwrap(),
        }
    }

    fn hears(&mut self, bytes: Vec<u8>) -> String {
        let input = Input::Datagram { from: self.from, bytes };
        self.endpoint.handle(self.now, input);
        self.said()
    }

    fn pass(&mut self, time: Duration) -> String {
        let end = self.now + time;
        while let Some(at) = self.endpoint.deadline().filter(|at| *at <= end) {
            self.now = at;
            self.endpoint.wake(at);
        }
        self.now = end;
        self.said()
    }

    fn said(&mut self) -> String {
        let told = std::iter::from_fn(|| self.endpoint.poll()).map(|output| match output {
            Output::Send { bytes, .. } => {
                let text = String::from_utf8(bytes).unwrap();
                text.lines().next().unwrap().to_owned()
            }
            Output::Accepted { tap, media } => format!("accepted {tap} {}", media.payload.rtpmap),
            Output::Ended { tap, reason } => format!("ended {tap}: {reason}"),
            Output::Refused(why) => format!("refused {}", why.as_str()),
        });
        told.collect::<Vec<_>>().join("\n")
    }

    fn invited(asked: &str) -> (Self, String) {
        let mut bench = Self::new();
        let said = bench.hears(text("INVITE", "", asked, SDP));
        (bench, said)
    }
}

const ASKED: &str = "X-Sidetone-Leg: leg-1\r\nX-Sidetone-Tap: tap-1\r\n";
const TAG: &str = ";tag=tap-1";

#[test]
fn a_tap_is_answered_with_its_codec_and_ends_with_bye() {
    let (mut bench, said) = Bench::invited(ASKED);
    assert_eq!(said, "SIP/2.0 200 OK\naccepted tap-1 opus/48000/2");
    assert_eq!(bench.hears(text("ACK", TAG, "", "")), "");
    assert_eq!(bench.pass(Duration::from_secs(100)), "");
    assert_eq!(
        bench.hears(text("BYE", TAG, "", "")),
        "SIP/2.0 200 OK\nended tap-1: the switch ended the tap"
    );
    assert_eq!(bench.endpoint.dialogs(), 0);
}

#[test]
fn an_answer_is_repeated_until_it_is_confirmed() {
    let (mut bench, _) = Bench::invited(ASKED);
    assert_eq!(bench.pass(Duration::from_millis(499)), "");
    assert_eq!(bench.pass(Duration::from_millis(1)), "SIP/2.0 200 OK");
    assert_eq!(bench.pass(Duration::from_secs(1)), "SIP/2.0 200 OK");
    let rest = bench.pass(Duration::from_secs(40));
    assert_eq!(rest.matches("200").count(), 8);
    assert!(rest.contains("ended tap-1: the switch did not confirm"), "{rest}");
    assert_eq!(bench.endpoint.deadline(), None);
}

#[test]
fn a_copy_of_the_invite_gets_the_same_answer() {
    let (mut bench, _) = Bench::invited(ASKED);
    assert_eq!(bench.hears(text("INVITE", "", ASKED, SDP)), "SIP/2.0 200 OK");
    assert_eq!(bench.endpoint.dialogs(), 1);
}

#[test]
fn what_nobody_asked_for_is_forbidden() {
    for headers in [
        "",
        "X-Sidetone-Leg: leg-1\r\n",
        "X-Sidetone-Leg: leg-2\r\nX-Sidetone-Tap: tap-1\r\n",
    ] {
        let (_, said) = Bench::invited(headers);
        assert_eq!(said, "refused unasked\nSIP/2.0 403 Forbidden");
    }
    let mut bench = Bench::new();
    bench.from = "192.0.2.1:5060".parse().unwrap();
    assert_eq!(
        bench.hears(text("INVITE", "", ASKED, SDP)),
        "refused stranger\nSIP/2.0 403 Forbidden"
    );
}

#[test]
fn another_codec_is_not_acceptable() {
    let mut bench = Bench::new();
    let offer = SDP.replace("opus/48000/2", "speex/16000");
    assert_eq!(
        bench.hears(text("INVITE", "", ASKED, &offer)),
        "refused media\nSIP/2.0 488 Not Acceptable Here\nended tap-1: the offer has speex/16000, not the leg's OPUS"
    );
}

#[test]
fn a_tap_that_is_not_wanted_any_more_is_left() {
    let (mut bench, _) = Bench::invited(ASKED);
    bench.hears(text("ACK", TAG, "", ""));
    bench.endpoint.handle(bench.now, Input::Forget { tap: "tap-1".into() });
    assert_eq!(bench.said(), "BYE sip:mod_sofia@127.0.0.1:5060 SIP/2.0");
    assert_eq!(bench.pass(T1_PLUS), "BYE sip:mod_sofia@127.0.0.1:5060 SIP/2.0");
    let response = b"SIP/2.0 200 OK\r\nCall-ID: c-1\r\nCSeq: 1 BYE\r\nContent-Length: 0\r\n\r\n";
    assert_eq!(bench.hears(response.to_vec()), "");
    assert_eq!(bench.endpoint.dialogs(), 0);
}

const T1_PLUS: Duration = Duration::from_millis(501);

#[test]
fn a_refresh_is_confirmed_and_a_change_refused() {
    let (mut bench, _) = Bench::invited(ASKED);
    bench.hears(text("ACK", TAG, "", ""));
    assert_eq!(bench.hears(text("INVITE", TAG, "", SDP)), "SIP/2.0 200 OK");
    let change = SDP.replace("opus/48000/2", "PCMU/8000");
    assert_eq!(
        bench.hears(text("INVITE", TAG, "", &change)),
        "refused media\nSIP/2.0 488 Not Acceptable Here\nended tap-1: the switch changed the tap's codec"
    );
}

#[test]
fn static_types_need_no_map() {
    let offer = Offer::parse("c=IN IP4 10.0.0.1\nm=audio 4000 RTP/AVP 8 0 13\n").unwrap();
    assert_eq!(offer.choose("pcmu").unwrap().number, 0);
    assert_eq!(offer.codecs.len(), 2);
    assert_eq!(Offer::parse("m=audio 4000 RTP/AVP 8\n"), Err(SdpError::NoAudio));
    assert!(matches!(
        Offer::parse("m=audio 4000 RTP/SAVP 8\n"),
        Err(SdpError::Profile(_))
    ));
}

fn mangled() -> impl Strategy<Value = Vec<u8>> {
    (
        text_strategy(),
        proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..12),
    )
        .prop_map(|(mut bytes, edits)| {
            for (at, byte) in edits {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
            bytes
        })
}

fn text_strategy() -> impl Strategy<Value = Vec<u8>> {
    prop::sample::select(vec!["INVITE", "ACK", "BYE", "CANCEL", "OPTIONS", "INFO"])
        .prop_map(|method| text(method, if method == "INVITE" { "" } else { TAG }, ASKED, SDP))
}

proptest! {
    #[test]
    fn no_datagrams_panic(datagrams in proptest::collection::vec(mangled(), 0..8)) {
        let mut bench = Bench::new();
        for bytes in datagrams {
            bench.hears(bytes);
        }
        bench.pass(Duration::from_secs(60));
    }

    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300), sdp in "[a-z]=[ -~\n]{0,80}") {
        let _ = SipMessage::parse(&bytes);
        let _ = Offer::parse(&sdp);
    }
}
