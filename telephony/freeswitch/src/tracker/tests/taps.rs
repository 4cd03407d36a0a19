//! What taps are told of legs.

use super::*;

#[test]
fn another_codec_is_told_to_the_tap_once() {
    let mut bench = bridged(&FreeswitchConfig::default(), "", "");
    bench.story();
    let codec = |name: &str| {
        event(&format!(
            "Event-Name: CODEC\nUnique-ID: b\nChannel-Read-Codec-Name: {name}\nChannel-Read-Codec-Rate: 8000"
        ))
    };
    bench.input(codec("PCMU"));
    assert_eq!(bench.story(), "");
    bench.input(codec("PCMA"));
    bench.input(codec("PCMA"));
    assert_eq!(bench.story(), "media B PCMA@8000h@20i");
}

/// A recording that was there before the call counts, and what was missed without a connection does not.
#[test]
fn a_legs_tap_hears_of_media_bugs() {
    let bug = |what: &str| {
        event(&format!(
            "Event-Name: MEDIA_BUG_{what}\nUnique-ID: b\nMedia-Bug-Function: session_record"
        ))
    };
    let mut bench = bridged(&FreeswitchConfig::default(), "", "");
    bench.story();
    bench.input(bug("START"));
    bench.input(bug("START"));
    bench.input(bug("STOP"));
    assert_eq!(
        bench.story(),
        "media B PCMU@8000h@20i bugs=1\nmedia B PCMU@8000h@20i bugs=2\nmedia B PCMU@8000h@20i bugs=1"
    );
    let mut bench = Bench::idle(&FreeswitchConfig::default());
    bench.input(bug("START"));
    assert_eq!(bench.story(), "", "nobody listens to that channel");
}

#[test]
fn a_tap_is_reported_while_its_leg_is_there() {
    let mut bench = bridged(&FreeswitchConfig::default(), "", "");
    bench.story();
    let up = |leg: &str| Input::TapUp {
        call: sidetone_base::CallId::new("a"),
        leg: LegId::new(leg),
        kind: TapKind::Native,
        payload_types: Vec::new(),
    };
    bench.input(up("b"));
    bench.input(up("z"));
    assert_eq!(bench.story(), "B heard by native");
}

#[test]
fn loopback_channels_are_walked_through() {
    let mut bench = Bench::idle(&FreeswitchConfig::default());
    let half = |uuid: &str, other: &str, direction: &str| {
        format!(
            "Event-Name: CHANNEL_CREATE\nUnique-ID: {uuid}\nChannel-Name: loopback/8001-{uuid}\n\
             Call-Direction: {direction}\nvariable_other_loopback_leg_uuid: {other}"
        )
    };
    for text in [
        CALLER,
        &half("l1", "l2", "outbound"),
        &half("l2", "l1", "inbound"),
        PHONE,
        "Event-Name: CHANNEL_BRIDGE\nUnique-ID: a\nBridge-A-Unique-ID: a\nBridge-B-Unique-ID: l1",
        "Event-Name: CHANNEL_BRIDGE\nUnique-ID: l2\nBridge-A-Unique-ID: l2\nBridge-B-Unique-ID: b",
    ] {
        bench.input(event(text));
    }
    assert_eq!(
        bench.story(),
        "started 0s number=- called=- queue=-\nA joins as caller\ntap A unknown\nB joins as agent\ntap B PCMU@8000h@20i"
    );
}

#[test]
fn what_travels_in_the_clear_and_what_does_not() {
    let media = |variables: &str| {
        let text = format!(
            "Unique-ID: a\nChannel-Read-Codec-Name: opus\nChannel-Read-Codec-Rate: 48000\n\
             variable_local_media_ip: 10.0.0.7\nvariable_local_media_port: 20000\nvariable_rtp_audio_recv_pt: 102\n{variables}"
        );
        super::super::event::channel(&Headers::parse(&text, true))
            .unwrap()
            .media
            .unwrap()
    };
    let plain = media("");
    assert_eq!(
        (plain.local, plain.payload),
        (Some("10.0.0.7:20000".parse().unwrap()), Some(102))
    );
    assert!(!plain.dtls && plain.crypto.is_none());
    let sdes = media(
        "variable_rtp_secure_audio_confirmed: true\n\
         variable_srtp_remote_audio_crypto_key: 7%20AES_CM_128_HMAC_SHA1_80%20inline%3Aabc",
    );
    assert!(!sdes.dtls);
    assert_eq!(sdes.crypto.unwrap().expose(), "7 AES_CM_128_HMAC_SHA1_80 inline:abc");
    for sign in [
        "media_webrtc: true",
        "rtp_secure_audio_confirmed: true",
        "switch_r_sdp: a%3Dfingerprint%3Asha-256%20AA",
    ] {
        assert!(media(&format!("variable_{sign}")).dtls, "{sign}");
    }
}
