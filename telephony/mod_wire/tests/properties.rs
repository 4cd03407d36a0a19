//! Any message survives the wire in any portions; any bytes at all end in messages, waiting or an error.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::time::Duration;

use proptest::prelude::*;
use sidetone_mod_wire::{
    Answer, Ask, Asked, Audio, Decoder, Event, FromModule, HEADER, Hello, LegEnd, LegStart, LegStop, MAX_BODY,
    MAX_PAYLOAD, MAX_VALUE, MAX_VARIABLES, Message, Party, Status, Subclass, ToModule, VERSION, Welcome, WireError,
    fit,
};

fn word() -> impl Strategy<Value = String> {
    "[a-zA-Z0-9:_ 社保-]{0,36}"
}

fn party() -> impl Strategy<Value = Party> {
    prop_oneof![Just(Party::Caller), Just(Party::Agent)]
}

fn asked() -> impl Strategy<Value = Asked> {
    let ms = |ms: u32| Duration::from_millis(ms.into());
    prop_oneof![
        (any::<u32>(), any::<u32>()).prop_map(move |(timeout, limit)| Asked::Next {
            timeout: ms(timeout),
            limit: ms(limit),
        }),
        Just(Asked::Last),
        Just(Asked::Summary),
    ]
}

fn status() -> impl Strategy<Value = Status> {
    prop::sample::select(vec![
        Status::Heard,
        Status::Silence,
        Status::Gone,
        Status::Ok,
        Status::Error,
    ])
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
        (
            word(),
            word(),
            party(),
            word(),
            word(),
            word(),
            any::<u32>(),
            any::<u16>(),
            0..u64::from(u32::MAX),
        )
            .prop_map(|(uuid, call, party, agent, profile, queue, rate, backlog, tapped)| {
                FromModule::LegStart(LegStart {
                    uuid,
                    call,
                    party,
                    agent,
                    profile,
                    queue,
                    rate,
                    backlog,
                    tapped: Duration::from_micros(tapped),
                })
            }),
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
        (word(), any::<u64>(), asked()).prop_map(|(uuid, ask, asked)| FromModule::Ask(Ask { uuid, ask, asked })),
        (word(), any::<u64>()).prop_map(|(uuid, ask)| FromModule::AskCancel { uuid, ask }),
    ]
}

fn to_module() -> impl Strategy<Value = ToModule> {
    prop_oneof![
        word().prop_map(|daemon| ToModule::Welcome(Welcome { daemon })),
        (
            any::<u64>(),
            status(),
            prop::collection::vec(("[a-z0-9_]{1,64}", ".{0,200}"), 0..MAX_VARIABLES)
        )
            .prop_map(|(ask, status, variables)| { ToModule::Answer(Answer { ask, status, variables }) }),
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
        let mut bytes = vec![b's', b't', VERSION, kind];
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
    decoder.push(&[b's', b't', VERSION, 66]);
    decoder.push(&(MAX_PAYLOAD as u32 + 1).to_le_bytes());
    assert_eq!(decoder.take(), Err(WireError::TooLong { field: "payload" }));
}

#[test]
fn a_kind_of_tomorrow_is_skipped_and_counted() {
    let mut decoder = Decoder::<ToModule>::default();
    decoder.push(&[b's', b't', VERSION, 200, 2, 0, 0, 0, 1, 2]);
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
fn whatever_is_answered_can_be_written_and_sets_nothing_else() {
    let long = "社".repeat(MAX_VALUE);
    let mut variables: Vec<(String, String)> = (0..100).map(|n| (format!("slot_{n}"), long.clone())).collect();
    variables.insert(0, ("slots".to_owned(), long));
    variables.insert(0, ("text\nexit".to_owned(), String::new()));
    let answer = Answer::fitting(7, Status::Heard, variables);
    assert_eq!(answer.variables.len(), MAX_VARIABLES);
    assert_eq!(answer.variables[0], ("slots".to_owned(), "{}".to_owned()));
    assert_eq!(answer.variables[1].1.len(), MAX_VALUE / 3 * 3);
    let mut bytes = Vec::new();
    ToModule::Answer(answer.clone()).encode(&mut bytes).unwrap();
    assert_eq!(
        in_portions::<ToModule>(&bytes, &[99]),
        Ok(vec![ToModule::Answer(answer.clone())])
    );
    // Another peer may say what ours does not.
    let mut wrong = answer;
    wrong.variables = vec![
        ("execute_on_media_x".to_owned(), String::new()),
        ("Text".to_owned(), String::new()),
    ];
    bytes.clear();
    ToModule::Answer(wrong).encode(&mut bytes).unwrap();
    assert_eq!(
        in_portions::<ToModule>(&bytes, &[99]),
        Err(WireError::Value { field: "variable" })
    );
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

/// The bytes of version 3, so that a change of layout is a change of version.
#[test]
fn version_three_is_these_bytes() {
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
    let mut expected = b"st\x03\x03".to_vec();
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
