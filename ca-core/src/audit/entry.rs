//! What is written in the log: one entry for each act, made of the act itself by every store alike.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::Hash;
use crate::decide::Revoker;
use crate::store::{
    CaCertificate, CaId, CaRecord, Intent, IssuedCertificate, PublishedList, Registration,
    RegistrationState, Revocation, SerialNumber,
};
use crate::{Suite, UnixTime, hex};

/// Who acts.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Actor {
    /// Whoever runs a command on the data folder and has its passphrase.
    Folder,
    /// Whoever has shown the operator's token.
    Operator,
    /// A bank, by the name of its institution.
    Institution(String),
    /// An end entity, by a message; the registration says which.
    EndEntity,
    /// Whoever decided on a registration: a rule, a bank's system, an operator.
    Decider(String),
    /// The service by itself.
    Service,
    /// Somebody who has shown a token of nobody.
    Stranger,
}

impl From<&Revoker> for Actor {
    fn from(revoker: &Revoker) -> Self {
        match revoker {
            Revoker::Institution { name, .. } => Self::Institution(name.clone()),
            Revoker::Operator => Self::Operator,
        }
    }
}

/// Who acts, and when: what a store is told beside the act.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Acting {
    /// Who.
    pub by: Actor,
    /// The time of the request.
    pub at: UnixTime,
}

impl Acting {
    /// `by` at `at`.
    #[must_use]
    pub const fn new(by: Actor, at: UnixTime) -> Self {
        Self { by, at }
    }
}

/// A line of the log as it is recorded.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AuditLine {
    /// From 0, without gaps.
    pub position: u64,
    /// [`AuditLine::mark`] when it was written: tells which line was changed or moved.
    pub mark: Hash,
    /// The text: [`AuditEntry::to_line`].
    pub text: String,
}

impl AuditLine {
    /// SHA-256 of a position and the hash of the leaf that stands there.
    #[must_use]
    pub fn mark(position: u64, leaf: Hash) -> Hash {
        Hash(
            Sha256::new()
                .chain_update(position.to_be_bytes())
                .chain_update(leaf.0)
                .finalize()
                .into(),
        )
    }
}

/// One entry: what was done or refused. Holds no secret and no PAN.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct AuditEntry {
    /// When, in seconds since 1970.
    pub at: u64,
    /// Who: `folder`, `operator`, `institution NAME`, `decider NAME`,
    /// `end-entity`, `service`, `stranger`.
    pub by: String,
    /// What: `certificate.revoke`.
    pub act: String,
    /// On what and with which parameters; never a list, so that a line stays a line.
    pub of: BTreeMap<String, String>,
    /// `done`, or `refused` with the rule.
    pub outcome: String,
}

impl AuditEntry {
    fn new<const N: usize>(acting: &Acting, act: &str, of: [(&str, String); N]) -> Self {
        let by = match &acting.by {
            Actor::Folder => "folder".to_owned(),
            Actor::Operator => "operator".to_owned(),
            Actor::Decider(name) => format!("decider {name}"),
            Actor::Institution(name) => format!("institution {name}"),
            Actor::EndEntity => "end-entity".to_owned(),
            Actor::Service => "service".to_owned(),
            Actor::Stranger => "stranger".to_owned(),
        };
        Self {
            at: acting.at.as_secs(),
            by,
            act: act.to_owned(),
            of: of.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
            outcome: DONE.to_owned(),
        }
    }

    /// An act that changes no record: a sign-in, a refusal. `of` holds no secret.
    #[must_use]
    pub fn noted<const N: usize>(
        acting: &Acting,
        act: &str,
        of: [(&str, String); N],
        refused: Option<&str>,
    ) -> Self {
        let mut entry = Self::new(acting, act, of);
        if let Some(rule) = refused {
            entry.outcome = format!("refused: {rule}");
        }
        entry
    }

