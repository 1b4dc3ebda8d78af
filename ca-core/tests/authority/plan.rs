//! The plan of a hierarchy: what it refuses, and what the root says of its successor.

use ca_core::authority::{NewKey, Plan, establish, plan, plan_addition};
use ca_core::profile::{KeyUse, Policies, Role};
use ca_core::signer::{KeyAlgorithm, PrivateKey, SeededRandom, SoftwareKeys};
use ca_core::store::{CaId, ListId};
use ca_core::wire::BrandCrlIdentifier;
use ca_core::wire::extensions::{ExtensionValue, HashedRootKey, PrivateKeyUsagePeriod};
use ca_core::{Suite, UnixTime};
use sha2::{Digest as _, Sha256};

use crate::house::{BEGIN, House, house};

fn planned(brands: &[&str], geo: Option<&str>) -> Result<Plan, String> {
    let policies = Policies::shipped(Suite::Modern).unwrap();
    let brands: Vec<String> = brands.iter().map(|brand| (*brand).to_owned()).collect();
    plan(&policies, &brands, geo).map_err(|error| error.to_string())
}

#[test]
fn a_brand_has_one_to_forty_characters() {
    for brand in ["B", &"B".repeat(40), "Sample:Gold", "Überweisung"] {
        assert!(planned(&[brand], None).is_ok(), "{brand}");
    }
    for brand in ["", &"B".repeat(41), "two\nlines"] {
        let error = planned(&[brand], None).unwrap_err();
        assert!(error.contains(&format!("brand {brand:?}")), "{error}");
    }
}

#[test]
fn brands_that_share_their_identifiers_are_refused_with_both_names() {
    for (one, other) in [("A B", "A-B"), ("Sample", "SAMPLE"), ("A:B", "A B"), ("Ö", "Ä")] {
        let error = planned(&[one, other], None).unwrap_err();
        assert!(error.contains(&format!("{one:?} and {other:?}")), "{error}");
    }
    let error = planned(&["Sample", "Sample"], None).unwrap_err();
    assert!(error.contains("brand Sample is named twice"), "{error}");
    assert!(planned(&["A B", "AB", "Root"], None).is_ok());
}

#[test]
fn an_area_is_two_letters() {
    for geo in ["", "D", "DEU", "D1", "Ö", "--"] {
        let error = planned(&["Sample"], Some(geo)).unwrap_err();
        assert!(error.contains(&format!("{geo:?} is not two letters")), "{error}");
    }
    // Whatever the case, the name has capitals and the identifier has none.
    for geo in ["NZ", "nz"] {
        let plan = planned(&["Sample"], Some(geo)).unwrap();
        let gca = plan.cas.iter().find(|ca| ca.roles == [Role::Gca]).unwrap();
        assert_eq!((gca.id.as_str(), gca.geo.as_deref()), ("sample-nz-gca", Some("NZ")));
    }
}

#[test]
fn identifiers_are_each_their_own() {
    let plan = planned(&["A", "A-NZ", "NZ"], Some("NZ")).unwrap();
    let ids: std::collections::BTreeSet<&CaId> = plan.cas.iter().map(|ca| &ca.id).collect();
    // The root, and five CAs a brand.
    assert_eq!((ids.len(), plan.cas.len()), (16, 16));
}

#[test]
fn only_the_keys_of_the_root_are_off_line() {
    let plan = planned(&["Sample"], None).unwrap();
    let offline: Vec<(KeyUse, bool)> = plan
        .keys()
        .filter(|(_, key)| key.offline)
        .map(|(_, key)| (key.key_use, key.next_root))
        .collect();
    let signing = KeyUse::CertificateSigning;
    assert_eq!(offline, [(signing, false), (signing, true)]);
}

#[test]
fn the_root_announces_its_next_key_and_signs_for_a_year() {
    let House { authority, next_root, .. } = house();
    let hierarchy = authority.hierarchy();
    let root = hierarchy.ca(&CaId::new("root").unwrap()).unwrap();
    let held = root.held(KeyUse::CertificateSigning).unwrap();
    let announced = HashedRootKey::find(held.certificate).unwrap().unwrap();
    // set-certificates.md §3.7: the digest of the whole SubjectPublicKeyInfo.
    assert_eq!(announced.digest, Sha256::digest(&next_root.spki).to_vec());
    assert_ne!(held.certificate.spki_der(), next_root.spki);
    let period = PrivateKeyUsagePeriod::find(held.certificate).unwrap().unwrap();
    assert!(period.contains(BEGIN) && period.contains(BEGIN.plus_days(364)));
    assert!(!period.contains(BEGIN.plus_days(366)));
    assert!(!period.contains(UnixTime::from_secs(BEGIN.as_secs() - 1)));
    // The next key has no certificate yet, and nobody certified it.
    assert_eq!(root.record.certificates.len(), 2);
}

