//! The audit log as the authority writes it: refused messages, and checkpoints over all of it.

use std::sync::Arc;

use ca_core::audit::{AuditEntry, Checkpoint, NoteKey, examine};
use ca_core::authority::Authority;
use ca_core::signer::{KeyAlgorithm, PrivateKey, SoftwareKeys};
use ca_core::store::Store as _;
use ca_core::wire::Message;
use der::Encode as _;

use crate::house::{House, house, seeded_key};
use crate::messages::{init_req, post, wrapper};

/// A CardCInitReq whose header says version 7.
fn of_another_version(house: &House) -> Vec<u8> {
    let request = init_req("audit", "Sample");
    let rrpid = request.rrpid;
    let message = Message::CardCInitReq(request);
    let mut wrapper = wrapper(&message, rrpid, house.authority.now());
    wrapper.header.version = 7;
    wrapper.to_der().unwrap()
}

fn last_entry(house: &House) -> AuditEntry {
    let lines = house.records.audit_lines(house.records.audit_size().unwrap() - 1, 1).unwrap();
    AuditEntry::from_line(&lines[0].text).unwrap()
}

/// The same authority with a key for checkpoints.
fn signing(house: &House, key: &NoteKey, private: PrivateKey) -> Authority {
    house.reopened(|parts| {
        parts.signer = Arc::new(SoftwareKeys::from_iter([private]));
        parts.audit_key = Some(key.clone());
    })
}

fn note_key() -> (NoteKey, impl Fn() -> PrivateKey) {
    let private = || seeded_key(KeyAlgorithm::Ed25519, b"audit", "checkpoints");
    (NoteKey::of_spki("setca/test", private().spki_der()).unwrap(), private)
}

#[test]
fn refused_message_is_in_the_log_with_its_rule_and_the_ca_it_was_for() {
    let house = house();
    post(&house.authority, &of_another_version(&house));
    let entry = last_entry(&house);
    assert_eq!((entry.by.as_str(), entry.act.as_str()), ("end-entity", "message"));
    assert_eq!(entry.outcome, "refused: version-too-new");
    assert_eq!(entry.of["ca"], "sample-cca");
}

#[test]
fn what_is_no_message_is_nobodys_act() {
    let house = house();
    let before = house.records.audit_size().unwrap();
    post(&house.authority, b"no message");
    assert_eq!(house.records.audit_size().unwrap(), before);
}

#[test]
fn checkpoint_is_signed_when_the_log_has_grown_and_not_otherwise() {
    let house = house();
    let (key, private) = note_key();
    let authority = signing(&house, &key, private());
    let sign = |authority: &Authority| authority.sign_checkpoint().unwrap();
    let read = |note: &str| Checkpoint::parse(key.open(note).unwrap()).unwrap();
    let first = read(&sign(&authority).unwrap());
    assert_eq!(first.size, house.records.audit_size().unwrap());
    assert_eq!(sign(&authority), None);
    post(&house.authority, &of_another_version(&house));
    let second = read(&sign(&authority).unwrap());
    assert_eq!((second.origin.as_str(), second.size), ("setca/test", first.size + 1));
    assert_eq!(authority.audited().unwrap(), (second.size, second.size));
    post(&house.authority, &of_another_version(&house));
    assert_eq!(authority.audited().unwrap(), (second.size + 1, second.size));
    // Another process goes on from what the store keeps.
    let third = read(&sign(&signing(&house, &key, private())).unwrap());
    let found = examine(house.records.as_ref(), Some(&key), &[], &mut |_| {}).unwrap().unwrap();
    assert_eq!((found.size, found.checkpoints, found.signed), (third.size, 3, third.size));
}

#[test]
fn without_a_key_nothing_is_signed() {
    assert_eq!(house().authority.sign_checkpoint().unwrap(), None);
}
