//! The embedded store: one SQLite file, written by one thread, read by a few connections.
//!
//! Durability is write-ahead log with `synchronous = FULL`: an act is answered after the log that
//! holds it was synced. Acts that wait together share one sync ([`committer`]). Several processes
//! may have the file open; SQLite's locks order their transactions.
//!
//! SQLite has no checksums: every record carries a digest of its columns, checked
//! whenever it is read.

mod answers;
mod audit;
mod certificates;
mod changes;
mod committer;
mod fault;
mod hierarchy;
mod lists;
mod parts;
mod readers;
mod registrations;
mod revocations;
mod schema;
mod search;
mod snapshot;
mod standings;
mod words;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use ca_core::UnixTime;
use ca_core::audit::{Acting, AuditEntry, AuditLine, Hash, Node};
use ca_core::store::{
    CaCertificate, CaId, CaRecord, CertificateQuery, CertificateRecord, Change, Expiry,
    ExpiryQuery, Intent, IssuedCertificate, ListHead, ListId, Page, PublishedList, Registration,
    RegistrationQuery, RegistrationRecord, Revocation, RevocationOrder, RevokedEntry, SerialNumber,
    Standing, Store, StoreError, StoredAnswer,
};
use rusqlite::Connection;

use super::OpenError;
use audit::Line;
use committer::Committer;
use fault::Fault;
use readers::Readers;

/// A store in one SQLite file (and its `-wal` and `-shm` beside it while open).
///
/// Dropping it finishes the acts that wait, then closes the file.
pub struct SqliteStore {
    path: Arc<Path>,
    // Before `readers`: the writer ends first, so that the last reader closes a quiet file.
    committer: Committer,
    readers: Readers,
}

impl SqliteStore {
    /// Opens the store in `path`; makes it if there is no such file, upgrades an older schema.
    ///
    /// # Errors
    /// [`OpenError`] if the file is something else, of a newer setca, or cannot be opened.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        let writer = schema::open(path)?;
        let place = || path.display().to_string();
        let unavailable =
            |source| OpenError::Unavailable { place: place(), source: Box::new(source) };
        let readers = Readers::open(path, READERS).map_err(unavailable)?;
        let path: Arc<Path> = path.into();
        let committer = Committer::start(writer, Arc::clone(&path))
            .map_err(|source| OpenError::Thread { place: path.display().to_string(), source })?;
        Ok(Self { path, committer, readers })
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        self.path.to_path_buf()
    }

    /// How many transactions this handle has committed: with group commit, fewer than acts.
    #[must_use]
    pub fn commits(&self) -> u64 {
        self.committer.commits()
    }

    fn read<T>(&self, look: impl FnOnce(&Connection) -> Result<T, Fault>) -> Result<T, StoreError> {
        self.readers.read(look).map_err(|fault| fault.at(&self.path))
    }

    fn write<T: Send + 'static>(
        &self,
        act: impl FnOnce(&Connection) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.committer.submit(|connection, _| act(connection))
    }

    /// An act and what the audit log says of it, in one transaction.
    fn act<T: Send + 'static>(
        &self,
        entries: impl IntoIterator<Item = AuditEntry>,
        act: impl FnOnce(&Connection) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, StoreError> {
        let lines: Vec<Line> = entries.into_iter().map(Line::from).collect();
        self.committer.submit(move |connection, log| {
            let outcome = act(connection)?;
            log.extend(lines);
            Ok(outcome)
        })
    }
}

impl Store for SqliteStore {
    fn record_ca(&self, ca: &CaRecord, acting: &Acting) -> Result<(), StoreError> {
        let (ca, entry) = (ca.clone(), AuditEntry::of_ca(acting, ca));
        self.act([entry], move |connection| hierarchy::insert(connection, &ca))
    }

    fn record_ca_certificate(
        &self,
        ca: &CaId,
        certificate: &CaCertificate,
        acting: &Acting,
    ) -> Result<(), StoreError> {
        let entry = AuditEntry::of_ca_certificate(acting, ca, certificate);
        let (ca, certificate) = (ca.clone(), certificate.clone());
        self.act([entry], move |connection| hierarchy::put_in_force(connection, &ca, certificate))
    }

    fn cas(&self) -> Result<Vec<CaRecord>, StoreError> {
        self.read(hierarchy::all)
    }

    fn record_intents(&self, intents: &[Intent], acting: &Acting) -> Result<(), StoreError> {
        let entries: Vec<_> =
            intents.iter().map(|intent| AuditEntry::of_intent(acting, intent)).collect();
        let intents = intents.to_vec();
        self.act(entries, move |connection| {
            intents.iter().try_for_each(|intent| certificates::insert(connection, intent))
        })
    }

