//! `POST /set/ca`: messages between CAs (spec `set-certificates.md` §6.4).

use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use ca_core::authority::{CaFault, CaReply};
use ca_core::wire::bounds::MAX_CA_MESSAGE;

use super::blocking::blocking;
use super::body::read_body;
use super::{ApiError, Shared};

pub(super) fn router() -> Router<Shared> {
    Router::new().route("/set/ca", post(ca_message))
}

async fn ca_message(State(app): State<Shared>, request: Request) -> Result<Response, ApiError> {
    let message = read_body(request, CA_MESSAGE, MAX_CA_MESSAGE).await?;
    if message.is_empty() {
        return Err(ApiError::EmptyBody);
    }
    Ok(match blocking(move || app.authority.take_ca_message(&message)).await? {
        CaReply::Answer(octets) => {
            ([(CONTENT_TYPE, CA_MESSAGE), (CACHE_CONTROL, "no-store")], octets).into_response()
        }
        CaReply::Nothing => (StatusCode::NO_CONTENT, [(CACHE_CONTROL, "no-store")]).into_response(),
    })
}

/// The sender hears that its message is not taken, the log has why: both have an operator.
impl From<CaFault> for ApiError {
    fn from(fault: CaFault) -> Self {
        match fault {
            CaFault::Ours(error) => error.into(),
            CaFault::Refused(refusal) => {
                tracing::warn!(reason = %refusal, "message of another CA not taken");
                Self::CaMessageRefused
            }
        }
    }
}

/// Ours: SET names none (§6.4).
const CA_MESSAGE: &str = "application/x-setca-ca-message";
