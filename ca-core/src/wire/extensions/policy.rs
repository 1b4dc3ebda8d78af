//! certificatePolicies with the SET root policy and its qualifier.

use const_oid::ObjectIdentifier;
use der::asn1::Any;
use der::{Decode, Encode, Sequence, Tag};

use super::{CertificateType, ExtensionValue, OUT_OF_BOUNDS, strict, unencodable};
use crate::wire::bounds::{UB_ADDITIONAL_POLICIES, UB_POLICIES, UB_TERSE_STATEMENT};
use crate::wire::pkcs7::DigestedData;
use crate::wire::{DecodeError, SetString, Url, oids};

/// certificatePolicies (RFC 5280 §4.2.1.4, spec `set-certificates.md` §3.5): 1 to 16 policies.
///
/// We issue the SET root policy alone: without a qualifier, or with the SET one.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SetPolicy {
    /// The policies, in order.
    pub policies: Vec<PolicyInformation>,
}

impl SetPolicy {
    /// The root policy alone.
    #[must_use]
    pub fn root() -> Self {
        let root =
            PolicyInformation { policy_identifier: oids::POLICY_ROOT, policy_qualifiers: None };
        Self { policies: vec![root] }
    }

    /// The root policy with its SET qualifier; without one if the qualifier says nothing.
    ///
    /// # Errors
    /// The encoder's, for a qualifier outside the bounds of its type.
    pub fn qualified(qualifier: &SetPolicyQualifier) -> der::Result<Self> {
        if *qualifier == SetPolicyQualifier::default() {
            return Ok(Self::root());
        }
        if !qualifier.fits() {
            return Err(unencodable(Tag::Sequence));
        }
        let qualifier = Any::from_der(&qualifier.to_der()?)?;
        let qualifiers = vec![PolicyQualifier { id: oids::SET_QUALIFIER, qualifier }];
        let mut policy = Self::root();
        for root in &mut policy.policies {
            root.policy_qualifiers = Some(qualifiers.clone());
        }
        Ok(policy)
    }

    /// True if this is what the holder of `issuer` may write into a certificate, being of type
    /// `added_by`: the same root qualifier, the same additional policies in the same order, at most
    /// one more behind them, marked as its own (§3.5, §5 check 12).
    ///
    /// # Errors
    /// [`DecodeError`] if a SET qualifier of either cannot be read.
    pub fn continues(
        &self,
        issuer: &Self,
        added_by: Option<CertificateType>,
    ) -> Result<bool, DecodeError> {
        let own = self.qualifier()?.unwrap_or_default();
        let inherited = issuer.qualifier()?.unwrap_or_default();
        let added = own.added().strip_prefix(inherited.added());
        Ok(own.root_qualifier == inherited.root_qualifier
            && match added {
                Some([]) => true,
                Some([one]) => Some(one.policy_added_by) == added_by,
                _ => false,
            })
    }

    /// True if the SET root policy is among them.
    #[must_use]
    pub fn has_root(&self) -> bool {
        self.root_policy().is_some()
    }

    /// The SET qualifier of the root policy, `None` if it has none.
    ///
    /// # Errors
    /// [`DecodeError`] if a qualifier with the SET identifier cannot be read.
    pub fn qualifier(&self) -> Result<Option<SetPolicyQualifier>, DecodeError> {
        self.root_policy()
            .and_then(|policy| policy.policy_qualifiers.as_ref())
            .and_then(|all| all.iter().find(|one| one.id == oids::SET_QUALIFIER))
            .map(|one| SetPolicyQualifier::read(&one.qualifier))
            .transpose()
    }

    fn root_policy(&self) -> Option<&PolicyInformation> {
        self.policies.iter().find(|policy| policy.policy_identifier == oids::POLICY_ROOT)
    }
}

impl ExtensionValue for SetPolicy {
    const OID: ObjectIdentifier = oids::CERTIFICATE_POLICIES;

    fn to_value(&self) -> der::Result<Vec<u8>> {
        self.policies.to_der()
    }

    fn from_value(octets: &[u8]) -> Result<Self, DecodeError> {
        let policies: Vec<PolicyInformation> = strict(octets)?;
        if !(1..=UB_POLICIES).contains(&policies.len()) {
            return Err(OUT_OF_BOUNDS);
        }
        Ok(Self { policies })
    }
}

