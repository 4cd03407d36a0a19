//! What an ID token says of who logs in.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use crate::config::OidcConfig;
use crate::users::Role;

/// Clocks differ by so many seconds at most.
const SKEW_SECONDS: i64 = 60;
/// Longer names are none.
const NAME_MAX: usize = 64;

/// Why a token logs nobody in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ClaimsError {
    /// It is no token.
    #[error("it cannot be read")]
    Unreadable,
    /// A claim is not what it should be.
    #[error("its {0} is not ours")]
    Wrong(&'static str),
    /// It is no longer valid.
    #[error("it is too old")]
    Expired,
    /// It names nobody.
    #[error("it has no claim {0}")]
    Nameless(String),
    /// None of the roles that it has is one of the desk's.
    #[error("its roles are none of the desk's")]
    NoRole,
    /// An agent whom the switch does not know.
    #[error("an agent needs the claim {0}")]
    NoAgent(String),
}

/// Who logs in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Known {
    pub(crate) name: String,
    pub(crate) role: Role,
    pub(crate) agent: Option<String>,
}

/// The claims of a token that is ours.
pub(crate) struct Claims(Map<String, Value>);

impl Claims {
    /// Reads a token and checks whose it is, for whom and for which login. `now` is in seconds UTC.
    pub(crate) fn read(token: &str, oidc: &OidcConfig, nonce: &str, now: i64) -> Result<Self, ClaimsError> {
        let body = token.split('.').nth(1).ok_or(ClaimsError::Unreadable)?;
        let json = URL_SAFE_NO_PAD
            .decode(body.trim_end_matches('='))
            .map_err(|_| ClaimsError::Unreadable)?;
        let claims: Map<String, Value> = serde_json::from_slice(&json).map_err(|_| ClaimsError::Unreadable)?;
        let claims = Self(claims);
        if claims.text("iss").map(|iss| iss.trim_end_matches('/')) != Some(oidc.issuer.trim_end_matches('/')) {
            return Err(ClaimsError::Wrong("iss"));
        }
        let audience = claims.texts("aud");
        if !audience.contains(&oidc.client_id.as_str()) {
            return Err(ClaimsError::Wrong("aud"));
        }
        // One that is for several says for whom it was made.
        let azp = claims.text("azp");
        if azp.is_some_and(|azp| azp != oidc.client_id) || (audience.len() > 1 && azp.is_none()) {
            return Err(ClaimsError::Wrong("azp"));
        }
        if claims.text("nonce") != Some(nonce) {
            return Err(ClaimsError::Wrong("nonce"));
        }
        let until = claims
            .0
            .get("exp")
            .and_then(Value::as_i64)
            .ok_or(ClaimsError::Wrong("exp"))?;
        if until + SKEW_SECONDS <= now {
            return Err(ClaimsError::Expired);
        }
        Ok(claims)
    }

    /// Whom the desk takes them for: the highest of their roles.
    pub(crate) fn user(&self, oidc: &OidcConfig) -> Result<Known, ClaimsError> {
        let name = self
            .text(&oidc.name_claim)
            .filter(|name| !name.is_empty() && name.len() <= NAME_MAX)
            .ok_or_else(|| ClaimsError::Nameless(oidc.name_claim.clone()))?;
        let told = self.texts(&oidc.role_claim);
        let role = told.iter().filter_map(|role| oidc.roles.get(*role)).max();
        let role = *role.ok_or(ClaimsError::NoRole)?;
        let agent = self.text(&oidc.agent_claim).map(str::to_owned);
        if role == Role::Agent && agent.is_none() {
            return Err(ClaimsError::NoAgent(oidc.agent_claim.clone()));
        }
        Ok(Known {
            name: name.to_owned(),
            role,
            agent,
        })
    }

    /// A claim by its name, or by a path with dots (`realm_access.roles`).
    fn claim(&self, path: &str) -> Option<&Value> {
        let (first, rest) = path.split_once('.').map_or((path, None), |(a, b)| (a, Some(b)));
        let found = self.0.get(path).or_else(|| self.0.get(first))?;
        match rest {
            Some(rest) if !self.0.contains_key(path) => found.pointer(&format!("/{}", rest.replace('.', "/"))),
            _ => Some(found),
        }
    }

    fn text(&self, path: &str) -> Option<&str> {
        self.claim(path)?.as_str()
    }

    /// One text, or a list of them.
    fn texts(&self, path: &str) -> Vec<&str> {
        match self.claim(path) {
            Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).collect(),
            Some(Value::String(one)) => vec![one],
            _ => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOW: i64 = 1_800_000_000;

    fn oidc() -> OidcConfig {
        OidcConfig {
            issuer: "https://id.example/line".to_owned(),
            client_id: "desk".to_owned(),
            client_secret_file: "secret".into(),
            redirect: "https://desk.example/api/oidc/done".to_owned(),
            scope: "openid".to_owned(),
            name_claim: "preferred_username".to_owned(),
            role_claim: "realm_access.roles".to_owned(),
            agent_claim: "agent_id".to_owned(),
            roles: [("seat", Role::Agent), ("lead", Role::Supervisor)]
                .map(|(name, role)| (name.to_owned(), role))
                .into(),
        }
    }

    fn login(change: impl Fn(&mut Value)) -> Result<Known, ClaimsError> {
        let mut claims = json!({"iss": "https://id.example/line/", "aud": "desk", "nonce": "n", "exp": NOW + 60, "preferred_username": "lin",
            "agent_id": "8001", "realm_access": {"roles": ["seat", "lead", "cook"]}});
        change(&mut claims);
        let token = format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(claims.to_string()));
        let oidc = oidc();
        Claims::read(&token, &oidc, "n", NOW)?.user(&oidc)
    }

    #[test]
    fn the_highest_role_counts() {
        let lin = Known {
            name: "lin".to_owned(),
            role: Role::Supervisor,
            agent: Some("8001".to_owned()),
        };
        assert_eq!(login(|_| ()), Ok(lin.clone()));
        assert_eq!(
            login(|c| {
                c["aud"] = json!(["desk", "other"]);
                c["azp"] = json!("desk");
            }),
            Ok(lin)
        );
    }

    #[test]
    fn a_token_of_or_for_somebody_else_logs_nobody_in() {
        let cases: [(&str, Value, ClaimsError); 9] = [
            ("iss", json!("https://id.example"), ClaimsError::Wrong("iss")),
            ("aud", json!("other"), ClaimsError::Wrong("aud")),
            ("aud", json!(["desk", "other"]), ClaimsError::Wrong("azp")),
            ("azp", json!("other"), ClaimsError::Wrong("azp")),
            ("nonce", json!("of another login"), ClaimsError::Wrong("nonce")),
            ("exp", json!(NOW - 61), ClaimsError::Expired),
            (
                "preferred_username",
                json!(7),
                ClaimsError::Nameless("preferred_username".to_owned()),
            ),
            ("realm_access", json!({"roles": ["cook"]}), ClaimsError::NoRole),
            ("realm_access", json!({}), ClaimsError::NoRole),
        ];
        for (claim, value, error) in cases {
            assert_eq!(login(|c| c[claim] = value.clone()), Err(error), "{claim} {value}");
        }
        let agent = login(|c| {
            c["realm_access"] = json!({"roles": "seat"});
            c["agent_id"] = Value::Null;
        });
        assert_eq!(agent, Err(ClaimsError::NoAgent("agent_id".to_owned())));
        for token in ["", "a", "a.b.c", "e30.e30", "..."] {
            assert!(Claims::read(token, &oidc(), "n", NOW).is_err(), "{token}");
        }
    }
}
