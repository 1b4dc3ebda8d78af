//! A hierarchy as `establish` makes it.

use ca_core::path::{Purpose, Request, RevocationMode, Rules, Settings, validate};
use ca_core::profile::KeyUse;
use ca_core::store::{CertificateQuery, CertificateState, ListId};
use ca_core::wire::{BrandCrlIdentifier, Cert, Crl};

use crate::house::{House, house, house_with};

#[test]
fn every_ca_holds_its_keys_and_the_superior_comes_first() {
    let House { authority, .. } = house();
    let ids: Vec<String> =
        authority.cas().unwrap().iter().map(|ca| ca.id.as_str().to_owned()).collect();
    assert_eq!(ids, ["root", "sample-bca", "sample-cca", "sample-mca", "sample-pca"]);
    let uses = |id: usize| {
        let ca = &authority.cas().unwrap()[id];
        ca.certificates.iter().map(|held| held.key_use).collect::<Vec<_>>()
    };
    assert_eq!(uses(0), [KeyUse::CertificateSigning, KeyUse::OcspSigning]);
    assert_eq!(
        uses(1),
        [KeyUse::CertificateSigning, KeyUse::MessageSignature, KeyUse::OcspSigning]
    );
    assert_eq!(
        uses(2),
        [
            KeyUse::CertificateSigning,
            KeyUse::MessageSignature,
            KeyUse::Encryption,
            KeyUse::OcspSigning
        ]
    );
}

#[test]
fn a_geopolitical_ca_stands_between_brand_and_the_rest() {
    let House { authority, .. } = house_with(&["Sample"], Some("DE"));
    let cas = authority.cas().unwrap();
    let chain: Vec<(String, Option<String>)> = cas
        .iter()
        .map(|ca| (ca.id.to_string(), ca.superior.as_ref().map(ToString::to_string)))
        .collect();
    assert_eq!(chain[2], ("sample-de-gca".to_owned(), Some("sample-bca".to_owned())));
    assert_eq!(chain[3], ("sample-de-cca".to_owned(), Some("sample-de-gca".to_owned())));
}

#[test]
fn each_certificate_is_recorded_as_issued() {
    let House { authority, .. } = house();
    let page = authority.store().certificates(&CertificateQuery::default()).unwrap();
    // root 1, bca 2, cca, mca, pca 3 each, one responder each.
    assert_eq!(page.items.len(), 1 + 2 + 9 + 5);
    assert!(page.items.iter().all(|record| record.state() == CertificateState::Issued));
}

#[test]
fn a_key_exchange_certificate_is_valid_under_the_root_with_crls_and_bci() {
    let House { authority, .. } = house();
    let hierarchy = authority.hierarchy();
    let certs: Vec<Cert> = hierarchy
        .cas()
        .iter()
        .filter_map(|ca| ca.held(KeyUse::CertificateSigning))
        .map(|held| held.certificate.clone())
        .collect();
    let crls: Vec<Crl> = hierarchy
        .cas()
        .iter()
        .map(|ca| ListId::Crl(ca.record.id.clone()))
        .map(|list| authority.store().list(&list).unwrap().expect("published"))
        .map(|published| Crl::from_der(&published.der.whole()).unwrap())
        .collect();
    let bci = authority.store().list(&ListId::Bci("Sample".to_owned())).unwrap().unwrap();
    let bci = BrandCrlIdentifier::from_der(&bci.der.whole()).unwrap();
    assert_eq!(bci.unsigned().crls.len(), 5);
    for ca in &hierarchy.cas()[2..] {
        let leaf = ca.held(KeyUse::Encryption).unwrap().certificate;
        let verdict = validate(&Request {
            certificate: leaf,
            untrusted: &certs[1..],
            anchors: &certs[..1],
            crls: &crls,
            bcis: core::slice::from_ref(&bci),
            ocsp: &[],
            register: &[],
            settings: &Settings {
                purpose: Some(Purpose::Encryption),
                brand: Some("Sample".to_owned()),
                revocation: RevocationMode::Require,
                ..Settings::new(Rules::Set, authority.suite(), authority.now())
            },
        });
        assert!(verdict.valid, "{}: {:#?}", ca.record.id, verdict.reasons);
    }
}
