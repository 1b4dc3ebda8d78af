//! Databases that cannot be opened, and what is said of them.

use ca_core::store::Store as _;
use ca_core::store::conformance::samples;
use ca_server::store::{OpenError, PostgresStore};
use e2e::postgres::Postgres;

#[test]
fn newer_schema_is_refused_with_both_versions() {
    let server = Postgres::start();
    let url = server.database("records");
    drop(PostgresStore::open(&url).unwrap());
    server.sql("records", "UPDATE setca_schema SET version = 7");
    let error = PostgresStore::open(&url).err().unwrap();
    let place = format!("postgres://127.0.0.1:{}/records", server.port());
    let expected = format!("{place} has schema version 7, this setca knows up to 1");
    assert_eq!(error.to_string(), expected);
}

#[test]
fn database_of_something_else_is_left_alone() {
    let server = Postgres::start();
    let url = server.database("shop");
    server.sql("shop", "CREATE TABLE certificate (gift text)");
    assert!(matches!(PostgresStore::open(&url), Err(OpenError::Foreign { .. })));
    let tables = "SELECT string_agg(relname, ' ' ORDER BY relname) FROM pg_class \
                  WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace";
    assert_eq!(server.sql("shop", tables), "certificate setca_schema");
}

#[test]
fn store_opened_again_goes_on_where_it_was() {
    let server = Postgres::start();
    let url = server.database("records");
    for number in 1..=4 {
        let store = PostgresStore::open(&url).unwrap();
        store
            .record_intents(&[samples::intent("cca", number).unwrap()], &samples::acting())
            .unwrap();
        assert_eq!(store.audit_size().unwrap(), number);
        assert_eq!(store.last_change().unwrap(), number);
    }
}

#[test]
fn password_is_wrong_or_database_absent_and_neither_is_repeated() {
    let server = Postgres::start();
    let url = format!("postgres://postgres:pass-word-xyz@127.0.0.1:{}/absent", server.port());
    let error = PostgresStore::open(&url).err().unwrap();
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert_eq!(source, "database \"absent\" does not exist (3D000)");
    assert!(!format!("{error} {error:?}").contains("pass-word-xyz"));
}
