//! The policy extensions of RFC 5280: what a path is valid for, and what its CAs demand of it.
//!
//! [`SetPolicy`](super::SetPolicy) is certificatePolicies as SET has it; [`CertificatePolicies`]
//! reads those of any chain.

use const_oid::ObjectIdentifier;
use der::asn1::{Ia5StringRef, Uint};
use der::{Encode, Sequence, Tag};

use super::{ExtensionValue, OUT_OF_BOUNDS, PolicyInformation, PolicyQualifier, unencodable};
use crate::wire::bounds::MAX_CERTIFICATE;
use crate::wire::{DecodeError, decode, oids};

/// certificatePolicies (RFC 5280 §4.2.1.4).
///
/// ```text
/// CertificatePolicies ::= SEQUENCE SIZE (1..MAX) OF PolicyInformation
/// ```
///
/// That a policy stands once is a rule of whoever judges it, not of the type.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CertificatePolicies(pub Vec<PolicyInformation>);

impl ExtensionValue for CertificatePolicies {
    const OID: ObjectIdentifier = oids::CERTIFICATE_POLICIES;

    fn to_value(&self) -> der::Result<Vec<u8>> {
        self.0.to_der()
    }

    fn from_value(octets: &[u8]) -> Result<Self, DecodeError> {
        let policies: Vec<PolicyInformation> = decode(octets, MAX_CERTIFICATE)?;
        let empty = |policy: &PolicyInformation| {
            policy.policy_qualifiers.as_ref().is_some_and(Vec::is_empty)
        };
        if policies.is_empty() || policies.iter().any(empty) {
            return Err(OUT_OF_BOUNDS);
        }
        Ok(Self(policies))
    }
}

impl PolicyQualifier {
    /// True for the two kinds that RFC 5280 §4.2.1.4 defines: a pointer to the certification
    /// practice statement, and a notice to be shown.
    #[must_use]
    pub fn is_standard(&self) -> bool {
        [oids::QT_CPS, oids::QT_UNOTICE].contains(&self.id)
    }

    /// For people: where the practice statement is, else the kind of the qualifier.
    #[must_use]
    pub fn text(&self) -> String {
        match (self.id, self.qualifier.decode_as::<Ia5StringRef<'_>>()) {
            (oids::QT_CPS, Ok(uri)) => format!("practice statement {uri}"),
            (oids::QT_UNOTICE, _) => "user notice".to_owned(),
            (other, _) => format!("qualifier {other}"),
        }
    }
}

/// One pair of policyMappings (RFC 5280 §4.2.1.5).
#[derive(Clone, Copy, Debug, Eq, PartialEq, Sequence)]
pub struct PolicyMapping {
    /// issuerDomainPolicy: what the policy is called in the domain of the certificate's issuer.
    pub issuer_domain: ObjectIdentifier,
    /// subjectDomainPolicy: what it is called in the domain of its subject.
    pub subject_domain: ObjectIdentifier,
}

/// policyMappings (RFC 5280 §4.2.1.5).
///
/// ```text
/// PolicyMappings ::= SEQUENCE SIZE (1..MAX) OF SEQUENCE {
///     issuerDomainPolicy   CertPolicyId,
///     subjectDomainPolicy  CertPolicyId }
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PolicyMappings(pub Vec<PolicyMapping>);

impl ExtensionValue for PolicyMappings {
    const OID: ObjectIdentifier = oids::POLICY_MAPPINGS;

    fn to_value(&self) -> der::Result<Vec<u8>> {
        self.0.to_der()
    }

    fn from_value(octets: &[u8]) -> Result<Self, DecodeError> {
        let mappings: Vec<PolicyMapping> = decode(octets, MAX_CERTIFICATE)?;
        if mappings.is_empty() { Err(OUT_OF_BOUNDS) } else { Ok(Self(mappings)) }
    }
}

/// policyConstraints (RFC 5280 §4.2.1.11), at least one of the two.
///
/// ```text
/// PolicyConstraints ::= SEQUENCE {
///     requireExplicitPolicy  [0] SkipCerts OPTIONAL,
///     inhibitPolicyMapping   [1] SkipCerts OPTIONAL }
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct PolicyConstraints {
    /// requireExplicitPolicy: certificates that may follow before a policy is needed.
    pub require_explicit: Option<u32>,
    /// inhibitPolicyMapping: certificates that may follow before no more policy is mapped.
    pub inhibit_mapping: Option<u32>,
}

impl ExtensionValue for PolicyConstraints {
    const OID: ObjectIdentifier = oids::POLICY_CONSTRAINTS;

    fn to_value(&self) -> der::Result<Vec<u8>> {
        if *self == (Self { require_explicit: None, inhibit_mapping: None }) {
            return Err(unencodable(Tag::Sequence));
        }
        ConstraintsSyntax {
            require_explicit: self.require_explicit.map(skip_certs).transpose()?,
            inhibit_mapping: self.inhibit_mapping.map(skip_certs).transpose()?,
        }
        .to_der()
    }

