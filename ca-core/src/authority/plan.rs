//! The plan of a new hierarchy: which CAs, and which keys to make for them.

use super::Error;
use crate::profile::{KeyUse, Policies, Role};
use crate::signer::{KeyAlgorithm, KeyId};
use crate::store::{CaId, CaRecord};
use crate::wire::BrandId;

/// The CAs to establish and the keys to make for them, superior before subordinate.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Plan {
    /// The CAs.
    pub cas: Vec<PlannedCa>,
}

/// One CA to establish.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PlannedCa {
    /// Names the CA.
    pub id: CaId,
    /// Its superior; none for the root.
    pub superior: Option<CaId>,
    /// Its roles.
    pub roles: Vec<Role>,
    /// BrandID; none for the root.
    pub brand: Option<String>,
    /// Geo-political area, ISO 3166 alpha-2.
    pub geo: Option<String>,
    /// Keys to make for it.
    pub keys: Vec<PlannedKey>,
}

/// One key to make.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct PlannedKey {
    /// What the key is for.
    pub key_use: KeyUse,
    /// Its kind.
    pub algorithm: KeyAlgorithm,
    /// True for the root's signing keys, which lie apart from the service's.
    pub offline: bool,
    /// True for the root key announced by hashedRootKey, which signs nothing yet (spec
    /// `set-certificates.md` §4.1).
    pub next_root: bool,
}

/// The public half of a key made for a plan.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NewKey {
    /// Names the key; the signer of [`super::Parts`] holds it.
    pub id: KeyId,
    /// DER SubjectPublicKeyInfo.
    pub spki: Vec<u8>,
}

impl PlannedCa {
    fn of_record(record: &CaRecord) -> Self {
        Self {
            id: record.id.clone(),
            superior: record.superior.clone(),
            roles: record.roles.clone(),
            brand: record.brand.clone(),
            geo: None,
            keys: Vec::new(),
        }
    }
}

impl Plan {
    /// Every key to make, in the order in which [`super::establish`] takes them.
    pub fn keys(&self) -> impl Iterator<Item = (&PlannedCa, &PlannedKey)> {
        self.cas.iter().flat_map(|ca| ca.keys.iter().map(move |key| (ca, key)))
    }

    /// The same plan with one combined CA in the place of each brand's CCA, MCA and PCA (spec
    /// `set-certificates.md` §1.1): one name, one set of keys, certificateType of three bits.
    ///
    /// # Errors
    /// [`Error::Policy`] if the three profiles agree on no key.
    pub fn combined(mut self, policies: &Policies) -> Result<Self, Error> {
        self.cas.retain(|ca| ca.roles != [Role::Mca] && ca.roles != [Role::Pca]);
        for ca in self.cas.iter_mut().filter(|ca| ca.roles == [Role::Cca]) {
            ca.roles = vec![Role::Cca, Role::Mca, Role::Pca];
            let prefix = ca.id.as_str().strip_suffix("-cca").unwrap_or(ca.id.as_str());
            ca.id = ca_id(&format!("{prefix}-ca"))?;
            ca.keys = keys_of(policies, &ca.roles)?;
        }
        Ok(self)
    }
}

/// Plans root → brand → (geo) → CCA, MCA, PCA with the keys each one holds (spec
/// `set-certificates.md` §1.2, §10.5).
///
/// # Errors
/// [`Error::Policy`] if a brand is no BrandID, has no rules, is named twice or like another in
/// identifiers, if `geo` is not two letters, or if a profile is missing.
pub fn plan(policies: &Policies, brands: &[String], geo: Option<&str>) -> Result<Plan, Error> {
    let geo = geo.map(country).transpose()?;
    let mut cas = vec![PlannedCa {
        id: ca_id(ROOT)?,
        superior: None,
        roles: vec![Role::Rca],
        brand: None,
        geo: None,
        keys: keys_of(policies, &[Role::Rca])?,
    }];
    for brand in brands {
        check_brand(policies, brand, &cas)?;
        if cas.iter().any(|ca| ca.brand.as_ref() == Some(brand)) {
            return Err(Error::Policy(format!("brand {brand} is named twice")));
        }
        cas.extend(brand_tree(policies, brand, geo.as_deref())?);
    }
    Ok(Plan { cas })
}

/// Plans what a hierarchy lacks of a brand: brand CA, with `geo` a geo-political CA below it, then
/// CCA, MCA and PCA. What is there already, and what a run that died has made, is left out.
///
/// # Errors
/// As [`plan`]; [`Error::Policy`] if nothing is lacking.
pub fn plan_addition(
    policies: &Policies,
    existing: &[CaRecord],
    brand: &str,
    geo: Option<&str>,
) -> Result<Plan, Error> {
    let geo = geo.map(country).transpose()?;
    let known: Vec<PlannedCa> = existing.iter().map(PlannedCa::of_record).collect();
    check_brand(policies, brand, &known)?;
    let mut cas = brand_tree(policies, brand, geo.as_deref())?;
    for ca in &mut cas {
        let Some(record) = existing.iter().find(|record| record.id == ca.id) else { continue };
        // A CA stays where it was put.
        ca.superior.clone_from(&record.superior);
        ca.keys.retain(|key| record.in_force(key.key_use).is_none());
    }
    cas.retain(|ca| !ca.keys.is_empty());
    if cas.is_empty() {
        let place = geo.map_or(String::new(), |geo| format!(" and its CAs in {geo}"));
        return Err(Error::Policy(format!("brand {brand}{place} is there already")));
    }
    Ok(Plan { cas })
}

