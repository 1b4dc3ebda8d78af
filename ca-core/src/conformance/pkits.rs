//! NIST PKITS: certificates and CRLs in tables, cases that name them.

use const_oid::ObjectIdentifier;
use serde::Deserialize;

use super::case::Objects;
use super::objects::Tables;
use super::{Case, CaseError, Category, Expected, Read, time};
use crate::Suite;
use crate::path::{PolicyInputs, RevocationMode, Rules, Settings};

/// A case as it stands in the file.
#[derive(Deserialize)]
pub(super) struct RawCase {
    id: String,
    features: Vec<String>,
    trust_anchor: String,
    /// From the anchor down, the judged certificate last.
    chain: Vec<String>,
    extra_certs: Vec<String>,
    crls: Vec<String>,
    time: String,
    initial_policy_set: Vec<String>,
    explicit_policy: bool,
    policy_mapping_inhibit: bool,
    any_policy_inhibit: bool,
    expect: String,
    user_constrained_policy_set: Option<Vec<String>>,
}

impl RawCase {
    /// The case with its objects.
    pub(super) fn resolve(self, tables: &Tables) -> Read<Case> {
        let settings = self.settings()?;
        let valid = match self.expect.as_str() {
            "valid" => true,
            "invalid" => false,
            other => return Err(self.value("expect", other)),
        };
        let policies = self.user_constrained_policy_set.as_deref();
        let policies = policies.map(|texts| self.oids(texts)).transpose()?;
        let Some((leaf, above)) = self.chain.split_last() else {
            return Err(self.value("chain", "[]"));
        };
        let mut untrusted = tables.certificates(&self.id, above)?;
        untrusted.extend(tables.certificates(&self.id, &self.extra_certs)?);
        let objects = Objects {
            certificate: tables.certificate(&self.id, leaf)?,
            untrusted,
            anchors: vec![tables.certificate(&self.id, &self.trust_anchor)?],
            crls: tables.crls(&self.id, &self.crls)?,
        };
        Ok(Case {
            id: self.id,
            category: Category::Path,
            features: self.features,
            expected: Expected { valid, policies },
            unclaimed: None,
            objects,
            settings,
        })
    }

    /// PKITS wants the status of every certificate.
    fn settings(&self) -> Read<Settings> {
        let at = time::parse(&self.time).ok_or_else(|| self.value("time", &self.time))?;
        let mut acceptable = self.oids(&self.initial_policy_set)?;
        acceptable.retain(|policy| *policy != ANY_POLICY);
        Ok(Settings {
            revocation: RevocationMode::Require,
            policies: PolicyInputs {
                acceptable,
                require_explicit: self.explicit_policy,
                inhibit_mapping: self.policy_mapping_inhibit,
                inhibit_any: self.any_policy_inhibit,
            },
            // The DSA keys of PKITS sign over SHA-1.
            sha_1: true,
            dsa: true,
            ..Settings::new(Rules::Rfc5280, Suite::Modern, at)
        })
    }

    fn oids(&self, texts: &[String]) -> Read<Vec<ObjectIdentifier>> {
        let parse = |text: &String| text.parse().map_err(|_| self.value("policy", text));
        let mut oids: Vec<ObjectIdentifier> = texts.iter().map(parse).collect::<Read<_>>()?;
        oids.sort_unstable();
        Ok(oids)
    }

    fn value(&self, what: &'static str, value: &str) -> CaseError {
        CaseError::Value { case: self.id.clone(), what, value: value.to_owned() }
    }
}

/// anyPolicy (RFC 5280 §4.2.1.4).
const ANY_POLICY: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.32.0");
