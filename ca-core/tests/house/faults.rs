//! A store and a signer that write down what they do, and fail or die where a test wants it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use ca_core::UnixTime;
use ca_core::audit::{Acting, AuditEntry, AuditLine, Hash, Node};
use ca_core::signer::{KeyError, KeyId, SignatureAlgorithm, Signer};
use ca_core::store::{
    CaCertificate, CaId, CaRecord, CertificateQuery, CertificateRecord, Change, Expiry,
    ExpiryQuery, Intent, IssuedCertificate, ListHead, ListId, Page, PublishedList, Registration,
    RegistrationQuery, RegistrationRecord, Revocation, RevocationOrder, RevokedEntry, SerialNumber,
    Standing, Store, StoreError, StoredAnswer,
};

/// An act after which nothing is the same.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Act {
    Intent,
    Sign,
    Issued,
    Registration,
    /// Reads the feed: no act, and not in the journal, but it can fail.
    Follow,
}

/// Where to stop.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Fault {
    /// The n-th such act, from 1, does not happen.
    Fails(Act, usize),
    /// The n-th such act happens, and then we die: nobody learns of it.
    DiesAfter(Act, usize),
}

/// What was done, and what is to go wrong.
#[derive(Debug, Default)]
pub(crate) struct Journal {
    acts: Mutex<Vec<Act>>,
    /// How often the feed was read.
    follows: AtomicUsize,
    fault: Option<Fault>,
}

impl Journal {
    pub(crate) fn new(fault: Option<Fault>) -> Arc<Self> {
        Arc::new(Self { fault, ..Self::default() })
    }

    /// The acts that happened, in order.
    pub(crate) fn acts(&self) -> Vec<Act> {
        self.acts.lock().unwrap().clone()
    }

    fn run<T, E>(&self, act: Act, lost: E, run: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        let count = 1 + self.acts().iter().filter(|done| **done == act).count();
        if self.fault == Some(Fault::Fails(act, count)) {
            return Err(lost);
        }
        let done = run()?;
        self.acts.lock().unwrap().push(act);
        if self.fault == Some(Fault::DiesAfter(act, count)) { Err(lost) } else { Ok(done) }
    }
}

pub(crate) struct FaultySigner {
    pub(crate) inner: Arc<dyn Signer>,
    pub(crate) journal: Arc<Journal>,
}

impl Signer for FaultySigner {
    fn sign(
        &self,
        key: &KeyId,
        algorithm: SignatureAlgorithm,
        message: &[u8],
    ) -> Result<Vec<u8>, KeyError> {
        let sign = || self.inner.sign(key, algorithm, message);
        self.journal.run(Act::Sign, KeyError::Operation, sign)
    }

    fn sign_digest(
        &self,
        key: &KeyId,
        algorithm: SignatureAlgorithm,
        digest: &[u8],
    ) -> Result<Vec<u8>, KeyError> {
        let sign = || self.inner.sign_digest(key, algorithm, digest);
        self.journal.run(Act::Sign, KeyError::Operation, sign)
    }
}

#[derive(Clone)]
pub(crate) struct FaultyStore {
    pub(crate) inner: Arc<dyn Store>,
    pub(crate) journal: Arc<Journal>,
    pub(crate) meanwhile: Meanwhile,
}

/// What somebody else does, once, after a list was made and right before it is recorded.
pub(crate) type Meanwhile = Arc<Mutex<Option<Box<dyn FnOnce() + Send>>>>;

impl FaultyStore {
    fn write<T>(
        &self,
        act: Act,
        write: impl FnOnce(&dyn Store) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let lost = StoreError::Unavailable("as the test wants it".to_owned());
        self.journal.run(act, lost, || write(self.inner.as_ref()))
    }
}

impl Store for FaultyStore {
    fn record_intents(&self, intents: &[Intent], acting: &Acting) -> Result<(), StoreError> {
        self.write(Act::Intent, |store| store.record_intents(intents, acting))
    }

    fn record_issued(
        &self,
        issued: &[IssuedCertificate],
        outcome: Option<(&Registration, Option<&StoredAnswer>)>,
        acting: &Acting,
    ) -> Result<(), StoreError> {
        self.write(Act::Issued, |store| store.record_issued(issued, outcome, acting))
    }

    fn record_registration(
        &self,
        registration: &Registration,
        answer: Option<&StoredAnswer>,
        acting: &Acting,
    ) -> Result<(), StoreError> {
        self.write(Act::Registration, |store| {
            store.record_registration(registration, answer, acting)
        })
    }

    fn record_ca(&self, ca: &CaRecord, acting: &Acting) -> Result<(), StoreError> {
        self.inner.record_ca(ca, acting)
    }

    fn record_ca_certificate(
        &self,
        ca: &CaId,
        own: &CaCertificate,
        acting: &Acting,
    ) -> Result<(), StoreError> {
        self.inner.record_ca_certificate(ca, own, acting)
    }

    fn cas(&self) -> Result<Vec<CaRecord>, StoreError> {
        self.inner.cas()
    }