/// PolicyInformation (RFC 5280 §4.2.1.4).
#[derive(Clone, Debug, Eq, PartialEq, Sequence)]
pub struct PolicyInformation {
    /// policyIdentifier.
    pub policy_identifier: ObjectIdentifier,
    /// policyQualifiers.
    pub policy_qualifiers: Option<Vec<PolicyQualifier>>,
}

/// PolicyQualifierInfo (RFC 5280 §4.2.1.4).
#[derive(Clone, Debug, Eq, PartialEq, Sequence)]
pub struct PolicyQualifier {
    /// policyQualifierId.
    pub id: ObjectIdentifier,
    /// qualifier, defined by `id`.
    pub qualifier: Any,
}

/// The SET qualifier: what the root says, and what the CAs below it added.
///
/// ```text
/// SetPolicyQualifier ::= SEQUENCE {
///     rootQualifier       SETQualifier,
///     additionalPolicies  SEQUENCE SIZE(1..3) OF AdditionalPolicy OPTIONAL }
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq, Sequence)]
pub struct SetPolicyQualifier {
    /// rootQualifier.
    pub root_qualifier: SetQualifier,
    /// additionalPolicies.
    pub additional_policies: Option<Vec<AdditionalPolicy>>,
}

impl SetPolicyQualifier {
    /// What the CAs below the root added, first the highest.
    #[must_use]
    pub fn added(&self) -> &[AdditionalPolicy] {
        self.additional_policies.as_deref().unwrap_or_default()
    }

    fn read(qualifier: &Any) -> Result<Self, DecodeError> {
        let at = |e: der::Error| DecodeError::from_der_error(&e);
        let value: Self = strict(&qualifier.to_der().map_err(at)?)?;
        if value.fits() { Ok(value) } else { Err(OUT_OF_BOUNDS) }
    }

    fn fits(&self) -> bool {
        let count = self.added().len();
        let bounded =
            count <= UB_ADDITIONAL_POLICIES && (count > 0 || self.additional_policies.is_none());
        let mut said = self.added().iter().filter_map(|one| one.policy_qualifier.as_ref());
        bounded && self.root_qualifier.fits() && said.all(SetQualifier::fits)
    }
}

/// AdditionalPolicy: a statement of a BCA, GCA or lowest CA.
///
/// ```text
/// AdditionalPolicy ::= SEQUENCE {
///     policyOID        OBJECT IDENTIFIER OPTIONAL,
///     policyQualifier  SETQualifier OPTIONAL,
///     policyAddedBy    CertificateTypeSyntax }
/// ```
#[derive(Clone, Debug, Eq, PartialEq, Sequence)]
pub struct AdditionalPolicy {
    /// policyOID.
    pub policy_oid: Option<ObjectIdentifier>,
    /// policyQualifier.
    pub policy_qualifier: Option<SetQualifier>,
    /// policyAddedBy.
    pub policy_added_by: CertificateType,
}

/// SETQualifier.
///
/// ```text
/// SETQualifier ::= SEQUENCE {
///     policyDigest    DetachedDigest OPTIONAL,
///     terseStatement  SETString { 2048 } OPTIONAL,
///     policyURL       [0] IMPLICIT VisibleString (SIZE(1..512)) OPTIONAL,
///     policyEmail     [1] IMPLICIT VisibleString (SIZE(1..512)) OPTIONAL }
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq, Sequence)]
pub struct SetQualifier {
    /// Digest of the full statement, of whatever content type (§9 row 2).
    pub policy_digest: Option<DigestedData>,
    /// Disclaimer.
    pub terse_statement: Option<SetString<UB_TERSE_STATEMENT>>,
    /// Where the statement is.
    #[asn1(context_specific = "0", tag_mode = "IMPLICIT", optional = "true")]
    pub policy_url: Option<Url>,
    /// Whom to ask.
    #[asn1(context_specific = "1", tag_mode = "IMPLICIT", optional = "true")]
    pub policy_email: Option<Url>,
}

impl SetQualifier {
    /// A detached digest has no content.
    fn fits(&self) -> bool {
        self.policy_digest.as_ref().is_none_or(|digest| digest.content_info.content.is_none())
    }
}
