//! The tree of spec `set-certificates.md` §8.1 in suite `set-1997`: each certificate prepared from
//! the shipped profiles, the CAs' with serial numbers that fit in one octet.

use std::sync::OnceLock;

use ca_core::issue::{CertificateOrder, Issuer, SubjectName, prepare};
use ca_core::profile::{KeyUse, Policies, Role};
use ca_core::signer::{KeyAlgorithm, PrivateKey, SeededRandom, SignatureAlgorithm, SoftwareKeys};
use ca_core::wire::extensions::{ExtensionValue, MerchantData, Tunneling};
use ca_core::wire::{Cert, oids};
use ca_core::{Suite, UnixTime};
use const_oid::ObjectIdentifier;

use crate::der::{Draft, unhex};

pub(crate) const SHA_1: SignatureAlgorithm = SignatureAlgorithm::RsaSha1;

/// Everything that distinguishes one certificate from the next.
#[derive(Clone)]
pub(crate) struct Subject {
    pub(crate) roles: &'static [Role],
    pub(crate) key_use: KeyUse,
    pub(crate) name: SubjectName,
    /// Label of the certified key.
    pub(crate) key: &'static str,
}

/// The CAs' certificates for signing certificates.
pub(crate) struct Tree {
    pub(crate) root: Cert,
    pub(crate) bca: Cert,
    pub(crate) gca: Cert,
    pub(crate) cca: Cert,
    pub(crate) mca: Cert,
    pub(crate) pca: Cert,
}

/// The tree, made once.
pub(crate) fn tree() -> &'static Tree {
    static TREE: OnceLock<Tree> = OnceLock::new();
    TREE.get_or_init(|| {
        let policies = policies();
        let root = ca(policies, Role::Rca, None, 1);
        let bca = ca(policies, Role::Bca, Some(&root), 2);
        let gca = ca(policies, Role::Gca, Some(&bca), 3);
        let [cca, mca, pca] = [(Role::Cca, 4), (Role::Mca, 5), (Role::Pca, 6)]
            .map(|(role, serial)| ca(policies, role, Some(&gca), serial));
        Tree { root, bca, gca, cca, mca, pca }
    })
}

pub(crate) fn policies() -> &'static Policies {
    static POLICIES: OnceLock<Policies> = OnceLock::new();
    POLICIES.get_or_init(|| Policies::shipped(Suite::Set1997).unwrap())
}

/// A CA's certificate for signing certificates.
pub(crate) fn ca(policies: &Policies, role: Role, issuer: Option<&Cert>, serial: u8) -> Cert {
    issue(policies, &signing(role), issuer, serial)
}

fn signing(role: Role) -> Subject {
    let key = match role {
        Role::Rca => "root",
        Role::Bca => "bca",
        Role::Gca => "gca",
        Role::Cca => "cca",
        Role::Mca => "mca",
        _ => "pca",
    };
    let roles: &'static [Role] = match role {
        Role::Rca => &[Role::Rca],
        Role::Bca => &[Role::Bca],
        Role::Gca => &[Role::Gca],
        Role::Cca => &[Role::Cca],
        Role::Mca => &[Role::Mca],
        _ => &[Role::Pca],
    };
    Subject { roles, key_use: KeyUse::CertificateSigning, name: ca_name(role), key }
}

/// §8.1.
pub(crate) fn ca_name(role: Role) -> SubjectName {
    let unit = match role {
        Role::Rca => return name("SET Root", &[], None),
        Role::Bca => "Brand CA",
        Role::Gca => "Brand GCA",
        Role::Cca => "Brand CCA",
        Role::Mca => "Brand MCA",
        _ => "Brand PCA",
    };
    name("Brand", &[unit], None)
}

pub(crate) fn name(organization: &str, units: &[&str], common: Option<&str>) -> SubjectName {
    SubjectName {
        country: "US".to_owned(),
        organization: organization.to_owned(),
        units: units.iter().map(|unit| (*unit).to_owned()).collect(),
        common_name: common.map(str::to_owned),
    }
}

