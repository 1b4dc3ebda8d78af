//! Key and signature algorithms by name and by AlgorithmIdentifier.

use core::fmt;
use core::str::FromStr;

use const_oid::ObjectIdentifier;
use der::asn1::{Any, Null};
use der::{Decode, Encode};
use spki::AlgorithmIdentifierOwned;

use super::HashAlgorithm;
use crate::Suite;
use crate::wire::oids;

/// The kind of a key pair.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum KeyAlgorithm {
    /// NIST P-256.
    EcP256,
    /// NIST P-384.
    EcP384,
    /// Ed25519.
    Ed25519,
    /// RSA with this many bits in the modulus.
    Rsa(u16),
}

impl KeyAlgorithm {
    /// Kind of the key in a DER SubjectPublicKeyInfo, `None` if it is none of ours.
    ///
    /// RSA bits are those of the modulus itself, leading zero octets not counted.
    #[must_use]
    pub fn of_spki(spki_der: &[u8]) -> Option<Self> {
        let spki = spki::SubjectPublicKeyInfoOwned::from_der(spki_der).ok()?;
        match spki.algorithm.oid {
            oids::RSA_ENCRYPTION => rsa_bits(spki.subject_public_key.as_bytes()?).map(Self::Rsa),
            oids::EC_PUBLIC_KEY => {
                match spki.algorithm.parameters?.decode_as::<ObjectIdentifier>().ok()? {
                    oids::SECP_256_R1 => Some(Self::EcP256),
                    oids::SECP_384_R1 => Some(Self::EcP384),
                    _ => None,
                }
            }
            oids::ED25519 => Some(Self::Ed25519),
            _ => None,
        }
    }

    /// The signature algorithm our profiles use with such a key (spec `set-crypto.md` §1.2, §8.1).
    ///
    /// Suite `set-1997` has RSA keys alone; what another kind would sign with there is refused by
    /// whoever judges in that suite.
    #[must_use]
    pub const fn default_signature(self, suite: Suite) -> SignatureAlgorithm {
        match (self, suite) {
            (Self::EcP256, _) => SignatureAlgorithm::EcdsaSha256,
            (Self::EcP384, _) => SignatureAlgorithm::EcdsaSha384,
            (Self::Ed25519, _) => SignatureAlgorithm::Ed25519,
            (Self::Rsa(_), Suite::Modern) => SignatureAlgorithm::RsaSha256,
            (Self::Rsa(_), Suite::Set1997) => SignatureAlgorithm::RsaSha1,
        }
    }
}

/// `rsa-3072`, `ec-p256`, `ec-p384`, `ed25519`: the names used in `policies/`.
impl fmt::Display for KeyAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EcP256 => f.write_str("ec-p256"),
            Self::EcP384 => f.write_str("ec-p384"),
            Self::Ed25519 => f.write_str("ed25519"),
            Self::Rsa(bits) => write!(f, "rsa-{bits}"),
        }
    }
}

impl FromStr for KeyAlgorithm {
    type Err = UnknownAlgorithm;

    fn from_str(s: &str) -> Result<Self, UnknownAlgorithm> {
        match s {
            "ec-p256" => Ok(Self::EcP256),
            "ec-p384" => Ok(Self::EcP384),
            "ed25519" => Ok(Self::Ed25519),
            _ => s
                .strip_prefix("rsa-")
                .and_then(|bits| bits.parse().ok())
                .map(Self::Rsa)
                .ok_or(UnknownAlgorithm),
        }
    }
}

/// How something is signed.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum SignatureAlgorithm {
    /// ecdsa-with-SHA256 (P-256).
    EcdsaSha256,
    /// ecdsa-with-SHA384 (P-384).
    EcdsaSha384,
    /// Ed25519.
    Ed25519,
    /// RSASSA-PSS, SHA-256, MGF1-SHA-256, salt 32 (decisions.md 28).
    RsaPssSha256,
    /// sha1WithRSAEncryption: suite `set-1997` only.
    RsaSha1,
    /// sha256WithRSAEncryption.
    RsaSha256,
    /// sha384WithRSAEncryption: verified in foreign chains, never issued.
    RsaSha384,
    /// sha512WithRSAEncryption: verified in foreign chains, never issued.
    RsaSha512,
}

impl SignatureAlgorithm {
    /// The digest of the message that is signed; `None` for Ed25519, which takes the message.
    #[must_use]
    pub const fn hash(self) -> Option<HashAlgorithm> {
        match self {
            Self::Ed25519 => None,
            Self::RsaSha1 => Some(HashAlgorithm::Sha1),
            Self::EcdsaSha256 | Self::RsaPssSha256 | Self::RsaSha256 => Some(HashAlgorithm::Sha256),
            Self::EcdsaSha384 | Self::RsaSha384 => Some(HashAlgorithm::Sha384),
            Self::RsaSha512 => Some(HashAlgorithm::Sha512),
        }
    }

