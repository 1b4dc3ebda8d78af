//! Thumbprints: what names a certificate, and what a cache holds (spec §1.3, §4.2).
//!
//! | Type | Field | Tag | Mark |
//! |---|---|---|---|
//! | CertThumb | digestAlgorithm, thumbprint | universal | R-H |
//! | Thumbs | certThumbs | `[0]` EXPLICIT | R-H |
//! | Thumbs | crlThumbs | `[1]` EXPLICIT | R-H |
//! | Thumbs | brandCRLIdThumbs | `[2]` EXPLICIT | R-H |

use der::Sequence;
use spki::AlgorithmIdentifierOwned;

use super::octets::Digest;
use super::pkcs7::digest_identifier;
use super::strings::ValueError;
use crate::Suite;

/// The name of one certificate: the digest of its to-be-signed part.
///
/// ```text
/// CertThumb ::= SEQUENCE {
///     digestAlgorithm  AlgorithmIdentifier,
///     thumbprint       Digest }
/// ```
#[derive(Clone, Debug, Eq, PartialEq, Sequence)]
pub struct CertThumb {
    /// Digest algorithm of the suite.
    pub digest_algorithm: AlgorithmIdentifierOwned,
    /// The digest.
    pub thumbprint: Digest,
}

impl CertThumb {
    /// A thumbprint made with the digest of `suite`.
    ///
    /// # Errors
    /// [`ValueError::Length`] if `thumbprint` is no digest.
    pub fn new(suite: Suite, thumbprint: &[u8]) -> Result<Self, ValueError> {
        let thumbprint = Digest::new(thumbprint)?;
        Ok(Self { digest_algorithm: digest_identifier(suite), thumbprint })
    }

    /// True if it names the object with this thumbprint under the digest of `suite`.
    #[must_use]
    pub fn names(&self, suite: Suite, thumbprint: &[u8]) -> bool {
        self.digest_algorithm.oid == suite.digest_oid() && self.thumbprint.as_bytes() == thumbprint
    }
}

/// The content of a cache, in the order of whoever sends it.
///
/// The responder signs it unchanged; the requester compares with what it sent, which `==` does to
/// the octet (spec §4.2).
///
/// ```text
/// Thumbs ::= SEQUENCE {
///     digestAlgorithm       AlgorithmIdentifier,
///     certThumbs        [0] EXPLICIT Digests OPTIONAL,
///     crlThumbs         [1] EXPLICIT Digests OPTIONAL,
///     brandCRLIdThumbs  [2] EXPLICIT Digests OPTIONAL }
/// Digests ::= SEQUENCE OF Digest
/// ```
#[derive(Clone, Debug, Eq, PartialEq, Sequence)]
pub struct Thumbs {
    /// Digest algorithm of the suite.
    pub digest_algorithm: AlgorithmIdentifierOwned,
    /// Certificates.
    #[asn1(context_specific = "0", optional = "true")]
    pub cert_thumbs: Option<Vec<Digest>>,
    /// Certificate revocation lists.
    #[asn1(context_specific = "1", optional = "true")]
    pub crl_thumbs: Option<Vec<Digest>>,
    /// Brand CRL identifiers.
    #[asn1(context_specific = "2", optional = "true")]
    pub brand_crl_id_thumbs: Option<Vec<Digest>>,
}

impl Thumbs {
    /// A cache without anything in it, under the digest of `suite`.
    #[must_use]
    pub fn empty(suite: Suite) -> Self {
        Self {
            digest_algorithm: digest_identifier(suite),
            cert_thumbs: None,
            crl_thumbs: None,
            brand_crl_id_thumbs: None,
        }
    }

    /// True if a certificate with this thumbprint is listed.
    #[must_use]
    pub fn lists_certificate(&self, thumbprint: &[u8]) -> bool {
        lists(self.cert_thumbs.as_deref(), thumbprint)
    }

    /// True if a CRL with this thumbprint is listed.
    #[must_use]
    pub fn lists_crl(&self, thumbprint: &[u8]) -> bool {
        lists(self.crl_thumbs.as_deref(), thumbprint)
    }

    /// True if a brand CRL identifier with this thumbprint is listed.
    #[must_use]
    pub fn lists_brand_crl_id(&self, thumbprint: &[u8]) -> bool {
        lists(self.brand_crl_id_thumbs.as_deref(), thumbprint)
    }
}

fn lists(digests: Option<&[Digest]>, thumbprint: &[u8]) -> bool {
    digests.unwrap_or_default().iter().any(|digest| digest.as_bytes() == thumbprint)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cache_lists_only_what_is_under_its_own_kind() {
        let digest = Digest::new(&[7; 32]).unwrap();
        let thumbs = Thumbs { crl_thumbs: Some(vec![digest]), ..Thumbs::empty(Suite::Modern) };
        assert!(thumbs.lists_crl(&[7; 32]));
        assert!(!thumbs.lists_certificate(&[7; 32]));
        assert!(!thumbs.lists_brand_crl_id(&[7; 32]));
    }

    #[test]
    fn order_is_part_of_the_value() {
        let digests = |octets: [u8; 2]| {
            let list = octets.map(|octet| Digest::new(&[octet; 32]).unwrap());
            Thumbs { cert_thumbs: Some(list.to_vec()), ..Thumbs::empty(Suite::Modern) }
        };
        assert_ne!(digests([1, 2]), digests([2, 1]));
    }
}