    fn record_issued(
        &self,
        issued: &[IssuedCertificate],
        outcome: Option<(&Registration, Option<&StoredAnswer>)>,
        acting: &Acting,
    ) -> Result<(), StoreError> {
        let of_registration =
            outcome.map(|(registration, _)| AuditEntry::of_registration(acting, registration));
        let of_issued = issued.iter().map(|issued| AuditEntry::of_issued(acting, issued));
        let entries: Vec<_> = of_registration.into_iter().chain(of_issued).collect();
        let issued = issued.to_vec();
        let outcome = outcome.map(|(registration, answer)| (registration.clone(), answer.cloned()));
        self.act(entries, move |connection| {
            issued.iter().try_for_each(|issued| certificates::issue(connection, issued))?;
            match &outcome {
                Some((registration, answer)) => {
                    registrations::record(connection, registration, answer.as_ref())
                }
                None => Ok(()),
            }
        })
    }

    fn record_registration(
        &self,
        registration: &Registration,
        answer: Option<&StoredAnswer>,
        acting: &Acting,
    ) -> Result<(), StoreError> {
        let entry = AuditEntry::of_registration(acting, registration);
        let (registration, answer) = (registration.clone(), answer.cloned());
        self.act([entry], move |connection| {
            registrations::record(connection, &registration, answer.as_ref())
        })
    }

    fn registration(&self, lid_ca: &[u8]) -> Result<Option<Registration>, StoreError> {
        self.read(|connection| registrations::find(connection, lid_ca))
    }

    fn registration_of(
        &self,
        issuer: &CaId,
        serial: &SerialNumber,
    ) -> Result<Option<Registration>, StoreError> {
        self.read(|connection| registrations::of_certificate(connection, issuer, serial))
    }

    fn registrations(
        &self,
        query: &RegistrationQuery,
    ) -> Result<Page<RegistrationRecord>, StoreError> {
        self.read(|connection| registrations::page(connection, query))
    }

    fn answer(&self, rrpid: &[u8; 20]) -> Result<Option<StoredAnswer>, StoreError> {
        self.read(|connection| answers::find(connection, rrpid))
    }

    fn forget_answers(&self, before: UnixTime) -> Result<u64, StoreError> {
        self.write(move |connection| {
            registrations::forget_sealed(connection, before)?;
            answers::forget(connection, before)
        })
    }

    fn revoke(
        &self,
        issuer: &CaId,
        serial: &SerialNumber,
        revocation: &Revocation,
        acting: &Acting,
    ) -> Result<(), StoreError> {
        let entry = AuditEntry::of_revocation(acting, issuer, serial, revocation);
        let (issuer, serial, revocation) = (issuer.clone(), *serial, *revocation);
        self.act([entry], move |connection| {
            revocations::revoke(connection, &issuer, &serial, &revocation)
        })
    }

    fn revoke_all(&self, orders: &[RevocationOrder], acting: &Acting) -> Result<usize, StoreError> {
        let (orders, acting) = (orders.to_vec(), acting.clone());
        self.committer.submit(move |connection, log| {
            let revoked = revocations::revoke_all(connection, &orders)?;
            log.extend(revoked.iter().map(|RevocationOrder { issuer, serial, revocation }| {
                Line::from(AuditEntry::of_revocation(&acting, issuer, serial, revocation))
            }));
            Ok(revoked.len())
        })
    }

    fn release(
        &self,
        issuer: &CaId,
        serial: &SerialNumber,
        acting: &Acting,
    ) -> Result<(), StoreError> {
        let entry = AuditEntry::of_release(acting, issuer, serial);
        let (issuer, serial) = (issuer.clone(), *serial);
        self.act([entry], move |connection| revocations::release(connection, &issuer, &serial))
    }

    fn certificate(
        &self,
        issuer: &CaId,
        serial: &SerialNumber,
    ) -> Result<Option<CertificateRecord>, StoreError> {
        self.read(|connection| certificates::find(connection, issuer, serial))
    }

    fn certificate_by_thumbprint(
        &self,
        thumbprint: &[u8],
    ) -> Result<Option<CertificateRecord>, StoreError> {
        self.read(|connection| certificates::find_by_thumbprint(connection, thumbprint))
    }

    fn certificates(
        &self,
        query: &CertificateQuery,
    ) -> Result<Page<CertificateRecord>, StoreError> {
        self.read(|connection| search::page(connection, query))
    }

    fn expiring(&self, query: &ExpiryQuery) -> Result<Page<CertificateRecord, Expiry>, StoreError> {
        self.read(|connection| search::expiring(connection, query))
    }

