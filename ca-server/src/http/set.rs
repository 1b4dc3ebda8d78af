//! `POST /set`: one SET message in, one out (spec `set-crypto.md` §6.2).

use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use ca_core::authority::SetReply;

use super::blocking::blocking;
use super::body::read_body;
use super::{ApiError, Shared};

pub(super) fn router() -> Router<Shared> {
    Router::new().route("/set", post(registration))
}

async fn registration(State(app): State<Shared>, request: Request) -> Result<Response, ApiError> {
    let message = read_body(request, SET_REGISTRATION, BODY_LIMIT).await?;
    if message.is_empty() {
        return Err(ApiError::EmptyBody);
    }
    Ok(response(blocking(move || app.authority.respond(&message)).await?))
}

fn response(reply: SetReply) -> Response {
    match reply {
        // decisions.md 27.
        SetReply::Answer { octets, retry_after } => {
            // decisions.md 30.
            let again = retry_after.map(|secs| [(RETRY_AFTER, secs.to_string())]);
            ([(CONTENT_TYPE, SET_REGISTRATION), (CACHE_CONTROL, "no-store")], again, octets)
                .into_response()
        }
        SetReply::Nothing => {
            (StatusCode::NO_CONTENT, [(CACHE_CONTROL, "no-store")]).into_response()
        }
    }
}

const SET_REGISTRATION: &str = "application/set-registration";
/// Spec `set-crypto.md` §6.2: 413 above 256 KiB.
const BODY_LIMIT: usize = 256 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    fn again(retry_after: Option<u64>) -> Option<String> {
        let response = response(SetReply::Answer { octets: vec![0x30, 0x00], retry_after });
        let header = response.headers().get(RETRY_AFTER)?;
        Some(header.to_str().unwrap().to_owned())
    }

    #[test]
    fn the_header_says_when_to_ask_again_and_only_where_it_is_worth_it() {
        assert_eq!(again(Some(300)).as_deref(), Some("300"));
        assert_eq!(again(None), None);
    }
}
