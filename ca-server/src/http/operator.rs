//! Who may use the paths that are not for everybody: `Authorization: Bearer TOKEN` (RFC 6750 §2.1).

use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use ca_core::decide::Revoker;

use super::{ApiError, Shared};

/// An operator who has shown the token.
pub(super) struct Operator;

impl Operator {
    /// Under which decisions are recorded: the name of the one token there is.
    pub(super) const NAME: &'static str = "operator";
}

impl FromRequestParts<Shared> for Operator {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, ApiError> {
        if app.operator.admits_operator(bearer(parts)?) {
            return Ok(Self);
        }
        tracing::warn!(path = parts.uri.path(), "wrong operator token");
        Err(ApiError::Forbidden)
    }
}

/// The operator or an institution, by the token shown.
pub(super) struct Actor(pub(super) Revoker);

impl FromRequestParts<Shared> for Actor {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, ApiError> {
        let found = app.operator.revoker(bearer(parts)?);
        found.map(Self).ok_or_else(|| {
            tracing::warn!(path = parts.uri.path(), "unknown token");
            ApiError::Forbidden
        })
    }
}

fn bearer(parts: &Parts) -> Result<&str, ApiError> {
    let header = parts.headers.get(AUTHORIZATION).ok_or(ApiError::Unauthorized)?;
    let shown = header.to_str().ok().and_then(|text| text.split_once(' '));
    // RFC 9110 §11.1: the scheme compares without case.
    let bearer = shown.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    bearer.map(|(_, token)| token.trim()).ok_or(ApiError::Unauthorized)
}
