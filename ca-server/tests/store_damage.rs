//! SQLite has no checksums: what was changed behind the store's back must not be served.

use std::path::{Path, PathBuf};

use ca_core::store::conformance::samples;
use ca_core::store::{CaId, ListId, Registration, Revocation, RevocationReason, Store, StoreError};
use ca_server::store::SqliteStore;
use tempfile::TempDir;

fn cca() -> CaId {
    samples::ca_id("cca").unwrap()
}

/// A store with a CA, a revoked certificate (serial 3) with its registration and answer, a list.
fn filled() -> (TempDir, PathBuf, SqliteStore) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let store = SqliteStore::open(&path).unwrap();
    store.record_ca(&samples::ca("cca", None, 1).unwrap(), &samples::acting()).unwrap();
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
    let revocation = Revocation::new(samples::NOW, RevocationReason::KeyCompromise);
    store.revoke(&intent.issuer, &intent.serial, &revocation, &samples::acting()).unwrap();
    store.record_list(&samples::list(&ListId::Crl(cca()), 1), &samples::acting()).unwrap();
    (folder, path, store)
}

type Look = fn(&SqliteStore) -> Result<(), StoreError>;

/// Changes the file with another connection and looks again.
fn expect_damaged(damages: &[&str], look: Look) {
    for damage in damages {
        let (_folder, path, store) = filled();
        look(&store).unwrap();
        execute(&path, damage);
        let found = look(&store);
        assert!(matches!(found, Err(StoreError::Damaged(_))), "{damage}: {found:?}");
    }
}

fn execute(path: &Path, sql: &str) {
    let connection = rusqlite::Connection::open(path).unwrap();
    assert_ne!(connection.execute(sql, ()).unwrap(), 0, "{sql}");
}

#[test]
fn changed_certificate_is_damaged() {
    expect_damaged(
        &[
            "UPDATE certificate SET der = x'00' WHERE serial = x'03'",
            "UPDATE certificate SET der = NULL WHERE serial = x'03'",
            "UPDATE certificate SET tbs = x'00' WHERE serial = x'03'",
            "UPDATE certificate SET subject = 'CN=other' WHERE serial = x'03'",
            "UPDATE certificate SET brand = NULL WHERE serial = x'03'",
            "UPDATE certificate SET not_after = not_after + 1 WHERE serial = x'03'",
            "UPDATE certificate SET recorded_at = 0 WHERE serial = x'03'",
            "UPDATE certificate SET public_key = zeroblob(32) WHERE serial = x'03'",
            "UPDATE certificate SET public_key = x'00' WHERE serial = x'03'",
            "UPDATE certificate SET role = 'merchant' WHERE serial = x'03'",
            "UPDATE certificate SET role = 'mermaid' WHERE serial = x'03'",
            "UPDATE certificate SET key_use = 'encryption' WHERE serial = x'03'",
        ],
        |store| store.certificate(&cca(), &samples::serial(3).unwrap()).map(drop),
    );
}

#[test]
fn vanished_revocation_is_damaged() {
    expect_damaged(
        &[
            "UPDATE certificate SET state = 'issued' WHERE serial = x'03'",
            "DELETE FROM revocation",
            "UPDATE revocation SET revoked_at = revoked_at + 1",
            "UPDATE revocation SET reason = 4",
            "UPDATE revocation SET reason = 6",
            "UPDATE revocation SET invalid_since = 0",
        ],
        |store| store.certificate(&cca(), &samples::serial(3).unwrap()).map(drop),
    );
}

#[test]
fn changed_revocation_is_damaged_in_the_list() {
    expect_damaged(
        &[
            "UPDATE revocation SET not_after = 0",
            "UPDATE revocation SET revoked_at = 0",
            "UPDATE revocation SET reason = 200",
            "UPDATE revocation SET reason = 2000",
        ],
        |store| store.revoked(&cca(), samples::NOW).map(drop),
    );
}

#[test]
fn changed_registration_is_damaged() {
    expect_damaged(
        &[
            "UPDATE registration SET lid_ee = x'00'",
            "UPDATE registration SET state = 'refused'",
            "UPDATE registration SET state = 'open'",
            "UPDATE registration SET form_id = NULL",
            "UPDATE registration SET pan_hash = zeroblob(32)",
            "UPDATE registration SET pan_tail = '0002'",
            "UPDATE registration SET updated_at = 0",
            "UPDATE registration SET revision = 7",
            "UPDATE registration SET decided_by = 'somebody'",
            "UPDATE registration SET sealed = NULL",
            "UPDATE registration SET issued = x'000101'",
            "UPDATE registration SET signers = x'0001'",
            "DELETE FROM key_claim WHERE place = 1",
        ],
        |store| store.registration(&[0xca, 1]).map(drop),
    );
}

