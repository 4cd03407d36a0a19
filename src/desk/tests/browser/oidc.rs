//! Login by OpenID Connect, against a small provider of the test's own.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::extract::{Form, State};
use axum::http::HeaderMap;
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use reqwest::{Client, Response, Url};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::parts::Place;

/// A provider that gives for each code the claims that the test has put under it, once, to whoever proves that they began the login.
#[derive(Default)]
struct Provider {
    url: String,
    /// Code → challenge and claims.
    codes: Mutex<HashMap<String, (String, Value)>>,
}

impl Provider {
    async fn start() -> Arc<Self> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let provider = Arc::new(Self {
            url: format!("http://{}", listener.local_addr().unwrap()),
            ..Self::default()
        });
        let routes = Router::new()
            .route("/.well-known/openid-configuration", get(describe))
            .route("/token", post(token))
            .with_state(Arc::clone(&provider));
        tokio::spawn(async move { axum::serve(listener, routes).await });
        provider
    }

    fn config(&self) -> String {
        format!(
            "[oidc]\nissuer = \"{}\"\nclient_id = \"desk\"\nclient_secret_file = \"FOLDER/oidc\"\nredirect = \"https://desk.example/api/oidc/done\"\n\
             roles = {{ seat = \"agent\", lead = \"supervisor\" }}",
            self.url
        )
    }
}

async fn describe(State(provider): State<Arc<Provider>>) -> Json<Value> {
    let url = &provider.url;
    Json(
        json!({"issuer": url, "authorization_endpoint": format!("{url}/authorize"), "token_endpoint": format!("{url}/token")}),
    )
}

async fn token(
    State(provider): State<Arc<Provider>>,
    headers: HeaderMap,
    Form(form): Form<HashMap<String, String>>,
) -> Json<Value> {
    let known = format!("Basic {}", STANDARD.encode("desk:of the client"));
    let found = provider.codes.lock().unwrap().remove(&form["code"]);
    let proof = URL_SAFE_NO_PAD.encode(Sha256::digest(form["code_verifier"].as_bytes()));
    let good = headers["authorization"] == known.as_str()
        && form["grant_type"] == "authorization_code"
        && form["redirect_uri"] == "https://desk.example/api/oidc/done";
    match found {
        Some((challenge, claims)) if good && challenge == proof => Json(
            json!({"token_type": "Bearer", "id_token": format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(claims.to_string()))}),
        ),
        _ => Json(json!({"error": "invalid_grant"})),
    }
}

fn client() -> Client {
    let client = Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none());
    client.build().unwrap()
}

fn location(answer: &Response) -> String {
    assert_eq!(answer.status(), 303);
    answer.headers()["location"].to_str().unwrap().to_owned()
}

/// Cookies that an answer sets and that are no empty ones.
fn cookies(answer: &Response) -> Vec<String> {
    let all = answer.headers().get_all("set-cookie").iter();
    let pairs = all.map(|cookie| cookie.to_str().unwrap().split(';').next().unwrap().to_owned());
    pairs.filter(|pair| !pair.ends_with('=')).collect()
}

/// A login that a browser has begun: what it was sent to the provider with, and its cookie.
struct Begun {
    asked: HashMap<String, String>,
    cookie: String,
}

impl Begun {
    async fn at(place: &Place, provider: &Provider) -> Self {
        let answer = client().get(format!("{}/api/oidc", place.url)).send().await.unwrap();
        let to = location(&answer);
        assert!(to.starts_with(&format!("{}/authorize?", provider.url)), "{to}");
        let asked: HashMap<String, String> = Url::parse(&to).unwrap().query_pairs().into_owned().collect();
        for (name, value) in [
            ("response_type", "code"),
            ("client_id", "desk"),
            ("redirect_uri", "https://desk.example/api/oidc/done"),
            ("code_challenge_method", "S256"),
        ] {
            assert_eq!(asked[name], value);
        }
        let cookie = cookies(&answer).remove(0);
        Self { asked, cookie }
    }

