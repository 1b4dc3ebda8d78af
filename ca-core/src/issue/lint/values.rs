//! Checks of the extensions of a certificate. "§" is spec `set-certificates.md`.

use super::{Subject, profile_name};
use crate::Suite;
use crate::issue::extensions::oid_of;
use crate::profile::{ExtensionKind, KeyUsagePeriod, Presence, Role};
use crate::signer::KeyId;
use crate::wire::extensions::{
    AuthorityKeyIdentifier, BasicConstraints, CardCertRequired, CertificateType,
    CrlDistributionPoints, DistributionPoint, ExtendedKeyUsage, ExtensionValue, FreshestCrl,
    HashedRootKey, KeyUsage, LocationName, MerchantData, OcspNoCheck, PrivateKeyUsagePeriod,
    SetExtensions, SetPolicy, SubjectKeyIdentifier, Tunneling,
};
use crate::wire::oids;

/// §3.11 as the profile has it: what is required is there, nothing else is, nothing twice.
pub(super) fn check_extension_matrix(subject: &Subject<'_>) -> Result<(), String> {
    let rules = &subject.ordered.profile.extensions;
    let mut seen = Vec::new();
    for extension in subject.tbs.extensions().into_iter().flatten() {
        let oid = extension.extn_id;
        if seen.contains(&oid) {
            return Err(format!("extension {oid} stands there twice"));
        }
        if !rules.iter().any(|rule| oid_of(rule.kind) == oid) {
            return Err(format!("profile {} has no extension {oid}", profile_name(subject)));
        }
        seen.push(oid);
    }
    let missing = rules
        .iter()
        .find(|rule| rule.presence == Presence::Required && !seen.contains(&oid_of(rule.kind)));
    match missing {
        Some(rule) => Err(format!("{:?} is required and absent", rule.kind)),
        None => Ok(()),
    }
}

/// §3.1.
pub(super) fn check_criticality(subject: &Subject<'_>) -> Result<(), String> {
    for rule in &subject.ordered.profile.extensions {
        let mut all = subject.tbs.extensions().into_iter().flatten();
        let found = all.find(|extension| extension.extn_id == oid_of(rule.kind));
        if let Some(extension) = found
            && extension.critical != rule.critical
        {
            return Err(format!("{:?} is critical: {}", rule.kind, extension.critical));
        }
    }
    Ok(())
}

/// §3.3.
pub(super) fn check_key_usage(subject: &Subject<'_>) -> Result<(), String> {
    let expected = subject.ordered.profile.key_usage;
    match subject.value::<KeyUsage>()? {
        Some(KeyUsage(bits)) if bits == expected => Ok(()),
        Some(KeyUsage(bits)) => {
            Err(format!("key usage bits are {:#b}, not {:#b}", bits.0, expected.0))
        }
        None => Err("key usage is absent".to_owned()),
    }
}

/// §3.6.
pub(super) fn check_basic_constraints(subject: &Subject<'_>) -> Result<(), String> {
    let profile = subject.ordered.profile;
    let path_len = profile.path_len.filter(|_| profile.ca).map(u32::from);
    let expected = BasicConstraints { ca: profile.ca, path_len };
    match subject.value::<BasicConstraints>()? {
        Some(found) if found == expected => Ok(()),
        found => Err(format!("basic constraints are {found:?}, not {expected:?}")),
    }
}

/// RFC 5280 §4.2.1.9: a CA below another has less path length left, and its issuer is a CA.
pub(super) fn check_path_length(subject: &Subject<'_>) -> Result<(), String> {
    let Some(issuer) = subject.ordered.issuer else { return Ok(()) };
    let constraints = BasicConstraints::find(issuer).map_err(|error| error.to_string())?;
    let Some(BasicConstraints { ca: true, path_len }) = constraints else {
        return Err("the issuer is not a CA".to_owned());
    };
    let own = subject.value::<BasicConstraints>()?.filter(|own| own.ca);
    match (own.map(|own| own.path_len.unwrap_or(u32::MAX)), path_len) {
        (Some(own), Some(left)) if own >= left => {
            Err(format!("path length {own} does not fit below the issuer's {left}"))
        }
        _ => Ok(()),
    }
}

/// §3.8, §10.5: the roles ordered, nothing in a responder's certificate.
pub(super) fn check_certificate_type(subject: &Subject<'_>) -> Result<(), String> {
    let expected = CertificateType::of(subject.ordered.roles);
    let found = subject.value::<CertificateType>()?;
    let responder = subject.ordered.roles == [Role::Ocsp];
    if found == expected && (found.is_some() || responder) {
        Ok(())
    } else {
        let roles = found.map(CertificateType::roles);
        Err(format!("certificate type is {roles:?}, ordered {:?}", subject.ordered.roles))
    }
}

/// §3.4, §1.4: both fields, as the profile says; absent for encryption keys.
pub(super) fn check_private_key_usage_period(subject: &Subject<'_>) -> Result<(), String> {
    let (first, last) = (subject.not_before(), subject.not_after());
    let until = match subject.ordered.profile.key_usage_period {
        KeyUsagePeriod::Absent => None,
        KeyUsagePeriod::Certificate => Some(last),
        KeyUsagePeriod::Days(days) => Some(first.plus_days(days).min(last)),
    };
    let expected = until
        .map(|until| PrivateKeyUsagePeriod { not_before: Some(first), not_after: Some(until) });
    match subject.value::<PrivateKeyUsagePeriod>()? {
        found if found == expected => Ok(()),
        found => Err(format!("key usage period is {found:?}, not {expected:?}")),
    }
}

