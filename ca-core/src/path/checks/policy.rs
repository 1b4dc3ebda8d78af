//! Rules about certificate policies (RFC 5280 only: SET has rules of its own in `set.rs`).

use super::form::name_of;
use super::{Checked, Step, broken};
use crate::path::ReasonCode;
use crate::path::policy::{mapping_of_any, names};

/// The policy extensions must decode; a policy stands once in its extension.
pub(in crate::path) fn check_policy_extensions(step: &Step<'_, '_>) -> Checked {
    let facts = step.node.policy();
    if let Some(oid) = facts.malformed.first() {
        return broken(
            ReasonCode::MalformedExtension,
            format!("extension {} cannot be decoded", name_of(*oid)),
        );
    }
    match facts.repeated {
        Some(policy) => broken(
            ReasonCode::DuplicatePolicy,
            format!("policy {policy} occurs more than once in certificatePolicies"),
        ),
        None => Ok(()),
    }
}

/// RFC 5280 §4.2.1.4: a critical certificatePolicies must be understood, its qualifiers included.
pub(in crate::path) fn check_policy_qualifiers(step: &Step<'_, '_>) -> Checked {
    match step.node.policy().unknown_qualifier {
        Some(oid) => broken(
            ReasonCode::UnhandledCriticalExtension,
            format!("critical certificatePolicies has qualifier {oid}, which is not known"),
        ),
        None => Ok(()),
    }
}

/// RFC 5280 §6.1.4 (a): anyPolicy is mapped to nothing, and nothing to anyPolicy.
pub(in crate::path) fn check_policy_mappings(step: &Step<'_, '_>) -> Checked {
    match mapping_of_any(&step.node.policy().mappings) {
        Some(pair) => broken(
            ReasonCode::PolicyMappingOfAnyPolicy,
            format!(
                "policyMappings maps {} to {}, and one is anyPolicy",
                pair.issuer_domain, pair.subject_domain
            ),
        ),
        None => Ok(()),
    }
}

/// RFC 5280 §6.1.3 (f) and §6.1.5, as amended by RFC 9618: where a policy is required, one that the
/// user accepts is left. Said of the first certificate where none is.
pub(in crate::path) fn check_valid_policy(step: &Step<'_, '_>) -> Checked {
    let Some(state) = &step.state.policy else { return Ok(()) };
    if state.begins_to_lack_budget() {
        return broken(
            ReasonCode::BudgetExhausted,
            "no states left for the policies of this certificate",
        );
    }
    if !state.begins_to_lack_policy() {
        return Ok(());
    }
    let own = &step.node.policy().policies;
    let acceptable = &step.settings.policies.acceptable;
    let wanted = if step.leaf && !acceptable.is_empty() {
        format!("; acceptable: {}", names(acceptable))
    } else {
        String::new()
    };
    broken(
        ReasonCode::NoValidPolicy,
        format!(
            "a valid policy is required and the path has none from here on; policies of this \
             certificate: {}{wanted}",
            names(own)
        ),
    )
}
