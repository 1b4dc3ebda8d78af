//! A small hierarchy for the tests of this room: root, brand CA, CCA and a responder, all P-256.

use super::{CertificateOrder, CrlLocation, Issuer, Locations, SubjectName, prepare};
use crate::profile::{
    CertificateProfile, ExtensionKind, ExtensionRule, KeyUsageBits, KeyUsagePeriod, KeyUse,
    Presence, Role,
};
use crate::signer::{KeyAlgorithm, PrivateKey, SeededRandom, SignatureAlgorithm, SoftwareKeys};
use crate::wire::Cert;
use crate::{Suite, UnixTime};

pub(super) const SIGNING: KeyUsageBits =
    KeyUsageBits(KeyUsageBits::KEY_CERT_SIGN.0 | KeyUsageBits::CRL_SIGN.0);

pub(super) struct House {
    pub(super) keys: SoftwareKeys,
    pub(super) root: Cert,
    pub(super) bca: Cert,
    pub(super) cca: Cert,
    pub(super) responder: Cert,
    pub(super) locations: Locations,
}

pub(super) fn random(label: &str) -> SeededRandom {
    SeededRandom::new(b"issue", label)
}

pub(super) fn key(label: &str) -> PrivateKey {
    PrivateKey::generate(KeyAlgorithm::EcP256, &random(label)).unwrap()
}

pub(super) fn time(text: &str) -> UnixTime {
    UnixTime::parse_rfc3339(text).unwrap()
}

pub(super) fn begin() -> UnixTime {
    time("2026-01-01T00:00:00Z")
}

pub(super) fn name(organization: &str, unit: &str) -> SubjectName {
    SubjectName {
        country: "US".to_owned(),
        organization: organization.to_owned(),
        units: if unit.is_empty() { Vec::new() } else { vec![unit.to_owned()] },
        common_name: None,
    }
}

fn rules(required: &[(ExtensionKind, bool)]) -> Vec<ExtensionRule> {
    let rule = |(kind, critical): &(ExtensionKind, bool)| ExtensionRule {
        kind: *kind,
        presence: Presence::Required,
        critical: *critical,
    };
    required.iter().map(rule).collect()
}

pub(super) fn ca_profile(role: Role, issued_by: Role, path_len: u8) -> CertificateProfile {
    let mut extensions = rules(&[
        (ExtensionKind::SubjectKeyIdentifier, false),
        (ExtensionKind::KeyUsage, true),
        (ExtensionKind::PrivateKeyUsagePeriod, false),
        (ExtensionKind::CertificatePolicies, true),
        (ExtensionKind::BasicConstraints, true),
        (ExtensionKind::CertificateType, true),
    ]);
    extensions.extend(if role == Role::Rca {
        rules(&[(ExtensionKind::HashedRootKey, true)])
    } else {
        rules(&[
            (ExtensionKind::AuthorityKeyIdentifier, false),
            (ExtensionKind::CrlDistributionPoints, false),
            (ExtensionKind::AuthorityInfoAccess, false),
        ])
    });
    CertificateProfile {
        name: format!("{role}-certificate-signing"),
        role,
        key_use: KeyUse::CertificateSigning,
        issued_by: vec![issued_by],
        key_algorithms: vec![KeyAlgorithm::EcP256],
        validity_days: 1095,
        key_usage_period: KeyUsagePeriod::Days(365),
        key_usage: SIGNING,
        ca: true,
        path_len: Some(path_len),
        extensions,
        statements: Vec::new(),
    }
}

pub(super) fn cardholder_profile() -> CertificateProfile {
    CertificateProfile {
        name: "cardholder-message-signature".to_owned(),
        role: Role::Cardholder,
        key_use: KeyUse::MessageSignature,
        issued_by: vec![Role::Cca],
        key_algorithms: vec![KeyAlgorithm::EcP256],
        validity_days: 730,
        key_usage_period: KeyUsagePeriod::Certificate,
        key_usage: KeyUsageBits::DIGITAL_SIGNATURE,
        ca: false,
        path_len: None,
        extensions: rules(&[
            (ExtensionKind::AuthorityKeyIdentifier, false),
            (ExtensionKind::KeyUsage, true),
            (ExtensionKind::PrivateKeyUsagePeriod, false),
            (ExtensionKind::CertificatePolicies, true),
            (ExtensionKind::BasicConstraints, true),
            (ExtensionKind::CertificateType, true),
            (ExtensionKind::CrlDistributionPoints, false),
            (ExtensionKind::AuthorityInfoAccess, false),
        ]),
        statements: Vec::new(),
    }
}

