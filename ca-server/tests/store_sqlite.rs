//! What the SQLite store promises beyond the contract: it lasts, it groups, it knows its file.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use ca_core::Part;
use ca_core::store::conformance::samples;
use ca_core::store::{
    CertificateQuery, CertificateState, ListId, PublishedList, Registration, Revocation,
    RevocationReason, Store,
};
use ca_server::store::{OpenError, SqliteStore};
use tempfile::TempDir;

const REVOCATION: Revocation = Revocation::new(samples::NOW, RevocationReason::KeyCompromise);

fn folder() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    (folder, path)
}

fn crl() -> ListId {
    ListId::Crl(samples::ca_id("cca").unwrap())
}

fn execute(path: &Path, sql: &str) {
    let connection = rusqlite::Connection::open(path).unwrap();
    connection.execute_batch(sql).unwrap();
}

/// One record of every kind: CAs, a revoked certificate with registration and answer, an intent
/// and a list.
fn fill(store: &dyn Store) {
    store.record_ca(&samples::ca("root", None, 1).unwrap(), &samples::acting()).unwrap();
    store.record_ca(&samples::ca("cca", Some("root"), 2).unwrap(), &samples::acting()).unwrap();
    let intent = samples::intent("cca", 3).unwrap();
    store.record_intents(std::slice::from_ref(&intent), &samples::acting()).unwrap();
    let registration =
        Registration { revision: 0, ..samples::moved_on(&samples::registration(1).unwrap()) };
    let answer = samples::answer(1, b"answer");
    store
        .record_issued(
            &[samples::issued(&intent)],
            Some((&registration, Some(&answer))),
            &samples::acting(),
        )
        .unwrap();
    store.revoke(&intent.issuer, &intent.serial, &REVOCATION, &samples::acting()).unwrap();
    store.record_intents(&[samples::intent("cca", 4).unwrap()], &samples::acting()).unwrap();
    store.next_number(&crl()).unwrap();
    store.record_list(&samples::list(&crl(), 1), &samples::acting()).unwrap();
}

#[test]
fn reopened_store_has_every_record() {
    let (_folder, path) = folder();
    let look = |store: &dyn Store| {
        (
            store.cas().unwrap(),
            store.certificates(&CertificateQuery::default()).unwrap().items,
            store.registration(&[0xca, 1]).unwrap(),
            store.answer(&[1; 20]).unwrap(),
            store.revoked(&samples::ca_id("cca").unwrap(), samples::NOW).unwrap(),
            store.list(&crl()).unwrap(),
        )
    };
    let before = {
        let store = SqliteStore::open(&path).unwrap();
        fill(&store);
        look(&store)
    };
    assert_eq!(before.1.len(), 2);
    assert_eq!(look(&SqliteStore::open(&path).unwrap()), before);
}

#[test]
fn reopened_store_repeats_no_number() {
    let (_folder, path) = folder();
    let numbers: Vec<u64> =
        (0..4).map(|_| SqliteStore::open(&path).unwrap().next_number(&crl()).unwrap()).collect();
    assert_eq!(numbers, [1, 2, 3, 4]);
}

/// Each issue is read from one state of the file, although its parts go with the next.
#[test]
fn list_read_while_it_is_replaced_is_one_issue() {
    const ISSUES: u64 = 200;
    let (_folder, path) = folder();
    let store = SqliteStore::open(&path).unwrap();
    let issue = |number: u64| {
        let parts = ["of ".to_owned(), number.to_string(), " all".to_owned(), number.to_string()];
        let der = parts.map(|part| Part::from(part.into_bytes())).into_iter().collect();
        PublishedList { der, ..samples::list(&crl(), number) }
    };
    store.record_list(&issue(1), &samples::acting()).unwrap();
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            (2..=ISSUES)
                .for_each(|number| store.record_list(&issue(number), &samples::acting()).unwrap());
        });
        while !writer.is_finished() {
            let found = store.list(&crl()).unwrap().unwrap();
            assert_eq!(found, issue(found.number));
        }
    });
}

#[test]
fn concurrent_issuances_are_all_there_and_share_commits() {
    const THREADS: u64 = 8;
    const EACH: u64 = 200;
    let (_folder, path) = folder();
    let store = SqliteStore::open(&path).unwrap();
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let store = &store;
            scope.spawn(move || {
                for number in 1..=EACH {
                    let intent = samples::intent("cca", thread * EACH + number).unwrap();
                    store
                        .record_intents(std::slice::from_ref(&intent), &samples::acting())
                        .unwrap();
                    store
                        .record_issued(&[samples::issued(&intent)], None, &samples::acting())
                        .unwrap();
                }
            });
        }
    });
    let query = CertificateQuery {
        state: Some(CertificateState::Issued),
        limit: 10_000,
        ..CertificateQuery::default()
    };
    let records = store.certificates(&query).unwrap().items;
    let serials: BTreeSet<_> = records.iter().map(|r| r.intent.serial).collect();
    let all = (THREADS * EACH) as usize;
    assert_eq!((records.len(), serials.len()), (all, all));
    let acts = 2 * THREADS * EACH;
    assert!(store.commits() < acts / 2, "{} commits for {acts} acts", store.commits());
}

