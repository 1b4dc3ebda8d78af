//! The PostgreSQL store keeps the contract of every store.

use std::cell::Cell;

use ca_core::store::conformance;
use ca_server::store::PostgresStore;
use e2e::postgres::Postgres;

#[test]
fn postgres_store_keeps_the_contract() {
    let (server, number) = (Postgres::start(), Cell::new(0));
    // Made once, then copied: each check has a store of its own.
    drop(PostgresStore::open(&server.database("empty")).unwrap());
    let outcome = conformance::run(&|| {
        number.set(number.get() + 1);
        let name = format!("store{}", number.get());
        server.sql("postgres", &format!("CREATE DATABASE {name} TEMPLATE empty"));
        Box::new(PostgresStore::open(&server.url(&name)).unwrap())
    });
    assert_eq!(outcome, Ok(()));
}
