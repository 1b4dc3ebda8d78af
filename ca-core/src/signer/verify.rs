//! Signature verification from a DER public key.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P384_SHA384_ASN1, ED25519, RSA_PKCS1_2048_8192_SHA256,
    RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, RSA_PSS_2048_8192_SHA256,
    UnparsedPublicKey, VerificationAlgorithm,
};
use der::Decode;
use spki::SubjectPublicKeyInfoOwned;

use super::{KeyAlgorithm, SignatureAlgorithm};

/// Verifies `signature` over `message` (not its digest) with the key in `spki_der`.
///
/// # Errors
/// [`VerifyError::Key`] if the key is not one the algorithm can use, [`VerifyError::Unsupported`]
/// for an algorithm this build does not verify, [`VerifyError::Signature`] if the signature is
/// wrong.
pub fn verify(
    spki_der: &[u8],
    algorithm: SignatureAlgorithm,
    message: &[u8],
    signature: &[u8],
) -> Result<(), VerifyError> {
    let spki = SubjectPublicKeyInfoOwned::from_der(spki_der).map_err(|_| VerifyError::Key)?;
    let bits = spki.subject_public_key.as_bytes().ok_or(VerifyError::Key)?;
    let kind = KeyAlgorithm::of_spki(spki_der).ok_or(VerifyError::Key)?;
    let scheme: &'static dyn VerificationAlgorithm = match (algorithm, kind) {
        (SignatureAlgorithm::EcdsaSha256, KeyAlgorithm::EcP256) => &ECDSA_P256_SHA256_ASN1,
        (SignatureAlgorithm::EcdsaSha384, KeyAlgorithm::EcP384) => &ECDSA_P384_SHA384_ASN1,
        (SignatureAlgorithm::Ed25519, KeyAlgorithm::Ed25519) => &ED25519,
        (SignatureAlgorithm::RsaPssSha256, KeyAlgorithm::Rsa(_)) => &RSA_PSS_2048_8192_SHA256,
        (SignatureAlgorithm::RsaSha256, KeyAlgorithm::Rsa(_)) => &RSA_PKCS1_2048_8192_SHA256,
        (SignatureAlgorithm::RsaSha384, KeyAlgorithm::Rsa(_)) => &RSA_PKCS1_2048_8192_SHA384,
        (SignatureAlgorithm::RsaSha512, KeyAlgorithm::Rsa(_)) => &RSA_PKCS1_2048_8192_SHA512,
        (SignatureAlgorithm::RsaSha1, _) => return Err(VerifyError::Unsupported),
        _ => return Err(VerifyError::Key),
    };
    UnparsedPublicKey::new(scheme, bits)
        .verify(message, signature)
        .map_err(|_| VerifyError::Signature)
}

/// Why a signature was not accepted.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// The public key cannot be read, or is of the wrong kind or size for the algorithm.
    #[error("public key does not fit the signature algorithm")]
    Key,
    /// The signature does not verify.
    #[error("signature does not verify")]
    Signature,
    /// The algorithm is known but not accepted here (SHA-1 outside `set-1997`).
    #[error("signature algorithm is not accepted")]
    Unsupported,
}
