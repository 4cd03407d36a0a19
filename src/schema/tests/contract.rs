//! `docs/EVENTS.md` against the types: the contract shows a true example of every event.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;
use sidetone_schema::Envelope;

/// The values of `type` in the schema.
fn types(schema: &Value, found: &mut BTreeSet<String>) {
    if let Some(name) = schema.pointer("/properties/type/const").and_then(Value::as_str) {
        found.insert(name.to_owned());
    }
    match schema {
        Value::Object(fields) => fields.values().for_each(|value| types(value, found)),
        Value::Array(items) => items.iter().for_each(|value| types(value, found)),
        _ => {}
    }
}

#[test]
fn the_contract_shows_a_true_example_of_every_type() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/EVENTS.md");
    let contract = std::fs::read_to_string(path).unwrap();
    let mut shown = BTreeSet::new();
    for section in contract.split("<!-- example: ").skip(1) {
        let (name, rest) = section.split_once(" -->\n```json\n").unwrap();
        let (json, _) = rest.split_once("```").unwrap();
        let event: Envelope = serde_json::from_str(json).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(event.body.type_name(), name);
        // What the types do not know would be lost on the way back.
        let again = serde_json::to_string(&event).unwrap();
        let (again, written): (Value, Value) = (
            serde_json::from_str(&again).unwrap(),
            serde_json::from_str(json).unwrap(),
        );
        assert_eq!(again, written, "{name}");
        shown.insert(name.to_owned());
    }
    let mut all = BTreeSet::new();
    types(&serde_json::to_value(sidetone_schema::json_schema()).unwrap(), &mut all);
    assert_eq!(all.len(), 38);
    assert_eq!(shown, all);
}

/// Every key and every `format` or list of types in the schema.
fn each<'a>(schema: &'a Value, see: &mut dyn FnMut(&str, &'a Value)) {
    match schema {
        Value::Object(fields) => fields.iter().for_each(|(name, value)| {
            see(name, value);
            each(value, see);
        }),
        Value::Array(items) => items.iter().for_each(|value| each(value, see)),
        _ => {}
    }
}

#[test]
fn a_strict_validator_takes_the_schema() {
    let schema = serde_json::to_value(sidetone_schema::json_schema()).unwrap();
    assert_eq!(schema["$id"], "urn:sidetone:event:1");
    each(&schema, &mut |name, value| {
        assert!(name != "format", "unknown without an extension: {value}");
        assert!(name != "type" || !value.is_array(), "a union of types: {value}");
    });
    assert!(
        schema.get("oneOf").is_none(),
        "a closed choice refuses types that are added later"
    );
    for case in schema["allOf"].as_array().unwrap() {
        assert!(case["then"]["properties"]["data"]["$ref"].is_string(), "{case}");
    }
}

#[test]
fn types_for_readers_name_every_type_of_event() {
    let mut all = BTreeSet::new();
    types(&serde_json::to_value(sidetone_schema::json_schema()).unwrap(), &mut all);
    let (ts, py) = (sidetone_schema::typescript(), sidetone_schema::python());
    for kind in all {
        assert!(ts.contains(&format!("type: \"{kind}\"; data: ")), "{kind}");
        assert!(py.contains(&format!("type: Literal[\"{kind}\"]\n    data: ")), "{kind}");
    }
    assert!(ts.contains("  region?: HintRegion;\n") && py.contains("    region: NotRequired[HintRegion]\n"));
}
