//! Who may use the paths that are not for everybody: `Authorization: Bearer TOKEN` (RFC 6750 §2.1).

use std::net::SocketAddr;

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use ca_core::audit;
use ca_core::decide::Revoker;

use super::blocking::blocking;
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
        let admitted = app.operator.admits_operator(bearer(parts)?);
        signed_in(parts, app, admitted.then_some(audit::Actor::Operator)).await?;
        if admitted { Ok(Self) } else { Err(ApiError::Forbidden) }
    }
}

/// The operator or an institution, by the token shown.
pub(super) struct Actor(pub(super) Revoker);

impl FromRequestParts<Shared> for Actor {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, ApiError> {
        let found = app.operator.revoker(bearer(parts)?);
        signed_in(parts, app, found.as_ref().map(audit::Actor::from)).await?;
        found.map(Self).ok_or(ApiError::Forbidden)
    }
}

/// Writes in the audit log who has come, before anything is done for that one.
async fn signed_in(parts: &Parts, app: &Shared, who: Option<audit::Actor>) -> Result<(), ApiError> {
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
    let (from, path) = (peer.map(|ConnectInfo(peer)| peer.ip()), parts.uri.path().to_owned());
    if who.is_none() {
        tracing::warn!(path, "unknown token, or not for this path");
    }
    let Some(sign_in) = app.observed.sign_ins().seen(who, from, app.authority.now()) else {
        return Ok(());
    };
    let app = Shared::clone(app);
    blocking(move || app.observed.sign_ins().note(&app.authority, sign_in, &path)).await
}

fn bearer(parts: &Parts) -> Result<&str, ApiError> {
    let header = parts.headers.get(AUTHORIZATION).ok_or(ApiError::Unauthorized)?;
    let shown = header.to_str().ok().and_then(|text| text.split_once(' '));
    // RFC 9110 §11.1: the scheme compares without case.
    let bearer = shown.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    bearer.map(|(_, token)| token.trim()).ok_or(ApiError::Unauthorized)
}
