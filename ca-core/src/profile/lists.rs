//! Life of CRLs, brand CRL identifiers and OCSP answers: `policies/lists.toml`.

use serde::Deserialize;
use toml::Spanned;

use super::Role;
use super::error::{PolicyError, RENEWAL};
use super::source::Source;

/// How long each signed list lives.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ListRules {
    /// The brand CRL identifier, notBefore to notAfter.
    pub bci: ListRule,
    /// An OCSP answer, thisUpdate to nextUpdate, in seconds.
    pub ocsp_answer_secs: u64,
    /// A responder certificate is renewed this many seconds before it ends.
    pub ocsp_responder_renew_before_secs: u64,
    rca: ListRule,
    bca: ListRule,
    gca: ListRule,
    cca: ListRule,
    mca: ListRule,
    pca: ListRule,
}

impl ListRules {
    /// The rule for the CRLs of a CA of this role.
    ///
    /// Roles that issue no CRL get that of a CCA: a total function spares the callers a case that
    /// the hierarchy cannot produce.
    #[must_use]
    pub const fn crl(&self, issuer: Role) -> ListRule {
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

/// Reads `lists.toml`; `responder_days` is the life of a responder certificate.
pub(super) fn read_lists(
    source: Source<'_>,
    responder_days: Option<u32>,
) -> Result<ListRules, PolicyError> {
    let raw: ListsFile = source.read()?;
    check_ocsp(&raw.ocsp, responder_days, &source)?;
    Ok(ListRules {
        bci: read_rule(&raw.bci, &source)?,
        ocsp_answer_secs: u64::from(*raw.ocsp.answer_hours.get_ref()) * HOUR,
        ocsp_responder_renew_before_secs: u64::from(
            *raw.ocsp.responder_renew_before_days.get_ref(),
        ) * DAY,
        rca: read_rule(&raw.crl.rca, &source)?,
        bca: read_rule(&raw.crl.bca, &source)?,
        gca: read_rule(&raw.crl.gca, &source)?,
        cca: read_rule(&raw.crl.cca, &source)?,
        mca: read_rule(&raw.crl.mca, &source)?,
        pca: read_rule(&raw.crl.pca, &source)?,
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
    rca: ListEntry,
    bca: ListEntry,
    gca: ListEntry,
    cca: ListEntry,
    mca: ListEntry,
    pca: ListEntry,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ListEntry {
    lifetime_days: u16,
    renew_before_days: Spanned<u16>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OcspEntry {
    answer_hours: Spanned<u16>,
    responder_renew_before_days: Spanned<u32>,
}

/// A list that is renewed before it begins would be made again and again.
fn read_rule(entry: &ListEntry, source: &Source<'_>) -> Result<ListRule, PolicyError> {
    let (life, before) = (entry.lifetime_days, *entry.renew_before_days.get_ref());
    if before >= life {
        let message = format!("{before} days, but the list lives {life}; write less");
        return Err(source.refuse(&entry.renew_before_days, RENEWAL, message));
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

const HOUR: u64 = 3_600;
const DAY: u64 = 86_400;