    fn registration(&self, lid_ca: &[u8]) -> Result<Option<Registration>, StoreError> {
        self.inner.registration(lid_ca)
    }

    fn registration_of(
        &self,
        issuer: &CaId,
        serial: &SerialNumber,
    ) -> Result<Option<Registration>, StoreError> {
        self.inner.registration_of(issuer, serial)
    }

    fn registrations(
        &self,
        query: &RegistrationQuery,
    ) -> Result<Page<RegistrationRecord>, StoreError> {
        self.inner.registrations(query)
    }

    fn answer(&self, rrpid: &[u8; 20]) -> Result<Option<StoredAnswer>, StoreError> {
        self.inner.answer(rrpid)
    }

    fn forget_answers(&self, before: UnixTime) -> Result<u64, StoreError> {
        self.inner.forget_answers(before)
    }

    fn revoke(
        &self,
        issuer: &CaId,
        serial: &SerialNumber,
        revocation: &Revocation,
        acting: &Acting,
    ) -> Result<(), StoreError> {
        self.inner.revoke(issuer, serial, revocation, acting)
    }

    fn revoke_all(&self, orders: &[RevocationOrder], acting: &Acting) -> Result<usize, StoreError> {
        self.inner.revoke_all(orders, acting)
    }

    fn release(
        &self,
        issuer: &CaId,
        serial: &SerialNumber,
        acting: &Acting,
    ) -> Result<(), StoreError> {
        self.inner.release(issuer, serial, acting)
    }

    fn certificate(
        &self,
        issuer: &CaId,
        serial: &SerialNumber,
    ) -> Result<Option<CertificateRecord>, StoreError> {
        self.inner.certificate(issuer, serial)
    }

    fn certificate_by_thumbprint(
        &self,
        thumbprint: &[u8],
    ) -> Result<Option<CertificateRecord>, StoreError> {
        self.inner.certificate_by_thumbprint(thumbprint)
    }

    fn certificates(
        &self,
        query: &CertificateQuery,
    ) -> Result<Page<CertificateRecord>, StoreError> {
        self.inner.certificates(query)
    }

    fn expiring(&self, query: &ExpiryQuery) -> Result<Page<CertificateRecord, Expiry>, StoreError> {
        self.inner.expiring(query)
    }

    fn revoked(&self, issuer: &CaId, at: UnixTime) -> Result<Vec<RevokedEntry>, StoreError> {
        self.inner.revoked(issuer, at)
    }

    fn changes(&self, after: u64, limit: usize) -> Result<Page<Change>, StoreError> {
        let count = 1 + self.journal.follows.fetch_add(1, Ordering::Relaxed);
        if self.journal.fault == Some(Fault::Fails(Act::Follow, count)) {
            return Err(StoreError::Unavailable("as the test wants it".to_owned()));
        }
        self.inner.changes(after, limit)
    }

    fn last_change(&self) -> Result<u64, StoreError> {
        self.inner.last_change()
    }

    fn trim_changes(&self, before: u64, limit: usize) -> Result<usize, StoreError> {
        self.inner.trim_changes(before, limit)
    }

    fn standings(
        &self,
        after: Option<(&CaId, &SerialNumber)>,
        limit: usize,
    ) -> Result<Vec<Standing>, StoreError> {
        self.inner.standings(after, limit)
    }

    fn next_number(&self, list: &ListId) -> Result<u64, StoreError> {
        self.inner.next_number(list)
    }

    fn record_list(&self, list: &PublishedList, acting: &Acting) -> Result<(), StoreError> {
        let meanwhile = self.meanwhile.lock().unwrap().take();
        meanwhile.into_iter().for_each(|act| act());
        self.inner.record_list(list, acting)
    }

    fn list(&self, list: &ListId) -> Result<Option<PublishedList>, StoreError> {
        self.inner.list(list)
    }

    fn list_head(&self, list: &ListId) -> Result<Option<ListHead>, StoreError> {
        self.inner.list_head(list)
    }

    fn list_heads(&self) -> Result<Vec<ListHead>, StoreError> {
        self.inner.list_heads()
    }

    fn note(&self, entries: &[AuditEntry]) -> Result<(), StoreError> {
        self.inner.note(entries)
    }

    fn audit_size(&self) -> Result<u64, StoreError> {
        self.inner.audit_size()
    }

    fn audit_lines(&self, from: u64, limit: usize) -> Result<Vec<AuditLine>, StoreError> {
        self.inner.audit_lines(from, limit)
    }

    fn audit_node(&self, node: Node) -> Result<Hash, StoreError> {
        self.inner.audit_node(node)
    }

    fn record_checkpoint(&self, size: u64, note: &str) -> Result<(), StoreError> {
        self.inner.record_checkpoint(size, note)
    }

    fn last_checkpoint(&self) -> Result<Option<String>, StoreError> {
        self.inner.last_checkpoint()
    }

    fn checkpoints(&self, after: u64, limit: usize) -> Result<Vec<String>, StoreError> {
        self.inner.checkpoints(after, limit)
    }
}
