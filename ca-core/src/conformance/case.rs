//! One case: what is asked, what is expected, and what this engine answers.

use core::fmt;
use std::collections::BTreeSet;

use const_oid::ObjectIdentifier;
use serde::{Deserialize, Serialize};

use super::objects::Der;
use crate::path::{self, Reason, Request, Settings};
use crate::wire::{Cert, Crl, DecodeError};

/// A question with its expected answer.
#[derive(Clone, Debug)]
pub struct Case {
    /// Unique within its suite.
    pub id: String,
    /// What kind of rule it tests.
    pub category: Category,
    /// What the suite says one needs for it.
    pub features: Vec<String>,
    /// What a correct validator answers.
    pub expected: Expected,
    /// Something it needs and this engine does not claim to do.
    pub unclaimed: Option<&'static str>,
    pub(super) objects: Objects,
    pub(super) settings: Settings,
}

/// What kind of rule a case tests.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Category {
    /// Only the Baseline Requirements of the CA/Browser Forum demand it.
    Cabf,
    /// A hostile input that must be refused quickly.
    Dos,
    /// Path validation (RFC 5280 §6) and well-formedness.
    #[default]
    Path,
    /// What RFC 5280 demands of conforming CAs.
    Profile,
    /// A value that the specification of SET prints.
    Vector,
}

/// What a correct validator answers.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Expected {
    /// The verdict.
    pub valid: bool,
    /// user-constrained-policy-set (RFC 5280 §6.1.5 (g)), sorted, where the suite tells.
    #[serde(serialize_with = "policy_texts", skip_serializing_if = "Option::is_none")]
    pub policies: Option<Vec<ObjectIdentifier>>,
}

/// What this engine answers.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Outcome {
    /// The verdict.
    pub valid: bool,
    /// Why not.
    pub reasons: Vec<Reason>,
    /// user-constrained-policy-set of a valid path, sorted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policies: Option<Vec<String>>,
    /// What was handed in and cannot be read: it counts as not handed in.
    pub unreadable: Vec<String>,
}

impl Outcome {
    /// True if it is what was expected.
    #[must_use]
    pub fn meets(&self, expected: &Expected) -> bool {
        let Some(policies) = &expected.policies else { return self.valid == expected.valid };
        let wanted: BTreeSet<String> = policies.iter().map(ToString::to_string).collect();
        let found: BTreeSet<String> = self.policies.iter().flatten().cloned().collect();
        self.valid == expected.valid && found == wanted
    }
}

/// `valid` with the policies, or `invalid` and the code of each reason.
impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(word(self.valid))?;
        if let Some(policies) = self.policies.as_ref().filter(|policies| !policies.is_empty()) {
            return write!(f, " (policies: {})", policies.join(", "));
        }
        let codes: Vec<&str> = self.reasons.iter().map(|reason| reason.code.name()).collect();
        if codes.is_empty() { Ok(()) } else { write!(f, " ({})", codes.join(", ")) }
    }
}

/// Judges a case.
///
/// What cannot be decoded is left out, as a file that is no certificate would be; if the judged
/// certificate cannot be decoded, that is a refusal.
#[must_use]
pub fn run(case: &Case) -> Outcome {
    let mut unreadable = Vec::new();
    let anchors = readable("anchor", &case.objects.anchors, Cert::from_der, &mut unreadable);
    let untrusted = readable("untrusted", &case.objects.untrusted, Cert::from_der, &mut unreadable);
    let crls = readable("CRL", &case.objects.crls, Crl::from_der, &mut unreadable);
    let certificate = match Cert::from_der(&case.objects.certificate) {
        Ok(certificate) => certificate,
        Err(error) => {
            unreadable.push(format!("judged certificate: {error}"));
            return Outcome { valid: false, reasons: Vec::new(), policies: None, unreadable };
        }
    };
    let verdict = path::validate(&Request {
        certificate: &certificate,
        untrusted: &untrusted,
        anchors: &anchors,
        crls: &crls,
        bcis: &[],
        ocsp: &[],
        register: &[],
        settings: &case.settings,
    });
    let path::Verdict { valid, reasons, policies, .. } = verdict;
    Outcome { valid, reasons, policies, unreadable }
}

/// The DER a case hands in.
#[derive(Clone, Debug)]
pub(super) struct Objects {
    pub(super) certificate: Der,
    pub(super) untrusted: Vec<Der>,
    pub(super) anchors: Vec<Der>,
    pub(super) crls: Vec<Der>,
}

fn readable<T>(
    what: &str,
    objects: &[Der],
    decode: impl Fn(&[u8]) -> Result<T, DecodeError>,
    unreadable: &mut Vec<String>,
) -> Vec<T> {
    let mut found = Vec::with_capacity(objects.len());
    for (index, der) in objects.iter().enumerate() {
        match decode(der) {
            Ok(object) => found.push(object),
            Err(error) => unreadable.push(format!("{what} {index}: {error}")),
        }
    }
    found
}

/// `valid` with the policies, or `invalid`.
impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(word(self.valid))?;
        let policies: Vec<String> =
            self.policies.iter().flatten().map(ToString::to_string).collect();
        if policies.is_empty() { Ok(()) } else { write!(f, " (policies: {})", policies.join(", ")) }
    }
}

/// The verdict in a word.
const fn word(valid: bool) -> &'static str {
    if valid { "valid" } else { "invalid" }
}

fn policy_texts<S: serde::Serializer>(
    policies: &Option<Vec<ObjectIdentifier>>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(policies.iter().flatten().map(ToString::to_string))
}
