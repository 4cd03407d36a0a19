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
    assert_eq!(all.len(), 17);
    assert_eq!(shown, all);
}
