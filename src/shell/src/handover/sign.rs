//! Signatures of requests, as Standard Webhooks has them: any library of that name can check them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use sidetone_base::Secret;

/// Before a secret that is written as base64.
const ENCODED: &str = "whsec_";

/// What requests are signed with. Never prints.
#[derive(Clone)]
pub struct Key(Vec<u8>);

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(‹redacted›)")
    }
}

impl Key {
    /// Of a secret of the configuration; `None` when it says that it is base64 and is not.
    #[must_use]
    pub fn new(secret: &Secret) -> Option<Self> {
        match secret.expose().strip_prefix(ENCODED) {
            Some(encoded) => STANDARD.decode(encoded).ok().map(Self),
            None => Some(Self(secret.expose().as_bytes().to_vec())),
        }
    }

    pub(super) const fn len(&self) -> usize {
        self.0.len()
    }

    /// `webhook-signature`: of the message's id, the second at which it is sent, and its body.
    #[must_use]
    pub fn sign(&self, id: &str, second: i64, body: &str) -> Option<String> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).ok()?;
        mac.update(format!("{id}.{second}.").as_bytes());
        mac.update(body.as_bytes());
        Some(format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())))
    }
}

/// `webhook-id`: the same for one event, however often it is sent and whatever its call is called.
pub(super) fn message_id(call_id: &str, seq: &str) -> String {
    let hash = Sha256::digest(format!("{call_id}\n{seq}"));
    let hex: String = hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    format!("msg_{hex}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_that_of_standard_webhooks() {
        let key = Key::new(&Secret::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")).unwrap();
        // The specification's own example.
        let body = r#"{"test": 2432232314}"#;
        assert_eq!(
            key.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, body).unwrap(),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
        );
        assert!(!format!("{key:?}").contains("77, "));
    }

    #[test]
    fn an_event_has_one_id() {
        assert_eq!(message_id("c", "42"), message_id("c", "42"));
        assert_ne!(message_id("c", "42"), message_id("c4", "2"));
        assert!(
            message_id("名.1", "1")
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        );
    }
}