pub(super) fn responder_profile() -> CertificateProfile {
    CertificateProfile {
        name: "ocsp-signing".to_owned(),
        role: Role::Ocsp,
        key_use: KeyUse::OcspSigning,
        validity_days: 90,
        key_usage_period: KeyUsagePeriod::Absent,
        extensions: rules(&[
            (ExtensionKind::AuthorityKeyIdentifier, false),
            (ExtensionKind::SubjectKeyIdentifier, false),
            (ExtensionKind::KeyUsage, true),
            (ExtensionKind::BasicConstraints, true),
            (ExtensionKind::ExtendedKeyUsage, false),
            (ExtensionKind::OcspNoCheck, false),
        ]),
        ..cardholder_profile()
    }
}

pub(super) fn issuer(certificate: &Cert) -> Issuer<'_> {
    Issuer {
        certificate: Some(certificate),
        key: crate::signer::KeyId::of_spki(certificate.spki_der()).unwrap(),
        algorithm: SignatureAlgorithm::EcdsaSha256,
    }
}

pub(super) fn order<'a>(
    profile: &'a CertificateProfile,
    issuer: Issuer<'a>,
    subject: SubjectName,
    spki_der: &'a [u8],
    roles: &'a [Role],
    locations: &'a Locations,
) -> CertificateOrder<'a> {
    CertificateOrder {
        profile,
        suite: Suite::Modern,
        issuer,
        subject,
        spki_der,
        roles,
        not_before: begin(),
        not_after_cap: None,
        hashed_root_key: None,
        tunneling: None,
        merchant_data: None,
        card_cert_required: None,
        set_extensions: None,
        locations: Some(locations),
    }
}

pub(super) fn house() -> House {
    let [root_key, bca_key, cca_key, responder_key] = ["root", "bca", "cca", "ocsp"].map(key);
    let next = key("next root");
    let locations = Locations {
        crl: CrlLocation::Whole("http://ca.example/crl/x.crl".to_owned()),
        delta_url: None,
        ocsp_url: "http://ca.example/ocsp".to_owned(),
        ca_issuers_url: "http://ca.example/ca/x.cer".to_owned(),
    };
    let [root_spki, bca_spki, cca_spki, responder_spki] =
        [&root_key, &bca_key, &cca_key, &responder_key].map(|key| key.spki_der().to_vec());
    let root_id = root_key.id();
    let keys = SoftwareKeys::from_iter([root_key, bca_key, cca_key, responder_key]);
    let sign = |order: CertificateOrder<'_>, label: &str| {
        let by = order.issuer.key;
        let octets = prepare(&order, &random(label)).unwrap().sign(&by, &keys).unwrap();
        Cert::from_der(&octets).unwrap()
    };
    let profile = ca_profile(Role::Rca, Role::Rca, 3);
    let own =
        Issuer { certificate: None, key: root_id, algorithm: SignatureAlgorithm::EcdsaSha256 };
    let roles = [Role::Rca];
    let mut root = order(&profile, own, name("SET Root", ""), &root_spki, &roles, &locations);
    root.hashed_root_key = Some(next.spki_der());
    let root = sign(root, "root serial");
    let profile = ca_profile(Role::Bca, Role::Rca, 2);
    let roles = [Role::Bca];
    let subject = name("Brand", "Brand CA");
    let bca = order(&profile, issuer(&root), subject, &bca_spki, &roles, &locations);
    let bca = sign(bca, "bca serial");
    let profile = ca_profile(Role::Cca, Role::Bca, 0);
    let roles = [Role::Cca];
    let subject = name("Brand", "Brand CCA");
    let cca = order(&profile, issuer(&bca), subject, &cca_spki, &roles, &locations);
    let cca = sign(cca, "cca serial");
    let profile = responder_profile();
    let profile = CertificateProfile { issued_by: vec![Role::Cca], ..profile };
    let roles = [Role::Ocsp];
    let mut subject = name("Brand", "Brand CCA");
    subject.common_name = Some("OCSP 1".to_owned());
    let responder = order(&profile, issuer(&cca), subject, &responder_spki, &roles, &locations);
    let responder = sign(responder, "ocsp serial");
    House { keys, root, bca, cca, responder, locations }
}