#[test]
fn changed_answer_is_damaged() {
    expect_damaged(
        &[
            "UPDATE answer SET octets = x'00'",
            "UPDATE answer SET request = zeroblob(32)",
            "UPDATE answer SET recorded_at = 0",
        ],
        |store| store.answer(&[1; 20]).map(drop),
    );
}

#[test]
fn changed_list_is_damaged() {
    expect_damaged(
        &[
            "UPDATE published_list SET parts = x'00'",
            "UPDATE published_list SET parts = x''",
            "UPDATE list_part SET octets = x'00'",
            "DELETE FROM list_part",
        ],
        |store| store.list(&ListId::Crl(cca())).map(drop),
    );
}

#[test]
fn changed_head_of_a_list_is_damaged() {
    let damages = [
        "UPDATE published_list SET number = 9",
        "UPDATE published_list SET next_update = 0",
        "UPDATE published_list SET len = len + 1",
        "UPDATE published_list SET content = zeroblob(32)",
    ];
    expect_damaged(&damages, |store| store.list(&ListId::Crl(cca())).map(drop));
    expect_damaged(&damages, |store| store.list_head(&ListId::Crl(cca())).map(drop));
    expect_damaged(&damages, |store| store.list_heads().map(drop));
    let renamed = ["UPDATE published_list SET name = 'other'"];
    expect_damaged(&renamed, |store| store.list_heads().map(drop));
}

#[test]
fn changed_ca_is_damaged() {
    expect_damaged(
        &[
            "UPDATE ca SET brand = 'Other'",
            "UPDATE ca SET roles = 'cca mca'",
            "UPDATE ca_certificate SET der = x'00'",
            "UPDATE ca_certificate SET key_use = 'encryption'",
            "DELETE FROM ca_certificate",
        ],
        |store| store.cas().map(drop),
    );
}

#[test]
fn act_on_a_damaged_record_changes_nothing() {
    let (_folder, path, store) = filled();
    let intent = samples::intent("cca", 5).unwrap();
    store.record_intents(std::slice::from_ref(&intent), &samples::acting()).unwrap();
    execute(&path, "UPDATE certificate SET tbs = x'00' WHERE serial = x'05'");
    let outcome = store.record_issued(&[samples::issued(&intent)], None, &samples::acting());
    assert!(matches!(outcome, Err(StoreError::Damaged(_))), "{outcome:?}");
    let connection = rusqlite::Connection::open(&path).unwrap();
    let state: String = connection
        .query_row("SELECT state FROM certificate WHERE serial = x'05'", (), |row| row.get(0))
        .unwrap();
    assert_eq!(state, "intent");
}

#[test]
fn one_damaged_record_leaves_the_others_readable() {
    let (_folder, path, store) = filled();
    store.record_intents(&[samples::intent("cca", 1).unwrap()], &samples::acting()).unwrap();
    execute(&path, "UPDATE certificate SET tbs = x'00' WHERE serial = x'03'");
    let other = store.certificate(&cca(), &samples::serial(1).unwrap());
    assert!(other.unwrap().is_some());
}

#[test]
fn overwritten_page_is_damage() {
    let (_folder, path, store) = filled();
    drop(store);
    overwrite_root_page(&path, "published_list");
    let store = SqliteStore::open(&path).unwrap();
    let found = store.list(&ListId::Crl(cca()));
    assert!(matches!(found, Err(StoreError::Damaged(_))), "{found:?}");
}

fn overwrite_root_page(path: &Path, table: &str) {
    let connection = rusqlite::Connection::open(path).unwrap();
    let number = |sql: &str| connection.query_row(sql, (), |row| row.get::<_, i64>(0)).unwrap();
    let root = format!("SELECT rootpage FROM sqlite_schema WHERE name = '{table}'");
    let (page, size) = (number(&root) as usize, number("PRAGMA page_size") as usize);
    let mut octets = std::fs::read(path).unwrap();
    octets[(page - 1) * size..page * size].fill(0xff);
    std::fs::write(path, octets).unwrap();
}

/// Whoever loads a status index meets it, and whoever follows the feed.
#[test]
fn changed_standing_is_damaged() {
    let damages = [
        "UPDATE certificate SET state = 'issued' WHERE serial = x'03'",
        "DELETE FROM revocation",
        "UPDATE revocation SET revoked_at = revoked_at + 1",
        "UPDATE revocation SET not_after = 0",
        "UPDATE revocation SET reason = 4",
    ];
    expect_damaged(&damages, |store| store.standings(None, 10).map(drop));
    expect_damaged(&damages, |store| store.changes(0, 10).map(drop));
}

#[test]
fn vanished_change_is_damaged() {
    let look: Look = |store| store.changes(0, 10).map(drop);
    expect_damaged(
        &[
            "DELETE FROM change WHERE position = 2",
            "UPDATE change SET position = 9 WHERE position = 3",
        ],
        look,
    );
}
