//! `POST /set`: one SET message in, one out (spec `set-crypto.md` §6.2).

use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use ca_core::authority::SetReply;

use super::blocking::blocking;
use super::body::read_body;
use super::{ApiError, App};

pub(super) fn router() -> Router<App> {
    Router::new().route("/set", post(registration))
}

async fn registration(State(app): State<App>, request: Request) -> Result<Response, ApiError> {
    let message = read_body(request, SET_REGISTRATION, BODY_LIMIT).await?;
    if message.is_empty() {
        return Err(ApiError::EmptyBody);
    }
    Ok(match blocking(move || app.authority.respond(&message)).await? {
        // decisions.md 27.
        SetReply::Answer(octets) => {
            ([(CONTENT_TYPE, SET_REGISTRATION), (CACHE_CONTROL, "no-store")], octets)
                .into_response()
        }
        SetReply::Nothing => {
            (StatusCode::NO_CONTENT, [(CACHE_CONTROL, "no-store")]).into_response()
        }
    })
}

const SET_REGISTRATION: &str = "application/set-registration";
/// Spec `set-crypto.md` §6.2: 413 above 256 KiB.
const BODY_LIMIT: usize = 256 * 1024;
