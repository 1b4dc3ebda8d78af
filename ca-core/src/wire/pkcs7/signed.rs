//! SignedData and its parts (spec `set-crypto.md` §1.2, §1.4).

use const_oid::ObjectIdentifier;
use der::asn1::{Any, Int, OctetString, SetOfVec};
use der::{Decode, Sequence};
use spki::AlgorithmIdentifierOwned;
use x509_cert::attr::Attribute;

use super::{Bounded, Element, MAX_CERTIFICATES, MAX_CRLS, MAX_SIGNERS, Version};
use crate::wire::{Cert, oids};

/// Content with its signatures, and the certificates and CRLs that go with it.
///
/// ```text
/// SignedData ::= SEQUENCE {
///     version           INTEGER { v2(2) },
///     digestAlgorithms  SEQUENCE OF AlgorithmIdentifier,
///     contentInfo       ContentInfo,
///     certificates      [2] IMPLICIT SEQUENCE OF Certificate OPTIONAL,
///     crls              [3] IMPLICIT SEQUENCE OF CertificateList OPTIONAL,
///     signerInfos       SEQUENCE OF SignerInfo }
/// ```
#[derive(Clone, Debug, Eq, PartialEq, Sequence)]
pub struct SignedData {
    /// Always 2.
    pub version: Version<2, 2>,
    /// Digests the signers use: of one suite, so one.
    pub digest_algorithms: Bounded<AlgorithmIdentifierOwned, 1, MAX_SIGNERS>,
    /// Content type, and the content unless it is detached.
    pub content_info: ContentInfo,
    /// Certificates, whole and in the sender's order.
    #[asn1(context_specific = "2", tag_mode = "IMPLICIT", optional = "true")]
    pub certificates: Option<CertificateList>,
    /// CRLs, whole and in the sender's order.
    #[asn1(context_specific = "3", tag_mode = "IMPLICIT", optional = "true")]
    pub crls: Option<CrlList>,
    /// One signature, or two when a signature certificate is renewed.
    pub signer_infos: Bounded<SignerInfo, 1, MAX_SIGNERS>,
}

/// Certificates of a SignedData as received.
pub type CertificateList = Bounded<Element, 0, MAX_CERTIFICATES>;

/// CRLs of a SignedData as received.
pub type CrlList = Bounded<Element, 0, MAX_CRLS>;

/// A typed value, or only the name of its type.
///
/// ```text
/// ContentInfo ::= SEQUENCE { contentType OBJECT IDENTIFIER, content [0] EXPLICIT ANY OPTIONAL }
/// ```
#[derive(Clone, Debug, Eq, PartialEq, Sequence)]
pub struct ContentInfo {
    /// Content type of the SET arc 2.23.42.0.
    pub content_type: ObjectIdentifier,
    /// The value itself. `[0] EXPLICIT ANY` has the octets of a `[0] IMPLICIT SEQUENCE OF` with one
    /// member, and is read as such.
    #[asn1(context_specific = "0", tag_mode = "IMPLICIT", optional = "true")]
    pub content: Option<Bounded<Element, 1, 1>>,
}

impl ContentInfo {
    /// The whole content element, `None` if it is detached.
    #[must_use]
    pub fn content_octets(&self) -> Option<&[u8]> {
        Some(self.content.as_ref()?.as_slice().first()?.octets())
    }
}

/// One signature.
///
/// ```text
/// SignerInfo ::= SEQUENCE {
///     version                    INTEGER { v2(2) },
///     issuerAndSerialNumber      IssuerAndSerialNumber,
///     digestAlgorithm            AlgorithmIdentifier,
///     authenticatedAttributes    [2] EXPLICIT SEQUENCE OF Attribute,
///     digestEncryptionAlgorithm  AlgorithmIdentifier,
///     encryptedDigest            OCTET STRING }
/// ```
#[derive(Clone, Debug, Eq, PartialEq, Sequence)]
pub struct SignerInfo {
    /// 2; 1 is accepted too.
    pub version: Version<1, 2>,
    /// Certificate whose key signed, or the null name for a key that has none yet.
    pub signer: IssuerAndSerial,
    /// The suite's digest.
    pub digest_algorithm: AlgorithmIdentifierOwned,
    /// contentType and messageDigest, the octets that are signed.
    #[asn1(context_specific = "2", tag_mode = "EXPLICIT")]
    pub attributes: Attributes,
    /// How the attributes are signed.
    pub signature_algorithm: AlgorithmIdentifierOwned,
    /// The signature.
    pub signature: OctetString,
}

