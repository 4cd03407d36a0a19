//! One request to one engine.

use std::error::Error as _;
use std::time::Duration;

use serde_json::{Value, json};
use sidetone_base::Secret;

use super::config::{Engine, Profile};
use super::fault::Fault;
use super::sse::Reader;

/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(1);

/// What an engine is asked. The fixed part comes first, so that engines can keep it.
#[derive(Clone, PartialEq, Eq)]
pub struct Prompt {
    /// The task.
    pub system: String,
    /// The sources.
    pub user: String,
    /// What the answer must be: a JSON Schema of an object. Engines of one's own are held to it; of the others an object is asked for.
    pub schema: Value,
}

impl std::fmt::Debug for Prompt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Prompt({} bytes)", self.system.len() + self.user.len())
    }
}

impl Prompt {
    /// Tokens that it has at most: no tokeniser makes more of them than there are bytes, and few make more than half.
    #[must_use]
    pub fn tokens(&self) -> u64 {
        (self.system.len() + self.user.len()).div_ceil(2) as u64
    }
}

/// Tokens of one request, as the engine tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Of the prompt.
    pub prompt: u32,
    /// Of the answer.
    pub answer: u32,
    /// Of the prompt, those that the engine had kept.
    pub cached: u32,
}

/// A whole, valid answer.
#[derive(Clone, PartialEq, Eq)]
pub struct Answer {
    /// What it says.
    pub text: String,
    /// What it used, where the engine tells.
    pub usage: Option<Usage>,
    /// Whether the engine thought aloud, which costs time and tokens.
    pub thought: bool,
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Answer({} bytes, {:?})", self.text.len(), self.usage)
    }
}

/// Asks one engine.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    url: String,
    model: String,
    profile: Profile,
    key: Secret,
    max_tokens: u32,
}

impl Client {
    /// For an engine of the configuration.
    ///
    /// # Errors
    /// When the system's certificates cannot be read.
    pub fn new(engine: &Engine) -> Result<Self, reqwest::Error> {
        sidetone_base::ready_tls();
        let http = reqwest::Client::builder()
            .connect_timeout(CONNECT)
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        Ok(Self {
            http,
            url: format!("{}/chat/completions", engine.base()),
            model: engine.model().to_owned(),
            profile: engine.profile,
            key: engine.key.clone(),
            max_tokens: engine.max_tokens,
        })
    }

    /// Most tokens that a request can use.
    #[must_use]
    pub fn most_tokens(&self, prompt: &Prompt) -> u64 {
        prompt.tokens() + u64::from(self.max_tokens)
    }

    /// Asks; `first` is called when the first token of the answer comes. Whoever drops the future drops the request.
    ///
    /// # Errors
    /// When there is no valid answer.
    pub async fn ask(&self, prompt: &Prompt, first: impl FnOnce()) -> Result<Answer, Fault> {
        let mut request = self.http.post(&self.url).json(&self.body(prompt));
        if !self.key.is_empty() {
            request = request.bearer_auth(self.key.expose());
        }
        let mut response = request.send().await.map_err(|error| fault_of(&error))?;
        let status = response.status().as_u16();
        if status != 200 {
            return Err(Fault::of_status(status));
        }
        let (mut reader, mut first) = (Reader::default(), Some(first));
        while let Some(bytes) = response.chunk().await.map_err(|_| Fault::CutOff)? {
            reader.take(&bytes)?;
            if reader.has_text()
                && let Some(first) = first.take()
            {
                first();
            }
        }
        let (text, usage, thought) = reader.finish()?;
        let is_object = || serde_json::from_str::<serde_json::Map<String, Value>>(bare(&text)).is_ok();
        if !is_object() {
            return Err(Fault::NotJson);
        }
        let text = bare(&text).to_owned();
        Ok(Answer { text, usage, thought })
    }

    fn body(&self, prompt: &Prompt) -> Value {
        let mut body = json!({
            "model": self.model,
            "messages": [
                { "role": "system", "content": prompt.system },
                { "role": "user", "content": prompt.user },
            ],
            "stream": true,
            "stream_options": { "include_usage": true },
            "temperature": 0,
            "max_tokens": self.max_tokens,
        });
        // DeepSeek takes a schema and does not keep to it.
        body["response_format"] = match self.profile {
            Profile::Deepseek | Profile::Qwen => json!({ "type": "json_object" }),
            Profile::Local => json!({
                "type": "json_schema",
                "json_schema": { "name": "answer", "strict": true, "schema": prompt.schema },
            }),
        };
        match self.profile {
            Profile::Deepseek => body["thinking"] = json!({ "type": "disabled" }),
            Profile::Qwen => body["enable_thinking"] = json!(false),
            Profile::Local => body["chat_template_kwargs"] = json!({ "enable_thinking": false }),
        }
        body
    }
}

/// The answer without the fence that some engines put around JSON.
fn bare(text: &str) -> &str {
    let text = text.trim();
    let inner = text.strip_prefix("```json").or_else(|| text.strip_prefix("```"));
    inner.and_then(|inner| inner.strip_suffix("```")).unwrap_or(text).trim()
}

/// Which fault an error of the connection is. Its text is not kept: it may hold the address with what is in it.
fn fault_of(error: &reqwest::Error) -> Fault {
    let mut cause = error.source();
    let mut says = String::new();
    while let Some(inner) = cause {
        says.push_str(&inner.to_string().to_lowercase());
        says.push(' ');
        cause = inner.source();
    }
    if says.contains("dns error") || says.contains("failed to lookup") {
        Fault::NoDns
    } else if says.contains("certificate") || says.contains("handshake") || says.contains("invalidcontenttype") {
        Fault::Tls
    } else if error.is_connect() {
        Fault::Unreachable
    } else {
        Fault::CutOff
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn engine(profile: Profile) -> Engine {
        Engine {
            profile,
            url: None,
            model: None,
            key: Secret::new("sk-hidden"),
            max_tokens: 100,
        }
    }

    #[test]
    fn thinking_is_off_in_each_profile_and_the_key_is_in_no_body() {
        let prompt = Prompt {
            system: "s".to_owned(),
            user: "u".to_owned(),
            schema: json!({ "type": "object" }),
        };
        for (profile, path, off) in [
            (Profile::Deepseek, "/thinking/type", json!("disabled")),
            (Profile::Qwen, "/enable_thinking", json!(false)),
            (Profile::Local, "/chat_template_kwargs/enable_thinking", json!(false)),
        ] {
            let body = Client::new(&engine(profile)).unwrap().body(&prompt);
            assert_eq!(body.pointer(path), Some(&off));
            assert_eq!(body.pointer("/stream_options/include_usage"), Some(&json!(true)));
            assert!(!body.to_string().contains("sk-hidden"));
        }
    }

    #[test]
    fn a_fence_is_no_part_of_the_answer() {
        for text in ["{\"a\":1}", " ```json\n{\"a\":1}\n``` ", "```\n{\"a\":1}```"] {
            assert_eq!(bare(text), "{\"a\":1}");
        }
    }
}
