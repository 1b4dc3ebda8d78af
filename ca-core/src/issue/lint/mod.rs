//! Stage 4: is the certificate we are about to sign what its profile says?
//!
//! Looks at the finished octets, parsed back, and knows nothing of how they were made. One small
//! check for each rule, in the order of `RULES`.

mod fields;
mod values;

use const_oid::ObjectIdentifier;
use der::{Decode, Encode};
use x509_cert::certificate::{Raw, TbsCertificateInner};

use crate::profile::{CertificateProfile, Role};
use crate::wire::Cert;
use crate::wire::extensions::ExtensionValue;
use crate::{Suite, UnixTime};

/// What the certificate was ordered to be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ordered<'a> {
    /// What such a certificate contains.
    pub(super) profile: &'a CertificateProfile,
    /// Suite of the hierarchy.
    pub(super) suite: Suite,
    /// Roles of the subject.
    pub(super) roles: &'a [Role],
    /// Certificate of the issuer; none for a self-signed root.
    pub(super) issuer: Option<&'a Cert>,
    /// DER SubjectPublicKeyInfo to be certified.
    pub(super) spki_der: &'a [u8],
}

/// Checks a DER unsigned certificate against every rule.
///
/// # Errors
/// [`LintError`] for the first rule that is broken.
pub(super) fn lint(tbs_der: &[u8], ordered: &Ordered<'_>) -> Result<(), LintError> {
    let tbs = TbsCertificateInner::<Raw>::from_der(tbs_der)
        .map_err(|error| LintError { rule: "der", message: error.to_string() })?;
    let subject = Subject { tbs: &tbs, ordered };
    for (rule, check) in RULES {
        check(&subject).map_err(|message| LintError { rule, message })?;
    }
    Ok(())
}

/// A certificate that must not be signed.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("lint {rule}: {message}")]
pub struct LintError {
    /// Stable name of the rule, see `RULES`.
    pub rule: &'static str,
    /// What is wrong, with the numbers.
    pub message: String,
}

/// What a check looks at.
struct Subject<'a> {
    tbs: &'a TbsCertificateInner<Raw>,
    ordered: &'a Ordered<'a>,
}

impl Subject<'_> {
    /// The extension's value, `None` if absent.
    fn value<T: ExtensionValue>(&self) -> Result<Option<T>, String> {
        self.raw(T::OID)
            .map(|octets| T::from_value(octets).map_err(|error| format!("{}: {error}", T::OID)))
            .transpose()
    }

    fn raw(&self, oid: ObjectIdentifier) -> Option<&[u8]> {
        let mut all = self.tbs.extensions().into_iter().flatten();
        all.find(|extension| extension.extn_id == oid).map(|found| found.extn_value.as_bytes())
    }

    fn not_before(&self) -> UnixTime {
        UnixTime::from(&self.tbs.validity().not_before)
    }

    fn not_after(&self) -> UnixTime {
        UnixTime::from(&self.tbs.validity().not_after)
    }
}

type Check = fn(&Subject<'_>) -> Result<(), String>;

/// Every rule by its stable name, in the order in which they are tried.
const RULES: [(&str, Check); 23] = [
    ("version", fields::check_version),
    ("serial-number", fields::check_serial_number),
    ("signature-algorithm", fields::check_signature_algorithm),
    ("issuer-name", fields::check_issuer_name),
    ("validity-encoding", fields::check_validity_encoding),
    ("validity-length", fields::check_validity_length),
    ("subject-name", fields::check_subject_name),
    ("brand", fields::check_brand),
    ("public-key", fields::check_public_key),
    ("extension-matrix", values::check_extension_matrix),
    ("criticality", values::check_criticality),
    ("key-usage", values::check_key_usage),
    ("basic-constraints", values::check_basic_constraints),
    ("path-length", values::check_path_length),
    ("certificate-type", values::check_certificate_type),
    ("private-key-usage-period", values::check_private_key_usage_period),
    ("authority-key-identifier", values::check_authority_key_identifier),
    ("subject-key-identifier", values::check_subject_key_identifier),
    ("certificate-policies", values::check_certificate_policies),
    ("hashed-root-key", values::check_hashed_root_key),
    ("status-locations", values::check_status_locations),
    ("tunneling", values::check_tunneling),
    ("private-values", values::check_private_values),
];

fn der_of<T: Encode>(value: &T) -> Result<Vec<u8>, String> {
    value.to_der().map_err(|error| error.to_string())
}

fn profile_name<'a>(subject: &'a Subject<'_>) -> &'a str {
    &subject.ordered.profile.name
}

/// Octets of a serial number we issue (§2, §9 row 25).
pub(crate) const SERIAL_OCTETS: usize = 16;
