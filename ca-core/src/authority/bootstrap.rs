//! A hierarchy is established: the certificates of a plan, the first CRLs, the first BCIs.

use super::ca_certificate::{Wanted, issue_ca_certificate};
use super::plan::{NewKey, Plan, PlannedCa, PlannedKey};
use super::{Authority, Error, Parts};
use crate::UnixTime;
use crate::issue::SubjectName;
use crate::profile::{KeyUse, Role};
use crate::store::{CaCertificate, CaId, CaRecord};
use crate::wire::Cert;

/// Issues the certificates of a plan and publishes the first CRLs and the BCIs.
///
/// `keys` are the public halves in the order of [`Plan::keys`]; the signer of `parts` holds the
/// private ones, and those of superiors that are not in the plan.
///
/// # Errors
/// [`Error`] of the stage that failed. What was recorded before it stays: of a whole hierarchy
/// begin with an empty store, of an addition go on with what
/// [`plan_addition`](super::plan_addition) finds lacking.
pub fn establish(parts: Parts, plan: &Plan, keys: &[NewKey]) -> Result<Authority, Error> {
    let now = parts.clock.now();
    let mut keys = keys.iter();
    check_names(&parts, plan)?;
    for ca in &plan.cas {
        record_ca(&parts, ca)?;
        let made: Vec<(&PlannedKey, &NewKey)> = ca
            .keys
            .iter()
            .map(|planned| keys.next().map(|key| (planned, key)))
            .collect::<Option<_>>()
            .ok_or_else(|| Error::Hierarchy("fewer keys than the plan asks for".to_owned()))?;
        establish_ca(&parts, ca, &made, now)?;
    }
    let authority = Authority::open(parts)?;
    let hierarchy = authority.hierarchy();
    for ca in plan.cas.iter().filter_map(|ca| hierarchy.ca(&ca.id)).filter(|ca| ca.issues_crls()) {
        authority.publish_crl(&ca.record.id)?;
    }
    let mut brands: Vec<&str> = plan.cas.iter().filter_map(|ca| ca.brand.as_deref()).collect();
    brands.dedup();
    for brand in brands {
        authority.publish_bci(brand)?;
    }
    Ok(authority)
}

/// A CA that is recorded already gets what it lacks.
fn record_ca(parts: &Parts, ca: &PlannedCa) -> Result<(), Error> {
    if parts.store.cas()?.iter().any(|known| known.id == ca.id) {
        return Ok(());
    }
    let record = CaRecord {
        id: ca.id.clone(),
        superior: ca.superior.clone(),
        roles: ca.roles.clone(),
        brand: ca.brand.clone(),
        certificates: Vec::new(),
    };
    Ok(parts.store.record_ca(&record, &parts.acting())?)
}

/// CRLs and BCIs name a CA by its subject: no two CAs may have the same.
fn check_names(parts: &Parts, plan: &Plan) -> Result<(), Error> {
    let mut names: Vec<(CaId, Vec<u8>)> = Vec::new();
    for record in parts.store.cas()? {
        if let Some(signing) = record.in_force(KeyUse::CertificateSigning) {
            let odd = |_| Error::Hierarchy(format!("certificate of {}", record.id));
            let certificate = Cert::from_der(&signing.der).map_err(odd)?;
            names.push((record.id.clone(), certificate.subject_der().to_vec()));
        }
    }
    for ca in &plan.cas {
        let name = subject(parts, ca, ca.roles.first().copied().unwrap_or(Role::Rca))?;
        let der = name.to_der().map_err(|fault| Error::Prepare(Box::new(fault.into())))?;
        match names.iter().find(|(id, known)| *known == der && *id != ca.id) {
            Some((other, _)) => {
                let text = format!("{} would have the name of {other}: {name}", ca.id);
                return Err(Error::Policy(text));
            }
            None => names.push((ca.id.clone(), der)),
        }
    }
    Ok(())
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
        parts.store.record_ca_certificate(&ca.id, &held, &parts.acting())?;
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
    let role = if planned.key_use == KeyUse::OcspSigning {
        Role::Ocsp
    } else {
        ca.roles.first().copied().unwrap_or(Role::Rca)
    };
    let wanted = Wanted {
        ca: &ca.id,
        superior: ca.superior.as_ref(),
        roles: &ca.roles,
        brand: ca.brand.as_deref(),
        key_use: planned.key_use,
        subject: subject(parts, ca, role)?,
        key,
        next_root,
        self_signed: ca.superior.is_none() && planned.key_use == KeyUse::CertificateSigning,
        renews: None,
    };
    issue_ca_certificate(parts, wanted, now)
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
    // A combined CA says what else it is: "Brand CCA MCA PCA".
    let others = ca.roles.iter().skip(1).map(|role| format!(" {}", role.name().to_uppercase()));
    Ok(SubjectName {
        country: ca.geo.clone().unwrap_or_else(|| rules.country.clone()),
        organization: brand.clone(),
        units: vec![rules.ca_unit(named, brand) + &others.collect::<String>()],
        common_name,
    })
}

/// `OCSP` and the number of the responder key (§10.5).
const RESPONDER_NAME: &str = "OCSP 1";
