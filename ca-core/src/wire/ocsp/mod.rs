//! OCSP requests and responses (RFC 6960), nonce by RFC 9654.

mod request;
mod response;

use const_oid::ObjectIdentifier;
use der::Sequence;
use der::asn1::{Any, Int, Null, OctetString};
use sha2::Digest as _;
use spki::AlgorithmIdentifierOwned;
use x509_cert::ext::Extension;

pub use request::{MAX_CERT_IDS, OcspRequest};
pub use response::{
    BasicOcspResponse, CertStatus, OcspResponse, ResponderId, ResponseStatus, SingleResponse,
};
pub(crate) use response::{Data, Outer};

use super::extensions::extension;
use super::{Cert, DecodeError, decode, oids};

/// CertID: names a certificate by digests of its issuer's name and key (RFC 6960 §4.1.1).
///
/// Kept as it came, parameters included: an answer repeats it.
#[derive(Clone, Debug, Eq, PartialEq, Sequence)]
pub struct CertId {
    hash_algorithm: AlgorithmIdentifierOwned,
    issuer_name_hash: OctetString,
    issuer_key_hash: OctetString,
    serial_number: Int,
}

impl CertId {
    /// Names the certificate with this serial number (content octets) under `issuer`.
    ///
    /// # Errors
    /// The encoder's, for a serial number that is no INTEGER.
    pub fn of(hash: CertIdHash, issuer: &Cert, serial: &[u8]) -> der::Result<Self> {
        // SHA-1 with NULL is what every client writes; SHA-256 without (RFC 5754 §2).
        let parameters = match hash {
            CertIdHash::Sha1 => Some(Any::from(Null)),
            CertIdHash::Sha256 => None,
        };
        let key = issuer.tbs().subject_public_key_info().subject_public_key.raw_bytes();
        Ok(Self {
            hash_algorithm: AlgorithmIdentifierOwned { oid: hash.oid(), parameters },
            issuer_name_hash: OctetString::new(hash.digest(issuer.subject_der()))?,
            issuer_key_hash: OctetString::new(hash.digest(key))?,
            serial_number: Int::new(serial)?,
        })
    }

    /// Its digest, `None` if it is neither SHA-1 nor SHA-256.
    #[must_use]
    pub fn hash(&self) -> Option<CertIdHash> {
        let bare = self.hash_algorithm.parameters.as_ref().is_none_or(Any::is_null);
        [CertIdHash::Sha1, CertIdHash::Sha256]
            .into_iter()
            .find(|hash| hash.oid() == self.hash_algorithm.oid && bare)
    }

    /// Content octets of the serial number.
    #[must_use]
    pub fn serial(&self) -> &[u8] {
        self.serial_number.as_bytes()
    }

    /// issuerNameHash and issuerKeyHash, for a table of issuers.
    #[must_use]
    pub fn issuer_hashes(&self) -> (&[u8], &[u8]) {
        (self.issuer_name_hash.as_bytes(), self.issuer_key_hash.as_bytes())
    }

    /// True if name and key are those of `issuer`.
    #[must_use]
    pub fn is_issued_by(&self, issuer: &Cert) -> bool {
        let expected = self.hash().and_then(|hash| Self::of(hash, issuer, self.serial()).ok());
        expected.is_some_and(|expected| expected.issuer_hashes() == self.issuer_hashes())
    }

    /// True if both name the same certificate: parameters of the digest do not matter.
    #[must_use]
    pub fn names_same(&self, other: &Self) -> bool {
        self.hash().is_some()
            && self.hash() == other.hash()
            && self.issuer_hashes() == other.issuer_hashes()
            && self.serial() == other.serial()
    }
}

/// Digest of a [`CertId`]. SHA-1 here is a look-up key, not a signature.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum CertIdHash {
    /// What most clients send.
    Sha1,
    /// RFC 5019bis and `modern` clients.
    Sha256,
}

impl CertIdHash {
    /// Object identifier of the digest.
    #[must_use]
    pub const fn oid(self) -> ObjectIdentifier {
        match self {
            Self::Sha1 => oids::SHA_1,
            Self::Sha256 => oids::SHA_256,
        }
    }

    /// The digest of `data`.
    #[must_use]
    pub fn digest(self, data: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha1 => sha1::Sha1::digest(data).to_vec(),
            Self::Sha256 => sha2::Sha256::digest(data).to_vec(),
        }
    }
}

/// The nonce among `extensions`: 1 to 128 octets (RFC 9654 §2.1).
fn nonce_of(extensions: &[Extension]) -> Result<Option<Vec<u8>>, DecodeError> {
    let mut found = extensions.iter().filter(|one| one.extn_id == oids::OCSP_NONCE);
    let extension = match (found.next(), found.next()) {
        (None, _) => return Ok(None),
        (Some(only), None) => only,
        // RFC 5280 §4.2: no extension stands twice.
        (Some(_), Some(_)) => return Err(DecodeError::malformed_at(0)),
    };
    let nonce: OctetString = decode(extension.extn_value.as_bytes(), MAX_NONCE + 3)?;
    match nonce.as_bytes().len() {
        1..=MAX_NONCE => Ok(Some(nonce.into_bytes().into())),
        _ => Err(DecodeError::malformed_at(0)),
    }
}

/// The nonce as an extension.
pub(crate) fn nonce_extension(nonce: &[u8]) -> der::Result<Extension> {
    let value = der::Encode::to_der(&OctetString::new(nonce)?)?;
    extension(oids::OCSP_NONCE, false, value)
}

/// RFC 6960 §4.4: a critical extension that is not understood makes the message unusable.
fn has_unknown_critical(extensions: &[Extension]) -> bool {
    extensions.iter().any(|one| one.critical && one.extn_id != oids::OCSP_NONCE)
}

/// Longest nonce, in octets (RFC 9654 §2.1).
const MAX_NONCE: usize = 128;
