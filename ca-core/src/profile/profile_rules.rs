//! The rules that one certificate profile must keep by itself, one function each.

use core::ops::RangeInclusive;
use std::collections::BTreeSet;

use super::error::{
    CA_FLAG, CRITICALITY, DUPLICATE_EXTENSION, FORBIDDEN_EXTENSION, ISSUED_BY, KEY_ALGORITHM,
    KEY_USAGE, PATH_LENGTH, PERIOD_BEYOND_CERTIFICATE, PERIOD_BEYOND_YEAR, PERIOD_FORBIDDEN,
    PERIOD_MISSING, PolicyError, REQUIRED_EXTENSION, ROLE_AND_USE, VALIDITY,
};
use super::matrix::{self, Cell, Column};
use super::profile_file::{ExtensionEntry, KeyUsageName, Period, PeriodWord, ProfileFile};
use super::source::Source;
use super::{KeyUsagePeriod, KeyUse, Presence, Role};
use crate::Suite;
use crate::signer::KeyAlgorithm;

/// set-certificates.md §1.2: which entity holds a key of which use.
pub(super) fn column_of(raw: &ProfileFile, source: &Source<'_>) -> Result<Column, PolicyError> {
    let (role, key_use) = (*raw.role.get_ref(), *raw.key_use.get_ref());
    Column::of(role, key_use).ok_or_else(|| {
        let message = format!("a {role} has no {key_use} certificate");
        source.refuse(&raw.key_use, ROLE_AND_USE, message)
    })
}

/// set-certificates.md §5.1.
pub(super) fn check_issued_by(raw: &ProfileFile, source: &Source<'_>) -> Result<(), PolicyError> {
    let (role, issuers) = (*raw.role.get_ref(), raw.issued_by.get_ref());
    if let Some(issuer) = issuers.iter().find(|issuer| !issuer.may_issue(role)) {
        let message = format!("a {issuer} may not certify a {role}");
        return Err(source.refuse(&raw.issued_by, ISSUED_BY, message));
    }
    if issuers.is_empty() {
        let message = format!("nobody certifies a {role}; name at least one role");
        return Err(source.refuse(&raw.issued_by, ISSUED_BY, message));
    }
    Ok(())
}

/// set-certificates.md §10.2: RSA-3072 or more; EC and Ed25519 for keys that only sign. `set-1997`
/// knows RSA alone (§1.3).
pub(super) fn check_key_algorithms(
    raw: &ProfileFile,
    suite: Suite,
    source: &Source<'_>,
) -> Result<Vec<KeyAlgorithm>, PolicyError> {
    let key_use = *raw.key_use.get_ref();
    let mut accepted = Vec::new();
    for name in &raw.key_algorithms {
        let algorithm = name.get_ref().parse::<KeyAlgorithm>().map_err(|_| {
            let message = format!("`{}` is none of {KNOWN_KEYS}", name.get_ref());
            source.refuse(name, KEY_ALGORITHM, message)
        })?;
        if let Some(wanted) = key_objection(algorithm, key_use, suite) {
            return Err(source.refuse(name, KEY_ALGORITHM, format!("{algorithm}: {wanted}")));
        }
        accepted.push(algorithm);
    }
    if accepted.is_empty() {
        let message = format!("key_algorithms is empty; name at least one of {KNOWN_KEYS}");
        return Err(source.refuse(&raw.key_use, KEY_ALGORITHM, message));
    }
    Ok(accepted)
}

/// What speaks against a key of this kind for this use.
fn key_objection(algorithm: KeyAlgorithm, key_use: KeyUse, suite: Suite) -> Option<&'static str> {
    match (suite, algorithm) {
        (Suite::Modern, KeyAlgorithm::Rsa(bits)) => (!MODERN_RSA_BITS.contains(&bits))
            .then_some("suite modern takes RSA keys of 3072 to 8192 bits"),
        (Suite::Set1997, KeyAlgorithm::Rsa(bits)) => (!SET_RSA_BITS.contains(&bits))
            .then_some("suite set-1997 takes RSA keys of 1024 to 2048 bits"),
        (Suite::Set1997, _) => Some("suite set-1997 knows only RSA"),
        (Suite::Modern, _) if key_use == KeyUse::Encryption => {
            Some("such a key cannot encrypt; write rsa-3072")
        }
        // decisions.md 28: SET messages and certificates are signed with SHA-256.
        (Suite::Modern, KeyAlgorithm::EcP384) if key_use != KeyUse::OcspSigning => {
            Some("P-384 is for OCSP responders; write ec-p256")
        }
        (Suite::Modern, _) => None,
    }
}

