//! Reads an engine's answer: any text, of which one JSON object counts.

use serde_json::Value;

use super::Sentence;
use super::clean::clean;

/// Bytes of an answer that are read; a longer one is refused.
pub const MOST_BYTES: usize = 64 * 1024;
/// Braces at which an object is looked for. Before it may stand thoughts or a fence.
const TRIES: usize = 32;
/// Sentences of one element.
pub(super) const MOST: usize = 16;
/// Sources of one sentence.
pub(super) const MOST_CITED: usize = 8;

/// An answer as it was given.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) summary: Vec<Sentence>,
    pub(super) advice: Vec<Sentence>,
    pub(super) todos: Vec<Sentence>,
}

/// None: there is no object with one of the three lists.
pub(super) fn read(text: &str) -> Option<Answer> {
    if text.len() > MOST_BYTES {
        return None;
    }
    text.match_indices('{').take(TRIES).find_map(|(at, _)| {
        let mut values = serde_json::Deserializer::from_str(&text[at..]).into_iter::<Value>();
        let value = values.next()?.ok()?;
        let named = ["summary", "advice", "todos"].map(|name| value.get(name));
        named.iter().any(Option::is_some).then(|| {
            let [summary, advice, todos] = named.map(sentences);
            Answer { summary, advice, todos }
        })
    })
}

/// One more than [`MOST`], so that the surplus is seen.
fn sentences(list: Option<&Value>) -> Vec<Sentence> {
    match list {
        Some(Value::Array(list)) => list.iter().take(MOST + 1).map(sentence).collect(),
        Some(one @ (Value::String(_) | Value::Object(_))) => vec![sentence(one)],
        _ => Vec::new(),
    }
}

fn sentence(value: &Value) -> Sentence {
    let text = value
        .as_str()
        .or_else(|| value.get("text")?.as_str())
        .unwrap_or_default();
    let cites = match value.get("cites") {
        Some(Value::Array(list)) => list.iter().take(MOST_CITED + 1).filter_map(number).collect(),
        Some(one) => number(one).into_iter().collect(),
        None => Vec::new(),
    };
    Sentence {
        text: clean(text).trim().to_owned(),
        cites: if cites.len() > MOST_CITED { Vec::new() } else { cites },
    }
}

/// `3`, `"3"` or `"[3]"`.
fn number(value: &Value) -> Option<usize> {
    match value {
        Value::Number(number) => usize::try_from(number.as_u64()?).ok(),
        Value::String(text) => text.trim_matches(['[', ']', ' ']).parse().ok(),
        _ => None,
    }
}