    /// The AlgorithmIdentifier we write (decisions.md 28).
    ///
    /// # Errors
    /// Never for these constants; the signature follows the encoder's.
    pub fn identifier(self) -> der::Result<AlgorithmIdentifierOwned> {
        let (oid, parameters) = match self {
            Self::EcdsaSha256 => (oids::ECDSA_WITH_SHA256, None),
            Self::EcdsaSha384 => (oids::ECDSA_WITH_SHA384, None),
            Self::Ed25519 => (oids::ED25519, None),
            Self::RsaPssSha256 => (oids::RSASSA_PSS, Some(Any::from_der(&PSS_SHA256)?)),
            Self::RsaSha1 => (oids::SHA1_WITH_RSA, Some(Any::from(Null))),
            Self::RsaSha256 => (oids::SHA256_WITH_RSA, Some(Any::from(Null))),
            Self::RsaSha384 => (oids::SHA384_WITH_RSA, Some(Any::from(Null))),
            Self::RsaSha512 => (oids::SHA512_WITH_RSA, Some(Any::from(Null))),
        };
        Ok(AlgorithmIdentifierOwned { oid, parameters })
    }

    /// Reads an AlgorithmIdentifier by meaning: NULL and absent parameters are the same.
    ///
    /// # Errors
    /// [`UnknownAlgorithm`] for anything that is not in this enum, PSS with other parameters
    /// included.
    pub fn from_identifier(id: &AlgorithmIdentifierOwned) -> Result<Self, UnknownAlgorithm> {
        let bare = id.parameters.as_ref().is_none_or(Any::is_null);
        match (id.oid, bare) {
            (oids::ECDSA_WITH_SHA256, true) => Ok(Self::EcdsaSha256),
            (oids::ECDSA_WITH_SHA384, true) => Ok(Self::EcdsaSha384),
            (oids::ED25519, true) => Ok(Self::Ed25519),
            (oids::SHA1_WITH_RSA, true) => Ok(Self::RsaSha1),
            (oids::SHA256_WITH_RSA, true) => Ok(Self::RsaSha256),
            (oids::SHA384_WITH_RSA, true) => Ok(Self::RsaSha384),
            (oids::SHA512_WITH_RSA, true) => Ok(Self::RsaSha512),
            (oids::RSASSA_PSS, false) => {
                let parameters = id.parameters.as_ref().and_then(|p| p.to_der().ok());
                match parameters {
                    Some(p) if p == PSS_SHA256 || p == PSS_SHA256_BARE => Ok(Self::RsaPssSha256),
                    _ => Err(UnknownAlgorithm),
                }
            }
            _ => Err(UnknownAlgorithm),
        }
    }

    /// The suite whose certificates are signed like this: SHA-1 is the mark of `set-1997`.
    #[must_use]
    pub const fn suite(self) -> Suite {
        match self {
            Self::RsaSha1 => Suite::Set1997,
            Self::EcdsaSha256
            | Self::EcdsaSha384
            | Self::Ed25519
            | Self::RsaPssSha256
            | Self::RsaSha256
            | Self::RsaSha384
            | Self::RsaSha512 => Suite::Modern,
        }
    }

    /// The name used in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::EcdsaSha256 => "ecdsa-with-SHA256",
            Self::EcdsaSha384 => "ecdsa-with-SHA384",
            Self::Ed25519 => "Ed25519",
            Self::RsaPssSha256 => "RSASSA-PSS-SHA256",
            Self::RsaSha1 => "sha1WithRSAEncryption",
            Self::RsaSha256 => "sha256WithRSAEncryption",
            Self::RsaSha384 => "sha384WithRSAEncryption",
            Self::RsaSha512 => "sha512WithRSAEncryption",
        }
    }
}

/// Bits of the modulus in a DER RSAPublicKey, leading zero octets not counted.
pub(super) fn rsa_bits(public_der: &[u8]) -> Option<u16> {
    let key = pkcs1::RsaPublicKeyRef::from_der(public_der).ok()?;
    let modulus = key.modulus.as_bytes();
    let first = modulus.iter().position(|octet| *octet != 0)?;
    let significant = modulus.get(first..)?;
    let leading = significant.first()?.leading_zeros();
    let bits = u32::try_from(significant.len()).ok()?.checked_mul(8)?.checked_sub(leading)?;
    u16::try_from(bits).ok()
}

/// An algorithm this build does not know, or knows with other parameters.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("unknown algorithm")]
pub struct UnknownAlgorithm;

/// RSASSA-PSS-params: SHA-256 with NULL, MGF1 with it, salt 32 (RFC 4055 §3.1).
const PSS_SHA256: [u8; 54] = [
    0x30, 0x34, 0xa0, 0x0f, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02,
    0x01, 0x05, 0x00, 0xa1, 0x1c, 0x30, 0x1a, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01,
    0x01, 0x08, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05,
    0x00, 0xa2, 0x03, 0x02, 0x01, 0x20,
];
/// The same with the SHA-256 parameters left out.
const PSS_SHA256_BARE: [u8; 50] = [
    0x30, 0x30, 0xa0, 0x0d, 0x30, 0x0b, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02,
    0x01, 0xa1, 0x1a, 0x30, 0x18, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x08,
    0x30, 0x0b, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0xa2, 0x03, 0x02,
    0x01, 0x20,
];
