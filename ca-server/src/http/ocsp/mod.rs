//! `POST /ocsp` and `GET /ocsp/{base64}` (RFC 6960 appendix A.1, RFC 5019 §5 and §6).

mod dressed;
mod responder;

use axum::Router;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::{get, post};
use base64ct::{Base64Unpadded, Encoding as _};

use super::body::read_body;
use super::{ApiError, App, Shared};
use dressed::respond;

pub use responder::Responder;

pub(super) fn router() -> Router<Shared> {
    // Base64 has slashes of its own, and not every client encodes them: all that follows counts.
    Router::new().route("/ocsp", post(posted)).route("/ocsp/{*request}", get(asked))
}

async fn posted(State(app): State<Shared>, request: Request) -> Result<Response, ApiError> {
    let octets = read_body(request, OCSP_REQUEST, BODY_LIMIT).await?;
    answer(&app, &HeaderMap::new(), &octets).await
}

/// A path that is no base64 is an empty request to the authority: `malformedRequest`.
///
/// Its length is bounded before it comes here: a longer request target than 65,534 octets gets
/// 414 from the HTTP parser.
async fn asked(
    State(app): State<Shared>,
    headers: HeaderMap,
    path: Result<Path<String>, PathRejection>,
) -> Result<Response, ApiError> {
    let octets = path.ok().and_then(|Path(text)| decode_base64(&text)).unwrap_or_default();
    answer(&app, &headers, &octets).await
}

async fn answer(app: &App, headers: &HeaderMap, octets: &[u8]) -> Result<Response, ApiError> {
    let reply = app.responder.answer(&app.authority, octets).await;
    respond(&reply, headers, app.clock.now())
}

/// Base64 with or without its padding.
fn decode_base64(text: &str) -> Option<Vec<u8>> {
    Base64Unpadded::decode_vec(text.trim_end_matches('=')).ok()
}

const OCSP_REQUEST: &str = "application/ocsp-request";
const OCSP_RESPONSE: &str = "application/ocsp-response";
/// Room for some 800 CertIDs in one request.
const BODY_LIMIT: usize = 64 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_of_a_path_decodes_with_and_without_padding() {
        // RFC 4648 §10 and the two characters outside the alphanumerics.
        assert_eq!(decode_base64("Zm9vYg==").as_deref(), Some(&b"foob"[..]));
        assert_eq!(decode_base64("Zm9vYg").as_deref(), Some(&b"foob"[..]));
        assert_eq!(decode_base64("+/+/").as_deref(), Some(&[0xfb, 0xff, 0xbf][..]));
        assert_eq!(decode_base64("not base64!"), None);
    }
}