fn added(house: &House, brand: &str, geo: Option<&str>) -> Result<Plan, String> {
    let cas = house.authority.store().cas().unwrap();
    plan_addition(house.authority.policies(), &cas, brand, geo).map_err(|e| e.to_string())
}

fn ids(plan: &Plan) -> Vec<&str> {
    plan.cas.iter().map(|ca| ca.id.as_str()).collect()
}

#[test]
fn brand_and_area_are_added_to_what_is_there() {
    let house = house();
    let brand = added(&house, "Other", None).unwrap();
    assert_eq!(ids(&brand), ["other-bca", "other-cca", "other-mca", "other-pca"]);
    assert_eq!(brand.cas[0].superior, CaId::new("root"));
    let area = added(&house, "Sample", Some("nz")).unwrap();
    let expected = ["sample-nz-gca", "sample-nz-cca", "sample-nz-mca", "sample-nz-pca"];
    assert_eq!(ids(&area), expected);
    assert_eq!(area.cas[0].superior, CaId::new("sample-bca"));
    let error = added(&house, "Sample", None).unwrap_err();
    assert!(error.contains("brand Sample is there already"), "{error}");
    let error = added(&house, "SAMPLE", None).unwrap_err();
    assert!(error.contains("would both be sample-bca"), "{error}");
}

/// The house with private keys for `plan`, and their public halves.
fn with_keys(house: &House, plan: &Plan) -> (ca_core::authority::Parts, Vec<NewKey>) {
    let make = |(number, (_, planned)): (usize, (_, &ca_core::authority::PlannedKey))| {
        let random = SeededRandom::new(b"addition", &format!("key {number}"));
        let kind = match planned.key_use {
            KeyUse::Encryption => KeyAlgorithm::Rsa(3072),
            _ => KeyAlgorithm::EcP256,
        };
        PrivateKey::generate(kind, &random).unwrap()
    };
    let made: Vec<PrivateKey> = plan.keys().enumerate().map(make).collect();
    let public =
        made.iter().map(|key| NewKey { id: key.id(), spki: key.spki_der().to_vec() }).collect();
    let keys: SoftwareKeys = house.private_keys().into_iter().chain(made).collect();
    let mut parts = house.parts.clone();
    parts.signer = std::sync::Arc::new(keys);
    (parts, public)
}

#[test]
fn area_added_later_stands_in_the_list_of_its_brand() {
    let house = house();
    let plan = added(&house, "Sample", Some("NZ")).unwrap();
    let (parts, keys) = with_keys(&house, &plan);
    let authority = establish(parts, &plan, &keys).unwrap();
    let bci = authority.store().list(&ListId::Bci("Sample".to_owned())).unwrap().unwrap();
    let bci = BrandCrlIdentifier::from_der(&bci.der.whole()).unwrap();
    let hierarchy = authority.hierarchy();
    let gca = hierarchy.ca(&CaId::new("sample-nz-gca").unwrap()).unwrap();
    let gca = gca.held(KeyUse::CertificateSigning).unwrap().certificate;
    assert_eq!(bci.unsigned().crl_number(gca.subject_der()), Some(1));
    // Nothing is lacking any more; a run that died before the last key goes on with it.
    house.authority.reload().unwrap();
    assert!(added(&house, "Sample", Some("NZ")).unwrap_err().contains("in NZ is there already"));
}

#[test]
fn addition_that_was_interrupted_goes_on_with_what_is_lacking() {
    let house = house();
    let plan = added(&house, "Sample", Some("NZ")).unwrap();
    let (mut parts, keys) = with_keys(&house, &plan);
    let all = parts.signer.clone();
    // The keys of the CAs below are not there yet: the GCA is made, the CCA is not.
    parts.signer = std::sync::Arc::new(house.private_keys().into_iter().collect::<SoftwareKeys>());
    assert!(establish(parts.clone(), &plan, &keys).is_err());
    house.authority.reload().unwrap();
    let rest = added(&house, "Sample", Some("NZ")).unwrap();
    assert!(rest.keys().count() < plan.keys().count());
    assert!(rest.keys().count() > 0);
    parts.signer = all;
    let left = keys.len() - rest.keys().count();
    establish(parts, &rest, &keys[left..]).unwrap();
    assert!(added(&house, "Sample", Some("NZ")).is_err());
}

#[test]
fn area_that_would_have_the_names_of_the_brands_own_cas_is_refused() {
    let house = house();
    let rules = house.authority.policies().brand("Sample").unwrap();
    let plan = added(&house, "Sample", Some(&rules.country)).unwrap();
    let (parts, keys) = with_keys(&house, &plan);
    let error = establish(parts, &plan, &keys).err().unwrap().to_string();
    assert!(error.contains("would have the name of sample-cca"), "{error}");
}
