//! Keys: what signs, what decrypts, what verifies, and where randomness comes from.
//!
//! [`Signer`] and [`Decryptor`] are what a key store offers (software keys here, key files and
//! PKCS#11 in `ca-server`). Verification needs no store: [`verify`].

mod algorithm;
mod dsa_key;
mod generate;
mod public_key;
mod random;
mod rsa_key;
mod scheme;
mod software;
mod software_keys;
mod verify;

use core::fmt;

use sha2::Digest as _;
use zeroize::Zeroizing;

pub use algorithm::{KeyAlgorithm, SignatureAlgorithm, UnknownAlgorithm};
pub use public_key::PublicKey;
pub(crate) use random::draw;
pub use random::{RandomAdapter, RandomError, SecureRandom, SeededRandom};
pub use scheme::{HashAlgorithm, PssParameters, SignatureScheme};
pub use software::PrivateKey;
pub use software_keys::SoftwareKeys;
pub use verify::{VerifyError, verify, verify_digest};

/// Signs with keys it holds.
///
/// One method does one private-key operation; the caller decides on which thread.
pub trait Signer: Send + Sync {
    /// Signs `message` (not its digest) with `key`.
    ///
    /// # Errors
    /// [`KeyError`] if the key is not here, cannot do `algorithm`, or the operation fails.
    fn sign(
        &self,
        key: &KeyId,
        algorithm: SignatureAlgorithm,
        message: &[u8],
    ) -> Result<Vec<u8>, KeyError>;

    /// Signs a message given by its digest ([`SignatureAlgorithm::hash`]): whoever has forty
    /// million octets in many parts need not put them together.
    ///
    /// # Errors
    /// As [`Signer::sign`]; [`KeyError::Unsuitable`] for Ed25519, which signs messages only.
    fn sign_digest(
        &self,
        key: &KeyId,
        algorithm: SignatureAlgorithm,
        digest: &[u8],
    ) -> Result<Vec<u8>, KeyError>;
}

/// Opens RSA key transport with keys it holds.
pub trait Decryptor: Send + Sync {
    /// RSAES-OAEP with SHA-256, MGF1-SHA-256 and `label` (spec `set-crypto.md` §8.1).
    ///
    /// # Errors
    /// [`KeyError`]; every fault of the ciphertext is the same [`KeyError::Operation`].
    fn decrypt_oaep(
        &self,
        key: &KeyId,
        label: &[u8],
        ciphertext: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, KeyError>;

    /// The RSA operation alone, for SET OAEP (spec `set-crypto.md` §2.3): c^d mod n, in as many
    /// octets as n has. Blinded; the result is never judged here.
    ///
    /// # Errors
    /// [`KeyError`]; [`KeyError::Operation`] if `ciphertext` has another length than n, or is not
    /// below it.
    fn decrypt_raw(&self, key: &KeyId, ciphertext: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyError>;
}

/// Names a key pair: leftmost 160 bits of SHA-256 of the public key bits (RFC 7093 §2 method 1).
///
/// The same value is the subjectKeyIdentifier of certificates for the key.
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct KeyId(pub [u8; 20]);

impl KeyId {
    /// The identifier of a public key, given the content of its subjectPublicKey BIT STRING.
    #[must_use]
    pub fn of_public_key_bits(bits: &[u8]) -> Self {
        let digest = sha2::Sha256::digest(bits);
        let mut id = [0; 20];
        for (to, from) in id.iter_mut().zip(digest) {
            *to = from;
        }
        Self(id)
    }

    /// The identifier of the key in a DER SubjectPublicKeyInfo, `None` if that does not parse.
    #[must_use]
    pub fn of_spki(spki_der: &[u8]) -> Option<Self> {
        let spki: spki::SubjectPublicKeyInfoOwned = der::Decode::from_der(spki_der).ok()?;
        Some(Self::of_public_key_bits(spki.subject_public_key.raw_bytes()))
    }

    /// Reads 40 hexadecimal digits.
    #[must_use]
    pub fn parse_hex(text: &str) -> Option<Self> {
        crate::unhex(text)?.try_into().ok().map(Self)
    }
}

/// 40 lower-case hexadecimal digits.
impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&crate::hex(&self.0))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyId({self})")
    }
}

/// A key operation that did not happen. Never says anything about the key's value.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The key store does not hold this key.
    #[error("key {0} is not available here")]
    Absent(KeyId),
    /// The encoded private key cannot be read or is not one this build supports.
    #[error("private key cannot be used: {0}")]
    Malformed(&'static str),
    /// The private-key operation failed (a ciphertext that does not open, a token error).
    #[error("private-key operation failed")]
    Operation,
    /// The passphrase does not open the key.
    #[error("wrong passphrase")]
    Passphrase,
    /// The random source failed.
    #[error("random source failed")]
    Random,
    /// The key cannot do what was asked (wrong type or size for the algorithm).
    #[error("key {0} cannot do {1}")]
    Unsuitable(KeyId, &'static str),
}