/// Brand → (geo) → CCA, MCA, PCA.
fn brand_tree(
    policies: &Policies,
    brand: &str,
    geo: Option<&str>,
) -> Result<Vec<PlannedCa>, Error> {
    let slug = slug(brand);
    let mut cas = Vec::new();
    let mut superior = ca_id(ROOT)?;
    let mut levels = vec![(Role::Bca, format!("{slug}-bca"), None)];
    let mut prefix = slug.clone();
    if let Some(country) = geo {
        prefix = format!("{slug}-{}", country.to_ascii_lowercase());
        levels.push((Role::Gca, format!("{prefix}-gca"), Some(country)));
    }
    for (role, id, geo) in levels {
        let id = ca_id(&id)?;
        cas.push(planned(policies, brand, role, id.clone(), superior, geo)?);
        superior = id;
    }
    for role in [Role::Cca, Role::Mca, Role::Pca] {
        let id = ca_id(&format!("{prefix}-{role}"))?;
        cas.push(planned(policies, brand, role, id, superior.clone(), geo)?);
    }
    Ok(cas)
}

/// The keys that a rollover of `key_uses` makes: of the root the one to be announced, because the
/// key that takes over was announced before (spec `set-certificates.md` §4.1).
///
/// # Errors
/// [`Error::Policy`] if a profile is missing.
pub(super) fn successors(
    policies: &Policies,
    ca: &CaRecord,
    key_uses: &[KeyUse],
) -> Result<Vec<PlannedKey>, Error> {
    let root = ca.superior.is_none();
    let missing = |key_use| Error::Policy(format!("no {key_use} profile for {}", ca.id));
    let one = |key_use: &KeyUse| {
        let responder = *key_use == KeyUse::OcspSigning;
        let roles: &[Role] = if responder { &[Role::Ocsp] } else { &ca.roles };
        let key = planned_key(policies, roles, *key_use);
        let signs = *key_use == KeyUse::CertificateSigning;
        let place =
            |key| PlannedKey { offline: root && !responder, next_root: root && signs, ..key };
        key.map(place).ok_or_else(|| missing(*key_use))
    };
    key_uses.iter().map(one).collect()
}

fn planned(
    policies: &Policies,
    brand: &str,
    role: Role,
    id: CaId,
    superior: CaId,
    geo: Option<&str>,
) -> Result<PlannedCa, Error> {
    Ok(PlannedCa {
        id,
        superior: Some(superior),
        roles: vec![role],
        brand: Some(brand.to_owned()),
        geo: geo.map(str::to_owned),
        keys: keys_of(policies, &[role])?,
    })
}

/// The keys of a CA with these roles: one for each certificate profile it has, the root's
/// successor, and where there is a profile for it the responder that answers for it: always in
/// `modern`, off by default in `set-1997` (spec `set-certificates.md` §10.5).
fn keys_of(policies: &Policies, roles: &[Role]) -> Result<Vec<PlannedKey>, Error> {
    let uses = [KeyUse::CertificateSigning, KeyUse::MessageSignature, KeyUse::Encryption];
    let root = roles == [Role::Rca];
    let mut keys: Vec<PlannedKey> = uses
        .into_iter()
        .filter_map(|key_use| planned_key(policies, roles, key_use))
        .map(|key| PlannedKey { offline: root, ..key })
        .collect();
    let signing = *keys
        .first()
        .filter(|key| key.key_use == KeyUse::CertificateSigning)
        .ok_or_else(|| Error::Policy(format!("no certificate-signing profile for {roles:?}")))?;
    if root {
        keys.push(PlannedKey { next_root: true, ..signing });
    }
    keys.extend(planned_key(policies, &[Role::Ocsp], KeyUse::OcspSigning));
    Ok(keys)
}

fn planned_key(policies: &Policies, roles: &[Role], key_use: KeyUse) -> Option<PlannedKey> {
    let profile = policies.profile_of(roles, key_use)?;
    let algorithm = *profile.key_algorithms.first()?;
    Some(PlannedKey { key_use, algorithm, offline: false, next_root: false })
}

fn ca_id(text: &str) -> Result<CaId, Error> {
    CaId::new(text).ok_or_else(|| Error::Policy(format!("{text:?} cannot name a CA in a URL")))
}

/// A brand is a BrandID that the policies have rules for, and its identifiers are its own.
fn check_brand(policies: &Policies, brand: &str, planned: &[PlannedCa]) -> Result<(), Error> {
    if let Err(fault) = BrandId::new(brand) {
        return Err(Error::Policy(format!("brand {brand:?}: {fault}")));
    }
    if brand.chars().any(char::is_control) {
        return Err(Error::Policy(format!("brand {brand:?} has a control character")));
    }
    if policies.brand(brand).is_none() {
        return Err(Error::Policy(format!("no rules for brand {brand}")));
    }
    // Every brand has one brand CA, so one comparison finds every clash.
    let id = format!("{}-bca", slug(brand));
    match planned.iter().find(|ca| ca.id.as_str() == id).and_then(|ca| ca.brand.as_deref()) {
        None => Ok(()),
        Some(other) if other == brand => Ok(()),
        Some(other) => Err(Error::Policy(format!(
            "brands {other:?} and {brand:?} would both be {id} in identifiers and URLs"
        ))),
    }
}

/// ISO 3166 alpha-2, in capitals as it stands in countryName.
fn country(geo: &str) -> Result<String, Error> {
    if geo.len() == 2 && geo.bytes().all(|octet| octet.is_ascii_alphabetic()) {
        Ok(geo.to_ascii_uppercase())
    } else {
        Err(Error::Policy(format!("geo-political area {geo:?} is not two letters, such as NZ")))
    }
}

/// A brand as it stands in identifiers and URLs: lower case, everything else a hyphen.
fn slug(brand: &str) -> String {
    brand
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' })
        .collect()
}

/// Identifier of the root CA.
const ROOT: &str = "root";
