mod wire;

use proptest::prelude::*;

use super::*;
use wire::{AGENT, CALLER, STEP, Sender, Timed, WRAPS, Wrap, cut_pcap, mixed, pcap, pcapng, socket};

/// What is heard: the leg, the time in milliseconds, and the sound of each frame.
fn heard(call: &CapturedCall) -> Vec<(usize, u128, Vec<u8>)> {
    let sound = |frame: &TapFrame| match frame {
        TapFrame::Rtp(bytes) => bytes[12..15].to_vec(),
        TapFrame::Pcm { .. } => Vec::new(),
    };
    let frames = call.frames.iter();
    let mut heard: Vec<_> = frames.map(|r| (r.leg, r.at.as_millis(), sound(&r.frame))).collect();
    heard.sort();
    heard
}

fn only(file: &[u8]) -> CapturedCall {
    let mut capture = read(file).unwrap();
    assert_eq!(
        capture.calls.len(),
        1,
        "{:?}",
        capture.calls.iter().map(ToString::to_string).collect::<Vec<_>>()
    );
    capture.calls.remove(0)
}

fn plain() -> Vec<(usize, u128, Vec<u8>)> {
    heard(&only(&pcap(1, &mixed(&[CALLER, AGENT], Wrap::Ethernet))))
}

#[test]
fn two_streams_of_a_call_are_its_parties() {
    let stray = Sender {
        ssrc: 9,
        from: (7, 1),
        to: (9, 2),
        count: 1,
        ..CALLER
    };
    let call = only(&pcap(1, &mixed(&[CALLER, AGENT, stray], Wrap::Ethernet)));
    assert_eq!(call.to_string(), "0.0 s to 2.0 s, 192.0.2.10:4000 and 192.0.2.20:5000");
    assert_eq!(call.frames.len(), 200);
    assert_eq!((call.frames[3].at, call.frames[3].leg), (Duration::from_millis(20), 1));
    assert_eq!(call.parties[0].payloads[0].number, 8);
    assert!(!call.parties[0].payloads[0].is_unknown());
}

#[test]
fn a_capture_that_was_cut_off_gives_what_there_is_and_says_so() {
    let file = pcap(1, &mixed(&[CALLER], Wrap::Ethernet));
    assert_eq!(read(&file).unwrap().notes, [""; 0]);
    let cut = &file[..file.len() - 50];
    assert_eq!(only(cut).frames.len(), 99);
    let notes = read(cut).unwrap().notes;
    assert!(notes[0].contains(&format!("of {}", cut.len())), "{notes:?}");
}

#[test]
fn packets_that_were_cut_are_refused_in_words() {
    let file = cut_pcap(1, &mixed(&[CALLER, AGENT], Wrap::Ethernet), 96);
    let refusal = read(&file).unwrap_err().to_string();
    assert_eq!(
        refusal,
        "200 RTP packets were cut at capture: 54 of 172 bytes are left of the first; \
         capture whole packets with `tcpdump -s 0`"
    );
}

#[test]
fn fragments_and_interfaces_that_are_not_understood_are_named() {
    let mut packets = mixed(&[CALLER], Wrap::Ethernet);
    for (_, frame) in packets.iter_mut().take(3) {
        frame[20] = 0x20;
    }
    assert!(read(&pcap(1, &packets)).unwrap().notes[0].starts_with("3 fragment(s)"));
    let other = read(&pcap(127, &packets)).unwrap();
    assert!(
        other.calls.is_empty() && other.notes[0].contains("kind 127"),
        "{:?}",
        other.notes
    );
}

#[test]
fn a_call_begins_with_its_first_report() {
    let rtcp = |n: u8| {
        let report = [&[0x80, 200 + n % 5, 0, 6, 0, 0, 0, 9][..], &[0; 20]].concat();
        (
            u64::from(n) * 20_000,
            Wrap::Ethernet.frame(CALLER.from, CALLER.to, &report),
        )
    };
    let later = [Sender { begin: 1_000, ..CALLER }, Sender { begin: 1_000, ..AGENT }];
    let packets: Vec<Timed> = (0..50).map(rtcp).chain(mixed(&later, Wrap::Ethernet)).collect();
    let call = only(&pcap(1, &packets));
    let expected: Vec<_> = plain()
        .into_iter()
        .map(|(leg, at, sound)| (leg, at + 1_000, sound))
        .collect();
    assert_eq!(heard(&call), expected);
}

