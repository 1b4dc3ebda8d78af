//! What validation answers: the verdict, every reason, and the steps that led there.

use core::fmt;

use serde::{Serialize, Serializer};

use super::name::name_text;
use crate::hex;
use crate::wire::Cert;

/// The answer of [`super::validate`]. Serialises to the JSON of `setca verify`.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Verdict {
    /// True if one path satisfies every rule.
    #[serde(rename = "verdict", serialize_with = "verdict_word")]
    pub valid: bool,
    /// Why not; empty exactly if valid.
    pub reasons: Vec<Reason>,
    /// The path that was judged, leaf first.
    pub path: Vec<PathElement>,
    /// Of a valid path under the rules of RFC 5280, the policies it is valid for: the
    /// user-constrained-policy-set (RFC 9618 §5.4); `2.5.29.32.0` stands for every policy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policies: Option<Vec<String>>,
    /// Every step, if asked for.
    pub trace: Vec<TraceStep>,
}

impl Verdict {
    /// True if `code` is among the reasons.
    #[must_use]
    pub fn has(&self, code: ReasonCode) -> bool {
        self.reasons.iter().any(|reason| reason.code == code)
    }
}

/// One broken rule.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Reason {
    /// Stable code.
    pub code: ReasonCode,
    /// Where the rule stands.
    pub rule: &'static str,
    /// The certificate that breaks it: subject and serial number.
    pub subject: String,
    /// What was found, with the numbers.
    pub message: String,
}

/// `subject: message (rule) [code]`.
impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} ({}) [{}]", self.subject, self.message, self.rule, self.code)
    }
}

/// One certificate of the judged path.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct PathElement {
    /// Subject name, RFC 4514.
    pub subject: String,
    /// Serial number in hexadecimal.
    pub serial: String,
    /// Where the certificate was handed in.
    #[serde(skip)]
    pub origin: Origin,
}

/// Where a certificate of a path was handed in.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Origin {
    /// `Request::anchors` at this index.
    Anchor(usize),
    /// `Request::certificate`.
    Certificate,
    /// A certificate that came with the answer at this index of `Request::ocsp`.
    Ocsp(usize),
    /// `Request::untrusted` at this index.
    Untrusted(usize),
}

/// One step of the engine.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct TraceStep {
    /// Number of the candidate path, from 1; 0 while the path is being built.
    pub candidate: u32,
    /// The certificate looked at: subject and serial number.
    pub subject: String,
    /// The rule that was applied.
    pub rule: &'static str,
    /// What the rule looked at.
    pub input: String,
    /// `None` if the rule holds.
    pub code: Option<ReasonCode>,
    /// What came of it.
    pub message: String,
    /// State of the walk before the step.
    pub before: String,
    /// State of the walk after the step.
    pub after: String,
}

