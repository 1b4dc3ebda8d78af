//! The SQLite store keeps the contract of every store.

use std::cell::RefCell;

use ca_core::store::conformance;
use ca_server::store::SqliteStore;

#[test]
fn sqlite_store_keeps_the_contract() {
    let folders = RefCell::new(Vec::new());
    let outcome = conformance::run(&|| {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(&folder.path().join("store.db")).unwrap();
        folders.borrow_mut().push(folder);
        Box::new(store)
    });
    assert_eq!(outcome, Ok(()));
}
