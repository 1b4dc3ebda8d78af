//! The public keys of certification paths that are not SET's, and what they verify.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA1_ASN1, ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA384_ASN1, ECDSA_P256_SHA512_ASN1,
    ECDSA_P384_SHA256_ASN1, ECDSA_P384_SHA384_ASN1, ECDSA_P384_SHA512_ASN1, ECDSA_P521_SHA1_ASN1,
    ECDSA_P521_SHA256_ASN1, ECDSA_P521_SHA384_ASN1, ECDSA_P521_SHA512_ASN1, ED25519,
    RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY, RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY,
    RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY, RSA_PKCS1_2048_8192_SHA384,
    RSA_PSS_2048_8192_SHA256, RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512,
    UnparsedPublicKey, VerificationAlgorithm,
};
use const_oid::ObjectIdentifier;
use der::Decode;
use der::asn1::Any;
use rsa::{Pkcs1v15Sign, Pss};
use sha2::Digest as _;
use spki::SubjectPublicKeyInfoOwned;

use super::algorithm::rsa_bits;
use super::dsa_key::DsaKey;
use super::verify::portable_rsa_key;
use super::{HashAlgorithm, PssParameters, SignatureScheme, VerifyError};
use crate::wire::oids;

/// A public key that verifies signatures of foreign chains.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PublicKey(Kind);

#[derive(Clone, Debug, Eq, PartialEq)]
enum Kind {
    Dsa(DsaKey),
    Ec(Curve, Vec<u8>),
    Ed25519(Vec<u8>),
    Rsa(RsaKey),
}

/// RSAPublicKey (RFC 8017 appendix A.1.1).
#[derive(Clone, Debug, Eq, PartialEq)]
struct RsaKey {
    bits: u16,
    der: Vec<u8>,
    use_: RsaUse,
}

/// What the algorithm of an RSA key allows (RFC 4055 §1.2, §3.3).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum RsaUse {
    /// rsaEncryption.
    Any,
    /// id-RSASSA-PSS, with parameters if there are any.
    Pss(Option<PssParameters>),
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Curve {
    P256,
    P384,
    P521,
}

impl PublicKey {
    /// The key in a DER SubjectPublicKeyInfo, `None` if it is none this build knows.
    #[must_use]
    pub fn from_spki(spki_der: &[u8]) -> Option<Self> {
        let spki = SubjectPublicKeyInfoOwned::from_der(spki_der).ok()?;
        let key = spki.subject_public_key.as_bytes()?;
        let parameters = spki.algorithm.parameters.as_ref();
        let kind = match spki.algorithm.oid {
            oids::DSA => Kind::Dsa(DsaKey::read(parameters, key)?),
            oids::EC_PUBLIC_KEY => Kind::Ec(Curve::named(parameters?)?, key.to_vec()),
            oids::ED25519 if parameters.is_none() => Kind::Ed25519(key.to_vec()),
            oids::RSA_ENCRYPTION if parameters.is_none_or(Any::is_null) => {
                Kind::Rsa(RsaKey::read(key, RsaUse::Any)?)
            }
            oids::RSASSA_PSS => Kind::Rsa(RsaKey::read(key, RsaUse::of_pss(parameters)?)?),
            _ => return None,
        };
        Some(Self(kind))
    }

    /// Bits of the modulus of an RSA key.
    #[must_use]
    pub const fn rsa_bits(&self) -> Option<u16> {
        match &self.0 {
            Kind::Rsa(key) => Some(key.bits),
            _ => None,
        }
    }

    /// True for a DSA key.
    #[must_use]
    pub const fn is_dsa(&self) -> bool {
        matches!(self.0, Kind::Dsa(_))
    }

    /// True for a DSA key that has the parameters of the CA above it.
    #[must_use]
    pub const fn lacks_parameters(&self) -> bool {
        matches!(&self.0, Kind::Dsa(key) if key.parameters.is_none())
    }

    /// This DSA key with the parameters of the key above; `None` if one is no DSA key, or that one
    /// lacks them too (RFC 5280 §6.1.4 (e)).
    #[must_use]
    pub fn with_parameters_of(&self, above: &Self) -> Option<Self> {
        let (Kind::Dsa(own), Kind::Dsa(above)) = (&self.0, &above.0) else { return None };
        let parameters = Some(above.parameters.clone()?);
        Some(Self(Kind::Dsa(DsaKey { parameters, ..own.clone() })))
    }