/// §3.2, §10.5: issuer and serial number of the issuer's certificate; `modern` also its key.
pub(super) fn check_authority_key_identifier(subject: &Subject<'_>) -> Result<(), String> {
    let found = subject.value::<AuthorityKeyIdentifier>()?;
    let suite = subject.ordered.suite;
    let expected =
        subject.ordered.issuer.map(|issuer| AuthorityKeyIdentifier::naming(issuer, suite));
    if found != expected {
        return Err("authority key identifier does not name the issuer's certificate".to_owned());
    }
    match expected {
        Some(named) if suite == Suite::Modern && named.key_identifier.is_none() => {
            Err("the issuer has no subject key identifier to name".to_owned())
        }
        _ => Ok(()),
    }
}

/// §10.5: RFC 7093 method 1 over the certified key.
pub(super) fn check_subject_key_identifier(subject: &Subject<'_>) -> Result<(), String> {
    let Some(found) = subject.value::<SubjectKeyIdentifier>()? else { return Ok(()) };
    match KeyId::of_spki(subject.ordered.spki_der) {
        Some(id) if SubjectKeyIdentifier::from(id) == found => Ok(()),
        _ => Err("subject key identifier is not that of the key".to_owned()),
    }
}

/// §3.5: the root policy in every SET certificate, with what the issuer's certificate says of it
/// and at most one statement of the issuer's own.
pub(super) fn check_certificate_policies(subject: &Subject<'_>) -> Result<(), String> {
    let wanted = subject.ordered.profile.rule(ExtensionKind::CertificatePolicies).is_some();
    match subject.value::<SetPolicy>()? {
        Some(policy) if policy.has_root() => check_policy_qualifier(subject, &policy),
        None if !wanted => Ok(()),
        _ => Err("the SET root policy 2.23.42.5.0 is absent".to_owned()),
    }
}

fn check_policy_qualifier(subject: &Subject<'_>, policy: &SetPolicy) -> Result<(), String> {
    let text = |error: crate::wire::DecodeError| error.to_string();
    let Some(issuer) = subject.ordered.issuer else {
        let own = policy.qualifier().map_err(text)?.unwrap_or_default();
        return match own.added() {
            [] => Ok(()),
            added => Err(format!("a root has {} additional policies", added.len())),
        };
    };
    let above = SetPolicy::find(issuer).map_err(text)?.unwrap_or_else(SetPolicy::root);
    let added_by = CertificateType::find(issuer).map_err(text)?;
    if policy.continues(&above, added_by).map_err(text)? {
        return Ok(());
    }
    Err("the policy qualifier is not the issuer's with one statement of the issuer's own"
        .to_owned())
}

/// §3.7, §10.2: the suite's digest of another key.
pub(super) fn check_hashed_root_key(subject: &Subject<'_>) -> Result<(), String> {
    let Some(found) = subject.value::<HashedRootKey>()? else { return Ok(()) };
    if found.suite != subject.ordered.suite {
        return Err(format!("the next root is announced in suite {}", found.suite));
    }
    if found.announces(subject.ordered.spki_der) {
        return Err("the root announces itself as the next".to_owned());
    }
    Ok(())
}

/// §10.5: exactly one place for the CRL, and for its deltas if there are any.
pub(super) fn check_status_locations(subject: &Subject<'_>) -> Result<(), String> {
    if let Some(points) = subject.value::<CrlDistributionPoints>()?
        && points.uris.len() != 1
    {
        return Err(format!("{} CRL locations, not 1", points.uris.len()));
    }
    let Some(freshest) = subject.value::<FreshestCrl>()? else { return Ok(()) };
    let points = freshest.0.iter().filter(|point| point.crl_issuer.is_empty());
    let uris: Vec<String> =
        points.flat_map(DistributionPoint::names).filter_map(LocationName::as_uri).collect();
    if uris.len() == 1 && freshest.0.len() == 1 {
        return Ok(());
    }
    Err(format!("{} delta CRL locations, not 1", uris.len()))
}

/// §3.10: the algorithms of the suite, preferred first.
pub(super) fn check_tunneling(subject: &Subject<'_>) -> Result<(), String> {
    let Some(found) = subject.value::<Tunneling>()? else { return Ok(()) };
    let of_suite: &[_] = match subject.ordered.suite {
        Suite::Modern => &[oids::AES_256_GCM],
        Suite::Set1997 => &[oids::DES_CBC, oids::CDMF],
    };
    match found.algorithms.iter().find(|algorithm| !of_suite.contains(algorithm)) {
        Some(other) => {
            let suite = subject.ordered.suite;
            Err(format!("tunneling by {other} does not belong to suite {suite}"))
        }
        None => Ok(()),
    }
}

/// §3.9, §10.5: what only some certificates carry can be read back.
pub(super) fn check_private_values(subject: &Subject<'_>) -> Result<(), String> {
    subject.value::<MerchantData>()?;
    subject.value::<OcspNoCheck>()?;
    subject.value::<CardCertRequired>()?;
    subject.value::<SetExtensions>()?;
    match subject.value::<ExtendedKeyUsage>()? {
        Some(usage) if usage != ExtendedKeyUsage::ocsp_signing() => {
            Err("extended key usage is not OCSP signing alone".to_owned())
        }
        _ => Ok(()),
    }
}