    /// A CA was added to the hierarchy.
    #[must_use]
    pub fn of_ca(acting: &Acting, ca: &CaRecord) -> Self {
        let roles: Vec<String> = ca.roles.iter().map(ToString::to_string).collect();
        let superior = ca.superior.as_ref().map_or_else(String::new, ToString::to_string);
        let of = [("ca", ca.id.to_string()), ("superior", superior), ("roles", roles.join(" "))];
        Self::new(acting, "ca.create", of)
    }

    /// A certificate of a CA was put in force.
    #[must_use]
    pub fn of_ca_certificate(acting: &Acting, ca: &CaId, certificate: &CaCertificate) -> Self {
        let of = [
            ("ca", ca.to_string()),
            ("key_use", certificate.key_use.to_string()),
            ("key", hex(&certificate.key.0)),
            ("sha256", sha256(&certificate.der)),
        ];
        Self::new(acting, "ca.certificate", of)
    }

    /// A serial number was reserved for what is about to be signed.
    #[must_use]
    pub fn of_intent(acting: &Acting, intent: &Intent) -> Self {
        let of = [
            ("issuer", intent.issuer.to_string()),
            ("serial", intent.serial.to_string()),
            ("role", intent.role.to_string()),
            ("key_use", intent.key_use.to_string()),
            ("tbs_sha256", sha256(&intent.tbs)),
        ];
        Self::new(acting, "certificate.intend", of)
    }

    /// A certificate was issued.
    #[must_use]
    pub fn of_issued(acting: &Acting, issued: &IssuedCertificate) -> Self {
        let of = [
            ("issuer", issued.intent.issuer.to_string()),
            ("serial", issued.intent.serial.to_string()),
            ("sha256", sha256(&issued.der)),
        ];
        Self::new(acting, "certificate.issue", of)
    }

    /// A registration stands otherwise than before.
    #[must_use]
    pub fn of_registration(acting: &Acting, registration: &Registration) -> Self {
        let of = [
            ("registration", hex(&registration.lid_ca)),
            ("ca", registration.ca.to_string()),
            ("role", registration.role.to_string()),
            ("brand", registration.brand.clone()),
            ("state", registration.state.name().to_owned()),
            ("revision", registration.revision.saturating_add(1).to_string()),
        ];
        let refused = registration.state == RegistrationState::Refused;
        let rule = registration.refusal.as_deref().filter(|_| refused);
        Self::noted(acting, "registration.record", of, rule)
    }

    /// A certificate was revoked.
    #[must_use]
    pub fn of_revocation(
        acting: &Acting,
        issuer: &CaId,
        serial: &SerialNumber,
        revocation: &Revocation,
    ) -> Self {
        let of = [
            ("issuer", issuer.to_string()),
            ("serial", serial.to_string()),
            ("reason", revocation.reason.name().to_owned()),
        ];
        let mut entry = Self::new(acting, "certificate.revoke", of);
        if let Some(since) = revocation.invalid_since {
            let _ = entry.of.insert("invalid_since".to_owned(), since.to_string());
        }
        entry
    }

    /// A hold was taken back.
    #[must_use]
    pub fn of_release(acting: &Acting, issuer: &CaId, serial: &SerialNumber) -> Self {
        let of = [("issuer", issuer.to_string()), ("serial", serial.to_string())];
        Self::new(acting, "certificate.release", of)
    }

    /// A CRL, delta, shard or BCI was published.
    #[must_use]
    pub fn of_list(acting: &Acting, list: &PublishedList) -> Self {
        let of = [
            ("list", list.list.to_string()),
            ("number", list.number.to_string()),
            ("this_update", list.this_update.to_string()),
        ];
        Self::new(acting, "list.publish", of)
    }

    /// The line that is hashed: JSON, its keys in a fixed order.
    #[must_use]
    pub fn to_line(&self) -> String {
        // Strings and a number: there is nothing that could fail.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Reads a line; none if it is no entry, or not as [`AuditEntry::to_line`] writes it.
    #[must_use]
    pub fn from_line(line: &str) -> Option<Self> {
        let read: Self = serde_json::from_str(line).ok()?;
        (read.to_line() == line).then_some(read)
    }
}

fn sha256(octets: &[u8]) -> String {
    hex(&Suite::Modern.digest(octets))
}

const DONE: &str = "done";
