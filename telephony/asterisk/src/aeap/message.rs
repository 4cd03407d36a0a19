//! Requests and responses.

use serde_json::{Map, Value, json};
use sidetone_base::Said;
use sidetone_telephony::variables::speakable_in_dialplan;

use super::Codec;

/// What names a request: a text or a number. The answer carries it as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Id(Value);

impl Id {
    fn of(message: &Value) -> Option<Self> {
        let id = message.get("id")?;
        (id.is_string() || id.is_number()).then(|| Self(id.clone()))
    }
}

/// What the switch says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// The first request: which codecs there are to choose from.
    Setup {
        /// To be answered under this name.
        id: Id,
        /// By name, best first.
        codecs: Vec<String>,
    },
    /// Asks for settings, or for `results`.
    Get {
        /// To be answered under this name.
        id: Id,
        /// Their names.
        params: Vec<String>,
    },
    /// Sets something (`dtmf`, `results_type`, an engine's own).
    Set {
        /// To be answered under this name.
        id: Id,
    },
    /// Another request.
    Unknown {
        /// To be answered under this name.
        id: Id,
        /// What it was.
        request: String,
    },
    /// The answer to a request of ours, with what went wrong.
    Response {
        /// In the switch's words.
        error: Option<String>,
    },
}

/// Text that is no message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MessageError {
    /// Not JSON.
    #[error("a message that is not JSON")]
    NotJson,
    /// Neither a request with an id nor a response.
    #[error("a message that is neither a request nor a response")]
    Neither,
}

/// Names that are taken from one message.
const MOST: usize = 32;

impl Message {
    /// From the text of one frame.
    ///
    /// # Errors
    /// When it is no message.
    pub fn parse(text: &str) -> Result<Self, MessageError> {
        let value: Value = serde_json::from_str(text).map_err(|_| MessageError::NotJson)?;
        let get = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
        if value.get("response").is_some() {
            return Ok(Self::Response {
                error: get("error_msg"),
            });
        }
        let (Some(request), Some(id)) = (get("request"), Id::of(&value)) else {
            return Err(MessageError::Neither);
        };
        let names = |list: Option<&Value>, name: fn(&Value) -> Option<&str>| {
            // One name need not be a list.
            let list = list.map(|list| list.as_array().map_or(std::slice::from_ref(list), Vec::as_slice));
            let list = list.into_iter().flatten();
            list.filter_map(name).map(str::to_owned).take(MOST).collect()
        };
        Ok(match request.as_str() {
            "setup" => Self::Setup {
                id,
                codecs: names(value.get("codecs"), |codec| codec.get("name")?.as_str()),
            },
            "get" => Self::Get {
                id,
                params: names(value.get("params"), Value::as_str),
            },
            "set" => Self::Set { id },
            _ => Self::Unknown { id, request },
        })
    }
}

/// The codec that was chosen.
pub(super) fn setup_done(id: &Id, codec: Codec) -> String {
    json!({"response": "setup", "id": id.0, "codecs": [{"name": codec.name()}]}).to_string()
}

/// What was set is taken.
pub(super) fn set_done(id: &Id) -> String {
    json!({"response": "set", "id": id.0}).to_string()
}

/// The results so far, and settings: of what is asked for, all that there is. `None` when nothing is.
pub(super) fn got(id: &Id, names: &[String], said: Option<&Said>) -> Option<String> {
    let value = |name: &str| match name {
        "results" => Some(said.map_or_else(|| json!([]), results)),
        "language" => Some(json!("zh")),
        _ => None,
    };
    let known = names.iter().filter_map(|name| Some((name.clone(), value(name)?)));
    let params: Map<String, Value> = known.collect();
    (!params.is_empty()).then(|| json!({"response": "get", "id": id.0, "params": params}).to_string())
}

pub(super) fn refused(response: &str, id: &Id, reason: &str) -> String {
    json!({"response": response, "id": id.0, "error_msg": reason}).to_string()
}

/// What ends a `SpeechBackground`.
pub(super) fn set_results(id: u64, said: &Said) -> String {
    json!({"request": "set", "id": format!("sidetone-{id}"), "params": {"results": results(said)}}).to_string()
}

