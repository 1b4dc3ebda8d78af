//! OCSP requests and answers.

use ca_core::wire::ocsp::{
    BasicOcspResponse, CertId, CertStatus, OcspRequest, OcspResponse, ResponderId, SingleResponse,
};

use super::certificate::algorithm;
use super::crl::revocation;
use super::names::{name_der_text, name_text, oid_text};
use crate::tree::Tree;

/// The tree of an OCSPRequest, `None` if the octets are none.
pub(crate) fn request(octets: &[u8]) -> Option<Tree> {
    let request = OcspRequest::from_der(octets).ok()?;
    Some(
        Tree::new()
            .with("kind", "OCSP request")
            .with("certificates", Tree::list(request.cert_ids.iter().map(cert_id)))
            .with_some("nonce", request.nonce.map(Tree::Octets)),
    )
}

/// The tree of an OCSPResponse, `None` if the octets are none.
pub(crate) fn response(octets: &[u8]) -> Option<Tree> {
    let response = OcspResponse::from_der(octets).ok()?;
    let tree =
        Tree::new().with("kind", "OCSP response").with("responseStatus", status_name(&response));
    Some(match &response.basic {
        Some(basic) => tree.with("basicResponse", answer(basic)),
        None => tree,
    })
}

/// `successful`, `malformedRequest`, …
pub(crate) fn status_name(response: &OcspResponse) -> String {
    // The variants are named as the standard names the values.
    let name = format!("{:?}", response.status);
    let mut chars = name.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}

fn answer(basic: &BasicOcspResponse) -> Tree {
    let certificates = basic.certificates.iter().map(|certificate| {
        Tree::new()
            .with("subject", name_der_text(certificate.subject_der()))
            .with("issuer", name_der_text(certificate.issuer_der()))
            .with("serial", certificate.serial())
            .with("notAfter", certificate.not_after())
    });
    Tree::new()
        .with("responder", responder(&basic.responder))
        .with("producedAt", basic.produced_at)
        .with("responses", Tree::list(basic.responses.iter().map(single)))
        .with_some("nonce", basic.nonce.as_deref())
        .with("signatureAlgorithm", algorithm(&basic.signature_algorithm))
        .with("signature", basic.signature.as_slice())
        .with("certificates", Tree::list(certificates))
}

fn responder(id: &ResponderId) -> Tree {
    match id {
        ResponderId::ByName(name) => Tree::new().with("byName", name_text(name)),
        ResponderId::ByKey(key) => Tree::new().with("byKey", key.as_bytes()),
    }
}

/// The status of one certificate.
pub(crate) fn single(response: &SingleResponse) -> Tree {
    let tree = cert_id(&response.cert_id);
    let tree = match response.status {
        CertStatus::Good => tree.with("status", "good"),
        CertStatus::Revoked(info) => revocation(tree.with("status", "revoked"), info),
        CertStatus::Unknown => tree.with("status", "unknown"),
    };
    tree.with("thisUpdate", response.this_update).with_some("nextUpdate", response.next_update)
}

fn cert_id(id: &CertId) -> Tree {
    let (name, key) = id.issuer_hashes();
    Tree::new()
        .with("serial", id.serial())
        .with_some("hashAlgorithm", id.hash().map(|hash| oid_text(&hash.oid())))
        .with("issuerNameHash", name)
        .with("issuerKeyHash", key)
}
