//! Rules that only SET has, but for the matrix.

use const_oid::ObjectIdentifier;

use super::{Checked, Step, broken, may_issue};
use crate::path::ReasonCode;
use crate::profile::Role;
use crate::wire::extensions::{CertificateType, SetPolicy};
use crate::wire::oids;

/// A certificate without certificateType never ends or continues a SET chain (spec
/// `set-certificates.md` §10.5).
pub(in crate::path) fn check_has_type(step: &Step<'_, '_>) -> Checked {
    if step.node.certificate.extension(oids::CERTIFICATE_TYPE).is_some() {
        return Ok(());
    }
    broken(ReasonCode::MissingCertificateType, "certificateType is missing: not a SET certificate")
}

/// certificateType nests (spec `set-certificates.md` §5.1). No root stands below another: a new
/// root is not signed by the old one (§4.1).
pub(in crate::path) fn check_type_nesting(step: &Step<'_, '_>) -> Checked {
    let Some(subject) = step.facts().certificate_type else { return Ok(()) };
    let Some(issuer) = step.issuer.and_then(|issuer| issuer.facts().certificate_type) else {
        return Ok(());
    };
    if may_issue(issuer, subject) && !subject.contains(Role::Rca) {
        return Ok(());
    }
    broken(
        ReasonCode::TypeNesting,
        format!("certificateType {} issued by {}", type_text(subject), type_text(issuer)),
    )
}

/// The chain ends in a certificate of type rca, nothing else (spec `set-certificates.md` §4.2).
pub(in crate::path) fn check_root_type(step: &Step<'_, '_>) -> Checked {
    match step.facts().certificate_type {
        Some(types) if !types.contains(Role::Rca) => broken(
            ReasonCode::TypeNesting,
            format!("certificateType {} at the top of the path, must be rca", type_text(types)),
        ),
        _ => Ok(()),
    }
}

/// The certificate is of the role it is wanted for.
pub(in crate::path) fn check_role(step: &Step<'_, '_>) -> Checked {
    match (step.settings.role, step.facts().certificate_type) {
        (Some(role), Some(types)) if !types.contains(role) => broken(
            ReasonCode::WrongRole,
            format!("certificateType is {}, {role} is wanted", type_text(types)),
        ),
        _ => Ok(()),
    }
}

/// organizationName is the same BrandID in every certificate below the root, and the expected one
/// (spec `set-certificates.md` §5 check 11); compared by code points, case sensitive (§2.1).
pub(in crate::path) fn check_brand(step: &Step<'_, '_>) -> Checked {
    // §2.1, §8.4: in the draft O of a CA was the CA's own name, and the brand stood in CN.
    if step.is_accepted_draft() && step.settings.brand.is_none() {
        return Ok(());
    }
    let Some(found) = step.facts().brand.as_deref() else {
        return broken(
            ReasonCode::BrandMismatch,
            "subject has not exactly one readable organizationName",
        );
    };
    let above = step
        .issuer
        .map(|issuer| issuer.facts())
        .filter(|issuer| !issuer.certificate_type.is_some_and(|types| types.contains(Role::Rca)))
        .and_then(|issuer| issuer.brand.as_deref());
    let expected = step.settings.brand.as_deref().or(above);
    match expected {
        Some(expected) if expected != found => broken(
            ReasonCode::BrandMismatch,
            format!("brand is \"{found}\", must be \"{expected}\""),
        ),
        _ => Ok(()),
    }
}

/// The issuer might sign on the day this certificate begins (spec `set-certificates.md` §5 check
/// 6). Nested notAfter is **not** demanded: real hierarchies break it at every level (§1.4).
pub(in crate::path) fn check_issuer_key_period(step: &Step<'_, '_>) -> Checked {
    let Some(period) = step.issuer.and_then(|issuer| issuer.facts().key_period) else {
        return Ok(());
    };
    let begins = step.facts().not_before;
    if period.contains(begins) {
        return Ok(());
    }
    let end = |time: Option<crate::UnixTime>| time.map_or("open".to_owned(), |t| t.to_string());
    broken(
        ReasonCode::OutsideKeyPeriod,
        format!(
            "notBefore {begins} is outside the issuer's private key usage period {} to {}",
            end(period.not_before),
            end(period.not_after)
        ),
    )
}

/// The SET root policy stands in every certificate (spec `set-certificates.md` §5 check 12).
pub(in crate::path) fn check_root_policy(step: &Step<'_, '_>) -> Checked {
    match &step.facts().policies {
        Some(policies) if !policies.has_root() && !is_draft_policy(step, policies) => broken(
            ReasonCode::RootPolicyMissing,
            format!("certificatePolicies does not hold {}", oids::POLICY_ROOT),
        ),
        _ => Ok(()),
    }
}

/// In the draft a policy of VeriSign's stood for the root policy (§7, §8.4).
fn is_draft_policy(step: &Step<'_, '_>, policies: &SetPolicy) -> bool {
    let mut found = policies.policies.iter();
    step.is_accepted_draft() && found.any(|policy| policy.policy_identifier == DRAFT_POLICY)
}

/// The additional policies are those of the issuer, with at most one more, the issuer's own (spec
/// `set-certificates.md` §5 check 12: a warning).
pub(in crate::path) fn remark_on_policies(step: &Step<'_, '_>) -> Option<String> {
    let issuer = step.issuer?.facts();
    let (own, above) = (step.facts().policies.as_ref()?, issuer.policies.as_ref()?);
    let continues = own.continues(above, issuer.certificate_type);
    let odd = "warning: the policy qualifier is not the issuer's with one statement more";
    (!continues.unwrap_or(false)).then(|| odd.to_owned())
}

/// `cca+mca`.
pub(in crate::path) fn type_text(types: CertificateType) -> String {
    let names: Vec<&str> = types.roles().into_iter().map(Role::name).collect();
    names.join("+")
}

/// VeriSign's policy in the certificates of 1996.
const DRAFT_POLICY: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.113733.1.7.1.1");
