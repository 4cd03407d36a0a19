//! Answers as channel variables.

use sidetone_base::{Said, Summary};

/// Slots that are cleared when an answer has none of them: a variable of the last question would speak
/// for this one. Others appear when the understanding learns them.
const SLOTS: [&str; 7] = ["term", "amount", "duration", "date", "region", "age", "percent"];

/// What `listen` and `answer` set besides the status; after silence all of it is empty.
#[must_use]
pub fn heard(said: &Said) -> Vec<(String, String)> {
    let text = |value: &Option<String>| value.as_deref().map(speakable_in_dialplan).unwrap_or_default();
    let confidence = match said.text.is_empty() {
        true => String::new(),
        false => format!("{:.2}", said.confidence),
    };
    let mut variables = vec![
        named("text", speakable_in_dialplan(&said.text)),
        named("confidence", confidence),
        named("topic", text(&said.topic)),
        named("topic_name", text(&said.topic_name)),
        named("intent", text(&said.intent)),
        named("reply", text(&said.reply)),
    ];
    variables.extend(slots(&said.slots));
    variables
}

/// What `wrapup` sets besides the status.
#[must_use]
pub fn summary(summary: &Summary) -> Vec<(String, String)> {
    let text = |value: &Option<String>| value.as_deref().map(speakable_in_dialplan).unwrap_or_default();
    let mut variables = vec![
        named("summary", speakable_in_dialplan(&summary.text)),
        named("topic", text(&summary.topic)),
        named("topic_name", text(&summary.topic_name)),
    ];
    variables.extend(slots(&summary.slots));
    variables
}

fn slots(slots: &[(String, String)]) -> Vec<(String, String)> {
    let mut all: Vec<(&str, &str)> = SLOTS.iter().map(|name| (*name, "")).collect();
    for (name, value) in slots {
        match all.iter_mut().find(|(known, _)| known == name) {
            Some((_, known)) => *known = value,
            None => all.push((name, value)),
        }
    }
    let object: serde_json::Map<String, serde_json::Value> = slots
        .iter()
        .map(|(name, value)| (name.clone(), speakable_in_dialplan(value).into()))
        .collect();
    let json = serde_json::Value::Object(object).to_string();
    let each = all.into_iter().map(|(name, value)| {
        named(
            &format!("slot_{}", name.to_ascii_lowercase()),
            speakable_in_dialplan(value),
        )
    });
    [named("slots", json)].into_iter().chain(each).collect()
}

fn named(name: &str, value: String) -> (String, String) {
    (name.to_owned(), value)
}

/// The text with nothing in it that a dialplan takes for its own: a comma would part an application's
/// arguments, a quote would end an expression, `${` a careless `EVAL` would carry out. Such characters
/// become their full-width twins, which people and speech synthesis read alike.
#[must_use]
pub fn speakable_in_dialplan(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '"' | '\'' | '$' | '{' | '}' | '[' | ']' | '(' | ')' | ',' | ';' | '\\' | '`' | '|' | '&' | '<' | '>' => {
                char::from_u32(c as u32 + 0xfee0).unwrap_or(' ')
            }
            c if c.is_control() => ' ',
            c => c,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_sets_everything_it_has_and_clears_the_rest() {
        let said = Said {
            text: "我交了\"6年\",${怎么领}".to_owned(),
            confidence: 0.876,
            topic: Some("unemployment_benefit".to_owned()),
            slots: vec![
                ("duration".to_owned(), "P6Y".to_owned()),
                ("colour".to_owned(), "红".to_owned()),
            ],
            ..Said::default()
        };
        let variables = heard(&said);
        let get = |name: &str| {
            let found = variables.iter().find(|(known, _)| known == name);
            found.map(|(_, value)| value.as_str())
        };
        assert_eq!(get("text"), Some("我交了＂6年＂，＄｛怎么领｝"));
        assert_eq!(get("confidence"), Some("0.88"));
        assert_eq!(get("topic"), Some("unemployment_benefit"));
        assert_eq!(get("intent"), Some(""));
        assert_eq!(get("slot_duration"), Some("P6Y"));
        assert_eq!(get("slot_region"), Some(""));
        assert_eq!(get("slot_colour"), Some("红"));
        assert_eq!(get("slots"), Some(r#"{"colour":"红","duration":"P6Y"}"#));
    }

    #[test]
    fn silence_clears_what_was_heard_before() {
        let variables = heard(&Said::default());
        assert!(
            variables
                .iter()
                .all(|(name, value)| value.is_empty() || name == "slots")
        );
        assert_eq!(variables.len(), 14);
    }
}
