//! Signed objects that may be kept until their nextUpdate: cache headers and conditional GET.

use axum::body::Body;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_TYPE, ETAG, EXPIRES, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use ca_core::UnixTime;
use std::time::{Duration, UNIX_EPOCH};

use super::ApiError;

/// A signed object with the period it speaks for.
pub(super) struct Cacheable {
    pub media_type: &'static str,
    pub body: Body,
    /// Changes whenever the octets do; without the quotes.
    pub tag: String,
    pub this_update: UnixTime,
    pub next_update: UnixTime,
}

impl Cacheable {
    /// The answer to a request with `headers`: the object, or 304 if the client has it.
    pub(super) fn respond(self, headers: &HeaderMap, now: UnixTime) -> Result<Response, ApiError> {
        let tag = format!("\"{}\"", self.tag);
        let known = is_known(headers, &tag, self.this_update);
        let (status, body) = if known {
            (StatusCode::NOT_MODIFIED, Body::empty())
        } else {
            (StatusCode::OK, self.body)
        };
        let mut response = Response::new(body);
        *response.status_mut() = status;
        // RFC 5019 §6.2: max-age ends before nextUpdate, Expires is nextUpdate.
        let age = self.next_update.as_secs().saturating_sub(now.as_secs()).saturating_sub(1);
        let cache = format!("max-age={age}, public, no-transform, must-revalidate");
        let out = response.headers_mut();
        put(out, CACHE_CONTROL, &cache)?;
        put(out, CONTENT_TYPE, self.media_type)?;
        put(out, ETAG, &tag)?;
        put(out, EXPIRES, &http_date(self.next_update))?;
        put(out, LAST_MODIFIED, &http_date(self.this_update))?;
        Ok(response)
    }
}

/// True if the client has the object of this tag, quotes included, and this time.
///
/// If-None-Match wins over If-Modified-Since (RFC 9110 §13.2.2).
pub(super) fn is_known(headers: &HeaderMap, tag: &str, modified: UnixTime) -> bool {
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    if let Some(tags) = text(IF_NONE_MATCH) {
        // Weak comparison (RFC 9110 §13.1.2). Our tags hold no comma.
        return tags.split(',').map(str::trim).any(|candidate| {
            candidate == "*" || candidate.strip_prefix("W/").unwrap_or(candidate) == tag
        });
    }
    text(IF_MODIFIED_SINCE)
        .and_then(|date| httpdate::parse_http_date(date).ok())
        .and_then(|date| date.duration_since(UNIX_EPOCH).ok())
        .is_some_and(|since| since.as_secs() >= modified.as_secs())
}

fn put(headers: &mut HeaderMap, name: HeaderName, value: &str) -> Result<(), ApiError> {
    headers.insert(name, HeaderValue::from_str(value).map_err(|_| ApiError::Internal)?);
    Ok(())
}

/// As HTTP writes a time (RFC 9110 §5.6.7).
pub(super) fn http_date(time: UnixTime) -> String {
    httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(time.as_secs()))
}
