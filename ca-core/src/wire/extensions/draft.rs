//! The policy qualifier of the 1996 draft: an extension of its own.

use der::Sequence;
use der::asn1::{OctetString, PrintableString};
use spki::AlgorithmIdentifierOwned;

use super::der_extension;
use crate::wire::pkcs7::Version;
use crate::wire::{Url, oids};

/// setQualifier as certificates of 1996 have it (spec `set-certificates.md` §8.4): read from them,
/// never written.
///
/// ```text
/// DraftQualifier ::= SEQUENCE {
///     policyDigest    SEQUENCE { version INTEGER (0), AlgorithmIdentifier, OCTET STRING },
///     terseStatement  PrintableString,
///     policyURL       [0] IMPLICIT VisibleString OPTIONAL,
///     policyEmail     [1] IMPLICIT VisibleString OPTIONAL }
/// ```
#[derive(Clone, Debug, Eq, PartialEq, Sequence)]
pub struct DraftQualifier {
    /// policyDigest, without the contentInfo of SET 1.0.
    pub policy_digest: DraftDigest,
    /// terseStatement.
    pub terse_statement: PrintableString,
    /// policyURL.
    #[asn1(context_specific = "0", tag_mode = "IMPLICIT", optional = "true")]
    pub policy_url: Option<Url>,
    /// policyEmail.
    #[asn1(context_specific = "1", tag_mode = "IMPLICIT", optional = "true")]
    pub policy_email: Option<Url>,
}

der_extension!(DraftQualifier, oids::SET_QUALIFIER);

/// The digest of a [`DraftQualifier`].
#[derive(Clone, Debug, Eq, PartialEq, Sequence)]
pub struct DraftDigest {
    /// Always 0.
    pub version: Version<0, 0>,
    /// SHA-1.
    pub digest_algorithm: AlgorithmIdentifierOwned,
    /// The digest.
    pub digest: OctetString,
}
