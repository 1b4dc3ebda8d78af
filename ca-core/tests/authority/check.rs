//! Store = index = CRL = delta = shards = OCSP: nothing is found where nothing is wrong, and each
//! disagreement is named.

use ca_core::authority::{Authority, CheckOrder, Checked};
use ca_core::issue::{CrlKind, CrlOrder, EncodedEntries, prepare_crl};
use ca_core::profile::KeyUse;
use ca_core::store::conformance::samples;
use ca_core::store::{
    ListId, PublishedList, Revocation, RevocationReason, RevokedEntry, SerialNumber, Shard,
    Standing, Status,
};

use crate::cardholders::{CCA, certificate, divided, revoke, serial};
use crate::house::{BEGIN, House, house, in_both_houses};
use crate::messages::ca_id;

const HOUR: u64 = 3_600;

fn checked(authority: &Authority) -> Checked {
    authority.check_status(&CheckOrder::default(), &mut |_| true).unwrap().unwrap()
}

fn mismatches(authority: &Authority) -> Vec<String> {
    checked(authority).mismatches.iter().map(ToString::to_string).collect()
}

/// Publishes a list of the CCA with these entries, in place of the one that is right.
fn publish(house: &House, list: ListId, kind: CrlKind<'_>, entries: &[RevokedEntry]) -> u64 {
    let hierarchy = house.authority.hierarchy();
    let held = hierarchy.ca(&ca_id(CCA)).unwrap().held(KeyUse::CertificateSigning).unwrap();
    let number = house.authority.store().next_number(&list).unwrap();
    let (this_update, next_update) = (house.authority.now(), house.authority.now().plus_days(7));
    let order = CrlOrder {
        suite: house.suite(),
        issuer: held.certificate,
        algorithm: held.algorithm,
        kind,
        number,
        this_update,
        next_update,
        entries: EncodedEntries::of(entries, house.suite()).unwrap(),
    };
    let der = prepare_crl(&order).unwrap().sign(&held.key, house.keys.as_ref()).unwrap();
    let list = PublishedList { list, number, der, this_update, next_update };
    house.authority.store().record_list(&list, &samples::acting()).unwrap();
    number
}

fn entry(serial: &SerialNumber, reason: RevocationReason) -> RevokedEntry {
    RevokedEntry { serial: *serial, revocation: Revocation::new(BEGIN, reason) }
}

#[test]
fn nothing_is_found_where_all_say_the_same() {
    in_both_houses(|house| {
        let authority = &house.authority;
        let certificates = ["one", "two", "three"].map(|label| certificate(authority, label));
        revoke(authority, &certificates[0], RevocationReason::KeyCompromise);
        house.clock.advance(HOUR);
        authority.publish_after_revocation(&ca_id(CCA)).unwrap();
        // Too new for the list.
        revoke(authority, &certificates[1], RevocationReason::Superseded);
        let checked = checked(authority);
        assert_eq!(checked.mismatches, []);
        let known = authority.statuses().current().unwrap().size();
        assert_eq!(checked.serials, (known.living + known.revoked) as u64);
        assert_eq!(checked.revoked, 2);
    });
}

#[test]
fn deltas_and_shards_that_are_right_are_no_mismatch() {
    for keys in ["delta_hours = 24", "shards = 4"] {
        let house = house();
        let authority = divided(&house, keys);
        let held = certificate(&authority, "held");
        for label in ["one", "two", "three"] {
            let certificate = certificate(&authority, label);
            revoke(&authority, &certificate, RevocationReason::KeyCompromise);
            revoke_and_wait(&house, &authority);
        }
        revoke(&authority, &held, RevocationReason::CertificateHold);
        revoke_and_wait(&house, &authority);
        authority.release(&ca_id(CCA), &serial(&held)).unwrap();
        assert_eq!(mismatches(&authority), [""; 0], "{keys}, before the lists say so");
        revoke_and_wait(&house, &authority);
        let checked = checked(&authority);
        assert_eq!(checked.mismatches, [], "{keys}");
        // Five CRLs, and what stands beside that of the CCA: delta and base, or the shards.
        assert_eq!(checked.lists, if keys.starts_with("shards") { 9 } else { 7 }, "{keys}");
    }
}

fn revoke_and_wait(house: &House, authority: &Authority) {
    authority.publish_after_revocation(&ca_id(CCA)).unwrap();
    house.clock.advance(HOUR);
}

#[test]
fn revocation_that_a_later_list_does_not_have_is_named() {
    let house = house();
    let serial = serial(&certificate(&house.authority, "missing"));
    revoke_by(&house, &serial, RevocationReason::KeyCompromise);
    house.clock.advance(HOUR);
    let number = publish(&house, ListId::Crl(ca_id(CCA)), CrlKind::COMPLETE, &[]);
    let expected = format!(
        "{serial}: CRL of sample-cca number {number} says nothing, store says revoked at {BEGIN} \
         for keyCompromise, notAfter "
    );
    let found = mismatches(&house.authority);
    assert!(found.len() == 1 && found[0].starts_with(&expected), "{found:?}");
}

fn revoke_by(house: &House, serial: &SerialNumber, reason: RevocationReason) {
    house.authority.revoke(&ca_id(CCA), serial, reason).unwrap();
}