    fn revoked(&self, issuer: &CaId, at: UnixTime) -> Result<Vec<RevokedEntry>, StoreError> {
        self.read(|connection| revocations::of_issuer(connection, issuer, at))
    }

    fn changes(&self, after: u64, limit: usize) -> Result<Page<Change>, StoreError> {
        self.read(|connection| changes::page(connection, after, limit.max(1)))
    }

    fn last_change(&self) -> Result<u64, StoreError> {
        self.read(changes::last)
    }

    fn trim_changes(&self, before: u64, limit: usize) -> Result<usize, StoreError> {
        self.write(move |connection| changes::trim(connection, before, limit))
    }

    fn standings(
        &self,
        after: Option<(&CaId, &SerialNumber)>,
        limit: usize,
    ) -> Result<Vec<Standing>, StoreError> {
        self.read(|connection| standings::after(connection, after, limit.max(1)))
    }

    fn next_number(&self, list: &ListId) -> Result<u64, StoreError> {
        let list = list.clone();
        self.write(move |connection| lists::next_number(connection, &list))
    }

    fn record_list(&self, list: &PublishedList, acting: &Acting) -> Result<(), StoreError> {
        let (list, entry) = (list.clone(), AuditEntry::of_list(acting, list));
        self.act([entry], move |connection| lists::record(connection, &list))
    }

    fn list(&self, list: &ListId) -> Result<Option<PublishedList>, StoreError> {
        self.read(|connection| lists::find(connection, list))
    }

    fn list_head(&self, list: &ListId) -> Result<Option<ListHead>, StoreError> {
        self.read(|connection| lists::head(connection, list))
    }

    fn list_heads(&self) -> Result<Vec<ListHead>, StoreError> {
        self.read(lists::heads)
    }

    fn note(&self, entries: &[AuditEntry]) -> Result<(), StoreError> {
        self.act(entries.to_vec(), |_| Ok(()))
    }

    fn audit_size(&self) -> Result<u64, StoreError> {
        self.read(audit::size)
    }

    fn audit_lines(&self, from: u64, limit: usize) -> Result<Vec<AuditLine>, StoreError> {
        self.read(|connection| audit::lines(connection, from, limit))
    }

    fn audit_node(&self, node: Node) -> Result<Hash, StoreError> {
        self.read(|connection| audit::node(connection, node))
    }

    fn record_checkpoint(&self, size: u64, note: &str) -> Result<(), StoreError> {
        let note = note.to_owned();
        self.write(move |connection| audit::keep(connection, size, &note))
    }

    fn last_checkpoint(&self) -> Result<Option<String>, StoreError> {
        self.read(audit::last_checkpoint)
    }

    fn checkpoints(&self, after: u64, limit: usize) -> Result<Vec<String>, StoreError> {
        self.read(|connection| audit::checkpoints(connection, after, limit))
    }
}

/// Connections that read: as many requests look things up at once.
const READERS: usize = 4;

#[cfg(test)]
mod tests {
    use ca_core::store::conformance::samples;

    use super::*;

    fn limit_pages(store: &SqliteStore, pages: &'static str) {
        let pragma = format!("PRAGMA max_page_count = {pages}");
        store.write(move |c| Ok(c.query_row(&pragma, (), |_| Ok(()))?)).unwrap();
    }

    /// A store whose next large act finds the disk full.
    fn full_store() -> (tempfile::TempDir, SqliteStore) {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(&folder.path().join("store.db")).unwrap();
        limit_pages(&store, "1");
        (folder, store)
    }

    fn large_intent() -> Intent {
        Intent { tbs: vec![7; 1 << 20], ..samples::intent("cca", 1).unwrap() }
    }

    #[test]
    fn full_disk_is_unavailable_and_names_file_and_cause() {
        let (folder, store) = full_store();
        let error = store.record_intents(&[large_intent()], &samples::acting()).unwrap_err();
        let path = folder.path().join("store.db");
        let expected = format!("store unavailable: {}: database or disk is full", path.display());
        assert_eq!(error.to_string(), expected);
    }

    #[test]
    fn full_disk_leaves_nothing_half_done() {
        let (_folder, store) = full_store();
        store.record_intents(&[large_intent()], &samples::acting()).unwrap_err();
        assert_eq!(store.certificates(&CertificateQuery::default()).unwrap().items, vec![]);
    }

    #[test]
    fn disk_with_room_again_is_written_without_reopening() {
        let (_folder, store) = full_store();
        store.record_intents(&[large_intent()], &samples::acting()).unwrap_err();
        limit_pages(&store, "1000000");
        store.record_intents(&[large_intent()], &samples::acting()).unwrap();
    }
}