/// SEQUENCE SIZE(2) OF Attribute: contentType, messageDigest.
pub type Attributes = Bounded<Attribute, 2, 2>;

impl Attributes {
    /// The only attributes that fit: content type and digest of the content, in this order.
    ///
    /// # Errors
    /// Never for values of ours; the signature follows the encoder's.
    pub fn binding(content_type: ObjectIdentifier, digest: &[u8]) -> der::Result<Self> {
        let one = |oid, value| {
            let mut values = SetOfVec::new();
            values.insert(value)?;
            Ok::<_, der::Error>(Attribute { oid, values })
        };
        Self::new(vec![
            one(oids::ATTR_CONTENT_TYPE, Any::from(&content_type))?,
            one(oids::ATTR_MESSAGE_DIGEST, Any::encode_from(&OctetString::new(digest)?)?)?,
        ])
    }
}

/// Names a certificate by its issuer and serial number.
#[derive(Clone, Debug, Eq, PartialEq, Sequence)]
pub struct IssuerAndSerial {
    /// DER of the issuer name as received.
    pub issuer: Element,
    /// Serial number.
    pub serial: Int,
}

impl IssuerAndSerial {
    /// The null name: empty RDNSequence, serial 0. Signs a request with the key it asks a
    /// certificate for (spec `set-crypto.md` §1.6; serial 0 `[R]`).
    ///
    /// # Errors
    /// Never; the signature follows the encoder's.
    pub fn null() -> der::Result<Self> {
        Self::from_parts(&EMPTY_NAME, &NULL_SERIAL)
    }

    /// The name of `certificate`.
    ///
    /// # Errors
    /// Never for a parsed certificate; the signature follows the encoder's.
    pub fn of(certificate: &Cert) -> der::Result<Self> {
        Self::from_parts(certificate.issuer_der(), certificate.serial())
    }

    /// True for the null name: any serial number may stand beside it (spec `set-messages.md` §6
    /// no. 14).
    #[must_use]
    pub fn is_null(&self) -> bool {
        self.issuer.octets() == EMPTY_NAME
    }

    /// True if this names `certificate`.
    #[must_use]
    pub fn names(&self, certificate: &Cert) -> bool {
        self.issuer.octets() == certificate.issuer_der()
            && self.serial.as_bytes() == certificate.serial()
    }

    fn from_parts(issuer: &[u8], serial: &[u8]) -> der::Result<Self> {
        Ok(Self { issuer: Element::from_der(issuer)?, serial: Int::new(serial)? })
    }
}

/// Name without a single RDN.
const EMPTY_NAME: [u8; 2] = [0x30, 0x00];
/// Serial number of a signer without certificate `[R]`.
const NULL_SERIAL: [u8; 1] = [0];

#[cfg(test)]
mod tests {
    use der::Encode;

    use super::*;
    use crate::hex;

    /// Spec `set-crypto.md` §9.5.
    #[test]
    fn attributes_are_those_of_the_spec() {
        let digest = b"\xc6\x5e\x5f\xa8\x11\x4d\xda\x3a\xd0\x50\x9b\x93\x6e\x17\x2f\xa4\x90\x4c\
            \xb8\x3f";
        let attributes = Attributes::binding(oids::CT_CERT_REQ_TBS, digest).unwrap();
        assert_eq!(
            hex(&attributes.to_der().unwrap()),
            "303a301306092a864886f70d01090331060604672a002e302306092a864886f70d010904\
             31160414c65e5fa8114dda3ad0509b936e172fa4904cb83f"
        );
    }

    /// Spec `set-crypto.md` §1.6.
    #[test]
    fn the_null_name_is_an_empty_sequence_and_serial_0() {
        let null = IssuerAndSerial::null().unwrap();
        assert!(null.is_null());
        assert_eq!(hex(&null.to_der().unwrap()), "30053000020100");
    }
}
