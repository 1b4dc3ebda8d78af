//! Store and signer as a watched authority uses them: each act is a stage of its own, wherever it
//! is done.

use std::sync::Arc;

use super::Parts;
use super::stage::{Stage, StageWatch, within};
use crate::UnixTime;
use crate::audit::{Acting, AuditEntry, AuditLine, Hash, Node};
use crate::signer::{KeyError, KeyId, SignatureAlgorithm, Signer};
use crate::store::{
    CaCertificate, CaId, CaRecord, CertificateQuery, CertificateRecord, Change, Expiry,
    ExpiryQuery, Intent, IssuedCertificate, ListHead, ListId, Page, PublishedList, Registration,
    RegistrationQuery, RegistrationRecord, Revocation, RevocationOrder, RevokedEntry, SerialNumber,
    Standing, Store, StoreError, StoredAnswer,
};

impl Parts {
    /// Whoever runs this authority acts, now.
    pub(super) fn acting(&self) -> Acting {
        Acting::new(self.actor.clone(), self.clock.now())
    }

    /// The same parts; what the store and the signer do is told to the watch, if there is one.
    pub(super) fn watched(self) -> Self {
        let Some(watch) = self.watch.clone() else { return self };
        let store = Watched { inner: Arc::clone(&self.store), watch: Arc::clone(&watch) };
        let signer = Watched { inner: Arc::clone(&self.signer), watch };
        Self { store: Arc::new(store), signer: Arc::new(signer), ..self }
    }
}

struct Watched<T: ?Sized> {
    inner: Arc<T>,
    watch: Arc<dyn StageWatch>,
}

impl Signer for Watched<dyn Signer> {
    fn sign(
        &self,
        key: &KeyId,
        algorithm: SignatureAlgorithm,
        message: &[u8],
    ) -> Result<Vec<u8>, KeyError> {
        within(Some(&self.watch), Stage::Sign, || self.inner.sign(key, algorithm, message))
    }

    fn sign_digest(
        &self,
        key: &KeyId,
        algorithm: SignatureAlgorithm,
        digest: &[u8],
    ) -> Result<Vec<u8>, KeyError> {
        let sign = || self.inner.sign_digest(key, algorithm, digest);
        within(Some(&self.watch), Stage::Sign, sign)
    }
}

impl Watched<dyn Store> {
    fn work<T>(&self, act: impl FnOnce(&dyn Store) -> T) -> T {
        within(Some(&self.watch), Stage::Store, || act(self.inner.as_ref()))
    }
}

impl Store for Watched<dyn Store> {
    fn record_ca(&self, ca: &CaRecord, acting: &Acting) -> Result<(), StoreError> {
        self.work(|store| store.record_ca(ca, acting))
    }

    fn record_ca_certificate(
        &self,
        ca: &CaId,
        certificate: &CaCertificate,
        acting: &Acting,
    ) -> Result<(), StoreError> {
        self.work(|store| store.record_ca_certificate(ca, certificate, acting))
    }

    fn cas(&self) -> Result<Vec<CaRecord>, StoreError> {
        self.work(|store| store.cas())
    }

    fn record_intents(&self, intents: &[Intent], acting: &Acting) -> Result<(), StoreError> {
        self.work(|store| store.record_intents(intents, acting))
    }

    fn record_issued(
        &self,
        issued: &[IssuedCertificate],
        outcome: Option<(&Registration, Option<&StoredAnswer>)>,
        acting: &Acting,
    ) -> Result<(), StoreError> {
        self.work(|store| store.record_issued(issued, outcome, acting))
    }

    fn record_registration(
        &self,
        registration: &Registration,
        answer: Option<&StoredAnswer>,
        acting: &Acting,
    ) -> Result<(), StoreError> {
        self.work(|store| store.record_registration(registration, answer, acting))
    }

    fn registration(&self, lid_ca: &[u8]) -> Result<Option<Registration>, StoreError> {
        self.work(|store| store.registration(lid_ca))
    }

    fn registration_of(
        &self,
        issuer: &CaId,
        serial: &SerialNumber,
    ) -> Result<Option<Registration>, StoreError> {
        self.work(|store| store.registration_of(issuer, serial))
    }

    fn registrations(
        &self,
        query: &RegistrationQuery,
    ) -> Result<Page<RegistrationRecord>, StoreError> {
        self.work(|store| store.registrations(query))
    }

    fn answer(&self, rrpid: &[u8; 20]) -> Result<Option<StoredAnswer>, StoreError> {
        self.work(|store| store.answer(rrpid))
    }

