//! A hierarchy is established: the certificates of a plan, the first CRLs, the first BCIs.

use super::issuance::{Entry, locations, profile, record_and_sign, tunneling};
use super::plan::{NewKey, Plan, PlannedCa, PlannedKey};
use super::{Authority, Error, Parts};
use crate::UnixTime;
use crate::issue::{CertificateOrder, Issuer, SubjectName, prepare};
use crate::profile::{KeyUse, Role};
use crate::signer::{KeyAlgorithm, KeyId, SignatureAlgorithm};
use crate::store::{CaCertificate, CaId, CaRecord};
use crate::wire::Cert;

/// Issues the certificates of a plan and publishes the first CRLs and BCIs.
///
/// `keys` are the public halves in the order of [`Plan::keys`]; the signer of `parts` holds the
/// private ones, and those of superiors that are not in the plan.
///
/// # Errors
/// [`Error`] of the stage that failed. What was recorded before it stays: establish a hierarchy
/// in a store that nobody uses yet.
pub fn establish(parts: Parts, plan: &Plan, keys: &[NewKey]) -> Result<Authority, Error> {
    let now = parts.clock.now();
    let mut keys = keys.iter();
    for ca in &plan.cas {
        parts.store.record_ca(&CaRecord {
            id: ca.id.clone(),
            superior: ca.superior.clone(),
            roles: ca.roles.clone(),
            brand: ca.brand.clone(),
            certificates: Vec::new(),
        })?;
        let made: Vec<(&PlannedKey, &NewKey)> = ca
            .keys
            .iter()
            .map(|planned| keys.next().map(|key| (planned, key)))
            .collect::<Option<_>>()
            .ok_or_else(|| Error::Hierarchy("fewer keys than the plan asks for".to_owned()))?;
        establish_ca(&parts, ca, &made, now)?;
    }
    let authority = Authority::open(parts)?;
    for ca in &plan.cas {
        authority.publish_crl(&ca.id)?;
    }
    for ca in plan.cas.iter().filter(|ca| ca.roles.contains(&Role::Bca)) {
        authority.publish_bci(ca.brand.as_deref().unwrap_or_default())?;
    }
    Ok(authority)
}

/// Certifies the keys of one CA: one name, one certificate per key use.
fn establish_ca(
    parts: &Parts,
    ca: &PlannedCa,
    keys: &[(&PlannedKey, &NewKey)],
    now: UnixTime,
) -> Result<(), Error> {
    let next_root = keys.iter().find(|(planned, _)| planned.next_root).map(|(_, key)| *key);
    for (planned, key) in keys.iter().filter(|(planned, _)| !planned.next_root) {
        let der = certify_key(parts, ca, planned, key, next_root, now)?;
        let held = CaCertificate { key_use: planned.key_use, key: key.id, der };
        parts.store.record_ca_certificate(&ca.id, &held)?;
    }
    Ok(())
}

fn certify_key(
    parts: &Parts,
    ca: &PlannedCa,
    planned: &PlannedKey,
    key: &NewKey,
    next_root: Option<&NewKey>,
    now: UnixTime,
) -> Result<Vec<u8>, Error> {
    let responder = planned.key_use == KeyUse::OcspSigning;
    let roles: &[Role] = if responder { &[Role::Ocsp] } else { &ca.roles };
    let role = *roles.first().ok_or_else(|| Error::Hierarchy(format!("{} has no role", ca.id)))?;
    // A responder is certified by the CA it answers for (RFC 6960 §4.2.2.2); a CA by its superior,
    // and never by itself (spec `set-certificates.md` §5.1), but for the root.
    let issuing = match &ca.superior {
        Some(superior) if !responder => superior,
        _ => &ca.id,
    };
    let issuer = signing_certificate(parts, issuing, key)?;
    let order = CertificateOrder {
        profile: profile(&parts.policies, role, planned.key_use)?,
        suite: parts.policies.suite(),
        issuer: Issuer {
            certificate: issuer.certificate.as_ref(),
            key: issuer.key,
            algorithm: issuer.algorithm,
        },
        subject: subject(parts, ca, role)?,
        spki_der: &key.spki,
        roles,
        not_before: now,
        not_after_cap: None,
        hashed_root_key: next_root.map(|next| next.spki.as_slice()),
        tunneling: Some(tunneling(parts.policies.suite())),
        merchant_data: None,
        card_cert_required: None,
        set_extensions: None,
        locations: Some(&locations(&parts.base_url, issuing)),
    };
    let entry = Entry {
        issuer: issuing,
        key: issuer.key,
        role,
        key_use: planned.key_use,
        brand: ca.brand.as_deref(),
        request: None,
        renews: None,
        now,
    };
    let prepared = prepare(&order, parts.random.as_ref())?;
    let issued = record_and_sign(parts, entry, prepared)?;
    parts.store.record_issued(std::slice::from_ref(&issued), None)?;
    Ok(issued.der)
}

struct Signing {
    certificate: Option<Cert>,
    key: KeyId,
    algorithm: SignatureAlgorithm,
}

/// The certificate-signing certificate of a CA; the key itself while a root has none yet.
fn signing_certificate(parts: &Parts, issuing: &CaId, own: &NewKey) -> Result<Signing, Error> {
    let unknown = || Error::Hierarchy(format!("{issuing} cannot sign certificates"));
    let record = parts.store.cas()?.into_iter().find(|ca| ca.id == *issuing).ok_or_else(unknown)?;
    let held = record
        .certificates
        .iter()
        .rfind(|certificate| certificate.key_use == KeyUse::CertificateSigning);
    let (certificate, key, spki) = match held {
        Some(held) => {
            let certificate = Cert::from_der(&held.der).map_err(|_| unknown())?;
            let spki = certificate.spki_der().to_vec();
            (Some(certificate), held.key, spki)
        }
        None if record.superior.is_none() => (None, own.id, own.spki.clone()),
        None => return Err(unknown()),
    };
    let kind = KeyAlgorithm::of_spki(&spki).ok_or_else(unknown)?;
    Ok(Signing { certificate, key, algorithm: kind.default_signature(parts.policies.suite()) })
}

/// Names of CAs and responders (spec `set-certificates.md` §2.1, §10.5).
fn subject(parts: &Parts, ca: &PlannedCa, role: Role) -> Result<SubjectName, Error> {
    let common_name = (role == Role::Ocsp).then(|| RESPONDER_NAME.to_owned());
    let Some(brand) = &ca.brand else {
        let root = parts.policies.root();
        return Ok(SubjectName {
            country: root.country.clone(),
            organization: root.organization.clone(),
            units: Vec::new(),
            common_name,
        });
    };
    let rules = parts
        .policies
        .brand(brand)
        .ok_or_else(|| Error::Policy(format!("no rules for brand {brand}")))?;
    let named = ca.roles.first().copied().unwrap_or(role);
    Ok(SubjectName {
        country: ca.geo.clone().unwrap_or_else(|| rules.country.clone()),
        organization: brand.clone(),
        units: vec![rules.ca_unit(named, brand)],
        common_name,
    })
}

/// `OCSP` and the number of the responder key (§10.5).
const RESPONDER_NAME: &str = "OCSP 1";
