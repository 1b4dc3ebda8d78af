//! Reading a request body: right media type, bounded size, bounded time.

use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, FromRequest as _, Request};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use tokio::time::timeout;

use super::ApiError;

/// The body of `request` if it is `media_type` and at most `limit` octets.
///
/// A body that announces itself as longer is refused before an octet of it is read.
pub(super) async fn read_body(
    mut request: Request,
    media_type: &'static str,
    limit: usize,
) -> Result<Bytes, ApiError> {
    if !is_media_type(request.headers(), media_type) {
        return Err(ApiError::UnsupportedMediaType(media_type));
    }
    if announced_length(request.headers()).is_some_and(|length| length > limit as u64) {
        return Err(ApiError::BodyTooLarge(limit));
    }
    DefaultBodyLimit::max(limit).apply(&mut request);
    match timeout(TIME_LIMIT, Bytes::from_request(request, &())).await {
        Ok(Ok(body)) => Ok(body),
        Ok(Err(rejection)) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            Err(ApiError::BodyTooLarge(limit))
        }
        Ok(Err(_)) => Err(ApiError::BadBody),
        Err(_) => Err(ApiError::RequestTimeout),
    }
}

/// Type and subtype compare without case, parameters do not count (RFC 9110 §8.3.1).
fn is_media_type(headers: &HeaderMap, media_type: &str) -> bool {
    let given = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = given.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case(media_type)
}

fn announced_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// How long a client may take to send its body: shorter than the service takes to stop, so that who
/// sends no whole body does not make the end disorderly.
const TIME_LIMIT: Duration = Duration::from_secs(8);
