//! What each kind of chaos makes of a request.

use axum::http::{Method, Uri};
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

/// The same request with another nonce; none if it has no nonce that could come back wrong.
pub(super) fn with_other_nonce(request: &[u8]) -> Option<Vec<u8>> {
    let mut request = OcspRequest::from_der(request).ok()?;
    let first = request.nonce.as_mut()?.first_mut()?;
    *first = !*first;
    request.to_der().ok()
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
}
