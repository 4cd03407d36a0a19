//! The form of an answer, for engines that are held to one.

use serde_json::{Value, json};
use sidetone_schema::{Element, ElementMethod, Wrapup};

use super::Sources;
use super::accept::{LONGEST, SUMMARY};
use super::answer::{MOST, MOST_CITED};

/// What an engine may answer to a prompt of `wrapup` and `sources`. Every list and text has a bound, so that a model that repeats
/// itself comes to an end. A summary is there always.
pub(super) fn schema(wrapup: &Wrapup, sources: &Sources) -> Value {
    let entries = |element: &Element<Vec<String>>| match element.method {
        ElementMethod::Default => 0,
        _ => element.value.len().min(MOST),
    };
    let elements = &wrapup.elements;
    let numbered = sources.iter().count();
    json!({
        "type": "object",
        "properties": {
            "summary": sentences(1, SUMMARY, numbered),
            "advice": sentences(0, entries(&elements.advice), numbered),
            "todos": sentences(0, entries(&elements.todos), numbered),
        },
        "required": ["summary", "advice", "todos"],
        "additionalProperties": false,
    })
}

fn sentences(least: usize, most: usize, sources: usize) -> Value {
    json!({
        "type": "array",
        "minItems": least,
        "maxItems": most,
        "items": {
            "type": "object",
            "properties": {
                "text": { "type": "string", "minLength": 1, "maxLength": LONGEST },
                "cites": {
                    "type": "array",
                    "minItems": 1,
                    "maxItems": MOST_CITED,
                    "items": { "type": "integer", "minimum": 1, "maximum": sources },
                },
            },
            "required": ["text", "cites"],
            "additionalProperties": false,
        },
    })
}
