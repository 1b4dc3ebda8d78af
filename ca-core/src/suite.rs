//! The two cryptographic suites; which one is a property of a hierarchy.

use core::fmt;
use core::str::FromStr;

use const_oid::ObjectIdentifier;
use sha2::Digest as _;
use spki::AlgorithmIdentifierOwned;

use crate::signer::SignatureAlgorithm;
use crate::wire::oids;

/// The cryptographic suite of a hierarchy, fixed at its root (spec `set-crypto.md` §8.3).
///
/// Suites never mix: a `Modern` hierarchy refuses the OIDs of `Set1997` and the reverse.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Suite {
    /// SHA-256, AES-256-GCM, RSAES-OAEP, RSA-3072 / P-256 / Ed25519 (`set-crypto.md` §8).
    Modern,
    /// SET 1.0 to the letter: SHA-1, DES, SET OAEP, RSA-1024/2048.
    Set1997,
}

impl Suite {
    /// The suite of what is signed with this algorithm: sha1WithRSAEncryption is the mark of
    /// `set-1997`; whatever else there is, `modern` judges (spec `set-certificates.md` §10.2).
    #[must_use]
    pub fn of_signature(identifier: &AlgorithmIdentifierOwned) -> Self {
        SignatureAlgorithm::from_identifier(identifier)
            .map_or(Self::Modern, SignatureAlgorithm::suite)
    }

    /// The stable name used in configuration, policies and JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Modern => "modern",
            Self::Set1997 => "set-1997",
        }
    }

    /// OID of the digest of thumbprints, linkage and signatures (`set-crypto.md` §8.1).
    #[must_use]
    pub const fn digest_oid(self) -> ObjectIdentifier {
        match self {
            Self::Modern => oids::SHA_256,
            Self::Set1997 => oids::SHA_1,
        }
    }

    /// Length of that digest in octets.
    #[must_use]
    pub const fn digest_len(self) -> usize {
        match self {
            Self::Modern => 32,
            Self::Set1997 => 20,
        }
    }

    /// Length of CardSecret, Nonce-CCA and PANSecret in octets (`set-messages.md` §1.5).
    #[must_use]
    pub const fn secret_len(self) -> usize {
        match self {
            Self::Modern => 32,
            Self::Set1997 => 20,
        }
    }

    /// The suite's digest of `data`: 32 octets (SHA-256) or 20 (SHA-1).
    #[must_use]
    pub fn digest(self, data: &[u8]) -> Vec<u8> {
        match self {
            Self::Modern => sha2::Sha256::digest(data).to_vec(),
            Self::Set1997 => sha1::Sha1::digest(data).to_vec(),
        }
    }
}

impl fmt::Display for Suite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Suite {
    type Err = UnknownSuite;

    fn from_str(s: &str) -> Result<Self, UnknownSuite> {
        match s {
            "modern" => Ok(Self::Modern),
            "set-1997" => Ok(Self::Set1997),
            _ => Err(UnknownSuite),
        }
    }
}

/// A suite name that is neither `modern` nor `set-1997`.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("unknown suite (known: modern, set-1997)")]
pub struct UnknownSuite;
