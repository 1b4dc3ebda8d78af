//! The rules that the files of `policies/` must keep together, one function each.

use super::brand::{BrandRules, ReadBrand, TEMPLATE};
use super::error::{
    ACCOUNT_LENGTH, DUPLICATE_BRAND, DUPLICATE_FORM, DUPLICATE_PROFILE, FORM_LANGUAGE,
    FORM_OVERLAP, MISSING_PROFILE, OUTLIVES_ISSUER, PolicyError,
};
use super::form::RegistrationForm;
use super::form_file::ReadForm;
use super::matrix::Column;
use super::profile_file::ReadProfile;
use super::source::Source;
use super::{CertificateProfile, KeyUsagePeriod, KeyUse, PolicyStatement, Role};
use crate::Suite;
use crate::signer::KeyAlgorithm;

pub(super) fn find_profile<'a, 'b>(
    profiles: &'a [ReadProfile<'b>],
    role: Role,
    key_use: KeyUse,
) -> Option<&'a ReadProfile<'b>> {
    profiles.iter().find(|found| found.profile.role == role && found.profile.key_use == key_use)
}

pub(super) fn check_duplicate_profiles(profiles: &[ReadProfile<'_>]) -> Result<(), PolicyError> {
    for (index, found) in profiles.iter().enumerate() {
        let (role, key_use) = (found.profile.role, found.profile.key_use);
        let earlier = profiles.iter().take(index);
        if let Some(first) =
            earlier.into_iter().find(|p| p.profile.role == role && p.profile.key_use == key_use)
        {
            let message = format!("{role} {key_use} is described in {}", first.source.path);
            return Err(found.source.refuse_at(found.role_at, DUPLICATE_PROFILE, message));
        }
    }
    Ok(())
}

/// set-certificates.md §1.2, §10.5: responders are off by default in `set-1997`.
pub(super) fn check_missing_profiles(
    profiles: &[ReadProfile<'_>],
    suite: Suite,
    folder: &str,
) -> Result<(), PolicyError> {
    for (role, key_use) in every_certificate() {
        let needed = suite == Suite::Modern || role != Role::Ocsp;
        if needed && find_profile(profiles, role, key_use).is_none() {
            // The names of the shipped files: the root and the responder have one key each.
            let name = match role {
                Role::Rca | Role::Ocsp => role.to_string(),
                _ => format!("{role}-{key_use}"),
            };
            let path = format!("{folder}profiles/{suite}/{name}.toml");
            let message = format!("no profile for role = \"{role}\", key_use = \"{key_use}\"");
            return Err(Source { path: &path, text: "" }.refuse_file(MISSING_PROFILE, message));
        }
    }
    Ok(())
}

/// Every certificate of the hierarchy.
fn every_certificate() -> impl Iterator<Item = (Role, KeyUse)> {
    let pairs = Role::ALL.into_iter().flat_map(|role| KEY_USES.map(|key_use| (role, key_use)));
    pairs.filter(|(role, key_use)| Column::of(*role, *key_use).is_some())
}

/// set-certificates.md §1.4: lifetime(issuer) >= its usage period + longest child lifetime.
pub(super) fn check_outlives_issuer(profiles: &[ReadProfile<'_>]) -> Result<(), PolicyError> {
    for child in profiles {
        let issuers = child.profile.issued_by.iter().filter(|role| **role != child.profile.role);
        for role in issuers {
            let Some(issuer) = find_profile(profiles, *role, KeyUse::CertificateSigning) else {
                continue;
            };
            let (life, days) = (issuer.profile.validity_days, child.profile.validity_days);
            let signs = match issuer.profile.key_usage_period {
                KeyUsagePeriod::Absent => 0,
                KeyUsagePeriod::Certificate => life,
                KeyUsagePeriod::Days(days) => days,
            };
            if signs.saturating_add(days) > life {
                let message = format!(
                    "{days} days, but a {role} lives {life} and signs for {signs}; write at most \
                     {} here, or let the {role} live longer",
                    life.saturating_sub(signs)
                );
                return Err(child.source.refuse_at(child.validity_at, OUTLIVES_ISSUER, message));
            }
        }
    }
    Ok(())
}

/// set-certificates.md §3.5: gives each profile what its issuers state.
pub(super) fn with_statements(profiles: Vec<ReadProfile<'_>>) -> Vec<CertificateProfile> {
    let stated: Vec<(Role, PolicyStatement)> = profiles
        .iter()
        .filter_map(|found| Some((found.profile.role, found.statement.clone()?)))
        .collect();
    let give = |found: ReadProfile<'_>| {
        let issued_by = &found.profile.issued_by;
        let of_issuers = stated.iter().filter(|(role, _)| issued_by.contains(role));
        let statements = of_issuers.cloned().collect();
        CertificateProfile { statements, ..found.profile }
    };
    profiles.into_iter().map(give).collect()
}

pub(super) fn check_duplicate_brands(
    brands: Vec<ReadBrand<'_>>,
) -> Result<Vec<BrandRules>, PolicyError> {
    let mut kept: Vec<BrandRules> = Vec::new();
    for found in brands {
        if kept.iter().any(|brand| brand.name == found.brand.name) {
            let message = format!("brand `{}` has an entry already", found.brand.name);
            return Err(found.source.refuse_at(found.name_at, DUPLICATE_BRAND, message));
        }
        kept.push(found.brand);
    }
    Ok(kept)
}

pub(super) fn check_duplicate_forms(forms: &[ReadForm<'_>]) -> Result<(), PolicyError> {
    for (index, found) in forms.iter().enumerate() {
        if let Some(first) = forms.iter().take(index).find(|f| f.form.id == found.form.id) {
            let message = format!("id {} is taken by {}", found.form.id, first.source.path);
            return Err(found.source.refuse_at(found.id_at, DUPLICATE_FORM, message));
        }
    }
    Ok(())
}

/// Two forms of the same precedence must not serve one request.
pub(super) fn check_form_overlap(forms: &[ReadForm<'_>]) -> Result<(), PolicyError> {
    for (index, found) in forms.iter().enumerate() {
        let rival = forms.iter().take(index).find(|other| overlap(&found.form, &other.form));
        if let Some(rival) = rival {
            let message = format!(
                "serves requests that form {} in {} serves; give them other BINs or request types",
                rival.form.id, rival.source.path
            );
            return Err(found.source.refuse_at(found.id_at, FORM_OVERLAP, message));
        }
    }
    Ok(())
}

fn overlap(one: &RegistrationForm, other: &RegistrationForm) -> bool {
    let bins = one.ranges().iter().any(|a| other.ranges().iter().any(|b| a.overlaps(*b)));
    let types = one.request_types.iter().any(|number| other.request_types.contains(number));
    one.brand == other.brand
        && one.role == other.role
        && one.precedence() == other.precedence()
        && bins
        && types
}

/// set-crypto.md §2.5: the account travels in the key block, which is short under a short key.
pub(super) fn check_account_lengths(
    forms: &[ReadForm<'_>],
    profiles: &[ReadProfile<'_>],
) -> Result<(), PolicyError> {
    for found in forms {
        let ca = if found.form.role == Role::Gateway { Role::Pca } else { Role::Mca };
        let profile = find_profile(profiles, ca, KeyUse::Encryption);
        let keys = profile.map_or(&[][..], |found| &found.profile.key_algorithms);
        let accounts = found.form.texts.iter().filter_map(|text| text.account.as_ref());
        let longest = accounts.map(|account| account.max_len).max().unwrap_or_default();
        if short_block(keys) && longest > MAX_ACCOUNT_SHORT {
            let message = format!(
                "{longest}; a {ca} may hold an encryption key below 1536 bits, write 1 to \
                 {MAX_ACCOUNT_SHORT}"
            );
            return Err(found.source.refuse_at(found.account_at, ACCOUNT_LENGTH, message));
        }
    }
    Ok(())
}

fn short_block(keys: &[KeyAlgorithm]) -> bool {
    keys.iter().any(|key| matches!(key, KeyAlgorithm::Rsa(bits) if *bits < 1536))
}

/// set-messages.md §4.4: an unserved language falls back to the brand's default, so that must be
/// there.
pub(super) fn check_form_languages(
    forms: &[ReadForm<'_>],
    brands: &[BrandRules],
) -> Result<(), PolicyError> {
    let named = |name: &str| brands.iter().find(|brand| brand.name == name);
    for found in forms {
        let own = named(&found.form.brand).or_else(|| named(TEMPLATE));
        let served = brands.iter().filter(|_| found.form.brand == TEMPLATE).chain(own);
        for brand in served {
            if found.form.text(&brand.default_language).is_none() {
                let message = format!(
                    "has no [text.{}], the default language of brand `{}`",
                    brand.default_language, brand.name
                );
                return Err(found.source.refuse_at(found.id_at, FORM_LANGUAGE, message));
            }
        }
    }
    Ok(())
}

/// set-messages.md §1.5.
const MAX_ACCOUNT_SHORT: u16 = 66;
const KEY_USES: [KeyUse; 4] =
    [KeyUse::CertificateSigning, KeyUse::Encryption, KeyUse::MessageSignature, KeyUse::OcspSigning];

#[cfg(test)]
mod tests {
    use super::*;

    /// set-messages.md §1.5: 66 with a 1024-bit CA key, 74 from 1536 bits.
    #[test]
    fn a_key_block_is_short_below_1536_bits() {
        assert!(short_block(&[KeyAlgorithm::Rsa(2048), KeyAlgorithm::Rsa(1024)]));
        assert!(!short_block(&[KeyAlgorithm::Rsa(1536), KeyAlgorithm::Rsa(3072)]));
        assert!(!short_block(&[]));
    }
}
