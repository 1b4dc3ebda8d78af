//! Data folders of every earlier schema open, keep what is in them, and go on.
//!
//! `folders/schema-N.tar.gz` was made by the last setca of schema N: `init --test`, two cardholders
//! registered over HTTP, the certificate of the first revoked.

#![allow(clippy::unwrap_used, reason = "a test that fails is to say where")]

use std::path::Path;
use std::process::Command;

use ca_core::audit::{AuditFault, examine};
use ca_core::authority::{Authority, Error};
use ca_core::profile::Role;
use ca_core::status::SerialStatus;
use ca_core::store::{CertificateQuery, CertificateState, RevocationReason, Word};
use ca_server::data::{Folder, PassphraseSource, Settings};
use tempfile::TempDir;

/// The folder that a setca of this schema left behind.
fn folder(schema: u32) -> (TempDir, Folder) {
    let archive = format!("{}/tests/folders/schema-{schema}.tar.gz", env!("CARGO_MANIFEST_DIR"));
    let place = tempfile::tempdir().unwrap();
    let unpacked = Command::new("tar").arg("xzf").arg(archive).arg("-C").arg(place.path()).status();
    assert!(unpacked.unwrap().success());
    let folder = Folder::at(place.path());
    (place, folder)
}

fn open(path: &Path) -> Authority {
    let opened = Folder::at(path).open(&PassphraseSource::Usual, false).unwrap();
    Authority::open(opened.parts).unwrap()
}

#[test]
fn folder_of_schema_1_keeps_its_records_and_goes_on() {
    let (_place, folder) = folder(1);
    let authority = open(folder.path());
    let store = authority.store();
    let query = CertificateQuery { role: Some(Role::Cardholder), ..CertificateQuery::default() };
    let cards = store.certificates(&query).unwrap().items;
    let states: Vec<_> = cards.iter().map(|card| card.state()).collect();
    assert_eq!(states, [CertificateState::Revoked, CertificateState::Issued]);
    let [first, second] = cards.as_slice() else { panic!("{} cards", cards.len()) };
    let standing = first.revocation.unwrap();
    assert_eq!(standing.reason, RevocationReason::KeyCompromise);
    assert!(store.registration_of(&second.intent.issuer, &second.intent.serial).unwrap().is_some());

    // It goes on: another revocation, in OCSP and in a CRL of a higher number.
    let (issuer, serial) = (&second.intent.issuer, &second.intent.serial);
    authority.revoke(issuer, serial, RevocationReason::Superseded).unwrap();
    let status = authority.statuses().status(issuer, serial).unwrap();
    assert!(matches!(status, SerialStatus::Revoked(_)), "{status:?}");
    assert_eq!(authority.publish_crl(issuer).unwrap().number, 3);
}

#[test]
fn certificate_of_schema_1_is_found_by_the_words_of_its_subject() {
    let (_place, folder) = folder(1);
    let authority = open(folder.path());
    let store = authority.store();
    let all = store.certificates(&CertificateQuery::default()).unwrap().items;
    let found = |text: &str| {
        let query = CertificateQuery { subject: Word::all_in(text), ..CertificateQuery::default() };
        store.certificates(&query).unwrap().items
    };
    let named = all.iter().filter(|record| record.intent.subject.contains("CN="));
    let named: Vec<_> = named.collect();
    assert!(named.len() > 1, "{all:?}");
    for record in named {
        let (_, name) = record.intent.subject.rsplit_once("CN=").unwrap();
        assert!(found(name).contains(record), "{}", record.intent.subject);
    }
}

#[test]
fn folder_of_schema_1_begins_an_audit_log_and_gets_a_key_for_it_once() {
    let (_place, folder) = folder(1);
    assert_eq!(Settings::read(&folder).unwrap().audit_key, None);
    // Two at once: the second finds what the first has made.
    std::thread::scope(|threads| {
        let open = || open(folder.path());
        for one in [threads.spawn(open), threads.spawn(open)] {
            drop(one.join().unwrap());
        }
    });
    let key = Settings::read(&folder).unwrap().audit_key.unwrap();
    let authority = open(folder.path());
    assert_eq!(authority.sign_checkpoint().unwrap(), None, "nothing was done yet");
    let acting = authority.acting();
    authority.note(&acting, "test", [], None).unwrap();
    authority.sign_checkpoint().unwrap().unwrap();
    let found = examine(authority.store().as_ref(), Some(&key), &[], &mut |_| {});
    let found = found.unwrap().unwrap();
    assert_eq!((found.size, found.checkpoints), (1, 1));
}

#[test]
fn log_that_was_written_anew_is_not_signed() {
    let (_place, folder) = folder(1);
    let authority = open(folder.path());
    let note = |name: &str| authority.note(&authority.acting(), name, [], None).unwrap();
    ["one", "two", "three"].into_iter().for_each(note);
    authority.sign_checkpoint().unwrap().unwrap();
    // No hash above stands over the third alone: what comes next is hashed with what is there now.
    let anew = "UPDATE audit SET line = replace(line, 'three', 'third')";
    rusqlite::Connection::open(folder.database()).unwrap().execute_batch(anew).unwrap();
    note("four");
    let refused = authority.sign_checkpoint().unwrap_err();
    assert!(matches!(refused, Error::Audit(AuditFault::Root { signed: 3, .. })), "{refused}");
}