    /// The provider has let somebody in, and sends the browser back.
    async fn back(&self, place: &Place, provider: &Provider, claims: &Value) -> Response {
        let mut all = json!({"iss": provider.url, "aud": "desk", "nonce": self.asked["nonce"], "exp": 4_000_000_000_i64, "preferred_username": "lin"});
        for (name, value) in claims.as_object().unwrap() {
            all[name] = value.clone();
        }
        let code = format!("code-{}", self.asked["state"]);
        let kept = (self.asked["code_challenge"].clone(), all);
        provider.codes.lock().unwrap().insert(code.clone(), kept);
        self.come(place, &self.asked["state"], &code).await
    }

    async fn come(&self, place: &Place, state: &str, code: &str) -> Response {
        let request = client().get(format!("{}/api/oidc/done?state={state}&code={code}", place.url));
        request.header("cookie", &self.cookie).send().await.unwrap()
    }
}

async fn me(place: &Place, cookie: &str) -> Value {
    let request = client().get(format!("{}/api/me", place.url)).header("cookie", cookie);
    request.send().await.unwrap().json().await.unwrap()
}

#[tokio::test]
async fn a_provider_says_who_logs_in_and_what_they_may_see() {
    let provider = Provider::start().await;
    let place = Place::open_with(&provider.config()).await;
    std::fs::write(place.folder.join("oidc"), "of the client\n").unwrap();
    let ways: Value = client()
        .get(format!("{}/api/login", place.url))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(ways, json!({"oidc": true}));

    let begun = Begun::at(&place, &provider).await;
    let answer = begun.back(&place, &provider, &json!({"roles": ["seat", "lead"]})).await;
    assert_eq!(location(&answer), "/");
    let lin = me(&place, &cookies(&answer)[0]).await;
    assert_eq!((&lin["user"], &lin["role"]), (&json!("lin"), &json!("supervisor")));

    let begun = Begun::at(&place, &provider).await;
    let claims = json!({"preferred_username": "wang", "roles": "seat", "agent_id": "8001"});
    let answer = begun.back(&place, &provider, &claims).await;
    let wang = me(&place, &cookies(&answer)[0]).await;
    assert_eq!((&wang["role"], &wang["agent"]), (&json!("agent"), &json!("8001")));
    // The same way back serves once.
    let again = begun.back(&place, &provider, &claims).await;
    assert_eq!((location(&again).as_str(), cookies(&again).len()), ("/#refused", 0));
}

#[tokio::test]
async fn nobody_is_let_in_by_a_login_or_a_token_of_somebody_else() {
    let provider = Provider::start().await;
    let place = Place::open_with(&provider.config()).await;
    std::fs::write(place.folder.join("oidc"), "of the client\n").unwrap();
    for claims in [
        json!({}),
        json!({"roles": ["cook"]}),
        json!({"roles": ["seat"]}),
        json!({"roles": ["lead"], "nonce": "of another"}),
        json!({"roles": ["lead"], "aud": "another"}),
        json!({"roles": ["lead"], "iss": "http://127.0.0.1:1"}),
        json!({"roles": ["lead"], "exp": 1}),
    ] {
        let begun = Begun::at(&place, &provider).await;
        let answer = begun.back(&place, &provider, &claims).await;
        assert_eq!(
            (location(&answer).as_str(), cookies(&answer).len()),
            ("/#refused", 0),
            "{claims}"
        );
    }
    // A state of another browser, one that nobody began, and a code of somebody else's login.
    let (mine, theirs) = (Begun::at(&place, &provider).await, Begun::at(&place, &provider).await);
    for (state, code) in [
        (&theirs.asked["state"], "code"),
        (&"0".repeat(64), "code"),
        (&mine.asked["state"], "code"),
    ] {
        let answer = mine.come(&place, state, code).await;
        assert_eq!(
            (location(&answer).as_str(), cookies(&answer).len()),
            ("/#refused", 0),
            "{state}"
        );
    }
}
