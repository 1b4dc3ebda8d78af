//! Signature verification from a DER public key.

use core::ops::RangeInclusive;

use aws_lc_rs::digest::Digest;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P384_SHA384_ASN1, ED25519,
    RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY, RSA_PKCS1_2048_8192_SHA256,
    RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, RSA_PSS_2048_8192_SHA256,
    UnparsedPublicKey, VerificationAlgorithm,
};
use der::Decode;
use rsa::{BoxedUint, Pkcs1v15Sign, RsaPublicKey};
use sha1::Digest as _;
use spki::SubjectPublicKeyInfoOwned;

use super::{KeyAlgorithm, SignatureAlgorithm};
use crate::Suite;

/// Verifies `signature` over `message` (not its digest) with the key in `spki_der`.
///
/// Suite `modern` takes no SHA-1 and no RSA key below 2048 bits. Suite `set-1997` takes SHA-1 too,
/// with RSA keys from 512 bits on; whether it takes nothing else is a rule of what is judged, not
/// of the signature, and its caller's business.
///
/// # Errors
/// [`VerifyError::Key`] if the key is not one the algorithm can use, [`VerifyError::Unsupported`]
/// for an algorithm that is not verified in the suite, [`VerifyError::Signature`] if the signature
/// is wrong.
pub fn verify(
    suite: Suite,
    spki_der: &[u8],
    algorithm: SignatureAlgorithm,
    message: &[u8],
    signature: &[u8],
) -> Result<(), VerifyError> {
    let key = Key::read(suite, spki_der, algorithm)?;
    let outcome = match key.scheme {
        Some(scheme) => UnparsedPublicKey::new(scheme, key.bits()?).verify(message, signature),
        None => return verify_small(key.bits()?, &sha1::Sha1::digest(message), signature),
    };
    outcome.map_err(|_| VerifyError::Signature)
}

/// Verifies the signature of a message given by its digest ([`SignatureAlgorithm::hash`]).
///
/// # Errors
/// As [`verify`]; [`VerifyError::Key`] for Ed25519, and for a digest of another length.
pub fn verify_digest(
    suite: Suite,
    spki_der: &[u8],
    algorithm: SignatureAlgorithm,
    digest: &[u8],
    signature: &[u8],
) -> Result<(), VerifyError> {
    let key = Key::read(suite, spki_der, algorithm)?;
    let Some(scheme) = key.scheme else { return verify_small(key.bits()?, digest, signature) };
    let digest = import_digest(algorithm, digest).ok_or(VerifyError::Key)?;
    UnparsedPublicKey::new(scheme, key.bits()?)
        .verify_digest(&digest, signature)
        .map_err(|_| VerifyError::Signature)
}

/// A digest as aws-lc-rs wants it; `None` for another length, and for Ed25519.
pub(super) fn import_digest(algorithm: SignatureAlgorithm, digest: &[u8]) -> Option<Digest> {
    Digest::import_less_safe(digest, algorithm.hash()?.kind()).ok()
}

/// A public key, and how it verifies.
struct Key {
    spki: SubjectPublicKeyInfoOwned,
    /// None for a key that aws-lc-rs refuses for its size, in SHA-1 ([`verify_small`]).
    scheme: Option<&'static dyn VerificationAlgorithm>,
}

impl Key {
    fn read(
        suite: Suite,
        spki_der: &[u8],
        algorithm: SignatureAlgorithm,
    ) -> Result<Self, VerifyError> {
        let spki = SubjectPublicKeyInfoOwned::from_der(spki_der).map_err(|_| VerifyError::Key)?;
        let kind = KeyAlgorithm::of_spki(spki_der).ok_or(VerifyError::Key)?;
        let scheme: &'static dyn VerificationAlgorithm = match (algorithm, kind) {
            (SignatureAlgorithm::EcdsaSha256, KeyAlgorithm::EcP256) => &ECDSA_P256_SHA256_ASN1,
            (SignatureAlgorithm::EcdsaSha384, KeyAlgorithm::EcP384) => &ECDSA_P384_SHA384_ASN1,
            (SignatureAlgorithm::Ed25519, KeyAlgorithm::Ed25519) => &ED25519,
            (SignatureAlgorithm::RsaPssSha256, KeyAlgorithm::Rsa(_)) => &RSA_PSS_2048_8192_SHA256,
            (SignatureAlgorithm::RsaSha256, KeyAlgorithm::Rsa(_)) => &RSA_PKCS1_2048_8192_SHA256,
            (SignatureAlgorithm::RsaSha384, KeyAlgorithm::Rsa(_)) => &RSA_PKCS1_2048_8192_SHA384,
            (SignatureAlgorithm::RsaSha512, KeyAlgorithm::Rsa(_)) => &RSA_PKCS1_2048_8192_SHA512,
            (SignatureAlgorithm::RsaSha1, _) if suite == Suite::Modern => {
                return Err(VerifyError::Unsupported);
            }
            (SignatureAlgorithm::RsaSha1, KeyAlgorithm::Rsa(512..1024)) => {
                return Ok(Self { spki, scheme: None });
            }
            (SignatureAlgorithm::RsaSha1, KeyAlgorithm::Rsa(_)) => {
                &RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY
            }
            _ => return Err(VerifyError::Key),
        };
        Ok(Self { spki, scheme: Some(scheme) })
    }

    fn bits(&self) -> Result<&[u8], VerifyError> {
        self.spki.subject_public_key.as_bytes().ok_or(VerifyError::Key)
    }
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