    fn forget_answers(&self, before: UnixTime) -> Result<u64, StoreError> {
        self.work(|store| store.forget_answers(before))
    }

    fn revoke(
        &self,
        issuer: &CaId,
        serial: &SerialNumber,
        revocation: &Revocation,
        acting: &Acting,
    ) -> Result<(), StoreError> {
        self.work(|store| store.revoke(issuer, serial, revocation, acting))
    }

    fn revoke_all(&self, orders: &[RevocationOrder], acting: &Acting) -> Result<usize, StoreError> {
        self.work(|store| store.revoke_all(orders, acting))
    }

    fn release(
        &self,
        issuer: &CaId,
        serial: &SerialNumber,
        acting: &Acting,
    ) -> Result<(), StoreError> {
        self.work(|store| store.release(issuer, serial, acting))
    }

    fn certificate(
        &self,
        issuer: &CaId,
        serial: &SerialNumber,
    ) -> Result<Option<CertificateRecord>, StoreError> {
        self.work(|store| store.certificate(issuer, serial))
    }

    fn certificate_by_thumbprint(
        &self,
        thumbprint: &[u8],
    ) -> Result<Option<CertificateRecord>, StoreError> {
        self.work(|store| store.certificate_by_thumbprint(thumbprint))
    }

    fn certificates(
        &self,
        query: &CertificateQuery,
    ) -> Result<Page<CertificateRecord>, StoreError> {
        self.work(|store| store.certificates(query))
    }

    fn expiring(&self, query: &ExpiryQuery) -> Result<Page<CertificateRecord, Expiry>, StoreError> {
        self.work(|store| store.expiring(query))
    }

    fn revoked(&self, issuer: &CaId, at: UnixTime) -> Result<Vec<RevokedEntry>, StoreError> {
        self.work(|store| store.revoked(issuer, at))
    }

    fn changes(&self, after: u64, limit: usize) -> Result<Page<Change>, StoreError> {
        self.work(|store| store.changes(after, limit))
    }

    fn last_change(&self) -> Result<u64, StoreError> {
        self.work(|store| store.last_change())
    }

    fn trim_changes(&self, before: u64, limit: usize) -> Result<usize, StoreError> {
        self.work(|store| store.trim_changes(before, limit))
    }

    fn standings(
        &self,
        after: Option<(&CaId, &SerialNumber)>,
        limit: usize,
    ) -> Result<Vec<Standing>, StoreError> {
        self.work(|store| store.standings(after, limit))
    }

    fn next_number(&self, list: &ListId) -> Result<u64, StoreError> {
        self.work(|store| store.next_number(list))
    }

    fn record_list(&self, list: &PublishedList, acting: &Acting) -> Result<(), StoreError> {
        self.work(|store| store.record_list(list, acting))
    }

    fn list(&self, list: &ListId) -> Result<Option<PublishedList>, StoreError> {
        self.work(|store| store.list(list))
    }

    fn list_head(&self, list: &ListId) -> Result<Option<ListHead>, StoreError> {
        self.work(|store| store.list_head(list))
    }

    fn list_heads(&self) -> Result<Vec<ListHead>, StoreError> {
        self.work(|store| store.list_heads())
    }

    fn note(&self, entries: &[AuditEntry]) -> Result<(), StoreError> {
        self.work(|store| store.note(entries))
    }

    fn audit_size(&self) -> Result<u64, StoreError> {
        self.work(|store| store.audit_size())
    }

    fn audit_lines(&self, from: u64, limit: usize) -> Result<Vec<AuditLine>, StoreError> {
        self.work(|store| store.audit_lines(from, limit))
    }

    fn audit_node(&self, node: Node) -> Result<Hash, StoreError> {
        self.work(|store| store.audit_node(node))
    }

    fn audit_nodes(&self, nodes: &[Node]) -> Result<Vec<Option<Hash>>, StoreError> {
        self.work(|store| store.audit_nodes(nodes))
    }

    fn record_checkpoint(&self, size: u64, note: &str) -> Result<(), StoreError> {
        self.work(|store| store.record_checkpoint(size, note))
    }

    fn last_checkpoint(&self) -> Result<Option<String>, StoreError> {
        self.work(|store| store.last_checkpoint())
    }

    fn checkpoints(&self, after: u64, limit: usize) -> Result<Vec<String>, StoreError> {
        self.work(|store| store.checkpoints(after, limit))
    }
}
