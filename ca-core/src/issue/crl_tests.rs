//! Our CRLs, read by `wire::Crl` and by x509-cert's own decoder.

use der::{Decode, Encode};
use x509_cert::crl::CertificateList;
use x509_cert::ext::pkix::{CrlNumber, CrlReason};

use super::fixture::*;
use super::{CrlKind, CrlOrder, EncodedEntries, ListError, entries_in, prepare, prepare_crl};
use crate::profile::Role;
use crate::signer::{
    KeyAlgorithm, KeyError, KeyId, PrivateKey, SignatureAlgorithm, SoftwareKeys, verify,
};
use crate::store::{Revocation, RevocationReason, RevokedEntry, SerialNumber};
use crate::wire::extensions::AuthorityKeyIdentifier;
use crate::wire::{Cert, Crl, RevokedInfo};
use crate::{Suite, UnixTime};

fn entry(serial: &[u8], at: UnixTime, reason: RevocationReason) -> RevokedEntry {
    let serial = SerialNumber::from_octets(serial).unwrap();
    RevokedEntry { serial, revocation: Revocation::new(at, reason) }
}

fn crl_order<'a>(issuer: &'a Cert, entries: &[RevokedEntry]) -> CrlOrder<'a> {
    CrlOrder {
        issuer,
        suite: Suite::Modern,
        algorithm: SignatureAlgorithm::EcdsaSha256,
        kind: CrlKind::COMPLETE,
        number: 5,
        this_update: begin(),
        next_update: begin().plus_days(30),
        entries: EncodedEntries::of(entries, Suite::Modern).unwrap(),
    }
}

fn signed(order: &CrlOrder<'_>) -> Vec<u8> {
    let key = KeyId::of_spki(order.issuer.spki_der()).unwrap();
    prepare_crl(order).unwrap().sign(&key, &house().keys).unwrap().to_vec()
}

#[test]
fn foreign_decoder_reads_what_was_ordered() {
    let house = house();
    let late = time("2050-06-01T00:00:00Z");
    let entries = [
        entry(&[1], begin(), RevocationReason::Unspecified),
        entry(&[2; 16], late, RevocationReason::KeyCompromise),
        entry(&[3; 20], begin(), RevocationReason::PrivilegeWithdrawn),
    ];
    let octets = signed(&crl_order(&house.cca, &entries));
    let list = CertificateList::<x509_cert::certificate::Raw>::from_der(&octets).unwrap();
    assert_eq!(list.to_der().unwrap(), octets);
    let tbs = list.tbs_cert_list;
    assert_eq!(tbs.version, x509_cert::Version::V2);
    assert_eq!(tbs.issuer.to_der().unwrap(), house.cca.subject_der());
    assert_eq!(tbs.signature, list.signature_algorithm);
    assert_eq!(UnixTime::from(&tbs.next_update.unwrap()), begin().plus_days(30));
    let revoked = tbs.revoked_certificates.unwrap();
    let reasons: Vec<_> = revoked
        .iter()
        .map(|one| {
            let all = one.crl_entry_extensions.as_ref()?;
            Some(CrlReason::from_der(all[0].extn_value.as_bytes()).unwrap())
        })
        .collect();
    let expected = [None, Some(CrlReason::KeyCompromise), Some(CrlReason::PrivilegeWithdrawn)];
    assert_eq!(reasons, expected);
    assert_eq!(revoked[2].serial_number.as_bytes(), [3; 20]);
    assert_eq!(UnixTime::from(&revoked[1].revocation_date), late);
    let extensions = tbs.crl_extensions.unwrap();
    let number = CrlNumber::from_der(extensions[0].extn_value.as_bytes()).unwrap();
    assert_eq!(number.0.as_bytes(), [5]);
    assert!(extensions.iter().all(|extension| !extension.critical));
}

#[test]
fn own_reader_agrees_and_the_signature_verifies() {
    let house = house();
    let entries = [
        entry(&[1], begin(), RevocationReason::Unspecified),
        entry(&[2; 16], begin(), RevocationReason::KeyCompromise),
    ];
    let crl = Crl::from_der_set(&signed(&crl_order(&house.cca, &entries))).unwrap();
    assert_eq!((crl.number(), crl.len()), (Some(5.into()), 2));
    assert_eq!(crl.issuer_der(), house.cca.subject_der());
    assert_eq!((crl.this_update(), crl.next_update()), (begin(), Some(begin().plus_days(30))));
    assert_eq!(crl.revoked(&[1]), Some(RevokedInfo { at: begin(), reason: None }));
    assert_eq!(crl.revoked(&[2; 16]), Some(RevokedInfo { at: begin(), reason: Some(1) }));
    assert_eq!(crl.revoked(&[2; 15]), None);
    // The first has no extensions, and those of the second are not its own.
    assert!(crl.entries().all(|entry| entry.invalidity_date().is_none()));
    assert_eq!(crl.unknown_critical_set(), None);
    let named = crl.authority_key_identifier().unwrap().unwrap();
    assert_eq!(named, AuthorityKeyIdentifier::naming(&house.cca, Suite::Modern));
    assert!(named.names(&house.cca));
    let algorithm = SignatureAlgorithm::EcdsaSha256;
    verify(Suite::Modern, house.cca.spki_der(), algorithm, crl.tbs_der(), crl.signature()).unwrap();
}