    fn from_value(octets: &[u8]) -> Result<Self, DecodeError> {
        let syntax: ConstraintsSyntax = super::strict(octets)?;
        let value = Self {
            require_explicit: syntax.require_explicit.as_ref().map(saturated),
            inhibit_mapping: syntax.inhibit_mapping.as_ref().map(saturated),
        };
        // §4.2.1.11 forbids CAs the empty one and leaves open what it means: nothing good.
        if value == (Self { require_explicit: None, inhibit_mapping: None }) {
            return Err(OUT_OF_BOUNDS);
        }
        Ok(value)
    }
}

/// inhibitAnyPolicy (RFC 5280 §4.2.1.14): certificates that may follow before anyPolicy stands for
/// no other policy any more.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct InhibitAnyPolicy(pub u32);

impl ExtensionValue for InhibitAnyPolicy {
    const OID: ObjectIdentifier = oids::INHIBIT_ANY_POLICY;

    fn to_value(&self) -> der::Result<Vec<u8>> {
        skip_certs(self.0)?.to_der()
    }

    fn from_value(octets: &[u8]) -> Result<Self, DecodeError> {
        super::strict::<Uint>(octets).map(|skip| Self(saturated(&skip)))
    }
}

#[derive(Clone, Debug, Eq, PartialEq, Sequence)]
struct ConstraintsSyntax {
    #[asn1(context_specific = "0", tag_mode = "IMPLICIT", optional = "true")]
    require_explicit: Option<Uint>,
    #[asn1(context_specific = "1", tag_mode = "IMPLICIT", optional = "true")]
    inhibit_mapping: Option<Uint>,
}

fn skip_certs(count: u32) -> der::Result<Uint> {
    Uint::new(&count.to_be_bytes())
}

/// SkipCerts is INTEGER (0..MAX): no path is long enough for the difference.
fn saturated(skip: &Uint) -> u32 {
    let octets = skip.as_bytes();
    octets
        .iter()
        .try_fold(0_u32, |sum, octet| sum.checked_mul(256).map(|sum| sum | u32::from(*octet)))
        .unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::unhex;

    fn constraints(hex: &str) -> Result<PolicyConstraints, DecodeError> {
        PolicyConstraints::from_value(&unhex(hex).unwrap())
    }

    #[test]
    fn constraints_read_and_write_both_fields() {
        let value = PolicyConstraints { require_explicit: Some(3), inhibit_mapping: Some(128) };
        assert_eq!(constraints("300780010381020080"), Ok(value));
        assert_eq!(value.to_value().unwrap(), unhex("300780010381020080").unwrap());
    }

    #[test]
    fn skip_certs_beyond_32_bits_is_as_good_as_endless() {
        assert_eq!(constraints("300780050100000000").unwrap().require_explicit, Some(u32::MAX));
        assert_eq!(InhibitAnyPolicy::from_value(&[2, 1, 0]), Ok(InhibitAnyPolicy(0)));
    }

    #[test]
    fn empty_negative_and_padded_constraints_are_refused() {
        for hex in ["3000", "30038001ff", "300480020001", "3003820101"] {
            let octets = unhex(hex).unwrap();
            assert!(PolicyConstraints::from_value(&octets).is_err(), "{hex}");
        }
        assert!(InhibitAnyPolicy::from_value(&[2, 1, 0x80]).is_err());
        assert!(InhibitAnyPolicy::from_value(&[2, 1, 0, 0]).is_err());
    }

    #[test]
    fn lists_are_never_empty() {
        assert!(CertificatePolicies::from_value(&[0x30, 0]).is_err());
        assert!(PolicyMappings::from_value(&[0x30, 0]).is_err());
        // Policy 2.5.29.32.0 with an empty list of qualifiers.
        let bare = unhex("300a30080604551d20003000").unwrap();
        assert!(CertificatePolicies::from_value(&bare).is_err());
    }

    #[test]
    fn mapping_names_both_domains() {
        let value = PolicyMappings(vec![PolicyMapping {
            issuer_domain: ObjectIdentifier::new_unwrap("1.2.3"),
            subject_domain: ObjectIdentifier::new_unwrap("1.2.4"),
        }]);
        let octets = unhex("300a300806022a0306022a04").unwrap();
        assert_eq!(value.to_value().unwrap(), octets);
        assert_eq!(PolicyMappings::from_value(&octets), Ok(value));
        assert!(PolicyMappings::from_value(octets.get(..11).unwrap()).is_err());
    }

    #[test]
    fn qualifiers_say_what_they_are() {
        let octets = unhex(concat!(
            "301f",
            "301d",
            "06022a03",
            "3017",
            "3015",
            "06082b06010505070201",
            "1609",
            "687474703a2f2f782f"
        ))
        .unwrap();
        let CertificatePolicies(policies) = CertificatePolicies::from_value(&octets).unwrap();
        let qualifiers = policies[0].policy_qualifiers.as_deref().unwrap();
        assert!(qualifiers[0].is_standard());
        assert_eq!(qualifiers[0].text(), "practice statement http://x/");
    }
}
