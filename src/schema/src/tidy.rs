//! The JSON Schema as other people's validators take it.
//!
//! What the derive gives is true to Rust, not to the wire: widths of integers as formats that nobody knows, `null` for
//! fields that are absent, and a closed choice of `type`, where the contract promises more of them.

use serde_json::{Map, Value, json};

/// Names the schema, so that others can refer to it.
const ID: &str = "urn:sidetone:event:1";
/// UTC with milliseconds. A pattern, as validators know formats only with an extension.
const TIMESTAMP: &str = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$";

/// The schema of an event of a type that is known, and of any other type.
pub(crate) fn tidy(mut schema: Value) -> Value {
    plain(&mut schema);
    let Some(root) = schema.as_object_mut() else {
        return schema;
    };
    root.insert("$id".to_owned(), json!(ID));
    let bodies = root.remove("oneOf").unwrap_or_default();
    let cases: Vec<Value> = bodies.as_array().into_iter().flatten().map(case).collect();
    root.insert("allOf".to_owned(), Value::Array(cases));
    if let Some(fields) = root.get_mut("properties").and_then(Value::as_object_mut) {
        let kind = json!({"description": "What it is. Ignore types that you do not know.", "type": "string"});
        fields.insert("type".to_owned(), kind);
        fields.insert("data".to_owned(), json!({"description": "Its fields, by `type`."}));
    }
    if let Some(required) = root.get_mut("required").and_then(Value::as_array_mut) {
        required.extend([json!("type"), json!("data")]);
    }
    schema
}

/// One branch of the choice: an event of this type has data of that shape.
fn case(branch: &Value) -> Value {
    let part = |name: &str| {
        branch
            .pointer(&format!("/properties/{name}"))
            .cloned()
            .unwrap_or_default()
    };
    let kind = part("type").get("const").cloned().unwrap_or_default();
    json!({
        "description": branch.get("description"),
        "if": {"type": "object", "properties": {"type": {"type": "string", "const": kind}}, "required": ["type"]},
        "then": {"type": "object", "properties": {"data": part("data")}, "required": ["data"]},
    })
}

fn plain(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            format(fields);
            never_null(fields);
            fields.values_mut().for_each(plain);
        }
        Value::Array(items) => items.iter_mut().for_each(plain),
        _ => {}
    }
}

fn format(fields: &mut Map<String, Value>) {
    let Some(format) = fields.get("format").and_then(Value::as_str) else {
        return;
    };
    if format == "date-time" {
        fields.insert("pattern".to_owned(), json!(TIMESTAMP));
    }
    fields.remove("format");
}

/// A field that has no value is absent.
fn never_null(fields: &mut Map<String, Value>) {
    let null = json!("null");
    if let Some(Value::Array(types)) = fields.get_mut("type") {
        types.retain(|kind| *kind != null);
        if let [only] = types.as_slice() {
            let only = only.clone();
            fields.insert("type".to_owned(), only);
        }
    }
    if let Some(Value::Array(values)) = fields.get_mut("enum") {
        values.retain(|value| !value.is_null());
    }
    let Some(Value::Array(choices)) = fields.get_mut("anyOf") else {
        return;
    };
    choices.retain(|choice| choice.get("type") != Some(&null));
    if let [Value::Object(only)] = choices.as_slice() {
        let only = only.clone();
        fields.remove("anyOf");
        fields.extend(only);
    }
}
