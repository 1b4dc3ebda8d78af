//! Whoever can write the database cannot change the audit log without being found.

#![allow(clippy::unwrap_used, reason = "a test that fails is to say where")]

use std::path::PathBuf;

use ca_core::audit::{AuditEntry, AuditFault, Checkpoint, Examined, NoteKey, examine};
use ca_core::signer::{KeyAlgorithm, PrivateKey, SeededRandom, SoftwareKeys};
use ca_core::store::Store as _;
use ca_core::store::conformance::samples;
use ca_server::store::SqliteStore;
use rusqlite::Connection;

/// A store with a log, in a folder of its own.
struct Log {
    folder: tempfile::TempDir,
    key: NoteKey,
    keys: SoftwareKeys,
}

impl Log {
    /// A log of eleven entries.
    fn new() -> Self {
        let random = SeededRandom::new(b"audit", "checkpoints");
        let key = PrivateKey::generate(KeyAlgorithm::Ed25519, &random).unwrap();
        let note_key = NoteKey::of_spki("test/audit", key.spki_der()).unwrap();
        let keys = SoftwareKeys::from_iter([key]);
        let log = Self { folder: tempfile::tempdir().unwrap(), key: note_key, keys };
        log.append(0..11);
        log
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("store.db")
    }

    fn store(&self) -> SqliteStore {
        SqliteStore::open(&self.path()).unwrap()
    }

    fn append(&self, numbers: std::ops::Range<u64>) {
        let store = self.store();
        for number in numbers {
            let of = [("number", number.to_string())];
            store.note(&[AuditEntry::noted(&samples::acting(), "noted", of, None)]).unwrap();
        }
    }

    fn checkpoint(&self) -> Checkpoint {
        let found = self.examine(&[]).unwrap();
        Checkpoint { origin: self.key.name().to_owned(), size: found.size, root: found.root }
    }

    /// Keeps a checkpoint in the store itself.
    fn sign(&self) {
        let checkpoint = self.checkpoint();
        let note = self.key.sign(&checkpoint.to_string(), &self.keys).unwrap();
        self.store().record_checkpoint(checkpoint.size, &note).unwrap();
    }

    fn examine(&self, given: &[Checkpoint]) -> Result<Examined, AuditFault> {
        examine(&self.store(), Some(&self.key), given, &mut |_| {}).unwrap()
    }

    /// Changes the file behind the store's back.
    fn tamper(&self, sql: &str) {
        Connection::open(self.path()).unwrap().execute_batch(sql).unwrap();
    }

    /// What is found after a change of the file.
    fn after(sql: &str) -> Result<Examined, AuditFault> {
        let log = Self::new();
        log.tamper(sql);
        log.examine(&[])
    }
}

#[test]
fn untouched_log_is_as_it_was_written() {
    let log = Log::new();
    log.sign();
    log.append(11..20);
    log.sign();
    let found = log.examine(&[]).unwrap();
    assert_eq!((found.size, found.checkpoints), (20, 2));
}

#[test]
fn entry_that_was_taken_away_is_named() {
    for position in [0, 4, 9] {
        let sql = format!("DELETE FROM audit WHERE position = {position}");
        assert_eq!(Log::after(&sql), Err(AuditFault::Missing(position)));
    }
}

#[test]
fn entry_that_was_changed_is_named() {
    let sql = "UPDATE audit SET line = replace(line, '\"4\"', '\"5\"') WHERE position = 4";
    assert_eq!(Log::after(sql), Err(AuditFault::Changed(4)));
}

#[test]
fn entry_that_was_moved_is_named() {
    let swap = "UPDATE audit SET position = -1 WHERE position = 2; \
        UPDATE audit SET position = 2 WHERE position = 7; \
        UPDATE audit SET position = 7 WHERE position = -1;";
    assert_eq!(Log::after(swap), Err(AuditFault::Changed(2)));
}

#[test]
fn changed_node_is_found() {
    let sql = "UPDATE audit_node SET hash = zeroblob(32) WHERE level = 2 AND place = 1";
    let fault = Log::after(sql).unwrap_err();
    assert_eq!(fault.to_string(), "the hash over the entries 4 to 7 is not that of the entries");
}

#[test]
fn log_that_was_written_anew_is_not_the_one_that_was_signed() {
    let log = Log::new();
    let elsewhere = log.checkpoint();
    log.tamper("DELETE FROM audit; DELETE FROM audit_node;");
    log.append(100..120);
    assert!(log.examine(&[]).is_ok(), "it agrees with itself");
    assert_eq!(log.examine(&[elsewhere]), Err(AuditFault::Root { from: 0, signed: 11 }));
}

#[test]
fn end_that_was_cut_off_is_found_by_a_checkpoint() {
    let log = Log::new();
    log.sign();
    log.tamper(
        "DELETE FROM audit WHERE position >= 8; DELETE FROM audit_node WHERE place << level >= 8 \
         OR (place + 1) << level > 8;",
    );
    let expected = AuditFault::Short { signed: 11, found: 8 };
    assert_eq!(log.examine(&[]), Err(expected));
}

#[test]
fn checkpoint_that_was_changed_is_found() {
    let log = Log::new();
    log.sign();
    log.tamper(
        "UPDATE audit_checkpoint SET note = replace(note, char(10) || '11', char(10) || '10')",
    );
    let fault = log.examine(&[]).unwrap_err();
    assert_eq!(
        fault.to_string(),
        "checkpoint: the signature by the key is wrong: the note was changed"
    );
}
