//! What holds for the events of every call.

use std::collections::{BTreeMap, HashSet};
use std::sync::OnceLock;

use serde_json::Value;
use sidetone_schema::{Body, Envelope};

use crate::corpus::Script;

/// Every event is what `docs/schema/event.schema.json` says.
///
/// # Panics
/// With the first fault.
pub fn assert_valid(event: &Value) {
    static VALIDATOR: OnceLock<jsonschema::Validator> = OnceLock::new();
    let compile = || {
        let schema = serde_json::to_value(sidetone_schema::json_schema()).unwrap();
        jsonschema::validator_for(&schema).unwrap_or_else(|error| panic!("{error}"))
    };
    if let Err(error) = VALIDATOR.get_or_init(compile).validate(event) {
        panic!("not as the schema says: {error}\n{event:#}");
    }
}

/// Numbers without a hole, begin and end in their places, and every stretch of speech told once.
///
/// # Panics
/// When a rule is broken.
pub fn assert_story(events: &[Envelope]) {
    let seqs: Vec<u64> = events.iter().map(|event| event.seq).collect();
    assert_eq!(seqs, (1..=events.len() as u64).collect::<Vec<_>>(), "a hole in seq");
    let count = |name: &str| events.iter().filter(|event| event.body.type_name() == name).count();
    assert_eq!(events.first().map(|event| event.body.type_name()), Some("call.started"));
    assert_eq!(count("wrapup.final"), 1, "one wrap-up");
    let Some(Body::CallEnded(end)) = events.last().map(|event| &event.body) else {
        panic!("the last event is {:?}", events.last());
    };
    assert_eq!(end.finals, count("transcript.final") as u64, "call.ended counts finals");
    assert_eq!(end.hints, count("hint.new") as u64, "call.ended counts hints");
    assert_eq!(count("call.ended"), 1, "one end");
    assert_segments(events);
}

/// Segments begin and end once, and finals come in order on each leg.
///
/// # Panics
/// When a rule is broken.
pub fn assert_segments(events: &[Envelope]) {
    let (mut open, mut known, mut settled) = (HashSet::new(), HashSet::new(), HashSet::new());
    let mut last: BTreeMap<&str, u64> = BTreeMap::new();
    for event in events {
        match &event.body {
            Body::SpeechStarted(speech) => {
                assert!(known.insert(&speech.segment_id), "{} began twice", speech.segment_id);
                open.insert(&speech.segment_id);
            }
            Body::SpeechEnded(speech) => {
                assert!(
                    open.remove(&speech.segment_id),
                    "{} ended without a begin, or twice",
                    speech.segment_id
                );
                assert!(speech.begin_ms <= speech.end_ms, "{speech:?}");
            }
            Body::TranscriptFinal(transcript) => {
                assert!(
                    settled.insert(&transcript.segment_id),
                    "{} is final twice",
                    transcript.segment_id
                );
                let leg = event.leg_id.as_deref().expect("a final is of a leg");
                let before = last.insert(leg, transcript.begin_ms);
                assert!(
                    before.is_none_or(|before| before < transcript.begin_ms),
                    "finals of {leg} out of order"
                );
            }
            _ => {}
        }
    }
    assert!(open.is_empty(), "never ended: {open:?}");
}

/// No text of any event holds personal data of the script, or a turn's share of it, written or spoken.
///
/// # Panics
/// When one does.
pub fn assert_discreet(script: &Script, events: &[Envelope]) {
    let mut forbidden = vec![script.caller.number.replace('-', "")];
    for secret in &script.secrets {
        forbidden.push(secret.value.clone());
        for &turn in &secret.turns {
            let text = &script.turns[turn].text;
            let shares = text
                .split(|c: char| !c.is_ascii_alphanumeric())
                .filter(|share| share.len() >= 4);
            forbidden.extend(shares.map(str::to_owned));
        }
    }
    for event in events {
        each_text(&serde_json::to_value(event).unwrap(), &mut |text| {
            let plain = plain(text);
            for secret in &forbidden {
                assert!(
                    !plain.contains(secret),
                    "{}: {} holds {secret}",
                    script.name,
                    event.body.type_name()
                );
            }
        });
    }
}

fn each_text(value: &Value, look: &mut impl FnMut(&str)) {
    match value {
        Value::String(text) => look(text),
        Value::Array(items) => items.iter().for_each(|item| each_text(item, look)),
        Value::Object(fields) => fields.values().for_each(|field| each_text(field, look)),
        _ => {}
    }
}

/// Spoken digits as digits, without what stands between them.
fn plain(text: &str) -> String {
    const SPOKEN: [&str; 10] = ["零〇", "一幺", "二两", "三", "四", "五", "六", "七", "八", "九"];
    let digit = |c: char| {
        SPOKEN
            .iter()
            .zip('0'..='9')
            .find(|(forms, _)| forms.contains(c))
            .map_or(c, |(_, d)| d)
    };
    text.chars().filter(|c| c.is_alphanumeric()).map(digit).collect()
}
