//! An answer with its header fields, made once for all who get it.

use axum::body::{Body, Bytes};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, EXPIRES, LAST_MODIFIED};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use ca_core::authority::OcspReply;
use ca_core::{Suite, UnixTime, hex};

use super::OCSP_RESPONSE;
use crate::http::ApiError;
use crate::http::cache::{http_date, is_known};

/// Kept beside an [`OcspReply`] that may be given again.
struct Dressed {
    /// The octets of the answer, shared.
    body: Bytes,
    /// Quoted.
    tag: String,
    /// All header fields but Cache-Control, whose max-age depends on when it is sent.
    headers: HeaderMap,
    this_update: UnixTime,
    next_update: UnixTime,
}

/// The HTTP answer to a request with `asked`: 304 if the client has it.
pub(super) fn respond(
    reply: &OcspReply,
    asked: &HeaderMap,
    now: UnixTime,
) -> Result<Response, ApiError> {
    let Some((this_update, next_update)) = reply.validity else {
        let headers = [(CONTENT_TYPE, OCSP_RESPONSE), (CACHE_CONTROL, "no-store")];
        return Ok((headers, Bytes::from_owner(reply.octets.clone())).into_response());
    };
    let dress = |reply: &OcspReply| Dressed::of(reply, this_update, next_update);
    let dressed = reply.beside(dress).and_then(Option::as_ref).ok_or(ApiError::Internal)?;
    dressed.respond(asked, now)
}

impl Dressed {
    fn of(reply: &OcspReply, this_update: UnixTime, next_update: UnixTime) -> Option<Self> {
        let tag = format!("\"{}\"", hex(&Suite::Modern.digest(&reply.octets)));
        // Room for Cache-Control, Content-Length and Date.
        let mut headers = HeaderMap::with_capacity(8);
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(OCSP_RESPONSE));
        headers.insert(ETAG, HeaderValue::from_str(&tag).ok()?);
        headers.insert(EXPIRES, HeaderValue::try_from(http_date(next_update)).ok()?);
        headers.insert(LAST_MODIFIED, HeaderValue::try_from(http_date(this_update)).ok()?);
        let body = Bytes::from_owner(reply.octets.clone());
        Some(Self { body, tag, headers, this_update, next_update })
    }

    fn respond(&self, asked: &HeaderMap, now: UnixTime) -> Result<Response, ApiError> {
        let known = is_known(asked, &self.tag, self.this_update);
        let body = if known { Body::empty() } else { Body::from(self.body.clone()) };
        let mut response = Response::new(body);
        if known {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
        }
        *response.headers_mut() = self.headers.clone();
        // RFC 5019 §6.2: max-age ends before nextUpdate, Expires is nextUpdate.
        let age = self.next_update.as_secs().saturating_sub(now.as_secs()).saturating_sub(1);
        let cache = format!("max-age={age}, public, no-transform, must-revalidate");
        let cache = HeaderValue::try_from(cache).map_err(|_| ApiError::Internal)?;
        response.headers_mut().insert(CACHE_CONTROL, cache);
        Ok(response)
    }
}
