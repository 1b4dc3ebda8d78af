//! A file of `policies/profiles/<suite>/` and its way into a checked profile.

use std::collections::BTreeSet;

use serde::Deserialize;
use toml::Spanned;

use super::error::PolicyError;
use super::profile_rules::{
    check_ca_flag, check_extensions_allowed, check_extensions_present, check_issued_by,
    check_key_algorithms, check_key_usage, check_key_usage_period, check_path_length,
    check_validity, column_of,
};
use super::source::Source;
use super::statement::{StatementEntry, check_statement};
use super::{
    CertificateProfile, ExtensionKind, ExtensionRule, KeyUsageBits, KeyUse, PolicyStatement,
    Presence, Role,
};
use crate::Suite;

/// A profile that keeps its own rules, and where its values stand.
pub(super) struct ReadProfile<'a> {
    pub(super) profile: CertificateProfile,
    /// What the subject states in the certificates it issues.
    pub(super) statement: Option<PolicyStatement>,
    pub(super) source: Source<'a>,
    pub(super) role_at: usize,
    pub(super) validity_at: usize,
}

/// Reads one profile and checks everything that can be said without the other profiles.
pub(super) fn read_profile(
    source: Source<'_>,
    suite: Suite,
) -> Result<ReadProfile<'_>, PolicyError> {
    let raw: ProfileFile = source.read()?;
    let column = column_of(&raw, &source)?;
    check_issued_by(&raw, &source)?;
    let key_algorithms = check_key_algorithms(&raw, suite, &source)?;
    check_validity(&raw, &source)?;
    let key_usage_period = check_key_usage_period(&raw, &source)?;
    check_key_usage(&raw, suite, &source)?;
    check_ca_flag(&raw, &source)?;
    check_path_length(&raw, &source)?;
    let statement = check_statement(&raw, &source)?;
    check_extensions_allowed(&raw, suite, column, &source)?;
    check_extensions_present(&raw, suite, column, &source)?;
    let profile = CertificateProfile {
        name: file_stem(source.path).to_owned(),
        role: *raw.role.get_ref(),
        key_use: *raw.key_use.get_ref(),
        issued_by: raw.issued_by.get_ref().clone(),
        key_algorithms,
        validity_days: *raw.validity_days.get_ref(),
        key_usage_period,
        key_usage: KeyUsageBits(
            raw.key_usage.get_ref().iter().fold(0, |all, name| all | name.bit()),
        ),
        ca: *raw.ca.get_ref(),
        path_len: raw.path_len.as_ref().map(|path_len| *path_len.get_ref()),
        extensions: raw.extension.iter().map(|entry| entry.get_ref().rule()).collect(),
        statements: Vec::new(),
    };
    let (role_at, validity_at) = (raw.role.span().start, raw.validity_days.span().start);
    Ok(ReadProfile { profile, statement, source, role_at, validity_at })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ProfileFile {
    pub(super) role: Spanned<Role>,
    pub(super) key_use: Spanned<KeyUse>,
    pub(super) issued_by: Spanned<Vec<Role>>,
    pub(super) key_algorithms: Vec<Spanned<String>>,
    pub(super) validity_days: Spanned<u32>,
    pub(super) key_usage_period: Spanned<Period>,
    pub(super) key_usage: Spanned<BTreeSet<KeyUsageName>>,
    pub(super) ca: Spanned<bool>,
    pub(super) path_len: Option<Spanned<u8>>,
    pub(super) policy: Option<Spanned<StatementEntry>>,
    pub(super) extension: Vec<Spanned<ExtensionEntry>>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(untagged, expecting = "expected \"absent\", \"certificate\" or a number of days")]
pub(super) enum Period {
    Days(u32),
    Word(PeriodWord),
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum PeriodWord {
    Absent,
    Certificate,
}

#[derive(Clone, Copy, Deserialize, Eq, Ord, PartialEq, PartialOrd)]
#[serde(rename_all = "camelCase")]
pub(super) enum KeyUsageName {
    DigitalSignature,
    KeyEncipherment,
    DataEncipherment,
    KeyCertSign,
    #[serde(rename = "cRLSign")]
    CrlSign,
}

impl KeyUsageName {
    pub(super) const fn text(self) -> &'static str {
        match self {
            Self::DigitalSignature => "digitalSignature",
            Self::KeyEncipherment => "keyEncipherment",
            Self::DataEncipherment => "dataEncipherment",
            Self::KeyCertSign => "keyCertSign",
            Self::CrlSign => "cRLSign",
        }
    }

    /// RFC 5280 §4.2.1.3.
    const fn bit(self) -> u16 {
        match self {
            Self::DigitalSignature => 1,
            Self::KeyEncipherment => 1 << 2,
            Self::DataEncipherment => 1 << 3,
            Self::KeyCertSign => 1 << 5,
            Self::CrlSign => 1 << 6,
        }
    }
}

#[derive(Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ExtensionEntry {
    pub(super) name: ExtensionKind,
    pub(super) presence: Presence,
    pub(super) critical: bool,
}

impl ExtensionEntry {
    const fn rule(self) -> ExtensionRule {
        ExtensionRule { kind: self.name, presence: self.presence, critical: self.critical }
    }
}

/// `policies/profiles/modern/rca.toml` → `rca`.
fn file_stem(path: &str) -> &str {
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    name.strip_suffix(".toml").unwrap_or(name)
}
