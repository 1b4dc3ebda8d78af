//! CRLs and brand CRL identifiers: what they list, when they are renewed, in which order they are
//! numbered (RFC 5280 §5, spec `set-certificates.md` §6).

use std::sync::Arc;

use ca_core::authority::{Cause, Error};
use ca_core::profile::KeyUse;
use ca_core::signer::{KeyError, KeyId, PrivateKey, SoftwareKeys};
use ca_core::store::{ListId, PublishedList, RevocationReason, SerialNumber};
use ca_core::wire::bci::UnsignedBci;
use ca_core::wire::{BrandCrlIdentifier, Cert, Crl};

use crate::house::faults::{FaultyStore, Journal, Meanwhile};
use crate::house::{BEGIN, House, house, house_with};
use crate::messages::{Heard, ca_certificate, ca_id, registered};

const DAY: u64 = 24 * 3600;

fn list(house: &House, id: &ListId) -> PublishedList {
    house.authority.store().list(id).unwrap().unwrap()
}

fn crl(house: &House, ca: &str) -> Crl {
    Crl::from_der(&list(house, &crl_id(ca)).der.whole()).unwrap()
}

fn bci(house: &House, brand: &str) -> UnsignedBci {
    let published = list(house, &ListId::Bci(brand.to_owned()));
    let bci = BrandCrlIdentifier::from_der(&published.der.whole()).unwrap();
    bci.unsigned().clone()
}

fn crl_id(ca: &str) -> ListId {
    ListId::Crl(ca_id(ca))
}

/// Number that the BCI has for the CRL of a CA.
fn listed(house: &House, brand: &str, ca: &str) -> Option<u64> {
    let issuer = ca_certificate(&house.authority, ca, KeyUse::CertificateSigning);
    bci(house, brand).crl_number(issuer.subject_der())
}

fn certificate(house: &House, label: &str) -> Cert {
    let (_, answer) = registered(house, label);
    Heard::of(&house.authority, &answer).issued().clone()
}

fn revoke(house: &House, certificate: &Cert, reason: RevocationReason) {
    let serial = SerialNumber::from_octets(certificate.serial()).unwrap();
    house.authority.revoke(&ca_id("sample-cca"), &serial, reason).unwrap();
}

#[test]
fn a_revocation_is_in_the_next_crl_with_its_reason_and_time() {
    let house = house();
    let certificate = certificate(&house, "revoked");
    house.clock.advance(60);
    revoke(&house, &certificate, RevocationReason::KeyCompromise);
    assert!(crl(&house, "sample-cca").revoked(certificate.serial()).is_none());
    house.clock.advance(60);
    house.authority.publish_after_revocation(&ca_id("sample-cca")).unwrap();
    let entry = crl(&house, "sample-cca").revoked(certificate.serial()).unwrap();
    assert_eq!((entry.at, entry.reason), (BEGIN.plus_secs(60), Some(1)));
    let published = list(&house, &crl_id("sample-cca"));
    assert_eq!(published.this_update, BEGIN.plus_secs(120));
    // Those of the other CAs do not have it.
    assert!(crl(&house, "sample-mca").is_empty());
}

#[test]
fn a_revocation_whose_list_was_never_made_is_listed_once_when_it_is_asked_for_again() {
    let house = house();
    let (ca, certificate) = (ca_id("sample-cca"), certificate(&house, "revoked"));
    let serial = SerialNumber::from_octets(certificate.serial()).unwrap();
    let standing = house.authority.revoke(&ca, &serial, RevocationReason::Superseded).unwrap();
    let listed = |new| {
        house.clock.advance(60);
        assert!(house.authority.publish_revocation(&ca, &standing, new).unwrap());
        assert!(crl(&house, "sample-cca").revoked(certificate.serial()).is_some());
        list(&house, &crl_id("sample-cca")).number
    };
    let made = listed(false);
    assert_eq!([listed(false), listed(true), listed(false)], [made, made + 1, made + 1]);
}

#[test]
fn a_hold_is_on_the_crl_until_the_first_one_after_its_release() {
    let house = house();
    let certificate = certificate(&house, "held");
    let serial = SerialNumber::from_octets(certificate.serial()).unwrap();
    revoke(&house, &certificate, RevocationReason::CertificateHold);
    house.authority.publish_crl(&ca_id("sample-cca")).unwrap();
    let entry = crl(&house, "sample-cca").revoked(certificate.serial()).unwrap();
    assert_eq!((entry.at, entry.reason), (BEGIN, Some(6)));
    house.authority.release(&ca_id("sample-cca"), &serial).unwrap();
    house.authority.publish_crl(&ca_id("sample-cca")).unwrap();
    assert!(crl(&house, "sample-cca").is_empty());
}

