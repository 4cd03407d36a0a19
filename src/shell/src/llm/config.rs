//! `[llm]`: which engines there are and which task asks which.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::fmt::serde::unsigned_duration::friendly::compact::required as friendly;
use serde::Deserialize;
use sidetone_base::Secret;

/// `[llm]`. Without engines nothing is asked.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LlmConfig {
    /// Engines for the wrap-up, by name: the first is asked, the second when the first is late or fails.
    pub wrapup: Vec<String>,
    /// How long any engine may be without a token.
    #[serde(with = "friendly")]
    pub first_token: Duration,
    /// Requests of one engine that may be under way.
    pub concurrent: usize,
    /// Tokens of all engines in one day (UTC); 0 is no limit.
    pub daily_tokens: u64,
    /// The engines.
    pub engines: BTreeMap<String, Engine>,
}

impl Default for LlmConfig {
    fn default() -> Self {
        Self {
            wrapup: Vec::new(),
            first_token: Duration::from_millis(1_500),
            concurrent: 8,
            daily_tokens: 2_000_000,
            engines: BTreeMap::new(),
        }
    }
}

/// `[llm.engines.NAME]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Engine {
    /// Whose interface it is.
    pub profile: Profile,
    /// Where, without `/chat/completions`; as the profile has it when it is not set.
    pub url: Option<String>,
    /// Which model; as the profile has it when it is not set.
    pub model: Option<String>,
    /// `env:NAME` or `file:/path`; a local engine needs none.
    #[serde(default)]
    pub key: Secret,
    /// Most tokens of one answer.
    #[serde(default = "most_tokens")]
    pub max_tokens: u32,
}

const fn most_tokens() -> u32 {
    800
}

/// Whose interface an engine has: its address, its model, and how thinking is switched off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Profile {
    /// DeepSeek.
    Deepseek,
    /// Alibaba's Qwen.
    Qwen,
    /// A server of one's own: llama.cpp, vLLM.
    Local,
}

impl Engine {
    /// Where, without `/chat/completions`.
    #[must_use]
    pub fn base(&self) -> &str {
        let base = match self.profile {
            Profile::Deepseek => "https://api.deepseek.com",
            Profile::Qwen => "https://dashscope.aliyuncs.com/compatible-mode/v1",
            Profile::Local => "http://127.0.0.1:8080/v1",
        };
        self.url.as_deref().unwrap_or(base).trim_end_matches('/')
    }

    /// Which model.
    #[must_use]
    pub fn model(&self) -> &str {
        let model = match self.profile {
            Profile::Deepseek => "deepseek-chat",
            Profile::Qwen => "qwen-plus",
            Profile::Local => "local",
        };
        self.model.as_deref().unwrap_or(model)
    }
}

impl LlmConfig {
    /// What is wrong with it: key below `llm`, reason.
    #[must_use]
    pub fn faults(&self) -> Vec<(String, String)> {
        let mut faults = Vec::new();
        if self.wrapup.len() > 2 {
            let reason = "names more than two engines; no request asks a third".to_owned();
            faults.push(("wrapup".to_owned(), reason));
        }
        for name in &self.wrapup {
            if !self.engines.contains_key(name) {
                let reason = format!("`{name}` is no engine; add [llm.engines.{name}]");
                faults.push(("wrapup".to_owned(), reason));
            }
        }
        if self.wrapup.len() == 2 && self.wrapup.first() == self.wrapup.last() {
            let reason = "names one engine twice; name another or only one".to_owned();
            faults.push(("wrapup".to_owned(), reason));
        }
        if self.concurrent == 0 {
            let reason = "must be 1 or more; leave `wrapup` empty to ask nobody".to_owned();
            faults.push(("concurrent".to_owned(), reason));
        }
        if self.first_token.is_zero() || self.first_token > Duration::from_secs(3) {
            let reason = "must be more than 0 and at most 3s, which is all that a wrap-up waits".to_owned();
            faults.push(("first_token".to_owned(), reason));
        }
        for (name, engine) in &self.engines {
            faults.extend(engine.faults().map(|(key, why)| (format!("engines.{name}.{key}"), why)));
            if !self.wrapup.contains(name) {
                let reason = "no task asks it; name it in llm.wrapup or take it out".to_owned();
                faults.push((format!("engines.{name}"), reason));
            }
        }
        faults
    }
}

impl Engine {
    fn faults(&self) -> impl Iterator<Item = (&'static str, String)> {
        let keyless = (self.profile != Profile::Local && self.key.is_empty())
            .then(|| ("key", "this profile needs one; set env:NAME or file:/path".to_owned()));
        let base = self.base();
        let url = (!base.starts_with("http://") && !base.starts_with("https://"))
            .then(|| ("url", "must begin with http:// or https://".to_owned()));
        let bare = (base.starts_with("http://") && !self.key.is_empty() && !is_here(base)).then(|| {
            let reason = "would send the key unencrypted; use https://".to_owned();
            ("url", reason)
        });
        let tokens = (self.max_tokens == 0).then(|| ("max_tokens", "must be 1 or more".to_owned()));
        keyless.into_iter().chain(url).chain(bare).chain(tokens)
    }
}

/// Whether the address is this machine.
fn is_here(base: &str) -> bool {
    let host = base.trim_start_matches("http://");
    let host = host.split('/').next().unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    !host.contains('@') && matches!(name, "127.0.0.1" | "localhost" | "[::1]")
}