#[test]
fn an_announcement_before_the_caller_is_heard_is_no_caller() {
    // The same server, then another one.
    for server in [AGENT.from, (30, 6_000)] {
        let announcement = Sender {
            ssrc: 77,
            from: server,
            voice: 7,
            ..AGENT
        };
        let caller = Sender { begin: 2_000, ..CALLER };
        let agent = Sender { begin: 2_000, ..AGENT };
        let call = only(&pcap(1, &mixed(&[announcement, agent, caller], Wrap::Ethernet)));
        assert_eq!(call.parties[0].sources[0].from, socket(CALLER.from));
        assert_eq!(call.parties[1].sources.len(), 2);
    }
}

#[test]
fn who_invites_is_the_caller_and_says_what_types_carry() {
    let invite = "INVITE sip:12333@192.0.2.10 SIP/2.0\r\n\r\nv=0\r\nc=IN IP4 192.0.2.20\r\nm=audio 5000 RTP/AVP 96\r\n\
        a=rtpmap:96 L16/8000\r\n";
    let sip = (0, Wrap::Ethernet.frame((20, 5_060), (10, 5_060), invite.as_bytes()));
    let streams = [
        Sender {
            payload_type: 96,
            ..CALLER
        },
        Sender {
            payload_type: 96,
            ..AGENT
        },
    ];
    let packets: Vec<Timed> = std::iter::once(sip).chain(mixed(&streams, Wrap::Ethernet)).collect();
    let call = only(&pcap(1, &packets));
    assert_eq!(call.parties[0].sources[0].from, socket(AGENT.from));
    assert!(
        call.parties
            .iter()
            .all(|party| party.payloads[0].rtpmap.as_deref() == Some("L16/8000"))
    );
    let silent = only(&pcap(1, &packets[1..]));
    let [payload] = silent.parties[0].payloads.as_slice() else {
        panic!("{silent}")
    };
    assert!(payload.is_unknown());
    assert_eq!(payload.guess().as_deref(), Some("PCMA/8000"));
}

#[test]
fn comfort_noise_is_handed_over() {
    let mut packets = mixed(&[CALLER, AGENT], Wrap::Ethernet);
    for (_, frame) in packets
        .iter_mut()
        .take(40)
        .filter(|(_, frame)| frame[29] == CALLER.from.0)
    {
        frame[43] = 13;
    }
    let call = only(&pcap(1, &packets));
    assert_eq!(call.frames.len(), 200);
    let numbers: Vec<u8> = call.parties[0].payloads.iter().map(|payload| payload.number).collect();
    assert_eq!(numbers, [8, 13]);
}

#[test]
fn a_switch_that_is_heard_on_both_sides_has_one_call() {
    let forwarded = [
        Sender {
            from: (20, 5_002),
            to: (40, 7_000),
            ssrc: 3,
            begin: 5,
            ..CALLER
        },
        Sender {
            from: (40, 7_000),
            to: (20, 5_002),
            ssrc: 4,
            begin: 0,
            ..AGENT
        },
    ];
    let agent = Sender { begin: 5, ..AGENT };
    let capture = read(&pcap(
        1,
        &mixed(&[CALLER, forwarded[0], forwarded[1], agent], Wrap::Ethernet),
    ))
    .unwrap();
    assert_eq!(capture.calls.len(), 1);
    assert_eq!(capture.calls[0].parties[1].sources[0].from, socket(CALLER.to));
    assert!(capture.notes[0].contains("both of its sides"), "{:?}", capture.notes);
}

#[test]
fn calls_one_after_the_other_and_at_the_same_time_are_told_apart() {
    let moved = |sender: Sender, by: u16, begin| Sender {
        ssrc: sender.ssrc + 100,
        from: (sender.from.0, sender.from.1 + by),
        to: (sender.to.0, sender.to.1 + by),
        begin,
        voice: sender.voice + 50,
        ..sender
    };
    for (by, begin) in [(2, 0), (2, 1_000), (2, 4_000), (0, 20_000)] {
        let second = [moved(CALLER, by, begin), moved(AGENT, by, begin)];
        let file = pcap(1, &mixed(&[CALLER, AGENT, second[0], second[1]], Wrap::Ethernet));
        let capture = read(&file).unwrap();
        assert_eq!(capture.calls.len(), 2, "{by} {begin}");
        assert_eq!(heard(&capture.calls[0]), plain());
        assert_eq!(capture.calls[1].begin.as_millis(), u128::from(begin));
        assert_eq!(capture.calls[1].frames.len(), 200);
    }
}

