//! The signature algorithms of certification paths that are not SET's.
//!
//! A suite of SET has a closed list of its own, [`SignatureAlgorithm`](super::SignatureAlgorithm).
//! Here is what any chain of RFC 5280 may be signed with; what of it is accepted is a setting.

use aws_lc_rs::digest::{Algorithm, Context, SHA1_FOR_LEGACY_USE_ONLY, SHA256, SHA384, SHA512};
use const_oid::ObjectIdentifier;
use der::asn1::Any;
use pkcs1::RsaPssParamsOwned;
use spki::AlgorithmIdentifierOwned;

use super::UnknownAlgorithm;
use crate::wire::oids;

/// How a certificate, CRL or OCSP answer of a foreign chain is signed.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum SignatureScheme {
    /// DSA (RFC 3279 §2.2.2, RFC 5758 §3.1), with SHA-1 or SHA-256.
    Dsa(HashAlgorithm),
    /// ECDSA over any of the curves (RFC 5758 §3.2).
    Ecdsa(HashAlgorithm),
    /// Ed25519 (RFC 8410).
    Ed25519,
    /// RSASSA-PKCS1-v1_5 (RFC 4055 §5).
    RsaPkcs1(HashAlgorithm),
    /// RSASSA-PSS with MGF1 over the same hash (RFC 4055 §3.1).
    RsaPss(PssParameters),
}

impl SignatureScheme {
    /// Reads an AlgorithmIdentifier. With RSA, NULL and absent parameters are the same (RFC 4055
    /// §5); elsewhere there are none.
    ///
    /// # Errors
    /// [`UnknownAlgorithm`] for anything that is not in this enum, or has other parameters.
    pub fn from_identifier(id: &AlgorithmIdentifierOwned) -> Result<Self, UnknownAlgorithm> {
        if id.oid == oids::RSASSA_PSS {
            let parameters = id.parameters.as_ref().ok_or(UnknownAlgorithm)?;
            return PssParameters::read(parameters).map(Self::RsaPss).ok_or(UnknownAlgorithm);
        }
        let (_, known) = KNOWN.iter().find(|(oid, _)| *oid == id.oid).ok_or(UnknownAlgorithm)?;
        let fits = match (&id.parameters, known) {
            (None, _) => true,
            (Some(parameters), Self::RsaPkcs1(_)) => parameters.is_null(),
            (Some(_), _) => false,
        };
        if fits { Ok(*known) } else { Err(UnknownAlgorithm) }
    }

    /// True for signatures over SHA-1.
    #[must_use]
    pub const fn is_sha_1(self) -> bool {
        matches!(
            self,
            Self::Dsa(HashAlgorithm::Sha1)
                | Self::Ecdsa(HashAlgorithm::Sha1)
                | Self::RsaPkcs1(HashAlgorithm::Sha1)
        )
    }

    /// True for DSA.
    #[must_use]
    pub const fn is_dsa(self) -> bool {
        matches!(self, Self::Dsa(_))
    }

    /// The name used in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        use HashAlgorithm::{Sha1, Sha256, Sha384, Sha512};
        match self {
            Self::Dsa(Sha1) => "dsa-with-SHA1",
            Self::Dsa(_) => "dsa-with-SHA256",
            Self::Ecdsa(Sha1) => "ecdsa-with-SHA1",
            Self::Ecdsa(Sha256) => "ecdsa-with-SHA256",
            Self::Ecdsa(Sha384) => "ecdsa-with-SHA384",
            Self::Ecdsa(Sha512) => "ecdsa-with-SHA512",
            Self::Ed25519 => "Ed25519",
            Self::RsaPkcs1(Sha1) => "sha1WithRSAEncryption",
            Self::RsaPkcs1(Sha256) => "sha256WithRSAEncryption",
            Self::RsaPkcs1(Sha384) => "sha384WithRSAEncryption",
            Self::RsaPkcs1(Sha512) => "sha512WithRSAEncryption",
            Self::RsaPss(parameters) => match parameters.hash {
                Sha1 => "RSASSA-PSS-SHA1",
                Sha256 => "RSASSA-PSS-SHA256",
                Sha384 => "RSASSA-PSS-SHA384",
                Sha512 => "RSASSA-PSS-SHA512",
            },
        }
    }
}

