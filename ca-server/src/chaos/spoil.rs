//! What each kind of chaos makes of a request.

use axum::http::{Method, Uri};
use base64ct::{Base64Unpadded, Encoding as _};
use ca_core::store::{CaId, Shard};
use ca_core::wire::ocsp::OcspRequest;

/// The CA whose complete CRL is asked for.
pub(super) fn complete_crl(method: &Method, uri: &Uri) -> Option<CaId> {
    let name = uri.path().strip_prefix("/crl/")?.strip_suffix(".crl")?;
    (method == Method::GET).then(|| CaId::new(name)).flatten()
}

/// The path of another shard than the one asked for.
pub(super) fn other_shard(method: &Method, uri: &Uri) -> Option<Uri> {
    let (ca, file) = uri.path().strip_prefix("/crl/")?.split_once('/')?;
    let shard = Shard::parse(file.strip_suffix(".crl")?)?;
    let index = shard.index.saturating_add(1).checked_rem(shard.of)?;
    let other = Shard { index, ..shard };
    let other = format!("/crl/{ca}/{other}.crl").parse().ok()?;
    (method == Method::GET).then_some(other)
}

/// True for an OCSP request, whatever is in it.
pub(super) fn is_ocsp(uri: &Uri) -> bool {
    uri.path() == "/ocsp" || uri.path().starts_with("/ocsp/")
}

/// The OCSP request in a path.
pub(super) fn request_in(uri: &Uri) -> Option<Vec<u8>> {
    let octets = unescaped(uri.path().strip_prefix("/ocsp/")?)?;
    let text = String::from_utf8(octets).ok()?;
    Base64Unpadded::decode_vec(text.trim_end_matches('=')).ok()
}

/// The same request with another nonce; none if it has no nonce that could come back wrong.
pub(super) fn with_other_nonce(request: &[u8]) -> Option<Vec<u8>> {
    let mut request = OcspRequest::from_der(request).ok()?;
    let first = request.nonce.as_mut()?.first_mut()?;
    *first = !*first;
    request.to_der().ok()
}

/// Percent-encoding taken back (RFC 3986 §2.1).
fn unescaped(text: &str) -> Option<Vec<u8>> {
    let mut octets = text.bytes();
    let mut found = Vec::new();
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_shard_of_the_same_ca_is_asked_for() {
        let other = |path: &str| other_shard(&Method::GET, &path.parse().unwrap());
        assert_eq!(other("/crl/sample-cca/4-3.crl").unwrap().path(), "/crl/sample-cca/4-0.crl");
        assert_eq!(other("/crl/sample-cca/4-1.crl").unwrap().path(), "/crl/sample-cca/4-2.crl");
        assert_eq!(other("/crl/sample-cca.crl"), None);
        assert_eq!(other("/crl/sample-cca/delta.crl"), None);
    }

    #[test]
    fn percent_encoding_is_taken_back() {
        assert_eq!(unescaped("a%2Bb%2f").as_deref(), Some(&b"a+b/"[..]));
        assert_eq!(unescaped("a%2"), None);
        assert_eq!(unescaped("a%zz"), None);
    }
}
