//! The store for several machines: PostgreSQL, or a database that speaks its language.
//!
//! Every process of a service has one of these. Writers lock one row first ([`head`]), so acts of
//! all processes come one after another, and what each decides is decided by the rules of
//! [`Model`](ca_core::store::Model) on what was read under that lock ([`slice`]). Acts that wait
//! together share one transaction of two trips ([`writer`]).
//!
//! Neither extensions nor advisory locks, sequences or stored procedures are used; LISTEN and
//! NOTIFY where there are, else polling ([`feed`]).

mod act;
mod address;
mod answers;
mod attempt;
mod audit;
mod certificates;
mod changes;
mod columns;
mod copy;
mod fault;
mod feed;
mod head;
mod hierarchy;
mod lists;
mod parts;
mod readers;
mod registrations;
mod revocations;
mod schema;
mod search;
mod slice;
mod standings;
mod wait;
mod writer;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, Sender};
use std::thread::JoinHandle;

use ca_core::UnixTime;
use ca_core::audit::{Acting, AuditEntry, AuditLine, Hash, Node};
use ca_core::signer::SecureRandom as _;
use ca_core::store::{
    CaCertificate, CaId, CaRecord, CertificateQuery, CertificateRecord, Change, Expiry,
    ExpiryQuery, Intent, IssuedCertificate, ListHead, ListId, Page, PublishedList, Registration,
    RegistrationQuery, RegistrationRecord, Revocation, RevocationOrder, RevokedEntry, SerialNumber,
    Standing, Store, StoreError, StoredAnswer,
};
use deadpool_postgres::Object;
use tokio::runtime::{Builder, Runtime};

use super::OpenError;
use crate::SystemRandom;
use act::{Act, Common, Rare};
use address::Address;
use fault::Fault;
use feed::Feed;
use readers::Readers;
use writer::{Job, Writer};

/// A store in a PostgreSQL database.
///
/// Dropping it finishes the acts that wait.
pub struct PostgresStore {
    place: String,
    /// None only while dropping: the writer ends when the queue is closed and empty.
    queue: Option<Sender<Job>>,
    writer: Option<JoinHandle<()>>,
    commits: Arc<AtomicU64>,
    feed: Arc<Feed>,
    readers: Readers,
    /// Drives the connections that read and listen; none only while dropping.
    runtime: Option<Runtime>,
}

impl PostgresStore {
    /// Opens the store in the database of `postgres://USER:PASSWORD@HOST:PORT,…/DATABASE`; makes
    /// the tables if there are none, upgrades an older schema. With several hosts the one that
    /// takes writes is found, and found again when another takes over.
    ///
    /// # Errors
    /// [`OpenError`] if the URL is none, the database is something else's, of a newer setca, or
    /// cannot be reached.
    pub fn open(url: &str) -> Result<Self, OpenError> {
        let address = Address::parse(url)?;
        let thread = |source| OpenError::Thread { place: address.place.clone(), source };
        let id: [u8; 16] = SystemRandom.array().map_err(|_| OpenError::Random)?;
        let mut builder = Builder::new_multi_thread();
        let builder = builder.worker_threads(1).thread_name("store-readers").enable_all();
        let runtime = builder.build().map_err(thread)?;
        wait::wait(runtime.handle(), schema::prepare(&address))?;
        let (feed, commits) = (Arc::new(Feed::new()), Arc::new(AtomicU64::new(0)));
        runtime.spawn(Arc::clone(&feed).listen(address.clone()));
        let own = Builder::new_current_thread().enable_all().build().map_err(thread)?;
        let readers = Readers::new(&address, runtime.handle().clone());
        let writer = Writer::new(address.clone(), own, Arc::clone(&feed), Arc::clone(&commits), id);
        let (queue, jobs) = mpsc::channel();
        let named = std::thread::Builder::new().name("store-committer".to_owned());
        let writer = named.spawn(move || writer.run(&jobs)).map_err(thread)?;
        let (queue, writer, runtime) = (Some(queue), Some(writer), Some(runtime));
        let place = address.place;
        Ok(Self { place, queue, writer, commits, feed, readers, runtime })
    }

    /// Hosts, ports and name of the database; no password.
    #[must_use]
    pub fn place(&self) -> &str {
        &self.place
    }

    /// How many transactions this handle has committed: with group commit, fewer than acts.
    #[must_use]
    pub fn commits(&self) -> u64 {
        self.commits.load(Ordering::Relaxed)
    }

    fn read<T>(
        &self,
        look: impl AsyncFn(&mut Object) -> Result<T, Fault>,
    ) -> Result<T, StoreError> {
        self.readers.read(look).map_err(|fault| fault.at(&self.place))
    }