/// RFC 5280 §4.1.2.5: notAfter does not lie before notBefore; the upper end keeps it a date.
pub(super) fn check_validity(raw: &ProfileFile, source: &Source<'_>) -> Result<(), PolicyError> {
    let days = *raw.validity_days.get_ref();
    if days == 0 || days > MAX_VALIDITY_DAYS {
        let message = format!("{days} days; write 1 to {MAX_VALIDITY_DAYS}");
        return Err(source.refuse(&raw.validity_days, VALIDITY, message));
    }
    Ok(())
}

/// set-certificates.md §1.4, §3.4.
pub(super) fn check_key_usage_period(
    raw: &ProfileFile,
    source: &Source<'_>,
) -> Result<KeyUsagePeriod, PolicyError> {
    let at = &raw.key_usage_period;
    let (role, key_use) = (*raw.role.get_ref(), *raw.key_use.get_ref());
    let validity = *raw.validity_days.get_ref();
    let (period, days) = match *at.get_ref() {
        Period::Word(PeriodWord::Absent) => (KeyUsagePeriod::Absent, 0),
        Period::Word(PeriodWord::Certificate) => (KeyUsagePeriod::Certificate, validity),
        Period::Days(days) => (KeyUsagePeriod::Days(days), days),
    };
    let signs = matches!(key_use, KeyUse::CertificateSigning | KeyUse::MessageSignature);
    match (signs, days) {
        (false, 0) if period == KeyUsagePeriod::Absent => return Ok(period),
        (false, _) => {
            let message = format!("a key for {key_use} has no usage period; write \"absent\"");
            return Err(source.refuse(at, PERIOD_FORBIDDEN, message));
        }
        (true, 0) => {
            let message = format!("a key for {key_use} needs a usage period of at least a day");
            return Err(source.refuse(at, PERIOD_MISSING, message));
        }
        (true, _) => {}
    }
    if days > validity {
        let message = format!("{days} days, but the certificate lives {validity}");
        return Err(source.refuse(at, PERIOD_BEYOND_CERTIFICATE, message));
    }
    if role.is_ca() && days > YEAR {
        let message = format!("{days} days; a CA key is used for {YEAR} at most");
        return Err(source.refuse(at, PERIOD_BEYOND_YEAR, message));
    }
    Ok(period)
}

/// set-certificates.md §3.3; §10.5: in `modern` every CA that issues certificates issues CRLs.
pub(super) fn check_key_usage(
    raw: &ProfileFile,
    suite: Suite,
    source: &Source<'_>,
) -> Result<(), PolicyError> {
    use KeyUsageName::{CrlSign, DataEncipherment, DigitalSignature, KeyCertSign, KeyEncipherment};
    let key_use = *raw.key_use.get_ref();
    let wanted: &[KeyUsageName] = match key_use {
        KeyUse::CertificateSigning => &[KeyCertSign, CrlSign],
        KeyUse::Encryption => &[KeyEncipherment, DataEncipherment],
        KeyUse::MessageSignature | KeyUse::OcspSigning => &[DigitalSignature],
    };
    let found = raw.key_usage.get_ref();
    // §1.1: in `set-1997` a CCA or MCA has no CRL unless its profile says so.
    let without_crls = suite == Suite::Set1997
        && key_use == KeyUse::CertificateSigning
        && matches!(raw.role.get_ref(), Role::Cca | Role::Mca)
        && found.iter().eq(&[KeyCertSign]);
    if found.iter().eq(wanted) || without_crls {
        return Ok(());
    }
    let names: Vec<&str> = wanted.iter().map(|name| name.text()).collect();
    let message = format!("a key for {key_use} has {}", names.join(" and "));
    Err(source.refuse(&raw.key_usage, KEY_USAGE, message))
}