/// The digest under a signature.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum HashAlgorithm {
    /// SHA-1.
    Sha1,
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

impl HashAlgorithm {
    /// The digest of the octets of all parts.
    #[must_use]
    pub fn digest<'a>(self, parts: impl IntoIterator<Item = &'a [u8]>) -> Vec<u8> {
        let mut context = Context::new(self.kind());
        parts.into_iter().for_each(|part| context.update(part));
        context.finish().as_ref().to_vec()
    }

    pub(super) fn kind(self) -> &'static Algorithm {
        match self {
            Self::Sha1 => &SHA1_FOR_LEGACY_USE_ONLY,
            Self::Sha256 => &SHA256,
            Self::Sha384 => &SHA384,
            Self::Sha512 => &SHA512,
        }
    }

    /// Length of the digest in octets.
    pub(super) const fn octets(self) -> u8 {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }
}

/// RSASSA-PSS-params with the one hash for message and mask (RFC 4055 §3.1).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct PssParameters {
    /// hashAlgorithm, and that of MGF1: SHA-256, SHA-384 or SHA-512.
    pub hash: HashAlgorithm,
    /// saltLength in octets.
    pub salt: u8,
}

impl PssParameters {
    /// `None` for SHA-1, for two different hashes and for another mask or trailer.
    pub(super) fn read(parameters: &Any) -> Option<Self> {
        let read: RsaPssParamsOwned = parameters.decode_as().ok()?;
        let hash = hash_of(&read.hash)?;
        let mask = read.mask_gen.parameters.as_ref().and_then(hash_of)?;
        let same = read.mask_gen.oid == oids::MGF1 && mask == hash;
        same.then_some(Self { hash, salt: read.salt_len })
    }
}

/// RFC 4055 §2.1: parameters are NULL or absent.
fn hash_of(id: &AlgorithmIdentifierOwned) -> Option<HashAlgorithm> {
    id.parameters.as_ref().is_none_or(Any::is_null).then_some(())?;
    match id.oid {
        oids::SHA_256 => Some(HashAlgorithm::Sha256),
        oids::SHA_384 => Some(HashAlgorithm::Sha384),
        oids::SHA_512 => Some(HashAlgorithm::Sha512),
        _ => None,
    }
}

const KNOWN: [(ObjectIdentifier, SignatureScheme); 11] = [
    (oids::DSA_WITH_SHA1, SignatureScheme::Dsa(HashAlgorithm::Sha1)),
    (oids::DSA_WITH_SHA256, SignatureScheme::Dsa(HashAlgorithm::Sha256)),
    (oids::ECDSA_WITH_SHA1, SignatureScheme::Ecdsa(HashAlgorithm::Sha1)),
    (oids::ECDSA_WITH_SHA256, SignatureScheme::Ecdsa(HashAlgorithm::Sha256)),
    (oids::ECDSA_WITH_SHA384, SignatureScheme::Ecdsa(HashAlgorithm::Sha384)),
    (oids::ECDSA_WITH_SHA512, SignatureScheme::Ecdsa(HashAlgorithm::Sha512)),
    (oids::ED25519, SignatureScheme::Ed25519),
    (oids::SHA1_WITH_RSA, SignatureScheme::RsaPkcs1(HashAlgorithm::Sha1)),
    (oids::SHA256_WITH_RSA, SignatureScheme::RsaPkcs1(HashAlgorithm::Sha256)),
    (oids::SHA384_WITH_RSA, SignatureScheme::RsaPkcs1(HashAlgorithm::Sha384)),
    (oids::SHA512_WITH_RSA, SignatureScheme::RsaPkcs1(HashAlgorithm::Sha512)),
];