    /// Verifies `signature` over `message` (not its digest).
    ///
    /// Whether scheme and key are strong enough is a matter of settings, not of the signature: keys
    /// of 512 bits verify, and SHA-1.
    ///
    /// # Errors
    /// [`VerifyError::Key`] if the scheme is none of such a key, [`VerifyError::Unsupported`] for a
    /// pair that this build does not verify, [`VerifyError::Signature`] if the signature is wrong.
    pub fn verify(
        &self,
        scheme: SignatureScheme,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), VerifyError> {
        match (&self.0, scheme) {
            (Kind::Dsa(key), SignatureScheme::Dsa(hash)) => key.verify(hash, message, signature),
            (Kind::Ec(curve, point), SignatureScheme::Ecdsa(hash)) => {
                let algorithm = curve.algorithm(hash).ok_or(VerifyError::Unsupported)?;
                check(algorithm, point, message, signature)
            }
            (Kind::Ed25519(key), SignatureScheme::Ed25519) => {
                check(&ED25519, key, message, signature)
            }
            (Kind::Rsa(key), SignatureScheme::RsaPkcs1(hash)) if key.use_ == RsaUse::Any => {
                key.verify_pkcs1(hash, message, signature)
            }
            (Kind::Rsa(key), SignatureScheme::RsaPss(parameters)) => {
                key.verify_pss(parameters, message, signature)
            }
            _ => Err(VerifyError::Key),
        }
    }
}

impl Curve {
    /// namedCurve (RFC 5480 §2.1.1): no other form of parameters is known.
    fn named(parameters: &Any) -> Option<Self> {
        match parameters.decode_as::<ObjectIdentifier>().ok()? {
            oids::SECP_256_R1 => Some(Self::P256),
            oids::SECP_384_R1 => Some(Self::P384),
            oids::SECP_521_R1 => Some(Self::P521),
            _ => None,
        }
    }

    const fn algorithm(self, hash: HashAlgorithm) -> Option<&'static dyn VerificationAlgorithm> {
        use HashAlgorithm::{Sha1, Sha256, Sha384, Sha512};
        Some(match (self, hash) {
            (Self::P256, Sha1) => &ECDSA_P256_SHA1_ASN1,
            (Self::P256, Sha256) => &ECDSA_P256_SHA256_ASN1,
            (Self::P256, Sha384) => &ECDSA_P256_SHA384_ASN1,
            (Self::P256, Sha512) => &ECDSA_P256_SHA512_ASN1,
            (Self::P384, Sha1) => return None,
            (Self::P384, Sha256) => &ECDSA_P384_SHA256_ASN1,
            (Self::P384, Sha384) => &ECDSA_P384_SHA384_ASN1,
            (Self::P384, Sha512) => &ECDSA_P384_SHA512_ASN1,
            (Self::P521, Sha1) => &ECDSA_P521_SHA1_ASN1,
            (Self::P521, Sha256) => &ECDSA_P521_SHA256_ASN1,
            (Self::P521, Sha384) => &ECDSA_P521_SHA384_ASN1,
            (Self::P521, Sha512) => &ECDSA_P521_SHA512_ASN1,
        })
    }
}

impl RsaUse {
    fn of_pss(parameters: Option<&Any>) -> Option<Self> {
        match parameters {
            Some(parameters) => Some(Self::Pss(Some(PssParameters::read(parameters)?))),
            None => Some(Self::Pss(None)),
        }
    }

    /// RFC 4055 §3.3: a key with parameters verifies the same hash with a salt of at least that
    /// length.
    fn allows(self, parameters: PssParameters) -> bool {
        match self {
            Self::Any | Self::Pss(None) => true,
            Self::Pss(Some(own)) => own.hash == parameters.hash && own.salt <= parameters.salt,
        }
    }
}

impl RsaKey {
    fn read(der: &[u8], use_: RsaUse) -> Option<Self> {
        Some(Self { bits: rsa_bits(der)?, der: der.to_vec(), use_ })
    }