#[test]
fn entries_say_hold_and_since_when_as_foreign_encodings_do() {
    let house = house();
    let held = entry(&[1], begin(), RevocationReason::CertificateHold);
    let mut dated = entry(&[2], begin(), RevocationReason::KeyCompromise);
    dated.revocation.invalid_since = Some(time("2026-01-02T03:04:05Z"));
    let mut bare = entry(&[3], begin(), RevocationReason::Unspecified);
    bare.revocation.invalid_since = Some(time("2055-01-02T03:04:05Z"));
    let octets = signed(&crl_order(&house.cca, &[held, dated, bare]));
    let list = CertificateList::<x509_cert::certificate::Raw>::from_der(&octets).unwrap();
    assert_eq!(list.to_der().unwrap(), octets);
    let said: Vec<Vec<(String, bool, Vec<u8>)>> = list
        .tbs_cert_list
        .revoked_certificates
        .unwrap()
        .into_iter()
        .map(|one| {
            let all = one.crl_entry_extensions.unwrap().into_iter();
            all.map(|one| {
                (one.extn_id.to_string(), one.critical, one.extn_value.as_bytes().to_vec())
            })
            .collect()
        })
        .collect();
    let reason = |code| ("2.5.29.21".to_owned(), false, vec![0x0a, 1, code]);
    let since = |text: &[u8]| ("2.5.29.24".to_owned(), false, [&[0x18, 15], text].concat());
    let expected = [
        vec![reason(6)],
        vec![reason(1), since(b"20260102030405Z")],
        vec![since(b"20550102030405Z")],
    ];
    assert_eq!(said, expected);
    let crl = Crl::from_der_set(&octets).unwrap();
    let reasons = [1, 2, 3].map(|n| crl.revoked(&[n]).unwrap().reason);
    assert_eq!(reasons, [Some(6), Some(1), None]);
    let dates: Vec<_> = crl.entries().map(|entry| entry.invalidity_date()).collect();
    let expected = ["2026-01-02T03:04:05Z", "2055-01-02T03:04:05Z"].map(|at| Some(time(at)));
    assert_eq!(dates, [None, expected[0], expected[1]]);
}

#[test]
fn empty_crl_has_no_revoked_certificates() {
    let house = house();
    let octets = signed(&crl_order(&house.cca, &[]));
    let list = CertificateList::<x509_cert::certificate::Raw>::from_der(&octets).unwrap();
    assert_eq!(list.tbs_cert_list.revoked_certificates, None);
    assert!(Crl::from_der_set(&octets).unwrap().is_empty());
}

#[test]
fn long_crl_equals_the_foreign_encoding() {
    let house = house();
    let entries: Vec<_> = (0..1000_u32)
        .map(|n| {
            let serial = [&[1_u8; 12][..], &n.to_be_bytes()].concat();
            entry(&serial, begin().plus_secs(n.into()), RevocationReason::Superseded)
        })
        .collect();
    let octets = signed(&crl_order(&house.cca, &entries));
    let list = CertificateList::<x509_cert::certificate::Raw>::from_der(&octets).unwrap();
    assert_eq!(list.to_der().unwrap(), octets);
    let crl = Crl::from_der_set(&octets).unwrap();
    let found = crl.entries().zip(&entries).all(|(listed, entry)| {
        listed.serial == entry.serial.as_octets() && listed.info.at == entry.revocation.at
    });
    assert!(found && crl.len() == entries.len());
}

/// Every reason, with and without invalidityDate, serial numbers of 1 to 20 octets.
fn golden_entries() -> Vec<RevokedEntry> {
    let reasons = RevocationReason::ALL;
    (0..100_usize)
        .map(|n| {
            let serial = vec![n as u8 + 1; n / 5 + 1];
            let at = begin().plus_days(n as u32 * 60);
            let mut entry = entry(&serial, at, reasons[n % reasons.len()]);
            entry.revocation.invalid_since = n.is_multiple_of(3).then_some(at.minus_secs(90));
            entry
        })
        .collect()
}

/// The digest of a list as it was written before entries were kept encoded, in one buffer.
#[test]
fn list_of_parts_is_byte_for_byte_the_list_in_one_buffer() {
    let house = house();
    let tbs = prepare_crl(&crl_order(&house.cca, &golden_entries())).unwrap().tbs().to_vec();
    let before = "1c8301271e3d1218f56b7f4b69b76ec09babf11b6420d96fcaeecd77d1591c11";
    assert_eq!((tbs.len(), crate::hex(&Suite::Modern.digest(&tbs)).as_str()), (5287, before));
}

