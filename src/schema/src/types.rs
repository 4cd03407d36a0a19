//! The wire's types for TypeScript and Python, written from the JSON Schema.

use std::fmt::Write as _;

use serde_json::Value;

/// One field of an object.
struct Field<'a> {
    name: &'a str,
    schema: &'a Value,
    required: bool,
}

/// `docs/types/sidetone.d.ts`.
#[must_use]
pub fn typescript() -> String {
    let schema = crate::json_schema().to_value();
    let mut out = String::from("// Written by `cargo xtask schema` from the types: do not edit.\n");
    for (name, def) in defs(&schema) {
        doc(&mut out, "", "/** ", def, " */");
        match def.get("properties") {
            Some(_) => interface(&mut out, name, def, &[]),
            None => line(&mut out, &format!("export type {name} = {};", ts(def))),
        }
    }
    doc(&mut out, "", "/** ", &schema, " */");
    interface(&mut out, "EventBase", &schema, &["type", "data"]);
    line(&mut out, "\n/** Of a type that this version does not know. */");
    line(
        &mut out,
        "export type OtherEvent = EventBase & { type: string; data: unknown };\n",
    );
    line(&mut out, "export type Event =");
    for (kind, data) in events(&schema) {
        line(
            &mut out,
            &format!("  | (EventBase & {{ type: \"{kind}\"; data: {data} }})"),
        );
    }
    out.truncate(out.trim_end().len());
    out.push_str(";\n");
    out
}

/// `docs/types/sidetone.py`.
#[must_use]
pub fn python() -> String {
    let schema = crate::json_schema().to_value();
    let mut out = String::from(
        "\"\"\"Written by `cargo xtask schema` from the types: do not edit. Python 3.11 or newer.\"\"\"\n\n\
         from __future__ import annotations\n\n\
         from typing import Any, Literal, NotRequired, TypedDict, Union\n",
    );
    let mut aliases = String::new();
    for (name, def) in defs(&schema) {
        match def.get("properties") {
            Some(_) => class(&mut out, name, "TypedDict", def, &[]),
            None => {
                doc(&mut aliases, "", "# ", def, "");
                line(&mut aliases, &format!("{name} = {}", py(def)));
            }
        }
    }
    class(&mut out, "EventBase", "TypedDict", &schema, &["type", "data"]);
    let mut names = Vec::new();
    for (kind, data) in events(&schema) {
        let name = format!("{}Event", camel(kind));
        let fields = format!("    type: Literal[\"{kind}\"]\n    data: {data}");
        line(&mut out, &format!("\n\nclass {name}(EventBase):\n{fields}"));
        names.push(name);
    }
    line(&mut out, "\n\nclass OtherEvent(EventBase):");
    line(&mut out, "    \"\"\"Of a type that this version does not know.\"\"\"\n");
    line(&mut out, "    type: str\n    data: Any\n\n");
    out.push_str(&aliases);
    line(&mut out, "Event = Union[");
    for name in names {
        line(&mut out, &format!("    {name},"));
    }
    line(&mut out, "]");
    out
}

fn interface(out: &mut String, name: &str, def: &Value, without: &[&str]) {
    line(out, &format!("export interface {name} {{"));
    for field in fields(def).filter(|field| !without.contains(&field.name)) {
        doc(out, "  ", "/** ", field.schema, " */");
        let mark = if field.required { "" } else { "?" };
        line(out, &format!("  {}{mark}: {};", field.name, ts(field.schema)));
    }
    line(out, "}");
}

fn class(out: &mut String, name: &str, base: &str, def: &Value, without: &[&str]) {
    line(out, &format!("\n\nclass {name}({base}):"));
    doc(out, "    ", "\"\"\"", def, "\"\"\"\n");
    for field in fields(def).filter(|field| !without.contains(&field.name)) {
        doc(out, "    ", "# ", field.schema, "");
        let kind = match field.required {
            true => py(field.schema),
            false => format!("NotRequired[{}]", py(field.schema)),
        };
        line(out, &format!("    {}: {kind}", field.name));
    }
}

fn ts(schema: &Value) -> String {
    let words = literals(schema);
    if !words.is_empty() {
        return words.join(" | ");
    }
    match (reference(schema), kind(schema)) {
        (Some(name), _) => name.to_owned(),
        (None, "string") => "string".to_owned(),
        (None, "integer" | "number") => "number".to_owned(),
        (None, "boolean") => "boolean".to_owned(),
        (None, "array") => format!("{}[]", ts(&schema["items"])),
        _ => "unknown".to_owned(),
    }
}

fn py(schema: &Value) -> String {
    let words = literals(schema);
    if !words.is_empty() {
        return format!("Literal[{}]", words.join(", "));
    }
    match (reference(schema), kind(schema)) {
        (Some(name), _) => name.to_owned(),
        (None, "string") => "str".to_owned(),
        (None, "integer") => "int".to_owned(),
        (None, "number") => "float".to_owned(),
        (None, "boolean") => "bool".to_owned(),
        (None, "array") => format!("list[{}]", py(&schema["items"])),
        _ => "Any".to_owned(),
    }
}

/// The values of a closed choice, quoted; none of anything else.
fn literals(schema: &Value) -> Vec<String> {
    let branches = schema.get("oneOf").and_then(Value::as_array).into_iter().flatten();
    let of_branches = branches.flat_map(literals);
    let own = schema.get("const").into_iter();
    let listed = schema.get("enum").and_then(Value::as_array).into_iter().flatten();
    own.chain(listed).map(Value::to_string).chain(of_branches).collect()
}

fn kind(schema: &Value) -> &str {
    schema.get("type").and_then(Value::as_str).unwrap_or_default()
}

fn reference(schema: &Value) -> Option<&str> {
    schema.get("$ref")?.as_str()?.strip_prefix("#/$defs/")
}

fn defs(schema: &Value) -> impl Iterator<Item = (&String, &Value)> {
    schema.get("$defs").and_then(Value::as_object).into_iter().flatten()
}

fn fields(def: &Value) -> impl Iterator<Item = Field<'_>> {
    let required = def.get("required").and_then(Value::as_array);
    let properties = def.get("properties").and_then(Value::as_object).into_iter().flatten();
    properties.map(move |(name, schema)| Field {
        name,
        schema,
        required: required.is_some_and(|all| all.iter().any(|one| one == name)),
    })
}

/// `type` and the name of its data.
fn events(schema: &Value) -> impl Iterator<Item = (&str, &str)> {
    let cases = schema.get("allOf").and_then(Value::as_array).into_iter().flatten();
    cases.filter_map(|case| {
        let kind = case.pointer("/if/properties/type/const")?.as_str()?;
        Some((kind, reference(case.pointer("/then/properties/data")?)?))
    })
}

/// `CallStarted` of `call.started`.
fn camel(kind: &str) -> String {
    let words = kind.split(['.', '_']);
    words.map(|word| word[..1].to_uppercase() + &word[1..]).collect()
}

fn doc(out: &mut String, indent: &str, begin: &str, schema: &Value, end: &str) {
    if let Some(text) = schema.get("description").and_then(Value::as_str) {
        line(out, &format!("{indent}{begin}{}{end}", text.replace('\n', " ")));
    }
}

fn line(out: &mut String, text: &str) {
    // Writing to a string cannot fail.
    let _ = writeln!(out, "{text}");
}