#[test]
fn entries_without_a_revocation_or_with_another_reason_are_named() {
    let house = house();
    let [good, wrong] =
        ["good", "wrong"].map(|label| serial(&certificate(&house.authority, label)));
    revoke_by(&house, &wrong, RevocationReason::KeyCompromise);
    house.clock.advance(HOUR);
    let stranger = SerialNumber::from_octets(&[0x7f; 20]).unwrap();
    let mut entries = [
        entry(&good, RevocationReason::Superseded),
        entry(&wrong, RevocationReason::Superseded),
        entry(&stranger, RevocationReason::Unspecified),
    ];
    entries.sort_by_key(|one| one.serial);
    publish(&house, ListId::Crl(ca_id(CCA)), CrlKind::COMPLETE, &entries);
    let found = mismatches(&house.authority);
    let about = |serial: &SerialNumber| {
        let one = found.iter().find(|one| one.starts_with(&serial.to_string())).unwrap();
        one.split_once(" says ").unwrap().1.to_owned()
    };
    assert_eq!(found.len(), 3, "{found:?}");
    assert_eq!(about(&good), format!("revoked at {BEGIN}, reason 4, store says good"));
    let said = format!("revoked at {BEGIN}, reason 4, store says revoked at {BEGIN} for key");
    assert!(about(&wrong).starts_with(&said), "{found:?}");
    assert_eq!(about(&stranger), format!("revoked at {BEGIN}, reason 0, store says unknown"));
}

#[test]
fn entry_in_another_shard_is_named() {
    let house = house();
    let authority = divided(&house, "shards = 2");
    let serial = serial(&certificate(&authority, "astray"));
    authority.revoke(&ca_id(CCA), &serial, RevocationReason::KeyCompromise).unwrap();
    authority.publish_after_revocation(&ca_id(CCA)).unwrap();
    house.clock.advance(HOUR);
    assert_eq!(mismatches(&authority), [""; 0]);
    let right = Shard::holding(&serial, 2);
    let other = Shard { index: 1 - right.index, ..right };
    let list = ListId::Shard { ca: ca_id(CCA), shard: other };
    let urls = [format!("http://ca.example/crl/sample-cca/{other}.crl")];
    let kind = CrlKind::Shard { urls: &urls };
    let entries = [entry(&serial, RevocationReason::KeyCompromise)];
    let number = publish(&house, list, kind, &entries);
    let expected = format!(
        "{serial}: shard {other} of the CRL of sample-cca number {number} lists it, and it is in \
         another shard"
    );
    assert_eq!(mismatches(&authority), [expected]);
}

#[test]
fn delta_that_makes_another_list_of_its_base_is_named() {
    let house = house();
    let authority = divided(&house, "delta_hours = 24");
    let serial = serial(&certificate(&authority, "astray"));
    authority.revoke(&ca_id(CCA), &serial, RevocationReason::KeyCompromise).unwrap();
    authority.publish_after_revocation(&ca_id(CCA)).unwrap();
    house.clock.advance(HOUR);
    assert_eq!(mismatches(&authority), [""; 0]);
    let base = authority.store().list(&ListId::DeltaBase(ca_id(CCA))).unwrap().unwrap().number;
    // It says nothing of what was revoked since its base.
    let delta = ListId::Delta(ca_id(CCA));
    let before = authority.store().list(&delta).unwrap().unwrap().number;
    let number = loop {
        let number = authority.store().next_number(&delta).unwrap();
        if number >= before {
            break number;
        }
    };
    let number = number.max(publish(&house, delta, CrlKind::Delta { base }, &[]));
    let expected = format!("{serial}: delta CRL of sample-cca number {number} says nothing, ");
    let found = mismatches(&authority);
    assert!(found.len() == 1 && found[0].starts_with(&expected), "{found:?}");
}

#[test]
fn index_that_says_good_of_what_is_revoked_is_named_with_what_ocsp_says() {
    let house = house();
    let serial = serial(&certificate(&house.authority, "hidden"));
    revoke_by(&house, &serial, RevocationReason::KeyCompromise);
    let (issuer, status) = (ca_id(CCA), Status::Issued);
    let wrong = Standing { issuer, serial, status };
    house.authority.statuses().current().unwrap().apply(&wrong);
    let store = format!("store says revoked at {BEGIN} for keyCompromise");
    let found = mismatches(&house.authority);
    let [index, answer] = &found[..] else { panic!("{found:?}") };
    let of = format!("{serial} of sample-cca");
    assert!(index.starts_with(&format!("{of}: index says good, {store}")), "{index}");
    assert!(answer.starts_with(&format!("{of}: OCSP says good, {store}")), "{answer}");
}

#[test]
fn check_that_is_told_to_stop_has_no_outcome() {
    let house = house();
    let outcome = house.authority.check_status(&CheckOrder::default(), &mut |_| false).unwrap();
    assert_eq!(outcome, None);
}

#[test]
fn ocsp_is_asked_for_everything_if_so_ordered() {
    let house = house();
    let count = house.authority.statuses().current().unwrap().size().living as u64;
    let asked = |order| {
        let checked = house.authority.check_status(&order, &mut |_| true).unwrap().unwrap();
        checked.answers
    };
    // The root's own certificate is on record under the root, too.
    assert_eq!(asked(CheckOrder::all()), count);
    assert_eq!(asked(CheckOrder { living: 0, ..CheckOrder::default() }), 0);
}
