//! The plan of a hierarchy: what it refuses, and what the root says of its successor.

use ca_core::authority::{Plan, plan};
use ca_core::profile::{KeyUse, Policies, Role};
use ca_core::store::CaId;
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