#[test]
fn of_many_those_that_were_revoked_stay_as_they_were() {
    let house = house();
    let certificates = [certificate(&house, "one"), certificate(&house, "two")];
    revoke(&house, &certificates[0], RevocationReason::KeyCompromise);
    house.clock.advance(60);
    let cause = Cause { invalid_since: Some(BEGIN), ..RevocationReason::Superseded.into() };
    let orders = certificates.each_ref().map(|certificate| {
        let serial = SerialNumber::from_octets(certificate.serial()).unwrap();
        (ca_id("sample-cca"), serial, cause)
    });
    assert_eq!(house.authority.revoke_all(&orders).unwrap(), 1);
    house.authority.publish_crl(&ca_id("sample-cca")).unwrap();
    let crl = crl(&house, "sample-cca");
    let said = certificates.map(|certificate| crl.revoked(certificate.serial()).unwrap());
    assert_eq!(said.map(|info| info.reason), [Some(1), Some(4)]);
    assert_eq!(said.map(|info| info.at), [BEGIN, BEGIN.plus_secs(60)]);
}

#[test]
fn an_invalidity_date_to_come_is_refused() {
    let house = house();
    let certificate = certificate(&house, "future");
    let serial = SerialNumber::from_octets(certificate.serial()).unwrap();
    let (ca, reason) = (ca_id("sample-cca"), RevocationReason::KeyCompromise);
    let cause = |secs| Cause { reason, invalid_since: Some(BEGIN.plus_secs(secs)) };
    let refused = house.authority.revoke(&ca, &serial, cause(1)).unwrap_err();
    assert!(matches!(refused, Error::Policy(_)), "{refused}");
    let stands = house.authority.revoke(&ca, &serial, cause(0)).unwrap();
    assert_eq!(stands.invalid_since, Some(BEGIN));
}

#[test]
fn numbers_grow_and_the_bci_follows() {
    let house = house();
    let ca = ca_id("sample-cca");
    let before = list(&house, &crl_id("sample-cca")).number;
    let bci_before = bci(&house, "Sample").sequence_num;
    assert_eq!(listed(&house, "Sample", "sample-cca"), Some(before));
    let after = house.authority.publish_after_revocation(&ca).unwrap().unwrap().number;
    assert!(after > before);
    assert!(bci(&house, "Sample").sequence_num > bci_before);
    assert_eq!(listed(&house, "Sample", "sample-cca"), Some(after));
}

#[test]
fn the_crl_of_the_root_is_in_the_bci_of_every_brand() {
    let house = house_with(&["Sample", "Other"], None);
    let number = house.authority.publish_after_revocation(&ca_id("root")).unwrap().unwrap().number;
    for brand in ["Sample", "Other"] {
        assert_eq!(listed(&house, brand, "root"), Some(number), "{brand}");
    }
    // And no brand lists a CA of the other.
    assert_eq!(listed(&house, "Sample", "other-cca"), None);
}

#[test]
fn this_update_stays_when_the_clock_goes_back() {
    let house = house();
    let ca = ca_id("sample-cca");
    house.clock.advance(DAY);
    let before = house.authority.publish_crl(&ca).unwrap();
    let bci_before = house.authority.publish_bci("Sample").unwrap();
    house.clock.turn_back(DAY / 2);
    let after = house.authority.publish_crl(&ca).unwrap();
    assert!(after.number > before.number);
    assert_eq!(after.this_update, before.this_update);
    assert_eq!(after.next_update, before.next_update);
    assert_eq!(house.authority.publish_bci("Sample").unwrap().this_update, bci_before.this_update);
}

/// What was renewed, and what could not be.
fn due(house: &House) -> Vec<(String, bool)> {
    let outcomes = house.authority.publish_due();
    outcomes.into_iter().map(|(id, outcome)| (id.to_string(), outcome.is_ok())).collect()
}

#[test]
fn nothing_is_renewed_before_it_is_due() {
    let house = house();
    assert_eq!(due(&house), []);
    // policies/lists.toml: a BCI is renewed after two days of seven.
    house.clock.advance(2 * DAY - 1);
    assert_eq!(due(&house), []);
    house.clock.advance(1);
    assert_eq!(due(&house), [("BCI of Sample".to_owned(), true)]);
    assert_eq!(due(&house), []);
}

#[test]
fn each_crl_is_renewed_when_it_is_due_and_the_bci_with_it() {
    let house = house();
    // CRLs after seven days of thirty; the root's after sixty of ninety.
    house.clock.advance(7 * DAY);
    let renewed = ["sample-bca", "sample-cca", "sample-mca", "sample-pca"];
    let mut expected: Vec<_> = renewed.iter().map(|ca| (format!("CRL of {ca}"), true)).collect();
    expected.push(("BCI of Sample".to_owned(), true));
    assert_eq!(due(&house), expected);
    for ca in renewed {
        assert_eq!(listed(&house, "Sample", ca), Some(2), "{ca}");
    }
    assert_eq!(due(&house), []);
}

