//! Login by OpenID Connect: the code flow with PKCE.
//!
//! The ID token comes from the provider's own token endpoint, over TLS that proves whose it is; then its signature need not be checked
//! (OpenID Connect Core 1.0, 3.1.3.7). So the provider is asked over https, and over plain HTTP on the loopback alone.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use redis::cmd;
use reqwest::Url;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::Desk;
use super::refusal::Refusal;
use super::session::{Session, random, same};
use crate::config::OidcConfig;
use crate::oidc::{Claims, ClaimsError};

/// The provider answers in this time, or does not.
const WAIT: Duration = Duration::from_secs(5);
/// A login that takes longer is begun anew.
const KEPT_SECONDS: u64 = 300;
/// The cookie that ties a login to the browser that began it.
const COOKIE: &str = "sidetone_oidc";

/// Why a login does not come about.
#[derive(Debug, thiserror::Error)]
enum OidcError {
    #[error("no OpenID Connect is configured")]
    Off,
    #[error("the provider does not answer: {0}")]
    Provider(#[from] reqwest::Error),
    #[error("the provider's description is not that of {0}, or names an address without TLS")]
    Description(String),
    #[error("the secret of the client cannot be read: {0}")]
    Secret(std::io::Error),
    #[error("the provider refused: {0}")]
    Refused(String),
    #[error("another browser began this login, or it is used up")]
    Stranger,
    #[error("the ID token: {0}")]
    Claims(#[from] ClaimsError),
    #[error(transparent)]
    Desk(#[from] Refusal),
}

/// What a provider says of itself.
#[derive(Deserialize)]
struct Provider {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
}

/// What is kept between the two halves of a login.
#[derive(Serialize, Deserialize)]
struct Begun {
    nonce: String,
    verifier: String,
    token_endpoint: String,
}

/// What the provider sends the browser back with.
#[derive(Deserialize)]
pub(super) struct Back {
    state: Option<String>,
    code: Option<String>,
    error: Option<String>,
}

/// Sends the browser to the provider.
pub(super) async fn begin(State(desk): State<Arc<Desk>>) -> Response {
    match send(&desk).await {
        Ok(response) => response,
        Err(error) => failed(&error),
    }
}

/// The browser comes back: the code is exchanged, and a session opened.
pub(super) async fn done(State(desk): State<Arc<Desk>>, headers: HeaderMap, Query(back): Query<Back>) -> Response {
    match receive(&desk, &headers, back).await {
        Ok(cookie) => go("/", &[cookie, state_cookie(&desk, "", 0)]),
        Err(error) => failed(&error),
    }
}

async fn send(desk: &Desk) -> Result<Response, OidcError> {
    let oidc = desk.config.oidc.as_ref().ok_or(OidcError::Off)?;
    let (mut to, token_endpoint) = provider(oidc).await?;
    let begun = Begun {
        nonce: random(),
        verifier: random(),
        token_endpoint: token_endpoint.into(),
    };
    let state = random();
    let json = serde_json::to_string(&begun).map_err(|_| Refusal::Bad)?;
    let mut set = cmd("SET");
    set.arg(key(desk, &state)).arg(json).arg("EX").arg(KEPT_SECONDS);
    set.exec_async(&mut desk.store.connection())
        .await
        .map_err(Refusal::Redis)?;
    to.query_pairs_mut()
        .append_pair("response_type", "code")
        .append_pair("client_id", &oidc.client_id)
        .append_pair("redirect_uri", &oidc.redirect)
        .append_pair("scope", &oidc.scope)
        .append_pair("state", &state)
        .append_pair("nonce", &begun.nonce)
        .append_pair("code_challenge", &challenge(&begun.verifier))
        .append_pair("code_challenge_method", "S256");
    Ok(go(to.as_str(), &[state_cookie(desk, &state, KEPT_SECONDS)]))
}

/// Returns the cookie of the session.
async fn receive(desk: &Desk, headers: &HeaderMap, back: Back) -> Result<String, OidcError> {
    let oidc = desk.config.oidc.as_ref().ok_or(OidcError::Off)?;
    if let Some(error) = back.error {
        return Err(OidcError::Refused(error.chars().take(64).collect()));
    }
    let (Some(state), Some(code)) = (back.state, back.code) else {
        return Err(OidcError::Stranger);
    };
    if !cookie_of(headers).is_some_and(|kept| same(kept.as_bytes(), state.as_bytes())) {
        return Err(OidcError::Stranger);
    }
    let begun = used(desk, &state).await?;
    let token = token(oidc, &begun, &code).await?;
    let now = jiff::Timestamp::now().as_second();
    let claims = Claims::read(&token, oidc, &begun.nonce, now)?;
    let user = claims.user(oidc)?;
    let (_, cookie) = Session::open(desk, &user.name, user.role, user.agent).await?;
    Ok(cookie)
}

/// What was kept under a state; it serves once.
async fn used(desk: &Desk, state: &str) -> Result<Begun, OidcError> {
    let key = key(desk, state);
    let mut pipe = redis::pipe();
    pipe.add_command(cmd("GET").arg(&key).clone());
    pipe.add_command(cmd("DEL").arg(&key).clone());
    let (json, gone): (Option<String>, u64) = pipe
        .query_async(&mut desk.store.connection())
        .await
        .map_err(Refusal::Redis)?;
    let begun = json
        .filter(|_| gone == 1)
        .and_then(|json| serde_json::from_str(&json).ok());
    begun.ok_or(OidcError::Stranger)
}

/// Where the provider lets people in, and where it gives tokens.
async fn provider(oidc: &OidcConfig) -> Result<(Url, Url), OidcError> {
    let issuer = oidc.issuer.trim_end_matches('/');
    let wrong = || OidcError::Description(oidc.issuer.clone());
    let safe = |address: &str| Url::parse(address).ok().filter(is_safe).ok_or_else(wrong);
    let address = safe(&format!("{issuer}/.well-known/openid-configuration"))?;
    let answer = client()?.get(address).send().await?.error_for_status()?;
    let told: Provider = answer.json().await?;
    if told.issuer.trim_end_matches('/') != issuer {
        return Err(wrong());
    }
    Ok((safe(&told.authorization_endpoint)?, safe(&told.token_endpoint)?))
}

/// The ID token that the code stands for.
async fn token(oidc: &OidcConfig, begun: &Begun, code: &str) -> Result<String, OidcError> {
    #[derive(Deserialize)]
    struct Tokens {
        id_token: Option<String>,
        error: Option<String>,
    }
    let secret = std::fs::read_to_string(&oidc.client_secret_file).map_err(OidcError::Secret)?;
    let endpoint = Url::parse(&begun.token_endpoint).map_err(|_| OidcError::Description(oidc.issuer.clone()))?;
    let mut form = endpoint.clone();
    form.query_pairs_mut()
        .clear()
        .append_pair("grant_type", "authorization_code")
        .append_pair("code", code)
        .append_pair("redirect_uri", &oidc.redirect)
        .append_pair("code_verifier", &begun.verifier);
    let request = client()?
        .post(endpoint)
        .basic_auth(&oidc.client_id, Some(secret.trim()))
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(form.query().unwrap_or_default().to_owned());
    let tokens: Tokens = request.send().await?.json().await?;
    let why = tokens.error.unwrap_or_else(|| "no id_token".to_owned());
    tokens.id_token.ok_or(OidcError::Refused(why))
}

fn client() -> Result<reqwest::Client, reqwest::Error> {
    // A redirect would lead away from whom TLS has proved.
    reqwest::Client::builder()
        .timeout(WAIT)
        .redirect(reqwest::redirect::Policy::none())
        .build()
}

/// Over TLS, or on this machine.
fn is_safe(address: &Url) -> bool {
    address.scheme() == "https" || matches!(address.host_str(), Some("127.0.0.1" | "[::1]" | "localhost"))
}

fn challenge(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()))
}

fn key(desk: &Desk, state: &str) -> String {
    format!("{}:desk:oidc:{state}", desk.config.redis.prefix)
}

/// The provider leads back from another site, so the cookie is not `Strict`; it stands for nothing but this login.
fn state_cookie(desk: &Desk, state: &str, seconds: u64) -> String {
    let secure = if desk.config.secure_cookie { "; Secure" } else { "" };
    format!("{COOKIE}={state}; Path=/api/oidc; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}")
}

fn cookie_of(headers: &HeaderMap) -> Option<&str> {
    let values = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok());
    let mut pairs = values
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == COOKIE).map(|(_, value)| value)
}

