//! EnvelopedData and EncryptedData (spec `set-crypto.md` §1.2).

use const_oid::ObjectIdentifier;
use der::Sequence;
use der::asn1::OctetString;
use spki::AlgorithmIdentifierOwned;

use super::{Bounded, IssuerAndSerial, Version};

/// Ciphertext under a content key that one recipient can unwrap.
///
/// ```text
/// EnvelopedData ::= SEQUENCE {
///     version               INTEGER { v1(1) },
///     recipientInfos        SEQUENCE SIZE(1) OF RecipientInfo,
///     encryptedContentInfo  EncryptedContentInfo }
/// ```
#[derive(Clone, Debug, Eq, PartialEq, Sequence)]
pub struct EnvelopedData {
    /// Always 1.
    pub version: Version<1, 1>,
    /// Exactly one.
    pub recipient_infos: Bounded<RecipientInfo, 1, 1>,
    /// The ciphertext.
    pub encrypted_content_info: EncryptedContentInfo,
}

/// The content key for one recipient.
///
/// ```text
/// RecipientInfo ::= SEQUENCE {
///     version                 INTEGER { v0(0) },
///     issuerAndSerialNumber   IssuerAndSerialNumber,
///     keyEncryptionAlgorithm  AlgorithmIdentifier,
///     encryptedKey            OCTET STRING }
/// ```
#[derive(Clone, Debug, Eq, PartialEq, Sequence)]
pub struct RecipientInfo {
    /// Always 0.
    pub version: Version<0, 0>,
    /// The recipient's key-exchange certificate.
    pub recipient: IssuerAndSerial,
    /// How the key block is encrypted.
    pub key_encryption_algorithm: AlgorithmIdentifierOwned,
    /// The key block, encrypted: as many octets as the recipient's modulus.
    pub encrypted_key: OctetString,
}

/// Ciphertext with the type of what is in it.
///
/// ```text
/// EncryptedContentInfo ::= SEQUENCE {
///     contentType                 OBJECT IDENTIFIER,
///     contentEncryptionAlgorithm  AlgorithmIdentifier,
///     encryptedContent            [0] IMPLICIT OCTET STRING }
/// ```
#[derive(Clone, Debug, Eq, PartialEq, Sequence)]
pub struct EncryptedContentInfo {
    /// The …TBE content type of the plaintext.
    pub content_type: ObjectIdentifier,
    /// Cipher and its parameters.
    pub algorithm: AlgorithmIdentifierOwned,
    /// The ciphertext. SET always sends it here, so it is not OPTIONAL.
    #[asn1(context_specific = "0", tag_mode = "IMPLICIT")]
    pub encrypted_content: OctetString,
}

/// Ciphertext under a key that both sides have already.
///
/// ```text
/// EncryptedData ::= SEQUENCE {
///     version               INTEGER { v0(0) },
///     encryptedContentInfo  EncryptedContentInfo }
/// ```
#[derive(Clone, Debug, Eq, PartialEq, Sequence)]
pub struct EncryptedData {
    /// Always 0.
    pub version: Version<0, 0>,
    /// The ciphertext.
    pub encrypted_content_info: EncryptedContentInfo,
}
