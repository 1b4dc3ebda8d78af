//! DigestedData: the detached digest `DD(t)` (spec `set-crypto.md` §1.3).

use const_oid::ObjectIdentifier;
use der::Sequence;
use der::asn1::OctetString;
use spki::AlgorithmIdentifierOwned;

use super::{ContentInfo, Version, digest_identifier, is_digest_of};
use crate::Suite;

/// Digest of a value that lies elsewhere; covers the whole element, tag and length included.
///
/// ```text
/// DigestedData ::= SEQUENCE {
///     version          INTEGER { v0(0) },
///     digestAlgorithm  AlgorithmIdentifier,
///     contentInfo      ContentInfo,           -- content absent
///     digest           OCTET STRING }
/// ```
#[derive(Clone, Debug, Eq, PartialEq, Sequence)]
pub struct DigestedData {
    /// Always 0.
    pub version: Version<0, 0>,
    /// The suite's digest.
    pub digest_algorithm: AlgorithmIdentifierOwned,
    /// Content type of the digested value, without the value.
    pub content_info: ContentInfo,
    /// The digest.
    pub digest: OctetString,
}

impl DigestedData {
    /// `DD(t)` of one whole element `t`.
    ///
    /// # Errors
    /// Never for a digest of ours; the signature follows the encoder's.
    pub fn of(suite: Suite, content_type: ObjectIdentifier, t: &[u8]) -> der::Result<Self> {
        Self::with_digest(suite, content_type, suite.digest(t))
    }

    /// The same from a digest that was made before.
    ///
    /// # Errors
    /// As [`DigestedData::of`].
    pub fn with_digest(
        suite: Suite,
        content_type: ObjectIdentifier,
        digest: Vec<u8>,
    ) -> der::Result<Self> {
        Ok(Self {
            version: Version::default(),
            digest_algorithm: digest_identifier(suite),
            content_info: ContentInfo { content_type, content: None },
            digest: OctetString::new(digest)?,
        })
    }

    /// The digest, if this is a detached digest of the suite over a value of this type.
    #[must_use]
    pub fn digest_of(&self, suite: Suite, content_type: ObjectIdentifier) -> Option<&[u8]> {
        let fits = is_digest_of(suite, &self.digest_algorithm)
            && self.content_info.content.is_none()
            && self.content_info.content_type == content_type;
        fits.then(|| self.digest.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use der::{Decode, Encode};

    use super::*;
    use crate::hex;
    use crate::wire::oids;

    /// PANOnly of spec `set-crypto.md` §9.2.
    const PAN_ONLY: [u8; 42] = *b"\x30\x28\x12\x104111111111111111\x04\x14\
        \xc0\xc1\xc2\xc3\xc4\xc5\xc6\xc7\xc8\xc9\xca\xcb\xcc\xcd\xce\xcf\xd0\xd1\xd2\xd3";

    fn dd(suite: Suite) -> DigestedData {
        DigestedData::of(suite, oids::CT_PAN_ONLY, &PAN_ONLY).unwrap()
    }

    #[test]
    fn set_1997_bytes_are_those_of_the_spec() {
        assert_eq!(
            hex(&dd(Suite::Set1997).to_der().unwrap()),
            "302c020100300906052b0e03021a050030060604672a0002\
             0414421bcd47ea04d97f0379d9c9befecd8d014f9c8e"
        );
    }

    /// Layout of spec `set-crypto.md` §1.3; digest by `sha256sum`.
    #[test]
    fn modern_bytes_have_sha_256_without_parameters() {
        assert_eq!(
            hex(&dd(Suite::Modern).to_der().unwrap()),
            "303a020100300b060960864801650304020130060604672a00020420\
             e705b9728c4f028c6e375f71212622b63e9b46fe02b9c485b0fc324db191ae29"
        );
    }

    #[test]
    fn a_digest_of_another_suite_or_type_is_none_of_ours() {
        let ours = dd(Suite::Modern);
        assert!(ours.digest_of(Suite::Modern, oids::CT_PAN_ONLY).is_some());
        assert_eq!(ours.digest_of(Suite::Set1997, oids::CT_PAN_ONLY), None);
        assert_eq!(ours.digest_of(Suite::Modern, oids::CT_CERT_REQ_DATA), None);
    }

    #[test]
    fn a_version_other_than_0_is_refused() {
        let mut octets = dd(Suite::Modern).to_der().unwrap();
        octets[4] = 1;
        assert!(DigestedData::from_der(&octets).is_err());
    }
}