/// The utterance is result 0; the knowledge base's answer, where there is one, is result 1. The switch counts
/// from the end.
fn results(said: &Said) -> Value {
    let part = |part: &Option<String>| part.clone().unwrap_or_default();
    let grammar = match &said.topic {
        Some(topic) => format!("{topic}/{}", part(&said.intent)),
        None => String::new(),
    };
    // The switch's own results, of DTMF, have a score of 1000.
    let score = (said.confidence.clamp(0.0, 1.0) * 1000.0).round() as u32;
    let heard = json!({"text": speakable_in_dialplan(&said.text), "score": score, "grammar": grammar, "best": 0});
    match &said.reply {
        Some(reply) => {
            let text = speakable_in_dialplan(reply);
            json!([{"text": text, "score": score, "grammar": "reply", "best": 0}, heard])
        }
        None => json!([heard]),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn id(text: &str) -> Id {
        Id(json!(text))
    }

    #[test]
    fn a_number_names_a_request_as_well_and_comes_back_as_one() {
        let get = r#"{"request":"get","id":7,"params":["speed","results","language"]}"#;
        let Ok(Message::Get { id, params }) = Message::parse(get) else {
            panic!()
        };
        let answer: Value = serde_json::from_str(&got(&id, &params, None).unwrap()).unwrap();
        assert_eq!(
            answer,
            json!({"response": "get", "id": 7, "params": {"results": [], "language": "zh"}})
        );
        assert_eq!(got(&id, &["speed".to_owned()], None), None);
        let one = Message::parse(r#"{"request":"get","id":"x","params":"results"}"#);
        assert!(matches!(one, Ok(Message::Get { params, .. }) if params == ["results"]));
        for id in ["null", "[1]", "{}", "true"] {
            let text = format!(r#"{{"request":"set","id":{id}}}"#);
            assert_eq!(Message::parse(&text), Err(MessageError::Neither), "{text}");
        }
    }

    #[test]
    fn what_asterisk_sends() {
        let setup = r#"{"request":"setup","id":"1","version":"0.1.0","codecs":[{"name":"alaw"}],"params":{}}"#;
        assert_eq!(
            Message::parse(setup),
            Ok(Message::Setup {
                id: id("1"),
                codecs: vec!["alaw".to_owned()]
            })
        );
        let get = r#"{"request":"get","id":"2","params":["results"]}"#;
        assert_eq!(
            Message::parse(get),
            Ok(Message::Get {
                id: id("2"),
                params: vec!["results".to_owned()]
            })
        );
        let set = r#"{"request":"set","id":"3","params":{"dtmf":"1"}}"#;
        assert_eq!(Message::parse(set), Ok(Message::Set { id: id("3") }));
        assert_eq!(
            Message::parse(r#"{"response":"set","id":"x"}"#),
            Ok(Message::Response { error: None })
        );
        assert_eq!(Message::parse("{}"), Err(MessageError::Neither));
        assert_eq!(Message::parse("setup"), Err(MessageError::NotJson));
    }

    #[test]
    fn a_result_is_text_score_and_grammar() {
        let said = Said {
            text: "失业金,怎么领".to_owned(),
            confidence: 0.87,
            topic: Some("unemployment_benefit".to_owned()),
            intent: Some("procedure".to_owned()),
            reply: Some("先登记。".to_owned()),
            ..Said::default()
        };
        let sent: Value = serde_json::from_str(&set_results(1, &said)).unwrap();
        let results = sent["params"]["results"].as_array().unwrap();
        assert_eq!(results[1]["text"], "失业金，怎么领");
        assert_eq!(results[1]["score"], 870);
        assert_eq!(results[1]["grammar"], "unemployment_benefit/procedure");
        assert_eq!(
            (&results[0]["text"], &results[0]["grammar"]),
            (&json!("先登记。"), &json!("reply"))
        );
    }

    proptest! {
        #[test]
        fn no_text_panics(text in any::<String>()) {
            let _ = Message::parse(&text);
        }
    }
}