#[test]
fn signed_list_is_a_head_the_entries_as_they_were_and_a_tail() {
    let house = house();
    let one = [entry(&[1], begin(), RevocationReason::KeyCompromise)];
    let two = [entry(&[2], begin(), RevocationReason::KeyCompromise)];
    let mut entries = EncodedEntries::of(&one, Suite::Modern).unwrap();
    let others = EncodedEntries::of(&two, Suite::Modern).unwrap();
    others.parts.iter().for_each(|part| entries.push(part.clone(), 1));
    let order = CrlOrder { entries: entries.clone(), ..crl_order(&house.cca, &[]) };
    let key = KeyId::of_spki(house.cca.spki_der()).unwrap();
    let list = prepare_crl(&order).unwrap().sign(&key, &house.keys).unwrap();
    let [_, first, second, _] = list.parts() else { panic!("{list:?}") };
    assert!(first.is_same(&entries.parts[0]) && second.is_same(&entries.parts[1]));
    assert_eq!(list.to_vec().len(), list.len());
    let whole = signed(&crl_order(&house.cca, &[one, two].concat()));
    let tbs = |octets| Crl::from_der_set(octets).unwrap().tbs_der().to_vec();
    assert_eq!(tbs(&list.to_vec()), tbs(&whole));
    let found = entries_in(&list).unwrap();
    assert!(found.len() == 2 && found[0].is_same(first) && found[1].is_same(second));
}

/// Ed25519 signs no digest (RFC 8032 hashes twice): the list is put together for it.
#[test]
fn list_signed_with_ed25519_verifies() {
    let house = house();
    let key = PrivateKey::generate(KeyAlgorithm::Ed25519, &random("ed25519")).unwrap();
    let (id, spki) = (key.id(), key.spki_der().to_vec());
    let mut profile = ca_profile(Role::Cca, Role::Bca, 0);
    profile.key_algorithms = vec![KeyAlgorithm::Ed25519];
    let (roles, subject) = ([Role::Cca], name("Brand", "Brand CCA"));
    let order = order(&profile, issuer(&house.bca), subject, &spki, &roles, &house.locations);
    let bca = KeyId::of_spki(house.bca.spki_der()).unwrap();
    let cca = prepare(&order, &random("serial")).unwrap().sign(&bca, &house.keys).unwrap();
    let cca = Cert::from_der(&cca).unwrap();
    let entries = [entry(&[1], begin(), RevocationReason::KeyCompromise)];
    let algorithm = SignatureAlgorithm::Ed25519;
    let order = CrlOrder { algorithm, ..crl_order(&cca, &entries) };
    let keys = SoftwareKeys::from_iter([key]);
    let octets = prepare_crl(&order).unwrap().sign(&id, &keys).unwrap().to_vec();
    let crl = Crl::from_der_set(&octets).unwrap();
    verify(Suite::Modern, &spki, algorithm, crl.tbs_der(), crl.signature()).unwrap();
}

#[test]
fn unsorted_or_doubled_entries_are_refused() {
    let one = entry(&[1], begin(), RevocationReason::Unspecified);
    let two = entry(&[2], begin(), RevocationReason::Unspecified);
    for entries in [[two, one.clone()], [one.clone(), one]] {
        let refused = EncodedEntries::of(&entries, Suite::Modern).unwrap_err();
        assert_eq!(refused, ListError::Unsorted("01".to_owned()));
    }
}

#[test]
fn certificate_without_crl_sign_issues_no_crl() {
    let house = house();
    let refused = prepare_crl(&crl_order(&house.responder, &[])).unwrap_err();
    assert_eq!(refused, ListError::Signer);
}

#[test]
fn crl_that_ends_when_it_begins_is_refused() {
    let house = house();
    let order = CrlOrder { next_update: begin(), ..crl_order(&house.cca, &[]) };
    assert!(matches!(prepare_crl(&order), Err(ListError::Dates { .. })));
}

#[test]
fn another_key_does_not_sign_the_crl() {
    let house = house();
    let prepared = prepare_crl(&crl_order(&house.cca, &[])).unwrap();
    let bca = KeyId::of_spki(house.bca.spki_der()).unwrap();
    let refused = prepared.sign(&bca, &house.keys).unwrap_err();
    assert!(matches!(refused, KeyError::Unsuitable(id, _) if id == bca));
}

#[test]
fn shortened_lengthened_or_doubled_crl_does_not_decode() {
    let house = house();
    let entries = [
        entry(&[1], begin(), RevocationReason::KeyCompromise),
        entry(&[2], begin(), RevocationReason::KeyCompromise),
    ];
    let octets = signed(&crl_order(&house.cca, &entries));
    for length in 0..octets.len() {
        assert!(Crl::from_der_set(&octets[..length]).is_err(), "{length} octets");
    }
    assert!(Crl::from_der_set(&[octets.as_slice(), &[0]].concat()).is_err());
    let second = octets.windows(3).rposition(|window| window == [2, 1, 2]).unwrap();
    let mut doubled = octets;
    doubled[second + 2] = 1;
    assert!(Crl::from_der_set(&doubled).is_err());
}
