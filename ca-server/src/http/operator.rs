//! Who may use the operator's paths: `Authorization: Bearer TOKEN` (RFC 6750 §2.1).

use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;

use super::{ApiError, App};

/// An operator who has shown the token.
pub(super) struct Operator;

impl Operator {
    /// Under which decisions are recorded: the name of the one token there is.
    pub(super) const NAME: &'static str = "operator";
}

impl FromRequestParts<App> for Operator {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let header = parts.headers.get(AUTHORIZATION).ok_or(ApiError::Unauthorized)?;
        let shown = header.to_str().ok().and_then(|text| text.split_once(' '));
        // RFC 9110 §11.1: the scheme compares without case.
        let bearer = shown.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
        let (_, token) = bearer.ok_or(ApiError::Unauthorized)?;
        if app.operator.admits(token.trim()) {
            return Ok(Self);
        }
        tracing::warn!(path = parts.uri.path(), "wrong operator token");
        Err(ApiError::Forbidden)
    }
}