/// A certificate as we issue it, then with a serial number of one octet.
pub(crate) fn issue(
    policies: &Policies,
    subject: &Subject,
    issuer: Option<&Cert>,
    serial: u8,
) -> Cert {
    let tbs = prepared_tbs(policies, subject, issuer, None);
    let draft = Draft::of(&tbs).serial(serial);
    Cert::from_der(&draft.sign(key_of(issuer, subject), SHA_1)).unwrap()
}

/// The key that signs what this issuer issues.
fn key_of(issuer: Option<&Cert>, subject: &Subject) -> &'static PrivateKey {
    match issuer {
        Some(issuer) => key_with(issuer.spki_der()),
        None => key(subject.key),
    }
}

/// DER of the unsigned certificate that `prepare` makes.
pub(crate) fn prepared_tbs(
    policies: &Policies,
    subject: &Subject,
    issuer: Option<&Cert>,
    set_extensions: Option<&[ObjectIdentifier]>,
) -> Vec<u8> {
    let profile = policies.profile_of(subject.roles, subject.key_use).unwrap();
    let signer = key_of(issuer, subject);
    let order = CertificateOrder {
        profile: &profile,
        suite: Suite::Set1997,
        issuer: Issuer { certificate: issuer, key: signer.id(), algorithm: SHA_1 },
        subject: subject.name.clone(),
        spki_der: key(subject.key).spki_der(),
        roles: subject.roles,
        not_before: begin(),
        not_after_cap: None,
        hashed_root_key: Some(key("next root").spki_der()),
        tunneling: Some(Tunneling { tunneling: true, algorithms: vec![oids::DES_CBC] }),
        merchant_data: Some(MerchantData::from_value(&unhex(M)).unwrap()),
        card_cert_required: Some(true),
        set_extensions,
        locations: None,
    };
    let prepared = prepare(&order, &SeededRandom::new(b"set-1997", subject.key)).unwrap();
    let tbs = prepared.tbs().to_vec();
    // Signing consumes it, and shows that it is signable.
    let copy = PrivateKey::from_pkcs8(signer.pkcs8_der()).unwrap();
    let keys = SoftwareKeys::from_iter([copy]);
    let signed = prepared.sign(&signer.id(), &keys).unwrap();
    assert_eq!(Cert::from_der(&signed).unwrap().tbs_der(), tbs);
    tbs
}

/// Keys by label: the roots' of 2048 bits, the others' of 1024.
pub(crate) fn key(label: &str) -> &'static PrivateKey {
    let position = LABELS.iter().position(|known| *known == label).unwrap();
    &keys()[position]
}

fn key_with(spki: &[u8]) -> &'static PrivateKey {
    keys().iter().find(|key| key.spki_der() == spki).unwrap()
}

fn keys() -> &'static [PrivateKey] {
    static KEYS: OnceLock<Vec<PrivateKey>> = OnceLock::new();
    KEYS.get_or_init(|| {
        let make = |label: &&str| {
            let bits = if label.ends_with("root") { 2048 } else { 1024 };
            let random = SeededRandom::new(b"set-1997", label);
            PrivateKey::generate(KeyAlgorithm::Rsa(bits), &random).unwrap()
        };
        LABELS.iter().map(make).collect()
    })
}

pub(crate) fn begin() -> UnixTime {
    time("2026-01-01T00:00:00Z")
}

pub(crate) fn time(text: &str) -> UnixTime {
    UnixTime::parse_rfc3339(text).unwrap()
}

const LABELS: [&str; 9] =
    ["root", "next root", "bca", "gca", "cca", "mca", "pca", "end entity", "message"];
/// merchantData of §8.1.
pub(crate) const M: &str = "30441a0a4d45524348414e5430311206313233343536302a30288002656ea1061a0444\
    617665a20b1a09456b65746168756e61a50d1a0b4e6577205a65616c616e640202022a";
