//! The signature of a CRL or BCI under a certificate that was judged already.

use der::Decode;
use spki::AlgorithmIdentifierOwned;
use x509_cert::name::Name;

use super::name::name_text;
use super::signatures::is_allowed;
use crate::Suite;
use crate::signer::{SignatureAlgorithm, verify};
use crate::wire::{BrandCrlIdentifier, Cert, Crl};

/// Verifies a CRL by the rules of SET. That the certificate is valid for signing CRLs, and that the
/// CRL is its issuer's and current, is for the caller to know.
///
/// # Errors
/// What is wrong, in words.
pub fn verify_crl(suite: Suite, crl: &Crl, signer: &Cert) -> Result<(), String> {
    verify_list(suite, signer, crl.signature_algorithm(), crl.tbs_der(), crl.signature())
}

/// The same for a BCI.
///
/// # Errors
/// As [`verify_crl`].
pub fn verify_bci(suite: Suite, bci: &BrandCrlIdentifier, signer: &Cert) -> Result<(), String> {
    verify_list(suite, signer, bci.signature_algorithm(), bci.tbs_der(), bci.signature())
}

/// A DER name as people read it, `C=US, O=Brand, OU=Brand CA`; empty if it is no name.
#[must_use]
pub fn name_der_text(der: &[u8]) -> String {
    Name::from_der(der).map_or_else(|_| String::new(), |name| name_text(&name))
}

fn verify_list(
    suite: Suite,
    signer: &Cert,
    algorithm: &AlgorithmIdentifierOwned,
    tbs: &[u8],
    signature: &[u8],
) -> Result<(), String> {
    let algorithm = SignatureAlgorithm::from_identifier(algorithm)
        .map_err(|_| "the signature algorithm is unknown".to_owned())?;
    if !is_allowed(algorithm, suite) {
        return Err(format!("{} is none of suite {suite}", algorithm.name()));
    }
    verify(suite, signer.spki_der(), algorithm, tbs, signature).map_err(|error| error.to_string())
}
