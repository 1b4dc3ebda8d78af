//! A certificate, field by field.

use ca_core::signer::{KeyAlgorithm, KeyId, SignatureAlgorithm};
use ca_core::wire::Cert;
use ca_core::{Suite, UnixTime};
use der::Decode;
use x509_cert::certificate::Version;
use x509_cert::spki::AlgorithmIdentifierOwned;

use super::extensions;
use super::names::{name_der_text, oid_text};
use crate::tree::Tree;

/// Everything a certificate says.
pub(crate) fn tree(certificate: &Cert) -> Tree {
    let tbs = certificate.tbs();
    let version: u64 = match tbs.version() {
        Version::V1 => 1,
        Version::V2 => 2,
        Version::V3 => 3,
    };
    let suite = Suite::of_signature(tbs.signature());
    Tree::new()
        .with("kind", "certificate")
        .with_some("draft", certificate.is_draft().then_some(DRAFT))
        .with("version", version)
        .with("serial", certificate.serial())
        .with("issuer", name_der_text(certificate.issuer_der()))
        .with("subject", name_der_text(certificate.subject_der()))
        .with("validity", period(certificate.not_before(), certificate.not_after()))
        .with("publicKey", public_key(certificate.spki_der()))
        .with("extensions", Tree::list(certificate.extensions().iter().map(extensions::tree)))
        .with("signatureAlgorithm", algorithm(certificate.inner().signature_algorithm()))
        .with("signature", certificate.signature())
        // The two digests SET software shows, not to be mixed (set-certificates.md §4.3, §5.2).
        .with("thumbprint", digest(suite, &certificate.thumbprint(suite)))
        .with("publicKeyDigest", digest(suite, &suite.digest(certificate.spki_der())))
}

/// notBefore and notAfter.
pub(crate) fn period(not_before: UnixTime, not_after: UnixTime) -> Tree {
    Tree::new().with("notBefore", not_before).with("notAfter", not_after)
}

/// An AlgorithmIdentifier by name.
pub(crate) fn algorithm(id: &AlgorithmIdentifierOwned) -> String {
    SignatureAlgorithm::from_identifier(id)
        .map_or_else(|_| oid_text(&id.oid), |known| known.name().to_owned())
}

/// A public key from its DER SubjectPublicKeyInfo.
pub(crate) fn public_key(spki_der: &[u8]) -> Tree {
    let kind = KeyAlgorithm::of_spki(spki_der).map(|kind| kind.to_string()).or_else(|| {
        let spki = x509_cert::spki::SubjectPublicKeyInfoOwned::from_der(spki_der).ok()?;
        Some(oid_text(&spki.algorithm.oid))
    });
    Tree::new()
        .with_some("algorithm", kind)
        .with_some("keyIdentifier", KeyId::of_spki(spki_der).map(|id| id.to_string()))
}

/// A digest with the name of its algorithm.
pub(crate) fn digest(suite: Suite, digest: &[u8]) -> Tree {
    Tree::new().with("algorithm", oid_text(&suite.digest_oid())).with("digest", digest)
}

/// The suite whose digests belong to an object signed with this algorithm (spec
/// `set-certificates.md` §10.2: SHA-1 means `set-1997`).
pub(crate) fn suite_of(id: &AlgorithmIdentifierOwned) -> Suite {
    match SignatureAlgorithm::from_identifier(id) {
        Ok(SignatureAlgorithm::RsaSha1) => Suite::Set1997,
        _ => Suite::Modern,
    }
}

/// What is shown of a certificate of 1996 (spec `set-certificates.md` §8.4).
const DRAFT: &str = "SET draft of 1996: 2.99999.3 and 2.99999.7 are shown as 2.23.42.7.1 and .6";
