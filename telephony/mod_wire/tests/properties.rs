//! Any message survives the wire in any portions; any bytes at all end in messages, waiting or an error.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::time::Duration;

use proptest::prelude::*;
use sidetone_mod_wire::{
    Answer, Audio, Decoder, Event, FromModule, HEADER, Hello, LegEnd, LegStart, LegStop, Listen, ListenResult,
    MAX_BODY, MAX_PAYLOAD, Message, Party, Subclass, ToModule, Welcome, WireError, fit,
};

fn word() -> impl Strategy<Value = String> {
    "[a-zA-Z0-9:_ 社保-]{0,36}"
}

fn party() -> impl Strategy<Value = Party> {
    prop_oneof![Just(Party::Caller), Just(Party::Agent)]
}

fn from_module() -> impl Strategy<Value = FromModule> {
    prop_oneof![
        (word(), word(), word()).prop_map(|(module, switch, switch_uuid)| {
            FromModule::Hello(Hello {
                module,
                switch,
                switch_uuid,
            })
        }),
        (word(), word(), party(), word(), word(), any::<u32>()).prop_map(
            |(uuid, call, party, agent, profile, rate)| {
                FromModule::LegStart(LegStart {
                    uuid,
                    call,
                    party,
                    agent,
                    profile,
                    rate,
                })
            }
        ),
        (
            word(),
            party(),
            any::<u32>(),
            any::<u64>(),
            0..u64::from(u32::MAX),
            any::<u32>(),
            prop::collection::vec(any::<i16>(), 0..2000)
        )
            .prop_map(|(uuid, party, rate, position, captured, lost, samples)| {
                let captured = Duration::from_micros(captured);
                FromModule::Audio(Audio {
                    uuid,
                    party,
                    rate,
                    position,
                    captured,
                    lost,
                    samples,
                })
            }),
        (word(), any::<u64>(), any::<u64>()).prop_map(|(uuid, frames, lost)| {
            FromModule::LegStop(LegStop {
                uuid,
                end: LegEnd::Stopped,
                frames,
                lost,
            })
        }),
        word().prop_map(FromModule::Pause),
        word().prop_map(FromModule::Resume),
        (word(), any::<u64>(), any::<u32>()).prop_map(|(uuid, ask, ms)| {
            FromModule::Listen(Listen {
                uuid,
                ask,
                timeout: Duration::from_millis(ms.into()),
            })
        }),
        (word(), any::<u64>()).prop_map(|(uuid, ask)| FromModule::ListenCancel { uuid, ask }),
    ]
}

fn to_module() -> impl Strategy<Value = ToModule> {
    prop_oneof![
        word().prop_map(|daemon| ToModule::Welcome(Welcome { daemon })),
        (any::<u64>(), ".{0,200}", word(), word(), any::<u16>(), ".{0,200}").prop_map(
            |(ask, text, intent, topic, confidence_permille, reply)| {
                let slots = r#"{"地区":"海淀"}"#.to_owned();
                let answer = Answer::Heard;
                ToModule::ListenResult(ListenResult {
                    ask,
                    answer,
                    text,
                    intent,
                    topic,
                    confidence_permille,
                    slots,
                    reply,
                })
            }
        ),
        (word(), ".{0,500}").prop_map(|(uuid, body)| {
            ToModule::Event(Event {
                uuid,
                subclass: Subclass::Hint,
                body,
            })
        }),
        any::<bool>().prop_map(ToModule::Bypass),
    ]
}

/// Everything that comes out when `bytes` come in portions of the given sizes.
fn in_portions<M: Message>(bytes: &[u8], sizes: &[usize]) -> Result<Vec<M>, WireError> {
    let mut decoder = Decoder::<M>::default();
    let (mut messages, mut rest) = (Vec::new(), bytes);
    for size in sizes.iter().copied().cycle() {
        if rest.is_empty() {
            break;
        }
        let (portion, tail) = rest.split_at(size.clamp(1, rest.len()));
        rest = tail;
        decoder.push(portion);
        while let Some(message) = decoder.take()? {
            messages.push(message);
        }
    }
    Ok(messages)
}