fn go(to: &str, cookies: &[String]) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    let headers = response.headers_mut();
    if let Ok(to) = HeaderValue::from_str(to) {
        headers.insert(header::LOCATION, to);
    }
    for cookie in cookies.iter().filter_map(|cookie| HeaderValue::from_str(cookie).ok()) {
        headers.append(header::SET_COOKIE, cookie);
    }
    response
}

/// The page says that it did not work; the log says why.
fn failed(error: &OidcError) -> Response {
    tracing::warn!(%error, "a login by OpenID Connect did not come about");
    let word = match error {
        OidcError::Off
        | OidcError::Provider(_)
        | OidcError::Description(_)
        | OidcError::Secret(_)
        | OidcError::Desk(_) => "away",
        OidcError::Refused(_) | OidcError::Stranger | OidcError::Claims(_) => "refused",
    };
    go(&format!("/#{word}"), &[])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_challenge_is_that_of_the_standard() {
        // RFC 7636, appendix B.
        assert_eq!(
            challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        );
    }

    #[test]
    fn a_provider_without_tls_is_taken_on_the_loopback_alone() {
        for (address, safe) in [
            ("https://id.example/", true),
            ("http://127.0.0.1:9/", true),
            ("http://id.example/", false),
            ("http://127.0.0.1.example/", false),
        ] {
            assert_eq!(Url::parse(address).is_ok_and(|url| is_safe(&url)), safe, "{address}");
        }
    }
}