    /// Does an act and waits until it is durable; returns its number, if it has one.
    fn submit(&self, act: Act) -> Result<u64, StoreError> {
        let stopped = || StoreError::Unavailable(format!("{}: writer stopped", self.place));
        let (answer, answered) = mpsc::sync_channel(1);
        let queue = self.queue.as_ref().ok_or_else(stopped)?;
        queue.send(Job { act, answer }).map_err(|_| stopped())?;
        answered.recv().map_err(|_| stopped())?
    }

    fn common(&self, act: Common) -> Result<(), StoreError> {
        self.submit(Act::Common(Box::new(act))).map(drop)
    }

    fn rare(&self, act: Rare) -> Result<u64, StoreError> {
        self.submit(Act::Rare(Box::new(act)))
    }
}

impl Drop for PostgresStore {
    fn drop(&mut self) {
        drop(self.queue.take());
        if let Some(writer) = self.writer.take() {
            // A writer that panicked has nothing left to finish; its callers were told.
            let _ = writer.join();
        }
        // Not waited for: whoever drops a store may be a thread that must not wait.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl Store for PostgresStore {
    fn record_ca(&self, ca: &CaRecord, acting: &Acting) -> Result<(), StoreError> {
        self.rare(Rare::Ca(ca.clone(), acting.clone())).map(drop)
    }

    fn record_ca_certificate(
        &self,
        ca: &CaId,
        certificate: &CaCertificate,
        acting: &Acting,
    ) -> Result<(), StoreError> {
        let act = Rare::CaCertificate(ca.clone(), certificate.clone(), acting.clone());
        self.rare(act).map(drop)
    }

    fn cas(&self) -> Result<Vec<CaRecord>, StoreError> {
        self.read(async |session| hierarchy::all(session).await)
    }

    fn record_intents(&self, intents: &[Intent], acting: &Acting) -> Result<(), StoreError> {
        self.common(Common::Intents(intents.to_vec(), acting.clone()))
    }

    fn record_issued(
        &self,
        issued: &[IssuedCertificate],
        outcome: Option<(&Registration, Option<&StoredAnswer>)>,
        acting: &Acting,
    ) -> Result<(), StoreError> {
        let outcome = outcome.map(|(registration, answer)| (registration.clone(), answer.cloned()));
        self.common(Common::Issued(issued.to_vec(), outcome, acting.clone()))
    }

    fn record_registration(
        &self,
        registration: &Registration,
        answer: Option<&StoredAnswer>,
        acting: &Acting,
    ) -> Result<(), StoreError> {
        let (registration, answer) = (registration.clone(), answer.cloned());
        self.common(Common::Registration(registration, answer, acting.clone()))
    }

    fn registration(&self, lid_ca: &[u8]) -> Result<Option<Registration>, StoreError> {
        self.read(async |session| {
            Ok(registrations::find(session, lid_ca).await?.map(|found| found.registration))
        })
    }

    fn registration_of(
        &self,
        issuer: &CaId,
        serial: &SerialNumber,
    ) -> Result<Option<Registration>, StoreError> {
        self.read(async |session| registrations::of_certificate(session, issuer, serial).await)
    }

    fn registrations(
        &self,
        query: &RegistrationQuery,
    ) -> Result<Page<RegistrationRecord>, StoreError> {
        self.read(async |session| registrations::page(session, query).await)
    }

    fn answer(&self, rrpid: &[u8; 20]) -> Result<Option<StoredAnswer>, StoreError> {
        self.read(async |session| Ok(answers::find_all(session, &[rrpid]).await?.pop()))
    }

    fn forget_answers(&self, before: UnixTime) -> Result<u64, StoreError> {
        self.rare(Rare::ForgetAnswers(before))
    }

    fn revoke(
        &self,
        issuer: &CaId,
        serial: &SerialNumber,
        revocation: &Revocation,
        acting: &Acting,
    ) -> Result<(), StoreError> {
        let (issuer, serial, revocation) = (issuer.clone(), *serial, *revocation);
        let order = RevocationOrder { issuer, serial, revocation };
        self.common(Common::Revoke(order, acting.clone()))
    }

    fn revoke_all(&self, orders: &[RevocationOrder], acting: &Acting) -> Result<usize, StoreError> {
        let (own, acting) = (orders.to_vec(), acting.clone());
        let revoked = if orders.len() > attempt::ORDERS {
            self.rare(Rare::RevokeMany(own, acting))
        } else {
            self.submit(Act::Common(Box::new(Common::RevokeAll(own, acting))))
        };
        revoked.map(|revoked| usize::try_from(revoked).unwrap_or(usize::MAX))
    }

    fn release(
        &self,
        issuer: &CaId,
        serial: &SerialNumber,
        acting: &Acting,
    ) -> Result<(), StoreError> {
        self.common(Common::Release(issuer.clone(), *serial, acting.clone()))
    }

    fn certificate(
        &self,
        issuer: &CaId,
        serial: &SerialNumber,
    ) -> Result<Option<CertificateRecord>, StoreError> {
        self.read(async |session| certificates::find(session, issuer, serial).await)
    }

    fn certificate_by_thumbprint(
        &self,
        thumbprint: &[u8],
    ) -> Result<Option<CertificateRecord>, StoreError> {
        self.read(async |session| certificates::find_by_thumbprint(session, thumbprint).await)
    }

    fn certificates(
        &self,
        query: &CertificateQuery,
    ) -> Result<Page<CertificateRecord>, StoreError> {
        self.read(async |session| search::page(session, query).await)
    }

    fn expiring(&self, query: &ExpiryQuery) -> Result<Page<CertificateRecord, Expiry>, StoreError> {
        self.read(async |session| search::expiring(session, query).await)
    }

    fn revoked(&self, issuer: &CaId, at: UnixTime) -> Result<Vec<RevokedEntry>, StoreError> {
        self.read(async |session| revocations::of_issuer(session, issuer, at).await)
    }

    fn changes(&self, after: u64, limit: usize) -> Result<Page<Change>, StoreError> {
        if self.feed.last() == Some(after) {
            return Ok(Page { items: Vec::new(), next: None });
        }
        let page = self.read(async |session| changes::page(session, after, limit.max(1)).await)?;
        self.feed.raise(page.items.last().map_or(0, |change| change.position));
        Ok(page)
    }

    fn last_change(&self) -> Result<u64, StoreError> {
        match self.feed.last() {
            Some(known) => Ok(known),
            None => self.read(async |session| changes::last(session).await),
        }
    }

    fn trim_changes(&self, before: u64, limit: usize) -> Result<usize, StoreError> {
        let trimmed = self.rare(Rare::TrimChanges { before, limit })?;
        Ok(usize::try_from(trimmed).unwrap_or(usize::MAX))
    }

    fn standings(
        &self,
        after: Option<(&CaId, &SerialNumber)>,
        limit: usize,
    ) -> Result<Vec<Standing>, StoreError> {
        self.read(async |session| standings::after(session, after, limit.max(1)).await)
    }

    fn next_number(&self, list: &ListId) -> Result<u64, StoreError> {
        self.submit(Act::Common(Box::new(Common::NextNumber(list.clone()))))
    }

    fn record_list(&self, list: &PublishedList, acting: &Acting) -> Result<(), StoreError> {
        self.rare(Rare::List(list.clone(), acting.clone())).map(drop)
    }

    fn list(&self, list: &ListId) -> Result<Option<PublishedList>, StoreError> {
        self.read(async |session| lists::find(session, list).await)
    }

    fn list_head(&self, list: &ListId) -> Result<Option<ListHead>, StoreError> {
        self.read(async |session| lists::head(session, list).await)
    }

    fn list_heads(&self) -> Result<Vec<ListHead>, StoreError> {
        self.read(async |session| lists::heads(session).await)
    }

    fn note(&self, entries: &[AuditEntry]) -> Result<(), StoreError> {
        self.common(Common::Note(entries.to_vec()))
    }

    fn audit_size(&self) -> Result<u64, StoreError> {
        self.read(async |session| audit::size(session).await)
    }

    fn audit_lines(&self, from: u64, limit: usize) -> Result<Vec<AuditLine>, StoreError> {
        self.read(async |session| audit::lines(session, from, limit).await)
    }

    fn audit_node(&self, node: Node) -> Result<Hash, StoreError> {
        self.read(async |session| audit::node(session, node).await)
    }

    fn audit_nodes(&self, nodes: &[Node]) -> Result<Vec<Option<Hash>>, StoreError> {
        self.read(async |session| audit::nodes(session, nodes).await)
    }

    fn record_checkpoint(&self, size: u64, note: &str) -> Result<(), StoreError> {
        self.rare(Rare::Checkpoint { size, note: note.to_owned() }).map(drop)
    }

    fn last_checkpoint(&self) -> Result<Option<String>, StoreError> {
        self.read(async |session| audit::last_checkpoint(session).await)
    }

    fn checkpoints(&self, after: u64, limit: usize) -> Result<Vec<String>, StoreError> {
        self.read(async |session| audit::checkpoints(session, after, limit).await)
    }
}