/// set-certificates.md §3.6: cA stands where the key signs certificates, nowhere else.
pub(super) fn check_ca_flag(raw: &ProfileFile, source: &Source<'_>) -> Result<(), PolicyError> {
    let key_use = *raw.key_use.get_ref();
    let wanted = key_use == KeyUse::CertificateSigning;
    if *raw.ca.get_ref() != wanted {
        let message = format!("write ca = {wanted} for a key for {key_use}");
        return Err(source.refuse(&raw.ca, CA_FLAG, message));
    }
    Ok(())
}

/// set-certificates.md §3.6: one fixed pathLenConstraint per level.
pub(super) fn check_path_length(raw: &ProfileFile, source: &Source<'_>) -> Result<(), PolicyError> {
    let role = *raw.role.get_ref();
    let wanted = if *raw.ca.get_ref() { path_length(role) } else { None };
    let found = raw.path_len.as_ref().map(|path_len| *path_len.get_ref());
    if found == wanted {
        return Ok(());
    }
    let message = match wanted {
        Some(wanted) => format!("write path_len = {wanted} for a {role}"),
        None => "path_len stands only where ca = true; leave it out".to_owned(),
    };
    let at = raw.path_len.as_ref().map_or(raw.ca.span().start, |path_len| path_len.span().start);
    Err(source.refuse_at(at, PATH_LENGTH, message))
}

/// No extension that the matrix forbids, none twice, none with another criticality.
pub(super) fn check_extensions_allowed(
    raw: &ProfileFile,
    suite: Suite,
    column: Column,
    source: &Source<'_>,
) -> Result<(), PolicyError> {
    let mut seen = BTreeSet::new();
    for entry in &raw.extension {
        let ExtensionEntry { name: kind, critical, .. } = *entry.get_ref();
        if matrix::cell(suite, column, kind) == Cell::Forbidden {
            let message = format!("{} may not stand in this certificate", kind.name());
            return Err(source.refuse(entry, FORBIDDEN_EXTENSION, message));
        }
        if !seen.insert(kind) {
            let message = format!("{} stands here for the second time", kind.name());
            return Err(source.refuse(entry, DUPLICATE_EXTENSION, message));
        }
        let wanted = matrix::critical(kind);
        if critical != wanted {
            let message = format!("write critical = {wanted} for {}", kind.name());
            return Err(source.refuse(entry, CRITICALITY, message));
        }
    }
    Ok(())
}

/// Every extension that the matrix requires, and as a required one.
pub(super) fn check_extensions_present(
    raw: &ProfileFile,
    suite: Suite,
    column: Column,
    source: &Source<'_>,
) -> Result<(), PolicyError> {
    for kind in matrix::required(suite, column) {
        match raw.extension.iter().find(|entry| entry.get_ref().name == kind) {
            Some(entry) if entry.get_ref().presence == Presence::Required => {}
            Some(entry) => {
                let message = format!("write presence = \"required\" for {}", kind.name());
                return Err(source.refuse(entry, REQUIRED_EXTENSION, message));
            }
            None => {
                let message = format!("{} is missing from `extension`", kind.name());
                return Err(source.refuse(&raw.role, REQUIRED_EXTENSION, message));
            }
        }
    }
    Ok(())
}

/// pathLenConstraint of each level, whether or not there is a geo-political CA (SETCo test
/// hierarchy of 2000).
const fn path_length(role: Role) -> Option<u8> {
    match role {
        Role::Rca => Some(3),
        Role::Bca => Some(2),
        Role::Gca => Some(1),
        Role::Cca | Role::Mca | Role::Pca => Some(0),
        Role::Cardholder | Role::Merchant | Role::Gateway | Role::Ocsp => None,
    }
}

const KNOWN_KEYS: &str = "rsa-3072, rsa-4096, ec-p256, ec-p384, ed25519";
/// set-crypto.md §8: security strength 128; beyond 8192 bits common software does not verify.
const MODERN_RSA_BITS: RangeInclusive<u16> = 3072..=8192;
/// set-certificates.md §1.3 [R].
const SET_RSA_BITS: RangeInclusive<u16> = 1024..=2048;
/// A CA key is used for one year at most (set-certificates.md §1.4), a leap year included.
const YEAR: u32 = 366;
/// Fifty years: more is a slip of the pen.
const MAX_VALIDITY_DAYS: u32 = 18_263;
