//! A public key as somebody names it.

use std::path::Path;

use ca_core::{Suite, pem, unhex};

use crate::failure::Failure;
use crate::input::{self, Object};

/// SHA-256 of the SubjectPublicKeyInfo that a file or the digest itself names.
pub(super) fn digest(text: &str) -> Result<[u8; 32], Failure> {
    if let Some(digest) = unhex(text).and_then(|octets| <[u8; 32]>::try_from(octets).ok()) {
        return Ok(digest);
    }
    let path = Path::new(text);
    let objects = input::objects(path, input::read(path)?)?;
    let spki = objects.into_iter().find_map(|object| match object {
        Object::Pem(label, der) if label == PUBLIC_KEY => is_spki(&der).then_some(der),
        Object::Pem(label, der) if label == pem::CERTIFICATE => spki_of(&der),
        Object::Der(der) => spki_of(&der).or_else(|| is_spki(&der).then_some(der)),
        _ => None,
    });
    let spki = spki.ok_or_else(|| {
        Failure::refused(format!("{text} holds no public key and no certificate (PEM or DER)"))
    })?;
    <[u8; 32]>::try_from(Suite::Modern.digest(&spki))
        .map_err(|_| Failure::refused("SHA-256 has 32 octets".to_owned()))
}

fn spki_of(der: &[u8]) -> Option<Vec<u8>> {
    ca_core::wire::Cert::from_der_lenient(der).ok().map(|cert| cert.spki_der().to_vec())
}

fn is_spki(der: &[u8]) -> bool {
    <x509_cert::spki::SubjectPublicKeyInfoRef<'_> as der::Decode<'_>>::from_der(der).is_ok()
}

/// RFC 7468 §13.
const PUBLIC_KEY: &str = "PUBLIC KEY";