#[test]
fn one_of_many_concurrent_claims_on_a_serial_wins() {
    let (_folder, path) = folder();
    let store = SqliteStore::open(&path).unwrap();
    let wins = std::thread::scope(|scope| {
        let claims: Vec<_> = (0..8_u8)
            .map(|thread| {
                let mut intent = samples::intent("cca", 1).unwrap();
                intent.public_key = [thread; 32];
                let store = &store;
                scope.spawn(move || {
                    store.record_intents(std::slice::from_ref(&intent), &samples::acting()).is_ok()
                })
            })
            .collect();
        claims.into_iter().map(|claim| claim.join().unwrap()).filter(|won| *won).count()
    });
    assert_eq!(wins, 1);
}

#[test]
fn two_handles_on_one_file_share_the_numbers() {
    const EACH: usize = 100;
    let (_folder, path) = folder();
    let handles = [SqliteStore::open(&path).unwrap(), SqliteStore::open(&path).unwrap()];
    let numbers: Vec<u64> = std::thread::scope(|scope| {
        let threads = handles.each_ref().map(|store| {
            scope.spawn(|| (0..EACH).map(|_| store.next_number(&crl()).unwrap()).collect())
        });
        threads.into_iter().flat_map(|thread| -> Vec<u64> { thread.join().unwrap() }).collect()
    });
    assert_eq!(BTreeSet::from_iter(numbers), BTreeSet::from_iter(1..=2 * EACH as u64));
}

#[test]
fn one_handle_sees_what_the_other_recorded() {
    let (_folder, path) = folder();
    let (one, other) = (SqliteStore::open(&path).unwrap(), SqliteStore::open(&path).unwrap());
    let intent = samples::intent("cca", 1).unwrap();
    one.record_intents(std::slice::from_ref(&intent), &samples::acting()).unwrap();
    assert!(other.certificate(&intent.issuer, &intent.serial).unwrap().is_some());
}

#[test]
fn new_file_opened_by_many_at_once_is_one_store() {
    let (_folder, path) = folder();
    let opened = std::thread::scope(|scope| {
        let threads: Vec<_> =
            (0..8).map(|_| scope.spawn(|| SqliteStore::open(&path).map(drop))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect::<Result<Vec<()>, _>>()
    });
    assert_eq!(opened.unwrap().len(), 8);
}

#[test]
fn newer_schema_is_refused_with_both_versions() {
    let (_folder, path) = folder();
    drop(SqliteStore::open(&path).unwrap());
    execute(&path, "PRAGMA user_version = 99");
    let error = SqliteStore::open(&path).err().unwrap();
    let expected = format!("{} has schema version 99, this setca knows up to 3", path.display());
    assert_eq!(error.to_string(), expected);
}

#[test]
fn database_of_something_else_is_refused_and_left_alone() {
    let (_folder, path) = folder();
    execute(&path, "CREATE TABLE theirs (a)");
    let before = std::fs::read(&path).unwrap();
    assert!(matches!(SqliteStore::open(&path), Err(OpenError::Foreign { .. })));
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[test]
fn file_that_is_no_database_is_refused_and_left_alone() {
    let (_folder, path) = folder();
    let letter = "a letter to the bank\n".repeat(100);
    std::fs::write(&path, &letter).unwrap();
    assert!(matches!(SqliteStore::open(&path), Err(OpenError::Foreign { .. })));
    assert_eq!(std::fs::read(&path).unwrap(), letter.as_bytes());
}

#[test]
fn missing_folder_is_unavailable_and_named() {
    let (_folder, path) = folder();
    let error = SqliteStore::open(&path.join("absent").join("store.db")).err().unwrap();
    assert!(matches!(error, OpenError::Unavailable { .. }));
    assert!(error.to_string().contains("absent/store.db"), "{error}");
}

#[cfg(unix)]
#[test]
fn only_the_owner_may_read_the_files() {
    use std::os::unix::fs::PermissionsExt as _;
    let (folder, path) = folder();
    let store = SqliteStore::open(&path).unwrap();
    fill(&store);
    let modes: Vec<u32> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|file| file.unwrap().metadata().unwrap().permissions().mode() & 0o777)
        .collect();
    assert_eq!(modes, [0o600; 3]);
}

#[test]
fn writer_held_by_another_process_is_unavailable_and_readers_go_on() {
    let (_folder, path) = folder();
    let store = SqliteStore::open(&path).unwrap();
    fill(&store);
    let other = rusqlite::Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    std::thread::scope(|scope| {
        let act = scope.spawn(|| store.next_number(&crl()));
        assert!(store.answer(&[1; 20]).unwrap().is_some());
        let error = act.join().unwrap().unwrap_err();
        assert!(error.to_string().ends_with("store.db: database is locked"), "{error}");
    });
    other.execute_batch("ROLLBACK").unwrap();
    assert_eq!(store.next_number(&crl()).unwrap(), 2);
}