    fn verify_pkcs1(
        &self,
        hash: HashAlgorithm,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), VerifyError> {
        let algorithm: &'static dyn VerificationAlgorithm = match (hash, self.bits) {
            (HashAlgorithm::Sha1, 1024..) => &RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY,
            (HashAlgorithm::Sha256, 1024..) => &RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY,
            (HashAlgorithm::Sha384, 2048..) => &RSA_PKCS1_2048_8192_SHA384,
            (HashAlgorithm::Sha512, 1024..) => &RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY,
            _ => return self.verify_portable(pkcs1(hash), &digest(hash, message), signature),
        };
        check(algorithm, &self.der, message, signature)
    }

    fn verify_pss(
        &self,
        parameters: PssParameters,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), VerifyError> {
        if !self.use_.allows(parameters) {
            return Err(VerifyError::Key);
        }
        let PssParameters { hash, salt } = parameters;
        let octets = usize::from(salt);
        let usual = self.bits >= 2048 && salt == hash.octets();
        let digest = digest(hash, message);
        let algorithm: &'static dyn VerificationAlgorithm = match (hash, usual) {
            (HashAlgorithm::Sha256, true) => &RSA_PSS_2048_8192_SHA256,
            (HashAlgorithm::Sha384, true) => &RSA_PSS_2048_8192_SHA384,
            (HashAlgorithm::Sha512, true) => &RSA_PSS_2048_8192_SHA512,
            (HashAlgorithm::Sha256, false) => {
                let scheme = Pss::<sha2::Sha256>::new_with_salt(octets);
                return self.verify_portable(scheme, &digest, signature);
            }
            (HashAlgorithm::Sha384, false) => {
                let scheme = Pss::<sha2::Sha384>::new_with_salt(octets);
                return self.verify_portable(scheme, &digest, signature);
            }
            (HashAlgorithm::Sha512, false) => {
                let scheme = Pss::<sha2::Sha512>::new_with_salt(octets);
                return self.verify_portable(scheme, &digest, signature);
            }
            (HashAlgorithm::Sha1, _) => return Err(VerifyError::Unsupported),
        };
        check(algorithm, &self.der, message, signature)
    }

    /// What aws-lc-rs does not offer: small keys, salts of another length than the digest.
    fn verify_portable(
        &self,
        scheme: impl rsa::traits::SignatureScheme,
        digest: &[u8],
        signature: &[u8],
    ) -> Result<(), VerifyError> {
        let key = portable_rsa_key(&self.der, PORTABLE_BITS).ok_or(VerifyError::Key)?;
        key.verify(scheme, digest, signature).map_err(|_| VerifyError::Signature)
    }
}

fn check(
    algorithm: &'static dyn VerificationAlgorithm,
    key: &[u8],
    message: &[u8],
    signature: &[u8],
) -> Result<(), VerifyError> {
    UnparsedPublicKey::new(algorithm, key)
        .verify(message, signature)
        .map_err(|_| VerifyError::Signature)
}

fn pkcs1(hash: HashAlgorithm) -> Pkcs1v15Sign {
    match hash {
        HashAlgorithm::Sha1 => Pkcs1v15Sign::new::<sha1::Sha1>(),
        HashAlgorithm::Sha256 => Pkcs1v15Sign::new::<sha2::Sha256>(),
        HashAlgorithm::Sha384 => Pkcs1v15Sign::new::<sha2::Sha384>(),
        HashAlgorithm::Sha512 => Pkcs1v15Sign::new::<sha2::Sha512>(),
    }
}

fn digest(hash: HashAlgorithm, message: &[u8]) -> Vec<u8> {
    match hash {
        HashAlgorithm::Sha1 => sha1::Sha1::digest(message).to_vec(),
        HashAlgorithm::Sha256 => sha2::Sha256::digest(message).to_vec(),
        HashAlgorithm::Sha384 => sha2::Sha384::digest(message).to_vec(),
        HashAlgorithm::Sha512 => sha2::Sha512::digest(message).to_vec(),
    }
}

/// Bits of the moduli that are computed with here.
const PORTABLE_BITS: core::ops::RangeInclusive<usize> = 512..=8192;
