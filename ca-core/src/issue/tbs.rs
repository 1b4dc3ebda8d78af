//! The unsigned certificate we write (RFC 5280 §4.1, spec `set-certificates.md` §2).

use der::asn1::{Any, Int};
use der::{Sequence, ValueOrd};
use spki::AlgorithmIdentifierOwned;
use x509_cert::ext::Extension;
use x509_cert::time::Time;

/// TBSCertificate without the unique identifiers SET does not use.
///
/// Names and key are octets that were made or received elsewhere and are copied as they are.
#[derive(Clone, Debug, Eq, PartialEq, Sequence)]
pub(crate) struct TbsCertificate {
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
    pub(crate) version: u8,
    pub(crate) serial_number: Int,
    pub(crate) signature: AlgorithmIdentifierOwned,
    pub(crate) issuer: Any,
    pub(crate) validity: Validity,
    pub(crate) subject: Any,
    pub(crate) subject_public_key_info: Any,
    #[asn1(context_specific = "3", tag_mode = "EXPLICIT")]
    pub(crate) extensions: Vec<Extension>,
}

/// Validity.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Sequence, ValueOrd)]
pub(crate) struct Validity {
    pub(crate) not_before: Time,
    pub(crate) not_after: Time,
}

/// v3.
pub(crate) const VERSION_3: u8 = 2;