/// sha1WithRSAEncryption under a key that aws-lc-rs refuses for its size: 512 to 1023 bits, as some
/// certificates of 1996 have (spec `set-certificates.md` §8.4).
fn verify_small(key: &[u8], digest: &[u8], signature: &[u8]) -> Result<(), VerifyError> {
    let key = portable_rsa_key(key, SMALL_BITS).ok_or(VerifyError::Key)?;
    key.verify(Pkcs1v15Sign::new::<sha1::Sha1>(), digest, signature)
        .map_err(|_| VerifyError::Signature)
}

/// The key in a DER RSAPublicKey, if its modulus has a number of bits among `bits`.
pub(super) fn portable_rsa_key(
    public_der: &[u8],
    bits: RangeInclusive<usize>,
) -> Option<RsaPublicKey> {
    let parts = pkcs1::RsaPublicKeyRef::from_der(public_der).ok()?;
    let room = u32::try_from(bits.end().next_multiple_of(64)).ok()?;
    let number = |octets| BoxedUint::from_be_slice(octets, room).ok();
    let (n, e) = (number(parts.modulus.as_bytes())?, number(parts.public_exponent.as_bytes())?);
    RsaPublicKey::new_with_size_limits(n, e, bits).ok()
}

const SMALL_BITS: RangeInclusive<usize> = 512..=1023;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signer::{PrivateKey, SeededRandom};

    const SHA_1: SignatureAlgorithm = SignatureAlgorithm::RsaSha1;

    fn key(bits: u16) -> PrivateKey {
        let random = SeededRandom::new(b"verify", &bits.to_string());
        if bits >= 1024 {
            return PrivateKey::generate(KeyAlgorithm::Rsa(bits), &random).unwrap();
        }
        // Smaller ones exist in certificates of 1996 and are not made any more.
        let mut adapter = crate::signer::RandomAdapter::new(&random);
        let key = rsa::RsaPrivateKey::new_unchecked(&mut adapter, bits.into()).unwrap();
        let pkcs8 = rsa::pkcs8::EncodePrivateKey::to_pkcs8_der(&key).unwrap();
        PrivateKey::from_pkcs8(pkcs8.as_bytes()).unwrap()
    }

    #[test]
    fn sha_1_verifies_in_set_1997_with_keys_of_every_size_and_in_modern_with_none() {
        for bits in [512, 768, 1024, 2048] {
            let key = key(bits);
            let spki = key.spki_der();
            let signature = key.sign(SHA_1, b"message").unwrap();
            assert_eq!(signature.len(), usize::from(bits / 8));
            verify(Suite::Set1997, spki, SHA_1, b"message", &signature).unwrap();
            assert_eq!(
                verify(Suite::Set1997, spki, SHA_1, b"massage", &signature),
                Err(VerifyError::Signature)
            );
            assert_eq!(
                verify(Suite::Modern, spki, SHA_1, b"message", &signature),
                Err(VerifyError::Unsupported)
            );
        }
    }

    #[test]
    fn a_small_key_is_no_key_for_sha_256_in_either_suite() {
        let key = key(1024);
        for suite in [Suite::Modern, Suite::Set1997] {
            let verified =
                verify(suite, key.spki_der(), SignatureAlgorithm::RsaSha256, b"", &[1; 128]);
            assert!(verified.is_err());
        }
    }
}
