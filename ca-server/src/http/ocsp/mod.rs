//! `POST /ocsp` and `GET /ocsp/{base64}` (RFC 6960 appendix A.1, RFC 5019 §5 and §6).

mod dressed;
mod responder;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Uri};
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
    uri: Uri,
) -> Result<Response, ApiError> {
    let octets = request_in(&uri).unwrap_or_default();
    answer(&app, &headers, &octets).await
}

async fn answer(app: &App, headers: &HeaderMap, octets: &[u8]) -> Result<Response, ApiError> {
    let reply = app.responder.answer(&app.authority, octets).await;
    respond(&reply, headers, app.clock.now())
}

/// The request in a path: base64, with or without its padding, percent-encoded or not.
pub(crate) fn request_in(uri: &Uri) -> Option<Vec<u8>> {
    let text = String::from_utf8(unescaped(uri.path().strip_prefix("/ocsp/")?)?).ok()?;
    Base64Unpadded::decode_vec(text.trim_end_matches('=')).ok()
}

/// Percent-encoding taken back (RFC 3986 §2.1).
fn unescaped(text: &str) -> Option<Vec<u8>> {
    let mut octets = text.bytes();
    let mut found = Vec::with_capacity(text.len());
    while let Some(octet) = octets.next() {
        if octet != b'%' {
            found.push(octet);
            continue;
        }
        let digit = |octet: Option<u8>| char::from(octet?).to_digit(16);
        let (high, low) = (digit(octets.next())?, digit(octets.next())?);
        found.push(u8::try_from(high * 16 + low).ok()?);
    }
    Some(found)
}

pub(crate) const OCSP_REQUEST: &str = "application/ocsp-request";
pub(crate) const OCSP_RESPONSE: &str = "application/ocsp-response";
/// Room for some 800 CertIDs in one request.
pub(crate) const BODY_LIMIT: usize = 64 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_of_a_path_decodes_with_and_without_padding_and_escapes() {
        let request = |path: &str| request_in(&path.parse().unwrap());
        // RFC 4648 §10 and the two characters outside the alphanumerics.
        assert_eq!(request("/ocsp/Zm9vYg==").as_deref(), Some(&b"foob"[..]));
        assert_eq!(request("/ocsp/Zm9vYg").as_deref(), Some(&b"foob"[..]));
        assert_eq!(request("/ocsp/Zm9vYg%3D%3d").as_deref(), Some(&b"foob"[..]));
        assert_eq!(request("/ocsp/+/+/").as_deref(), Some(&[0xfb, 0xff, 0xbf][..]));
        assert_eq!(request("/ocsp/%2B%2f%2B%2F").as_deref(), Some(&[0xfb, 0xff, 0xbf][..]));
        for wrong in ["/ocsp/not-base64!", "/ocsp/Zm9vYg%3", "/ocsp/Zm9vYg%zz", "/ocsp"] {
            assert_eq!(request(wrong), None, "{wrong}");
        }
    }
}
