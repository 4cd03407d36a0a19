//! Why a request is refused.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

/// Why a request is refused. The answer holds no more than its status and a word for programs.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refusal {
    /// Nobody is logged in.
    #[error("login")]
    Login,
    /// Name or password is wrong.
    #[error("password")]
    Password,
    /// The login may not do this.
    #[error("forbidden")]
    Forbidden,
    /// The request lacks the token of its session.
    #[error("csrf")]
    Csrf,
    /// The request is not understood.
    #[error("bad_request")]
    Bad,
    /// A question that has no answer, and why.
    #[error("question")]
    Question(String),
    /// There is no such call, or page.
    #[error("not_found")]
    NotFound,
    /// Too many attempts to log in.
    #[error("slow_down")]
    SlowDown,
    /// As many screens as the configuration allows.
    #[error("full")]
    Full,
    /// The daemon does not hear a spoken question.
    #[error("deaf")]
    Deaf,
    /// Redis does not answer.
    #[error("redis")]
    Redis(#[from] redis::RedisError),
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = match &self {
            Self::Login | Self::Password => StatusCode::UNAUTHORIZED,
            Self::Forbidden | Self::Csrf => StatusCode::FORBIDDEN,
            Self::Bad | Self::Question(_) => StatusCode::BAD_REQUEST,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::SlowDown => StatusCode::TOO_MANY_REQUESTS,
            Self::Full | Self::Deaf => StatusCode::SERVICE_UNAVAILABLE,
            Self::Redis(error) => {
                tracing::warn!(%error, "Redis does not answer the desk");
                StatusCode::SERVICE_UNAVAILABLE
            }
        };
        let mut told = serde_json::json!({ "error": self.to_string() });
        if let Self::Question(why) = self {
            told["why"] = why.into();
        }
        (status, axum::Json(told)).into_response()
    }
}
