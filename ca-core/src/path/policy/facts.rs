//! The policy extensions of one certificate, read once.

use const_oid::ObjectIdentifier;

use super::SHOWN;
use crate::wire::Cert;
use crate::wire::extensions::{
    CertificatePolicies, ExtensionValue, InhibitAnyPolicy, PolicyConstraints, PolicyInformation,
    PolicyMapping, PolicyMappings,
};

/// What the policy rules ask of a certificate.
#[derive(Debug, Default)]
pub(in crate::path) struct Facts {
    /// certificatePolicies in its order; empty if there is none that can be read.
    pub(in crate::path) policies: Vec<ObjectIdentifier>,
    /// A policy that stands there twice.
    pub(in crate::path) repeated: Option<ObjectIdentifier>,
    /// A qualifier of a kind that RFC 5280 does not define, in a critical extension.
    pub(in crate::path) unknown_qualifier: Option<ObjectIdentifier>,
    pub(in crate::path) mappings: Vec<PolicyMapping>,
    pub(in crate::path) constraints: Option<PolicyConstraints>,
    pub(in crate::path) inhibit_any: Option<u32>,
    /// Extensions that are there and cannot be read; their value above is as if they were not.
    pub(in crate::path) malformed: Vec<ObjectIdentifier>,
}

impl Facts {
    pub(in crate::path) fn of(certificate: &Cert) -> Self {
        let mut facts = Self::default();
        if let Some(CertificatePolicies(found)) = facts.read(certificate) {
            facts.take(certificate, &found);
        }
        facts.mappings = facts.read(certificate).map(|PolicyMappings(all)| all).unwrap_or_default();
        facts.constraints = facts.read(certificate);
        facts.inhibit_any = facts.read(certificate).map(|InhibitAnyPolicy(skip)| skip);
        facts
    }

    fn take(&mut self, certificate: &Cert, found: &[PolicyInformation]) {
        self.policies = found.iter().map(|policy| policy.policy_identifier).collect();
        let mut sorted = self.policies.clone();
        sorted.sort_unstable();
        let twice = sorted.iter().zip(sorted.iter().skip(1)).find(|(one, next)| one == next);
        self.repeated = twice.map(|(one, _)| *one);
        let extension = certificate.extension(CertificatePolicies::OID);
        if extension.is_some_and(|extension| extension.critical) {
            let mut qualifiers = found.iter().flat_map(|p| p.policy_qualifiers.iter().flatten());
            self.unknown_qualifier = qualifiers.find(|one| !one.is_standard()).map(|one| one.id);
        }
    }

    fn read<T: ExtensionValue>(&mut self, certificate: &Cert) -> Option<T> {
        T::find(certificate).unwrap_or_else(|_| {
            self.malformed.push(T::OID);
            None
        })
    }
}

/// certificatePolicies for people, with what the qualifiers say: `1.2.3 (user notice), 1.2.4`.
pub(in crate::path) fn text(certificate: &Cert) -> String {
    let Some(CertificatePolicies(found)) = CertificatePolicies::find(certificate).ok().flatten()
    else {
        return "no readable certificatePolicies".to_owned();
    };
    let one = |policy: &PolicyInformation| {
        let qualifiers: Vec<String> =
            policy.policy_qualifiers.iter().flatten().map(|one| one.text()).collect();
        if qualifiers.is_empty() {
            return policy.policy_identifier.to_string();
        }
        format!("{} ({})", policy.policy_identifier, qualifiers.join(", "))
    };
    let mut texts: Vec<String> = found.iter().take(SHOWN).map(one).collect();
    if found.len() > SHOWN {
        texts.push(format!("and {} more", found.len() - SHOWN));
    }
    format!("certificatePolicies: {}", texts.join(", "))
}
