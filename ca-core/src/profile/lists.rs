//! Life of CRLs, brand CRL identifiers and OCSP answers: `policies/lists.toml`.

use serde::Deserialize;
use toml::Spanned;

use super::Role;
use super::division::{Division, DivisionKeys, read_division};
use super::error::{PolicyError, RENEWAL};
use super::source::Source;
use crate::Suite;

/// How long each signed list lives.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ListRules {
    /// The brand CRL identifier, notBefore to notAfter.
    pub bci: ListRule,
    /// An OCSP answer, thisUpdate to nextUpdate, in seconds.
    pub ocsp_answer_secs: u64,
    /// A responder certificate is renewed this many seconds before it ends.
    pub ocsp_responder_renew_before_secs: u64,
    rca: CrlRule,
    bca: CrlRule,
    gca: CrlRule,
    cca: CrlRule,
    mca: CrlRule,
    pca: CrlRule,
}

impl ListRules {
    /// The rule for the CRLs of a CA of this role.
    ///
    /// Roles that issue no CRL get that of a CCA: a total function spares the callers a case that
    /// the hierarchy cannot produce.
    #[must_use]
    pub const fn crl(&self, issuer: Role) -> ListRule {
        self.of(issuer).list
    }

    /// What a CA of this role publishes beside its complete CRL.
    #[must_use]
    pub const fn division(&self, issuer: Role) -> Division {
        self.of(issuer).division
    }

    /// True if the lists of a CA of this role follow each revocation at once.
    #[must_use]
    pub const fn at_once(&self, issuer: Role) -> bool {
        self.of(issuer).at_once
    }

    const fn of(&self, issuer: Role) -> CrlRule {
        match issuer {
            Role::Rca => self.rca,
            Role::Bca => self.bca,
            Role::Gca => self.gca,
            Role::Mca => self.mca,
            Role::Pca => self.pca,
            Role::Cca | Role::Cardholder | Role::Merchant | Role::Gateway | Role::Ocsp => self.cca,
        }
    }
}

/// Life of one kind of list.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ListRule {
    /// thisUpdate to nextUpdate, in seconds.
    pub lifetime_secs: u64,
    /// The next list is made this many seconds before nextUpdate; less than the lifetime.
    pub renew_before_secs: u64,
}

/// The lists of the CAs of one role.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct CrlRule {
    list: ListRule,
    division: Division,
    at_once: bool,
}

/// Reads `lists.toml`; `responder_days` is the life of a responder certificate.
pub(super) fn read_lists(
    source: Source<'_>,
    suite: Suite,
    responder_days: Option<u32>,
) -> Result<ListRules, PolicyError> {
    let raw: ListsFile = source.read()?;
    check_ocsp(&raw.ocsp, responder_days, &source)?;
    let crl = |role, entry: &CrlEntry| read_crl(role, entry, suite, &source);
    Ok(ListRules {
        bci: read_rule(raw.bci.lifetime_days, &raw.bci.renew_before_days, &source)?,
        ocsp_answer_secs: u64::from(*raw.ocsp.answer_hours.get_ref()) * HOUR,
        ocsp_responder_renew_before_secs: u64::from(
            *raw.ocsp.responder_renew_before_days.get_ref(),
        ) * DAY,
        rca: crl(Role::Rca, &raw.crl.rca)?,
        bca: crl(Role::Bca, &raw.crl.bca)?,
        gca: crl(Role::Gca, &raw.crl.gca)?,
        cca: crl(Role::Cca, &raw.crl.cca)?,
        mca: crl(Role::Mca, &raw.crl.mca)?,
        pca: crl(Role::Pca, &raw.crl.pca)?,
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ListsFile {
    crl: CrlTable,
    bci: ListEntry,
    ocsp: OcspEntry,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CrlTable {
    rca: CrlEntry,
    bca: CrlEntry,
    gca: CrlEntry,
    cca: CrlEntry,
    mca: CrlEntry,
    pca: CrlEntry,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ListEntry {
    lifetime_days: u16,
    renew_before_days: Spanned<u16>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CrlEntry {
    lifetime_days: u16,
    renew_before_days: Spanned<u16>,
    shards: Option<Spanned<u16>>,
    delta_hours: Option<Spanned<u16>>,
    delta_base_days: Option<Spanned<u16>>,
    at_once: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OcspEntry {
    answer_hours: Spanned<u16>,
    responder_renew_before_days: Spanned<u32>,
}

fn read_crl(
    role: Role,
    entry: &CrlEntry,
    suite: Suite,
    source: &Source<'_>,
) -> Result<CrlRule, PolicyError> {
    let keys = DivisionKeys {
        shards: entry.shards.as_ref(),
        delta_hours: entry.delta_hours.as_ref(),
        delta_base_days: entry.delta_base_days.as_ref(),
        lifetime_days: entry.lifetime_days,
    };
    Ok(CrlRule {
        list: read_rule(entry.lifetime_days, &entry.renew_before_days, source)?,
        division: read_division(role, &keys, suite, source)?,
        // Whoever revokes wants it known.
        at_once: entry.at_once.unwrap_or(true),
    })
}

/// A list that is renewed before it begins would be made again and again.
fn read_rule(
    life: u16,
    renew_before: &Spanned<u16>,
    source: &Source<'_>,
) -> Result<ListRule, PolicyError> {
    let before = *renew_before.get_ref();
    if before >= life {
        let message = format!("{before} days, but the list lives {life}; write less");
        return Err(source.refuse(renew_before, RENEWAL, message));
    }
    Ok(ListRule {
        lifetime_secs: u64::from(life) * DAY,
        renew_before_secs: u64::from(before) * DAY,
    })
}

fn check_ocsp(
    entry: &OcspEntry,
    responder_days: Option<u32>,
    source: &Source<'_>,
) -> Result<(), PolicyError> {
    if *entry.answer_hours.get_ref() == 0 {
        let message = "an OCSP answer lives at least an hour";
        return Err(source.refuse(&entry.answer_hours, RENEWAL, message));
    }
    let before = *entry.responder_renew_before_days.get_ref();
    match responder_days {
        Some(life) if before >= life => {
            let message = format!("{before} days, but a responder certificate lives {life}");
            Err(source.refuse(&entry.responder_renew_before_days, RENEWAL, message))
        }
        _ => Ok(()),
    }
}

pub(super) const HOUR: u64 = 3_600;
pub(super) const DAY: u64 = 86_400;
