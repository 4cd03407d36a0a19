//! `[handover]`: who takes final wrap-ups.

use std::time::Duration;

use jiff::fmt::serde::unsigned_duration::friendly::compact::required as friendly;
use serde::Deserialize;
use sidetone_base::Secret;

use super::courier::Policy;
use super::sign::Key;

/// `[handover]`. Without it nothing is handed over.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HandoverConfig {
    /// Where wrap-ups are posted to: `https://…`, or `http://…` on this machine.
    pub url: String,
    /// What requests are signed with: `whsec_` and base64, or any text. `env:NAME` or `file:/path`.
    pub secret: Secret,
    /// How long one request may take.
    #[serde(with = "friendly", default = "ten_seconds")]
    pub timeout: Duration,
    /// Times that the receiver may answer a wrap-up with an error; then it is a dead letter.
    #[serde(default = "attempts")]
    pub attempts: u32,
    /// After so long a wrap-up that was never taken is a dead letter, however often it was tried.
    #[serde(with = "friendly", default = "three_days")]
    pub give_up_after: Duration,
    /// Dead letters that their stream keeps, about.
    #[serde(default = "dead_maxlen")]
    pub dead_maxlen: u64,
}

const fn ten_seconds() -> Duration {
    Duration::from_secs(10)
}

const fn attempts() -> u32 {
    12
}

const fn three_days() -> Duration {
    Duration::from_secs(3 * 86_400)
}

const fn dead_maxlen() -> u64 {
    10_000
}

/// Bytes of the shortest secret.
const SHORTEST: usize = 24;

impl HandoverConfig {
    /// What is wrong with it: key below `handover`, reason.
    #[must_use]
    pub fn faults(&self) -> Vec<(&'static str, String)> {
        let mut faults = Vec::new();
        let secure = self.url.starts_with("https://");
        if !secure && !is_here(&self.url) {
            let reason = "must begin with https://; http:// is for a receiver on this machine alone";
            faults.push(("url", reason.to_owned()));
        } else if let Err(error) = self.url.parse::<reqwest::Url>() {
            faults.push(("url", format!("is no address: {error}")));
        }
        match Key::new(&self.secret) {
            None => faults.push(("secret", "is not base64 behind whsec_".to_owned())),
            Some(key) if key.len() < SHORTEST => {
                let reason = format!(
                    "is shorter than {SHORTEST} bytes and can be guessed; `openssl rand -base64 32` makes one, with whsec_ before it"
                );
                faults.push(("secret", reason));
            }
            Some(_) => {}
        }
        if self.timeout.is_zero() || self.timeout > Duration::from_secs(60) {
            faults.push((
                "timeout",
                "must be more than 0 and at most 60s; 10s is usual".to_owned(),
            ));
        }
        if self.attempts == 0 {
            faults.push(("attempts", "must be 1 or more; 12 is usual".to_owned()));
        }
        if self.give_up_after < Duration::from_secs(60) || self.give_up_after > Duration::from_secs(90 * 86_400) {
            faults.push(("give_up_after", "is outside 1m to 90d; 72h is usual".to_owned()));
        }
        if self.dead_maxlen == 0 {
            faults.push(("dead_maxlen", "must be 1 or more; 10000 is usual".to_owned()));
        }
        faults
    }

    /// What is tried when.
    pub(super) const fn policy(&self) -> Policy {
        Policy {
            attempts: self.attempts,
            ..Policy::DEFAULT
        }
    }
}

/// Whether the address is this machine.
fn is_here(url: &str) -> bool {
    let url = url.parse::<reqwest::Url>().ok().filter(|url| url.scheme() == "http");
    url.is_some_and(|url| matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(text: &str) -> Vec<&'static str> {
        let config: HandoverConfig = serde_json::from_str(text).unwrap();
        config.faults().into_iter().map(|(key, _)| key).collect()
    }

    #[test]
    fn every_fault_is_told_with_its_key() {
        let good = r#"{"url":"https://crm.example/hook","secret":"whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz"}"#;
        assert_eq!(faults(good), [""; 0]);
        let here = r#"{"url":"http://127.0.0.1:9000/","secret":"twenty-four bytes of text"}"#;
        assert_eq!(faults(here), [""; 0]);
        let bad = r#"{"url":"http://crm.example/","secret":"short","timeout":"2m","attempts":0,"give_up_after":"1s","dead_maxlen":0}"#;
        assert_eq!(
            faults(bad),
            ["url", "secret", "timeout", "attempts", "give_up_after", "dead_maxlen"]
        );
        assert_eq!(
            faults(r#"{"url":"http://localhost.example/","secret":"whsec_?"}"#),
            ["url", "secret"]
        );
    }
}