#[test]
fn a_pause_is_no_step_of_the_clock() {
    // The senders' clocks go on in the pause; then everything that a stall held back comes at once.
    let paused: Vec<Timed> = mixed(&[CALLER, AGENT], Wrap::Ethernet);
    let without: Vec<Timed> = paused
        .iter()
        .filter(|(at, _)| !(500_000..1_500_000).contains(at))
        .cloned()
        .collect();
    let call = only(&pcap(1, &without));
    assert_eq!(call.frames.last().unwrap().at.as_millis(), 1_980);
    let stalled = paused.into_iter().map(|(at, frame)| match at {
        500_000..1_500_000 => (1_500_000, frame),
        _ => (at, frame),
    });
    let call = only(&pcap(1, &stalled.collect::<Vec<_>>()));
    assert_eq!(call.frames.last().unwrap().at.as_millis(), 1_980);
}

#[test]
fn who_begins_to_speak_again_may_have_a_clock_that_stood_still() {
    let mut packets = mixed(&[CALLER, AGENT], Wrap::Ethernet);
    for (at, frame) in packets.iter_mut().filter(|(at, _)| *at >= 1_000_000) {
        // The marker, on the first packet after the hold.
        frame[43] |= if *at == 1_000_000 { 0x80 } else { 0 };
        *at += 5_000_000;
    }
    let call = only(&pcap(1, &packets));
    assert_eq!(call.frames.last().unwrap().at.as_millis(), 6_980);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever becomes of SSRCs, ports, clock, order and wrapping: the same two parties are heard at the same times.
    #[test]
    fn a_call_is_heard_the_same_however_it_was_captured(
        wrap in 0_usize..WRAPS.len(),
        ng in any::<bool>(),
        changed_at in 10_u16..90,
        change in 0_usize..5,
        step in prop_oneof![Just(0_i64), Just(-3_600_000), Just(3_600_000), -5_000_i64..-300, 500_i64..9_000],
        stepped_at in 300_u64..1_700,
        swaps in proptest::collection::vec(2_usize..198, 0..4),
        doubled in any::<bool>(),
    ) {
        // A clock that is set in the very moment in which all sources change has no witness: it could be a pause.
        prop_assume!(change == 0 || stepped_at.div_ceil(STEP) != u64::from(changed_at));
        let wrap = WRAPS[wrap];
        let split = |sender: Sender, renew: bool, from_port: u16, to_port: u16| {
            let first = Sender { count: changed_at, ..sender };
            let second = Sender {
                ssrc: if renew { sender.ssrc + 100 } else { sender.ssrc },
                from: (sender.from.0, sender.from.1 + from_port),
                to: (sender.to.0, sender.to.1 + to_port),
                ..sender
            };
            (first, second)
        };
        let senders = match change {
            0 => [(CALLER, CALLER), (AGENT, AGENT)],
            1 => [split(CALLER, true, 0, 0), split(AGENT, true, 0, 0)],
            2 => [split(CALLER, false, 0, 2), split(AGENT, false, 2, 0)],
            3 => [split(CALLER, true, 2, 0), split(AGENT, true, 0, 2)],
            _ => [split(CALLER, true, 2, 2), split(AGENT, true, 2, 2)],
        };
        let mut packets: Vec<Timed> = Vec::new();
        for n in 0..100_u16 {
            for (first, second) in &senders {
                let sender = if n < first.count { first } else { second };
                packets.push((u64::from(n) * STEP * 1_000, wrap.frame(sender.from, sender.to, &sender.rtp(n))));
            }
        }
        for (at, _) in packets.iter_mut().filter(|(at, _)| *at >= stepped_at * 1_000) {
            *at = at.wrapping_add_signed(step * 1_000);
        }
        for swap in swaps {
            let (one, other) = (packets[swap].0, packets[swap + 1].0);
            if one.abs_diff(other) <= 20_000 {
                packets.swap(swap, swap + 1);
                (packets[swap].0, packets[swap + 1].0) = (one, other);
            }
        }
        if doubled {
            packets = packets.into_iter().flat_map(|packet| [packet.clone(), packet]).collect();
        }
        let file = if ng { pcapng(wrap.link(), &packets) } else { pcap(wrap.link(), &packets) };
        let capture = read(&file).unwrap();
        prop_assert_eq!(capture.calls.len(), 1);
        let (found, expected) = (heard(&capture.calls[0]), plain());
        prop_assert_eq!(found.len(), expected.len());
        for (found, expected) in found.iter().zip(&expected) {
            prop_assert_eq!((found.0, &found.2), (expected.0, &expected.2));
            prop_assert!(found.1.abs_diff(expected.1) <= 45, "{} ms for {} ms", found.1, expected.1);
        }
    }

    #[test]
    fn broken_captures_are_read_or_refused(at in 0_usize..20_000, value in any::<u8>(), wrap in 0_usize..WRAPS.len()) {
        let wrap = WRAPS[wrap];
        let mut file = pcap(wrap.link(), &mixed(&[CALLER, AGENT], wrap));
        let at = at % file.len();
        file[at] = value;
        let _ = read(&file);
    }
}
