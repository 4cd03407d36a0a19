//! One request to the receiver.

use std::time::Duration;

use jiff::Timestamp;

use super::config::HandoverConfig;
use super::courier::{Letter, Outcome};
use super::sign::{Key, message_id};

/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(3);

/// Posts letters.
#[derive(Clone)]
pub(super) struct Post {
    http: reqwest::Client,
    url: String,
    key: Key,
}

/// Why a receiver cannot be posted to.
#[derive(Debug, thiserror::Error)]
pub(super) enum PostFault {
    #[error("handover.secret cannot be used")]
    Secret,
    #[error("the system's certificates cannot be read: {0}")]
    Certificates(#[from] reqwest::Error),
}

impl Post {
    pub(super) fn new(config: &HandoverConfig) -> Result<Self, PostFault> {
        sidetone_base::ready_tls();
        let http = reqwest::Client::builder()
            .connect_timeout(CONNECT)
            .timeout(config.timeout)
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        Ok(Self {
            http,
            url: config.url.clone(),
            key: Key::new(&config.secret).ok_or(PostFault::Secret)?,
        })
    }

    /// The status with which the address answers a request that hands nothing over, or why there is none.
    pub(super) async fn reach(&self) -> Result<u16, &'static str> {
        match self.http.head(&self.url).send().await {
            Ok(response) => Ok(response.status().as_u16()),
            Err(error) if error.is_timeout() => Err("it does not answer in time"),
            Err(_) => Err("the connection is refused, or its certificate is not accepted"),
        }
    }

    /// What came of posting it, and a word for the metric. The answer's body is not read.
    pub(super) async fn send(&self, letter: &Letter) -> (Outcome, &'static str) {
        let (id, second) = (message_id(&letter.call_id, &letter.seq), Timestamp::now().as_second());
        let Some(signature) = self.key.sign(&id, second, &letter.event) else {
            return (Outcome::Closed(None), "misconfigured");
        };
        let request = self
            .http
            .post(&self.url)
            .header("content-type", "application/json")
            .header("webhook-id", id)
            .header("webhook-timestamp", second)
            .header("webhook-signature", signature)
            .body(letter.event.clone());
        match request.send().await {
            Ok(response) => {
                let wait = response
                    .headers()
                    .get("retry-after")
                    .and_then(|value| value.to_str().ok()?.parse().ok());
                judge(response.status().as_u16(), wait.map(Duration::from_secs))
            }
            Err(error) if error.is_timeout() && !error.is_connect() => (Outcome::Failed(0), "timeout"),
            // Its text may hold the address with what is in it.
            Err(_) => (Outcome::Closed(None), "unreachable"),
        }
    }
}

/// What a status says of this letter, or of all.
fn judge(status: u16, wait: Option<Duration>) -> (Outcome, &'static str) {
    match status {
        200..=299 => (Outcome::Taken, "taken"),
        429 | 503 => (Outcome::Closed(wait), "busy"),
        // Redirected, not let in, not there: whoever set it up has to look.
        300..=399 | 401 | 403 | 404 | 405 | 407 | 410 => (Outcome::Closed(wait), "misconfigured"),
        408 | 425 | 500..=599 => (Outcome::Failed(status), "failed"),
        _ => (Outcome::Refused(status), "refused"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_of_one_letter_or_of_all() {
        for (status, outcome) in [
            (204, Outcome::Taken),
            (422, Outcome::Refused(422)),
            (500, Outcome::Failed(500)),
            (503, Outcome::Closed(None)),
            (401, Outcome::Closed(None)),
            (302, Outcome::Closed(None)),
        ] {
            assert_eq!(judge(status, None).0, outcome, "{status}");
        }
        let minute = Some(Duration::from_secs(60));
        assert_eq!(judge(429, minute).0, Outcome::Closed(minute));
    }
}