proptest! {
    #[test]
    fn what_the_module_says_is_what_the_daemon_hears(
        said in prop::collection::vec(from_module(), 1..8),
        sizes in prop::collection::vec(1usize..900, 1..6),
    ) {
        let mut bytes = Vec::new();
        for message in &said {
            message.encode(&mut bytes).unwrap();
        }
        prop_assert_eq!(in_portions::<FromModule>(&bytes, &sizes).unwrap(), said);
    }

    #[test]
    fn what_the_daemon_says_is_what_the_module_hears(
        said in prop::collection::vec(to_module(), 1..8),
        sizes in prop::collection::vec(1usize..900, 1..6),
    ) {
        let mut bytes = Vec::new();
        for message in &said {
            message.encode(&mut bytes).unwrap();
        }
        prop_assert_eq!(in_portions::<ToModule>(&bytes, &sizes).unwrap(), said);
    }

    #[test]
    fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..3000)) {
        let _ = in_portions::<FromModule>(&bytes, &[7, 512]);
        let _ = in_portions::<ToModule>(&bytes, &[7, 512]);
    }

    /// Behind a right header anything may come, and messages may be damaged anywhere.
    #[test]
    fn any_payload_is_survived(kind in any::<u8>(), payload in prop::collection::vec(any::<u8>(), 0..600)) {
        let mut bytes = vec![b's', b't', 1, kind];
        bytes.extend_from_slice(&(payload.len() as u32).to_le_bytes());
        bytes.extend_from_slice(&payload);
        let _ = in_portions::<FromModule>(&bytes, &[64]);
        let _ = in_portions::<ToModule>(&bytes, &[64]);
    }

    #[test]
    fn a_damaged_message_is_survived(message in from_module(), at in any::<prop::sample::Index>(), with in any::<u8>()) {
        let mut bytes = Vec::new();
        message.encode(&mut bytes).unwrap();
        let at = at.index(bytes.len());
        bytes[at] = with;
        let _ = in_portions::<FromModule>(&bytes, &[1000]);
    }

    #[test]
    fn a_cut_text_fits_and_is_text(text in ".{0,80}", max in 0usize..100) {
        let cut = fit(&text, max);
        prop_assert!(cut.len() <= max && text.starts_with(cut));
    }
}

#[test]
fn a_stranger_is_refused_at_once_and_stays_refused() {
    let mut decoder = Decoder::<FromModule>::default();
    decoder.push(b"G");
    assert_eq!(decoder.take(), Err(WireError::Magic));
    decoder.push(b"st\x01");
    assert_eq!(decoder.take(), Err(WireError::Magic));
}

#[test]
fn another_version_is_said_by_its_number() {
    let mut decoder = Decoder::<ToModule>::default();
    decoder.push(&[b's', b't', 9]);
    assert_eq!(decoder.take(), Err(WireError::Version(9)));
}

#[test]
fn a_length_beyond_the_bound_is_refused_before_its_bytes_come() {
    let mut decoder = Decoder::<ToModule>::default();
    decoder.push(&[b's', b't', 1, 66]);
    decoder.push(&(MAX_PAYLOAD as u32 + 1).to_le_bytes());
    assert_eq!(decoder.take(), Err(WireError::TooLong { field: "payload" }));
}

#[test]
fn a_kind_of_tomorrow_is_skipped_and_counted() {
    let mut decoder = Decoder::<ToModule>::default();
    decoder.push(&[b's', b't', 1, 200, 2, 0, 0, 0, 1, 2]);
    let mut known = Vec::new();
    ToModule::Bypass(true).encode(&mut known).unwrap();
    decoder.push(&known);
    assert_eq!(decoder.take(), Ok(Some(ToModule::Bypass(true))));
    assert_eq!(decoder.unknown(), 1);
}

#[test]
fn what_is_too_long_leaves_nothing_behind() {
    let mut out = b"before".to_vec();
    let body = "x".repeat(MAX_BODY + 1);
    let uuid = "1".to_owned();
    let event = ToModule::Event(Event {
        uuid,
        subclass: Subclass::Hint,
        body,
    });
    assert_eq!(event.encode(&mut out), Err(WireError::TooLong { field: "body" }));
    assert_eq!(out, b"before");
}

#[test]
fn ids_carry_no_line_breaks_into_the_switch() {
    let mut bytes = Vec::new();
    ToModule::Event(Event {
        uuid: "a\nContent-Length: 9".to_owned(),
        subclass: Subclass::Hint,
        body: "{}".to_owned(),
    })
    .encode(&mut bytes)
    .unwrap();
    assert_eq!(
        in_portions::<ToModule>(&bytes, &[99]),
        Err(WireError::Value { field: "uuid" })
    );
}

/// The bytes of version 1, so that a change of layout is a change of version.
#[test]
fn version_one_is_these_bytes() {
    let mut bytes = Vec::new();
    FromModule::Audio(Audio {
        uuid: "ab".to_owned(),
        party: Party::Agent,
        rate: 8000,
        position: 160,
        captured: Duration::from_micros(20_000),
        lost: 3,
        samples: vec![1, -2],
    })
    .encode(&mut bytes)
    .unwrap();
    let mut expected = b"st\x01\x03".to_vec();
    expected.extend_from_slice(&35u32.to_le_bytes());
    expected.extend_from_slice(b"\x02\0ab\x01");
    expected.extend_from_slice(&8000u32.to_le_bytes());
    expected.extend_from_slice(&160u64.to_le_bytes());
    expected.extend_from_slice(&20_000u64.to_le_bytes());
    expected.extend_from_slice(&3u32.to_le_bytes());
    expected.extend_from_slice(&[2, 0, 1, 0, 0xfe, 0xff]);
    assert_eq!(bytes.len(), HEADER + 35);
    assert_eq!(bytes, expected);
}
