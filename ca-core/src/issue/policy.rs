//! certificatePolicies of one certificate: what its issuer's certificate says, and what the issuer
//! adds (spec `set-certificates.md` §3.5).

use super::prepare::{CertificateOrder, PrepareError};
use crate::Suite;
use crate::profile::{PolicyStatement, Role};
use crate::wire::extensions::{
    AdditionalPolicy, CertificateType, ExtensionValue, SetPolicy, SetPolicyQualifier, SetQualifier,
};
use crate::wire::pkcs7::DigestedData;
use crate::wire::{SetString, Url, oids};

/// The policy of the certificate ordered.
pub(super) fn policy(order: &CertificateOrder<'_>) -> Result<SetPolicy, PrepareError> {
    let qualifier = match order.issuer.certificate {
        None => SetPolicyQualifier {
            root_qualifier: statement_of(order, &[Role::Rca])
                .map(|stated| qualifier(order.suite, stated))
                .transpose()?
                .unwrap_or_default(),
            additional_policies: None,
        },
        Some(issuer) => {
            let unreadable = |_| PrepareError::Issuer("its policies cannot be read");
            let own = SetPolicy::find(issuer).map_err(unreadable)?.unwrap_or_else(SetPolicy::root);
            let mut inherited = own.qualifier().map_err(unreadable)?.unwrap_or_default();
            let types = CertificateType::find(issuer).map_err(unreadable)?;
            if let Some(added_by) = types
                && let Some(stated) = statement_of(order, &added_by.roles())
            {
                let added = inherited.additional_policies.get_or_insert_default();
                added.push(addition(order.suite, stated, added_by)?);
            }
            inherited
        }
    };
    SetPolicy::qualified(&qualifier).map_err(PrepareError::Encode)
}

/// What an issuer with these roles states. The root's statement is inherited with its certificate's
/// policy, never added a second time.
fn statement_of<'a>(order: &CertificateOrder<'a>, issuer: &[Role]) -> Option<&'a PolicyStatement> {
    let own = order.issuer.certificate.is_none();
    let mut stated = order.profile.statements.iter();
    let found = stated.find(|(role, _)| issuer.contains(role) && (own || *role != Role::Rca));
    found.map(|(_, statement)| statement)
}

fn addition(
    suite: Suite,
    stated: &PolicyStatement,
    added_by: CertificateType,
) -> Result<AdditionalPolicy, PrepareError> {
    let qualifier = qualifier(suite, stated)?;
    Ok(AdditionalPolicy {
        policy_oid: stated.oid,
        policy_qualifier: (qualifier != SetQualifier::default()).then_some(qualifier),
        policy_added_by: added_by,
    })
}

fn qualifier(suite: Suite, stated: &PolicyStatement) -> Result<SetQualifier, PrepareError> {
    let digest = |text: &String| DigestedData::of(suite, oids::ID_DATA, text.as_bytes());
    let fits = |_| PrepareError::Policy;
    Ok(SetQualifier {
        policy_digest: stated
            .statement
            .as_ref()
            .map(digest)
            .transpose()
            .map_err(PrepareError::Encode)?,
        terse_statement: stated.terse.as_deref().map(SetString::new).transpose().map_err(fits)?,
        policy_url: stated.url.as_deref().map(Url::new).transpose().map_err(fits)?,
        policy_email: stated.email.as_deref().map(Url::new).transpose().map_err(fits)?,
    })
}