macro_rules! reason_codes {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)*) => {
        /// Why a path was not accepted; names and meanings are stable.
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        #[non_exhaustive]
        pub enum ReasonCode {
            $($(#[$doc])* $variant,)*
        }

        impl ReasonCode {
            /// Every code.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The stable name in JSON and text.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }
        }
    };
}

reason_codes! {
    /// Inner and outer signature algorithm differ.
    AlgorithmMismatch = "algorithm-mismatch",
    /// The signature algorithm does not belong to the suite.
    AlgorithmNotAllowed = "algorithm-not-allowed",
    /// authorityKeyIdentifier does not name the issuer certificate.
    AuthorityKeyMismatch = "authority-key-mismatch",
    /// The signature does not verify under the issuer's key.
    BadSignature = "bad-signature",
    /// organizationName is not the brand.
    BrandMismatch = "brand-mismatch",
    /// The search ended before it had tried everything.
    BudgetExhausted = "budget-exhausted",
    /// commonName is none of the names in subjectAltName.
    CommonName = "common-name",
    /// A certificate of the 1996 draft, judged strictly.
    DraftCertificate = "draft-certificate",
    /// An extension occurs twice.
    DuplicateExtension = "duplicate-extension",
    /// A policy occurs twice in certificatePolicies.
    DuplicatePolicy = "duplicate-policy",
    /// An issuer, or a CA, without a name.
    EmptyName = "empty-name",
    /// notAfter has passed.
    Expired = "expired",
    /// extendedKeyUsage does not allow a wanted purpose.
    ExtendedKeyUsage = "extended-key-usage",
    /// An extension stands where it must not.
    ForbiddenExtension = "forbidden-extension",
    /// The issuer's keyUsage lacks keyCertSign.
    IssuerKeyUsage = "issuer-key-usage",
    /// The key is of a kind or size that is not accepted.
    KeyNotAllowed = "key-not-allowed",
    /// RSA modulus shorter than the minimum.
    KeyTooShort = "key-too-short",
    /// The combination of keyUsage bits is none that this certificate type may have.
    KeyUsageCombination = "key-usage-combination",
    /// A known extension cannot be decoded.
    MalformedExtension = "malformed-extension",
    /// A name in subjectAltName that is none of its form.
    MalformedName = "malformed-name",
    /// nameConstraints that cannot be read.
    MalformedNameConstraints = "malformed-name-constraints",
    /// No certificateType: not a SET certificate.
    MissingCertificateType = "missing-certificate-type",
    /// A required extension is missing.
    MissingExtension = "missing-extension",
    /// The issuer name is not the issuer certificate's subject.
    NameChaining = "name-chaining",
    /// A name is in a subtree that a CA above excludes.
    NameExcluded = "name-excluded",
    /// A name is in none of the subtrees that a CA above permits.
    NameNotPermitted = "name-not-permitted",
    /// No usable BCI of the brand is at hand.
    NoBci = "no-bci",
    /// No certificate of the issuer is at hand.
    NoIssuer = "no-issuer",
    /// No usable CRL or OCSP answer tells the status.
    NoRevocationStatus = "no-revocation-status",
    /// An issuer without cA.
    NotACa = "not-a-ca",
    /// A valid policy is required and the path has none.
    NoValidPolicy = "no-valid-policy",
    /// notBefore is still to come.
    NotYetValid = "not-yet-valid",
    /// The issuer's private key was not to be used when the certificate was issued.
    OutsideKeyPeriod = "outside-key-period",
    /// More CA certificates follow than pathLenConstraint allows.
    PathTooLong = "path-too-long",
    /// subjectAltName holds none of the wanted names.
    PeerNameMismatch = "peer-name-mismatch",
    /// policyMappings maps from or to anyPolicy.
    PolicyMappingOfAnyPolicy = "policy-mapping-of-any-policy",
    /// keyUsage does not allow the wanted purpose.
    PurposeNotAllowed = "purpose-not-allowed",
    /// A CRL or OCSP answer says that the certificate is revoked.
    Revoked = "revoked",
    /// certificatePolicies does not hold the SET root policy.
    RootPolicyMissing = "root-policy-missing",
    /// The serial number is none that a conforming CA gives.
    SerialNumber = "serial-number",
    /// Usable CRLs tell the status for some reasons of revocation and not for others.
    StatusIncomplete = "status-incomplete",
    /// Two suites in one chain.
    SuiteMixed = "suite-mixed",
    /// A date in the wrong type of time.
    TimeEncoding = "time-encoding",
    /// certificateType does not fit the issuer's.
    TypeNesting = "type-nesting",
    /// A critical extension, or a constraint, that this engine does not apply.
    UnhandledCriticalExtension = "unhandled-critical-extension",
    /// issuerUniqueID or subjectUniqueID is present.
    UniqueIdentifier = "unique-identifier",
    /// The signature algorithm or the key is not one this build verifies.
    UnsupportedAlgorithm = "unsupported-algorithm",
    /// A constraint above on names of a form that it cannot be applied to.
    UnsupportedNameConstraint = "unsupported-name-constraint",
    /// The path ends in a self-issued certificate that is no anchor.
    UntrustedRoot = "untrusted-root",
    /// An extension has the wrong criticality.
    WrongCriticality = "wrong-criticality",
    /// The certificate is not of the wanted role.
    WrongRole = "wrong-role",
    /// Not an X.509 v3 certificate.
    WrongVersion = "wrong-version",
}

impl fmt::Display for ReasonCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Serialize for ReasonCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// A certificate as reasons and trace name it: `CN=Jane,O=Brand,C=DE serial 0a1b`.
pub(super) fn describe(certificate: &Cert) -> String {
    format!("{} serial {}", name_text(certificate.tbs().subject()), hex(certificate.serial()))
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands fields over by reference")]
fn verdict_word<S: Serializer>(valid: &bool, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(if *valid { "valid" } else { "invalid" })
}
