//! S and SO: making a SignedData (spec `set-crypto.md` §1.4).

use const_oid::ObjectIdentifier;
use der::asn1::OctetString;
use der::{Decode, Encode};
use spki::AlgorithmIdentifierOwned;

use super::{SealError, SignatureFault};
use crate::Suite;
use crate::signer::{KeyId, SignatureAlgorithm, Signer};
use crate::wire::Cert;
use crate::wire::pkcs7::{
    Attributes, Bounded, ContentInfo, Element, IssuerAndSerial, SignedData, SignerInfo, Version,
    digest_identifier, is_rsa_encryption, rsa_encryption,
};

/// Who signs, and how.
#[derive(Clone, Copy, Debug)]
pub struct SignerIdentity<'a> {
    /// Certificate of the key; `None` is the null name with serial 0, for a key that has no
    /// certificate yet (spec `set-crypto.md` §1.6).
    pub certificate: Option<&'a Cert>,
    /// The key.
    pub key: KeyId,
    /// How it signs.
    pub algorithm: SignatureAlgorithm,
}

/// What travels with a signature: DER certificates and CRLs, in this order.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Attachments {
    /// Whole certificates, at most [`MAX_CERTIFICATES`](crate::wire::pkcs7::MAX_CERTIFICATES).
    pub certificates: Vec<Vec<u8>>,
    /// Whole CRLs, at most [`MAX_CRLS`](crate::wire::pkcs7::MAX_CRLS).
    pub crls: Vec<Vec<u8>>,
}

/// Signs one whole DER element: `S` with the content attached, `SO` without. Returns the DER of the
/// SignedData.
///
/// # Errors
/// [`SealError::Algorithm`] for what the suite does not sign with, [`SealError::Encoding`] if
/// `content` or an attachment is not one element or there are too many, [`SealError::Key`] if
/// signing fails.
pub fn sign(
    suite: Suite,
    content_type: ObjectIdentifier,
    content: &[u8],
    attached: bool,
    signers: &[SignerIdentity<'_>],
    attachments: Attachments,
    signer: &dyn Signer,
) -> Result<Vec<u8>, SealError> {
    let element = Element::from_der(content)?;
    // Step 3 and 4 of §1.4: the digest covers the whole element, tag and length included.
    let attributes = Attributes::binding(content_type, &suite.digest(content))?;
    let signer_infos = signers
        .iter()
        .map(|identity| signer_info(suite, &attributes, identity, signer))
        .collect::<Result<_, _>>()?;
    let content = if attached { Some(Bounded::new(vec![element])?) } else { None };
    let signed = SignedData {
        version: Version::default(),
        digest_algorithms: Bounded::new(vec![digest_identifier(suite)])?,
        content_info: ContentInfo { content_type, content },
        certificates: elements(&attachments.certificates)?,
        crls: elements(&attachments.crls)?,
        signer_infos: Bounded::new(signer_infos)?,
    };
    Ok(signed.to_der()?)
}

fn signer_info(
    suite: Suite,
    attributes: &Attributes,
    identity: &SignerIdentity<'_>,
    signer: &dyn Signer,
) -> Result<SignerInfo, SealError> {
    let name = match identity.certificate {
        Some(certificate) => IssuerAndSerial::of(certificate)?,
        None => IssuerAndSerial::null()?,
    };
    let signature_algorithm = identifier(suite, identity.algorithm)?;
    // Step 5 of §1.4: the attribute SEQUENCE is signed under its own tag 30, not under [2].
    let signature = signer.sign(&identity.key, identity.algorithm, &attributes.to_der()?)?;
    Ok(SignerInfo {
        version: Version::default(),
        signer: name,
        digest_algorithm: digest_identifier(suite),
        attributes: attributes.clone(),
        signature_algorithm,
        signature: OctetString::new(signature)?,
    })
}

/// digestEncryptionAlgorithm of the suite (spec `set-crypto.md` §1.2, §8.1).
fn identifier(
    suite: Suite,
    algorithm: SignatureAlgorithm,
) -> Result<AlgorithmIdentifierOwned, SealError> {
    match suite {
        Suite::Modern if is_modern(algorithm) => Ok(algorithm.identifier()?),
        Suite::Set1997 if algorithm == SignatureAlgorithm::RsaSha1 => Ok(rsa_encryption()),
        Suite::Modern | Suite::Set1997 => Err(SealError::Algorithm(suite, algorithm)),
    }
}

/// Reads a digestEncryptionAlgorithm of the suite.
pub(super) fn algorithm_of(
    suite: Suite,
    identifier: &AlgorithmIdentifierOwned,
) -> Result<SignatureAlgorithm, SignatureFault> {
    let algorithm = match suite {
        Suite::Modern => SignatureAlgorithm::from_identifier(identifier)
            .ok()
            .filter(|algorithm| is_modern(*algorithm)),
        Suite::Set1997 => is_rsa_encryption(identifier).then_some(SignatureAlgorithm::RsaSha1),
    };
    algorithm.ok_or(SignatureFault::Algorithm)
}

/// The four of spec `set-crypto.md` §8.1, all over SHA-256.
fn is_modern(algorithm: SignatureAlgorithm) -> bool {
    matches!(
        algorithm,
        SignatureAlgorithm::EcdsaSha256
            | SignatureAlgorithm::Ed25519
            | SignatureAlgorithm::RsaPssSha256
            | SignatureAlgorithm::RsaSha256
    )
}

fn elements<const MAX: usize>(
    octets: &[Vec<u8>],
) -> Result<Option<Bounded<Element, 0, MAX>>, SealError> {
    if octets.is_empty() {
        return Ok(None);
    }
    let elements = octets.iter().map(|o| Element::from_der(o)).collect::<Result<_, _>>()?;
    Ok(Some(Bounded::new(elements)?))
}