#[test]
fn a_root_off_line_is_reported_when_due_and_renews_nothing_else() {
    let house = house();
    let root = ca_certificate(&house.authority, "root", KeyUse::CertificateSigning);
    let off_line = KeyId::of_spki(root.spki_der()).unwrap();
    // The service holds every key but the root's.
    let online = without(&house, &off_line);
    let authority = house.reopened(|parts| parts.signer = online);
    house.clock.advance(60 * DAY);
    let outcomes = authority.publish_due();
    let (failed, made): (Vec<_>, Vec<_>) =
        outcomes.into_iter().partition(|(_, outcome)| outcome.is_err());
    assert_eq!(made.len(), 5, "four CRLs and the BCI");
    let [(id, Err(Error::Key(KeyError::Absent(key))))] = &failed[..] else { panic!("{failed:?}") };
    assert_eq!((id.to_string().as_str(), *key), ("CRL of root", off_line));
    // Once more: still reported, and nothing is signed again for it.
    let again: Vec<String> = authority.publish_due().iter().map(|(id, _)| id.to_string()).collect();
    assert_eq!(again, ["CRL of root"]);
}

fn without(house: &House, absent: &KeyId) -> Arc<SoftwareKeys> {
    let kept = house.private_keys().into_iter().filter(|key| key.id() != *absent);
    Arc::new(SoftwareKeys::from_iter(kept.collect::<Vec<PrivateKey>>()))
}

#[test]
fn a_bci_left_behind_by_its_crls_is_renewed() {
    // Whoever published the CRL died before the BCI, or did not hold the brand's key.
    let house = house();
    let number = house.authority.publish_crl(&ca_id("sample-cca")).unwrap().number;
    assert_eq!(listed(&house, "Sample", "sample-cca"), Some(number - 1));
    assert_eq!(due(&house), [("BCI of Sample".to_owned(), true)]);
    assert_eq!(listed(&house, "Sample", "sample-cca"), Some(number));
}

#[test]
fn only_the_brand_whose_list_is_due_is_renewed() {
    let house = house_with(&["Sample", "Other"], None);
    house.clock.advance(DAY);
    house.authority.publish_bci("Other").unwrap();
    house.clock.advance(DAY);
    assert_eq!(due(&house), [("BCI of Sample".to_owned(), true)]);
}

#[test]
fn a_crl_that_was_overtaken_does_not_take_its_successors_place() {
    let house = house();
    let certificate = certificate(&house, "overtaken");
    let meanwhile = Meanwhile::default();
    let slow = house.reopened(|parts| {
        let (inner, journal) = (Arc::clone(&parts.store), Journal::new(None));
        parts.store = Arc::new(FaultyStore { inner, journal, meanwhile: Arc::clone(&meanwhile) });
    });
    let (other, serial) = (house.reopened(|_| ()), certificate.serial().to_vec());
    *meanwhile.lock().unwrap() = Some(Box::new(move || {
        let serial = SerialNumber::from_octets(&serial).unwrap();
        other.revoke(&ca_id("sample-cca"), &serial, RevocationReason::Superseded).unwrap();
        other.publish_after_revocation(&ca_id("sample-cca")).unwrap();
    }));
    let published = slow.publish_crl(&ca_id("sample-cca")).unwrap();
    assert_eq!(published, list(&house, &crl_id("sample-cca")));
    assert!(crl(&house, "sample-cca").revoked(certificate.serial()).is_some());
}

#[test]
fn of_revocations_at_once_none_is_missing_from_the_last_crl() {
    let house = house();
    let certificates: Vec<Cert> =
        (0..6).map(|number| certificate(&house, &format!("holder {number}"))).collect();
    let other = house.reopened(|_| ());
    std::thread::scope(|scope| {
        for (number, certificate) in certificates.iter().enumerate() {
            let authority = if number.is_multiple_of(2) { &house.authority } else { &other };
            scope.spawn(move || {
                let serial = SerialNumber::from_octets(certificate.serial()).unwrap();
                let reason = RevocationReason::CessationOfOperation;
                authority.revoke(&ca_id("sample-cca"), &serial, reason).unwrap();
                authority.publish_after_revocation(&ca_id("sample-cca")).unwrap();
            });
        }
    });
    let crl = crl(&house, "sample-cca");
    for certificate in &certificates {
        assert!(crl.revoked(certificate.serial()).is_some());
    }
    let number = list(&house, &crl_id("sample-cca")).number;
    assert_eq!(listed(&house, "Sample", "sample-cca"), Some(number));
}
