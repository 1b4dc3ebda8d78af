//! Whoever can write the database cannot change the audit log without being found.

use ca_core::audit::{AuditEntry, AuditFault, Examined, examine};
use ca_core::store::Store as _;
use ca_core::store::conformance::samples;
use ca_server::store::PostgresStore;
use e2e::postgres::Postgres;

/// What is found in a log of eleven entries after each of these changes.
fn found(changes: &[&str]) -> Vec<Result<Examined, AuditFault>> {
    let server = Postgres::start();
    let store = PostgresStore::open(&server.database("log")).unwrap();
    for number in 0..11 {
        let of = [("number", number.to_string())];
        store.note(&[AuditEntry::noted(&samples::acting(), "noted", of, None)]).unwrap();
    }
    drop(store);
    let after = |(number, change): (usize, &&str)| {
        let name = format!("log{number}");
        server.sql("postgres", &format!("CREATE DATABASE {name} TEMPLATE log"));
        server.sql(&name, change);
        let store = PostgresStore::open(&server.url(&name)).unwrap();
        examine(&store, None, &[], &mut |_| {}).unwrap()
    };
    changes.iter().enumerate().map(after).collect()
}

#[test]
fn entry_that_was_taken_away_changed_or_moved_is_named() {
    let faults = found(&[
        "DELETE FROM audit WHERE position = 0",
        "DELETE FROM audit WHERE position = 4",
        "UPDATE audit SET line = replace(line, '\"4\"', '\"5\"') WHERE position = 4",
        "UPDATE audit SET position = -1 WHERE position = 2; \
         UPDATE audit SET position = 2 WHERE position = 7; \
         UPDATE audit SET position = 7 WHERE position = -1",
    ]);
    let expected = [
        AuditFault::Missing(0),
        AuditFault::Missing(4),
        AuditFault::Changed(4),
        AuditFault::Changed(2),
    ];
    assert_eq!(faults, expected.map(Err));
}

#[test]
fn changed_node_is_found() {
    let change = "UPDATE audit_node SET hash = sha256('x') WHERE level = 2 AND place = 1";
    let fault = found(&[change]).remove(0).unwrap_err();
    assert_eq!(fault.to_string(), "the hash over the entries 4 to 7 is not that of the entries");
}

#[test]
fn nothing_is_written_over_a_changed_head() {
    let server = Postgres::start();
    let store = PostgresStore::open(&server.database("log")).unwrap();
    server.sql("log", "UPDATE head SET audit = audit + 8");
    let error = store.note(&[AuditEntry::noted(&samples::acting(), "noted", [], None)]);
    assert_eq!(error.unwrap_err().to_string(), "stored record is damaged: the head of the store");
}
